// PyTorch's tests of what single ops hand back, of numbers and of conversions.
import { describe, expect, it } from 'vitest'
import { scope, set_warning_sink, torch } from '../../src/index'
import { errorOf, expectClose, keepsCounters, leafOf, type Tensor, tensor, values } from './harness'

keepsCounters()

const { Function: Custom, gradcheck } = torch.autograd
type Ctx = Parameters<typeof Custom.backward>[0]

describe('gradients of ops', () => {
  it('test_pow_zero_tensor_gradient', () =>
    scope(() => {
      for (const [size, exponent] of [
        [[10], torch.zeros(10)],
        [[10, 10], torch.zeros(10, 10)],
        [[10], 0],
      ] as const) {
        const input = torch.zeros(size, { requires_grad: true })
        input.pow(exponent).sum().backward()
        expect(input.grad.tolist()).toEqual(torch.zeros(size).tolist())
      }
    }))

  it('test_power_function', () =>
    scope(() => {
      for (const base of [torch.zeros(3), 0]) {
        const b = torch.tensor([-1, 0, 1], { dtype: torch.float32, requires_grad: true })
        torch.pow(base, b).sum().backward()
        expect(b.grad.tolist()).toEqual([Number.NEGATIVE_INFINITY, 0, 0])
      }
    }))

  it('test_var_mean_differentiable', () =>
    scope(() => {
      const dim = [2, 4]
      const input1 = leafOf([3, 4, 5, 6, 2, 3])
      const input2 = input1.detach().clone().requires_grad_()
      const [var1, mean1] = torch.var_mean(input1, { dim, keepdim: false })
      const [var2, mean2] = [input2.var({ dim }), input2.mean(dim)]
      const grad = leafOf([3, 4, 6, 3], 2)
      const r1 = var1.mul(var1).mul(mean1).mul(mean1)
      const r2 = var2.mul(var2).mul(mean2).mul(mean2)
      expectClose(r1.detach(), r2.detach(), 1e-12)
      torch.autograd.backward(r1, grad)
      torch.autograd.backward(r2, grad)
      expectClose(input1.grad, input2.grad, 1e-12)
      expect(var1.grad_fn.name()).toBe('VarMeanBackward0')
      expect([var1.output_nr, mean1.output_nr]).toEqual([0, 1])
    }))

  it('test_min_max_median_backprops_to_all_values', () =>
    scope(() => {
      for (const f of [torch.min, torch.max, torch.median, torch.nanmedian] as ((x: Tensor) => Tensor)[]) {
        for (const data of [
          [1, 0, 1, 0, 1, 0],
          [Number.NaN, Number.NaN, Number.NaN],
        ]) {
          const x = torch.tensor(data, { dtype: torch.float32, requires_grad: true })
          f(x).backward()
          expect(x.grad.sum().item()).toBe(1)
          expect(
            x.grad
              .eq(1 / 3)
              .sum()
              .item(),
          ).toBe(3)
        }
      }
    }))

  it('test_isolated_node', () =>
    scope(() => {
      const [x, y] = [leafOf([5, 5]), leafOf([5, 5], 2)]
      const a = x.add(y)
      // The indices of a maximum have no gradient, whatever is made of them.
      const b = torch.max(a, 1, true)[1].expand(5, 5).clone().double()
      expect(b.requires_grad).toBe(false)
      b.add(a).sum().backward()
      expect(x.grad.tolist()).toEqual(torch.ones(5, 5).tolist())
    }))

  it('test_integer_outputs', () =>
    scope(() => {
      const input = torch.rand(4, { requires_grad: true })
      const bins = torch.linspace(0, 1, 100, { requires_grad: true })
      const integral = [
        input.argmax(),
        input.argmin(),
        input.argsort(),
        torch.searchsorted(input, torch.rand([], { requires_grad: true })),
        torch.bucketize(torch.rand(5, 5, { requires_grad: true }), bins),
        torch.empty(5).requires_grad_().count_nonzero(),
      ]
      expect(integral.map((out) => [out.dtype, out.requires_grad])).toEqual(integral.map(() => [torch.int64, false]))
      const flags = [true, false]
      for (const sorted of flags) {
        for (const return_inverse of flags) {
          for (const return_counts of flags) {
            const wants = { return_inverse, return_counts }
            const results = [
              input.unique({ sorted, ...wants }),
              input.unique({ sorted, ...wants, dim: 0 }),
              input.unique_consecutive(wants),
              input.unique_consecutive({ ...wants, dim: 0 }),
              torch._unique(input, sorted, return_inverse),
              torch._unique2(input, sorted, return_inverse, return_counts),
            ]
            for (const result of results) {
              const [first, ...rest] = [result].flat() as Tensor[]
              expect(first.requires_grad).toBe(true)
              expect(rest.map((out) => out.requires_grad)).toEqual(rest.map(() => false))
            }
          }
        }
      }
    }))

  it('test_non_differentiable_ops', () =>
    scope(() => {
      const x = torch.tensor(
        [
          [1, 2],
          [3, 4],
        ],
        { dtype: torch.float32, requires_grad: true },
      )
      const among = torch.isin(x, torch.tensor([2, 3]))
      expect([among.requires_grad, among.tolist()]).toEqual([
        false,
        [
          [false, true],
          [true, false],
        ],
      ])
      expect(torch.signbit(torch.randn(3, 3, { requires_grad: true })).requires_grad).toBe(false)
    }))

  it('test_not_implemented_grad', () =>
    scope(() => {
      const a = torch.rand(2, { requires_grad: true })
      const y = a.unique().sum()
      expect(errorOf(() => y.backward())).toBe("NotImplementedError: the derivative for '_unique2' is not implemented.")
    }))

  it('test_custom_autograd_repeated_grad_grad', () =>
    scope(() => {
      const mult1 = (x: Tensor) => x.prod(-1).prod(-1)
      class Mult extends Custom {
        static override forward(ctx: Ctx, x: Tensor): Tensor {
          const y = mult1(x)
          ctx.save_for_backward(x, y)
          return y
        }
        static override backward(ctx: Ctx, g: Tensor): Tensor {
          const [x, y] = ctx.saved_tensors as Tensor[]
          return g.mul(y).at(':', null, null).div(x)
        }
      }
      for (const f of [mult1, (x: Tensor) => Mult.apply(x) as Tensor]) {
        const x = torch.ones(2, 4, 4).requires_grad_()
        const y = f(x)
        const second = () => {
          const [gy] = torch.autograd.grad(y.at(0), x, { create_graph: true })
          return torch.autograd.grad(gy!.at(0, 0, 0), x, { retain_graph: true })[0]!
        }
        expect(second().at(0, 0, 1).item()).toBe(second().at(0, 0, 1).item())
      }
    }))
})

