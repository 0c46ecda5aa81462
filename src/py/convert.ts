// JavaScript values as objects, and back.
//
//   handle            its object                       boolean             bool
//   integer, bigint   int                              null, undefined     None
//   other number      float, and so is -0              array               list, or tuple when marked as one
//   string            str                              plain object, Map   dict
//
// A container's file says how it is made: setMaker('list', (items) => ...).
import { checked } from '../core/error_text'
import { PyTypeError, RecursionError } from '../core/errors'
import { Handle } from '../core/handles'
import { u32 } from '../core/memory'
import { faceOf } from '../core/objects'
import { core } from '../core/wasm'
import { isInt, isPlain, numberIn, pyTypeName } from '../torch/pytypes'
import { markOf } from '../torch/tuple'

export interface Makers {
  list(items: readonly unknown[]): number
  tuple(items: readonly unknown[]): number
  dict(entries: Iterable<readonly [key: unknown, value: unknown]>): number
}

const makers: Partial<Makers> = {}

/** How a JavaScript array or object becomes an object with a reference for the caller. */
export function setMaker<K extends keyof Makers>(kind: K, make: Makers[K]): void {
  makers[kind] = make
}

/**
 * The object of a value, with a new reference for the caller. A handle's temporary reference is taken over.
 * @throws TypeError for what no object stands for, ReferenceError for a dead handle, RecursionError
 */
export function toObject(value: unknown): number {
  if (value instanceof Handle) return value._take() >>> 0
  switch (typeof value) {
    case 'number':
      return isInt(value) && !Object.is(value, -0) ? intObject(value) : checked(core.float_new(value)) >>> 0
    case 'bigint':
      return intObject(value)
    case 'string':
      return strObject(value)
    case 'boolean':
      return core.bool_object(Number(value)) >>> 0
    case 'undefined':
      return core.none_object() >>> 0
    case 'object':
      return fromObject(value)
  }
  throw new PyTypeError(`no Python object stands for a ${pyTypeName(value)}`)
}

const MOST_NESTED = 1000
let depth = 0

/** @throws RecursionError for what is nested too deep, or contains itself */
function fromObject(value: object | null): number {
  if (value === null) return core.none_object() >>> 0
  if (depth === MOST_NESTED) throw new RecursionError('maximum recursion depth exceeded')
  depth++
  try {
    return fromContainer(value)
  } finally {
    depth--
  }
}

function fromContainer(value: object): number {
  if (Array.isArray(value)) return makers[markOf(value) === 'list' ? 'list' : 'tuple']!(value)
  if (value instanceof Map) return makers.dict!(value)
  if (value instanceof Number) return checked(core.float_new(Number(value))) >>> 0
  const number = numberIn(value)
  if (number !== null) return toObject(number)
  if (isPlain(value)) return makers.dict!(Object.entries(value))
  throw new PyTypeError(`no Python object stands for a ${pyTypeName(value)}`)
}

/** The objects of several values; when one fails, those before it are let go. */
export function toObjects(values: Iterable<unknown>): number[] {
  const objects: number[] = []
  try {
    for (const value of values) objects.push(toObject(value))
  } catch (error) {
    for (const object of objects) core.decref(object)
    throw error
  }
  return objects
}

/** The JavaScript value of an object that lives. */
export function toValue(object: number): unknown {
  return faceOf(object).value(object)
}

const DIGIT = 30n
const MASK = (1n << DIGIT) - 1n
/** Where an int's digits and tag are (assembly/object/int.ts). */
const TAG = 8
const DIGITS = 12

export function intObject(value: number | bigint): number {
  if (typeof value === 'number' ? Number.isSafeInteger(value) : BigInt.asIntN(53, value) === value) {
    return checked(core.int_from(Number(value))) >>> 0
  }
  const negative = value < 0
  let rest = negative ? -BigInt(value) : BigInt(value)
  const digits: number[] = []
  for (; rest; rest >>= DIGIT) digits.push(Number(rest & MASK))
  const object = checked(core.int_new(digits.length, Number(negative))) >>> 0
  u32().set(digits, (object + DIGITS) / 4)
  return object
}

export function intValue(object: number): number | bigint {
  const words = u32()
  const tag = words[(object + TAG) / 4]
  const at = (object + DIGITS) / 4
  const sign = 1 - (tag & 3)
  const count = tag >>> 3
  if (count < 2) return count && sign * words[at]
  let value = 0n
  for (let i = count - 1; i >= 0; i--) value = (value << DIGIT) | BigInt(words[at + i])
  value *= BigInt(sign)
  return BigInt.asIntN(53, value) === value ? Number(value) : value
}

/** Where a str's length, state and characters are (assembly/object/str.ts). */
const LENGTH = 8
const STATE = 12
const ASCII = 8
const ASCII_HEADER = 40
const HEADER = 56

/** A view of a str's characters, good until the core is called. */
function characters(object: number): Uint8Array | Uint16Array | Uint32Array {
  const words = u32()
  const state = words[(object + STATE) / 4]
  const length = words[(object + LENGTH) / 4]
  const at = object + (state & ASCII ? ASCII_HEADER : HEADER)
  switch (state & 7) {
    case 1:
      return new Uint8Array(words.buffer, at, length)
    case 2:
      return new Uint16Array(words.buffer, at, length)
    default:
      return words.subarray(at / 4, at / 4 + length)
  }
}

export function strObject(text: string): number {
  let count = 0
  let widest = 0
  for (let i = 0; i < text.length; count++) {
    const code = text.codePointAt(i)!
    if (code > widest) widest = code
    i += code < 65536 ? 1 : 2
  }
  if (count === 0 || (count === 1 && widest < 256)) return core.latin1_str(count ? widest : -1) >>> 0
  const state = widest < 128 ? 1 | ASCII : widest < 256 ? 1 : widest < 65536 ? 2 : 4
  const object = checked(core.str_new(count, state)) >>> 0
  const codes = characters(object)
  for (let i = 0, at = 0; at < count; at++) {
    codes[at] = text.codePointAt(i)!
    i += codes[at] < 65536 ? 1 : 2
  }
  return object
}

/** How many at a time: arguments of a call have their limit. */
const CHUNK = 4096

/** A str's text; of `count` characters from `start` on, `step` apart, when these are given. */
export function strValue(object: number, start = 0, step = 1, count = strLength(object)): string {
  const all = characters(object)
  const codes = step === 1 ? all.subarray(start, start + count) : picked(all, start, step, count)
  let text = ''
  for (let at = 0; at < count; at += CHUNK) text += String.fromCodePoint(...codes.subarray(at, at + CHUNK))
  return text
}

function picked(codes: ArrayLike<number>, start: number, step: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => codes[start + i * step])
}

/** In characters, where JavaScript counts code units. */
export function strLength(object: number): number {
  return u32()[(object + LENGTH) / 4]
}
