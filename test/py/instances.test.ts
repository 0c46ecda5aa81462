// Classes and instances: attributes as properties, methods, `__del__`, and who keeps whom alive.
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { hold, id, is_, print, py, repr, scope, set_warning_sink, torch, type_ } from '../../src/index'
import { expectNothingLeft, live, printed } from '../identity/live'

type Instance = ReturnType<typeof py.instance>
type Frame = Record<string, Instance>

expectNothingLeft()

const objects = () => live().objects

describe('attributes', () => {
  it('are read, assigned, deleted and asked for like properties', () => {
    scope((f: Frame) => {
      f.a = py.instance('A', { x: 1, y: 'two' })
      f.a.z = py.list([3])
      expect(Object.keys(f.a)).toEqual(['x', 'y', 'z'])
      expect(['x' in f.a, 'q' in f.a]).toEqual([true, false])
      expect(repr([f.a.x, f.a.y, f.a.z])).toBe("[1, 'two', [3]]")
      f.a.x = 2
      expect(Number(f.a.x)).toBe(2)
      delete f.a.y
      expect(Object.keys(f.a)).toEqual(['x', 'z'])
      f.a.y = null
      expect(Object.keys(f.a)).toEqual(['x', 'z', 'y'])
      expect(is_(f.a.y as never, py.None)).toBe(true)
    })
  })

  it('take over temporaries, count what they refer to, and are borrowed when read', () => {
    scope((f: Frame) => {
      f.a = py.instance('A')
      f.b = py.instance('B')
      f.a.b = f.b
      expect(f.a.b).toBe(f.b)
      expect(py.sys.getrefcount(f.b)).toBe(3)
      const before = objects()
      f.a.x = py.object()
      expect(objects() - before).toBe(1)
      expect(py.sys.getrefcount(f.a.x as never)).toBe(2)
      f.a.x = f.b
      expect(objects()).toBe(before)
      expect(py.sys.getrefcount(f.b)).toBe(4)
      delete f.a.b
      expect(py.sys.getrefcount(f.b)).toBe(3)
    })
  })

  it('fail as in Python', () => {
    scope((f: Frame) => {
      f.a = py.instance('A')
      expect(() => f.a.x).toThrow("'A' object has no attribute 'x'")
      expect(() => delete f.a.x).toThrow("'A' object has no attribute 'x'")
      expect(() => {
        f.a.x = Symbol('x')
      }).toThrow('no Python object stands for a symbol')
      expect(Object.keys(f.a)).toEqual([])
    })
  })

  it('may be many, and come and go', () => {
    scope((f: Frame) => {
      f.a = py.instance('A')
      const names = Array.from({ length: 300 }, (_, i) => `x${i}`)
      for (const [i, name] of names.entries()) f.a[name] = i + 1000
      expect(Object.keys(f.a)).toEqual(names)
      for (const name of names.filter((_, i) => i % 3)) delete f.a[name]
      const left = names.filter((_, i) => i % 3 === 0)
      expect(Object.keys(f.a)).toEqual(left)
      expect(left.map((name) => Number(f.a[name]))).toEqual(left.map((_, i) => i * 3 + 1000))
    })
  })

  it('hold tensors, and give back the same handle', () => {
    scope((f: Frame) => {
      f.a = py.instance('A')
      scope(() => {
        f.a.t = torch.ones([2])
      })
      expect(String(f.a.t)).toBe('tensor([1., 1.])')
      expect(f.a.t).toBe(f.a.t)
      expect(live().tensors).toBe(1)
      delete f.a.t
    })
  })

  it('of a dead instance are an error that says what it died of', () => {
    scope((f: Frame) => {
      f.a = py.instance('A', { x: 1 })
      const { a } = f
      delete f.a
      expect(() => a.x).toThrow('this A was freed by del f.a: nothing referred to it any more')
      expect(() => {
        a.x = 1
      }).toThrow('this A was freed by del f.a')
      expect(() => delete a.x).toThrow('this A was freed by del f.a')
      expect([Object.keys(a), 'x' in a]).toEqual([[], false])
    })
  })

  it('are not in the way of what JavaScript asks any object for', async () => {
    const a = hold(py.instance('A', { x: 1 }))
    expect([a.then, a.toJSON, a[Symbol.iterator as never], a.$$typeof]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect(await a).toBe(a)
    expect(() => inspect(a)).not.toThrow()
    expect(() => inspect(a, { showProxy: true })).not.toThrow()
    delete a.x
    expect(JSON.stringify({ a })).toBe('{"a":{}}')
    expect(a).toEqual(a)
    expect(py.sys.getrefcount(a)).toBe(2)
    a.dispose()
  })
})

describe('an instance', () => {
  it('prints as in Python, and with the words of its class', () => {
    scope((f: Frame) => {
      f.a = py.instance('A')
      const address = id(f.a).toString(16).padStart(12, '0')
      expect(printed(() => print(f.a))).toEqual([`<__main__.A object at 0x${address}>`])
      f.b = py.instance('B', { __repr__: () => 'B()', __str__: () => 'b' })
      f.c = py.instance('C', {
        __repr__() {
          return `C(${this.x})`
        },
        x: 5,
      })
      expect([String(f.b), repr(f.b), String(f.c), repr([f.c])]).toEqual(['b', 'B()', 'C(5)', '[C(5)]'])
      f.d = py.instance('D', { __repr__: () => 3 })
      expect(() => repr(f.d)).toThrow('__repr__ returned non-string (type int)')
    })
  })

  it("has the size of a 64-bit CPython's, whatever its attributes", () => {
    scope((f: Frame) => {
      f.a = py.instance('A')
      f.b = py.instance('B', { x: 1, y: [2] })
      expect([f.a, f.b].map((h) => py.sys.getsizeof(h))).toEqual([48, 48])
    })
  })

  it('is a temporary: the next one gets its place', () => {
    scope(() => {
      expect(id(py.instance('A'))).toBe(id(py.instance('B', { x: 1 })))
      const a = py.instance('A', { x: 1 })
      expect(Number(a.x) + Number(a.x)).toBe(2)
      a.x = 2
      expect(printed(() => print(a.x))).toEqual(['2'])
      id(a)
      expect(() => a.x).toThrow('this A was freed by id(): it was a temporary')
    })
  })

  it('leaves nothing behind when it cannot be made', () => {
    scope(() => {
      const before = live()
      expect(() => py.instance('A', { x: py.list([1]), y: Symbol('y') })).toThrow(
        'no Python object stands for a symbol',
      )
      expect(() => py.instance(3 as never)).toThrow('type.__new__() argument 1 must be str, not int')
      expect(live()).toEqual(before)
    })
  })

  it("may be a key, a list's item and a returned value", () => {
    scope((f: Frame) => {
      f.a = scope((g: Frame) => {
        g.a = py.instance('A', { x: 1 })
        return g.a
      })
      expect(py.sys.getrefcount(f.a)).toBe(2)
      const d = py.dict(new Map([[f.a, 1]]))
      expect(Number(d.at(f.a))).toBe(1)
      expect(py.list([f.a]).contains(f.a)).toBe(true)
    })
  })
})

describe('a class', () => {
  it('makes instances, calls __init__, and gives them its methods and attributes', () => {
    scope((f: { Point: ReturnType<typeof py.class_>; p: Instance; q: Instance }) => {
      f.Point = py.class_('Point', {
        __init__(x: number, y: number) {
          this.x = x
          this.y = y
        },
        sum() {
          return Number(this.x) + Number(this.y)
        },
        dimensions: 2,
      })
      f.p = f.Point.new(1, 2)
      f.q = f.Point.new(3, 4)
      expect([f.p, f.q].map((p) => (p.sum as () => number)())).toEqual([3, 7])
      expect(Number(f.p.dimensions)).toBe(2)
      f.Point.dimensions = 3
      f.p.dimensions = 4
      expect([f.p.dimensions, f.q.dimensions].map(Number)).toEqual([4, 3])
      expect(String(f.Point)).toBe("<class '__main__.Point'>")
      expect([type_(f.p), type_(f.p)]).toEqual([f.Point, type_(f.q)])
      expect(f.p.__class__).toBe(f.Point)
      expect([f.Point.__name__, f.Point.__module__]).toEqual(['Point', '__main__'])
      expect(() => f.Point.q).toThrow("type object 'Point' has no attribute 'q'")
      expect(() => f.p.q).toThrow("'Point' object has no attribute 'q'")
      expect(py.sys.getsizeof(f.Point)).toBe(1704)
      // Its name, its two instances, and the argument.
      expect(py.sys.getrefcount(f.Point)).toBe(4)
    })
  })

  it('lives as long as an instance does', () => {
    scope((f: Frame) => {
      const before = objects()
      f.a = scope(() => py.class_('A', { hello: () => 'hello' }).new())
      expect(objects() - before).toBe(2)
      expect((f.a.hello as () => string)()).toBe('hello')
      delete f.a
      expect(objects()).toBe(before)
    })
  })

  it('in a cycle with an instance is collected', () => {
    scope((f: Record<string, ReturnType<typeof py.class_>>) => {
      f.A = py.class_('A')
      f.A.only = f.A.new()
    })
    expect(py.gc.collect()).toBe(2)
  })

  it('drops an instance whose __init__ throws, and what it was given', () => {
    scope((f: Record<string, ReturnType<typeof py.class_>>) => {
      const died: string[] = []
      f.A = py.class_('A', {
        __init__(x: unknown) {
          this.x = x
          throw new RangeError('no')
        },
        __del__() {
          died.push(String(this.x))
        },
      })
      const before = objects()
      expect(() => f.A.new(py.list([1]))).toThrow(RangeError)
      expect(() => f.A.new(py.list([2]))).toThrow('no')
      expect([died, objects()]).toEqual([['[1]', '[2]'], before])
    })
  })

  it('does not let a method consume its instance', () => {
    scope(() => {
      const a = py.instance('A', {
        show() {
          return [printed(() => print(this)), id(this)].length
        },
      })
      expect([(a.show as () => number)(), (a.show as () => number)()]).toEqual([2, 2])
      expect(py.sys.getrefcount(a)).toBe(1)
    })
  })
})

describe('__del__', () => {
  /** What is reported while `fn` runs. */
  function reported(fn: () => void): string[] {
    const texts: string[] = []
    const before = set_warning_sink((category, text) => texts.push(`${category}: ${text}`))
    try {
      fn()
    } finally {
      set_warning_sink(before)
    }
    return texts
  }

  const loud = (died: unknown[], name: string) =>
    py.instance('A', {
      __del__() {
        died.push(name)
      },
    })

  it('runs when the last reference goes: a name, an item, an attribute, a temporary, the scope', () => {
    const died: unknown[] = []
    scope((f: Frame) => {
      f.a = loud(died, 'name')
      f.b = f.a
      delete f.a
      expect(died).toEqual([])
      delete f.b
      expect(died).toEqual(['name'])
      const items = hold(py.list([loud(died, 'item')]))
      items.clear()
      f.c = py.instance('C')
      f.c.x = loud(died, 'attribute')
      f.c.x = null
      id(loud(died, 'temporary'))
      f.d = loud(died, 'rebound')
      f.d = loud(died, 'scope')
      expect(died).toEqual(['name', 'item', 'attribute', 'temporary', 'rebound'])
    })
    expect(died.at(-1)).toBe('scope')
  })

  it('has the instance with its attributes as `this`, in a frame of its own', () => {
    scope((f: Frame) => {
      let seen = ''
      f.a = py.instance('A', {
        x: [1, 2],
        __del__() {
          seen = `${this.x} ${py.sys.getrefcount(this)}`
          py.list([this])
        },
      })
      delete f.a
      expect(seen).toBe('[1, 2] 2')
    })
  })

  it('is reported when it throws, and the program goes on', () => {
    const texts = reported(() =>
      scope((f: Frame) => {
        f.a = py.instance('A', {
          __del__() {
            throw new TypeError('boo')
          },
        })
        f.b = py.instance('B', {
          __del__() {
            return this.missing
          },
        })
      }),
    )
    expect(texts).toEqual([
      'Exception ignored in: <function A.__del__>\nTypeError: boo',
      "Exception ignored in: <function B.__del__>\nAttributeError: 'B' object has no attribute 'missing'",
    ])
  })

  it('may do in the middle of an operation what it likes with tensors', () => {
    scope((f: Frame) => {
      const sums: unknown[] = []
      f.a = py.instance('A', {
        __del__() {
          sums.push(torch.ones([3, 2]).reshape([2, 3]).sum().item())
        },
      })
      const items = hold(py.list([1, 2, f.a]))
      delete f.a
      items.set_at_([':'], [4])
      expect([sums, items.tolist()]).toEqual([[6], [4]])
    })
  })

  it('may change the very container that lets go', () => {
    scope((f: Frame) => {
      const items = hold(py.list())
      items.append(
        py.instance('A', {
          __del__() {
            items.append(7)
          },
        }),
      )
      items.set_at_(0, 1)
      expect(items.tolist()).toEqual([1, 7])
      f.a = py.instance('B')
      f.a.x = py.instance('A', {
        __del__() {
          f.a.x = 'again'
        },
      })
      delete f.a.x
      expect(String(f.a.x)).toBe('again')
    })
  })

  it('given to a class later counts from then on', () => {
    scope((f: Record<string, ReturnType<typeof py.class_>>) => {
      const died: number[] = []
      f.A = py.class_('A')
      id(f.A.new())
      f.A.__del__ = () => died.push(1)
      id(f.A.new())
      expect(died).toEqual([1])
    })
  })
})
