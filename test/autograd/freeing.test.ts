import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import type { Ctx } from './functions'
import { errorOf, keepsCounters, leaf, leafOf, type Tensor, tensor, values } from './harness'

keepsCounters()

const AutogradFunction = torch.autograd.Function
const { gradcheck, gradgradcheck } = torch.autograd
const ones = () => tensor([1, 1, 1])

/** A leaf, and what a write by indices makes of it: its node saves the indices. */
function indexed(): [Tensor, Tensor] {
  const b = leafOf([3])
  const c = torch.zeros(3, { dtype: torch.float64 })
  c.set_at_([[1, 2]], b.at([1, 1]))
  return [b, c]
}

describe("PyTorch's tests of freed graphs", () => {
  it('test_backward_twice_with_saved_values', () => {
    scope(() => {
      const [b, c] = indexed()
      c.backward(ones())
      expect(b.grad.tolist()).toEqual([0, 2, 0])
      expect(errorOf(() => c.backward(ones()))).toMatch(
        /^RuntimeError: Trying to backward through the graph a second time .* Specify retain_graph=True/,
      )
      expect(b.grad.tolist()).toEqual([0, 2, 0])
    })
  })

  it('test_backward_twice_without_saved_values', () => {
    scope(() => {
      const b = leafOf([3])
      const c = b.add(1)
      c.backward(ones())
      c.backward(ones())
      expect(b.grad.tolist()).toEqual([2, 2, 2])
    })
  })

  it('test_backward_twice_retained_graph_with_saved_values', () => {
    scope(() => {
      const [b, c] = indexed()
      c.backward(ones(), { retain_graph: true })
      c.backward(ones())
      expect(b.grad.tolist()).toEqual([0, 4, 0])
      expect(errorOf(() => c.backward(ones()))).toMatch(
        /^RuntimeError: Trying to backward through the graph a second time/,
      )
    })
  })

  it('test_backward_twice_retained_graph_without_saved_values', () => {
    scope(() => {
      const b = leafOf([3])
      const c = b.neg().add(values([3]))
      c.backward(ones(), { retain_graph: true })
      c.backward(ones())
      expect(b.grad.tolist()).toEqual([-2, -2, -2])
    })
  })

  it('test_custom_autograd_no_early_free', () => {
    class Double extends AutogradFunction {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        const y = x.pow(2)
        ctx.save_for_backward(x, y)
        return y
      }
      static override backward(ctx: Ctx, g: Tensor): Tensor {
        const [x] = ctx.saved_tensors as [Tensor, Tensor]
        return g.mul(2).mul(x)
      }
    }
    /** The same by the output that forward saved. */
    class Double2 extends Double {
      static override backward(ctx: Ctx, g: Tensor): Tensor {
        const [x, y] = ctx.saved_tensors as [Tensor, Tensor]
        return g.mul(2).mul(y).div(x)
      }
    }
    for (const double of [(x: Tensor) => Double.apply(x), (x: Tensor) => Double2.apply(x)]) {
      scope(() => {
        const x = leaf(2)
        expect([gradcheck(double, [x]), gradgradcheck(double, [x])]).toEqual([true, true])
        const y = double(x)
        const [g] = torch.autograd.grad(y, x, { create_graph: true })
        const [again] = torch.autograd.grad(y, x)
        expect([g!.item(), again!.item()]).toEqual([4, 4])
        expect(errorOf(() => torch.autograd.grad(y, x))).toMatch(/^RuntimeError: Trying to backward through the graph/)
      })
    }
  })
})
