// What a node says of itself: its name, its place in the order of creation, and what it saved.
import { describe, expect, it } from 'vitest'
import { type GradFn, is_, RuntimeError, scope, type Tensor, torch, type_ } from '../../src/index'
import { NODES } from '../../src/torch/nodes'
import { expectNothingLeft } from '../identity/live'
import { EXPRESSIONS, type Inputs } from './expressions'
import { fixture, tensorOf } from './fixture'
import { DERIVATIVES } from './functions'

expectNothingLeft()

const leaf = (values: number[] = [1, 2, 3]) => torch.tensor(values, { requires_grad: true })

/** Puts the class and name() of every node of the graph into `found`. */
function collect(node: GradFn | null, found: Map<string, string>): void {
  if (node === null) return
  found.set(type_(node).__name__, node.name())
  for (const [next] of node.next_functions) collect(next, found)
}

describe('names', () => {
  it('of every class that the fixtures reach', () => {
    const found = new Map<string, string>()
    for (const make of Object.values(EXPRESSIONS)) {
      scope(() => {
        const inputs = Object.entries(fixture.inputs).map(([name, row]) => [name, tensorOf(row)])
        collect(make(Object.fromEntries(inputs) as Inputs).grad_fn, found)
      })
    }
    for (const { case: name, inputs } of fixture.derivatives) {
      scope(() => {
        const leaves = inputs.map((values) => leaf(values))
        let outs = [DERIVATIVES[name](leaves[0], leaves[1])]
        for (let order = 0; order < 3; order++) {
          for (const out of outs) collect(out.grad_fn, found)
          outs = outs.flatMap(
            (out) =>
              torch.autograd
                .grad(out, leaves, { grad_outputs: torch.ones_like(out), create_graph: true, allow_unused: true })
                .filter((grad) => grad?.requires_grad) as Tensor[],
          )
        }
      })
    }
    const qualified = ['AccumulateGrad', 'CopySlices', 'CopyBackwards']
    const unreached = [
      'UniqueBackward0',
      'Unique2Backward0',
      'UniqueDimBackward0',
      'UniqueConsecutiveBackward0',
      // The softmaxes stand in test/nn.
      'NotImplemented',
      'Error',
      'GraphRoot',
      'PythonFunction',
      'SoftmaxBackward0',
      'LogSoftmaxBackward0',
      'SoftmaxBackwardDataBackward0',
      'LogSoftmaxBackwardDataBackward0',
    ]
    const expected = Object.values(NODES)
      .map(({ type }) => type)
      .filter((type) => !unreached.includes(type))
      .map((type) => [type, qualified.includes(type) ? `torch::autograd::${type}` : type])
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
  })
})

describe('_sequence_nr', () => {
  const numbers = (...nodes: GradFn[]) => {
    const all = nodes.map((node) => node._sequence_nr())
    return all.map((n) => Number(n - all[0]))
  }

  it('counts the recorded ops in the order in which they ran', () => {
    scope(() => {
      const x = leaf()
      const [a, b, c] = [x.mul(2), x.exp(), x.mul(3)]
      expect(numbers(a.grad_fn, b.grad_fn, c.grad_fn)).toEqual([0, 1, 2])
    })
  })

  it('does not count what is not recorded', () => {
    scope(() => {
      const x = leaf()
      const a = x.mul(2)
      torch.no_grad(() => x.mul(2))
      torch.ones(3).mul(2)
      expect(numbers(a.grad_fn, x.mul(3).grad_fn)).toEqual([0, 1])
    })
  })

  it('of 2 / x: the reciprocal came before the product', () => {
    scope(() => {
      const y = torch.div(2, leaf())
      expect(numbers(y.grad_fn.next_functions[0][0], y.grad_fn)).toEqual([0, 1])
    })
  })

  it('of an in-place op is a new one', () => {
    scope(() => {
      const h = leaf().mul(1)
      const before = h.grad_fn
      expect(numbers(before, h.add_(1).grad_fn)).toEqual([0, 1])
    })
  })

  it("of a write through a view: the op's own node, the CopySlices, the view's new node", () => {
    scope(() => {
      const h = leaf().mul(1)
      const v = h.at(':2')
      const before = v.grad_fn
      v.mul_(2)
      expect(numbers(before, h.grad_fn, v.grad_fn)).toEqual([0, 2, 3])
    })
  })

  it('of an AccumulateGrad is the last one', () => {
    scope(() => {
      const [[accumulate]] = leaf().mul(2).grad_fn.next_functions
      expect(accumulate._sequence_nr()).toBe(2n ** 64n - 1n)
    })
  })
})

