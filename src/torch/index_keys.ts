// Python's square brackets: x.at(0, '1:3', null, '...') is x[0, 1:3, None, ...], x.set_at_([...keys], v) is x[...] = v.
import { scalarTypeName } from '../core/error_text'
import { IndexError, NotImplementedError, PyTypeError, ValueError } from '../core/errors'
import { full } from './creation'
import { alias, slice } from './methods'
import { isInt, isScalar, pyTypeName } from './pytypes'
import { type Scalar, Tensor } from './tensor'

/** An index, a slice as Python writes it ('1:3', '::2', ':'), null for a new axis, '...' for all dimensions between. */
export type Key = number | bigint | string | null

interface Slice {
  start: number | null
  end: number | null
  step: number
}

const BAD_KEY = 'only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got '
const SCALAR =
  'invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number'

/** `'1:3'` as numbers. @throws ValueError for a step below 1, PyTypeError for other text */
function parseSlice(text: string): Slice {
  const parts = text.split(':')
  if (parts.length < 2 || parts.length > 3 || !parts.every((part) => /^\s*(-?\d+)?\s*$/.test(part))) {
    throw new PyTypeError(`'${text}' is no index: a slice is written '1:3', '::2' or ':'`)
  }
  const [start, end, step] = parts.map((part) => (part.trim() ? Number(part) : null))
  if (step === 0) throw new ValueError('slice step cannot be zero')
  if (step !== null && step !== undefined && step < 0) throw new ValueError('step must be greater than zero')
  return { start, end, step: step ?? 1 }
}

/** A view of `x`. Each step of PyTorch's: integers select, slices slice (whole ones are skipped), null unsqueezes. */
export function viewAt(x: Tensor, keys: readonly Key[]): Tensor {
  const consuming = keys.filter((key) => key !== null && key !== '...').length
  check(x, keys, consuming)
  let view = x
  let dim = 0
  for (const key of keys) {
    if (key === null) view = view.unsqueeze(dim++)
    else if (key === '...') dim += x.ndim - consuming
    else if (typeof key === 'string') {
      const { start, end, step } = parseSlice(key)
      const whole = start === null && end === null && step === 1
      if (!whole || keys.length === 1) view = slice.call(view, dim, start ?? 0, end ?? undefined, step)
      dim++
    } else view = pick(view, dim, Number(key))
  }
  return view === x ? alias(x) : view
}

function check(x: Tensor, keys: readonly Key[], consuming: number): void {
  if (keys.filter((key) => key === '...').length > 1) {
    throw new IndexError("an index can only have a single ellipsis ('...')")
  }
  for (const key of keys) {
    if (key === null || (typeof key === 'string' && key !== '')) continue
    if ((key as unknown) instanceof Tensor || Array.isArray(key)) {
      throw new NotImplementedError('indexing with tensors or lists is not supported yet: use integers and slices')
    }
    if (!isInt(key)) throw new IndexError(`${BAD_KEY}${pyTypeName(key)})`)
  }
  if (x.ndim === 0 && keys.some((key) => key !== null && key !== '...')) throw new IndexError(SCALAR)
  if (consuming > x.ndim) throw new IndexError(`too many indices for tensor of dimension ${x.ndim}`)
}

function pick(view: Tensor, dim: number, index: number): Tensor {
  const size = view.size(dim)
  if (index < -size || index >= size) {
    throw new IndexError(`index ${index} is out of bounds for dimension ${dim} with size ${size}`)
  }
  return view.select(dim, index)
}

/** `x[keys] = value`: a scalar or 0-dim tensor fills the view, another tensor is copied into it. */
export function assignAt(x: Tensor, keys: readonly Key[], value: Tensor | Scalar): Tensor {
  const whole = keys.length === 1 && (keys[0] === '...' || keys[0] === ':')
  const target = whole ? x : viewAt(x, keys)
  if (whole) check(x, keys, 0)
  if (!(value instanceof Tensor)) target.fill_(asTensor(value, x))
  else if (value.ndim === 0) target.fill_(value)
  else target.copy_(dropLeadingOnes(value, target.ndim))
  return x
}

/** PyTorch makes a tensor of the number first, so the node is FillBackward3. */
function asTensor(value: Scalar, target: Tensor): Tensor {
  if (isScalar(value)) return full([], value, { dtype: target.dtype })
  throw new PyTypeError(`can't assign a ${pyTypeName(value)} to a torch.${scalarTypeName(target.dtype._code)}Tensor`)
}

/** Leading dimensions of size one that the target lacks are dropped. */
function dropLeadingOnes(value: Tensor, ndim: number): Tensor {
  const shape = value.shape
  let extra = 0
  while (shape.length - extra > ndim && shape[extra] === 1) extra++
  return extra ? value.view(shape.slice(extra)) : value
}

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
