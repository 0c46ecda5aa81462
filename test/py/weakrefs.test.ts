// Weak references: to what they can be made, when they die, and who is told.
import { describe, expect, it } from 'vitest'
import { hold, id, is_, print, py, repr, scope, set_warning_sink, torch } from '../../src/index'
import { expectNothingLeft, live, printed } from '../identity/live'

type Instance = ReturnType<typeof py.instance>
type Frame = Record<string, Instance>

const { ref, getweakrefcount, getweakrefs } = py.weakref

/** Asks without keeping: a tensor's handle would. */
const alive = (r: ReturnType<typeof ref>) => scope(() => r.deref() !== null)

expectNothingLeft()

describe('a weak reference', () => {
  it('leads to its object while that lives, and does not keep it alive', () => {
    scope((f: Frame) => {
      f.a = py.instance('A')
      const r = hold(ref(f.a))
      expect([r.deref(), py.sys.getrefcount(f.a), getweakrefcount(f.a)]).toEqual([f.a, 2, 1])
      expect(py.sys.getsizeof(r)).toBe(80)
      delete f.a
      expect(r.deref()).toBe(null)
    })
  })

  it('prints as in Python', () => {
    scope((f: Frame) => {
      f.a = py.instance('A')
      const r = hold(ref(f.a))
      const at = (address: number) => `0x${address.toString(16).padStart(12, '0')}`
      expect(repr(r)).toBe(`<weakref at ${at(id(r))}; to 'A' at ${at(id(f.a))}>`)
      delete f.a
      expect(printed(() => print(r))).toEqual([`<weakref at ${at(id(r))}; dead>`])
    })
  })

  it('to a temporary is dead at once, and its callback called', () => {
    scope(() => {
      const told: unknown[] = []
      const r = hold(ref(py.instance('A'), (dead) => told.push(dead, dead.deref())))
      expect([r.deref(), told]).toEqual([null, [r, null]])
    })
  })

  it('which dies first is not told', () => {
    scope((f: Frame) => {
      const told: unknown[] = []
      f.a = py.instance('A')
      id(ref(f.a, () => told.push(1)))
      expect(getweakrefcount(f.a)).toBe(0)
      delete f.a
      expect(told).toEqual([])
    })
  })

  it('has its callback until it was called', () => {
    scope((f: Frame) => {
      const callback = () => {}
      f.a = py.instance('A')
      const [r, quiet] = [hold(ref(f.a, callback)), hold(ref(f.a))]
      expect([r.__callback__, quiet.__callback__]).toEqual([callback, null])
      delete f.a
      expect(r.__callback__).toBe(null)
    })
  })

  it('to a class, and to an instance in a list of them', () => {
    scope((f: Record<string, ReturnType<typeof py.class_>>) => {
      f.A = py.class_('A')
      const r = hold(ref(f.A))
      const s = hold(ref(f.A, () => {}))
      expect([...getweakrefs(f.A)]).toEqual([r, s])
      expect([getweakrefcount(3), getweakrefs(py.list()).len()]).toEqual([0, 0])
      delete f.A
      expect(r.deref()).toBe(null)
    })
  })

  it('reports what its callback throws', () => {
    const texts: string[] = []
    const before = set_warning_sink((category, text) => texts.push(`${category}: ${text}`))
    scope((f: Frame) => {
      f.a = py.instance('A')
      function complain() {
        throw new RangeError('dead')
      }
      hold(ref(f.a, complain))
      hold(
        ref(f.a, () => {
          throw new RangeError('too')
        }),
      )
      delete f.a
    })
    set_warning_sink(before)
    expect(texts).toEqual([
      'Exception ignored in: <function <lambda>>\nRangeError: too',
      'Exception ignored in: <function complain>\nRangeError: dead',
    ])
  })

  it('takes only what can be called', () => {
    scope((f: Frame) => {
      f.a = py.instance('A')
      expect(() => ref(f.a, 3 as never)).toThrow("'int' object is not callable")
    })
  })
})

describe('a weak reference to a tensor', () => {
  it('lives as long as the tensor, whoever in Python refers to that', () => {
    scope(() => {
      const told: number[] = []
      const x = torch.ones([2])
      const r = hold(ref(x, () => told.push(1)))
      const before = live().objects
      expect(r.deref()).toBe(x)
      scope((f) => {
        f.x = x
        f.l = py.list([x])
      })
      expect([r.deref(), told, live().objects]).toEqual([x, [], before])
      const address = id(x)
      expect([id(x), is_(r.deref(), x)]).toEqual([address, true])
      x.dispose()
      expect([r.deref(), told]).toEqual([null, [1]])
    })
  })

  it('does not keep it alive, and dies with its scope', () => {
    scope(() => {
      const r = scope(() => {
        const x = torch.ones([2])
        return ref(x)
      })
      expect([r.deref(), live().tensors]).toEqual([null, 0])
    })
  })

  it('in a list that is trash stays while a handle, or a graph, has the tensor', () => {
    scope(() => {
      const x = torch.ones([2], { requires_grad: true })
      const r = hold(ref(x))
      const s = scope((f: Record<string, ReturnType<typeof py.list>>) => {
        const y = x.mul(2)
        f.l = py.list([x, y])
        f.l.append(f.l)
        return ref(y)
      })
      expect([alive(r), alive(s)]).toEqual([true, true])
      // The list and the product, which nothing else has.
      expect(py.gc.collect()).toBe(2)
      expect([alive(r), alive(s)]).toEqual([true, false])
    })
  })

  it('may be called back in the middle of backward()', () => {
    scope(() => {
      const seen: unknown[] = []
      const x = torch.tensor([3], { requires_grad: true, dtype: torch.float32 })
      const [z, r] = scope(() => {
        const y = x.mul(x)
        return [y.mul(y), ref(y, () => seen.push(torch.ones([2, 2]).sum().item()))] as const
      })
      expect([alive(r), seen]).toEqual([true, []])
      z.backward()
      expect([alive(r), seen, x.grad?.tolist()]).toEqual([false, [4], [108]])
    })
  })
})
