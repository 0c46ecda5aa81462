// Ops with an index for every element: gather, scatter, scatter_add; take and put over all elements in a row.
import { DType, Err, NodeKind, Op, Scalar } from '../abi'
import { mayWrite, recording } from '../autograd/history'
import { isNoNode, Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail, fail1, fail2, failed, say } from '../error'
import { aliasOf, emptyOfShape, refresh, sayShape, shapeOf, wrapDim } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { cast, copyInto, rowMajor } from './cast'
import { filled, scalarTensor, zerosLike } from './create'
import { isIntegral, separate } from './index_dim'
import { addPlaces, heldOver, Meet, placesAlong, putInto, Range, takeFrom } from './places'
import { beginNode, cancel, finish, finishTarget, keep, targetOf } from './record'
import { reshape } from './reshape'

/** gather and scatter count a 0-dim tensor as a vector of one element. */
function sizeOf(t: Tensor, d: i32): i32 {
  return t.ndim ? t.size(d) : 1
}

/** `out[i][j] = x[i][index[i][j]]` for dim 1, and so on; the result has the shape of the index. */
export function gather(x: Tensor, dim: i32, index: Tensor): Tensor {
  if (failed()) return none()
  const d = wrapDim(dim, x.ndim)
  if (d < 0) return none()
  if (index.numel) {
    if (!isIntegral(Op.Gather, index, false)) return none()
    if (max(x.ndim, 1) != max(index.ndim, 1)) {
      fail1(Err.GatherDims, Op.Gather)
      return none()
    }
    for (let k = 0; k < index.ndim; k++) {
      if (k == d || index.size(k) <= sizeOf(x, k)) continue
      if (fail(Err.GatherSize)) {
        say(k)
        sayShape(index)
        sayShape(x)
        say(d)
      }
      return none()
    }
  }
  const places = index.numel ? placesAlong(x, d, index, false, Range.gather) : none()
  const node = beginNode(NodeKind.GatherBackward0, x, none(), 2, 1)
  if (!isNoNode(node)) node.setParam(0, dim)
  keep(node, 0, x)
  keep(node, 1, index)
  shapeOf(index)
  const out = failed() ? none() : temp(emptyOfShape(x.dtype))
  if (isNone(out)) return cancel(node)
  if (index.numel) takeFrom(out, heldOver(x, d, index), places)
  return failed() ? cancel(node) : finish(node, 0, out, false)
}

/** Do index and source (null: a number) agree with `x` as the scatter ops want it? */
export function scatterFits(x: Tensor, d: i32, index: Tensor, source: Tensor): bool {
  if (index.numel && !isIntegral(Op.Scatter, index, false)) return false
  if (!isNone(source) && source.dtype != x.dtype) {
    if (fail(Err.SourceDType)) {
      say(Op.Scatter)
      say(x.dtype)
      say(source.dtype)
    }
    return false
  }
  if (index.numel == 0) return true
  if (max(x.ndim, 1) != max(index.ndim, 1)) {
    fail1(Err.GatherDims, Op.Scatter)
    return false
  }
  let fits = true
  for (let k = 0; k < index.ndim; k++) {
    if (k != d && index.size(k) > sizeOf(x, k)) fits = false
    if (isNone(source)) continue
    if (source.ndim && wrapDim(k, source.ndim) < 0) return false
    if (index.size(k) > sizeOf(source, k)) fits = false
  }
  if (!isNone(source) && max(source.ndim, 1) != max(index.ndim, 1)) {
    fail1(Err.GatherDims, -1)
    return false
  }
  if (fits) return true
  if (fail(Err.ScatterSize)) {
    say(isNone(source) ? 0 : 1)
    sayShape(index)
    sayShape(x)
    say(d)
    if (!isNone(source)) sayShape(source)
  }
  return false
}

/** The part of `source` that lies under the index. */
function under(source: Tensor, index: Tensor): Tensor {
  return heldOver(source, -1, index)
}

/** Lets the elements of `source` meet those of `target` that the index names. */
export function meetOver(target: Tensor, d: i32, index: Tensor, source: Tensor, places: Tensor, how: Meet): void {
  if (failed() || index.numel == 0) return
  putInto(heldOver(target, d, index), under(source, index), places, how)
}

/** `x` with `source` (a tensor, or a wrapped number) written to, or added to, where the index says. */
export function scatter(
  op: Op, x: Tensor, dim: i32, index: Tensor, source: Tensor, inplace: bool = false,
): Tensor {
  if (failed()) return none()
  const other = source.wrapped ? none() : source
  if (inplace && recording(x, other) && !mayWrite(x)) return none()
  const d = wrapDim(dim, x.ndim)
  if (d < 0 || !scatterFits(x, d, index, other)) return none()
  if (inplace && !separate(x, index, other)) return none()
  const out = targetOf(x, inplace, true)
  const places = index.numel ? placesAlong(out, d, index, false, Range.gather) : none()
  const adds = op == Op.ScatterAdd
  const kind = adds ? NodeKind.ScatterAddBackward0 : source.wrapped ? NodeKind.ScatterBackward1 : NodeKind.ScatterBackward0
  const node = beginNode(kind, x, other, 1, 1)
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    if (!adds || node.wants(1)) keep(node, 0, index)
  }
  meetOver(out, d, index, cast(source, x.dtype), places, adds ? Meet.add : Meet.replace)
  return finishTarget(node, out, inplace)
}

