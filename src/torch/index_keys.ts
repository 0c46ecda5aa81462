// Python's square brackets: x.at(0, '1:3', null, '...') is x[0, 1:3, None, ...], x.set_at_([...keys], v) is x[...] = v.
import { scalarTypeName } from '../core/error_words'
import { IndexError, PyTypeError, ValueError } from '../core/errors'
import { indexed, putIndexed } from './call'
import { full, type TensorData, tensor } from './creation'
import { tensorOfArray } from './data'
import { bool, int64 } from './dtype'
import { ArrayHandle } from './elements'
import { alias, slice } from './methods'
import { isIndex, isInt, isScalar, numberIn, pyTypeName } from './pytypes'
import { temporaries } from './temporaries'
import { type Scalar, Tensor } from './tensor'

type List = readonly (number | bigint | boolean | Tensor | List)[]
/**
 * An index (a 0-dim integer tensor is one too), a slice as Python writes it ('1:3', '::2', ':'), null for a new axis,
 * '...' for all dimensions between; a tensor or nested list of indices, a mask; true or false for a mask of one element.
 */
export type Key = number | bigint | string | boolean | null | ArrayHandle | List | Int32Array | BigInt64Array
/** What is left when integers and slices have been applied: a tensor or null for each leading dimension. */
type Indices = (Tensor | null)[]

interface Slice {
  start: number
  /** null: to the end. */
  end: number | null
  step: number
}

const BAD_KEY = 'only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got '
const SCALAR =
  'invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number'
/** The largest double that is an int64: Python clamps the bounds of slices. */
const FAR = 2 ** 63 - 1024

/** `'1:3'` as its start, end and step, null where nothing stands. @throws ValueError for a step of 0, PyTypeError for other text */
export function sliceParts(text: string): (number | null)[] {
  const parts = text.split(':')
  if (parts.length < 2 || parts.length > 3 || !parts.every((part) => /^\s*(-?\d+)?\s*$/.test(part))) {
    throw new PyTypeError(`'${text}' is no index: a slice is written '1:3', '::2' or ':'`)
  }
  const [start, end, step] = parts.map((part) => (part.trim() ? Math.min(Math.max(Number(part), -FAR), FAR) : null))
  if (step === 0) throw new ValueError('slice step cannot be zero')
  return [start, end, step ?? null]
}

/** A slice as numbers. @throws ValueError for a step below 1 */
function parseSlice(text: string): Slice {
  const [start, end, step] = sliceParts(text)
  if (step && step < 0) throw new ValueError('step must be greater than zero')
  return { start: start ?? 0, end, step: step ?? 1 }
}

/** How many dimensions a key is for. */
function consumes(key: Key): number {
  if (key instanceof Tensor && key.dtype === bool) return key.ndim
  return key === null || key === '...' || typeof key === 'boolean' ? 0 : 1
}

/**
 * What the keys select, step by step as PyTorch does it: integers select, slices slice, null unsqueezes, tensors and
 * lists join the indices. Slices of whole dimensions are skipped, except for a lone one that is read; so the result may
 * be `x` itself.
 */
function select(x: Tensor, keys: readonly Key[], reading: boolean, indices: Indices): Tensor {
  if (x.ndim === 0 && keys.length === 1) checkLoneKey(keys[0])
  const consuming = keys.reduce<number>((count, key) => count + consumes(key), 0)
  if (consuming > x.ndim) throw new IndexError(`too many indices for tensor of dimension ${x.ndim}`)
  let view = x
  let dim = 0
  for (const [at, key] of keys.entries()) {
    if (key === null) view = view.unsqueeze(dim++)
    // A second '...' moves on as the first did, in PyTorch too.
    else if (key === '...') dim += x.ndim - consuming
    else if (typeof key === 'string') {
      const { start, end, step } = parseSlice(key)
      const whole = start === 0 && step === 1 && (end === null || end >= sizeOf(view, dim))
      if (!whole || (reading && keys.length === 1)) view = slice.call(view, dim, start, end ?? undefined, step)
      dim++
    } else if (isOne(key)) {
      view = view.unsqueeze(dim)
      indices[dim++] = tensor(Number(key) ? [0] : [], { dtype: int64 })
    } else if (isMany(key)) indices[dim++] = key instanceof Tensor ? key : listed(key)
    else view = pick(view, dim, indexOf(key), at)
  }
  for (let d = 0; d < indices.length; d++) indices[d] ??= null
  return view
}

/** A truth value: a new dimension of one element, or of none. */
const isOne = (key: Key): key is boolean | Tensor =>
  typeof key === 'boolean' || (key instanceof Tensor && key.ndim === 0 && key.dtype === bool)

/** More than an index: a tensor that is no 0-dim integer, or a list. */
function isMany(key: Key): key is Tensor | List | Int32Array | BigInt64Array {
  if (key instanceof Tensor) return key.ndim > 0 || !isIndex(key)
  return Array.isArray(key) || ArrayBuffer.isView(key)
}

/** A list as a tensor of indices: of truth values if all are, else of integers. */
function listed(list: List | Int32Array | BigInt64Array): Tensor {
  const leaves: unknown[] = []
  const plain = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(plain)
    if (item instanceof Tensor && !isIndex(item)) {
      throw new PyTypeError('only integer tensors of a single element can be converted to an index')
    }
    leaves.push(item)
    return item instanceof Tensor ? item.item() : item
  }
  const data = ArrayBuffer.isView(list) ? list : plain(list)
  const isMask = leaves.length > 0 && leaves.every((leaf) => typeof leaf === 'boolean')
  return tensor(data as TensorData, { dtype: isMask ? bool : int64 })
}

