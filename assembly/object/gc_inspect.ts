// What `gc` tells of the heap: each answer is a new list object, 0 with OutOfMemory pending.
import { newList, listAppend } from './list'
import { hasHead, setVisiting, Visiting } from './gc'
import { generation, GENERATIONS, objectOf } from './gc_lists'
import { DECREF } from './header'
import { traverse } from './slots'

let answer: usize = 0
let complete = true

/** The objects whose referrers are looked for, `| object x targetCount |`; 0: every reference is noted. */
let targets: usize = 0
let targetCount: u32 = 0
let refers = false

function isTarget(object: usize): bool {
  for (let i: u32 = 0; i < targetCount; i++) {
    if (load<usize>(targets + (<usize>i << 2)) == object) return true
  }
  return false
}

/** Comes from `visit`. */
export function inspect(object: usize): void {
  if (!targets) note(object)
  else if (isTarget(object)) refers = true
}

function note(object: usize): void {
  if (complete) complete = listAppend(answer, object)
}

function begin(): bool {
  answer = newList(0, 0)
  complete = answer != 0
  setVisiting(Visiting.inspect)
  return complete
}

function end(): usize {
  setVisiting(Visiting.subtract)
  targets = 0
  if (complete || !answer) return answer
  DECREF(answer)
  return 0
}

/** The tracked objects of a generation; of all for -1. */
export function trackedObjects(index: i32): usize {
  if (!begin()) return end()
  for (let i: u32 = 0; i < GENERATIONS; i++) {
    if (index >= 0 && i != index) continue
    const ring = generation(i)
    for (let head = ring.next; head !== ring; head = head.next) {
      if (objectOf(head) != answer) note(objectOf(head))
    }
  }
  return end()
}

/** The tracked objects that refer to one of `count` objects. */
export function referrers(objects: usize, count: u32): usize {
  if (!begin()) return end()
  targets = objects
  targetCount = count
  for (let i: u32 = 0; i < GENERATIONS; i++) {
    const ring = generation(i)
    for (let head = ring.next; head !== ring; head = head.next) {
      const object = objectOf(head)
      if (object == answer) continue
      refers = false
      traverse(object)
      if (refers) note(object)
    }
  }
  return end()
}

/** What `count` objects refer to, each reference once. */
export function referents(objects: usize, count: u32): usize {
  if (!begin()) return end()
  for (let i: u32 = 0; i < count; i++) {
    const object = load<usize>(objects + (<usize>i << 2))
    if (hasHead(object)) traverse(object)
  }
  return end()
}
