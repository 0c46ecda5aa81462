// Views: the same storage seen through another shape. Each op computes sizes and strides; `view` does what all share.
import { Err, NodeKind } from '../abi'
import {
  geometryParams, mayWrite, rebaseHistory, recording, setEdgeTo, setHistory, setView, writeGeometry,
} from '../autograd/history'
import { Creation } from '../autograd/meta'
import { isNoNode, newNode, Node, noNode, releaseNode } from '../autograd/node'
import { fail, fail1, fail2, failed, say } from '../error'
import { isFloating, itemShift } from '../tensor/dtype'
import {
  aliasOf, beginShape, refresh, sayBuiltShape, sayShape, setShapeSize, shapeNdim, shapeNumel, shapeSize, wrapDim,
} from '../tensor/shape'
import { temp } from '../tensor/temps'
import { bump, isNone, none, reserveCounter, takeGeometry, Tensor } from '../tensor/tensor'
import { clone } from './copy'

/** A node with one edge to `x` and room for `params` numbers then x's sizes; null when nothing is recorded. */
function begin(kind: NodeKind, x: Tensor, params: i32, withSizes: bool): Node {
  if (!recording(x)) return noNode()
  const node = newNode(kind, 1, 0, params + (withSizes ? 1 + x.ndim : 0))
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
function alias(x: Tensor, ndim: i32): Tensor {
  return failed() ? none() : temp(aliasOf(x, ndim))
}

/** The end of every view op: `out` is a differentiable view of `x`, made by `node` if recording. */
function view(x: Tensor, out: Tensor, node: Node): Tensor {
  refresh(out)
  if (failed() || !setView(out, x, Creation.ordinary)) {
    if (!isNoNode(node)) releaseNode(node)
    return none()
  }
  return isNoNode(node) || setHistory(out, node) ? out : none()
}

/** The end of t_(), unsqueeze_() and their like: `x` itself takes the geometry of `out`. */
function reshapeInPlace(x: Tensor, out: Tensor, node: Node): Tensor {
  refresh(out)
  if (failed() || !reserveCounter(x) || !takeGeometry(x, out)) {
    if (!isNoNode(node)) releaseNode(node)
    return none()
  }
  bump(x)
  return isNoNode(node) || rebaseHistory(x, node) ? x : none()
}

function refused(x: Tensor, inplace: bool): bool {
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

function drop(node: Node): Tensor {
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
    fail1(Err.TDims, x.ndim)
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
      say(dim)
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
  const node = begin(NodeKind.ExpandBackward0, x, 0, true)
  const out = alias(x, ndim)
  if (isNone(out)) return drop(node)
  for (let d = ndim - 1; d >= 0; d--) {
    const want = shapeSize(d)
    const own = d - skip
    const stride = own >= 0 ? x.stride(own) : d == ndim - 1 ? 1 : out.size(d + 1) * out.stride(d + 1)
    out.setDim(d, want, (own < 0 || x.size(own) == 1) && want != 1 ? 0 : stride)
  }
  return view(x, out, node)
}

/** An alias of `x` (`x[...]`). */
export function aliasView(x: Tensor): Tensor {
  const node = failed() ? noNode() : begin(NodeKind.AliasBackward0, x, 0, false)
  const out = alias(x, x.ndim)
  if (isNone(out)) return drop(node)
  for (let d = 0; d < x.ndim; d++) out.setDim(d, x.size(d), x.stride(d))
  return view(x, out, node)
}

/** Replaces a -1 in the built shape by what makes it hold `numel` elements. False with PyTorch's error pending. */
function inferShape(numel: i32): bool {
  let unknown = -1
  let known: f64 = 1
  for (let d = 0; d < shapeNdim(); d++) {
    const size = shapeSize(d)
    if (size == -1) {
      if (unknown >= 0) {
        fail(Err.ViewInfer)
        return false
      }
      unknown = d
    } else if (size < 0) {
      if (fail(Err.NegativeSize)) {
        say(size)
        say(d)
        sayBuiltShape()
      }
      return false
    } else known *= size
  }
  if (unknown >= 0 && known > 0 && <f64>numel % known == 0) {
    setShapeSize(unknown, <i32>(<f64>numel / known))
    return true
  }
  if (unknown >= 0 && known == 0 && numel == 0) {
    if (fail(Err.ViewInferEmpty)) sayBuiltShape()
    return false
  }
  if (unknown < 0 && known == numel) return true
  if (fail(Err.ViewShape)) {
    sayBuiltShape()
    say(numel)
  }
  return false
}

/**
 * Gives `out` (sizes set) strides that see `x`'s elements in order; false when no strides can. Runs of x's dimensions
 * that lie end to end are chunks, and each chunk is divided among new dimensions, from the last to the first.
 */
function viewStrides(x: Tensor, out: Tensor): bool {
  if (x.numel == 0) {
    let stride = 1
    for (let d = out.ndim - 1; d >= 0; d--) {
      out.setDim(d, out.size(d), stride)
      stride *= max(out.size(d), 1)
    }
    return true
  }
  let next = out.ndim - 1
  let chunk = x.ndim ? x.stride(x.ndim - 1) : 1
  let held = 1
  let placed = 1
  for (let d = x.ndim - 1; d >= 0; d--) {
    held *= x.size(d)
    if (d == 0 || (x.size(d - 1) != 1 && x.stride(d - 1) != held * chunk)) {
      while (next >= 0 && (placed < held || out.size(next) == 1)) {
        out.setDim(next, out.size(next), placed * chunk)
        placed *= out.size(next)
        next--
      }
      if (placed != held) return false
      if (d > 0) {
        chunk = x.stride(d - 1)
        held = 1
        placed = 1
      }
    }
  }
  for (; next >= 0; next--) out.setDim(next, out.size(next), placed * chunk)
  return true
}

/** `x.view(...)` of the built shape. `unsafe`: not a tracked view (of a copy that nobody else sees). */
export function viewAs(x: Tensor, unsafe: bool = false): Tensor {
  if (failed() || !inferShape(x.numel)) return none()
  const ndim = shapeNdim()
  const out = alias(x, ndim)
  if (isNone(out)) return out
  for (let d = 0; d < ndim; d++) out.setDim(d, shapeSize(d), 0)
  if (!viewStrides(x, out)) {
    fail(Err.ViewStride)
    return none()
  }
  const node = begin(unsafe ? NodeKind.UnsafeViewBackward0 : NodeKind.ViewBackward0, x, 0, true)
  if (!unsafe) return view(x, out, node)
  refresh(out)
  if (failed()) return none()
  return isNoNode(node) || setHistory(out, node) ? out : none()
}

/** A view if strides allow, else a view of a copy. */
export function reshape(x: Tensor): Tensor {
  if (failed() || !inferShape(x.numel)) return none()
  const ndim = shapeNdim()
  const probe = alias(x, ndim)
  if (isNone(probe)) return probe
  for (let d = 0; d < ndim; d++) probe.setDim(d, shapeSize(d), 0)
  if (viewStrides(x, probe)) return viewAs(x)
  const copy = clone(x, true)
  beginShape(ndim)
  for (let d = 0; d < ndim; d++) setShapeSize(d, probe.size(d))
  return viewAs(copy, true)
}

/** Checks that the built shape with the strides in `strides` (i32 each) from `offset` lies within x's storage. */
export function asStrided(x: Tensor, strides: usize, offset: i32): Tensor {
  if (failed()) return none()
  const ndim = shapeNdim()
  let last: f64 = offset
  let isEmpty = false
  for (let d = 0; d < ndim; d++) {
    const stride = load<i32>(strides + ((<usize>d) << 2))
    if (stride < 0) {
      if (fail(Err.AsStridedNegative)) sayStrides(strides, ndim)
      return none()
    }
    if (shapeSize(d) < 0) {
      if (fail(Err.NegativeSize)) {
        say(shapeSize(d))
        say(d)
        sayBuiltShape()
      }
      return none()
    }
    if (shapeSize(d) == 0) isEmpty = true
    last += <f64>(shapeSize(d) - 1) * stride
  }
  if (offset < 0) {
    fail1(Err.AsStridedOffset, offset)
    return none()
  }
  if (shapeNumel() < 0) return none()
  const need = isEmpty ? 0 : (last + 1) * <f64>(1 << itemShift(x.dtype))
  if (need > <f64>x.storage.nbytes) {
    if (fail(Err.AsStridedBounds)) {
      sayBuiltShape()
      sayStrides(strides, ndim)
      say(offset)
      say(need)
      say(x.storage.nbytes)
      say(<f64>(1 << itemShift(x.dtype)))
    }
    return none()
  }
  const out = alias(x, ndim)
  if (isNone(out)) return out
  for (let d = 0; d < ndim; d++) out.setDim(d, shapeSize(d), load<i32>(strides + ((<usize>d) << 2)))
  out.offset = offset
  refresh(out)
  const node = recording(x) && isFloating(x.dtype) ? strideNode(x, out) : noNode()
  return view(x, out, node)
}

function sayStrides(strides: usize, ndim: i32): void {
  say(ndim)
  for (let d = 0; d < ndim; d++) say(load<i32>(strides + ((<usize>d) << 2)))
}

function strideNode(x: Tensor, out: Tensor): Node {
  const node = newNode(NodeKind.AsStridedBackward0, 1, 0, geometryParams(x) + geometryParams(out))
  if (isNoNode(node)) return node
  writeGeometry(node, writeGeometry(node, 0, x), out)
  if (setEdgeTo(node, 0, x)) return node
  releaseNode(node)
  return noNode()
}
