// A node of the graph: one recorded op, its edges, what it saved, and the numbers its formula wants.
import { Err, Kind, NodeField, NodeKind } from '../abi'
import { fail1 } from '../error'
import { allocRecord, clear, freeRecord } from '../memory/alloc'
import { dropWrapper } from '../object/wrapper'
import { release, Tensor } from '../tensor/tensor'
import { noteNode, placing } from './places'
import { freeRetainers, Retainer } from './retainer'
import { releaseSaved, SAVED_SIZE, SavedVariable } from './saved'

//   0          4      8 (u64)    16      20        24      28      32       36        40      44      48      52          56
//   | refcount | kind | sequence | flags | wrapper | edges | saved | params | outputs | entry | visit | inner | retainers | variable |
//   60 ..  outputs x | geometry |          what each forward output looked like (see `outputGeometry`)
//          edges   x | node | input_nr |   where its gradients go; node null: nobody wants it
//          saved   x | SavedVariable |
//          params  x | f64 |               dims, exponents, alpha, ...
@unmanaged
export class Node {
  refcount: u32
  kind: i32
  sequence: u64
  flags: i32
  /** The PyObject that stands for this node while somebody needs one; owned only under the 'owned' policy. */
  wrapper: usize
  edgeCount: i32
  savedCount: i32
  paramCount: i32
  outputCount: i32
  /** The node's place in the graph task that runs it; null while none does. */
  entry: usize
  /** Cycle collection: its visit. */
  visit: usize
  /**
   * CopySlices: the node of the op that wrote the view. PythonFunction: a node that only holds its saved tensors. While a node is being freed: the next one to free.
   */
  inner: Node
  /** The outputs that retain their gradient. */
  retainers: Retainer
  /** AccumulateGrad: its leaf; owned. */
  variable: Tensor

  // @ts-ignore: decorator
  @inline private get outputsAt(): usize {
    return changetype<usize>(this) + HEADER
  }

  // @ts-ignore: decorator
  @inline private get edgesAt(): usize {
    return this.outputsAt + ((<usize>this.outputCount) << 2)
  }

  // @ts-ignore: decorator
  @inline edgeNode(index: i32): Node {
    return load<Node>(this.edgesAt + ((<usize>index) << 3))
  }

  // @ts-ignore: decorator
  @inline edgeNr(index: i32): u32 {
    return load<u32>(this.edgesAt + ((<usize>index) << 3), 4)
  }

  /** Sets an edge, taking over the caller's reference of `node`. */
  // @ts-ignore: decorator
  @inline setEdge(index: i32, node: Node, nr: u32): void {
    store<Node>(this.edgesAt + ((<usize>index) << 3), node)
    store<u32>(this.edgesAt + ((<usize>index) << 3), nr, 4)
  }

  /** Does anybody want the gradient of input `index`? Formulas ask before they compute it. */
  // @ts-ignore: decorator
  @inline wants(index: i32): bool {
    return changetype<usize>(this.edgeNode(index)) != 0
  }

  // @ts-ignore: decorator
  @inline savedAt(index: i32): SavedVariable {
    return changetype<SavedVariable>(this.edgesAt + ((<usize>this.edgeCount) << 3) + <usize>index * SAVED_SIZE)
  }

  // @ts-ignore: decorator
  @inline private get paramsAt(): usize {
    return changetype<usize>(this) + paramOffset(this.outputCount, this.edgeCount, this.savedCount)
  }

  // @ts-ignore: decorator
  @inline param(index: i32): f64 {
    return load<f64>(this.paramsAt + ((<usize>index) << 3))
  }

  // @ts-ignore: decorator
  @inline setParam(index: i32, value: f64): void {
    store<f64>(this.paramsAt + ((<usize>index) << 3), value)
  }

  get bytes(): usize {
    return nodeBytes(this.outputCount, this.edgeCount, this.savedCount, this.paramCount)
  }
}

export const enum NodeFlag {
  /** Its saved variables are gone (SEMANTICS D.3). */
  freed = 1,
  /** JS keeps something for it (hooks, metadata) and wants to hear when it goes. */
  watched = 2,
}

if (
  offsetof<Node>('kind') != NodeField.kind ||
  offsetof<Node>('sequence') != NodeField.sequence ||
  offsetof<Node>('wrapper') != NodeField.wrapper ||
  offsetof<Node>('edgeCount') != NodeField.edgeCount ||
  offsetof<Node>('savedCount') != NodeField.savedCount ||
  offsetof<Node>('paramCount') != NodeField.paramCount ||
  offsetof<Node>('outputCount') != NodeField.outputCount
) {
  ERROR('abi.ts: NodeField does not match the Node record')
}

const HEADER: usize = offsetof<Node>()

