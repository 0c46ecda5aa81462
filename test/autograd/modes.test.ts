// Ports of PyTorch's tests of requires_grad and of the modes.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { errorOf, expectClose, keepsCounters, leaf, leafOf, type Tensor, tensor, values } from './harness'

keepsCounters()

const enabled = () => torch.is_grad_enabled()
const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]

describe('requires_grad', () => {
  it('test_requires_grad', () => {
    scope(() => {
      const [x, y, z] = [values([5, 5], 1), values([5, 5], 2), leafOf([5, 5], 3)]
      const a = x.add(y)
      expect(a.requires_grad).toBe(false)
      const b = a.add(z)
      expect(b.requires_grad).toBe(true)
      // What needs no gradient takes no hooks, so backward has none to call.
      for (const plain of [a, x, y]) {
        expect(errorOf(() => plain.register_hook(() => expect.unreachable()))).toBe(
          "RuntimeError: cannot register a hook on a tensor that doesn't require gradient",
        )
      }
      b.backward(tensor(1).expand([5, 5]))
      expect([a.grad, x.grad, y.grad]).toEqual([null, null, null])
      expectClose(z.grad, tensor(1).expand([5, 5]))
    })
  })

  it('test_requires_grad_', () => {
    scope(() => {
      const [x, y] = [values([5, 5], 1), leafOf([5, 5], 2)]
      for (const t of [x, y, x, y]) {
        expect(t.requires_grad_()).toBe(t)
        expect(t.requires_grad).toBe(true)
        expect(t.requires_grad_(true)).toBe(t)
        expect(t.requires_grad).toBe(true)
      }
      const z = x.mul(y)
      expect(errorOf(() => z.requires_grad_(false))).toBe(
        "RuntimeError: you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
      )
      expect([z.requires_grad_() === z, z.requires_grad, z.requires_grad_(true) === z, z.requires_grad]).toEqual([
        true,
        true,
        true,
        true,
      ])
      for (const t of [x, y]) {
        expect(t.requires_grad_(false)).toBe(t)
        expect(t.requires_grad).toBe(false)
      }
    })
  })

  it('test_set_requires_grad_only_for_floats', () => {
    scope(() => {
      for (const dtype of [torch.bool, torch.int32, torch.int64, torch.float32, torch.float64]) {
        const a = torch.ones([1], { dtype })
        a.requires_grad = false
        expect(a.requires_grad_(false)).toBe(a)
        const runs: [() => Tensor, string][] = [
          [
            () => torch.ones([1], { dtype }).requires_grad_(),
            'only Tensors of floating point dtype can require gradients',
          ],
          [
            () => Object.assign(torch.ones([1], { dtype }), { requires_grad: true }),
            'only Tensors of floating point and complex dtype can require gradients',
          ],
          [
            () => torch.ones([1], { dtype, requires_grad: true }),
            'Only Tensors of floating point and complex dtype can require gradients',
          ],
        ]
        for (const [run, text] of runs) {
          if (dtype.is_floating_point) expect(run().requires_grad).toBe(true)
          else expect(errorOf(run)).toBe(`RuntimeError: ${text}`)
        }
      }
    })
  })

  it('test_requires_grad_factory', () => {
    scope(() => {
      for (const dtype of [torch.float32, torch.float64]) {
        const x = torch.randn([2, 3], { dtype })
        for (const fn of [torch.ones_like, torch.randn_like]) {
          for (const requires_grad of [true, false]) {
            const output = fn(x, { dtype, requires_grad })
            expect([output.requires_grad, output.dtype, output.shape]).toEqual([requires_grad, dtype, [2, 3]])
          }
        }
      }
    })
  })
})

