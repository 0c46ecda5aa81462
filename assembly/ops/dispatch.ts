// One place from which every op is reached: by its number, with up to three tensors and the argument area.
// (Another device will be chosen here: the same op, the same arguments, another family of kernels.)
import { Args, Err, NodeKind, Op } from '../abi'
import { fail, failed } from '../error'
import { freeBuffer } from '../memory/alloc'
import { beginShape, setShapeSize } from '../tensor/shape'
import { none, Tensor } from '../tensor/tensor'
import { addmm } from './addmm'
import { binary } from './binary'
import { cat, stack } from './cat'
import { clone, contiguous, copy_, detach, fill_, to, zero_ } from './copy'
import { gather, put, scatter, take } from './gather'
import { indexAdd, indexCopy, indexFill, indexSelect } from './index_dim'
import { beginIndices, index, indexPut, setIndex } from './indexing'
import { maskedFill, maskedScatter, maskedSelect, nonzero } from './masked'
import { matmul } from './matmul'
import { drawn, drawn_ } from './drawn'
import { diagEmbed, diagonal, unfold } from './diagonal'
import { aliasView, expand, permute, select, slice, squeeze, SqueezeForm, t, transpose, unsqueeze } from './movement'
import { amax, extremumOfAll, truth } from './extremum'
import { argmax, selected, sort } from './indexed'
import { asStrided, reshape, viewAs } from './reshape'
import { nllLoss } from './nll_loss'
import { pow } from './pow'
import { repeat } from './repeat'
import { prod, prodDim } from './prod'
import { bmm, dot, mm, mv } from './products'
import { mean, meanDims, sum, sumDims } from './reduce'
import { softmax } from './softmax'
import { split, splitWithSizes, unbind } from './split'
import { scatterReduce } from './scatter_reduce'
import { threshold } from './threshold'
import { unary } from './unary'
import { varianceAndMean, varianceOf } from './variance'
import { where } from './where'

const AREA: usize = memory.data(Args.capacity * 8, 8)

export function argsAt(): usize {
  return AREA
}

// @ts-ignore: decorator
@inline
export function number(index: i32): f64 {
  return load<f64>(AREA + ((<usize>index) << 3))
}

/** An argument that the wrapper has checked to fit 32 bits. */
// @ts-ignore: decorator
@inline
export function integer(index: i32): i32 {
  return <i32>number(index)
}

/** Builds the shape `| count | size ... |` from argument `at`. */
export function shapeArgument(at: i32): bool {
  const count = integer(at)
  if (!beginShape(count)) return false
  for (let i = 0; i < count; i++) setShapeSize(i, integer(at + 1 + i))
  return true
}

/**
 * Runs an op and records it. What an op reads of the argument area, from 0: sizes and dims are | count | ... |; sum and
 * mean | over some dims? | keepdim | dtype | dims |; squeeze | SqueezeForm | dims |; as_strided | offset | sizes | strides |; the
 * ops along a dimension | dim | alpha or Reduce | include self? |; index_put | accumulate? | indices |.
 */
