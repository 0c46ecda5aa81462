// Ports of PyTorch's tests of backward passes inside one another, and of callbacks at their end.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { errorOf, expectClose, keepsCounters, leaf, leafOf, type Tensor, tensor, values } from './harness'

keepsCounters()

const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]
const { queue_callback } = torch.autograd.Variable._execution_engine

/** Counts down from its input: backward runs the graph of the next one, which is there until it is below zero. */
class Countdown extends AutogradFunction {
  static log: string[] = []
  static override forward(ctx: Ctx, x: Tensor): Tensor {
    const next = torch.enable_grad(() => x.detach().requires_grad_().sub(1))
    ctx.next = next
    return next.detach()
  }
  static override backward(ctx: Ctx, grad: Tensor): Tensor {
    Countdown.log.push('Countdown')
    const next = ctx.next as Tensor
    if (next.item() >= 0) torch.enable_grad(() => Countdown.apply(next).sum().backward())
    return grad
  }
}

class Logged extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x
  }
  static override backward(_: Ctx, grad: Tensor): Tensor {
    Countdown.log.push('Logged')
    return grad
  }
}

describe('backward inside backward', () => {
  it('test_simple_reentrant', () =>
    scope(() => {
      const data = values([2, 2])
      class Reenter extends AutogradFunction {
        static override forward(ctx: Ctx, x: Tensor): Tensor {
          return torch.enable_grad(() => {
            const [inner, y] = [x.detach().requires_grad_(), data.detach().requires_grad_()]
            const output = inner.mul(y)
            Object.assign(ctx, { inner, output })
            return output.detach()
          })
        }
        static override backward(ctx: Ctx, grad: Tensor): Tensor {
          const { inner, output } = ctx as unknown as { inner: Tensor; output: Tensor }
          torch.enable_grad(() => output.sum().backward())
          return inner.grad.mul(grad)
        }
      }
      const x = leafOf([2, 2], 2)
      Reenter.apply(x).sum().backward()
      expectClose(x.grad, data)
    }))

  it('test_reentrant_child_error', () =>
    scope(() => {
      class Failing extends AutogradFunction {
        static override forward(_: Ctx, x: Tensor): Tensor {
          return x.clone()
        }
        static override backward(): Tensor {
          throw new Error('Simulate error')
        }
      }
      const b = leafOf([3, 3])
      const inner = Failing.apply(b.mul(b)).sum()
      class Reentrant extends AutogradFunction {
        static override forward(_: Ctx, x: Tensor): Tensor {
          return x.clone()
        }
        static override backward(_: Ctx, grad: Tensor): Tensor {
          inner.backward()
          return grad
        }
      }
      const a = leafOf([3, 3], 2)
      const d = Reentrant.apply(a.mul(a))
      expect(errorOf(() => d.sum().backward())).toBe('Error: Simulate error')
      expect([a.grad, b.grad]).toEqual([null, null])
      // Neither pass is on any more.
      expect(errorOf(() => queue_callback(() => {}))).toContain('Final callbacks')
      const x = leaf([2])
      x.mul(3).backward()
      expect(x.grad.tolist()).toEqual([3])
    }))

  it('test_deep_reentrant diverges: the stack of JavaScript holds a few hundred passes, and beyond that is an error', () => {
    scope(() => Countdown.apply(leaf(100)).sum().backward())
    for (let i = 0; i < 2; i++) {
      scope(() => {
        const v = leaf(20000)
        expect(errorOf(() => Countdown.apply(v).sum().backward())).toMatch(
          /^RuntimeError: maximum recursion depth exceeded: \d+ backward passes run one inside the other/,
        )
        expect(v.grad).toBeNull()
      })
      scope(() => {
        const v = leaf(50)
        Countdown.apply(v).sum().backward()
        expect(v.grad.item()).toBe(1)
      })
    }
  })

  it('test_reentrant_priority', () =>
    scope(() => {
      Countdown.log = []
      const a = Logged.apply(leaf(6))
      const b = Countdown.apply(leaf(9))
      a.mul(b).backward()
      // All the passes inside have come before the node that waited in the queue of the first.
      expect(Countdown.log).toEqual([...new Array(10).fill('Countdown'), 'Logged'])
    }))

  it('test_reentrant_with_leaf_variable_hook', () =>
    scope(() => {
      const param = leafOf([10])
      const handle = param.register_hook((grad) => {
        handle.remove()
        const before = grad
        param.grad = null
        const g = torch.enable_grad(() => {
          const wanted = grad!.detach().requires_grad_()
          wanted.mul(2).add(param.detach().requires_grad_()).sum().backward()
          return wanted
        })
        const result = g.grad.add(grad!)
        param.grad = before
        return result
      })
      param.mul(param).sum().backward()
      // The hook made the gradient the leaf's own before the pass added to it what the hook returned: 2p + (2p + 2).
      expectClose(param.grad, param.detach().mul(4).add(2))
    }))

  it('test_reentrant_with_non_leaf_variable_hook', () =>
    scope(() => {
      const param = leafOf([10])
      const squared = param.mul(param)
      const handle = squared.register_hook((grad) => {
        handle.remove()
        const g = torch.enable_grad(() => {
          const wanted = grad!.detach().requires_grad_()
          wanted.mul(2).add(5).sum().backward()
          return wanted
        })
        return g.grad.add(grad!)
      })
      squared.sum().backward()
      expectClose(param.grad, param.detach().mul(6))
    }))
})

