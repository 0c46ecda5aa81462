// Ops with a mask: masked_fill, masked_select, masked_scatter; and nonzero, which tells where a mask holds.
import { DType, Err, NodeKind, Op, Scalar } from '../abi'
import { mayWrite, recording } from '../autograd/history'
import { isNoNode, Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail, fail2, failed, say } from '../error'
import { itemShift } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import {
  aliasOf, beginShape, emptyOfShape, overlapsItself, refresh, sayBuiltShape, sayShape, setShapeSize, shapeIs, shapeNdim, shapeOf,
  shapeSize,
} from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { cast, copyInto, rowMajor } from './cast'
import { empty, filled, filledLike, scalarTensor } from './create'
import { broadcast, run } from './elementwise'
import { readSizes, writeSizes } from './movement'
import { putInto, takeFrom } from './places'
import { beginNode, cancel, finish, finishTarget, keep, targetOf } from './record'
import { sum } from './reduce'

function fillLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      if (load<u8>(a)) store<T>(o, load<T>(b))
      o += os
      a += as
      b += bs
    }
  }
}

function isMask(op: Op, mask: Tensor): bool {
  if (mask.dtype == DType.bool) return true
  fail2(Err.MaskDType, op, mask.dtype)
  return false
}

/** `t` broadcast to the built shape. Not recorded, not tracked. */
function spread(t: Tensor): Tensor {
  const ndim = shapeNdim()
  const out = failed() ? none() : temp(aliasOf(t, ndim))
  if (isNone(out)) return out
  const skip = ndim - t.ndim
  for (let k = 0; k < ndim; k++) {
    const own = k - skip
    out.setDim(k, shapeSize(k), own < 0 || (t.size(own) == 1 && shapeSize(k) != 1) ? 0 : t.stride(own))
  }
  refresh(out)
  return out
}

/** What is written of `x` out of place: a row-major copy in the built shape. */
function broadcastCopy(x: Tensor): Tensor {
  const out = failed() ? none() : temp(emptyOfShape(x.dtype))
  if (!isNone(out)) copyInto(out, x)
  return out
}

/** `x` with a 0-dim tensor or a wrapped number where the mask holds. */
export function maskedFill(x: Tensor, mask: Tensor, value: Tensor, inplace: bool = false): Tensor {
  if (failed()) return none()
  const other = value.wrapped ? none() : value
  if (inplace && recording(x, other) && !mayWrite(x)) return none()
  if (value.ndim) {
    fail2(Err.ValueDims, Op.MaskedFill, value.ndim)
    return none()
  }
  if (!isMask(Op.MaskedFill, mask)) return none()
  if (!(inplace ? broadcast(x, mask) : broadcast(mask, x))) return none()
  if (inplace && !shapeIs(x)) {
    if (fail(Err.OutputShape)) {
      sayShape(x)
      sayBuiltShape()
    }
    return none()
  }
  const node = beginNode(value.wrapped ? NodeKind.MaskedFillBackward0 : NodeKind.MaskedFillBackward1, x, other, 1, 0)
  keep(node, 0, mask)
  if (!inplace) broadcast(mask, x)
  const out = inplace ? targetOf(x, true, false) : broadcastCopy(x)
  const filler = cast(value, x.dtype)
  if (failed()) return cancel(node)
  const shift = itemShift(x.dtype)
  run(shift == 0 ? fillLoop<u8>() : shift == 2 ? fillLoop<u32>() : fillLoop<u64>(), out, mask, filler)
  return finishTarget(node, out, inplace)
}

const AT: usize = memory.data(64 * 4, 4)

/**
 * Walks a mask in row-major order and counts where it holds. With `sink` it tells where: `like`'s element there as a
 * byte offset (u32 each), or without `like` the coordinates, a column (i64, `count` of them) a dimension.
 */
