// Tensors out of nothing. Shapes come through tensor/shape.ts: build one, then call.
import { DType, Scalar } from '../abi'
import { failed } from '../error'
import { itemShift } from '../tensor/dtype'
import { emptyLike, Loop } from '../tensor/iterate'
import { beginShape, emptyOfShape, setShapeSize } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { Flag, isNone, none, Tensor } from '../tensor/tensor'
import { cast } from './cast'
import { run } from './elementwise'

/** What the loops below write: a value, a ramp from it by steps, a ramp to an end. */
let start: f64 = 0
let step: f64 = 0
let end: f64 = 0

function fillLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    const value = <T>start
    for (; n > 0; n--) {
      store<T>(o, value)
      o += os
    }
  }
}

function fillKernel(dtype: i32): Loop {
  switch (dtype) {
    case DType.bool:
      return fillLoop<u8>()
    case DType.int32:
      return fillLoop<i32>()
    case DType.int64:
      return fillLoop<i64>()
    case DType.float32:
      return fillLoop<f32>()
    default:
      return fillLoop<f64>()
  }
}

/** Overwrites every element of `t`. Neither recorded nor counted as a write: the op's business. */
export function fillWith(t: Tensor, value: f64): void {
  if (value == 0 && t.contiguous && 1 / value > 0) {
    memory.fill(t.data, 0, (<usize>t.numel) << itemShift(t.dtype))
    return
  }
  start = t.dtype == DType.bool ? <f64>(value != 0) : value
  run(fillKernel(t.dtype), t, t)
}

/** A temporary of the built shape, uninitialised. */
export function empty(dtype: i32): Tensor {
  return failed() ? none() : temp(emptyOfShape(dtype))
}

/** A temporary of the built shape with every element `value`. */
export function filled(value: f64, dtype: i32): Tensor {
  const t = empty(dtype)
  if (!isNone(t)) fillWith(t, value)
  return t
}

/** A 0-dim tensor; `ndim` is there to be 0. */
export function full(ndim: i32, value: f64, dtype: i32): Tensor {
  beginShape(ndim)
  return filled(value, dtype)
}

/** A temporary of `like`'s shape and layout. */
export function filledLike(like: Tensor, dtype: i32, value: f64): Tensor {
  if (failed()) return none()
  const result = temp(emptyLike(like, dtype))
  if (!isNone(result)) fillWith(result, value)
  return result
}

export function zerosLike(t: Tensor): Tensor {
  return isNone(t) ? t : filledLike(t, t.dtype, 0)
}

/** A Python scalar as an operand: a 0-dim tensor of its natural type that yields in promotion. */
export function scalarTensor(value: f64, kind: Scalar): Tensor {
  const dtype = kind == Scalar.float ? <i32>DType.float64 : kind == Scalar.int ? <i32>DType.int64 : <i32>DType.bool
  const t = full(0, value, dtype)
  if (!isNone(t)) t.flags |= Flag.wrapped
  return t
}

function rampLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (let i = 0; i < n; i++) {
      store<T>(o, <T>(start + step * i))
      o += sizeof<T>()
    }
  }
}

// In the result's own precision and from both ends to the middle, so that both ends are exact; integers step in doubles.
function linspaceLoop<T, S>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    const first = <S>start
    const last = <S>end
    const by = n > 1 ? <S>((last - first) / <S>(n - 1)) : <S>0
    for (let i = 0; i < n; i++) {
      store<T>(o, <T>(i < n >> 1 || n == 1 ? first + by * <S>i : last - by * <S>(n - 1 - i)))
      o += sizeof<T>()
    }
  }
}

function rampKernel(dtype: i32, toEnd: bool): Loop {
  switch (dtype) {
    case DType.int32:
      return toEnd ? linspaceLoop<i32, f64>() : rampLoop<i32>()
    case DType.int64:
      return toEnd ? linspaceLoop<i64, f64>() : rampLoop<i64>()
    case DType.float32:
      return toEnd ? linspaceLoop<f32, f32>() : rampLoop<f32>()
    default:
      return toEnd ? linspaceLoop<f64, f64>() : rampLoop<f64>()
  }
}

function ramp(count: i32, dtype: i32, toEnd: bool): Tensor {
  beginShape(1)
  setShapeSize(0, count)
  const real = dtype == DType.bool ? <i32>DType.int64 : dtype
  const t = empty(real)
  if (isNone(t)) return t
  if (count) rampKernel(real, toEnd)(count, t.data, 0, 0, 0, 0, 0, 0, 0)
  return cast(t, dtype)
}

/** `count` values from `from`, `by` apart. */
export function arange(from: f64, by: f64, count: i32, dtype: i32): Tensor {
  start = from
  step = by
  return ramp(count, dtype, false)
}

/** `count` values from `from` to `to`, both exact. */
export function linspace(from: f64, to: f64, count: i32, dtype: i32): Tensor {
  start = from
  end = to
  return ramp(count, dtype, true)
}

/** `rows` x `columns` with ones on the diagonal. */
export function eye(rows: i32, columns: i32, dtype: i32): Tensor {
  beginShape(2)
  setShapeSize(0, rows)
  setShapeSize(1, columns)
  const t = filled(0, dtype)
  if (isNone(t)) return t
  const width = 1 << itemShift(dtype)
  const one: Loop = fillKernel(dtype)
  start = 1
  one(min(rows, columns), t.data, (columns + 1) * width, 0, 0, 0, 0, 0, 0)
  return t
}
