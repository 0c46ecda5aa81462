// Ports of PyTorch's tests of hooks on tensors and nodes, and of retain_grad.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { expectClose, keepsCounters, leaf, leafOf, type Tensor, values } from './harness'

keepsCounters()

const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]
type Gradients = readonly (Tensor | null)[]

const ones = (...shape: number[]): Tensor => torch.ones(shape, { dtype: torch.float64 })

class Mul2 extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x.mul(2)
  }
  static override backward(_: Ctx, grad: Tensor): Tensor {
    return grad.mul(2)
  }
}
const doublings: ((x: Tensor) => Tensor)[] = [(x) => Mul2.apply(x), (x) => x.mul(2)]

describe('tensor hooks', () => {
  it('test_hooks', () =>
    scope(() => {
      const x = ones(5, 5).requires_grad_()
      const y = ones(5, 5).mul(4).requires_grad_()
      let counter = 0
      const counting = (step: number) => (grad: Tensor | null) => {
        expect(grad).toBeInstanceOf(torch.Tensor)
        counter += step
        return null
      }
      const doubling = (grad: Tensor | null) => grad!.mul(2)
      const z = x.pow(2).add(x.mul(2)).add(x.mul(y)).add(y)
      const backward = () => z.backward(ones(5, 5), { retain_graph: true })
      x.register_hook(counting(0))
      const first = z.register_hook(counting(1))
      backward()
      expect(counter).toBe(1)
      const second = z.register_hook(counting(2))
      backward()
      expect(counter).toBe(4)
      second.remove()
      backward()
      expect(counter).toBe(5)
      first.remove()
      z.register_hook(doubling)
      torch.no_grad(() => y.grad.zero_())
      backward()
      expectClose(y.grad, x.detach().add(1).mul(2))
      y.register_hook(doubling)
      torch.no_grad(() => y.grad.zero_())
      z.backward(ones(5, 5))
      expectClose(y.grad, x.detach().add(1).mul(4))
      expect(counter).toBe(5)
    }))

  it('test_hooks_cpp', () =>
    scope(() => {
      // Batch normalisation as it evaluates, by the statistics it begins with: nodes of the core alone.
      const x = ones(5, 5).requires_grad_()
      const [mean, variance] = [torch.zeros(5, { dtype: torch.float64 }), ones(5)]
      const z = x.sub(mean).div(variance.add(1e-5).sqrt())
      let counter = 0
      z.register_hook((grad) => {
        counter++
        return grad!.mul(2)
      })
      z.sum().backward()
      expect(counter).toBe(1)
      expectClose(x.grad, ones(5, 5).mul(2), 2e-5)
    }))

  it('test_hook_none', () =>
    scope(() => {
      class OneGradient extends AutogradFunction {
        static override forward(ctx: Ctx, x: Tensor, y: Tensor): Tensor[] {
          expect(ctx.needs_input_grad).toEqual([true, false])
          return [x, y]
        }
        static override backward(_: Ctx, gradX: Tensor, _y: Tensor): (Tensor | null)[] {
          return [gradX, null]
        }
      }
      let called = 0
      const hook = (grad: Tensor | null) => {
        expect(grad).not.toBeNull()
        called++
        return null
      }
      const x = leafOf([5, 5])
      const [rx, ry] = OneGradient.apply(x, values([5, 5], 2))
      rx.register_hook(hook)
      ry.register_hook(hook)
      rx.add(ry).sum().backward()
      expect(called).toBe(2)
      expectClose(x.grad, ones(5, 5))
    }))

  it('test_hook_with_no_name', () =>
    scope(() => {
      const [nameless] = [(grad: Tensor | null) => grad!.clone()]
      expect(nameless.name).toBe('')
      const x = leafOf([5])
      const y = x.clone()
      y.register_hook(nameless)
      y.sum().backward()
      expectClose(x.grad, ones(5))
    }))

  it('test_tensor_hooks_inplace', () =>
    scope(() => {
      // A hook belongs to the value that the tensor had when it was registered.
      const seen: [string, number][] = []
      const doubling = (name: string) => (grad: Tensor | null) => {
        seen.push([name, grad!.item()])
        return grad!.mul(2)
      }
      const a = leaf([1])
      const b = a.clone()
      b.register_hook(doubling('old'))
      b.mul_(2)
      b.register_hook(doubling('new'))
      b.sum().backward()
      expect(seen.splice(0)).toEqual([
        ['new', 1],
        ['old', 4],
      ])
      expect(a.grad.tolist()).toEqual([8])

      const c = leaf([1])
      const d = c.clone()
      d.register_hook(doubling('oldest'))
      d.mul_(2)
      d.mul_(2)
      d.sum().backward()
      expect(seen).toEqual([['oldest', 4]])
      expect(c.grad.tolist()).toEqual([8])
    }))

  it('test_post_accumulate_grad_hook_ordering', () =>
    scope(() => {
      const x = leafOf([3])
      const [[accumulate]] = x.view([3]).grad_fn.next_functions
      const order: string[] = []
      // Registered in the opposite order of what they are to run in: ((1 - 2) / 5 + 0.5) * 10.
      accumulate.register_hook((gradInput, [gradOutput]) => {
        order.push('node after')
        expect(gradInput).toEqual([])
        // In PyTorch this is the memory of .grad and says 0.3: see "A gradient that JavaScript has seen" in divergences.md.
        expectClose(gradOutput!, ones(3).mul(-0.2))
        x.grad = x.grad.mul(10)
        return null
      })
      x.register_post_accumulate_grad_hook((t) => {
        order.push('accumulated')
        t.grad.add_(0.5)
      })
      accumulate.register_prehook(([grad]) => {
        order.push('node before')
        return [grad!.div(5)]
      })
      x.register_hook((grad) => {
        order.push('tensor')
        return grad!.sub(2)
      })
      x.sum().backward()
      expect(order).toEqual(['tensor', 'node before', 'accumulated', 'node after'])
      expectClose(x.grad, ones(3).mul(3))
    }))

  it('test_hook_edge_case_when_called_with_grad', () =>
    scope(() => {
      const a = leaf(1)
      const b = a.mul(2)
      const c = b.mul(2)
      const counts = { tensor: 0, pre: 0, post: 0 }
      const counting = (kind: keyof typeof counts) => () => {
        counts[kind]++
        return null
      }
      a.register_hook(counting('tensor'))
      b.register_hook(counting('tensor'))
      const [[accumulate]] = b.grad_fn.next_functions
      for (const node of [accumulate, b.grad_fn]) {
        node.register_hook(counting('post'))
        node.register_prehook(counting('pre'))
      }
      const counted = (run: () => unknown) => {
        Object.assign(counts, { tensor: 0, pre: 0, post: 0 })
        run()
        return { ...counts }
      }
      const options = { retain_graph: true }
      // Where a gradient is captured, tensor hooks have seen it; the hooks of the node do not run.
      expect(counted(() => torch.autograd.grad(c, b, options))).toEqual({ tensor: 1, pre: 0, post: 0 })
      expect(counted(() => torch.autograd.grad(c, [a, b], options))).toEqual({ tensor: 2, pre: 1, post: 1 })
      expect(counted(() => c.backward(options))).toEqual({ tensor: 2, pre: 2, post: 2 })
      expect(counted(() => c.backward({ ...options, inputs: [a, b] }))).toEqual({ tensor: 2, pre: 2, post: 2 })
    }))
})

