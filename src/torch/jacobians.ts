// Jacobians as gradcheck compares them: measured by central differences, and computed by backward.
import { AssertionError, RuntimeError } from '../core/errors'
import { grad } from './autograd'
import { zeros } from './creation'
import { floatRepr } from './decimals'
import { no_grad } from './grad_mode'
import { temporaries } from './temporaries'
import type { Tensor } from './tensor'

/** A gradient check failed; the message says where, and shows both Jacobians. */
export class GradcheckError extends RuntimeError {
  override name = 'GradcheckError'
}

/** The function under check with its inputs supplied: its outputs, all of them. */
export type Evaluation = () => readonly Tensor[]

/** The elements in row-major order. */
export function elementsOf(t: Tensor): number[] {
  return temporaries(() => t.reshape([t.numel()]).tolist() as number[])
}

/**
 * (f(x + step) - f(x - step)) / 2 eps for every output, flattened. `place` is the data of x, or one element of it: it is
 * written, so that f sees the change in its own input, and holds its old value in the end.
 * @throws AssertionError when an output's shape or dtype depends on the values
 */
export function centralDifference(
  evaluate: Evaluation,
  place: Tensor,
  step: Tensor | number,
  eps: number,
  index: readonly number[] | null = null,
): Tensor[] {
  return temporaries(() => {
    const original = place.clone()
    const at = (value: Tensor): Tensor[] => {
      place.copy_(value)
      // Copies: an output may be a view of what is written next.
      return temporaries(() => evaluate().map((output) => output.clone()))
    }
    let below: Tensor[]
    let above: Tensor[]
    try {
      below = at(original.sub(step))
      above = at(original.add(step))
    } finally {
      place.copy_(original)
    }
    const where = () => `${index === null ? '' : `on index ${tupleText(index)} `}by ${floatRepr(eps)}`
    return no_grad(() =>
      below.map((b, i) => {
        checkSame(b, above[i], where)
        const difference = above[i].sub(b).div(2 * eps)
        return difference.reshape([difference.numel()])
      }),
    )
  })
}

function checkSame(below: Tensor, above: Tensor, where: () => string): void {
  const refuse = (what: string, was: string, is: string) => {
    throw new AssertionError(
      `Expected \`func\` to return outputs with the same ${what} when inputs are perturbed ${where()}, but got: ` +
        `${what}s ${was} and ${is}.`,
    )
  }
  const [was, is] = [below, above].map((t) => t.shape.join(', '))
  if (was !== is) refuse('shape', `torch.Size([${was}])`, `torch.Size([${is}])`)
  if (below.dtype !== above.dtype) refuse('dtype', String(below.dtype), String(above.dtype))
}

const tupleText = (index: readonly number[]) => `(${index.join(', ')}${index.length === 1 ? ',' : ''})`

/**
 * The Jacobians of the floating-point `outputs` with respect to `input`, a row an element of the input and a column an
 * element of the output. As in PyTorch they are filled from all that is returned, in its order: right only when what is
 * not in `outputs`, or not of floats, comes last.
 */
export function numericalJacobians(
  evaluate: Evaluation,
  input: Tensor,
  outputs: readonly Tensor[],
  eps: number,
): Tensor[] {
  return temporaries(() => {
    const jacobians = outputs
      .filter((output) => output.is_floating_point())
      .map((output) => zeros([input.numel(), output.numel()], { dtype: output.dtype }))
    const { data, shape } = input
    const strides = data.stride()
    for (let row = 0; row < input.numel(); row++) {
      temporaries(() => {
        const index = unravel(row, shape)
        const offset = index.reduce((sum, i, d) => sum + i * strides[d], data.storage_offset())
        const place = data.as_strided([], [], offset)
        const columns = centralDifference(evaluate, place, eps, eps, index)
        for (const [i, jacobian] of jacobians.entries()) jacobian.set_at_([row], columns[i])
      })
    }
    return jacobians
  })
}

function unravel(row: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length)
  for (let d = shape.length - 1; d >= 0; d--) {
    index[d] = row % shape[d]
    row = Math.floor(row / shape[d])
  }
  return index
}

