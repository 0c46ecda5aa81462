// Every expression's graph, saved attributes, value and gradients are those of PyTorch 2.13.
import { describe, expect, it } from 'vitest'
import { scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft } from '../identity/live'
import { EXPRESSIONS, type Inputs } from './expressions'
import { fixture, graph, isClose, plain, saved, tensorOf, type Value } from './fixture'

expectNothingLeft()

expect.addEqualityTesters([
  (actual: unknown, expected: unknown) =>
    typeof actual === 'number' && typeof expected === 'number' ? isClose(actual, expected) : undefined,
])

function inputs(): Inputs {
  const entries = Object.entries(fixture.inputs).map(([name, row]) => [name, tensorOf(row)])
  return Object.fromEntries(entries) as Inputs
}

/** What make_fixture.py's `graph_row` records. */
function observe(code: string) {
  return scope(() => {
    const leaves = inputs()
    const out = EXPRESSIONS[code](leaves)
    const node = out.grad_fn
    const row = {
      code,
      shape: [...out.shape],
      dtype: String(out.dtype),
      values: plain(out.tolist()),
      requires_grad: out.requires_grad,
      is_leaf: out.is_leaf,
      is_view: out._is_view(),
      graph: node && graph(node),
      saved: Object.fromEntries(Object.entries(node ? saved(node) : {}).map(([name, value]) => [name, plain(value)])),
      grads: {} as Record<string, Value>,
    }
    if (node) {
      out.backward(weights(out))
      for (const [name, leaf] of Object.entries(leaves)) if (leaf.grad) row.grads[name] = plain(leaf.grad.tolist())
    }
    return row
  })
}

function weights(out: Tensor): Tensor {
  return torch.arange(1, out.numel() + 1, { dtype: out.dtype }).reshape(out.shape)
}

describe('graph, saved attributes, value and gradients', () => {
  it.each(fixture.graphs.map((row) => [row.code, row] as const))('%s', (code, row) => {
    expect(observe(code)).toEqual(row)
  })
})
