// Shapes that PyTorch composes of the ops of the table: movedim, diag, hstack and their like.
import { Op } from '../../assembly/abi'
import { RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { functionOf, methodOf } from './call'
import { alias, defineAll } from './methods'
import { Signature } from './signature'
import { type Tensor, wrapDim } from './tensor'

type Int = number | bigint
type Method = (this: Tensor, ...args: unknown[]) => Tensor

const MOVE = 'int source, int destination | int[] source, int[] destination'
const diagEmbed = methodOf(Op.DiagEmbed)
const diagonalCopy = methodOf(Op.DiagonalCopy)
const cat = functionOf(Op.Cat)

/** The dims as indices. @throws IndexError, RuntimeError for one that comes twice */
function wrapped(dims: readonly Int[], ndim: number, name: string): number[] {
  const indices = dims.map((dim) => wrapDim(dim, ndim))
  if (new Set(indices).size === indices.length) return indices
  throw new RuntimeError(`movedim: repeated dim in \`${name}\` ([${dims.map(BigInt).join(', ')}])`)
}

function move(x: Tensor, source: readonly Int[], destination: readonly Int[]): Tensor {
  if (source.length !== destination.length) {
    const [from, to] = [source, destination].map((dims) => `([${dims.map(BigInt).join(', ')}] dims)`)
    throw new RuntimeError(
      `movedim: Invalid source or destination dims: source ${from} should contain the same number of dims as destination ${to}`,
    )
  }
  for (const dim of [...source, ...destination]) wrapDim(dim, x.ndim)
  const from = wrapped(source, x.ndim, 'source')
  const to = wrapped(destination, x.ndim, 'destination')
  if (x.ndim === 0) return alias(x)
  const order: number[] = []
  for (const [i, d] of to.entries()) order[d] = from[i]
  const others = x.shape.map((_, d) => d).filter((d) => !from.includes(d))
  return x.permute(x.shape.map((_, d) => order[d] ?? others.shift()!))
}

function mover(name: string): Method {
  const signature = new Signature(name, MOVE)
  return function (...args) {
    address(this)
    const { overload, values } = signature.parse(args)
    const [source, destination] = overload ? (values as Int[][]) : values.map((dim) => [dim as Int])
    return move(this, source, destination)
  }
}

function swapper(name: string, params: string, inplace: boolean): Method {
  const signature = new Signature(name, params)
  return function (...args) {
    address(this)
    const [a, b] = signature.parse(args).values as number[]
    return inplace ? this.transpose_(a, b) : this.transpose(a, b)
  }
}

const AXES = 'int axis0, int axis1'
const DIMS = 'int dim0, int dim1'
const DIAG = 'int diagonal=0 !'
const diagSignature = new Signature('diag', 'int diagonal=0')

defineAll({
  movedim: mover('movedim'),
  moveaxis: mover('moveaxis'),
  swapaxes: swapper('swapaxes', AXES, false),
  swapaxes_: swapper('swapaxes_', AXES, true),
  swapdims: swapper('swapdims', DIMS, false),
  swapdims_: swapper('swapdims_', DIMS, true),
  diag(this: Tensor, ...args: unknown[]) {
    address(this)
    const [offset] = diagSignature.parse(args).values
    if (this.ndim === 1) return diagEmbed.call(this, offset)
    if (this.ndim === 2) return diagonalCopy.call(this, offset)
    throw new RuntimeError(`diag(): Supports 1D or 2D tensors. Got ${this.ndim}D`)
  },
})

/** What their functions take beside `input`. */
export const REARRANGED = { movedim: MOVE, moveaxis: MOVE, swapaxes: AXES, swapdims: DIMS, diag: DIAG }

function joiner(name: string, atLeast: (x: Tensor) => Tensor, dim: (first: Tensor) => number) {
  const signature = new Signature(name, 'Tensor[] tensors, *, Tensor out=None')
  return (...args: unknown[]): Tensor => {
    const [tensors, out] = signature.parse(args).values as [Tensor[], Tensor | null]
    if (tensors.length === 0) throw new RuntimeError(`${name} expects a non-empty TensorList`)
    const rows = tensors.map(atLeast)
    return out ? cat(rows, dim(rows[0]), { out }) : cat(rows, dim(rows[0]))
  }
}

/** torch.hstack: along the second dimension, vectors along their only one. @throws RuntimeError */
export const hstack = joiner(
  'hstack',
  (x) => (x.ndim ? x : x.reshape([1])),
  (first) => (first.ndim === 1 ? 0 : 1),
)
/** torch.vstack: along the first dimension, vectors as rows. @throws RuntimeError */
export const vstack = joiner(
  'vstack',
  (x) => (x.ndim > 1 ? x : x.ndim ? x.unsqueeze(0) : x.reshape([1, 1])),
  () => 0,
)
