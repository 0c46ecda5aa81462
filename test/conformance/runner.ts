// Runs a conformance case: a small program, and what real PyTorch made of it. oracle.py does the same in PyTorch.
import { type Tensor, torch } from '../../src/index'
import { addHook, type HookStep, type Logged } from './hooks'

type Data = number | boolean | string | Data[]
type Value = { ref: string } | { dtype: string } | Data | null | Value[]

interface TensorStep {
  let: string
  tensor: { data: Data; dtype: string; requires_grad: boolean }
}

interface CallStep {
  let?: string | string[]
  on: string
  call: string
  args?: Value[]
  kw?: Record<string, Value>
  no_grad?: boolean
}

interface GetStep {
  let?: string
  on: string
  get: string
}

interface SetStep {
  on: string
  set: string
  value: Value
}

export type Step = TensorStep | CallStep | GetStep | SetStep | HookStep

/** What is known of a name at the end; nothing is said of what is not given. */
export interface Facts {
  data?: Data
  shape?: number[]
  dtype?: string
  value?: Data | null
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
  /** What the last step throws. */
  error?: { type: string; message: string }
  /** What the hooks saw, in order. */
  log?: Logged[]
}

interface Run {
  env: Map<string, unknown>
  log: Logged[]
}

type Callable = Record<string, (...args: unknown[]) => unknown>

const NON_FINITE: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
}

function numbers(data: Data): Data {
  if (Array.isArray(data)) return data.map(numbers)
  return typeof data === 'string' ? NON_FINITE[data] : data
}

function resolve(run: Run, value: Value): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(run, item))
  if (typeof value === 'object' && value !== null) {
    return 'ref' in value ? run.env.get(value.ref) : torch[value.dtype as 'float64']
  }
  return typeof value === 'string' && value in NON_FINITE ? NON_FINITE[value] : value
}

/** The namespaces that calls may be made on; every other receiver is a name of the program. */
const NAMESPACES: Record<string, Callable> = {
  torch: torch as unknown as Callable,
  autograd: torch.autograd as unknown as Callable,
  F: ((torch as { nn?: { functional?: Callable } }).nn?.functional ?? {}) as Callable,
}

/** Whether every op of a case exists in the library. */
export function exists(c: Case): boolean {
  return c.steps.every((step) => !('call' in step) || step.call in (NAMESPACES[step.on] ?? torch.Tensor.prototype))
}

function perform(run: Run, step: Step): unknown {
  if ('tensor' in step) {
    const { data, dtype, requires_grad } = step.tensor
    return torch.tensor(numbers(data) as number[], { dtype: torch[dtype as 'float64'], requires_grad })
  }
  const on = NAMESPACES[step.on] ?? run.env.get(step.on)
  if ('hook' in step) return addHook(on as unknown as Tensor, step, run.log)
  if ('get' in step) return on[step.get]
  if ('set' in step) {
    Object.assign(on, { [step.set]: resolve(run, step.value) })
    return undefined
  }
  const args = (step.args ?? []).map((arg) => resolve(run, arg))
  if (step.kw) args.push(Object.fromEntries(Object.entries(step.kw).map(([key, v]) => [key, resolve(run, v)])))
  const call = () => on[step.call](...args)
  return step.no_grad ? torch.no_grad(call) : call()
}

function bind(run: Run, step: Step, value: unknown): void {
  if (!('let' in step) || step.let === undefined) return
  if (Array.isArray(step.let)) for (const [i, name] of step.let.entries()) run.env.set(name, (value as unknown[])[i])
  else run.env.set(step.let, value)
}

function close(actual: unknown, expected: unknown, tolerance: number): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item, i) => close(actual[i], item, tolerance))
    )
  }
  const want = typeof expected === 'string' ? NON_FINITE[expected] : expected
  if (typeof want !== 'number' || typeof actual !== 'number') return actual === want
  if (!Number.isFinite(want)) return Object.is(actual, want)
  return Math.abs(actual - want) <= tolerance * Math.max(Math.abs(want), 1)
}

const TOLERANCE: Record<string, number> = { float64: 1e-9, float32: 3e-5 }

/** What is wrong with a value, one line each. */
function differences(name: string, value: unknown, facts: Facts): string[] {
  const wrong: string[] = []
  const note = (what: string, actual: unknown, expected: unknown) =>
    wrong.push(`${name}.${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`)
  const same = (what: string, actual: unknown, expected: unknown) => {
    if (JSON.stringify(actual) !== JSON.stringify(expected)) note(what, actual, expected)
  }
  if ('value' in facts) {
    if (!close(value, facts.value, 1e-9)) note('value', value, facts.value)
    return wrong
  }
  if (!(value instanceof torch.Tensor)) return [`${name}: ${value} instead of a tensor`]
  const t = value
  if (facts.dtype !== undefined) same('dtype', t.dtype.name, facts.dtype)
  if (facts.shape !== undefined) same('shape', t.shape, facts.shape)
  if (facts.data !== undefined && !close(t.tolist(), facts.data, TOLERANCE[t.dtype.name] ?? 0)) {
    note('data', t.tolist(), facts.data)
  }
  if (facts.grad_fn !== undefined) same('grad_fn', t.grad_fn?.name().split('::').at(-1) ?? null, facts.grad_fn)
  if (facts.version !== undefined) same('version', t._version, facts.version)
  if (facts.requires_grad !== undefined) same('requires_grad', t.requires_grad, facts.requires_grad)
  if (facts.is_leaf !== undefined) same('is_leaf', t.is_leaf, facts.is_leaf)
  if (facts.stride !== undefined) same('stride', t.stride(), facts.stride)
  if (facts.repr !== undefined) same('repr', String(t), facts.repr)
  if (facts.grad === null) same('grad', t.grad?.tolist() ?? null, null)
  else if (facts.grad) wrong.push(...differences(`${name}.grad`, t.grad, facts.grad))
  return wrong
}

function logDifferences(actual: Logged[], expected: Logged[]): string[] {
  const order = actual.map(({ hook }) => hook)
  const wanted = expected.map(({ hook }) => hook)
  if (String(order) !== String(wanted)) return [`hooks ran: ${order.join(', ')} instead of ${wanted.join(', ')}`]
  return expected.flatMap(({ hook, seen }, i) =>
    seen.flatMap((want, k) => {
      const got = actual[i].seen[k] ?? null
      const same =
        got && want
          ? close(got.data, want.data, TOLERANCE[want.dtype] ?? 0) &&
            JSON.stringify({ ...got, data: 0 }) === JSON.stringify({ ...want, data: 0 })
          : got === want
      return same ? [] : [`${hook}[${k}] saw ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`]
    }),
  )
}

/** Runs a case; every difference from what PyTorch made of it, one line each. */
export function check(c: Case): string[] {
  const run: Run = { env: new Map(), log: [] }
  const wrong: string[] = []
  let thrown = 'none'
  try {
    for (const step of c.steps) bind(run, step, perform(run, step))
  } catch (error) {
    const { name, message } = error as Error
    thrown = `${name}: ${message}`
  }
  const expected = c.error ? `${c.error.type}: ${c.error.message}` : 'none'
  if (thrown !== expected) wrong.push(`error: ${thrown} instead of ${expected}`)
  wrong.push(...logDifferences(run.log, c.log ?? []))
  // After an unexpected error the names are not what they should be.
  if (thrown !== expected) return wrong
  return [
    ...wrong,
    ...Object.entries(c.expect ?? {}).flatMap(([name, facts]) => differences(name, run.env.get(name), facts)),
  ]
}
