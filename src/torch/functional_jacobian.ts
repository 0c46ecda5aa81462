// torch.autograd.functional.jacobian and hessian, a backward pass a row.
import { Op } from '../../assembly/abi'
import { AssertionError, IndexError, NotImplementedError, RuntimeError } from '../core/errors'
import { functionOf } from './call'
import { zeros, zeros_like } from './creation'
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
  /** All outputs in one backward pass a row, as PyTorch has them in one pass over all rows: what is infinite spreads. */
  vectorize?: boolean
}

const PARAMS = 'func, inputs, create_graph=False, strict=False, vectorize=False, '
const DEFS = {
  jacobian: new Def('jacobian', `${PARAMS}strategy='reverse-mode'`),
  hessian: new Def('hessian', `${PARAMS}outer_jacobian_strategy='reverse-mode'`),
}

const FORWARD = 'strategy="forward-mode"'
const REVERSE = 'strategy="reverse-mode"'

/** @throws AssertionError for an unknown strategy; NotImplementedError or RuntimeError for forward mode */
function checkStrategy(strategy: unknown, vectorize: boolean, create: boolean, strict: boolean, hint: string): void {
  if (strategy === 'reverse-mode') return
  if (strategy !== 'forward-mode') {
    throw new AssertionError(`Expected strategy to be either "forward-mode" or "reverse-mode".${hint}`)
  }
  if (create) throw new NotImplementedError(together('create_graph', FORWARD, `\`${REVERSE}\``, true))
  if (strict) throw new RuntimeError(together('strict', FORWARD, `\`${REVERSE}\``, true))
  throw new NotImplementedError(
    vectorize
      ? `${FORWARD} is not supported: there is no forward mode`
      : 'Computing Jacobian using forward-AD or forward-over-reverse Hessian isonly implemented for `vectorize=True`.',
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
  const mode = { create: flag(create_graph), strict: flag(strict), vectorize: flag(vectorize) }
  checkStrategy(strategy, mode.vectorize, mode.create, mode.strict, hint)
  return temporaries(() => enable_grad(() => jacobians(fn as Callable, given, mode)))
}

interface Mode {
  create: boolean
  strict: boolean
  vectorize: boolean
}

function jacobians(fn: Callable, given: unknown, mode: Mode): unknown {
  const { create, strict, vectorize } = mode
  const inputs = fresh(asTensors(given, 'inputs', 'jacobian'), create, true)
  const outputs = asOutputs(callable(fn)(...inputs.tensors), 'jacobian')
  if (strict) checkDependent(outputs.tensors, 'outputs')
  if (vectorize && strict) throw new RuntimeError(together('strict', 'vectorized=True', '`vectorize=False`', false))
  const found = vectorize
    ? outputsTogether(outputs.tensors, inputs.tensors, create)
    : outputs.tensors.map((output, o) => outputAlone(output, o, inputs.tensors, mode))
  return like(outputs, tuple(found.map((row) => like(inputs, released(row, create)))))
}

/** The Jacobians of one output, a backward pass an element. */
function outputAlone(output: Tensor, o: number, inputs: readonly Tensor[], { create, strict }: Mode): Tensor[] {
  const flat = output.reshape([output.numel()])
  const grads = Array.from({ length: output.numel() }, (_, j) => {
    const row = gradients([flat.select(0, j)], inputs, null, { create_graph: create, retain_graph: true })
    return row.map((g, i) => element(g, inputs[i], o, i, strict, create))
  })
  return inputs.map((input, i) => stack(grads.map((row) => row[i])).view([...output.shape, ...input.shape]))
}

/** The Jacobians of all outputs, a backward pass of them all an element: vmap's, row by row. */
function outputsTogether(outputs: readonly Tensor[], inputs: readonly Tensor[], create: boolean): Tensor[][] {
  const counts = outputs.map((output) => output.numel())
  const basis = standardBasis(outputs)
  const flat = outputs.map((output) => output.reshape([output.numel()]))
  const total = basis[0].size(0)
  const rows = Array.from({ length: total }, (_, r) => {
    const options = { create_graph: create, retain_graph: create || r < total - 1 }
    return gradients(
      flat,
      inputs,
      basis.map((chunk) => chunk.select(0, r)),
      options,
    )
  })
  if (total === 0 && outputs.some((output) => output.requires_grad)) {
    throw new IndexError('index 0 is out of bounds for dimension 0 with size 0')
  }
  const perInput = inputs.map((input, i) => {
    const missing = rows.every((row) => row[i] === null)
    const jacobian = missing
      ? zeros_like(input).expand([total, ...input.shape])
      : stack(rows.map((row) => row[i] ?? zeros_like(input)))
    return jacobian.split(counts, 0).map((part, o) => part.view([...outputs[o].shape, ...input.shape]))
  })
  return outputs.map((_, o) => perInput.map((parts) => parts[o]))
}

/**
 * The rows of an identity matrix, its columns dealt out to the tensors: for each as many as it has elements, in its dtype.
 * @throws AssertionError for no tensors
 */
export function standardBasis(tensors: readonly Tensor[]): Tensor[] {
  if (tensors.length === 0) throw new AssertionError('Expected at least one tensor')
  const counts = tensors.map((t) => t.numel())
  const total = counts.reduce((a, b) => a + b, 0)
  let first = 0
  return tensors.map(({ dtype }, i) => {
    const count = counts[i]
    const chunk = zeros([total, count], { dtype })
    if (count > 0) chunk.as_strided([count], [count + 1], first * count).fill_(1)
    first += count
    return chunk
  })
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
  const mode = { create_graph: flag(create_graph), strict: flag(strict), vectorize: flag(vectorize) }
  checkStrategy(strategy, mode.vectorize, mode.create_graph, mode.strict, '')
  const scalar: Callable = (...values) => {
    const outputs = asOutputs(callable(fn as Callable)(...values), 'hessian')
    if (mode.strict) checkDependent(outputs.tensors, 'outputs')
    checkScalar(outputs, 'hessian')
    return outputs.tensors[0].squeeze()
  }
  const first = (...values: readonly Tensor[]): Tensor[] => {
    const derivatives = jacobian(scalar as (...inputs: readonly Tensor[]) => Tensor, values, { create_graph: true })
    if (mode.strict) checkDependent(derivatives, 'jacobian')
    return derivatives
  }
  return temporaries(() => {
    const second = jacobian(first, inputs.tensors, mode)
    return like(inputs, tuple(second.map((row) => like(inputs, row))))
  })
}
