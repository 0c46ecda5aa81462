// PyTorch's tests of gradcheck and gradgradcheck. Its sparse, MKL-DNN and complex tensors and its forward mode do not exist here.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { RuntimeError, scope, set_warning_sink, torch, ValueError } from '../../src/index'
import { errorOf, keepsCounters, leafOf, type Tensor, tensor } from './harness'

const { gradcheck, gradgradcheck, GradcheckError, Function: AutogradFunction } = torch.autograd
const { get_numerical_jacobian, get_analytical_jacobian } = gradcheck
type Ctx = Parameters<typeof AutogradFunction.forward>[0]

keepsCounters()
let warnings: string[] = []
let sink: Parameters<typeof set_warning_sink>[0]
beforeEach(() => {
  warnings = []
  sink = set_warning_sink((category, text) => warnings.push(`${category}: ${text}`))
})
afterEach(() => {
  set_warning_sink(sink)
})

const ones = (...shape: number[]) => torch.ones(shape, { dtype: torch.float64, requires_grad: true })
const singles = (...shape: number[]) => torch.ones(shape, { requires_grad: true })
const QUIET = { raise_exception: false }
const SINGLE = /^UserWarning: Input #0 requires gradient and is not a double precision floating point or complex\./

/** In fast mode and in the other. */
function inBothModes(check: (mode: { fast_mode: boolean }) => void): void {
  for (const fast_mode of [true, false]) scope(() => check({ fast_mode }))
}

