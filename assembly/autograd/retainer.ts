// The list of a node's outputs that retain their gradient (retain_grad.ts). It does not own the tensors: a tensor takes
// itself off when it goes or gets another node.
//
//   0        4          8
//   | tensor | outputNr | next |
import { Err, Kind } from '../abi'
import { fail1 } from '../error'
import { allocRecord, freeRecord } from '../memory/alloc'
import { Tensor } from '../tensor/tensor'
import { Node } from './node'

@unmanaged
export class Retainer {
  tensor: Tensor
  outputNr: u32
  next: Retainer
}

/** Puts `tensor` on the node's list. False when memory ran out. */
export function newRetainer(node: Node, tensor: Tensor, outputNr: u32): bool {
  const retainer = changetype<Retainer>(allocRecord(offsetof<Retainer>(), Kind.Other))
  if (!changetype<usize>(retainer)) {
    fail1(Err.OutOfMemory, offsetof<Retainer>())
    return false
  }
  retainer.tensor = tensor
  retainer.outputNr = outputNr
  retainer.next = node.retainers
  node.retainers = retainer
  return true
}

/** Takes `tensor` off the node's list and returns its entry, null if it was not there. */
function unlink(node: Node, tensor: Tensor): Retainer {
  let before = changetype<Retainer>(0)
  for (let r = node.retainers; changetype<usize>(r); r = r.next) {
    if (r.tensor === tensor) {
      if (changetype<usize>(before)) before.next = r.next
      else node.retainers = r.next
      return r
    }
    before = r
  }
  return changetype<Retainer>(0)
}

/** The tensor goes. An earlier node has it if `node` only reshaped it in place (t_, squeeze_, ...). */
export function dropRetainer(node: Node, tensor: Tensor): void {
  while (changetype<usize>(node)) {
    const retainer = unlink(node, tensor)
    if (changetype<usize>(retainer)) {
      freeRecord(changetype<usize>(retainer), offsetof<Retainer>(), Kind.Other)
      return
    }
    node = node.edgeCount ? node.edgeNode(0) : changetype<Node>(0)
  }
}

/** An op in place gave the tensor another node: its gradient is the one of the new value. */
export function moveRetainer(from: Node, to: Node, tensor: Tensor, outputNr: u32): void {
  const retainer = unlink(from, tensor)
  if (!changetype<usize>(retainer)) return
  retainer.outputNr = outputNr
  retainer.next = to.retainers
  to.retainers = retainer
}

/** The node goes. */
export function freeRetainers(node: Node): void {
  let r = node.retainers
  while (changetype<usize>(r)) {
    const next = r.next
    freeRecord(changetype<usize>(r), offsetof<Retainer>(), Kind.Other)
    r = next
  }
}
