// torch.autograd.functional.jacobian and hessian, a backward pass a row.
import { Op } from '../../assembly/abi'
import { AssertionError, NotImplementedError, RuntimeError } from '../core/errors'
import { functionOf } from './call'
import { zeros_like } from './creation'
import type { ProductOptions } from './functional_autograd'
import {
  asOutputs,
  asTensors,
  type Callable,
  checkDependent,
  checkScalar,
  constantText,
  fresh,
  gradients,
  like,
  type Per,
  released,
} from './functional_steps'
import { enable_grad } from './grad_mode'
import type { Arguments, Outputs } from './gradcheck'
import { callable, Def, flag } from './signature-def'
import { temporaries } from './temporaries'
import type { Tensor } from './tensor'
import { tuple } from './tuple'

const stack = functionOf(Op.Stack)

export interface JacobianOptions extends ProductOptions {
  /** Needs vmap: NotImplementedError. */
  vectorize?: boolean
}

const PARAMS = 'func, inputs, create_graph=False, strict=False, vectorize=False, '
const DEFS = {
  jacobian: new Def('jacobian', `${PARAMS}strategy='reverse-mode'`),
  hessian: new Def('hessian', `${PARAMS}outer_jacobian_strategy='reverse-mode'`),
}

const FORWARD = 'strategy="forward-mode"'
const REVERSE = 'strategy="reverse-mode"'

/**
 * @throws AssertionError for an unknown strategy; NotImplementedError for what needs forward mode or vmap, and
 *   RuntimeError for what PyTorch, too, does not combine with them
 */
function checkStrategy(strategy: unknown, vectorize: unknown, create: unknown, strict: unknown, hint: string): void {
  if (strategy !== 'forward-mode' && strategy !== 'reverse-mode') {
    throw new AssertionError(`Expected strategy to be either "forward-mode" or "reverse-mode".${hint}`)
  }
  const forward = strategy === 'forward-mode'
  if (forward && create) throw new NotImplementedError(together('create_graph', FORWARD, `\`${REVERSE}\``, true))
  if (forward && strict) throw new RuntimeError(together('strict', FORWARD, `\`${REVERSE}\``, true))
  if (!forward && strict && vectorize) {
    throw new RuntimeError(together('strict', 'vectorized=True', '`vectorize=False`', false))
  }
  if (vectorize) throw new NotImplementedError('vectorize=True is not supported: there is no vmap')
  if (!forward) return
  throw new NotImplementedError(
    'Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for `vectorize=True`.',
  )
}

const together = (option: string, other: string, instead: string, yet: boolean) =>
  `torch.autograd.functional.jacobian: \`${option}=True\` and \`${other}\` are not supported together${yet ? ' (yet)' : ''}. ` +
  `Please either set \`${option}=False\` or ${instead}.`

/**
 * The Jacobian of every output with respect to every input, each of the shape `[...output.shape, ...input.shape]`:
 * `jacobian[o][i]`, without the index that belongs to a lone tensor.
 * @throws RuntimeError for an output without elements, and in strict mode; TypeError for what is no tensor
 */
export function jacobian<const I, O extends Outputs>(
  fn: (...inputs: Arguments<I>) => O,
  inputs: I,
  ...rest: (boolean | JacobianOptions)[]
): Per<O, Per<I, Tensor>>
export function jacobian(...args: unknown[]): unknown {
  const [fn, given, create_graph, strict, vectorize, strategy] = DEFS.jacobian.parse(args)
  const hint =
    ' Hint: If your function has more outputs than inputs, "forward-mode" tends to be more performant. Otherwise, ' +
    'prefer to use "reverse-mode".'
  checkStrategy(strategy, vectorize, create_graph, strict, hint)
  return temporaries(() => enable_grad(() => jacobians(fn as Callable, given, flag(create_graph), flag(strict))))
}

function jacobians(fn: Callable, given: unknown, create: boolean, strict: boolean): unknown {
  const inputs = fresh(asTensors(given, 'inputs', 'jacobian'), create, true)
  const outputs = asOutputs(callable(fn)(...inputs.tensors), 'jacobian')
  if (strict) checkDependent(outputs.tensors, 'outputs')
  const rows = outputs.tensors.map((output, o) => {
    const flat = output.reshape([output.numel()])
    const grads = Array.from({ length: output.numel() }, (_, j) => {
      const row = gradients([flat.select(0, j)], inputs.tensors, null, { create_graph: create, retain_graph: true })
      return row.map((g, i) => element(g, inputs.tensors[i], o, i, strict, create))
    })
    const of = (input: Tensor, i: number) => stack(grads.map((row) => row[i])).view([...output.shape, ...input.shape])
    return like(inputs, released(inputs.tensors.map(of), create))
  })
  return like(outputs, tuple(rows))
}

/** One row of a Jacobian; zeros where there is none. */
function element(g: Tensor | null, input: Tensor, o: number, i: number, strict: boolean, create: boolean): Tensor {
  // The output's number where the text says input: so does PyTorch's.
  if (g && strict && create && !g.requires_grad) throw new RuntimeError(constantText('jacobian', o))
  if (!g && strict) {
    throw new RuntimeError(
      `Output ${o} of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
    )
  }
  return g ?? zeros_like(input)
}

/**
 * The Hessian of a function of one element, with respect to every pair of inputs: `hessian[i][j]`, or one tensor for one
 * input. @throws RuntimeError when `fn` returns anything else, and in strict mode
 */
export function hessian<const I>(
  fn: (...inputs: Arguments<I>) => Tensor,
  inputs: I,
  ...rest: (boolean | JacobianOptions)[]
): Per<I, Per<I, Tensor>>
export function hessian(...args: unknown[]): unknown {
  const [fn, given, create_graph, strict, vectorize, strategy] = DEFS.hessian.parse(args)
  const inputs = asTensors(given, 'inputs', 'hessian')
  checkStrategy(strategy, vectorize, create_graph, strict, '')
  const scalar: Callable = (...values) => {
    const outputs = asOutputs(callable(fn as Callable)(...values), 'hessian')
    if (flag(strict)) checkDependent(outputs.tensors, 'outputs')
    checkScalar(outputs, 'hessian')
    return outputs.tensors[0].squeeze()
  }
  const first = (...values: readonly Tensor[]): Tensor[] => {
    const derivatives = jacobian(scalar as (...inputs: readonly Tensor[]) => Tensor, values, { create_graph: true })
    if (flag(strict)) checkDependent(derivatives, 'jacobian')
    return derivatives
  }
  return temporaries(() => {
    const second = jacobian(first, inputs.tensors, flag(create_graph), flag(strict))
    return like(inputs, tuple(second.map((row) => like(inputs, row))))
  })
}
