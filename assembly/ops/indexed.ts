// Reductions that name the element they took, and orders of lines: the gradient goes to the place of the index.
import { DType, Err, NodeKind, Op } from '../abi'
import { recording, setHistory } from '../autograd/history'
import { isNoNode, Node } from '../autograd/node'
import { saved, saveInput } from '../autograd/saved'
import { fail1, fail2, failDType, failed } from '../error'
import { allocBuffer, freeBuffer } from '../memory/alloc'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { aliasOf, beginShape, emptyOfShape, refresh, setShapeSize, wrapDim } from '../tensor/shape'
import { emptyLike } from '../tensor/iterate'
import { temp, twoOutputs } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { cast } from './cast'
import { filled } from './create'
import { scatter } from './gather'
import { eachLine, inStep, lineLength, otherStep, outStep } from './lines'
import { readSizes, unsqueeze, writeSizes } from './movement'
import { begin, cancel, Save, spec } from './record'
import { wideType } from './reduce'

/** The first largest (smallest) element of a line and its place; the first nan goes before all. */
function extremeLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      let best = load<T>(a)
      let place = 0
      for (let i = 1; i < lineLength && best == best; i++) {
        const x = load<T>(a + i * inStep)
        if (x != x || (smallest ? x < best : x > best)) {
          best = x
          place = i
        }
      }
      store<T>(o, best)
      store<i64>(b, place)
      o += os
      a += as
      b += bs
    }
  }
}

/** What the loops look for: the smallest instead of the largest, an order that falls, which place in the order. */
let smallest = false
let descending = false
let skipNan = false
let scratch: usize = 0

/** Does `x` stand before `y`? nan is larger than every number. */
// @ts-ignore: decorator
@inline
function before<T>(x: T, y: T): bool {
  if (isFloat<T>()) return descending ? x > y || (x != x && y == y) : x < y || (y != y && x == x)
  return descending ? x > y : x < y
}

/**
 * The order of a line as places, in the first of the scratch's two rows of i32: a merge sort from the bottom up, which
 * leaves equal elements as they stood.
 */
function orderLine<T>(a: usize): void {
  let from = scratch
  let into = scratch + ((<usize>lineLength) << 2)
  for (let i = 0; i < lineLength; i++) store<i32>(from + ((<usize>i) << 2), i)
  for (let width = 1; width < lineLength; width <<= 1) {
    for (let low = 0; low < lineLength; low += width << 1) {
      const middle = min(low + width, lineLength)
      const high = min(low + (width << 1), lineLength)
      let left = low
      let right = middle
      for (let k = low; k < high; k++) {
        let takeRight = left == middle
        if (!takeRight && right < high) {
          const x = load<T>(a + load<i32>(from + ((<usize>left) << 2)) * inStep)
          takeRight = before<T>(load<T>(a + load<i32>(from + ((<usize>right) << 2)) * inStep), x)
        }
        store<i32>(into + ((<usize>k) << 2), load<i32>(from + ((<usize>(takeRight ? right++ : left++)) << 2)))
      }
    }
    const merged = into
    into = from
    from = merged
  }
  ordered = from
}

/** Where `orderLine` left the places. */
let ordered: usize = 0

function sortLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      orderLine<T>(a)
      for (let i = 0; i < lineLength; i++) {
        const place = load<i32>(ordered + ((<usize>i) << 2))
        store<T>(o + i * outStep, load<T>(a + place * inStep))
        store<i64>(b + i * otherStep, place)
      }
      o += os
      a += as
      b += bs
    }
  }
}

/** The lower element in the middle; of a line with nan that, unless it is skipped. */
function medianLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      orderLine<T>(a)
      let numbers = lineLength
      while (numbers > 0 && isNanAt<T>(a, numbers - 1)) numbers--
      const k = numbers == lineLength || (skipNan && numbers) ? (numbers - 1) >> 1 : numbers
      const place = load<i32>(ordered + ((<usize>k) << 2))
      store<T>(o, load<T>(a + place * inStep))
      store<i64>(b, place)
      o += os
      a += as
      b += bs
    }
  }
}

function isNanAt<T>(a: usize, rank: i32): bool {
  const x = load<T>(a + load<i32>(ordered + ((<usize>rank) << 2)) * inStep)
  return x != x
}

function loopOf(op: Op, floats: bool): Loop {
  if (op == Op.Sort) return floats ? sortLoop<f64>() : sortLoop<i64>()
  if (op == Op.Median || op == Op.Nanmedian) return floats ? medianLoop<f64>() : medianLoop<i64>()
  return floats ? extremeLoop<f64>() : extremeLoop<i64>()
}

/** Values and places of `x` along `d`, both with lines of one (of the whole length for an order). */
function select(op: Op, x: Tensor, d: i32, values: Tensor, places: Tensor): void {
  if (failed()) return
  const bytes = (<usize>x.ndim ? <usize>x.size(d) : 1) << 3
  const ranks = op == Op.Sort || op == Op.Median || op == Op.Nanmedian
  scratch = ranks ? allocBuffer(bytes) : 0
  if (ranks && !scratch) {
    fail1(Err.OutOfMemory, bytes)
    return
  }
  smallest = op == Op.Min || op == Op.Argmin
  skipNan = op == Op.Nanmedian
  eachLine(loopOf(op, isFloating(x.dtype)), d, values, x, places)
  if (ranks) freeBuffer(scratch, bytes)
}

