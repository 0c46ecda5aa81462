import { describe, expect, it } from 'vitest'
import { RuntimeError, scope, torch } from '../../src/index'
import { errorOf, expectClose, keepsCounters, leaf, leafOf, type Tensor, tensor } from './harness'

keepsCounters()

const { saved_tensors_hooks, disable_saved_tensors_hooks, save_on_cpu } = torch.autograd.graph
const { _saved_tensors_hooks_is_enabled } = torch._C
const same = (x: Tensor) => x
const twice = (x: Tensor) => x.mul(2)
const half = (x: Tensor) => x.div(2)

const MODIFIED =
  'RuntimeError: A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot ' +
  'be modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to ' +
  'perform in-place operations on the input to a pack hook.'
const ALREADY =
  'RuntimeError: Calling register_hooks on a saved tensor whose hooks have already been set. Hint: only one pair of hooks ' +
  'is allowed at a time.'

describe("PyTorch's tests of saved-tensor hooks", () => {
  describe.each([
    ['a leaf', () => leafOf([5])],
    ['no leaf', () => leafOf([5]).add(1)],
  ])('of %s', (kind, input) => {
    const isLeaf = kind === 'a leaf'

    it('test_saved_variable_packing_unpacking_saved_original_with_hooks', () => {
      scope(() => {
        let a = input()
        let y = a.mul(a)
        y.grad_fn._raw_saved_self.register_hooks(twice, half)
        expectClose(y.grad_fn._saved_self as Tensor, a)
        expect(String((y.grad_fn._saved_self as Tensor).grad_fn)).toBe(String(a.grad_fn))
        y.sum().backward()
        if (isLeaf) expectClose(a.grad, a.mul(2))

        a = input()
        y = a.mul(a)
        y.grad_fn._raw_saved_self.register_hooks(twice, same)
        expectClose(y.grad_fn._saved_self as Tensor, a.mul(2))
        expect(String((y.grad_fn._saved_self as Tensor).grad_fn)).toBe(String(a.grad_fn))
        y.sum().backward()
        if (isLeaf) expectClose(a.grad, a.mul(3))
      })
      scope(() => {
        const a = input()
        const y = a.pow(3)
        y.grad_fn._raw_saved_self.register_hooks(same, same)
        const [g] = torch.autograd.grad(y.sum(), a, { create_graph: true })
        expect(String((y.grad_fn._saved_self as Tensor).grad_fn)).toBe(String(a.grad_fn))
        g!.sum().backward()
        if (isLeaf) expectClose(a.grad, a.mul(6))
      })
      scope(() => {
        const a = input()
        const y = a.mul(a)
        y.grad_fn._raw_saved_self.register_hooks(same, () => 1 as never)
        expect(errorOf(() => y.grad_fn._saved_self)).toBe(
          'TypeError: Output of saved tensor unpack_hook expected to be a Tensor but got result of type int',
        )
        expect(errorOf(() => y.sum().backward())).toMatch(/^TypeError: Output of saved tensor unpack_hook/)
      })
      // A hook that cannot do with one argument fails, and nothing is registered.
      scope(() => {
        const a = input()
        const y = a.mul(a)
        const needsTwo = (x: Tensor, b: Tensor) => x.mul(b)
        expect(() => y.grad_fn._raw_saved_self.register_hooks(needsTwo as never, same)).toThrow(TypeError)
        y.grad_fn._raw_saved_self.register_hooks(same, same)
      })
      scope(() => {
        const a = input()
        const y = a.mul(a)
        expect(errorOf(() => y.grad_fn._raw_saved_self.register_hooks((x) => x.mul_(2), half))).toBe(MODIFIED)
      })
    })
  })

  it('test_saved_variable_packing_unpacking_did_not_save_original_with_hooks', () => {
    scope(() => {
      const a = leafOf([5])
      const y = a.exp()
      y.grad_fn._raw_saved_result.register_hooks(same, same)
      expectClose(y.grad_fn._saved_result as Tensor, y)
      expect(String((y.grad_fn._saved_result as Tensor).grad_fn)).toBe(String(y.grad_fn))
      y.sum().backward()
      expectClose(a.grad, y)
    })
  })

  it('test_saved_variable_packing_unpacking_saved_original_with_default_hooks', () => {
    scope(() => {
      let packs = 0
      const counted = (x: Tensor) => {
        packs++
        return x
      }
      saved_tensors_hooks(counted, same, () => {
        const a = leafOf([5])
        a.mul(a)
        expect(packs).toBe(2)
      })
      const squared = (factor: number) => {
        const a = leafOf([5])
        const y = a.mul(a)
        expectClose(y.grad_fn._saved_self as Tensor, a.mul(factor))
        expectClose(y.grad_fn._saved_other as Tensor, a.mul(factor))
        y.sum().backward()
        expectClose(a.grad, a.mul(2 * factor))
      }
      saved_tensors_hooks(same, same, () => squared(1))
      saved_tensors_hooks(twice, half, () => squared(1))
      saved_tensors_hooks(twice, same, () => squared(2))
      squared(1)
    })
  })

  it('test_saved_variable_packing_unpacking_did_not_save_original_with_default_hooks', () => {
    scope(() => {
      saved_tensors_hooks(same, same, () => {
        const a = leafOf([5])
        const y = a.exp()
        expectClose(y.grad_fn._saved_result as Tensor, y)
        y.sum().backward()
        expectClose(a.grad, y)
      })
    })
  })

  it('test_setting_default_saved_variable_hooks_twice_should_not_fail', () => {
    expect(saved_tensors_hooks(same, same, () => saved_tensors_hooks(same, same, () => 7))).toBe(7)
    expect(_saved_tensors_hooks_is_enabled()).toBe(true)
  })

  it('test_setting_default_saved_variable_hooks_twice_should_use_inner', () => {
    const times = (n: number) => (x: Tensor) => x.mul(n)
    scope(() => {
      const [a, b] = [leafOf([5]), leafOf([5], 2)]
      const [y, z] = saved_tensors_hooks(times(3), times(3), () => {
        const inner = saved_tensors_hooks(times(5), times(5), () => a.mul(a))
        return [inner, b.mul(b)]
      })
      y.sum().backward()
      z.sum().backward()
      expectClose(a.grad, a.mul(2 * 5 * 5))
      expectClose(b.grad, b.mul(2 * 3 * 3))
    })
  })

  it('test_disabling_saved_tensor_hooks', () => {
    disable_saved_tensors_hooks('error message', () => {
      expect(errorOf(() => saved_tensors_hooks(same, same, () => 0))).toBe('RuntimeError: error message')
      expect(_saved_tensors_hooks_is_enabled()).toBe(false)
    })
    expect(_saved_tensors_hooks_is_enabled()).toBe(true)
    saved_tensors_hooks(same, same, () => {
      expect(errorOf(() => disable_saved_tensors_hooks('error message', () => 0))).toBe('RuntimeError: error message')
    })
    expect(_saved_tensors_hooks_is_enabled()).toBe(true)
  })

  it('test_disabling_saved_tensor_hooks_nested', () => {
    disable_saved_tensors_hooks('outer', () => {
      disable_saved_tensors_hooks('inner', () => {
        expect(errorOf(() => saved_tensors_hooks(same, same, () => 0))).toBe('RuntimeError: inner')
      })
      expect(_saved_tensors_hooks_is_enabled()).toBe(false)
      expect(errorOf(() => saved_tensors_hooks(same, same, () => 0))).toBe('RuntimeError: outer')
    })
    expect(_saved_tensors_hooks_is_enabled()).toBe(true)
  })

  it('test_pack_hook_with_inplace_modification_should_fail', () => {
    scope(() => {
      const a = leafOf([5])
      const inc = (x: Tensor) => x.add_(1)
      saved_tensors_hooks(inc, same, () => {
        expect(errorOf(() => a.exp())).toBe(MODIFIED)
      })
      const y = a.exp()
      expect(errorOf(() => y.grad_fn._raw_saved_result.register_hooks(inc, same))).toBe(MODIFIED)
    })
  })

  it('test_default_saved_variable_hooks_double_backward', () => {
    const second = (a: Tensor, s: Tensor) => {
      const [g] = torch.autograd.grad(s, a, { create_graph: true })
      g!.sum().backward()
      return a.grad
    }
    scope(() => {
      const a = leafOf([5])
      saved_tensors_hooks(same, same, () => expectClose(second(a, a.pow(3).sum()), a.mul(6)))
    })
    scope(() => {
      const a = leafOf([5])
      const s = saved_tensors_hooks(twice, same, () => a.pow(3).sum())
      expectClose(second(a, s), a.mul(6 * 2))
    })
    // The formula saves the incoming gradient and `a` again: a factor for each.
    scope(() => {
      const a = leafOf([5])
      const s = a.pow(3).sum()
      saved_tensors_hooks(twice, same, () => expectClose(second(a, s), a.mul(6 * 4)))
    })
    scope(() => {
      const a = leafOf([5])
      saved_tensors_hooks(twice, same, () => expectClose(second(a, a.pow(3).sum()), a.mul(6 * 8)))
    })
  })

  it('test_graph_save_on_cpu', () => {
    for (const pin of [true, false]) {
      for (const dtype of [torch.float32, torch.float64]) {
        scope(() => {
          save_on_cpu(pin, () => {
            const a = torch.tensor([1.5, -2, 0.25, 3, 8], { dtype, requires_grad: true })
            const y = a.mul(a)
            const saved = y.grad_fn._saved_self as Tensor
            expect([saved.tolist(), saved.dtype]).toEqual([a.tolist(), dtype])
            expect((y.grad_fn._saved_other as Tensor).tolist()).toEqual(a.tolist())
            y.sum().backward()
            expect(a.grad.tolist()).toEqual(a.mul(2).tolist())
          })
        })
      }
    }
  })
})

