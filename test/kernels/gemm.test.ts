import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Build, compileKernels, type Kernels, uniform } from './core'

/** Where a test's memory begins; what lies between the regions is filled with GUARD and must stay so. */
const BASE = 1 << 16
const GUARD = 0x5a
const GAP = 64

type Type = 0 | 1 | 2 | 3
const [F32, F64, I32, I64] = [0, 1, 2, 3] as const
const SIZE = [4, 8, 4, 8]
/** |error| <= BOUND * sum |a b|, a generous form of k * eps for the depths tested here. */
const BOUND = [4e-6, 1e-14, 0, 0]

/** How an m x k matrix lies in memory: row-major, transposed, with gaps, reversed, or one row repeated (stride 0). */
type Layout = 'rows' | 'columns' | 'gaps' | 'reversed' | 'repeated'
const LAYOUTS: Layout[] = ['rows', 'columns', 'gaps', 'reversed', 'repeated']

interface Matrix {
  start: number
  rs: number
  cs: number
  length: number
}

function layOut(layout: Layout, rows: number, columns: number): Matrix {
  const length = Math.max(1, rows * columns)
  if (layout === 'columns') return { start: 0, rs: 1, cs: rows, length }
  if (layout === 'gaps') return { start: 0, rs: 2 * columns + 3, cs: 2, length: rows * (2 * columns + 3) + 1 }
  if (layout === 'reversed') return { start: length - 1, rs: -columns, cs: -1, length }
  if (layout === 'repeated') return { start: 0, rs: 0, cs: 1, length: Math.max(1, columns) }
  return { start: 0, rs: columns, cs: 1, length }
}

const views = [Float32Array, Float64Array, Int32Array, BigInt64Array]

describe.each(['baseline', 'relaxed'] as Build[])('gemm, %s build', (build) => {
  let core: Kernels
  beforeAll(async () => {
    core = await compileKernels(build)
  })

  /** Multiplies random matrices and compares with the plain loop in float64 (or exact integers). */
  function check(type: Type, m: number, n: number, k: number, layoutA: Layout, layoutB: Layout, seed: number): void {
    const size = SIZE[type]
    const random = uniform(seed)
    const value = () => (type === I32 || type === I64 ? Math.floor(random() * 2001) - 1000 : random() * 2 - 1)
    const A = layOut(layoutA, m, k)
    const B = layOut(layoutB, k, n)
    const scratchBytes = type === F32 || type === F64 ? core.scratchBytes(m, n, k, size) : 0
    let end = BASE
    const region = (bytes: number) => {
      const at = end + GAP
      end = (at + bytes + 15) & ~15
      return at
    }
    const [atA, atB, atC, atS] = [A.length, B.length, m * n].map((length) => region(length * size)).concat(0)
    const scratch = region(scratchBytes) + atS
    region(0)
    const bytes = new Uint8Array(core.memory.buffer)
    bytes.fill(GUARD, BASE, end)
    const view = (at: number, length: number) => new views[type](core.memory.buffer, at, length)
    const [a, b, c] = [view(atA, A.length), view(atB, B.length), view(atC, m * n)]
    for (const x of [a, b]) for (let i = 0; i < x.length; i++) x[i] = type === I64 ? BigInt(value()) : value()

    core.gemm(type, m, n, k, atA + A.start * size, A.rs, A.cs, atB + B.start * size, B.rs, B.cs, atC, scratch)

    let worst = 0
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0
        let magnitude = 0
        for (let p = 0; p < k; p++) {
          const product = Number(a[A.start + i * A.rs + p * A.cs]) * Number(b[B.start + p * B.rs + j * B.cs])
          sum += product
          magnitude += Math.abs(product)
        }
        const difference = Math.abs(Number(c[i * n + j]) - sum)
        worst = Math.max(worst, difference === 0 ? 0 : difference / magnitude)
        if (Number.isNaN(difference)) worst = Infinity
      }
    }
    const where = `type ${type}, ${m}x${n}x${k}, ${layoutA} ${layoutB}`
    expect(worst, where).toBeLessThanOrEqual(BOUND[type])
    const written = [
      [atA, A.length * size],
      [atB, B.length * size],
      [atC, m * n * size],
      [scratch, scratchBytes],
    ]
    const intact = new Uint8Array(end - BASE).fill(GUARD)
    for (const [at, length] of written) intact.set(bytes.subarray(at, at + length), at - BASE)
    expect(Buffer.compare(intact, bytes.subarray(BASE, end)), `${where}: wrote outside`).toBe(0)
  }

  it.each([
    ['float32', F32],
    ['float64', F64],
    ['int32', I32],
    ['int64', I64],
  ] as [string, Type][])('%s: every size from 0 to 20', (_, type) => {
    let seed = 1
    for (let m = 0; m <= 20; m += type === F32 ? 1 : 3) {
      for (let n = 0; n <= 20; n++) {
        for (const k of [0, 1, 2, 3, 4, 7, 16, 17, 20]) {
          check(type, m, n, k, LAYOUTS[seed % 3], LAYOUTS[(seed >> 2) % 3], seed++)
        }
      }
    }
  })

  it('any sizes, layouts and types', () => {
    const size = fc.integer({ min: 0, max: 70 })
    const layout = fc.constantFrom(...LAYOUTS)
    fc.assert(fc.property(fc.constantFrom(F32, F64, I32, I64), size, size, size, layout, layout, fc.nat(), check), {
      numRuns: 150,
      seed: 7,
    })
  })

  it.each([
    [7, 9, 256],
    [5, 6, 257],
    [13, 20, 700],
    [6, 1030, 40],
    [1, 300, 300],
    [300, 1, 300],
    [2, 65, 500],
    [121, 64, 300],
  ])('blocks join: %i x %i, depth %i', (m, n, k) => {
    for (const type of [F32, F64, I64] as Type[]) {
      for (const layoutA of LAYOUTS.slice(0, 2)) {
        for (const layoutB of LAYOUTS.slice(0, 2)) check(type, m, n, k, layoutA, layoutB, m + n + k)
      }
    }
  })

  it('gives NaN and infinity only where they belong, also beside padded edges', () => {
    const n = 9
    const [atA, atB, atC] = [BASE, BASE + 4096, BASE + 8192]
    const [a, b, c] = [atA, atB, atC].map((at) => new Float32Array(core.memory.buffer, at, n * n))
    a.fill(1)
    b.fill(1)
    a[8 * n + 3] = NaN
    b[4 * n + 8] = Infinity
    core.gemm(F32, n, n, n, atA, n, 1, atB, n, 1, atC, BASE + 16384)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const expected = i === 8 ? NaN : j === 8 ? Infinity : 9
        expect(c[i * n + j]).toBe(expected)
      }
    }
  })

  it('integers wrap around', () => {
    const [atA, atB, atC] = [BASE, BASE + 256, BASE + 512]
    new Int32Array(core.memory.buffer, atA, 2).set([2 ** 30, 1])
    new Int32Array(core.memory.buffer, atB, 2).set([4, 5])
    core.gemm(I32, 1, 1, 2, atA, 2, 1, atB, 1, 1, atC, 0)
    expect(new Int32Array(core.memory.buffer, atC, 1)[0]).toBe(5)
  })
})
