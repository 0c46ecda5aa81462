// Element types: their size, their category, and PyTorch's promotion among tensors, 0-dim tensors and Python scalars.
import { DType } from '../abi'

/** Bytes of one element, as a shift. */
// @ts-ignore: decorator
@inline
export function itemShift(dtype: i32): u32 {
  return dtype == DType.bool ? 0 : dtype == DType.int32 || dtype == DType.float32 ? 2 : 3
}

export function isFloating(dtype: i32): bool {
  return dtype >= DType.float32
}

/** bool 0 < integral 1 < floating 2 (c10::typeMetaToScalarType's categories). */
export function category(dtype: i32): i32 {
  return dtype == DType.bool ? 0 : dtype <= DType.int64 ? 1 : 2
}

/** Two operands of one priority: the enum is ordered so that the larger is the promoted type. */
export function promote(a: i32, b: i32): i32 {
  return max(a, b)
}

/**
 * The dtype of a higher-priority operand once a lower-priority one (a 0-dim tensor beside a dimensioned one, a Python
 * scalar beside either) joins it: only a higher category changes it.
 */
export function promoteLower(high: i32, low: i32): i32 {
  return category(low) > category(high) ? low : high
}

/** May a result of type `from` be written into `to`? Not down a category. */
export function canCast(from: i32, to: i32): bool {
  return category(from) <= category(to)
}