// @ts-ignore: decorator
@inline
function paramOffset(outputs: i32, edges: i32, saved: i32): usize {
  return (HEADER + ((<usize>outputs) << 2) + ((<usize>edges) << 3) + <usize>saved * SAVED_SIZE + 7) & ~7
}

function nodeBytes(outputs: i32, edges: i32, saved: i32, params: i32): usize {
  return paramOffset(outputs, edges, saved) + ((<usize>params) << 3)
}

// @ts-ignore: decorator
@inline
export function noNode(): Node {
  return changetype<Node>(0)
}

// @ts-ignore: decorator
@inline
export function isNoNode(node: Node): bool {
  return changetype<usize>(node) == 0
}

let nextSequence: u64 = 0

/** An AccumulateGrad runs as soon as it is ready: nothing was created later. */
export const LAST: u64 = u64.MAX_VALUE

/** A node with one reference for the caller; edges null, nothing saved, params 0. Null when memory ran out. */
export function newNode(kind: NodeKind, edges: i32, saved: i32, params: i32, outputs: i32 = 1): Node {
  const bytes = nodeBytes(outputs, edges, saved, params)
  const node = changetype<Node>(allocRecord(bytes, Kind.Node))
  if (isNoNode(node)) {
    fail1(Err.OutOfMemory, bytes)
    return node
  }
  clear(changetype<usize>(node), bytes)
  node.refcount = 1
  node.kind = kind
  node.edgeCount = edges
  node.savedCount = saved
  node.paramCount = params
  node.outputCount = outputs
  node.sequence = kind == NodeKind.AccumulateGrad ? LAST : nextSequence++
  if (placing() && kind != NodeKind.AccumulateGrad) {
    node.flags |= NodeFlag.watched
    noteNode(changetype<usize>(node))
  }
  return node
}

// What a forward output looked like, so that the engine can un-broadcast and cast the gradient for it:
//   0       1      4
//   | dtype | ndim | i32 size x ndim |
export function setOutput(node: Node, index: i32, tensor: Tensor): bool {
  const bytes: usize = 4 + ((<usize>tensor.ndim) << 2)
  const geometry = allocRecord(bytes, Kind.Other)
  if (!geometry) {
    fail1(Err.OutOfMemory, bytes)
    return false
  }
  freeOutput(node, index)
  store<u8>(geometry, <u8>tensor.dtype)
  store<u8>(geometry, <u8>tensor.ndim, 1)
  memory.copy(geometry + 4, tensor.dims, (<usize>tensor.ndim) << 2)
  store<usize>(changetype<usize>(node) + HEADER + ((<usize>index) << 2), geometry)
  return true
}

export function outputGeometry(node: Node, index: i32): usize {
  return load<usize>(changetype<usize>(node) + HEADER + ((<usize>index) << 2))
}

function freeOutput(node: Node, index: i32): void {
  const geometry = outputGeometry(node, index)
  if (geometry) freeRecord(geometry, 4 + ((<usize>load<u8>(geometry, 1)) << 2), Kind.Other)
}

export function retainNode(node: Node): Node {
  node.refcount++
  return node
}

// Freeing is iterative: a node whose last reference goes joins a list, and one loop empties the list. What a node
// frees (edges, saved tensors, their own nodes) joins the same list, so a chain of a million nodes needs no stack.
let dying: Node = changetype<Node>(0)
let reaping = false

export function releaseNode(node: Node): void {
  if (--node.refcount) return
  releaseVariables(node, true)
  node.inner = dying
  dying = node
  if (reaping) return
  reaping = true
  while (!isNoNode(dying)) {
    const next = dying
    dying = next.inner
    destroyNode(next)
  }
  reaping = false
}

@external('env', 'node_freed')
declare function nodeFreed(node: usize): void

function destroyNode(node: Node): void {
  if (node.wrapper) dropWrapper(node)
  if (node.flags & NodeFlag.watched) nodeFreed(changetype<usize>(node))
  if (changetype<usize>(node.variable)) {
    const leaf = node.variable
    if (leaf.autograd.accumulator === node) leaf.autograd.accumulator = noNode()
    release(leaf)
  }
  freeRetainers(node)
  for (let i = 0; i < node.edgeCount; i++) if (node.wants(i)) releaseNode(node.edgeNode(i))
  for (let i = 0; i < node.outputCount; i++) freeOutput(node, i)
  freeRecord(changetype<usize>(node), node.bytes, Kind.Node)
}

/** Drops what the node saved. `silently` when the node itself goes, else reading it later is the D.3 error. */
export function releaseVariables(node: Node, silently: bool = false): void {
  if (!silently) node.flags |= NodeFlag.freed
  for (let i = 0; i < node.savedCount; i++) releaseSaved(node.savedAt(i))
  if ((node.kind == NodeKind.CopySlices || node.kind == NodeKind.PythonFunction) && !isNoNode(node.inner)) {
    const inner = node.inner
    node.inner = noNode()
    releaseNode(inner)
  }
}
