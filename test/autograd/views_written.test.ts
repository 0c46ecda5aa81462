// Ports of PyTorch's tests of in-place updates through views: what reaches the base, and what comes back.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { errorOf, expectClose, keepsCounters, leaf, leafOf, type Tensor, tensor, values } from './harness'
import { warned } from './tables'
import { MULTIPLE, VIEW_OF_LEAF, WRITTEN } from './view_texts'

keepsCounters()

const { gradcheck, gradgradcheck } = torch.autograd
const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]
type Program = (...inputs: Tensor[]) => Tensor

/** First and second derivatives, the second from a gradient that needs one too. */
function checkBoth(program: Program, ...inputs: Tensor[]): void {
  expect(gradcheck(program, inputs)).toBe(true)
  expect(gradgradcheck(program, inputs, [leafOf(program(...inputs).shape, 7)])).toBe(true)
}

const refused = (nr: number, name: string) => `RuntimeError: Output ${nr} of ${name} ${WRITTEN} ${MULTIPLE}`

describe('in-place on a view', () => {
  it('test_inplace_on_view_saved_output', () => {
    // relu saves its result, a view of what it wrote: that must be no cycle, or the node with the hook would stay.
    scope(() => {
      const before = torch.memory.stats()
      const copy = leafOf([3, 3]).clone()
      copy.grad_fn.register_hook(() => {})
      const view = copy.view(9)
      view.relu_()
      expect(view.grad_fn.next_functions[0][0]?.name()).toBe('torch::autograd::CopySlices')
      expect(torch.memory.stats().nodes).toBeGreaterThan(before.nodes)
    })
    expect(torch.memory.stats().nodes).toBe(0)
  })

  it('test_inplace_on_view_backward', () => {
    // The normalisation of one element is 0, whatever it is: relu_ writes a view of that, and x keeps its value.
    scope(() => {
      const x = leaf([[[[1, 1]]]])
      const rows = x.reshape([1, 1, 2])
      const centred = rows.sub(rows.mean(-1, true))
      const variance = centred.square().mean(-1, true)
      const out = centred.div(variance.add(1e-5).sqrt()).view_as(x).relu_()
      const [g] = torch.autograd.grad(out.pow(2), x, torch.ones_like(x), { create_graph: true })
      const [second] = torch.autograd.grad(g!.sum(), x)
      expect([x.tolist(), g!.tolist(), second!.tolist()]).toEqual([[[[[1, 1]]]], [[[[0, 0]]]], [[[[0, 0]]]]])
    })
    scope(() => {
      const inputs = torch.ones([1, 3, 16, 16], { requires_grad: true })
      const view = inputs.add(1).view_as(inputs)
      const probability = torch.threshold_(view, 0, 0).sigmoid()
      const grad_outputs = torch.ones(probability.shape)
      const [gradient] = torch.autograd.grad(probability, inputs, { grad_outputs, create_graph: true })
      const penalty = gradient!.sum()
      penalty.backward()
      const node = penalty.grad_fn.next_functions[0][0]!.next_functions[1][0]!
      expect(node.name()).toBe('ThresholdBackwardBackward0')
      // sigmoid'' at 2
      expectClose(inputs.grad.at(0, 0, 0, 0), torch.tensor(-0.07996252), 1e-7)
    })
  })

  it('test_inplace_on_view_weak_grad_fn', () => {
    scope(() => {
      const a = torch.arange(0, 10, { dtype: torch.float32, requires_grad: true })
      const b = a.narrow(0, 0, 2).clone().view(-1)
      b.relu_()
      const c = b.clone()
      // b's node must outlive b.
      b.dispose()
      const s = c.sum()
      s.backward()
      expect([s.item(), a.grad.tolist()]).toEqual([1, [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]])
      expect(errorOf(() => leafOf([10]).narrow(0, 0, 10).relu_())).toBe(VIEW_OF_LEAF)
    })
  })

  it('test_inplace_on_view_backprop_base', () => {
    scope(() => {
      const root = leafOf([2, 2])
      const x = root.clone()
      x.narrow(0, 0, 1).mul_(2)
      x.sum().backward()
      expect(root.grad.tolist()).toEqual([
        [2, 2],
        [1, 1],
      ])
    })
  })

  it('test_inplace_on_view_backprop_view', () => {
    scope(() => {
      const [a, b] = [tensor([2, 5]), leaf([3])]
      a.narrow(0, 1, 1).mul_(b).sum().backward()
      expect([b.grad.tolist(), a.is_leaf, a.tolist()]).toEqual([[5], false, [2, 15]])
      // A non-leaf by now: it has no gradient, and reading that warns.
      expect(warned(() => expect(a.grad).toBeNull())).toHaveLength(1)
    })
  })

  it('test_inplace_on_view_backprop_view_of_view', () => {
    scope(() => {
      const root = leafOf([2, 2])
      const x = root.clone()
      const [written, read] = [x.narrow(0, 0, 1), x.narrow(0, 0, 1)]
      written.mul_(2)
      read.sum().backward()
      expect(root.grad.tolist()).toEqual([
        [2, 2],
        [0, 0],
      ])
    })
  })

  it('test_inplace_on_view_of_view', () => {
    scope(() => {
      const root = leafOf([2, 2])
      const x = root.clone()
      x.narrow(0, 0, 1).narrow(1, 1, 1).mul_(2)
      x.sum().backward()
      expect(root.grad.tolist()).toEqual([
        [1, 2],
        [1, 1],
      ])
    })
  })

  it('test_inplace_on_view_then_no_grad', () => {
    scope(() => {
      const a = torch.ones([3, 1], { dtype: torch.float64, requires_grad: true })
      const c = a.mul(2).view(3, 1)
      c.at(0).set_at_([0], 3)
      // Reading grad_fn rebuilds the graph of the view, in whatever mode.
      expect(torch.no_grad(() => c.grad_fn.name())).toBe('AsStridedBackward0')
      c.sum().backward()
      expect(a.grad.tolist()).toEqual([[0], [2], [2]])
    })
  })

  it('test_inplace_on_view_gradcheck', () => {
    scope(() => {
      const program: Program = (root, b) => {
        const x = root.clone()
        x.narrow(1, 2, 2).narrow(0, 1, 2).mul_(b)
        x.narrow(1, 0, 2).narrow(0, 1, 2).mul_(b)
        return x
      }
      checkBoth(program, leafOf([4, 4]), leafOf([2, 2], 2))
    })
  })

  it('test_inplace_on_view_makes_base_require_grad', () => {
    scope(() => {
      const program: Program = (root, b) => {
        const x = root.clone()
        expect(x.requires_grad).toBe(false)
        x.narrow(1, 2, 2).mul_(b)
        expect(x.requires_grad).toBe(true)
        return x
      }
      checkBoth(program, values([4, 4]), leafOf([4, 2], 2))
    })
  })

  it('test_inplace_on_view_modify_base', () => {
    scope(() => {
      const program: Program = (r) => {
        const x = torch.ones([5], { dtype: torch.float64 })
        const v = x.select(0, 1)
        expect([v.requires_grad, v.grad_fn]).toEqual([false, null])
        x.add_(r)
        expect(v.requires_grad).toBe(true)
        return v
      }
      checkBoth(program, leaf([1]))
    })
  })

  it('test_inplace_on_view_python', () => {
    class PyAdd extends AutogradFunction {
      static override forward(ctx: Ctx, x: Tensor, y: Tensor): Tensor {
        ctx.mark_dirty(x)
        return x.add_(y)
      }
      static override backward(_: Ctx, g: Tensor): Tensor[] {
        return [g, g]
      }
    }
    scope(() => {
      const program: Program = (root, b) => {
        const x = root.clone()
        PyAdd.apply(x.narrow(1, 2, 2).narrow(0, 1, 2), b)
        PyAdd.apply(x.narrow(1, 0, 2).narrow(0, 1, 2), b)
        return x
      }
      checkBoth(program, leafOf([4, 4]), leafOf([2, 2], 2))
    })
  })

  it('test_inplace_on_view_non_contig', () => {
    scope(() => {
      const root = torch.ones(2, 3, 2).select(2, 1).t().requires_grad_()
      const x = root.clone()
      x.narrow(0, 0, 1).narrow(1, 1, 1).mul_(2)
      x.sum().backward()
      expect(root.grad.tolist()).toEqual([
        [1, 2],
        [1, 1],
        [1, 1],
      ])
    })
  })

  it('test_copy_', () => {
    scope(() => {
      const x = torch.ones(10, { requires_grad: true })
      for (const dtype of [torch.float32, torch.float64]) {
        const y = torch.empty(10, { dtype })
        y.copy_(x)
        expect([y.requires_grad, y.dtype, x.to(dtype).requires_grad]).toEqual([true, dtype, true])
      }
    })
  })
})

