// What a grad_fn handle is and shows.
import { describe, expect, it } from 'vitest'
import {
  type GradFn,
  id,
  ReferenceError as PyReferenceError,
  repr,
  scope,
  type Tensor,
  torch,
  type_,
} from '../../src/index'
import { expectNothingLeft } from './live'

expectNothingLeft()

function node<R>(fn: (g: GradFn, y: Tensor) => R): R {
  return scope(() => {
    const y = torch.tensor([1, 2], { requires_grad: true }).mul(3)
    return fn(y.grad_fn, y)
  })
}

const ADDRESS = /^<MulBackward0 object at 0x[0-9a-f]{12}>$/

describe('a grad_fn', () => {
  it('has its class and address as repr and str', () => {
    node((g) => expect([repr(g), String(g)]).toEqual([expect.stringMatching(ADDRESS), expect.stringMatching(ADDRESS)]))
  })

  it('shows the number that id() gives', () => {
    node((g) => expect(Number.parseInt(String(g).slice(-13, -1), 16)).toBe(id(g)))
  })

  it('is of a class of its own name, from builtins', () => {
    node((g) => {
      const { __name__, __module__ } = type_(g)
      expect([__name__, __module__, String(type_(g))]).toEqual(['MulBackward0', 'builtins', "<class 'MulBackward0'>"])
    })
  })

  it('shares the class with every node of its kind', () => {
    node((g, y) =>
      expect([type_(y.mul(2).grad_fn) === type_(g), type_(y.exp().grad_fn) === type_(g)]).toEqual([true, false]),
    )
  })

  it('has a name()', () => {
    node((g) => expect(g.name()).toBe('MulBackward0'))
  })

  it('requires grad, always', () => {
    node((g) => expect([g.requires_grad, g.next_functions[0][0].requires_grad]).toEqual([true, true]))
  })

  it('has a new next_functions at every access', () => {
    node((g) => expect(g.next_functions).not.toBe(g.next_functions))
  })

  it('is no variable', () => {
    node((g) => expect(g.variable).toBeUndefined())
  })

  it('has the saved attributes of its class and no others', () => {
    node((g) => expect([g._saved_other, g._saved_self, g._saved_result]).toEqual([expect.anything(), null, undefined]))
  })

  it('cannot be made by a user', () => {
    node((g) => {
      const Class = g.constructor as new (node: number) => GradFn
      expect(() => new Class(4096)).toThrow("cannot create 'Node' instances")
    })
  })

  it('cannot be assigned', () => {
    node((g, y) => {
      expect(() => {
        ;(y as { grad_fn: unknown }).grad_fn = g
      }).toThrow()
    })
  })

  it('outlives its tensor and keeps the graph behind it', () => {
    scope(() => {
      const x = torch.tensor(2, { requires_grad: true })
      const g = scope(() => x.mul(3).exp().grad_fn)
      const names = [g.name(), g.next_functions[0][0].name()]
      expect([...names, torch.memory.stats().tensors]).toEqual(['ExpBackward0', 'MulBackward0', 3])
    })
  })

  it('is a ReferenceError to use once it was disposed', () => {
    node((g) => {
      g.dispose()
      for (const use of [() => g.name(), () => id(g), () => String(g), () => g.next_functions, () => g._saved_self]) {
        expect(use).toThrow(PyReferenceError)
      }
    })
  })
})

describe('an AccumulateGrad', () => {
  function leaf<R>(fn: (g: GradFn, x: Tensor) => R): R {
    return scope(() => {
      const x = torch.tensor([1, 2], { requires_grad: true })
      return fn(x.mul(3).grad_fn.next_functions[0][0], x)
    })
  }

  it('has a qualified name and a short class', () => {
    leaf((g) =>
      expect([g.name(), String(type_(g))]).toEqual(['torch::autograd::AccumulateGrad', "<class 'AccumulateGrad'>"]),
    )
  })

  it('has the very leaf as variable', () => {
    leaf((g, x) => expect(g.variable).toBe(x))
  })

  it('has no next functions', () => {
    leaf((g) => expect([g.next_functions, repr(g.next_functions)]).toEqual([[], '()']))
  })

  it('has the last of all sequence numbers', () => {
    leaf((g) => expect(g._sequence_nr()).toBe(18446744073709551615n))
  })

  it('keeps its leaf alive', () => {
    scope(() => {
      const g = scope(() => torch.tensor(5, { requires_grad: true }).mul(1).grad_fn.next_functions[0][0])
      expect(g.variable?.item()).toBe(5)
    })
  })
})
