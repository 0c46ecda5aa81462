// The derivatives of views that drop elements: zeros of the source's shape with the gradient written where the view was.
import { DType, NodeKind } from '../abi'
import { recording, setEdgeTo, setHistory, setView } from '../autograd/history'
import { Creation } from '../autograd/meta'
import { isNoNode, newNode, Node, releaseNode } from '../autograd/node'
import { failed } from '../error'
import { Loop } from '../tensor/iterate'
import { aliasOf, beginShape, refresh, setShapeSize } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { bump, isNone, none, Tensor } from '../tensor/tensor'
import { copyInto } from './cast'
import { filled } from './create'
import { run } from './elementwise'
import { readSizes, select, slice } from './movement'

/** select_backward and slice_backward: ops of their own, with the forward view as their derivative. */
function place(g: Tensor, node: Node, sizesAt: i32, kind: NodeKind): Tensor {
  if (failed()) return none()
  readSizes(node, sizesAt)
  const out = filled(0, g.dtype)
  if (isNone(out)) return out
  const spot = kind == NodeKind.SelectBackwardBackward0 ? selected(out, node) : sliced(out, node)
  if (isNone(spot)) return none()
  copyInto(spot, g)
  return recorded(kind, node, g, out)
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

/** The view that `node` made, of another tensor of the same shape; neither recorded nor tracked. */
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

function adder(dtype: i32): Loop {
  return dtype == DType.float32 ? addLoop<f32>() : addLoop<f64>()
}

/** The number of elements that a geometry at param `at` reaches, from offset 0. */
function extent(node: Node, at: i32): i32 {
  const ndim = <i32>node.param(at)
  let last = <i32>node.param(at + 1 + 2 * ndim)
  for (let d = 0; d < ndim; d++) {
    if (node.param(at + 1 + d) == 0) return 0
    last += (<i32>node.param(at + 1 + d) - 1) * <i32>node.param(at + 1 + ndim + d)
  }
  return last + 1
}

/** Could two elements share an address? As PyTorch guesses it: strides in order, each beyond what the smaller reach. */
function mayOverlap(t: Tensor): bool {
  let reach = 0
  let done: u64 = 0
  // Sizes of one do not matter, and expanded dimensions are summed before.
  for (let d = 0; d < t.ndim; d++) if (t.size(d) == 1 || t.stride(d) == 0) done |= 1 << (<u64>d)
  while (true) {
    let next = -1
    for (let d = 0; d < t.ndim; d++) {
      if (!(done & (1 << (<u64>d))) && (next < 0 || t.stride(d) < t.stride(next))) next = d
    }
    if (next < 0) return false
    if (t.stride(next) <= reach) return true
    reach += t.stride(next) * (t.size(next) - 1)
    done |= 1 << (<u64>next)
  }
}

/** `flat` seen with the geometry at param `at`. */
function seen(flat: Tensor, node: Node, at: i32): Tensor {
  const ndim = <i32>node.param(at)
  const out = temp(aliasOf(flat, ndim))
  if (isNone(out)) return out
  for (let d = 0; d < ndim; d++) out.setDim(d, <i32>node.param(at + 1 + d), <i32>node.param(at + 1 + ndim + d))
  out.offset = <u32>node.param(at + 1 + 2 * ndim)
  refresh(out)
  return out
}

/**
 * AsStridedBackward0 and its own derivative: lays `g` out by the one geometry in a zero storage, adding where elements
 * coincide, and reads it by the other. The params are | source geometry | view geometry |.
 */
function restride(g: Tensor, node: Node, toSource: bool): Tensor {
  if (failed()) return none()
  const viewAt = 2 + 2 * <i32>node.param(0)
  const writeAt = toSource ? viewAt : 0
  const readAt = toSource ? 0 : viewAt
  beginShape(1)
  setShapeSize(0, max(extent(node, 0), extent(node, viewAt)))
  const flat = filled(0, g.dtype)
  if (isNone(flat)) return flat
  const into = seen(flat, node, writeAt)
  const out = seen(flat, node, readAt)
  if (failed()) return none()
  run(adder(g.dtype), into, g)
  // PyTorch writes into the storage where no two elements coincide, and adds out of place where they may.
  if (!mayOverlap(into)) bump(out)
  // As there, the result is a view of the storage: the engine never adds to its memory in place.
  if (!recording(g) && !setView(out, flat, Creation.ordinary)) return none()
  return recorded(toSource ? NodeKind.AsStridedBackwardBackward0 : NodeKind.AsStridedBackward0, node, g, out)
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
    case NodeKind.AsStridedBackward0:
      return restride(g, node, true)
    default:
      return restride(g, node, false)
  }
}