function eachTrue(mask: Tensor, sink: usize, like: Tensor, count: i32): i32 {
  if (mask.numel == 0) return 0
  const ndim = mask.ndim
  const shift = isNone(like) ? 0 : itemShift(like.dtype)
  memory.fill(AT, 0, (<usize>ndim) << 2)
  let at = mask.data
  let offset: u32 = 0
  let found = 0
  while (true) {
    if (load<u8>(at)) {
      if (sink && !isNone(like)) store<u32>(sink + ((<usize>found) << 2), offset << shift)
      else if (sink) {
        for (let d = 0; d < ndim; d++) {
          store<i64>(sink + ((<usize>(d * count + found)) << 3), load<i32>(AT + ((<usize>d) << 2)))
        }
      }
      found++
    }
    let d = ndim - 1
    for (; d >= 0; d--) {
      const next = load<i32>(AT + ((<usize>d) << 2)) + 1
      at += mask.stride(d)
      if (!isNone(like)) offset += like.stride(d)
      if (next < mask.size(d)) {
        store<i32>(AT + ((<usize>d) << 2), next)
        break
      }
      store<i32>(AT + ((<usize>d) << 2), 0)
      at -= next * mask.stride(d)
      if (!isNone(like)) offset -= next * like.stride(d)
    }
    if (d < 0) return found
  }
}

/** Where a mask holds, as places in `like`, which has its shape: a vector. */
function truePlaces(mask: Tensor, like: Tensor): Tensor {
  if (failed()) return none()
  beginShape(1)
  setShapeSize(0, eachTrue(mask, 0, like, 0))
  const places = empty(DType.int32)
  if (!isNone(places)) eachTrue(mask, places.data, like, 0)
  return places
}

/** The coordinates of what is not zero, a row each, in row-major order. */
export function nonzero(x: Tensor): Tensor {
  if (failed()) return none()
  const mask = cast(x, DType.bool)
  if (isNone(mask)) return none()
  const count = eachTrue(mask, 0, none(), 0)
  beginShape(2)
  setShapeSize(0, count)
  setShapeSize(1, x.ndim)
  const out = empty(DType.int64)
  if (isNone(out)) return out
  // A column a dimension: each is a vector of its own to index with.
  out.setDim(0, count, 1)
  out.setDim(1, x.ndim, max(count, 1))
  refresh(out)
  eachTrue(mask, out.data, none(), count)
  return out
}

/** The first element of `x` as often as there are places. */
function heldAt(x: Tensor, places: Tensor): Tensor {
  const held = failed() ? none() : temp(aliasOf(x, 1))
  if (isNone(held)) return held
  held.setDim(0, places.numel, 0)
  refresh(held)
  return held
}

/** The elements of `x` where the mask holds, in row-major order of their broadcast shape: a vector. */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  if (failed() || !isMask(Op.MaskedSelect, mask) || !broadcast(mask, x)) return none()
  const source = spread(x)
  const places = truePlaces(spread(mask), source)
  const node = beginNode(NodeKind.MaskedSelectBackward0, x, none(), 2, 0)
  keep(node, 0, x)
  keep(node, 1, mask)
  if (failed()) return cancel(node)
  const out = selected(source, places)
  return isNone(out) ? cancel(node) : finish(node, 0, out, false)
}

function selected(source: Tensor, places: Tensor): Tensor {
  if (failed()) return none()
  beginShape(1)
  setShapeSize(0, places.numel)
  const out = empty(source.dtype)
  if (!isNone(out)) takeFrom(out, heldAt(source, places), places)
  return failed() ? none() : out
}

