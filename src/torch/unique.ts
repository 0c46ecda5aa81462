// What values a tensor has, and between which of a sorted sequence a value lies. All of it in JavaScript: sorting finds
// the first, halving the second. The values hang in the graph by nodes that have no formula, as PyTorch's do.
import { NodeKind, Op } from '../../assembly/abi'
import { IndexError, NotImplementedError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { putArgs } from '../core/memory'
import { core } from '../core/wasm'
import { empty } from './creation'
import { tensor } from './data'
import { type DType, int32, int64 } from './dtype'
import { Signature } from './signature'
import { Def } from './signature-def'
import { temporaries } from './temporaries'
import { result, type Scalar, Tensor, wrapDim } from './tensor'
import { tuple } from './tuple'

type Number_ = number | bigint | boolean

const flat = (x: Tensor): Number_[] => [x.detach().flatten().tolist()].flat(2) as Number_[]
const isNaN_ = (v: Number_): boolean => typeof v === 'number' && Number.isNaN(v)
/** nan is larger than every number, and no two are equal. */
const order = (a: Number_, b: Number_): number =>
  isNaN_(a) || isNaN_(b) ? Number(isNaN_(a)) - Number(isNaN_(b)) : a < b ? -1 : a > b ? 1 : 0

const made = (values: readonly Number_[], dtype: DType): Tensor => tensor(values as number[], { dtype })

interface Found {
  /** The first of each kind, by its place. */
  places: number[]
  /** The kind of each. */
  inverse: number[]
  counts: number[]
}

/** Puts equal neighbours of `sorted` (places in their order) together. */
function groups(sorted: readonly number[], same: (a: number, b: number) => boolean): Found {
  const found: Found = { places: [], inverse: new Array(sorted.length), counts: [] }
  for (const [i, at] of sorted.entries()) {
    if (i === 0 || !same(sorted[i - 1], at)) {
      found.places.push(at)
      found.counts.push(0)
    }
    found.inverse[at] = found.places.length - 1
    found.counts[found.places.length - 1]++
  }
  return found
}

/** The kinds of rows (of one element each where there are none), in order unless only neighbours count. */
function kinds(rows: readonly Number_[][], consecutive: boolean): Found {
  const compare = (a: number, b: number): number => {
    for (const [i, value] of rows[a].entries()) {
      const by = order(value, rows[b][i])
      if (by) return by
    }
    return a - b
  }
  const places = rows.map((_, i) => i)
  if (!consecutive) places.sort(compare)
  return groups(places, (a, b) => rows[a].every((value, i) => value === rows[b][i]))
}

/** Hangs `values` in the graph behind a node of `kind` over `x`. */
function recorded(x: Tensor, values: Tensor, kind: NodeKind): Tensor {
  putArgs(0, kind)
  return result(core.call(Op.Drawn, address(x), address(values), 0))
}

const nothing = (): Tensor => empty(0, { dtype: int64 })

/** The values of all elements, their kinds in x's shape, and how often each is there. */
function ofElements(
  x: Tensor,
  consecutive: boolean,
  kind: NodeKind,
  wants: { inverse: boolean; counts: boolean },
): Tensor[] {
  const values = flat(x)
  const { places, inverse, counts } = kinds(
    values.map((value) => [value]),
    consecutive,
  )
  return [
    recorded(
      x,
      made(
        places.map((at) => values[at]),
        x.dtype,
      ),
      kind,
    ),
    wants.inverse ? made(inverse, int64).reshape(x.shape) : nothing(),
    wants.counts ? made(counts, int64) : nothing(),
  ]
}

/** The same for the slices of a dimension. */
function ofSlices(x: Tensor, dim: number | bigint, consecutive: boolean, kind: NodeKind): Tensor[] {
  if (x.ndim === 0) throw new IndexError(`Dimension specified as ${BigInt(dim)} but tensor has no dimensions`)
  const d = wrapDim(dim, x.ndim)
  if (x.shape.some((size, k) => size === 0 && k !== d)) {
    throw new RuntimeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied")
  }
  const rows = Array.from({ length: x.size(d) }, (_, i) => flat(x.select(d, i)))
  const { places, inverse, counts } = kinds(rows, consecutive)
  const sizes = x.shape.map((size, k) => (k === d ? places.length : size))
  const moved = [sizes[d], ...sizes.filter((_, k) => k !== d)]
  const values = made(
    places.flatMap((at) => rows[at]),
    x.dtype,
  ).reshape(moved)
  const back = sizes.map((_, k) => (k === d ? 0 : k < d ? k + 1 : k))
  return [recorded(x, values.permute(back).contiguous(), kind), made(inverse, int64), made(counts, int64)]
}

const defs = {
  unique: new Def('unique', 'input, sorted=True, return_inverse=False, return_counts=False, dim=None'),
  unique_consecutive: new Def('unique_consecutive', 'input, return_inverse=False, return_counts=False, dim=None'),
}
const signatures = {
  dim: new Signature('unique_dim', 'int dim'),
  _unique: new Signature('_unique', 'Tensor input, bool sorted=True, bool return_inverse=False'),
  _unique2: new Signature(
    '_unique2',
    'Tensor input, bool sorted=True, bool return_inverse=False, bool return_counts=False',
  ),
}

/** One tensor, or the tuple of those that were asked for. */
function asked(
  [values, inverse, counts]: readonly Tensor[],
  wantsInverse: unknown,
  wantsCounts: unknown,
): Tensor | Tensor[] {
  const outputs = [values, ...(wantsInverse ? [inverse] : []), ...(wantsCounts ? [counts] : [])]
  return outputs.length === 1 ? values : tuple(outputs)
}

function uniqueOf(name: keyof typeof defs, args: readonly unknown[]): Tensor | Tensor[] {
  const consecutive = name === 'unique_consecutive'
  const [x, ...rest] = defs[name].parse(args)
  const [inverse, counts, dim] = consecutive ? rest : rest.slice(1)
  const input = signatures._unique.parse([x]).values[0] as Tensor
  const kind = consecutive ? NodeKind.UniqueConsecutiveBackward0 : NodeKind.Unique2Backward0
  return temporaries(() => {
    const wants = { inverse: Boolean(inverse), counts: Boolean(counts) }
    if (dim === null) return asked(ofElements(input, consecutive, kind, wants), inverse, counts)
    const d = signatures.dim.parse([dim]).values[0] as number | bigint
    return asked(ofSlices(input, d, consecutive, consecutive ? kind : NodeKind.UniqueDimBackward0), inverse, counts)
  })
}

type Unique = { return_inverse?: boolean; return_counts?: boolean; dim?: number | null }
export interface UniqueMethods {
  /** The values that there are, in order; with the kind of every element and how often each is there if asked for. */
  unique(options?: Unique & { sorted?: boolean; return_inverse?: false; return_counts?: false }): Tensor
  unique(options: Unique & { sorted?: boolean }): Tensor[]
  /** The same of neighbours only. */
  unique_consecutive(options?: Unique & { return_inverse?: false; return_counts?: false }): Tensor
  unique_consecutive(options: Unique): Tensor[]
}
for (const name of ['unique', 'unique_consecutive'] as const) {
  const value = function (this: Tensor, ...args: unknown[]): Tensor | Tensor[] {
    return uniqueOf(name, [this, ...args])
  }
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true })
}

