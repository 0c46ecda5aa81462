// Python's arithmetic of int and float, bool being an int. An int is a bigint here, a float a number.
import { NotImplementedError, OutOfMemoryError, OverflowError, ZeroDivisionError } from '../core/errors'

export type Num = bigint | number

export type Operator = '+' | '-' | '*' | '/' | '//' | '%' | '**'

/** @throws OverflowError where a float has no room for the int */
export function toFloat(value: Num): number {
  const float = Number(value)
  if (typeof value === 'bigint' && !Number.isFinite(float)) throw new OverflowError('int too large to convert to float')
  return float
}

/** @throws ZeroDivisionError, OverflowError, OutOfMemoryError, and NotImplementedError where the result is complex */
export function arithmetic(operator: Operator, a: Num, b: Num): Num {
  if (typeof a !== 'bigint' || typeof b !== 'bigint') return ofFloats(operator, toFloat(a), toFloat(b))
  try {
    return ofInts(operator, a, b)
  } catch (error) {
    // An engine's limit for the length of a bigint.
    throw error instanceof RangeError ? new OutOfMemoryError(`an int is too large: ${error.message}`) : error
  }
}

function ofInts(operator: Operator, a: bigint, b: bigint): Num {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return quotient(a, b)
    case '//':
      if (b === 0n) throw new ZeroDivisionError('integer division or modulo by zero')
      return (a - modulo(a, b)) / b
    case '%':
      if (b === 0n) throw new ZeroDivisionError('integer modulo by zero')
      return modulo(a, b)
    case '**':
      return b < 0n ? ofFloats(operator, toFloat(a), toFloat(b)) : power(a, b)
  }
}

/** The remainder with the sign of b. */
function modulo(a: bigint, b: bigint): bigint {
  const rest = a % b
  return rest && rest < 0n !== b < 0n ? rest + b : rest
}

function bits(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4
}

/** The most bits an int may have: what JavaScript's engines allow. */
const MOST_BITS = 2 ** 30

function power(a: bigint, b: bigint): bigint {
  if (a > 1n || a < -1n) {
    const size = BigInt(bits(a)) * b
    if (size > MOST_BITS) throw new OutOfMemoryError(`an int of ${size} bits is too large`)
  }
  return a ** b
}

/** a / b, rounded once, though neither may fit in a float. */
function quotient(a: bigint, b: bigint): number {
  if (b === 0n) throw new ZeroDivisionError('division by zero')
  const exact = (value: bigint) => BigInt.asIntN(54, value) === value
  if (exact(a) && exact(b)) return Number(a) / Number(b)
  const magnitude = ofLarge(a < 0n ? -a : a, b < 0n ? -b : b)
  if (!Number.isFinite(magnitude)) throw new OverflowError('integer division result too large for a float')
  return a < 0n !== b < 0n ? -magnitude : magnitude
}

function ofLarge(a: bigint, b: bigint): number {
  // Below the normal floats there are fewer digits: as many as the quotient has in units of the smallest float.
  if (bits(b) - bits(a) > 1000) {
    const units = roundedToInt(a << 1074n, b)
    if (units < 2n ** 52n) return scaled(Number(units), -1074)
  }
  // 66 digits and more, the last one saying whether there are others after it, so that Number() rounds rightly.
  const shift = bits(b) - bits(a) + 70
  const [up, down] = shift > 0 ? [a << BigInt(shift), b] : [a, b << BigInt(-shift)]
  return scaled(Number((up / down) | BigInt(up % down !== 0n)), -shift)
}

/** Half way goes to the even one. */
function roundedToInt(a: bigint, b: bigint): bigint {
  const twice = 2n * (a % b)
  const down = a / b
  return twice > b || (twice === b && down % 2n === 1n) ? down + 1n : down
}

/** x times two to the `exponent`, in steps that are floats. */
function scaled(x: number, exponent: number): number {
  for (; exponent > 1000; exponent -= 1000) x *= 2 ** 1000
  for (; exponent < -1000; exponent += 1000) x *= 2 ** -1000
  return x * 2 ** exponent
}

function ofFloats(operator: Operator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      if (b === 0) throw new ZeroDivisionError('float division by zero')
      return a / b
    case '//':
      if (b === 0) throw new ZeroDivisionError('float floor division by zero')
      return floorOf(a, b)
    case '%':
      if (b === 0) throw new ZeroDivisionError('float modulo')
      return remainder(a, b)
    case '**':
      return floatPower(a, b)
  }
}

const negative = (x: number): boolean => x < 0 || Object.is(x, -0)
const withSignOf = (x: number, sign: number): number => (negative(sign) ? -Math.abs(x) : Math.abs(x))

function remainder(a: number, b: number): number {
  const rest = a % b
  if (rest === 0) return withSignOf(0, b)
  return rest < 0 !== b < 0 ? rest + b : rest
}

function floorOf(a: number, b: number): number {
  const rest = a % b
  const quotient = (a - rest) / b - (rest !== 0 && rest < 0 !== b < 0 ? 1 : 0)
  if (quotient === 0) return withSignOf(0, a / b)
  const floor = Math.floor(quotient)
  return quotient - floor > 0.5 ? floor + 1 : floor
}

function floatPower(a: number, b: number): number {
  if (a === 0 && b < 0) throw new ZeroDivisionError('0.0 cannot be raised to a negative power')
  // Where C and JavaScript disagree.
  if (a === 1 || (a === -1 && Math.abs(b) === Infinity)) return 1
  if (a < 0 && Number.isFinite(a) && Number.isFinite(b) && !Number.isInteger(b)) {
    throw new NotImplementedError(`${a} to the power of ${b} is complex, and complex numbers are not supported`)
  }
  const result = a ** b
  if (!Number.isFinite(result) && Number.isFinite(a) && Number.isFinite(b)) {
    throw new OverflowError("(34, 'Numerical result out of range')")
  }
  return result
}
