// Under create_graph a backward pass is recorded: the graphs of first and second derivatives are those of PyTorch 2.13.
import { describe, expect, it } from 'vitest'
import { scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft } from '../identity/live'
import { type Derivative, fixture, graph, isClose, plain } from './fixture'
import { DERIVATIVES } from './functions'

expectNothingLeft()

expect.addEqualityTesters([
  (actual: unknown, expected: unknown) =>
    typeof actual === 'number' && typeof expected === 'number' ? isClose(actual, expected) : undefined,
])

function describeGradient(grad: Tensor | null): Derivative | null {
  return grad && { values: plain(grad.tolist()), graph: graph(grad.grad_fn) }
}

function differentiate(out: Tensor, leaves: Tensor[]): (Tensor | null)[] {
  const grad_outputs = torch.ones_like(out)
  return torch.autograd.grad(out, leaves, { grad_outputs, create_graph: true, allow_unused: true })
}

describe('derivatives of', () => {
  it.each(fixture.derivatives.map((row) => [row.case, row] as const))('%s', (name, row) => {
    scope(() => {
      const leaves = row.inputs.map((values) => torch.tensor(values, { dtype: torch.float32, requires_grad: true }))
      const first = differentiate(DERIVATIVES[name](leaves[0], leaves[1]), leaves)
      const second = first.map((grad) =>
        grad?.requires_grad ? differentiate(grad, leaves).map(describeGradient) : null,
      )
      expect({ ...row, first: first.map(describeGradient), second }).toEqual(row)
    })
  })
})
