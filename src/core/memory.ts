// Views of the core's memory. Growth detaches the buffer that a view looks at, so nobody keeps one: `u32()` and its
// like return the current view, made anew when the old one has come to length 0.

import { Args, CounterField, Limits } from '../../assembly/abi'
import { RuntimeError } from './errors'
import type { CoreExports } from './exports'

let memory: WebAssembly.Memory
let u32View = new Uint32Array(0)
let i32View = new Int32Array(0)
let f64View = new Float64Array(0)
let u8View = new Uint8Array(0)
let argsAt = 0
let countersAt = 0
let errorAt = 0

export function attachMemory(core: CoreExports): void {
  memory = core.memory
  argsAt = core.args_at() / 8
  countersAt = core.counters_at()
  errorAt = core.error_at()
}

export function u32(): Uint32Array {
  if (u32View.length === 0) u32View = new Uint32Array(memory.buffer)
  return u32View
}

export function i32(): Int32Array {
  if (i32View.length === 0) i32View = new Int32Array(memory.buffer)
  return i32View
}

export function f64(): Float64Array {
  if (f64View.length === 0) f64View = new Float64Array(memory.buffer)
  return f64View
}

export function u8(): Uint8Array {
  if (u8View.length === 0) u8View = new Uint8Array(memory.buffer)
  return u8View
}

export function buffer(): ArrayBuffer {
  return memory.buffer
}

/** Writes numbers into the core's argument area, from argument `at` on. */
export function putArgs(at: number, ...values: number[]): void {
  const view = f64()
  for (let i = 0; i < values.length; i++) view[argsAt + at + i] = values[i]
}

/** A copy of the argument area; the returned function puts it back. For calls into JS in the middle of an op. */
export function takeArgs(): () => void {
  const taken = f64().slice(argsAt, argsAt + Args.capacity)
  return () => f64().set(taken, argsAt)
}

/** The same for the pending error, which is no longer pending meanwhile. */
export function takePending(): () => void {
  const { code, numbers } = readError()
  if (!code) return () => {}
  u32()[errorAt / 4] = 0
  return () => {
    u32()[errorAt / 4] = code
    u32()[errorAt / 4 + 1] = numbers.length
    f64().set(numbers, errorAt / 8 + 1)
  }
}

/** A number of the argument area, which holds those of the op that runs. */
export function argument(at: number): number {
  return f64()[argsAt + at]
}

/**
 * Writes `| count | ... |` from argument `at` on, the form in which the core takes shapes and dims.
 * @throws RuntimeError for a list longer than any shape, which the argument area has no room for
 */
export function putList(at: number, values: readonly number[]): void {
  if (values.length > Limits.dims) {
    throw new RuntimeError(`a tensor of ${values.length} dimensions is not supported: the most is ${Limits.dims}`)
  }
  const view = f64()
  view[argsAt + at] = values.length
  for (let i = 0; i < values.length; i++) view[argsAt + at + 1 + i] = values[i]
}

/** The same for sizes and strides, which the core keeps in 32 bits. @throws RuntimeError beyond these */
export function putSizes(at: number, sizes: readonly number[]): void {
  if (sizes.some((n) => n > 2 ** 31 - 1)) {
    throw new RuntimeError(`Storage size calculation overflowed with sizes=[${sizes.map(BigInt).join(', ')}]`)
  }
  putList(at, sizes)
}

/** The pending error's code and numbers. */
export function readError(): { code: number; numbers: number[] } {
  const view = u32()
  const count = view[errorAt / 4 + 1]
  return { code: view[errorAt / 4], numbers: Array.from(f64().subarray(errorAt / 8 + 1, errorAt / 8 + 1 + count)) }
}

export interface MemoryStats {
  tensors: number
  storages: number
  nodes: number
  objects: number
  bytes: number
  peak_bytes: number
  allocations: number
}

/** The core's counters: what lives now, the most bytes that ever lived, and how many allocations there were. */
export function memoryStats(): MemoryStats {
  const doubles = f64()
  const words = u32()
  const word = (field: CounterField) => words[(countersAt + field) / 4]
  const double = (field: CounterField) => doubles[(countersAt + field) / 8]
  return {
    tensors: word(CounterField.tensors),
    storages: word(CounterField.storages),
    nodes: word(CounterField.nodes),
    objects: word(CounterField.objects),
    bytes: double(CounterField.bytes),
    peak_bytes: double(CounterField.peakBytes),
    allocations: double(CounterField.allocations),
  }
}
