// Python's square brackets: x.at(0, '1:3', null, '...') is x[0, 1:3, None, ...], x.set_at_([...keys], v) is x[...] = v.
import { scalarTypeName } from '../core/error_text'
import { IndexError, NotImplementedError, PyTypeError, ValueError } from '../core/errors'
import { full } from './creation'
import { alias, slice } from './methods'
import { isIndex, isInt, isScalar, pyTypeName } from './pytypes'
import { type Scalar, Tensor } from './tensor'

/**
 * An index (a 0-dim integer tensor is one too), a slice as Python writes it ('1:3', '::2', ':'), null for a new axis,
 * '...' for all dimensions between.
 */
export type Key = number | bigint | string | null | Tensor

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

/** `'1:3'` as numbers. @throws ValueError for a step below 1, PyTypeError for other text */
function parseSlice(text: string): Slice {
  const parts = text.split(':')
  if (parts.length < 2 || parts.length > 3 || !parts.every((part) => /^\s*(-?\d+)?\s*$/.test(part))) {
    throw new PyTypeError(`'${text}' is no index: a slice is written '1:3', '::2' or ':'`)
  }
  const [start, end, step] = parts.map((part) => (part.trim() ? Math.min(Math.max(Number(part), -FAR), FAR) : null))
  if (step === 0) throw new ValueError('slice step cannot be zero')
  if (step && step < 0) throw new ValueError('step must be greater than zero')
  return { start: start ?? 0, end, step: step ?? 1 }
}

const consumes = (key: Key): boolean => key !== null && key !== '...' && typeof key !== 'boolean'

/**
 * What the keys select, step by step as PyTorch does it: integers select, slices slice, null unsqueezes. Slices of whole
 * dimensions are skipped, except for a lone one that is read; so the result may be `x` itself.
 */
function select(x: Tensor, keys: readonly Key[], reading: boolean): Tensor {
  if (x.ndim === 0 && keys.length === 1) checkLoneKey(keys[0])
  const consuming = keys.filter(consumes).length
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
    } else view = pick(view, dim, indexOf(key), at)
  }
  return view
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
  if (key instanceof Tensor || Array.isArray(key) || typeof key === 'boolean') {
    throw new NotImplementedError(
      'indexing with tensors, lists or booleans is not supported yet: use integers and slices',
    )
  }
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

/** `x[keys]`: a view, never `x` itself. */
export function viewAt(x: Tensor, keys: readonly Key[]): Tensor {
  const view = select(x, keys, true)
  return view === x ? alias(x) : view
}

/** `x[keys] = value`. */
export function assignAt(x: Tensor, keys: readonly Key[], value: Tensor | Scalar): Tensor {
  const from = value instanceof Tensor ? value : asTensor(value, x)
  copyTo(select(x, keys, false), from)
  return x
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
    const lead = shape.findIndex((n) => n !== 1)
    const rest = lead < 0 ? [] : shape.slice(lead)
    const trimmed = from.view(rest)
    target.copy_(isSame(rest, wanted) ? trimmed : trimmed.expand(wanted))
  }
}

const isSame = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i])

declare module './tensor' {
  interface Tensor {
    /** Python's `x[...]`: `x.at(0, '1:3', null, '...')`; a view. @throws IndexError */
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
