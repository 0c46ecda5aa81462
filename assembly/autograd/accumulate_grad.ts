// AccumulateGrad: where a gradient reaches a leaf (SEMANTICS D.4).
import { Err, Op } from '../abi'
import { fail, failed } from '../error'
import { binary } from '../ops/binary'
import { copy_ } from '../ops/copy'
import { aliasSame, emptyOfShape, isDense, refresh, shapeOf } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, retain, Tensor } from '../tensor/tensor'
import { metaOf, setGrad } from './meta'
import { gradModeEnabled } from './mode'
import { isNoNode, Node } from './node'
import { clone } from '../ops/copy'

/** Adds `grad` to the leaf's `.grad`. `unshared`: nobody but the engine holds `grad`, so its memory may be taken. */
export function accumulateGrad(node: Node, grad: Tensor, unshared: bool): bool {
  const leaf = node.variable
  if (isNone(grad)) return true
  const meta = metaOf(leaf)
  if (!changetype<usize>(meta)) return false
  if (!isNoNode(meta.gradFn)) {
    fail(Err.LeafMoved)
    return false
  }
  // It was detached since.
  if (!meta.requiresGrad) return true
  if (!isNone(meta.grad)) {
    if (!gradModeEnabled()) {
      binary(Op.Add, meta.grad, grad, true)
      return !failed()
    }
    const sum = binary(Op.Add, meta.grad, grad)
    if (isNone(sum)) return false
    setGrad(leaf, retain(sum))
    return true
  }
  const kept = !gradModeEnabled() && unshared && obeysLayout(grad, leaf) ? temp(aliasSame(grad)) : copyLike(grad, leaf)
  if (isNone(kept)) return false
  setGrad(leaf, retain(kept))
  return true
}

/** A gradient has its leaf's strides where those are dense, else row-major ones (accumulate_grad.h's contract). */
function obeysLayout(grad: Tensor, leaf: Tensor): bool {
  if (!isDense(leaf)) return grad.contiguous
  for (let d = 0; d < leaf.ndim; d++) {
    // A stride of 0 tells an expanded view even where it does no harm: its storage is somebody else's.
    if (leaf.size(d) == 1 ? grad.stride(d) == 0 : grad.stride(d) != leaf.stride(d)) return false
  }
  return true
}

function copyLike(grad: Tensor, leaf: Tensor): Tensor {
  if (failed()) return none()
  if (!isDense(leaf)) return clone(grad, true)
  shapeOf(leaf)
  const out = temp(emptyOfShape(grad.dtype))
  if (isNone(out)) return out
  for (let d = 0; d < leaf.ndim; d++) out.setDim(d, leaf.size(d), leaf.stride(d))
  refresh(out)
  return copy_(out, grad)
}
