// The derivatives of views that drop elements: zeros of the source's shape with the gradient written where the view was.
import { DType, NodeKind } from '../abi'
import { recording, setEdgeTo, setHistory } from '../autograd/history'
import { isNoNode, newNode, Node, releaseNode } from '../autograd/node'
import { failed } from '../error'
import { Loop } from '../tensor/iterate'
import { aliasOf, refresh, wrapDim } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { copyInto } from './cast'
import { filled } from './create'
import { diagonal, diagonalOf, unfold, windowsOf } from './diagonal'
import { run } from './elementwise'
import { readSizes, select, slice } from './movement'

/** select_backward, slice_backward and their like: ops of their own, with the forward view as their derivative. */
function place(g: Tensor, node: Node, sizesAt: i32, kind: NodeKind): Tensor {
  if (failed()) return none()
  readSizes(node, sizesAt)
  const out = filled(0, g.dtype)
  if (isNone(out)) return out
  const spot = spotOf(kind, out, node)
  if (isNone(spot)) return none()
  // Only windows that unfold made may share elements.
  if (kind == NodeKind.UnfoldBackwardBackward0) run(adder(g.dtype), spot, g)
  else copyInto(spot, g)
  return recorded(kind, node, g, out)
}

/** The view that `node` made, of another tensor of the same shape; neither recorded nor tracked. */
function spotOf(kind: NodeKind, x: Tensor, node: Node): Tensor {
  switch (kind) {
    case NodeKind.SelectBackwardBackward0:
      return selected(x, node)
    case NodeKind.SliceBackwardBackward0:
      return sliced(x, node)
    case NodeKind.DiagonalBackwardBackward0:
      return diagonalOf(x, node.param(0), wrapDim(<i32>node.param(1), x.ndim), wrapDim(<i32>node.param(2), x.ndim))
    default:
      return windowsOf(x, wrapDim(<i32>node.param(0), x.ndim), <i32>node.param(1), <i32>node.param(2))
  }
}

/** Records `out`, made of `g`, with the numbers of `node`: what is written is the view of what comes back. */
function recorded(kind: NodeKind, node: Node, g: Tensor, out: Tensor): Tensor {
  if (!recording(g)) return out
  const record = newNode(kind, 1, 0, node.paramCount)
  if (isNoNode(record)) return none()
  for (let i = 0; i < node.paramCount; i++) record.setParam(i, node.param(i))
  if (!setEdgeTo(record, 0, g)) {
    releaseNode(record)
    return none()
  }
  return setHistory(out, record) ? out : none()
}

function selected(x: Tensor, node: Node): Tensor {
  const d = <i32>node.param(0) + (node.param(0) < 0 ? x.ndim : 0)
  const index = <i32>node.param(1) + (node.param(1) < 0 ? x.size(d) : 0)
  const out = temp(aliasOf(x, x.ndim - 1))
  if (isNone(out)) return out
  out.offset += index * x.stride(d)
  for (let k = 0; k < out.ndim; k++) out.setDim(k, x.size(k < d ? k : k + 1), x.stride(k < d ? k : k + 1))
  refresh(out)
  return out
}

function sliced(x: Tensor, node: Node): Tensor {
  const d = <i32>node.param(0) + (node.param(0) < 0 ? x.ndim : 0)
  const size = x.size(d)
  const step = <i32>node.param(3)
  const from = clamp(node.param(1), 0, size)
  const to = clamp(node.param(2), from, size)
  const out = temp(aliasOf(x, x.ndim))
  if (isNone(out)) return out
  out.offset += from * x.stride(d)
  for (let k = 0; k < x.ndim; k++) out.setDim(k, x.size(k), x.stride(k))
  out.setDim(d, <i32>((<i64>(to - from) + step - 1) / step), <i32>(<i64>x.stride(d) * step))
  refresh(out)
  return out
}

function clamp(index: f64, low: i32, size: i32): i32 {
  return <i32>max<f64>(low, min<f64>(index < 0 ? index + size : index, size))
}

function addLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      store<T>(o, <T>(load<T>(o) + load<T>(a)))
      o += os
      a += as
    }
  }
}

/** Adds its operand to what it writes: where elements of the output coincide, all of them arrive. */
export function adder(dtype: i32): Loop {
  return dtype == DType.float32 ? addLoop<f32>() : addLoop<f64>()
}

export function scatterViewVjp(node: Node, g: Tensor): Tensor {
  switch (node.kind) {
    case NodeKind.SelectBackward0:
      return place(g, node, 2, NodeKind.SelectBackwardBackward0)
    case NodeKind.SelectBackwardBackward0:
      return select(g, <i32>node.param(0), <i32>node.param(1))
    case NodeKind.SliceBackward0:
      return place(g, node, 4, NodeKind.SliceBackwardBackward0)
    case NodeKind.SliceBackwardBackward0:
      return slice(g, <i32>node.param(0), node.param(1), node.param(2), <i32>node.param(3))
    case NodeKind.DiagonalBackward0:
    case NodeKind.DiagonalBackward0_copy:
      return place(g, node, 3, NodeKind.DiagonalBackwardBackward0)
    case NodeKind.DiagonalBackwardBackward0:
    case NodeKind.DiagEmbedBackward0:
      return diagonal(g, node.param(0), <i32>node.param(1), <i32>node.param(2))
    case NodeKind.UnfoldBackward0:
      return place(g, node, 3, NodeKind.UnfoldBackwardBackward0)
    default:
      return unfold(g, <i32>node.param(0), node.param(1), node.param(2))
  }
}
