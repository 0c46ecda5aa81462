// Every call of the fixture, which real PyTorch answered, goes through our parser and must fare the same.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { registerType } from '../../src/torch/pytypes'
import { Signature } from '../../src/torch/signature'
import { functionSpec } from '../../src/torch/signature-spec'
import { specs } from './specs'

class Tensor {
  readonly dtype: string
  constructor(
    readonly shape: number[],
    dtype: string,
    readonly requires_grad = false,
  ) {
    this.dtype = `torch.${dtype}`
  }
  dim() {
    return this.shape.length
  }
  numel() {
    return this.shape.reduce((a, b) => a * b, 1)
  }
  item() {
    return 1
  }
}
class Parameter extends Tensor {}
class DType {}
registerType('Tensor', Tensor)
registerType('Parameter', Parameter)
registerType('torch.dtype', DType)

const objects: Record<string, unknown> = {
  x: new Tensor([2, 3], 'float32'),
  i0: new Tensor([], 'int64'),
  i1: new Tensor([1], 'int64'),
  f0: new Tensor([], 'float32'),
  g0: new Tensor([], 'float32', true),
  P: new Parameter([2], 'float32', true),
  dtype: new DType(),
  fn: () => 1,
  dict: { k: 1 },
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
type Case = [target: string, args: Json[], kwargs: Record<string, Json>, result: string | [error: string, text: number]]

const fixture: { texts: string[]; cases: Case[] } = JSON.parse(
  readFileSync(new URL('fixture.json', import.meta.url), 'utf8'),
)

function revive(v: Json): unknown {
  if (Array.isArray(v)) return v.map(revive)
  if (v === null || typeof v !== 'object') return v
  return '$int' in v ? BigInt(v.$int as string) : objects[v.$ as string]
}

function signature(target: string): Signature {
  const [where, op] = target.split('.')
  const spec = specs[op]
  return new Signature(op, where === 'x' ? spec.method! : spec.function || functionSpec(spec.method!))
}

function outcome(sig: Signature, args: Json[], kwargs: Record<string, Json>): string {
  const keywords = Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [k, revive(v)]))
  try {
    return `overload ${sig.parse([...args.map(revive), ...(Object.keys(kwargs).length ? [keywords] : [])]).overload}`
  } catch (e) {
    return String(e)
  }
}

const targets = groupBy(fixture.cases)

describe.each([...targets])('%s', (target, cases) => {
  const sig = signature(target)

  it(`fares as in PyTorch, ${cases.length} times`, () => {
    const expected = cases.map(([, args, kwargs, result]) => [
      JSON.stringify([args, kwargs]),
      typeof result === 'string' ? 'accepted' : `${result[0]}: ${fixture.texts[result[1]]}`,
    ])
    const got = cases.map(([, args, kwargs]) => [
      JSON.stringify([args, kwargs]),
      outcome(sig, args, kwargs).replace(/^overload \d$/, 'accepted'),
    ])
    expect(got).toEqual(expected)
  })
})

// PyTorch's overloads have names: each of ours must always go with the same one.
it.each(['x.pow', 'torch.pow', 'x.sum', 'x.mean', 'x.squeeze', 'x.fill_', 'x.view', 'torch.arange'])(
  '%s finds the overload that PyTorch finds',
  (target) => {
    const sig = signature(target)
    const names = new Map<string, string>()
    for (const [, args, kwargs, result] of targets.get(target)!) {
      if (typeof result !== 'string' || !result.startsWith(`aten.${sig.name}.`)) continue
      const overload = outcome(sig, args, kwargs)
      expect([overload, result]).toEqual([overload, names.get(overload) ?? result])
      names.set(overload, result)
    }
    expect(names.size).toBeGreaterThan(1)
    expect(new Set(names.values()).size).toBe(names.size)
  },
)

describe('values', () => {
  const values = (target: string, ...args: unknown[]) => signature(target).parse(args).values
  const { x, i0, f0 } = objects

  it('fills in defaults, in signature order', () => {
    expect(values('x.add', x)).toEqual([x, 1])
    expect(values('x.sum', 1)).toEqual([[1], false, null])
    expect(values('x.sum', { axis: [0, 1], keepdims: true })).toEqual([[0, 1], true, null])
    expect(values('x.sum', null)).toEqual([null, false, null])
    expect(values('x.flatten', { end_dim: 1 })).toEqual([0, 1])
    expect(values('torch.zeros', 2, { pin_memory: null })).toEqual([[2], null, null, null, null, false, false])
  })
  it('collects a list of ints from arguments', () => {
    expect(values('x.view', 2, 3n)).toEqual([[2, 3]])
    expect(values('x.view', [2, 3])).toEqual([[2, 3]])
    expect(values('x.permute', 0, true, i0)).toEqual([[0, 1, 1]])
  })
  it('reads tensors where numbers are wanted, and takes numbers for some tensors', () => {
    expect(values('x.add', 2.5, { alpha: f0 })).toEqual([2.5, 1])
    expect(values('x.select', i0, 2n)).toEqual([1, 2])
  })
  it('takes an option that is undefined for one that is not given', () => {
    expect(values('x.sum', 1, { keepdim: undefined })).toEqual([[1], false, null])
  })
})

function groupBy(cases: Case[]): Map<string, Case[]> {
  const groups = new Map<string, Case[]>()
  for (const c of cases) groups.set(c[0], [...(groups.get(c[0]) ?? []), c])
  return groups
}
