// Other shapes of the same elements: views where strides can say it, copies where not.

import { checked } from '../core/error_text'
import { PyTypeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { core } from '../core/wasm'
import { isInt, pyTypeName } from '../torch/pytypes'
import { sameShape, shapeText, wrapAxis } from './errors'
import { checkSize, empty, type Geometry, geometryOf, type NDArray, viewOf } from './ndarray'

/** A row-major copy. */
export function copyOf(a: NDArray): NDArray {
  const copy = empty(a._dims(0), a.dtype)
  checked(core.array_assign(address(copy), address(a)))
  return copy
}

/** Sizes as they are given: one list, or one after the other. @throws TypeError for what are no ints */
export function sizesOf(given: readonly unknown[]): number[] {
  const sizes = given.length === 1 && Array.isArray(given[0]) ? (given[0] as unknown[]) : given
  for (const size of sizes) {
    if (!isInt(size)) throw new PyTypeError(`'${pyTypeName(size)}' object cannot be interpreted as an integer`)
  }
  return sizes.map(Number)
}

/** The shape that is asked for, its -1 filled in. @throws ValueError */
function inferred(wanted: readonly number[], size: number): number[] {
  const unknown = wanted.indexOf(-1)
  const cannot = (): ValueError =>
    new ValueError(`cannot reshape array of size ${size} into shape ${shapeText(wanted).replace(/-1/g, 'newaxis')}`)
  if (wanted.filter((n) => n < 0).length > 1) throw new ValueError('can only specify one unknown dimension')
  if (unknown < 0 && wanted.some((n) => n < 0)) throw cannot()
  const known = wanted.reduce((product, n, d) => (d === unknown ? product : product * n), 1)
  if (unknown < 0 ? known !== size : known === 0 || size % known !== 0) throw cannot()
  return wanted.map((n, d) => (d === unknown ? size / known : n))
}

/** Row-major strides, in elements. */
function rowMajor(sizes: readonly number[]): number[] {
  const strides = new Array<number>(sizes.length)
  let stride = 1
  for (let d = sizes.length - 1; d >= 0; d--) {
    strides[d] = stride
    stride *= Math.max(sizes[d], 1)
  }
  return strides
}

/** The strides with which `to` shows the elements of a geometry in row-major order; null when there are none. */
function stridesFor(geometry: Geometry, to: readonly number[]): number[] | null {
  const kept = [...geometry.sizes.keys()].filter((d) => geometry.sizes[d] !== 1)
  const sizes = kept.map((d) => geometry.sizes[d])
  const strides = kept.map((d) => geometry.strides[d])
  const out: number[] = []
  // The next old and new dimensions that hold equally many elements: the old ones must lie end to end.
  for (let i = 0, j = 0; i < sizes.length && j < to.length; ) {
    const from = i
    let [had, has] = [sizes[i++], to[j++]]
    while (had !== has) {
      if (has < had) has *= to[j++]
      else had *= sizes[i++]
    }
    for (let d = from; d < i - 1; d++) if (strides[d] !== sizes[d + 1] * strides[d + 1]) return null
    const begin = out.length
    for (let d = j - 1, stride = strides[i - 1]; d >= begin; stride *= to[d--]) out[d] = stride
  }
  const last = out.at(-1) ?? 1
  while (out.length < to.length) out.push(last)
  return out
}

/** `a.reshape(...)`: a view where it can be one, else of a copy. */
export function reshape(a: NDArray, ...shape: unknown[]): NDArray {
  const sizes = inferred(sizesOf(shape), a.size)
  const geometry = geometryOf(a)
  const strides = a.flags.c_contiguous ? rowMajor(sizes) : stridesFor(geometry, sizes)
  if (strides) return viewOf(a, { sizes, strides, offset: geometry.offset })
  const copy = copyOf(a)
  const view = viewOf(copy, { sizes, strides: rowMajor(sizes), offset: 0 })
  copy.dispose()
  return view
}

/** One dimension: a view of what is contiguous, else a copy. */
export function ravel(a: NDArray): NDArray {
  return a.flags.c_contiguous ? reshape(a, -1) : flatten(a)
}

/** One dimension, always a copy. */
export function flatten(a: NDArray): NDArray {
  const flat = empty([a.size], a.dtype)
  const shaped = viewOf(flat, { sizes: a._dims(0), strides: rowMajor(a._dims(0)), offset: 0 })
  checked(core.array_assign(address(shaped), address(a)))
  shaped.dispose()
  return flat
}

/** The dimensions in another order, in reverse if none is given. @throws ValueError, AxisError */
export function transpose(a: NDArray, ...given: unknown[]): NDArray {
  const { ndim } = a
  const listed = given.length === 1 && (Array.isArray(given[0]) || given[0] === null) ? given[0] : given
  const axes =
    (listed === null || (listed as unknown[]).length === 0) && !(Array.isArray(given[0]) && ndim)
      ? Array.from({ length: ndim }, (_, d) => ndim - 1 - d)
      : (listed as unknown[])
  if (axes.length !== ndim) throw new ValueError("axes don't match array")
  const order = axes.map((axis) => wrapAxis(axis, ndim))
  if (new Set(order).size !== ndim) throw new ValueError('repeated axis in transpose')
  return permuted(a, order)
}

export function permuted(a: NDArray, order: readonly number[]): NDArray {
  const { sizes, strides, offset } = geometryOf(a)
  return viewOf(a, { sizes: order.map((d) => sizes[d]), strides: order.map((d) => strides[d]), offset })
}

/** `a.swapaxes(i, j)`. */
export function swapaxes(a: NDArray, i: number, j: number): NDArray {
  const order = [...Array(a.ndim).keys()]
  const [first, second] = [i, j].map((axis, at) => wrapAxis(axis, a.ndim, a.ndim, `axis${at + 1}: `))
  ;[order[first], order[second]] = [second, first]
  return permuted(a, order)
}

/** Axes as an option: all (null), one, or several. @throws AxisError, ValueError for one given twice */
export function axesOf(axis: unknown, ndim: number, most = ndim): number[] {
  if (axis === undefined || axis === null) return [...Array(ndim).keys()]
  const axes = (Array.isArray(axis) ? axis : [axis]).map((one) => wrapAxis(one, ndim, most))
  if (new Set(axes).size < axes.length) throw new ValueError("duplicate value in 'axis'")
  return axes
}

/** Without the dimensions of size one, or without those named. @throws ValueError for another size */
export function squeeze(a: NDArray, axis?: number | readonly number[] | null): NDArray {
  const { sizes, strides, offset } = geometryOf(a)
  const given = axis !== undefined && axis !== null
  const goes = given ? axesOf(axis, a.ndim, Math.max(a.ndim, 1)) : [...sizes.keys()].filter((d) => sizes[d] === 1)
  if (goes.length === 0 || a.ndim === 0) return a
  if (goes.some((d) => sizes[d] !== 1)) {
    throw new ValueError('cannot select an axis to squeeze out which has size not equal to one')
  }
  const stays = [...sizes.keys()].filter((d) => !goes.includes(d))
  return viewOf(a, { sizes: stays.map((d) => sizes[d]), strides: stays.map((d) => strides[d]), offset })
}

/** New dimensions of size one at these places of the result. */
export function expandDims(a: NDArray, axis: number | readonly number[]): NDArray {
  const { sizes, strides, offset } = geometryOf(a)
  const axes = Array.isArray(axis) ? axis : [axis]
  const news = axesOf(axes, a.ndim + axes.length)
  const [out, steps]: number[][] = [[], []]
  let d = 0
  for (let at = 0; at < a.ndim + axes.length; at++) {
    const isNew = news.includes(at)
    out.push(isNew ? 1 : sizes[d])
    steps.push(isNew ? 0 : strides[d++])
  }
  return viewOf(a, { sizes: out, strides: steps, offset })
}

/** The elements seen in a larger shape; null when they do not broadcast to it. */
export function broadcastGeometry(a: NDArray, shape: readonly number[]): Geometry | null {
  const { sizes, strides, offset } = geometryOf(a)
  const skip = shape.length - sizes.length
  if (skip < 0 || sizes.some((n, d) => n !== 1 && n !== shape[d + skip])) return null
  const steps = shape.map((n, d) => (d < skip || (sizes[d - skip] === 1 && n !== 1) ? 0 : strides[d - skip]))
  return { sizes: shape, strides: steps, offset }
}

/** np.broadcast_to: a view that may not be written. */
export function broadcastTo(a: NDArray, given: unknown): NDArray {
  const shape = sizesOf([given])
  checkSize(shape, 0)
  const geometry = broadcastGeometry(a, shape)
  if (!geometry) {
    throw new ValueError(
      `operands could not be broadcast together with remapped shapes [original->remapped]: ` +
        `${shapeText(a._dims(0))}  and requested shape ${shapeText(shape)}`,
    )
  }
  const view = viewOf(a, geometry)
  view.flags.writeable = false
  return view
}

/** Whether two arrays have the same elements in the same places. */
export function isSame(a: NDArray, b: NDArray): boolean {
  const [x, y] = [geometryOf(a), geometryOf(b)]
  return a.ctypes.data === b.ctypes.data && sameShape(x.sizes, y.sizes) && sameShape(x.strides, y.strides)
}
