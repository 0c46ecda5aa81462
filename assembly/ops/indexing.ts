// x[indices] and x[indices] = v: a list of index tensors (null: all of a dimension), integers or masks, for the leading
// dimensions. The indices broadcast together; where they stand side by side their shape takes their place, else it
// comes first.
import { DType, Err, Limits, NodeKind } from '../abi'
import { mayWrite, recording } from '../autograd/history'
import { isNoNode, Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail, fail1, fail2, failed, say } from '../error'
import { allocBuffer, freeBuffer } from '../memory/alloc'
import {
  aliasOf, beginShape, broadcastWith, overlaps, refresh, sayShape, shapeNdim, shapeOf, shapeSize,
} from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { cast } from './cast'
import { empty, fillWith, filled, full } from './create'
import { emptyResult } from './elementwise'
import { nonzero } from './masked'
import { readSizes, writeSizes } from './movement'
import { addPlaces, Meet, putInto, Range, takeFrom } from './places'
import { beginNode, cancel, finish, finishTarget, keep, targetOf } from './record'

/** The indices of the call, as given; then one for each dimension, masks replaced by what they say of theirs. */
const GIVEN: usize = memory.data(Limits.dims * 4, 4)
const FULL: usize = memory.data(Limits.dims * 4, 4)
let given: i32 = 0
let fullCount: i32 = 0

/** Begins the list of indices. What sets it calls no op before it is used. */
export function beginIndices(count: i32): void {
  given = count
}

export function setIndex(at: i32, index: Tensor): void {
  store<Tensor>(GIVEN + ((<usize>at) << 2), index)
}

// @ts-ignore: decorator
@inline
function givenAt(at: i32): Tensor {
  return load<Tensor>(GIVEN + ((<usize>at) << 2))
}

// @ts-ignore: decorator
@inline
function fullAt(d: i32): Tensor {
  return d < fullCount ? load<Tensor>(FULL + ((<usize>d) << 2)) : none()
}

function addFull(index: Tensor, ndim: i32): bool {
  if (fullCount == ndim) {
    fail2(Err.TooManyIndices, ndim, fullCount + 1)
    return false
  }
  store<Tensor>(FULL + ((<usize>fullCount) << 2), index)
  fullCount++
  return true
}

/** Puts one index after the other; a mask becomes a vector of coordinates for each of its dimensions. */
function spell(x: Tensor): bool {
  if (given > x.ndim) {
    fail2(Err.TooManyIndices, x.ndim, given)
    return false
  }
  for (let i = 0; i < given; i++) {
    const index = givenAt(i)
    if (isNone(index) || index.dtype <= DType.int64) continue
    fail(Err.IndexKind)
    return false
  }
  fullCount = 0
  for (let i = 0; i < given; i++) {
    const index = givenAt(i)
    if (isNone(index) || index.dtype != DType.bool) {
      if (!addFull(index, x.ndim)) return false
    } else if (!spellMask(x, index)) return false
  }
  return true
}

function spellMask(x: Tensor, mask: Tensor): bool {
  for (let k = 0; k < mask.ndim; k++) {
    const d = fullCount + k
    if (d < x.ndim && mask.size(k) == x.size(d)) continue
    if (d >= x.ndim) fail2(Err.TooManyIndices, x.ndim, fullCount + mask.ndim)
    else if (fail(Err.MaskShape)) {
      sayShape(mask)
      say(k)
      sayShape(x)
      say(d)
    }
    return false
  }
  const found = nonzero(mask)
  if (isNone(found)) return false
  for (let k = 0; k < mask.ndim; k++) {
    const column = temp(aliasOf(found, 1))
    if (isNone(column)) return false
    column.setDim(0, found.size(0), 1)
    column.offset += k * found.stride(1)
    refresh(column)
    if (!addFull(column, x.ndim)) return false
  }
  return true
}

