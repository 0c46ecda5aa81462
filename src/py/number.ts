// int, bool and float.
import { TypeId } from '../../assembly/abi_objects'
import { OverflowError, PyTypeError, ValueError } from '../core/errors'
import { address, Handle } from '../core/handles'
import { f64 } from '../core/memory'
import { faceOf, setFace } from '../core/objects'
import { core } from '../core/wasm'
import { floatRepr } from '../torch/decimals'
import { isInt, numberIn } from '../torch/pytypes'
import { nameOf } from './arguments'
import { arithmetic, type Num, type Operator, toFloat } from './arithmetic'
import { intObject, intValue } from './convert'
import { boxed, consuming, made, OWNER, PyHandle } from './handle'
import './operators'
import { stringRepr } from './quote'

/** Where a float's double is (assembly/object/float.ts). */
const VALUE = 8

const floatValue = (object: number) => f64()[(object + VALUE) / 8]

/** A number of Python's; null for what is none. */
function numberOf(value: unknown): Num | null {
  if (value instanceof PyInt) return BigInt(intValue(address(value)))
  if (value instanceof PyFloat) return floatValue(address(value))
  if (value instanceof Handle) {
    address(value)
    return null
  }
  if (typeof value === 'number') return isInt(value) && !Object.is(value, -0) ? BigInt(value) : value
  if (typeof value === 'bigint' || typeof value === 'boolean') return BigInt(value)
  return value instanceof Number ? Number(value) : numberOfNumPys(value)
}

/** A scalar of NumPy's. */
function numberOfNumPys(value: unknown): Num | null {
  const number = numberIn(value)
  return number === null ? null : numberOf(number)
}

/** An int's value, or that of a bool; null for what is none. */
export function integerOf(value: unknown): bigint | null {
  const number = numberOf(value)
  return typeof number === 'bigint' ? number : null
}

const fromNumber = (value: Num): PyHandle => made(typeof value === 'bigint' ? intObject(value) : core.float_new(value))

/** An int, a bool or a float. `Number(h)` is its value; an int beyond 2^53 gives its own with `BigInt(String(h))`. */
abstract class PyNumber extends PyHandle {
  /** @internal */
  override _binary(operator: Operator, other: unknown, symbol: string): PyHandle {
    const right = numberOf(other)
    if (right === null) return super._binary(operator, other, symbol)
    return fromNumber(arithmetic(operator, numberOf(this)!, right))
  }

  /** @internal */
  override _number(): [number | bigint | boolean, boolean] | null {
    return [faceOf(address(this)).value(this._at) as number, this instanceof PyFloat]
  }

  override neg(): PyHandle {
    return consuming(`-${this._noun}`, [this], () => fromNumber(-numberOf(this)!))
  }
}

export class PyInt extends PyNumber {
  get _noun(): string {
    return 'int'
  }
}
setFace(TypeId.int, { handle: (object) => new PyInt(object, OWNER), value: intValue, repr: (object) => digits(object) })

/** Longer ones take Python too long to write. */
const MOST_DIGITS = 4300

function digits(object: number): string {
  const text = String(intValue(object))
  if (text.replace('-', '').length > MOST_DIGITS) {
    throw new ValueError(
      `Exceeds the limit (${MOST_DIGITS} digits) for integer string conversion; ` +
        'use sys.set_int_max_str_digits() to increase the limit',
    )
  }
  return text
}

export class PyBool extends PyInt {
  override get _noun(): string {
    return 'bool'
  }
}
setFace(TypeId.bool, {
  handle: (object) => new PyBool(object, OWNER),
  value: (object) => intValue(object) !== 0,
  repr: (object) => (intValue(object) ? 'True' : 'False'),
})

export class PyFloat extends PyNumber {
  get _noun(): string {
    return 'float'
  }
}
setFace(TypeId.float, {
  handle: (object) => new PyFloat(object, OWNER),
  value: (object) => boxed(floatValue(object)),
  repr: (object) => floatRepr(floatValue(object)),
})

const numeric = (value: object): unknown =>
  (value as { [Symbol.toPrimitive](hint: string): unknown })[Symbol.toPrimitive]('number')

/** What int() and float() take: a number, or the text of one; null for anything else. */
function argument(value: unknown): Num | string | null {
  if (typeof value === 'string') return value
  if (value instanceof Handle) {
    const number = numberOf(value)
    if (number !== null) return number
    // An array or a tensor of one element says itself what number it is.
    if (!(value instanceof PyHandle)) return Symbol.toPrimitive in value ? numberOf(numeric(value)) : null
    const own = faceOf(value._at).value(value._at)
    return typeof own === 'string' ? own : null
  }
  return numberOf(value)
}

/**
 * Python's `int()` of a number or of its text, which is in ASCII digits here.
 * @throws ValueError, OverflowError for an infinity, TypeError for what is neither
 */
export function int(value: unknown = 0): PyInt {
  return consuming('int()', [value], () => {
    const same = value instanceof PyInt && !(value instanceof PyBool)
    return made(same ? value._acquire() : intObject(whole(argument(value), value)))
  })
}

function whole(number: Num | string | null, value: unknown): number | bigint {
  if (typeof number === 'bigint') return number
  if (typeof number === 'string') {
    const digits = number.trim()
    if (/^[+-]?\d+(_\d+)*$/.test(digits)) return parsed(digits.replaceAll('_', ''))
    throw new ValueError(`invalid literal for int() with base 10: ${stringRepr(number)}`)
  }
  if (number === null) {
    const name = nameOf(value)
    throw new PyTypeError(`int() argument must be a string, a bytes-like object or a real number, not '${name}'`)
  }
  if (Number.isNaN(number)) throw new ValueError('cannot convert float NaN to integer')
  if (!Number.isFinite(number)) throw new OverflowError('cannot convert float infinity to integer')
  return BigInt(Math.trunc(number))
}

const parsed = (digits: string): bigint =>
  digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits.replace('+', ''))

/** Python's `float()` of a number or of its text. @throws ValueError, OverflowError, TypeError */
export function float(value: unknown = 0): PyFloat {
  return consuming('float()', [value], () =>
    made(value instanceof PyFloat ? value._acquire() : core.float_new(real(argument(value), value))),
  )
}

function real(number: Num | string | null, value: unknown): number {
  if (number === null) {
    throw new PyTypeError(`float() argument must be a string or a real number, not '${nameOf(value)}'`)
  }
  if (typeof number !== 'string') return toFloat(number)
  const text = number.trim()
  const special = /^([+-]?)(?:inf(?:inity)?|(nan))$/i.exec(text)
  if (special) return special[2] ? Number.NaN : special[1] === '-' ? -Infinity : Infinity
  if (/^[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)(e[+-]?\d+(_\d+)*)?$/i.test(text)) {
    return Number(text.replaceAll('_', ''))
  }
  throw new ValueError(`could not convert string to float: ${stringRepr(number)}`)
}
