// list.
import { TypeId } from '../../assembly/abi_objects'
import { checked } from '../core/error_text'
import { IndexError, ValueError } from '../core/errors'
import { address, type Handle } from '../core/handles'
import { handleAt, setFace } from '../core/objects'
import { core } from '../core/wasm'
import { isScalar } from '../torch/pytypes'
import { markOf } from '../torch/tuple'
import {
  indexArgument,
  isSequence,
  isSlice,
  itemAt,
  iterated,
  madeOf,
  type Slice,
  sizeOf,
  sliceOf,
  timesArgument,
  withObject,
  withSequence,
  withWords,
} from './arguments'
import { setMaker, toObject, toObjects } from './convert'
import { consuming, displayed, fresh, made, OWNER, whileHeld } from './handle'
import { isReflected } from './operators'
import { repr } from './print'
import { type Index, joined, nested, PySequence, valuesOf } from './sequence'

export interface SortOptions {
  /** What an item is compared by: called once for each. */
  key?: ((item: Handle) => unknown) | null
  reverse?: boolean
}

/** Python's list. Methods that return None return nothing here; operators that work in place return the list. */
export class PyList extends PySequence {
  get _noun(): string {
    return 'list'
  }

  /** @internal */
  _missing(value: unknown): string {
    return `${repr(value)} is not in list`
  }

  append(item: unknown): void {
    consuming('append()', [item], () => {
      withObject(item, (object) => checked(core.list_append(address(this), object)))
    })
  }

  /** Appends what `items` iterates over. @throws TypeError when it is not iterable */
  extend(items: unknown): void {
    consuming('extend()', [items], () => extend(() => address(this), items))
  }

  /**
   * Python's `list += items`, which is `extend`; with an ndarray it is the array's `+`, to whose result the name is bound.
   * @throws TypeError when it is not iterable
   */
  override iadd_(items: unknown): this {
    if (isReflected(items)) return super.iadd_(items) as this
    consuming('list += ...', [items], () => extend(() => address(this), items))
    return this
  }

  /** Python's `list *= n`. @throws TypeError, OverflowError, OutOfMemoryError */
  override imul_(times: unknown): this {
    consuming('list *= ...', [times], () => checked(core.list_repeat(address(this), timesArgument(times))))
    return this
  }

  /** Inserts before `index`, which counts from the end when negative and stops at both ends. @throws TypeError */
  insert(index: unknown, item: unknown): void {
    consuming('insert()', [index, item], () => {
      const where = indexArgument(index)
      withObject(item, (object) => {
        const size = sizeOf(address(this))
        const place = Math.min(Math.max(where < 0 ? where + size : where, 0), size)
        checked(core.list_insert(address(this), place, object))
      })
    })
  }

  /** Takes out the item at `index` and returns it. @throws IndexError, TypeError */
  pop(index: unknown = -1): Handle {
    return consuming('pop()', [this, index], () => {
      const list = address(this)
      const size = sizeOf(list)
      const where = indexArgument(index)
      if (!size) throw new IndexError('pop from empty list')
      if (where < -size || where >= size) throw new IndexError('pop index out of range')
      return made(core.list_pop(list, where < 0 ? where + size : where))
    })
  }

  /** Takes out the first item that is or equals `value`. @throws ValueError when there is none */
  remove(value: unknown): void {
    consuming('remove()', [value], () => {
      const found = this._find(value, 0, Infinity)
      if (found < 0) throw new ValueError('list.remove(x): x not in list')
      checked(core.list_assign(address(this), found, found + 1, 0))
    })
  }

  reverse(): void {
    core.list_reverse(address(this))
  }

  clear(): void {
    consuming('clear()', [], () => core.list_clear(address(this)))
  }

  copy(): PyList {
    return consuming('copy()', [this], () =>
      made<PyList>(core.sequence_slice(address(this), 0, 1, sizeOf(address(this)))),
    )
  }

  /**
   * Sorts in place; what is equal keeps its order.
   * @throws TypeError when two keys cannot be compared, ValueError when `key` changes the list
   */
  sort(options: SortOptions | null = null): void {
    const { key = null, reverse = false } = options ?? {}
    consuming('sort()', [], () => {
      if (key === null) checked(core.list_sort(address(this), 0, Number(reverse)))
      else whileHeld('sort()', this, (list) => sortBy(list, key, reverse))
    })
  }

  /**
   * Python's `list[i] = value`, and `list['1:3'] = items`.
   * @throws IndexError, TypeError, ValueError when an extended slice has another size
   */
  override set_at_(key: Index | readonly Index[], value: unknown): void {
    const keys = Array.isArray(key) ? key : [key]
    consuming('list[...] = ...', [...keys, value], () => {
      if (keys.length === 1 && isSlice(keys[0])) return assign(this, keys[0], value)
      withObject(value, (object) => {
        const index = this._place(keys, 'list assignment index out of range')
        core.list_set(address(this), index, object)
      })
    })
  }

