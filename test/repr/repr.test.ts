// Tensors that real PyTorch printed print the same here.

import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { get_printoptions, reprTensor, set_printoptions } from '../../src/torch/repr'

type Options = Parameters<typeof set_printoptions>[0]
type Datum = number | boolean | string
type Case = [
  dtype: string,
  shape: number[],
  data: Datum[] | string,
  options: Options,
  suffix: string | null,
  text: string,
]

const { cases }: { cases: Case[] } = JSON.parse(readFileSync(new URL('fixture.json', import.meta.url), 'utf8'))

function values(dtype: string, data: Datum[] | string): (i: number) => number | bigint | boolean {
  if (data === 'arange') return (i) => i
  if (data === 'thirds') return dtype === 'float32' ? (i) => Math.fround(i / 3) : (i) => i / 3
  return (i) => {
    const v = data[i]
    if (typeof v !== 'string') return v
    if (!dtype.startsWith('float')) return BigInt(v)
    return v.endsWith('inf') ? Number(`${v}inity`.replace('i', 'I')) : Number(v)
  }
}

afterEach(() => set_printoptions({ profile: 'default' }))

it.each(['float32', 'float64', 'int64', 'int32', 'bool'])('prints %s tensors as PyTorch does', (dtype) => {
  const mine = cases.filter((c) => c[0] === dtype)
  expect(mine.length).toBeGreaterThan(40)
  for (const [, shape, data, options, suffix, text] of mine) {
    set_printoptions({ profile: 'default' })
    set_printoptions(options)
    const suffixes = { gradFn: suffix === 'leaf' ? null : suffix, requiresGrad: suffix !== null }
    const got = reprTensor({ dtype, shape, values: values(dtype, data), suffixes })
    expect({ shape, options, data, text: got }).toEqual({ shape, options, data, text })
  }
})

it('reads only what it shows', () => {
  let reads = 0
  const value = (i: number) => {
    reads++
    return i
  }
  reprTensor({ dtype: 'int64', shape: [1000, 1000, 1000], values: value })
  expect(reads).toBe(6 ** 3)
})

it('knows the default dtype that it is told', () => {
  const one = { shape: [1], values: () => 1 }
  expect(reprTensor({ ...one, dtype: 'float32', defaultDtype: 'float64' })).toBe('tensor([1.], dtype=torch.float32)')
  expect(reprTensor({ ...one, dtype: 'float64', defaultDtype: 'float64' })).toBe('tensor([1.])')
})

it('forgets sci_mode at the next set_printoptions', () => {
  set_printoptions({ sci_mode: true, precision: 2 })
  set_printoptions({ linewidth: 100 })
  expect(get_printoptions()).toEqual({ precision: 2, threshold: 1000, edgeitems: 3, linewidth: 100, sci_mode: null })
})
