// Views: the same storage seen through another shape. Each op computes sizes and strides; `view` does what all share.
import { Err, NodeKind } from '../abi'
import { mayWrite, recording, setEdgeTo, setHistory, setNewer, setView } from '../autograd/history'
import { Creation } from '../autograd/meta'
import { isNoNode, newNode, Node, noNode, releaseNode } from '../autograd/node'
import { fail, fail1, fail2, failed, say } from '../error'
import {
  aliasOf, beginShape, refresh, sayBuiltShape, sayShape, setShapeSize, shapeNdim, shapeNumel, shapeSize, wrapDim,
} from '../tensor/shape'
import { temp } from '../tensor/temps'
import { bump, isNone, none, reserveCounter, takeGeometry, Tensor } from '../tensor/tensor'

/** A node with one edge to `x` and room for `params` numbers then x's sizes; null when nothing is recorded. */
export function begin(kind: NodeKind, x: Tensor, params: i32, withSizes: bool, outputs: i32 = 1): Node {
  if (!recording(x)) return noNode()
  const node = newNode(kind, 1, 0, params + (withSizes ? 1 + x.ndim : 0), outputs)
  if (isNoNode(node)) return node
  if (!setEdgeTo(node, 0, x)) {
    releaseNode(node)
    return noNode()
  }
  if (withSizes) writeSizes(node, params, x)
  return node
}

/** `| ndim | sizes |` from param `at`. */
export function writeSizes(node: Node, at: i32, x: Tensor): void {
  node.setParam(at++, x.ndim)
  for (let d = 0; d < x.ndim; d++) node.setParam(at + d, x.size(d))
}

/** Builds the shape that `writeSizes` put at param `at`. */
export function readSizes(node: Node, at: i32): void {
  const ndim = <i32>node.param(at++)
  beginShape(ndim)
  for (let d = 0; d < ndim; d++) setShapeSize(d, <i32>node.param(at + d))
}

/** An alias of `x` with `ndim` dimensions to be set, or null with an error pending. */
export function alias(x: Tensor, ndim: i32): Tensor {
  return failed() ? none() : temp(aliasOf(x, ndim))
}

/** The end of every view op: `out` is a differentiable view of `x`, made by `node` if recording. */
export function view(x: Tensor, out: Tensor, node: Node): Tensor {
  refresh(out)
  if (failed() || !setView(out, x, Creation.ordinary)) {
    if (!isNoNode(node)) releaseNode(node)
    return none()
  }
  return isNoNode(node) || setHistory(out, node) ? out : none()
}

/** The end of t_(), unsqueeze_() and their like: `x` itself takes the geometry of `out`. A view's base hears nothing of it. */
export function reshapeInPlace(x: Tensor, out: Tensor, node: Node): Tensor {
  refresh(out)
  if (failed() || !reserveCounter(x) || !takeGeometry(x, out)) {
    if (!isNoNode(node)) releaseNode(node)
    return none()
  }
  bump(x)
  return isNoNode(node) || setNewer(x, node, 0, true) ? x : none()
}

/** An error is pending, or `x` may not be written. */
export function refused(x: Tensor, inplace: bool): bool {
  return failed() || (inplace && recording(x) && !mayWrite(x))
}

export function permute(x: Tensor): Tensor {
  if (failed()) return none()
  const ndim = x.ndim
  if (shapeNdim() != ndim) {
    fail2(Err.PermuteLength, ndim, shapeNdim())
    return none()
  }
  let seen: u64 = 0
  for (let d = 0; d < ndim; d++) {
    const from = wrapDim(shapeSize(d), ndim)
    if (from < 0) return none()
    if (seen & (1 << (<u64>from))) {
      fail(Err.PermuteRepeated)
      return none()
    }
    seen |= 1 << (<u64>from)
  }
  const node = begin(NodeKind.PermuteBackward0, x, 1 + ndim, false)
  if (!isNoNode(node)) {
    node.setParam(0, ndim)
    for (let d = 0; d < ndim; d++) node.setParam(1 + d, shapeSize(d))
  }
  const out = alias(x, ndim)
  if (isNone(out)) return drop(node)
  for (let d = 0; d < ndim; d++) {
    const from = wrapDim(shapeSize(d), ndim)
    out.setDim(d, x.size(from), x.stride(from))
  }
  return view(x, out, node)
}