describe('what pack sees', () => {
  const seenBy = (run: () => unknown) => {
    const seen: unknown[] = []
    const look = (x: Tensor) => {
      seen.push([x.tolist(), x.requires_grad, x.grad_fn?.name() ?? null, x._version, torch.is_grad_enabled()])
      return x
    }
    saved_tensors_hooks(look, same, run)
    return seen
  }
  it('is the input itself, or the output with its node; no scalars', () => {
    scope(() => {
      const a = leaf([1, 4])
      const h = a.mul(1)
      expect(seenBy(() => a.mul(3))).toEqual([])
      expect(seenBy(() => a.pow(3))).toEqual([[[1, 4], true, null, 0, false]])
      expect(seenBy(() => h.mul(h))).toEqual(Array(2).fill([[1, 4], true, 'MulBackward0', 0, false]))
      expect(seenBy(() => a.sqrt())).toEqual([[[1, 2], true, 'SqrtBackward0', 0, false]])
      expect(seenBy(() => torch.where(a.gt(2), a, a.mul(2)))).toEqual([[[false, true], false, null, 0, false]])
    })
  })
  it('is what an op in place will have written, or what was there', () => {
    scope(() => {
      const h = leaf([1, 4]).mul(1)
      expect(seenBy(() => h.sqrt_())).toEqual([[[1, 2], true, 'SqrtBackward0', 1, false]])
      const g = leaf([1, 4]).mul(1)
      expect(seenBy(() => g.mul_(g))).toEqual([
        [[1, 4], true, 'MulBackward0', 0, false],
        [[1, 4], true, 'CloneBackward0', 0, false],
      ])
    })
  })
  it('is detached when hooks are registered later', () => {
    scope(() => {
      const h = leaf([1, 4]).mul(1)
      h.mul(h).grad_fn._raw_saved_self.register_hooks((x) => {
        expect([x.requires_grad, x.grad_fn, x.data_ptr()]).toEqual([false, null, h.data_ptr()])
        return x
      }, same)
    })
  })
})

