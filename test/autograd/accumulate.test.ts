// Ports of PyTorch's tests of how gradients accumulate: in place or not, shared or copied, in which layout.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { is_, scope, set_warning_sink, torch } from '../../src/index'
import { errorOf, expectClose, keepsCounters, leafOf, type Tensor, tensor, values } from './harness'

keepsCounters()

const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]

const ones = (...shape: number[]): Tensor => torch.ones(shape, { dtype: torch.float64 })
const zeros = (...shape: number[]): Tensor => torch.zeros(shape, { dtype: torch.float64 })

// backward() with create_graph says that it makes a cycle.
let sinkBefore: ReturnType<typeof set_warning_sink>
beforeEach(() => {
  sinkBefore = set_warning_sink(() => {})
})
afterEach(() => {
  set_warning_sink(sinkBefore)
})

describe('accumulation', () => {
  it('test_accumulate_grad', () => {
    for (const create_graph of [false, true]) {
      scope(() => {
        const x = leafOf([5, 5])
        const y = x.add(2)
        y.backward(ones(5, 5), { retain_graph: true })
        const first = x.grad
        const copy = first.clone()
        y.backward(ones(5, 5), { create_graph })
        // In place without a graph; out of place, so that the first is what it was, with one.
        expectClose(first, create_graph ? copy : copy.mul(2))
        expectClose(x.grad.detach(), copy.mul(2))
        expect(x.grad === first).toBe(!create_graph)
      })
    }
  })

  it('test_accumulate_grad_tensor_reference', () => {
    // Dense gradients; sparse ones do not exist here.
    for (const create_graph of [false, true]) {
      scope(() => {
        const params = tensor([1.5, 1.5], true)
        params.grad = tensor([1.5, 1.5])
        const given = params.grad
        params.backward(tensor([1.5, 1.5]), { create_graph })
        expect(is_(given, params.grad)).toBe(!create_graph)
        expect(params.grad.tolist()).toEqual([3, 3])
        expect(given.tolist()).toEqual(create_graph ? [1.5, 1.5] : [3, 3])
      })
    }
  })

  it('test_accumulate_grad_with_zero_numel_grad', () =>
    scope(() => {
      const [a, b] = [leafOf([4, 0]), leafOf([4, 1])]
      const c = a.add(b)
      expect(c.shape).toEqual([4, 0])
      c.sum().backward()
      expectClose(b.grad, zeros(4, 1))
      expectClose(a.grad, zeros(4, 0))
    }))

  it('test_input_buffer_accum', () =>
    scope(() => {
      // One way to the leaf hands on what it is given, the other makes a gradient. What is created last arrives first, and
      // to that the other is added: not in the memory of a gradient that the caller gave.
      for (const givenFirst of [true, false]) {
        const leaf = leafOf([2, 2])
        const ways = [() => leaf.at(0), () => leaf.clone()]
        const grads = [values([2], 3), values([2, 2], 2)]
        if (!givenFirst) for (const list of [ways, grads]) list.reverse()
        const copies = grads.map((grad) => grad.clone())
        torch.autograd.backward(
          ways.map((way) => way()),
          grads,
        )
        for (const [i, grad] of grads.entries()) {
          expectClose(grad, copies[i])
          expect(grad._version).toBe(0)
        }
        const [row, whole] = givenFirst ? copies : copies.reverse()
        whole.set_at_(0, whole.at(0).add(row))
        expectClose(leaf.grad, whole)
      }
    }))

  it('test_no_grad_copy diverges: a gradient that JavaScript has seen is copied into both leaves', () =>
    scope(() => {
      let passed = 0
      class Both extends AutogradFunction {
        static override forward(_: Ctx, a: Tensor, b: Tensor): Tensor {
          return a.add(b)
        }
        static override backward(_: Ctx, grad: Tensor): Tensor[] {
          passed = grad.data_ptr()
          return [grad, grad]
        }
      }
      class Expanding extends AutogradFunction {
        static override forward(ctx: Ctx, x: Tensor): Tensor {
          ctx.size = x.shape
          return tensor([1])
        }
        static override backward(ctx: Ctx): Tensor {
          return ones(1).expand(ctx.size as number[])
        }
      }
      const [a, b] = [leafOf([5, 6]), leafOf([5, 6], 2)]
      // An expanded gradient is nobody's own memory: both leaves copy.
      Expanding.apply(Both.apply(a, b)).backward()
      expect(a.grad.data_ptr()).not.toBe(passed)
      expect(b.grad.data_ptr()).not.toBe(passed)
      expect(a.grad.is_contiguous()).toBe(true)
      a.grad = b.grad = null
      Both.apply(a, b).at(1).at(0).backward()
      // PyTorch gives the memory to the last to come. Here backward's argument may still be in somebody's hands.
      const [ofA, ofB] = [a.grad.data_ptr(), b.grad.data_ptr()]
      expect(new Set([ofA, ofB, passed]).size).toBe(3)
      expectClose(a.grad, b.grad)
    }))

  it('test_grad_assignment', () =>
    scope(() => {
      const x = values([5, 5])
      expect(errorOf(() => Object.assign(x, { grad: 0 }))).toBe(
        'TypeError: assigned grad expected to be a Tensor or None but got grad of type int',
      )
      expect(errorOf(() => Object.assign(x, { grad: values([2, 2]) }))).toBe(
        "RuntimeError: attempting to assign a gradient of size '[2, 2]' to a tensor of size '[5, 5]'. " +
          'Please ensure that the gradient and the tensor are the same size',
      )
      expect(errorOf(() => Object.assign(x, { grad: torch.ones(5, 5, { dtype: torch.int64 }) }))).toMatch(
        /^RuntimeError: attempting to assign a gradient with dtype 'long int' to a tensor with grad_dtype 'Double'\./,
      )
      expect(errorOf(() => Object.assign(x, { grad: x }))).toBe("RuntimeError: can't assign Variable as its own grad")
      expect(x.grad).toBeNull()
      const grad = values([5, 5], 2)
      x.grad = grad
      expect(x.grad).toBe(grad)
    }))

  it('test_strided_leaf_grad_layout', () =>
    scope(() => {
      // A dense leaf gives its strides to the gradient, whatever those of what it met.
      const contiguous = () => values([2, 3, 4, 5]).requires_grad_()
      const channelsLast = () => values([2, 4, 5, 3]).permute([0, 3, 1, 2]).detach().requires_grad_()
      expect(channelsLast().stride()).toEqual([60, 1, 15, 3])
      for (const makeA of [contiguous, channelsLast]) {
        for (const makeB of [contiguous, channelsLast]) {
          const [a, b] = [makeA(), makeB()]
          a.sum().backward()
          b.sum().backward()
          expect([a.grad.stride(), b.grad.stride()]).toEqual([a.stride(), b.stride()])
          a.grad = b.grad = null
          a.mul(b).sum().backward()
          expect([a.grad.stride(), b.grad.stride()]).toEqual([a.stride(), b.stride()])
        }
      }
      // One with gaps has a row-major gradient.
      const c = values([2, 4]).at(':', ':2').detach().requires_grad_()
      expect(c.stride()).toEqual([4, 1])
      c.sum().backward()
      expect(c.grad.stride()).toEqual([2, 1])
      c.grad = null
      c.mul(values([2, 2], 2))
        .sum()
        .backward()
      expect(c.grad.stride()).toEqual([2, 1])
    }))
})