export function dispatch(op: Op, a: Tensor, b: Tensor, c: Tensor, inplace: bool): Tensor {
  if (failed()) return none()
  if (op <= Op.Sgn) return unary(op, a, inplace)
  switch (op) {
    case Op.Add:
    case Op.Sub:
    case Op.Rsub:
      return binary(op, a, b, inplace, number(0))
    case Op.Logit:
      return unary(op, a, inplace, number(0))
    case Op.Pow:
      return pow(a, b, inplace)
    case Op.Where:
      return where(a, b, c)
    case Op.Threshold:
      return threshold(a, number(0), number(1), integer(2), inplace)
    case Op.Sum:
      if (!integer(0)) return sum(a, integer(2))
      return shapeArgument(3) ? sumDims(a, integer(1) != 0, integer(2)) : none()
    case Op.Mean:
      if (!integer(0)) return mean(a, integer(2))
      return shapeArgument(3) ? meanDims(a, integer(1) != 0, integer(2)) : none()
    case Op.Prod:
      return integer(0) ? prodDim(a, integer(2), integer(3) != 0, integer(1)) : prod(a, integer(1))
    case Op.Var:
    case Op.Std:
      return shapeArgument(4) ? varianceOf(op, a, integer(0) != 0, integer(1) != 0, number(2), number(3)) : none()
    case Op.Amax:
    case Op.Amin:
      return shapeArgument(1) ? amax(op, a, integer(0) != 0) : none()
    case Op.MaxAll:
    case Op.MinAll:
    case Op.MedianAll:
    case Op.NanmedianAll:
      return extremumOfAll(op, a)
    case Op.All:
    case Op.Any:
      return shapeArgument(2) ? truth(op, a, integer(0) != 0, integer(1) != 0) : none()
    case Op.Argmax:
    case Op.Argmin:
      return argmax(op, a, integer(0), integer(1) != 0)
    case Op.View:
      return shapeArgument(0) ? viewAs(a) : none()
    case Op.Reshape:
      return shapeArgument(0) ? reshape(a) : none()
    case Op.Permute:
      return shapeArgument(0) ? permute(a) : none()
    case Op.Transpose:
      return transpose(a, integer(0), integer(1), inplace)
    case Op.T:
      return t(a, inplace)
    case Op.Select:
      return select(a, integer(0), integer(1))
    case Op.Slice:
      return slice(a, integer(0), number(1), number(2), integer(3))
    case Op.Unsqueeze:
      return unsqueeze(a, integer(0), inplace)
    case Op.Squeeze:
      return integer(0) == SqueezeForm.all || shapeArgument(1) ? squeeze(a, integer(0), inplace) : none()
    case Op.Expand:
      return shapeArgument(0) ? expand(a) : none()
    case Op.AsStrided:
      return strided(a, inplace)
    case Op.Diagonal:
    case Op.DiagonalCopy:
      return diagonal(a, number(0), integer(1), integer(2), op == Op.DiagonalCopy)
    case Op.DiagEmbed:
      return diagEmbed(a, number(0), integer(1), integer(2))
    case Op.Repeat:
      return shapeArgument(0) ? repeat(a) : none()
    case Op.Unfold:
      return unfold(a, integer(0), number(1), number(2))
    case Op.Alias:
      return aliasView(a)
    case Op.Mm:
      return mm(a, b)
    case Op.Mv:
      return mv(a, b)
    case Op.Dot:
      return dot(a, b)
    case Op.Bmm:
      return bmm(a, b)
    case Op.Matmul:
      return matmul(a, b)
    case Op.Addmm:
      return addmm(a, b, c, number(0), number(1), inplace)
    case Op.Softmax:
    case Op.LogSoftmax:
      return softmax(op, a, integer(0))
    case Op.NllLoss:
      return nllLoss(a, b, c, integer(0), number(1))
    case Op.Clone:
      return clone(a)
    case Op.Contiguous:
      return contiguous(a)
    case Op.To:
      return to(a, integer(0), integer(1) != 0)
    case Op.Copy:
      return copy_(a, b)
    case Op.Fill:
      return fill_(a, b)
    case Op.Zero:
      return zero_(a)
    case Op.Drawn:
      return inplace ? drawn_(a, b, c, <NodeKind>integer(0)) : drawn(a, b, <NodeKind>integer(0))
    case Op.Detach:
      return detach(a)
    case Op.IndexSelect:
      return indexSelect(a, integer(0), b)
    case Op.IndexAdd:
      return indexAdd(a, integer(0), b, c, number(1), inplace)
    case Op.IndexCopy:
      return indexCopy(a, integer(0), b, c, inplace)
    case Op.IndexFill:
      return indexFill(a, integer(0), b, c, inplace)
    case Op.Gather:
      return gather(a, integer(0), b)
    case Op.Scatter:
    case Op.ScatterAdd:
      return scatter(op, a, integer(0), b, c, inplace)
    case Op.ScatterReduce:
    case Op.IndexReduce:
      return scatterReduce(op, a, integer(0), b, c, integer(1), integer(2) != 0, inplace)
    case Op.Take:
      return take(a, b)
    case Op.Put:
      return put(a, b, c, integer(0) != 0, inplace)
    case Op.MaskedFill:
      return maskedFill(a, b, c, inplace)
    case Op.MaskedSelect:
      return maskedSelect(a, b)
    case Op.MaskedScatter:
      return maskedScatter(a, b, c, inplace)
    case Op.Nonzero:
      return nonzero(a)
    case Op.Index:
      indices(0)
      return index(a)
    case Op.IndexPut:
      indices(1)
      return indexPut(a, b, integer(0) != 0, inplace)
    default:
      return binary(op, a, b, inplace)
  }
}

/**
 * Runs an op with several outputs: how many, -1 with an error pending. They lie on top of the temporaries, in order.
 * | dim | of unbind; | dim | size | of split; | dim | count | address of sizes (i32), which this frees | of split_with_sizes.
 */
export function dispatchAll(op: Op, a: Tensor, b: Tensor, c: Tensor): i32 {
  if (failed()) return -1
  switch (op) {
    case Op.VarMean:
    case Op.StdMean:
      return shapeArgument(4) ? varianceAndMean(op, a, integer(0) != 0, integer(1) != 0, number(2), number(3)) : -1
    case Op.Max:
    case Op.Min:
    case Op.Median:
    case Op.Nanmedian:
      return selected(op, a, integer(0), integer(1) != 0)
    case Op.Sort:
      return sort(a, integer(0), integer(1) != 0, integer(2) != 0)
    case Op.Unbind:
      return unbind(a, integer(0))
    case Op.Split:
    case Op.UnsafeSplit:
      return split(a, integer(0), number(1), op == Op.UnsafeSplit)
    case Op.SplitWithSizes:
    case Op.UnsafeSplitWithSizes: {
      const sizes = <usize>number(2)
      const count = splitWithSizes(a, integer(0), sizes, integer(1), op == Op.UnsafeSplitWithSizes)
      freeBuffer(sizes, (<usize>integer(1)) << 2)
      return count
    }
    default:
      return unreachable()
  }
}

/** Runs an op of `count` tensors, whose addresses stand at `list`. Both take | dim |. */
export function dispatchList(op: Op, list: usize, count: i32): Tensor {
  if (failed()) return none()
  return op == Op.Cat ? cat(list, count, integer(0)) : stack(list, count, integer(0))
}

/** The list of indices | count | addresses | from argument `at`; 0 stands for none. */
function indices(at: i32): void {
  const count = integer(at)
  beginIndices(count)
  for (let i = 0; i < count; i++) setIndex(i, changetype<Tensor>(<usize>number(at + 1 + i)))
}

const STRIDES: usize = memory.data(64 * 4, 4)

/** as_strided's arguments: | offset, NaN for x's own | sizes | strides |. */
function strided(x: Tensor, inplace: bool): Tensor {
  if (!shapeArgument(1)) return none()
  const count = integer(1)
  if (integer(2 + count) != count) {
    fail(Err.AsStridedLength)
    return none()
  }
  for (let i = 0; i < count; i++) store<i32>(STRIDES + ((<usize>i) << 2), integer(3 + count + i))
  return asStrided(x, STRIDES, number(0), inplace)
}

