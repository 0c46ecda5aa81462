// How a tensor hangs in the graph: its gradient edge, and what making it, viewing it and writing it do to that edge.
import { Err, NodeKind } from '../abi'
import { fail, failed, say } from '../error'
import { isFloating } from '../tensor/dtype'
import { isNone, none, retain, Tensor } from '../tensor/tensor'
import { noteCloser } from './closers'
import { AutogradMeta, Creation, isLeaf, isView, metaOf, requiresGrad } from './meta'
import { gradModeEnabled, inferenceMode } from './mode'
import { isNoNode, newNode, Node, noNode, releaseNode, retainNode, setOutput } from './node'
import { dropRetainer, moveRetainer } from './retainer'

/** Would an op on these be recorded? Among inference tensors alone nothing is. */
// @ts-ignore: decorator
@inline
export function recording(a: Tensor, b: Tensor = none(), c: Tensor = none()): bool {
  return gradModeEnabled() && !inferenceMode() && (requires(a) || requires(b) || requires(c)) &&
    !(foreign(a) && foreign(b) && foreign(c))
}

// @ts-ignore: decorator
@inline
function foreign(tensor: Tensor): bool {
  return isNone(tensor) || tensor.inference
}

// @ts-ignore: decorator
@inline
function requires(tensor: Tensor): bool {
  return !isNone(tensor) && requiresGrad(tensor)
}

/**
 * PyTorch's `grad_fn`. A view whose base was written since (the shared version moved) gets a new AsStridedBackward0
 * over the base's current edge. Not owned by the caller. Null for a leaf, and null with an error pending (C.7).
 */
export function gradFn(tensor: Tensor): Node {
  const meta = tensor.autograd
  if (!changetype<usize>(meta)) return noNode()
  if (isNone(meta.base) || (isNoNode(meta.gradFn) && !requiresGrad(meta.base))) return meta.gradFn
  const version = tensor.version
  if (meta.attributeVersion == version) return meta.gradFn
  if (!mayRebase(meta, false)) return noNode()
  const node = asStridedNode(tensor)
  if (isNoNode(node)) return node
  if (!setEdgeTo(node, 0, meta.base) || !setOutput(node, 0, tensor)) {
    releaseNode(node)
    return noNode()
  }
  if (!isNoNode(meta.gradFn)) {
    if (meta.retainsGrad) moveRetainer(meta.gradFn, node, tensor, 0)
    releaseNode(meta.gradFn)
  }
  meta.gradFn = node
  meta.outputNr = 0
  meta.attributeVersion = version
  noteCloser(tensor)
  return node
}

// AsStridedBackward0's params: | ndim | sizes, strides | offset | of the base, the same of the view | offset as given |
function asStridedNode(view: Tensor): Node {
  const base = view.autograd.base
  const node = newNode(NodeKind.AsStridedBackward0, 1, 0, geometryParams(base) + geometryParams(view) + 1)
  if (!isNoNode(node)) node.setParam(writeGeometry(node, writeGeometry(node, 0, base), view), view.offset)
  return node
}

export function geometryParams(tensor: Tensor): i32 {
  return 2 + 2 * tensor.ndim
}

/** Writes `| ndim | sizes | strides | offset |` from param `at`; returns the next free param. */
export function writeGeometry(node: Node, at: i32, tensor: Tensor): i32 {
  const ndim = tensor.ndim
  node.setParam(at++, ndim)
  for (let d = 0; d < ndim; d++) node.setParam(at + d, tensor.size(d))
  for (let d = 0; d < ndim; d++) node.setParam(at + ndim + d, tensor.stride(d))
  at += 2 * ndim
  node.setParam(at, tensor.offset)
  return at + 1
}

/** The leaf's AccumulateGrad, made if need be, with a reference for the caller. */
function accumulatorOf(meta: AutogradMeta, leaf: Tensor): Node {
  if (!isNoNode(meta.accumulator)) return retainNode(meta.accumulator)
  const node = newNode(NodeKind.AccumulateGrad, 0, 0, 0)
  if (isNoNode(node)) return node
  if (!setOutput(node, 0, leaf)) {
    releaseNode(node)
    return noNode()
  }
  node.variable = retain(leaf)
  meta.accumulator = node
  return node
}

/** Points edge `index` of `node` at where `tensor`'s gradient goes. False with an error pending. */
export function setEdgeTo(node: Node, index: i32, tensor: Tensor): bool {
  if (isNone(tensor) || !changetype<usize>(tensor.autograd)) return true
  const meta = tensor.autograd
  const maker = gradFn(tensor)
  if (!isNoNode(maker)) node.setEdge(index, retainNode(maker), meta.outputNr)
  else if (meta.requiresGrad && !failed()) node.setEdge(index, accumulatorOf(meta, tensor), 0)
  return !failed()
}

/** The gradient edge of `tensor` for the engine: a node with a reference for the caller, null when it needs no gradient. */
export function gradientNode(tensor: Tensor): Node {
  const maker = gradFn(tensor)
  if (!isNoNode(maker)) return retainNode(maker)
  const meta = tensor.autograd
  return changetype<usize>(meta) && meta.requiresGrad && !failed() ? accumulatorOf(meta, tensor) : noNode()
}

