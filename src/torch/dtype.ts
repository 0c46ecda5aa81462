// torch.dtype and its five values.
import { DType as Code } from '../../assembly/abi'
import { RuntimeError } from '../core/errors'
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

const RANGES: Partial<Record<Code, readonly [low: number, high: number, cpp: string]>> = {
  [Code.int32]: [-(2 ** 31), 2 ** 31 - 1, 'int'],
  [Code.int64]: [-(2 ** 63), 2 ** 63, 'int64_t'],
  [Code.float32]: [-3.4028234663852886e38, 3.4028234663852886e38, 'float'],
}

/** A Python number that every element shall become. @throws RuntimeError when the dtype cannot hold it */
export function checkFits(value: number | bigint | boolean, dtype: DType): void {
  const range = RANGES[dtype._code]
  if (!range) return
  const [low, high, cpp] = range
  const number = Number(value)
  const fits =
    typeof value === 'bigint' && dtype === int64 ? BigInt.asIntN(64, value) === value : number >= low && number <= high
  if (!fits && !(dtype.is_floating_point && !Number.isFinite(number) && typeof value === 'number')) {
    throw new RuntimeError(`value cannot be converted to type ${cpp} without overflow`)
  }
}

/** The dtype of a core number. */
export function dtypeOf(code: Code): DType {
  return BY_CODE[code]
}