  /** Python's `del list[i]`, and `del list['1:3']`. @throws IndexError, TypeError */
  override del_at_(...keys: Index[]): void {
    consuming('del list[...]', keys, () => {
      const list = address(this)
      if (keys.length === 1 && isSlice(keys[0])) return remove(list, keys[0])
      const index = this._place(keys, 'list assignment index out of range')
      checked(core.list_assign(list, index, index + 1, 0))
    })
  }
}

/** Asks for the list when the items are there: to make them may run the user's code. */
function extend(list: () => number, items: unknown): void {
  list()
  if (isSequence(items)) {
    withObject(items, (sequence) => checked(core.list_extend(list(), sequence)))
    return
  }
  const objects = iterated(items)
  try {
    withWords(objects, (words) => checked(core.list_extend_items(list(), words, objects.length)))
  } finally {
    for (const object of objects) core.decref(object)
  }
}

/** While the keys are made the list is empty: its items are in another one. */
function sortBy(list: number, key: (item: Handle) => unknown, reverse: boolean): void {
  const work = checked(core.list_call())
  core.list_swap(list, work)
  const keys: number[] = []
  let changed = false
  try {
    for (let i = 0; i < sizeOf(work); i++) keys.push(toObject(key(handleAt(itemAt(work, i)))))
    withWords(keys, (words) => checked(core.list_sort(work, words, Number(reverse))))
  } finally {
    changed = sizeOf(list) > 0
    core.list_swap(list, work)
    for (const object of keys) core.decref(object)
    core.decref(work)
  }
  if (changed) throw new ValueError('list modified during sort')
}

/** `list[key] = value`, a slice. */
function assign(handle: PyList, key: string, value: unknown): void {
  const extended = isExtended(key)
  const text = extended ? 'must assign iterable to extended slice' : 'can only assign an iterable'
  withSequence(
    value,
    (sequence) => {
      const list = address(handle)
      const wanted = sliceOf(key, sizeOf(list))
      // What is assigned to a part of itself is copied first.
      if (sequence === list) return withCopy(list, (copy) => put(list, wanted, extended, copy))
      put(list, wanted, extended, sequence)
    },
    text,
  )
}

function withCopy(list: number, fn: (copy: number) => void): void {
  const copy = checked(core.sequence_slice(list, 0, 1, sizeOf(list)))
  try {
    fn(copy)
  } finally {
    core.decref(copy)
  }
}

function put(list: number, { start, step, count }: Slice, extended: boolean, sequence: number): void {
  if (!extended) {
    checked(core.list_assign(list, start, start + count, sequence))
    return
  }
  const size = sizeOf(sequence)
  if (size !== count) {
    throw new ValueError(`attempt to assign sequence of size ${size} to extended slice of size ${count}`)
  }
  if (count) checked(core.list_assign_step(list, start, step, count, sequence))
}

/** `del list[key]`, a slice. */
function remove(list: number, key: string): void {
  const { start, step, count } = sliceOf(key, sizeOf(list))
  if (!isExtended(key)) checked(core.list_assign(list, start, start + count, 0))
  else if (count && step > 0) checked(core.list_assign_step(list, start, step, count, 0))
  else if (count) checked(core.list_assign_step(list, start + step * (count - 1), -step, count, 0))
}

/** Has it a step that is not 1? */
function isExtended(key: string): boolean {
  const step = key.split(':')[2]?.trim()
  return !!step && Number(step) !== 1
}

/** Is it a constant to Python's compiler? */
function isConstant(value: unknown): boolean {
  if (Array.isArray(value)) return markOf(value) === 'tuple' && value.every(isConstant)
  return value === null || value === undefined || typeof value === 'string' || isScalar(value)
}

/**
 * The room that a display `[...]` leaves: three constants or more are copied from a tuple, up to 30 expressions are
 * counted, more are appended one by one.
 */
function roomFor(items: readonly unknown[]): number {
  const size = items.length
  if (size > 2 && items.every(isConstant)) return size + (size % 2)
  if (size <= 30) return size
  let allocated = 0
  for (let i = 1; i <= size; i++) if (i > allocated) allocated = (i + (i >> 3) + 6) & ~3
  return allocated
}

function display(items: readonly unknown[]): number {
  const objects = toObjects(items)
  return madeOf(objects, (words) => core.list_of(words, objects.length, roomFor(items)))
}

setMaker('list', display)
setFace(TypeId.list, {
  handle: (object) => new PyList(object, OWNER),
  value: valuesOf,
  repr: (object) => nested(object, '[...]', () => `[${joined(object)}]`),
})

/**
 * Python's `[...]` for an array, and `list(items)` for what else can be iterated. A temporary until something binds it.
 * @throws TypeError when it is not iterable, OutOfMemoryError
 */
export function list(items: unknown = []): PyList {
  if (Array.isArray(items)) return displayed(() => display(items))
  return consuming('list()', [items], () => {
    const object = checked(core.list_call()) >>> 0
    try {
      extend(() => object, items)
    } catch (error) {
      core.decref(object)
      throw error
    }
    return fresh(object) as PyList
  })
}
