// Single observations of containers, each as CPython makes it.
import { describe, expect, test } from 'vitest'
import { type Frame, OutOfMemoryError, print, py, repr, scope, torch } from '../../../src/index'
import type { PyDict } from '../../../src/py/dict'
import type { PyList } from '../../../src/py/list'
import type { PyTuple } from '../../../src/py/tuple'
import { expectNothingLeft, printed } from '../../identity/live'
import { fixture, attempt as message } from './fixture'

expectNothingLeft()

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)
const sorted = (items: unknown[]) => {
  const list = py.list(items)
  list.sort()
  return list
}
const { is_tracked } = py.gc
const tuple = (...items: unknown[]) => py.tuple(items)

function nested(depth: number): PyList {
  let list = py.list()
  for (let i = 0; i < depth; i++) list = py.list([list])
  return list
}

const FACTS: Record<string, () => unknown> = {
  tracked: () =>
    [py.list(), ...[{}, { a: 1 }, { a: [] }, { a: tuple() }, { a: {} }].map(py.dict), tuple()].map(is_tracked),

  'untracked by a collection': () =>
    scope((f: Frame & { one: PyTuple; list: PyTuple; atoms: PyTuple; d: PyDict }) => {
      f.one = tuple(1, 2)
      f.list = tuple(f.one, [])
      f.atoms = tuple(f.one, 'a')
      f.d = py.dict({ a: f.atoms })
      const states = () => [f.one, f.list, f.atoms, f.d].map(is_tracked)
      const before = states()
      py.gc.collect()
      return [...before, ...states()]
    }),

  'a dict that grows under a loop': () =>
    message(() =>
      scope((f: Frame & { d: PyDict }) => {
        f.d = py.dict(
          new Map([
            [1, 1],
            [2, 2],
          ]),
        )
        for (const key of f.d) f.d.set_at_(Number(key) + 10, 1)
      }),
    ),

  'what a sort key sees': () =>
    scope((f: Frame & { l: PyList; seen: PyList }) => {
      f.l = py.list([3, 1, 2])
      f.seen = py.list()
      f.l.sort({
        key(item) {
          f.seen.append(py.list(f.l))
          return item
        },
      })
      return tuple(f.seen, f.l)
    }),

  'a sort key that changes the list': () =>
    scope((f: Frame & { l: PyList }) => {
      f.l = py.list([3, 1, 2])
      const key = (item: unknown) => {
        f.l.append(1)
        return item
      }
      return tuple(
        message(() => f.l.sort({ key })),
        f.l,
      )
    }),

  nan: () =>
    scope((f: Frame & { nan: object }) => {
      f.nan = py.float(Number.NaN)
      return [
        py.list([f.nan]).contains(f.nan),
        py.list([f.nan]).eq([f.nan]),
        py.list([f.nan]).contains(Number.NaN),
        tuple(f.nan).contains(f.nan),
        py.float(Number.NaN).eq(f.nan),
      ]
    }),

  'large numbers': () => [
    py.list([2 ** 53]).contains(2n ** 53n),
    py.list([py.float(2 ** 53)]).contains(2n ** 53n + 1n),
    py.list([Number.POSITIVE_INFINITY]).contains(2n ** 1100n),
    py.list([1e30]).contains(10n ** 30n),
    py.list([2 ** 100]).contains(2n ** 100n),
    py.list([0]).contains(-0),
    py.list([py.float(1)]).contains(true),
  ],

  'large keys': () => [
    py.dict(new Map([[2 ** 100, 'x']])).at(2n ** 100n),
    py.dict(new Map([[-0, 'z']])).at(false),
    py.dict(new Map([[2n ** 53n, 'a']])).get(py.float(2 ** 53 + 2), 'none'),
  ],

  'sorted numbers': () =>
    sorted([
      2n ** 70n,
      1.5,
      -(2n ** 64n),
      true,
      Number.NEGATIVE_INFINITY,
      2n ** 63n + 1n,
      py.float(2 ** 63),
      2n ** 63n - 1n,
      1e300,
      -7,
    ]),

  'sorted strings': () => sorted(['b', '\u{1f600}', 'ab', '', '\uffff', 'a', '\xe9', 'B']),

  stable() {
    const list = py.list(upTo(200).map((i) => tuple((i * 7) % 5, i)))
    list.sort({ key: (pair) => (pair as PyTuple).at(0), reverse: true })
    return list
  },

  'sorted pairs': () => sorted(upTo(100).map((i) => [(i * 7) % 5, 0 - i])),
  'a sort that fails': () => message(() => py.list([3, 'a', null]).sort()),

  'a view': () =>
    scope((f: Frame & { d: PyDict }) => {
      f.d = py.dict({ a: 1 })
      const view = f.d.keys()
      f.d.set_at_('b', tuple(2))
      return `${view} ${view.len()} ${f.d.values()} ${f.d.items()}`
    }),

  'what contains itself': () =>
    scope((f: Frame & { l: PyList; t: PyTuple; d: PyDict }) => {
      f.l = py.list([1])
      f.l.append(f.l)
      f.t = tuple([])
      ;(f.t.at(0) as PyList).append(f.t)
      f.d = py.dict({ a: 1 })
      f.d.set_at_('d', f.d)
      const text = `${f.l} ${f.t} ${f.d}`
      f.l.clear()
      ;(f.t.at(0) as PyList).clear()
      f.d.clear()
      return text
    }),

  'repr of 1497 levels': () => message(() => repr(nested(1496)).length),
  'repr of 1498 levels': () => message(() => repr(nested(1497)).length),
  'a comparison of 1498 levels': () => message(() => nested(1497).eq(nested(1497))),
  'a comparison of 1499 levels': () => message(() => nested(1498).eq(nested(1498))),
  unhashable: () =>
    [[], {}, tuple(1, []), tuple(tuple(tuple({})))].map((key) => message(() => py.dict(new Map([[key, 1]])))),
}

