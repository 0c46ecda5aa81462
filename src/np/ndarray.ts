// The ndarray: a record like a tensor's, whose object holds the object whose memory it shows (`base`).
import { TensorField, TensorFlag } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { OutOfMemoryError, PyTypeError, RuntimeError, ValueError } from '../core/errors'
import { address, handleOf, type TensorHandle } from '../core/handles'
import { putArgs, u8 } from '../core/memory'
import { core } from '../core/wasm'
import { ArrayHandle, type Scalar } from '../torch/elements'
import { registerType } from '../torch/pytypes'
import { type Tensor, tensorFrom } from '../torch/tensor'
import { tuple } from '../torch/tuple'
import { dtypeOfCode, type NpDType } from './dtype'
import { Flags } from './flags'
import type { ArrayMethods } from './methods'
import { arrayRepr, arrayStr } from './print'

/** What the constructor wants to see: an address from a user would be read as a record. */
const OWNER = Symbol('backward0.ndarray')

export interface NDArray extends ArrayMethods {}

/**
 * NumPy's ndarray of float32, float64, int64, int32 or bool. Basic indexing, `reshape`, `T` and the like return views,
 * which write through; in-place forms (`iadd_`) return the very object they were called on. An array lives until its
 * scope ends or it is disposed; a view keeps what it shows.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are declared apart and installed on the prototype
export class NDArray extends ArrayHandle {
  /** Takes over a reference of the core's record: for `arrayFrom` alone. @internal */
  constructor(at: number, by?: symbol) {
    if (by !== OWNER) throw new PyTypeError('np.ndarray() makes no array here: np.array(data) or np.empty(shape) does')
    super(at)
    this._remember()
  }

  /** @internal */
  get _noun(): string {
    return 'ndarray'
  }

  /** @internal */
  get _flags(): number {
    return this._byte(TensorField.flags)
  }

  /** Where the first element lies in the storage, in elements. @internal */
  get _offset(): number {
    return this._word(TensorField.offset)
  }

  get dtype(): NpDType {
    return dtypeOfCode(this._byte(TensorField.dtype))
  }

  /** The sizes, as a tuple. */
  get shape(): number[] {
    return tuple(this._dims(0))
  }

  /** How far apart neighbours along each dimension lie, in bytes; negative where they lie backwards. */
  get strides(): number[] {
    const { itemsize } = this
    return tuple(this._dims(1).map((stride) => stride * itemsize))
  }

  get ndim(): number {
    return this._byte(TensorField.ndim)
  }

  get size(): number {
    return this._word(TensorField.numel)
  }

  get itemsize(): number {
    return this.dtype.itemsize
  }

  get nbytes(): number {
    return this.size * this.itemsize
  }

  /** Python's `len()`. @throws TypeError for a 0-d array */
  get length(): number {
    if (this.ndim === 0) throw new PyTypeError('len() of unsized object')
    return this._dims(0)[0]
  }

  /** What owns the memory that the array shows, an array or a tensor; null for an array of its own. */
  get base(): NDArray | Tensor | null {
    const base = core.array_base(address(this))
    if (!base) return null
    return isArrayRecord(base) ? arrayFrom(base) : tensorFrom(base)
  }

  /** C_CONTIGUOUS and so on; `a.flags.writeable = false` makes the array read-only. */
  get flags(): Flags {
    address(this)
    return new Flags(this)
  }

  /** `data` is the address of the first element in the core's memory. */
  get ctypes(): { readonly data: number } {
    return { data: core.tensor_data(address(this)) >>> 0 }
  }

  /** The array with its dimensions in reverse order: a view. */
  get T(): NDArray {
    return this.transpose()
  }

  /** @internal */
  _checkWriteable(what: string): void {
    if (this._flags & TensorFlag.readonly) throw new ValueError(`${what} is read-only`)
  }

  /** The rows, or the elements of a 1-d array. @throws TypeError for a 0-d array */
  [Symbol.iterator](): Iterator<NDArray> {
    if (this.ndim === 0) throw new PyTypeError('iteration over a 0-d array')
    return this._rows()
  }

  /** @internal */
  *_rows(): Generator<NDArray> {
    for (let i = 0; i < this.length; i++) yield this.at(i)
  }

  /** NumPy's str: `[1 2 3]`. */
  override toString(): string {
    return arrayStr(this)
  }

  /** NumPy's repr: `array([1, 2, 3])`. */
  __repr__(): string {
    return arrayRepr(this)
  }

  /** Python's `float(a)` and `int(a)`, which JavaScript asks for in `Number(a)`. @throws TypeError unless 0-d */
  [Symbol.toPrimitive](hint: string): string | Scalar {
    if (hint === 'string') return this.toString()
    if (hint !== 'number') {
      throw new PyTypeError('JavaScript has no operators on arrays: write a.add(b), np.divide(2, a), or a.item()')
    }
    if (this.ndim) throw new PyTypeError('only 0-dimensional arrays can be converted to Python scalars')
    return this._element(0)
  }

  get [Symbol.toStringTag](): string {
    return 'ndarray'
  }
}
registerType('numpy.ndarray', NDArray)

