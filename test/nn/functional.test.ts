// torch.nn.functional against real PyTorch: values, layouts, graphs, gradients of first and second order, error texts.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { scope, set_warning_sink, torch } from '../../src/index'
import { errorOf, keepsCounters } from '../autograd/harness'
import { ERRORS, type Inputs, inputs, type Tensor, VALUES } from './calls'

type Data = number | string | Data[]
type Grads = (Data | null)[]

interface Facts {
  data: Data
  shape: number[]
  stride: number[]
  dtype: string
  graph?: string
  grads?: Grads
  graphs?: (string | null)[]
  second?: Grads
}

const fixture = JSON.parse(readFileSync(new URL('./fixture.json', import.meta.url), 'utf8')) as {
  values: Record<string, Facts>
  errors: Record<string, string>
}

set_warning_sink(() => {})

type Node = Tensor['grad_fn'] | null

function graph(node: Node): string {
  if (!node) return 'None'
  const name = node.name().split('::').at(-1)!
  if (name === 'AccumulateGrad') return 'Acc'
  const edges = node.next_functions.map(([edge]) => graph(edge))
  return edges.length ? `${name}(${edges.join(', ')})` : name
}

const LEAVES = ['x', 'm', 'b', 'w', 'c', 'w2', 's'] as const

function expectData(actual: unknown, expected: Data, tolerance: number): void {
  if (Array.isArray(expected)) {
    expect(actual).toHaveLength(expected.length)
    for (const [i, item] of expected.entries()) expectData((actual as unknown[])[i], item, tolerance)
  } else if (typeof expected === 'string') {
    expect(String(actual)).toBe({ nan: 'NaN', inf: 'Infinity', '-inf': '-Infinity' }[expected])
  } else expect(Math.abs(Number(actual) - expected)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected)))
}

function expectGrads(actual: readonly (Tensor | null)[], expected: Grads, tolerance: number): void {
  expect(actual.map((grad) => grad !== null)).toEqual(expected.map((grad) => grad !== null))
  for (const [i, grad] of expected.entries()) if (grad !== null) expectData(actual[i]!.tolist(), grad, tolerance)
}

/** The first and second derivatives, with a gradient no two elements of which are alike. */
function expectDerivatives(out: Tensor, given: Inputs, facts: Facts, tolerance: number): void {
  const leaves = LEAVES.map((name) => given[name])
  const up = torch
    .arange(1, out.numel() + 1, { dtype: out.dtype })
    .mul(0.1)
    .reshape(out.shape)
    .requires_grad_()
  const first = torch.autograd.grad(out, leaves, { grad_outputs: up, create_graph: true, allow_unused: true })
  expectGrads(first, facts.grads!, tolerance)
  expect(first.map((grad) => (grad ? graph(grad.grad_fn) : null))).toEqual(facts.graphs)
  let total = torch.zeros([], { dtype: torch.float64 })
  for (const grad of first) if (grad) total = total.add(grad.mul(grad).sum())
  expectGrads(torch.autograd.grad(total, [...leaves, up], { allow_unused: true }), facts.second!, tolerance)
}

describe('torch.nn.functional', () => {
  keepsCounters()

  it.each(Object.keys(fixture.values))('%s', (name) => {
    scope(() => {
      const given = inputs()
      const facts = fixture.values[name]
      const out = VALUES[name](given)
      const tolerance = facts.dtype === 'torch.float64' ? 1e-9 : 3e-5
      expect({ shape: out.shape, stride: out.stride(), dtype: String(out.dtype) }).toEqual({
        shape: facts.shape,
        stride: facts.stride,
        dtype: facts.dtype,
      })
      expectData(out.tolist(), facts.data, tolerance)
      if (!facts.graph) return
      expect(graph(out.grad_fn)).toBe(facts.graph)
      expectDerivatives(out, given, facts, tolerance)
    })
  })

  it.each(Object.keys(fixture.errors))('%s: refused', (name) => {
    scope(() => {
      const given = inputs()
      expect(errorOf(() => ERRORS[name](given))).toBe(fixture.errors[name])
    })
  })
})
