// sys.getsizeof, sys.getrefcount, type() and hex().
import { describe, expect, it } from 'vitest'
import { hex, id, type PyHandle, print, py, repr, scope, torch, type_ } from '../../src/index'
import { Sq } from '../autograd/functions'
import { expectNothingLeft, live, printed } from '../identity/live'
import { fixture, make } from './fixture'

expectNothingLeft()

const { getsizeof, getrefcount } = py.sys

describe('sys.getsizeof', () => {
  it('of scalars', () => {
    scope(() => {
      for (const [kind, text, size] of fixture.sizes) expect(getsizeof(make([kind, text])), text).toBe(size)
    })
  })

  it('of strings', () => {
    scope(() => {
      for (const [text, , , size] of fixture.strings) expect([text, getsizeof(py.str(text))]).toEqual([text, size])
    })
  })

  it('of types', () => {
    scope(() => {
      const samples: Record<string, PyHandle> = {
        int: py.int(1),
        float: py.float(1.5),
        str: py.str(),
        list: py.list(),
        tuple: py.tuple(),
        dict: py.dict(),
        bool: py.True,
        object: py.object(),
      }
      for (const [name, size] of fixture.types) expect(getsizeof(type_(samples[name])), name).toBe(size)
    })
  })

  it('of containers', () => {
    const items = (length: number) => Array.from({ length }, (_, i) => i)
    scope(() => {
      for (const [length, size] of fixture.containers.list) expect(getsizeof(py.list(items(length)))).toBe(size)
      for (const [length, size] of fixture.containers.tuple) expect(getsizeof(py.tuple(items(length)))).toBe(size)
      for (const [length, size] of fixture.containers.dict)
        expect(getsizeof(py.dict(length ? { a: 1 } : {}))).toBe(size)
    })
  })

  // Measured with PyTorch 2.13.
  it('of tensors, which do not count their numbers, and of grad_fns', () => {
    scope(() => {
      const x = torch.ones(1000, { requires_grad: true })
      expect([getsizeof(x), getsizeof(x.at('1:')), getsizeof(x.mul(2).grad_fn)]).toEqual([80, 80, 40])
      expect(getsizeof(Sq.apply(x).grad_fn)).toBe(264)
    })
  })

  it('takes JavaScript values, which are objects for as long as it looks', () => {
    const before = live()
    scope(() => expect([7, 'abc', null, 1.5, [1, 2], true].map(getsizeof)).toEqual([28, 44, 16, 24, 72, 28]))
    expect(live()).toEqual(before)
  })
})

describe('sys.getrefcount', () => {
  it('counts holders and the argument', () => {
    scope((f) => {
      f.o = py.object()
      const o = f.o as PyHandle
      f.l = py.list([o, o])
      f.t = py.tuple([o])
      expect(getrefcount(o)).toBe(5)
    })
  })

  it('of a tensor: its handle, or those who refer to it', () => {
    scope((f) => {
      const x = torch.ones(1)
      const alone = getrefcount(x)
      f.l = py.list([x])
      f.x = x
      expect([alone, getrefcount(x)]).toEqual([2, 3])
    })
  })

  it('of what is immortal is 4294967295', () => {
    scope(() => {
      const immortal = [
        py.None,
        py.True,
        py.int(-5),
        py.int(256),
        py.str(''),
        py.str('é'),
        py.tuple(),
        type_(1),
        type_([]),
      ]
      expect(immortal.map(getrefcount)).toEqual(new Array(9).fill(4294967295))
      expect(immortal.map(getrefcount)).toEqual(new Array(9).fill(4294967295))
    })
  })

  it('takes handles only', () => {
    expect(() => getrefcount(7 as never)).toThrow('getrefcount() takes a handle, not int')
  })
})

describe('type', () => {
  it('is one immortal object a class, which prints as in Python', () => {
    scope(() => {
      const before = live()
      const values = [7, 1.5, 'a', null, true, [], {}, py.int(7), py.tuple(), py.object(), type_(1), torch.ones(1)]
      expect(values.map((value) => String(type_(value)))).toEqual(
        [
          'int',
          'float',
          'str',
          'NoneType',
          'bool',
          'list',
          'dict',
          'int',
          'tuple',
          'object',
          'type',
          'torch.Tensor',
        ].map((name) => `<class '${name}'>`),
      )
      expect(type_(py.int(1000)) === type_(7)).toBe(true)
      expect([id(type_(7)) === id(type_(py.int(8))), id(type_(7)) === id(type_(true))]).toEqual([true, false])
      expect(printed(() => print(type_(py.list())))).toEqual(["<class 'list'>"])
      expect(live().objects - before.objects).toBe(0)
    })
  })

  it('of two grad_fns of one sort is one object, with an address', () => {
    scope(() => {
      const x = torch.ones(1, { requires_grad: true })
      const [mul, mul2, exp] = [x.mul(2), x.mul(3), x.exp()].map((y) => type_(y.grad_fn))
      expect([mul === mul2, id(mul) === id(exp), repr(mul)]).toEqual([true, false, "<class 'MulBackward0'>"])
      expect([mul.__name__, mul.__module__, getrefcount(mul)]).toEqual(['MulBackward0', 'builtins', 4294967295])
    })
  })

  it('of an instance is its class', () => {
    scope((f: { A: ReturnType<typeof py.class_>; a: PyHandle }) => {
      f.A = py.class_('A')
      f.a = f.A.new()
      expect(type_(f.a) === (f.A as unknown)).toBe(true)
      expect([type_(f.a).__name__, type_(f.a).__module__, repr(type_(f.a))]).toEqual([
        'A',
        '__main__',
        "<class '__main__.A'>",
      ])
      expect(String(type_(f.A))).toBe("<class 'type'>")
    })
  })
})

describe('hex', () => {
  it('is that of Python', () => {
    scope((f) => {
      for (const [value, text] of fixture.hex) expect([hex(BigInt(value)), hex(py.int(value))]).toEqual([text, text])
      f.o = py.object()
      expect(hex(id(f.o as PyHandle))).toMatch(/^0x[1-9a-f][0-9a-f]*$/)
      expect(py.hex(true)).toBe('0x1')
    })
  })

  it.each([
    [1.5, 'float'],
    ['a', 'str'],
    [null, 'NoneType'],
  ])('takes no %s', (value, name) => {
    expect(() => hex(value)).toThrow(`'${name}' object cannot be interpreted as an integer`)
  })
})
