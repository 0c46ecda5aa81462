// Ports of PyTorch's tests of in-place updates, versions, `detach` and `.data`.
import { describe, expect, it } from 'vitest'
import { id, scope, torch } from '../../src/index'
import { errorOf, expectClose, keepsCounters, leaf, leafOf, type Tensor, tensor, values } from './harness'

keepsCounters()

const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]

const ones = (...shape: number[]) => torch.ones(shape, { dtype: torch.float64 })
const full = (shape: number[], value: number) => torch.full(shape, value, { dtype: torch.float64 })

const modified = (saved: string, version: number, expected: number) =>
  'RuntimeError: one of the variables needed for gradient computation has been modified by an inplace operation: ' +
  `[torch.DoubleTensor ${saved} is at version ${version}; expected version ${expected} instead. Hint: enable anomaly ` +
  'detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True).'

describe('in-place updates', () => {
  it('test_inplace', () => {
    scope(() => {
      const x = ones(5, 5).requires_grad_()
      const y = full([5, 5], 4).requires_grad_()
      const g = () => ones(5, 5)
      {
        const z = x.mul(y)
        const q = z.add(y)
        const w = z.mul(y)
        z.add_(2)
        // The sum keeps nothing of z, the product does.
        q.backward(g(), { retain_graph: true })
        expect(errorOf(() => w.backward(g()))).toBe(modified('[5, 5]], which is output 0 of AddBackward0,', 1, 0))
      }
      {
        const z = x.mul(y)
        const q = z.mul(y)
        const r = z.add(y)
        const w = z.add_(y)
        w.backward(g(), { retain_graph: true })
        r.backward(g(), { retain_graph: true })
        expect(errorOf(() => q.backward(g()))).toBe(modified('[5, 5]], which is output 0 of AddBackward0,', 1, 0))
      }
      torch.no_grad(() => x.grad.zero_())
      const z = x.div(2).add(y.div(8))
      const q = z.mul(y)
      const r = z.add(y)
      const before = z._version
      const w = z.exp_()
      expect([w === z, z._version]).toEqual([true, before + 1])
      r.backward(g(), { retain_graph: true })
      expectClose(x.grad, full([5, 5], 1 / 2))
      w.backward(g(), { retain_graph: true })
      expectClose(x.grad, full([5, 5], (1 + Math.E) / 2))
      expect(errorOf(() => q.backward(g()))).toBe(modified('[5, 5]], which is output 0 of ExpBackward0,', 1, 0))
    })
    scope(() => {
      const start = ones(5, 5).requires_grad_()
      const x = start.clone()
      x.add_(10)
      expectClose(x, full([5, 5], 11))
      const y = x.add(2)
      y.backward(ones(5, 5))
      expectClose(start.grad, ones(5, 5))
      const z = x.mul(y)
      x.add_(2)
      expect(errorOf(() => z.backward(ones(5, 5)))).toBe(modified('[5, 5]], which is output 0 of AddBackward0,', 2, 1))
    })
  })

  it('test_requires_grad_inplace', () => {
    scope(() => {
      for (const a of [values([5, 5]), values([5, 5]).add(0)]) {
        expect(a.add_(leafOf([5, 5], 2))).toBe(a)
        expect([a.requires_grad, a.is_leaf, a.grad_fn.name()]).toEqual([true, false, 'AddBackward0'])
      }
    })
  })

  it('test_no_requires_grad_inplace', () => {
    scope(() => {
      // Written while it needs no gradient: directly, and through a view.
      for (const written of [(a: Tensor) => a, (a: Tensor) => a.at(':')]) {
        const a = values([2, 3])
        written(a).add_(5)
        a.requires_grad = true
        a.sum().backward()
        expectClose(a.grad, ones(2, 3))
      }
      const a = values([2, 3])
      const b = a.at(':')
      a.requires_grad = true
      expect(errorOf(() => a.add_(5))).toBe(
        'RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.',
      )
      expect(errorOf(() => b.add_(5))).toBe(
        'RuntimeError: a view of a leaf Variable that requires grad is being used in an in-place operation.',
      )
      expect([a._version, a.grad]).toEqual([0, null])
    })
  })

  it('test_inplace_not_requires_grad', () => {
    scope(() => {
      class MyFn extends AutogradFunction {
        static override forward(_: Ctx, x: Tensor) {
          return x.view_as(x)
        }
        static override backward(_: Ctx, grad: Tensor) {
          return grad
        }
      }
      const madeIn = (where: string) =>
        'RuntimeError: A view was created in no_grad mode and is being modified inplace with grad mode enabled. ' +
        where
      const ofFunction = madeIn(
        'This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic ' +
          'to handle view+inplace would override the custom backward associated with the custom Function, leading to ' +
          'incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.',
      )
      for (const write of [(v: Tensor, b: Tensor) => v.add_(b), (v: Tensor, b: Tensor) => v.copy_(b)]) {
        const a = values([1, 2])
        const view = MyFn.apply(a)
        expect(errorOf(() => write(view, leafOf([1])))).toBe(ofFunction)
        expect(a._version).toBe(0)
      }
      const [row] = values([1, 2]).unbind()
      expect(errorOf(() => row.copy_(leafOf([1])))).toBe(
        madeIn(
          'This view is the output of a function that returns multiple views. Such functions do not allow the output ' +
            'views to be modified inplace. You should replace the inplace operation by an out-of-place one.',
        ),
      )
      const a = values([1, 2])
      a.select(1, 0).copy_(leafOf([1]))
      expect(a.grad_fn.name()).toBe('torch::autograd::CopySlices')
    })
  })
})

