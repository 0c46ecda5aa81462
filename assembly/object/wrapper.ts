// The Python wrapper of a graph node, which makes article 0's effect: it exists only while somebody holds it, and the
// block it leaves is the next one to be handed out.
//
//   0           4         8
//   | ob_refcnt | ob_type | node | ...
import { NodeKind, WrapperPolicy } from '../abi'
import { TypeId } from '../abi_objects'
import { Node, releaseNode, retainNode } from '../autograd/node'
import { track, untrack } from './gc_lists'
import { DECREF, INCREF, PyObject } from './header'
import { freeBlock, newObject, typeObject } from './type'

@unmanaged
export class GradFnObject extends PyObject {
  /** Owned by the wrapper, except under 'owned', where the node owns the wrapper and this would be a cycle. */
  node: Node
  owned: bool
  /** Made by an access of its own ('fresh'): the node does not know it. */
  detached: bool
}

/** PyTorch's THPCppFunction: the header and a shared pointer. */
const SIZE: usize = 24

let policy: WrapperPolicy = WrapperPolicy.weak

/** Holds for wrappers made from now on. */
export function setWrapperPolicy(next: WrapperPolicy): void {
  policy = next
}

export function wrapperPolicy(): WrapperPolicy {
  return policy
}

/** The node's wrapper with a reference for the caller (PyTorch's functionToPyObject); 0 with OutOfMemory pending. */
export function acquireWrapper(node: Node): usize {
  // A node that is implemented in Python is its own object, whatever the policy.
  const owned = policy == WrapperPolicy.owned || node.kind == NodeKind.PythonFunction
  if (node.wrapper && (owned || policy != WrapperPolicy.fresh)) {
    INCREF(node.wrapper)
    return node.wrapper
  }
  const object = newObject(typeObject(TypeId.gradFn), SIZE)
  if (!object) return 0
  const wrapper = changetype<GradFnObject>(object)
  wrapper.node = node
  track(object)
  if (owned) {
    wrapper.owned = true
    node.wrapper = object
    INCREF(object)
    return object
  }
  retainNode(node)
  if (policy == WrapperPolicy.fresh) wrapper.detached = true
  else node.wrapper = object
  return object
}

/** An access to the node from outside: under 'owned' it leaves a wrapper behind. */
export function touchWrapper(node: Node): void {
  if (policy != WrapperPolicy.owned || node.wrapper) return
  const object = acquireWrapper(node)
  if (object) DECREF(object)
}

/** The dealloc slot: the node forgets its wrapper, then the block is free, then the node may go. */
export function deallocWrapper(object: usize): void {
  const wrapper = changetype<GradFnObject>(object)
  const node = wrapper.node
  untrack(object)
  const counted = !wrapper.owned
  if (counted && !wrapper.detached) node.wrapper = 0
  freeBlock(object, SIZE)
  if (counted) releaseNode(node)
}

/** The node goes: under 'owned' its wrapper goes with it. */
export function dropWrapper(node: Node): void {
  const object = node.wrapper
  node.wrapper = 0
  DECREF(object)
}
