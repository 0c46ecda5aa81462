// CopySlices: the node of a base after one of its views was written (PyTorch's Note [View + Inplace update]).
import { Err, Kind, NodeKind } from '../abi'
import { fail, fail1, failed } from '../error'
import { allocRecord, freeRecord } from '../memory/alloc'
import { beginShape, emptyOfShape, refresh, setShapeSize } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, release, retain, Tensor } from '../tensor/tensor'
import { clone, copy_, zero_ } from '../ops/copy'
import { asStrided } from '../ops/reshape'
import { vjp } from '../ops/vjp'
import { functionVjp } from './function'
import { isNoNode, Node } from './node'
import { checkSaved } from './saved'

/** Params: | ndim | sizes | strides | offset | of the base, then the same of the view. */
function geometryAt(node: Node, index: i32): i32 {
  return index == 0 ? 0 : 2 + 2 * <i32>node.param(0)
}

/** A tensor of the base's sizes and strides that holds `g`. */
function layOut(node: Node, g: Tensor): Tensor {
  const ndim = <i32>node.param(0)
  beginShape(ndim)
  for (let d = 0; d < ndim; d++) setShapeSize(d, <i32>node.param(1 + d))
  const out = temp(emptyOfShape(g.dtype))
  if (isNone(out)) return out
  let extent = 1
  for (let d = 0; d < ndim; d++) extent += (out.size(d) - 1) * <i32>node.param(1 + ndim + d)
  // A base that is not dense has no gap-free twin: its gradient stays row-major, and the view is found by position.
  if (out.numel && extent == out.numel) {
    for (let d = 0; d < ndim; d++) out.setDim(d, out.size(d), <i32>node.param(1 + ndim + d))
    refresh(out)
  }
  return copy_(out, g)
}

const STRIDES: usize = memory.data(64 * 4, 4)

/** The written view's part of the laid-out gradient: a tracked view, so that a graph of the backward pass is right. */
function part(node: Node, whole: Tensor): Tensor {
  const at = geometryAt(node, 1)
  const ndim = <i32>node.param(at)
  const baseOffset = <i32>node.param(geometryAt(node, 1) - 1)
  const offset = <i32>node.param(at + 1 + 2 * ndim) - baseOffset
  beginShape(ndim)
  for (let d = 0; d < ndim; d++) {
    setShapeSize(d, <i32>node.param(at + 1 + d))
    store<i32>(STRIDES + ((<usize>d) << 2), <i32>node.param(at + 1 + ndim + d))
  }
  return asStrided(whole, STRIDES, offset)
}

/**
 * The gradients of all edges from `g`, written to `grads` (an address, one tensor each): the base's is `g` with the
 * written part replaced by what the in-place op passes on, the others are the in-place op's own.
 */
export function copySlicesVjp(node: Node, g: Tensor, grads: usize): void {
  const inner = node.inner
  if (isNoNode(inner)) {
    fail(Err.SavedFreed)
    return
  }
  const whole = layOut(node, g)
  const slice = failed() ? none() : part(node, whole)
  const copy = failed() ? none() : clone(slice, true)
  const custom = inner.kind == NodeKind.PythonFunction
  if (failed() || (!custom && !checkSaved(inner))) return
  if (custom) functionGradients(inner, copy, grads)
  for (let i = 0; i < inner.edgeCount; i++) {
    if (failed()) return
    if (!node.wants(i)) continue
    const at = grads + ((<usize>i) << 2)
    if (i > 0) {
      if (!custom) store<Tensor>(at, vjp(inner, copy, i))
    } else if (inner.wants(0)) {
      const passed = custom ? load<Tensor>(at) : vjp(inner, copy, 0)
      if (failed()) return
      if (isNone(passed)) zero_(slice)
      else copy_(slice, passed)
      store<Tensor>(at, whole)
    }
  }
}

/** A custom Function wrote the view: all its gradients at once, held by the temporaries like those of formulas. */
function functionGradients(inner: Node, g: Tensor, grads: usize): void {
  const slot = allocRecord(sizeof<usize>(), Kind.Other)
  if (!slot) {
    fail1(Err.OutOfMemory, sizeof<usize>())
    return
  }
  store<Tensor>(slot, retain(g))
  functionVjp(inner, slot, grads)
  release(load<Tensor>(slot))
  freeRecord(slot, sizeof<usize>(), Kind.Other)
  for (let i = 0; i < inner.edgeCount; i++) {
    const at = grads + ((<usize>i) << 2)
    store<Tensor>(at, temp(load<Tensor>(at)))
  }
}

