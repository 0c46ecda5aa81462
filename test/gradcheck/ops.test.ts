// gradcheck and gradgradcheck in double precision for every differentiable function over every kind of input.
import { describe, expect, it } from 'vitest'
import { NodeKind } from '../../assembly/abi'
import { scope, type Tensor, torch } from '../../src/index'
import { NODES } from '../../src/torch/nodes'
import { CONSTANTS, CONVERSIONS, type Fn, NO_FUNCTIONS, ROWS, type Row } from './cases'
import { type Case, casesOf, nameOf, plainCase, type Shape, shapesOf } from './crosses'
import { expectNoLeaks } from './live'

expectNoLeaks()

const { gradcheck, gradgradcheck } = torch.autograd
/** What the library says of shapes that do not fit; anything else is a bug of the row or of the op. */
const REFUSAL = /^(RuntimeError|IndexError|ValueError): /
/** `npm run test:long`: every shape in every layout, each input by itself, in place on every kind of view. */
const FULL = process.env.LONG === '1'
const FAST = { fast_mode: true }
const outputsOf = (result: ReturnType<Fn>) => [result].flat() as Tensor[]

/** Which of the cases fail, with why. */
function failures(cases: readonly Case[], check: (c: Case) => unknown): string[] {
  return cases.flatMap((c) => {
    try {
      scope(() => {
        check(c)
      })
      return []
    } catch (error) {
      return [`${c.name}: ${String(error)}`]
    }
  })
}

const names = [...new Set(ROWS.map(nameOf))]
const rowsOf = (name: string) => ROWS.filter((row) => nameOf(row) === name)
const firstCase = (row: Row) => casesOf(row)[0]

describe.each(names)('%s', (name) => {
  const rows = rowsOf(name)

  it('gradcheck and gradgradcheck', () => {
    const cases = rows.flatMap((row, i) => casesOf(row, i === 0, FULL))
    expect(failures(cases, (c) => gradcheck(c.fn, c.inputs()) && gradgradcheck(c.fn, c.inputs()))).toEqual([])
  })

  it('in fast mode', () => {
    const cases = rows.map(firstCase)
    expect(failures(cases, (c) => gradcheck(c.fn, c.inputs(), FAST))).toEqual([])
    const scattered = { ...FAST, gen_non_contig_grad_outputs: true }
    const told = cases.filter((c) => !constantGradientFirst(c))
    expect(failures(told, (c) => gradgradcheck(c.fn, c.inputs(), scattered))).toEqual([])
  })

  it('third order', () => {
    const cases = rows.map(firstCase).map((c) => ({ ...c, fn: derivativeOf(c.fn) }))
    expect(failures(cases, (c) => gradgradcheck(c.fn, c.inputs()))).toEqual([])
  })

  it('kinds of input without a row are refused', () => {
    for (const [kind, shapes] of missingKinds(rows)) {
      const [title, fn, , domain] = rows[0]
      const run = () => {
        const [c] = casesOf([title, fn, [shapes.map((shape) => shape.join(' ')).join(',')], domain])
        try {
          scope(() => outputsOf(c.fn(...c.inputs())).length)
          return 'nothing'
        } catch (error) {
          return String(error)
        }
      }
      expect(run(), `${kind}: ${shapes.map((shape) => `[${shape}]`).join(' ')}`).toMatch(REFUSAL)
    }
  })
})

/** Such gradients the fast mode takes for one another, PyTorch's as well. */
function constantGradientFirst({ fn, inputs }: Case): boolean {
  return scope(() => {
    const leaves = inputs()
    const recorded = outputsOf(fn(...leaves)).filter((output) => output.requires_grad)
    const weights = recorded.map((y) => torch.ones(y.shape, { dtype: y.dtype, requires_grad: true }))
    const grads = torch.autograd.grad(recorded, leaves, weights, { create_graph: true, allow_unused: true })
    const flags = grads.flatMap((g) => (g ? [g.requires_grad] : []))
    return flags.includes(false) && flags.indexOf(false) < flags.lastIndexOf(true)
  })
}

/** The gradients as a function of the inputs, so that checking its gradients' gradients reaches the third order. */
function derivativeOf(fn: Fn): Fn {
  return (...inputs) => {
    const outputs = outputsOf(fn(...inputs)).filter((output) => output.requires_grad)
    const weights = outputs.map((y) =>
      torch.arange(y.numel(), { dtype: y.dtype }).add(0.5).cos().reshape(y.shape).requires_grad_(),
    )
    const grads = torch.autograd.grad(outputs, inputs, weights, { create_graph: true, allow_unused: true })
    // A linear function's derivative is constant: then there is still something to differentiate.
    return inputs.map((x, i) => (grads[i] ? grads[i].add(x.mul(x)) : x.mul(x)))
  }
}

