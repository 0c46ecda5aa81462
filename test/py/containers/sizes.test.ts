// sys.getsizeof of containers as they grow, shrink and are copied: the sizes that CPython's have.
import { expect, test } from 'vitest'
import { type Frame, py, scope } from '../../../src/index'
import type { PyDict } from '../../../src/py/dict'
import { expectNothingLeft } from '../../identity/live'
import { fixture } from './fixture'

const { tables } = fixture
const { getsizeof } = py.sys

expectNothingLeft()

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)
const times = <T>(n: number, item: T): T[] => Array.from({ length: n }, () => item)
const pairs = <K>(n: number, key: (i: number) => K) => new Map(upTo(n).map((i) => [key(i), i]))

/** Sizes after each of `count` steps with a container of its own. */
function after<C>(count: number, make: () => C, step: (container: C, i: number) => void): number[] {
  return scope((f: Frame & { c?: C }) => {
    f.c = make()
    return upTo(count).map((i) => {
      step(f.c as C, i)
      return getsizeof(f.c)
    })
  })
}

test('a display of constants is copied from a tuple, of expressions counted or, if long, appended', () => {
  expect(upTo(60).map((n) => getsizeof(py.list(upTo(n))))).toEqual(tables.display)
  expect(upTo(60).map((n) => getsizeof(py.list(times(n, py.None))))).toEqual(tables.expressions)
})

test('list(), repetition and slices', () => {
  const sizes = upTo(30).map((n) => [
    getsizeof(py.list(new Set(upTo(n)))),
    getsizeof(py.list('x'.repeat(n))),
    getsizeof(py.list(py.tuple(times(n, 0)))),
    getsizeof(py.list([0]).mul(n)),
    getsizeof(py.list(upTo(n)).at('1:')),
  ])
  expect(sizes).toEqual(tables['list()'])
})

test('tuples', () => {
  expect(upTo(30).map((n) => getsizeof(py.tuple(upTo(n))))).toEqual(tables.tuples)
})

test('extend', () => {
  const sizes = upTo(20).map((a) =>
    upTo(20).map((b) =>
      scope(() => {
        const list = py.list([0]).mul(a)
        list.extend(py.list([1]).mul(b))
        return getsizeof(list)
      }),
    ),
  )
  expect(sizes).toEqual(tables.extend)
})

test('append grows ahead, pop gives back', () => {
  expect(
    after(
      300,
      () => py.list(),
      (list, i) => list.append(i),
    ),
  ).toEqual(tables.growth)
  expect(
    after(
      200,
      () => py.list(new Set(upTo(200))),
      (list) => void list.pop(),
    ),
  ).toEqual(tables.shrinking)
})

test('displays of dicts', () => {
  expect(upTo(60).map((n) => getsizeof(py.dict(pairs(n, Number))))).toEqual(tables.dicts)
  expect(upTo(60).map((n) => getsizeof(py.dict(pairs(n, (i) => `a${i}`))))).toEqual(tables['string dicts'])
})

test('a dict grows to three times what it holds; strings take less', () => {
  expect(
    after(
      700,
      () => py.dict(),
      (dict, i) => dict.set_at_(i, i),
    ),
  ).toEqual(tables['dict growth'])
  expect(
    after(
      700,
      () => py.dict(),
      (dict, i) => dict.set_at_(`k${i}`, i),
    ),
  ).toEqual(tables['string growth'])
})

test('what is deleted keeps its room until the next table', () => {
  const churn = (dict: PyDict, i: number) => {
    dict.set_at_(i, i)
    if (i >= 5) dict.del_at_(i - 5)
  }
  expect(after(200, () => py.dict(), churn)).toEqual(tables.churn)
})

test('copies keep a table that is two thirds full', () => {
  const sizes = [0, 1, 5, 6, 10, 11, 21, 30, 40].flatMap((n) =>
    scope((f: Frame & { d?: PyDict }) => {
      f.d = py.dict()
      for (const i of upTo(n)) f.d.set_at_(i, i)
      return upTo(n).map((i) => {
        const d = f.d as PyDict
        const copies = [d.copy(), py.dict(d), d.or({}), py.dict({}).or(d), py.dict().ior_(d)].map(getsizeof)
        d.del_at_(i)
        return copies
      })
    }),
  )
  expect(sizes).toEqual(tables.copies)
})