describe('as in CPython', () => {
  test.each(Object.entries(fixture.facts))('%s', (name, wanted) => {
    expect(scope(() => repr(FACTS[name]()))).toBe(wanted)
  })
})

describe('items are the very objects', () => {
  test('an item has one handle, and one address', () => {
    scope((f: Frame & { o: object; l: PyList; t: PyTuple; d: PyDict }) => {
      f.o = py.object()
      f.l = py.list([f.o, f.o])
      f.t = py.tuple([f.l])
      f.d = py.dict({ t: f.t })
      // Not toBe(): it would iterate over what it compares.
      expect([
        f.l.at(0) === f.o,
        f.l.at(-1) === f.o,
        f.t.at(0) === f.l,
        f.d.at('t') === f.t,
        f.l.at(':') === (f.l as object),
        py.tuple(f.t) === f.t,
        f.t.at(':') === f.t,
        f.l.iadd_([1]) === f.l,
        [...f.l][0] === f.o,
      ]).toEqual([true, true, true, true, false, true, true, true, true])
    })
  })

  test('a container refers to them', () => {
    scope((f: Frame & { o: PyList; l: PyList; d?: PyDict }) => {
      const count = () => py.sys.getrefcount(f.o)
      f.o = py.list()
      expect(count()).toBe(2)
      f.l = py.list([f.o, f.o])
      expect(count()).toBe(4)
      f.l.append(f.o)
      f.l.insert(0, f.o)
      f.l.extend([f.o, f.o])
      expect(count()).toBe(8)
      f.l.imul_(2)
      expect(count()).toBe(14)
      f.l.del_at_('1::2')
      expect(count()).toBe(8)
      f.l.set_at_(0, null)
      expect(count()).toBe(7)
      f.l.pop().dispose()
      expect(count()).toBe(6)
      f.d = py.dict(new Map([[1, f.o]]))
      f.d.setdefault(2, f.o)
      f.d.setdefault(1, f.o)
      expect(count()).toBe(8)
      expect([f.l.count(f.o), f.l.index(f.o), f.l.contains([]), f.l.eq(f.l.copy())]).toEqual([4, 1, true, true])
      expect(count()).toBe(8)
      f.d.pop(2).dispose()
      delete f.d
      f.l.clear()
      expect(count()).toBe(2)
    })
  })

  test('what is read from a temporary container is a temporary, unless somebody else has it', () => {
    scope((f: Frame & { o: object }) => {
      f.o = py.object()
      expect(py.list([f.o]).at(0) === f.o).toBe(true)
      const item = py.list([py.object()]).at(0)
      expect(py.sys.getrefcount(item)).toBe(1)
      expect(() => py.list([item])).toThrow('this object was freed by getrefcount(): it was a temporary')
      expect(repr(py.dict({ a: py.list([1]) }).at('a'))).toBe('[1]')
      expect(repr(py.tuple([]).add(py.tuple([1])))).toBe('(1,)')
    })
  })

  test('a method that returns nothing leaves a temporary list alive, others end it', () => {
    scope(() => {
      const l = py.list([1])
      l.append(2)
      l.reverse()
      expect(printed(() => print(l))).toEqual(['[2, 1]'])
      expect(() => l.append(3)).toThrow('this list was freed by print(): it was a temporary')
      const m = py.list([1])
      expect(m.len()).toBe(1)
      expect(() => m.len()).toThrow('this list was freed by len(): it was a temporary')
    })
  })
})

