// retain_grad: a non-leaf tensor that wants its gradient.
import { Op } from '../abi'
import { failed } from '../error'
import { binary } from '../ops/binary'
import { clone } from '../ops/copy'
import { isNone, retain, Tensor } from '../tensor/tensor'
import { metaOf, setGrad } from './meta'
import { Node } from './node'
import { newRetainer } from './retainer'

/** `tensor.retain_grad()` of a tensor whose node is `node`. False when memory ran out. */
export function retainGrad(tensor: Tensor, node: Node): bool {
  const meta = metaOf(tensor)
  if (!changetype<usize>(meta)) return false
  if (meta.retainsGrad) return true
  if (!newRetainer(node, tensor, meta.outputNr)) return false
  meta.retainsGrad = true
  return true
}

/** Gives the gradients at `slots` (the node's outputs, after tensor hooks) to the tensors that retain them. */
export function storeRetained(node: Node, slots: usize): bool {
  for (let r = node.retainers; changetype<usize>(r); r = r.next) {
    const grad = load<Tensor>(slots + ((<usize>r.outputNr) << 2))
    if (isNone(grad)) continue
    const meta = r.tensor.autograd
    const kept = isNone(meta.grad) ? clone(grad, true) : binary(Op.Add, meta.grad, grad)
    if (failed()) return false
    setGrad(r.tensor, retain(kept))
  }
  return true
}
