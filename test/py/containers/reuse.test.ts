// Which dead object's address comes back first: free lists are last in, first out, and each type has its own.
import { describe, expect, test } from 'vitest'
import { type Frame, id, py, scope } from '../../../src/index'
import { expectNothingLeft } from '../../identity/live'
import { fixture, type Reuse } from './fixture'

expectNothingLeft()

const items = (n: number) => Array.from({ length: n }, () => py.None)

const MAKE: Record<string, (n: number) => object> = {
  list: (n) => py.list(items(n)),
  'list()': () => py.list(py.tuple()),
  tuple: (n) => py.tuple(items(n)),
  dict: (n) => py.dict(new Map(items(n).map((item, i) => [i, item]))),
  'dict()': () => py.dict(py.tuple()),
  strings: (n) => py.dict(new Map(items(n).map((item, i) => ['abcdefgh'[i], item]))),
  float: () => py.float(2.5),
  nest(n) {
    let list = py.list()
    for (let i = 1; i < n; i++) list = py.list([list])
    return list
  },
}

/** For each object made the ordinal of the first one at its address. */
function ordinals(program: Reuse[]): number[] {
  const seen = new Map<number, number>()
  return scope((f: Frame) => {
    const made: number[] = []
    for (const [what, name, length] of program) {
      if (what === 'del') delete f[name]
      else {
        f[name] = MAKE[what](length as number)
        const at = id(f[name] as never)
        if (!seen.has(at)) seen.set(at, seen.size)
        made.push(seen.get(at) as number)
      }
    }
    return made
  })
}

describe('addresses come back as in CPython', () => {
  test.each(fixture.reuse.map(([program, wanted], i) => [i, program, wanted] as const))(
    'program %i',
    (_, program, wanted) => {
      py.gc.collect()
      expect(ordinals(program)).toEqual(wanted)
    },
  )
})

describe('py.free_lists()', () => {
  test('a list counts what it keeps, and takes no more than its capacity', () => {
    py.gc.collect()
    const before = py.free_lists().list
    expect(before).toMatchObject({ length: 0, capacity: 80 })
    scope((f: Frame) => {
      for (let i = 0; i < 85; i++) f[`l${i}`] = py.list()
    })
    expect(py.free_lists().list).toEqual({ length: 80, capacity: 80, hits: before.hits, misses: before.misses + 85 })
    scope(() => void py.list())
    expect(py.free_lists().list).toEqual({
      length: 80,
      capacity: 80,
      hits: before.hits + 1,
      misses: before.misses + 85,
    })
  })

  test('a full collection empties them all', () => {
    scope(() => [py.list(), py.tuple([1]), py.float(1.5), py.dict({ a: 1 })].length)
    const lengths = () => Object.values(py.free_lists()).map((list) => list.length)
    expect(Math.max(...lengths())).toBeGreaterThan(0)
    py.gc.collect(1)
    expect(Math.max(...lengths())).toBeGreaterThan(0)
    py.gc.collect()
    expect(new Set(lengths())).toEqual(new Set([0]))
  })

  test('the capacities', () => {
    const capacities = Object.entries(py.free_lists()).map(([name, { capacity }]) => [name, capacity])
    expect(capacities.slice(0, 5)).toEqual([
      ['float', 100],
      ['list', 80],
      ['dict', 80],
      ['dict keys', 80],
      ['tuple[1]', 2000],
    ])
    expect(capacities).toHaveLength(24)
    expect(capacities.at(-1)).toEqual(['tuple[20]', 2000])
  })
})
