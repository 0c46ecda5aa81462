// Ports of PyTorch's tests of backward() and grad(): what they compute, what they accept and what they refuse.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scope, set_warning_sink, torch } from '../../src/index'
import { errorOf, expectClose, keepsCounters, leaf, leafOf, type Tensor, tensor, values } from './harness'

keepsCounters()

const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]
const { backward, grad, gradcheck, gradgradcheck } = torch.autograd

const ones = (...shape: number[]): Tensor => torch.ones(shape, { dtype: torch.float64 })
const zeros = (...shape: number[]): Tensor => torch.zeros(shape, { dtype: torch.float64 })

/** x^2 + y * x + y^2. */
const quadratic = (x: Tensor, y: Tensor): Tensor => x.pow(2).add(y.mul(x)).add(y.pow(2))

let warnings: string[] = []
let sinkBefore: ReturnType<typeof set_warning_sink>
beforeEach(() => {
  warnings = []
  sinkBefore = set_warning_sink((category, text) => void warnings.push(`${category}: ${text}`))
})
afterEach(() => {
  set_warning_sink(sinkBefore)
})

describe('backward', () => {
  it('test_backward', () =>
    scope(() => {
      const [v, x, z] = [leafOf([5, 5]), leafOf([5, 5], 2), leafOf([5, 5], 3)]
      const y = values([5, 5], 4).abs().add(0.1).requires_grad_()
      const gradient = values([5, 5], 5)
      v.backward(gradient)
      expectClose(v.grad, gradient)
      const a = x.add(y.mul(z)).add(torch.mul(4, z.pow(2)).mul(x).div(y))
      a.backward(gradient)
      torch.no_grad(() => {
        expectClose(x.grad, z.pow(2).mul(4).div(y).add(1).mul(gradient))
        expectClose(y.grad, z.sub(x.mul(4).mul(z.pow(2)).div(y.pow(2))).mul(gradient))
        expectClose(z.grad, x.mul(8).mul(z).div(y).add(y).mul(gradient))
      })
    }))

  it('test_backward_badcalls', () =>
    scope(() => {
      expect(errorOf(() => torch.ones(1).backward())).toBe(
        'RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn',
      )
    }))

  it('test_multi_backward', () =>
    scope(() => {
      const [x, y, q, a, b] = [1, 2, 3, 4, 5].map((seed) => leafOf([5, 5], seed))
      const doubled = q.mul(2)
      const z = x.add(y).add(doubled)
      const c = a.mul(b).add(doubled)
      const [gradZ, gradC] = [values([5, 5], 6), values([5, 5], 7)]
      backward([z, c], [gradZ, gradC])
      expectClose(x.grad, gradZ)
      expectClose(y.grad, gradZ)
      expectClose(a.grad, gradC.mul(b.detach()))
      expectClose(b.grad, gradC.mul(a.detach()))
      expectClose(q.grad, gradC.add(gradZ).mul(2))
    }))

  it('test_multi_backward_no_grad', () =>
    scope(() => {
      const [x, y] = [leafOf([5, 5]), values([5, 5], 2)]
      const [z, q] = [x.add(y), y.mul(2)]
      expect(errorOf(() => backward([z, q], [ones(5, 5), ones(5, 5)]))).toBe(
        'RuntimeError: element 1 of tensors does not require grad and does not have a grad_fn',
      )
      expect(x.grad).toBeNull()
    }))

  it('test_dependent_backward', () =>
    scope(() => {
      const x = leafOf([10])
      const y = x.pow(2)
      const z = y.pow(3)
      const [gradY, gradZ] = [values([10], 2), values([10], 3)]
      backward([y, z], [gradY, gradZ])
      const at = x.detach()
      expectClose(x.grad, at.mul(2).mul(gradY).add(at.pow(5).mul(6).mul(gradZ)))
    }))

  it('test_backward_with_inputs', () =>
    scope(() => {
      const [x, y] = [leafOf([2, 2]), leafOf([2, 2], 2)]
      const gradient = ones(2, 2)
      const wantedX = x.detach().mul(2).add(y.detach())
      const wantedY = y.detach().mul(2).add(x.detach())
      const reset = () =>
        torch.no_grad(() => {
          x.grad.zero_()
          y.grad.zero_()
        })
      backward(quadratic(x, y), gradient, { inputs: [x, y] })
      expectClose(x.grad, wantedX)
      expectClose(y.grad, wantedY)
      reset()
      backward(quadratic(x, y), gradient, { inputs: [x] })
      expectClose(x.grad, wantedX)
      expectClose(y.grad, zeros(2, 2))
      for (const inputs of [[y], y]) {
        reset()
        backward(quadratic(x, y), gradient, { inputs })
        expectClose(y.grad, wantedY)
        expectClose(x.grad, zeros(2, 2))
      }
      reset()
      expect(errorOf(() => backward(quadratic(x, y), gradient, { inputs: [] }))).toBe(
        'RuntimeError: `inputs` argument to `backward()` cannot be empty.',
      )
      expectClose(x.grad, zeros(2, 2))
    }))

  it('test_backward_with_nonleaf_inputs', () =>
    scope(() => {
      const [x, y, z] = [leafOf([2, 2]), leafOf([2, 2], 2), leafOf([2, 2], 3)]
      const nonleaf = x.mul(1)
      const out = quadratic(nonleaf, y)
      out.backward(ones(2, 2), { create_graph: true, inputs: [x, y, nonleaf] })
      const wantedX = x.detach().mul(2).add(y.detach())
      expectClose(x.grad, wantedX)
      expectClose(y.grad, y.detach().mul(2).add(x.detach()))
      expectClose(nonleaf.grad, wantedX)
      // backward() has no allow_unused: an input outside the graph is left without gradient.
      out.backward(ones(2, 2), { create_graph: true, inputs: [z] })
      expect(z.grad).toBeNull()
    }))

  it('test_backward_no_grad', () =>
    scope(() => {
      const b = leafOf([5, 5]).add(2)
      expect(errorOf(() => backward([b], [null]))).toBe(
        'RuntimeError: grad can be implicitly created only for scalar outputs',
      )
    }))

  it('test_backward_copy', () =>
    scope(() => {
      // One gradient is buffered at three places while a longer branch is under way: none may be summed in place.
      const [x, y] = [ones(5, 5).requires_grad_(), ones(5, 5).requires_grad_()]
      let [a, b, c] = [x.add(2), y.add(2), x.add(2)]
      const sum = a.add(b).add(c)
      for (let i = 0; i < 4; i++) [a, b, c] = [a.mul(2), b.mul(2), c.mul(2)]
      const gradient = ones(5, 5)
      sum.add(a.add(b).add(c)).backward(gradient)
      expectClose(x.grad, ones(5, 5).mul(34))
      expectClose(y.grad, ones(5, 5).mul(17))
      expectClose(gradient, ones(5, 5))
    }))

  it('test_backward_create_graph_warns', () =>
    scope(() => {
      const told = () =>
        warnings.splice(0).filter((text) => text.startsWith('UserWarning: Using backward() with create_graph=True'))
          .length
      const b = leafOf([3])
      const c = b.mul(b)
      grad(c, b, { grad_outputs: torch.ones_like(c), create_graph: true })
      expect(told()).toBe(0)
      for (const always of [true, true, false]) {
        torch.set_warn_always(always)
        c.backward(torch.ones_like(c), { create_graph: true })
        b.grad = null
        expect(told()).toBe(always ? 1 : 0)
      }
      expect(torch.is_warn_always_enabled()).toBe(false)
      expect(errorOf(() => torch.set_warn_always('yes' as never))).toBe(
        'RuntimeError: setWarnOnlyOnce expects a bool, but got str',
      )
    }))

  it('test_unused_output', () =>
    scope(() => {
      const x = leafOf([10, 10])
      x.chunk(5)[2].mul(4).add(2).sum().backward()
      const expected = zeros(10, 10)
      expected.set_at_(['4:6'], 4)
      expectClose(x.grad, expected)
      torch.no_grad(() => x.grad.zero_())
      const gradient = values([2, 10], 2)
      x.chunk(5)[0].backward(gradient)
      const second = zeros(10, 10)
      second.set_at_([':2'], gradient)
      expectClose(x.grad, second)
    }))

  it('test_hessian_vector', () =>
    scope(() => {
      const [x, y] = [leafOf([2, 2]), leafOf([2, 2], 2)]
      quadratic(x, y).backward(ones(2, 2), { create_graph: true })
      const wantedX = x.detach().mul(2).add(y.detach())
      const wantedY = x.detach().add(y.detach().mul(2))
      expectClose(x.grad, wantedX)
      expectClose(y.grad, wantedY)
      x.grad.mul(2).add(y.grad).backward(ones(2, 2))
      expectClose(x.grad, wantedX.add(5))
      expectClose(y.grad, wantedY.add(4))
    }))

  it('test_tensor_grad_warnings', () =>
    scope(() => {
      const x = torch.ones(1).requires_grad_()
      expect(x.grad).toBeNull()
      expect(warnings).toHaveLength(0)
      const copy = x.clone()
      expect(copy.grad).toBeNull()
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toMatch(/^UserWarning: The \.grad attribute of a Tensor that is not a leaf Tensor is being/)
      copy.retain_grad()
      expect(copy.grad).toBeNull()
      expect(warnings).toHaveLength(1)
    }))

  it('test_too_many_grads', () =>
    scope(() => {
      class Generous extends AutogradFunction {
        static override forward(_: Ctx, x: Tensor): Tensor {
          return x
        }
        static override backward(_: Ctx, g: Tensor): (Tensor | null)[] {
          return [g, null, null]
        }
      }
      const x = leafOf([5, 5])
      Generous.apply(x).sum().backward()
      expectClose(x.grad, ones(5, 5))
    }))

  it('test_invalid_gradients', () =>
    scope(() => {
      class Invalid extends AutogradFunction {
        static override forward(_: Ctx, x: Tensor): Tensor {
          return x.mul(2)
        }
        static override backward(): Tensor {
          return values([10])
        }
      }
      const x = leafOf([5, 5])
      expect(errorOf(() => Invalid.apply(x).sum().backward())).toBe(
        'RuntimeError: Function InvalidBackward returned an invalid gradient at index 0 - got [10] but expected shape ' +
          'compatible with [5, 5]',
      )
      expect(x.grad).toBeNull()
    }))
})

