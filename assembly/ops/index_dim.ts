// Ops with a vector of indices into one dimension: index_select, index_add, index_copy, index_fill.
import { DType, Err, NodeKind, Op, Scalar } from '../abi'
import { mayWrite, recording } from '../autograd/history'
import { isNoNode, Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail, fail2, failed, say } from '../error'
import {
  beginShape, emptyOfShape, overlaps, overlapsItself, sayShape, setShapeSize, shapeOf, wrapDim,
} from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { times } from './binary'
import { cast, rowMajor } from './cast'
import { filled, scalarTensor } from './create'
import { nonzero } from './masked'
import { expand, readSizes, squeeze, SqueezeForm, writeSizes } from './movement'
import { heldAlong, Meet, placesAlong, putInto, Range, spreadAlong, takeFrom } from './places'
import { beginNode, cancel, finish, finishTarget, keep, targetOf } from './record'
import { sum } from './reduce'

/** Refuses an index that is no vector of integers. `op` words the errors; `long`: int32 will not do. */
export function isVector(op: Op, index: Tensor, long: bool): bool {
  if (failed()) return false
  if (index.ndim > 1) {
    if (fail(Err.IndexVector)) {
      say(op)
      say(index.dtype)
      sayShape(index)
    }
    return false
  }
  return isIntegral(op, index, long)
}

export function isIntegral(op: Op, index: Tensor, long: bool): bool {
  if (index.dtype == DType.int64 || (!long && index.dtype == DType.int32)) return true
  fail2(Err.IndexDType, op, index.dtype)
  return false
}

/** A write may neither read what it writes nor write an element that lies at two places. */
export function separate(x: Tensor, index: Tensor, source: Tensor): bool {
  if (failed()) return false
  if (overlapsItself(x)) fail(Err.OverlapSelf)
  else if (overlaps(x, index) || (!isNone(source) && overlaps(x, source))) fail(Err.OverlapInput)
  return !failed()
}

/** `x` with only the indexed slices of dimension `dim`, in the order of the index. */
export function indexSelect(x: Tensor, dim: i32, index: Tensor): Tensor {
  if (failed()) return none()
  const d = wrapDim(dim, x.ndim)
  if (d < 0 || !isVector(Op.IndexSelect, index, false)) return none()
  if (x.ndim == 0 && index.numel != 1) {
    fail2(Err.IndexScalar, Op.IndexSelect, index.numel)
    return none()
  }
  const places = placesAlong(x, d, index, false, x.ndim > 1 && (d == 1 || x.numel == 0) ? Range.axis : Range.select)
  if (failed()) return none()
  const node = beginNode(NodeKind.IndexSelectBackward0, x, none(), 1, 2 + x.ndim)
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    writeSizes(node, 1, x)
  }
  keep(node, 0, index)
  shapeOf(x)
  if (x.ndim) setShapeSize(d, index.numel)
  const out = failed() ? none() : temp(emptyOfShape(x.dtype))
  if (isNone(out)) return cancel(node)
  takeFrom(out, heldAlong(x, d, index.numel), spreadAlong(places, d, out))
  return failed() ? cancel(node) : finish(node, 0, out, false)
}

/** Does the shape of `source` fit `x` with as many slices in dimension `d` as the index has? index_add's and index_reduce's words. */
export function sourceFits(op: Op, x: Tensor, d: i32, index: Tensor, source: Tensor): bool {
  if (x.dtype != source.dtype) {
    if (fail(Err.SourceDType)) {
      say(op)
      say(x.dtype)
      say(source.dtype)
    }
    return false
  }
  const slices = source.ndim == 0 ? 1 : d < source.ndim ? source.size(d) : -1
  if (slices != index.numel) {
    if (fail(Err.IndexCount)) {
      say(op)
      say(index.numel)
      say(slices)
      say(d)
    }
    return false
  }
  if (sameElsewhere(x, d, source)) return true
  if (fail(Err.SourceShape)) {
    sayShape(x)
    sayShape(source)
  }
  return false
}