describe('one of several views', () => {
  it('test_inplace_on_view_multiple_outputs', () => {
    scope(() => {
      const x = torch.arange(0, 9, { dtype: torch.float64 }).reshape([3, 3]).requires_grad_().clone()
      expect(errorOf(() => x.unbind()[0].mul_(2))).toBe(refused(0, 'UnbindBackward0'))
    })
  })

  it('test_inplace_on_view_of_multiple_output_view', () => {
    scope(() => {
      const [first] = leafOf([10]).clone().unbind(0)
      expect(errorOf(() => first.view_as(first).mul_(2))).toBe(refused(0, 'ViewBackward0'))
    })
  })

  it('test_inplace_multiple_output_view_of_view', () => {
    scope(() => {
      const a = leafOf([10]).clone()
      expect(errorOf(() => a.view_as(a).unbind(0)[0].mul_(2))).toBe(refused(0, 'UnbindBackward0'))
    })
  })

  it('test_inplace_on_view_multi_output_unsafe', () => {
    const splits: ((x: Tensor) => Tensor[])[] = [
      (x) => x.unsafe_split(1),
      (x) => x.unsafe_split_with_sizes([1, 1, 1]),
      (x) => x.unsafe_chunk(3),
    ]
    for (const split of splits) {
      scope(() => {
        const a = leafOf([3, 3])
        const [first, second, third] = split(a.add(a))
        first.mul_(second)
        first.sum().backward()
        expect(third._version).toBe(0)
        // The product rule through both, each piece of 2 a.
        expectClose(a.grad.at(0), a.at(1).mul(4))
        expectClose(a.grad.at(1), a.at(0).mul(4))
        expect(a.grad.at(2).tolist()).toEqual([0, 0, 0])
      })
    }
  })

  it('test_inplace_on_view_multi_output_safe', () => {
    const splits: [name: string, split: (x: Tensor) => Tensor[]][] = [
      ['SplitBackward0', (x) => x.split(1)],
      ['SplitWithSizesBackward0', (x) => x.split_with_sizes([1, 1, 1])],
      ['SplitBackward0', (x) => x.chunk(3)],
    ]
    for (const [name, split] of splits) {
      scope(() => {
        const a = leafOf([3, 3])
        const [first, second] = split(a.add(a))
        expect(errorOf(() => first.mul_(second))).toBe(refused(0, name))
      })
    }
  })
})
