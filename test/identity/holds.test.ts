// What keeps a grad_fn's wrapper alive: hold and del_, `using`, frame locals, and the end of a scope.
import { describe, expect, it } from 'vitest'
import {
  del_,
  type GradFn,
  hold,
  id,
  is_,
  ReferenceError as PyReferenceError,
  py,
  scope,
  type Tensor,
  torch,
} from '../../src/index'
import { expectNothingLeft } from './live'

expectNothingLeft()

function under(fn: (tensors: { a: Tensor; b: Tensor }) => void): void {
  scope(() => {
    const x = torch.tensor([1, 2], { requires_grad: true })
    fn({ a: x.mul(3), b: x.mul(4) })
  })
}

/** Does somebody hold the wrapper of a's node? Then b's has another slot. */
const isHeld = (a: Tensor, b: Tensor) => id(a.grad_fn) !== id(b.grad_fn)

describe('using g = y.grad_fn', () => {
  it('holds until the end of its block', () => {
    under(({ a, b }) => {
      {
        using g = a.grad_fn
        expect([isHeld(a, b), is_(g, a.grad_fn), py.sys.getrefcount(g)]).toEqual([true, true, 2])
      }
      expect(isHeld(a, b)).toBe(false)
    })
  })

  it('disposes the handle', () => {
    under(({ a }) => {
      let kept: GradFn | null = null
      {
        using g = a.grad_fn
        kept = g
      }
      expect(() => kept?.name()).toThrow(PyReferenceError)
    })
  })

  it('ends when the block throws', () => {
    under(({ a, b }) => {
      expect(() => {
        using g = a.grad_fn
        throw new Error(g.name())
      }).toThrow('MulBackward0')
      expect(isHeld(a, b)).toBe(false)
    })
  })

  it('outlives del y: the handle keeps the node', () => {
    under(({ a }) => {
      using g = a.grad_fn
      del_(a)
      expect([g.name(), g.next_functions.length]).toEqual(['MulBackward0', 2])
    })
  })

  it('two of them give their slots back in reverse order', () => {
    under(({ a, b }) => {
      let slots: number[] = []
      {
        using g = a.grad_fn
        using h = b.grad_fn
        slots = [id(g), id(h)]
      }
      expect([hold(a.grad_fn), hold(b.grad_fn)].map(id)).toEqual(slots)
    })
  })
})

describe('hold and del_', () => {
  it('hold returns the handle', () => {
    under(({ a }) => {
      const g = a.grad_fn
      expect(hold(g)).toBe(g)
    })
  })

  it('holding twice counts twice', () => {
    under(({ a, b }) => {
      const g = hold(hold(a.grad_fn))
      const counts = [py.sys.getrefcount(g)]
      del_(g)
      counts.push(py.sys.getrefcount(g))
      expect([...counts, isHeld(a, b)]).toEqual([3, 2, true])
    })
  })

  it('del_ as often lets go, and the handle is good for another hold', () => {
    under(({ a, b }) => {
      const g = hold(hold(a.grad_fn))
      del_(g)
      del_(g)
      const after = isHeld(a, b)
      hold(g)
      expect([after, isHeld(a, b)]).toEqual([false, true])
    })
  })

  it('del_ of a handle that is not held disposes it', () => {
    under(({ a }) => {
      const g = a.grad_fn
      del_(g)
      expect(() => id(g)).toThrow(PyReferenceError)
    })
  })

  it('del_ of a disposed handle is a ReferenceError', () => {
    under(({ a }) => {
      const g = a.grad_fn
      del_(g)
      expect(() => del_(g)).toThrow(PyReferenceError)
    })
  })

  it('two handles of one node hold one wrapper', () => {
    under(({ a, b }) => {
      const [g, h] = [hold(a.grad_fn), hold(a.grad_fn)]
      const shared = [is_(g, h), id(g) === id(h), g === h]
      del_(g)
      expect([...shared, isHeld(a, b)]).toEqual([true, true, false, true])
    })
  })

  it('dispose lets go of all that the handle holds', () => {
    under(({ a, b }) => {
      const g = hold(hold(a.grad_fn))
      g.dispose()
      g.dispose()
      expect(isHeld(a, b)).toBe(false)
    })
  })

  it('dispose before the end of the scope that holds leaves the scope nothing to do', () => {
    under(({ a, b }) => {
      scope(() => hold(a.grad_fn).dispose())
      expect(isHeld(a, b)).toBe(false)
    })
  })

  it('holding a child of next_functions keeps its own wrapper only', () => {
    scope(() => {
      const a = torch.tensor(2, { requires_grad: true }).mul(3)
      const z = a.mul(2)
      const before = torch.memory.stats().objects
      const child = hold(z.grad_fn.next_functions[0][0])
      expect([torch.memory.stats().objects - before, is_(child, a.grad_fn)]).toEqual([1, true])
    })
  })

  it('a walk down a long chain ends in one wrapper', () => {
    scope(() => {
      let y = torch.tensor(1, { requires_grad: true })
      for (let i = 0; i < 20_000; i++) y = y.mul(1)
      let g = y.grad_fn
      for (let i = 0; i < 20_000; i++) g = g.next_functions[0][0]
      const before = torch.memory.stats().objects
      hold(g)
      expect([g.name(), torch.memory.stats().objects - before]).toEqual(['torch::autograd::AccumulateGrad', 1])
    })
  })
})