function thrown(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

/** Adds to the gradient that comes in. */
function disturbed(x: Tensor): Tensor {
  const y = x.clone()
  y.register_hook((g) => g!.add(1e-2))
  return y
}

/** Its backward gives another gradient every time, unless the jitter is 0. */
class Jitters extends AutogradFunction {
  static override forward(ctx: Ctx, x: Tensor, jitter: number): Tensor {
    ctx.jitter = jitter
    return x
  }
  static override backward(ctx: Ctx, g: Tensor): (Tensor | null)[] {
    const jitter = ctx.jitter as number
    return [Jitters.apply(g, jitter).mul(torch.rand_like(g).mul(jitter).add(1)), null]
  }
}
const jittering = (jitter: number) => (x: Tensor) => Jitters.apply(x, jitter)

it('test_gradcheck_single_input', () => {
  inBothModes((mode) => {
    const times5 = (x: Tensor) => x.mul(5)
    expect(gradcheck(times5, leafOf([10]), mode)).toBe(true)
    expect(gradgradcheck(times5, leafOf([10]), mode)).toBe(true)
  })
})

it('test_gradcheck_nondeterministic', () => {
  inBothModes((mode) => {
    const x = leafOf([5, 5])
    const tolerant = { ...mode, nondet_tol: 1e-5 }
    const begin = /^GradcheckError: Backward is not reentrant, i\.e\., running backward with same input and grad_output/
    expect(gradcheck(jittering(0), x, mode)).toBe(true)
    expect(errorOf(() => gradcheck(jittering(1e-6), x, mode))).toMatch(begin)
    expect(errorOf(() => gradgradcheck(jittering(1e-12), x, mode))).toMatch(begin)
    expect(errorOf(() => gradcheck(jittering(1e-6), x, { ...mode, nondet_tol: 1e-8 }))).toContain(
      'The tolerance for nondeterminism was 1e-08.',
    )
    expect(gradcheck(jittering(1e-6), x, { ...mode, ...QUIET })).toBe(false)
    expect(gradcheck(jittering(0), x, tolerant)).toBe(true)
    expect(gradcheck(jittering(1e-6), x, tolerant)).toBe(true)
    expect(gradgradcheck(jittering(1e-12), x, tolerant)).toBe(true)
  })
})

it('test_gradcheck_validates_inputs', () => {
  inBothModes((mode) => {
    const same = (x: Tensor) => x
    const constant = thrown(() => gradcheck(same, [torch.rand(10)], { ...mode, ...QUIET }))
    expect(constant).toBeInstanceOf(ValueError)
    expect(constant.message).toBe(
      'gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.',
    )
    warnings = []
    expect(gradcheck(same, [singles(1)], { ...mode, atol: 1e-1 })).toBe(true)
    expect(warnings).toEqual([expect.stringMatching(SINGLE)])
    // Thrown also by a check that does not raise.
    expect(errorOf(() => gradcheck(same, [ones(1).expand(2, 2)], { ...mode, ...QUIET }))).toBe(
      'RuntimeError: The 0th input has a dimension with stride 0. gradcheck only supports inputs that are ' +
        'non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous on the ' +
        'input before passing it to gradcheck.',
    )
  })
})

it('test_gradcheck_test_outputs diverges: what is no tensor of numbers in rows is no tensor at all', () => {
  inBothModes((mode) => {
    const check = gradcheck as (fn: () => unknown, ...rest: unknown[]) => boolean
    for (const [output, type] of [
      [1.5, 'float'],
      [null, 'NoneType'],
      ['sparse', 'str'],
    ] as const) {
      expect(errorOf(() => check(() => output, [leafOf([10])], { ...mode, ...QUIET }))).toBe(
        `AttributeError: '${type}' object has no attribute 'requires_grad'`,
      )
    }
  })
})

it('test_gradcheck_check_no_differentiable_outputs', () => {
  inBothModes((mode) => {
    const x = singles(1)
    const constant = (x: Tensor) => torch.tensor([x.item()], { dtype: torch.float32 })
    expect(errorOf(() => gradcheck(constant, x, mode))).toBe(
      'GradcheckError: Numerical gradient for function expected to be zero',
    )
    expect(gradcheck(constant, x, { ...mode, ...QUIET })).toBe(false)
    expect(gradcheck(() => [], [x], mode)).toBe(true)
    expect(gradcheck(() => torch.tensor([1]), x, mode)).toBe(true)
  })
})

it('test_gradcheck_backward_mul_by_grad_output', () => {
  inBothModes((mode) => {
    const tolerant = { ...mode, atol: 1e-1 }
    expect(errorOf(() => gradcheck(disturbed, [ones(1)], tolerant))).toBe(
      'GradcheckError: backward not multiplied by grad_output',
    )
    expect(gradcheck(disturbed, [ones(1)], { ...tolerant, ...QUIET })).toBe(false)
  })
})

it('test_gradcheck_undefined_grad', () => {
  const refusing = (x: Tensor) => {
    const y = x.clone()
    y.register_hook((g) => {
      if (g === null) throw new RuntimeError('x is undefined')
      return null
    })
    return y
  }
  inBothModes((mode) => {
    const x = ones(1)
    warnings = []
    const error = thrown(() => gradcheck(refusing, [x], mode))
    expect(String(error)).toBe(
      'GradcheckError: Expected backward function to handle undefined output grads. Please look at "Notes about ' +
        'undefined output gradients" in "tools/autograd/derivatives.yaml"',
    )
    expect(String(error.cause)).toBe('RuntimeError: x is undefined')
    expect(gradcheck(refusing, [x], { ...mode, ...QUIET })).toBe(false)
    const warning = /^UserWarning: Backwards compatibility: New undefined gradient support checking feature is enabled/
    expect(warnings).toEqual([expect.stringMatching(warning), expect.stringMatching(warning)])
    expect(gradcheck(refusing, [x], { ...mode, check_undefined_grad: false })).toBe(true)
    // What is no RuntimeError reaches the caller as it is.
    const mine = new Error('mine')
    const raising = (x: Tensor) => {
      const y = x.clone()
      y.register_hook((g) => {
        if (g === null) throw mine
        return null
      })
      return y
    }
    expect(thrown(() => gradcheck(raising, [x], mode))).toBe(mine)
  })
})

const MISMATCH = /^GradcheckError: Jacobian mismatch for output 0 with respect to input 0,\nnumerical:/

it('test_gradcheck_jacobian_mismatch', () => {
  inBothModes((mode) => {
    expect(errorOf(() => gradcheck(disturbed, [singles(2, 2)], mode))).toMatch(MISMATCH)
    expect(gradcheck(disturbed, [singles(2, 2)], { ...mode, ...QUIET })).toBe(false)
    expect(errorOf(() => gradcheck((x) => [x.mul(2), disturbed(x)], [ones(2, 2)], mode))).toMatch(
      /^GradcheckError: Jacobian mismatch for output 1 with respect to input 0,\n/,
    )
  })
})

it('test_gradcheck_output_shape_or_dtype_depend_on_values', () => {
  inBothModes((mode) => {
    const large = (x: Tensor) => x.ge(1).sum().item() === x.numel()
    const on = mode.fast_mode ? '' : 'on index (0,) '
    const shape = (x: Tensor) => (large(x) ? torch.cat([x, x]) : x)
    expect(errorOf(() => gradcheck(shape, [ones(1)], mode))).toBe(
      `AssertionError: Expected \`func\` to return outputs with the same shape when inputs are perturbed ${on}by 1e-06, ` +
        'but got: shapes torch.Size([1]) and torch.Size([2]).',
    )
    const dtype = (x: Tensor) => (large(x) ? x.to(torch.float32) : x)
    expect(errorOf(() => gradcheck(dtype, [ones(1)], mode))).toBe(
      `AssertionError: Expected \`func\` to return outputs with the same dtype when inputs are perturbed ${on}by 1e-06, ` +
        'but got: dtypes torch.float64 and torch.float32.',
    )
  })
})

it('test_gradcheck_complex_non_complex_outputs diverges: floats of both precisions and integers take their place', () => {
  inBothModes((mode) => {
    const mixed = (x: Tensor, y: Tensor) => [y.add(x), x.mul(2).float(), x.long()]
    const coarse = { ...mode, eps: 2 ** -10, atol: 1e-2 }
    expect(gradcheck(mixed, [tensor([[1.25, 2.5]]).requires_grad_(), ones(1, 2)], coarse)).toBe(true)
  })
})

const times2 = ([x, y]: readonly Tensor[]) => [x.mul(2).add(y), x.add(y.mul(2))]

it('test_gradcheck_get_numerical_jacobian', () => {
  scope(() => {
    const [a, b] = [leafOf([2, 2]), leafOf([2, 2], 2)]
    const rounded = (jacobians: readonly Tensor[]) =>
      jacobians.map((t) => (t.tolist() as number[][]).map((row) => row.map((v) => Math.round(v * 1e6) / 1e6 + 0)))
    const eye = (k: number) => torch.eye(4).mul(k).tolist()
    expect(rounded(get_numerical_jacobian(times2, [a, b], { target: a, eps: 1e-6 }))).toEqual([eye(2)])
    expect(rounded(get_numerical_jacobian(times2, [a, b], { eps: 1e-6 }))).toEqual([eye(2), eye(1)])
    const warning =
      /^FutureWarning: `get_numerical_jacobian` was part of PyTorch's private API and not meant to be exposed/
    expect(warnings).toEqual([expect.stringMatching(warning), expect.stringMatching(warning)])
    expect(errorOf(() => get_numerical_jacobian(times2, [a, b], { eps: 1e-6, grad_out: 2 }))).toBe(
      'ValueError: Expected grad_out to be 1.0. get_numerical_jacobian no longer supports values of grad_out != 1.0.',
    )
  })
})

it('test_gradcheck_get_analytical_jacobian', () => {
  scope(() => {
    const [a, b] = [leafOf([2, 2]), leafOf([2, 2], 2)]
    const [jacobians, reentrant, ...flags] = get_analytical_jacobian([a, b], times2([a, b])[0])
    expect(jacobians.map((t) => t.tolist())).toEqual([torch.eye(4).mul(2).tolist(), torch.eye(4).tolist()])
    expect([reentrant, ...flags]).toEqual([true, true, true])
    const output = Jitters.apply(a, 1e-6)
    expect(get_analytical_jacobian([a], output)[1]).toBe(false)
    const warning =
      /^FutureWarning: `get_analytical_jacobian` was part of PyTorch's private API and not meant to be exposed/
    expect(warnings).toEqual([expect.stringMatching(warning), expect.stringMatching(warning)])
    expect(errorOf(() => get_analytical_jacobian([a], output, { grad_out: 2 }))).toBe(
      'ValueError: Expected grad_out to be 1.0. get_analytical_jacobian no longer supports values of grad_out != 1.0.',
    )
  })
})

it('test_gradcheck_custom_error', () => {
  inBothModes((mode) => {
    const x = singles(2, 2)
    const error = thrown(() => gradcheck(disturbed, [x], mode))
    expect(String(error)).toMatch(MISMATCH)
    expect(error).toBeInstanceOf(GradcheckError)
    expect(error).toBeInstanceOf(RuntimeError)
    expect(gradcheck(disturbed, [x], { ...mode, ...QUIET })).toBe(false)
    const raising = () => {
      throw new RuntimeError('Not a GradcheckError!')
    }
    expect(errorOf(() => gradcheck(raising, [x], { ...mode, ...QUIET }))).toBe('RuntimeError: Not a GradcheckError!')
  })
})

// Where the forward direction is asked for, PyTorch goes it first: here it is refused.
it('test_gradcheck_check_forward_or_backward_only', () => {
  class Doubles extends AutogradFunction {
    static override forward(ctx: Ctx, x: Tensor, bad: boolean): Tensor {
      ctx.bad = bad
      return x.mul(2)
    }
    static override vjp(ctx: Ctx, g: Tensor): (Tensor | null)[] {
      if (ctx.bad) throw new RuntimeError('FAIL BWD')
      return [g.mul(2), null]
    }
  }
  inBothModes((mode) => {
    for (const check_forward_ad of [true, false]) {
      for (const check_backward_ad of [true, false]) {
        for (const bad of [true, false]) {
          const options = { ...mode, check_forward_ad, check_backward_ad, check_undefined_grad: check_backward_ad }
          const run = () => gradcheck((x) => Doubles.apply(x, bad), [leafOf([2])], options)
          if (check_forward_ad) {
            expect(errorOf(run)).toBe(
              'NotImplementedError: gradcheck(): check_forward_ad=True is not supported: there is no forward mode and no vmap',
            )
          } else if (!check_backward_ad) {
            expect(errorOf(run)).toBe(
              'AssertionError: Expected at least one of check_forward_ad or check_backward_ad to be True',
            )
          } else if (bad) expect(errorOf(run)).toBe('RuntimeError: FAIL BWD')
          else expect(run()).toBe(true)
        }
      }
    }
  })
})
