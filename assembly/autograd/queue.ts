// The engine's two work lists. Both live in one growable block each and are empty between runs.
//
// The ready queue is a max-heap by sequence number: the node created last runs first, an AccumulateGrad (2^64 - 1) at
// once. A run inside a run has the part of the heap above `base` to itself.
import { Err } from '../abi'
import { fail1 } from '../error'
import { allocBuffer, freeBuffer } from '../memory/alloc'
import { Entry } from './task'

const FIRST_BYTES: usize = 256

@unmanaged
class List {
  block: usize
  bytes: usize
  count: u32
}

const QUEUE = changetype<List>(memory.data(offsetof<List>(), 4))
const STACK = changetype<List>(memory.data(offsetof<List>(), 4))
let base: u32 = 0

/** Room for one more; false with OutOfMemory pending. */
function reserve(list: List): bool {
  if (((<usize>list.count + 1) << 2) <= list.bytes) return true
  const bytes = list.bytes ? list.bytes << 1 : FIRST_BYTES
  const block = allocBuffer(bytes)
  if (!block) {
    fail1(Err.OutOfMemory, bytes)
    return false
  }
  memory.copy(block, list.block, (<usize>list.count) << 2)
  discard(list)
  list.block = block
  list.bytes = bytes
  return true
}

function discard(list: List): void {
  if (list.bytes) freeBuffer(list.block, list.bytes)
  list.bytes = 0
}

export function stackPush(value: usize): bool {
  if (!reserve(STACK)) return false
  store<usize>(STACK.block + ((<usize>STACK.count) << 2), value)
  STACK.count++
  return true
}

export function stackTop(): usize {
  return load<usize>(STACK.block + ((<usize>(STACK.count - 1)) << 2))
}

export function stackPop(): void {
  STACK.count--
}

/** Empties the list and gives its memory back. */
export function stackClear(): void {
  STACK.count = 0
  discard(STACK)
}

export function stackEmpty(): bool {
  return STACK.count == 0
}

/** Begins a run; give the returned value to `queueEnd`. */
export function queueBegin(): u32 {
  const outer = base
  base = QUEUE.count
  return outer
}

/** Ends a run, also one that failed with nodes still ready. The outermost gives the memory back. */
export function queueEnd(outer: u32): void {
  QUEUE.count = base
  base = outer
  stackClear()
  if (QUEUE.count == 0) discard(QUEUE)
}

export function queueEmpty(): bool {
  return QUEUE.count == base
}

// @ts-ignore: decorator
@inline
function at(index: u32): Entry {
  return load<Entry>(QUEUE.block + ((<usize>(base + index)) << 2))
}

// @ts-ignore: decorator
@inline
function put(index: u32, entry: Entry): void {
  store<Entry>(QUEUE.block + ((<usize>(base + index)) << 2), entry)
}

/** Does `a` run before `b`? */
// @ts-ignore: decorator
@inline
function before(a: Entry, b: Entry): bool {
  return a.node.sequence > b.node.sequence
}

export function push(entry: Entry): bool {
  if (!reserve(QUEUE)) return false
  let index = QUEUE.count++ - base
  while (index) {
    const parent = (index - 1) >> 1
    if (!before(entry, at(parent))) break
    put(index, at(parent))
    index = parent
  }
  put(index, entry)
  return true
}

export function pop(): Entry {
  const first = at(0)
  const count = --QUEUE.count - base
  if (!count) return first
  const last = at(count)
  let index: u32 = 0
  while (true) {
    let child: u32 = 2 * index + 1
    if (child >= count) break
    if (child + 1 < count && before(at(child + 1), at(child))) child++
    if (!before(at(child), last)) break
    put(index, at(child))
    index = child
  }
  put(index, last)
  return first
}