/** The elements of `x`, counted in a row, that the index names, in the shape of the index. */
export function take(x: Tensor, index: Tensor): Tensor {
  if (failed() || !isIntegral(Op.Take, index, true)) return none()
  if (x.numel == 0 && index.numel) {
    fail1(Err.TakeEmpty, Op.Take)
    return none()
  }
  const source = rowMajor(x)
  const places = inARow(source, index)
  const node = beginNode(NodeKind.TakeBackward0, x, none(), 2, 0)
  keep(node, 0, x)
  keep(node, 1, index)
  shapeOf(index)
  const out = failed() ? none() : temp(emptyOfShape(x.dtype))
  if (isNone(out)) return cancel(node)
  takeFrom(out, heldInARow(source, index), places)
  return failed() ? cancel(node) : finish(node, 0, out, false)
}

/** Where the elements of a row-major tensor lie that an index over all elements names. */
function inARow(x: Tensor, index: Tensor): Tensor {
  shapeOf(index)
  const places = filled(0, DType.int32)
  if (!isNone(x)) addPlaces(places, index, x.numel, 1, x.dtype, true, Range.take, 0)
  return places
}

/** The first element of `x` in the shape of `index`. */
function heldInARow(x: Tensor, index: Tensor): Tensor {
  const held = heldOver(x, -1, index)
  if (!isNone(held)) for (let k = 0; k < index.ndim; k++) held.setDim(k, index.size(k), 0)
  return held
}

/** `x` with the elements that the index names, counted in a row, replaced by or increased by those of `source`. */
export function put(x: Tensor, index: Tensor, source: Tensor, accumulate: bool, inplace: bool): Tensor {
  if (failed()) return none()
  if (inplace && recording(x, source) && !mayWrite(x)) return none()
  if (!isIntegral(Op.Put, index, true)) return none()
  if (x.dtype != source.dtype) {
    if (fail(Err.SourceDType)) {
      say(Op.Put)
      say(x.dtype)
      say(source.dtype)
    }
    return none()
  }
  if (index.numel != source.numel) {
    fail2(Err.PutCount, source.numel, index.numel)
    return none()
  }
  if (x.numel == 0 && index.numel) {
    fail1(Err.TakeEmpty, Op.Put)
    return none()
  }
  if (inplace && !separate(x, index, source)) return none()
  const places = inARow(x, index)
  const node = beginNode(NodeKind.PutBackward0, x, source, 2, 1)
  if (!isNoNode(node)) {
    node.setParam(0, accumulate ? 1 : 0)
    keep(node, 0, index)
    if (node.wants(1)) keep(node, 1, source)
  }
  const out = targetOf(x, inplace, false)
  const row = failed() ? none() : rowMajor(out)
  const list = failed() ? none() : rowMajor(source)
  if (failed()) return cancel(node)
  const elements = temp(aliasOf(list, places.ndim))
  if (isNone(elements)) return cancel(node)
  for (let k = 0; k < places.ndim; k++) elements.setDim(k, places.size(k), places.stride(k))
  refresh(elements)
  putInto(heldInARow(row, places), elements, places, accumulate ? Meet.add : Meet.replace)
  if (row !== out && !failed()) copyInto(out, row)
  return finishTarget(node, out, inplace)
}

export function gatherVjp(node: Node, g: Tensor, index: i32): Tensor {
  switch (node.kind) {
    case NodeKind.GatherBackward0: {
      const x = saved(node, 0)
      const at = saved(node, 1)
      if (failed()) return none()
      shapeOf(x)
      return scatter(Op.ScatterAdd, filled(0, g.dtype), <i32>node.param(0), at, g, true)
    }
    case NodeKind.ScatterAddBackward0:
      return index ? gather(g, <i32>node.param(0), saved(node, 0)) : g
    case NodeKind.ScatterBackward0:
    case NodeKind.ScatterBackward1: {
      const at = saved(node, 0)
      const dim = <i32>node.param(0)
      return index ? gather(g, dim, at) : scatter(Op.Scatter, g, dim, at, scalarTensor(0, Scalar.int))
    }
    case NodeKind.TakeBackward0: {
      const x = saved(node, 0)
      const at = saved(node, 1)
      return failed() ? none() : put(zerosLike(x), at, g, true, true)
    }
    default:
      return putVjp(node, g, index)
  }
}

function putVjp(node: Node, g: Tensor, index: i32): Tensor {
  const accumulates = node.param(0) != 0
  if (index == 0 && accumulates) return g
  const at = saved(node, 0)
  if (failed()) return none()
  if (index == 0) {
    shapeOf(at)
    return put(g, at, filled(0, g.dtype), false, false)
  }
  const source = saved(node, 1)
  const taken = take(g, at)
  if (failed()) return none()
  shapeOf(source)
  return reshape(taken)
}
