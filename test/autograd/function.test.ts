import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GradFn, scope, set_warning_sink, torch } from '../../src/index'
import type { Ctx } from './functions'
import { errorOf, expectClose, keepsCounters, leaf, leafOf, type Tensor, tensor } from './harness'

keepsCounters()

const AutogradFunction = torch.autograd.Function
const { once_differentiable } = torch.autograd.function
const { gradcheck, gradgradcheck } = torch.autograd

let warnings: string[] = []
let sink: ReturnType<typeof set_warning_sink>
beforeEach(() => {
  warnings = []
  sink = set_warning_sink((category, text) => void warnings.push(`${category}: ${text}`))
})
afterEach(() => {
  set_warning_sink(sink)
})

/** `AddBackward0(AccumulateGrad(), None)` */
function describeGraph(node: GradFn | null): string {
  return node ? `${node._type}(${node.next_functions.map(([next]) => describeGraph(next)).join(', ')})` : 'None'
}

/** t1 + factor * t2 + t1 * t2 */
const formula = (ctx: Ctx, t1: Tensor, factor: number, t2: Tensor) => {
  ctx.factor = factor
  ctx.save_for_backward(t1, t2)
  return t1.add(t2.mul(factor)).add(t1.mul(t2))
}
const gradients = (ctx: Ctx, g: Tensor): (Tensor | null)[] => {
  const [t1, t2] = ctx.saved_tensors as [Tensor, Tensor]
  return [g.add(g.mul(t2)), null, g.mul(ctx.factor as number).add(g.mul(t1))]
}

/** Gradients of the formula, recorded; then the graphs of these gradients. */
function graphsOf(apply: (x: Tensor, y: Tensor) => Tensor): [string, string] {
  const [x, y] = [leafOf([5, 5], 1), leafOf([5, 5], 2)]
  const go = torch.ones([], { dtype: torch.float64, requires_grad: true })
  apply(x, y).sum().backward(go, { create_graph: true })
  expectClose(x.grad, y.add(1))
  expectClose(y.grad, x.add(2))
  return [describeGraph(x.grad.grad_fn), describeGraph(y.grad.grad_fn)]
}

class Id extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x
  }
  static override backward(_: Ctx, g: Tensor): Tensor {
    return g
  }
}

/** No gradient reaches what is before it. */
class Undefined extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x.mul(2)
  }
  static override backward(): null {
    return null
  }
}

