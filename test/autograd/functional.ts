// What the ports of PyTorch's tests of torch.autograd.functional share.
import { expect } from 'vitest'
import { torch } from '../../src/index'
import type { Tensor } from './harness'

export type Result = Tensor | readonly Result[]
type Call = (...args: unknown[]) => Result
/** The functions with any argument: the tests make mistakes that the types forbid. */
export const functional = torch.autograd.functional as unknown as Record<
  'jacobian' | 'hessian' | 'vjp' | 'jvp' | 'vhp' | 'hvp',
  Call
>

type Shapes = readonly number[] | readonly Shapes[]
const isTensor = (value: unknown): value is Tensor => value instanceof torch.Tensor

/** The shapes in a result, tuples as they are. */
export function shapesOf(result: Result): Shapes {
  return isTensor(result) ? result.shape : result.map(shapesOf)
}

/** Tensors, or tuples of them, of the same shapes. */
export function expectLike(result: Result, base: Result): void {
  expect(shapesOf(result)).toEqual(shapesOf(base))
}

/** For every tensor of `outer` one of every tensor of `inner`, with the dimensions of both. */
export function expectInterleaved(result: Result, outer: Result, inner: Result): void {
  const pairs = (o: Result, i: Result): Shapes => {
    if (!isTensor(o)) return o.map((t) => pairs(t, i))
    if (!isTensor(i)) return i.map((t) => pairs(o, t))
    return [...o.shape, ...i.shape]
  }
  expect(shapesOf(result)).toEqual(pairs(outer, inner))
}

export function tensorsIn(result: Result): Tensor[] {
  return isTensor(result) ? [result] : result.flatMap(tensorsIn)
}

export function expectHistory(result: Result, recorded: boolean): void {
  for (const t of tensorsIn(result)) expect(t.grad_fn !== null).toBe(recorded)
}

export function expectZeros(result: Result): void {
  for (const t of tensorsIn(result)) expect(t.abs().sum().item()).toBe(0)
}

/** Requires grad and is no leaf, but does not hang on `a`. */
export const unrelated = (a: Tensor) => a.long().float().requires_grad_().clone()

/** gradcheck and gradgradcheck of a function of several tensors. */
export function expectDerivatives(fn: (...inputs: Tensor[]) => unknown, inputs: readonly Tensor[]): void {
  const checked = (...args: Tensor[]) => {
    const result = fn(...args) as Result
    return isTensor(result) ? result : tensorsIn(result)
  }
  expect(torch.autograd.gradcheck(checked as () => Tensor[], inputs as [])).toBe(true)
  expect(torch.autograd.gradgradcheck(checked as () => Tensor[], inputs as [])).toBe(true)
}

const text = (name: string, type: string, what: string, found: string) =>
  `${type}: The ${what} given to ${name} ${found}`

/** PyTorch's complaints, by the function that makes them. */
export const complaints = (name: string) => ({
  input: text(name, 'TypeError', 'inputs', `must be ${ODD('int')}`),
  output: text(name, 'TypeError', 'outputs of the user-provided function', `must be ${ODD('str')}`),
  vector: text(name, 'TypeError', 'v', `must be ${ODD('int')}`),
  elements: `RuntimeError: The Tensor returned by the function given to ${name} should contain a single element`,
  single: `RuntimeError: The function given to ${name} should return a single Tensor`,
  constant:
    'RuntimeError: Output 0 of the user-provided function does not require gradients. The outputs must be computed in a ' +
    'differentiable manner from the input when running in strict mode.',
  unrelated:
    'RuntimeError: The output of the user-provided function is independent of input 0. This is not allowed in strict mode.',
  linear:
    'RuntimeError: The jacobian of the user-provided function is independent of input 0. This is not allowed in strict ' +
    'mode when create_graph=True.',
  flat:
    'RuntimeError: While computing the hessian, found that the jacobian of the user-provided function with respect to ' +
    'input 0 is independent of the input. This is not allowed in strict mode. You should ensure that your function is ' +
    'twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for ' +
    'example).',
  together:
    'RuntimeError: torch.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. ' +
    'Please either set `strict=False` or `vectorize=False`.',
})

const ODD = (type: string) =>
  `either a Tensor or a tuple of Tensors but the value at index 1 has type <class '${type}'>.`
