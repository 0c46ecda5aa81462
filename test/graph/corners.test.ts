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