describe("PyTorch's tests of custom Functions", () => {
  it('test_function', () => {
    class MyFunction extends AutogradFunction {
      static override forward(ctx: Ctx, t1: Tensor, factor: number, t2: Tensor): Tensor {
        return formula(ctx, t1, factor, t2)
      }
      static override backward(ctx: Ctx, g: Tensor): (Tensor | null)[] {
        expect([g, ...ctx.saved_tensors].every((t) => t instanceof torch.Tensor)).toBe(true)
        return gradients(ctx, g)
      }
    }
    scope(() => {
      const [ofX, ofY] = graphsOf((x, y) => MyFunction.apply(x, 2, y))
      const g = 'ExpandBackward0(AccumulateGrad())'
      const times = `MulBackward0(${g}, AccumulateGrad())`
      expect(ofX).toBe(`CopyBackwards(None, AddBackward0(${g}, ${times}))`)
      expect(ofY).toBe(`CopyBackwards(None, AddBackward0(MulBackward0(${g}, None), ${times}))`)
    })
  })

  it('test_once_differentiable', () => {
    class MyFunction extends AutogradFunction {
      static override forward(ctx: Ctx, t1: Tensor, factor: number, t2: Tensor): Tensor {
        return formula(ctx, t1, factor, t2)
      }
      static override backward = once_differentiable((ctx: Ctx, g: Tensor) => {
        expect(torch.is_grad_enabled()).toBe(false)
        return gradients(ctx, g)
      })
    }
    scope(() => {
      const both = 'CopyBackwards(None, Error(AccumulateGrad(), None, AccumulateGrad()))'
      expect(graphsOf((x, y) => MyFunction.apply(x, 2, y))).toEqual([both, both])
    })
    scope(() => {
      const x = leafOf([2])
      const y = MyFunction.apply(x, 2, tensor([1, 2])).sum()
      const go = torch.ones([], { dtype: torch.float64, requires_grad: true })
      const [g] = torch.autograd.grad(y, x, { grad_outputs: go, create_graph: true, retain_graph: true })
      expect([g!.grad_fn.name(), g!.grad_fn._type]).toEqual(['torch::autograd::Error', 'Error'])
      for (const _ of [1, 2]) {
        expect(errorOf(() => g!.sum().backward())).toBe(
          'RuntimeError: trying to differentiate twice a function that was marked with @once_differentiable',
        )
      }
      // No incoming gradient requires one: the results are plain.
      const [plain] = torch.autograd.grad(y, x, { create_graph: true })
      expect(plain!.requires_grad).toBe(false)
    })
  })

  it('test_function_returns_input', () => {
    class MyFunction extends Id {
      static override backward(_: Ctx, g: Tensor): Tensor {
        return g.mul(2)
      }
    }
    for (const shape of [[1], []]) {
      scope(() => {
        const v = torch.ones(shape, { dtype: torch.float64, requires_grad: true })
        const two = torch.full(shape, 2, { dtype: torch.float64 })
        MyFunction.apply(v).backward()
        expectClose(v.grad, two)
        torch.no_grad(() => v.grad.zero_())
        MyFunction.apply(v.clone()).backward()
        expectClose(v.grad, two)
      })
    }
  })

  it('test_function_returns_undefined_tensor', () => {
    scope(() => {
      const x = leaf([1])
      for (const y of [Undefined.apply(x), Undefined.apply(x.pow(2)), Undefined.apply(x).sum()]) {
        y.backward()
        expect(x.grad).toBeNull()
      }
      expect(torch.autograd.grad(Undefined.apply(x), x, { allow_unused: true })[0]).toBeNull()
    })
  })

  it('test_materialize_grads', () => {
    let seen: unknown = null
    class MyFunction extends Id {
      static override backward(_: Ctx, g: Tensor): Tensor {
        seen = [g.tolist(), g.dtype]
        return g
      }
    }
    scope(() => {
      Undefined.apply(MyFunction.apply(leaf([1]))).backward()
      expect(seen).toEqual([[0], torch.float64])
    })
  })

  it('test_dont_materialize_grads', () => {
    let seen: unknown = 'nothing'
    class MyFunction extends AutogradFunction {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.set_materialize_grads(false)
        return x
      }
      static override backward(_: Ctx, g: Tensor): Tensor {
        seen = g
        return g
      }
    }
    scope(() => {
      Undefined.apply(MyFunction.apply(leaf([1]))).backward()
      expect(seen).toBeNull()
    })
  })

  it('test_mark_non_differentiable', () => {
    class MyFunction extends AutogradFunction {
      static override forward(ctx: Ctx, input: Tensor): Tensor {
        const output = input.gt(0)
        ctx.mark_non_differentiable(output)
        return output
      }
      static override backward(_: Ctx, g: Tensor): Tensor {
        return g.mul(0).double()
      }
    }
    scope(() => {
      const x = leafOf([5, 5])
      const mask = MyFunction.apply(x)
      expect([mask.requires_grad, mask.grad_fn]).toEqual([false, null])
      torch.where(mask, 0, x).sum().backward()
      expectClose(x.grad, x.le(0).double())
    })
  })

  it('test_mark_non_differentiable_mixed', () => {
    let seen: unknown
    class MyFunction extends AutogradFunction {
      static override forward(ctx: Ctx, input: Tensor): [Tensor, Tensor] {
        const [a, b] = [input.add(1), input.add(2)]
        ctx.mark_non_differentiable(a)
        return [a, b]
      }
      static override backward(_: Ctx, a: Tensor, b: Tensor): Tensor {
        seen = [a.tolist(), b.tolist()]
        return b
      }
    }
    scope(() => {
      const x = leafOf([2, 2])
      const [a, b] = MyFunction.apply(x)
      expect([a.requires_grad, b.requires_grad]).toEqual([false, true])
      b.sum().backward()
      const [zeros, ones] = [0, 1].map((n) => [
        [n, n],
        [n, n],
      ])
      expect([seen, x.grad.tolist()]).toEqual([[zeros, ones], ones])
    })
  })

  it('test_mark_non_differentiable_none', () => {
    class MyFunction extends AutogradFunction {
      static override forward(ctx: Ctx, input: Tensor): Tensor {
        const output = input.clone()
        ctx.mark_non_differentiable(output)
        return output
      }
      static override backward(): null {
        return null
      }
    }
    scope(() => {
      const x = leafOf([5, 5])
      const r = MyFunction.apply(x.mul(x))
      r.mul(x).sum().backward()
      expectClose(x.grad, r)
    })
  })

  it('test_return_duplicate', () => {
    class DoubleDuplicate extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): [Tensor, Tensor] {
        const output = x.mul(2)
        return [output, output]
      }
      static override backward(_: Ctx, g1: Tensor, g2: Tensor): Tensor {
        return g1.mul(2).add(g2.mul(2))
      }
    }
    const fn = (x: Tensor) => {
      const [a, b] = DoubleDuplicate.apply(x)
      expect([a === b, a.output_nr]).toEqual([true, 1])
      return a.add(b)
    }
    scope(() => {
      const x = leafOf([5, 5])
      expect(gradcheck(fn, [x])).toBe(true)
      expect(gradgradcheck(fn, [x])).toBe(true)
    })
  })

  it('test_return_duplicate_inplace', () => {
    class DoubleInplace extends AutogradFunction {
      static override forward(ctx: Ctx, x: Tensor): [Tensor, Tensor] {
        x.mul_(2)
        ctx.mark_dirty(x)
        return [x, x]
      }
      static override backward(_: Ctx, g1: Tensor, g2: Tensor): Tensor {
        return g1.mul(2).add(g2.mul(2))
      }
    }
    const fn = (x: Tensor) => {
      const [a, b] = DoubleInplace.apply(x.clone())
      expect([a === b, a._version, a.output_nr]).toEqual([true, 2, 1])
      return a.add(b)
    }
    scope(() => {
      const x = leafOf([5, 5])
      expect(gradcheck(fn, [x])).toBe(true)
      expect(gradgradcheck(fn, [x])).toBe(true)
      expect(errorOf(() => DoubleInplace.apply(leafOf([5, 5])))).toBe(
        'RuntimeError: a leaf Variable that requires grad has been used in an in-place operation.',
      )
      expect(errorOf(() => DoubleInplace.apply(x.clone().at(0)))).toMatch(
        /^RuntimeError: If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor\./,
      )
    })
  })

  it('writes neither a view of a leaf nor a view among several', () => {
    class Tripled extends AutogradFunction {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.mark_dirty(x)
        return x.mul_(3)
      }
      static override backward(_: Ctx, g: Tensor): Tensor {
        return g.mul(3)
      }
    }
    scope(() => {
      const x = leafOf([2])
      expect(errorOf(() => Tripled.apply(x.at(0)))).toBe(
        'RuntimeError: a view of a leaf Variable that requires grad is being used in an in-place operation.',
      )
      expect(x.is_leaf).toBe(true)
      expect(errorOf(() => Tripled.apply(x.mul(1).unbind()[0]))).toMatch(
        /^RuntimeError: Output 0 of UnbindBackward0 is a view and is being modified inplace\./,
      )
    })
  })

  it('test_save_none_for_backward', () => {
    class MyFn extends AutogradFunction {
      static override forward(ctx: Ctx, input: Tensor): Tensor {
        ctx.save_for_backward(null, input, null)
        return input.mul(input)
      }
      static override backward(ctx: Ctx, g: Tensor): Tensor {
        const [n1, input, n2] = ctx.saved_tensors
        expect([n1, n2]).toEqual([null, null])
        return input!.mul(2).mul(g)
      }
    }
    scope(() => {
      const x = leafOf([5, 5])
      MyFn.apply(x).sum().backward()
      expectClose(x.grad, x.mul(2))
    })
  })

  it('test_custom_function_exception', () => {
    class SimulateBackwardError extends AutogradFunction {
      static override forward(_: Ctx, input: Tensor): Tensor {
        return input.clone()
      }
      static override backward(): Tensor {
        throw new Error('Simulate error on backward pass')
      }
    }
    scope(() => {
      const [t1, t2] = [leafOf([3, 3], 1), leafOf([3, 3], 2)]
      const tmp = t1.add(t2).mul(t1.add(t2))
      const t3 = SimulateBackwardError.apply(tmp)
      expect(() => t3.sum().backward()).toThrow('Simulate error on backward pass')
      expect([t1.grad, t2.grad]).toEqual([null, null])
    })
  })

  it('test_custom_function_error', () => {
    class BadForward extends AutogradFunction {
      static override backward(_: Ctx, g: Tensor): Tensor {
        return g
      }
    }
    class BadBackward extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): Tensor {
        return x.clone()
      }
    }
    class Both extends BadBackward {
      static override backward(_: Ctx, g: Tensor): Tensor {
        return g
      }
      static override vjp(_: Ctx, g: Tensor): Tensor {
        return g
      }
    }
    class Vjp extends BadBackward {
      static override vjp(_: Ctx, g: Tensor): Tensor {
        return g.mul(7)
      }
    }
    scope(() => {
      const x = leaf([1])
      expect(errorOf(() => BadForward.apply(x as never))).toBe(
        'NotImplementedError: You must implement the forward function for custom autograd.Function.',
      )
      expect(errorOf(() => BadBackward.apply(x).sum().backward())).toBe(
        'NotImplementedError: You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.',
      )
      expect(errorOf(() => Both.apply(x).sum().backward())).toBe(
        "RuntimeError: Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement one of them.",
      )
      Vjp.apply(x).sum().backward()
      expect(x.grad.tolist()).toEqual([7])
    })
  })

  it('test_custom_function_non_tensor_inputs_outputs', () => {
    class MyFunction extends AutogradFunction {
      static override forward(ctx: Ctx, t1: Tensor, t2: Tensor, scale: number, t3: Tensor) {
        const t4 = t1.add(t2.mul(t3)).mul_(scale)
        const t5 = t1.mul(t2).add(t3).mul_(scale)
        ctx.scale = scale
        ctx.save_for_backward(t1, t2, t3)
        return [scale, t4, null, true, t5, 'bar', t1] as const
      }
      static override backward = once_differentiable((ctx: Ctx, ...grads: Tensor[]) => {
        expect(grads).toHaveLength(7)
        expect([grads[0], grads[2], grads[3], grads[5]]).toEqual([null, null, null, null])
        const [t1, t2, t3] = ctx.saved_tensors as [Tensor, Tensor, Tensor]
        const [g4, g5, g6] = [grads[1].mul(ctx.scale as number), grads[4].mul(ctx.scale as number), grads[6]]
        return [g4.add(g5.mul(t2)).add(g6), g4.mul(t3).add(g5.mul(t1)), null, g4.mul(t2).add(g5)]
      })
    }
    scope(() => {
      const [t1, t2, t3] = [leafOf([10], 1), leafOf([10], 2), tensor(leafOf([10], 3).tolist())]
      const res = MyFunction.apply(t1, t2, 3, t3)
      expect([res[0], res[2], res[3], res[5]]).toEqual([3, null, true, 'bar'])
      expectClose(res[1], t1.add(t2.mul(t3)).mul(3))
      expectClose(res[4], t1.mul(t2).add(t3).mul(3))
      expectClose(res[6], t1)
      expect([res[6] === t1, res[6].grad_fn.name(), res[6].output_nr]).toEqual([false, 'MyFunctionBackward', 6])
      torch.autograd.backward([res[1].sum(), res[4].sum(), res[6].sum()])
      expectClose(t1.grad, t2.mul(3).add(4))
      expectClose(t2.grad, t3.add(t1).mul(3))
      expect(t3.grad).toBeNull()
      const foo = (a: Tensor, b: Tensor, c: Tensor) => {
        const out = MyFunction.apply(a, b, 3, c)
        return [out[1], out[4], out[6]]
      }
      expect(gradcheck(foo, [t1, t2, t3])).toBe(true)
    })
  })

  it('test_custom_function_no_tensors', () => {
    class MyFunction extends AutogradFunction {
      static override forward(_: Ctx, t1: number, t2: number, scale: number, t3: number) {
        return [scale, (t1 + t2 * t3) * scale, null, true, (t1 * t2 + t3) * scale, 'bar', t1] as const
      }
      static override backward = once_differentiable((_: Ctx, ...grads: Tensor[]) => [
        grads[0],
        grads[1],
        null,
        grads[2],
      ])
    }
    expect(MyFunction.apply(0.5, 2, 3, 0.25)).toEqual([3, 3, null, true, 3.75, 'bar', 0.5])
  })

  it('test_custom_function_saved_tensors', () => {
    const functionOf = (saves: boolean) =>
      class MyFn extends Id {
        static override forward(ctx: Ctx, x: Tensor): Tensor {
          if (saves) ctx.save_for_backward(x, null)
          return x
        }
      }
    const same = (x: Tensor) => x
    const freed =
      /^RuntimeError: Trying to backward through the graph a second time .* after they have already been freed/
    scope(() => {
      const a = leafOf([5])
      const y = functionOf(true).apply(a)
      expect(y.grad_fn.saved_tensors).toEqual([a, null])
      const saved = y.grad_fn._raw_saved_tensors
      expect(saved.map((s) => s instanceof torch.autograd.SavedTensor)).toEqual([true, true])
      expect(errorOf(() => saved[1].register_hooks(same, same))).toBe(
        'RuntimeError: Calling register_hooks on a saved tensor with value None is forbidden',
      )
      const incompatible = /^TypeError: register_hooks\(\): incompatible function arguments\./
      expect(errorOf(() => saved[0].register_hooks(...([same] as unknown as [typeof same, typeof same])))).toMatch(
        incompatible,
      )
      expect(errorOf(() => saved[0].register_hooks(1 as never, 1 as never))).toMatch(incompatible)
      saved[0].register_hooks(same, same)
      expect(errorOf(() => saved[0].register_hooks(same, same))).toMatch(
        /whose hooks have already been set\. Hint: only one pair of hooks is allowed at a time\.$/,
      )
      y.sum().backward()
      expect(errorOf(() => y.grad_fn._raw_saved_tensors)).toMatch(freed)
      expect(errorOf(() => y.grad_fn.saved_tensors)).toMatch(freed)
      expect(errorOf(() => saved[0].register_hooks(same, same))).toMatch(/after it has been freed\./)

      const nothing = functionOf(false).apply(a)
      expect([nothing.grad_fn.saved_tensors, nothing.grad_fn._raw_saved_tensors]).toEqual([[], []])
      expect([a.mul(2).grad_fn.saved_tensors, a.mul(2).grad_fn._raw_saved_tensors]).toEqual([undefined, undefined])
    })
  })

  it('test_custom_function_local_inplace', () => {
    class MyFn extends AutogradFunction {
      static override forward(_: Ctx, inp: Tensor, inplace: boolean): Tensor {
        const view = inp.clone().at(':3')
        if (inplace) view.add_(2)
        return view
      }
      static override backward(_: Ctx, g: Tensor): (Tensor | null)[] {
        return [g, null]
      }
    }
    scope(() => {
      const base = leafOf([10])
      for (const inplace of [false, true]) expect(MyFn.apply(base, inplace).grad_fn._type).toBe('MyFnBackward')
    })
  })

  it('test_custom_function_cycle', () => {
    interface Meta {
      foo?: Tensor
    }
    class MyFn extends AutogradFunction {
      static override forward(ctx: Ctx, x: Tensor, metadata: Meta): Tensor {
        const y = x.clone()
        ctx.meta = metadata
        ctx.save_for_backward(y)
        return y
      }
      static override backward(ctx: Ctx, g: Tensor): (Tensor | null)[] {
        const [x] = ctx.saved_tensors as [Tensor]
        expect([x.item(), (ctx.meta as Meta).foo!.item()]).toEqual([3.14, 3.14])
        return [g.mul(x), null]
      }
    }
    // What ctx holds on to by a JavaScript object goes with its scope, backward or not.
    for (const withBackward of [false, true]) {
      scope(() => {
        const a = leaf(3.14)
        const metadata: Meta = {}
        const out = MyFn.apply(a, metadata)
        metadata.foo = out
        if (!withBackward) return
        out.sum().backward()
        expect(a.grad.item()).toBe(3.14)
      })
    }
  })

  it('test_legacy_function_deprecation_exception', () => {
    class MyFunction extends AutogradFunction {
      forward(x: Tensor): Tensor {
        return x
      }
      backward(g: Tensor): Tensor {
        return g
      }
    }
    scope(() => {
      const x = tensor([1])
      expect(errorOf(() => new MyFunction().call(x))).toMatch(
        /^RuntimeError: Legacy autograd function with non-static forward method is deprecated\./,
      )
    })
  })

  it('test_custom_autograd_repeated_grad_grad', () => {
    const mult1 = (x: Tensor) => x.prod(-1).prod(-1)
    class Mult extends AutogradFunction {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        const y = mult1(x)
        ctx.save_for_backward(x, y)
        return y
      }
      static override backward(ctx: Ctx, g: Tensor): Tensor {
        const [x, y] = ctx.saved_tensors as [Tensor, Tensor]
        return g.mul(y).at(':', null, null).div(x)
      }
    }
    for (const mult of [mult1, (x: Tensor) => Mult.apply(x)]) {
      scope(() => {
        const x = torch.ones([2, 4, 4], { requires_grad: true })
        const y = mult(x)
        const second = () => {
          const [gy] = torch.autograd.grad(y.at(0), x, { create_graph: true })
          const [ggy] = torch.autograd.grad(gy!.at(0, 0, 0), x, { retain_graph: true })
          return ggy!.at(0, 0, 1).item()
        }
        expect([second(), second()]).toEqual([1, 1])
      })
    }
  })

  it('test_not_implemented_grad', () => {
    scope(() => {
      const y = torch.unique(leafOf([2])) as Tensor
      expect(y.grad_fn.name()).toBe('Unique2Backward0')
      expect(errorOf(() => y.sum().backward())).toBe(
        "NotImplementedError: the derivative for '_unique2' is not implemented.",
      )
    })
  })

  it('test_naughty_autograd_function_stashing_ctx', () => {
    const stashed: Ctx[] = []
    class Stashing extends AutogradFunction {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.save_for_backward(x)
        return x
      }
      static override backward(ctx: Ctx, _: Tensor): (Tensor | null)[] {
        stashed.push(ctx)
        return ctx.saved_tensors
      }
    }
    scope(() => {
      const p = torch.zeros([1], { requires_grad: true })
      const loss = Stashing.apply(p)
      loss.backward({ retain_graph: true })
      expect(p.grad.tolist()).toEqual([0])
      expect(stashed[0].saved_tensors).toEqual([p])
    })
    // The graph is gone with its scope; a ctx does not keep it.
    expect(errorOf(() => stashed[0].saved_tensors)).toMatch(
      /^RuntimeError: Trying to backward through the graph a second time/,
    )
  })
})

