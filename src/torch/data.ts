// torch.tensor: nested data into the core's memory.
import { type DType as Code, Limits, StorageField, TensorField } from '../../assembly/abi'
import { OverflowError, PyTypeError, RuntimeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { buffer, u32 } from '../core/memory'
import { core } from '../core/wasm'
import { bool, type DType, dtypeOf, float32, float64, int32, int64 } from './dtype'
import type { ArrayHandle } from './elements'
import { checkDevice, checkDType, type Factory, finish, given, naturalDType, putShape } from './factory'
import { isA, isScalar, numberIn, pyTypeName } from './pytypes'
import { Signature } from './signature'
import { type Nested, result, type Scalar, Tensor } from './tensor'

const signature = new Signature(
  'tensor',
  'object data, *, dtype dtype=None, device device=None, bool requires_grad=False',
)

type TypedArray = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array
export type TensorData = Nested | readonly TensorData[] | TypedArray | ArrayHandle

/**
 * A tensor that copies `data`: a number, nested arrays, a typed array or a tensor. JavaScript writes 2.0 and 2 alike:
 * whole numbers are int64, as Python's ints, unless a fraction stands among them or `requires_grad` asks for floats.
 * @throws ValueError on ragged lists, TypeError on strings, RuntimeError on what has no dtype
 */
export function tensor(data: TensorData, options?: Factory): Tensor
export function tensor(...args: unknown[]): Tensor {
  const { values } = signature.parse(given(args))
  const [value, dtype, device, requires_grad] = values as [unknown, DType | null, unknown, boolean]
  // Lists and numbers of py.
  const isPy = typeof value === 'object' && value !== null && '_plain' in value
  const data = isPy ? (value as { _plain(): unknown })._plain() : value
  checkDevice(device)
  const source = data instanceof Tensor ? data.detach() : tensorOfArray(data)
  if (source) {
    const chosen = dtype ?? source.dtype
    checkDType(chosen, requires_grad)
    return finish(source.clone().to(chosen), requires_grad)
  }
  const shape = shapeOf(data)
  // Text alone is refused in these words whatever dtype is asked for.
  const natural = (typeof data === 'string' ? null : dtype) ?? dtypeOf(inferred(data, 0))
  const chosen = !dtype && requires_grad && natural === int64 ? float32 : natural
  checkDType(chosen, requires_grad)
  const flat: Scalar[] = []
  if (!shape.includes(0)) flatten(data, shape, 0, flat, chosen)
  putShape(shape, chosen, 'tensor')
  const made = result(core.new_empty(chosen._code))
  write(made, flat, chosen._code)
  return finish(made, requires_grad)
}

let arrayAsTensor: (data: unknown) => Tensor | null = () => null

/** Who knows NumPy's arrays and scalars, alone or in lists: a tensor of one, on its memory if it is an array; else null. */
export function setArrayAsTensor(make: typeof arrayAsTensor): void {
  arrayAsTensor = make
}

const asSignature = new Signature('as_tensor', 'object data, *, dtype dtype=None, device device=None')

/**
 * A tensor of `data` that copies only if it must: a tensor is itself, an ndarray shares its memory, unless another dtype
 * is asked for; anything else is as `torch.tensor` makes it.
 */
export function as_tensor(data: TensorData, options?: { dtype?: DType | null; device?: 'cpu' }): Tensor
export function as_tensor(...args: unknown[]): Tensor {
  const [data, dtype, device] = asSignature.parse(given(args)).values as [unknown, DType | null, unknown]
  checkDevice(device)
  const source = data instanceof Tensor ? data : isA(data, 'numpy.ndarray') ? arrayAsTensor(data) : null
  return source ? source.to(dtype ?? source.dtype) : tensor(data as TensorData, { dtype })
}

/** torch.from_numpy. */
export function from_numpy(array: ArrayHandle): Tensor {
  const made = isA(array, 'numpy.ndarray') ? arrayAsTensor(array) : null
  if (!made) throw new PyTypeError(`expected np.ndarray (got ${pyTypeName(array)})`)
  return made
}

/** The first of nested elements, which tells whether NumPy has a say. */
function firstLeaf(data: unknown): unknown {
  let leaf = data
  while (Array.isArray(leaf) && leaf.length) leaf = leaf[0]
  return leaf
}

/** NumPy's data as a tensor; null for any other. */
export function tensorOfArray(data: unknown): Tensor | null {
  const leaf = firstLeaf(data)
  return typeof leaf === 'object' && leaf !== null && !(leaf instanceof Tensor) ? arrayAsTensor(data) : null
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
  const own = numberIn(data)
  if (own !== null && 'dtype' in (data as object)) return (data as { dtype: DType }).dtype._code
  const number = own ?? data
  if (!isScalar(number)) throw new RuntimeError(`Could not infer dtype of ${pyTypeName(data)}`)
  return naturalDType(number)._code
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
function element(given: unknown, dtype: DType): Scalar {
  const own = numberIn(given) ?? given
  const value = own instanceof Number ? own.valueOf() : own
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
  writeElements(dataOf(target), flat, code)
}

/** Writes numbers of a dtype from an address on. */
export function writeElements(at: number, flat: readonly Scalar[], code: Code): void {
  const length = flat.length
  if (code === float32._code) new Float32Array(buffer(), at, length).set(flat.map(Number))
  else if (code === float64._code) new Float64Array(buffer(), at, length).set(flat.map(Number))
  else if (code === int32._code) new Int32Array(buffer(), at, length).set(flat.map(Number))
  else if (code === bool._code) new Uint8Array(buffer(), at, length).set(flat.map((v) => (Number(v) !== 0 ? 1 : 0)))
  else new BigInt64Array(buffer(), at, length).set(flat.map(toInt64))
}

const toInt64 = (value: Scalar): bigint => (typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value))))

/** The address of a fresh tensor's elements. */
const dataOf = (target: Tensor): number =>
  u32()[(u32()[(address(target) + TensorField.storage) / 4] + StorageField.data) / 4]

/** The elements of a fresh int64 tensor, until the next allocation: what a double cannot say is written here. */
export function int64Elements(target: Tensor): BigInt64Array {
  return new BigInt64Array(buffer(), dataOf(target), target.numel())
}

/** A fresh tensor, its elements corrected where a double could not say them. */
export function exactly(made: Tensor, value: Scalar): Tensor {
  if (isUnsafe(value) && made.dtype === int64) int64Elements(made).fill(value)
  return made
}

export const isUnsafe = (value: Scalar): value is bigint =>
  typeof value === 'bigint' && !Number.isSafeInteger(Number(value))
