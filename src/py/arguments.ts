// What the methods of containers take: objects, indices, slices, and whatever can be iterated.
import { ObjectField, TypeId } from '../../assembly/abi_objects'
import { checked, takeError } from '../core/error_text'
import { OverflowError, PyTypeError, ValueError } from '../core/errors'
import { address, type Handle } from '../core/handles'
import { putBuffer } from '../core/lists'
import { u32 } from '../core/memory'
import { handleAt, typeIdOf, typeNameOf } from '../core/objects'
import { core } from '../core/wasm'
import { isInt, isPlain, numberIn, pyTypeName } from '../torch/pytypes'
import { intValue, strValue, toObject, toObjects } from './convert'
import { fresh, PyHandle } from './handle'
import { PyInt } from './number'

/** `type(value).__name__`. */
export function nameOf(value: unknown): string {
  return value instanceof PyHandle ? typeNameOf(address(value)) : pyTypeName(value)
}

/** A number that is negative when an error is pending. @throws it */
export function answer(result: number): number {
  if (result < 0) {
    const failure = takeError()
    if (failure) throw failure.error
  }
  return result
}

/** Calls `fn` with the object of an argument, and lets go of it afterwards. */
export function withObject<R>(value: unknown, fn: (object: number) => R): R {
  const object = toObject(value)
  try {
    return fn(object)
  } finally {
    core.decref(object)
  }
}

/** Calls `fn` with the objects of several arguments. */
export function withObjects<R>(values: readonly unknown[], fn: (...objects: number[]) => R): R {
  const objects = toObjects(values)
  try {
    return fn(...objects)
  } finally {
    for (const object of objects) core.decref(object)
  }
}

/**
 * What a container answers when it is asked for one of its items: borrowed from it; but what would die with a temporary
 * container is a temporary itself.
 */
export function lend(what: string, from: PyHandle, object: number): Handle {
  object >>>= 0
  if (!from._temporary) return handleAt(object)
  core.incref(object)
  from._spend(what)
  if (core.refcount(object) === 1) return fresh(object)
  const handle = handleAt(object)
  core.decref(object)
  return handle
}

/** An integer as Python's `__index__` gives it; null for what is none. */
export function intOf(value: unknown): number | bigint | null {
  if (value instanceof PyInt) return intValue(address(value))
  if (typeof value === 'boolean') return Number(value)
  const number = numberIn(value) ?? value
  return isInt(number) ? (number as number | bigint) : null
}

/** The largest Py_ssize_t, rounded. */
const FAR = 2 ** 63

/** An argument that has to be an integer. @throws TypeError for another, OverflowError beyond 64 bits */
export function indexArgument(value: unknown, tooLarge = 'Python int too large to convert to C ssize_t'): number {
  const index = intOf(value)
  if (index === null) throw new PyTypeError(`'${nameOf(value)}' object cannot be interpreted as an integer`)
  if (index >= FAR || index < -FAR) {
    throw new OverflowError(tooLarge)
  }
  return Number(index)
}

/** How often a sequence is to be repeated. @throws TypeError, OverflowError */
export function timesArgument(value: unknown): number {
  if (intOf(value) === null) throw new PyTypeError(`can't multiply sequence by non-int of type '${nameOf(value)}'`)
  return indexArgument(value, `cannot fit 'int' into an index-sized integer`)
}

/** A bound of a search, Python's way: counted from the end when negative, and within the sequence. */
export function boundArgument(value: unknown, size: number): number {
  const bound = intOf(value)
  if (bound === null) throw new PyTypeError('slice indices must be integers or have an __index__ method')
  const index = Number(bound)
  return Math.min(Math.max(index < 0 ? index + size : index, 0), size)
}

/** What a slice selects: `count` items from `start` on, `step` apart. */
export interface Slice {
  start: number
  step: number
  count: number
}

/** `'1:3'` is a slice, as in `x.at('1:3')`. */
export function isSlice(key: unknown): key is string {
  return typeof key === 'string' && /^\s*(-?\d+)?\s*(:\s*(-?\d+)?\s*){1,2}$/.test(key)
}