describe('ctx', () => {
  const seeing = (forward: (ctx: Ctx, x: Tensor, y?: unknown) => unknown) =>
    Object.assign(class Seeing extends AutogradFunction {}, { forward, backward: (_: Ctx, g: Tensor) => [g, null] })

  it('has nothing saved in forward; what is said last counts', () => {
    scope(() => {
      const a = leaf([1, 2])
      const y = seeing((ctx, x) => {
        ctx.save_for_backward(x, null)
        const doubled = x.mul(2)
        ctx.save_for_backward(x, doubled)
        expect(ctx.saved_tensors).toEqual([])
        return doubled
      }).apply(a) as Tensor
      const [x, doubled] = y.grad_fn.saved_tensors
      expect([x === a, doubled!.tolist(), doubled!.grad_fn.name(), doubled!.output_nr]).toEqual([
        true,
        [2, 4],
        'SeeingBackward',
        0,
      ])
    })
  })
  it('refuses to save anything but tensors, once forward has run', () => {
    let ran = 0
    const type = seeing((ctx, x) => {
      ctx.save_for_backward(1 as never, x)
      ran++
      return x.mul(2)
    })
    scope(() => {
      expect(errorOf(() => type.apply(leaf([1])))).toBe(
        'TypeError: save_for_backward can only save variables, but argument 0 is of type int',
      )
      expect((type.apply(tensor([1])) as Tensor).tolist()).toEqual([2])
    })
    expect(ran).toBe(2)
  })
  it('says which gradients are needed, also from the node', () => {
    scope(() => {
      const [a, b] = [leaf([1]), tensor([1])]
      let seen: unknown
      const type = seeing((ctx, x) => {
        seen = ctx.needs_input_grad
        return x.mul(2)
      })
      const y = type.apply(a, b) as Tensor
      expect([seen, y.grad_fn.needs_input_grad]).toEqual([
        [true, false],
        [true, false],
      ])
      torch.no_grad(() => type.apply(a, 5))
      expect(seen).toEqual([true, false])
    })
  })
  it('complains of what is no tensor, no bool, or deprecated', () => {
    scope(() => {
      const a = leaf([1])
      const fails = (run: (ctx: Ctx) => unknown) =>
        errorOf(() =>
          seeing((ctx, x) => {
            run(ctx)
            return x.mul(1)
          }).apply(a),
        )
      expect(fails((ctx) => ctx.set_materialize_grads(1 as never))).toBe(
        'TypeError: set_materialize_grads received an invalid combination of arguments - got (), but expected (bool)',
      )
      expect(fails((ctx) => ctx.mark_dirty(1 as never))).toMatch(/^RuntimeError: mark_dirty can only accept variables/)
      expect(fails((ctx) => ctx.mark_non_differentiable(1 as never))).toMatch(
        /^RuntimeError: mark_non_differentiable only accepts variable arguments, but got/,
      )
      expect(fails((ctx) => ctx.mark_dirty(a))).toMatch(
        /^RuntimeError: Some elements marked as dirty during the forward method were not returned as output\./,
      )
      seeing((ctx, x) => {
        ctx.saved_variables
        const y = x.mul(2)
        ctx.mark_dirty(y)
        return y
      }).apply(a)
    })
    expect(warnings).toEqual([
      "DeprecationWarning: 'saved_variables' is deprecated; use 'saved_tensors'",
      'UserWarning: ctx.mark_dirty() received a tensor that was not an input. Only input Tensors that have been mutated should be passed to ctx.mark_dirty().',
    ])
  })
})

describe('an input that is returned', () => {
  it('is never itself, unless it was written', () => {
    class Plain extends Id {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.mark_non_differentiable(x)
        return x
      }
    }
    class Add extends Id {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.mark_dirty(x)
        return x.add_(1)
      }
    }
    scope(() => {
      const [a, c] = [leaf([1]), tensor([1])]
      const described = (y: Tensor) => [y === a || y === c, y.requires_grad, y._is_view()]
      expect(described(Id.apply(a))).toEqual([false, true, true])
      expect(described(Id.apply(c))).toEqual([false, false, true])
      expect(described(torch.no_grad(() => Id.apply(a)))).toEqual([false, false, false])
      expect(described(Plain.apply(a))).toEqual([false, false, false])
      expect([Add.apply(c) === c, c._version, c.tolist()]).toEqual([true, 2, [2]])
    })
  })
})
