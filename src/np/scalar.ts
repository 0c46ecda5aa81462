// NumPy's scalars, what `a.sum()` or `a.at(0)` is: a number that knows its dtype. No memory of the core belongs to one.
import { PyTypeError } from '../core/errors'
import { floatRepr } from '../torch/decimals'
import { numberIn, registerType } from '../torch/pytypes'
import type { Scalar } from '../torch/tensor'
import { bool_, category, float32, isDType, type NpDType, setScalarMaker } from './dtype'
import { element } from './element'

/**
 * A scalar such as `np.float64(3.5)`: `item()` is its value, arithmetic and comparison by size take it as a number.
 * Like every JavaScript object it is truthy, `np.bool(false)` too: write `a.any().item()`.
 */
export class NpScalar {
  /** @internal */
  constructor(
    readonly dtype: NpDType,
    private readonly value: Scalar,
  ) {}

  /** The value: a number, a boolean for bool, a bigint for an int64 beyond 2^53. */
  item(): number {
    return this.value as number
  }

  /** The number, and whether it is no int (torch/pytypes.ts). @internal */
  _number(): [Scalar, boolean] {
    return [this.value, category(this.dtype) !== 1]
  }

  tolist(): number {
    return this.item()
  }

  get shape(): number[] {
    return []
  }

  get ndim(): number {
    return 0
  }

  get size(): number {
    return 1
  }

  get itemsize(): number {
    return this.dtype.itemsize
  }

  valueOf(): Scalar {
    return this.value
  }

  [Symbol.toPrimitive](hint: string): Scalar | string {
    return hint === 'string' ? this.toString() : this.value
  }

  /** `3.5`, `True`. */
  toString(): string {
    return scalarText(this.value, this.dtype)
  }

  /** `np.float64(3.5)`, `np.True_`. */
  __repr__(): string {
    return this.dtype === bool_ ? `np.${this}_` : `np.${this.dtype.name}(${this})`
  }

  get [Symbol.toStringTag](): string {
    return this.dtype.name
  }
}
registerType((scalar) => `numpy.${(scalar as NpScalar).dtype}`, NpScalar)

/** A scalar's str. */
export function scalarText(value: Scalar, dtype: NpDType): string {
  if (dtype === bool_) return value ? 'True' : 'False'
  if (category(dtype) === 1) return String(BigInt(value))
  if (dtype !== float32) return floatRepr(Number(value))
  const x = Number(value)
  const size = Math.abs(x)
  if (!Number.isFinite(x)) return floatRepr(x)
  const digits = Number(shortest(x, float32))
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    return digits.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  }
  return floatRepr(Object.is(x, -0) ? x : digits)
}

/** The fewest digits that read back as the same number of the dtype. */
export function shortest(x: number, dtype: NpDType): string {
  if (dtype === float32 && x !== 0) {
    for (let digits = 1; digits < 9; digits++) {
      const text = x.toPrecision(digits)
      if (Math.fround(Number(text)) === x) return text
    }
    return x.toPrecision(9)
  }
  return Object.is(x, -0) ? '-0' : String(x)
}

setScalarMaker((value, dtype) => {
  const number = numberIn(value)
  if (number !== null) return new NpScalar(dtype, element(number, dtype))
  if (typeof value === 'object' || isDType(value)) throw new PyTypeError(`${dtype.name}() takes a number`)
  return new NpScalar(dtype, element(value, dtype))
})
