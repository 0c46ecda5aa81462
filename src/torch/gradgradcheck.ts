// torch.autograd.gradgradcheck: is the backward of a function's backward its derivative?
import { AssertionError } from '../core/errors'
import { grad } from './autograd'
import { tensor } from './data'
import {
  type Arguments,
  type Differentiable,
  differentiable,
  evaluated,
  type GradcheckOptions,
  gradcheck,
  KEYWORDS,
  type Outputs,
  refuse,
  tupled,
} from './gradcheck'
import { Mt19937 } from './mt19937'
import { Def } from './signature-def'
import { temporaries } from './temporaries'
import type { Tensor } from './tensor'

export interface GradgradcheckOptions
  extends Omit<GradcheckOptions, 'check_forward_ad' | 'check_backward_ad' | 'check_batched_forward_grad'> {
  /** The gradients of the outputs that are made up are not contiguous. */
  gen_non_contig_grad_outputs?: boolean
  /** Needs forward mode: NotImplementedError. */
  check_fwd_over_rev?: boolean
  check_rev_over_rev?: boolean
}

const definition = new Def(
  'gradgradcheck',
  `func, inputs, grad_outputs=None, *, ${KEYWORDS}, gen_non_contig_grad_outputs=False, check_fwd_over_rev=False, ` +
    'check_rev_over_rev=True',
)

/** A leaf with the output's shape and elements in [-1, 1); scattered: every other element of a larger one. */
function randomGradient(output: Tensor, random: Mt19937, scattered: boolean): Tensor {
  const { shape, dtype } = output
  const step = scattered ? 2 : 1
  const drawn = Array.from({ length: output.numel() * step }, () => random.float64() * 2 - 1)
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * Math.max(b, 1), step))
  return tensor(drawn, { dtype }).as_strided(shape, strides).requires_grad_()
}

/**
 * `gradcheck` of the function that `fn`'s backward is: (inputs, grad_outputs) to the inputs' gradients. Without
 * `grad_outputs` random ones are made up, the same in every call. A backward that is wrong but consistent passes.
 * @throws as `gradcheck`
 * Source: torch.autograd.gradgradcheck of PyTorch 2.13.
 */
export function gradgradcheck<const I>(
  fn: (...inputs: Arguments<I>) => Outputs,
  inputs: I,
  grad_outputs?: Outputs | null | GradgradcheckOptions,
  options?: GradgradcheckOptions,
): boolean
export function gradgradcheck(...args: unknown[]): boolean {
  const [fn, inputs, given, eps, atol, rtol, raise_exception, nondet_tol, undefinedGrad, ...others] =
    definition.parse(args)
  const [check_grad_dtypes, batched, fast_mode, masked, scattered, forward, reverse] = others
  if (!forward && !reverse) {
    throw new AssertionError('Expected at least one of check_fwd_over_rev or check_rev_over_rev to be True')
  }
  for (const [name, on] of Object.entries({ check_undefined_grad: undefinedGrad, check_batched_grad: batched })) {
    if (on && !reverse) throw new AssertionError(`Setting ${name}=True requires check_rev_over_rev to be True`)
  }
  refuse('gradgradcheck', { check_fwd_over_rev: forward, check_batched_grad: batched })
  const first = tupled(inputs)
  const outputsOf = (values: readonly unknown[]) => differentiable(evaluated(fn as Differentiable, values))
  const backwardOf = (...values: readonly unknown[]) => {
    const own = values.slice(0, first.length)
    const grads = grad(outputsOf(own), differentiable(own), values.slice(first.length) as Tensor[], {
      create_graph: true,
      allow_unused: true,
    })
    return grads.filter((g) => g !== null)
  }
  const options = { eps, atol, rtol, raise_exception, nondet_tol, check_undefined_grad: undefinedGrad }
  const flags = { check_grad_dtypes, fast_mode, masked }
  return temporaries(() => {
    const random = new Mt19937()
    const grads =
      given === null
        ? temporaries(() => outputsOf(first).map((output) => randomGradient(output, random, Boolean(scattered))))
        : tupled(given)
    return gradcheck(backwardOf, [...first, ...grads], { ...options, ...flags } as GradcheckOptions)
  })
}
