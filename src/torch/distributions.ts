// How PyTorch's distributions draw numbers from its generator.
import { StorageField, TensorField } from '../../assembly/abi'
import { scalarTypeName } from '../core/error_words'
import { NotImplementedError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { buffer, u32 } from '../core/memory'
import { warn } from '../core/warnings'
import { bool, type DType, float32, float64, int32, int64 } from './dtype'
import type { Generator } from './generator'
import { fma, fma64, normalBlocks } from './normal'
import type { Tensor } from './tensor'

export type Elements = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array
/** Fills fresh elements, which lie row-major or not, from a stream. */
export type Draw = (elements: Elements, from: Generator, rowMajor: boolean) => void
/** A distribution on a dtype. @throws RuntimeError, NotImplementedError if it has none there */
export type Distribution = (dtype: DType) => Draw

const ARRAYS = [Uint8Array, Int32Array, BigInt64Array, Float32Array, Float64Array]

/** The elements of a fresh dense tensor, in the order of its storage, until the next allocation. */
export function elementsOf(x: Tensor): Elements {
  const at = u32()[(u32()[(address(x) + TensorField.storage) / 4] + StorageField.data) / 4]
  return new ARRAYS[x.dtype._code](buffer(), at, x.numel())
}

export const uniform =
  (low: number, high: number): Distribution =>
  (dtype) => {
    needsFloats(dtype, 'check_uniform_bounds')
    const narrow = dtype === float32
    const [from, span] = narrow ? [Math.fround(low), Math.fround(high - low)] : [low, high - low]
    return (elements, { _engine }) => {
      const numbers = elements as Float32Array | Float64Array
      for (let i = 0; i < numbers.length; i++) {
        numbers[i] = narrow ? fma(_engine.float32(), span, from) : fma64(_engine.float64(), span, from)
      }
    }
  }

export const normal =
  (mean: number, std: number): Distribution =>
  (dtype) => {
    needsFloats(dtype, 'normal_kernel_cpu')
    return (elements, from, rowMajor) => {
      const numbers = elements as Float32Array | Float64Array
      if (numbers.length >= 16 && rowMajor) normalBlocks(numbers, mean, std, from._engine)
      else for (let i = 0; i < numbers.length; i++) numbers[i] = from._normal() * std + mean
    }
  }

function needsFloats(dtype: DType, kernel: string): void {
  if (dtype.is_floating_point) return
  throw new NotImplementedError(`"${kernel}" not implemented for '${scalarTypeName(dtype._code)}'`)
}

/** Integers in [low, high). */
export const integers =
  (low: number | bigint, high: number | bigint): Distribution =>
  (dtype) => {
    const [from, range] = bounds(BigInt(low), BigInt(high), dtype)
    const wide = range >= 2n ** 28n
    return (elements, { _engine }) => {
      const next = () => ((wide ? _engine.uint64() : BigInt(_engine.uint32())) % range) + from
      put(elements, next)
    }
  }

/** The first integer and how many there are. @throws RuntimeError for none, or for one that an integer dtype cannot hold */
function bounds(from: bigint, to: bigint, dtype: DType): [from: bigint, range: bigint] {
  if (from >= to) {
    const order = ["'from'", "'to'"].join(' to be less than ')
    throw new RuntimeError(`random_ expects ${order}, but got from=${from} >= to=${to}`)
  }
  const digits = dtype === float32 ? 24 : dtype === float64 ? 53 : dtype === int32 ? 31 : dtype === bool ? 0 : 63
  const [least, most] = dtype === bool ? [0n, 1n] : [-(2n ** BigInt(digits)), 2n ** BigInt(digits) - 1n]
  if (dtype.is_floating_point) {
    // A bound that is rounded out of the range moves one step of the floats there into it.
    const rounded = (value: bigint) => BigInt(dtype === float32 ? Math.fround(Number(value)) : Number(value))
    const step = (value: bigint) => 1n << BigInt(value.toString(2).replace('-', '').length - digits)
    if (rounded(from + 1n) < from) from = rounded(from + 1n) + step(from + 1n)
    if (rounded(to - 1n) >= to) to = rounded(to - 1n) - step(to - 1n)
  }
  for (const [name, value] of Object.entries({ from, 'to - 1': to - 1n })) {
    if (value >= least && value <= (dtype.is_floating_point ? most + 1n : most)) continue
    const type = ['bool', 'int', 'int64_t', 'float', 'double'][dtype._code]
    if (!dtype.is_floating_point) throw new RuntimeError(`${name} is out of bounds for ${type}`)
    warn(
      'UserWarning',
      `${name} is out of bounds [-(2^${digits}), 2^${digits}]. Due to precision limitations ${type} can support discrete ` +
        'uniform distribution only within this range. This warning will become an error in version 1.7 release, please ' +
        'fix the code in advance',
    )
  }
  return [from, to - from]
}

/** Writes one number after the other. */
function put(elements: Elements, next: () => number | bigint): void {
  if (elements instanceof BigInt64Array) for (let i = 0; i < elements.length; i++) elements[i] = BigInt(next())
  else for (let i = 0; i < elements.length; i++) elements[i] = Number(next())
}

/** Every integer that the dtype counts without gaps, from 0. */
export const allIntegers: Distribution =
  (dtype) =>
  (elements, { _engine }) => {
    if (dtype === int64 || dtype === float64) {
      const most = dtype === int64 ? 2n ** 63n : 2n ** 53n + 1n
      put(elements, () => _engine.uint64() % most)
    } else {
      const most = dtype === bool ? 2 : dtype === int32 ? 2 ** 31 : 2 ** 24 + 1
      put(elements, () => _engine.uint32() % most)
    }
  }

export const permutation =
  (n: number): Distribution =>
  (dtype) => {
    if (dtype === bool) throw new NotImplementedError('"randperm" not implemented for \'Bool\'')
    return (elements, { _engine }) => {
      const order = Array.from({ length: n }, (_, i) => i)
      for (let i = 0; i < n - 1; i++) {
        const at = i + (_engine.uint32() % (n - i))
        const value = order[i]
        order[i] = order[at]
        order[at] = value
      }
      let i = 0
      put(elements, () => order[i++])
    }
  }

/** 1 with probability `p`, else 0. */
export const coin =
  (p: number): Distribution =>
  () =>
  (elements, { _engine }) =>
    put(elements, () => (_engine.float64() < p ? 1 : 0))

/** The same with a probability for each element. */
export const coins =
  (probabilities: Elements): Draw =>
  (elements, { _engine }) => {
    const narrow = probabilities instanceof Float32Array
    let i = 0
    put(elements, () => ((narrow ? _engine.float32() : _engine.float64()) < probabilities[i++] ? 1 : 0))
  }
