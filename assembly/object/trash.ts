// CPython's trashcan: a container whose dealloc would run inside fifty others waits until these are done, so that the
// death of a list in a list in a list ... needs no stack as deep. Who waits is chained by the GC heads, the last first.
import { GCHead, headOf } from './gc_lists'
import { deallocSlot } from './slots'

const UNWIND_LEVEL: u32 = 50

let nesting: u32 = 0
let waiting: usize = 0

/** True when the object, untracked already, has to wait: its dealloc returns at once, and is called again later. */
export function trashBegin(object: usize): bool {
  if (nesting < UNWIND_LEVEL) {
    nesting++
    return false
  }
  headOf(object).prev = changetype<GCHead>(waiting)
  waiting = object
  return true
}

export function trashEnd(): void {
  nesting--
  if (nesting || !waiting) return
  nesting = 1
  while (waiting) {
    const object = waiting
    waiting = changetype<usize>(headOf(object).prev)
    deallocSlot(object)
  }
  nesting = 0
}