export function drop(node: Node): Tensor {
  if (!isNoNode(node)) releaseNode(node)
  return none()
}

export function transpose(x: Tensor, dim0: i32, dim1: i32, inplace: bool = false): Tensor {
  if (refused(x, inplace)) return none()
  const a = wrapDim(dim0, x.ndim)
  const b = a < 0 ? -1 : wrapDim(dim1, x.ndim)
  if (b < 0) return none()
  const node = begin(inplace ? NodeKind.TransposeBackward1 : NodeKind.TransposeBackward0, x, 2, false)
  if (!isNoNode(node)) {
    node.setParam(0, dim0)
    node.setParam(1, dim1)
  }
  return swap(x, a, b, node, inplace)
}

function swap(x: Tensor, a: i32, b: i32, node: Node, inplace: bool): Tensor {
  const out = alias(x, x.ndim)
  if (isNone(out)) return drop(node)
  for (let d = 0; d < x.ndim; d++) {
    const from = d == a ? b : d == b ? a : d
    out.setDim(d, x.size(from), x.stride(from))
  }
  return inplace ? reshapeInPlace(x, out, node) : view(x, out, node)
}

/** `x.t()`: at most two dimensions. */
export function t(x: Tensor, inplace: bool = false): Tensor {
  if (refused(x, inplace)) return none()
  if (x.ndim > 2) {
    fail2(Err.TDims, x.ndim, inplace ? 1 : 0)
    return none()
  }
  const node = begin(inplace ? NodeKind.TBackward1 : NodeKind.TBackward0, x, 0, false)
  return swap(x, 0, max(x.ndim - 1, 0), node, inplace)
}

export function select(x: Tensor, dim: i32, index: i32): Tensor {
  if (failed()) return none()
  if (x.ndim == 0) {
    fail(Err.SelectScalar)
    return none()
  }
  const d = wrapDim(dim, x.ndim)
  if (d < 0) return none()
  const size = x.size(d)
  if (index < -size || index >= size) {
    if (fail(Err.SelectRange)) {
      say(index)
      sayShape(x)
      say(d)
    }
    return none()
  }
  const node = begin(NodeKind.SelectBackward0, x, 2, true)
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    node.setParam(1, index)
  }
  const out = alias(x, x.ndim - 1)
  if (isNone(out)) return drop(node)
  out.offset += (index < 0 ? index + size : index) * x.stride(d)
  for (let k = 0; k < out.ndim; k++) out.setDim(k, x.size(k < d ? k : k + 1), x.stride(k < d ? k : k + 1))
  return view(x, out, node)
}

/** `x[start:end:step]` along `dim`; `start` and `end` may be beyond the dimension, as in Python. */
export function slice(x: Tensor, dim: i32, start: f64, end: f64, step: i32): Tensor {
  if (failed()) return none()
  if (x.ndim == 0) {
    fail(Err.SliceScalar)
    return none()
  }
  const d = wrapDim(dim, x.ndim)
  if (d < 0) return none()
  if (step <= 0) {
    fail(Err.SliceStep)
    return none()
  }
  const size = x.size(d)
  const from = clampIndex(start, 0, size)
  const to = clampIndex(end, from, size)
  const node = begin(NodeKind.SliceBackward0, x, 4, true)
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    node.setParam(1, start)
    node.setParam(2, end)
    node.setParam(3, step)
  }
  const out = alias(x, x.ndim)
  if (isNone(out)) return drop(node)
  out.offset += from * x.stride(d)
  for (let k = 0; k < x.ndim; k++) out.setDim(k, x.size(k), x.stride(k))
  out.setDim(d, <i32>((<i64>(to - from) + step - 1) / step), <i32>(<i64>x.stride(d) * step))
  return view(x, out, node)
}

function clampIndex(index: f64, low: i32, size: i32): i32 {
  const counted = index < 0 ? index + size : index
  return <i32>max<f64>(low, min<f64>(counted, size))
}

export function unsqueeze(x: Tensor, dim: i32, inplace: bool = false): Tensor {
  if (refused(x, inplace)) return none()
  const d = wrapDim(dim, x.ndim + 1)
  if (d < 0) return none()
  const node = begin(inplace ? NodeKind.UnsqueezeBackward1 : NodeKind.UnsqueezeBackward0, x, 1, false)
  if (!isNoNode(node)) node.setParam(0, dim)
  const out = alias(x, x.ndim + 1)
  if (isNone(out)) return drop(node)
  for (let k = 0; k < out.ndim; k++) {
    if (k == d) out.setDim(k, 1, d < x.ndim ? x.size(d) * x.stride(d) : 1)
    else out.setDim(k, x.size(k < d ? k : k - 1), x.stride(k < d ? k : k - 1))
  }
  return inplace ? reshapeInPlace(x, out, node) : view(x, out, node)
}

