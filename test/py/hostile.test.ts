// Code of the user's that runs in the middle of a call: getters and iterators of what is converted, the key of a sort,
// `__repr__`. It may free the very container, change its size, or throw; nothing is read or written that is gone.
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import {
  type Instance,
  type PyDict,
  type PyList,
  ReferenceError as PyReferenceError,
  type PyTuple,
  py,
  RecursionError,
  repr,
  scope,
  torch,
} from '../../src/index'
import { expectNothingLeft } from '../identity/live'

expectNothingLeft()

interface Names {
  l: PyList
  d: PyDict
  a: Instance
  t: PyTuple
}

/** A dict that becomes an object only by running `fn`. */
const when = (fn: () => void) => ({
  get x() {
    fn()
    return 1
  },
})

function* yielding(fn: () => void): Generator<unknown> {
  yield ['b', 1]
  fn()
  yield ['c', 2]
}

describe('a getter or an iterator frees the container that its value goes to', () => {
  const lists: Record<string, (l: PyList, fn: () => void) => unknown> = {
    append: (l, fn) => l.append(when(fn)),
    insert: (l, fn) => l.insert(0, when(fn)),
    set_at_: (l, fn) => l.set_at_(0, when(fn)),
    'set_at_ of a slice': (l, fn) => l.set_at_('0:1', yielding(fn)),
    'set_at_ of an extended slice': (l, fn) => l.set_at_('::2', yielding(fn)),
    extend: (l, fn) => l.extend(yielding(fn)),
    iadd_: (l, fn) => l.iadd_([when(fn)]),
    add: (l, fn) => l.add([when(fn)]),
    index: (l, fn) => l.index(when(fn)),
    contains: (l, fn) => l.contains(when(fn)),
    count: (l, fn) => l.count(when(fn)),
    remove: (l, fn) => l.remove(when(fn)),
    eq: (l, fn) => l.eq([when(fn)]),
  }
  for (const [name, use] of Object.entries(lists)) {
    it(`list.${name}`, () => {
      scope((f: Names) => {
        f.l = py.list([py.list(), 2, 3, 4])
        expect(() => use(f.l, () => delete (f as Partial<Names>).l)).toThrow(PyReferenceError)
      })
    })
  }

  const dicts: Record<string, (d: PyDict, fn: () => void) => unknown> = {
    set_at_: (d, fn) => d.set_at_('k', when(fn)),
    setdefault: (d, fn) => d.setdefault('k', when(fn)),
    'update with an object': (d, fn) => d.update(when(fn)),
    'update with pairs': (d, fn) => d.update(yielding(fn)),
    ior_: (d, fn) => d.ior_(when(fn)),
    or: (d, fn) => d.or(when(fn)),
    at: (d, fn) => d.at(new Map([[when(fn), 1]])),
  }
  for (const [name, use] of Object.entries(dicts)) {
    it(`dict.${name}`, () => {
      scope((f: Names) => {
        f.d = py.dict({ a: [1] })
        expect(() => use(f.d, () => delete (f as Partial<Names>).d)).toThrow()
        expect(f.d).toBe(undefined)
      })
    })
  }

  it('an attribute', () => {
    scope((f: Names) => {
      f.a = py.instance('A')
      const a = f.a
      expect(() => {
        a.x = when(() => delete (f as Partial<Names>).a)
      }).toThrow(PyReferenceError)
    })
  })

  it('a __del__ in the middle of an update', () => {
    scope((f: Names) => {
      f.d = py.dict()
      const d = f.d
      d.set_at_('a', py.instance('A', { __del__: () => delete (f as Partial<Names>).d }))
      d.update({ a: 1, b: 2, c: 3 })
      expect(() => d.len()).toThrow(PyReferenceError)
    })
  })
})

it('a value that shrinks the list it goes to, which then has the place or not', () => {
  scope((f: Names) => {
    f.l = py.list([1, 2, 3, 4, 5])
    const { l } = f
    expect(() =>
      l.set_at_(
        4,
        when(() => l.clear()),
      ),
    ).toThrow('list assignment index out of range')
    l.extend([1, 2, 3])
    l.insert(
      3,
      when(() => l.clear()),
    )
    expect(repr(l)).toBe("[{'x': 1}]")
    l.extend([2, 3, 4])
    expect(() =>
      l.set_at_(
        '::2',
        yielding(() => l.clear()),
      ),
    ).toThrow('attempt to assign sequence of size 2 to extended slice of size 0')
  })
})

