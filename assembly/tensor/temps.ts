// Temporaries. An op inside the core returns a tensor that this stack owns, so that a formula reads as mathematics:
// `mul(grad, cos(self))` needs no release. Whoever wants a result beyond its call keeps it; the exports and the engine
// drain the stack when the call or the node is done.
//
//   base                    top
//   | t | t | t | ... | t |      a call back into JS begins a new base: a nested call drains only what it made
import { Err } from '../abi'
import { fail1, failed } from '../error'
import { allocBuffer, freeBuffer } from '../memory/alloc'
import { none, release, retain, Tensor } from './tensor'

const FIRST: usize = memory.data(64 * 4, 16)
let stack: usize = FIRST
let capacity: u32 = 64
let top: u32 = 0
let base: u32 = 0

/** Hands one reference of `tensor` to the stack. Null stays null. */
export function temp(tensor: Tensor): Tensor {
  if (!changetype<usize>(tensor)) return tensor
  if (top == capacity && !grow()) {
    release(tensor)
    return none()
  }
  store<usize>(stack + ((<usize>top) << 2), changetype<usize>(tensor))
  top++
  return tensor
}

function grow(): bool {
  const bytes = capacity << 3
  const bigger = allocBuffer(bytes)
  if (!bigger) {
    fail1(Err.OutOfMemory, bytes)
    return false
  }
  memory.copy(bigger, stack, (<usize>capacity) << 2)
  if (stack != FIRST) freeBuffer(stack, capacity << 2)
  stack = bigger
  capacity <<= 1
  return true
}

/** Where the stack stands: `drain(mark())` later releases what came after. */
// @ts-ignore: decorator
@inline
export function mark(): u32 {
  return top
}

/** The tensor at a place in the stack. */
export function tempAt(index: u32): Tensor {
  return load<Tensor>(stack + ((<usize>index) << 2))
}

export function drain(to: u32): void {
  while (top > to) {
    top--
    release(load<Tensor>(stack + ((<usize>top) << 2)))
  }
  if (top == 0 && stack != FIRST) shrink()
}

function shrink(): void {
  freeBuffer(stack, capacity << 2)
  stack = FIRST
  capacity = 64
}

/** What an export does last: takes a reference of the result for the caller and drains what the call made. */
export function keep(result: Tensor): Tensor {
  if (changetype<usize>(result)) result.refcount++
  drain(base)
  return result
}

/** The topmost `count` temporaries as a list `| count | tensor x count |`, a reference of each for the caller. 0: failed. */
export function handOut(count: i32): usize {
  if (count < 0) return 0
  const bytes = (<usize>count + 1) << 2
  const list = allocBuffer(bytes)
  if (!list) {
    fail1(Err.OutOfMemory, bytes)
    return 0
  }
  store<i32>(list, count)
  for (let i: i32 = 0; i < count; i++) store<Tensor>(list + ((<usize>i) << 2), retain(tempAt(top - count + i)), 4)
  return list
}

/** Puts two outputs on top, in order: 2, or -1 with an error pending. */
export function twoOutputs(first: Tensor, second: Tensor): i32 {
  if (failed()) return -1
  if (!changetype<usize>(temp(retain(first))) || !changetype<usize>(temp(retain(second)))) return -1
  return 2
}

/** Before a call into JS; give the returned value back to `leaveBase` after it. */
export function enterBase(): u32 {
  const outer = base
  base = top
  return outer
}

export function leaveBase(outer: u32): void {
  base = outer
}