/** The items of a sequence of `size` that a slice selects. @throws ValueError for a step of 0 */
export function sliceOf(text: string, size: number): Slice {
  const [low, high, by] = text.split(':').map((part) => (part.trim() ? Number(part) : null))
  const step = by ?? 1
  if (step === 0) throw new ValueError('slice step cannot be zero')
  const [first, last] = step > 0 ? [0, size] : [-1, size - 1]
  const within = (bound: number) => Math.min(Math.max(bound < 0 ? bound + size : bound, first), last)
  const start = low === null ? (step > 0 ? first : last) : within(low)
  const stop = high === null ? (step > 0 ? last : first) : within(high)
  const count = Math.max(0, Math.ceil((stop - start) / step))
  // A step wider than any list selects one item, or none.
  return { start, step: Math.abs(step) < 2 ** 31 ? step : 1, count }
}

/** The size of a list, tuple or dict. */
export function sizeOf(object: number): number {
  return u32()[(object + ObjectField.size) / 4]
}

/** The item of a list or tuple at a valid index, without a reference. */
export function itemAt(sequence: number, index: number): number {
  return u32()[(core.items_of(sequence) >>> 0) / 4 + index]
}

/** The items of a list or tuple as they are now, without references. */
export function itemsOf(sequence: number): number[] {
  const size = sizeOf(sequence)
  if (!size) return []
  const at = (core.items_of(sequence) >>> 0) / 4
  return Array.from(u32().subarray(at, at + size))
}

/** The keys of a dict as they are now, without references. */
export function keysOf(dict: number): number[] {
  const keys: number[] = []
  for (let i = core.dict_next(dict, 0); i >= 0; i = core.dict_next(dict, i + 1))
    keys.push(core.dict_key_at(dict, i) >>> 0)
  return keys
}

/** Is it a list or tuple, or an array, which becomes one? */
export function isSequence(value: unknown): boolean {
  if (!(value instanceof PyHandle)) return Array.isArray(value)
  const type = typeIdOf(address(value))
  return type === TypeId.list || type === TypeId.tuple
}

/**
 * Calls `fn` with a list or tuple: `value` itself, or a new list of what it iterates over.
 * @throws TypeError `message`, or that it is not iterable
 */
export function withSequence<R>(value: unknown, fn: (sequence: number) => R, message?: string): R {
  if (isSequence(value)) return withObject(value, fn)
  const objects = iterated(value, message)
  const list = madeOf(objects, (words) => core.list_of(words, objects.length, objects.length))
  try {
    return fn(list)
  } finally {
    core.decref(list)
  }
}

/** New references to what a value that is no sequence iterates over. @throws TypeError when it is not iterable */
export function iterated(value: unknown, message = `'${nameOf(value)}' object is not iterable`): number[] {
  if (typeof value === 'string') return toObjects(value)
  if (value instanceof PyHandle && typeIdOf(address(value)) === TypeId.str) return toObjects(strValue(value._at))
  if (value instanceof Map) return toObjects(value.keys())
  if (typeof value === 'object' && value !== null) {
    if (isPlain(value)) return toObjects(Object.keys(value))
    if (typeof Reflect.get(value, Symbol.iterator) === 'function') return toObjects(value as Iterable<unknown>)
  }
  throw new PyTypeError(message)
}

/** Calls `fn` with a buffer of these words. */
export function withWords<R>(words: readonly number[], fn: (buffer: number) => R): R {
  const buffer = putBuffer(words)
  try {
    return fn(buffer)
  } finally {
    core.list_free(buffer, words.length * 4)
  }
}

/** A container of these objects, whose references it takes over; they are let go when that fails. @throws OutOfMemoryError */
export function madeOf(objects: readonly number[], make: (words: number) => number): number {
  let container = 0
  try {
    container = checked(withWords(objects, make)) >>> 0
  } finally {
    if (!container) for (const object of objects) core.decref(object)
  }
  return container
}
