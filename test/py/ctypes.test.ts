// ctypes reads the heap as it is, before and after an object dies, and nothing else can.
import { describe, expect, it } from 'vitest'
import {
  AttributeError,
  id,
  type PyHandle,
  TypeError as PyTypeError,
  py,
  scope,
  torch,
  ValueError,
} from '../../src/index'
import { expectNothingLeft } from '../identity/live'

expectNothingLeft()

const { c_uint32, c_long, c_double, c_uint64, sizeof } = py.ctypes
const ref_count = (address: number) => c_uint32.from_address(address).value

describe('from_address', () => {
  it('reads the reference count, without counting as a reference', () => {
    scope((f) => {
      f.a = py.list([1, 2, 3])
      const address = id(f.a as PyHandle)
      expect(ref_count(address)).toBe(1)
      f.b = f.a
      expect(ref_count(address)).toBe(2)
    })
  })

  it('reads at every access of value', () => {
    scope((f) => {
      f.a = py.list()
      const count = c_long.from_address(id(f.a as PyHandle))
      const before = count.value
      f.b = f.a
      expect([before, count.value]).toEqual([1, 2])
    })
  })

  it('reads on after the object was freed: what its block is used for now', () => {
    scope((f) => {
      f.o = py.object()
      f.p = py.object() // keeps the pool from becoming empty
      const address = id(f.o as PyHandle)
      const count = c_uint32.from_address(address)
      delete f.o
      expect(count.value).not.toBe(1)
      f.o = py.object()
      expect([id(f.o as PyHandle) === address, count.value]).toEqual([true, 1])
    })
  })

  it('reads what is immortal', () => {
    const address = id(py.None)
    expect([ref_count(address), c_long.from_address(address).value]).toEqual([4294967295, -1])
  })

  it('reads numbers of every type', () => {
    scope(() => {
      const x = torch.tensor([-2], { dtype: torch.int64 })
      const at = x.data_ptr()
      const read = (name: keyof typeof py.ctypes) => (py.ctypes[name] as typeof c_uint32).from_address(at).value
      expect(read('c_uint8')).toBe(254)
      expect(read('c_int8')).toBe(-2)
      expect(read('c_uint16')).toBe(65534)
      expect(read('c_int16')).toBe(-2)
      expect(read('c_uint32')).toBe(4294967294)
      expect(read('c_int32')).toBe(-2)
      expect(read('c_uint64')).toBe(2n ** 64n - 2n)
      expect(read('c_int64')).toBe(-2)
      expect([read('c_long'), read('c_ulong'), read('c_size_t'), read('c_ssize_t')]).toEqual([
        -2, 4294967294, 4294967294, -2,
      ])
      const y = torch.tensor([1.5, -0.1], { dtype: torch.float64 })
      expect(c_double.from_address(y.data_ptr() + 8).value).toBe(-0.1)
      expect(py.ctypes.c_float.from_address(torch.tensor([0.5]).data_ptr()).value).toBe(0.5)
    })
  })

  it('takes an int object, which it consumes', () => {
    scope((f) => {
      f.o = py.object()
      expect(c_uint32.from_address(py.int(id(f.o as PyHandle))).value).toBe(1)
    })
  })

  it.each([1.5, '1', null, undefined, {}, [1]])('of %s is a TypeError', (address) => {
    expect(() => c_uint32.from_address(address)).toThrow(PyTypeError)
    expect(() => c_uint32.from_address(address)).toThrow('integer expected')
  })

  it.each([-1, 2 ** 32 - 3, 2 ** 53, -(2n ** 70n), 2n ** 70n])(
    'of %s, outside the memory, is a ValueError',
    (address) => {
      expect(() => c_uint32.from_address(address)).toThrow(ValueError)
      expect(() => c_uint32.from_address(address)).toThrow(
        /c_uint32\.from_address\(\): -?0x[0-9a-f]+ is outside the memory, 0x0 to 0x/,
      )
    },
  )

  it('ends with the memory: the last number that fits, and the first that does not', () => {
    const text = (() => {
      try {
        c_uint64.from_address(2 ** 40)
      } catch (error) {
        return (error as Error).message
      }
    })()
    const end = Number(/to (0x[0-9a-f]+)/.exec(text!)![1])
    expect(typeof c_uint64.from_address(end - 8).value).toMatch(/number|bigint/)
    expect(() => c_uint64.from_address(end - 7)).toThrow(ValueError)
  })
})

describe('a value', () => {
  it('is read-only', () => {
    scope((f) => {
      f.o = py.object()
      const count = c_uint32.from_address(id(f.o as PyHandle))
      expect(() => {
        count.value = 2
      }).toThrow(AttributeError)
      expect(() => {
        count.value = 2
      }).toThrow('c_uint32.value is read-only')
      expect(count.value).toBe(1)
    })
  })

  it('prints as its type and number', () => {
    scope((f) => {
      f.o = py.object()
      expect([String(c_uint32.from_address(id(f.o as PyHandle))), String(c_uint32)]).toEqual([
        'c_uint32(1)',
        "<class 'ctypes.c_uint32'>",
      ])
    })
  })
})

describe('sizeof', () => {
  it('is the width of a type, or of a value of it', () => {
    const { sizeof: _, ...types } = py.ctypes
    expect(Object.values(types).map(sizeof)).toEqual([1, 1, 2, 2, 4, 4, 8, 8, 4, 4, 4, 4, 4, 8])
    expect(sizeof(c_double.from_address(id(py.None)))).toBe(8)
  })

  it('takes nothing else', () => {
    expect(() => sizeof(7 as never)).toThrow('this type has no size')
  })
})
