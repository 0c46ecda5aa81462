// How NumPy printed arrays and scalars (make_repr_fixture.py), printed here.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type NDArray, np, print, repr, scope, set_print_sink } from '../../src/index'

type Datum = number | boolean | string
type Case = [dtype: string, shape: number[], data: Datum[] | string, repr: string, str: string]
interface Fixture {
  arrays: Case[]
  scalars: [dtype: string, value: Datum, repr: string, str: string][]
}

const { arrays, scalars }: Fixture = JSON.parse(readFileSync(new URL('repr.json', import.meta.url), 'utf8'))

const number = (v: Datum): number | boolean => (typeof v === 'string' ? Number(v.replace('inf', 'Infinity')) : v)

function arrayOf([dtype, shape, data]: Case): NDArray {
  const size = shape.reduce((a, b) => a * b, 1)
  if (data === 'thirds') return np.arange(size).truediv(3).astype(dtype).reshape(shape)
  if (typeof data === 'string') return np.arange(size).astype(dtype).reshape(shape)
  return np.array(data.map(number), { dtype }).reshape(shape)
}

describe.each(['float64', 'float32', 'int64', 'int32', 'bool'])('arrays of %s', (dtype) => {
  const mine = arrays.filter((c) => c[0] === dtype)

  it('are many', () => expect(mine.length).toBeGreaterThan(25))

  it.each(mine.map((c, i) => [`${i}: ${c[1].join(' x ')}`, c] as const))('print as in NumPy: %s', (_, c) =>
    scope(() => {
      const a = arrayOf(c)
      expect({ repr: repr(a), str: String(a) }).toEqual({ repr: c[3], str: c[4] })
    }),
  )
})

it('scalars print as in NumPy', () => {
  for (const [dtype, value, theirs, str] of scalars) {
    const scalar = np.dtype(dtype)(number(value))
    expect([dtype, value, repr(scalar), String(scalar)]).toEqual([dtype, value, theirs, str])
  }
})

it('print writes the str, containers the repr', () =>
  scope(() => {
    const lines: string[] = []
    set_print_sink((line) => lines.push(line))
    const a = np.array([1, 2.5])
    print(a, a.sum(), a.dtype, a.gt(1).all())
    print([a, a.sum(), a.dtype])
    set_print_sink((line) => console.log(line))
    expect(lines).toEqual(['[1.  2.5] 3.5 float64 False', "[array([1. , 2.5]), np.float64(3.5), dtype('float64')]"])
  }))
