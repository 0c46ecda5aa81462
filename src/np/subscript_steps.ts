// The keys of a subscript, understood: what each does to the dimensions of an array, masks and '...' spelled out.
import { IndexError } from '../core/errors'
import { sliceParts } from '../torch/index_keys'
import { isInt } from '../torch/pytypes'
import { type Scalar, Tensor } from '../torch/tensor'
import { toArray } from './convert'
import { bool_, category, int64 } from './dtype'
import { NDArray } from './ndarray'
import { NpScalar } from './scalar'

const BAD_KEY =
  'only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices'

/** Indices along one dimension, broadcast together with those along others. */
export interface Picks {
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
export type Plain = Exclude<Step, { kind: 'all' }>

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

export function stepOf(key: unknown): Step | Mask {
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
export function stepsOf(a: NDArray, keys: readonly unknown[]): Plain[] {
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

export const consumedBy = (step: Step | Mask): number =>
  step.kind === 'mask' ? step.mask.ndim : step.kind === 'new' || step.kind === 'all' || step.kind === 'truth' ? 0 : 1

export function checkIndex(index: number, axis: number, size: number): void {
  if (index < -size || index >= size) {
    throw new IndexError(`index ${BigInt(index)} is out of bounds for axis ${axis} with size ${size}`)
  }
}

/** A slice of a dimension: how many elements, from where, how far apart (Python's slice.indices). */
export function sliced(text: string, size: number): { count: number; start: number; step: number } {
  const [first, last, by] = sliceParts(text)
  const step = by ?? 1
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + size : at, low), high)
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1]
  const start = first === null ? (step > 0 ? low : high) : clamp(first, low, high)
  const stop = last === null ? (step > 0 ? high : low) : clamp(last, low, high)
  const count = Math.max(0, Math.ceil((stop - start) / step))
  return { count, start, step: count ? step : 1 }
}