/** Does the mask broadcast to exactly the shape of `x`? Else the error of `expand`. */
function expandsTo(mask: Tensor, x: Tensor): bool {
  const skip = x.ndim - mask.ndim
  if (skip < 0) {
    if (fail(Err.ExpandFewer)) {
      say(mask.dtype)
      sayShape(mask)
      sayShape(x)
    }
    return false
  }
  for (let d = x.ndim - 1; d >= skip; d--) {
    if (mask.size(d - skip) == 1 || mask.size(d - skip) == x.size(d)) continue
    if (fail(Err.ExpandMismatch)) {
      say(x.size(d))
      say(mask.size(d - skip))
      say(d)
      sayShape(x)
      sayShape(mask)
    }
    return false
  }
  return true
}

/** `x` with the elements of `source`, one after the other, where the mask holds. */
export function maskedScatter(x: Tensor, mask: Tensor, source: Tensor, inplace: bool = false): Tensor {
  if (failed()) return none()
  if (inplace && recording(x, source) && !mayWrite(x)) return none()
  if (inplace && overlapsItself(x)) {
    fail(Err.OverlapSelf)
    return none()
  }
  if (!(inplace ? expandsTo(mask, x) : broadcast(mask, x))) return none()
  if (x.dtype != source.dtype) {
    if (fail(Err.SourceDType)) {
      say(Op.MaskedScatter)
      say(x.dtype)
      say(source.dtype)
    }
    return none()
  }
  if (!isMask(Op.MaskedScatter, mask)) return none()
  if (inplace) shapeOf(x)
  const where = spread(mask)
  if (isNone(where)) return none()
  if (<u32>eachTrue(where, 0, none(), 0) > source.numel) {
    fail(Err.MaskedScatterCount)
    return none()
  }
  const node = beginNode(NodeKind.MaskedScatterBackward0, x, source, 1, 1 + source.ndim)
  if (!isNoNode(node)) writeSizes(node, 0, source)
  keep(node, 0, mask)
  shapeOf(where)
  const out = inplace ? targetOf(x, true, false) : broadcastCopy(x)
  const places = failed() ? none() : truePlaces(where, out)
  const row = rowMajor(source)
  if (failed()) return cancel(node)
  const list = heldAt(row, places)
  if (isNone(list)) return cancel(node)
  list.setDim(0, places.numel, 1)
  putInto(heldAt(out, places), list, places)
  return finishTarget(node, out, inplace)
}

/** What masked_scatter's source gets: the gradient where the mask holds, zeros for what was not used; the sizes are the node's. */
function maskedScatterBackward(node: Node, g: Tensor): Tensor {
  const mask = saved(node, 0)
  if (failed() || !broadcast(mask, g)) return none()
  const from = spread(g)
  const taken = selected(from, truePlaces(spread(mask), from))
  readSizes(node, 0)
  const out = failed() ? none() : filled(0, g.dtype)
  if (failed()) return none()
  memory.copy(out.data, taken.data, (<usize>taken.numel) << itemShift(g.dtype))
  const record = beginNode(NodeKind.MaskedScatterBackwardBackward0, g, none(), 1, 1 + g.ndim)
  if (!isNoNode(record)) writeSizes(record, 0, g)
  keep(record, 0, mask)
  return failed() ? cancel(record) : finish(record, 0, out, false)
}

export function maskedVjp(node: Node, g: Tensor, index: i32): Tensor {
  if (failed()) return none()
  switch (node.kind) {
    case NodeKind.MaskedSelectBackward0: {
      const x = saved(node, 0)
      const mask = saved(node, 1)
      if (failed() || !broadcast(mask, x)) return none()
      const seen = spread(x)
      return isNone(seen) ? seen : maskedScatter(filledLike(seen, g.dtype, 0), mask, g, true)
    }
    case NodeKind.MaskedScatterBackward0:
      if (index) return maskedScatterBackward(node, g)
      break
    case NodeKind.MaskedScatterBackwardBackward0:
      readSizes(node, 0)
      return maskedScatter(filled(0, g.dtype), saved(node, 0), g)
    default:
      if (index) return sum(maskedSelect(g, saved(node, 0)))
  }
  return maskedFill(g, saved(node, 0), scalarTensor(0, Scalar.int))
}