/** The gradients of one output under `gradient`: null for an input that it does not depend on. */
function gradients(output: Tensor, inputs: readonly Tensor[], gradient: Tensor): (Tensor | null)[] {
  return grad(output, inputs, gradient, { retain_graph: true, allow_unused: true })
}

/** One column of the Jacobians for every vector that `vectors` writes into a gradient of the output's shape. */
function pulledBack(
  output: Tensor,
  inputs: readonly Tensor[],
  count: number,
  write: (gradient: Tensor, column: number) => void,
): Tensor[] {
  return temporaries(() => {
    const jacobians = inputs.map((input) => zeros([input.numel(), count], { dtype: input.dtype }))
    const gradient = zeros(output.shape, { dtype: output.dtype })
    const flat = gradient.view([output.numel()])
    for (let column = 0; column < count; column++) {
      temporaries(() => {
        write(flat, column)
        for (const [i, d] of gradients(output, inputs, gradient).entries()) {
          if (d) jacobians[i].select(1, column).copy_(d.detach().reshape([d.numel()]))
        }
      })
    }
    return jacobians
  })
}

/**
 * The Jacobians of `output` with respect to `inputs` by backward, a column an element of the output; or, given `v`, the
 * single column vJ. Computed twice: `reentrant` says whether the second run gave the same, up to `nondet_tol`.
 */
export function backwardTwice(
  output: Tensor,
  inputs: readonly Tensor[],
  nondet_tol: number,
  v: Tensor | null = null,
): { jacobians: Tensor[]; reentrant: boolean } {
  const run = () =>
    v
      ? pulledBack(output, inputs, 1, (flat) => flat.copy_(v))
      : pulledBack(output, inputs, output.numel(), (flat, column) => {
          flat.zero_()
          flat.select(0, column).fill_(1)
        })
  const [jacobians, again] = [run(), run()]
  return { jacobians, reentrant: jacobians.every((jacobian, i) => isEqual(jacobian, again[i], nondet_tol)) }
}

/** `backwardTwice`'s Jacobians. @throws GradcheckError unless backward is reentrant */
export function analyticalJacobians(
  output: Tensor,
  inputs: readonly Tensor[],
  nondet_tol: number,
  v: Tensor | null = null,
): Tensor[] {
  return temporaries(() => {
    const { jacobians, reentrant } = backwardTwice(output, inputs, nondet_tol, v)
    if (reentrant) return jacobians
    throw new GradcheckError(
      'Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives ' +
        'different values, although analytical gradient matches numerical gradient.The tolerance for nondeterminism ' +
        `was ${floatRepr(nondet_tol)}.${NONDETERMINISTIC}`,
    )
  })
}

/** A difference that is no number passes: the comparison with the numerical Jacobian will tell. */
function isEqual(a: Tensor, b: Tensor, tolerance: number): boolean {
  const [x, y] = [elementsOf(a), elementsOf(b)]
  const differences = x.map((value, i) => Math.abs(value - y[i]))
  return differences.some(Number.isNaN) || !differences.some((difference) => difference > tolerance)
}

/** torch.allclose: |a - b| <= atol + rtol |b| everywhere, or equal infinities. */
export function isClose(a: readonly number[], b: readonly number[], rtol: number, atol: number): boolean {
  return a.every((x, i) => x === b[i] || (Number.isFinite(b[i]) && Math.abs(x - b[i]) <= atol + rtol * Math.abs(b[i])))
}

/** The beginning of every mismatch's text. `numerical` and `analytical` are tensors or numbers as Python prints them. */
export function mismatchText(output: number, input: number, numerical: string, analytical: string): string {
  return (
    `Jacobian mismatch for output ${output} with respect to input ${input},\n` +
    `numerical:${numerical}\nanalytical:${analytical}\n`
  )
}

const NONDETERMINISTIC = `

NOTE: If your op relies on non-deterministic operations i.e., it is listed here:
https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
this failure might be expected.

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck.
If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with \`nondet_tol=<tol>\` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have \`gradcheck_nondet_tol=<tol>\`.
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have \`gradcheck_nondet_tol=<tol>\`
`