describe('no_grad, enable_grad, set_grad_enabled', () => {
  it('test_no_grad', () => {
    scope(() => {
      const x = leafOf([5, 5])
      const y = torch.full([5, 5], 4, { dtype: torch.float64 })
      // PyTorch's `with` is the guard, its decorator the function over a callback.
      const adder = (a: Tensor, b: Tensor) => torch.no_grad(() => a.add(b))
      let w: Tensor
      {
        using _ = torch.no_grad()
        w = x.add(y)
      }
      for (const result of [w, adder(x, y)]) {
        expect(result.requires_grad).toBe(false)
        expect(result.grad_fn).toBeNull()
        expect(errorOf(() => result.backward(torch.ones([5, 5], { dtype: torch.float64 })))).toBe(
          'RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn',
        )
      }
      {
        using _ = torch.no_grad()
        expect(enabled()).toBe(false)
        expect(adder(x, y).requires_grad).toBe(false)
        expect(enabled()).toBe(false)
      }
      expect(enabled()).toBe(true)
    })
  })

  it('test_no_grad_python_function', () => {
    scope(() => {
      class MyOp extends AutogradFunction {
        static override forward(_: Ctx, x: Tensor) {
          return x.add(1)
        }
        static override backward(_: Ctx, dy: Tensor) {
          return dy
        }
      }
      const x = leafOf([5, 5])
      const y = torch.no_grad(() => MyOp.apply(x)) as Tensor
      expect([y.requires_grad, y.grad_fn]).toEqual([false, null])
      expectClose(y, x.detach().add(1))
    })
  })

  it('test_no_grad_input', () => {
    scope(() => {
      class MyFunction extends AutogradFunction {
        static override forward(_: Ctx, x: Tensor) {
          return x
        }
        static override backward(_: Ctx, grad: Tensor) {
          return grad
        }
      }
      const x = leafOf([5])
      const y = torch.no_grad(() => MyFunction.apply(x)) as Tensor
      expect([x.requires_grad, y.grad_fn]).toEqual([true, null])
    })
  })

  it('test_set_grad_enabled', () => {
    scope(() => {
      const x = leaf([1])
      const doubled = () => x.mul(2).requires_grad
      {
        using _ = torch.set_grad_enabled(false)
        expect(doubled()).toBe(false)
      }
      {
        using _ = torch.set_grad_enabled(true)
        expect(doubled()).toBe(true)
      }
      {
        using _ = torch.set_grad_enabled(false)
        torch.set_grad_enabled(true)
        expect(doubled()).toBe(true)
      }
      expect(enabled()).toBe(true)
    })
  })

  it('test_grad_mode_restored_reentrant', () => {
    scope(() => {
      const seen: boolean[] = []
      class MyFunction extends AutogradFunction {
        static override forward(_: Ctx, x: Tensor) {
          return x.clone()
        }
        static override backward(_: Ctx, go: Tensor) {
          const original = enabled()
          const grad = torch.enable_grad(() => {
            expect(enabled()).toBe(true)
            const foo = leafOf(go.shape)
            const [inner] = torch.autograd.grad(foo.pow(3), foo, { grad_outputs: go })
            expect(enabled()).toBe(true)
            return inner
          })
          expect(enabled()).toBe(original)
          seen.push(original)
          return grad
        }
      }
      const x = leafOf([3])
      MyFunction.apply(x).sum().backward()
      MyFunction.apply(x).sum().backward({ create_graph: true })
      expect(seen).toEqual([false, true])
      x.grad = null
    })
  })

  it('test_dep_nograd', () => {
    scope(() => {
      class F1 extends AutogradFunction {
        static override forward(ctx: Ctx, x: Tensor) {
          const out = values(x.shape, 2)
          ctx.mark_non_differentiable(out)
          return [x, out]
        }
        static override backward(_: Ctx, grad: Tensor) {
          return grad
        }
      }
      class F2 extends AutogradFunction {
        static override forward(_: Ctx, x: Tensor, _ignored: Tensor) {
          return x
        }
        static override backward(_: Ctx, grad: Tensor) {
          return [grad, null]
        }
      }
      const x = leafOf([5])
      const [a, b] = F1.apply(x)
      const c = b.add(1)
      expect([a.requires_grad, c.requires_grad]).toEqual([true, false])
      F2.apply(a, c).backward(torch.ones([5], { dtype: torch.float64 }))
      expectClose(x.grad, torch.ones([5], { dtype: torch.float64 }))
    })
  })
})