/** Whether a key needs more than a view: only then are there tensors on the way to be given back. */
const isAdvanced = (key: Key): boolean =>
  key !== null && typeof key !== 'number' && typeof key !== 'string' && !isInt(key)

/** NumPy's arrays index as tensors do, and numbers that are objects as numbers. */
function asKey(key: Key): Key {
  const number = numberIn(key, true)
  if (number !== null && typeof number !== 'object') return number
  return key instanceof ArrayHandle && !(key instanceof Tensor) ? (tensorOfArray(key) ?? key) : key
}

/** PyTorch tells a lone index or slice of a 0-dim tensor in words of their own. */
function checkLoneKey(key: Key): void {
  if (typeof key === 'string' && key !== '...') {
    parseSlice(key)
    throw new IndexError('slice() cannot be applied to a 0-dim tensor.')
  }
  if (isInt(key)) throw new IndexError(Number(key) === 0 ? SCALAR : outOfBounds(BigInt(key as number), 0, 0))
}

/** An index as it was given. @throws IndexError for what is none, ValueError beyond int64 */
function indexOf(key: unknown): number | bigint {
  if (key instanceof Tensor && key.ndim === 0 && isIndex(key)) return key.item()
  if (!isInt(key)) throw new IndexError(`${BAD_KEY}${pyTypeName(key)})`)
  if (BigInt.asIntN(64, BigInt(key as number)) !== BigInt(key as number)) {
    throw new ValueError('Overflow when unpacking long long')
  }
  return key as number | bigint
}

/** PyTorch reads a 0 where there is no such dimension. */
const sizeOf = (view: Tensor, dim: number): number => (dim < view.ndim ? view.size(dim) : 0)

const outOfBounds = (index: bigint, at: number, size: number): string =>
  `index ${index} is out of bounds for dimension ${at} with size ${size}`

/** `at` counts the keys: that is the dimension that PyTorch names. */
function pick(view: Tensor, dim: number, index: number | bigint, at: number): Tensor {
  const size = sizeOf(view, dim)
  if (index < -size || index >= size) throw new IndexError(outOfBounds(BigInt(index), at, size))
  return view.select(dim, Number(index))
}

/** `x[keys]`: a view, never `x` itself, or a copy where tensors index. */
export function viewAt(x: Tensor, keys: readonly Key[]): Tensor {
  if (!keys.some(isAdvanced)) return read(x, keys)
  return temporaries(() => read(x, keys.map(asKey)))
}

function read(x: Tensor, keys: readonly Key[]): Tensor {
  const indices: Indices = []
  const view = select(x, keys, true, indices)
  if (indices.length) return indexed(view, indices)
  return view === x ? alias(x) : view
}

/** `x[keys] = value`. */
export function assignAt(x: Tensor, keys: readonly Key[], value: Tensor | Scalar): Tensor {
  if (keys.some(isAdvanced)) temporaries(() => write(x, keys.map(asKey), value))
  else write(x, keys, value)
  return x
}

function write(x: Tensor, keys: readonly Key[], value: Tensor | Scalar): void {
  const from = value instanceof Tensor ? value : asTensor((numberIn(value) as Scalar) ?? value, x)
  // PyTorch's own way with a lone truth value.
  if (keys.length === 1 && typeof keys[0] === 'boolean') {
    if (keys[0]) copyTo(x.unsqueeze(0), from)
    return
  }
  const indices: Indices = []
  const view = select(x, keys, false, indices)
  if (indices.length) {
    const shape = trimmed(from.shape)
    putIndexed(view, indices, isSame(shape, from.shape) ? from : from.view(shape))
  } else copyTo(view, from)
}

/** PyTorch makes a tensor of the number first, so the node is FillBackward3. */
function asTensor(value: Scalar, target: Tensor): Tensor {
  if (!isScalar(value)) {
    throw new PyTypeError(`can't assign a ${pyTypeName(value)} to a torch.${scalarTypeName(target.dtype._code)}Tensor`)
  }
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
    throw new ValueError('Overflow when unpacking long long')
  }
  return full([], value, { dtype: target.dtype })
}

/** PyTorch's `copy_to`: leading dimensions of size one are dropped, the others expand. */
function copyTo(target: Tensor, from: Tensor): void {
  const shape = from.shape
  const wanted = target.shape
  if (isSame(shape, wanted)) target.copy_(from)
  else if (shape.length === 0) target.fill_(from)
  else {
    const rest = trimmed(shape)
    const view = from.view(rest)
    target.copy_(isSame(rest, wanted) ? view : view.expand(wanted))
  }
}

/** A shape without its leading sizes of one. */
function trimmed(shape: readonly number[]): readonly number[] {
  const lead = shape.findIndex((n) => n !== 1)
  return lead < 0 ? [] : shape.slice(lead)
}

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i])

declare module './tensor' {
  interface Tensor {
    /** Python's `x[...]`: `x.at(0, '1:3', null, '...')`; a view, or a copy where tensors or lists index. @throws IndexError */
    at(...keys: Key[]): Tensor
    /** Python's `x[...] = value`, `keys` in an array. Returns x. @throws IndexError, RuntimeError */
    set_at_(keys: readonly Key[] | Key, value: Tensor | Scalar): this
  }
}

Tensor.prototype.at = function (this: Tensor, ...keys: Key[]): Tensor {
  return viewAt(this, keys)
}

Tensor.prototype.set_at_ = function <T extends Tensor>(this: T, keys: readonly Key[] | Key, value: Tensor | Scalar): T {
  return assignAt(this, Array.isArray(keys) ? keys : [keys as Key], value) as T
}
