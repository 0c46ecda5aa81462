// Cycles among tensors and nodes: an op in place or a gradient with a graph can close one. Nothing of it is left when
// nobody can reach it any more, and all of it as long as somebody can.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RuntimeError, scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft, live } from '../identity/live'

expectNothingLeft()

const leaf = (...values: number[]) => torch.tensor(values, { requires_grad: true })

/** t -> its new node -> the saved cosine -> its node -> the saved t. */
function cycle(): Tensor {
  const t = leaf(1, 2).mul(2)
  t.div_(t.cos())
  return t
}

describe('a cycle made by', () => {
  const rows: [string, () => unknown][] = [
    ['t.div_(t.cos())', cycle],
    [
      't.add_(t.cos())',
      () => {
        const t = leaf(1).mul(2)
        t.add_(t.cos())
      },
    ],
    [
      't.mul_(t)',
      () => {
        const t = leaf(1).mul(2)
        t.mul_(t)
      },
    ],
    [
      'two tensors writing each other',
      () => {
        const [a, b] = [leaf(1).mul(2), leaf(1).mul(3)]
        a.mul_(b)
        b.mul_(a)
      },
    ],
    [
      'a base written with its own view',
      () => {
        const h = leaf(1, 2).mul(2)
        const v = h.at(':1')
        h.mul_(v.cos())
        return v.grad_fn
      },
    ],
    [
      'a view written with its base',
      () => {
        const h = leaf(1, 2).mul(2)
        h.at(':1').mul_(h.at('1:'))
      },
    ],
    [
      'backward with create_graph',
      () => {
        const x = leaf(1, 2)
        x.mul(x).sum().backward({ create_graph: true })
      },
    ],
    [
      'two backward passes with create_graph',
      () => {
        const x = leaf(1, 2)
        x.pow(3).sum().backward({ create_graph: true })
        x.grad.sum().backward({ create_graph: true })
      },
    ],
    [
      'x.grad written with x',
      () => {
        const x = leaf(1, 2)
        x.sum().backward()
        x.grad.mul_(x)
      },
    ],
    [
      'x.grad = a function of x',
      () => {
        const x = leaf(1, 2)
        x.grad = x.mul(2)
      },
    ],
    [
      'the gradients of two tensors being each other',
      () => {
        const [a, b] = [torch.ones(2), torch.ones(2)]
        a.grad = b
        b.grad = a
      },
    ],
    [
      'a ring of gradients',
      () => {
        const ring = Array.from({ length: 5 }, () => torch.ones(2))
        for (const [i, x] of ring.entries()) x.grad = ring[(i + 1) % 5]
      },
    ],
  ]
  it.each(rows)('%s goes with its scope', (_, make) => {
    const before = live()
    scope(() => {
      make()
    })
    expect(live()).toEqual(before)
  })
})

describe('a cycle that somebody can reach', () => {
  const reach: [string, (t: Tensor) => { dispose(): void }][] = [
    ['the tensor', (t) => t],
    ['a result', (t) => t.exp()],
    ['a view', (t) => t.at(':1')],
    ['its node', (t) => t.grad_fn],
    ['the node of a result', (t) => t.exp().grad_fn],
    ['the node of a saved tensor', (t) => t.grad_fn.next_functions[1][0]],
  ]
  it.each(reach)('through %s lives, and goes when that goes', (_, take) => {
    scope(() => {
      const before = live()
      const kept = scope(() => take(cycle()))
      expect(live().nodes).toBeGreaterThan(3)
      scope(() => {
        kept.dispose()
      })
      expect(live()).toEqual(before)
    })
  })

  it('can still be differentiated after many scopes', () => {
    scope(() => {
      const x = leaf(0.5)
      const t = scope(() => {
        const t = x.mul(2)
        t.div_(t.cos())
        return t
      })
      const kept = scope(() => t.sin())
      for (let i = 0; i < 10; i++) scope(() => cycle())
      expect(() => kept.backward()).toThrow(RuntimeError) // the cosine saved a t that was written
      expect([t.grad_fn.name(), kept.grad_fn.name()]).toEqual(['DivBackward0', 'SinBackward0'])
    })
  })

  it('through .grad of a living leaf lives', () => {
    scope(() => {
      const x = leaf(1, 2)
      scope(() => x.pow(3).sum().backward({ create_graph: true }))
      for (let i = 0; i < 3; i++) scope(() => cycle())
      scope(() => x.grad.sum().backward())
      expect(x.grad.tolist()).toEqual([9, 24])
    })
  })
})