/** The same sizes but for dimension `d`. */
function sameElsewhere(x: Tensor, d: i32, source: Tensor): bool {
  if (x.ndim != source.ndim) return false
  for (let k = 0; k < x.ndim; k++) if (k != d && x.size(k) != source.size(k)) return false
  return true
}

/** Lets the slices of `source` meet those of `target` that the places name. */
export function meetAlong(target: Tensor, d: i32, source: Tensor, places: Tensor, how: Meet, alpha: f64 = 1): void {
  if (failed()) return
  const held = heldAlong(target, d, places.numel)
  putInto(held, source, spreadAlong(places, d, held), how, alpha)
}

/** `x` with `alpha * source` added to the indexed slices. */
export function indexAdd(
  x: Tensor, dim: i32, index: Tensor, source: Tensor, alpha: f64 = 1, inplace: bool = false,
): Tensor {
  if (failed()) return none()
  if (inplace && recording(x, source) && !mayWrite(x)) return none()
  const d = wrapDim(dim, x.ndim)
  if (d < 0 || !isVector(Op.IndexAdd, index, false) || !sourceFits(Op.IndexAdd, x, d, index, source)) return none()
  if (inplace && !separate(x, index, source)) return none()
  const out = targetOf(x, inplace, true)
  const places = placesAlong(out, d, index, false, asScatter(x, d, index, alpha) ? Range.gather : Range.select)
  const node = beginNode(NodeKind.IndexAddBackward0, x, source, 2, 3)
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    node.setParam(1, alpha)
    node.setParam(2, source.ndim)
    if (node.wants(1)) keepBoth(node, index, source)
  }
  meetAlong(out, d, source, places, Meet.add, source.dtype >= DType.float32 ? alpha : trunc(alpha))
  return finishTarget(node, out, inplace)
}

/** PyTorch's short way, which words a bad index otherwise. */
function asScatter(x: Tensor, d: i32, index: Tensor, alpha: f64): bool {
  return x.ndim > 1 && (d == 0 || d == x.ndim - 1) && alpha == 1 && index.dtype == DType.int64
}

function keepBoth(node: Node, index: Tensor, source: Tensor): void {
  keep(node, 0, index)
  keep(node, 1, source)
}

/** Do index, source and `x` agree as index_copy wants it? */
function copyFits(x: Tensor, d: i32, index: Tensor, source: Tensor): bool {
  if (index.ndim > 1) return isVector(Op.IndexCopy, index, true)
  if (source.ndim == 0 && index.numel != 1) fail2(Err.IndexScalar, Op.IndexCopy, index.numel)
  else if (source.ndim != x.ndim && source.ndim && x.ndim) fail2(Err.CopyDims, source.ndim, x.ndim)
  if (failed() || !isIntegral(Op.IndexCopy, index, true)) return false
  if (x.dtype != source.dtype) {
    if (fail(Err.SourceDType)) {
      say(Op.IndexCopy)
      say(x.dtype)
      say(source.dtype)
    }
    return false
  }
  if (x.ndim > 1 && !sameElsewhere(x, d, source)) {
    if (fail(Err.CopySlices)) {
      say(d)
      sayShape(x)
      sayShape(source)
    }
    return false
  }
  if (source.ndim && source.size(d) != index.numel) {
    if (fail(Err.IndexCount)) {
      say(Op.IndexCopy)
      say(index.numel)
      say(source.size(d))
    }
    return false
  }
  return true
}