/** A new tensor of x's shape without `d`, or with size one there. */
function reducedLike(x: Tensor, d: i32, keepdim: bool, dtype: i32): Tensor {
  if (failed()) return none()
  let ndim = 0
  beginShape(x.ndim)
  for (let k = 0; k < x.ndim; k++) {
    if (k != d) setShapeSize(ndim++, x.size(k))
    else if (keepdim) setShapeSize(ndim++, 1)
  }
  beginShape(ndim)
  return temp(emptyOfShape(dtype))
}

/** The same tensor seen with size one at `d`. */
function withLine(t: Tensor, x: Tensor, d: i32): Tensor {
  if (failed() || isNone(t) || t.ndim == x.ndim) return t
  const view = temp(aliasOf(t, x.ndim))
  if (isNone(view)) return view
  for (let k = 0; k < x.ndim; k++) view.setDim(k, k == d ? 1 : x.size(k), k == d ? 0 : t.stride(k < d ? k : k - 1))
  refresh(view)
  return view
}

/** Is there something to take along `d`? */
function hasElements(op: Op, x: Tensor, d: i32): bool {
  if (x.ndim && x.size(d) == 0) fail2(Err.ReduceEmpty, op, d)
  return !failed()
}

/** `x.max(dim)`, `min`, `median` and `nanmedian`: values and indices. How many; -1 with an error pending. */
export function selected(op: Op, x: Tensor, dim: i32, keepdim: bool): i32 {
  const d = failed() ? -1 : wrapDim(dim, x.ndim)
  if (d < 0 || !hasElements(op, x, d)) return -1
  if (x.dtype == DType.bool && (op == Op.Median || op == Op.Nanmedian)) {
    failDType(op, x.dtype)
    return -1
  }
  descending = false
  const node = beginNode(kindOf(op), x, dim, keepdim)
  const wide = failed() ? none() : cast(x, wideType(x.dtype))
  const values = reducedLike(x, d, keepdim, wideType(x.dtype))
  const indices = reducedLike(x, d, keepdim, DType.int64)
  select(op, wide, d, withLine(values, x, d), withLine(indices, x, d))
  return outputs(node, cast(values, x.dtype), indices)
}

/** `x.sort(dim, descending)`: values and indices. The order is always stable; that this was asked for names the node. */
export function sort(x: Tensor, dim: i32, falling: bool, stable: bool): i32 {
  const d = failed() ? -1 : wrapDim(dim, x.ndim)
  if (d < 0) return -1
  const node = beginNode(stable ? NodeKind.SortBackward1 : NodeKind.SortBackward0, x, dim, true)
  const wide = failed() ? none() : cast(x, wideType(x.dtype))
  const values = failed() ? none() : temp(emptyLike(wide, wide.dtype))
  const indices = failed() ? none() : temp(emptyLike(x, DType.int64))
  descending = falling
  select(Op.Sort, wide, d, values, indices)
  return outputs(node, cast(values, x.dtype), indices)
}

/** `x.argmax(dim)` or `x.argmin(dim)`. */
export function argmax(op: Op, x: Tensor, dim: i32, keepdim: bool): Tensor {
  const d = failed() ? -1 : wrapDim(dim, x.ndim)
  if (d < 0 || !hasElements(op, x, d)) return none()
  const wide = cast(x, wideType(x.dtype))
  const values = reducedLike(x, d, true, wideType(x.dtype))
  const indices = reducedLike(x, d, keepdim, DType.int64)
  select(op, wide, d, values, withLine(indices, x, d))
  return failed() ? none() : indices
}

function kindOf(op: Op): NodeKind {
  if (op == Op.Max) return NodeKind.MaxBackward0
  if (op == Op.Min) return NodeKind.MinBackward0
  return op == Op.Median ? NodeKind.MedianBackward1 : NodeKind.NanmedianBackward1
}

// The node's params: | dim | keepdim | ndim | sizes |, its only saved tensor the indices.
function beginNode(kind: NodeKind, x: Tensor, dim: i32, keepdim: bool): Node {
  const node = begin(recording(x), spec(kind, Save.result), 0, x, none(), false, 3 + x.ndim)
  if (isNoNode(node)) return node
  node.setParam(0, dim)
  node.setParam(1, keepdim ? 1 : 0)
  writeSizes(node, 2, x)
  return node
}

function outputs(node: Node, values: Tensor, indices: Tensor): i32 {
  if (failed()) cancel(node)
  else if (!isNoNode(node)) {
    if (saveInput(node, 0, indices)) setHistory(values, node, 0)
    else cancel(node)
  }
  return failed() ? -1 : twoOutputs(values, indices)
}

export function indexedVjp(node: Node, g: Tensor): Tensor {
  if (failed()) return none()
  const indices = saved(node, 0)
  const dim = <i32>node.param(0)
  const ndim = <i32>node.param(2)
  const d = wrapDim(dim, ndim)
  const drops = ndim && !node.param(1)
  const grad = drops ? unsqueeze(g, d) : g
  const places = drops && !failed() ? unsqueeze(indices, d) : indices
  if (failed()) return none()
  readSizes(node, 2)
  return scatter(Op.Scatter, filled(0, g.dtype), d, places, grad)
}
