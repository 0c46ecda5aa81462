// dict.
import { TypeId } from '../../assembly/abi_objects'
import { checked, orNone } from '../core/error_text'
import { KeyError, PyTypeError, RuntimeError, ValueError } from '../core/errors'
import { address, type Handle } from '../core/handles'
import { handleAt, setFace, typeIdOf } from '../core/objects'
import { core } from '../core/wasm'
import { isPlain } from '../torch/pytypes'
import { itemAt, itemsOf, iterated, keysOf, lend, nameOf, sizeOf, withObject, withSequence } from './arguments'
import { setMaker, strValue, toObject, toObjects, toValue } from './convert'
import { consuming, displayed, drop, fresh, made, OWNER, type PyHandle, reprOf } from './handle'
import { holdMeanwhile } from './scope'
import { filled, nested, PyContainer } from './sequence'

/** Python's dict: in the order of insertion, its keys equal when their values are. */
export class PyDict extends PyContainer {
  get _noun(): string {
    return 'dict'
  }

  /** Python's `dict[key]`. @throws KeyError, TypeError for a key that has no hash */
  override at(key: unknown): Handle {
    return consuming('dict[...]', [this, key], () => {
      const value = withKey(key, (object) => orNone(core.dict_get(address(this), object)) || missing(object))
      return lend('dict[...]', this, value)
    })
  }

  /** Python's `dict[key] = value`. @throws TypeError for a key that has no hash, OutOfMemoryError */
  override set_at_(key: unknown, value: unknown): void {
    consuming('dict[...] = ...', [key, value], () => {
      // Python evaluates the value first.
      withObject(value, (item) => withKey(key, (object) => checked(core.dict_set(address(this), object, item))))
    })
  }

  /** Python's `del dict[key]`. @throws KeyError, TypeError for a key that has no hash */
  override del_at_(key: unknown): void {
    consuming('del dict[...]', [key], () => {
      const value = withKey(key, (object) => orNone(core.dict_pop(address(this), object)) || missing(object))
      drop(value, 'del dict[...]')
    })
  }

  /** Python's `key in dict`. @throws TypeError for a key that has no hash */
  override contains(key: unknown): boolean {
    return consuming('in', [this, key], () => {
      return withKey(key, (object) => orNone(core.dict_get(address(this), object)) !== 0)
    })
  }

  /** The value of a key, `otherwise` where there is none. @throws TypeError for a key that has no hash */
  get<T = null>(key: unknown, otherwise: T = null as T): Handle | T {
    return consuming('get()', [this, key], () => {
      const value = withKey(key, (object) => orNone(core.dict_get(address(this), object)))
      return value ? lend('get()', this, value) : otherwise
    })
  }

  /** The value of a key, which is `otherwise` from now on where there was none. @throws TypeError, OutOfMemoryError */
  setdefault(key: unknown, otherwise: unknown = null): Handle {
    return consuming('setdefault()', [this, key, otherwise], () => {
      return withKey(key, (object) =>
        withObject(otherwise, (item) => {
          const dict = address(this)
          let value = orNone(core.dict_get(dict, object))
          if (!value) {
            checked(core.dict_set(dict, object, item))
            value = item
          }
          return lend('setdefault()', this, value)
        }),
      )
    })
  }

  /** Sets the keys of a dict, an object, a Map, or of what yields pairs. @throws TypeError, ValueError */
  update(other: unknown): void {
    consuming('update()', [other], () => update(() => address(this), other))
  }

  /** Takes a key out and returns its value; `otherwise`, if given, where there is none. @throws KeyError, TypeError */
  pop<T = never>(key: unknown, ...otherwise: [T?]): Handle | T {
    return consuming('pop()', [this, key], () => {
      return withKey(key, (object) => {
        const dict = address(this)
        // An empty dict does not even ask for the key's hash.
        const value = sizeOf(dict) ? orNone(core.dict_pop(dict, object)) : 0
        if (value) return fresh(value)
        return otherwise.length ? (otherwise[0] as T) : missing(object)
      })
    })
  }

