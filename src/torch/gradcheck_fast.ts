// gradcheck's fast mode: instead of whole Jacobians J, one number vJu for random vectors u and v (PyTorch issue 53876).
import { tensor } from './data'
import { floatRepr } from './decimals'
import { no_grad } from './grad_mode'
import {
  analyticalJacobians,
  centralDifference,
  type Evaluation,
  elementsOf,
  GradcheckError,
  isClose,
  mismatchText,
  numericalJacobians,
} from './jacobians'
import { Mt19937 } from './mt19937'
import { temporaries } from './temporaries'
import type { Tensor } from './tensor'

/** What a check compares, and how closely. */
export interface Check {
  evaluate: Evaluation
  /** Those that require grad, of all arguments. */
  inputs: readonly Tensor[]
  /** All that the function returned. */
  returned: readonly Tensor[]
  /** Those of them that require grad. */
  outputs: readonly Tensor[]
  eps: number
  atol: number
  rtol: number
  nondet_tol: number
  masked: boolean
}

/** A random vector of length one with non-negative elements, as long as `like` and of its dtype. */
function direction(like: Tensor, random: Mt19937): Tensor {
  const drawn = Array.from({ length: like.numel() }, () => random.float32())
  const norm = Math.sqrt(drawn.reduce((sum, x) => sum + x * x, 0))
  return tensor(
    drawn.map((x) => x / norm),
    { dtype: like.dtype },
  )
}

const sumOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
const dot = (a: readonly number[], b: readonly number[]) => sumOf(a.map((x, i) => x * b[i]))

/** Ju for every returned tensor, by a central difference along u. */
function numericalProducts({ evaluate, eps }: Check, input: Tensor, u: Tensor): Tensor[] {
  return temporaries(() => centralDifference(evaluate, input.data, u.reshape(input.shape).mul(eps), eps))
}

/** @throws GradcheckError, as the slow mode; its text ends with the Jacobians in full */
export function fastCheck(check: Check): void {
  const { inputs, outputs, returned } = check
  const random = new Mt19937()
  const us = inputs.map((input) => direction(input, random))
  const vs = outputs.map((output) => direction(output, random))
  const products = inputs.map((input, i) => numericalProducts(check, input, us[i]))
  if (outputs.length === 0) {
    checkConstant(products.flat(), check.nondet_tol)
    return
  }
  const analytical = outputs.map((output, o) => analyticalJacobians(output, inputs, check.nondet_tol, vs[o]))
  for (const [i, product] of products.entries()) {
    // PyTorch pairs the products of all outputs of floats with the differentiable ones, in order.
    const floats = product.filter((_, k) => returned[k].is_floating_point())
    for (const [o, column] of floats.slice(0, outputs.length).entries()) {
      const [u, v] = [elementsOf(us[i]), elementsOf(vs[o])]
      const measured = sumOf(elementsOf(vs[o].mul(column)))
      const computed = dot(elementsOf(analytical[o][i]), u)
      // The entries of the Jacobian may each be off by atol: together by atol times the sum of all u_j v_k.
      if (isClose([computed], [measured], check.rtol, check.atol * sumOf(u) * sumOf(v))) continue
      throw new GradcheckError(mismatchText(o, i, floatRepr(measured), floatRepr(computed)) + inSlowMode(check, i, o))
    }
  }
}

/** @throws GradcheckError unless the function is constant, as one without differentiable outputs must be */
export function checkConstant(derivatives: readonly Tensor[], tolerance: number): void {
  for (const derivative of derivatives) {
    if (elementsOf(derivative).some((value) => Math.abs(value) > tolerance)) {
      throw new GradcheckError('Numerical gradient for function expected to be zero')
    }
  }
}

/** The Jacobians of one input and one output in full, for whoever looks for the mistake. */
function inSlowMode(check: Check, input: number, output: number): string {
  const { evaluate, inputs, outputs, eps, rtol, atol } = check
  const numerical = numericalJacobians(evaluate, inputs[input], outputs, eps)[output]
  const analytical = analyticalJacobians(outputs[output], inputs, Infinity)[input]
  const [n, a] = [elementsOf(numerical), elementsOf(analytical)]
  const difference = no_grad(() => numerical.sub(analytical).abs())
  const most = Math.max(...elementsOf(difference))
  return (
    '\nThe above quantities relating the numerical and analytical jacobians are computed \n' +
    'in fast mode. See: https://github.com/pytorch/pytorch/issues/53876 for more background \n' +
    'about fast mode. Below, we recompute numerical and analytical jacobians in slow mode:\n\n' +
    `Numerical:\n ${numerical}\nAnalytical:\n${analytical}\n\n` +
    `The max per-element difference (slow mode) is: ${floatRepr(most)}.\n` +
    (isClose(a, n, rtol, atol) ? SLOW_PASSES : '')
  )
}

const SLOW_PASSES = `Fast gradcheck failed but element-wise differences are small. This means that the
test might've passed in slow_mode!

If you are adding a new operator, please file an issue and then use one of the
workarounds. The workaround depends on how your test invokes gradcheck/gradgradcheck:

If the test
- manually invokes gradcheck/gradgradcheck, then call gradcheck/gradgradcheck
  with \`fast_mode=False\` as a keyword argument.
- is OpInfo-based (e.g., in test_ops_gradients.py), then modify the OpInfo for the test
  to have \`gradcheck_fast_mode=False\`
- is a Module test (e.g., in common_nn.py), then modify the corresponding
  module_test entry to have \`gradcheck_fast_mode=False\``
