// What lists and tuples have in common.
import { IndexError, PyTypeError, RecursionError, ValueError } from '../core/errors'
import { address, type Handle } from '../core/handles'
import { handleAt, typeIdOf } from '../core/objects'
import { core } from '../core/wasm'
import {
  answer,
  boundArgument,
  intOf,
  isSlice,
  itemAt,
  itemsOf,
  lend,
  nameOf,
  sizeOf,
  sliceOf,
  timesArgument,
  withObject,
} from './arguments'
import type { Operator } from './arithmetic'
import { toValue } from './convert'
import { consuming, drop, made, PyHandle, reprOf } from './handle'
import './operators'
import { holdMeanwhile } from './scope'

/** An index, or a slice as Python writes it: '1:3', '::-1', ':'. */
export type Index = number | bigint | boolean | string | PyHandle

/** A list, tuple or dict. */
export abstract class PyContainer extends PyHandle {
  /** Python's `len()`. */
  override len(): number {
    return consuming('len()', [this], () => sizeOf(address(this)))
  }
}

/** A list or tuple. */
export abstract class PySequence extends PyContainer {
  /**
   * Python's `s[i]`: the very object; `s['1:3']` a new sequence.
   * @throws IndexError out of range, TypeError for another key, ValueError for a step of 0
   */
  override at(...keys: Index[]): Handle {
    return consuming(`${this._noun}[...]`, [this, ...keys], () => {
      const sequence = address(this)
      const [key] = keys
      if (keys.length === 1 && isSlice(key)) {
        const { start, step, count } = sliceOf(key, sizeOf(sequence))
        return made(core.sequence_slice(sequence, start, step, count))
      }
      const index = this._place(keys, `${this._noun} index out of range`)
      return lend(`${this._noun}[...]`, this, itemAt(sequence, index))
    })
  }

  /** The place that one key names. @internal */
  _place(keys: readonly unknown[], outOfRange: string): number {
    const index = keys.length === 1 ? intOf(keys[0]) : null
    if (index === null) {
      const got = keys.length === 1 ? nameOf(keys[0]) : 'tuple'
      throw new PyTypeError(`${this._noun} indices must be integers or slices, not ${got}`)
    }
    const size = sizeOf(address(this))
    if (index >= 2 ** 63 || index < -(2 ** 63)) {
      throw new IndexError(`cannot fit 'int' into an index-sized integer`)
    }
    if (index < -size || index >= size) throw new IndexError(outOfRange)
    return Number(index) + (index < 0 ? size : 0)
  }

  /** @internal */
  override _binary(operator: Operator, other: unknown, symbol: string): PyHandle {
    if (operator === '*') return made(core.sequence_repeat(address(this), timesArgument(other)))
    if (operator !== '+') return super._binary(operator, other, symbol)
    return withObject(other, (object) => {
      const sequence = address(this)
      if (typeIdOf(object) === typeIdOf(sequence)) return made(core.sequence_concat(sequence, object))
      throw new PyTypeError(`can only concatenate ${this._noun} (not "${nameOf(handleAt(object))}") to ${this._noun}`)
    })
  }

  /** Python's `s + other`, both of one type. @throws TypeError, OutOfMemoryError */
  override add(other: unknown): this {
    return super.add(other) as this
  }

  /** Python's `s * n`. @throws TypeError, OverflowError, OutOfMemoryError */
  override mul(times: unknown): this {
    return super.mul(times) as this
  }

  /** Python's `value in s`: is an item the value, or equal to it? @throws RecursionError */
  override contains(value: unknown): boolean {
    return consuming('in', [this, value], () => this._find(value, 0, Infinity) >= 0)
  }

  /** The first place of a value in `s[start:stop]`. @throws ValueError when it is not there, RecursionError */
  index(value: unknown, start: unknown = 0, stop: unknown = Infinity): number {
    return consuming('index()', [this, value, start, stop], () => {
      const size = sizeOf(address(this))
      const from = boundArgument(start, size)
      const found = this._find(value, from, stop === Infinity ? size : boundArgument(stop, size))
      if (found >= 0) return found
      throw new ValueError(this._missing(value))
    })
  }

  /** The text of a search that failed. @internal */
  abstract _missing(value: unknown): string

  /** How many items are the value, or equal to it. @throws RecursionError */
  count(value: unknown): number {
    return consuming('count()', [this, value], () =>
      withObject(value, (object) => answer(core.sequence_count(address(this), object))),
    )
  }

  /** The place of a value; -1 when it is not there. @internal */
  _find(value: unknown, start: number, stop: number): number {
    return withObject(value, (object) => {
      const sequence = address(this)
      return answer(core.sequence_index(sequence, object, start, Math.min(stop, sizeOf(sequence))))
    })
  }

  /** Yields each item, borrowed; what is appended on the way is reached too. */
  *[Symbol.iterator](): Generator<Handle, void> {
    address(this)
    const done = holdMeanwhile(this)
    try {
      // Its scope may end before an iterator does.
      for (let i = 0; i < sizeOf(address(this)); i++) yield handleAt(itemAt(this._at, i))
    } finally {
      done()
    }
  }
}

const MOST_NESTED = 1497
const DEEP = 'maximum recursion depth exceeded while getting the repr of an object'

/** The containers that are being written, one in the other. */
const writing = new Set<number>()

/** The repr of a container, or `again` inside its own; a `__repr__` may drop the last other reference to it. @throws RecursionError for what is nested too deep */
export function nested(object: number, again: string, write: (object: number) => string): string {
  if (writing.has(object)) return again
  if (writing.size === MOST_NESTED) throw new RecursionError(DEEP)
  writing.add(object)
  core.incref(object)
  try {
    return write(object)
  } finally {
    writing.delete(object)
    drop(object, 'repr()')
  }
}

/** `1, 2, 3`; a `__repr__` may change the list on the way. */
export function joined(sequence: number): string {
  let text = ''
  for (let i = 0; i < sizeOf(sequence); i++) text += `${i ? ', ' : ''}${reprOf(itemAt(sequence, i))}`
  return text
}

/** What the `tolist()` that is on has made so far. */
const values = new Map<number, object>()
let depth = 0

/**
 * The JavaScript value of a container: one value for one container, also for one that contains itself.
 * @throws RecursionError for what is nested too deep
 */
export function filled<T extends object>(object: number, empty: T, fill: (value: T) => void): T {
  const known = values.get(object)
  if (known) return known as T
  if (depth === MOST_NESTED) throw new RecursionError('maximum recursion depth exceeded')
  values.set(object, empty)
  depth++
  try {
    fill(empty)
    return empty
  } finally {
    depth--
    if (!depth) values.clear()
  }
}

/** The items of a sequence as JavaScript values. */
export function valuesOf(sequence: number): unknown[] {
  return filled<unknown[]>(sequence, [], (value) => {
    for (const item of itemsOf(sequence)) value.push(toValue(item))
  })
}
