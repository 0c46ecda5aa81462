import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type GradFn, is_, scope, set_warning_sink, torch } from '../../src/index'
import type { Ctx } from './functions'
import { errorOf, expectClose, keepsCounters, leaf, leafOf, type Tensor, tensor, values } from './harness'

keepsCounters()

const AutogradFunction = torch.autograd.Function
const FREED = /^RuntimeError: Trying to backward through the graph a second time .* after they have already been freed/

let warnings: string[] = []
let sink: ReturnType<typeof set_warning_sink>
beforeEach(() => {
  warnings = []
  sink = set_warning_sink((category, text) => void warnings.push(`${category}: ${text}`))
})
afterEach(() => {
  set_warning_sink(sink)
})

class Id extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x
  }
  static override backward(_: Ctx, g: Tensor): Tensor {
    return g
  }
}

describe("PyTorch's tests of nodes", () => {
  it('test_next_functions', () => {
    scope(() => {
      const [x, y] = [leafOf([5, 5], 1), leafOf([5, 5], 2)]
      const a = x.add(y)
      const next = a.grad_fn.next_functions
      expect(next.map(([node, nr]) => [node._type, nr])).toEqual([
        ['AccumulateGrad', 0],
        ['AccumulateGrad', 0],
      ])
      expect(next.map(([node]) => node.variable)).toEqual([x, y])
      const [[first], [second, nr]] = a.add(5).grad_fn.next_functions
      expect(is_(first, a.grad_fn)).toBe(true)
      expect([second, nr]).toEqual([null, 0])
    })
  })

  // Not here: interpolate, pdist and linalg.qr, which this library lacks, and complex thresholds.
  it('test_grad_fn_attr_bindings', () => {
    const same = (x: Tensor) => x
    scope(() => {
      const [a, b] = [leaf([1]), leaf([0])]
      const out1 = torch.stack([a, b], 0)
      const out2 = a.mul(2).mul(b)
      expectClose(out2.grad_fn._saved_self as Tensor, a.mul(2))
      expect(out2.grad_fn._raw_saved_self).toBeInstanceOf(torch.autograd.SavedTensor)
      expect(out1.grad_fn._saved_dim).toBe(0)
      out2.grad_fn._raw_saved_self.register_hooks(same, same)
      out2.sum().backward()
      expect(errorOf(() => out2.grad_fn._saved_self)).toMatch(FREED)
      expect(out1.grad_fn._saved_dim).toBe(0)
    })
    // Some tensors or none
    scope(() => {
      const indices = torch.tensor([0, 1])
      const out = leafOf([2, 2]).at(':', indices)
      expect(out.grad_fn._saved_indices).toEqual([null, indices])
      expect(out.grad_fn._saved_self_sym_sizes).toEqual([2, 2])
      const [none, some] = out.grad_fn._raw_saved_indices
      expect([none, some].every((raw) => raw instanceof torch.autograd.SavedTensor)).toBe(true)
      some.register_hooks(same, same)
      expect(errorOf(() => none.register_hooks(same, same))).toBe(
        'RuntimeError: Calling register_hooks on a saved tensor with value None is forbidden',
      )
      out.sum().backward()
      expect(errorOf(() => out.grad_fn._saved_indices)).toMatch(FREED)
      expect(errorOf(() => out.grad_fn._raw_saved_indices)).toMatch(FREED)
    })
    scope(() => {
      const a = leafOf([2, 2])
      const out = a.mul(a)
      out.grad_fn._raw_saved_self.register_hooks(same, same)
      out.sum().backward()
      expect(errorOf(() => out.grad_fn._raw_saved_self.register_hooks(same, same))).toMatch(/after it has been freed/)
    })
    // Numbers, flags, words, lists; each of its kind, or None
    scope(() => {
      const a = leafOf([2, 2])
      const index = torch.tensor([
        [0, 1],
        [1, 0],
      ])
      const reduced = a.scatter_reduce(0, index, values([2, 2]), 'amax').grad_fn
      expect([reduced._saved_reduce, reduced._saved_include_self, reduced._saved_dim]).toEqual(['amax', true, 0])
      const summed = a.sum([0], { keepdim: true }).grad_fn
      expect([summed._saved_dim, summed._saved_keepdim]).toEqual([[0], true])
      expect([a.pow(2.5).grad_fn._saved_exponent, a.pow(2).grad_fn._saved_exponent]).toEqual([2.5, 2])
      for (const threshold of [1.5, 1, false]) {
        const x = leaf([0, 0])
        expect(torch.threshold(x, threshold, threshold).grad_fn._saved_threshold).toBe(threshold)
      }
      const halved = (rounding_mode: 'trunc' | 'floor' | null) => torch.div(leaf([1]), 2, { rounding_mode }).grad_fn
      for (const mode of ['trunc', 'floor', null] as const) {
        expect(halved(mode).name()).toBe('DivBackward2')
        expect(halved(mode)._saved_rounding_mode).toBe(mode)
      }
      const logit = (eps?: number) => torch.logit(leafOf([1, 1, 2]), eps).grad_fn
      expect([logit(1)._saved_eps, logit(0.25)._saved_eps, logit()._saved_eps]).toEqual([1, 0.25, null])
      expect(a.as_strided([3], [1], 1).grad_fn._saved_storage_offset).toBe(1)
      expect(a.as_strided([3], [1]).grad_fn._saved_storage_offset).toBeNull()
      expect(a.mul(values([2, 2])).grad_fn._saved_self).toBeNull()
    })
    // An output
    scope(() => {
      const out = leaf([1, 1]).tanh()
      expectClose(out.grad_fn._saved_result as Tensor, out)
      out.sum().backward()
      expect(errorOf(() => out.grad_fn._saved_result)).toMatch(FREED)
    })
    // A tensor or none
    scope(() => {
      const { nll_loss } = torch.nn.functional
      const [a, target] = [leafOf([3, 5]), torch.tensor([1, 0, 4])]
      expect(nll_loss(a, target).grad_fn._saved_weight).toBeNull()
      const weight = torch.ones(5, { dtype: torch.float64 })
      const out = nll_loss(a, target, weight)
      expectClose(out.grad_fn._saved_weight as Tensor, weight)
      out.sum().backward()
      expect(errorOf(() => out.grad_fn._saved_weight)).toMatch(FREED)
    })
  })

  it('test_isolated_node', () => {
    // The indices of a maximum have no history: what is made of them adds nothing to the graph.
    scope(() => {
      const [x, y] = [leafOf([5, 5], 1), leafOf([5, 5], 2)]
      const a = x.add(y)
      const [, indices] = a.max(1, true)
      const b = indices.repeat(1, 5).double()
      expect([b.shape, b.requires_grad]).toEqual([[5, 5], false])
      b.add(a).sum().backward()
      expectClose(x.grad, torch.ones_like(x))
    })
  })

  it('test_save_output_nr', () => {
    class MultiOutput extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): [Tensor, Tensor] {
        return [x.at(':5'), x.at('5:')]
      }
      static override backward(_: Ctx, ...grads: Tensor[]): Tensor {
        return torch.cat(grads)
      }
    }
    let seen: unknown
    class Saves extends AutogradFunction {
      static override forward(ctx: Ctx, b: Tensor): Tensor {
        ctx.save_for_backward(b)
        return b.mul(2)
      }
      static override backward(ctx: Ctx, g: Tensor): Tensor {
        seen = ctx.saved_tensors[0]!.output_nr
        return g.mul(2)
      }
    }
    scope(() => {
      const x = leafOf([10])
      const [a, b] = MultiOutput.apply(x)
      expect([a.output_nr, b.output_nr]).toEqual([0, 1])
      Saves.apply(b).sum().backward()
      expect(seen).toBe(1)
      expect(x.grad.tolist()).toEqual([0, 0, 0, 0, 0, 2, 2, 2, 2, 2])
    })
  })

  it('test_first_grad_fn_access_in_no_grad_mode', () => {
    // The view's node is stale: it is made anew at the access, grad mode or not.
    scope(() => {
      const a = leaf([1, 1]).clone()
      const v = a.at(0)
      a.add_(1)
      expect(torch.no_grad(() => v.grad_fn.name())).toBe('AsStridedBackward0')
      v.backward()
    })
  })

  it('test_duplicate_backward_root', () => {
    scope(() => {
      const [a, b] = [leafOf([5, 5], 1), leafOf([5, 5], 2)]
      const x = a.mul(b)
      const g = values([5, 5], 3)
      torch.autograd.backward([x, x], [g, g])
      expectClose(a.grad, b.mul(g).mul(2))
      expectClose(b.grad, a.mul(g).mul(2))
    })
  })

  it('test_variable_traverse', () => {
    // A handle in the middle of the graph that only a JavaScript cycle refers to: its going takes nothing along.
    scope(() => {
      const out = scope(() => {
        const tmp = leafOf([10]).view(10, 1)
        const list: unknown[] = [tmp]
        list.push(list)
        return tmp.view(10)
      })
      out.backward(values([10]))
    })
  })

  it('test_naughty_autograd_function_attribute_access', () => {
    const f = new Id()
    expect(warnings).toEqual([
      "DeprecationWarning: <class 'Id'> should not be instantiated. Methods on autograd functions are all static, so you should invoke them on the class itself. Instantiating an autograd function will raise an error in a future version of PyTorch.",
    ])
    expect(f).toBeInstanceOf(Id)
    scope(() => {
      const x = leaf([0])
      expect(errorOf(() => f.call(x))).toMatch(
        /^RuntimeError: Legacy autograd function with non-static forward method is deprecated\./,
      )
      expect(Id.apply(x).grad_fn.name()).toBe('IdBackward')
    })
    const attributes = f as unknown as Record<string, unknown>
    for (const name of ['_register_hook_dict', 'register_hook', 'next_functions', 'name', 'metadata']) {
      expect(errorOf(() => attributes[name])).toMatch(
        new RegExp(`^RuntimeError: Attribute '${name}' is invalid for this instance of _C\\._FunctionBase\\.`),
      )
    }
  })

  it('test_no_unnecessary_save', () => {
    scope(() => {
      const mu = leaf([1])
      const x = torch.empty([1], { dtype: torch.float64 })
      const losses = [0, 1, 2].map((i) => {
        x.detach_()
        x.copy_(mu.add(i))
        return x.mul(tensor([i])).sum()
      })
      losses.reduce((sum, s) => sum.add(s)).backward()
      expect(mu.grad.tolist()).toEqual([3])
    })
  })

  it('test_no_unnecessary_unwrapping', () => {
    scope(() => {
      const a = leafOf([5])
      const original = a.tolist()
      const b = a.mul(a)
      const c = a.mul(b)
      const d = a.exp()
      for (const saved of [b.grad_fn._saved_self, b.grad_fn._saved_other, c.grad_fn._saved_self]) expect(saved).toBe(a)
      expect(c.grad_fn._saved_other).toBe(b)
      expectClose(d.grad_fn._saved_result as Tensor, d)
      expect(d.grad_fn._saved_result).not.toBe(d)
      c.sum().backward()
      expect(errorOf(() => c.grad_fn._saved_self)).toMatch(FREED)
      expect(a.tolist()).toEqual(original)
    })
  })

  it('test_dir', () => {
    // Everything that a tensor has can be asked of any tensor.
    scope(() => {
      const x = values([3, 3])
      const names = new Set<string>()
      for (let level = x as object; level !== Object.prototype; level = Object.getPrototypeOf(level)) {
        for (const name of Object.getOwnPropertyNames(level)) names.add(name)
      }
      expect([...names]).toEqual(expect.arrayContaining(['shape', 'grad', 'add_', 'requires_grad']))
      for (const name of names) {
        expect(() => (x as unknown as Record<string, unknown>)[name], name).not.toThrow()
        expect(name in x).toBe(true)
      }
      expect('imag' in x).toBe(false)
    })
  })

  it('test_will_engine_execute_node', () => {
    const willRun = torch._C._will_engine_execute_node
    class MyFunction extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): Tensor {
        return x.mul(2)
      }
      static override backward(_: Ctx, g: Tensor): Tensor {
        return g.mul(2)
      }
    }
    const nodeOf = (t: Tensor): GradFn => (t.is_leaf ? t.clone().grad_fn.next_functions[0][0] : t.grad_fn)
    scope(() => {
      const [a, a2] = [leafOf([2, 3, 4], 1), leafOf([2, 3, 4], 2)]
      const b = a.mul(a2)
      const b2 = b.cos()
      const c = MyFunction.apply(b)
      let counter = 0
      let should = [a, b, c].map(nodeOf)
      let shouldNot = [a2, b2].map(nodeOf)
      const hook = () => {
        counter++
        expect(should.map(willRun)).toEqual(should.map(() => true))
        expect(shouldNot.map(willRun)).toEqual(shouldNot.map(() => false))
        return null
      }
      b.register_hook(hook)
      c.register_hook(hook)

      const out = c.sum()
      torch.autograd.backward(out, { inputs: [a, b2], retain_graph: true })
      expect(counter).toBe(2)

      should = [a, a2, b, c].map(nodeOf)
      shouldNot = [b2].map(nodeOf)
      torch.autograd.backward(out, { retain_graph: true })
      expect(counter).toBe(4)

      expect(errorOf(() => torch.autograd.grad(out, a))).toBe(
        'RuntimeError: A leaf node was passed to _will_engine_execute_node but we are currently running autograd.grad(). This is currently not supported.',
      )
      expect(errorOf(() => willRun(out.grad_fn))).toBe(
        'RuntimeError: _get_should_execute_nodes should only be called during the backward pass',
      )
      expect(errorOf(() => willRun(out as never))).toBe(
        'RuntimeError: _will_engine_execute_node expects an grad_fn, but got Tensor',
      )
    })
    scope(() => {
      const a = leafOf([1, 2, 3]).mul(2)
      const b = a.mul(2)
      const seen: boolean[] = []
      b.register_hook(() => {
        seen.push(willRun(b.grad_fn))
        return null
      })
      torch.autograd.grad(b.sum(), a)
      expect(seen).toEqual([true])
    })
  })

  it('test_free_deep_graph', () => {
    scope(() => {
      let y = leaf([1]).clone()
      for (let i = 0; i < 150_000; i++) y = scope(() => y.add(y.mul(0.000001)))
    })
  })

  it('test_free_deep_graph_complicated', () => {
    scope(() => {
      let y = leaf([1]).clone()
      let before: Tensor | null = null
      for (let i = 0; i < 50_000; i++) {
        const last: Tensor = y
        const older: Tensor | null = before
        y = scope(() => {
          const sum = last.add(last.mul(0.000001))
          return older && i % 2 ? sum.add(torch.cat([older, last]).mul(0.000001).sum()) : sum
        })
        before = last
      }
    })
  })

  it('test_free_deep_graph_pyfunction', () => {
    class MyOp extends AutogradFunction {
      static override forward(_: Ctx, a: Tensor, b: Tensor): Tensor {
        return a.add(b)
      }
      static override backward(_: Ctx, g: Tensor): Tensor[] {
        return [g, g]
      }
    }
    scope(() => {
      let y = leaf([1]).clone()
      for (let i = 0; i < 150_000; i++) y = scope(() => MyOp.apply(y, y))
    })
  })

  it('test_pickle diverges: a tensor is no data; its elements are, as lists', () => {
    scope(() => {
      const x = leafOf([10, 10])
      expect(() => structuredClone(x)).not.toThrow()
      expect(structuredClone(x)).not.toBeInstanceOf(torch.Tensor)
      const copy = leaf(JSON.parse(JSON.stringify(x.tolist())))
      expectClose(copy, x, 0)
      expect(copy.requires_grad).toBe(true)
    })
  })
})

