// What make_fixture.py wrote, and how this library's graphs are put into the same words.
import { type GradFn, Tensor, torch } from '../../src/index'
import data from './fixture.json'

/** A number, or the text of one that JSON or a double cannot hold. */
export type Value = number | string | boolean | null | Value[] | SavedTensor

export interface SavedTensor {
  tensor: Value
  dtype: string
  requires_grad: boolean
  grad_fn: string | null
}

interface GraphRow {
  code: string
  shape: number[]
  dtype: string
  values: Value
  requires_grad: boolean
  is_leaf: boolean
  is_view: boolean
  graph: string | null
  saved: Record<string, Value>
  grads: Record<string, Value>
}

interface CornerRow {
  case: string
  inputs: Value[]
  shapes: number[][]
  forward: Value
  grads: (Value | null)[]
}

export interface Derivative {
  values: Value
  graph: string
}

interface DerivativeRow {
  case: string
  inputs: number[][]
  first: Derivative[]
  second: ((Derivative | null)[] | null)[]
}

interface Fixture {
  inputs: Record<string, { values: Value; dtype: string; requires_grad: boolean }>
  graphs: GraphRow[]
  corners: CornerRow[]
  derivatives: DerivativeRow[]
}

export const fixture = data as unknown as Fixture

/** `Name(child, child#k, None)`: AccumulateGrad as Acc, the output number only where it is not 0. */
export function graph(node: GradFn | null): string {
  if (node === null) return 'None'
  if (node._type === 'AccumulateGrad') return 'Acc'
  const edges = node.next_functions.map(([next, nr]) => graph(next) + (nr ? `#${nr}` : ''))
  return `${node._type}(${edges.join(', ')})`
}

/** The `_saved_*` attributes that a node's class has. */
export function saved(node: GradFn): Record<string, unknown> {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(node)).filter((name) => name.startsWith('_saved_'))
  const present = names.map((name) => [name.slice('_saved_'.length), node[name as `_saved_${string}`]] as const)
  return Object.fromEntries(present.filter(([, value]) => value !== undefined))
}

/** JSON's text for what JSON has no number for. */
export function number(value: Value): number | boolean {
  if (typeof value === 'boolean') return value
  return value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value)
}

export function nested(value: Value): Parameters<typeof torch.tensor>[0] {
  return Array.isArray(value) ? value.map(nested) : number(value)
}

const DTYPES = new Map([torch.float32, torch.float64, torch.int64, torch.bool].map((dtype) => [String(dtype), dtype]))

/** A tensor of the fixture. */
export function tensorOf(row: { values: Value; dtype: string; requires_grad: boolean }): Tensor {
  const { dtype, requires_grad } = row
  return torch.tensor(nested(row.values), { dtype: DTYPES.get(dtype), requires_grad })
}

/** Says the same as `plain` in make_fixture.py does of a Python value. */
export function plain(value: unknown): Value {
  if (value instanceof Tensor) {
    return {
      tensor: plain(value.tolist()),
      dtype: String(value.dtype),
      requires_grad: value.requires_grad,
      grad_fn: value.grad_fn?._type ?? null,
    }
  }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value))
    return String(value).replace('Infinity', 'inf').toLowerCase()
  return value as Value
}

/** The same up to a few units in the last place of a float32: where two transcendental functions are rounded apart. */
export function isClose(actual: Value, expected: Value): boolean {
  if (typeof actual === 'number' && typeof expected === 'number') {
    return Math.abs(actual - expected) <= 1e-6 * Math.max(1e-30, Math.abs(expected)) || Object.is(actual, expected)
  }
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.length === expected.length && actual.every((item, i) => isClose(item, expected[i]))
  }
  if (isObject(actual) && isObject(expected)) {
    const keys = Object.keys(expected) as (keyof SavedTensor)[]
    return keys.length === Object.keys(actual).length && keys.every((key) => isClose(actual[key], expected[key]))
  }
  return Object.is(actual, expected)
}

function isObject(value: Value): value is SavedTensor {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
