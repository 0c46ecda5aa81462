// torch.autograd.gradcheck and gradgradcheck: is a function's backward the derivative of its forward?
import {
  AssertionError,
  AttributeError,
  IndexError,
  NotImplementedError,
  RuntimeError,
  ValueError,
} from '../core/errors'
import { warn } from '../core/warnings'
import { grad } from './autograd'
import { zeros } from './creation'
import { float64 } from './dtype'
import { Function_, type FunctionCtx } from './function'
import { type Check, checkConstant, fastCheck } from './gradcheck_fast'
import { analyticalJacobians, elementsOf, GradcheckError, isClose, mismatchText, numericalJacobians } from './jacobians'
import { pyTypeName } from './pytypes'
import { callable, Def } from './signature-def'
import { temporaries } from './temporaries'
import { Tensor } from './tensor'

export interface GradcheckOptions {
  /** The step of the central differences. Default 1e-6. */
  eps?: number
  /** Jacobians may differ by `atol + rtol * |numerical|`. Defaults 1e-5 and 1e-3. */
  atol?: number
  rtol?: number
  /** false: a failed check returns false instead of throwing. */
  raise_exception?: boolean
  /** How much two runs of the same backward may differ. Default 0. */
  nondet_tol?: number
  /** Whether backward must cope with outputs that have no gradient. Default true. */
  check_undefined_grad?: boolean
  /** Accepted; the engine gives every gradient its input's dtype. */
  check_grad_dtypes?: boolean
  check_backward_ad?: boolean
  /** Compares one random combination of the Jacobian's entries instead of all. */
  fast_mode?: boolean
  /** The zero that zero gradients must give may be off by 1e-8. */
  masked?: boolean | null
  /** These need vmap or forward mode: NotImplementedError. */
  check_batched_grad?: boolean
  check_batched_forward_grad?: boolean
  check_forward_ad?: boolean
}

/** What the arguments are for `fn(...inputs)`: an array is spread, anything else is the only one. */
export type Arguments<I> = I extends readonly unknown[] ? I : [I]
export type Outputs = Tensor | readonly Tensor[]

/** The keywords that gradcheck and gradgradcheck share. */
export const KEYWORDS =
  'eps=1e-6, atol=1e-5, rtol=1e-3, raise_exception=True, nondet_tol=0, check_undefined_grad=True, ' +
  'check_grad_dtypes=False, check_batched_grad=False, fast_mode=False, masked=None'
const definition = new Def(
  'gradcheck',
  `func, inputs, *, ${KEYWORDS}, check_batched_forward_grad=False, check_forward_ad=False, check_backward_ad=True`,
)

export type Differentiable = (...inputs: unknown[]) => unknown
export const tupled = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

/** What `fn` returns. @throws AttributeError for what is no tensor */
export function evaluated(fn: Differentiable, args: readonly unknown[]): readonly Tensor[] {
  const outputs = tupled(callable(fn)(...args))
  const odd = outputs.findIndex((output) => !(output instanceof Tensor))
  if (odd < 0) return outputs as readonly Tensor[]
  throw new AttributeError(`'${pyTypeName(outputs[odd])}' object has no attribute 'requires_grad'`)
}

export const differentiable = (tensors: readonly unknown[]) =>
  tensors.filter((t): t is Tensor => t instanceof Tensor && t.requires_grad)

/** @throws RuntimeError for an input whose elements share memory, ValueError when none requires grad */
function checkInputs(args: readonly unknown[]): void {
  for (const [i, input] of args.entries()) {
    if (!(input instanceof Tensor && input.requires_grad)) continue
    if (input.dtype !== float64) {
      warn(
        'UserWarning',
        `Input #${i} requires gradient and is not a double precision floating point or complex. This check will likely ` +
          'fail if all the inputs are not of double precision floating point or complex. ',
      )
    }
    const { shape } = input
    if (input.stride().some((stride, d) => stride === 0 && shape[d] > 1)) {
      throw new RuntimeError(
        `The ${i}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be ` +
          'able to compute the numerical gradients correctly. You should call .contiguous on the input before passing it ' +
          'to gradcheck.',
      )
    }
  }
  if (differentiable(args).length > 0) return
  throw new ValueError(
    'gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True.',
  )
}

/** Compares all Jacobians entry by entry. @throws GradcheckError, IndexError */
function slowCheck(check: Check): void {
  const { evaluate, inputs, returned, outputs, eps, atol, rtol, nondet_tol } = check
  const numerical = inputs.map((input) => numericalJacobians(evaluate, input, returned, eps))
  if (outputs.length === 0) {
    checkConstant(numerical.flat(), 0)
    return
  }
  // PyTorch pairs the Jacobians, which leave integers out, with all that the function returned.
  const paired = numerical.map((jacobians) => jacobians.filter((_, k) => returned[k].requires_grad))
  for (const [o, output] of outputs.entries()) {
    const analytical = analyticalJacobians(output, inputs, nondet_tol)
    if (o >= paired[0].length) throw new IndexError('list index out of range')
    for (const [i, computed] of analytical.entries()) {
      const measured = paired[i][o]
      if (isClose(elementsOf(computed), elementsOf(measured), rtol, atol)) continue
      throw new GradcheckError(mismatchText(o, i, String(measured), String(computed)))
    }
  }
}

