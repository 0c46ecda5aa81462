// Do two arrays have bytes in common?

import { TensorField } from '../../assembly/abi'
import { PyTypeError } from '../core/errors'
import { address } from '../core/handles'
import { u32 } from '../core/memory'
import { ArrayHandle } from '../torch/elements'
import { dtypeOfCode } from './dtype'

/** What an array covers: its first and last byte, and how its elements lie. */
function extent(a: ArrayHandle) {
  const { itemsize } = dtypeOfCode(a._byte(TensorField.dtype))
  const sizes = a._dims(0)
  const strides = a._dims(1).map((stride) => stride * itemsize)
  const first = a._word(TensorField.offset) * itemsize
  let low = first
  let high = low + itemsize
  for (const [d, stride] of strides.entries()) {
    if (stride < 0) low += (sizes[d] - 1) * stride
    else high += (sizes[d] - 1) * stride
  }
  return { storage: u32()[(address(a) + TensorField.storage) / 4], itemsize, sizes, strides, first, low, high }
}

type Extent = ReturnType<typeof extent>

function checkArrays(...arrays: unknown[]): void {
  for (const a of arrays) if (!(a instanceof ArrayHandle)) throw new PyTypeError('expected an array or a tensor')
}

/** Whether the two lie in one stretch of memory: cheap, and true of interleaved arrays as well. */
export function may_share_memory(a: ArrayHandle, b: ArrayHandle): boolean {
  checkArrays(a, b)
  const [x, y] = [extent(a), extent(b)]
  if (x.storage !== y.storage || x.sizes.includes(0) || y.sizes.includes(0)) return false
  return x.low < y.high && y.low < x.high
}

/** Whether an element of one and an element of the other have a byte in common, decided exactly. */
export function shares_memory(a: ArrayHandle, b: ArrayHandle): boolean {
  if (!may_share_memory(a, b)) return false
  const [x, y] = [extent(a), extent(b)]
  const unit = Math.min(x.itemsize, y.itemsize)
  const taken = new Set(bytesOf(x, x.first, unit))
  for (const at of bytesOf(y, y.first, unit)) if (taken.has(at)) return true
  return false
}

/** The elements' addresses in units of the smaller itemsize, every one of which an element covers. */
function* bytesOf({ sizes, strides, itemsize }: Extent, from: number, unit: number, d = 0): Generator<number> {
  if (d < sizes.length) {
    for (let i = 0; i < sizes[d]; i++)
      yield* bytesOf({ sizes, strides, itemsize } as Extent, from + i * strides[d], unit, d + 1)
  } else for (let at = from; at < from + itemsize; at += unit) yield at / unit
}