describe('an AccumulateGrad', () => {
  it('has its leaf as variable', () => {
    scope(() => {
      const x = leaf()
      expect(x.mul(2).grad_fn.next_functions[0][0].variable).toBe(x)
    })
  })

  it('is the same for every use of the leaf while it lives', () => {
    scope(() => {
      const x = leaf()
      const [a, b] = [x.mul(x).grad_fn, x.exp().grad_fn]
      const [first, second, third] = [a.next_functions[0][0], a.next_functions[1][0], b.next_functions[0][0]]
      expect([is_(first, second), is_(first, third)]).toEqual([true, true])
    })
  })

  it('goes with the last graph: the leaf does not keep it', () => {
    scope(() => {
      const x = leaf()
      scope(() => {
        x.mul(2)
      })
      expect(torch.memory.stats().nodes).toBe(0)
    })
  })
})

const FREED = 'Trying to backward through the graph a second time (or directly access saved tensors after they'
const MODIFIED = 'one of the variables needed for gradient computation has been modified by an inplace operation'

function message(fn: () => unknown): string {
  try {
    fn()
  } catch (error) {
    if (error instanceof RuntimeError) return error.message
    throw error
  }
  return 'no error'
}

describe('a saved tensor', () => {
  it('is the very input', () => {
    scope(() => {
      const x = leaf()
      const h = x.mul(1)
      const [a, b, c] = [x.pow(3).grad_fn, h.pow(3).grad_fn, x.div(h).grad_fn]
      expect([a._saved_self, b._saved_self, c._saved_self, c._saved_other]).toEqual([x, h, x, h])
      expect([a._saved_self === x, b._saved_self === h, is_(c._saved_self, x)]).toEqual([true, true, true])
    })
  })

  it('is the very constant', () => {
    scope(() => {
      const c = torch.tensor(3)
      expect(leaf().mul(c).grad_fn._saved_other).toBe(c)
    })
  })

  it('is null where nothing was needed', () => {
    scope(() => {
      expect(leaf().mul(torch.tensor(3)).grad_fn._saved_self).toBeNull()
    })
  })

  it('that is the output comes back as another tensor with the same data, node and version', () => {
    scope(() => {
      const e = leaf().exp()
      const saved = e.grad_fn._saved_result as Tensor
      expect([is_(saved, e), saved.data_ptr() === e.data_ptr(), is_(saved.grad_fn, e.grad_fn)]).toEqual([
        false,
        true,
        true,
      ])
      expect([saved.requires_grad, saved._version]).toEqual([true, 0])
    })
  })

  it('that is the output is a new tensor at every read', () => {
    scope(() => {
      const g = leaf().exp().grad_fn
      const [first, second] = [g._saved_result, g._saved_result]
      expect([is_(first, second), first === second]).toEqual([false, false])
    })
  })

  it('that is the output shares the version counter', () => {
    scope(() => {
      const e = leaf().exp()
      const saved = e.grad_fn._saved_result as Tensor
      saved.add_(1)
      expect([e._version, e.grad_fn.name(), saved.grad_fn.name()]).toEqual([1, 'ExpBackward0', 'AddBackward0'])
      expect(message(() => e.grad_fn._saved_result)).toContain(MODIFIED)
    })
  })

  it.each([
    [3, 'tensor(3)', torch.int64],
    [3.5, 'tensor(3.5000, dtype=torch.float64)', torch.float64],
    [true, 'tensor(True)', torch.bool],
  ] as const)('of the number %s is a 0-dim tensor of its own type', (number, text, dtype) => {
    scope(() => {
      const saved = leaf().mul(number).grad_fn._saved_other as Tensor
      expect([String(saved), saved.dtype, saved.ndim]).toEqual([text, dtype, 0])
    })
  })

  it.each([
    ['an input', (h: Tensor) => h.mul(h).grad_fn, '_saved_self'],
    ['another input', (h: Tensor) => h.div(h).grad_fn, '_saved_other'],
    ['the base of a power', (h: Tensor) => h.pow(2).grad_fn, '_saved_self'],
  ] as const)('is a version error after %s was written', (_, use, name) => {
    scope(() => {
      const h = leaf().mul(1)
      const g = use(h)
      h.add_(1)
      expect(message(() => g[name])).toContain(MODIFIED)
    })
  })

  it('is a version error after the output was written', () => {
    scope(() => {
      const e = leaf().exp()
      e.add_(1)
      expect(message(() => e.grad_fn.next_functions[0][0]._saved_result)).toContain(MODIFIED)
    })
  })
})