/** Builds the shape that the indices broadcast to. */
function indexShape(): bool {
  beginShape(0)
  for (let d = 0; d < fullCount; d++) {
    const index = fullAt(d)
    if (isNone(index) || fits(index)) continue
    if (fail(Err.IndexShapes)) {
      for (let k = 0; k < fullCount; k++) if (!isNone(fullAt(k))) sayShape(fullAt(k))
    }
    return false
  }
  return true
}

/** Broadcasts the built shape with `index`, if it can be. */
function fits(index: Tensor): bool {
  for (let k = 1; k <= min(shapeNdim(), index.ndim); k++) {
    const a = shapeSize(shapeNdim() - k)
    const b = index.size(index.ndim - k)
    if (a != b && a != 1 && b != 1) return false
  }
  return broadcastWith(index)
}

/** `x` and its places in the shape of the result: what `plan` finds. */
let held: Tensor = none()
let places: Tensor = none()

/** Finds which elements of `x` the indices name. False with an error pending. */
function plan(x: Tensor): bool {
  if (failed() || !spell(x) || !indexShape()) return false
  let first = none()
  let second = none()
  let third = none()
  let from = -1
  let together = true
  let count = 0
  for (let d = 0; d < x.ndim; d++) {
    const index = fullAt(d)
    if (isNone(index)) continue
    if (from < 0) from = d
    else if (isNone(fullAt(d - 1))) together = false
    if (count == 0) first = index
    else if (count == 1) second = index
    else if (count == 2) third = index
    count++
  }
  const start = together ? max(from, 0) : 0
  // Laid out as the indices are; of more than three PyTorch's order would show in strides only.
  const spots = count && count <= 3 ? emptyResult(DType.int32, first, second, third) : empty(DType.int32)
  if (isNone(spots)) return false
  fillWith(spots, 0)
  return layOut(x, spots, start, count) && point(x, spots)
}

/** Sees `x` and the places in the shape of the result: that of the indices stands at `start`. */
function layOut(x: Tensor, spots: Tensor, start: i32, count: i32): bool {
  const ndim = x.ndim - count + spots.ndim
  held = temp(aliasOf(x, ndim))
  places = isNone(held) ? none() : temp(aliasOf(spots, ndim))
  if (isNone(places)) return false
  let out = 0
  for (let d = 0; d <= x.ndim; d++) {
    if (out == start) {
      for (let k = 0; k < spots.ndim; k++) {
        held.setDim(out, spots.size(k), 0)
        places.setDim(out++, spots.size(k), spots.stride(k))
      }
      if (spots.ndim == 0) start = -1
    }
    if (d == x.ndim || !isNone(fullAt(d))) continue
    held.setDim(out, x.size(d), x.stride(d))
    places.setDim(out++, x.size(d), 0)
  }
  refresh(held)
  refresh(places)
  return true
}

/** Adds up what each index says of its dimension. An empty result reads none of them. */
function point(x: Tensor, spots: Tensor): bool {
  let nth = 0
  for (let d = 0; d < fullCount; d++) {
    const index = fullAt(d)
    if (isNone(index)) continue
    if (x.size(d) == 0 && spots.numel) {
      fail(Err.IndexEmpty)
      return false
    }
    if (held.numel && !addPlaces(spots, index, x.size(d), x.stride(d), x.dtype, true, Range.index, nth)) return false
    nth++
  }
  return true
}

/** A node that keeps the indices as given. Params: | count | 1 or 0 for each, 1 where there is one | `params` more |. */
function recorded(kind: NodeKind, x: Tensor, values: Tensor, params: i32): Node {
  const node = beginNode(kind, x, values, given, 1 + given + params)
  if (isNoNode(node)) return node
  // A hook that packs what is kept may index too: the list stands aside.
  const count = given
  const list = listOf(count)
  if (!list) return node
  memory.copy(list, GIVEN, (<usize>count) << 2)
  node.setParam(0, count)
  for (let i = 0; i < count; i++) {
    const index = load<Tensor>(list + ((<usize>i) << 2))
    if (isNone(index)) continue
    node.setParam(1 + i, 1)
    keep(node, i, index)
  }
  freeBuffer(list, listBytes(count))
  return node
}

function listBytes(count: i32): usize {
  return (<usize>max(count, 1)) << 2
}

