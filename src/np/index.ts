// The `np` namespace: NumPy's arrays on the core's storages.
import { type ArrayLike, array, asarray, toArray } from './convert'
import * as creation from './creation'
import { asDType, bool_, canCast, type DTypeLike, float32, float64, int32, int64, type NpDType, promote } from './dtype'
import { AxisError, UFuncTypeError } from './errors'
import {
  allclose,
  array_equal,
  broadcast_to,
  concatenate,
  copyto,
  dot,
  isclose,
  matmul,
  nonzero,
  stack,
  where,
} from './join'
import './methods'
import './interop'
import { temporaries } from '../torch/temporaries'
import { NDArray } from './ndarray'
import type { ReduceOptions, VarOptions } from './reductions'
import { NpScalar } from './scalar'
import { may_share_memory, shares_memory } from './sharing'
import { ufuncs } from './ufunc'

type Axis = number | readonly number[] | null
type Reduction<O = ReduceOptions> = (a: ArrayLike, axis?: Axis | O, options?: O) => NDArray
type Shaped = (a: ArrayLike, ...args: never[]) => NDArray

/** A function over a method: its array in front. */
function over(name: string): (a: ArrayLike, ...rest: unknown[]) => unknown {
  return (a, ...rest) => {
    if (a instanceof NDArray) return (a as unknown as Record<string, (...args: unknown[]) => unknown>)[name](...rest)
    return temporaries(() => (toArray(a) as unknown as Record<string, (...args: unknown[]) => unknown>)[name](...rest))
  }
}

const functionsOver = (names: string): Record<string, unknown> =>
  Object.fromEntries(names.split(' ').map((name) => [name, over(name)]))

const reductions = functionsOver('sum prod max min any all mean var std argmax argmin cumsum') as Record<
  'sum' | 'prod' | 'max' | 'min' | 'any' | 'all' | 'mean' | 'argmax' | 'argmin' | 'cumsum',
  Reduction
> &
  Record<'var' | 'std', Reduction<VarOptions>>

interface Reshaping {
  reshape: (a: ArrayLike, shape: number | readonly number[]) => NDArray
  ravel: Shaped
  transpose: (a: ArrayLike, axes?: readonly number[] | null) => NDArray
  swapaxes: (a: ArrayLike, axis1: number, axis2: number) => NDArray
  squeeze: (a: ArrayLike, axis?: Axis) => NDArray
  copy: Shaped
}
const reshaping = functionsOver('reshape ravel transpose swapaxes squeeze copy') as unknown as Reshaping

export const np = {
  ...ufuncs,
  true_divide: ufuncs.divide,
  mod: ufuncs.remainder,
  pow: ufuncs.power,
  abs: ufuncs.absolute,
  bitwise_not: ufuncs.invert,
  ...reductions,
  amax: reductions.max,
  amin: reductions.min,
  ...reshaping,
  ...creation,
  array,
  asarray,
  concatenate,
  stack,
  where,
  nonzero: (a: ArrayLike): NDArray[] => temporaries(() => nonzero(toArray(a))),
  broadcast_to,
  copyto,
  dot: dot as (a: ArrayLike, b: ArrayLike) => NDArray,
  matmul: matmul as (a: ArrayLike, b: ArrayLike) => NDArray,
  array_equal,
  allclose,
  isclose,
  shares_memory,
  may_share_memory,
  ndarray: NDArray,
  generic: NpScalar,
  /** A dtype by its name. @throws TypeError for a name that is none, NotImplementedError for one that is not there */
  dtype: (like: DTypeLike): NpDType => asDType(like),
  promote_types: (a: DTypeLike, b: DTypeLike): NpDType => promote(asDType(a), asDType(b)),
  can_cast: (from: DTypeLike | NDArray, to: DTypeLike, casting?: Parameters<typeof canCast>[2]): boolean =>
    canCast(from instanceof NDArray ? from.dtype : asDType(from), asDType(to), casting),
  float64,
  double: float64,
  float32,
  single: float32,
  int64,
  int_: int64,
  int32,
  intc: int32,
  bool: bool_,
  bool_,
  newaxis: null,
  nan: Number.NaN,
  inf: Infinity,
  pi: Math.PI,
  e: Math.E,
  exceptions: { AxisError, UFuncTypeError },
  shape: (a: ArrayLike): number[] => temporaries(() => toArray(a).shape),
  ndim: (a: ArrayLike): number => temporaries(() => toArray(a).ndim),
  size: (a: ArrayLike): number => temporaries(() => toArray(a).size),
}