describe('callbacks at the end of a pass', () => {
  it('test_callback_adds_callback', () =>
    scope(() => {
      const called: string[] = []
      class Queueing extends AutogradFunction {
        static override forward(_: Ctx, x: Tensor): Tensor {
          return x
        }
        static override backward(_: Ctx, grad: Tensor): Tensor {
          queue_callback(() => {
            called.push('first')
            queue_callback(() => void called.push('added'))
          })
          return grad
        }
      }
      Queueing.apply(leafOf([3, 3]))
        .sum()
        .backward()
      expect(called).toEqual(['first', 'added'])
    }))

  function reentrantWithCallbacks(depths: readonly number[]): { inner: number; outer: number } {
    const counter = { inner: 0, outer: 0 }
    class Inner extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): Tensor {
        return x
      }
      static override backward(_: Ctx, grad: Tensor): Tensor {
        if (depths.includes(1)) queue_callback(() => counter.inner++)
        return grad
      }
    }
    class Outer extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): Tensor {
        return x
      }
      static override backward(_: Ctx, grad: Tensor): Tensor {
        if (depths.includes(0)) queue_callback(() => counter.outer++)
        const x = grad.detach().requires_grad_()
        torch.enable_grad(() => Inner.apply(x).sum()).backward()
        return grad
      }
    }
    scope(() => torch.autograd.backward([Outer.apply(leafOf([3, 3])).sum()]))
    return counter
  }

  it('test_reentrant_with_callbacks_depth_0', () => {
    expect(reentrantWithCallbacks([0])).toEqual({ outer: 1, inner: 0 })
  })

  it('test_reentrant_with_callbacks_depth_1', () => {
    expect(reentrantWithCallbacks([1])).toEqual({ outer: 0, inner: 1 })
  })

  it('test_reentrant_with_callbacks_both_depths', () => {
    expect(reentrantWithCallbacks([0, 1])).toEqual({ outer: 1, inner: 1 })
  })

  // What PyTorch 2.13 answered to the same programs.
  const hooked = (hook: () => unknown): Tensor => {
    const y = leaf([1, 1]).mul(2)
    y.register_hook(() => void hook())
    return y.sum()
  }

  it('run when all gradients are there, in the order and the grad mode of their pass', () =>
    scope(() => {
      const x = leaf([1, 1])
      const order: unknown[] = []
      const y = x.mul(2)
      y.register_hook(() => {
        queue_callback(() => order.push(torch.is_grad_enabled(), x.grad.tolist()))
        queue_callback(() => order.push('second'))
        order.push('hook')
      })
      y.sum().backward({ retain_graph: true })
      expect(order.splice(0)).toEqual(['hook', false, [2, 2], 'second'])
      expect(torch.is_grad_enabled()).toBe(true)
      torch.no_grad(() => torch.autograd.grad(y, x, { grad_outputs: tensor([1, 1]), create_graph: true }))
      expect(order).toEqual(['hook', true, [2, 2], 'second'])
    }))

  it('of an inner pass run at its own end, of the outer one at the end of all', () =>
    scope(() => {
      const order: string[] = []
      hooked(() => {
        queue_callback(() => void order.push('outer'))
        torch.enable_grad(() => hooked(() => queue_callback(() => void order.push('inner')))).backward()
        order.push('inner pass done')
      }).backward()
      expect(order).toEqual(['inner', 'inner pass done', 'outer'])
    }))

  it('may run a pass themselves', () =>
    scope(() => {
      const order: string[] = []
      hooked(() =>
        queue_callback(() => {
          torch.enable_grad(() => hooked(() => queue_callback(() => void order.push('inner')))).backward()
          order.push('inner pass done')
          queue_callback(() => void order.push('added'))
        }),
      ).backward()
      expect(order).toEqual(['inner', 'inner pass done', 'added'])
    }))

  it('end at the first that throws; gradients stay, captured ones are given back', () =>
    scope(() => {
      const x = leaf([1, 1])
      const order: string[] = []
      x.register_hook(() => {
        queue_callback(() => void order.push('a'))
        queue_callback(() => {
          throw new RangeError('boo')
        })
        queue_callback(() => void order.push('c'))
      })
      expect(errorOf(() => x.mul(2).sum().backward())).toBe('RangeError: boo')
      expect([order, x.grad.tolist()]).toEqual([['a'], [2, 2]])
      expect(errorOf(() => torch.autograd.grad(x.mul(2).sum(), x))).toBe('RangeError: boo')
      expect(torch.is_grad_enabled()).toBe(true)
    }))

  it('do not run after an error', () =>
    scope(() => {
      const order: string[] = []
      const failing = hooked(() => {
        queue_callback(() => void order.push('never'))
        throw new RangeError('hook')
      })
      expect(errorOf(() => failing.backward())).toBe('RangeError: hook')
      expect(order).toEqual([])
    }))

  it('are refused outside a pass; what is no function is told when it is called', () =>
    scope(() => {
      expect(errorOf(() => queue_callback(() => {}))).toBe(
        'RuntimeError: Final callbacks can only be installed during backward pass.',
      )
      expect(errorOf(() => hooked(() => queue_callback(3 as never)).backward())).toBe(
        "TypeError: 'int' object is not callable",
      )
    }))
})
