// What becomes an array: numbers, nested lists, scalars, arrays and tensors.
import { StorageField, TensorField } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { OverflowError, PyTypeError, RuntimeError, ValueError } from '../core/errors'
import { address, Handle } from '../core/handles'
import { u32 } from '../core/memory'
import { core } from '../core/wasm'
import { writeElements } from '../torch/data'
import { isInt, isPlain, isScalar, pyTypeName } from '../torch/pytypes'
import { type Scalar, Tensor } from '../torch/tensor'
import {
  asDType,
  type DTypeLike,
  defaultOf,
  dtypeOfCode,
  float32,
  float64,
  int32,
  kindOf,
  missing,
  type NpDType,
  promote,
} from './dtype'
import { element } from './element'
import { sameShape, shapeText, tupleText } from './errors'
import { arrayOver, empty, made, NDArray } from './ndarray'
import { NpScalar } from './scalar'
import { warnOfFlags } from './warn'

type TypedArray = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array
export type ArrayLike = Scalar | NpScalar | NDArray | Tensor | TypedArray | readonly ArrayLike[]

const REFUSES_GRAD = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."

/** Gradients would not hear of what is done to an array; where none are recorded, none are missed. */
function refuseGrad(x: Tensor): void {
  if (x.requires_grad && core.grad_mode()) throw new RuntimeError(REFUSES_GRAD)
}

/** `x.numpy()`: an array on the tensor's memory. Its writes are no versions to autograd. @throws RuntimeError */
export function arrayOf(x: Tensor, force = false): NDArray {
  if (!force) refuseGrad(x)
  const detached = x.detach()
  try {
    return arrayOver(detached)
  } finally {
    detached.dispose()
  }
}

const isList = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))

/** Objects of `py` are the lists, tuples and numbers that they stand for. */
export function plain(value: unknown): unknown {
  return value instanceof Handle && '_plain' in value ? (value as { _plain(): unknown })._plain() : value
}

/** What nested data was found to be: its shape, its elements in row-major order, the dtype that they ask for. */
interface Found {
  shape: number[]
  leaves: unknown[]
  dtype: NpDType | null
}

const TOO_DEEP = 64

function typed(list: readonly unknown[]): NpDType | null {
  if (list instanceof Float32Array) return float32
  if (list instanceof Float64Array) return float64
  if (list instanceof Int32Array) return int32
  return null
}

/** The shape of nested data; `ragged` tells of lists that do not fit. */
function shapeOf(data: unknown, depth: number, seen: { ragged: boolean }): number[] {
  const value = plain(data)
  if (value instanceof NDArray || value instanceof Tensor) return value._dims(0)
  if (!isList(value)) return []
  if (depth === TOO_DEEP)
    throw new ValueError(
      `setting an array element with a sequence. The requested array would exceed the maximum number of dimension of ${TOO_DEEP}.`,
    )
  if (value.length === 0) return [0]
  let common: number[] | null = null
  for (const item of value) {
    const shape = shapeOf(item, depth + 1, seen)
    if (common === null) common = shape
    else if (!sameShape(common, shape)) {
      seen.ragged = true
      const until = common.findIndex((n, d) => n !== shape[d])
      common = common.slice(0, until < 0 ? common.length : until)
    }
  }
  return [value.length, ...(common as number[])]
}

function found(data: unknown): Found {
  const seen = { ragged: false }
  const shape = shapeOf(data, 0, seen)
  if (seen.ragged) {
    throw new ValueError(
      'setting an array element with a sequence. The requested array has an inhomogeneous shape after ' +
        `${shape.length} dimensions. The detected shape was ${tupleText(shape)} + inhomogeneous part.`,
    )
  }
  const out: Found = { shape, leaves: [], dtype: null }
  collect(data, out)
  return out
}

function join(out: Found, dtype: NpDType): void {
  out.dtype = out.dtype ? promote(out.dtype, dtype) : dtype
}

function collect(data: unknown, out: Found): void {
  const value = plain(data)
  if (value instanceof NDArray || value instanceof Tensor) {
    join(out, dtypeOfCode(value._byte(TensorField.dtype)))
    for (let i = 0; i < value._word(TensorField.numel); i++) out.leaves.push(value._element(i))
  } else if (isList(value)) {
    const dtype = typed(value)
    if (dtype) join(out, dtype)
    for (const item of value) {
      if (dtype) out.leaves.push(item)
      else collect(item, out)
    }
  } else if (value instanceof NpScalar) {
    join(out, value.dtype)
    out.leaves.push(value.item())
  } else {
    if (isScalar(value)) join(out, defaultOf(kindOf(value as Scalar)))
    out.leaves.push(value)
  }
}