it("a sort's key that lets go of the list, collects, or throws", () => {
  scope((f: Names) => {
    f.l = py.list([3, 1, 2])
    const { l } = f
    l.sort({
      key(item) {
        py.gc.collect()
        return py.list([Number(item)])
      },
    })
    expect(repr(l)).toBe('[1, 2, 3]')
    const failure = new Error('key')
    expect(() =>
      l.sort({
        key() {
          throw failure
        },
      }),
    ).toThrow(failure)
    l.sort({
      key() {
        delete (f as Partial<Names>).l
        return 0
      },
    })
    expect(() => l.len()).toThrow(PyReferenceError)
  })
})

it('a __repr__ that lets go of the tuple and the list in which it is written', () => {
  scope((f: Names) => {
    const self = () =>
      py.instance('A', {
        __repr__() {
          delete (f as Partial<Names>).t
          delete (f as Partial<Names>).l
          py.list(['other', 'blocks', 'others'])
          return 'A'
        },
      })
    f.t = py.tuple([self(), 5, py.list([1])])
    expect(repr(f.t)).toBe('(A, 5, [1])')
    f.l = py.list([py.list([self(), 5]), 7])
    expect(repr(f.l)).toBe('[[A, 5], 7]')
  })
})

it('a __del__ that binds another name while its frame is left, and one that comes too late', () => {
  let deaths = 0
  const dying = (fn: () => void) => py.instance('A', { __del__: fn })
  const outer = scope((f: Names) => {
    f.l = py.list()
    f.a = dying(() => {
      f.l = py.list([dying(() => deaths++)])
    })
    return f
  })
  expect(deaths).toBe(1)
  scope(() => {
    expect(() => {
      outer.l = py.list()
    }).toThrow('cannot assign to f.l: the scope of its frame was left')
  })
})

it('arrays and objects that contain themselves, or are nested too deep', () => {
  const array: unknown[] = [1.5]
  array.push(array)
  const object: Record<string, unknown> = {}
  object.self = object
  for (const value of [array, object, new Map([[1, array]])]) {
    expect(() => py.list([value])).toThrow(RecursionError)
    expect(() => py.sys.getsizeof(value)).toThrow(RecursionError)
  }
  let nested: unknown[] = []
  for (let i = 1; i < 1000; i++) nested = [nested]
  scope(() => expect(py.list(nested).len()).toBe(1))
})

it('integers that no argument of C has room for', () => {
  scope((f: Names) => {
    f.l = py.list([1])
    for (const big of [2n ** 64n, -(2n ** 64n)]) {
      expect(() => f.l.pop(big)).toThrow('Python int too large to convert to C ssize_t')
      expect(() => f.l.insert(big, 1)).toThrow('Python int too large to convert to C ssize_t')
      expect(() => f.l.mul(big)).toThrow("cannot fit 'int' into an index-sized integer")
    }
    for (const big of [2 ** 31, 2 ** 53]) {
      expect(() => py.gc.collect(big)).toThrow('Python int too large to convert to C int')
      expect(() => py.gc.set_debug(big)).toThrow('Python int too large to convert to C int')
      expect(() => py.gc.set_threshold(big)).toThrow('Python int too large to convert to C int')
    }
    expect(py.gc.get_threshold()).toEqual([700, 10, 10])
  })
})

it('console.log and JSON.stringify show the value', () => {
  scope((f: Names) => {
    f.d = py.dict({ a: [1, null], ['__proto__']: 2.5 })
    f.a = py.instance('A', { x: py.list([7]), m() {} })
    expect(inspect(f.d)).toBe("{'a': [1, None], '__proto__': 2.5}")
    expect(inspect([f.a])).toMatch(/^\[ <__main__\.A object at 0x/)
    expect(inspect(torch.ones([2]))).toBe('tensor([1., 1.])')
    expect(JSON.stringify([py.list([1]), py.object()])).toMatch(/^\[\[1\],"<object object at 0x/)
    expect(JSON.stringify(f.d)).toBe('{"a":[1,null],"__proto__":2.5}')
    expect(JSON.stringify({ a: f.a, o: py.None })).toBe('{"a":{"x":[7]},"o":null}')
    const { d } = f
    delete (f as Partial<Names>).d
    expect(inspect(d)).toBe('<dead dict>')
    expect(() => JSON.stringify(d)).toThrow(PyReferenceError)
  })
})
