// Tensors out of data and out of nothing.
import { type DType as Code, Limits, StorageField, TensorField } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { OutOfMemoryError, OverflowError, PyTypeError, RuntimeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { buffer, putArgs, putSizes, u32 } from '../core/memory'
import { core } from '../core/wasm'
import { bool, checkFits, type DType, dtypeOf, float32, float64, int32, int64 } from './dtype'
import { isInt, isScalar, pyTypeName } from './pytypes'
import { Signature } from './signature'
import { type Nested, result, type Scalar, Tensor } from './tensor'

/** The keywords of every factory. */
export interface Factory {
  dtype?: DType | null
  requires_grad?: boolean
}

/** Applies `requires_grad` to a new tensor. @throws RuntimeError for an integer dtype */
function finish(tensor: Tensor, requires_grad: unknown): Tensor {
  if (requires_grad) checked(core.set_requires_grad(address(tensor), 1))
  return tensor._remember()
}

function checkDType(dtype: DType, requires_grad: unknown): void {
  if (requires_grad && !dtype.is_floating_point) {
    throw new RuntimeError('Only Tensors of floating point and complex dtype can require gradients')
  }
}

const listing = (shape: readonly number[]): string => `[${shape.map(BigInt).join(', ')}]`

/** Refuses shapes that no memory holds, before the core rounds their sizes to 32 bits. */
function putShape(shape: readonly number[], dtype: DType, name: string): void {
  const negative = shape.find((n) => n < 0)
  if (negative !== undefined) {
    throw new RuntimeError(
      name === 'zeros'
        ? 'zeros: Dimension size must be non-negative.'
        : `Trying to create tensor with negative dimension ${BigInt(negative)}: ${listing(shape)}`,
    )
  }
  const bytes = shape.reduce((a, b) => a * b, dtype.itemsize)
  if (bytes >= 2 ** 63) throw new RuntimeError(`Storage size calculation overflowed with sizes=${listing(shape)}`)
  if (bytes > 2 ** 32) {
    throw new OutOfMemoryError(
      `DefaultCPUAllocator: can't allocate memory: you tried to allocate ${BigInt(bytes)} bytes. ` +
        'A tensor of this library is limited by the 4 GiB of WebAssembly memory.',
    )
  }
  putSizes(0, shape)
}

const specs = {
  tensor: new Signature('tensor', 'object data, *, dtype dtype=None, device device=None, bool requires_grad=False'),
  zeros: new Signature('zeros', 'int[] size, *, Tensor out=None, $'),
  ones: new Signature('ones', 'int[] size, *, Tensor out=None, $'),
  empty: new Signature('empty', 'int[] size, *, Tensor out=None, $'),
  full: new Signature('full', 'int[] size, Number fill_value, *, Tensor out=None, $'),
  arange: new Signature(
    'arange',
    'Number end, *, Tensor out=None, $ | Number start, Number end, *, $ | Number start, Number end, Number step=1, *, Tensor out=None, $',
  ),
  linspace: new Signature('linspace', 'Number start, Number end, int steps, *, Tensor out=None, $'),
  eye: new Signature('eye', 'symint n, *, Tensor out=None, $ | symint n, symint m, *, Tensor out=None, $'),
  zeros_like: new Signature('zeros_like', 'Tensor input, *, memory_format memory_format=None, $'),
  ones_like: new Signature('ones_like', 'Tensor input, *, memory_format memory_format=None, $'),
  empty_like: new Signature('empty_like', 'Tensor input, *, memory_format memory_format=None, $'),
  full_like: new Signature('full_like', 'Tensor input, Number fill_value, *, memory_format memory_format=None, $'),
}

/** The dtype and requires_grad among the factory keywords, which end every signature above. */
function factory(values: readonly unknown[], natural: DType): { dtype: DType; requires_grad: unknown } {
  const dtype = (values.at(-5) as DType | null) ?? natural
  const requires_grad = values.at(-1)
  checkDType(dtype, requires_grad)
  return { dtype, requires_grad }
}

const naturalDType = (...values: unknown[]): DType =>
  values.every((v) => typeof v === 'boolean')
    ? bool
    : values.every((v) => typeof v === 'boolean' || isInt(v))
      ? int64
      : float32

/** The arguments of a factory; an option object that was not given may stand there as undefined. */
const given = (args: unknown[]): unknown[] => (args.at(-1) === undefined ? args.slice(0, -1) : args)

function filled(name: 'zeros' | 'ones', value: number, args: unknown[]): Tensor {
  const { values } = specs[name].parse(given(args))
  const { dtype, requires_grad } = factory(values, float32)
  putShape(values[0] as number[], dtype, name)
  return finish(result(core.new_full(dtype._code, value)), requires_grad)
}

/** A tensor of zeros: `torch.zeros([2, 3])` or `torch.zeros(2, 3)`. @throws RuntimeError for a negative size */
export function zeros(size: readonly number[] | number, ...rest: (number | Factory)[]): Tensor
export function zeros(...args: unknown[]): Tensor {
  return filled('zeros', 0, args)
}

export function ones(size: readonly number[] | number, ...rest: (number | Factory)[]): Tensor
export function ones(...args: unknown[]): Tensor {
  return filled('ones', 1, args)
}

/** An uninitialised tensor. */
export function empty(size: readonly number[] | number, ...rest: (number | Factory)[]): Tensor
export function empty(...args: unknown[]): Tensor {
  const { values } = specs.empty.parse(given(args))
  const { dtype, requires_grad } = factory(values, float32)
  putShape(values[0] as number[], dtype, 'empty')
  return finish(result(core.new_empty(dtype._code)), requires_grad)
}

/** A tensor filled with one value; its dtype is the value's unless given. @throws RuntimeError for a value out of range */
export function full(size: readonly number[], fill_value: Scalar, options?: Factory): Tensor
export function full(...args: unknown[]): Tensor {
  const { values } = specs.full.parse(given(args))
  const [size, value] = values as [number[], Scalar]
  const { dtype, requires_grad } = factory(values, naturalDType(value))
  checkFits(value, dtype)
  putShape(size, dtype, 'full')
  return finish(result(core.new_full(dtype._code, Number(value))), requires_grad)
}

function like(name: 'zeros_like' | 'ones_like' | 'full_like' | 'empty_like', args: unknown[], value: number): Tensor {
  const { values } = specs[name].parse(given(args))
  const input = values[0] as Tensor
  const { dtype, requires_grad } = factory(values, input.dtype)
  const fill = name === 'full_like' ? (values[1] as Scalar) : value
  checkFits(fill, dtype)
  return finish(result(core.new_like(address(input), dtype._code, Number(fill))), requires_grad)
}

/** Zeros of a tensor's shape, dtype and layout. */
export function zeros_like(input: Tensor, options?: Factory): Tensor
export function zeros_like(...args: unknown[]): Tensor {
  return like('zeros_like', args, 0)
}

export function ones_like(input: Tensor, options?: Factory): Tensor
export function ones_like(...args: unknown[]): Tensor {
  return like('ones_like', args, 1)
}

export function empty_like(input: Tensor, options?: Factory): Tensor
export function empty_like(...args: unknown[]): Tensor {
  return like('empty_like', args, 0)
}

export function full_like(input: Tensor, fill_value: Scalar, options?: Factory): Tensor
export function full_like(...args: unknown[]): Tensor {
  return like('full_like', args, 0)
}

/** Numbers from `start` (0) to below `end`, `step` (1) apart. @throws RuntimeError for a step of 0 or the wrong sign */
export function arange(...args: (Scalar | Factory)[]): Tensor {
  const { overload, values } = specs.arange.parse(given(args))
  const bounds = values.slice(0, overload + 1) as Scalar[]
  const { dtype, requires_grad } = factory(values, naturalDType(...bounds))
  const [start, end, step] = overload === 0 ? [0, Number(bounds[0]), 1] : [...bounds.map(Number), 1]
  if (step === 0 || Number.isNaN(step)) throw new RuntimeError('step must be nonzero')
  if (!Number.isFinite(start) || !Number.isFinite(end)) {
    throw new RuntimeError(`unsupported range: ${cpp(start)} -> ${cpp(end)}`)
  }
  if (step > 0 ? end < start : end > start)
    throw new RuntimeError('upper bound and lower bound inconsistent with step sign')
  const count = Math.ceil((end - start) / step)
  if (!(count < 2 ** 63)) throw new RuntimeError('invalid size, possible overflow?')
  putShape([count], dtype, 'arange')
  putArgs(0, start, step, count)
  return finish(result(core.new_arange(dtype._code)), requires_grad)
}

function cpp(value: number): string {
  return Number.isNaN(value) ? 'nan' : String(value).replace('Infinity', 'inf')
}

/** `steps` evenly spaced numbers from `start` to `end`, both included. */
export function linspace(start: number, end: number, steps: number, options?: Factory): Tensor
export function linspace(...args: unknown[]): Tensor {
  const { values } = specs.linspace.parse(given(args))
  const { dtype, requires_grad } = factory(values, float32)
  const [from, to, count] = values.slice(0, 3).map(Number)
  if (count < 0) throw new RuntimeError('number of steps must be non-negative')
  putShape([count], dtype, 'linspace')
  putArgs(0, from, to, count)
  return finish(result(core.new_linspace(dtype._code)), requires_grad)
}

/** The identity matrix, `n` x `m` (`n`). */
export function eye(n: number, ...rest: (number | Factory)[]): Tensor
export function eye(...args: unknown[]): Tensor {
  const { overload, values } = specs.eye.parse(given(args))
  const { dtype, requires_grad } = factory(values, float32)
  const rows = Number(values[0])
  const columns = overload ? Number(values[1]) : rows
  if (rows < 0) throw new RuntimeError(`n must be greater or equal to 0, got ${rows}`)
  if (columns < 0) throw new RuntimeError(`m must be greater or equal to 0, got ${columns}`)
  putShape([rows, columns], dtype, 'eye')
  putArgs(0, rows, columns)
  return finish(result(core.new_eye(dtype._code)), requires_grad)
}

type TypedArray = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array
export type TensorData = Nested | readonly TensorData[] | TypedArray | Tensor

/**
 * A tensor that copies `data`: a number, nested arrays, a typed array or a tensor. JavaScript writes 2.0 and 2 alike:
 * whole numbers are int64, as Python's ints, unless a fraction stands among them or `requires_grad` asks for floats.
 * @throws ValueError on ragged lists, TypeError on strings, RuntimeError on what has no dtype
 */
export function tensor(data: TensorData, options?: Factory): Tensor
export function tensor(...args: unknown[]): Tensor {
  const { values } = specs.tensor.parse(given(args))
  const [data, dtype] = values as [unknown, DType | null]
  const requires_grad = values.at(-1)
  if (data instanceof Tensor) {
    const chosen = dtype ?? data.dtype
    checkDType(chosen, requires_grad)
    return finish(data.detach().clone().to(chosen), requires_grad)
  }
  const shape = shapeOf(data)
  const natural = dtype ?? dtypeOf(inferred(data, 0))
  const chosen = !dtype && requires_grad && natural === int64 ? float32 : natural
  checkDType(chosen, requires_grad)
  const flat: Scalar[] = []
  if (!shape.includes(0)) flatten(data, shape, 0, flat, chosen)
  putShape(shape, chosen, 'tensor')
  const made = result(core.new_empty(chosen._code))
  write(made, flat, chosen._code)
  return finish(made, requires_grad)
}

/** The dtype that nested data asks for. @throws TypeError, RuntimeError for what is no number */
function inferred(data: unknown, depth: number): Code {
  if (data instanceof Tensor) return data.dtype._code
  if (data instanceof Float64Array) return float64._code
  if (data instanceof Int32Array) return int32._code
  if (isSequence(data)) {
    if (data instanceof Float32Array || data.length === 0) return float32._code
    if (depth > Limits.dims) throw tooDeep(data)
    // Codes are in the order of promotion.
    let code = bool._code
    for (const item of data) code = Math.max(code, inferred(item, depth + 1))
    return code
  }
  if (typeof data === 'string') throw new PyTypeError("new(): invalid data type 'str'")
  if (!isScalar(data)) throw new RuntimeError(`Could not infer dtype of ${pyTypeName(data)}`)
  return naturalDType(data)._code
}

function isSequence(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
}

const tooDeep = (level: unknown): Error => new ValueError(`too many dimensions '${pyTypeName(level)}'`)

/** The shape that the first elements claim; `flatten` holds the others to it. */
function shapeOf(data: unknown): number[] {
  const shape: number[] = []
  let level = data
  for (; isSequence(level) && !shape.includes(0); level = level[0]) {
    shape.push(level.length)
    if (shape.length > Limits.dims) throw tooDeep(level)
  }
  if (shape.length && typeof level === 'string') throw tooDeep(level)
  return shape
}

function flatten(data: unknown, shape: readonly number[], dim: number, flat: Scalar[], dtype: DType): void {
  if (dim === shape.length) {
    flat.push(element(data, dtype))
    return
  }
  if (!isSequence(data)) throw new PyTypeError('not a sequence')
  if (data.length !== shape[dim]) {
    throw new ValueError(`expected sequence of length ${shape[dim]} at dim ${dim} (got ${data.length})`)
  }
  for (const item of data) flatten(item, shape, dim + 1, flat, dtype)
}

/** One element of a tensor. @throws TypeError for no number, ValueError, RuntimeError, OverflowError for one out of range */
function element(value: unknown, dtype: DType): Scalar {
  if (value instanceof Tensor) {
    if (value.numel() === 1) return value.item()
    throw new ValueError('only one element tensors can be converted to Python scalars')
  }
  if (!isScalar(value)) {
    const type = pyTypeName(value)
    throw new PyTypeError(
      dtype.is_floating_point
        ? `must be real number, not ${type}`
        : `'${type}' object cannot be interpreted as an integer`,
    )
  }
  const scalar = value as Scalar
  const number = Number(scalar)
  if (dtype.is_floating_point) {
    if (typeof scalar === 'bigint' && !Number.isFinite(number))
      throw new OverflowError('int too large to convert to float')
    return scalar
  }
  if (dtype === bool) return scalar
  const long = typeof scalar === 'bigint'
  if (long && BigInt.asIntN(64, scalar) !== scalar) throw new ValueError('Overflow when unpacking long long')
  const limit = dtype === int32 ? 2 ** 31 : 2 ** 63
  if (!(long && dtype === int64) && !(number >= -limit && number < limit)) {
    throw new RuntimeError(`value cannot be converted to type ${dtype.name} without overflow`)
  }
  return scalar
}

/** Copies numbers into a fresh contiguous tensor. */
function write(target: Tensor, flat: readonly Scalar[], code: Code): void {
  const at = u32()[(u32()[(address(target) + TensorField.storage) / 4] + StorageField.data) / 4]
  const length = flat.length
  if (code === float32._code) new Float32Array(buffer(), at, length).set(flat.map(Number))
  else if (code === float64._code) new Float64Array(buffer(), at, length).set(flat.map(Number))
  else if (code === int32._code) new Int32Array(buffer(), at, length).set(flat.map(Number))
  else if (code === bool._code) new Uint8Array(buffer(), at, length).set(flat.map((v) => (Number(v) !== 0 ? 1 : 0)))
  else new BigInt64Array(buffer(), at, length).set(flat.map(toInt64))
}

const toInt64 = (value: Scalar): bigint => (typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value))))