describe('what unpack returns stands where the saved tensor did', () => {
  it('with its version counter, but versions are not compared', () => {
    scope(() => {
      const h = leaf([1, 4]).mul(1)
      const y = saved_tensors_hooks(
        (x) => x.clone(),
        same,
        () => h.mul(h),
      )
      h.add_(1)
      const saved = y.grad_fn._saved_self as Tensor
      expect([saved.tolist(), saved._version]).toEqual([[1, 4], 1])
      y.sum().backward()
    })
  })
  it('with the edge of a leaf, whose gradient it receives', () => {
    scope(() => {
      const a = leaf([1, 4])
      const saved = saved_tensors_hooks(twice, same, () => a.mul(a).grad_fn._saved_self as Tensor)
      expect([saved.is_leaf, saved.requires_grad, saved.tolist()]).toEqual([true, true, [2, 8]])
      saved.mul(3).sum().backward()
      expect([a.grad.tolist(), saved.grad]).toEqual([[3, 3], null])
    })
  })
  it('with the output number of one of several', () => {
    scope(() => {
      const [, second] = leaf([1, 4]).mul(1).unbind()
      const saved = saved_tensors_hooks(same, same, () => second.mul(second).grad_fn._saved_self as Tensor)
      expect([saved.output_nr, saved.grad_fn.name()]).toEqual([1, 'UnbindBackward0'])
    })
  })
  it('whatever pack returned, also beyond its scope', () => {
    scope(() => {
      const a = leaf([1, 4])
      const y = scope(() =>
        saved_tensors_hooks(
          (x) => ({ kept: [x.mul(2)] }),
          ({ kept }) => kept[0].div(2),
          () => a.mul(a).sum(),
        ),
      )
      y.backward()
      expect(a.grad.tolist()).toEqual([2, 8])
    })
  })
  it('also when it is a number of nothing like the tensor', () => {
    scope(() => {
      const a = leaf([1, 4])
      const store = new Map<number, number[]>()
      const y = saved_tensors_hooks(
        (x) => {
          store.set(store.size, x.tolist() as number[])
          return store.size - 1
        },
        (key) => tensor(store.get(key)!),
        () => a.mul(a).sum(),
      )
      y.backward()
      expect(a.grad.tolist()).toEqual([2, 8])
    })
  })
})