/** The dtype of data that names none. @throws NotImplementedError for text and objects, which NumPy has dtypes for */
function natural({ leaves, dtype }: Found): NpDType {
  for (const leaf of leaves) {
    if (typeof leaf === 'string') throw missing('str')
    if (!isScalar(leaf)) throw missing(`object (from ${pyTypeName(leaf)})`)
    if (isInt(leaf) && BigInt.asIntN(64, BigInt(leaf as number)) !== BigInt(leaf as number)) {
      throw new OverflowError('Python int too large to convert to C long')
    }
  }
  return dtype ?? float64
}

/** A fresh array's elements are written. */
export function fillFrom(a: NDArray, leaves: readonly Scalar[]): void {
  const data = u32()[(u32()[(address(a) + TensorField.storage) / 4] + StorageField.data) / 4]
  writeElements(data, leaves, a.dtype._code)
}

/** A new array of data that is no array itself. */
function fresh(data: unknown, asked: NpDType | null): NDArray {
  const what = found(data)
  const dtype = asked ?? natural(what)
  const leaves = what.leaves.map((leaf) => element(leaf, dtype))
  const a = empty(what.shape, dtype)
  fillFrom(a, leaves)
  return a
}

/** `a` as `dtype`, always a copy, in its layout. */
export function castTo(a: NDArray, dtype: NpDType): NDArray {
  const out = made(core.array_cast(address(a), dtype._code))
  warnOfFlags('cast')
  return out
}

const NEEDS_COPY =
  'Unable to avoid copy while creating an array as requested.\nIf using `np.array(obj, copy=False)` replace it with ' +
  '`np.asarray(obj)` to allow a copy when needed (no behavior change in NumPy 1.x).\nFor more details, see ' +
  'https://numpy.org/devdocs/numpy_2_0_migration_guide.html#adapting-to-changes-in-the-copy-keyword.'

/** Data as an array: itself, on a tensor's memory, or new. */
export function toArray(data: unknown, asked: NpDType | null = null, copy: boolean | null = null): NDArray {
  if (data instanceof NDArray || data instanceof Tensor) {
    if (data instanceof Tensor) refuseGrad(data)
    const dtype = asked ?? dtypeOfCode(data._byte(TensorField.dtype))
    const casts = dtype._code !== data._byte(TensorField.dtype)
    if (copy === false && casts) throw new ValueError(NEEDS_COPY)
    address(data)
    const a = data instanceof Tensor ? arrayOf(data) : data
    if (!casts && !copy) return a
    const out = castTo(a, dtype)
    if (data instanceof Tensor) a.dispose()
    return out
  }
  if (copy === false) throw new ValueError(NEEDS_COPY)
  return fresh(data, asked)
}

/** Options that name a dtype. */
export interface DTypeOption {
  dtype?: DTypeLike | null
}

export const dtypeIn = (options: DTypeOption | undefined): NpDType | null =>
  options?.dtype === undefined || options.dtype === null ? null : asDType(options.dtype)

/** np.array: copies unless `copy` is null or false. @throws ValueError for ragged lists, OverflowError, NotImplementedError */
export function array(data: ArrayLike, options?: (DTypeOption & { copy?: boolean | null }) | DTypeLike): NDArray {
  const given = optionsOf(options)
  const a = toArray(data, dtypeIn(given), given.copy === undefined ? true : given.copy)
  return a
}

/** np.asarray: the array itself, an array on a tensor's memory, or a new one. */
export function asarray(data: ArrayLike, options?: (DTypeOption & { copy?: boolean | null }) | DTypeLike): NDArray {
  const given = optionsOf(options)
  return toArray(data, dtypeIn(given), given.copy ?? null)
}

/** The last argument: an object of options, or a dtype in its place. @throws TypeError for what is neither */
export function optionsOf<O extends DTypeOption>(options: O | DTypeLike | undefined | null): O {
  if (options === undefined || options === null) return {} as O
  if (typeof options === 'object' && isPlain(options)) return options
  return { dtype: asDType(options) } as O
}

/** An object of options. @throws TypeError for anything else */
export function keywords<O extends object>(options: O | undefined | null): Partial<O> {
  if (options === undefined || options === null) return {}
  if (typeof options === 'object' && isPlain(options)) return options
  throw new PyTypeError(`keywords are given as an object, not as ${pyTypeName(options)}`)
}

/** A value that is to be written into an array of this dtype. @throws ValueError for a list where one element is wanted */
export function valueFor(value: unknown, dtype: NpDType): { array: NDArray; isNew: boolean } {
  if (value instanceof NDArray) return { array: value, isNew: false }
  if (value instanceof NpScalar) return { array: fresh(value, null), isNew: true }
  if (value instanceof Tensor) return { array: toArray(value), isNew: true }
  return { array: fresh(value, dtype), isNew: true }
}

/** @throws ValueError */
export function writeInto(target: NDArray, value: NDArray): void {
  // Leading sizes of one may be more than the target has.
  checked(core.array_assign(address(target), address(value)))
  warnOfFlags('cast')
}

export const cannotAssign = (from: readonly number[], to: readonly number[]): ValueError =>
  new ValueError(`could not broadcast input array from shape ${shapeText(from)} into shape ${shapeText(to)}`)