type Search = { right?: boolean; side?: 'left' | 'right' | null; out_int32?: boolean; sorter?: Tensor | null }
const OUT = 'Tensor out=None'
const searches = {
  searchsorted: new Signature(
    'searchsorted',
    ['Tensor input', 'Number self']
      .map(
        (p) =>
          `Tensor sorted_sequence, ${p}, *, bool out_int32=False, bool right=False, str? side=None, Tensor sorter=None, ${OUT}`,
      )
      .join(' | '),
  ),
  bucketize: new Signature(
    'bucketize',
    `Tensor input, Tensor boundaries, *, bool out_int32=False, bool right=False, ${OUT} | ` +
      'Number self, Tensor boundaries, *, bool out_int32=False, bool right=False',
  ),
}

/** How many elements of a sorted row stand before `value` (`right`: before all larger ones). */
function rank(row: readonly Number_[], value: Number_, right: boolean): number {
  let [low, high] = [0, row.length]
  while (low < high) {
    const middle = (low + high) >> 1
    // Written so that nan goes to the end.
    if (right ? !(row[middle] > value) : !(row[middle] >= value)) low = middle + 1
    else high = middle
  }
  return low
}

function search(rows: Tensor, values: Tensor | Scalar, right: boolean, dtype: DType, sorter: Tensor | null): Tensor {
  const length = rows.size(-1)
  const sequence = flat(sorter ? rows.detach().gather(-1, sorter) : rows)
  if (!(values instanceof Tensor)) return tensor(rank(sequence, values, right), { dtype })
  const wide = rows.ndim === 1 ? Number.POSITIVE_INFINITY : values.size(-1)
  const ranks = flat(values).map((value, i) => {
    const from = rows.ndim === 1 ? 0 : Math.floor(i / wide) * length
    return rank(sequence.slice(from, from + length), value, right)
  })
  return made(ranks, dtype).reshape(values.shape)
}