const zerosFor = (outputs: readonly Tensor[]) => outputs.map((output) => zeros(output.shape, { dtype: output.dtype }))
const isZero = (t: Tensor, atol = 0) => elementsOf(t).every((value) => Math.abs(value) <= atol)

/** Backward of zeros must be zeros, each of its input's dtype and shape. @throws GradcheckError */
function checkZeroGradient({ inputs, outputs, masked }: Check): void {
  const grads = grad(outputs, inputs, zerosFor(outputs), { allow_unused: true })
  for (const [i, g] of grads.entries()) {
    if (!g) continue
    if (!isZero(g, masked ? 1e-8 : 0)) throw new GradcheckError('backward not multiplied by grad_output')
    if (g.dtype !== inputs[i].dtype) throw new GradcheckError('grad is incorrect type')
    if (String(g.shape) !== String(inputs[i].shape)) throw new GradcheckError('grad is incorrect size')
  }
}

/** Passes its input on and no gradient back. */
class UndefinedGrad extends Function_ {
  static override forward(_: FunctionCtx, x: Tensor): Tensor {
    return x.clone()
  }
  static override backward(): null {
    return null
  }
}

const NOTES = ' Please look at "Notes about undefined output gradients" in "tools/autograd/derivatives.yaml"'

/** Outputs without a gradient, all or one of them, must count as zeros. @throws GradcheckError */
function checkUndefinedGradients({ evaluate, inputs, outputs }: Check): void {
  const cases = outputs.length > 1 ? [null, ...outputs.keys()] : [null]
  for (const undefinedAt of cases) {
    temporaries(() => {
      const roots = differentiable(evaluate()).map((output, i) =>
        undefinedAt === null || undefinedAt === i ? UndefinedGrad.apply(output) : output,
      )
      checkUndefined(roots, inputs)
    })
  }
}

function checkUndefined(roots: readonly Tensor[], inputs: readonly Tensor[]): void {
  const fail = (text: string, cause?: unknown) => {
    warn(
      'UserWarning',
      'Backwards compatibility: New undefined gradient support checking feature is enabled by default, but it may break ' +
        'existing callers of this function. If this is true for you, you can call this function with ' +
        '"check_undefined_grad=False" to disable the feature',
    )
    throw new GradcheckError(text + NOTES, { cause })
  }
  let grads: (Tensor | null)[] = []
  try {
    grads = grad(roots, inputs, zerosFor(roots), { allow_unused: true })
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    fail('Expected backward function to handle undefined output grads.', error)
  }
  if (grads.every((g) => g === null || isZero(g))) return
  fail('Expected all input grads to be undefined or zero when all output grads are undefined or zero.')
}

/**
 * Compares the gradients of `fn(...inputs)` by backward with those by central differences, for every input that requires
 * grad. The inputs' elements are moved in place on the way and moved back; tensors that `fn` makes are disposed.
 * Returns true, or false for a failed check with `raise_exception: false`.
 * @throws GradcheckError for a failed check; ValueError when no input requires grad; RuntimeError for one whose elements
 *   share memory; AssertionError when an output's shape or dtype depends on the values; whatever `fn` throws
 * Source: torch.autograd.gradcheck of PyTorch 2.13.
 */
export function gradcheck<const I>(
  fn: (...inputs: Arguments<I>) => Outputs,
  inputs: I,
  options?: GradcheckOptions,
): boolean
export function gradcheck(...args: unknown[]): boolean {
  const [
    fn,
    inputs,
    eps,
    atol,
    rtol,
    raises,
    nondet_tol,
    undefinedGrad,
    ,
    batched,
    fast,
    masked,
    batchedForward,
    forward,
    backward,
  ] = definition.parse(args)
  if (!forward && !backward) {
    throw new AssertionError('Expected at least one of check_forward_ad or check_backward_ad to be True')
  }
  if (batched && !backward) {
    throw new AssertionError('Setting check_batched_grad=True requires check_backward_ad to be True')
  }
  if (batchedForward && !forward) {
    throw new AssertionError('Setting check_batched_forward_grad=True requires check_forward_ad to be True')
  }
  refuse('gradcheck', { check_forward_ad: forward, check_batched_grad: batched })
  const settings = { eps, atol, rtol, nondet_tol, fast, undefinedGrad, masked: Boolean(masked) } as Settings
  try {
    temporaries(() => runChecks(fn as Differentiable, tupled(inputs), settings))
    return true
  } catch (error) {
    if (!raises && error instanceof GradcheckError) return false
    throw error
  }
}

/** @throws NotImplementedError for an option that is on */
export function refuse(name: string, options: Record<string, unknown>): void {
  const on = Object.keys(options).find((option) => options[option])
  if (on) throw new NotImplementedError(`${name}(): ${on}=True is not supported: there is no forward mode and no vmap`)
}

interface Settings extends Pick<Check, 'eps' | 'atol' | 'rtol' | 'nondet_tol' | 'masked'> {
  fast: boolean
  undefinedGrad: boolean
}

function runChecks(fn: Differentiable, args: readonly unknown[], settings: Settings): void {
  checkInputs(args)
  const evaluate = () => evaluated(fn, args)
  const returned = evaluate()
  const check = { evaluate, inputs: differentiable(args), returned, outputs: differentiable(returned), ...settings }
  if (settings.fast) fastCheck(check)
  else slowCheck(check)
  checkZeroGradient(check)
  if (settings.undefinedGrad) checkUndefinedGradients(check)
}
