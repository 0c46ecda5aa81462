// Runs a conformance case: a small program, and what real PyTorch made of it. README.md has the format.
import { torch } from '../../src/index'

type Data = number | boolean | string | Data[]
type Value = { ref: string } | { dtype: string } | Data | null | Value[]

export interface Step {
  let?: string | string[]
  tensor?: { data: Data; dtype: string; requires_grad: boolean }
  on?: string
  call?: string
  args?: Value[]
  kw?: Record<string, Value>
  no_grad?: boolean
  get?: string
  set?: string
  value?: Value
}

export interface Facts {
  data?: Data
  shape?: number[]
  dtype?: string
  value?: Data
  grad_fn?: string | null
  grad?: Facts | null
  version?: number
  requires_grad?: boolean
  is_leaf?: boolean
  stride?: number[]
  repr?: string
}

export interface Case {
  name: string
  area: string
  steps: Step[]
  expect?: Record<string, Facts>
  error?: { type: string; message: string }
}

type Env = Map<string, unknown>
type Callable = Record<string, (...args: unknown[]) => unknown>
type Tensor = ReturnType<typeof torch.tensor>

const NON_FINITE: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
}

function numbers(data: Data): Data {
  if (Array.isArray(data)) return data.map(numbers)
  return typeof data === 'string' ? NON_FINITE[data] : data
}

function resolve(env: Env, value: Value | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(env, item as Value))
  if (typeof value === 'object' && value !== null) {
    return 'ref' in value ? env.get(value.ref) : (torch as unknown as Record<string, unknown>)[value.dtype]
  }
  return typeof value === 'string' && value in NON_FINITE ? NON_FINITE[value] : value
}

function receiver(env: Env, on: string): Callable {
  if (on === 'torch') return torch as unknown as Callable
  if (on === 'F') return ((torch as { nn?: { functional?: Callable } }).nn?.functional ?? {}) as Callable
  return env.get(on) as Callable
}

/** Whether every op of a case exists in the library. */
export function exists(c: Case): boolean {
  return c.steps.every((step) => {
    if (!step.call) return true
    if (step.on === 'torch') return step.call in torch
    if (step.on === 'F') return step.call in receiver(new Map(), 'F')
    return step.call in torch.Tensor.prototype
  })
}

function perform(env: Env, step: Step): unknown {
  if (step.tensor) {
    const { data, dtype, requires_grad } = step.tensor
    return torch.tensor(numbers(data) as number[], {
      dtype: (torch as unknown as Record<string, typeof torch.float32>)[dtype],
      requires_grad,
    })
  }
  const on = receiver(env, step.on!)
  if (step.get) return (on as Record<string, unknown>)[step.get]
  if (step.set) {
    ;(on as Record<string, unknown>)[step.set] = resolve(env, step.value)
    return undefined
  }
  const args = (step.args ?? []).map((arg) => resolve(env, arg))
  if (step.kw) args.push(Object.fromEntries(Object.entries(step.kw).map(([key, v]) => [key, resolve(env, v)])))
  const call = () => on[step.call!](...args)
  return step.no_grad ? torch.no_grad(call) : call()
}

/** Runs the steps. @throws what a step throws */
export function run(c: Case): Env {
  const env: Env = new Map()
  for (const step of c.steps) {
    const value = perform(env, step)
    if (Array.isArray(step.let)) for (const [i, name] of step.let.entries()) env.set(name, (value as unknown[])[i])
    else if (step.let) env.set(step.let, value)
  }
  return env
}

function close(actual: Data, expected: Data, tolerance: number): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item, i) => close(actual[i], item, tolerance))
    )
  }
  const want = typeof expected === 'string' ? NON_FINITE[expected] : expected
  if (typeof want !== 'number' || typeof actual !== 'number') return actual === want
  if (Number.isNaN(want) || !Number.isFinite(want)) return Object.is(actual, want)
  return Math.abs(actual - want) <= tolerance * Math.max(Math.abs(want), 1)
}

const TOLERANCE: Record<string, number> = { float64: 1e-9, float32: 3e-5 }

/** What is wrong with a value, one line each. */
export function differences(name: string, value: unknown, facts: Facts): string[] {
  const wrong: string[] = []
  const note = (what: string, actual: unknown, expected: unknown) =>
    wrong.push(`${name}.${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`)
  const same = (what: string, actual: unknown, expected: unknown) => {
    if (JSON.stringify(actual) !== JSON.stringify(expected)) note(what, actual, expected)
  }
  if ('value' in facts) {
    if (!close(value as Data, facts.value!, 1e-9)) note('value', value, facts.value)
    return wrong
  }
  const t = value as Tensor
  if (facts.dtype !== undefined) same('dtype', t.dtype.name, facts.dtype)
  if (facts.shape !== undefined) same('shape', t.shape, facts.shape)
  if (facts.data !== undefined && !close(t.tolist() as Data, facts.data, TOLERANCE[t.dtype.name] ?? 0)) {
    note('data', t.tolist(), facts.data)
  }
  if (facts.grad_fn !== undefined) same('grad_fn', t.grad_fn?.name().split('::').at(-1) ?? null, facts.grad_fn)
  if (facts.version !== undefined) same('version', t._version, facts.version)
  if (facts.requires_grad !== undefined) same('requires_grad', t.requires_grad, facts.requires_grad)
  if (facts.is_leaf !== undefined) same('is_leaf', t.is_leaf, facts.is_leaf)
  if (facts.stride !== undefined) same('stride', t.stride(), facts.stride)
  if (facts.repr !== undefined) same('repr', String(t), facts.repr)
  if (facts.grad === null) same('grad', t.grad?.tolist() ?? null, null)
  else if (facts.grad)
    wrong.push(...(t.grad ? differences(`${name}.grad`, t.grad, facts.grad) : [`${name}.grad: none`]))
  return wrong
}
