// NumPy's own exceptions, and its words for shapes.
import { IndexError, PyTypeError, ValueError } from '../core/errors'

/** A ufunc that has no loop for its operands, or may not cast to or from one. A TypeError. */
export class UFuncTypeError extends PyTypeError {
  override name = 'UFuncTypeError'
}

/** A ValueError and an IndexError in Python; here the latter. */
export class AxisError extends IndexError {
  override name = 'AxisError'
}

/** `(2,3)`, `(3,)`, `()`. */
export const shapeText = (shape: readonly number[]): string => `(${shape.join(',')}${shape.length === 1 ? ',' : ''})`

/** The same with a space behind each comma, as Python writes tuples. */
export const tupleText = (shape: readonly number[]): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`

export function cannotBroadcast(shapes: readonly (readonly number[])[]): ValueError {
  return new ValueError(
    `operands could not be broadcast together with shapes ${shapes.map((shape) => `${shapeText(shape)} `).join('')}`,
  )
}

/** The shape that all of these broadcast to; null when there is none. */
export function broadcastShape(shapes: readonly (readonly number[])[]): number[] | null {
  const ndim = Math.max(0, ...shapes.map((shape) => shape.length))
  const out = new Array<number>(ndim).fill(1)
  for (const shape of shapes) {
    for (const [i, size] of shape.entries()) {
      const d = ndim - shape.length + i
      if (out[d] === 1) out[d] = size
      else if (size !== 1 && size !== out[d]) return null
    }
  }
  return out
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i])

/** An axis counted from the end, as an index. @throws AxisError, TypeError for what is no int */
export function wrapAxis(axis: unknown, ndim: number, most = ndim, which = ''): number {
  if (typeof axis !== 'number' || !Number.isInteger(axis)) {
    const type =
      typeof axis === 'number' ? 'float' : axis === null ? 'NoneType' : typeof axis === 'string' ? 'str' : 'list'
    throw new PyTypeError(`'${type}' object cannot be interpreted as an integer`)
  }
  if (axis < -most || axis >= most) {
    throw new AxisError(`${which}axis ${axis} is out of bounds for array of dimension ${ndim}`)
  }
  return axis < 0 ? axis + most : axis
}
