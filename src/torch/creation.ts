// Tensors out of data and out of nothing.
import { type DType as Code, StorageField, TensorField } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { OutOfMemoryError, PyTypeError, RuntimeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { buffer, putArgs, putList, u32 } from '../core/memory'
import { core } from '../core/wasm'
import { bool, type DType, float32, float64, int32, int64 } from './dtype'
import { isInt, pyTypeName } from './pytypes'
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

/** Refuses shapes that no memory holds, before the core rounds their sizes to 32 bits. */
function putShape(shape: readonly number[], dtype: DType, name: string): void {
  const negative = shape.find((n) => n < 0)
  if (negative !== undefined) {
    throw new RuntimeError(
      name === 'zeros'
        ? 'zeros: Dimension size must be non-negative.'
        : `Trying to create tensor with negative dimension ${negative}: [${shape.join(', ')}]`,
    )
  }
  const bytes = shape.reduce((a, b) => a * b, dtype.itemsize)
  if (bytes >= 2 ** 63) throw new RuntimeError(`Storage size calculation overflowed with sizes=[${shape.join(', ')}]`)
  if (bytes > 2 ** 32 || shape.some((n) => n >= 2 ** 31)) {
    throw new OutOfMemoryError(
      `DefaultCPUAllocator: can't allocate memory: you tried to allocate ${bytes} bytes. ` +
        'A tensor of this library is limited by the 4 GiB of WebAssembly memory.',
    )
  }
  putList(0, shape)
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

function filled(name: 'zeros' | 'ones', value: number, args: unknown[]): Tensor {
  const { values } = specs[name].parse(args)
  const { dtype, requires_grad } = factory(values, float32)
  putShape((values[0] as number[]).map(Number), dtype, name)
  return finish(result(core.new_full(dtype._code, value)), requires_grad)
}

/** A tensor of zeros: `torch.zeros([2, 3])` or `torch.zeros(2, 3)`. @throws RuntimeError for a negative size */
export function zeros(size: readonly number[] | number, ...rest: (number | Factory)[]): Tensor {
  return filled('zeros', 0, [size, ...rest])
}

export function ones(size: readonly number[] | number, ...rest: (number | Factory)[]): Tensor {
  return filled('ones', 1, [size, ...rest])
}

/** An uninitialised tensor. */
export function empty(size: readonly number[] | number, ...rest: (number | Factory)[]): Tensor {
  const { values } = specs.empty.parse([size, ...rest])
  const { dtype, requires_grad } = factory(values, float32)
  putShape((values[0] as number[]).map(Number), dtype, 'empty')
  return finish(result(core.new_empty(dtype._code)), requires_grad)
}

/** A tensor filled with one value; its dtype is the value's unless given. */
export function full(size: readonly number[] | number, fill_value: Scalar, options: Factory = {}): Tensor {
  const { values } = specs.full.parse([size, fill_value, options])
  const { dtype, requires_grad } = factory(values, naturalDType(fill_value))
  putShape((values[0] as number[]).map(Number), dtype, 'full')
  return finish(result(core.new_full(dtype._code, Number(fill_value))), requires_grad)
}

function like(name: 'zeros_like' | 'ones_like' | 'full_like' | 'empty_like', args: unknown[], value: number): Tensor {
  const { values } = specs[name].parse(args)
  const input = values[0] as Tensor
  const { dtype, requires_grad } = factory(values, input.dtype)
  return finish(result(core.new_like(address(input), dtype._code, value)), requires_grad)
}

/** Zeros of a tensor's shape, dtype and layout. */
export function zeros_like(input: Tensor, options: Factory = {}): Tensor {
  return like('zeros_like', [input, options], 0)
}

export function ones_like(input: Tensor, options: Factory = {}): Tensor {
  return like('ones_like', [input, options], 1)
}

export function empty_like(input: Tensor, options: Factory = {}): Tensor {
  return like('empty_like', [input, options], 0)
}

export function full_like(input: Tensor, fill_value: Scalar, options: Factory = {}): Tensor {
  return like('full_like', [input, fill_value, options], Number(fill_value))
}

/** Numbers from `start` (0) to below `end`, `step` (1) apart. @throws RuntimeError for a step of 0 or the wrong sign */
export function arange(...args: (Scalar | Factory)[]): Tensor {
  const { overload, values } = specs.arange.parse(args)
  const given = values.slice(0, overload + 1) as Scalar[]
  const { dtype, requires_grad } = factory(values, naturalDType(...given))
  const [start, end, step] = overload === 0 ? [0, Number(given[0]), 1] : [...given.map(Number), 1]
  if (step === 0) throw new RuntimeError('step must be nonzero')
  if (!Number.isFinite(start) || !Number.isFinite(end)) {
    throw new RuntimeError(`unsupported range: ${cpp(start)} -> ${cpp(end)}`)
  }
  if (step > 0 ? end < start : end > start)
    throw new RuntimeError('upper bound and lower bound inconsistent with step sign')
  const count = Math.ceil((end - start) / step)
  putShape([count], dtype, 'arange')
  putArgs(0, start, step, count)
  return finish(result(core.new_arange(dtype._code)), requires_grad)
}

function cpp(value: number): string {
  return Number.isNaN(value) ? 'nan' : String(value).replace('Infinity', 'inf')
}

/** `steps` evenly spaced numbers from `start` to `end`, both included. */
export function linspace(start: number, end: number, steps: number, options: Factory = {}): Tensor {
  const { values } = specs.linspace.parse([start, end, steps, options])
  const { dtype, requires_grad } = factory(values, float32)
  const [from, to, count] = values.slice(0, 3).map(Number)
  if (count < 0) throw new RuntimeError('number of steps must be non-negative')
  putShape([count], dtype, 'linspace')
  putArgs(0, from, to, count)
  return finish(result(core.new_linspace(dtype._code)), requires_grad)
}

/** The identity matrix, `n` x `m` (`n`). */
export function eye(n: number, ...rest: (number | Factory)[]): Tensor {
  const { overload, values } = specs.eye.parse([n, ...rest])
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
export function tensor(data: TensorData, options: Factory = {}): Tensor {
  const { values } = specs.tensor.parse([data, options])
  const dtype = values[1] as DType | null
  const requires_grad = values.at(-1)
  if (data instanceof Tensor) {
    checkDType(dtype ?? data.dtype, requires_grad)
    return finish(
      data
        .detach()
        .clone()
        .to(dtype ?? data.dtype),
      requires_grad,
    )
  }
  const shape = shapeOf(data)
  const flat: Scalar[] = []
  flatten(data, shape, 0, flat)
  const chosen = dtype ?? inferred(data, flat, requires_grad)
  checkDType(chosen, requires_grad)
  if (chosen === int32 && flat.some((v) => Math.abs(Number(v)) > 2 ** 31 - 1 && Number(v) !== -(2 ** 31))) {
    throw new RuntimeError('value cannot be converted to type int32 without overflow')
  }
  if (chosen === int64 && flat.some((v) => typeof v === 'bigint' && BigInt.asIntN(64, v) !== v)) {
    throw new ValueError('Overflow when unpacking long long')
  }
  putShape(shape, chosen, 'tensor')
  const made = result(core.new_empty(chosen._code))
  write(made, flat, chosen._code)
  return finish(made, requires_grad)
}

function inferred(data: TensorData, flat: readonly Scalar[], requires_grad: unknown): DType {
  if (data instanceof Float64Array) return float64
  if (data instanceof Int32Array) return int32
  if (data instanceof Float32Array || flat.length === 0) return float32
  const natural = naturalDType(...flat)
  return requires_grad && natural === int64 ? float32 : natural
}

function isSequence(value: unknown): value is readonly TensorData[] {
  return Array.isArray(value) || ArrayBuffer.isView(value)
}

/** The shape that the first elements claim; `flatten` holds the others to it. */
function shapeOf(data: unknown): number[] {
  const shape: number[] = []
  for (let level = data; isSequence(level); level = level[0]) {
    shape.push(level.length)
    if (level.length === 0) break
    if (shape.length > 64) throw new ValueError(`too many dimensions '${pyTypeName(level)}'`)
  }
  return shape
}

function flatten(data: unknown, shape: readonly number[], dim: number, flat: Scalar[]): void {
  if (dim === shape.length) {
    flat.push(scalarIn(data))
    return
  }
  if (!isSequence(data)) throw new PyTypeError('not a sequence')
  if (data.length !== shape[dim]) {
    throw new ValueError(`expected sequence of length ${shape[dim]} at dim ${dim} (got ${data.length})`)
  }
  for (const item of data) flatten(item, shape, dim + 1, flat)
}

function scalarIn(value: unknown): Scalar {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return value
  if (value instanceof Tensor && value.numel() === 1) return value.item()
  if (isSequence(value)) throw new ValueError(`only one element tensors can be converted to Python scalars`)
  if (typeof value === 'string') throw new PyTypeError("new(): invalid data type 'str'")
  throw new RuntimeError(`Could not infer dtype of ${pyTypeName(value)}`)
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

function toInt64(value: Scalar): bigint {
  if (typeof value === 'bigint') return value
  const number = Math.trunc(Number(value))
  return Number.isFinite(number) && Math.abs(number) < 2 ** 63 ? BigInt(number) : -(2n ** 63n)
}
