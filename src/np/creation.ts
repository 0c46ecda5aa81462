// Arrays from a shape, a range or another array.
import { PyTypeError, ValueError, ZeroDivisionError } from '../core/errors'
import { address } from '../core/handles'
import { f64, putArgs } from '../core/memory'
import { core } from '../core/wasm'
import { isInt, isScalar, pyTypeName } from '../torch/pytypes'
import { temporaries } from '../torch/temporaries'
import type { Scalar } from '../torch/tensor'
import {
  type ArrayLike,
  castTo,
  type DTypeOption,
  dtypeIn,
  keywords,
  optionsOf,
  toArray,
  valueFor,
  writeInto,
} from './convert'
import { bool_, category, type DTypeLike, defaultOf, float64, kindOf, type NpDType } from './dtype'
import { element } from './element'
import { checkSize, empty as emptyOf, made, type NDArray, viewOf } from './ndarray'
import { fitting } from './subscript'
import { reshape, sizesOf } from './views'

type Shape = number | readonly number[]
type Options = DTypeOption | DTypeLike | null

function shaped(shape: unknown, dtype: NpDType): number[] {
  if (!Array.isArray(shape) && !isInt(shape)) {
    throw new PyTypeError(
      `expected a sequence of integers or a single integer, got '${typeof shape === 'object' ? pyTypeName(shape) : String(shape)}'`,
    )
  }
  const sizes = sizesOf([shape])
  checkSize(sizes, dtype.itemsize)
  return sizes
}

function filled(shape: Shape, options: Options | undefined, value: number): NDArray {
  const dtype = dtypeIn(optionsOf(options)) ?? float64
  const sizes = shaped(shape, dtype)
  putArgs(0, sizes.length, ...sizes)
  return made(core.new_full(dtype._code, value))
}

export const zeros = (shape: Shape, options?: Options): NDArray => filled(shape, options, 0)
export const ones = (shape: Shape, options?: Options): NDArray => filled(shape, options, 1)

/** An array whose elements are whatever was in memory. */
export function empty(shape: Shape, options?: Options): NDArray {
  const dtype = dtypeIn(optionsOf(options)) ?? float64
  return emptyOf(shaped(shape, dtype), dtype)
}

/** An array of one value; its dtype is the value's unless given. @throws OverflowError for a value out of range */
export function full(shape: Shape, fill_value: ArrayLike, options?: Options): NDArray {
  return temporaries(() => {
    const value = toArray(fill_value)
    const dtype = dtypeIn(optionsOf(options)) ?? value.dtype
    const out = emptyOf(shaped(shape, dtype), dtype)
    writeInto(out, fitting(valueFor(fill_value, dtype).array, out._dims(0)))
    return out
  })
}

function like(a: ArrayLike, options: Options | undefined, value: number): NDArray {
  return temporaries(() => {
    const model = toArray(a)
    const dtype = dtypeIn(optionsOf(options)) ?? model.dtype
    return made(core.array_like(address(model), dtype._code, value))
  })
}

/** Zeros of an array's shape, dtype and layout. */
export const zeros_like = (a: ArrayLike, options?: Options): NDArray => like(a, options, 0)
export const ones_like = (a: ArrayLike, options?: Options): NDArray => like(a, options, 1)
export const empty_like = (a: ArrayLike, options?: Options): NDArray => like(a, options, 0)

export function full_like(a: ArrayLike, fill_value: ArrayLike, options?: Options): NDArray {
  return temporaries(() => {
    const out = like(a, options, 0)
    writeInto(out, fitting(valueFor(fill_value, out.dtype).array, out._dims(0)))
    return out
  })
}

/**
 * Numbers from `start` (0) to below `stop`, `step` (1) apart: int64 if all are whole numbers, else float64.
 * @throws ZeroDivisionError for a step of 0
 */
