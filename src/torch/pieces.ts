// One tensor cut into several, as PyTorch composes it of unbind, split and slice.
import { Op } from '../../assembly/abi'
import { scalarTypeName } from '../core/error_words'
import { AttributeError, OutOfMemoryError, PyTypeError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { methodOf } from './call'
import { defineAll, slice } from './methods'
import { isInt, pyTypeName } from './pytypes'
import { Signature } from './signature'
import { Def } from './signature-def'
import { Tensor, wrapDim } from './tensor'
import { tuple } from './tuple'

type Int = number | bigint
type Cut = (this: Tensor, ...args: unknown[]) => Tensor[]

const raw = {
  split: methodOf<Tensor[]>(Op.Split),
  unsafe_split: methodOf<Tensor[]>(Op.UnsafeSplit),
  split_with_sizes: methodOf<Tensor[]>(Op.SplitWithSizes),
  unsafe_split_with_sizes: methodOf<Tensor[]>(Op.UnsafeSplitWithSizes),
}
const unbind = methodOf<Tensor[]>(Op.Unbind)

const SIZES = 'int[] split_sizes, int dim=0'
const CHUNKS = 'int chunks, int dim=0'
const SECTIONS = 'int[] indices, int dim=0 | Tensor tensor_indices_or_sections, int dim=0 | symint sections, int dim=0'
const splitDefs = {
  method: new Def('Tensor.split', 'self, split_size, dim=0'),
  function: new Def('split', 'tensor, split_size_or_sections, dim=0'),
}
// `x.split` is Python that calls these, so it is their first argument that is called `input`.
const splitForms = {
  one: new Signature('split', 'Tensor input, symint split_size, int dim=0 | Tensor input, int[] split_size, int dim=0'),
  sizes: new Signature('split_with_sizes', `Tensor input, ${SIZES}`),
}

function split(x: Tensor, size: unknown, dim: unknown): Tensor[] {
  const number = size instanceof Tensor && size.numel() === 1 ? Math.trunc(Number(size.item())) : size
  if (!isInt(number) && typeof number !== 'boolean') {
    const [, sizes, d] = splitForms.sizes.parse([x, number, dim]).values
    return splitWithSizes('split_with_sizes', x, sizes as Int[], d as Int)
  }
  const [, by, d] = splitForms.one.parse([x, number, dim]).values
  return raw.split.call(x, by, d)
}

type WithSizes = 'split_with_sizes' | 'unsafe_split_with_sizes'

function splitWithSizes(name: WithSizes, x: Tensor, sizes: readonly Int[], dim: Int): Tensor[] {
  if (x.ndim === 0) throw new RuntimeError('split expects at least a 1-dimensional tensor')
  const d = wrapDim(dim, x.ndim)
  const text = `split_sizes=[${sizes.map(BigInt).join(', ')}]`
  if (sizes.some((size) => size < 0)) {
    throw new RuntimeError(`split_with_sizes expects split_sizes have only non-negative entries, but got ${text}`)
  }
  const whole = x.size(d)
  if (sizes.reduce<number>((sum, size) => sum + Number(size), 0) !== whole) {
    throw new RuntimeError(
      `split_with_sizes expects split_sizes to sum exactly to ${whole} (input tensor's size at dimension ${d}), but ` +
        `got ${text}`,
    )
  }
  return raw[name].call(x, sizes, dim)
}

function withSizes(name: WithSizes): Cut {
  const signature = new Signature(name, SIZES)
  return function (...args) {
    address(this)
    const [sizes, dim] = signature.parse(args).values
    return splitWithSizes(name, this, sizes as Int[], dim as Int)
  }
}

/** `chunks` pieces of one size, the last of which may be smaller; fewer where the dimension does not give so many. */
function chunked(name: 'chunk' | 'unsafe_chunk'): Cut {
  const signature = new Signature(name, CHUNKS)
  const prefix = name === 'chunk' ? '' : 'unsafe_'
  return function (...args) {
    address(this)
    const [chunks, dim] = signature.parse(args).values as Int[]
    if (this.ndim === 0) throw new RuntimeError('chunk expects at least a 1-dimensional tensor')
    if (chunks <= 0) throw new RuntimeError(`chunk expects \`chunks\` to be greater than 0, got: ${BigInt(chunks)}`)
    const whole = this.size(wrapDim(dim, this.ndim))
    const size = Math.ceil(whole / Number(chunks))
    if (size) return raw[`${prefix}split`].call(this, size, dim)
    return raw[`${prefix}split_with_sizes`].call(this, new Array(countOf(chunks)).fill(0), dim)
  }
}

/** @throws OutOfMemoryError for more tensors than the core's memory can ever hold */
function countOf(pieces: Int): number {
  if (pieces > 2 ** 25) throw new OutOfMemoryError(`no memory for ${BigInt(pieces)} tensors`)
  return Number(pieces)
}

/** Slices from each index to the next. */
function cutAt(x: Tensor, indices: readonly Int[], dim: number): Tensor[] {
  const starts = [0, ...indices.map(Number)]
  return tuple(starts.map((start, i) => slice.call(x, dim, start, starts[i + 1] ?? x.size(dim), 1)))
}

const sectionsSignature = new Signature('tensor_split', SECTIONS)

function tensorSplit(x: Tensor, args: readonly unknown[]): Tensor[] {
  const [where, dim] = sectionsSignature.parse(args).values as [unknown, Int]
  if (x.ndim === 0) {
    throw new RuntimeError('tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims')
  }
  const d = wrapDim(dim, x.ndim)
  const cut = where instanceof Tensor ? indicesIn(where) : (where as Int | Int[])
  if (Array.isArray(cut)) return cutAt(x, cut, d)
  if (cut <= 0) throw new RuntimeError(`number of sections must be larger than 0, got ${BigInt(cut)}`)
  const sections = countOf(cut)
  const small = Math.floor(x.size(d) / sections)
  const extra = x.size(d) % sections
  return cutAt(
    x,
    Array.from({ length: sections - 1 }, (_, i) => (i + 1) * small + Math.min(i + 1, extra)),
    d,
  )
}

function indicesIn(tensor: Tensor): Int | Int[] {
  if (tensor.ndim > 1) {
    throw new RuntimeError(
      'tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a ' +
        `tensor with ${tensor.ndim} dims`,
    )
  }
  if (tensor.dtype.name !== 'int64') {
    throw new RuntimeError(
      `tensor_split expected tensor_indices_or_sections to have dtype of long, but got ${scalarTypeName(tensor.dtype._code)}`,
    )
  }
  return tensor.tolist() as Int | Int[]
}

/** Python's `iter(x)`: the slices of the first dimension, all of them views of one unbind. */
function iterate(this: Tensor): Iterator<Tensor> {
  if (this.ndim === 0) throw new PyTypeError('iteration over a 0-d tensor')
  return unbind.call(this)[Symbol.iterator]()
}

defineAll({
  split(this: Tensor, ...args: unknown[]) {
    address(this)
    const [, size, dim] = splitDefs.method.parse([this, ...args])
    return split(this, size, dim)
  },
  split_with_sizes: withSizes('split_with_sizes'),
  unsafe_split_with_sizes: withSizes('unsafe_split_with_sizes'),
  chunk: chunked('chunk'),
  unsafe_chunk: chunked('unsafe_chunk'),
  tensor_split(this: Tensor, ...args: unknown[]) {
    address(this)
    return tensorSplit(this, args)
  },
  [Symbol.iterator]: iterate,
})

/** What their functions take beside `input`. */
export const PIECES = {
  split_with_sizes: SIZES,
  unsafe_split_with_sizes: SIZES,
  chunk: CHUNKS,
  unsafe_chunk: CHUNKS,
  tensor_split: SECTIONS,
}

/** torch.split(tensor, split_size_or_sections, dim=0), written in Python. @throws AttributeError for what is no tensor */
export function splitFunction(...args: unknown[]): Tensor[] {
  const [x, size, dim] = splitDefs.function.parse(args)
  if (!(x instanceof Tensor)) throw new AttributeError(`'${pyTypeName(x)}' object has no attribute 'split'`)
  return x.split(size as number, dim as number)
}