const isArrayRecord = (at: number): boolean => (u8()[at + TensorField.flags] & TensorFlag.ndarray) !== 0

/** The handle of an array's record, taking over the caller's reference: the living one if there is one. */
export function arrayFrom(at: number): NDArray {
  const living: TensorHandle | null = handleOf(at)
  if (!living) return new NDArray(at, OWNER)
  core.tensor_release(at)
  return living as NDArray
}

/** A fresh record that an op returned, as an array. @throws the pending error when it returned 0 */
export function made(at: number): NDArray {
  u8()[checked(at) + TensorField.flags] = (u8()[at + TensorField.flags] & ~INFERENCE) | TensorFlag.ndarray
  return new NDArray(at, OWNER)
}

/** assembly/tensor/tensor.ts: nothing is asked of an array in inference mode. */
const INFERENCE = 4

/** The most elements and bytes that the core's memory can hold. @throws ValueError, OutOfMemoryError */
export function checkSize(shape: readonly number[], itemsize: number): void {
  if (shape.length > 64)
    throw new ValueError(`maximum supported dimension for an ndarray is currently 64, found ${shape.length}`)
  if (shape.some((n) => n < 0)) throw new ValueError('negative dimensions are not allowed')
  const bytes = shape.reduce((a, b) => a * b, itemsize)
  if (bytes >= 2 ** 63 || shape.some((n) => n >= 2 ** 31)) {
    throw new ValueError('Maximum allowed dimension exceeded')
  }
  if (bytes > 2 ** 32) {
    throw new OutOfMemoryError(`Unable to allocate ${bytes} bytes for an array: WebAssembly has 4 GiB of memory`)
  }
}

/** An uninitialised row-major array. */
export function empty(shape: readonly number[], dtype: NpDType): NDArray {
  checkSize(shape, dtype.itemsize)
  putArgs(0, shape.length, ...shape)
  return made(core.new_empty(dtype._code))
}

/** Sizes and strides in elements, and where the first element lies. */
export interface Geometry {
  sizes: readonly number[]
  strides: readonly number[]
  offset: number
}

export function geometryOf(a: NDArray): Geometry {
  return { sizes: a._dims(0), strides: a._dims(1), offset: a._offset }
}

/** A record on the storage of `source` whose object holds that of `base`. */
export function share(source: ArrayHandle, base: number, geometry: Geometry, dtype: number, flags: number): number {
  const { sizes, strides, offset } = geometry
  if (sizes.length > 64) {
    throw new RuntimeError(`an array of ${sizes.length} dimensions is not supported: the most is 64`)
  }
  putArgs(0, offset, sizes.length, ...sizes, ...strides)
  const view = checked(core.storage_view(address(source), dtype, flags))
  if (!core.set_base(view, base)) {
    core.tensor_release(view)
    checked(0)
  }
  return view
}

/** A view of an array. Its base is the array that owns the memory, or the first one on a tensor's. */
export function viewOf(a: NDArray, geometry: Geometry, dtype: NpDType = a.dtype): NDArray {
  const at = address(a)
  const base = core.array_base(at)
  try {
    const owner = base && isArrayRecord(base) ? base : at
    return new NDArray(share(a, owner, geometry, dtype._code, a._flags & READ_AND_KIND), OWNER)
  } finally {
    if (base) core.tensor_release(base)
  }
}

const READ_AND_KIND = TensorFlag.readonly | TensorFlag.ndarray

/** An array on a tensor's storage, whose base is the tensor. */
export function arrayOver(tensor: Tensor): NDArray {
  const geometry = { sizes: tensor._dims(0), strides: tensor._dims(1), offset: tensor.storage_offset() }
  return new NDArray(share(tensor, address(tensor), geometry, tensor.dtype._code, TensorFlag.ndarray), OWNER)
}
