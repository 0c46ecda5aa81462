// Where a gradient is a convention (ties, zeros, infinities, nan, nothing at all) it is the one of PyTorch 2.13.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { expectNothingLeft } from '../identity/live'
import { fixture, isClose, nested, plain } from './fixture'
import { CORNERS } from './functions'

expectNothingLeft()

expect.addEqualityTesters([
  (actual: unknown, expected: unknown) =>
    typeof actual === 'number' && typeof expected === 'number' ? isClose(actual, expected) : undefined,
])

describe('value and gradient at', () => {
  it.each(fixture.corners.map((row) => [row.case, row] as const))('%s', (name, row) => {
    scope(() => {
      const leaves = row.inputs.map((values, i) =>
        torch.tensor(nested(values), { dtype: torch.float32 }).reshape(row.shapes[i]).clone().requires_grad_(),
      )
      const out = CORNERS[name](leaves[0], leaves[1])
      out.backward(torch.ones_like(out))
      expect({
        ...row,
        forward: plain(out.tolist()),
        grads: leaves.map(({ grad }) => plain(grad?.tolist() ?? null)),
      }).toEqual(row)
    })
  })
})

// Truth values have no product kernel, but a sum over nothing is false without one: it must fill its own bytes alone.
it('a product of truth values over nothing writes nowhere else', () => {
  scope(() => {
    const rows = Array.from({ length: 32 }, () => torch.ones(16, { dtype: torch.bool }))
    for (const freed of rows.filter((_, i) => i % 4 === 0)) freed.dispose()
    const of = (...shape: number[]) => torch.ones(shape, { dtype: torch.bool })
    const products = Array.from({ length: 4 }, () => of(2, 0).mm(of(0, 8)))
    for (const product of products)
      expect(product.tolist()).toEqual([new Array(8).fill(false), new Array(8).fill(false)])
    const kept = rows.filter((_, i) => i % 4 !== 0)
    for (const row of kept) expect(row.tolist()).toEqual(new Array(16).fill(true))
  })
})
