import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileKernels, type Kernels, SCALAR } from './core'
import fixture from './fixture.json'

const X = 1 << 16

let core: Kernels
let cell: Float64Array
beforeAll(async () => {
  core = await compileKernels()
  cell = new Float64Array(core.memory.buffer, X, 1)
})

type Name = (typeof SCALAR)[number]

function evaluate(name: Name, x: number): number {
  cell[0] = x
  core.scalar(SCALAR.indexOf(name), X, X, 1)
  return cell[0]
}

describe('erf', () => {
  it('agrees with the C library to 2 ulp, and is odd', () => {
    for (const [x, y] of fixture.erf) {
      expect(Math.abs(evaluate('erf', x) - y) / y).toBeLessThan(4.5e-16)
      expect(evaluate('erf', -x)).toBe(-evaluate('erf', x))
    }
  })

  it('ends right', () => {
    const ends = [
      [NaN, NaN],
      [0, 0],
      [-0, -0],
      [Infinity, 1],
      [-Infinity, -1],
      [30, 1],
      [5e-324, 5e-324],
    ]
    for (const [x, y] of ends) expect(evaluate('erf', x)).toBe(y)
  })
})

describe("AssemblyScript's NativeMath, which float64 kernels use", () => {
  const names = SCALAR.filter((name) => name !== 'erf')
  const ordinary = fc.oneof(fc.double({ min: -30, max: 30 }), fc.double({ min: -1, max: 1 }), fc.double())

  it.each(names)('%s is within 3 ulp of JavaScript', (name) => {
    fc.assert(
      fc.property(ordinary, (x) => {
        const got = evaluate(name, x)
        const expected = Math[name](x)
        if (Object.is(got, expected)) return
        const ulp = Math.max(5e-324, Math.abs(expected) * 2 ** -52)
        expect(Math.abs(got - expected) / ulp).toBeLessThanOrEqual(3)
      }),
      { numRuns: 400, seed: 1 },
    )
  })
})
