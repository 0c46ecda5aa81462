// A row of the table over every kind of input that formulas get wrong: broadcast, strided, expanded, 0-dim, empty; in place.
import { scope, type Tensor, torch } from '../../src/index'
import type { Fn, Row } from './cases'

export interface Case {
  name: string
  fn: Fn
  inputs: () => Tensor[]
}

export type Shape = readonly number[]

/** '2 3, 3' is a matrix and a vector, '' one tensor without dimensions. */
export const shapesOf = (text: string): Shape[] =>
  text.split(',').map((shape) => shape.trim().split(/\s+/).filter(Boolean).map(Number))

const product = (sizes: Shape) => sizes.reduce((a, b) => a * b, 1)

/** Numbers of `domain` without a pattern, no two alike; without a domain from 0.3 to 1.8 of both signs, away from 0. */
function values(count: number, domain: Row[3], seed: number): number[] {
  const [low, high] = domain ?? [0.3, 1.8]
  return Array.from({ length: count }, (_, i) => {
    const wave = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453
    const size = low + (high - low) * (wave - Math.floor(wave))
    return domain || i % 3 !== 1 ? size : -size
  })
}

function made(shape: Shape, domain: Row[3], seed: number): Tensor {
  return torch
    .tensor(values(product(shape), domain, seed), { dtype: torch.float64 })
    .reshape(shape)
    .clone()
}

/** A way to lay out the input: how the leaf is made, and how the function sees it. Null where it changes nothing. */
interface Layout {
  leaf: (shape: Shape, make: (shape: Shape) => Tensor) => Tensor
  seen?: (leaf: Tensor, shape: Shape) => Tensor
  changes: (shape: Shape) => boolean
}

const LAYOUTS: Record<string, Layout> = {
  transposed: {
    leaf: (shape, make) => make([...shape].reverse()).permute(shape.map((_, d) => shape.length - 1 - d)),
    changes: (shape) => shape.length > 1,
  },
  stepped: {
    leaf: (shape, make) => make([...shape.slice(0, -1), 2 * shape[shape.length - 1]]).at('...', '::2'),
    changes: (shape) => shape.length > 0,
  },
  // gradcheck moves elements of leaves, so those must not share memory: they are expanded on the way.
  expanded: {
    leaf: (shape, make) => make([...shape.slice(0, -1), 1]),
    seen: (leaf, shape) => leaf.expand(shape),
    changes: (shape) => shape.length > 0 && shape[shape.length - 1] !== 1,
  },
  'one element, expanded': {
    leaf: (_, make) => make([]),
    seen: (leaf, shape) => leaf.expand(shape),
    changes: (shape) => shape.length > 1 && product(shape) !== 1,
  },
}

const PLAIN: Layout = { leaf: (shape, make) => make(shape), changes: () => true }

function caseOf([name, fn, , domain]: Row, shapes: readonly Shape[], layouts: readonly Layout[], note: string): Case {
  return {
    name: `${name} ${shapes.map((shape) => `[${shape}]`).join(' ')} ${note}`,
    fn: (...leaves) => fn(...leaves.map((leaf, i) => layouts[i].seen?.(leaf, shapes[i]) ?? leaf)),
    inputs: () =>
      shapes.map((shape, i) => layouts[i].leaf(shape, (size) => made(size, domain, i + 1)).requires_grad_()),
  }
}

export const plainCase = (row: Row, shapes: readonly Shape[]) =>
  caseOf(
    row,
    shapes,
    shapes.map(() => PLAIN),
    'plain',
  )

/** Every layout of all inputs together and, if asked, of each input alone. */
function laidOut(row: Row, shapes: readonly Shape[], apart: boolean): Case[] {
  const cases = [plainCase(row, shapes)]
  for (const [name, layout] of Object.entries(LAYOUTS)) {
    const changed = shapes.map((shape) => layout.changes(shape))
    const groups = [changed]
    if (apart) groups.push(...shapes.map((_, i) => changed.map((change, k) => change && k === i)))
    const distinct = groups.filter(
      (group, i) => group.includes(true) && groups.findIndex((other) => String(other) === String(group)) === i,
    )
    for (const group of distinct) {
      const layouts = group.map((on) => (on ? layout : PLAIN))
      const which = shapes.length > 1 ? ` ${group.flatMap((on, i) => (on ? [i] : []))}` : ''
      cases.push(caseOf(row, shapes, layouts, name + which))
    }
  }
  return cases
}

/** The function's name: the first word of the row's. */
export const nameOf = ([name]: Row): string => name.split(' ')[0]

type Method = (this: Tensor, ...args: unknown[]) => Tensor
const methods = torch.Tensor.prototype as unknown as Record<string, Method | undefined>

/** Ways to answer `x.add(y)` by `x.add_(y)`, x itself being left alone. */
const INPLACE: Record<string, (x: Tensor, write: (x: Tensor) => Tensor) => Tensor[]> = {
  'in place': (x, write) => [write(x.clone())],
  'in place on a view': (x, write) => {
    const base = x
      .unsqueeze(0)
      .expand([2, ...x.shape])
      .clone()
    const view = write(base.select(0, 1))
    return [base, view]
  },
  'in place on a view of another layout': (x, write) => {
    const base = x
      .unsqueeze(-1)
      .expand([...x.shape, 2])
      .clone()
    const view = write(base.select(-1, 1))
    return [base, view]
  },
}

/** Sees elements of the storage beyond the view that it is called on; PyTorch's gradient leaves those out. */
const ADDRESSES_STORAGE = 'as_strided'
const CANNOT_GROW = /doesn't match the broadcast shape/

/** The same case with the row's method in place, where there is such a method and the result has the receiver's shape. */
function inPlace(row: Row, plain: Case, onViews: boolean): Case[] {
  const name = nameOf(row)
  const method = Object.getOwnPropertyDescriptor(methods, name)?.value as Method | undefined
  const write = name.endsWith('_') ? method : methods[`${name}_`]
  if (!method || !write) return []
  let calls = 0
  const ways = Object.entries(INPLACE).slice(0, onViews && name !== ADDRESSES_STORAGE ? undefined : 1)
  const cases = ways.map(([how, answer]): Case => {
    const standIn: Method = function (...args) {
      calls++
      methods[name] = method
      try {
        return answer(this, (x) => write.apply(x, args)) as unknown as Tensor
      } finally {
        methods[name] = standIn
      }
    }
    const fn: Fn = (...inputs) => {
      methods[name] = standIn
      try {
        return plain.fn(...inputs)
      } finally {
        methods[name] = method
      }
    }
    return { name: `${plain.name} ${how}`, fn, inputs: plain.inputs }
  })
  try {
    scope(() => {
      cases[0].fn(...plain.inputs())
    })
  } catch (error) {
    if (CANNOT_GROW.test(String(error))) return []
    throw error
  }
  return calls > 0 ? cases : []
}

/**
 * The cases of a row: its first shapes in every layout, of all inputs together, and in place; the others as they are, and
 * in place. If `whole`, the first shapes with each input laid out by itself, too, and in place on views. If `full`,
 * everything for all shapes.
 */
export function casesOf(row: Row, whole = false, full = false): Case[] {
  return row[2].flatMap((text, i) => {
    const shapes = shapesOf(text)
    const each = full || (whole && i === 0)
    const all = full || i === 0 ? laidOut(row, shapes, each) : [plainCase(row, shapes)]
    const written = all.flatMap((plain) => inPlace(row, plain, each))
    return nameOf(row).endsWith('_') ? written : [...all, ...written]
  })
}