describe('hooks of nodes', () => {
  it('test_grad_fn_prehooks', () => {
    for (const mul2 of doublings) {
      scope(() => {
        const a = leaf([1])
        const b = mul2(a)
        let [pre, post] = [0, 0]
        const posthook = (gradInput: Gradients, gradOutput: Gradients) => {
          expect(pre).toBe(3)
          expect([gradOutput[0]!.tolist(), gradInput[0]!.tolist()]).toEqual([[8], [16]])
          post++
          return gradInput
        }
        const prehook = ([grad]: Gradients) => {
          pre++
          return [grad!.mul(2)]
        }
        const node = b.grad_fn
        node.register_hook(posthook)
        node.register_hook(posthook)
        node.register_prehook(prehook)
        node.register_prehook(() => null)
        node.register_prehook(prehook)
        node.register_prehook(prehook)
        node.register_prehook((grads) => grads)
        node.register_prehook(() => null)
        b.sum().backward()
        expect([post, pre]).toEqual([2, 3])
        expect(a.grad.tolist()).toEqual([16])
      })
      scope(() => {
        const a = leafOf([3, 3])
        const b = mul2(a)
        let pre = 0
        b.grad_fn.register_prehook(() => {
          pre++
          return null
        })
        b.sum().backward()
        expect(pre).toBe(1)
        expectClose(a.grad, ones(3, 3).mul(2))
      })
    }
  })

  it('test_grad_fn_prehooks_multiple_outputs', () =>
    scope(() => {
      let counter = 0
      const parts = (x: Tensor) => x.chunk(2)
      const b = leafOf([4, 3])
      const combine = ([first, second]: Tensor[]) => first.mul(3).add(second).sum()
      combine(parts(b)).backward()
      const a = b.detach().requires_grad_()
      const pieces = parts(a)
      pieces[1].grad_fn.register_prehook((grads) => {
        counter++
        expect(grads).toHaveLength(2)
        return grads.map((grad) => grad!.mul(2))
      })
      combine(pieces).backward()
      expect(counter).toBe(1)
      expectClose(a.grad, b.grad.mul(2))

      class DoubleMul2 extends AutogradFunction {
        static override forward(ctx: Ctx, x: Tensor, k: number, y: Tensor): [Tensor, number, Tensor] {
          ctx.k = k
          return [x.mul(k).mul(2), k, y.mul(k).mul(2)]
        }
        static override backward(ctx: Ctx, g1: Tensor, _: Tensor, g2: Tensor): (Tensor | null)[] {
          const factor = 2 * (ctx.k as number)
          return [g1.mul(factor), null, g2.mul(factor)]
        }
      }
      const [x, y] = [leafOf([3, 3]), leafOf([3, 3], 2)]
      const [c, , d] = DoubleMul2.apply(x, 3, y)
      c.grad_fn.register_prehook(([g1, number, g2]) => {
        expect(number).toBeNull()
        counter++
        return [g1!.mul(2), null, g2!.mul(2)]
      })
      c.add(d).sum().backward()
      expect(counter).toBe(2)
      expectClose(x.grad, ones(3, 3).mul(12))
      expectClose(y.grad, ones(3, 3).mul(12))
    }))

  it('test_grad_fn_prehooks_remove_hooks', () => {
    for (const mul2 of doublings) {
      scope(() => {
        const a = leafOf([3, 3])
        const b = mul2(a)
        let counter = 0
        const counting = () => {
          counter++
          return null
        }
        const handle = b.grad_fn.register_prehook(counting)
        b.grad_fn.register_prehook(counting)
        handle.remove()
        b.sum().backward()
        expectClose(a.grad, ones(3, 3).mul(2))
        expect(counter).toBe(1)
      })
      scope(() => {
        const a = leafOf([3, 3])
        const b = mul2(a)
        let counter = 0
        const counting = () => {
          counter++
          return null
        }
        b.grad_fn.register_prehook(() => {
          second.remove()
          third.remove()
          return null
        })
        const second = b.grad_fn.register_prehook(counting)
        const third = b.grad_fn.register_prehook(counting)
        third.remove()
        // The hooks of a run are those that were there when it came to the node: the second still runs.
        b.sum().backward()
        expectClose(a.grad, ones(3, 3).mul(2))
        expect(counter).toBe(1)
      })
    }
  })
})

