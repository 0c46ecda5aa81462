// What a tensor and an ndarray have in common: a record with a shape and strides over a storage, and elements to read.
import { DType as Code, StorageField, TensorField } from '../../assembly/abi'
import { address, TensorHandle } from '../core/handles'
import { buffer, f64, i32, u8, u32 } from '../core/memory'

/** A Python number as JavaScript has it: int64 values beyond 2^53 are bigint, every other number a number. */
export type Scalar = number | bigint | boolean
export type Nested = Scalar | Nested[]

/** A handle of a record that has elements. */
export abstract class ArrayHandle extends TensorHandle {
  /** @internal */
  _byte(field: TensorField): number {
    return u8()[address(this) + field]
  }

  /** @internal */
  _word(field: TensorField): number {
    return u32()[(address(this) + field) / 4]
  }

  /** Sizes (`which` 0) or strides (1), in elements. @internal */
  _dims(which: 0 | 1): number[] {
    const ndim = this._byte(TensorField.ndim)
    const from = this._word(TensorField.dims) / 4 + which * Math.max(ndim, TensorField.inlineDims)
    return Array.from(i32().subarray(from, from + ndim))
  }

  /** Element `i` in row-major order. @internal */
  _element(i: number): Scalar {
    let offset = this._word(TensorField.offset)
    const [sizes, strides] = [this._dims(0), this._dims(1)]
    for (let d = sizes.length - 1; d >= 0; d--) {
      offset += (i % sizes[d]) * strides[d]
      i = Math.floor(i / sizes[d])
    }
    return this._reader()(offset)
  }

  /** Reads the storage by element offset, for as long as nothing allocates. @internal */
  _reader(): (offset: number) => Scalar {
    const at = u32()[(this._word(TensorField.storage) + StorageField.data) / 4]
    switch (this._byte(TensorField.dtype) as Code) {
      case Code.bool: {
        const view = u8()
        return (i) => view[at + i] !== 0
      }
      case Code.int32: {
        const view = i32()
        return (i) => view[at / 4 + i]
      }
      case Code.int64: {
        const view = new BigInt64Array(buffer())
        return (i) => {
          const value = view[at / 8 + i]
          const number = Number(value)
          return Number.isSafeInteger(number) ? number : value
        }
      }
      case Code.float32: {
        const view = new Float32Array(buffer())
        return (i) => view[at / 4 + i]
      }
      default: {
        const view = f64()
        return (i) => view[at / 8 + i]
      }
    }
  }

  /** Nested arrays of numbers; a number where there is no dimension. */
  tolist(): Nested {
    const [sizes, strides] = [this._dims(0), this._dims(1)]
    const read = this._reader()
    const walk = (d: number, offset: number): Nested =>
      d === sizes.length
        ? read(offset)
        : Array.from({ length: sizes[d] }, (_, i) => walk(d + 1, offset + i * strides[d]))
    return walk(0, this._word(TensorField.offset))
  }
}
