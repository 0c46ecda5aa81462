// torch.dtype and its five values.
import { DType as Code } from '../../assembly/abi'
import { registerType } from './pytypes'

/** An element type, such as `torch.float32`; compare with `===`. */
export class DType {
  /** @internal */
  constructor(
    /** The core's number for it. @internal */
    readonly _code: Code,
    readonly name: string,
    /** Bytes of one element. */
    readonly itemsize: number,
    readonly is_floating_point: boolean,
  ) {}

  toString(): string {
    return `torch.${this.name}`
  }
}
registerType('torch.dtype', DType)

export const bool = new DType(Code.bool, 'bool', 1, false)
export const int32 = new DType(Code.int32, 'int32', 4, false)
export const int64 = new DType(Code.int64, 'int64', 8, false)
export const float32 = new DType(Code.float32, 'float32', 4, true)
export const float64 = new DType(Code.float64, 'float64', 8, true)

const BY_CODE = [bool, int32, int64, float32, float64]

/** The dtype of a core number. */
export function dtypeOf(code: Code): DType {
  return BY_CODE[code]
}
