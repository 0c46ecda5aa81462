// What the functions of torch.autograd.functional share: arguments into tuples and fresh leaves, gradients with zeros for
// what is missing, and the complaints of strict mode. Every text is PyTorch 2.13's.
import { IndexError, PyTypeError, RuntimeError } from '../core/errors'
import { grad } from './autograd'
import { zeros_like } from './creation'
import { pyTypeName } from './pytypes'
import { Tensor } from './tensor'
import { tuple } from './tuple'

/** An argument or a result that may be one tensor or several. */
export interface Tensors {
  tensors: readonly Tensor[]
  /** Whether it was an array: then so is what corresponds to it. */
  several: boolean
}

/** @throws TypeError for what is no tensor; `what` and `by` are named in the text */
export function asTensors(value: unknown, what: string, by: string): Tensors {
  const several = Array.isArray(value)
  const items: readonly unknown[] = several ? value : [value]
  const odd = items.findIndex((item) => !(item instanceof Tensor))
  if (odd < 0) return { tensors: items as readonly Tensor[], several }
  const place = several ? `value at index ${odd}` : `given ${what}`
  throw new PyTypeError(
    `The ${what} given to ${by} must be either a Tensor or a tuple of Tensors but the ${place} has type ` +
      `<class '${pyTypeName(items[odd])}'>.`,
  )
}

/** As many results as `T` has tensors. */
export type Per<T, R> = T extends readonly unknown[] ? R[] : R
export type Callable = (...inputs: readonly Tensor[]) => unknown

/** What the user's function returned. */
export const asOutputs = (value: unknown, by: string) => asTensors(value, 'outputs of the user-provided function', by)

/** Tensors of their own, so that a tensor that the function captured is told from the argument that it is, too. */
export function fresh(inputs: Tensors, create: boolean, needGraph: boolean): Tensors {
  const own = (input: Tensor) =>
    create && input.requires_grad ? input.view_as(input) : input.detach().requires_grad_(needGraph)
  return { ...inputs, tensors: inputs.tensors.map(own) }
}

/** Results as the caller gets them: without history unless it asked for one. @throws IndexError when there are none */
export function released(tensors: readonly Tensor[], create: boolean): Tensor[] {
  if (tensors.length === 0) throw new IndexError('tuple index out of range')
  return tuple(create ? [...tensors] : tensors.map((t) => t.detach()))
}

/** Several results for several arguments, one for one. */
export const like = <T>({ several }: Tensors, results: T[]): T[] | T => (several ? results : results[0])

/** @throws RuntimeError when the vector's tensors are not as many, or not as large, as those it goes with */
export function checkVector(v: readonly Tensor[], other: Tensors): void {
  const { tensors, several } = other
  if (v.length !== tensors.length) {
    throw new RuntimeError(
      several
        ? `v is a tuple of invalid length: should be ${tensors.length} but got ${v.length}.`
        : 'The given v should contain a single Tensor.',
    )
  }
  for (const [i, { shape }] of tensors.entries()) {
    if (String(shape) === String(v[i].shape)) continue
    throw new RuntimeError(
      `${several ? `Entry ${i} in ` : ''}v has invalid size: should be ${sizeText(shape)} but got ${sizeText(v[i].shape)}.`,
    )
  }
}

const sizeText = (shape: readonly number[]) => `torch.Size([${shape.join(', ')}])`
const NOT_ALLOWED = 'This is not allowed in strict mode'

const INDEPENDENT = {
  outputs: (i: number) =>
    `Output ${i} of the user-provided function does not require gradients. The outputs must be computed in a ` +
    'differentiable manner from the input when running in strict mode.',
  grad_inputs: (i: number) =>
    `The gradient with respect to input ${i} is independent of the inputs of the user-provided function. ${NOT_ALLOWED}.`,
  jacobian: (i: number) =>
    `While computing the hessian, found that the jacobian of the user-provided function with respect to input ${i} is ` +
    `independent of the input. ${NOT_ALLOWED}. You should ensure that your function is twice differentiable and that ` +
    'the jacobian depends on the inputs (this would be violated by a linear function for example).',
  hessian: (i: number) =>
    `The hessian of the user-provided function with respect to input ${i} is independent of the input. ${NOT_ALLOWED}. ` +
    'You should ensure that your function is thrice differentiable and that the hessian depends on the inputs.',
}

/** Strict mode: each must depend on the inputs. @throws RuntimeError */
export function checkDependent(tensors: readonly (Tensor | null)[], kind: keyof typeof INDEPENDENT): void {
  for (const [i, t] of tensors.entries()) {
    if (!t) throw new RuntimeError(MISSING.back(i))
    if (!t.requires_grad) throw new RuntimeError(INDEPENDENT[kind](i))
  }
}

/** Why a gradient may be missing, by the backward pass that it is missing in. */
const MISSING = {
  back: (i: number) => `The output of the user-provided function is independent of input ${i}. ${NOT_ALLOWED}.`,
  back_trick: (i: number) =>
    `The gradient with respect to the input is independent of entry ${i} in the grad_outputs when using the double ` +
    `backward trick to compute forward mode gradients. ${NOT_ALLOWED}.`,
  double_back: (i: number) =>
    `The jacobian of the user-provided function is independent of input ${i}. ${NOT_ALLOWED}.`,
  double_back_trick: (i: number) =>
    `The hessian of the user-provided function is independent of entry ${i} in the grad_jacobian. ${NOT_ALLOWED} as it ` +
    'prevents from using the double backward trick to replace forward mode AD.',
}

/** Gradients with zeros for those that are missing. @throws RuntimeError for a missing or constant one in strict mode */
export function filled(
  grads: readonly (Tensor | null)[],
  refs: readonly Tensor[],
  strict: boolean,
  create: boolean,
  pass: keyof typeof MISSING,
): Tensor[] {
  return grads.map((g, i) => {
    if (!g && strict) throw new RuntimeError(MISSING[pass](i))
    if (g && strict && create && !g.requires_grad) {
      const what = pass.startsWith('double') ? 'hessian' : 'jacobian'
      throw new RuntimeError(constantText(what, i))
    }
    return g ?? zeros_like(refs[i])
  })
}

/** What strict mode says of a derivative that cannot be differentiated again. */
export const constantText = (what: 'hessian' | 'jacobian', input: number) =>
  `The ${what} of the user-provided function is independent of input ${input}. ${NOT_ALLOWED} when create_graph=True.`

/** @throws RuntimeError unless the function returned one tensor with one element */
export function checkScalar({ tensors, several }: Tensors, name: string): void {
  if (several) throw new RuntimeError(`The function given to ${name} should return a single Tensor`)
  if (tensors[0].numel() === 1) return
  throw new RuntimeError(`The Tensor returned by the function given to ${name} should contain a single element`)
}

/** `grad` of those outputs that require it; null for inputs that none of them depends on. */
export function gradients(
  outputs: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  vectors: readonly Tensor[] | null,
  options: { create_graph: boolean; retain_graph?: boolean },
): (Tensor | null)[] {
  const pairs = outputs.flatMap((output, i) => (output?.requires_grad ? [[output, vectors?.[i] ?? null] as const] : []))
  if (pairs.length === 0) return inputs.map(() => null)
  const [roots, given] = [pairs.map(([output]) => output), pairs.map(([, v]) => v)]
  return grad(roots, inputs, given, { ...options, allow_unused: true })
}
