// A JavaScript value as an element of a dtype: the checks and the conversion of one number.
import { DType as Code } from '../../assembly/abi'
import { OverflowError, PyTypeError, ValueError } from '../core/errors'
import { warn } from '../core/warnings'
import { isInt, isScalar, pyTypeName } from '../torch/pytypes'
import type { Scalar } from '../torch/tensor'
import { bool_, category, float32, type NpDType } from './dtype'

const LONG = 'Python int too large to convert to C long'

/** Does an integer fit the dtype? */
export function fits(value: bigint, dtype: NpDType): boolean {
  return BigInt.asIntN(dtype.itemsize * 8, value) === value
}

/** @throws OverflowError for an integer that the integer dtype cannot hold */
export function checkBounds(value: Scalar, dtype: NpDType): void {
  if (category(dtype) !== 1 || !isInt(value)) return
  const int = BigInt(value)
  if (BigInt.asIntN(64, int) !== int) throw new OverflowError(LONG)
  if (!fits(int, dtype)) throw new OverflowError(`Python integer ${int} out of bounds for ${dtype.name}`)
}

/**
 * One Python number as the dtype holds it.
 * @throws TypeError for no number, ValueError and OverflowError for nan, infinity and large integers as integers
 */
export function element(value: unknown, dtype: NpDType): Scalar {
  if (dtype === bool_) return isScalar(value) ? Number(value) !== 0 || Number.isNaN(Number(value)) : Boolean(value)
  if (typeof value === 'string') {
    throw new ValueError(
      category(dtype) === 2
        ? `could not convert string to float: '${value}'`
        : `invalid literal for int() with base 10: '${value}'`,
    )
  }
  if ((value === null || value === undefined) && category(dtype) === 2) return Number.NaN
  if (!isScalar(value)) {
    const type = pyTypeName(value)
    throw new PyTypeError(
      category(dtype) === 2
        ? `float() argument must be a string or a real number, not '${type}'`
        : `int() argument must be a string, a bytes-like object or a real number, not '${type}'`,
    )
  }
  const scalar = value as Scalar
  const number = Number(scalar)
  if (category(dtype) === 2) {
    if (typeof scalar === 'bigint' && !Number.isFinite(number)) {
      throw new OverflowError('int too large to convert to float')
    }
    const rounded = dtype === float32 ? Math.fround(number) : number
    if (!Number.isFinite(rounded) && Number.isFinite(number)) warn('RuntimeWarning', 'overflow encountered in cast')
    return rounded
  }
  if (Number.isNaN(number)) throw new ValueError('cannot convert float NaN to integer')
  if (!Number.isFinite(number)) throw new OverflowError('cannot convert float infinity to integer')
  const whole = typeof scalar === 'bigint' ? scalar : BigInt(Math.trunc(number))
  checkBounds(whole, dtype)
  const small = Number(whole)
  return dtype._code === Code.int64 && !Number.isSafeInteger(small) ? whole : small
}
