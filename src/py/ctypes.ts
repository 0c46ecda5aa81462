// Python's `ctypes`, as far as it reads memory: `py.ctypes.c_uint32.from_address(id(x)).value` is whatever stands there
// now, also after the object was freed. Numbers are little-endian, as WebAssembly's are.
import { AttributeError, PyTypeError, ValueError } from '../core/errors'
import { buffer } from '../core/memory'
import { nameOf } from './arguments'
import { consuming } from './handle'
import { integerOf } from './number'

type Read = (view: DataView, at: number) => number | bigint

/** A place in memory, read at every access of `value`. */
export class CData {
  /** @internal */
  constructor(
    /** @internal */
    readonly _type: CType,
    private readonly at: number,
  ) {}

  /** The number that stands there now. Memory is only read here. */
  get value(): number | bigint {
    return this._type.read(new DataView(buffer()), this.at)
  }

  set value(_: unknown) {
    throw new AttributeError(`${this._type.__name__}.value is read-only: ctypes does not write to memory here`)
  }

  toString(): string {
    return `${this._type.__name__}(${this.value})`
  }
}

/** One of C's number types. */
export class CType {
  /** @internal */
  constructor(
    readonly __name__: string,
    /** @internal */
    readonly size: number,
    /** @internal */
    readonly read: Read,
  ) {}

  /**
   * The number at an address.
   * @throws TypeError for what is no integer, ValueError for an address outside the memory
   */
  from_address(address: unknown): CData {
    return consuming('from_address()', [address], () => {
      const at = integerOf(address)
      if (at === null) throw new PyTypeError('integer expected')
      const end = buffer().byteLength
      if (at < 0n || at + BigInt(this.size) > end) {
        throw new ValueError(
          `${this.__name__}.from_address(): ${hexOf(at)} is outside the memory, 0x0 to ${hexOf(BigInt(end))}`,
        )
      }
      return new CData(this, Number(at))
    })
  }

  toString(): string {
    return `<class 'ctypes.${this.__name__}'>`
  }
}

const hexOf = (value: bigint): string => (value < 0n ? '-0x' : '0x') + (value < 0n ? -value : value).toString(16)

/** Python's `hex()` of an int: `hex(id(x))`. @throws TypeError for what is no integer */
export function hex(value: unknown): string {
  return consuming('hex()', [value], () => {
    const number = integerOf(value)
    if (number === null) throw new PyTypeError(`'${nameOf(value)}' object cannot be interpreted as an integer`)
    return hexOf(number)
  })
}

/** A number as wide as it takes: JavaScript's where it is exact. */
const narrow = (value: bigint): number | bigint => (BigInt.asIntN(54, value) === value ? Number(value) : value)

const type = (name: string, size: number, read: Read): CType => new CType(name, size, read)
const u8: Read = (view, at) => view.getUint8(at)
const i8: Read = (view, at) => view.getInt8(at)
const u16: Read = (view, at) => view.getUint16(at, true)
const i16: Read = (view, at) => view.getInt16(at, true)
const u32: Read = (view, at) => view.getUint32(at, true)
const i32: Read = (view, at) => view.getInt32(at, true)

export const ctypes = {
  c_uint8: type('c_uint8', 1, u8),
  c_int8: type('c_int8', 1, i8),
  c_uint16: type('c_uint16', 2, u16),
  c_int16: type('c_int16', 2, i16),
  c_uint32: type('c_uint32', 4, u32),
  c_int32: type('c_int32', 4, i32),
  c_uint64: type('c_uint64', 8, (view, at) => narrow(view.getBigUint64(at, true))),
  c_int64: type('c_int64', 8, (view, at) => narrow(view.getBigInt64(at, true))),
  /** Four bytes, as on every 32-bit machine: `c_long` reads a reference count, signed, so an immortal one as -1. */
  c_long: type('c_long', 4, i32),
  c_ulong: type('c_ulong', 4, u32),
  c_size_t: type('c_size_t', 4, u32),
  c_ssize_t: type('c_ssize_t', 4, i32),
  c_float: type('c_float', 4, (view, at) => view.getFloat32(at, true)),
  c_double: type('c_double', 8, (view, at) => view.getFloat64(at, true)),
  /** The bytes of a C type, or of a value of it. @throws TypeError for another argument */
  sizeof(of: CType | CData): number {
    if (of instanceof CType) return of.size
    if (of instanceof CData) return of._type.size
    throw new PyTypeError('this type has no size')
  },
}
