// The collector beside what test/py/gc records from CPython: when it runs by itself, what it costs, tensors, big heaps.
import { afterEach, describe, expect, it } from 'vitest'
import { core } from '../../src/core/wasm'
import { hold, id, py, scope, torch } from '../../src/index'
import { expectNothingLeft, live } from '../identity/live'

type Instance = ReturnType<typeof py.instance>
type List = ReturnType<typeof py.list>

const { gc } = py

expectNothingLeft()
afterEach(() => {
  gc.set_threshold(700, 10, 10)
  gc.enable()
  gc.collect()
})

/** A list that only refers to itself, with `item` in it. */
function cycle(item: unknown = null): void {
  scope((f: Record<string, List>) => {
    f.l = py.list([item])
    f.l.append(f.l)
  })
}

describe('a collection by itself', () => {
  it('happens at the end of a call, not when the collector is disabled', () => {
    gc.set_threshold(10)
    // Lists would come from their free list, and count for nothing.
    const instances = () =>
      scope((f: Record<string, Instance>) => {
        f.a = py.instance('A')
        f.a.self = f.a
      })
    const collected = () => gc.get_stats()[0].collections
    let before = collected()
    for (let i = 0; i < 60; i++) instances()
    expect(collected() - before).toBe(5)
    // Each found the ten before the one that brought it about, which was alive, and moved on.
    expect(live().objects).toBe(60 - 5 * 10)
    gc.collect()
    gc.disable()
    before = collected()
    for (let i = 0; i < 60; i++) instances()
    expect([collected() - before, live().objects]).toEqual([0, 60])
    gc.collect()
  })

  it('never takes what an unfinished call has in its hands', () => {
    gc.set_threshold(1, 1, 1)
    scope((f: Record<string, List>) => {
      f.l = py.list()
      for (let i = 0; i < 300; i++)
        f.l.append(py.list([py.tuple([i, [i]]), py.dict({ i: [i] }), py.instance('A', { i })]))
      const last = f.l.at(-1) as List
      expect(String(py.list([last.at(0), last.at(1)]))).toBe("[(299, [299]), {'i': [299]}]")
    })
  })

  it('keeps temporaries and what is held', () => {
    gc.set_threshold(1, 1, 1)
    scope(() => {
      const temporary = py.list([1])
      const held = hold(py.list([2]))
      for (let i = 0; i < 20; i++) cycle()
      gc.collect()
      expect(String(py.list([temporary, held]))).toBe('[[1], [2]]')
    })
  })
})

describe('collect()', () => {
  it('in a __del__ or a callback that a collection calls does nothing', () => {
    const results: number[] = []
    cycle(
      py.instance('A', {
        __del__() {
          results.push(gc.collect())
          cycle()
        },
      }),
    )
    expect([gc.collect(), results]).toEqual([2, [0]])
    expect(gc.collect()).toBe(1)
  })

  it('collects though a __del__ throws, and reports that', () => {
    cycle(
      py.instance('A', {
        __del__() {
          this.nothing
        },
      }),
    )
    expect(gc.collect()).toBe(2)
  })

  it('says in the error of a dead handle that it was the collector', () => {
    scope((f: Record<string, List>) => {
      f.l = py.list()
      f.l.append(f.l)
      const { l } = f
      delete f.l
      gc.collect()
      expect(() => l.len()).toThrow('this list was freed by the cycle collector: nothing referred to it any more')
    })
  })

  it('frees tensors and grad_fns in cycles, and keeps those that somebody has', () => {
    scope((f: Record<string, unknown>) => {
      const x = torch.ones([2], { requires_grad: true })
      scope(() => {
        const y = x.mul(2)
        cycle([x, y, y.grad_fn])
      })
      expect(live().tensors).toBeGreaterThan(1)
      gc.collect()
      expect([live().tensors, live().nodes]).toEqual([1, 0])
      f.x = x
      expect(x.tolist()).toEqual([1, 1])
    })
  })

  it('empties the free lists when it is a full one', () => {
    const kept = () => Object.values(py.free_lists()).reduce((sum, list) => sum + list.length, 0)
    scope(() => {
      for (let i = 0; i < 20; i++) id(py.list([i + 1000.5]))
      expect(kept()).toBeGreaterThan(0)
      gc.collect(1)
      expect(kept()).toBeGreaterThan(0)
      gc.collect()
      expect(kept()).toBe(0)
    })
  })
})

describe('gc.garbage', () => {
  it('gets what DEBUG_SAVEALL keeps from being cleared', () => {
    scope((f: Record<string, Instance>) => {
      f.a = py.instance('A', { x: 1 })
      f.a.self = f.a
      delete f.a
      gc.set_debug(gc.DEBUG_SAVEALL)
      expect([gc.collect(), gc.garbage.len(), gc.get_debug()]).toEqual([1, 1, 32])
      gc.set_debug(0)
      expect(Number((gc.garbage.at(0) as Instance).x)).toBe(1)
      expect(gc.collect()).toBe(0)
      gc.garbage.clear()
      expect(gc.collect()).toBe(1)
      expect(() => gc.set_debug(1)).toThrow('gc.set_debug() knows DEBUG_SAVEALL only')
    })
  })
})

describe('a million lists', () => {
  const MANY = 1_000_000

  /** Each refers to the next; the address of the first and the last. */
  function chain(): [first: number, last: number] {
    const first = core.list_of(0, 0, 0) >>> 0
    let last = first
    for (let i = 1; i < MANY; i++) {
      const next = core.list_of(0, 0, 0) >>> 0
      core.list_append(last, next)
      core.decref(next)
      last = next
    }
    return [first, last]
  }

  it('in one cycle are collected without a deep stack, in a few times what making them took', () => {
    gc.disable()
    const start = performance.now()
    const [first, last] = chain()
    core.list_append(last, first)
    core.decref(first)
    const made = performance.now()
    expect(gc.collect()).toBe(MANY)
    expect(performance.now() - made).toBeLessThan(5 * (made - start) + 1000)
  })

  it('in a chain die with the first', () => {
    gc.disable()
    const before = live().objects
    const [first] = chain()
    core.decref(first)
    expect(live().objects).toBe(before)
  })
})