describe('numbers and conversions', () => {
  it('test_pyscalar_conversions', () =>
    scope(() => {
      const l = torch.zeros(1, 1, 1, { dtype: torch.int64 })
      l.set_at_([0], -12345)
      expect(Number(l)).toBe(-12345)
      const f = torch.randn(1, 1, { dtype: torch.float64 })
      for (const value of [
        -12345.1,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        Number.MAX_VALUE,
      ]) {
        f.set_at_([0], value)
        expect(Number(f)).toBe(value)
      }
      // More than a double says: item() and tolist() give a bigint, and a float is what a double says of it.
      const exact = 1234567890123456789n
      l.set_at_([0], exact)
      expect(BigInt(Number(exact))).not.toBe(exact)
      expect(l.item()).toBe(exact)
      expect(l.double().item()).toBe(Number(exact))
      const truth = (x: Tensor, value: number) => {
        x.set_at_([0], value)
        return x.bool().item()
      }
      expect([truth(l, 0), truth(l, -2), truth(f, 0), truth(f, 2 ** -1022)]).toEqual([false, true, false, true])
      expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((v) => truth(f, v))).toEqual([
        true,
        true,
        true,
      ])
      expect(errorOf(() => Number(torch.ones(2)))).toBe(
        'ValueError: only one element tensors can be converted to Python scalars',
      )
    }))

  // A class of tensors is its name here, as in `x.type()`; there are no bytes.
  it('test_type_conversions', () =>
    scope(() => {
      const x = values([5, 5]).float()
      expect([x.float().type(), x.int().type()]).toEqual(['torch.FloatTensor', 'torch.IntTensor'])
      const types = [
        ['torch.DoubleTensor', torch.float64],
        ['torch.FloatTensor', torch.float32],
        ['torch.IntTensor', torch.int32],
        ['torch.LongTensor', torch.int64],
        ['torch.BoolTensor', torch.bool],
      ] as const
      for (const [name, dtype] of types) {
        const y = torch.randint(5, [5, 5], { dtype: torch.int64 }).to(dtype)
        expect([y.type(), x.type(name).type(), x.type_as(y).type(), x.type(dtype).type()]).toEqual(Array(4).fill(name))
        expect(x.type(dtype).dtype).toBe(dtype)
        expect(y.type(name).data_ptr()).toBe(y.data_ptr())
        expect(x.type(y.type()).type()).toBe(y.type())
        expect(x.type(y.dtype).dtype).toBe(y.dtype)
      }
      // The gradient comes back in the input's type.
      const fvar = torch.randn(5, 5, { requires_grad: true })
      fvar.double().sum().backward()
      expect([fvar.grad.tolist(), fvar.grad.type()]).toEqual([torch.ones(5, 5).tolist(), fvar.type()])
      const dvar = torch.randn(5, 5, { dtype: torch.float64, requires_grad: true })
      dvar.float().sum().backward()
      expect([dvar.grad.tolist(), dvar.grad.type()]).toEqual([torch.ones(5, 5).tolist(), dvar.type()])
    }))

  it('test_numpy_requires_grad', () =>
    scope(() => {
      const x = torch.ones(2, 2, { requires_grad: true })
      expect(errorOf(() => x.numpy())).toBe(
        "RuntimeError: Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
      )
      expect(torch.no_grad(() => x.numpy()).tolist()).toEqual(x.tolist())
      expect(torch.ones(2, 2).numpy().tolist()).toEqual(x.tolist())
    }))

  it('test_parameter_resize diverges: .data is assigned where PyTorch has set_', () =>
    scope(() => {
      const asd = torch.ones(16, { dtype: torch.float64, requires_grad: true })
      for (const size of [15, 14]) {
        asd.data = asd.data.at('1:')
        asd.grad = null as never
        // No graph of the old shape is left.
        scope(() => torch.cat([asd, asd]).sum().backward())
        expect(asd.grad.tolist()).toEqual(torch.ones(size).mul(2).tolist())
      }
      expect('set_' in asd).toBe(false)
    }))

  it('test_copy_r_to_c diverges: copy_ goes between float32 and float64, without a warning', () =>
    scope(() => {
      const warnings: string[] = []
      const sink = set_warning_sink((_, text) => warnings.push(text))
      const out = torch.empty(3, 2)
      const inp = leafOf([3, 2])
      out.copy_(inp)
      out.sum().backward()
      set_warning_sink(sink)
      expect([inp.grad.tolist(), inp.grad.dtype, warnings]).toEqual([torch.ones(3, 2).tolist(), torch.float64, []])
      expect('complex128' in torch).toBe(false)
    }))

  it('test_to_r_to_c diverges: to() goes between float32 and float64, without a warning', () =>
    scope(() => {
      const warnings: string[] = []
      const sink = set_warning_sink((_, text) => warnings.push(text))
      const inp = leafOf([3, 2])
      inp.to(torch.float32).sum().backward()
      set_warning_sink(sink)
      expect([inp.grad.tolist(), warnings]).toEqual([torch.ones(3, 2).tolist(), []])
      expect(gradcheck((x) => x.to(torch.float64).mul(2), [tensor([1, 2], true)])).toBe(true)
    }))

  it('test_warning_in_backward diverges: a warning that a hook causes reaches the sink during backward', () =>
    scope(() => {
      const warnings: string[] = []
      const sink = set_warning_sink((_, text) => warnings.push(text))
      const a = torch.zeros([], { requires_grad: true })
      const b = a.mul(2)
      b.register_hook(() => {
        torch.ones(1).var()
      })
      expect(warnings).toEqual([])
      b.backward()
      set_warning_sink(sink)
      expect(warnings).toEqual([expect.stringMatching(/^var\(\): degrees of freedom is <= 0/)])
    }))
})
