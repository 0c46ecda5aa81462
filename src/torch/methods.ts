// The methods that the op table gives Tensor: declared here for the reader and the editor, installed from the rows.
import { Op } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { IndexError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { core } from '../core/wasm'
import { methodOf, toDType } from './call'
import type { ConversionMethods } from './conversions'
import { bool, checkFits, type DType, float32, float64, int32, int64 } from './dtype'
import type { OpRow } from './op_rows'
import { INPLACE_ONLY, OPS } from './ops'
import type { PredicateMethods } from './predicates'
import { isScalar } from './pytypes'
import type { RandomMethods } from './random_inplace'
import type { ReductionMethods } from './reductions'
import { Signature } from './signature'
import { DETACH_HINT, NOT_A_LEAF, refuseInference, result, type Scalar, Tensor, wrapDim } from './tensor'
import type { UniqueMethods } from './unique'

type Other = Tensor | Scalar
type Dims = number | readonly number[]
type Alpha = { alpha?: number }
type Rounding = { rounding_mode?: 'floor' | 'trunc' | null }
type Accumulate = { accumulate?: boolean }
type IncludeSelf = { include_self?: boolean }
export type Reduce = 'sum' | 'prod' | 'mean' | 'amax' | 'amin'
type Keep = { keepdim?: boolean; dtype?: DType | null }

/** Arithmetic promotes and broadcasts as PyTorch's; names ending in `_` write their receiver and return it. */
export interface TensorMethods
  extends ConversionMethods,
    PredicateMethods,
    RandomMethods,
    ReductionMethods,
    UniqueMethods {
  /** self + alpha * other. @throws RuntimeError on shapes that do not broadcast */
  add(other: Other, options?: Alpha): Tensor
  add_(other: Other, options?: Alpha): this
  /** self - alpha * other. @throws RuntimeError on bool tensors */
  sub(other: Other, options?: Alpha): Tensor
  sub_(other: Other, options?: Alpha): this
  /** self * other. */
  mul(other: Other): Tensor
  mul_(other: Other): this
  /** self / other, rounded to an integer where `rounding_mode` says how; integers give the default dtype unless rounded. */
  div(other: Other, options?: Rounding): Tensor
  div_(other: Other, options?: Rounding): this
  /** self ** exponent. @throws RuntimeError for an integer tensor to a negative integer */
  pow(exponent: Other): Tensor
  pow_(exponent: Other): this
  square(): Tensor
  square_(): this

  neg(): Tensor
  neg_(): this
  /** 1 / self. */
  reciprocal(): Tensor
  reciprocal_(): this
  abs(): Tensor
  abs_(): this
  /** -1, 0 or 1. */
  sgn(): Tensor
  sgn_(): this
  exp(): Tensor
  exp_(): this
  /** Natural logarithm. */
  log(): Tensor
  log_(): this
  sqrt(): Tensor
  sqrt_(): this
  sin(): Tensor
  sin_(): this
  cos(): Tensor
  cos_(): this
  tanh(): Tensor
  tanh_(): this
  sigmoid(): Tensor
  sigmoid_(): this
  /** log(x / (1 - x)) of x kept within eps and 1 - eps. */
  logit(eps?: number | null): Tensor
  logit_(eps?: number | null): this
  relu(): Tensor
  relu_(): this

  /** Elementwise comparison: a bool tensor. */
  eq(other: Other): Tensor
  ne(other: Other): Tensor
  lt(other: Other): Tensor
  le(other: Other): Tensor
  gt(other: Other): Tensor
  ge(other: Other): Tensor
  logical_and(other: Tensor): Tensor
  /** The larger (smaller) of two; nan wins. */
  maximum(other: Tensor): Tensor
  minimum(other: Tensor): Tensor
  /** self where the condition holds, else other. */
  where(condition: Tensor, other: Other): Tensor

  /** The slices of `dim` that a vector of indices names, a copy. @throws IndexError, RuntimeError */
  index_select(dim: number, index: Tensor): Tensor
  /** self with alpha * source added to the slices that the index names, once for every mention. */
  index_add(dim: number, index: Tensor, source: Tensor, options?: Alpha): Tensor
  index_add_(dim: number, index: Tensor, source: Tensor, options?: Alpha): this
  /** self with the slices that the index names replaced by those of source. */
  index_copy(dim: number, index: Tensor, source: Tensor): Tensor
  index_copy_(dim: number, index: Tensor, source: Tensor): this
  /** self with the slices that the index names filled with a number or a 0-dim tensor. */
  index_fill(dim: number, index: Tensor, value: Other): Tensor
  index_fill_(dim: number, index: Tensor, value: Other): this
  /** The slices that the index names reduced with those of source: 'prod', 'mean', 'amax' or 'amin'. */
  index_reduce(dim: number, index: Tensor, source: Tensor, reduce: Reduce, options?: IncludeSelf): Tensor
  index_reduce_(dim: number, index: Tensor, source: Tensor, reduce: Reduce, options?: IncludeSelf): this
  /** For dim 1: out[i][j] = self[i][index[i][j]]; of the shape of the index. @throws RuntimeError */
  gather(dim: number, index: Tensor, options?: { sparse_grad?: boolean }): Tensor
  /** For dim 1: self with [i][index[i][j]] set to src[i][j], or to a number. @throws RuntimeError */
  scatter(dim: number, index: Tensor, src: Other): Tensor
  scatter_(dim: number, index: Tensor, src: Other): this
  scatter_add(dim: number, index: Tensor, src: Tensor): Tensor
  scatter_add_(dim: number, index: Tensor, src: Tensor): this
  /** What the index sends to one place reduced: 'sum', 'prod', 'mean', 'amax' or 'amin'. */
  scatter_reduce(dim: number, index: Tensor, src: Tensor, reduce: Reduce, options?: IncludeSelf): Tensor
  scatter_reduce_(dim: number, index: Tensor, src: Tensor, reduce: Reduce, options?: IncludeSelf): this
  /** The elements that the index names, counted in a row over all dimensions; of the shape of the index. */
  take(index: Tensor): Tensor
  /** self with the elements that the index names, counted in a row, set to (or increased by) those of source. */
  put(index: Tensor, source: Tensor, accumulate?: boolean | Accumulate): Tensor
  put_(index: Tensor, source: Tensor, accumulate?: boolean | Accumulate): this
  /** self with a number or a 0-dim tensor where the mask holds; the mask broadcasts. @throws RuntimeError */
  masked_fill(mask: Tensor, value: Other): Tensor
  masked_fill_(mask: Tensor, value: Other): this
  /** The elements where the mask holds: a vector. */
  masked_select(mask: Tensor): Tensor
  /** self with the elements of source, in order, where the mask holds. @throws RuntimeError if they are too few */
  masked_scatter(mask: Tensor, source: Tensor): Tensor
  masked_scatter_(mask: Tensor, source: Tensor): this
  /** `x.set_at_(indices, values)`, or with `accumulate` adding, every mention counted. @throws IndexError, RuntimeError */
  index_put(indices: readonly Tensor[], values: Tensor, accumulate?: boolean | Accumulate): Tensor
  index_put_(indices: readonly Tensor[], values: Tensor, accumulate?: boolean | Accumulate): this
  /** The coordinates of what is not zero: a row each, or with `as_tuple` a vector for each dimension. */
  nonzero(): Tensor
  nonzero(options: { as_tuple: true }): Tensor[]

  /** The sum of all elements, or over `dim`. Integers sum in int64. @throws IndexError, RuntimeError */
  sum(options?: Keep & { dim?: Dims | null }): Tensor
  sum(dim: Dims | null, keepdim?: boolean | Keep, options?: Keep): Tensor
  /** The mean of all elements, or over `dim`. @throws RuntimeError on integers */
  mean(options?: Keep & { dim?: Dims | null }): Tensor
  mean(dim: Dims | null, keepdim?: boolean | Keep, options?: Keep): Tensor

  /** The product of all elements, or over one dimension. Integers multiply in int64. @throws IndexError, RuntimeError */
  prod(options?: Keep & { dim?: number }): Tensor
  prod(dim: number, keepdim?: boolean | Keep, options?: Keep): Tensor
  /** The largest (smallest) of all elements, or over `dim`; equal ones share the gradient. @throws IndexError, RuntimeError */
  amax(dim?: Dims | { dim?: Dims; keepdim?: boolean }, keepdim?: boolean | { keepdim?: boolean }): Tensor
  amin(dim?: Dims | { dim?: Dims; keepdim?: boolean }, keepdim?: boolean | { keepdim?: boolean }): Tensor
  /** Whether all (any) elements are true, over everything or `dim`: a bool tensor. @throws IndexError */
  all(dim?: Dims | null | { dim?: Dims | null; keepdim?: boolean }, keepdim?: boolean | { keepdim?: boolean }): Tensor
  any(dim?: Dims | null | { dim?: Dims | null; keepdim?: boolean }, keepdim?: boolean | { keepdim?: boolean }): Tensor

  /** The same elements in another shape, sharing storage; one size may be -1. @throws RuntimeError if strides forbid */
  view(size: readonly number[]): Tensor
  view(...size: number[]): Tensor
  /** A view if possible, else a copy. */
  reshape(shape: readonly number[]): Tensor
  reshape(...shape: number[]): Tensor
  flatten(start_dim?: number, end_dim?: number): Tensor
  permute(dims: readonly number[]): Tensor
  permute(...dims: number[]): Tensor
  transpose(dim0: number, dim1: number): Tensor
  transpose_(dim0: number, dim1: number): this
  /** The transpose of a tensor with at most two dimensions. */
  t(): Tensor
  t_(): this
  /** The slice of `dim` at `index`. @throws IndexError */
  select(dim: number, index: number): Tensor
  /** `length` elements of `dim` from `start`. @throws IndexError, RuntimeError */
  narrow(dim: number, start: number, length: number): Tensor
  unsqueeze(dim: number): Tensor
  unsqueeze_(dim: number): this
  /** Drops dimensions of size one: all, one, or several. */
  squeeze(dim?: Dims): Tensor
  squeeze_(dim?: Dims): this
  /** Broadcasts to a larger shape without copying; -1 keeps a size. */
  expand(size: readonly number[]): Tensor
  expand(...size: number[]): Tensor
  expand_as(other: Tensor): Tensor
  view_as(other: Tensor): Tensor
  as_strided(size: readonly number[], stride: readonly number[], storage_offset?: number | null): Tensor
  as_strided_(size: readonly number[], stride: readonly number[], storage_offset?: number | null): this
  /** The diagonal of two dimensions, as the last one: a view. @throws IndexError, RuntimeError */
  diagonal(offset?: number, dim1?: number, dim2?: number): Tensor
  /** The last dimension on the diagonal of two new ones. */
  diag_embed(offset?: number, dim1?: number, dim2?: number): Tensor
  /** A matrix with a vector on its diagonal, or the diagonal of a matrix, copied. */
  diag(diagonal?: number): Tensor
  /** The tensor side by side with itself, so many times along every dimension; more dimensions come first. */
  repeat(repeats: readonly number[]): Tensor
  repeat(...repeats: number[]): Tensor
  /** A dimension in windows of `size`, `step` apart, each in a new last dimension: a view. @throws RuntimeError */
  unfold(dimension: number, size: number, step: number): Tensor
  /** Dimensions moved to other places. */
  movedim(source: Dims, destination: Dims): Tensor
  moveaxis(source: Dims, destination: Dims): Tensor
  /** Other names of transpose. */
  swapaxes(axis0: number, axis1: number): Tensor
  swapaxes_(axis0: number, axis1: number): this
  swapdims(dim0: number, dim1: number): Tensor
  swapdims_(dim0: number, dim1: number): this

  /** The slices of `dim` without it: views that may not be written in place. @throws IndexError */
  unbind(dim?: number): Tensor[]
  /** Pieces of `split_size` along `dim`, or of the sizes given: views that may not be written in place. @throws RuntimeError */
  split(split_size: number | readonly number[], dim?: number): Tensor[]
  split_with_sizes(split_sizes: readonly number[], dim?: number): Tensor[]
  /** At most `chunks` pieces of one size. */
  chunk(chunks: number, dim?: number): Tensor[]
  /** As many pieces as asked for, or cut at indices; these may be written in place. */
  tensor_split(indices_or_sections: number | readonly number[] | Tensor, dim?: number): Tensor[]
  /** Pieces that share the storage but are no views for autograd, and count versions of their own. */
  unsafe_split(split_size: number, dim?: number): Tensor[]
  unsafe_split_with_sizes(split_sizes: readonly number[], dim?: number): Tensor[]
  unsafe_chunk(chunks: number, dim?: number): Tensor[]
  /** The slices of the first dimension. @throws TypeError on a 0-dim tensor */
  [Symbol.iterator](): Iterator<Tensor>

  /** Matrix product of two matrices. @throws RuntimeError on shapes or dtypes that do not fit */
  mm(mat2: Tensor): Tensor
  /** Matrix times vector. */
  mv(vec: Tensor): Tensor
  dot(tensor: Tensor): Tensor
  /** Matrix products of two batches. */
  bmm(mat2: Tensor): Tensor
  /** Python's `@`: dot, mv, mm or a broadcast batch of mm. */
  matmul(other: Tensor): Tensor
  /** beta * self + alpha * (mat1 @ mat2), self broadcast. @throws RuntimeError on shapes or dtypes that do not fit */
  addmm(mat1: Tensor, mat2: Tensor, options?: { beta?: number; alpha?: number }): Tensor
  addmm_(mat1: Tensor, mat2: Tensor, options?: { beta?: number; alpha?: number }): this
  /** e^x / sum e^x along `dim`. @throws IndexError, NotImplementedError on integers */
  softmax(dim: number, dtype?: DType | null): Tensor
  /** Its logarithm. */
  log_softmax(dim: number, dtype?: DType | null): Tensor

  clone(): Tensor
  /** Row-major: the tensor itself if it is. */
  contiguous(): Tensor
  /** The same storage and version counter outside the graph. */
  detach(): Tensor
  copy_(other: Tensor, non_blocking?: boolean): this
  fill_(value: Other): this
  zero_(): this

  float(): Tensor
  double(): Tensor
  int(): Tensor
  long(): Tensor
  bool(): Tensor
  requires_grad_(requires_grad?: boolean): this
}

for (const [key, value] of Object.entries(OPS)) {
  const op = Number(key) as Op
  const row: OpRow = value
  if (row.method !== false) define(row.name, methodOf(op, false))
  if (row.inplace || INPLACE_ONLY.includes(op)) define(`${row.name}_`, methodOf(op, true))
}

type Method = (this: Tensor, ...args: never[]) => unknown

function define(name: string | symbol, method: Method): void {
  Object.defineProperty(Tensor.prototype, name, { value: method, writable: true, configurable: true })
}

/** Installs methods on Tensor. */
export function defineAll(methods: Record<string | symbol, Method>): void {
  for (const name of Reflect.ownKeys(methods)) define(name, methods[name as string])
}

const signatures = {
  square: new Signature('square', ''),
  square_: new Signature('square_', ''),
  narrow: new Signature('narrow', 'int dim, Tensor start, symint length | int dim, symint start, symint length'),
  flatten: new Signature('flatten', 'int start_dim=0, int end_dim=-1'),
  requires_grad_: new Signature('requires_grad_', 'bool requires_grad=True'),
  expand_as: new Signature('expand_as', 'Tensor other'),
  view_as: new Signature('view_as', 'Tensor other'),
}

const slice = methodOf(Op.Slice, false)

function converter(name: string, dtype: DType): Method {
  const signature = new Signature(name, '*, memory_format memory_format=None')
  return function (this: Tensor, ...args: unknown[]) {
    if (args.length) signature.parse(args)
    return toDType(this, dtype)
  }
}

const fill_ = methodOf(Op.Fill, true)

// What PyTorch composes of the ops above.
defineAll({
  square(this: Tensor, ...args: unknown[]) {
    signatures.square.parse(args)
    return this.pow(2)
  },
  square_(this: Tensor, ...args: unknown[]) {
    signatures.square_.parse(args)
    return this.pow_(2)
  },
  narrow(this: Tensor, ...args: unknown[]) {
    const [dim, start, length] = signatures.narrow.parse(args).values as (number | bigint)[]
    if (this.ndim === 0) throw new RuntimeError('narrow() cannot be applied to a 0-dim tensor.')
    if (length < 0) throw new RuntimeError('narrow(): length must be non-negative.')
    const size = this.size(wrapDim(dim, this.ndim))
    if (start < -size || start > size) {
      throw new IndexError(
        `start out of range (expected to be in range of [${-size}, ${size}], but got ${BigInt(start)})`,
      )
    }
    const from = start < 0 ? Number(start) + size : Number(start)
    if (from + Number(length) > size) {
      throw new RuntimeError(`start (${from}) + length (${BigInt(length)}) exceeds dimension size (${size}).`)
    }
    return slice.call(this, dim, from, from + Number(length), 1)
  },
  flatten(this: Tensor, ...args: unknown[]) {
    const [start, end] = signatures.flatten.parse(args).values.map((dim) => wrapDim(dim as number | bigint, this.ndim))
    if (start > end) throw new RuntimeError('flatten() has invalid args: start_dim cannot come after end_dim')
    if (this.ndim === 0) return this.reshape([1])
    if (start === end) return this
    const shape = this.shape
    return this.reshape([...shape.slice(0, start), product(shape.slice(start, end + 1)), ...shape.slice(end + 1)])
  },
  fill_(this: Tensor, ...args: unknown[]) {
    if (args.length === 1 && isScalar(args[0])) checkFits(args[0] as Scalar, this.dtype)
    return fill_.apply(this, args)
  },
  expand_as(this: Tensor, ...args: unknown[]) {
    return this.expand((signatures.expand_as.parse(args).values[0] as Tensor).shape)
  },
  view_as(this: Tensor, ...args: unknown[]) {
    return this.view((signatures.view_as.parse(args).values[0] as Tensor).shape)
  },
  float: converter('float', float32),
  double: converter('double', float64),
  int: converter('int', int32),
  long: converter('long', int64),
  bool: converter('bool', bool),
  requires_grad_(this: Tensor, ...args: unknown[]) {
    const on = signatures.requires_grad_.parse(args).values[0] as boolean
    if (!this.is_leaf && !on) throw new RuntimeError(NOT_A_LEAF + DETACH_HINT)
    if (on && !this.is_floating_point()) {
      throw new RuntimeError('only Tensors of floating point dtype can require gradients')
    }
    if (on) refuseInference(this)
    if (this.is_leaf) checked(core.set_requires_grad(address(this), on ? 1 : 0))
    return this
  },
})

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1)
}

/** An alias of `x`, PyTorch's `x[...]`. */
export function alias(x: Tensor): Tensor {
  return result(core.call(Op.Alias, address(x), 0, 0))
}

export { slice }
