import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { id, is_, scope, torch } from '../../src/index'

type Tensor = ReturnType<typeof torch.tensor>
const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]

function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

let before: ReturnType<typeof live>
beforeEach(() => {
  before = live()
})
afterEach(() => {
  expect(live()).toEqual(before)
})

const leaf = (...data: number[]) => torch.tensor(data, { dtype: torch.float32, requires_grad: true })

class Sq extends AutogradFunction {
  static override forward(ctx: Ctx, x: Tensor): Tensor {
    ctx.save_for_backward(x)
    return x.mul(x)
  }
  static override backward(ctx: Ctx, g: Tensor): Tensor {
    const [x] = ctx.saved_tensors
    return g.mul(x!).mul(2)
  }
}

function message(fn: () => unknown): string {
  try {
    fn()
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  }
  return 'no error'
}

describe('a custom Function', () => {
  it('gives its node its name', () => {
    scope(() => {
      const y = Sq.apply(leaf(3))
      expect(y.grad_fn.name()).toBe('SqBackward')
      expect(String(y)).toBe('tensor([9.], grad_fn=<SqBackward>)')
      expect(y.grad_fn.next_functions.map(([n, i]) => [n.name(), i])).toEqual([['torch::autograd::AccumulateGrad', 0]])
    })
  })
  it('computes its own gradient, of any order', () => {
    scope(() => {
      const x = leaf(3)
      const [g] = torch.autograd.grad(Sq.apply(x), x, { create_graph: true })
      const [gg] = torch.autograd.grad(g!, x)
      expect([g!.item(), gg!.item()]).toEqual([6, 2])
    })
  })
  it('is always the same object, so ids differ', () => {
    scope(() => {
      const [y, z] = [Sq.apply(leaf(1)), Sq.apply(leaf(2))]
      expect(id(y.grad_fn) === id(z.grad_fn)).toBe(false)
      const first = id(y.grad_fn)
      expect(id(y.grad_fn)).toBe(first)
      expect(is_(y.grad_fn, y.grad_fn)).toBe(true)
    })
  })
  it('makes no node where nothing requires grad', () => {
    scope(() => {
      expect(Sq.apply(torch.ones([1])).grad_fn).toBeNull()
      expect(torch.no_grad(() => Sq.apply(leaf(1))).grad_fn).toBeNull()
    })
  })
  it('runs once: its saved tensors are freed', () => {
    scope(() => {
      const y = Sq.apply(leaf(3))
      y.backward()
      expect(message(() => y.backward())).toMatch(/^RuntimeError: Trying to backward through the graph a second time/)
    })
  })
  it('notices that a saved tensor was written', () => {
    scope(() => {
      const h = leaf(3).mul(1)
      const y = Sq.apply(h)
      h.add_(1)
      expect(message(() => y.backward())).toMatch(
        /which is output 0 of AddBackward0, is at version 1; expected version 0/,
      )
    })
  })
  it('gets zeros for an output without gradient, or null if it asks', () => {
    class Two extends AutogradFunction {
      static materialize = true
      static seen: unknown[] = []
      static override forward(ctx: Ctx, x: Tensor): [Tensor, Tensor] {
        ctx.set_materialize_grads(Two.materialize)
        return [x.mul(2), x.mul(3)]
      }
      static override backward(_: Ctx, a: Tensor, b: Tensor): Tensor {
        Two.seen = [a?.tolist() ?? null, b?.tolist() ?? null]
        return a ?? b
      }
    }
    scope(() => {
      Two.apply(leaf(1))[0].backward()
      expect(Two.seen).toEqual([[1], [0]])
      Two.materialize = false
      Two.apply(leaf(1))[1].backward()
      expect(Two.seen).toEqual([null, [1]])
    })
  })
  it('returns an input as a view that may not be written', () => {
    class Same extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): Tensor {
        return x
      }
      static override backward(_: Ctx, g: Tensor): Tensor {
        return g
      }
    }
    scope(() => {
      const h = leaf(1).mul(1)
      const y = Same.apply(h)
      expect(is_(y, h)).toBe(false)
      expect(y.grad_fn.name()).toBe('SameBackward')
      expect(message(() => y.add_(1))).toMatch(
        /^RuntimeError: Output 0 of SameBackward is a view and is being modified inplace\. This view was created inside a custom Function/,
      )
    })
  })
  it('that writes an input says so', () => {
    class AddOne extends AutogradFunction {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.mark_dirty(x)
        return x.add_(1)
      }
      static override backward(_: Ctx, g: Tensor): Tensor {
        return g.mul(10)
      }
    }
    scope(() => {
      const x = leaf(1)
      const h = x.mul(1)
      const y = AddOne.apply(h)
      expect(y).toBe(h)
      expect([h._version, h.grad_fn.name()]).toEqual([2, 'AddOneBackward'])
      y.backward()
      expect(x.grad.item()).toBe(10)
      expect(message(() => AddOne.apply(leaf(1)))).toBe(
        'RuntimeError: a leaf Variable that requires grad has been used in an in-place operation.',
      )
    })
  })
})

describe('what backward may return', () => {
  const returning = (...grads: unknown[]) =>
    class Foo extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor, _factor: number): Tensor {
        return x.mul(2)
      }
      static override backward(): Tensor[] {
        return grads as Tensor[]
      }
    }
  const failing = (...grads: unknown[]) =>
    scope(() =>
      message(() =>
        returning(...grads)
          .apply(leaf(1), 3)
          .backward(),
      ),
    )

  it('one gradient an argument', () => {
    expect(failing(null)).toBe(
      'RuntimeError: function FooBackward returned an incorrect number of gradients (expected 2, got 1)',
    )
    expect(scope(() => failing(torch.ones([1]), null, null))).toBe('no error')
  })
  it('none for what is no tensor', () => {
    expect(scope(() => failing(torch.ones([1]), torch.ones([1])))).toBe(
      'RuntimeError: function FooBackward returned a gradient different than None at position 2, but the corresponding forward input was not a Variable',
    )
  })
  it('tensors only', () => {
    expect(failing(1.5, null)).toBe('RuntimeError: expected Variable or None (got float)')
  })
  it('a shape that sums to the input, not a smaller one', () => {
    expect(scope(() => failing(torch.ones([2, 1]), null))).toBe('no error')
    expect(scope(() => failing(torch.ones([3]), null))).toBe('no error')
    expect(scope(() => failing(torch.ones([]), null))).toBe(
      'RuntimeError: Function FooBackward returned an invalid gradient at index 0 - got [] but expected shape compatible with [1]',
    )
  })
})

describe('what a Function must have', () => {
  it('a forward and a backward', () => {
    class Empty extends AutogradFunction {}
    class NoBackward extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): Tensor {
        return x.mul(1)
      }
    }
    scope(() => {
      expect(message(() => Empty.apply(leaf(1) as never))).toBe(
        'NotImplementedError: You must implement the forward function for custom autograd.Function.',
      )
      expect(message(() => NoBackward.apply(leaf(1)).backward())).toBe(
        'NotImplementedError: You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.',
      )
    })
  })
  it('an exception in backward reaches the caller unchanged', () => {
    const thrown = new Error('mine')
    class Bad extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): Tensor {
        return x.mul(1)
      }
      static override backward(): Tensor {
        throw thrown
      }
    }
    scope(() => {
      expect(() => Bad.apply(leaf(1)).backward()).toThrow(thrown)
    })
  })
})