describe('a node that is called', () => {
  it('computes what backward would, and frees nothing', () => {
    scope(() => {
      const x = leaf([1, 2])
      const y = x.mul(tensor([3, 4]))
      for (const _ of [1, 2]) {
        const [g, none] = y.grad_fn.call(tensor([1, 10])) as [Tensor, null]
        expect([g.tolist(), none]).toEqual([[3, 40], null])
      }
      expect(x.grad).toBeNull()
      y.sum().backward()
      expect(errorOf(() => y.grad_fn.call(tensor([1, 1])))).toMatch(FREED)
    })
  })
  it('gives a bare gradient for one input, and records where grad mode is on', () => {
    scope(() => {
      const y = leaf([1, 2]).exp()
      const g = y.grad_fn.call(tensor([1, 1])) as Tensor
      expect(g.grad_fn.name()).toBe('MulBackward0')
      expect(torch.no_grad(() => y.grad_fn.call(tensor([1, 1])) as Tensor).grad_fn).toBeNull()
      expect(y.grad_fn.call(null)).toBeNull()
    })
  })
  it('accumulates into a leaf', () => {
    scope(() => {
      const x = leaf([1, 2])
      const [[accumulate]] = x.mul(3).grad_fn.next_functions
      for (const n of [1, 2]) {
        expect(accumulate.call(tensor([1, 1]))).toEqual([])
        expect(x.grad.tolist()).toEqual([n, n])
      }
      expect(accumulate.call(null)).toEqual([])
    })
  })
  it('takes a gradient for each output', () => {
    scope(() => {
      const [first] = leaf([1, 2]).unbind()
      expect((first.grad_fn.call(tensor(1), null) as Tensor).tolist()).toEqual([1, 0])
      const wrote = leaf([1, 2]).mul(1)
      wrote.at(0).mul_(2)
      const grads = wrote.grad_fn.call(tensor([1, 1])) as [Tensor, null]
      expect([grads[0].tolist(), grads[1]]).toEqual([[2, 1], null])
    })
  })
  it('runs no hooks, and a custom backward with what it expects', () => {
    scope(() => {
      const y = Id.apply(leaf([1, 2]))
      let ran = 0
      y.grad_fn.register_hook(() => void ran++)
      y.grad_fn.register_prehook(() => void ran++)
      expect((y.grad_fn.call(tensor([1, 2])) as Tensor).tolist()).toEqual([1, 2])
      expect(ran).toBe(0)
    })
  })
  it('refuses another number of gradients and what is no tensor', () => {
    scope(() => {
      const node = leaf([1, 2]).mul(3).grad_fn
      expect(errorOf(() => node.call())).toBe('TypeError: expected 1 arguments, got 0 instead')
      expect(errorOf(() => node.call(tensor([1]), tensor([1])))).toBe('TypeError: expected 1 arguments, got 2 instead')
      expect(errorOf(() => node.call(1 as never))).toBe('TypeError: argument 0 is not a Variable')
      expect(
        errorOf(() =>
          leaf([1, 2])
            .exp()
            .grad_fn.call(tensor([1, 2, 3])),
        ),
      ).toMatch(/^RuntimeError: The size of tensor a \(3\) must match the size of tensor b \(2\)/)
    })
  })
})
