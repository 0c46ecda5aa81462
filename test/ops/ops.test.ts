// Calls over every dtype, layout and shape fare as in PyTorch 2.13: values, dtypes, shapes, errors.
import { describe, expect, it } from 'vitest'
import { scope, set_warning_sink, Tensor, torch } from '../../src/index'
import { isClose, number, plain, type Value } from '../graph/fixture'
import { expectNothingLeft } from '../identity/live'
import data from './fixture.json'

expectNothingLeft()

interface Described {
  values: Value
  dtype: string
  shape: number[]
  stride: number[]
}
type Arg = number | boolean | null | string | { $: string } | Arg[]
type Row = [
  input: string,
  op: string,
  args: Arg[],
  kwargs: Record<string, Arg>,
  outcome: { is: unknown } | { error: string },
]
const { inputs, rows } = data as unknown as { inputs: Record<string, Described>; rows: Row[] }

const DTYPES = {
  bool: torch.bool,
  int32: torch.int32,
  int64: torch.int64,
  float32: torch.float32,
  float64: torch.float64,
}

type Data = Parameters<typeof torch.tensor>[0]

/** Digits are a bigint, other text inf or nan. */
function parsed(value: Value): Data {
  if (Array.isArray(value)) return value.map(parsed) as Data
  return typeof value === 'string' && /\d/.test(value) ? BigInt(value) : number(value)
}

/** An input with its very strides. */
function input(name: string): Tensor {
  const { values, dtype, shape, stride } = inputs[name]
  const whole = torch.tensor(parsed(values), { dtype: DTYPES[dtype.slice(6) as keyof typeof DTYPES] }).reshape(shape)
  if (stride.includes(0) && !shape.includes(0)) return whole.narrow(stride.indexOf(0), 0, 1).clone().expand(shape)
  const span = shape.includes(0) ? 0 : shape.reduce((n, size, d) => n + (size - 1) * stride[d], 1)
  return torch.zeros([span], { dtype: whole.dtype }).as_strided(shape, stride).copy_(whole)
}

function build(arg: Arg): unknown {
  if (Array.isArray(arg)) return arg.map(build)
  return typeof arg === 'object' && arg !== null ? input(arg.$) : arg
}

function said(value: unknown): unknown {
  if (value instanceof Tensor) return { values: plain(value.tolist()), dtype: String(value.dtype), shape: value.shape }
  return Array.isArray(value) ? value.map(said) : plain(value)
}

/** The fixture's answers without strides: those are PyTorch's own business for what is no elementwise op. */
function expected(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expected)
  if (typeof value !== 'object' || value === null || !('stride' in value)) return value
  const { stride: _, ...rest } = value
  return rest
}

function run([name, op, args, kwargs]: Row): { is: unknown } | { error: string } {
  const x = input(name)
  const options = Object.fromEntries(
    Object.entries(kwargs).map(([k, v]) => [k, k === 'dtype' ? DTYPES[v as keyof typeof DTYPES] : build(v)]),
  )
  const rest = [...args.map(build), ...(Object.keys(options).length ? [options] : [])]
  const isFunction = op.startsWith('.')
  const call = (isFunction ? torch : x) as unknown as Record<string, (...args: unknown[]) => unknown>
  try {
    return { is: said(isFunction ? call[op.slice(1)](x, ...rest) : call[op](...rest)) }
  } catch (error) {
    return { error: String(error) }
  }
}

expect.addEqualityTesters([
  (actual: unknown, expected: unknown) =>
    typeof actual === 'number' && typeof expected === 'number' ? isClose(actual, expected) : undefined,
])

const groups = new Map<string, Row[]>()
for (const row of rows) groups.set(row[1], [...(groups.get(row[1]) ?? []), row])

describe.each([...groups])('%s', (_, calls) => {
  it.each(calls.map((row) => [JSON.stringify(row.slice(0, 4)), row] as const))('%s', (_, row) => {
    const sink = set_warning_sink(() => {})
    scope(() => {
      const outcome = row[4]
      expect(run(row)).toEqual('is' in outcome ? { is: expected(outcome.is) } : outcome)
    })
    set_warning_sink(sink)
  })
})