describe('values', () => {
  test('tolist() gives arrays, objects and Maps', () => {
    scope(() => {
      expect(py.list([1, 'a', [1.5, null], true]).tolist()).toEqual([1, 'a', [1.5, null], true])
      expect(repr(py.list([tuple(1, 2)]).tolist())).toBe('[(1, 2)]')
      expect(py.dict({ a: [1], b: { c: null } }).tolist()).toEqual({ a: [1], b: { c: null } })
      expect(py.dict(new Map([[1, 2]])).tolist()).toEqual(new Map([[1, 2]]))
      expect(() => nested(2000).tolist()).toThrow('maximum recursion depth exceeded')
    })
  })

  test('what contains itself becomes a value that does, and what is shared stays so', () => {
    scope((f: Frame & { l: PyList }) => {
      f.l = py.list([1])
      f.l.append(f.l)
      const value = f.l.tolist() as unknown[]
      expect(value[1]).toBe(value)
      f.l.clear()
      f.l.extend([py.list([1])])
      f.l.append(f.l.at(0))
      const [one, other] = f.l.tolist() as unknown[]
      expect(one).toBe(other)
    })
  })

  test('loops yield the items there are when their turn comes', () => {
    scope((f: Frame & { l: PyList; d: PyDict }) => {
      f.l = py.list([1, 2])
      const seen: number[] = []
      for (const item of f.l) {
        seen.push(Number(item))
        if (seen.length < 5) f.l.append(Number(item) + 2)
      }
      expect(seen).toEqual([1, 2, 3, 4, 5, 6])
      f.d = py.dict({ a: 1, b: 2 })
      expect([...f.d].map(String)).toEqual(['a', 'b'])
      expect([...f.d.items()].map(([key, value]) => [String(key), Number(value)])).toEqual([
        ['a', 1],
        ['b', 2],
      ])
    })
  })
})

describe('errors come before anything is touched', () => {
  test('and still consume the temporaries they were given', () => {
    scope((f: Frame & { l: PyList; d: PyDict }) => {
      f.l = py.list([1, 2])
      f.d = py.dict()
      const refused: [() => unknown, string][] = [
        [() => f.l.insert('x', py.object()), "'str' object cannot be interpreted as an integer"],
        [() => f.l.set_at_(5, py.object()), 'list assignment index out of range'],
        [
          () => f.l.set_at_('::2', [py.object()].concat([py.object()], [py.object()])),
          'attempt to assign sequence of size 3',
        ],
        [() => f.d.set_at_([], py.object()), "unhashable type: 'list'"],
        [() => f.l.at(0, 1 as never), 'list indices must be integers or slices, not tuple'],
        [() => f.l.extend(py.object()), "'object' object is not iterable"],
        [() => f.l.add(py.object()), 'can only concatenate list (not "object") to list'],
        [() => py.dict([py.object()]), 'cannot convert dictionary update sequence element #0 to a sequence'],
      ]
      for (const [fn, text] of refused) expect(fn).toThrow(text)
      expect(`${f.l} ${f.d}`).toBe('[1, 2] {}')
    })
  })

  test('where there is no memory a list and a dict stay as they were', () => {
    scope((f: Frame & { l: PyList; big: object }) => {
      f.l = py.list([py.object(), 2])
      const text = String(f.l)
      for (const fn of [() => f.l.mul(2 ** 40), () => f.l.imul_(2 ** 40), () => py.tuple([1]).mul(2 ** 28)]) {
        expect(fn).toThrow(OutOfMemoryError)
      }
      // What is left is less than a list of so many items takes.
      f.big = torch.empty([460, 2 ** 20], { dtype: torch.float64 })
      expect(() => f.l.imul_(2 ** 26)).toThrow(OutOfMemoryError)
      expect(String(f.l)).toBe(text)
      expect(py.sys.getrefcount(f.l.at(0) as never)).toBe(2)
    })
  })
})