const shown = (x: Tensor): string => `[${x.shape.join(', ')}]`

function searchsorted(...args: unknown[]): Tensor {
  const { values } = searches.searchsorted.parse(args)
  const [rows, input, int, after, side, sorter, out] = values as [
    Tensor,
    Tensor | Scalar,
    boolean,
    boolean,
    string | null,
    Tensor | null,
    Tensor | null,
  ]
  if (out) throw new NotImplementedError('torch.searchsorted(): out= is not supported; write into a tensor by copy_()')
  const where = 'torch.searchsorted(): '
  if (side !== null && side !== 'left' && side !== 'right') {
    throw new RuntimeError(`${where}side can only be 'left' or 'right' but got ${side}`)
  }
  if (side === 'left' && after) {
    throw new RuntimeError(`${where}side and right can't be set to opposites, got side of left while right was True`)
  }
  const scalar = !(input instanceof Tensor) || input.ndim === 0
  if (scalar && rows.ndim !== 1) {
    const [dim, count] = input instanceof Tensor ? [input.ndim, input.numel()] : [0, 1]
    throw new RuntimeError(
      `${where}input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor ` +
        `dim(${rows.ndim}) and input value's dim(${dim}) numel(${count})`,
    )
  }
  if (
    input instanceof Tensor &&
    rows.ndim !== 1 &&
    String(rows.shape.slice(0, -1)) !== String(input.shape.slice(0, -1))
  ) {
    throw new RuntimeError(
      `${where}boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value ` +
        `tensor must match, but we got boundaries tensor ${shown(rows)} and input value tensor ${shown(input)}`,
    )
  }
  return temporaries(() => search(rows, input, after || side === 'right', int ? int32 : int64, sorter))
}

function bucketize(...args: unknown[]): Tensor {
  const { values } = searches.bucketize.parse(args)
  const [input, rows, int, right, out] = values as [Tensor | Scalar, Tensor, boolean, boolean, Tensor | null]
  if (out) throw new NotImplementedError('torch.bucketize(): out= is not supported; write into a tensor by copy_()')
  if (rows.ndim !== 1) throw new RuntimeError(`boundaries tensor must be 1 dimension, but got dim(${rows.ndim})`)
  return temporaries(() => search(rows, input, right, int ? int32 : int64, null))
}

export const uniques = {
  unique: ((...args: unknown[]) => uniqueOf('unique', args)) as (
    input: Tensor,
    options?: Unique & { sorted?: boolean },
  ) => Tensor | Tensor[],
  unique_consecutive: ((...args: unknown[]) => uniqueOf('unique_consecutive', args)) as (
    input: Tensor,
    options?: Unique,
  ) => Tensor | Tensor[],
  /** Values and, if asked for, the kind of every element. */
  _unique(...args: unknown[]): Tensor[] {
    const [x, , inverse] = signatures._unique.parse(args).values as [Tensor, boolean, boolean]
    const wants = { inverse, counts: false }
    return temporaries(() => tuple(ofElements(x, false, NodeKind.UniqueBackward0, wants).slice(0, 2)))
  },
  _unique2(...args: unknown[]): Tensor[] {
    const [x, , inverse, counts] = signatures._unique2.parse(args).values as [Tensor, boolean, boolean, boolean]
    return temporaries(() => tuple(ofElements(x, false, NodeKind.Unique2Backward0, { inverse, counts })))
  },
  /** Where in a sorted sequence (its rows) values would stand. @throws RuntimeError on shapes that do not fit */
  searchsorted: searchsorted as (sorted_sequence: Tensor, input: Tensor | Scalar, options?: Search) => Tensor,
  bucketize: bucketize as (input: Tensor | Scalar, boundaries: Tensor, options?: Search) => Tensor,
}
