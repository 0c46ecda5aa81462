// The ndarray's methods, and Python's operators by their names: a.add(b) is a + b, a.iadd_(b) is a += b.
import { Op } from '../../assembly/abi'
import { PyTypeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import type { Nested, Scalar } from '../torch/elements'
import { temporaries } from '../torch/temporaries'
import { Tensor } from '../torch/tensor'
import { type ArrayLike, castTo, type DTypeOption, keywords, valueFor, writeInto } from './convert'
import { asDType, type Casting, canCast, checkCasting, type DTypeLike } from './dtype'
import { dot, matmul, nonzero } from './join'
import { type Geometry, geometryOf, NDArray, viewOf } from './ndarray'
import {
  argExtreme,
  cumsum,
  mean,
  type ReduceName,
  type ReduceOptions,
  reduce,
  reduceOptions,
  type VarOptions,
  variance,
} from './reductions'
import { itemAt, keysOf, type NpKey, readAt, writeAt } from './subscript'
import { operator, power, ufunc } from './ufunc'
import type { BinaryName } from './ufunc_loops'
import { copyOf, flatten, ravel, reshape, squeeze, swapaxes, transpose } from './views'

type Axis = number | readonly number[] | null
type Reduction<O = ReduceOptions> = (axis?: Axis | O, options?: O) => NDArray

/** Python's binary operators. The types say ndarray where 0-d operands give a scalar. */
const OPERATORS = {
  add: 'add',
  sub: 'subtract',
  mul: 'multiply',
  truediv: 'divide',
  div: 'divide',
  floordiv: 'floor_divide',
  mod: 'remainder',
  pow: 'power',
  and: 'bitwise_and',
  or: 'bitwise_or',
  xor: 'bitwise_xor',
  eq: 'equal',
  ne: 'not_equal',
  lt: 'less',
  le: 'less_equal',
  gt: 'greater',
  ge: 'greater_equal',
} as const satisfies Record<string, BinaryName>

type OperatorName = keyof typeof OPERATORS
type Augmented = `i${Exclude<OperatorName, 'div' | 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'>}_`

type Operators = Record<OperatorName, (other: ArrayLike) => NDArray> & {
  /** In place: the result is cast to the array's dtype within its kind, and the array itself returned. @throws UFuncTypeError */
  [name in Augmented]: (other: ArrayLike) => NDArray
}

export interface ArrayMethods extends Operators {
  /** Python's `-a`. */
  neg(): NDArray
  /** Python's `left + a` and so on for a `left` that does not know arrays: a list, a tuple, an int. @internal */
  _reflected(name: OperatorName, left: unknown): NDArray
  /** Python's `a @ b`. */
  matmul(other: ArrayLike): NDArray
  imatmul_(other: ArrayLike): this
  dot(other: ArrayLike): NDArray
  /** Python's `a[...]`: a view, a scalar, or a copy where arrays or lists pick. @throws IndexError */
  at(...keys: NpKey[]): NDArray
  /** Python's `a[...] = value`, `keys` in an array. Returns a. @throws IndexError, ValueError */
  set_at_(keys: readonly NpKey[] | NpKey, value: ArrayLike): this
  /** One element as a JavaScript value. @throws ValueError unless there is one or an index names it */
  item(...index: (number | readonly number[])[]): number
  /** Every element becomes the value. */
  fill(value: Scalar): void
  sum: Reduction
  prod: Reduction
  max: Reduction
  min: Reduction
  any: Reduction
  all: Reduction
  mean: Reduction
  var: Reduction<VarOptions>
  std: Reduction<VarOptions>
  argmax: Reduction
  argmin: Reduction
  cumsum: Reduction
  /** A copy: row-major, or with `order: 'K'` in the array's own layout. */
  copy(options?: { order?: 'C' | 'K' } | 'C' | 'K'): NDArray
  /** Another array on the same memory, of another dtype if one is named. @throws ValueError */
  view(dtype?: DTypeLike | null): NDArray
  /** A copy in another dtype. @throws TypeError for a cast that `casting` forbids */
  astype(dtype: DTypeLike, options?: { casting?: Casting; copy?: boolean }): NDArray
  reshape(...shape: (number | readonly number[])[]): NDArray
  ravel(): NDArray
  flatten(): NDArray
  transpose(...axes: (number | readonly number[] | null)[]): NDArray
  swapaxes(axis1: number, axis2: number): NDArray
  squeeze(axis?: Axis): NDArray
  nonzero(): NDArray[]
  setflags(flags: { write?: boolean }): void
  /** Python's `bool(a)`. @throws ValueError unless there is exactly one element */
  bool(): boolean
  /** An element or more as nested JavaScript values. */
  tolist(): Nested
}

function define(name: string, value: (this: NDArray, ...args: never[]) => unknown): void {
  Object.defineProperty(NDArray.prototype, name, { value, writable: true, configurable: true })
}

for (const [name, of] of Object.entries(OPERATORS)) {
  define(name, function (other: unknown) {
    return operator(of, this, other)
  })
  define(`i${name}_`, function (other: unknown) {
    address(this)
    if (of === 'power') power(this, other, { out: this })
    else ufunc(of, [this, other instanceof Tensor ? valueFor(other, this.dtype).array : other], { out: this })
    return this
  })
}

for (const name of ['sum', 'prod', 'max', 'min', 'any', 'all'] satisfies ReduceName[]) {
  define(name, function (axis?: Axis, options?: ReduceOptions) {
    return reduce(name, this, reduceOptions(axis, options))
  })
}

const NO_IMATMUL =
  'inplace matrix multiplication requires the first operand to have at least one and the second at least two dimensions.'

/** A view whose elements are of another dtype. */
function viewAs(a: NDArray, like: DTypeLike | null | undefined): NDArray {
  const geometry = geometryOf(a)
  if (like === undefined || like === null) return viewOf(a, geometry)
  const dtype = asDType(like)
  const ratio = a.itemsize / dtype.itemsize
  if (ratio === 1) return viewOf(a, geometry, dtype)
  const { sizes, strides, offset } = geometry
  const last = sizes.length - 1
  if (last < 0) {
    throw new ValueError('Changing the dtype of a 0d array is only supported if the itemsize is unchanged')
  }
  if (strides[last] !== 1 && sizes[last] !== 1) {
    throw new ValueError('To change to a dtype of a different size, the last axis must be contiguous')
  }
  const size = sizes[last] * ratio
  if (!Number.isInteger(size)) {
    throw new ValueError(
      'When changing to a larger dtype, its size must be a divisor of the total size in bytes of the last axis of the array.',
    )
  }
  const steps = strides.map((stride, d) => (d === last ? 1 : stride * ratio))
  const to: Geometry = { sizes: [...sizes.slice(0, -1), size], strides: steps, offset: offset * ratio }
  if (!Number.isInteger(to.offset) || !steps.every(Number.isInteger)) {
    throw new ValueError('new type not compatible with array: its elements would not be aligned')
  }
  return viewOf(a, to, dtype)
}

const methods: { [K in Exclude<keyof ArrayMethods, keyof Operators | 'tolist'>]?: unknown } & ThisType<NDArray> = {
  neg() {
    return ufunc('negative', [this])
  },
  _reflected(name: OperatorName, left: unknown) {
    return ufunc(OPERATORS[name], [left, this])
  },
  matmul(other: ArrayLike) {
    return matmul(this, other)
  },
  imatmul_(other: ArrayLike) {
    temporaries(() => {
      if (this.ndim === 0 || valueFor(other, this.dtype).array.ndim < 2) throw new ValueError(NO_IMATMUL)
      writeAt(this, ['...'], matmul(this, other))
    })
    return this
  },
  dot(other: ArrayLike) {
    return dot(this, other)
  },
  at(...keys: NpKey[]) {
    return readAt(this, keys)
  },
  set_at_(keys: readonly NpKey[] | NpKey, value: ArrayLike) {
    writeAt(this, keysOf(keys), value)
    return this
  },
  item(...index: unknown[]) {
    return itemAt(this, index)
  },
  fill(value: Scalar) {
    address(this)
    this._checkWriteable('assignment destination')
    temporaries(() => {
      const { array } = valueFor(value, this.dtype)
      if (array.ndim) throw new ValueError('setting an array element with a sequence.')
      writeInto(this, array)
    })
  },
  mean(axis?: Axis, options?: ReduceOptions) {
    return mean(this, reduceOptions(axis, options))
  },
  var(axis?: Axis, options?: VarOptions) {
    return variance(this, reduceOptions(axis, options), false)
  },
  std(axis?: Axis, options?: VarOptions) {
    return variance(this, reduceOptions(axis, options), true)
  },
  argmax(axis?: Axis, options?: ReduceOptions) {
    return argExtreme(Op.Argmax, this, reduceOptions(axis, options))
  },
  argmin(axis?: Axis, options?: ReduceOptions) {
    return argExtreme(Op.Argmin, this, reduceOptions(axis, options))
  },
  cumsum(axis?: Axis, options?: ReduceOptions) {
    return cumsum(this, reduceOptions(axis, options))
  },
  copy(options?: { order?: string } | string) {
    const order = typeof options === 'string' ? options : (options?.order ?? 'C')
    if (order !== 'C' && order !== 'K') throw new ValueError(`order must be one of 'C' or 'K' (got '${order}')`)
    return order === 'C' ? copyOf(this) : castTo(this, this.dtype)
  },
  view(dtype?: DTypeLike | null) {
    return viewAs(this, dtype)
  },
  astype(like: DTypeLike | DTypeOption, options: { casting?: Casting; copy?: boolean } = {}) {
    const dtype = asDType(like)
    const casting = options.casting === undefined ? 'unsafe' : checkCasting(options.casting)
    if (!canCast(this.dtype, dtype, casting)) {
      throw new PyTypeError(
        `Cannot cast array data from dtype('${this.dtype.name}') to dtype('${dtype.name}') according to the rule '${casting}'`,
      )
    }
    return options.copy === false && dtype === this.dtype ? this : castTo(this, dtype)
  },
  reshape(...shape: unknown[]) {
    return reshape(this, ...shape)
  },
  ravel() {
    return ravel(this)
  },
  flatten() {
    return flatten(this)
  },
  transpose(...axes: unknown[]) {
    return transpose(this, ...axes)
  },
  swapaxes(axis1: number, axis2: number) {
    return swapaxes(this, axis1, axis2)
  },
  squeeze(axis?: Axis) {
    return squeeze(this, axis)
  },
  nonzero() {
    return nonzero(this)
  },
  setflags(flags?: { write?: boolean }) {
    const { write } = keywords(flags)
    const mine = this.flags
    if (write !== undefined) mine.writeable = write
  },
  bool() {
    if (this.size === 1) return Boolean(this._element(0))
    throw new ValueError(
      this.size
        ? 'The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()'
        : 'The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty.',
    )
  },
}
for (const [name, method] of Object.entries(methods)) define(name, method as (this: NDArray) => unknown)
