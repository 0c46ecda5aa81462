// The largest, the smallest and the middle element of all or of some dimensions, and whether all or any are true. The
// gradient goes in equal parts to all elements that equal the result.
import { DType, Err, NodeKind, Op } from '../abi'
import { recording } from '../autograd/history'
import { Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail1, fail2, failDType, failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { emptyOfShape, shapeNdim, shapeOf, shapeSize, wrapDim } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { binary, div, mul } from './binary'
import { cast, copyInto } from './cast'
import { full, zerosLike } from './create'
import { maskedFill } from './masked'
import { numberIn } from './pow'
import { begin, cancel, finish, Save, spec } from './record'
import { accumulated, dimParams, dimsIn, readDims, sum, sumDims, unreduced, wideType, writeDims } from './reduce'

function maxLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      const x = load<T>(a)
      if (x > load<T>(o) || x != x) store<T>(o, x)
      o += os
      a += as
    }
  }
}

function minLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      const x = load<T>(a)
      if (x < load<T>(o) || x != x) store<T>(o, x)
      o += os
      a += as
    }
  }
}

/** The extremum over `dims`, not recorded. */
function extremum(x: Tensor, dims: u64, keepdim: bool, least: bool): Tensor {
  const wide = cast(x, wideType(x.dtype))
  if (failed()) return none()
  const floats = isFloating(x.dtype)
  const loop = least ? (floats ? minLoop<f64>() : minLoop<i64>()) : floats ? maxLoop<f64>() : maxLoop<i64>()
  return cast(accumulated(wide, dims, keepdim, least ? Infinity : -Infinity, loop), x.dtype)
}

/** `x.amax` or `x.amin` over the built list of dims; empty means all. */
export function amax(op: Op, x: Tensor, keepdim: bool): Tensor {
  if (failed()) return none()
  const given = shapeNdim()
  if (!given && !x.numel) fail1(Err.ReduceNothing, op)
  for (let k = 0; k < given && !x.numel && !failed(); k++) {
    const d = wrapDim(shapeSize(k), x.ndim)
    if (d >= 0 && x.size(d) == 0) fail2(Err.ReduceEmpty, op, shapeSize(k))
  }
  const dims = failed() ? 0 : dimsIn(x.ndim)
  if (failed()) return none()
  const least = op == Op.Amin
  const what = spec(least ? NodeKind.AminBackward0 : NodeKind.AmaxBackward0, Save.self | Save.result)
  const node = begin(recording(x), what, Save.self, x, none(), false, dimParams())
  if (failed()) return none()
  writeDims(node, keepdim)
  const out = extremum(x, dims, keepdim, least)
  return isNone(out) ? cancel(node) : finish(node, what, out, false)
}

/** `x.max()`, `x.min()`, `x.median()` or `x.nanmedian()`. */
export function extremumOfAll(op: Op, x: Tensor): Tensor {
  if (failed()) return none()
  const middle = op == Op.MedianAll || op == Op.NanmedianAll
  if (middle && x.dtype == DType.bool && x.numel) failDType(op, x.dtype)
  else if (!middle && x.numel == 0) fail1(Err.ReduceNothing, op)
  if (failed()) return none()
  const what = spec(kindOf(op), Save.self | Save.result)
  const node = begin(recording(x), what, Save.self, x, none(), false)
  if (failed()) return none()
  const out = middle ? median(x, op == Op.NanmedianAll) : extremum(x, ~0, false, op == Op.MinAll)
  return isNone(out) ? cancel(node) : finish(node, what, out, false)
}

function kindOf(op: Op): NodeKind {
  if (op == Op.MaxAll) return NodeKind.MaxBackward1
  if (op == Op.MinAll) return NodeKind.MinBackward1
  return op == Op.MedianAll ? NodeKind.MedianBackward0 : NodeKind.NanmedianBackward0
}

/** The lower of the two in the middle; of nothing it is nan, the smallest integer, true. */
function median(x: Tensor, skipNan: bool): Tensor {
  shapeOf(x)
  const wide = temp(emptyOfShape(wideType(x.dtype)))
  if (isNone(wide)) return wide
  copyInto(wide, x)
  const floats = isFloating(x.dtype)
  let count = <i32>x.numel
  let result: f64 = NaN
  if (floats) {
    const numbers = nansLast(wide.data, count)
    if (numbers == count || skipNan) count = numbers
    else count = 0
    if (count) result = nth<f64>(wide.data, count, (count - 1) >> 1)
  }
  if (x.dtype == DType.bool) return full(0, 1, DType.bool)
  const out = full(0, result, wide.dtype)
  if (!floats && !isNone(out)) store<i64>(out.data, count ? nth<i64>(wide.data, count, (count - 1) >> 1) : i64.MIN_VALUE)
  return cast(out, x.dtype)
}

/** Moves nan behind the numbers; how many numbers there are. */
function nansLast(at: usize, count: i32): i32 {
  let numbers = 0
  for (let i = 0; i < count; i++) {
    const value = load<f64>(at + ((<usize>i) << 3))
    if (isNaN(value)) continue
    store<f64>(at + ((<usize>i) << 3), load<f64>(at + ((<usize>numbers) << 3)))
    store<f64>(at + ((<usize>numbers) << 3), value)
    numbers++
  }
  return numbers
}

/** The element that would stand at place `k` in order (Hoare's find). */
function nth<T>(at: usize, count: i32, k: i32): T {
  let low = 0
  let high = count - 1
  while (low < high) {
    const pivot = load<T>(at + ((<usize>k) << 3))
    let i = low
    let j = high
    while (i <= j) {
      while (load<T>(at + ((<usize>i) << 3)) < pivot) i++
      while (load<T>(at + ((<usize>j) << 3)) > pivot) j--
      if (i > j) break
      const left = load<T>(at + ((<usize>i) << 3))
      store<T>(at + ((<usize>i) << 3), load<T>(at + ((<usize>j) << 3)))
      store<T>(at + ((<usize>j) << 3), left)
      i++
      j--
    }
    if (j < k) low = i
    if (k < i) high = j
  }
  return load<T>(at + ((<usize>k) << 3))
}

/** `x.all` or `x.any` over the built list of dims (`whole`: over all). Empty dims reduce nothing, as in PyTorch. */
export function truth(op: Op, x: Tensor, whole: bool, keepdim: bool): Tensor {
  if (failed()) return none()
  const dims: u64 = !whole && shapeNdim() == 0 ? 0 : dimsIn(x.ndim)
  const mask = failed() ? none() : cast(x, DType.bool)
  if (isNone(mask)) return mask
  const wide = cast(mask, DType.int64)
  if (failed()) return none()
  const loop = op == Op.All ? minLoop<i64>() : maxLoop<i64>()
  return cast(accumulated(wide, dims, keepdim, op == Op.All ? 1 : 0, loop), DType.bool)
}

export function extremumVjp(node: Node, g: Tensor): Tensor {
  const self = saved(node, 0)
  const result = saved(node, 1)
  if (failed()) return none()
  const kind = node.kind
  if (kind == NodeKind.AmaxBackward0 || kind == NodeKind.AminBackward0) {
    const grad = unreduced(node, g, self.ndim)
    const mask = binary(Op.Eq, unreduced(node, result, self.ndim), self)
    const shares = mul(grad, mask)
    readDims(node)
    return div(shares, sumDims(mask, true))
  }
  const value = numberIn(result)
  const mask = isNaN(value) ? binary(Op.Ne, self, self) : binary(Op.Eq, self, result)
  return maskedFill(zerosLike(self), mask, div(g, sum(mask)))
}