describe('grad', () => {
  it('test_grad', () =>
    scope(() => {
      const [x, y] = [leafOf([2, 2]), leafOf([2, 2], 2)]
      quadratic(x, y).backward(ones(2, 2), { create_graph: true })
      const wantedX = x.detach().mul(2).add(y.detach())
      const wantedY = x.detach().add(y.detach().mul(2))
      expectClose(x.grad, wantedX)
      expectClose(y.grad, wantedY)
      const sum = x.grad.mul(2).add(y.grad)
      const [hv] = grad([sum], [x], { grad_outputs: [ones(2, 2)], create_graph: true })
      expectClose(hv!, ones(2, 2).mul(5))
      // No .grad was touched.
      expectClose(x.grad, wantedX)
      expectClose(y.grad, wantedY)
      expect(errorOf(() => grad([sum], [x], { grad_outputs: [ones(2)], create_graph: true }))).toBe(
        'RuntimeError: Mismatch in shape: grad_output[0] has a shape of torch.Size([2]) and output[0] has a shape of ' +
          'torch.Size([2, 2]).',
      )
    }))

  it('test_grad_badcalls', () =>
    scope(() => {
      const x = ones(1)
      const y = x.pow(2)
      const refusal = 'RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn'
      expect(errorOf(() => grad(x, y))).toBe(refusal)
      expect(errorOf(() => grad(y, x))).toBe(refusal)
      x.requires_grad_()
      expect(errorOf(() => grad(y, x))).toBe(refusal)
      expect(grad(x.pow(2), x)[0]!.tolist()).toEqual([2])
    }))

  it('test_grad_empty_inputs', () =>
    scope(() => {
      const x = leaf([1])
      expect(errorOf(() => grad(x.mul(2), [], { grad_outputs: tensor([1]) }))).toBe(
        'RuntimeError: `inputs` argument to `grad()` cannot be empty.',
      )
    }))

  it('test_grad_fn_badcalls', () =>
    scope(() => {
      const x = ones(1).requires_grad_()
      const y = x.pow(2)
      const g = x.detach()
      expect(errorOf(() => y.grad_fn.call(g, g))).toBe('TypeError: expected 1 arguments, got 2 instead')
      expect(errorOf(() => y.grad_fn.call())).toBe('TypeError: expected 1 arguments, got 0 instead')
      expect((y.grad_fn.call(g) as Tensor).tolist()).toEqual([2])
    }))

  it('test_grad_nonleaf', () =>
    scope(() => {
      const first = leafOf([2, 2])
      const y = leafOf([2, 2], 2)
      let x = first
      for (let i = 0; i < 5; i++) {
        const [g] = grad(quadratic(x, y), x, { grad_outputs: ones(2, 2), create_graph: true })
        expect(y.grad).toBeNull()
        expect(x.grad).toBeNull()
        expectClose(g!, x.detach().mul(2).add(y.detach()))
        x = x.add(g!.mul(0.05))
      }
      // Each step went uphill.
      expect(quadratic(x, y).sum().item()).toBeGreaterThan(quadratic(first, y).sum().item())
      x.backward(ones(2, 2))
      expect(y.grad).not.toBeNull()
      expect(first.grad).not.toBeNull()
    }))

  it('test_grad_nonleaf_many_outputs', () =>
    scope(() => {
      const x = leafOf([4, 2])
      const [a, b] = x.chunk(2)
      let called = false
      x.register_hook(() => {
        called = true
        return null
      })
      const gradient = values([2, 2], 2)
      const [gradA, gradB] = grad(a.add(b.mul(2)), [a, b], { grad_outputs: gradient, create_graph: true })
      expectClose(gradA!, gradient)
      expectClose(gradB!, gradient.mul(2))
      expect(called).toBe(false)
      expect(x.grad).toBeNull()
    }))

  it('test_grad_nonleaf_register_hook', () =>
    scope(() => {
      const x = leafOf([5])
      const parts = x.unbind()
      let seen: Tensor | null = null
      parts[0].register_hook((g) => {
        seen = g
        return null
      })
      parts[0].backward()
      expect((seen as unknown as Tensor).item()).toBe(1)
      const expected = [1, 0, 0, 0, 0]
      expect(x.grad.tolist()).toEqual(expected)
      expect(parts[0].grad).toBeNull()
      for (let i = 1; i < 5; i++) {
        parts[i].backward()
        // The first output has no gradient this time, and its hook is told so.
        expect(seen).toBeNull()
        expected[i] = 1
        expect(x.grad.tolist()).toEqual(expected)
        expect(parts[i].grad).toBeNull()
      }
    }))

  it('test_grad_unreachable', () =>
    scope(() => {
      const [x, y, z] = [ones(1), ones(1), ones(1)].map((t) => t.requires_grad_())
      // Two of them have their accumulators, the third has none.
      const graphs = [x.mul(2), y.mul(2)]
      expect(graphs).toHaveLength(2)
      for (const other of [y, z]) {
        const [gradX, gradOther] = grad(x.mul(2), [x, other], { allow_unused: true })
        expect(gradX!.tolist()).toEqual([2])
        expect(gradOther).toBeNull()
      }
      expect(errorOf(() => grad(x.mul(2), [x, y], { allow_unused: false }))).toBe(
        'RuntimeError: The differentiated Tensor at index 1 appears to not have been used in the graph. ' +
          'Set allow_unused=True if this is the desired behavior.',
      )
    }))

  it('test_grad_unreachable_discovery', () =>
    scope(() => {
      class Never extends AutogradFunction {
        static override forward(_: Ctx, x: Tensor): Tensor {
          return x
        }
        static override backward(): Tensor {
          throw new Error('this node is not to run')
        }
      }
      const unreached = () => Never.apply(leafOf([1]).mul(2))
      const [y, z] = [leafOf([1], 2), leafOf([1], 3)]
      expect(grad(unreached(), [y], { allow_unused: true })).toEqual([null])
      const [gradY, gradZ] = grad(unreached().add(z), [y, z], { allow_unused: true })
      expect(gradY).toBeNull()
      expect(gradZ!.tolist()).toEqual([1])
      backward(unreached(), { inputs: [y] })
      expect(y.grad).toBeNull()
    }))

  it('test_unrelated_inputs', () =>
    scope(() => {
      const square = (x: Tensor, _: Tensor): Tensor => x.mul(x)
      const [x, y] = [leafOf([10]), leafOf([10], 2)]
      expect(gradcheck(square, [x, y])).toBe(true)
      expect(gradgradcheck(square, [x, y])).toBe(true)
    }))

  it('test_grad_materialize_grads', () =>
    scope(() => {
      const [x, a] = [leaf(0.5), leaf(1)]
      const y = x.mul(a)
      const [first] = grad(y, x, { create_graph: true })
      expect(grad(first!, x, { create_graph: true, allow_unused: true })).toEqual([null])
      const [second] = grad(first!, x, { create_graph: true, allow_unused: true, materialize_grads: true })
      expect(second!.item()).toBe(0)
      // Zeros made under create_graph have a derivative themselves; allow_unused need not be said.
      const [third] = grad(second!, x, { materialize_grads: true })
      expect(third!.item()).toBe(0)
      expect(errorOf(() => grad(y, x, { allow_unused: false, materialize_grads: true }))).toBe(
        'ValueError: Expected allow_unused to be True or not passed when materialize_grads=True, but got: ' +
          'allow_unused=False.',
      )
    }))

  it('an error after the formula leaves the graph as it was', () => {
    scope(() => {
      const x = leaf([1, 2])
      const y = x.mul(x)
      const handle = y.grad_fn.register_hook(() => {
        throw new Error('mine')
      })
      const total = y.sum()
      expect(errorOf(() => total.backward({ retain_graph: true }))).toBe('Error: mine')
      expect(errorOf(() => y.backward(tensor([1, 1])))).toBe('Error: mine')
      handle.remove()
      y.backward(tensor([1, 1]))
      expect(x.grad.tolist()).toEqual([2, 4])
    })
  })

  it('an operand without an edge makes nothing be saved', () => {
    scope(() => {
      const x = leaf([1, 2])
      const b = leaf([3, 4]).mul(1)
      const view = torch.no_grad(() => b.at('0:1'))
      const h = x.mul(1)
      const y = h.div(view)
      expect((y.grad_fn as unknown as { _saved_self: unknown })._saved_self).toBe(null)
      h.add_(1)
      y.sum().backward()
      expectClose(x.grad, tensor([1 / 3, 1 / 3]))
    })
  })
})