describe('hooks that throw', () => {
  const mine = new Error('mine')
  const bad = (): never => {
    throw mine
  }
  it('in pack: out of place there is no result, in place nothing is written', () => {
    scope(() => {
      const h = leaf([1, 4]).mul(1)
      const state = () => [h.tolist(), h._version, h.grad_fn.name()]
      const untouched = state()
      using _ = saved_tensors_hooks(bad, same)
      for (const run of [
        () => h.exp(),
        () => h.mul(h),
        () => h.mul_(h),
        () => h.exp_(),
        () => h.sqrt_(),
        () => h.pow_(h),
      ]) {
        expect(run).toThrow(mine)
        expect(state()).toEqual(untouched)
      }
    })
  })
  it('in unpack: the backward pass ends, and can be repeated', () => {
    scope(() => {
      const a = leaf([1, 4])
      let fails = true
      const y = saved_tensors_hooks(
        same,
        (x: Tensor) => (fails ? bad() : x),
        () => a.mul(a).sum(),
      )
      expect(() => y.backward({ retain_graph: true })).toThrow(mine)
      fails = false
      y.backward()
      expect(a.grad.tolist()).toEqual([2, 8])
    })
  })
  it('when they are registered: the tensor stays saved', () => {
    scope(() => {
      const a = leaf([1, 4])
      const y = a.mul(a)
      expect(() => y.grad_fn._raw_saved_self.register_hooks(bad, same)).toThrow(mine)
      expect(y.grad_fn._saved_self).toBe(a)
    })
  })
})

describe('hooks that use the library', () => {
  it('in the middle of an op with arguments', () => {
    scope(() => {
      const a = leaf([
        [1, 2],
        [3, 4],
      ])
      const busy = (x: Tensor) => {
        x.reshape([-1, 1]).expand([-1, 3]).sum([0, 1], { keepdim: true }).mul(0.5).add(x)
        return x.clone()
      }
      using _ = saved_tensors_hooks(busy, busy)
      const y = torch.where(a.gt(2), a.pow(2), a).mm(a)
      expect(y.tolist()).toEqual([
        [7, 10],
        [57, 82],
      ])
      y.sum().backward()
      expect(a.grad.tolist()).toEqual([
        [13, 17],
        [36, 74],
      ])
    })
  })
  it('with a backward of its own, even of the same graph', () => {
    scope(() => {
      const a = leaf([1, 4])
      let inside = false
      const y = a.mul(a).sum()
      y.grad_fn.next_functions[0][0]._raw_saved_self.register_hooks(same, (x: Tensor) => {
        if (!inside) {
          inside = true
          y.backward()
        }
        return x
      })
      y.backward()
      expect(a.grad.tolist()).toEqual([4, 16])
      expect(errorOf(() => y.backward())).toMatch(/^RuntimeError: Trying to backward through the graph a second time/)
    })
  })
})

