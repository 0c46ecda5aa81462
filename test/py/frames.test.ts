// Frames: when names let go of what they were bound to, as CPython 3.12 printed it for the same functions.
import { describe, expect, it } from 'vitest'
import { type Instance, id, type PyHandle, type PyList, print, py, scope } from '../../src/index'
import { expectNothingLeft, live, printed } from '../identity/live'

expectNothingLeft()

type Names = Record<string, Instance>

/** An object that says when it goes. */
const A = (n: string) =>
  py.instance('A', {
    n,
    __del__() {
      print('del', this.n)
    },
  })

describe('a function', () => {
  it('lets go of its names in the order of their first binding', () => {
    const lines = printed(() =>
      scope((f: Names) => {
        f.a = A('a')
        f.b = A('b')
        f.c = A('c')
        delete (f as Partial<Names>).a
        f.a = A('a2')
        print('end')
      }),
    )
    expect(lines).toEqual(['del a', 'end', 'del a2', 'del b', 'del c'])
  })

  it('returns a value that survives it, until it is unbound', () => {
    const lines = printed(() =>
      scope((g: Names) => {
        g.r = scope((f: Names) => {
          f.a = A('a')
          f.b = A('b')
          return f.a
        })
        print('returned', g.r.n)
        delete (g as Partial<Names>).r
        print('unbound')
      }),
    )
    expect(lines).toEqual(['del b', 'returned a', 'del a', 'unbound'])
  })

  it('rebinding a name lets the old value go', () => {
    const lines = printed(() =>
      scope((f: Names) => {
        f.a = A('a')
        f.b = A('b')
        f.a = f.b
        print('rebound')
      }),
    )
    expect(lines).toEqual(['del a', 'rebound', 'del b'])
  })

  it('binds the new value before the old one goes', () => {
    const lines = printed(() =>
      scope((f: Names) => {
        f.a = py.instance('A', {
          __del__() {
            print('now', f.a.n)
          },
        })
        f.a = A('new')
        print('bound')
      }),
    )
    expect(lines).toEqual(['now new', 'bound', 'del new'])
  })

  it('given an object returns that very object', () => {
    const lines = printed(() =>
      scope((f: Names) => {
        const inner = (x: Instance) =>
          scope((g: Names) => {
            g.y = A('y')
            return x
          })
        f.a = A('a')
        f.b = inner(f.a)
        print(f.b === f.a)
        delete (f as Partial<Names>).a
        print('deleted')
      }),
    )
    expect(lines).toEqual(['del y', 'True', 'deleted', 'del a'])
  })

  // CPython's traceback would keep the frame for as long as somebody has the exception.
  it('that throws lets go of its names', () => {
    const lines = printed(() => {
      expect(() =>
        scope((f: Names) => {
          f.a = A('a')
          throw new Error('stop')
        }),
      ).toThrow('stop')
    })
    expect(lines).toEqual(['del a'])
  })

  it('leaves the address of a name to the next call', () => {
    const test = () =>
      scope((f: Record<string, PyHandle>) => {
        f.ins = py.object()
        return id(f.ins)
      })
    const addresses = Array.from({ length: 5 }, test)
    expect(new Set(addresses).size).toBe(1)
  })
})

describe('what is returned', () => {
  it('in an array or an object survives, each a temporary', () => {
    scope(() => {
      const before = live().objects
      const { l, o } = scope((f: { l: PyList }) => {
        f.l = py.list([])
        return { l: f.l, o: [py.object(), f.l] }
      })
      expect([live().objects - before, py.sys.getrefcount(l)]).toEqual([2, 1])
      id(o[0])
      expect(live().objects).toBe(before)
    })
  })

  it('of an async scope survives it too', async () => {
    const before = live()
    const l = await scope(async (f: { l: PyList }) => {
      f.l = py.list([py.object()])
      await new Promise((resolve) => setTimeout(resolve, 1))
      f.l.append(2)
      return f.l
    })
    expect(l.len()).toBe(2)
    expect(live()).toEqual(before)
  })
})

describe('an async scope', () => {
  it('keeps its names and temporaries until it is over', async () => {
    const before = live()
    await scope(async (f: { l: PyList }) => {
      f.l = py.list([1000])
      const o = py.object()
      await new Promise((resolve) => setTimeout(resolve, 1))
      expect([f.l.len(), py.sys.getrefcount(o)]).toEqual([1, 1])
    })
    expect(live()).toEqual(before)
  })
})

describe('a long loop', () => {
  it('of temporaries leaves nothing in the scope', () => {
    scope(() => {
      const before = live()
      for (let i = 0; i < 5000; i++) id(py.object())
      expect(live()).toEqual({ ...before, bytes: before.bytes })
      const kept = Array.from({ length: 3000 }, () => py.object())
      expect(live().objects - before.objects).toBe(3000)
      for (const o of kept) id(o)
      expect(live().objects).toBe(before.objects)
    })
  })
})

describe('an iterator', () => {
  const start = [
    ['of a list', () => py.list([1, py.object(), 3])[Symbol.iterator]()],
    ['of a dict', () => py.dict({ a: 1, b: py.object() })[Symbol.iterator]()],
    ["of a dict's values", () => py.dict({ a: 1, b: py.object() }).values()[Symbol.iterator]()],
  ] as const
  it.each(start)('%s keeps it, until it is over', (_, begin) => {
    scope(() => {
      const before = live()
      const iterator = begin()
      iterator.next()
      expect(live().objects).toBeGreaterThan(before.objects)
      while (!iterator.next().done);
      expect(live()).toEqual(before)
    })
  })

  it.each(start)('%s that nobody ends lets go with its scope, and is dead then', (_, begin) => {
    const before = live()
    const iterator = scope(() => {
      const iterator = begin()
      iterator.next()
      return () => iterator
    })()
    expect(live()).toEqual(before)
    expect(() => iterator.next()).toThrow('was freed by the end of its scope')
  })
})
