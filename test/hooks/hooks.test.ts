import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'

type Tensor = ReturnType<typeof torch.tensor>

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

/** h = 2 x with a node prehook (times 3), a tensor hook (times 10) and retain_grad, registered in the order given. */
function ordered(order: string): { h: number; x: number } {
  return scope(() => {
    const x = leaf(1)
    const h = x.mul(2)
    for (const what of order) {
      if (what === 'P') h.grad_fn.register_prehook(([g]) => [g!.mul(3)])
      if (what === 'T') h.register_hook((g) => g!.mul(10))
      if (what === 'R') h.retain_grad()
    }
    h.sum().backward()
    return { h: h.grad.item(), x: x.grad.item() }
  })
}

describe('the order of hooks on a tensor and its node', () => {
  it('tensor hooks before retain_grad', () => {
    expect(ordered('RT')).toEqual({ h: 10, x: 20 })
  })
  it('tensor hooks, retain_grad, prehooks, whatever the order of registration', () => {
    expect(ordered('PTR')).toEqual({ h: 10, x: 60 })
    expect(ordered('TPR')).toEqual({ h: 10, x: 60 })
  })
  it('on a leaf: tensor hooks, prehooks, accumulation, post-accumulate hooks, post hooks', () => {
    const seen = scope(() => {
      const log: string[] = []
      const x = leaf(1)
      const y = x.mul(2)
      const accumulator = y.grad_fn.next_functions[0][0]
      accumulator.register_hook(() => void log.push(`post ${x.grad.item()}`))
      x.register_post_accumulate_grad_hook((t) => void log.push(`accumulated ${t.grad.item()}`))
      accumulator.register_prehook(([g]) => void log.push(`pre ${g!.item()}`))
      x.register_hook((g) => void log.push(`tensor ${g!.item()} ${x.grad === null}`))
      y.backward()
      return log
    })
    expect(seen).toEqual(['tensor 2 true', 'pre 2', 'accumulated 2', 'post 2'])
  })
})

describe('a tensor hook', () => {
  it('runs once on the summed gradient', () => {
    const seen = scope(() => {
      const log: number[] = []
      const x = leaf(1)
      const h = x.mul(2)
      h.register_hook((g) => void log.push(g!.item()))
      h.add(h.mul(3)).backward()
      return log
    })
    expect(seen).toEqual([4])
  })
  it('replaces the gradient by what it returns, also for grad()', () => {
    expect(
      scope(() => {
        const x = leaf(1)
        const h = x.mul(2)
        h.register_hook((g) => g!.mul(7))
        return torch.autograd.grad(h.mul(1), h)[0]!.item()
      }),
    ).toBe(7)
  })
  it('stays with the version it was registered on', () => {
    const seen = scope(() => {
      const log: string[] = []
      const h = leaf(1, 1).mul(1)
      h.register_hook((g) => void log.push(`before ${g!.tolist()}`))
      h.mul_(3)
      h.register_hook((g) => void log.push(`after ${g!.tolist()}`))
      h.sum().backward()
      return log
    })
    expect(seen).toEqual(['after 1,1', 'before 3,3'])
  })
  it('can be removed, twice', () => {
    scope(() => {
      const x = leaf(1)
      const handle = x.register_hook((g) => g!.mul(5))
      handle.remove()
      handle.remove()
      x.mul(2).backward()
      expect(x.grad.item()).toBe(2)
    })
  })
  it('of a leaf outlives the graphs it took part in', () => {
    scope(() => {
      const x = leaf(1)
      x.register_hook((g) => g!.mul(5))
      scope(() => x.mul(2).backward())
      scope(() => x.mul(2).backward())
      expect(x.grad.item()).toBe(20)
    })
  })
})

