// What `gc` tells of the heap: lists `| count | object x count |` of 4 bytes each, to be freed by the caller, the objects
// not counted for it; 0 with OutOfMemory pending.
import { Err } from '../abi'
import { fail1 } from '../error'
import { allocBuffer } from '../memory/alloc'
import { hasHead, setVisiting, Visiting } from './gc'
import { generation, GENERATIONS, objectOf } from './gc_lists'
import { traverse } from './slots'

/** The objects whose referrers are looked for, `| object x targetCount |`; 0: every reference is noted. */
let targets: usize = 0
let targetCount: u32 = 0
let refers = false

/** Null while an answer's length is being counted. */
let answer: usize = 0
let length: u32 = 0

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
  if (answer) store<usize>(answer + (<usize>length << 2), object, 4)
  length++
}

/** The list for an answer of the length that was counted. */
function begin(): bool {
  const bytes = (<usize>length + 1) << 2
  answer = allocBuffer(bytes)
  if (!answer) fail1(Err.OutOfMemory, <f64>bytes)
  else store<u32>(answer, length)
  length = 0
  return answer != 0
}

function end(): usize {
  const list = answer
  answer = 0
  length = 0
  return list
}

/** The tracked objects of a generation; of all for -1. */
export function trackedObjects(index: i32): usize {
  noteTracked(index)
  if (begin()) noteTracked(index)
  return end()
}

function noteTracked(index: i32): void {
  for (let i: u32 = 0; i < GENERATIONS; i++) {
    if (index >= 0 && i != index) continue
    const ring = generation(i)
    for (let head = ring.next; head !== ring; head = head.next) note(objectOf(head))
  }
}

/** The tracked objects that refer to one of `count` objects, which are not among them. */
export function referrers(objects: usize, count: u32): usize {
  targets = objects
  targetCount = count
  setVisiting(Visiting.inspect)
  noteReferrers()
  if (begin()) noteReferrers()
  setVisiting(Visiting.subtract)
  targets = 0
  return end()
}

function noteReferrers(): void {
  for (let i: u32 = 0; i < GENERATIONS; i++) {
    const ring = generation(i)
    for (let head = ring.next; head !== ring; head = head.next) {
      const object = objectOf(head)
      if (isTarget(object)) continue
      refers = false
      traverse(object)
      if (refers) note(object)
    }
  }
}

/** What `count` objects refer to, each reference once. */
export function referents(objects: usize, count: u32): usize {
  setVisiting(Visiting.inspect)
  noteReferents(objects, count)
  if (begin()) noteReferents(objects, count)
  setVisiting(Visiting.subtract)
  return end()
}

function noteReferents(objects: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const object = load<usize>(objects + (<usize>i << 2))
    if (hasHead(object)) traverse(object)
  }
}