describe('generators', () => {
  const MODES = [
    [torch.no_grad, false, torch.enable_grad],
    [torch.enable_grad, true, torch.no_grad],
  ] as const

  it('test_set_grad_generator_functions', () => {
    for (const [mode, inside, around] of MODES) {
      const generator = () =>
        mode(function* () {
          for (let i = 0; i < 10; i++) {
            expect(enabled()).toBe(inside)
            yield i
          }
        })
      around(() => {
        const got: number[] = []
        for (const i of generator()) {
          expect(enabled()).toBe(!inside)
          got.push(i)
        }
        expect(got).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
      })
    }
  })

  it('test_set_grad_generator_functions_recursive', () => {
    // Over callbacks, as decorators are, and as guards, as `with` is, each calling the other mode's.
    const overCallback = (on: boolean, depth: number): void =>
      (on ? torch.enable_grad : torch.no_grad)(() => {
        expect(enabled()).toBe(on)
        if (depth === 0) return
        overCallback(!on, depth - 1)
        expect(enabled()).toBe(on)
      })
    const guarded = (on: boolean, depth: number): void => {
      using _ = on ? torch.enable_grad() : torch.no_grad()
      expect(enabled()).toBe(on)
      if (depth === 0) return
      guarded(!on, depth - 1)
      expect(enabled()).toBe(on)
    }
    for (const around of [true, false]) {
      using _ = around ? torch.enable_grad() : torch.no_grad()
      for (const recurse of [overCallback, guarded]) {
        expect(enabled()).toBe(around)
        recurse(true, 10)
        expect(enabled()).toBe(around)
        recurse(false, 10)
        expect(enabled()).toBe(around)
      }
    }
    expect(enabled()).toBe(true)
  })

  it('test_set_grad_coroutines', () => {
    for (const [mode, inside, around] of MODES) {
      const coroutine = mode(function* (): Generator<number, string, number> {
        expect(enabled()).toBe(inside)
        for (let i = 0; i < 10; i++) {
          expect(enabled()).toBe(inside)
          const sent = yield i
          expect([enabled(), sent]).toEqual([inside, i])
        }
        return 'done'
      })
      around(() => {
        let step = coroutine.next(0)
        for (let count = 0; !step.done; count++) {
          expect([enabled(), step.value]).toEqual([!inside, count])
          step = coroutine.next(step.value)
        }
        expect([enabled(), step.value]).toEqual([!inside, 'done'])
      })
    }
  })

  it('test_set_grad_coroutines_benign_exceptions', () => {
    for (const [mode, inside, around] of MODES) {
      const coroutine = mode(function* () {
        let thrown = false
        for (let i = 0; i < 10; i++) {
          try {
            expect(enabled()).toBe(inside)
            yield thrown ? -i : i
          } catch (error) {
            expect([enabled(), error]).toEqual([inside, 'recoverable'])
            thrown = true
          }
        }
      })
      around(() => {
        expect(coroutine.next().value).toBe(0)
        const got: unknown[] = []
        for (let step = coroutine.throw('recoverable'); !step.done; step = coroutine.throw('recoverable')) {
          got.push(step.value)
          expect(enabled()).toBe(!inside)
        }
        expect(got).toEqual([-1, -2, -3, -4, -5, -6, -7, -8, -9])
      })
    }
  })

  it('test_set_grad_coroutines_critical_exceptions', () => {
    for (const [mode, inside, around] of MODES) {
      const coroutine = mode(function* () {
        try {
          expect(enabled()).toBe(inside)
          yield 0
        } catch {
          expect(enabled()).toBe(inside)
          throw new Error('secondary')
        }
      })
      around(() => {
        expect(coroutine.next().value).toBe(0)
        expect(errorOf(() => coroutine.throw('unrecoverable'))).toBe('Error: secondary')
        expect(enabled()).toBe(!inside)
      })
    }
  })

  it('test_set_grad_coroutines_exit', () => {
    for (const [mode, inside, around] of MODES) {
      const seen: unknown[] = []
      // Python raises GeneratorExit where the generator stands; JavaScript runs what `finally` says.
      const coroutine = mode(function* () {
        try {
          for (let i = 0; i < 10; i++) {
            expect(enabled()).toBe(inside)
            yield i
          }
        } finally {
          seen.push('exit', enabled())
        }
      })
      around(() => {
        for (let i = 0; i < 5; i++) coroutine.next()
        coroutine.return()
        expect(enabled()).toBe(!inside)
      })
      expect(seen).toEqual(['exit', inside])
    }
  })
})
