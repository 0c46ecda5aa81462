// NumPy's square brackets: a.at(0, '1:3', null, '...') is a[0, 1:3, None, ...]. Integers and slices make a view; arrays
// and lists of indices or truth values pick elements.
import { Op } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { IndexError, PyTypeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { putArgs } from '../core/memory'
import { core } from '../core/wasm'
import { isInt } from '../torch/pytypes'
import { temporaries } from '../torch/temporaries'
import { type Scalar, Tensor } from '../torch/tensor'
import { cannotAssign, castTo, fillFrom, valueFor, writeInto } from './convert'
import { int64 } from './dtype'
import { broadcastShape, shapeText } from './errors'
import { empty, type Geometry, geometryOf, made, NDArray, viewOf } from './ndarray'
import { NpScalar } from './scalar'
import { checkIndex, consumedBy, type Picks, type Plain, sliced, stepOf, stepsOf } from './subscript_steps'
import { broadcastGeometry, copyOf } from './views'

type List = readonly (number | bigint | boolean | NpScalar | NDArray | List)[]
/**
 * An index, a slice as Python writes it ('1:3', '::-1', ':'), null for a new axis, '...' for all dimensions between; an
 * array or nested list of indices, a mask; true or false for a mask of no dimensions.
 */
export type NpKey =
  | number
  | bigint
  | string
  | boolean
  | null
  | NpScalar
  | NDArray
  | Tensor
  | List
  | Int32Array
  | BigInt64Array

/** What is left of a subscript when integers, slices and new axes are applied. */
interface Selection {
  /** The dimensions of the view that are not picked from, in order. */
  rest: { size: number; stride: number }[]
  offset: number
  picked: { size: number; stride: number; axis: number; picks: Picks }[]
  /** Where among `rest` the picked dimensions stand when they are neighbours; 0 when they are not. */
  place: number
}

function select(a: NDArray, steps: readonly Plain[]): Selection {
  const { sizes, strides, offset } = geometryOf(a)
  const picking = steps.some((step) => step.kind === 'picks' || step.kind === 'truth')
  const selection: Selection = { rest: [], offset, picked: [], place: 0 }
  let axis = 0
  let apart = false
  let lastPick = -1
  for (const [at, step] of steps.entries()) {
    const size = sizes[axis]
    const stride = strides[axis]
    if (step.kind === 'new') selection.rest.push({ size: 1, stride: 0 })
    else if (step.kind === 'slice') {
      const { count, start, step: by } = sliced(step.text, size)
      if (count) selection.offset += start * stride
      selection.rest.push({ size: count, stride: stride * by })
    } else if (step.kind === 'index' && !picking) {
      selection.offset += (step.index < 0 ? step.index + size : step.index) * stride
    } else {
      // Beside arrays an integer is one, too.
      const picks = step.kind === 'index' ? { values: [step.index], shape: [] } : step.picks
      const isTruth = step.kind === 'truth'
      selection.picked.push({ size: isTruth ? 1 : size, stride: isTruth ? 0 : stride, axis, picks })
      if (lastPick < 0) selection.place = selection.rest.length
      else if (lastPick !== at - 1) apart = true
      lastPick = at
    }
    axis += consumedBy(step)
  }
  if (apart) selection.place = 0
  return selection
}

const isBasic = (keys: readonly unknown[]): boolean =>
  keys.every((key) => key === null || typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint')

function basicGeometry({ rest, offset }: Selection): Geometry {
  return { sizes: rest.map(({ size }) => size), strides: rest.map(({ stride }) => stride), offset }
}

/** Picked places, broadcast together: for each element of their common shape the index along each picked dimension. */
function placesIn({ picked }: Selection): { shape: number[]; values: number[][] } {
  const shapes = picked.map(({ picks }) => picks.shape)
  const shape = broadcastShape(shapes)
  if (!shape) {
    throw new IndexError(
      'shape mismatch: indexing arrays could not be broadcast together with shapes ' +
        shapes.map((one) => (one.length ? `${shapeText(one)} ` : '')).join(''),
    )
  }
  const count = shape.reduce((a, b) => a * b, 1)
  const values = picked.map(({ picks, size, axis }) => {
    for (const index of picks.values) checkIndex(index, axis, size)
    const skip = shape.length - picks.shape.length
    return Array.from({ length: count }, (_, i) => {
      let at = 0
      let unit = 1
      for (let d = shape.length - 1; d >= skip; d--) {
        const own = picks.shape[d - skip]
        if (own !== 1) at += (i % shape[d]) * unit
        unit *= own
        i = Math.floor(i / shape[d])
      }
      const index = picks.values[at]
      return index < 0 ? index + size : index
    })
  })
  return { shape, values }
}

/** The indices as the core takes them, and the view that they index: picked dimensions in front, no stride negative. */
function pickedView(a: NDArray, selection: Selection, places: { shape: number[]; values: number[][] }) {
  let { offset } = selection
  const sizes: number[] = []
  const strides: number[] = []
  const indices = selection.picked.map(({ size, stride }, k) => {
    const flips = stride < 0
    if (flips) offset += (size - 1) * stride
    sizes.push(size)
    strides.push(Math.abs(stride))
    const index = empty(places.shape, int64)
    fillFrom(index, flips ? places.values[k].map((i) => size - 1 - i) : places.values[k])
    return index
  })
  const flipped: number[] = []
  for (const [d, { size, stride }] of selection.rest.entries()) {
    if (stride < 0) {
      if (size) offset += (size - 1) * stride
      flipped.push(d)
    }
    sizes.push(size)
    strides.push(Math.abs(stride))
  }
  return { view: viewOf(a, { sizes, strides, offset }), indices, flipped }
}

/** An array seen backwards along these dimensions. */
function backwards(a: NDArray, dims: readonly number[]): NDArray {
  const { sizes, strides, offset } = geometryOf(a)
  const at = dims.reduce((sum, d) => sum + Math.max(sizes[d] - 1, 0) * strides[d], offset)
  return viewOf(a, { sizes, strides: strides.map((stride, d) => (dims.includes(d) ? -stride : stride)), offset: at })
}

/** Moves the first `count` dimensions to `place`. */
function moved(a: NDArray, count: number, place: number): NDArray {
  const { sizes, strides, offset } = geometryOf(a)
  const order = [...sizes.keys()]
  const front = order.splice(0, count)
  order.splice(place, 0, ...front)
  return viewOf(a, { sizes: order.map((d) => sizes[d]), strides: order.map((d) => strides[d]), offset })
}

function putIndices(at: number, indices: readonly NDArray[]): void {
  putArgs(at, indices.length, ...indices.map(address))
}

/** `a[keys]`. A view for integers and slices, a scalar where every dimension is indexed, a copy where arrays pick. */
export function readAt(a: NDArray, keys: readonly unknown[]): NDArray | NpScalar {
  address(a)
  if (isBasic(keys)) return basic(a, keys)
  return temporaries(() => {
    const selection = select(a, stepsOf(a, keys))
    if (selection.picked.length === 0) {
      const seen = basic(a, keys)
      // An array of one index among the keys makes it a copy.
      return seen instanceof NDArray && keys.some((key) => key instanceof NDArray) ? copyOf(seen) : seen
    }
    const places = placesIn(selection)
    const { view, indices, flipped } = pickedView(a, selection, places)
    putIndices(0, indices)
    const found = made(core.call(Op.Index, address(view), 0, 0))
    const { shape } = places
    const right = flipped.length
      ? copyOf(
          backwards(
            found,
            flipped.map((d) => d + shape.length),
          ),
        )
      : found
    if (right.ndim === 0 && !keys.includes('...')) return new NpScalar(a.dtype, right._element(0))
    // As in NumPy the result is then a view of what was picked.
    return selection.place ? moved(right, shape.length, selection.place) : right
  })
}

function basic(a: NDArray, keys: readonly unknown[]): NDArray | NpScalar {
  const selection = select(a, stepsOf(a, keys))
  if (selection.rest.length || keys.includes('...')) return viewOf(a, basicGeometry(selection))
  return new NpScalar(a.dtype, a._reader()(selection.offset))
}

/** `a[keys] = value`. @throws ValueError when the value does not broadcast to what is written */
export function writeAt(a: NDArray, keys: readonly unknown[], given: unknown): void {
  address(a)
  temporaries(() => {
    const steps = stepsOf(a, keys)
    const selection = select(a, steps)
    const lone = keys.length === 1 ? stepOf(keys[0]) : null
    a._checkWriteable('assignment destination')
    if (selection.picked.length === 0) {
      const target = viewOf(a, basicGeometry(selection))
      const value = valueFor(given, a.dtype).array
      // Where integers name one element NumPy wants a number.
      const isElement = keys.length > 0 && selection.rest.length === 0 && !keys.includes('...')
      if (isElement && given instanceof NDArray && given.ndim) throw tooDeep(0)
      if (!(given instanceof NDArray) && !(given instanceof Tensor) && value.ndim > target.ndim)
        throw tooDeep(target.ndim)
      writeInto(target, fitting(value, target._dims(0)))
      return
    }
    const value = valueFor(given, a.dtype).array
    const places = placesIn(selection)
    const isWhole = lone?.kind === 'mask' ? lone.mask.ndim === a.ndim : lone?.kind === 'truth' && a.ndim === 0
    if (isWhole) checkMasked(value, places.shape[0])
    const rest = selection.rest.map(({ size }) => size)
    const shape = [...rest.slice(0, selection.place), ...places.shape, ...rest.slice(selection.place)]
    const cast = value.dtype === a.dtype ? value : castTo(value, a.dtype)
    const geometry = broadcastGeometry(trimmed(cast, shape.length), shape)
    if (!geometry) {
      throw new ValueError(
        `shape mismatch: value array of shape ${shapeText(value._dims(0))} could not be broadcast to indexing result of ` +
          `shape ${shapeText(shape)}`,
      )
    }
    const { view, indices, flipped } = pickedView(a, selection, places)
    const front = [...places.shape.keys()].map((d) => selection.place + d)
    const order = [...front, ...shape.keys()].filter((d, i, all) => all.indexOf(d) === i)
    const seen = viewOf(cast, {
      sizes: order.map((d) => geometry.sizes[d]),
      strides: order.map((d) => geometry.strides[d]),
      offset: geometry.offset,
    })
    const source = copyOf(
      backwards(
        seen,
        flipped.map((d) => d + places.shape.length),
      ),
    )
    putArgs(0, 0)
    putIndices(1, indices)
    checked(core.call_(Op.IndexPut, address(view), address(source), 0))
  })
}

/** A list holds more lists than the target has dimensions. */
const tooDeep = (ndim: number): ValueError =>
  new ValueError(
    `setting an array element with a sequence.${ndim ? ` The requested array would exceed the maximum number of dimension of ${ndim}.` : ''}`,
  )

function checkMasked(value: NDArray, count: number): void {
  if (value.ndim > 1) {
    throw new PyTypeError(
      `NumPy boolean array indexing assignment requires a 0 or 1-dimensional input, input has ${value.ndim} dimensions`,
    )
  }
  if (value.ndim && value.size !== 1 && value.size !== count) {
    throw new ValueError(
      `NumPy boolean array indexing assignment cannot assign ${value.size} input values to the ${count} output values ` +
        'where the mask is true',
    )
  }
}

/** Without leading sizes of one beyond `ndim`. */
function trimmed(value: NDArray, ndim: number): NDArray {
  const { sizes, strides, offset } = geometryOf(value)
  let lead = 0
  while (sizes.length - lead > ndim && sizes[lead] === 1) lead++
  return lead ? viewOf(value, { sizes: sizes.slice(lead), strides: strides.slice(lead), offset }) : value
}

/** A value that broadcasts to a shape. @throws ValueError */
export function fitting(value: NDArray, shape: readonly number[]): NDArray {
  const fits = trimmed(value, shape.length)
  if (!broadcastGeometry(fits, shape)) throw cannotAssign(fits._dims(0), shape)
  return fits
}

/** The keys of `set_at_`: a list of them, or one. */
export const keysOf = (keys: unknown): readonly unknown[] => (Array.isArray(keys) ? keys : [keys])

/** Indices of `item(...)`: none, one over all elements, or one a dimension. */
export function itemAt(a: NDArray, given: readonly unknown[]): Scalar {
  const at = given.length === 1 && Array.isArray(given[0]) ? (given[0] as unknown[]) : given
  for (const index of at) {
    if (!isInt(index))
      throw new PyTypeError(
        `'${index === null ? 'NoneType' : typeof index === 'number' ? 'float' : 'str'}' object cannot be interpreted as an integer`,
      )
  }
  if (at.length === 0) {
    if (a.size !== 1) throw new ValueError('can only convert an array of size 1 to a Python scalar')
    return a._element(0)
  }
  const sizes = a._dims(0)
  if (at.length === 1 && sizes.length !== 1) {
    const index = Number(at[0])
    if (index < -a.size || index >= a.size) throw new IndexError(`index ${index} is out of bounds for size ${a.size}`)
    return a._element(index < 0 ? index + a.size : index)
  }
  if (at.length !== sizes.length) throw new ValueError('incorrect number of indices for array')
  return (readAt(a, at) as NpScalar).item()
}