/** `x` with the indexed slices replaced by those of `source`. */
export function indexCopy(x: Tensor, dim: i32, index: Tensor, source: Tensor, inplace: bool): Tensor {
  if (failed()) return none()
  if (inplace && recording(x, source) && !mayWrite(x)) return none()
  const d = wrapDim(dim, x.ndim)
  if (d < 0 || !copyFits(x, d, index, source)) return none()
  if (inplace && !separate(x, index, source)) return none()
  const out = targetOf(x, inplace, true)
  const places = placesAlong(out, d, index, false, Range.copy)
  const node = beginNode(NodeKind.IndexCopyBackward0, x, source, 2, 2)
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    node.setParam(1, source.ndim)
    keep(node, 0, index)
    if (node.wants(1)) keep(node, 1, source)
  }
  meetAlong(out, d, source, places, Meet.replace)
  return finishTarget(node, out, inplace)
}

/** `x` with the indexed slices filled with a 0-dim tensor or a wrapped number. */
export function indexFill(x: Tensor, dim: i32, index: Tensor, value: Tensor, inplace: bool = false): Tensor {
  if (failed()) return none()
  const differs = value.wrapped ? none() : value
  if (inplace && recording(x, differs) && !mayWrite(x)) return none()
  if (value.ndim) {
    fail2(Err.ValueDims, Op.IndexFill, value.ndim)
    return none()
  }
  if (!isIntegral(Op.IndexFill, index, true)) return none()
  if (inplace && overlaps(x, index)) {
    fail(Err.OverlapInput)
    return none()
  }
  const d = wrapDim(dim, x.ndim)
  if (d < 0 || !isVector(Op.IndexFill, index, true)) return none()
  const out = targetOf(x, inplace, false)
  const places = placesAlong(out, d, index, true, Range.index)
  const node = beginNode(value.wrapped ? NodeKind.IndexFillBackward0 : NodeKind.IndexFillBackward1, x, differs, 1, 1)
  if (!isNoNode(node)) node.setParam(0, dim)
  keep(node, 0, index)
  meetAlong(out, d, cast(value, x.dtype), places, Meet.replace)
  return finishTarget(node, out, inplace)
}

export function indexDimVjp(node: Node, g: Tensor, index: i32): Tensor {
  const at = saved(node, 0)
  if (failed()) return none()
  const dim = <i32>node.param(0)
  switch (node.kind) {
    case NodeKind.IndexSelectBackward0:
      readSizes(node, 1)
      return indexAdd(filled(0, g.dtype), dim, at, g, 1, true)
    case NodeKind.IndexAddBackward0:
      if (index == 0) return g
      return times(slicesFor(node, g, dim, at), node.param(1))
    case NodeKind.IndexCopyBackward0:
      return index ? slicesFor(node, g, dim, at) : indexFill(g, dim, at, scalarTensor(0, Scalar.int))
    default:
      return index ? sum(indexSelect(g, dim, distinct(at, g, dim))) : indexFill(g, dim, at, scalarTensor(0, Scalar.int))
  }
}

/** The slices of `g` that went into the op's source, in its shape. */
function slicesFor(node: Node, g: Tensor, dim: i32, index: Tensor): Tensor {
  const source = saved(node, 1)
  if (failed()) return none()
  if (source.ndim == 0) {
    beginShape(1)
    setShapeSize(0, 0)
    return indexSelect(g, dim, index.ndim ? squeeze(index, SqueezeForm.one) : index)
  }
  const slices = indexSelect(g, dim, index)
  shapeOf(source)
  return expand(slices)
}

/** Every index once, in order. */
function distinct(index: Tensor, g: Tensor, dim: i32): Tensor {
  const count = g.ndim ? g.size(wrapDim(dim, g.ndim)) : 1
  beginShape(1)
  setShapeSize(0, count)
  const seen = filled(0, DType.bool)
  const list = rowMajor(index)
  if (failed()) return none()
  for (let i: u32 = 0; i < list.numel; i++) {
    const at = <i32>load<i64>(list.data + ((<usize>i) << 3))
    store<u8>(seen.data + <usize>(at < 0 ? at + count : at), 1)
  }
  const places = nonzero(seen)
  beginShape(1)
  setShapeSize(0, 1)
  return isNone(places) ? places : squeeze(places, SqueezeForm.one)
}
