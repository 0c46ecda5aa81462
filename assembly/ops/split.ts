// Views of one tensor cut along a dimension: unbind, split, and the unsafe forms, whose pieces are no tracked views.
// One node stands behind all pieces. What comes back through it is put together again (cat.ts).
import { Err, NodeKind } from '../abi'
import { setHistory, setView } from '../autograd/history'
import { Creation } from '../autograd/meta'
import { isNoNode, Node, outputGeometry, releaseNode, retainNode } from '../autograd/node'
import { fail, fail1, failed } from '../error'
import { allocBuffer, freeBuffer } from '../memory/alloc'
import { beginShape, refresh, setShapeSize, wrapDim } from '../tensor/shape'
import { releaseVersionCounter, VersionCounter } from '../tensor/storage'
import { isNone, none, Tensor } from '../tensor/tensor'
import { cat, stack } from './cat'
import { filled } from './create'
import { alias, begin, writeSizes } from './movement'

/** Every slice of `dim`, without it. How many there are; -1 with an error pending. */
export function unbind(x: Tensor, dim: i32): i32 {
  const d = failed() ? -1 : wrapDim(dim, x.ndim)
  if (d >= 0 && x.ndim == 0) fail1(Err.NoDims, d)
  if (failed()) return -1
  const count = x.size(d)
  const node = begin(NodeKind.UnbindBackward0, x, 1, false, count)
  if (!isNoNode(node)) node.setParam(0, dim)
  for (let i = 0; i < count && !failed(); i++) {
    const out = alias(x, x.ndim - 1)
    if (isNone(out)) break
    out.offset += i * x.stride(d)
    for (let k = 0; k < out.ndim; k++) out.setDim(k, x.size(k < d ? k : k + 1), x.stride(k < d ? k : k + 1))
    finishPiece(x, out, node, i, false)
  }
  return finishAll(node, count)
}

/** Pieces of `size`, the last of which may be smaller. */
export function split(x: Tensor, dim: i32, size: f64, unsafe: bool): i32 {
  if (x.ndim == 0) fail(Err.SplitScalar)
  else if (size < 0) fail1(Err.SplitNegative, size)
  const d = failed() ? -1 : wrapDim(dim, x.ndim)
  if (d < 0) return -1
  const whole = x.size(d)
  if (size == 0 && whole) {
    fail1(Err.SplitZero, whole)
    return -1
  }
  const step = <i32>min<f64>(size, whole)
  const count = step ? <i32>((<i64>whole + step - 1) / step) : 1
  const node = begin(unsafe ? NodeKind.UnsafeSplitBackward0 : NodeKind.SplitBackward0, x, 2, true, count)
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    node.setParam(1, size)
    writeSizes(node, 2, x)
  }
  for (let i = 0; i < count && !failed(); i++) piece(x, d, i * step, min(step, whole - i * step), node, i, unsafe)
  return finishAll(node, count)
}

/** Pieces of the `count` sizes at `sizes` (i32 each), whose sum is the size of `dim`: the wrapper has checked it. */
export function splitWithSizes(x: Tensor, dim: i32, sizes: usize, count: i32, unsafe: bool): i32 {
  const d = wrapDim(dim, x.ndim)
  if (d < 0) return -1
  const kind = unsafe ? NodeKind.UnsafeSplitWithSizesBackward0 : NodeKind.SplitWithSizesBackward0
  const node = begin(kind, x, 2 + count, true, count)
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    node.setParam(1, count)
    for (let i = 0; i < count; i++) node.setParam(2 + i, load<i32>(sizes + ((<usize>i) << 2)))
    writeSizes(node, 2 + count, x)
  }
  let from = 0
  for (let i = 0; i < count && !failed(); i++) {
    const size = load<i32>(sizes + ((<usize>i) << 2))
    piece(x, d, from, size, node, i, unsafe)
    from += size
  }
  return finishAll(node, count)
}

function piece(x: Tensor, d: i32, from: i32, size: i32, node: Node, index: i32, unsafe: bool): void {
  const out = alias(x, x.ndim)
  if (isNone(out)) return
  out.offset += from * x.stride(d)
  for (let k = 0; k < x.ndim; k++) out.setDim(k, k == d ? size : x.size(k), x.stride(k))
  finishPiece(x, out, node, index, unsafe)
}

/** Makes `out` output `index` of `node`, and a view of `x` unless `unsafe`: then it counts versions of its own. */
function finishPiece(x: Tensor, out: Tensor, node: Node, index: i32, unsafe: bool): void {
  refresh(out)
  if (unsafe) {
    releaseVersionCounter(out.counter)
    out.counter = changetype<VersionCounter>(0)
  } else if (!setView(out, x, Creation.multiOutput)) return
  if (!isNoNode(node)) setHistory(out, retainNode(node), index)
}

function finishAll(node: Node, count: i32): i32 {
  if (!isNoNode(node)) releaseNode(node)
  return failed() ? -1 : count
}

/** The pieces' gradients side by side; zeros stand for those that are missing. */
export function splitVjp(node: Node, slots: usize): Tensor {
  if (failed()) return none()
  const count = node.outputCount
  const bytes = (<usize>count) << 2
  const list = allocBuffer(bytes)
  if (!list) {
    fail1(Err.OutOfMemory, bytes)
    return none()
  }
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 2
    const g = load<Tensor>(slots + at)
    store<Tensor>(list + at, isNone(g) ? missing(node, i) : g)
  }
  const dim = <i32>node.param(0)
  const out = failed() ? none() : node.kind == NodeKind.UnbindBackward0 ? stack(list, count, dim) : cat(list, count, dim)
  freeBuffer(list, bytes)
  return out
}

/** Zeros as output `index` looked. */
function missing(node: Node, index: i32): Tensor {
  const geometry = outputGeometry(node, index)
  const ndim = <i32>load<u8>(geometry, 1)
  if (!beginShape(ndim)) return none()
  for (let d = 0; d < ndim; d++) setShapeSize(d, load<i32>(geometry + ((<usize>d) << 2), 4))
  return failed() ? none() : filled(0, load<u8>(geometry))
}