/** Kinds of shapes that no row has, each with an instance: without dimensions, without elements, broadcast. */
function missingKinds(rows: readonly Row[]): [kind: string, shapes: readonly Shape[]][] {
  const given = rows.flatMap((row) => row[2].map(shapesOf))
  const first = given[0]
  const missing: [string, readonly Shape[]][] = []
  if (!given.flat().some((shape) => shape.length === 0)) missing.push(['0-dim', first.map(() => [])])
  if (!given.flat(2).includes(0)) missing.push(['zero-size', first.map((shape) => shape.map(() => 0))])
  if (first.length > 1 && first.every((shape) => String(shape) === String(first[0]))) {
    for (const i of first.keys()) {
      const smaller = (shapes: readonly Shape[]) =>
        shapes.length > 1 && shapes.some((other) => product(other) > product(shapes[i]))
      if (given.some(smaller)) continue
      missing.push([`broadcast ${i}`, first.map((shape, k) => (k === i ? shape.map(() => 1) : shape))])
    }
  }
  return missing
}

const product = (shape: Shape) => shape.reduce((a, b) => a * b, 1)

// Single precision forgets what gradcheck moves by default: here by a power of two, at powers of two.
describe('conversions', () => {
  const COARSE = { eps: 2 ** -8, atol: 2 ** -8 }
  it.each(CONVERSIONS)('%s', (...row) => {
    expect(failures(casesOf(row), (c) => gradcheck(c.fn, c.inputs(), COARSE))).toEqual([])
    expect(failures(casesOf(row), (c) => gradgradcheck(c.fn, c.inputs(), COARSE))).toEqual([])
  })
})

describe('functions without a gradient', () => {
  it.each(CONSTANTS)('%s', (name, fn, shapes, domain) => {
    for (const text of shapes) {
      scope(() => {
        const inputs = plainCase([name, fn, shapes, domain], shapesOf(text)).inputs()
        for (const output of outputsOf(fn(...inputs))) expect(output.requires_grad).toBe(false)
      })
    }
  })
})

describe('nothing is left out', () => {
  const all = [...ROWS, ...CONVERSIONS, ...CONSTANTS]
  it('a row calls what it is named after', () => {
    const wrong = all.filter((row) => !new RegExp(`\\.${nameOf(row)}\\b`).test(String(row[1])))
    expect(wrong.map(([name]) => name)).toEqual([])
  })
  it('every method of Tensor and every function of torch has a row', () => {
    const covered = new Set(all.map(nameOf))
    const members = [...Object.getOwnPropertyNames(torch.Tensor.prototype), ...Object.keys(torch)]
    const open = members.filter(
      (name) =>
        !name.startsWith('_') &&
        !NO_FUNCTIONS.has(name) &&
        !covered.has(name) &&
        !(name.endsWith('_') && covered.has(name.slice(0, -1))),
    )
    expect(open).toEqual([])
  })
  it('every kind of node is in the graph of a case', () => {
    const seen = new Set<string>()
    for (const c of [...ROWS, ...CONVERSIONS].flatMap(([name, fn, [first], domain]) =>
      casesOf([name, fn, [first], domain]),
    )) {
      const first = derivativeOf(c.fn)
      scope(() => {
        const inputs = c.inputs()
        for (const fn of [c.fn, first, derivativeOf(first)]) {
          for (const output of outputsOf(fn(...inputs))) namesOf(output, seen)
        }
      })
    }
    const elsewhere: NodeKind[] = [NodeKind.NotImplemented, NodeKind.PythonFunction, NodeKind.Error]
    // These have no formula.
    elsewhere.push(NodeKind.UniqueBackward0, NodeKind.Unique2Backward0, NodeKind.UniqueDimBackward0)
    elsewhere.push(NodeKind.UniqueConsecutiveBackward0)
    const kinds = Object.keys(NODES).map(Number) as NodeKind[]
    const expected = kinds
      .filter((kind) => !elsewhere.includes(kind))
      .map((kind) => NODES[kind as keyof typeof NODES].type)
    expect(expected.filter((type) => !seen.has(type))).toEqual([])
  })
})

type Node = NonNullable<Tensor['grad_fn']>

/** The types of the nodes that a tensor's history is made of. */
function namesOf(output: Tensor, seen: Set<string>): void {
  const waiting: (Node | null)[] = [output.grad_fn]
  while (waiting.length > 0) {
    const node = waiting.pop()
    if (!node) continue
    seen.add(node.name().split('::').pop()!)
    waiting.push(...node.next_functions.map(([next]) => next))
  }
}
