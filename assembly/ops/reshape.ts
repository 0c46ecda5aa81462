// Views with other sizes: view, reshape, as_strided.
import { Err, NodeKind } from '../abi'
import { geometryParams, recording, setEdgeTo, setHistory, writeGeometry } from '../autograd/history'
import { isNoNode, newNode, Node, noNode, releaseNode } from '../autograd/node'
import { fail, fail1, failed, say } from '../error'
import { itemShift } from '../tensor/dtype'
import { beginShape, refresh, sameShape, sayBuiltShape, setShapeSize, shapeNdim, shapeNumel, shapeSize } from '../tensor/shape'
import { isNone, none, Tensor } from '../tensor/tensor'
import { clone } from './copy'
import { alias, begin, refused, reshapeInPlace, view } from './movement'

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
    if (sameShape(x, out)) {
      for (let d = 0; d < x.ndim; d++) out.setDim(d, x.size(d), x.stride(d))
      return true
    }
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

/** `x.view(...)` of the built shape, under one of three names. */
export function viewAs(x: Tensor, kind: NodeKind = NodeKind.ViewBackward0): Tensor {
  if (failed() || !inferShape(x.numel)) return none()
  const ndim = shapeNdim()
  const out = alias(x, ndim)
  if (isNone(out)) return out
  for (let d = 0; d < ndim; d++) out.setDim(d, shapeSize(d), 0)
  if (!viewStrides(x, out)) {
    fail(Err.ViewStride)
    return none()
  }
  const node = begin(kind, x, 0, true)
  // Not a tracked view: of a copy that nobody else sees.
  if (kind != NodeKind.UnsafeViewBackward0) return view(x, out, node)
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
  if (viewStrides(x, probe)) return viewAs(x, x.contiguous ? NodeKind.ViewBackward0 : NodeKind.ReshapeAliasBackward0)
  const copy = clone(x, true)
  beginShape(ndim)
  for (let d = 0; d < ndim; d++) setShapeSize(d, probe.size(d))
  return viewAs(copy, NodeKind.UnsafeViewBackward0)
}

/** The built shape with the strides at `strides` (i32 each) from the offset `given` (NaN: x's own) of x's storage. */
export function asStrided(x: Tensor, strides: usize, given: f64, inplace: bool = false): Tensor {
  if (refused(x, inplace)) return none()
  const offset = isNaN(given) ? <i32>x.offset : <i32>given
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
      if (fail(Err.AsStridedSize)) {
        sayBuiltShape()
        sayStrides(strides, ndim)
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
  const node = recording(x) ? strideNode(x, out, given, inplace) : noNode()
  return inplace ? reshapeInPlace(x, out, node) : view(x, out, node)
}

function sayStrides(strides: usize, ndim: i32): void {
  say(ndim)
  for (let d = 0; d < ndim; d++) say(load<i32>(strides + ((<usize>d) << 2)))
}

// The last param is the storage offset as given, NaN for none.
function strideNode(x: Tensor, out: Tensor, given: f64, inplace: bool): Node {
  const kind = inplace ? NodeKind.AsStridedBackward1 : NodeKind.AsStridedBackward0
  const node = newNode(kind, 1, 0, geometryParams(x) + geometryParams(out) + 1)
  if (isNoNode(node)) return node
  node.setParam(writeGeometry(node, writeGeometry(node, 0, x), out), given)
  if (setEdgeTo(node, 0, x)) return node
  releaseNode(node)
  return noNode()
}
