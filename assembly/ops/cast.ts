// One strided copy for every pair of element types; the cheapest way from any tensor to any other.
import { DType } from '../abi'
import { addOperand, beginPlan, emptyLike, Loop, walk } from '../tensor/iterate'
import { emptyOfShape, sameShape, sameStrides, shapeOf } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, Tensor } from '../tensor/tensor'
import { itemShift } from '../tensor/dtype'

/** C's cast as x86 does it: a float that no integer can hold becomes the smallest one. */
// @ts-ignore: decorator
@inline
function convert<S, D>(value: S): D {
  if (isFloat<S>() && isInteger<D>()) {
    const limit: S = sizeof<D>() == 8 ? <S>9223372036854775808.0 : <S>2147483648.0
    return value >= -limit && value < limit ? <D>value : <D>(sizeof<D>() == 8 ? i64.MIN_VALUE : <i64>i32.MIN_VALUE)
  }
  return <D>value
}

function castLoop<S, D>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    if (isInteger<S>() == isInteger<D>() && sizeof<S>() == sizeof<D>() && os == sizeof<D>() && as == sizeof<S>()) {
      memory.copy(o, a, (<usize>n) * sizeof<D>())
      return
    }
    for (; n > 0; n--) {
      store<D>(o, convert<S, D>(load<S>(a)))
      o += os
      a += as
    }
  }
}

function toBoolLoop<S>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      store<u8>(o, load<S>(a) != <S>0 ? 1 : 0)
      o += os
      a += as
    }
  }
}

function castFrom<S>(to: i32): Loop {
  switch (to) {
    case DType.bool:
      return toBoolLoop<S>()
    case DType.int32:
      return castLoop<S, i32>()
    case DType.int64:
      return castLoop<S, i64>()
    case DType.float32:
      return castLoop<S, f32>()
    default:
      return castLoop<S, f64>()
  }
}

/** The loop that copies elements of one dtype into another. */
export function castKernel(from: i32, to: i32): Loop {
  switch (from) {
    case DType.bool:
      return castFrom<u8>(to)
    case DType.int32:
      return castFrom<i32>(to)
    case DType.int64:
      return castFrom<i64>(to)
    case DType.float32:
      return castFrom<f32>(to)
    default:
      return castFrom<f64>(to)
  }
}

/** Writes `source`, broadcast and cast, into `target`. Shapes were checked before. */
export function copyInto(target: Tensor, source: Tensor): void {
  if (target.dtype == source.dtype && sameShape(target, source) && isBlock(target, source)) {
    memory.copy(target.data, source.data, (<usize>target.numel) << itemShift(target.dtype))
    return
  }
  shapeOf(target)
  beginPlan()
  addOperand(target)
  addOperand(source)
  walk(castKernel(source.dtype, target.dtype))
}

function isBlock(a: Tensor, b: Tensor): bool {
  return (a.contiguous && b.contiguous) || (a.numel == 1 && b.numel == 1 && sameStrides(a, b))
}

/** `source` as `dtype`: itself when it has it, else a temporary of the same layout. Not recorded. */
export function cast(source: Tensor, dtype: i32): Tensor {
  if (isNone(source) || source.dtype == dtype) return source
  const result = temp(emptyLike(source, dtype))
  if (!isNone(result)) copyInto(result, source)
  return result
}

/** `source` in row-major order: itself when it is, else a temporary. Not recorded. */
export function rowMajor(source: Tensor): Tensor {
  if (isNone(source) || source.contiguous) return source
  shapeOf(source)
  const result = temp(emptyOfShape(source.dtype))
  if (!isNone(result)) copyInto(result, source)
  return result
}
