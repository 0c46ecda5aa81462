// matmul: what PyTorch composes of mm, mv, dot and bmm (products.ts) for any numbers of dimensions, node for node.
import { Err, NodeKind } from '../abi'
import { requiresGrad } from '../autograd/meta'
import { fail2, fail3, failed } from '../error'
import { beginShape, setShapeSize, shapeNdim, shapeSize } from '../tensor/shape'
import { none, Tensor } from '../tensor/tensor'
import { contiguous } from './copy'
import { expand, squeeze, SqueezeForm, t, transpose, unsqueeze } from './movement'
import { reshape, viewAs } from './reshape'
import { bmm, dot, mm, mv, shape1, shape2 } from './products'

/** `a @ b` for any numbers of dimensions. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (failed()) return none()
  if (a.ndim == 0 || b.ndim == 0) {
    fail2(Err.MatmulScalar, a.ndim, b.ndim)
    return none()
  }
  if (a.ndim == 1 && b.ndim == 1) return dot(a, b)
  if (a.ndim == 2 && b.ndim == 1) return mv(a, b)
  if (a.ndim == 2 && b.ndim == 2) return mm(a, b)
  if (a.ndim == 1 && b.ndim == 2) {
    const row = mm(unsqueeze(a, 0), b)
    shape1(0)
    return failed() ? none() : squeeze(row, SqueezeForm.one, true)
  }
  return folds(a, b) ? folded(a, b) : batched(a, b)
}

/** Can the larger operand become one matrix, so that a single product does? (at::native::should_fold) */
function folds(a: Tensor, b: Tensor): bool {
  const aLarger = a.ndim >= b.ndim
  const large = aLarger ? a : b
  const small = aLarger ? b : a
  if (large.ndim < 3 || small.ndim > 2) return false
  // The gradient of the small operand is then one product too, not a sum over batches.
  if (requiresGrad(small)) return true
  if (a.ndim == 2) return false
  if (large.numel == 0) return true
  const last = large.ndim - 1
  for (let d = 0; d < last - 1; d++) {
    // Of the transposed tensor where b is the larger.
    const next = aLarger || d + 1 < last - 1 ? d + 1 : last
    if (large.stride(d) != large.stride(next) * large.size(next)) return false
  }
  return true
}

function folded(a: Tensor, b: Tensor): Tensor {
  const swapped = b.ndim > a.ndim
  const large = swapped ? transpose(b, -2, -1) : a
  const small = swapped ? (a.ndim == 2 ? t(a) : a) : b
  if (failed()) return none()
  const last = large.ndim - 1
  let rows = 1
  for (let d = 0; d < last; d++) rows *= large.size(d)
  shape2(rows, large.size(last))
  const matrix = reshape(large)
  const flat = small.ndim == 2 ? mm(matrix, small) : mv(matrix, small)
  if (failed()) return none()
  beginShape(small.ndim == 2 ? last + 1 : last)
  for (let d = 0; d < last; d++) setShapeSize(d, large.size(d))
  if (small.ndim == 2) setShapeSize(last, small.size(1))
  const out = viewAs(flat, NodeKind.UnsafeViewBackward0)
  return swapped && small.ndim == 2 ? turned(out) : out
}

function turned(out: Tensor): Tensor {
  const turn = transpose(out, -2, -1)
  return failed() ? none() : contiguous(turn)
}

function batched(a: Tensor, b: Tensor): Tensor {
  if (a.ndim == 3 && b.ndim == 3 && a.size(0) != b.size(0)) {
    if (a.size(0) == 1 && requiresGrad(a)) {
      shape1(0)
      return matmul(squeeze(a, SqueezeForm.one), b)
    }
    if (b.size(0) == 1 && requiresGrad(b)) {
      shape1(0)
      return matmul(a, squeeze(b, SqueezeForm.one))
    }
  }
  const rows = a.ndim > 1 ? a.size(a.ndim - 2) : 1
  const inner = a.size(a.ndim - 1)
  const columns = b.ndim > 1 ? b.size(b.ndim - 1) : 1
  const innerB = b.ndim > 1 ? b.size(b.ndim - 2) : b.size(0)
  // The broadcast batch sizes, kept in a block: the steps below build other shapes.
  const batchDims = max<i32>(max<i32>(a.ndim, b.ndim) - 2, 0)
  if (!broadcastBatch(a, b, batchDims)) return none()
  let batch = 1
  for (let d = 0; d < batchDims; d++) {
    store<i32>(BATCH + ((<usize>d) << 2), shapeSize(d))
    batch *= shapeSize(d)
  }
  const left = stacked(a, batchDims, batch, rows, inner)
  const right = stacked(b, batchDims, batch, innerB, b.ndim > 1 ? columns : -1)
  let out = bmm(left, right)
  if (b.ndim == 1) {
    shape1(-1)
    out = failed() ? none() : squeeze(out, SqueezeForm.one)
  }
  if (failed()) return none()
  beginShape(batchDims + (a.ndim > 1 ? 1 : 0) + (b.ndim > 1 ? 1 : 0))
  readBatch(batchDims)
  if (a.ndim > 1) setShapeSize(batchDims, rows)
  if (b.ndim > 1) setShapeSize(shapeNdim() - 1, columns)
  return viewAs(out, NodeKind.UnsafeViewBackward0)
}

const BATCH: usize = memory.data(64 * 4, 4)

function readBatch(dims: i32): void {
  for (let d = 0; d < dims; d++) setShapeSize(d, load<i32>(BATCH + ((<usize>d) << 2)))
}

/** Builds the broadcast of both operands' batch sizes. */
function broadcastBatch(a: Tensor, b: Tensor, dims: i32): bool {
  beginShape(dims)
  for (let d = 0; d < dims; d++) {
    const x = batchSize(a, d, dims)
    const y = batchSize(b, d, dims)
    if (x != y && x != 1 && y != 1) {
      fail3(Err.BroadcastMismatch, x, y, d)
      return false
    }
    setShapeSize(d, x == 1 ? y : x)
  }
  return true
}

function batchSize(x: Tensor, dim: i32, dims: i32): i32 {
  const own = dim - (dims - max<i32>(x.ndim - 2, 0))
  return own < 0 ? 1 : x.size(own)
}

/** `x` expanded over the batch and flattened to one batch dimension; `columns` -1 makes a vector a column. */
function stacked(x: Tensor, dims: i32, batch: i32, rows: i32, columns: i32): Tensor {
  const vector = columns < 0
  beginShape(dims + (vector ? 1 : 2))
  readBatch(dims)
  setShapeSize(dims, rows)
  if (!vector) setShapeSize(dims + 1, columns)
  const wide = expand(x)
  if (failed()) return none()
  beginShape(vector ? 2 : 3)
  setShapeSize(0, batch)
  setShapeSize(1, rows)
  if (!vector) setShapeSize(2, columns)
  const flat = reshape(wide)
  return vector && !failed() ? unsqueeze(flat, 2) : flat
}
