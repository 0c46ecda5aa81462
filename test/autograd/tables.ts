// The tables of in-place rules (C) and of the engine (D), row by row. What PyTorch says to each stands in tables.json, which
// make_tables.py wrote from tables.txt; the tables_*.test.ts say every row in this library's words, in the same order.
import { describe, expect, it } from 'vitest'
import { type GradFn, scope, set_warning_sink, Tensor, torch, ValueError } from '../../src/index'
import { graph as graphOf } from '../graph/fixture'
import { keepsCounters, type Nested } from './harness'
import data from './tables.json'

export const leaf = (...values: Nested[]): Tensor => float(values).requires_grad_()
export const float = (values: Nested): Tensor => torch.tensor(values, { dtype: torch.float32 })
export const ones = (...size: number[]): Tensor => torch.ones(size)

/** What every row may use; the same as `inputs` in make_tables.py. */
export function inputs() {
  const [x, m] = [leaf(1, 2, 3), leaf([1, 2], [3, 4])]
  return {
    x,
    y: leaf(4, 5, 6),
    k: float([1, 2, 3]),
    s: float(2).requires_grad_(),
    t: float([1, 2]),
    i: torch.tensor([1, 2]),
    b: torch.tensor([true, false]),
    d: torch.tensor([1, 2], { dtype: torch.float64, requires_grad: true }),
    m,
    h: x.mul(1),
    H: m.mul(1),
    log: [] as unknown[],
  }
}

export type Inputs = ReturnType<typeof inputs>
export type Row = (given: Inputs) => unknown

type Json = number | string | boolean | null | Json[]
const fixture = data as unknown as Record<string, { row: string; error?: string; value?: Json }[]>

/** One test a row of the section, named after the row. */
export function table(section: string, rows: Record<string, Row>): void {
  const expected = fixture[section] ?? []
  const names = expected.map(({ row }) => row)
  const odd = Object.keys(rows).filter((name) => !names.includes(name))
  if (odd.length || !names.length) throw new Error(`${section} has no row ${odd.join(', ')}`)
  describe(section, () => {
    keepsCounters()
    it.each(expected.map((of) => [of.row, of] as const))('%s', (row, { error, value }) => {
      const run = rows[row]
      expect(run, 'the row in this library').toBeDefined()
      const actual = scope(() => outcome(run))
      if (error === undefined) expect(actual).toEqual({ value: close(value as Json) })
      else expect(actual).toEqual({ error })
    })
  })
}

function outcome(run: Row): { error: string } | { value: Json } {
  let value: unknown
  try {
    value = run(inputs())
  } catch (error) {
    return { error: String(error) }
  }
  return { value: plain(value) }
}

/** As `plain` in make_tables.py. */
function plain(value: unknown): Json {
  if (value instanceof Tensor) return plain(value.tolist())
  if (Array.isArray(value)) return value.map(plain)
  if (value === undefined) return null
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : String(value).replace('Infinity', 'inf').toLowerCase()
  }
  if (typeof value === 'bigint' || String(value).startsWith('torch.')) return String(value)
  throw new Error(`${String(value)} is no value for JSON`)
}

/** Fractions may differ in the last place of a float32. */
function close(value: Json): unknown {
  if (Array.isArray(value)) return value.map(close)
  return typeof value === 'number' && !Number.isInteger(value) ? expect.closeTo(value, 5) : value
}

/** The graph behind a tensor or node: `Name(child, child#k, None)`. */
export function graph(of: Tensor | GradFn | null): string {
  return graphOf(of instanceof Tensor ? of.grad_fn : of)
}

/** What `fn` throws, as `Type: text`. */
export function error(fn: () => unknown): string {
  try {
    fn()
  } catch (thrown) {
    return String(thrown)
  }
  return 'no error'
}

/** The warnings that `fn` gives. */
export function warned(fn: () => unknown): string[] {
  const given: string[] = []
  const before = set_warning_sink((category, text) => void given.push(`${category}: ${text}`))
  try {
    fn()
  } finally {
    set_warning_sink(before)
  }
  return given
}

/** The gradients of the sum of `out`. */
export function gradient(out: Tensor, ...of: Tensor[]): unknown {
  out.sum().backward()
  const grads = of.map((x) => x.grad?.tolist() ?? null)
  return of.length === 1 ? grads[0] : grads
}

export function facts(x: Tensor): unknown[] {
  return [x.tolist(), x._version, x.requires_grad, x.is_leaf, graph(x)]
}

/** Python's statements on one line: the value of the last. */
export function last(...steps: unknown[]): unknown {
  return steps.at(-1)
}

/** `log` gets the name when the node of `x` runs. */
export function watch(x: Tensor, name: string, log: unknown[]): Tensor {
  x.grad_fn.register_prehook(() => void log.push(name))
  return x
}

/** A hook that throws. */
export function throwing(): () => never {
  return () => {
    throw new ValueError('mine')
  }
}
