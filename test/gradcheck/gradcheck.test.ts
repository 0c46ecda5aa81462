import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RuntimeError, scope, set_warning_sink, type Tensor, torch, ValueError } from '../../src/index'
import { expectNoLeaks } from './live'
import { Ignores, inputs, TimesWrong } from './programs'

const { gradcheck, gradgradcheck, GradcheckError } = torch.autograd
const { get_numerical_jacobian, get_analytical_jacobian } = gradcheck
const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]
const dtype = torch.float64
const ones = (...shape: number[]) => torch.ones(shape, { dtype, requires_grad: true })
const MODES = [{ fast_mode: false }, { fast_mode: true }]

expectNoLeaks()
let warnings: string[] = []
let sink: Parameters<typeof set_warning_sink>[0]
beforeEach(() => {
  warnings = []
  sink = set_warning_sink((category, text) => warnings.push(`${category}: ${text}`))
})
afterEach(() => {
  set_warning_sink(sink)
})

/** What is thrown, with every tensor of the attempt gone. */
function thrown(fn: () => unknown): Error {
  try {
    scope(fn)
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

/** Adds to the gradient that comes in. */
function disturbed(x: Tensor, by: number): Tensor {
  const y = x.clone()
  y.register_hook((g) => g!.add(by))
  return y
}

describe("PyTorch's own tests", () => {
  it('test_gradcheck_single_input', () => {
    for (const mode of MODES) {
      expect(scope(() => gradcheck((x) => x.mul(5), ones(20), mode))).toBe(true)
      expect(scope(() => gradgradcheck((x) => x.mul(x), ones(5), mode))).toBe(true)
    }
  })

  it('test_gradcheck_nondeterministic', () => {
    class Jitters extends AutogradFunction {
      static runs = 0
      static override forward(ctx: Ctx, x: Tensor, jitter: number): Tensor {
        ctx.jitter = jitter
        return x.clone()
      }
      static override backward(ctx: Ctx, g: Tensor): (Tensor | null)[] {
        const jitter = ctx.jitter as number
        const unit = (++Jitters.runs * Math.SQRT2) % 1
        return [Jitters.apply(g, jitter).mul(1 + unit * jitter), null]
      }
    }
    for (const mode of MODES) {
      const run = (jitter: number, options: object) =>
        gradcheck((x) => Jitters.apply(x, jitter), ones(5), { ...mode, ...options })
      expect(thrown(() => run(1e-6, {})).message).toMatch(/^Backward is not reentrant/)
      expect(thrown(() => run(1e-6, { nondet_tol: 1e-8 })).message).toContain('nondeterminism was 1e-08.')
      expect(scope(() => run(1e-8, { nondet_tol: 1e-5 }))).toBe(true)
      expect(scope(() => run(0, {}))).toBe(true)
      expect(scope(() => run(1e-6, { raise_exception: false }))).toBe(false)
      const again = () => gradgradcheck((x) => Jitters.apply(x, 1e-12), ones(5), mode)
      expect(thrown(again).message).toMatch(/^Backward is not reentrant/)
    }
  })

  it('test_gradcheck_validates_inputs', () => {
    for (const mode of MODES) {
      const constant = () => gradcheck((x) => x, torch.ones(2, { dtype }), { ...mode, raise_exception: false })
      expect(thrown(constant)).toBeInstanceOf(ValueError)
      expect(thrown(constant).message).toMatch(/^gradcheck expects at least one input tensor to require gradient/)
      const overlapping = () => gradcheck((x) => x, ones(1, 3).expand(2, 3), { ...mode, raise_exception: false })
      expect(thrown(overlapping).name).toBe('RuntimeError')
      expect(thrown(overlapping).message).toMatch(/^The 0th input has a dimension with stride 0/)
      const single = () =>
        gradcheck((x) => x, torch.ones(1, { requires_grad: true }), { ...mode, eps: 1e-2, atol: 1e-2 })
      warnings = []
      expect(scope(single)).toBe(true)
      expect(warnings).toEqual([expect.stringMatching(/^UserWarning: Input #0 requires gradient and is not a double/)])
    }
  })

  // Sparse and MKL-DNN outputs, which PyTorch's test is about, do not exist here.
  it('test_gradcheck_test_outputs', () => {
    const fn = (() => 1.5) as unknown as () => Tensor
    expect(thrown(() => gradcheck(fn, ones(1))).message).toBe(
      'gradcheck(): the function must return tensors, but output 0 is float',
    )
  })

  it('test_gradcheck_check_no_differentiable_outputs', () => {
    for (const mode of MODES) {
      const detached = () => gradcheck((x) => x.detach(), ones(1), mode)
      expect(thrown(detached).message).toBe('Numerical gradient for function expected to be zero')
      expect(scope(() => gradcheck((x) => x.detach(), ones(1), { ...mode, raise_exception: false }))).toBe(false)
      expect(scope(() => gradcheck(() => torch.tensor([1]), ones(1), mode))).toBe(true)
      expect(scope(() => gradcheck(() => [], ones(1), mode))).toBe(true)
    }
  })

  it('test_gradcheck_backward_mul_by_grad_output', () => {
    for (const mode of MODES) {
      const tolerant = { ...mode, atol: 1 }
      const nearly = () => gradcheck((x) => disturbed(x, 1e-2), ones(1), tolerant)
      expect(thrown(nearly).message).toBe('backward not multiplied by grad_output')
      expect(thrown(() => gradcheck((x) => Ignores.apply(x), ones(1), mode)).message).toBe(
        'backward not multiplied by grad_output',
      )
      expect(scope(() => gradcheck((x) => disturbed(x, 1e-2), ones(1), { ...tolerant, raise_exception: false }))).toBe(
        false,
      )
    }
  })

  it('test_gradcheck_undefined_grad', () => {
    const fn = (x: Tensor) => {
      const y = x.clone()
      y.register_hook((g) => {
        if (g === null) throw new RuntimeError('x is undefined')
        return null
      })
      return y
    }
    for (const mode of MODES) {
      warnings = []
      const error = thrown(() => gradcheck(fn, ones(1), mode))
      expect(error.message).toMatch(/^Expected backward function to handle undefined output grads/)
      expect(String(error.cause)).toBe('RuntimeError: x is undefined')
      expect(warnings).toEqual([expect.stringMatching(/^UserWarning: Backwards compatibility: New undefined gradient/)])
      expect(scope(() => gradcheck(fn, ones(1), { ...mode, check_undefined_grad: false }))).toBe(true)
      // What is no error of the library reaches the caller as it is.
      const mine = new Error('mine')
      const raises = (x: Tensor) => {
        const y = x.clone()
        y.register_hook((g) => {
          if (g === null) throw mine
          return null
        })
        return y
      }
      expect(thrown(() => gradcheck(raises, ones(1), mode))).toBe(mine)
    }
  })

  it('test_gradcheck_jacobian_mismatch', () => {
    for (const mode of MODES) {
      const x = () => ones(2, 2)
      const wrong = (x: Tensor) => disturbed(x, 1e-2)
      expect(thrown(() => gradcheck(wrong, x(), mode)).message).toMatch(
        /^Jacobian mismatch for output 0 with respect to input 0,\nnumerical:/,
      )
      expect(scope(() => gradcheck(wrong, x(), { ...mode, raise_exception: false }))).toBe(false)
    }
  })

  it('test_gradcheck_output_shape_or_dtype_depend_on_values', () => {
    const byDtype = (x: Tensor) => (x.detach().ge(1).sum().item() === x.numel() ? x.float() : x.mul(1))
    const byShape = (x: Tensor) => (x.detach().ge(1).sum().item() === x.numel() ? x.mul(1) : x.sum())
    for (const mode of MODES) {
      for (const [fn, what] of [
        [byDtype, 'dtype'],
        [byShape, 'shape'],
      ] as const) {
        const error = thrown(() => gradcheck(fn, ones(3), mode))
        expect(error.name).toBe('AssertionError')
        expect(error.message).toContain(`return outputs with the same ${what} when inputs are perturbed`)
      }
    }
  })

  // There are no complex numbers here: real outputs of several dtypes take their place.
  it('test_gradcheck_complex_non_complex_outputs', () => {
    for (const mode of MODES) {
      const mixed = (x: Tensor, y: Tensor) => [y.add(x), x.mul(2).float(), x.long()]
      expect(scope(() => gradcheck(mixed, [ones(2), ones(2)], { ...mode, eps: 2 ** -10, atol: 1e-2 }))).toBe(true)
    }
  })

  it('test_gradcheck_get_numerical_jacobian', () => {
    scope(() => {
      const fn = ([x, y]: readonly Tensor[]) => [x.mul(2).add(y), x.add(y.mul(2))]
      const [a, b] = [ones(2, 2), ones(2, 2)]
      const rounded = (t: Tensor) => (t.tolist() as number[][]).map((row) => row.map(Math.round))
      const times = (k: number) => torch.eye(4).mul(k).tolist()
      expect(get_numerical_jacobian(fn, [a, b], { target: a, eps: 1e-6 }).map(rounded)).toEqual([times(2)])
      expect(get_numerical_jacobian(fn, [a, b], { eps: 1e-6 }).map(rounded)).toEqual([times(2), times(1)])
      expect(warnings).toHaveLength(2)
      expect(warnings[0]).toMatch(/^FutureWarning: `get_numerical_jacobian` was part of PyTorch's private API/)
      expect(() => get_numerical_jacobian(fn, [a, b], { eps: 1e-6, grad_out: 2 })).toThrow(
        'Expected grad_out to be 1.0',
      )
    })
  })

  it('test_gradcheck_get_analytical_jacobian', () => {
    scope(() => {
      const [a, b] = [ones(2, 2), ones(2, 2)]
      const [jacobians, ...flags] = get_analytical_jacobian([a, b], a.mul(2).add(b))
      expect(jacobians.map((t) => t.tolist())).toEqual([torch.eye(4).mul(2).tolist(), torch.eye(4).tolist()])
      expect(flags).toEqual([true, true, true])
      class Grows extends AutogradFunction {
        static factor = 1
        static override forward(_: Ctx, x: Tensor): Tensor {
          return x.clone()
        }
        static override backward(_: Ctx, g: Tensor): Tensor {
          Grows.factor += 1e-6
          return g.mul(Grows.factor)
        }
      }
      expect(get_analytical_jacobian([a], Grows.apply(a))[1]).toBe(false)
      expect(warnings[0]).toMatch(/^FutureWarning: `get_analytical_jacobian` was part of PyTorch's private API/)
      expect(() => get_analytical_jacobian([a], a.mul(2), { grad_out: 2 })).toThrow('Expected grad_out to be 1.0')
    })
  })

  it('test_gradcheck_custom_error', () => {
    for (const mode of MODES) {
      const error = thrown(() => gradcheck((x) => disturbed(x, 1e-2), ones(2, 2), mode))
      expect(error).toBeInstanceOf(GradcheckError)
      expect(error).toBeInstanceOf(RuntimeError)
      expect(error.name).toBe('GradcheckError')
      const other = () => {
        throw new RuntimeError('Not a GradcheckError!')
      }
      expect(thrown(() => gradcheck(other, ones(2, 2), { ...mode, raise_exception: false })).message).toBe(
        'Not a GradcheckError!',
      )
    }
  })

  it('test_gradcheck_check_forward_or_backward_only', () => {
    for (const mode of MODES) {
      const forward = () => gradcheck((x) => x.mul(2), ones(2), { ...mode, check_forward_ad: true })
      expect(thrown(forward).name).toBe('NotImplementedError')
      expect(scope(() => gradcheck((x) => x.mul(2), ones(2), { ...mode, check_backward_ad: true }))).toBe(true)
    }
  })
})

describe('a check', () => {
  it('leaves the inputs as they were', () => {
    scope(() => {
      const { x, y } = inputs()
      const before = [x, y].map((t) => [t.tolist(), t._version, t.requires_grad])
      gradcheck((x, y) => x.mul(y), [x, y])
      gradgradcheck((x, y) => x.mul(y), [x, y], { fast_mode: true })
      expect([x, y].map((t) => [t.tolist(), t._version, t.requires_grad])).toEqual(before)
      expect([x.grad, y.grad]).toEqual([null, null])
    })
  })
  it('puts an element back when the function throws', () => {
    scope(() => {
      const { x } = inputs()
      let calls = 0
      const third = (x: Tensor) => {
        if (++calls === 3) throw new Error('third')
        return x.mul(2)
      }
      expect(() => gradcheck(third, x)).toThrow('third')
      expect(x.tolist()).toEqual([1, 1.5])
    })
  })
  it('keeps no tensor that the function made, within a scope or without', () => {
    let seen: Tensor | null = null
    const keep = (x: Tensor) => {
      seen = x.mul(2)
      return seen
    }
    const x = ones(2)
    const count = torch.memory.stats().tensors
    gradcheck(keep, x)
    gradgradcheck(keep, x)
    expect(torch.memory.stats().tensors).toBe(count)
    expect(() => seen!.sum()).toThrow('this Tensor was disposed')
    x.dispose()
  })
  it('passes tensors that the function did not make', () => {
    scope(() => {
      const { x, plain } = inputs()
      expect(gradcheck((x) => [x, plain, x.mul(plain)], x)).toBe(true)
      expect(plain.tolist()).toEqual([1, 1.5])
    })
  })
  it('of a wrong derivative that is right again at second order', () => {
    expect(scope(() => gradgradcheck((x) => TimesWrong.apply(x, 2), ones(2)))).toBe(true)
  })
  it('may be nested', () => {
    scope(() => {
      const inner = (x: Tensor) => {
        expect(gradcheck((y) => y.mul(y), x.detach().requires_grad_())).toBe(true)
        return x.exp()
      }
      expect(gradcheck(inner, inputs().x)).toBe(true)
    })
  })
})
