// int, float, bool and str answer as CPython 3.12 does: arithmetic, its errors, repr, conversions.
import { describe, expect, it } from 'vitest'
import { id, is_, py, repr, scope } from '../../src/index'
import type { PyHandle } from '../../src/py/handle'
import { pyTypeName } from '../../src/torch/pytypes'
import { expectNothingLeft, live } from '../identity/live'
import { fixture, make, type Spelled } from './fixture'

expectNothingLeft()

type Method = 'add' | 'mul' | 'pow'

/** The type and the text of what `fn` gives, or of its error. */
function answer(fn: () => PyHandle): Spelled {
  try {
    const result = fn()
    const kind = pyTypeName(result)
    return [kind, kind === 'str' ? String(result) : repr(result)]
  } catch (error) {
    return [(error as Error).name, (error as Error).message]
  }
}

/** A power of floats may differ in its last digit: C's libraries do among themselves. */
function close(text: string, expected: string): boolean {
  const [a, b] = [Number(text), Number(expected)]
  return Math.abs(a - b) <= Math.abs(b) * 2 ** -52
}

function check(name: string, left: Spelled, right: Spelled, [kind, text]: Spelled): void {
  const before = live()
  const got = scope(() => answer(() => make(left)[name as Method](make(right))))
  const where = `${left[1]} ${name} ${right[1]}`
  if (kind === 'complex') expect(got[0], where).toBe('NotImplementedError')
  else if (name.includes('pow') && kind === 'float' && got[0] === 'float' && close(got[1], text)) return
  else expect(got, where).toEqual([kind, text])
  expect(live()).toEqual(before)
}

describe('arithmetic', () => {
  const names = [...new Set(fixture.binary.map(([name]) => name))]
  it.each(names)('%s of any two values', (name) => {
    for (const [op, i, j, kind, text] of fixture.binary) {
      if (op === name) check(name, fixture.values[i], fixture.values[j], [kind, text])
    }
  })

  it('comparisons of any two values', () => {
    for (const [op, i, j, truth, text] of fixture.comparisons) {
      const [left, right] = [fixture.values[i], fixture.values[j]]
      if (left[0] === 'object' && right[0] === 'object') continue // one object there, two here
      const got = scope(() => answer(() => (make(left)[op as 'eq'](make(right)) ? py.True : py.False)))
      const expected = typeof truth === 'boolean' ? ['bool', truth ? 'True' : 'False'] : [truth, text]
      expect(got, `${left[1]} ${op} ${right[1]}`).toEqual(expected)
    }
  })

  it('in place', () => {
    for (const [name, i, j, kind, text] of fixture.inplace) {
      check(name, fixture.inplace_values[i], fixture.inplace_values[j], [kind, text])
    }
  })

  it('of ints that no float holds', () => {
    for (const [name, a, b, kind, text] of fixture.integers) check(name, ['int', a], ['int', b], [kind, text])
  })

  it('the sign changed', () => {
    for (const [i, kind, text] of fixture.neg) {
      expect(scope(() => answer(() => make(fixture.values[i]).neg()))).toEqual([kind, text])
    }
  })

  it('takes JavaScript numbers, strings and booleans', () => {
    scope((f) => {
      f.n = py.int(7)
      const n = f.n as PyHandle
      const results = [
        n.add(1),
        n.add(1.5),
        n.mul(2n ** 70n),
        n.sub(true),
        n.mul('ab'),
        py.str('a').add('b'),
        n.pow(-1),
      ]
      expect(results.map(repr)).toEqual([
        '8',
        '8.5',
        '8264141345021879123968',
        '6',
        "'ababababababab'",
        "'ab'",
        '0.14285714285714285',
      ])
    })
  })

  it('rebinds: the old object stays what it was', () => {
    scope((f) => {
      f.x = py.int(1000)
      f.y = f.x
      f.x = (f.x as PyHandle).iadd_(1)
      expect([repr(f.x), repr(f.y), is_(f.x, f.y)]).toEqual(['1001', '1000', false])
    })
  })

  it('consumes temporaries, so that an expression leaves nothing', () => {
    scope(() => {
      const before = live()
      expect(Number(py.int(1000).add(py.int(2000)).mul(py.float(0.5)).neg())).toBe(-1500)
      expect(live().objects - before.objects).toBe(1)
    })
  })

  it('refuses what would be too large', () => {
    scope(() => {
      expect(() => py.int(10).pow(10n ** 12n)).toThrow('is too large')
      expect(() => py.str('ab').mul(2 ** 40)).toThrow('is too long')
    })
  })

  it('gives the very object where Python does', () => {
    scope((f) => {
      f.s = py.str('abc')
      f.x = py.float(1.5)
      f.n = py.int(1000)
      const [s, x, n] = [f.s, f.x, f.n] as PyHandle[]
      const same = [py.str(s), s.add(''), s.mul(1), py.float(x), py.int(n)].map((h, i) => h === [s, s, s, x, n][i])
      expect(same).toEqual([true, true, true, true, true])
      expect(is_(py.float(x), py.float(1.5))).toBe(false)
    })
  })
})

