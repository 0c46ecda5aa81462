// Two functions of torch.autograd.gradcheck that PyTorch never meant to show and keeps with a warning.
import { IndexError, ValueError } from '../core/errors'
import { warn } from '../core/warnings'
import { type Differentiable, differentiable, evaluated, type Outputs, tupled } from './gradcheck'
import { backwardTwice, numericalJacobians } from './jacobians'
import { Def } from './signature-def'
import { temporaries } from './temporaries'
import type { Tensor } from './tensor'
import { tuple } from './tuple'

const DEFS = {
  numerical: new Def('get_numerical_jacobian', 'fn, inputs, target=None, eps=1e-3, grad_out=1'),
  analytical: new Def('get_analytical_jacobian', 'inputs, output, nondet_tol=0, grad_out=1'),
}

function deprecate(name: string, grad_out: unknown): void {
  warn(
    'FutureWarning',
    `\`${name}\` was part of PyTorch's private API and not meant to be exposed. We are deprecating it and it will be ` +
      'removed in a future version of PyTorch. If you have a specific use for this or feature request for this to be a ' +
      'stable API, please file us an issue at https://github.com/pytorch/pytorch/issues/new',
  )
  if (grad_out === 1) return
  throw new ValueError(`Expected grad_out to be 1.0. ${name} no longer supports values of grad_out != 1.0.`)
}

/**
 * The Jacobian of the first output of `fn(inputs)` (the array as one argument) by central differences, for every input
 * in `target` that requires grad. Deprecated in PyTorch 2.13. @throws ValueError for another `grad_out` than 1
 */
export function get_numerical_jacobian<const I>(
  fn: (inputs: I) => Outputs,
  inputs: I,
  options?: { target?: Tensor | readonly Tensor[] | null; eps?: number; grad_out?: number },
): Tensor[]
export function get_numerical_jacobian(...args: unknown[]): Tensor[] {
  const [fn, inputs, target, eps, grad_out] = DEFS.numerical.parse(args)
  deprecate('get_numerical_jacobian', grad_out)
  const evaluate = () => evaluated(fn as Differentiable, [inputs])
  return temporaries(() => {
    const outputs = evaluate()
    const jacobians = differentiable(tupled(target ?? inputs)).map((input) => {
      const [first] = numericalJacobians(evaluate, input, outputs, eps as number)
      if (!first) throw new IndexError('tuple index out of range')
      return first
    })
    return tuple(jacobians)
  })
}

/**
 * `[jacobians, reentrant, correct_grad_sizes, correct_grad_types]` of `output` by backward, for every input that requires
 * grad; the last two hold by construction. Deprecated in PyTorch 2.13. @throws ValueError for another `grad_out` than 1
 */
export function get_analytical_jacobian(
  inputs: readonly Tensor[],
  output: Tensor,
  options?: { nondet_tol?: number; grad_out?: number },
): [jacobians: Tensor[], reentrant: boolean, correct_grad_sizes: boolean, correct_grad_types: boolean]
export function get_analytical_jacobian(...args: unknown[]): unknown {
  const [inputs, output, nondet_tol, grad_out] = DEFS.analytical.parse(args)
  deprecate('get_analytical_jacobian', grad_out)
  return temporaries(() => {
    const { jacobians, reentrant } = backwardTwice(
      output as Tensor,
      differentiable(tupled(inputs)),
      nondet_tol as number,
    )
    return tuple([tuple(jacobians), reentrant, true, true])
  })
}