describe('out=', () => {
  const OUT =
    "RuntimeError: mul(): functions with out=... arguments don't support automatic differentiation, but one of the " +
    'arguments requires grad.'

  it('test_out_variant_raises_when_inputs_require_grad', () => {
    scope(() => {
      const [a, b] = [leafOf([2, 2], 1), leafOf([2, 2], 2)]
      const x = torch.zeros_like(a)
      expect(errorOf(() => torch.mul(a, b, { out: x }))).toBe(OUT)
      expect([x._version, x.sum().item()]).toEqual([0, 0])
      torch.no_grad(() => {
        expect(torch.mul(a, b, { out: x })).toBe(x)
        expectClose(x, a.mul(b), 0)
      })
      expect([x._version, x.grad_fn]).toEqual([1, null])
    })
    scope(() => {
      const x = torch.zeros([2, 2], { dtype: torch.float64, requires_grad: true })
      expect(errorOf(() => torch.mul(values([2, 2], 1), values([2, 2], 2), { out: x }))).toBe(OUT)
    })
  })
})

describe('leaves', () => {
  it('test_no_grad_assignment', () => {
    scope(() => {
      const x = leafOf([5, 5])
      const y = values([5], 2)
      torch.no_grad(() => x.set_at_([0], y))
      expect([x.requires_grad, x.grad_fn, x._version]).toEqual([true, null, 1])
      expectClose(x.at(0), y)
    })
  })

  it('test_leaf_assignment', () => {
    scope(() => {
      const x = values([5, 5])
      const [y, z] = [leafOf([5], 2), leafOf([5], 3)]
      x.set_at_([0], y)
      x.set_at_([1], z.mul(2))
      expect([x.requires_grad, x.grad_fn.name()]).toEqual([true, 'torch::autograd::CopySlices'])
      x.sum().backward()
      expectClose(y.grad, ones(5))
      expectClose(z.grad, full([5], 2))
    })
  })

  it('test_return_leaf', () => {
    scope(() => {
      class Identity extends AutogradFunction {
        static override forward(_: Ctx, a: Tensor, b: Tensor) {
          return [a, a.add(b)]
        }
        static override backward(_: Ctx, a: Tensor, b: Tensor) {
          return [a.add(b), b]
        }
      }
      const [x, y] = [leafOf([5, 5], 1), leafOf([5, 5], 2)]
      const [q, p] = Identity.apply(x, y)
      const got: Tensor[] = []
      q.register_hook((grad) => {
        if (grad) got.push(grad.clone())
      })
      q.add(p).add(x).sum().backward()
      expectClose(x.grad, full([5, 5], 3))
      expectClose(y.grad, ones(5, 5))
      // The hook sees what came by q, not what came by x.
      expect(got.length).toBe(1)
      expectClose(got[0], ones(5, 5))
    })
  })

  it('test_return_leaf_inplace', () => {
    scope(() => {
      class Inplace extends AutogradFunction {
        static override forward(ctx: Ctx, a: Tensor, b: Tensor) {
          ctx.mark_dirty(a)
          return [a.add_(b), b.add(2)]
        }
        static override backward(_: Ctx, a: Tensor, b: Tensor) {
          return [a, a.add(b)]
        }
      }
      const [x, y] = [values([5, 5], 1), leafOf([5, 5], 2)]
      const [q] = Inplace.apply(x, y)
      expect([q === x, q.grad_fn.name(), q.requires_grad]).toEqual([true, 'InplaceBackward', true])
      q.sum().backward()
      expectClose(y.grad, ones(5, 5))
    })
  })
})

