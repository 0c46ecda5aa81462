// The same seed gives the numbers of PyTorch 2.13, to the last bit.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { scope, set_warning_sink, type Tensor, torch } from '../../src/index'
import { expectNothingLeft } from '../identity/live'
import data from './fixture.json'

expectNothingLeft()

type Drawn = (number | string | boolean)[] | string
const rows = data as unknown as { seed: string; draws: [text: string, drawn: Drawn][] }[]

const DTYPES = {
  bool: torch.bool,
  int32: torch.int32,
  int64: torch.int64,
  float32: torch.float32,
  float64: torch.float64,
}

type DTypeName = keyof typeof DTYPES

function laidOut(how: string, dtype: DTypeName): Tensor {
  const zeros = (...size: [number, number]) => torch.zeros(size, { dtype: DTYPES[dtype] })
  if (how === 'small') return zeros(2, 3)
  if (how === 't') return zeros(6, 4).t()
  return how === 'plain' ? zeros(4, 6) : zeros(8, 6).t().at(':', '::2').t()
}

function chances(x: Tensor): Tensor {
  const count = x.numel()
  return torch
    .arange(1, count + 1)
    .reshape(x.shape)
    .div(count + 1)
}

/** A call as Python writes it. */
function write(x: Tensor, call: string): Tensor {
  const [, op, text] = /^(\w+)\((.*)\)$/.exec(call)!
  const p = { p: () => chances(x), q: () => chances(x.at(0)), 'p.double()': () => chances(x).double() }[text]
  const numbers = text && !p ? text.split(',').map(Number) : []
  return (x[op as 'uniform_'] as (...args: unknown[]) => Tensor).apply(x, p ? [p()] : numbers)
}

function draw(text: string): Tensor {
  if (text.startsWith('write')) {
    const [, call, dtype, how] = text.split(' ')
    return write(laidOut(how, dtype as DTypeName), call)
  }
  if (text.startsWith('bernoulli')) {
    const x = laidOut(text.split(' ')[1], 'float32')
    return torch.bernoulli(x.copy_(chances(x)))
  }
  const [op, ...rest] = text.split(' ')
  if (op.endsWith('_like')) {
    const zeros = torch.zeros([Number(rest[0]), Number(rest[1])])
    const x = rest[2] === 't' ? zeros.t() : zeros
    return op === 'randint_like' ? torch.randint_like(x, -4, 9) : torch[op as 'rand_like' | 'randn_like'](x)
  }
  const dtype = DTYPES[rest.pop() as DTypeName]
  const numbers = rest.map(Number)
  if (op === 'randint') return torch.randint(numbers[0], numbers[1], [numbers[2]], { dtype })
  return torch[op as 'rand' | 'randn' | 'randperm'](numbers[0], { dtype })
}

function said(x: Tensor): Drawn {
  const values = x.flatten().tolist() as (number | bigint | boolean)[]
  if (values.length <= 40) return values.map((v) => (typeof v === 'bigint' ? String(v) : v))
  const bytes =
    x.dtype === torch.float32
      ? Float32Array.from(values as number[])
      : x.dtype === torch.float64
        ? Float64Array.from(values as number[])
        : BigInt64Array.from(values.map(BigInt))
  return createHash('sha256').update(new Uint8Array(bytes.buffer)).digest('hex')
}

/** divergences.md: JavaScript's logarithm, sine and cosine may differ from glibc's in the last bit of a double. */
function sameUpToTheLastBits(drawn: Drawn, expected: Drawn): boolean {
  return (
    drawn.length === expected.length &&
    [...drawn].every((value, i) => Math.abs(Number(value) / Number(expected[i]) - 1) < 4 * Number.EPSILON)
  )
}

describe('draws of PyTorch', () => {
  it.each(rows.map((row) => [`${row.draws.map(([text]) => text).join(', ')} seed ${row.seed}`, row] as const))(
    '%s',
    (_, { seed, draws }) => {
      const sink = set_warning_sink(() => {})
      scope(() => {
        torch.manual_seed(BigInt(seed))
        for (const [text, expected] of draws) {
          const drawn = said(draw(text))
          if (/(randn|normal_).*float64/.test(text))
            expect(drawn).toSatisfy((ours) => sameUpToTheLastBits(ours, expected))
          else expect(drawn, text).toEqual(expected)
        }
      })
      set_warning_sink(sink)
    },
  )
})