describe('SavedTensor', () => {
  it('test_cant_create_saved_tensors', () => {
    expect(errorOf(() => new torch.autograd.SavedTensor())).toBe(
      'RuntimeError: Trying to create a SavedTensor object from Python is forbidden.',
    )
  })
  it('shows what is kept', () => {
    scope(() => {
      const a = leaf([1, 4])
      const y = a.mul(a)
      const saved = y.grad_fn._raw_saved_self
      expect([saved.data, saved.unpack_hook, saved.unpack()]).toEqual([a, null, a])
      const unpack = (packed: { k: Tensor }) => packed.k
      saved.register_hooks((k) => ({ k: k.mul(2) }), unpack)
      expect([(saved.data as { k: Tensor }).k.tolist(), saved.unpack_hook]).toEqual([[2, 8], unpack])
      expect(errorOf(() => saved.register_hooks(same, same))).toBe(ALREADY)
      y.sum().backward()
      expect([saved.data, saved.unpack_hook]).toEqual([null, null])
      expect(errorOf(() => saved.unpack())).toMatch(/^RuntimeError: Trying to backward through the graph a second time/)
      expect(errorOf(() => saved.register_hooks(same, same))).toMatch(
        /^RuntimeError: Calling register_hooks on a saved tensor after it has been freed\./,
      )
    })
  })
  it('of nothing refuses hooks, and so do hooks of nothing', () => {
    scope(() => {
      const y = leaf([1, 4]).mul(tensor([2, 3]))
      expect(errorOf(() => y.grad_fn._raw_saved_self.register_hooks(same, same))).toBe(
        'RuntimeError: Calling register_hooks on a saved tensor with value None is forbidden',
      )
      expect(errorOf(() => y.grad_fn._raw_saved_other.register_hooks(1 as never, same))).toMatch(
        /^TypeError: register_hooks\(\): incompatible function arguments\./,
      )
      expect(y.grad_fn._raw_saved_result).toBeUndefined()
    })
  })
})

describe('the hooks of a scope', () => {
  it('end with it, also by an exception or when a promise settles', async () => {
    const packs = (x: Tensor) => {
      const before = count
      scope(() => void x.exp())
      return count - before
    }
    let count = 0
    const counted = (x: Tensor) => {
      count++
      return x.detach()
    }
    const x = leaf([1])
    expect(() =>
      saved_tensors_hooks(counted, same, () => {
        throw new RuntimeError('out')
      }),
    ).toThrow('out')
    expect(packs(x)).toBe(0)
    const waits = saved_tensors_hooks(counted, same, async () => {
      await Promise.resolve()
      return packs(x)
    })
    expect(await waits).toBe(1)
    expect(packs(x)).toBe(0)
    {
      using _ = saved_tensors_hooks(counted, same)
      expect(packs(x)).toBe(1)
    }
    expect(packs(x)).toBe(0)
    x.dispose()
  })
  it('leak nothing when pack keeps the very output, a cycle', () => {
    scope(() => {
      saved_tensors_hooks(same, same, () => leaf([1, 4]).exp().mul(2).tanh())
    })
  })
  it('leave what is saved from inside a custom Function too', () => {
    class Square extends torch.autograd.Function {
      static override forward(ctx: Parameters<typeof torch.autograd.Function.forward>[0], x: Tensor): Tensor {
        ctx.save_for_backward(x)
        return x.mul(x)
      }
      static override backward(ctx: Parameters<typeof torch.autograd.Function.forward>[0], g: Tensor): Tensor {
        return g.mul(ctx.saved_tensors[0]!).mul(2)
      }
    }
    scope(() => {
      const a = leaf([1, 4])
      const y = saved_tensors_hooks(twice, same, () => Square.apply(a))
      y.sum().backward()
      expect(a.grad.tolist()).toEqual([4, 16])
    })
  })
})
