// Reference cycles among tensors and nodes. An op in place can close one (`t.div_(t.cos())`: t -> its new node -> the
// saved cosine -> its node -> the saved t), and so can `backward(create_graph)` (a leaf's `.grad` has a graph that ends
// at the leaf). PyTorch leaks these. Here a handle that goes while its tensor lives on makes the tensor a suspect, and
// `collectCycles` frees the suspects that only their own cycles hold: trial deletion (Bacon and Rajan, 2001).
//
//   count   every reference between the objects that suspects can reach
//   mark    what has a reference from elsewhere, and all that it reaches, as live
//   free    the rest, by cutting every tensor off its history
import { allocRecord, freeRecord } from '../memory/alloc'
import { Kind } from '../abi'
import { mark as top, temp, tempAt, drain } from '../tensor/temps'
import { isNone, none, release, retain, Tensor } from '../tensor/tensor'
import { setGrad } from './meta'
import { isNoNode, Node, noNode, releaseNode } from './node'
import { dropRetainer } from './retainer'
import { stackEmpty, stackPop, stackPush, stackTop, stackClear } from './queue'

//   0        4         8          12      13
//   | what | inside | next visit | node? | live? |
@unmanaged
class Visit {
  /** A Tensor (with an autograd record) or a Node. */
  what: usize
  /** References from objects that were visited. */
  inside: u32
  next: Visit
  isNode: bool
  live: bool
}

let visits: Visit = changetype<Visit>(0)
let counting = false
let complete = true

/** Could this tensor be part of a cycle? Only if it leads into a graph. */
export function suspicious(tensor: Tensor): bool {
  for (let steps = 0; steps < 16; steps++) {
    const meta = tensor.autograd
    if (!changetype<usize>(meta)) return false
    if (!isNoNode(meta.gradFn) || !isNone(meta.base)) return true
    if (isNone(meta.grad)) return false
    tensor = meta.grad
  }
  // A `.grad` of a `.grad` of a ... : somebody is at play, and may have closed a circle.
  return true
}

/**
 * Frees what only cycles keep alive among the tensors on the temporaries' stack from `from` on (the suspects, one
 * reference each), and drops these references. Runs out of memory gracefully: then nothing but the references goes.
 */
export function collectCycles(from: u32): void {
  complete = true
  counting = true
  for (let i = from; i < top() && complete; i++) reach(changetype<usize>(tempAt(i)), false)
  // The stack's own reference is not one from elsewhere.
  for (let i = from; i < top() && complete; i++) visitOf(changetype<usize>(tempAt(i)), false).inside++
  traverse()
  counting = false
  for (let v = visits; changetype<usize>(v); v = v.next) {
    if (complete && !v.live && references(v) > v.inside) keepAlive(v)
  }
  traverse()
  const garbage = top()
  for (let v = visits; changetype<usize>(v); ) {
    const next = v.next
    setVisit(v.what, v.isNode, changetype<Visit>(0))
    if (complete && !v.live && !v.isNode) temp(retain(changetype<Tensor>(v.what)))
    freeRecord(changetype<usize>(v), offsetof<Visit>(), Kind.Other)
    v = next
  }
  visits = changetype<Visit>(0)
  stackClear()
  for (let i = garbage; i < top(); i++) cutOff(tempAt(i))
  drain(from)
}

/** Takes a tensor out of every cycle: no history, no gradient, no base. */
function cutOff(tensor: Tensor): void {
  const meta = tensor.autograd
  const maker = meta.gradFn
  const base = meta.base
  if (meta.retainsGrad && !isNoNode(maker)) dropRetainer(maker, tensor)
  meta.gradFn = noNode()
  meta.base = none()
  setGrad(meta, none())
  if (!isNoNode(maker)) releaseNode(maker)
  if (!isNone(base)) release(base)
}

function references(v: Visit): u32 {
  return v.isNode ? changetype<Node>(v.what).refcount : changetype<Tensor>(v.what).refcount
}

function visitOf(what: usize, isNode: bool): Visit {
  return changetype<Visit>(isNode ? changetype<Node>(what).visit : changetype<Tensor>(what).autograd.visit)
}

function setVisit(what: usize, isNode: bool, v: Visit): void {
  if (isNode) changetype<Node>(what).visit = changetype<usize>(v)
  else changetype<Tensor>(what).autograd.visit = changetype<usize>(v)
}

/** An edge leads to `what`. While counting it is counted, and the target is visited once; later it is kept alive. */
function reach(what: usize, isNode: bool): void {
  // A tensor without an autograd record leads nowhere.
  if (!what || (!isNode && !changetype<usize>(changetype<Tensor>(what).autograd))) return
  let v = visitOf(what, isNode)
  if (!counting) {
    if (!v.live) keepAlive(v)
    return
  }
  if (changetype<usize>(v)) return
  v = changetype<Visit>(allocRecord(offsetof<Visit>(), Kind.Other))
  if (!changetype<usize>(v) || !stackPush(changetype<usize>(v))) {
    if (changetype<usize>(v)) freeRecord(changetype<usize>(v), offsetof<Visit>(), Kind.Other)
    complete = false
    return
  }
  v.what = what
  v.inside = 0
  v.isNode = isNode
  v.live = false
  v.next = visits
  visits = v
  setVisit(what, isNode, v)
}

function keepAlive(v: Visit): void {
  v.live = true
  if (!stackPush(changetype<usize>(v))) complete = false
}

/** Follows the references of everything on the work list. */
function traverse(): void {
  while (!stackEmpty() && complete) {
    const v = changetype<Visit>(stackTop())
    stackPop()
    if (v.isNode) fromNode(changetype<Node>(v.what))
    else fromTensor(changetype<Tensor>(v.what))
  }
}

function follow(what: usize, isNode: bool): void {
  reach(what, isNode)
  if (!counting || !complete || !what) return
  if (!isNode && !changetype<usize>(changetype<Tensor>(what).autograd)) return
  visitOf(what, isNode).inside++
}

function fromTensor(tensor: Tensor): void {
  const meta = tensor.autograd
  follow(changetype<usize>(meta.gradFn), true)
  follow(changetype<usize>(meta.grad), false)
  follow(changetype<usize>(meta.base), false)
}

function fromNode(node: Node): void {
  for (let i = 0; i < node.edgeCount; i++) follow(changetype<usize>(node.edgeNode(i)), true)
  for (let i = 0; i < node.savedCount; i++) follow(changetype<usize>(node.savedAt(i).data), false)
  follow(changetype<usize>(node.inner), true)
  follow(changetype<usize>(node.variable), false)
}
