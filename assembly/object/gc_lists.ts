// The cycle collector's lists: three generations and the frozen, each a ring of GC heads with a sentinel.
//
//   -16       -12       -8        -4         0
//   | gc_next | gc_prev | gc_refs | gc_flags | ob_refcnt | ob_type ...
//
// A container is tracked from when its fields are valid until just before they stop being so; `gc_next` is 0 while it is
// not. Every collection that an object survives moves it to the next older generation.
import { GC_HEAD } from './type'

@unmanaged
export class GCHead {
  next: GCHead
  prev: GCHead
  /** In a collection: references that do not come from the objects it looks at. */
  refs: u32
  flags: u32
}

export const enum GCFlag {
  /** `__del__` has been called, and never will be again. */
  finalized = 1,
  /** Among the objects that the present collection looks at. */
  collecting = 2,
  /** So far nothing outside was found to lead here. */
  unreachable = 4,
}

export const GENERATIONS: u32 = 3
/** The list of what `gc.freeze` took out of the generations. */
export const PERMANENT: u32 = 3

//   generation   | count u32 | threshold u32 |
const counts: usize = memory.data(GENERATIONS << 3, 8)
const rings: usize = memory.data((GENERATIONS + 1) * 16, 16)

for (let i: u32 = 0; i <= PERMANENT; i++) initRing(generation(i))
setThreshold(0, 700)
setThreshold(1, 10)
setThreshold(2, 10)

/** The sentinel of a generation. */
// @ts-ignore: decorator
@inline
export function generation(index: u32): GCHead {
  return changetype<GCHead>(rings + (<usize>index << 4))
}

// @ts-ignore: decorator
@inline
export function headOf(object: usize): GCHead {
  return changetype<GCHead>(object - GC_HEAD)
}

// @ts-ignore: decorator
@inline
export function objectOf(head: GCHead): usize {
  return changetype<usize>(head) + GC_HEAD
}

// Rings

export function initRing(ring: GCHead): void {
  ring.next = ring
  ring.prev = ring
}

export function isEmpty(ring: GCHead): bool {
  return ring.next === ring
}

export function append(ring: GCHead, head: GCHead): void {
  const last = ring.prev
  last.next = head
  head.prev = last
  head.next = ring
  ring.prev = head
}

export function unlink(head: GCHead): void {
  head.prev.next = head.next
  head.next.prev = head.prev
}

/** To the end of another ring. */
export function move(head: GCHead, ring: GCHead): void {
  unlink(head)
  append(ring, head)
}

/** Everything in `from` goes to the end of `to`. */
export function merge(from: GCHead, to: GCHead): void {
  if (isEmpty(from)) return
  const last = to.prev
  last.next = from.next
  from.next.prev = last
  from.prev.next = to
  to.prev = from.prev
  initRing(from)
}

export function ringSize(ring: GCHead): u32 {
  let size: u32 = 0
  for (let head = ring.next; head !== ring; head = head.next) size++
  return size
}

/** Everything tracked so far is left alone from now on. */
export function freeze(): void {
  for (let i: u32 = 0; i < GENERATIONS; i++) {
    merge(generation(i), generation(PERMANENT))
    setCount(i, 0)
  }
}

export function unfreeze(): void {
  merge(generation(PERMANENT), generation(GENERATIONS - 1))
}

export function frozenCount(): u32 {
  return ringSize(generation(PERMANENT))
}

// Tracking

export function isTracked(object: usize): bool {
  return changetype<usize>(headOf(object).next) != 0
}

/** The collector looks after a container from now on; nothing happens if it does already. */
export function track(object: usize): void {
  if (!isTracked(object)) append(generation(0), headOf(object))
}

/** The collector forgets it; nothing happens if it has. */
export function untrack(object: usize): void {
  if (!isTracked(object)) return
  const head = headOf(object)
  unlink(head)
  head.next = changetype<GCHead>(0)
  head.flags &= GCFlag.finalized
}

// Counts. That of generation 0 is how many containers were allocated less how many were freed, that of an older one how
// often the one before it was collected, since it was collected itself.

let scheduled = false
let enabled = true

// @ts-ignore: decorator
@inline
export function countOf(index: u32): u32 {
  return load<u32>(counts + (<usize>index << 3))
}

// @ts-ignore: decorator
@inline
export function setCount(index: u32, count: u32): void {
  store<u32>(counts + (<usize>index << 3), count)
}

// @ts-ignore: decorator
@inline
export function thresholdOf(index: u32): u32 {
  return load<u32>(counts + (<usize>index << 3), 4)
}

export function setThreshold(index: u32, threshold: u32): void {
  store<u32>(counts + (<usize>index << 3), threshold, 4)
}

/** A container's block was allocated. The collection that is due then happens at the next safe point. */
export function countAllocated(): void {
  const count = countOf(0) + 1
  setCount(0, count)
  if (count > thresholdOf(0) && enabled && thresholdOf(0)) scheduled = true
}

/** A container's block was freed. One that goes to a free list, or comes from there, counts as neither. */
export function countFreed(): void {
  const count = countOf(0)
  if (count) setCount(0, count - 1)
}

/** Is a collection due? Asking makes it so no longer. */
export function takeScheduled(): bool {
  const due = scheduled && enabled
  scheduled = false
  return due
}

export function isEnabled(): bool {
  return enabled
}

export function setEnabled(on: bool): void {
  enabled = on
}
