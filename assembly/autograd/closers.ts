// Closers: the living tensors that may have closed a cycle (cycles.ts). Each is in a list that does not own it, and knows
// its place there: outside a collection `autograd.visit` holds it as an odd number, which no address of a visit is.
import { allocBuffer, freeBuffer } from '../memory/alloc'
import { Tensor } from '../tensor/tensor'
import { AutogradMeta } from './meta'

const FIRST_BYTES: usize = 256

let block: usize = 0
let bytes: usize = 0
let count: u32 = 0

export function closerCount(): u32 {
  return count
}

export function closerAt(index: u32): Tensor {
  return load<Tensor>(block + ((<usize>index) << 2))
}

function put(index: u32, tensor: Tensor): void {
  store<Tensor>(block + ((<usize>index) << 2), tensor)
  tensor.autograd.visit = (<usize>index << 1) | 1
}

/**
 * `tensor` was given something that may be newer than itself. That closes no cycle while nothing but its handle refers to
 * it. Without memory for the list a cycle may leak.
 */
export function noteCloser(tensor: Tensor): void {
  if ((tensor.refcount == 1 && tensor.handle) || tensor.autograd.visit) return
  if (((<usize>count + 1) << 2) > bytes && !grow()) return
  put(count++, tensor)
}

function grow(): bool {
  const more = bytes ? bytes << 1 : FIRST_BYTES
  const bigger = allocBuffer(more)
  if (!bigger) return false
  memory.copy(bigger, block, (<usize>count) << 2)
  if (bytes) freeBuffer(block, bytes)
  block = bigger
  bytes = more
  return true
}

/** A tensor goes; the last closer takes its place in the list. */
export function forgetCloser(meta: AutogradMeta): void {
  if (!(meta.visit & 1)) return
  const index = <u32>(meta.visit >>> 1)
  const last = closerAt(--count)
  if (index < count) put(index, last)
  if (count) return
  freeBuffer(block, bytes)
  bytes = 0
}
