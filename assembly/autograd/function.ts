// Custom autograd.Function: the node that stands for one in the graph. Its formula is JS; what `save_for_backward` was
// given hangs on `inner`, a node without edges that only holds saved variables, so that their number may be any.
import { Err, NodeKind, Writer } from '../abi'
import { fail } from '../error'
import { enterBase, leaveBase } from '../tensor/temps'
import { aliasSame, refresh } from '../tensor/shape'
import { bump, isNone, none, release, reserveCounter, Tensor } from '../tensor/tensor'
import { mayWrite, rebaseHistory, setHistory, setNewer, setView } from './history'
import { Creation, isLeaf, isView, requiresGrad } from './meta'
import { isNoNode, newNode, Node, NodeFlag, noNode, releaseNode, retainNode } from './node'
import { setWriter } from './places'
import { saveInput, saveOutput, unpackVariable } from './saved'

@external('env', 'run_function')
declare function runFunction(node: usize, slots: usize, outputs: i32, grads: usize, edges: i32): bool

/** The node, with `edges` taken over from `list` (| node | output number | each) and room for `saved` tensors. */
export function functionNode(kind: NodeKind, list: usize, edges: i32, saved: i32, outputs: i32): Node {
  const node = newNode(kind, edges, 0, 0, max(outputs, 1))
  const holder = isNoNode(node) ? noNode() : newNode(NodeKind.NotImplemented, 0, saved, 0)
  for (let i = 0; i < edges; i++) {
    const at = list + ((<usize>i) << 3)
    const next = load<Node>(at)
    if (isNoNode(next)) continue
    if (isNoNode(holder)) releaseNode(next)
    else node.setEdge(i, next, load<u32>(at, 4))
  }
  if (isNoNode(holder)) {
    if (!isNoNode(node)) releaseNode(node)
    return holder
  }
  if (kind == NodeKind.PythonFunction) {
    node.inner = holder
    node.flags |= NodeFlag.watched
  } else releaseNode(holder)
  return node
}

/** Saves the Function's own output detached, anything else as it is. */
export function functionSave(node: Node, index: i32, tensor: Tensor): bool {
  if (isLeaf(tensor) || tensor.autograd.gradFn !== node) return saveInput(node.inner, index, tensor)
  return saveOutput(node.inner, index, tensor, tensor.autograd.outputNr, node)
}

/** A saved tensor; null for one saved as None, or with SavedFreed or SavedModified pending. */
export function functionSaved(node: Node, index: i32): Tensor {
  if (node.flags & NodeFlag.freed) {
    fail(Err.SavedFreed)
    return none()
  }
  return unpackVariable(node.inner, index, node)
}

/**
 * Makes `node` the history of output `nr`, one of `several` or the only one. A dirty output was written in place: it is
 * bumped and rebased; without a node just bumped. Any other that is a view may not be written from now on.
 */
export function functionOutput(node: Node, tensor: Tensor, nr: i32, dirty: bool, several: bool): bool {
  if (!dirty) {
    if (isView(tensor)) tensor.autograd.creation = <u8>(several ? Creation.multiOutput : Creation.inFunction)
    return isNoNode(node) || setHistory(tensor, retainNode(node), nr)
  }
  if (!isNoNode(node) && isLeaf(tensor) && requiresGrad(tensor)) {
    fail(Err.DirtyLeaf)
    return false
  }
  if (!isNoNode(node) && !mayWrite(tensor)) return false
  if (!isNoNode(node) && isView(tensor) && node.outputCount != 1) {
    fail(Err.DirtyView)
    return false
  }
  if (!reserveCounter(tensor)) return false
  setWriter(Writer.markDirty)
  bump(tensor)
  setWriter(Writer.engine)
  if (isNoNode(node)) return true
  return nr == 0 ? rebaseHistory(tensor, retainNode(node)) : setNewer(tensor, retainNode(node), nr)
}

/** What stands for an input that the Function returned as it is: a view that may not be written. */
export function functionView(input: Tensor): Tensor {
  const view = aliasSame(input)
  if (isNone(view)) return view
  refresh(view)
  if (setView(view, input, Creation.inFunction)) return view
  release(view)
  return none()
}

/** Runs the Function's backward; `grads` then owns what it returned. After the graph was freed, only its `saved_tensors` fail. */
export function functionVjp(node: Node, slots: usize, grads: usize): void {
  const outer = enterBase()
  const fine = runFunction(changetype<usize>(node), slots, node.outputCount, grads, node.edgeCount)
  leaveBase(outer)
  if (!fine) fail(Err.Hook)
}
