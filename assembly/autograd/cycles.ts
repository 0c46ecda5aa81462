// Reference cycles among tensors and nodes. An op in place can close one (`t.div_(t.cos())`: t -> its new node -> the
// saved cosine -> its node -> the saved t), and so can `backward(create_graph)` (a leaf's `.grad` has a graph that ends
// at the leaf). PyTorch leaks these.
//
// What is new refers to what is older, so in a cycle there is a tensor that was given something newer: a node by a write
// in place, or a `.grad`. These few are the closers (closers.ts). `collectCycles` frees what only cycles keep alive among
// all that they can reach: trial deletion (Bacon and Rajan, 2001). While no closer lives it has nothing to do.
//
//   count   every reference between the objects that closers can reach
//   mark    what has a reference from elsewhere, and all that it reaches, as live
//   free    the rest, by cutting every tensor off its history
import { allocRecord, freeRecord } from '../memory/alloc'
import { Kind } from '../abi'
import { mark as top, temp, tempAt, drain } from '../tensor/temps'
import { isNone, none, release, retain, Tensor } from '../tensor/tensor'
import { closerAt, closerCount } from './closers'
import { setGrad } from './meta'
import { isNoNode, Node, noNode, releaseNode } from './node'
import { Packed } from './packed'
import { dropRetainer } from './retainer'
import { SavedFlag, SavedVariable } from './saved'
import { stackEmpty, stackPop, stackPush, stackTop, stackClear } from './queue'

//   0      4        8            12       16      17
//   | what | inside | next visit | before | node? | live? |
@unmanaged
class Visit {
  /** A Tensor (with an autograd record) or a Node. */
  what: usize
  /** References from objects that were visited. */
  inside: u32
  next: Visit
  /** What stood in the visited object's own field. */
  before: usize
  isNode: bool
  live: bool
}

let visits: Visit = changetype<Visit>(0)
let counting = false
let complete = true

let visited: u32 = 0

/** Frees what only cycles keep alive; how many objects it looked at. Runs out of memory gracefully: then nothing goes. */
export function collectCycles(): u32 {
  if (!closerCount()) return 0
  complete = true
  counting = true
  visited = 0
  for (let i: u32 = 0; i < closerCount() && complete; i++) reach(changetype<usize>(closerAt(i)), false)
  traverse()
  counting = false
  for (let v = visits; changetype<usize>(v); v = v.next) {
    if (complete && !v.live && references(v) > v.inside) keepAlive(v)
  }
  traverse()
  const garbage = top()
  for (let v = visits; changetype<usize>(v); ) {
    const next = v.next
    setVisit(v.what, v.isNode, v.before)
    if (complete && !v.live && !v.isNode) temp(retain(changetype<Tensor>(v.what)))
    freeRecord(changetype<usize>(v), offsetof<Visit>(), Kind.Other)
    v = next
  }
  visits = changetype<Visit>(0)
  stackClear()
  for (let i = garbage; i < top(); i++) cutOff(tempAt(i))
  drain(garbage)
  return visited
}

/** Takes a tensor out of every cycle: no history, no gradient, no base. */
function cutOff(tensor: Tensor): void {
  const meta = tensor.autograd
  const maker = meta.gradFn
  const base = meta.base
  if (meta.retainsGrad && !isNoNode(maker)) dropRetainer(maker, tensor)
  meta.gradFn = noNode()
  meta.base = none()
  setGrad(tensor, none())
  if (!isNoNode(maker)) releaseNode(maker)
  if (!isNone(base)) release(base)
}

function references(v: Visit): u32 {
  return v.isNode ? changetype<Node>(v.what).refcount : changetype<Tensor>(v.what).refcount
}

function visitField(what: usize, isNode: bool): usize {
  return isNode ? changetype<Node>(what).visit : changetype<Tensor>(what).autograd.visit
}

function setVisit(what: usize, isNode: bool, field: usize): void {
  if (isNode) changetype<Node>(what).visit = field
  else changetype<Tensor>(what).autograd.visit = field
}

/** Null for what was not visited yet: then the field is 0, or a closer's odd number. */
function visitOf(what: usize, isNode: bool): Visit {
  const field = visitField(what, isNode)
  return changetype<Visit>(field & 1 ? <usize>0 : field)
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
  v.before = visitField(what, isNode)
  visits = v
  visited++
  setVisit(what, isNode, changetype<usize>(v))
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
  const accumulator = meta.accumulator
  if (!isNoNode(accumulator) && accumulator.variable !== tensor) follow(changetype<usize>(accumulator), true)
}

function fromSaved(saved: SavedVariable): void {
  if (!(saved.flags & SavedFlag.packed)) return follow(changetype<usize>(saved.data), false)
  const packed = changetype<Packed>(saved.data)
  follow(changetype<usize>(packed.tensor), false)
  follow(changetype<usize>(packed.maker), true)
}

function fromNode(node: Node): void {
  for (let i = 0; i < node.edgeCount; i++) follow(changetype<usize>(node.edgeNode(i)), true)
  for (let i = 0; i < node.savedCount; i++) fromSaved(node.savedAt(i))
  follow(changetype<usize>(node.inner), true)
  follow(changetype<usize>(node.variable), false)
}