describe('text', () => {
  it('repr and len of strings', () => {
    scope(() => {
      for (const [text, expected, length] of fixture.strings) {
        expect([repr(py.str(text)), py.str(text).len(), String(py.str(text))]).toEqual([expected, length, text])
        expect(repr(text)).toBe(expected)
      }
    })
  })

  it('repr of floats', () => {
    scope(() => {
      for (const [value, expected] of fixture.floats) expect(repr(py.float(value))).toBe(expected)
    })
  })

  it('int() and float() of strings', () => {
    scope(() => {
      for (const [text, int, float] of fixture.numbers) {
        expect(
          answer(() => py.int(text)),
          text,
        ).toEqual(int)
        expect(
          answer(() => py.float(py.str(text))),
          text,
        ).toEqual(float)
      }
    })
  })

  it('int(), float() and str() of objects', () => {
    scope(() => {
      for (const [i, int, float, str] of fixture.conversions) {
        expect(answer(() => py.int(make(fixture.values[i])))).toEqual(int)
        expect(answer(() => py.float(make(fixture.values[i])))).toEqual(float)
        expect(String(py.str(make(fixture.values[i])))).toBe(str)
      }
    })
  })

  it('an int of more than 4300 digits is not written', () => {
    scope((f) => {
      f.n = py.int(10n ** 4300n)
      expect(() => repr(f.n)).toThrow('Exceeds the limit (4300 digits) for integer string conversion')
      expect((f.n as PyHandle).tolist()).toBe(10n ** 4300n)
    })
  })

  it('characters of a str', () => {
    scope((f) => {
      f.s = py.str('a😀é')
      const s = f.s as PyHandle
      expect([s.at(1), s.at(-1), s.at(py.int(0))].map(String)).toEqual(['😀', 'é', 'a'])
      expect(() => s.at(3)).toThrow('string index out of range')
      expect(() => s.at('a')).toThrow("string indices must be integers, not 'str'")
      expect([s.contains('😀é'), s.contains(py.str('b'))]).toEqual([true, false])
      expect(() => s.contains(1)).toThrow("'in <string>' requires string as left operand, not int")
    })
  })

  it('a long string survives the way to the heap and back', () => {
    scope(() => {
      const text = '中文😀é'.repeat(20_000)
      expect(String(py.str(text))).toBe(text)
    })
  })
})

describe('what an object cannot do is a TypeError as in Python', () => {
  it.each([
    ['len', "object of type 'object' has no len()"],
    ['contains', "argument of type 'object' is not iterable"],
    ['at', "'object' object is not subscriptable"],
    ['set_at_', "'object' object does not support item assignment"],
    ['del_at_', "'object' object doesn't support item deletion"],
    ['neg', "bad operand type for unary -: 'object'"],
  ] as const)('%s', (method, text) => {
    scope(() => {
      const before = live()
      expect(() => (py.object() as never as Record<string, (...args: unknown[]) => void>)[method](0, 1)).toThrow(text)
      expect(live()).toEqual(before)
    })
  })
})

describe('identity', () => {
  it('ints from -5 to 256, None, True, False, the empty string and characters of Latin-1 are one object each', () => {
    scope(() => {
      for (let i = -5; i <= 256; i++) expect(is_(py.int(i), py.int(i - 1).add(1))).toBe(true)
      expect([is_(py.int(-6), py.int(-6)), is_(py.int(257), py.int(257))]).toEqual([false, false])
      for (let code = 0; code < 256; code++) {
        const text = String.fromCharCode(code)
        expect(is_(py.str(text), py.str(text))).toBe(true)
      }
      expect([is_(py.str(''), py.str('')), is_(py.str('Ā'), py.str('Ā')), is_(py.str('ab'), py.str('ab'))]).toEqual([
        true,
        false,
        false,
      ])
      expect([is_(py.None, null), is_(py.True, true), is_(py.True, py.int(1))]).toEqual([true, true, false])
    })
  })

  it('a block is taken again by an object of another type of the same size', () => {
    scope(() => {
      const first = id(py.int(1000))
      expect(id(py.int(2n ** 31n))).toBe(first)
    })
  })
})