/** Makes `node` the grad_fn of a fresh result, taking over the caller's reference. False when memory ran out. */
export function setHistory(tensor: Tensor, node: Node, outputNr: u32 = 0, sameValue: bool = false): bool {
  const meta = metaOf(tensor)
  if (!changetype<usize>(meta) || !setOutput(node, outputNr, tensor)) {
    releaseNode(node)
    return false
  }
  const old = meta.gradFn
  // What only got another shape retains the gradient of what it was.
  if (meta.retainsGrad && !isNoNode(old) && !sameValue) moveRetainer(old, node, tensor, outputNr)
  meta.gradFn = node
  meta.outputNr = outputNr
  // A view's own new node is current until the storage is written again.
  meta.attributeVersion = tensor.version
  if (!isNoNode(old)) releaseNode(old)
  return true
}

/** The same for a tensor that was there before. */
export function setNewer(tensor: Tensor, node: Node, outputNr: u32 = 0, sameValue: bool = false): bool {
  if (!setHistory(tensor, node, outputNr, sameValue)) return false
  noteCloser(tensor)
  return true
}

/** Marks `view` a differentiable view of `source` (of its root base). False when memory ran out. */
export function setView(view: Tensor, source: Tensor, creation: Creation): bool {
  if (source.inference) return true
  const meta = metaOf(view)
  if (!changetype<usize>(meta)) return false
  let base = source
  let from: u8 = <u8>(inferenceMode() ? Creation.inference : gradModeEnabled() ? creation : Creation.noGrad)
  if (isView(source)) {
    base = source.autograd.base
    if (from == Creation.ordinary) from = source.autograd.creation
  }
  meta.base = retain(base)
  meta.creation = from
  meta.attributeVersion = view.version
  return true
}

/** Whether an in-place op that autograd sees may write `tensor` (C.1 step 2). Asked before anything is touched. */
export function mayWrite(tensor: Tensor): bool {
  if (isView(tensor)) {
    const meta = tensor.autograd
    if (!mayRebase(meta, true)) return false
    if (requiresGrad(tensor) && isLeaf(meta.base)) {
      fail(Err.ViewOfLeafInplace)
      return false
    }
  }
  if (requiresGrad(tensor) && isLeaf(tensor)) {
    fail(Err.LeafInplace)
    return false
  }
  return true
}

/** May the history of this view be rebuilt? `direct`: it is written itself, else its base or a sibling was. */
function mayRebase(meta: AutogradMeta, direct: bool): bool {
  if (meta.creation == Creation.ordinary) return true
  const maker = meta.gradFn
  if (fail(Err.InplaceView)) {
    say(isNoNode(maker) ? -1 : maker.kind)
    say(changetype<usize>(maker))
    say(meta.outputNr)
    say(direct ? 1 : 0)
    say(meta.creation)
  }
  return false
}

/**
 * After an in-place op: `node`, taken over, becomes the history of `tensor`. On a view the base is what changed: its
 * new node is a CopySlices around `node`, and the view's own is rebuilt from it. False when memory ran out.
 */
export function rebaseHistory(tensor: Tensor, node: Node): bool {
  if (!isView(tensor)) return setNewer(tensor, node)
  if (!setOutput(node, 0, tensor)) {
    releaseNode(node)
    return false
  }
  const base = tensor.autograd.base
  const slices = newNode(NodeKind.CopySlices, node.edgeCount, 0, geometryParams(base) + geometryParams(tensor))
  if (isNoNode(slices)) {
    releaseNode(node)
    return false
  }
  slices.inner = node
  writeGeometry(slices, writeGeometry(slices, 0, base), tensor)
  for (let i = 1; i < node.edgeCount; i++) {
    if (node.wants(i)) slices.setEdge(i, retainNode(node.edgeNode(i)), node.edgeNr(i))
  }
  if (!setEdgeTo(slices, 0, base)) {
    releaseNode(slices)
    return false
  }
  return setNewer(base, slices) && (!isNoNode(gradFn(tensor)) || !failed())
}

/** `detach_()`: the tensor leaves its graph. */
export function detachInPlace(tensor: Tensor): bool {
  const meta = tensor.autograd
  // In inference mode autograd hears nothing of it.
  if (!changetype<usize>(meta) || inferenceMode()) return true
  if (isView(tensor)) {
    fail(Err.DetachView)
    return false
  }
  const maker = meta.gradFn
  if (meta.retainsGrad && !isNoNode(maker)) dropRetainer(maker, tensor)
  meta.retainsGrad = false
  meta.gradFn = noNode()
  meta.outputNr = 0
  meta.requiresGrad = false
  if (!isNoNode(maker)) releaseNode(maker)
  return true
}

/** Sets a leaf's flag. False with an error pending: not a leaf is the wrapper's to say, a wrong dtype its own too. */
export function setRequiresGrad(tensor: Tensor, on: bool): bool {
  if (!on && !changetype<usize>(tensor.autograd)) return true
  const meta = metaOf(tensor)
  if (!changetype<usize>(meta)) return false
  meta.requiresGrad = on && isFloating(tensor.dtype)
  return true
}