describe('retain_grad', () => {
  it('test_retain_grad', () =>
    scope(() => {
      const input = leafOf([1, 3])
      const h = input.mul(3)
      const out = h.mul(h).sum()
      h.retain_grad()
      h.retain_grad()
      out.backward({ retain_graph: true })
      expectClose(h.grad, h.detach().mul(2))
      out.backward({ retain_graph: true })
      expectClose(h.grad, h.detach().mul(4))
      torch.no_grad(() => input.grad.zero_())
      // On a leaf it changes nothing.
      input.retain_grad()
      input.retain_grad()
      expect(input.retains_grad).toBe(false)
      out.backward()
      expectClose(input.grad, input.detach().mul(18))
    }))

  it('test_retain_grad_inplace', () =>
    scope(() => {
      for (const times of [1, 2]) {
        const a = leaf([1]).clone()
        a.retain_grad()
        for (let i = 0; i < times; i++) a.mul_(2)
        a.sum().backward()
        expect(a.grad.tolist()).toEqual([1])
      }
    }))

  it('test_retain_grad_inplace_over_view', () =>
    scope(() => {
      const base = leaf([1]).clone()
      const [view, other] = [base.at(':'), base.at(':')]
      view.retain_grad()
      other.retain_grad()
      view.mul_(2)
      // The nodes that the views had are no part of this graph: what is retained has moved to the new ones.
      view.add(other).sum().backward()
      expect([view.grad.tolist(), other.grad.tolist()]).toEqual([[1], [1]])
    }))

  it('test_retain_grad_cycle', () =>
    scope(() => {
      const x = ones(5, 5).requires_grad_()
      const living = (retain: boolean) => {
        const before = torch.memory.stats().tensors
        const z = scope(() => {
          const y = x.mul(2)
          if (retain) y.retain_grad()
          return y.div(2)
        })
        return { z, tensors: torch.memory.stats().tensors - before }
      }
      const [plain, retaining] = [living(false), living(true)]
      // y is gone although its gradient was to be retained: nothing but the scope held it.
      expect(retaining.tensors).toBe(plain.tensors)
      retaining.z.sum().backward()
      expectClose(x.grad, ones(5, 5))
    }))

  it('a node with indices beside its values has one gradient', () => {
    scope(() => {
      const x = leaf([
        [1, 3],
        [4, 2],
      ])
      for (const pair of [x.max(1), x.min(0), x.median(0), x.sort(1)]) {
        const seen: number[] = []
        pair.values.grad_fn.register_prehook((grads) => void seen.push(grads.length))
        pair.values.grad_fn.register_hook((_, grads) => void seen.push(grads.length))
        pair.values.sum().backward()
        expect(seen).toEqual([1, 1])
      }
    })
  })
})
