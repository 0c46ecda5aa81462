// Lists of tensors put side by side along a dimension: cat along one they have, stack along a new one. A list is
// addresses one after the other.
import { Err, NodeKind } from '../abi'
import { recording, setEdgeTo, setHistory } from '../autograd/history'
import { isNoNode, newNode, Node, noNode, releaseNode } from '../autograd/node'
import { fail, fail1, fail2, failed, say } from '../error'
import { isFloating, promote } from '../tensor/dtype'
import { aliasOf, beginShape, refresh, sameShape, sayShape, setShapeSize, wrapDim } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { copyInto } from './cast'
import { empty, filled } from './create'
import { select, slice } from './movement'

// @ts-ignore: decorator
@inline
function at(list: usize, index: i32): Tensor {
  return load<Tensor>(list + ((<usize>index) << 2))
}

/** A tensor of shape [0]: cat leaves it out, whatever the others look like. */
// @ts-ignore: decorator
@inline
function leftOut(x: Tensor): bool {
  return x.ndim == 1 && x.size(0) == 0
}

function dtypeOf(list: usize, count: i32): i32 {
  let dtype = at(list, 0).dtype
  for (let i = 1; i < count; i++) dtype = promote(dtype, at(list, i).dtype)
  return dtype
}

/** The node of a list of tensors; null when nothing is recorded. */
function begin(kind: NodeKind, list: usize, count: i32, dtype: i32, params: i32): Node {
  let wanted = false
  if (isFloating(dtype)) for (let i = 0; i < count && !wanted; i++) wanted = recording(at(list, i))
  if (!wanted) return noNode()
  const node = newNode(kind, count, 0, params)
  for (let i = 0; i < count && !isNoNode(node); i++) {
    if (setEdgeTo(node, i, at(list, i))) continue
    releaseNode(node)
    return noNode()
  }
  return node
}

function finish(node: Node, out: Tensor): Tensor {
  if (isNoNode(node)) return failed() ? none() : out
  if (failed()) {
    releaseNode(node)
    return none()
  }
  return setHistory(out, node) ? out : none()
}

/** The tensors one after the other along `dim`; all other sizes are the same. Recorded. */
export function cat(list: usize, count: i32, dim: i32): Tensor {
  if (count == 0) fail(Err.CatNone)
  let first = none()
  for (let i = 0; i < count && !failed(); i++) {
    if (at(list, i).ndim == 0) fail1(Err.CatScalar, i)
    else if (isNone(first) && !leftOut(at(list, i))) first = at(list, i)
  }
  if (failed()) return none()
  // Of nothing but empty ones, `dim` is never looked at.
  const d = isNone(first) ? 0 : wrapDim(dim, first.ndim)
  if (d < 0) return none()
  if (isNone(first)) first = at(list, 0)
  let whole: i64 = 0
  for (let i = 0; i < count; i++) {
    if (!fits(at(list, i), first, d, i)) return none()
    if (!leftOut(at(list, i))) whole += at(list, i).size(d)
  }
  const dtype = dtypeOf(list, count)
  const node = begin(NodeKind.CatBackward0, list, count, dtype, 2 + 2 * count)
  if (failed()) return none()
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    node.setParam(1, d)
  }
  beginShape(first.ndim)
  for (let k = 0; k < first.ndim; k++) setShapeSize(k, k == d ? <i32>min<i64>(whole, i32.MAX_VALUE) : first.size(k))
  const out = empty(dtype)
  const spot = isNone(out) ? out : temp(aliasOf(out, out.ndim))
  if (isNone(spot)) return finish(node, spot)
  let from = 0
  for (let i = 0; i < count; i++) {
    const x = at(list, i)
    const size = leftOut(x) ? 0 : x.size(d)
    if (!isNoNode(node)) {
      node.setParam(2 + 2 * i, from)
      node.setParam(3 + 2 * i, leftOut(x) ? -1 : size)
    }
    if (x.numel) {
      for (let k = 0; k < out.ndim; k++) spot.setDim(k, x.size(k), out.stride(k))
      spot.offset = from * out.stride(d)
      refresh(spot)
      copyInto(spot, x)
    }
    from += size
  }
  return finish(node, out)
}

function fits(x: Tensor, first: Tensor, dim: i32, index: i32): bool {
  if (leftOut(x)) return true
  if (x.ndim != first.ndim) {
    fail2(Err.CatDims, first.ndim, x.ndim)
    return false
  }
  for (let k = 0; k < x.ndim; k++) {
    if (k == dim || x.size(k) == first.size(k)) continue
    if (fail(Err.CatSizes)) {
      say(dim)
      say(first.size(k))
      say(x.size(k))
      say(index)
    }
    return false
  }
  return true
}

/** Tensors of one shape along a new dimension `dim`. Recorded. */
export function stack(list: usize, count: i32, dim: i32): Tensor {
  if (count == 0) {
    fail(Err.StackNone)
    return none()
  }
  const first = at(list, 0)
  const d = wrapDim(dim, first.ndim + 1)
  if (d < 0) return none()
  for (let i = 1; i < count; i++) {
    if (sameShape(first, at(list, i))) continue
    if (fail(Err.StackSizes)) {
      sayShape(first)
      sayShape(at(list, i))
      say(i)
    }
    return none()
  }
  const dtype = dtypeOf(list, count)
  const node = begin(NodeKind.StackBackward0, list, count, dtype, 1)
  if (failed()) return none()
  if (!isNoNode(node)) node.setParam(0, dim)
  if (!beginShape(first.ndim + 1)) return finish(node, none())
  for (let k = 0; k <= first.ndim; k++) setShapeSize(k, k == d ? count : first.size(k < d ? k : k - 1))
  const out = empty(dtype)
  const spot = isNone(out) ? out : temp(aliasOf(out, first.ndim))
  if (isNone(spot)) return finish(node, spot)
  for (let k = 0; k < first.ndim; k++) spot.setDim(k, first.size(k), out.stride(k < d ? k : k + 1))
  refresh(spot)
  for (let i = 0; i < count; i++) {
    spot.offset = i * out.stride(d)
    copyInto(spot, at(list, i))
  }
  return finish(node, out)
}

/** CatBackward0's params: | dim as given | dim | start, size (-1: left out) of each |; StackBackward0's: | dim |. */
export function catVjp(node: Node, g: Tensor, index: i32): Tensor {
  if (failed()) return none()
  if (node.kind == NodeKind.StackBackward0) return select(g, <i32>node.param(0), index)
  const from = node.param(2 + 2 * index)
  const size = node.param(3 + 2 * index)
  if (size >= 0) return slice(g, <i32>node.param(1), from, from + size, 1)
  beginShape(1)
  setShapeSize(0, 0)
  return filled(0, g.dtype)
}
