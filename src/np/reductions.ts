// Reductions: sums, products, extremes and what is made of them.
import { Op } from '../../assembly/abi'
import { PyTypeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { putArgs, putList } from '../core/memory'
import { warn } from '../core/warnings'
import { core } from '../core/wasm'
import { temporaries } from '../torch/temporaries'
import { keywords, writeInto } from './convert'
import { asDType, bool_, category, type DTypeLike, float64, int64, type NpDType } from './dtype'
import { element } from './element'
import { sameShape, shapeText, wrapAxis } from './errors'
import { made, NDArray } from './ndarray'
import type { NpScalar } from './scalar'
import { scalarOr, ufunc } from './ufunc'
import { BINARY, type BinaryName } from './ufunc_loops'
import { axesOf, copyOf } from './views'
import { warnOfFlags } from './warn'

export interface ReduceOptions {
  axis?: number | readonly number[] | null
  dtype?: DTypeLike | null
  out?: NDArray | null
  keepdims?: boolean
}

export type ReduceName = 'sum' | 'prod' | 'max' | 'min' | 'any' | 'all'

/** Each reduces by a ufunc. */
const UFUNCS = {
  sum: 'add',
  prod: 'multiply',
  max: 'maximum',
  min: 'minimum',
  any: 'logical_or',
  all: 'logical_and',
} as const satisfies Record<ReduceName, BinaryName>

/** A positional axis, or options in its place. */
export function reduceOptions<O extends ReduceOptions>(axis: unknown, options: O | undefined): Partial<O> {
  if (typeof axis === 'object' && axis !== null && !Array.isArray(axis)) return keywords(axis as O)
  return { axis, ...keywords(options) } as Partial<O>
}

/** Sums and products of small integers and truth values are int64; `any` and `all` are truth values. */
function dtypeOf(name: ReduceName, a: NDArray, asked: NpDType | null): NpDType {
  if (name === 'any' || name === 'all') return bool_
  if (asked) return asked
  return (name === 'sum' || name === 'prod') && category(a.dtype) < 2 ? int64 : a.dtype
}

/** `a` reduced over `axes`: a fresh array. */
function reduceOver(op: Op, a: NDArray, axes: readonly number[], dtype: NpDType, keepdims: boolean): NDArray {
  // Of truth values the larger is "or", the smaller "and".
  const kernel = dtype === bool_ ? (op === Op.Maximum ? Op.Add : op === Op.Minimum ? Op.Mul : op) : op
  putList(0, axes)
  return made(core.array_reduce(kernel, dtype._code, address(a), keepdims ? 1 : 0))
}

/** 0-d arrays may be reduced over axis 0 or -1, which they do not have. */
function reducedAxes(axis: unknown, ndim: number): number[] {
  if (ndim || typeof axis !== 'number') return axesOf(axis, ndim)
  wrapAxis(axis, 0, 1)
  return []
}

/** A result into `out`, cast as need be. @throws ValueError for another shape */
function into(out: NDArray, result: NDArray, name: string): NDArray {
  if (!(out instanceof NDArray)) throw new PyTypeError('output must be an array')
  out._checkWriteable('output array')
  if (out.ndim !== result.ndim) {
    throw new ValueError(
      `output parameter for reduction operation ${name} has the wrong number of dimensions: Found ${out.ndim} but ` +
        `expected ${result.ndim}`,
    )
  }
  if (!sameShape(out._dims(0), result._dims(0))) {
    throw new ValueError(
      `non-broadcastable output operand with shape ${shapeText(out._dims(0))} doesn't match the broadcast shape ` +
        shapeText(result._dims(0)),
    )
  }
  writeInto(out, result)
  return out
}

export function reduce(name: ReduceName, a: NDArray, options: ReduceOptions): NDArray | NpScalar {
  address(a)
  const axes = reducedAxes(options.axis, a.ndim)
  const ufuncName = UFUNCS[name]
  const { op } = BINARY[ufuncName]
  const dtype = dtypeOf(name, a, options.dtype ? asDType(options.dtype) : null)
  const sizes = a._dims(0)
  if ((name === 'max' || name === 'min') && axes.some((d) => sizes[d] === 0) && !isEmptyAnyway(sizes, axes)) {
    throw new ValueError(`zero-size array to reduction operation ${ufuncName} which has no identity`)
  }
  return temporaries(() => {
    const result = reduceOver(op, a, axes, dtype, options.keepdims === true)
    warnOfFlags('reduce')
    return options.out ? into(options.out, result, ufuncName) : scalarOr(result)
  })
}

/** Nothing is reduced where the result has no elements. */
const isEmptyAnyway = (sizes: readonly number[], axes: readonly number[]): boolean =>
  sizes.some((n, d) => n === 0 && !axes.includes(d))

const countOver = (a: NDArray, axes: readonly number[]): number => axes.reduce((count, d) => count * a._dims(0)[d], 1)

/** A sum over axes and how many elements went into each, for what is to become a mean. */
function meanOver(
  a: NDArray,
  axes: readonly number[],
  dtype: NpDType | null,
  keepdims: boolean,
  count: number,
): NDArray {
  const total = reduceOver(Op.Add, a, axes, dtype ?? (category(a.dtype) < 2 ? float64 : a.dtype), keepdims)
  warnOfFlags('reduce')
  return divided(total, count)
}

/** A fresh array over a number. NumPy has a scalar divide of its own. */
function divided(a: NDArray, count: number): NDArray {
  ufunc('divide', [a, count], { out: a, casting: 'unsafe' }, a.ndim ? 'divide' : 'scalar divide')
  return a
}

/** The mean in float64, or in the array's own float dtype. */
export function mean(a: NDArray, options: ReduceOptions): NDArray | NpScalar {
  const axes = axesOf(options.axis, a.ndim)
  return temporaries(() => {
    const count = countOver(a, axes)
    if (count === 0) warn('RuntimeWarning', 'Mean of empty slice')
    const result = meanOver(a, axes, options.dtype ? asDType(options.dtype) : null, options.keepdims === true, count)
    return options.out ? into(options.out, result, 'true_divide') : scalarOr(result)
  })
}

export interface VarOptions extends ReduceOptions {
  /** The divisor is the number of elements less this. */
  ddof?: number
}

/** The mean of the squared distances from the mean. `std` is its root. */
export function variance(a: NDArray, options: VarOptions, root: boolean): NDArray | NpScalar {
  const axes = axesOf(options.axis, a.ndim)
  return temporaries(() => {
    const count = countOver(a, axes)
    const left = count - Number(element(options.ddof ?? 0, float64))
    if (left <= 0) warn('RuntimeWarning', 'Degrees of freedom <= 0 for slice')
    const dtype = options.dtype ? asDType(options.dtype) : null
    const centre = meanOver(a, axes, dtype, true, count)
    // A 0-d array's distance is a scalar: its sum needs an array.
    const squares = a.ndim ? (ufunc('subtract', [a, centre]) as NDArray) : centre.copy()
    if (a.ndim === 0) ufunc('subtract', [a, centre], { out: squares })
    ufunc('multiply', [squares, squares], { out: squares })
    const result = reduceOver(Op.Add, squares, axes, dtype ?? squares.dtype, options.keepdims === true)
    divided(result, Math.max(left, 0))
    if (root) ufunc('sqrt', [result], { out: result })
    return options.out ? into(options.out, result, root ? 'sqrt' : 'true_divide') : scalarOr(result)
  })
}

/** Where the first of the largest (smallest) elements is; nan counts as both. */
export function argExtreme(op: Op.Argmax | Op.Argmin, a: NDArray, options: ReduceOptions): NDArray | NpScalar {
  const { axis, keepdims } = options
  const name = op === Op.Argmax ? 'argmax' : 'argmin'
  const whole = axis === undefined || axis === null
  return temporaries(() => {
    const flat = whole || a.ndim === 0 ? a.ravel() : a
    const d = whole ? 0 : wrapAxis(axis, flat.ndim)
    if (flat._dims(0)[d] === 0) throw new ValueError(`attempt to get ${name} of an empty sequence`)
    const plain = (flat.dtype === bool_ ? flat.astype('int32') : flat).copy()
    putArgs(0, d, keepdims && !whole ? 1 : 0)
    const found = made(core.call(op, address(plain), 0, 0))
    const result = whole && keepdims ? copyOf(found.reshape(a._dims(0).map(() => 1))) : found
    return options.out ? into(options.out, result, name) : scalarOr(result)
  })
}

/** Sums so far along an axis, over all elements without one. */
export function cumsum(a: NDArray, options: ReduceOptions): NDArray {
  return temporaries(() => {
    const whole = options.axis === undefined || options.axis === null
    const from = whole || a.ndim === 0 ? a.ravel() : a
    const d = whole ? 0 : wrapAxis(options.axis, a.ndim, Math.max(a.ndim, 1))
    const dtype = options.dtype ? asDType(options.dtype) : dtypeOf('sum', a, null)
    const result = made(core.array_cumsum((dtype === bool_ ? int64 : dtype)._code, address(from), d))
    return options.out ? into(options.out, result, 'add') : result
  })
}
