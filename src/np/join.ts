// Arrays of several arrays: joined, stacked, chosen from; products; comparisons as a whole.
import { Op } from '../../assembly/abi'
import { PyTypeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { core } from '../core/wasm'
import { isScalar } from '../torch/pytypes'
import { temporaries } from '../torch/temporaries'
import type { Scalar } from '../torch/tensor'
import { tuple } from '../torch/tuple'
import {
  type ArrayLike,
  castTo,
  type DTypeOption,
  dtypeIn,
  fillFrom,
  keywords,
  toArray,
  valueFor,
  writeInto,
} from './convert'
import { bool_, float64, int32, kindOf, type NpDType, promote, withWeak } from './dtype'
import { element } from './element'
import { broadcastShape, cannotBroadcast, sameShape, shapeText, wrapAxis } from './errors'
import { empty, made, NDArray, viewOf } from './ndarray'
import type { NpScalar } from './scalar'
import { readAt, writeAt } from './subscript'
import { scalarOr, ufunc } from './ufunc'
import { broadcastTo, copyOf, expandDims, permuted, reshape } from './views'

const common = (arrays: readonly NDArray[]): NpDType => arrays.map((a) => a.dtype).reduce(promote)

export interface JoinOptions extends DTypeOption {
  axis?: number | null
}

const axisIn = (axis: unknown, options: JoinOptions | undefined): [unknown, JoinOptions] =>
  typeof axis === 'object' && axis !== null
    ? [(axis as JoinOptions).axis === undefined ? 0 : (axis as JoinOptions).axis, axis as JoinOptions]
    : [axis === undefined ? (options?.axis === undefined ? 0 : options.axis) : axis, options ?? {}]

/** What is joined: a list, or the rows of an array. @throws TypeError for anything else */
function listOf(list: unknown, refusal: string): readonly ArrayLike[] {
  if (Array.isArray(list)) return list
  if (list instanceof NDArray && list.ndim) return [...list]
  throw new PyTypeError(refusal)
}

/** The arrays one after the other along an axis (null: all flattened). @throws ValueError on shapes that do not fit */
export function concatenate(
  list: readonly ArrayLike[],
  axis?: number | null | JoinOptions,
  options?: JoinOptions,
): NDArray {
  const [along, given] = axisIn(axis, options)
  return temporaries(() => {
    let arrays = listOf(list, 'The first input argument needs to be a sequence').map((one) => toArray(one))
    if (arrays.length === 0) throw new ValueError('need at least one array to concatenate')
    if (along === null) arrays = arrays.map((a) => a.ravel())
    const ndim = arrays[0].ndim
    if (ndim === 0) throw new ValueError('zero-dimensional arrays cannot be concatenated')
    const d = wrapAxis(along ?? 0, ndim)
    const shape = arrays[0]._dims(0)
    for (const [i, a] of arrays.entries()) {
      if (a.ndim !== ndim) {
        throw new ValueError(
          `all the input arrays must have same number of dimensions, but the array at index 0 has ${ndim} ` +
            `dimension(s) and the array at index ${i} has ${a.ndim} dimension(s)`,
        )
      }
      const other = a._dims(0).findIndex((n, k) => k !== d && n !== shape[k])
      if (other >= 0) {
        throw new ValueError(
          'all the input array dimensions except for the concatenation axis must match exactly, but along dimension ' +
            `${other}, the array at index 0 has size ${shape[other]} and the array at index ${i} has size ` +
            `${a._dims(0)[other]}`,
        )
      }
    }
    shape[d] = arrays.reduce((sum, a) => sum + a._dims(0)[d], 0)
    const out = joined(arrays, shape, dtypeIn(given) ?? common(arrays))
    let at = 0
    for (const a of arrays) {
      const end = at + a._dims(0)[d]
      writeInto(
        readAt(
          out,
          [...shape.keys()].map((k) => (k === d ? `${at}:${end}` : ':')),
        ) as NDArray,
        a,
      )
      at = end
    }
    return out
  })
}

/** Room for arrays one after the other: column-major if all of them are. */
function joined(arrays: readonly NDArray[], shape: readonly number[], dtype: NpDType): NDArray {
  if (!arrays.every((a) => a.flags.f_contiguous && !a.flags.c_contiguous)) return empty(shape, dtype)
  const strides = shape.map((_, d) => shape.slice(0, d).reduce((a, b) => a * b, 1))
  // Nobody reads this one: it says the order of the dimensions.
  const order = viewOf(arrays[0], { sizes: shape, strides, offset: 0 })
  return made(core.array_like(address(order), dtype._code, 0))
}

const NOT_STACKED = 'arrays to stack must be passed as a "sequence" type such as list or tuple.'

/** Arrays of one shape along a new axis. @throws ValueError */
export function stack(list: readonly ArrayLike[], axis?: number | JoinOptions, options?: JoinOptions): NDArray {
  const [along, given] = axisIn(axis, options)
  return temporaries(() => {
    const arrays = listOf(list, NOT_STACKED).map((one) => toArray(one))
    if (arrays.length === 0) throw new ValueError('need at least one array to stack')
    if (arrays.some((a) => !sameShape(a._dims(0), arrays[0]._dims(0)))) {
      throw new ValueError('all input arrays must have the same shape')
    }
    const d = wrapAxis(along ?? 0, arrays[0].ndim + 1)
    return concatenate(
      arrays.map((a) => expandDims(a, d)),
      d,
      given,
    )
  })
}

/** Where a condition is true x, else y; alone it gives the places where it is true, one array a dimension. */
export function where(condition: ArrayLike, x?: ArrayLike, y?: ArrayLike): NDArray {
  return temporaries(() => {
    const mask = toArray(condition)
    if (x === undefined && y === undefined) return nonzero(mask) as unknown as NDArray
    if (x === undefined || y === undefined) throw new ValueError('either both or neither of x and y should be given')
    const weak = [x, y].filter(isScalar).map((value) => kindOf(value as Scalar))
    const strong = [x, y].filter((value) => !isScalar(value)).map((value) => toArray(value).dtype)
    const dtype = withWeak(strong.length ? strong.reduce(promote) : null, Math.max(0, ...weak))
    const sides = [x, y].map((value) => (isScalar(value) ? valueFor(value, dtype).array : toArray(value)))
    const shapes = [mask, ...sides].map((a) => a._dims(0))
    const shape = broadcastShape(shapes)
    if (!shape) throw cannotBroadcast(shapes)
    const [yes, no] = sides.map((a) => (a.dtype === dtype ? a : castTo(a, dtype)))
    const chosen = mask.dtype === bool_ ? mask : castTo(mask, bool_)
    return made(core.call(Op.Where, address(chosen), address(yes), address(no)))
  })
}

/** The places of what is not 0, one array a dimension. */
export function nonzero(a: NDArray): NDArray[] {
  return temporaries(() => {
    const truth = (a.dtype === bool_ ? a : castTo(a, bool_)).copy()
    const places = copyOf(made(core.call(Op.Nonzero, address(truth), 0, 0)))
    const columns = [...Array(a.ndim).keys()].map((d) => readAt(places, [':', d]) as NDArray)
    return tuple(columns)
  })
}

const CORE = '(n?,k),(k,m?)->(n?,m?)'

/** np.matmul, Python's `a @ b`. @throws ValueError on shapes that do not fit */
export function matmul(x1: ArrayLike, x2: ArrayLike): NDArray | NpScalar {
  return temporaries(() => {
    const [a, b] = [x1, x2].map((x) => toArray(x))
    for (const [i, x] of [a, b].entries()) {
      if (x.ndim === 0) {
        throw new ValueError(
          `matmul: Input operand ${i} does not have enough dimensions (has 0, gufunc core with signature ${CORE} requires 1)`,
        )
      }
    }
    const [has, wants] = [b._dims(0)[Math.max(b.ndim - 2, 0)], a._dims(0)[a.ndim - 1]]
    if (has !== wants) {
      throw new ValueError(
        `matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature ${CORE} (size ${has} is ` +
          `different from ${wants})`,
      )
    }
    const batches = [a, b].map((x) => x._dims(0).slice(0, -2))
    if (!broadcastShape(batches)) {
      const remapped = [a, b].map((x) => {
        const own = x._dims(0)
        return `${shapeText(own)}->(${[...own.slice(0, -2), 'newaxis', 'newaxis'].join(',')})`
      })
      const core_ = [a.ndim > 1 ? [a._dims(0)[a.ndim - 2]] : [], b.ndim > 1 ? [b._dims(0)[b.ndim - 1]] : []].flat()
      throw new ValueError(
        `operands could not be broadcast together with remapped shapes [original->remapped]: ${remapped.join(' ')}  and ` +
          `requested shape ${shapeText(core_)}`,
      )
    }
    return scalarOr(product(a, b))
  })
}

/** The core's product of operands in one dtype. Truth values count as int32. */
function product(a: NDArray, b: NDArray): NDArray {
  const dtype = common([a, b])
  const [left, right] = [a, b].map((x) => castTo(x, dtype === bool_ ? int32 : dtype))
  const out = made(core.call(Op.Matmul, address(left), address(right), 0))
  return dtype === bool_ ? castTo(out, bool_) : out
}

/** np.dot: the sum over the last axis of a and the last but one of b; numbers multiply. */
export function dot(x1: ArrayLike, x2: ArrayLike): NDArray | NpScalar {
  return temporaries(() => {
    const [a, b] = [x1, x2].map((x) => toArray(x))
    if (a.ndim === 0 || b.ndim === 0) return ufunc('multiply', [a, b])
    const [last, before] = [a.ndim - 1, Math.max(b.ndim - 2, 0)]
    const [has, wants] = [a._dims(0)[last], b._dims(0)[before]]
    if (has !== wants) {
      throw new ValueError(
        `shapes ${shapeText(a._dims(0))} and ${shapeText(b._dims(0))} not aligned: ${has} (dim ${last}) != ${wants} (dim ${before})`,
      )
    }
    if (b.ndim <= 2) return scalarOr(product(a, b))
    const order = [before, ...[...Array(b.ndim).keys()].filter((d) => d !== before)]
    const columns = permuted(b, order)
    const shape = [...a._dims(0).slice(0, -1), ...columns._dims(0).slice(1)]
    return copyOf(reshape(product(reshape(a, -1, has), reshape(columns, has, -1)), shape))
  })
}

/** The elements in another shape, repeated by stride 0: a view that may not be written. */
export const broadcast_to = (a: ArrayLike, shape: readonly number[]): NDArray => broadcastTo(toArray(a), shape)

/** Same shape, same elements. */
export function array_equal(a1: ArrayLike, a2: ArrayLike): boolean {
  return temporaries(() => {
    const [a, b] = [a1, a2].map((x) => toArray(x))
    return sameShape(a._dims(0), b._dims(0)) && truthOf(ufunc('equal', [a, b]))
  })
}

/** Whether `all` of a result is true. */
const truthOf = (result: NDArray | NpScalar): boolean =>
  Boolean((result instanceof NDArray ? result.all() : result).item())

export interface Tolerance {
  rtol?: number
  atol?: number
  equal_nan?: boolean
}

/** |a - b| <= atol + rtol |b|, and infinities alike. */
export function isclose(a1: ArrayLike, b1: ArrayLike, tolerance?: Tolerance): NDArray {
  const { rtol = 1e-5, atol = 1e-8, equal_nan = false } = keywords(tolerance)
  const [relative, absolute] = [rtol, atol].map((value) => Number(element(value, float64)))
  return temporaries(() => {
    const [a, b] = [a1, b1].map((x) => toArray(x))
    const shape = broadcastShape([a._dims(0), b._dims(0)])
    if (!shape) throw cannotBroadcast([a._dims(0), b._dims(0)])
    const [x, y] = [a, b].map((one) => broadcastTo(one, shape).ravel().tolist() as number[])
    const out = empty(shape, bool_)
    fillFrom(
      out,
      x.map((v, i) => {
        const w = Number(y[i])
        const u = Number(v)
        if (Number.isNaN(u) || Number.isNaN(w)) return equal_nan && Number.isNaN(u) && Number.isNaN(w)
        return u === w || (Number.isFinite(w) && Math.abs(u - w) <= absolute + relative * Math.abs(w))
      }),
    )
    return scalarOr(out) as NDArray
  })
}

/** Are all elements close? */
export function allclose(a: ArrayLike, b: ArrayLike, tolerance?: Tolerance): boolean {
  return temporaries(() => truthOf(isclose(a, b, tolerance)))
}

/** np.copyto. */
export function copyto(dst: NDArray, src: ArrayLike): void {
  if (!(dst instanceof NDArray)) throw new PyTypeError('copyto() argument 1 must be numpy.ndarray')
  writeAt(dst, ['...'], src)
}
