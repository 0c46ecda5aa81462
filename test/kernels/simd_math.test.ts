import { beforeAll, describe, expect, it } from 'vitest'
import { compileKernels, type Kernels, SIMD } from './core'

const X = 1 << 16
const COUNT = 1 << 18
const Y = X + 4 * COUNT
const SCALAR_AT = Y + 4 * COUNT
const MIN_NORMAL = 2 ** -126
const MIN_DENORMAL = 2 ** -149

type Name = (typeof SIMD)[number]

/** In float64. erf comes from the core's float64 erf, which scalar_math.test.ts holds against a fixture. */
const TRUTH: Record<Name, (x: number) => number> = {
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (x) => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  log1p: Math.log1p,
  expm1: Math.expm1,
  erf: (x) => erf64(x),
}

/** The largest relative error measured over every 17th float32, rounded up. */
const BOUND: Record<Name, number> = {
  exp: 1e-7,
  log: 1e-7,
  sin: 2e-7,
  cos: 2e-7,
  tanh: 2e-7,
  sigmoid: 2e-7,
  log1p: 1.5e-7,
  expm1: 1.5e-7,
  erf: 1.5e-7,
}

let core: Kernels
let xs: Float32Array
let bits: Uint32Array
let ys: Float32Array
let erf64: (x: number) => number
beforeAll(async () => {
  core = await compileKernels()
  const { buffer } = core.memory
  xs = new Float32Array(buffer, X, COUNT)
  bits = new Uint32Array(buffer, X, COUNT)
  ys = new Float32Array(buffer, Y, COUNT)
  const one = new Float64Array(buffer, SCALAR_AT, 1)
  erf64 = (x) => {
    one[0] = x
    core.scalar(0, SCALAR_AT, SCALAR_AT, 1)
    return one[0]
  }
})

function evaluate(name: Name, values: number[]): number[] {
  xs.set(values)
  core.simd(SIMD.indexOf(name), X, Y, (values.length + 3) & ~3)
  return Array.from(ys.subarray(0, values.length))
}

/** The error relative to the truth; for a denormal result, in units that make one denormal step 2^-24. */
function error(got: number, truth: number): number {
  const rounded = Math.fround(truth)
  if (Object.is(got, rounded)) return 0
  if (!Number.isFinite(rounded) || !Number.isFinite(got)) return Infinity
  if (Math.sign(got) * Math.sign(rounded) < 0) return Infinity
  if (Math.abs(truth) < MIN_NORMAL) return (Math.abs(got - truth) / MIN_DENORMAL) * 2 ** -24
  return Math.abs((got - truth) / truth)
}

describe.each(SIMD)('%s of four float32', (name) => {
  it('is within its bound on floats of every exponent', () => {
    const truth = TRUTH[name]
    let worst = 0
    let at = 0
    const step = 5003
    for (let first = 0; first < 2 ** 32; first += step * COUNT) {
      const count = Math.min(COUNT, Math.ceil((2 ** 32 - first) / step))
      for (let i = 0; i < count; i++) bits[i] = first + i * step
      core.simd(SIMD.indexOf(name), X, Y, (count + 3) & ~3)
      for (let i = 0; i < count; i++) {
        const e = error(ys[i], truth(xs[i]))
        if (e > worst) {
          worst = e
          at = xs[i]
        }
      }
    }
    expect(worst, `at ${at}`).toBeLessThan(BOUND[name])
  })

  it('gives a lane the same bits whatever its neighbours are', () => {
    const ordinary = [0.3, -0.7, 5, 1e-40]
    const alone = evaluate(name, ordinary)
    for (const strange of [NaN, Infinity, -Infinity, 1e30, -1e30, 90, -90]) {
      for (let lane = 0; lane < 4; lane++) {
        const mixed = evaluate(name, ordinary.with(lane, strange))
        expect(mixed.with(lane, 0)).toEqual(alone.with(lane, 0))
      }
    }
  })
})

describe('special values', () => {
  const EDGES: Record<Name, [number, number][]> = {
    exp: [
      [NaN, NaN],
      [Infinity, Infinity],
      [-Infinity, 0],
      [0, 1],
      [-0, 1],
      [89, Infinity],
      [-104, 0],
      [-1000, 0],
    ],
    log: [
      [NaN, NaN],
      [Infinity, Infinity],
      [-Infinity, NaN],
      [0, -Infinity],
      [-0, -Infinity],
      [-1, NaN],
      [1, 0],
    ],
    sin: [
      [NaN, NaN],
      [Infinity, NaN],
      [-Infinity, NaN],
      [0, 0],
      [-0, -0],
    ],
    cos: [
      [NaN, NaN],
      [Infinity, NaN],
      [-Infinity, NaN],
      [0, 1],
      [-0, 1],
    ],
    tanh: [
      [NaN, NaN],
      [Infinity, 1],
      [-Infinity, -1],
      [0, 0],
      [-0, -0],
      [MIN_DENORMAL, MIN_DENORMAL],
    ],
    sigmoid: [
      [NaN, NaN],
      [Infinity, 1],
      [-Infinity, 0],
      [0, 0.5],
      [-0, 0.5],
      [-100, Math.fround(Math.exp(-100))],
    ],
    log1p: [
      [NaN, NaN],
      [Infinity, Infinity],
      [-1, -Infinity],
      [-2, NaN],
      [0, 0],
      [-0, -0],
      [-Infinity, NaN],
    ],
    expm1: [
      [NaN, NaN],
      [Infinity, Infinity],
      [-Infinity, -1],
      [0, 0],
      [-0, -0],
      [MIN_DENORMAL, MIN_DENORMAL],
    ],
    erf: [
      [NaN, NaN],
      [Infinity, 1],
      [-Infinity, -1],
      [0, 0],
      [-0, -0],
      [4, 1],
      [-9, -1],
    ],
  }

  it.each(SIMD)('%s', (name) => {
    const inputs = EDGES[name].map(([x]) => x)
    expect(evaluate(name, inputs)).toEqual(EDGES[name].map(([, y]) => y))
  })

  it('exp stays finite just below its limit and reaches the smallest denormal', () => {
    const [high, low] = evaluate('exp', [88.7228, -103.9])
    expect(high).toBeGreaterThan(3.4e38)
    expect(high).toBeLessThan(Infinity)
    expect(low).toBe(MIN_DENORMAL)
  })

  it('log of every power of two, denormals too', () => {
    const powers = Array.from({ length: 277 }, (_, i) => 2 ** (i - 149))
    evaluate('log', powers).forEach((y, i) => {
      expect(error(y, Math.log(powers[i]))).toBeLessThan(1e-7)
    })
  })

  it('sin and cos of float32 nearest to multiples of pi/2, where reduction cancels most', () => {
    const angles = Array.from({ length: 20000 }, (_, i) => Math.fround(((i + 1) * Math.PI) / 2))
    for (const name of ['sin', 'cos'] as const) {
      evaluate(name, angles).forEach((y, i) => {
        expect(error(y, TRUTH[name](angles[i]))).toBeLessThan(2e-7)
      })
    }
  })
})
