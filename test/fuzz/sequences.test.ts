// Random programs of out-of-place ops over a few tensors: no op changes its inputs, and nothing outlives the scope.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import type { OpRow } from '../../src/torch/op_rows'
import { OPS } from '../../src/torch/ops'
import { parseSpec } from '../../src/torch/signature-spec'
import type { Tensor } from '../../src/torch/tensor'
import { buildTensor, tensorPlan } from './arguments'
import { isOwnError } from './exports'

const SEEDS = process.env.FUZZ_SEED ? [Number(process.env.FUZZ_SEED)] : [20240613, Date.now() & 0xffffff]
const RUNS = Number(process.env.FUZZ_RUNS ?? 300)

/** The methods of the op table that write nothing, with what their overloads take. */
const METHODS = Object.values(OPS as Record<string, OpRow>)
  .filter((row) => row.method !== false)
  .flatMap((row) =>
    parseSpec(row.name, row.spec).overloads.map((overload) => ({
      name: row.name,
      types: overload.params.filter((p) => !p.keywordOnly).map((p) => p.type),
    })),
  )

interface Call {
  method: (typeof METHODS)[number]
  /** Indices of tensors, and raw material for the other arguments. */
  self: number
  others: number[]
  ints: number[]
  backward: boolean
}

const call: fc.Arbitrary<Call> = fc.record({
  method: fc.constantFrom(...METHODS),
  self: fc.nat(99),
  others: fc.array(fc.nat(99), { minLength: 3, maxLength: 3 }),
  ints: fc.array(fc.integer({ min: -2, max: 3 }), { minLength: 4, maxLength: 4 }),
  backward: fc.boolean(),
})

function argument(type: string, at: number, call: Call, tensors: readonly Tensor[]): unknown {
  const n = call.ints[at % call.ints.length]
  const other = tensors[call.others[at % call.others.length] % tensors.length]
  switch (type) {
    case 'Tensor':
      return other
    case 'Number':
    case 'float':
      return n / 2
    case 'bool':
      return n > 0
    case 'dtype':
      return other.dtype
    case 'int[]':
      // As likely a shape or an order of dimensions that fits as any list.
      return n > 1 ? other.shape : n > 0 ? other.shape.map((_, i) => i) : call.ints.slice(0, Math.abs(n) + 1)
    default:
      return n
  }
}

/** All that an op could change of a tensor. */
function facts(x: Tensor) {
  const grad = x.is_leaf ? x.grad : null
  return {
    data: x.tolist(),
    shape: x.shape,
    stride: x.stride(),
    dtype: x.dtype.name,
    version: x._version,
    requires_grad: x.requires_grad,
    grad_fn: x.grad_fn?.name() ?? null,
    grad: grad?.tolist() ?? null,
  }
}

function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

let succeeded = 0

function perform(call: Call, tensors: Tensor[]): void {
  const self = tensors[call.self % tensors.length]
  const args = call.method.types.map((type, at) => argument(type, at, call, tensors))
  const before = scope(() => tensors.map(facts))
  try {
    const method = (self as unknown as Record<string, (...args: unknown[]) => Tensor | Tensor[]>)[call.method.name]
    // A few of several results will do.
    for (const result of [method.apply(self, args)].flat().slice(0, 3)) {
      if (call.backward && result.requires_grad && result.numel()) {
        // Gradients are read, not accumulated: the leaves stay as they were.
        torch.autograd.grad(result.sum(), result, { retain_graph: true })
      }
      if (result.numel() < 2000 && result.ndim < 7) tensors.push(result)
    }
    succeeded++
  } catch (error) {
    if (!isOwnError(error)) throw error
  }
  expect(scope(() => tensors.slice(0, before.length).map(facts))).toEqual(before)
}

/** Some formulas refuse an operand that their op takes, as PyTorch's do: `x ** bool` subtracts 1 from the exponent. */
function backward(root: Tensor): void {
  try {
    root.sum().backward()
  } catch (error) {
    if (!isOwnError(error)) throw error
  }
}

describe('random programs', () => {
  it.each(SEEDS)('change no input and leave nothing behind (seed %i)', (seed) => {
    const tensor = tensorPlan.map(({ tensor }) => ({ tensor: { ...tensor, disposed: false } }))
    const program = fc.tuple(
      fc.array(tensor, { minLength: 2, maxLength: 3 }),
      fc.array(call, { minLength: 1, maxLength: 12 }),
    )
    const property = fc.property(program, ([plans, calls]) => {
      const before = live()
      scope(() => {
        const tensors = plans.map(buildTensor)
        for (const call of calls) perform(call, tensors)
        const root = tensors.findLast((x) => x.requires_grad && x.numel() > 0)
        if (root) backward(root)
      })
      expect(live()).toEqual(before)
    })
    succeeded = 0
    fc.assert(property, { seed, numRuns: RUNS })
    expect(succeeded / RUNS, 'ops that had valid arguments').toBeGreaterThan(1)
  })
})
