// ndarray.flags: NumPy's view of how an array lies in memory, and whether it may be written.
import { TensorField, TensorFlag } from '../../assembly/abi'
import { ValueError } from '../core/errors'
import { address } from '../core/handles'
import { u8 } from '../core/memory'
import { core } from '../core/wasm'
import type { NDArray } from './ndarray'

/** assembly/tensor/tensor.ts: row-major. */
const CONTIGUOUS = 2

/** Prints as NumPy prints it; `writeable` may be assigned. */
export class Flags {
  /** @internal */
  constructor(private readonly array: NDArray) {}

  get c_contiguous(): boolean {
    return (this.array._flags & CONTIGUOUS) !== 0
  }

  get f_contiguous(): boolean {
    const [sizes, strides] = [this.array._dims(0), this.array._dims(1)]
    if (sizes.includes(0)) return true
    let expected = 1
    for (const [d, size] of sizes.entries()) {
      if (size !== 1 && strides[d] !== expected) return false
      expected *= size
    }
    return true
  }

  get owndata(): boolean {
    const base = core.array_base(address(this.array))
    if (base) core.tensor_release(base)
    return !base
  }

  get writeable(): boolean {
    return (this.array._flags & TensorFlag.readonly) === 0
  }

  /** @throws ValueError for a view of what may not be written */
  set writeable(on: boolean) {
    const { base } = this.array
    if (on && base && 'flags' in base && !base.flags.writeable) {
      throw new ValueError('cannot set WRITEABLE flag to True of this array')
    }
    const at = address(this.array) + TensorField.flags
    u8()[at] = on ? u8()[at] & ~TensorFlag.readonly : u8()[at] | TensorFlag.readonly
  }

  get aligned(): boolean {
    return true
  }

  get writebackifcopy(): boolean {
    return false
  }

  toString(): string {
    const names = ['c_contiguous', 'f_contiguous', 'owndata', 'writeable', 'aligned', 'writebackifcopy'] as const
    return names.map((name) => `  ${name.toUpperCase()} : ${this[name] ? 'True' : 'False'}\n`).join('')
  }

  __repr__(): string {
    return this.toString()
  }
}