  /** Takes the last key out: a tuple of it and its value. @throws KeyError when there is none */
  popitem(): PyHandle {
    return consuming('popitem()', [this], () => {
      const dict = address(this)
      if (!sizeOf(dict)) throw new KeyError(`'popitem(): dictionary is empty'`)
      return made<PyHandle>(core.dict_pop_item(dict))
    })
  }

  clear(): void {
    consuming('clear()', [], () => core.dict_clear(address(this)))
  }

  copy(): PyDict {
    return consuming('copy()', [this], () => made<PyDict>(core.dict_copy(address(this))))
  }

  /** Python's `dict | other`, both dicts. @throws TypeError, OutOfMemoryError */
  or(other: unknown): PyDict {
    return consuming('dict | ...', [this, other], () => {
      return withDict(other, (object) => {
        const joined = made<PyDict>(core.dict_copy(address(this)))
        checked(core.dict_merge(joined._at, object))
        return joined
      })
    })
  }

  /** Python's `dict |= other`, which is `update`. @throws TypeError, ValueError */
  ior_(other: unknown): this {
    consuming('dict |= ...', [other], () => update(() => address(this), other))
    return this
  }

  /** A view of the keys, which shows what becomes of the dict. */
  keys(): DictView<Handle> {
    return new DictView(this, 'dict_keys', (dict, i) => handleAt(core.dict_key_at(dict, i) >>> 0))
  }

  values(): DictView<Handle> {
    return new DictView(this, 'dict_values', (dict, i) => handleAt(core.dict_value_at(dict, i) >>> 0))
  }

  /** Pairs of a key and its value. */
  items(): DictView<[key: Handle, value: Handle]> {
    return new DictView(this, 'dict_items', (dict, i) => [
      handleAt(core.dict_key_at(dict, i) >>> 0),
      handleAt(core.dict_value_at(dict, i) >>> 0),
    ])
  }

  /** Yields the keys, borrowed. @throws RuntimeError when the dict changes its size on the way */
  [Symbol.iterator](): Generator<Handle, void> {
    return this.keys()[Symbol.iterator]()
  }
}

/** Calls `fn` with a key's object; its answer is an address or a truth value. */
function withKey<R>(key: unknown, fn: (object: number) => R): R {
  return withObject(key, fn)
}

function missing(key: number): never {
  throw new KeyError(reprOf(key))
}

/** Calls `fn` with the dict that `|` was given. @throws TypeError for another type */
function withDict<R>(value: unknown, fn: (dict: number) => R): R {
  return withObject(value, (object) => {
    if (typeIdOf(object) === TypeId.dict) return fn(object)
    throw new PyTypeError(`unsupported operand type(s) for |: 'dict' and '${nameOf(handleAt(object))}'`)
  })
}

function isMapping(value: unknown): boolean {
  if (value instanceof PyDict || value instanceof Map) return true
  return typeof value === 'object' && value !== null && isPlain(value)
}

/** Asks for the dict again and again: an iterator or a `__del__` may have freed it. */
function update(dict: () => number, other: unknown): void {
  dict()
  if (isMapping(other)) {
    withObject(other, (object) => checked(core.dict_merge(dict(), object)))
    return
  }
  withSequence(other, (pairs) => {
    for (let i = 0; i < sizeOf(pairs); i++) updatePair(dict, i, itemAt(pairs, i))
  })
}

/** One pair of those that `update` was given. @throws TypeError, ValueError for what is none */
function updatePair(dict: () => number, i: number, pair: number): void {
  const type = typeIdOf(pair)
  const text = `cannot convert dictionary update sequence element #${i} to a sequence`
  const objects = type === TypeId.list || type === TypeId.tuple ? itemsOf(pair) : null
  const parts = objects ?? iterated(handleAt(pair), text)
  try {
    if (parts.length !== 2) {
      throw new ValueError(`dictionary update sequence element #${i} has length ${parts.length}; 2 is required`)
    }
    checked(core.dict_set(dict(), parts[0], parts[1]))
  } finally {
    if (!objects) for (const part of parts) core.decref(part)
  }
}

