// NumPy's square brackets: a.at(0, '1:3', null, '...') is a[0, 1:3, None, ...]. Integers and slices make a view; arrays
// and lists of indices or truth values pick elements.
import { Op } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { IndexError, PyTypeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { putArgs } from '../core/memory'
import { core } from '../core/wasm'
import { sliceParts } from '../torch/index_keys'
import { isInt } from '../torch/pytypes'
import { temporaries } from '../torch/temporaries'
import { type Scalar, Tensor } from '../torch/tensor'
import { cannotAssign, castTo, fillFrom, toArray, valueFor, writeInto } from './convert'
import { bool_, category, int64 } from './dtype'
import { broadcastShape, shapeText } from './errors'
import { empty, type Geometry, geometryOf, made, NDArray, viewOf } from './ndarray'
import { NpScalar } from './scalar'
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

const BAD_KEY =
  'only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices'

/** Indices along one dimension, broadcast together with those along others. */
interface Picks {
  values: number[]
  shape: number[]
}

/** One step of a subscript once its keys are understood. */
type Step =
  | { kind: 'index'; index: number }
  | { kind: 'slice'; text: string }
  | { kind: 'new' }
  | { kind: 'all' }
  | { kind: 'picks'; picks: Picks }
  /** A truth value: a new dimension of one element or of none. */
  | { kind: 'truth'; picks: Picks }

/** A mask as the places where it is true, one list a dimension. */
function placesOf(mask: NDArray): Picks[] {
  const sizes = mask._dims(0)
  const places: number[][] = sizes.map(() => [])
  for (let i = 0; i < mask.size; i++) {
    if (!mask._element(i)) continue
    let rest = i
    for (let d = sizes.length - 1; d >= 0; d--) {
      places[d].push(rest % sizes[d])
      rest = Math.floor(rest / sizes[d])
    }
  }
  return places.map((values) => ({ values, shape: [values.length] }))
}

/** What is left when masks and '...' are spelled out. */
type Plain = Exclude<Step, { kind: 'all' }>

/** Masks meet their dimensions when these are known. */
interface Mask {
  kind: 'mask'
  mask: NDArray
}

function arrayStep(a: NDArray, isOwn: boolean): Step | Mask {
  if (a.dtype === bool_) {
    if (a.ndim) return { kind: 'mask', mask: a }
    return truthStep(a._element(0) as boolean)
  }
  if (category(a.dtype) === 2) {
    throw new IndexError(isOwn ? 'arrays used as indices must be of integer (or boolean) type' : BAD_KEY)
  }
  if (a.ndim === 0) return { kind: 'index', index: Number(a._element(0)) }
  return { kind: 'picks', picks: { values: (a.ravel().tolist() as Scalar[]).map(Number), shape: a._dims(0) } }
}

const truthStep = (on: boolean): Step => ({
  kind: 'truth',
  picks: on ? { values: [0], shape: [1] } : { values: [], shape: [0] },
})

function stepOf(key: unknown): Step | Mask {
  if (key === null) return { kind: 'new' }
  if (key === '...') return { kind: 'all' }
  if (typeof key === 'string') {
    if (!key.includes(':')) throw new IndexError(BAD_KEY)
    return { kind: 'slice', text: key }
  }
  if (typeof key === 'boolean') return truthStep(key)
  if (key instanceof NpScalar) {
    if (key.dtype === bool_) return truthStep(Boolean(key.item()))
    if (category(key.dtype) === 2) throw new IndexError(BAD_KEY)
    return { kind: 'index', index: Number(key.item()) }
  }
  if (isInt(key)) return { kind: 'index', index: Number(key) }
  if (key instanceof NDArray || key instanceof Tensor) return arrayStep(toArray(key), true)
  if (Array.isArray(key) || ArrayBuffer.isView(key)) {
    const isEmpty = Array.isArray(key) && key.flat(Infinity).length === 0
    return arrayStep(toArray(key, isEmpty ? int64 : null), false)
  }
  throw new IndexError(BAD_KEY)
}

/** The steps of a subscript of `a`, masks spelled out, and all dimensions accounted for. @throws IndexError */
function stepsOf(a: NDArray, keys: readonly unknown[]): Plain[] {
  const given = keys.map(stepOf)
  if (given.filter((step) => step.kind === 'all').length > 1) {
    throw new IndexError("an index can only have a single ellipsis ('...')")
  }
  const used = given.reduce((count, step) => count + consumedBy(step), 0)
  if (used > a.ndim) {
    throw new IndexError(`too many indices for array: array is ${a.ndim}-dimensional, but ${used} were indexed`)
  }
  if (!given.some((step) => step.kind === 'all')) given.push({ kind: 'all' })
  const sizes = a._dims(0)
  const steps: Plain[] = []
  let axis = 0
  for (const step of given) {
    if (step.kind === 'mask') {
      for (const [d, size] of step.mask._dims(0).entries()) {
        if (size === sizes[axis + d]) continue
        throw new IndexError(
          `boolean index did not match indexed array along axis ${axis + d}; size of axis is ${sizes[axis + d]} but ` +
            `size of corresponding boolean axis is ${size}`,
        )
      }
      for (const picks of placesOf(step.mask)) steps.push({ kind: 'picks', picks })
      axis += step.mask.ndim
    } else if (step.kind === 'all') {
      // One whole slice for each dimension that no other step takes.
      for (let left = a.ndim - used; left > 0; left--) steps.push({ kind: 'slice', text: ':' })
      axis += a.ndim - used
    } else {
      if (step.kind === 'index') checkIndex(step.index, axis, sizes[axis])
      steps.push(step)
      axis += consumedBy(step)
    }
  }
  return steps
}

const consumedBy = (step: Step | Mask): number =>
  step.kind === 'mask' ? step.mask.ndim : step.kind === 'new' || step.kind === 'all' || step.kind === 'truth' ? 0 : 1

export function checkIndex(index: number, axis: number, size: number): void {
  if (index < -size || index >= size) {
    throw new IndexError(`index ${BigInt(index)} is out of bounds for axis ${axis} with size ${size}`)
  }
}

/** A slice of a dimension: how many elements, from where, how far apart (Python's slice.indices). */
function sliced(text: string, size: number): { count: number; start: number; step: number } {
  const [first, last, by] = sliceParts(text)
  const step = by ?? 1
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high)
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1]
  const start = first === null ? (step > 0 ? low : high) : clamp(first, low, high)
  const stop = last === null ? (step > 0 ? high : low) : clamp(last, low, high)
  const count = Math.max(0, Math.ceil((stop - start) / step))
  return { count, start, step: count ? step : 1 }
}

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
    throw new ValueError(
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