describe('versions', () => {
  it('test_version_counter', () => {
    scope(() => {
      const x = values([1, 2])
      x.add_(1).add_(1)
      expect(x._version).toBe(2)
      const view = x.at(':')
      expect(view._version).toBe(2)
      view.add_(1)
      expect([x._version, view._version]).toEqual([3, 3])
      x.data = values([2, 3], 2)
      expect([x._version, x.shape]).toEqual([3, [2, 3]])
      x.add_(1)
      expect([x._version, view._version]).toEqual([4, 4])
      view.add_(1)
      expect([x._version, view._version]).toEqual([5, 5])
    })
  })

  it('test_saved_variable_version_counter', () => {
    scope(() => {
      const b = leafOf([2]).exp()
      const unpacked = b.grad_fn._saved_result as Tensor
      expect([b.tolist(), b._version]).toEqual([unpacked.tolist(), unpacked._version])
      torch.no_grad(() => b.add_(1))
      expect([b.tolist(), b._version]).toEqual([unpacked.tolist(), 1])
      expect(unpacked._version).toBe(1)
    })
  })

  it('test_no_grad_modifies_version', () => {
    scope(() => {
      const [x, y] = [leafOf([5], 1), leafOf([5], 2)]
      const z = x.mul(y).sum()
      torch.no_grad(() => x.mul_(2))
      expect(errorOf(() => z.backward())).toBe(modified('[5]]', 1, 0))
    })
  })
})

describe('detach', () => {
  it('test_detach', () => {
    scope(() => {
      const y = leafOf([10, 10]).add(2).detach()
      const z = y.mul(4).add(2)
      expect([y.requires_grad, z.requires_grad]).toEqual([false, false])
    })
    scope(() => {
      const x = leafOf([10, 10])
      const y = x.mul(2).detach()
      expect([y.requires_grad, y.grad_fn]).toEqual([false, null])
      x.add(y).sum().backward()
      expectClose(x.grad, ones(10, 10))
    })
    scope(() => {
      const [x, y] = [leafOf([10, 10], 1), leafOf([10, 10], 2)]
      const a = x.mul(2)
      y.add(a).sum().backward({ retain_graph: true })
      expect(a.detach_()).toBe(a)
      expect([a.requires_grad, a.is_leaf]).toEqual([false, true])
      y.add(a).sum().backward()
      expectClose(x.grad, full([10, 10], 2))
      expectClose(y.grad, full([10, 10], 2))
      const view = x.narrow(0, 1, 4)
      expect(errorOf(() => view.detach_())).toMatch(
        /^RuntimeError: Can't detach views in-place\. Use detach\(\) instead\./,
      )
      expect(view.grad_fn.name()).toBe('SliceBackward0')
    })
  })

  it('test_detach_base', () => {
    scope(() => {
      const x = leafOf([10, 10])
      const view = x.narrow(0, 1, 4)
      x.detach_()
      expect([x.requires_grad, view.requires_grad, view.grad_fn.name()]).toEqual([false, true, 'SliceBackward0'])
      expect(view._base).toBe(x)
    })
  })

  it('test_detach_then_inplace_raises_in_autograd', () => {
    scope(() => {
      const x = leafOf([])
      const y = x.pow(2)
      x.detach().zero_()
      expect(errorOf(() => y.backward())).toBe(modified('[]]', 1, 0))
    })
  })
})