/** Which dimensions `squeeze` is asked to drop. */
export const enum SqueezeForm {
  all,
  one,
  many,
}

/** Drops dimensions of size one: all of them, or those of the built list that have it. */
export function squeeze(x: Tensor, form: SqueezeForm, inplace: bool = false): Tensor {
  if (refused(x, inplace)) return none()
  let which: u64 = 0
  const given = form == SqueezeForm.all ? 0 : shapeNdim()
  if (form == SqueezeForm.all) which = ~0
  for (let k = 0; k < given; k++) {
    const d = wrapDim(shapeSize(k), x.ndim)
    if (d < 0) return none()
    if (which & (1 << (<u64>d))) {
      fail1(Err.DimTwice, d)
      return none()
    }
    which |= 1 << (<u64>d)
  }
  const kind = (inplace ? NodeKind.SqueezeBackward3 : NodeKind.SqueezeBackward0) + <i32>form
  const node = begin(kind, x, 1 + given, true)
  if (!isNoNode(node)) {
    node.setParam(0, given)
    for (let k = 0; k < given; k++) node.setParam(1 + k, shapeSize(k))
  }
  let left = 0
  for (let d = 0; d < x.ndim; d++) if (x.size(d) != 1 || !(which & (1 << (<u64>d)))) left++
  const out = alias(x, left)
  if (isNone(out)) return drop(node)
  let k = 0
  for (let d = 0; d < x.ndim; d++) {
    if (x.size(d) != 1 || !(which & (1 << (<u64>d)))) out.setDim(k++, x.size(d), x.stride(d))
  }
  return inplace ? reshapeInPlace(x, out, node) : view(x, out, node)
}

/** Broadcasts `x` to the built shape, in which -1 keeps a size. */
export function expand(x: Tensor): Tensor {
  const out = expanded(x)
  return isNone(out) ? out : view(x, out, begin(NodeKind.ExpandBackward0, x, 0, true))
}

/** The same, neither recorded nor tracked. */
export function expanded(x: Tensor): Tensor {
  if (failed()) return none()
  const ndim = shapeNdim()
  const skip = ndim - x.ndim
  if (skip < 0) {
    if (fail(Err.ExpandFewer)) {
      say(x.dtype)
      sayShape(x)
      sayBuiltShape()
    }
    return none()
  }
  for (let d = ndim - 1; d >= 0; d--) {
    const want = shapeSize(d)
    if (want == -1 && d >= skip) continue
    if (want < 0 && d < skip) {
      fail2(Err.ExpandNegative, want, d)
      return none()
    }
    if (d >= skip && (x.size(d - skip) != 1 || want < 0) && x.size(d - skip) != want) {
      if (fail(Err.ExpandMismatch)) {
        say(want)
        say(x.size(d - skip))
        say(d)
        sayBuiltShape()
        sayShape(x)
      }
      return none()
    }
  }
  for (let d = skip; d < ndim; d++) if (shapeSize(d) == -1) setShapeSize(d, x.size(d - skip))
  if (shapeNumel() < 0) return none()
  const out = alias(x, ndim)
  if (isNone(out)) return out
  for (let d = ndim - 1; d >= 0; d--) {
    const want = shapeSize(d)
    const own = d - skip
    const size = own >= 0 ? x.size(own) : 1
    const stride = own >= 0 ? x.stride(own) : x.ndim == 0 ? 0 : out.size(d + 1) * out.stride(d + 1)
    out.setDim(d, want, size == want ? stride : 0)
  }
  refresh(out)
  return out
}

/** An alias of `x` (`x[...]`). */
export function aliasView(x: Tensor): Tensor {
  const node = failed() ? noNode() : begin(NodeKind.AliasBackward0, x, 0, false)
  const out = alias(x, x.ndim)
  if (isNone(out)) return drop(node)
  for (let d = 0; d < x.ndim; d++) out.setDim(d, x.size(d), x.stride(d))
  return view(x, out, node)
}