export function arange(...args: (Scalar | Options | undefined)[]): NDArray {
  const isOptions = args.length > 1 && !isScalar(args.at(-1))
  const options = isOptions ? (args.pop() as Options) : undefined
  if (args.length === 0) throw new PyTypeError('arange() requires stop to be specified.')
  const numbers = args as Scalar[]
  for (const value of numbers) {
    if (!isScalar(value)) throw new PyTypeError(`arange() takes numbers, not ${pyTypeName(value)}`)
  }
  const [start, stop, step] = numbers.length === 1 ? [0, Number(numbers[0]), 1] : [...numbers.map(Number), 1]
  const natural = defaultOf(Math.max(1, ...numbers.map(kindOf)))
  const dtype = dtypeIn(optionsOf(options as DTypeOption)) ?? natural
  if (step === 0) throw new ZeroDivisionError(natural === float64 ? 'float division by zero' : 'division by zero')
  const length = Math.ceil((stop - start) / step)
  if (!Number.isFinite(length)) throw new ValueError('arange: cannot compute length')
  const count = Math.max(0, length)
  if (count >= 2 ** 31) throw new ValueError('Maximum allowed size exceeded')
  if (dtype === bool_ && count > 2) {
    throw new PyTypeError('arange() is only supported for booleans when the result has at most length 2.')
  }
  checkSize([count], dtype.itemsize)
  // NumPy adds the difference of the first two, each of which is of the dtype.
  const first = Number(element(start, dtype))
  const next = Number(element(start + step, dtype))
  putArgs(0, first, next - first, count)
  if (dtype !== bool_) return made(core.new_arange(dtype._code))
  return temporaries(() =>
    toArray(
      Array.from({ length: count }, (_, i) => Boolean(i ? next : first)),
      bool_,
    ),
  )
}

/** `num` evenly spaced numbers from `start` to `stop`, which is among them unless `endpoint` is false. */
export function linspace(
  start: number,
  stop: number,
  num?: number | LinspaceOptions,
  options?: LinspaceOptions,
): NDArray {
  const given: LinspaceOptions = keywords(typeof num === 'object' ? num : options)
  const asked = (typeof num === 'object' ? null : num) ?? given.num ?? 50
  if (!isInt(asked)) throw new PyTypeError(`'float' object cannot be interpreted as an integer`)
  const count = Number(asked)
  if (count < 0) throw new ValueError(`Number of samples, ${count}, must be non-negative.`)
  const endpoint = given.endpoint ?? true
  const parts = endpoint ? count - 1 : count
  const [first, last] = [start, stop].map((value) => Number(element(value, float64)))
  const delta = last - first
  const step = delta / parts
  const dtype = dtypeIn(given) ?? float64
  const valueAt = (i: number): number => {
    if (endpoint && count > 1 && i === count - 1) return last
    if (parts <= 0) return i * delta + first
    return (step === 0 ? (i / parts) * delta : i * step) + first
  }
  const round = category(dtype) === 1 ? Math.floor : (value: number) => value
  const doubles = emptyOf([count], float64)
  const values = f64().subarray(doubles.ctypes.data / 8)
  for (let i = 0; i < count; i++) values[i] = round(valueAt(i))
  const computed = dtype === float64 ? doubles : castTo(doubles, dtype)
  if (computed !== doubles) doubles.dispose()
  if (count < 2 || dtype !== float64) return computed
  // As in NumPy it is a view of what was computed.
  const view = reshape(computed, count)
  computed.dispose()
  return view
}

export interface LinspaceOptions extends DTypeOption {
  num?: number
  endpoint?: boolean
}

/** The matrix with ones on the `k`-th diagonal, `N` x `M` (`N`). */
export function eye(N: number, ...rest: (number | null | (DTypeOption & { k?: number }) | DTypeLike)[]): NDArray {
  const options = optionsOf<DTypeOption & { k?: number }>(
    typeof rest.at(-1) === 'number' || rest.at(-1) === null ? undefined : (rest.pop() as DTypeOption),
  )
  const [M, given] = rest as (number | null | undefined)[]
  const [rows, columns] = sizesOf([N, M ?? N])
  const k = options.k ?? given ?? 0
  const dtype = dtypeIn(options) ?? float64
  const out = filled([rows, columns], { dtype }, 0)
  const length = Math.min(rows + Math.min(k, 0), columns - Math.max(k, 0))
  if (length > 0) {
    const diagonal = viewOf(out, { sizes: [length], strides: [columns + 1], offset: k < 0 ? -k * columns : k })
    diagonal.fill(1)
    diagonal.dispose()
  }
  return out
}

export const identity = (n: number, options?: DTypeOption): NDArray => eye(n, options ?? {})