describe('a cycle closed when no handle is left', () => {
  it('of the leaf whose gradient arrives', () => {
    const before = live()
    scope(() => {
      const x = leaf(1, 2)
      const y = x.exp().sum()
      x.dispose()
      y.backward({ create_graph: true })
    })
    expect(live()).toEqual(before)
  })

  it('of the base of a view that is written', () => {
    const before = live()
    scope(() => {
      const h = leaf(1, 2).mul(2)
      const v = h.at(':1')
      const c = v.cos()
      h.dispose()
      v.mul_(c)
    })
    expect(live()).toEqual(before)
  })

  it('of a tensor that retains its gradient', () => {
    const before = live()
    scope(() => {
      const h = leaf(1, 2).mul(2)
      h.retain_grad()
      const y = h.exp().mul(h).sum()
      h.dispose()
      y.backward({ create_graph: true })
    })
    expect(live()).toEqual(before)
  })
})

describe('outside scopes', () => {
  it('thousands of cycles are collected at the threshold', () => {
    const before = live()
    let most = 0
    for (let i = 0; i < 20_000; i++) {
      const x = leaf(1)
      const t = x.mul(2)
      const c = t.cos()
      t.div_(c)
      for (const tensor of [c, t, x]) tensor.dispose()
      most = Math.max(most, live().tensors)
    }
    expect(most).toBeLessThan(5000)
    scope(() => void cycle())
    expect(live()).toEqual(before)
  })
})

describe('random programs', () => {
  const instruction = fc.record({ op: fc.nat(), a: fc.nat(), b: fc.nat() })

  /** One step: reads some of the tensors, may add one. */
  const OPS: ((a: Tensor, b: Tensor) => Tensor | undefined)[] = [
    (a, b) => a.mul(b),
    (a) => a.exp(),
    (a) => a.cos(),
    (a) => a.at(':1'),
    (a) => a.view(-1),
    (a) => a.detach(),
    (a, b) => a.mul_(b),
    (a, b) => a.div_(b.cos()),
    (a) => a.tanh_(),
    (a) => a.at('1:').mul_(2),
    (a, b) => a.at(':1').copy_(b.at(':1')),
    (a) => void a.sum().backward(),
    (a) => void a.sum().backward({ create_graph: true }),
    (a, b) => torch.autograd.grad(a.sum(), b, { create_graph: true, allow_unused: true })[0] ?? undefined,
    (a) => a.grad ?? undefined,
    (a, b) => {
      a.grad = b
    },
    (a) => a.detach_(),
    (a) => a.grad_fn?._saved_self as Tensor | undefined,
    (a) => a.grad_fn?.next_functions[0]?.[0]?.variable,
    (a) => a.dispose() as undefined,
    (a) => a.requires_grad_(),
  ]

  it('leave nothing behind, in one scope or in many', () => {
    fc.assert(
      fc.property(fc.array(instruction, { maxLength: 60 }), fc.boolean(), (program, nested) => {
        const before = live()
        const run = (tensors: Tensor[], steps: typeof program) => {
          for (const { op, a, b } of steps) {
            try {
              const made = OPS[op % OPS.length](tensors[a % tensors.length], tensors[b % tensors.length])
              if (made) tensors.push(made)
            } catch (error) {
              if (!(error instanceof Error) || error instanceof WebAssembly.RuntimeError) throw error
            }
          }
          return tensors
        }
        scope(() => {
          let tensors = [leaf(1, 2), leaf(3, 4), torch.tensor([5, 6])]
          if (!nested) run(tensors, program)
          for (let at = 0; nested && at < program.length; at += 7) {
            tensors = scope(() => run([...tensors], program.slice(at, at + 7)).slice(-6))
          }
        })
        expect(live()).toEqual(before)
      }),
      { numRuns: 600 },
    )
  }, 20_000)

  it('leave nothing behind outside scopes, once every handle is disposed', () => {
    fc.assert(
      fc.property(fc.array(instruction, { maxLength: 40 }), (program) => {
        const before = live()
        const tensors = scope(() => [leaf(1, 2), leaf(3, 4)])
        for (const { op, a, b } of program) {
          scope(() => {
            try {
              OPS[op % OPS.length](tensors[a % 2], tensors[b % 2])
            } catch (error) {
              if (!(error instanceof Error) || error instanceof WebAssembly.RuntimeError) throw error
            }
          })
        }
        for (const x of tensors) x.dispose()
        scope(() => void cycle())
        expect(live()).toEqual(before)
      }),
      { numRuns: 300 },
    )
  }, 20_000)
})
