// Ports of PyTorch's tests of ops whose results no gradient flows through.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { keepsCounters, leaf, leafOf, type Tensor } from './harness'

keepsCounters()

describe('results without a gradient', () => {
  it('test_integer_outputs', () => {
    scope(() => {
      const x = leafOf([4])
      const integers: (() => Tensor)[] = [
        () => x.argmax(),
        () => x.argmin(),
        () => x.argsort(),
        () => torch.searchsorted(x, leaf(0.5)),
        () => torch.bucketize(leafOf([5, 5]), torch.linspace(0, 1, 100, { dtype: torch.float64, requires_grad: true })),
      ]
      for (const make of integers) {
        const out = make()
        expect([out.dtype, out.is_floating_point(), out.requires_grad, out.grad_fn]).toEqual([
          torch.int64,
          false,
          false,
          null,
        ])
      }
      expect(torch.empty([5]).requires_grad_().count_nonzero().requires_grad).toBe(false)
    })
    // Of what unique and its kin return, the values alone have a gradient.
    scope(() => {
      const x = leafOf([4])
      const valuesAlone = (out: Tensor | Tensor[], count: number) => {
        const all = Array.isArray(out) ? out : [out]
        expect(all.length).toBe(count)
        expect(all.map((one) => one.requires_grad)).toEqual(all.map((_, i) => i === 0))
        for (const one of all.slice(1)) expect(one.dtype).toBe(torch.int64)
      }
      for (const sorted of [true, false]) {
        for (const return_inverse of [true, false]) {
          valuesAlone(torch._unique(x, { sorted, return_inverse }), 2)
          for (const return_counts of [true, false]) {
            const asked = { return_inverse, return_counts }
            const count = 1 + Number(return_inverse) + Number(return_counts)
            for (const more of [asked, { ...asked, dim: 0 }]) {
              valuesAlone(torch.unique(x, { sorted, ...more }), count)
              valuesAlone(torch.unique_consecutive(x, more), count)
            }
            valuesAlone(torch._unique2(x, { sorted, ...asked }), 3)
          }
        }
      }
    })
  })

  it('test_non_differentiable_ops', () => {
    scope(() => {
      const x = leaf([
        [1, 2],
        [3, 4],
      ])
      const found = torch.isin(x, torch.tensor([2, 3]))
      expect([found.requires_grad, found.tolist()]).toEqual([
        false,
        [
          [false, true],
          [true, false],
        ],
      ])
      const y = leafOf([3, 3])
      const signs = torch.signbit(y)
      expect([signs.requires_grad, signs.dtype, signs.tolist()]).toEqual([false, torch.bool, y.lt(0).tolist()])
    })
  })
})