describe('what a hook may not do', () => {
  const failing = (hook: (g: Tensor | null) => unknown) =>
    scope(() => {
      const h = leaf(1, 2).mul(1)
      h.register_hook(hook as (g: Tensor | null) => Tensor)
      try {
        h.sum().backward()
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`
      }
      return 'no error'
    })
  it('return no tensor', () => {
    expect(failing(() => 'a')).toBe("TypeError: expected Variable, but hook returned 'str'")
  })
  it('change the size', () => {
    expect(failing((g) => g!.sum())).toBe("RuntimeError: hook '<lambda>' has changed the size of value")
  })
  it('change the type', () => {
    expect(failing((g) => g!.double())).toBe(
      "RuntimeError: hook '<lambda>' has changed the type of value (was torch.FloatTensor got torch.DoubleTensor)",
    )
  })
  it('be registered where no gradient flows', () => {
    expect(() => scope(() => torch.ones([1]).register_hook(() => {}))).toThrow(
      "cannot register a hook on a tensor that doesn't require gradient",
    )
    expect(() =>
      scope(() =>
        leaf(1)
          .mul(1)
          .register_post_accumulate_grad_hook(() => {}),
      ),
    ).toThrow('post accumulate grad hooks cannot be registered on non-leaf tensors')
  })
})

describe('a hook that throws', () => {
  it('ends the run with its own exception, and the library goes on', () => {
    scope(() => {
      const thrown = { not: 'an Error' }
      const [x, w] = [leaf(1), leaf(1)]
      const h = x.mul(2)
      h.register_hook(() => {
        throw thrown
      })
      let caught: unknown
      try {
        h.add(w).backward()
      } catch (error) {
        caught = error
      }
      expect(caught).toBe(thrown)
      expect(x.grad).toBeNull()
      x.mul(4).backward()
      expect(x.grad.item()).toBe(4)
    })
  })
})

describe('backward inside a hook', () => {
  it('runs another graph to its end', () => {
    scope(() => {
      const [x, w] = [leaf(2), leaf(3)]
      const h = x.mul(2)
      h.register_hook(() => {
        torch.enable_grad(() => w.mul(w).backward())
      })
      h.mul(5).backward()
      expect([x.grad.item(), w.grad.item()]).toEqual([10, 6])
    })
  })
  it('may run the very graph that is running', () => {
    scope(() => {
      const x = leaf(2)
      const h = x.mul(3)
      let depth = 0
      const y = h.mul(1)
      h.register_hook(() => {
        if (depth++ < 3) y.backward({ retain_graph: true })
      })
      y.backward({ retain_graph: true })
      expect(x.grad.item()).toBe(12)
    })
  })
})

describe('node hooks', () => {
  it('see grad_inputs and grad_outputs', () => {
    scope(() => {
      const x = leaf(1, 1)
      const y = x.mul(3)
      let seen = ''
      y.grad_fn.register_hook((inputs, outputs) => {
        seen = `${inputs.map((g) => g?.tolist())} | ${outputs.map((g) => g?.tolist())}`
      })
      y.sum().backward()
      expect(seen).toBe('3,3, | 1,1')
    })
  })
  it('replace the gradients by a tuple of the same length', () => {
    scope(() => {
      const x = leaf(1)
      const y = x.mul(3)
      const handle = y.grad_fn.register_hook(([g]) => [g!.mul(2), null])
      y.backward({ retain_graph: true })
      expect(x.grad.item()).toBe(6)
      handle.remove()
      y.grad_fn.register_hook(([g]) => [g])
      expect(() => y.backward()).toThrow(
        "hook '<lambda>' has returned an incorrect number of values (got 1, but expected 2)",
      )
    })
  })
  it('must return a tuple', () => {
    scope(() => {
      const y = leaf(1).mul(3)
      y.grad_fn.register_hook((([g]: Tensor[]) => g) as never)
      expect(() => y.backward()).toThrow("expected tuple, but hook returned 'Tensor'")
    })
  })
})

describe('retain_grad', () => {
  it('follows the tensor through an op in place', () => {
    scope(() => {
      const h = leaf(1, 1).mul(1)
      h.retain_grad()
      h.mul_(3)
      h.sum().backward()
      expect(h.grad.tolist()).toEqual([1, 1])
    })
  })
  it('follows a base whose view is written', () => {
    scope(() => {
      const h = leaf(1, 1).mul(1)
      h.retain_grad()
      h.at(':1').mul_(5)
      h.sum().backward()
      expect(h.grad.tolist()).toEqual([1, 1])
    })
  })
  it('adds later gradients out of place', () => {
    scope(() => {
      const h = leaf(1).mul(1)
      h.retain_grad()
      expect(h.retains_grad).toBe(true)
      h.backward({ retain_graph: true })
      const first = h.grad
      h.backward()
      expect([first.item(), h.grad.item()]).toEqual([1, 2])
    })
  })
  it('does nothing on a leaf', () => {
    scope(() => {
      const x = leaf(1)
      x.retain_grad()
      expect(x.retains_grad).toBe(false)
    })
  })
  it('is filled by grad() too', () => {
    scope(() => {
      const h = leaf(1).mul(2)
      h.retain_grad()
      torch.autograd.grad(h.mul(3), h)
      expect(h.grad.item()).toBe(3)
    })
  })
})

describe('metadata', () => {
  it('lives on the node: every handle sees the same dict', () => {
    scope(() => {
      const y = leaf(1).mul(2)
      y.grad_fn.metadata.k = 'v'
      expect(y.grad_fn.metadata).toBe(y.grad_fn.metadata)
      y.backward()
      expect(y.grad_fn.metadata).toEqual({ k: 'v' })
    })
  })
  it('of an AccumulateGrad goes with it', () => {
    scope(() => {
      const x = leaf(1)
      scope(() => {
        x.mul(2).grad_fn.next_functions[0][0].metadata.k = 1
      })
      scope(() => expect(x.mul(2).grad_fn.next_functions[0][0].metadata).toEqual({}))
    })
  })
})
