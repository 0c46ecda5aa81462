// Views that walk two dimensions at once, or one in windows: diagonal and unfold; and diag_embed, diagonal's inverse.
import { Err, NodeKind } from '../abi'
import { setHistory } from '../autograd/history'
import { isNoNode, Node } from '../autograd/node'
import { fail1, fail2, fail3, failed } from '../error'
import { beginShape, refresh, setShapeSize, wrapDim } from '../tensor/shape'
import { isNone, none, Tensor } from '../tensor/tensor'
import { copyInto } from './cast'
import { filled } from './create'
import { alias, begin, drop, view } from './movement'

/** The alias that sees the diagonal of dimensions `a` and `b`: they go, and its own dimension comes last. */
export function diagonalOf(x: Tensor, offset: f64, a: i32, b: i32): Tensor {
  const out = alias(x, x.ndim - 1)
  if (isNone(out)) return out
  // A negative offset begins further down, a positive one further right.
  const down = max<f64>(-offset, 0)
  const right = max<f64>(offset, 0)
  const size = <i32>max<f64>(min<f64>(<f64>x.size(a) - down, <f64>x.size(b) - right), 0)
  if (size) out.offset += <i32>down * x.stride(a) + <i32>right * x.stride(b)
  let k = 0
  for (let d = 0; d < x.ndim; d++) if (d != a && d != b) out.setDim(k++, x.size(d), x.stride(d))
  out.setDim(k, size, x.stride(a) + x.stride(b))
  refresh(out)
  return out
}

/** A node whose first params are those numbers, then x's sizes if asked for. */
function beginDiagonal(kind: NodeKind, x: Tensor, offset: f64, dim1: i32, dim2: i32, withSizes: bool): Node {
  const node = begin(kind, x, 3, withSizes)
  if (isNoNode(node)) return node
  node.setParam(0, offset)
  node.setParam(1, dim1)
  node.setParam(2, dim2)
  return node
}

function differ(a: i32, b: i32, dim1: i32, dim2: i32): bool {
  if (a == b) fail2(Err.DiagonalDims, dim1, dim2)
  return a != b
}

/** `x.diagonal(offset, dim1, dim2)`, a view; with `copied` diagonal_copy, none. */
export function diagonal(x: Tensor, offset: f64, dim1: i32, dim2: i32, copied: bool = false): Tensor {
  const a = failed() ? -1 : wrapDim(dim1, x.ndim)
  const b = a < 0 ? -1 : wrapDim(dim2, x.ndim)
  if (b < 0 || !differ(a, b, dim1, dim2)) return none()
  const kind = copied ? NodeKind.DiagonalBackward0_copy : NodeKind.DiagonalBackward0
  const node = beginDiagonal(kind, x, offset, dim1, dim2, true)
  const seen = diagonalOf(x, offset, a, b)
  if (isNone(seen)) return drop(node)
  if (!copied) return view(x, seen, node)
  const out = cloned(seen)
  if (isNone(out)) return drop(node)
  return isNoNode(node) || setHistory(out, node) ? out : none()
}

/** A copy in row-major order, not recorded. */
function cloned(x: Tensor): Tensor {
  beginShape(x.ndim)
  for (let d = 0; d < x.ndim; d++) setShapeSize(d, x.size(d))
  const out = filled(0, x.dtype)
  if (!isNone(out)) copyInto(out, x)
  return out
}

/** Zeros with the last dimension of `x` on the diagonal of two new ones. Recorded. */
export function diagEmbed(x: Tensor, offset: f64, dim1: i32, dim2: i32): Tensor {
  const ndim = x.ndim + 1
  const a = failed() ? -1 : wrapDim(dim1, ndim)
  const b = a < 0 ? -1 : wrapDim(dim2, ndim)
  if (b < 0 || !differ(a, b, dim1, dim2)) return none()
  const node = beginDiagonal(NodeKind.DiagEmbedBackward0, x, offset, dim1, dim2, false)
  if (failed()) return none()
  const side = <f64>x.size(x.ndim - 1) + abs<f64>(offset)
  if (!beginShape(ndim)) return drop(node)
  let k = 0
  for (let d = 0; d < ndim; d++) setShapeSize(d, d == a || d == b ? <i32>min<f64>(side, i32.MAX_VALUE) : x.size(k++))
  const out = filled(0, x.dtype)
  if (isNone(out)) return drop(node)
  const spot = diagonalOf(out, offset, a, b)
  if (isNone(spot)) return drop(node)
  copyInto(spot, x)
  return isNoNode(node) || setHistory(out, node) ? out : none()
}

/** The alias that sees dimension `d` in windows of `size`, `step` apart: they stand where it was, and lie in a new last one. */
export function windowsOf(x: Tensor, d: i32, size: i32, step: i32): Tensor {
  const out = alias(x, x.ndim + 1)
  if (isNone(out)) return out
  for (let k = 0; k < x.ndim; k++) out.setDim(k, x.size(k), x.stride(k))
  const stride = x.ndim ? x.stride(d) : 1
  if (x.ndim) out.setDim(d, (x.size(d) - size) / step + 1, <i32>(<i64>stride * step))
  out.setDim(x.ndim, size, stride)
  refresh(out)
  return out
}

/** `x.unfold(dimension, size, step)`. */
export function unfold(x: Tensor, dim: i32, size: f64, step: f64): Tensor {
  const d = failed() ? -1 : wrapDim(dim, x.ndim)
  if (d < 0) return none()
  const most = x.ndim ? x.size(d) : 1
  if (size < 0) fail1(Err.UnfoldNegative, size)
  else if (size > most) {
    fail3(Err.UnfoldSize, d, most, size)
  } else if (step <= 0) fail1(Err.UnfoldStep, step)
  if (failed()) return none()
  const node = begin(NodeKind.UnfoldBackward0, x, 3, true)
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    node.setParam(1, size)
    node.setParam(2, step)
  }
  const out = windowsOf(x, d, <i32>size, <i32>min<f64>(step, i32.MAX_VALUE))
  return isNone(out) ? drop(node) : view(x, out, node)
}