describe('attributes', () => {
  it('test_attribute_deletion', () => {
    // JavaScript's `delete` does not ask the object: what it leaves behind, undefined, is assigned instead. Hooks are no
    // attribute here.
    scope(() => {
      const x = leafOf([5, 5])
      const assign = (attribute: string, value: unknown) => errorOf(() => Object.assign(x, { [attribute]: value }))
      x.sum().backward()
      Object.assign(x, { grad: undefined })
      expect(x.grad).toBeNull()
      expect(assign('data', undefined)).toBe(
        'RuntimeError: Deleting tensor data is not allowed. Delete tensor instead!',
      )
      expect(assign('data', null)).toBe('TypeError: Variable data has to be a tensor, but got NoneType')
      expect(assign('requires_grad', undefined)).toBe('RuntimeError: requires_grad must be a bool')
      expect(assign('_grad_fn', undefined)).toBe(
        'RuntimeError: Deletion of _grad_fn not allowed. Detach tensor instead!',
      )
      expect(assign('_grad_fn', 3)).toBe('RuntimeError: _grad_fn can be only set to None')
      expect([x.requires_grad, x.shape]).toEqual([true, [5, 5]])
      const y = x.mul(2)
      y._grad_fn = null
      expect([y.grad_fn, y.requires_grad, y.is_leaf]).toEqual([null, false, true])
    })
  })

  it('test_set_data_tensorimpl_type diverges: only a tensor is refused or taken, there are no sparse ones', () => {
    scope(() => {
      const x = values([1, 2])
      expect(errorOf(() => Object.assign(x, { data: [1, 2] }))).toBe(
        'TypeError: Variable data has to be a tensor, but got list',
      )
      x.data = torch.ones([2], { dtype: torch.int32 })
      expect([x.dtype, x.shape]).toEqual([torch.int32, [2]])
    })
  })

  it('test_set_data_preserve_pyobj', () => {
    scope(() => {
      const [a, b] = [values([1, 2], 1), values([1, 2], 2)]
      const before = id(b)
      b.data = a
      expect([id(b) === before, b.data_ptr() === a.data_ptr()]).toEqual([true, true])
    })
  })

  it('test_set_data_self_requires_grad', () => {
    scope(() => {
      const a = leaf(1)
      a.data = tensor(2)
      expect([a.item(), a.requires_grad]).toEqual([2, true])
      const text = 'RuntimeError: data set to a tensor that requires gradients must be floating point or complex dtype'
      for (const t of [a, a.mul(1)]) expect(errorOf(() => Object.assign(t, { data: torch.tensor(3) }))).toBe(text)
      expect(a.item()).toBe(2)
    })
  })
})

describe('x.data = y', () => {
  it('gives x the storage, shape and dtype of y, not its version counter', () => {
    scope(() => {
      const x = torch.ones(2)
      x.add_(1)
      const y = torch.zeros(6, { dtype: torch.float64 })
      x.data = y.at('2:4')
      expect([x.dtype, x.shape, x.storage_offset(), x._version]).toEqual([torch.float64, [2], 2, 1])
      x.add_(1)
      expect([y.tolist(), x._version, y._version]).toEqual([[0, 0, 1, 1, 0, 0], 2, 0])
      x.data = x
      expect(x.tolist()).toEqual([1, 1])
    })
  })

  it('leaves its views the old elements', () => {
    scope(() => {
      const b = torch.ones(4)
      const v = b.at(':2')
      b.data = torch.zeros(3)
      b.add_(1)
      expect([v.tolist(), v._version, v._base === b]).toEqual([[1, 1], 1, true])
    })
  })

  it('is what backward finds in saved tensors, and the leaf takes gradients of the new dtype', () => {
    scope(() => {
      const g = leaf([1, 1])
      const y = g.mul(g)
      g.data = tensor([0, 3])
      y.sum().backward()
      expect(g.grad.tolist()).toEqual([0, 6])
    })
    scope(() => {
      const g = torch.ones([2], { requires_grad: true })
      const [y, accumulator] = [g.mul(2), g.mul(2).grad_fn.next_functions[0][0]]
      g.data = ones(2)
      const w = g.mul(5)
      expect(torch.repr(w.sum())).toBe('tensor(10., dtype=torch.float64, grad_fn=<SumBackward0>)')
      expect(w.grad_fn.next_functions[0][0] === accumulator).toBe(false)
      w.sum().backward()
      expect(String(g.grad)).toBe('tensor([5., 5.], dtype=torch.float64)')
      y.sum().backward()
      expect(String(g.grad)).toBe('tensor([7., 7.], dtype=torch.float64)')
    })
  })

  it('of a graph recorded before with another shape fails in words', () => {
    scope(() => {
      const h = torch.ones([2], { requires_grad: true }).mul(1)
      const w = h.at('1:')
      h.data = torch.zeros(1)
      h.mul_(2)
      expect(w.grad_fn.name()).toBe('AsStridedBackward0')
      expect(errorOf(() => h.sum().backward())).toBe(
        'RuntimeError: Function MulBackward0 returned an invalid gradient at index 0 - got [1] but expected shape compatible with [2]',
      )
      w.mul_(3)
      for (const root of [h, w]) {
        expect(errorOf(() => root.sum().backward())).toBe(
          'RuntimeError: setStorage: sizes [1], strides [1], storage offset 1, and itemsize 4 requiring a storage size of 8 are out of bounds for storage of size 4',
        )
      }
    })
  })
})
