// What autograd knows of a tensor (PyTorch's AutogradMeta and DifferentiableViewMeta in one record).
import { Err, Kind } from '../abi'
import { fail1 } from '../error'
import { allocRecord, clear, freeRecord } from '../memory/alloc'
import { isNone, none, release, Tensor } from '../tensor/tensor'
import { forgetCloser, noteCloser } from './closers'
import { Node, releaseNode } from './node'
import { dropRetainer } from './retainer'

//   0        4           8      12            16     20                24          26         27       28
//   | gradFn | outputNr | grad | accumulator | base | attributeVersion | requires | creation | retains | hooked | visit |
@unmanaged
export class AutogradMeta {
  /** The node that made the tensor; owned. Null for a leaf. */
  gradFn: Node
  outputNr: u32
  /** `.grad`; owned. */
  grad: Tensor
  /**
   * A leaf's AccumulateGrad, not owned: the graph keeps it alive, and it keeps the leaf alive. A tensor that hooks
   * unpacked in the place of a leaf has the leaf's, and owns it.
   */
  accumulator: Node
  /** The root base of a differentiable view; owned. Null for any other tensor. */
  base: Tensor
  /** The version for which a view's gradFn was made. */
  attributeVersion: u32
  requiresGrad: bool
  creation: u8
  retainsGrad: bool
  /** LeafHook bits. */
  hooked: u8
  /** Cycle collection: its visit; outside one an odd number for a closer (closers.ts). */
  visit: usize
}

/** How a view came to be, which decides whether it may be written in place (SEMANTICS C.7). */
export const enum Creation {
  ordinary,
  multiOutput,
  noGrad,
  /** Made in a custom Function, or an input that one returned as it is. */
  inFunction,
  inference,
}

/** The tensor's record, made if need be. Null when memory ran out. */
export function metaOf(tensor: Tensor): AutogradMeta {
  if (changetype<usize>(tensor.autograd)) return tensor.autograd
  const meta = allocRecord(offsetof<AutogradMeta>(), Kind.Other)
  if (!meta) {
    fail1(Err.OutOfMemory, offsetof<AutogradMeta>())
    return changetype<AutogradMeta>(0)
  }
  clear(meta, offsetof<AutogradMeta>())
  tensor.autograd = changetype<AutogradMeta>(meta)
  return tensor.autograd
}

@external('env', 'tensor_freed')
declare function tensorFreed(tensor: usize): void

/** The record of a tensor that goes. */
export function releaseMeta(tensor: Tensor, meta: AutogradMeta): void {
  forgetCloser(meta)
  if (meta.retainsGrad && changetype<usize>(meta.gradFn)) dropRetainer(meta.gradFn, tensor)
  if (meta.hooked) tensorFreed(changetype<usize>(tensor))
  if (changetype<usize>(meta.gradFn)) releaseNode(meta.gradFn)
  // No leaf goes before its own.
  if (changetype<usize>(meta.accumulator)) releaseNode(meta.accumulator)
  releaseGrads(meta)
  if (!isNone(meta.base)) release(meta.base)
  freeRecord(changetype<usize>(meta), offsetof<AutogradMeta>(), Kind.Other)
}

// @ts-ignore: decorator
@inline
export function isView(tensor: Tensor): bool {
  return changetype<usize>(tensor.autograd) != 0 && !isNone(tensor.autograd.base)
}

/** Lets go of `.grad`, its own `.grad`, and so on: a loop, for a chain of any length. */
function releaseGrads(meta: AutogradMeta): void {
  let grad = meta.grad
  meta.grad = none()
  while (!isNone(grad)) {
    let next = none()
    if (grad.refcount == 1 && changetype<usize>(grad.autograd)) {
      next = grad.autograd.grad
      grad.autograd.grad = none()
    }
    release(grad)
    grad = next
  }
}

/** PyTorch's `requires_grad`: a leaf's flag, a graph node, or, for a view, its base's answer. */
export function requiresGrad(tensor: Tensor): bool {
  const meta = tensor.autograd
  if (!changetype<usize>(meta)) return false
  if (meta.requiresGrad || changetype<usize>(meta.gradFn)) return true
  return !isNone(meta.base) && requiresGrad(meta.base)
}

/**
 * Will a node have an edge to it? Not to a view that no_grad made of something in the graph, until what it views is
 * written.
 */
export function hasEdge(tensor: Tensor): bool {
  const meta = tensor.autograd
  if (!changetype<usize>(meta)) return false
  if (meta.requiresGrad || changetype<usize>(meta.gradFn)) return true
  return !isNone(meta.base) && meta.attributeVersion != tensor.version && requiresGrad(meta.base)
}

/** No node of its own, as the check before a write sees it: a stale view's is not rebuilt, unlike by `grad_fn`. */
export function isLeaf(tensor: Tensor): bool {
  return !changetype<usize>(tensor.autograd) || !changetype<usize>(tensor.autograd.gradFn)
}

export function gradOf(tensor: Tensor): Tensor {
  return changetype<usize>(tensor.autograd) ? tensor.autograd.grad : none()
}

/** Replaces `.grad` of a tensor with an autograd record, taking over the caller's reference of `grad` (null clears it). */
export function setGrad(tensor: Tensor, grad: Tensor): void {
  const meta = tensor.autograd
  const old = meta.grad
  meta.grad = grad
  if (!isNone(grad) && changetype<usize>(grad.autograd)) noteCloser(tensor)
  if (!isNone(old)) release(old)
}
