// Who owns a reference: temporaries, what consumes them, hold, using, frames, and the end of a scope.
import { describe, expect, it } from 'vitest'
import { del_, hold, id, is_, ReferenceError as PyReferenceError, print, py, repr, scope, torch } from '../../src/index'
import { expectNothingLeft, live, printed } from '../identity/live'

expectNothingLeft()

const objects = () => live().objects

describe('a temporary', () => {
  it('dies with the call that takes it: the next one gets its place', () => {
    scope(() => {
      expect(id(py.object())).toBe(id(py.object()))
      expect(is_(py.object(), py.object())).toBe(false)
    })
  })

  it.each([
    ['id()', (h: never) => id(h)],
    ['is_()', (h: never) => is_(h, null)],
    ['repr()', (h: never) => repr(h)],
    ['print()', (h: never) => printed(() => print(h))],
    ['getrefcount()', (h: never) => py.sys.getrefcount(h)],
  ])('%s consumes it and stands in the error of every later use', (what, use) => {
    scope(() => {
      const before = objects()
      const h = py.object()
      use(h as never)
      expect(objects()).toBe(before)
      expect(() => id(h)).toThrow(PyReferenceError)
      expect(() => id(h)).toThrow(
        `this object was freed by ${what}: it was a temporary. Bind it (f.x = ...) or hold() it`,
      )
    })
  })

  it('that nothing consumed goes with its scope', () => {
    const before = live()
    const h = scope(() => {
      const h = py.object()
      return () => h
    })()
    expect(live()).toEqual(before)
    expect(() => id(h)).toThrow('this object was freed by the end of its scope: it was a temporary')
  })

  it('leaves its scope as a temporary of the one around', () => {
    scope(() => {
      const before = objects()
      const h = scope(() => ({ h: py.object() })).h
      expect(objects() - before).toBe(1)
      id(h)
      expect(objects()).toBe(before)
    })
  })

  it('of an outer scope stays its temporary when an inner one returns it', () => {
    scope(() => {
      const before = objects()
      const h = py.object()
      scope(() => scope(() => h))
      expect(py.sys.getrefcount(h)).toBe(1)
      expect(objects()).toBe(before)
    })
  })

  it('may be what the call returns: a temporary again', () => {
    scope((f) => {
      const before = objects()
      const t = py.tuple([py.object()])
      for (const same of [py.tuple(t), t.mul(1), py.tuple(py.tuple(t))]) expect(same === t).toBe(true)
      f.t = t
      expect([py.sys.getrefcount(t), objects() - before]).toEqual([2, 2])
      delete f.t
      expect(objects()).toBe(before)
    })
  })

  it('counts itself as the argument of getrefcount', () => {
    scope((f) => {
      f.x = py.object()
      expect([py.sys.getrefcount(py.object()), py.sys.getrefcount(f.x as never)]).toEqual([1, 2])
    })
  })
})

describe('a frame', () => {
  it('takes over a temporary, and lets it go when the name is deleted', () => {
    scope((f) => {
      const before = objects()
      const h = py.object()
      f.x = h
      f.y = f.x
      expect([f.x, f.y, py.sys.getrefcount(h)]).toEqual([h, h, 3])
      delete f.x
      expect(py.sys.getrefcount(h)).toBe(2)
      delete f.y
      expect(objects()).toBe(before)
      expect(() => id(h)).toThrow('this object was freed by del f.y: nothing referred to it any more')
    })
  })

  it('frees the old value after the new one is there', () => {
    scope((f) => {
      f.x = py.object()
      const first = id(f.x as never)
      f.x = py.object()
      expect(id(f.x as never)).not.toBe(first)
      f.y = py.object()
      expect(id(f.y as never)).toBe(first)
    })
  })

  it('clears its locals in the order of their first assignment', () => {
    const ids = scope((f) => {
      f.a = py.object()
      f.b = py.object()
      f.c = py.object()
      delete f.a
      f.a = py.object()
      return [f.a, f.b, f.c].map((h) => id(h as never))
    })
    // Freed in the order a, b, c: the pool hands them out the other way round.
    scope((f) => {
      f.x = py.object()
      f.y = py.object()
      f.z = py.object()
      expect([f.x, f.y, f.z].map((h) => id(h as never))).toEqual([ids[2], ids[1], ids[0]])
    })
  })

  it('returns a local: it survives as a temporary', () => {
    scope(() => {
      const h = scope((f) => {
        f.x = py.object()
        return f.x
      })
      expect(py.sys.getrefcount(h as never)).toBe(1)
    })
  })

  it('keeps a tensor whose handle went with an inner scope', () => {
    scope((f) => {
      scope(() => {
        f.x = torch.ones(2)
      })
      expect((f.x as ReturnType<typeof torch.ones>).tolist()).toEqual([1, 1])
      expect(py.sys.getrefcount(f.x as never)).toBe(2)
    })
  })

  it('keeps a JavaScript value as it is', () => {
    scope((f) => {
      f.x = 7
      expect([f.x, 'x' in f, Object.keys(f)]).toEqual([7, true, ['x']])
      delete f.x
      expect([f.x, 'x' in f, Object.keys(f)]).toEqual([undefined, false, []])
    })
  })
})

describe('hold', () => {
  it('takes over a temporary until del_', () => {
    scope(() => {
      const before = objects()
      const h = hold(py.object())
      expect([py.sys.getrefcount(h), py.sys.getrefcount(hold(h))]).toEqual([2, 3])
      del_(h)
      expect(py.sys.getrefcount(h)).toBe(2)
      del_(h)
      expect(objects()).toBe(before)
      expect(() => hold(h)).toThrow('this object was freed by del_(): nothing referred to it any more')
    })
  })

  it('ends with the scope in which it was called', () => {
    scope((f) => {
      f.x = py.object()
      scope(() => hold(f.x as never))
      expect(py.sys.getrefcount(f.x as never)).toBe(2)
    })
  })

  it('is what a using declaration does, for its block', () => {
    scope(() => {
      const before = objects()
      {
        using h = py.object()
        expect([py.sys.getrefcount(h), py.sys.getrefcount(h)]).toEqual([2, 2])
      }
      expect(objects()).toBe(before)
    })
  })

  it('dispose gives back all that the handle owns', () => {
    scope((f) => {
      const h = hold(hold(py.object()))
      f.x = h
      h.dispose()
      expect(py.sys.getrefcount(h)).toBe(2)
    })
  })
})

describe('outside scopes', () => {
  it('a temporary is disposed by hand', () => {
    const h = py.object()
    h.dispose()
    expect(() => id(h)).toThrow('this object was freed by dispose()')
  })

  it('what a scope returned is a temporary still', () => {
    expect(id(scope(() => py.object()))).toBe(id(py.object()))
  })
})

describe('immortal objects', () => {
  it('are one each, and have no count', () => {
    scope(() => {
      const before = live()
      expect(is_(py.int(7), py.int(7))).toBe(true)
      expect([py.int(256), py.str('a'), py.None, py.True].map((h) => py.sys.getrefcount(h))).toEqual(
        new Array(4).fill(4294967295),
      )
      expect(py.int(7)).toBe(py.int(7))
      expect(live()).toEqual(before)
    })
  })

  it('others are not', () => {
    scope(() => {
      expect([is_(py.int(1000), py.int(1000)), py.sys.getrefcount(py.int(257))]).toEqual([false, 1])
    })
  })
})