describe('the end of a scope', () => {
  it('lets go of what was held in it', () => {
    under(({ a, b }) => {
      scope(() => expect([hold(a.grad_fn).name(), isHeld(a, b)]).toEqual(['MulBackward0', true]))
      expect(isHeld(a, b)).toBe(false)
    })
  })

  it('lets go of a handle that came from outside but was held inside', () => {
    under(({ a, b }) => {
      const g = a.grad_fn
      scope(() => hold(g))
      expect([isHeld(a, b), g.name()]).toEqual([false, 'MulBackward0'])
    })
  })

  it('leaves alone what an outer scope holds', () => {
    under(({ a, b }) => {
      const g = hold(a.grad_fn)
      scope(() => hold(g))
      expect([isHeld(a, b), py.sys.getrefcount(g)]).toEqual([true, 2])
    })
  })

  it('lets go of a handle that is returned, which may be held again', () => {
    under(({ a, b }) => {
      const g = scope(() => hold(a.grad_fn))
      const after = isHeld(a, b)
      hold(g)
      expect([after, isHeld(a, b)]).toEqual([false, true])
    })
  })

  it('lets go when the function throws', () => {
    under(({ a, b }) => {
      expect(() =>
        scope(() => {
          hold(a.grad_fn)
          throw new Error('stop')
        }),
      ).toThrow('stop')
      expect(isHeld(a, b)).toBe(false)
    })
  })

  it('del_ undoes the innermost hold', () => {
    under(({ a, b }) => {
      const g = hold(a.grad_fn)
      scope(() => {
        hold(g)
        del_(g)
        expect(py.sys.getrefcount(g)).toBe(2)
      })
      expect(isHeld(a, b)).toBe(true)
    })
  })
})

describe('a frame local', () => {
  it('holds from the assignment on', () => {
    under(({ a, b }) => {
      scope((f) => {
        f.g = a.grad_fn
        expect([isHeld(a, b), is_(f.g, a.grad_fn), py.sys.getrefcount(f.g as GradFn)]).toEqual([true, true, 2])
      })
    })
  })

  it('lets go at delete', () => {
    under(({ a, b }) => {
      scope((f) => {
        f.g = a.grad_fn
        delete f.g
        expect([isHeld(a, b), f.g, 'g' in f]).toEqual([false, undefined, false])
      })
    })
  })

  it('lets go at the end of the scope', () => {
    under(({ a, b }) => {
      scope((f) => {
        f.g = a.grad_fn
      })
      expect(isHeld(a, b)).toBe(false)
    })
  })

  it('lets go of its old value after it took the new one, as STORE_FAST does', () => {
    under(({ a, b }) => {
      scope((f) => {
        f.g = a.grad_fn
        const slot = id(f.g as GradFn)
        f.g = b.grad_fn
        expect([id(f.g as GradFn) === slot, id(a.grad_fn) === slot]).toEqual([false, true])
      })
    })
  })

  it('of two names counts twice', () => {
    under(({ a, b }) => {
      scope((f) => {
        f.g = a.grad_fn
        f.h = f.g
        const counts = [py.sys.getrefcount(f.g as GradFn)]
        delete f.g
        counts.push(py.sys.getrefcount(f.h as GradFn))
        expect([...counts, isHeld(a, b)]).toEqual([3, 2, true])
      })
    })
  })

  it('assigned to itself stays', () => {
    under(({ a, b }) => {
      scope((f) => {
        f.g = a.grad_fn
        const g = f.g
        f.g = g
        expect([isHeld(a, b), py.sys.getrefcount(g as GradFn)]).toEqual([true, 2])
      })
    })
  })

  it('may be any value, and its names can be listed', () => {
    scope((f) => {
      f.n = 1
      f.s = 'text'
      f.none = null
      expect([f.n, f.s, f.none, Object.keys(f)]).toEqual([1, 'text', null, ['n', 's', 'none']])
    })
  })

  it('cannot be a disposed handle', () => {
    under(({ a }) => {
      scope((f) => {
        const g = a.grad_fn
        g.dispose()
        expect(() => {
          f.g = g
        }).toThrow(PyReferenceError)
      })
    })
  })

  it('deleting what is not there does nothing', () => {
    scope((f) => {
      expect(delete f.nothing).toBe(true)
    })
  })

  it('that was disposed meanwhile may be overwritten and deleted', () => {
    under(({ a, b }) => {
      scope((f) => {
        const g = a.grad_fn
        f.g = g
        g.dispose()
        f.g = b.grad_fn
        delete f.g
        expect(isHeld(a, b)).toBe(false)
      })
    })
  })
})