/** Room for a list; null with an error pending. */
function listOf(count: i32): usize {
  const bytes = listBytes(count)
  const list = allocBuffer(bytes)
  if (!list) fail1(Err.OutOfMemory, bytes)
  return list
}

/** Makes the list that `recorded` kept. */
function restore(node: Node): bool {
  const count = <i32>node.param(0)
  const list = listOf(count)
  if (!list) return false
  for (let i = 0; i < count; i++) store<Tensor>(list + ((<usize>i) << 2), node.param(1 + i) ? saved(node, i) : none())
  beginIndices(count)
  memory.copy(GIVEN, list, (<usize>count) << 2)
  freeBuffer(list, listBytes(count))
  return !failed()
}

/** `x[indices]`: a copy. */
export function index(x: Tensor): Tensor {
  if (!plan(x)) return none()
  const from = held
  const at = places
  const node = recorded(NodeKind.IndexBackward0, x, none(), 1 + x.ndim)
  if (!isNoNode(node)) writeSizes(node, 1 + <i32>node.param(0), x)
  shapeOf(from)
  const out = failed() ? none() : emptyResult(x.dtype, from, at)
  if (isNone(out)) return cancel(node)
  takeFrom(out, from, at)
  return failed() ? cancel(node) : finish(node, 0, out, false)
}

/** Does a single mask with one value fill? PyTorch then casts the value, which else must have the dtype of `x`. */
function fills(values: Tensor, accumulate: bool): bool {
  if (accumulate || values.numel != 1) return false
  let masks = 0
  for (let i = 0; i < given; i++) {
    if (isNone(givenAt(i))) continue
    if (givenAt(i).dtype != DType.bool || masks++) return false
  }
  return masks == 1
}

/** `x[indices] = values`, or `+=` with every index counted when they accumulate. */
export function indexPut(
  x: Tensor, values: Tensor, accumulate: bool, inplace: bool, kind: NodeKind = NodeKind.IndexPutBackward0,
): Tensor {
  if (failed()) return none()
  if (inplace && recording(x, values) && !mayWrite(x)) return none()
  const filling = fills(values, accumulate)
  if (inplace && !filling && given <= x.ndim) {
    let shares = overlaps(x, values)
    for (let i = 0; i < given; i++) if (!isNone(givenAt(i)) && overlaps(x, givenAt(i))) shares = true
    if (shares) {
      fail(Err.OverlapInput)
      return none()
    }
  }
  const out = targetOf(x, inplace, false)
  if (!plan(out)) return none()
  if (!filling && x.dtype != values.dtype) {
    fail2(Err.IndexPutDType, x.dtype, values.dtype)
    return none()
  }
  if (!spreads(values)) {
    if (fail(Err.IndexPutShape)) {
      sayShape(values)
      sayShape(held)
    }
    return none()
  }
  const target = held
  const at = places
  const node = recorded(kind, x, values, 1)
  if (!isNoNode(node)) node.setParam(1 + <i32>node.param(0), accumulate ? 1 : 0)
  const from = failed() ? none() : cast(values, x.dtype)
  putInto(target, from, at, accumulate ? Meet.add : Meet.replace)
  return finishTarget(node, out, inplace)
}

/** Do the values broadcast to what the indices name? */
function spreads(values: Tensor): bool {
  const skip = held.ndim - values.ndim
  for (let k = 0; k < values.ndim; k++) {
    if (k + skip < 0 || (values.size(k) != 1 && values.size(k) != held.size(k + skip))) return false
  }
  return true
}

export function indexingVjp(node: Node, g: Tensor, edge: i32): Tensor {
  if (!restore(node)) return none()
  const at = 1 + <i32>node.param(0)
  if (node.kind == NodeKind.IndexBackward0) {
    readSizes(node, at)
    return indexPut(filled(0, g.dtype), g, true, true, NodeKind.IndexPutImplBackward0)
  }
  if (edge) return index(g)
  return node.param(at) ? g : indexPut(g, full(0, 0, g.dtype), false, false)
}
