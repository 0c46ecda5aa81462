// Numbers as Python compares them: an int, a bool and a float are equal when their values are, however large.
import { TypeId } from '../abi_objects'
import { FloatObject } from './float'
import { DIGIT_BITS, IntObject } from './int'
import { typeOf } from './type'

/** What comparing with a nan gives. */
// @ts-ignore: decorator
@inline
export const UNORDERED: i32 = 2

/** Beyond this power of two no double is left. */
const TOO_LARGE: i32 = 971

/** Whether what `nearest` returned last is the whole of the int. */
let exact = true

// @ts-ignore: decorator
@inline
export function isInt(object: usize): bool {
  const id = typeOf(object).id
  return id == TypeId.int || id == TypeId.bool
}

export function isNumber(object: usize): bool {
  return isInt(object) || typeOf(object).id == TypeId.float
}

// @ts-ignore: decorator
@inline
function digit(int: usize, index: u32): u64 {
  return load<u32>(int + (<usize>index << 2), offsetof<IntObject>('ob_digit'))
}

/** The double next to an int, on the side of zero: its 53 highest bits. Infinite for an int beyond all doubles. */
export function nearest(int: usize): f64 {
  const record = changetype<IntObject>(int)
  let left = record.digits
  exact = true
  if (!left) return 0
  let high = digit(int, --left)
  if (left) high = (high << DIGIT_BITS) | digit(int, --left)
  let exponent = <i32>(left * DIGIT_BITS)
  const surplus = 11 - <i32>clz(high)
  if (surplus > 0) {
    exact = (high & ((1 << <u64>surplus) - 1)) == 0
    high >>= surplus
    exponent += surplus
  } else if (left) {
    const next = digit(int, --left)
    const rest = DIGIT_BITS + surplus
    high = (high << -surplus) | (next >> rest)
    exact = (next & ((1 << <u64>rest) - 1)) == 0
    exponent += surplus
  }
  while (exact && left) exact = digit(int, --left) == 0
  const sign: f64 = record.sign
  if (exponent > TOO_LARGE) return sign * Infinity
  return sign * <f64>high * reinterpret<f64>(<u64>(exponent + 1023) << 52)
}

function compareInts(a: usize, b: usize): i32 {
  const sign = changetype<IntObject>(a).sign
  const other = changetype<IntObject>(b).sign
  if (sign != other) return sign < other ? -1 : 1
  const digits = changetype<IntObject>(a).digits
  const others = changetype<IntObject>(b).digits
  if (digits != others) return digits < others ? -sign : sign
  for (let i = digits; i > 0; i--) {
    const left = digit(a, i - 1)
    const right = digit(b, i - 1)
    if (left != right) return left < right ? -sign : sign
  }
  return 0
}

function compareIntFloat(int: usize, value: f64): i32 {
  if (isNaN(value)) return UNORDERED
  if (!isFinite(value)) return value < 0 ? 1 : -1
  const near = nearest(int)
  if (near != value) return near < value ? -1 : 1
  return exact ? 0 : changetype<IntObject>(int).sign
}

/** -1, 0 or 1 as the first number is less, equal or greater; UNORDERED beside a nan. */
export function compareNumbers(a: usize, b: usize): i32 {
  if (isInt(a)) {
    return isInt(b) ? compareInts(a, b) : compareIntFloat(a, changetype<FloatObject>(b).ob_fval)
  }
  const left = changetype<FloatObject>(a).ob_fval
  if (isInt(b)) {
    const order = compareIntFloat(b, left)
    return order == UNORDERED ? UNORDERED : -order
  }
  const right = changetype<FloatObject>(b).ob_fval
  return left < right ? -1 : left > right ? 1 : left == right ? 0 : UNORDERED
}

/** The same double for all numbers that are equal: what their hashes are made of. */
export function hashedNumber(object: usize): f64 {
  // Zero has two signs and one hash.
  return (isInt(object) ? nearest(object) : changetype<FloatObject>(object).ob_fval) + 0.0
}