/** What `keys()`, `values()` and `items()` return: it can be iterated, printed and measured. */
export class DictView<T> {
  /** @internal */
  constructor(
    private readonly dict: PyDict,
    private readonly name: string,
    private readonly read: (dict: number, index: number) => T,
  ) {
    address(dict)
  }

  len(): number {
    return sizeOf(address(this.dict))
  }

  /** @throws RuntimeError when the dict changes its size on the way */
  *[Symbol.iterator](): Generator<T, void> {
    const { dict } = this
    const size = sizeOf(address(dict))
    const done = holdMeanwhile(dict)
    try {
      // Its scope may end before an iterator does.
      for (let i = core.dict_next(dict._at, 0); i >= 0; i = core.dict_next(address(dict), i + 1)) {
        yield this.read(dict._at, i)
        if (sizeOf(address(dict)) !== size) throw new RuntimeError('dictionary changed size during iteration')
      }
    } finally {
      done()
    }
  }

  toString(): string {
    const parts: string[] = []
    const text = (handle: Handle) => reprOf(address(handle))
    for (const entry of this)
      parts.push(Array.isArray(entry) ? `(${entry.map(text).join(', ')})` : text(entry as Handle))
    return `${this.name}([${parts.join(', ')}])`
  }
}

/** Up to how many entries a display is given its table at once. */
const PRESIZED = 15

/** Python's `{...}`: all keys and values, then the dict. */
function display(entries: Iterable<readonly [key: unknown, value: unknown]>): number {
  const objects = toObjects([...entries].flat())
  let dict = 0
  try {
    const count = objects.length / 2
    const strings = objects.every((object, i) => i % 2 === 1 || typeIdOf(object) === TypeId.str)
    dict = checked(core.dict_new(count <= PRESIZED ? count : 0, Number(strings))) >>> 0
    for (let i = 0; i < objects.length; i += 2) checked(core.dict_set(dict, objects[i], objects[i + 1]))
    return dict
  } catch (error) {
    if (dict) core.decref(dict)
    throw error
  } finally {
    for (const object of objects) core.decref(object)
  }
}

/** `{key: value}`; a `__repr__` may change the dict on the way. */
function written(dict: number): string {
  let text = ''
  for (let i = core.dict_next(dict, 0); i >= 0; i = core.dict_next(dict, i + 1)) {
    const entry = [core.dict_key_at(dict, i) >>> 0, core.dict_value_at(dict, i) >>> 0]
    for (const object of entry) core.incref(object)
    try {
      text += `${text && ', '}${reprOf(entry[0])}: ${reprOf(entry[1])}`
    } finally {
      for (const object of entry) core.decref(object)
    }
  }
  return `{${text}}`
}

/** A plain object when all keys are strings, else a Map. */
function value(dict: number): object {
  if (keysOf(dict).every((key) => typeIdOf(key) === TypeId.str)) {
    return filled<Record<string, unknown>>(dict, {}, (object) => {
      for (const key of keysOf(dict)) {
        const value = toValue(core.dict_get(dict, key) >>> 0)
        // An assignment to '__proto__' would make no property.
        Object.defineProperty(object, strValue(key), { value, enumerable: true, configurable: true, writable: true })
      }
    })
  }
  return filled(dict, new Map<unknown, unknown>(), (map) => {
    for (const key of keysOf(dict)) map.set(toValue(key), toValue(core.dict_get(dict, key) >>> 0))
  })
}

setMaker('dict', display)
setFace(TypeId.dict, {
  handle: (object) => new PyDict(object, OWNER),
  value,
  repr: (object) => nested(object, '{...}', written),
})

/**
 * Python's `{...}` for an object or a Map, and `dict(other)` for a dict and for what yields pairs. A temporary until
 * something binds it.
 * @throws TypeError, ValueError, OutOfMemoryError
 */
export function dict(other: unknown = {}): PyDict {
  if (other instanceof Map || (typeof other === 'object' && other !== null && isPlain(other))) {
    return displayed(() => toObject(other))
  }
  return consuming('dict()', [other], () => {
    const object = checked(core.dict_call()) >>> 0
    try {
      update(() => object, other)
    } catch (error) {
      core.decref(object)
      throw error
    }
    return fresh(object) as PyDict
  })
}