describe('after the graph was freed', () => {
  const freed = (make: (x: Tensor) => Tensor, read: (g: GradFn) => unknown) =>
    scope(() => {
      const y = make(leaf())
      y.sum().backward()
      return message(() => read(y.grad_fn))
    })

  it.each([
    ['_saved_self of x * x', (x: Tensor) => x.mul(x), '_saved_self'],
    ['_saved_other of x * 3', (x: Tensor) => x.mul(3), '_saved_other'],
    ['_saved_result of exp', (x: Tensor) => x.exp(), '_saved_result'],
    ['_saved_self of x ** 3', (x: Tensor) => x.pow(3), '_saved_self'],
  ] as const)('%s is an error', (_, make, name) => {
    expect(freed(make, (g) => g[name])).toContain(FREED)
  })

  it('what was never saved reads null', () => {
    expect(
      freed(
        (x) => x.mul(3),
        (g) => expect(g._saved_self).toBeNull(),
      ),
    ).toBe('no error')
  })

  it('numbers stay readable', () => {
    scope(() => {
      const y = leaf().pow(3)
      const total = y.sum()
      total.backward()
      expect([y.grad_fn._saved_exponent, total.grad_fn._saved_self_sym_sizes]).toEqual([3, [3]])
    })
  })

  it('the edges stay', () => {
    scope(() => {
      const x = leaf()
      const y = x.mul(x)
      y.sum().backward()
      expect(y.grad_fn.next_functions[0][0].variable).toBe(x)
    })
  })

  it('retain_graph keeps what was saved', () => {
    scope(() => {
      const y = leaf([0]).exp()
      y.sum().backward({ retain_graph: true })
      expect((y.grad_fn._saved_result as Tensor).tolist()).toEqual([1])
    })
  })

  it('grad() frees too, but only what it ran', () => {
    scope(() => {
      const [x, z] = [leaf(), leaf([0, 0, 0])]
      const [y, w] = [x.mul(x), z.exp()]
      torch.autograd.grad(y.add(w).sum(), x)
      expect(message(() => y.grad_fn._saved_self)).toContain(FREED)
      expect((w.grad_fn._saved_result as Tensor).tolist()).toEqual([1, 1, 1])
    })
  })

  it('gives the memory back that was saved', () => {
    scope(() => {
      const y = leaf().exp().exp()
      const before = torch.memory.stats().tensors
      scope(() => y.sum().backward())
      expect(torch.memory.stats().tensors - before).toBe(-1) // x.grad came, the two saved results went
    })
  })
})

describe('a saved input that was detached in place', () => {
  it('is read, but not differentiated', () => {
    scope(() => {
      const h = leaf([0]).mul(1)
      const y = h.sin()
      h.detach_()
      expect((y.grad_fn._saved_self as Tensor).tolist()).toEqual([0])
      expect(message(() => y.sum().backward())).toContain(
        'Trying to use a saved tensor that has been detached in-place',
      )
    })
  })
})
