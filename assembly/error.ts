// The pending error, as in CPython's C-API: a core function that fails says why here, touches nothing and returns 0.
// Only numbers are kept; src/core/error_text.ts makes PyTorch's sentence of them.
//
//   0      4       8
//   | code | count | f64 number 0 | f64 number 1 | ...
import { DType, Err } from './abi'

const CAPACITY: i32 = 400
const RECORD: usize = memory.data(8 + CAPACITY * 8, 8)

export function errorAt(): usize {
  return RECORD
}

/** Is an error pending? Every op asks first, so that a failure falls through a whole formula without a check per line. */
// @ts-ignore: decorator
@inline
export function failed(): bool {
  return load<i32>(RECORD) != Err.none
}

/** Begins an error. The first one wins: what fails because of it has nothing to add. */
export function fail(code: Err): bool {
  if (failed()) return false
  store<i32>(RECORD, code)
  store<i32>(RECORD, 0, 4)
  return true
}

export function clearError(): void {
  store<i32>(RECORD, Err.none)
}

export function say(value: f64): void {
  const count = load<i32>(RECORD, 4)
  if (count == CAPACITY) return
  store<f64>(RECORD + ((<usize>count) << 3), value, 8)
  store<i32>(RECORD, count + 1, 4)
}

export function fail1(code: Err, a: f64): void {
  if (fail(code)) say(a)
}

export function fail2(code: Err, a: f64, b: f64): void {
  if (fail(code)) {
    say(a)
    say(b)
  }
}

export function fail3(code: Err, a: f64, b: f64, c: f64): void {
  if (fail(code)) {
    say(a)
    say(b)
    say(c)
  }
}

/** The error of an op that has no kernel for a dtype. */
export function failDType(op: i32, dtype: DType): void {
  fail2(Err.NotImplementedFor, op, dtype)
}
