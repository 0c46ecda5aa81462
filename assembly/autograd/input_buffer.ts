// What arrives at a node's outputs before it runs, one tensor each, summed in order of arrival.
import { Op } from '../abi'
import { failed } from '../error'
import { binary } from '../ops/binary'
import { isDense, sameShape } from '../tensor/shape'
import { drain, mark } from '../tensor/temps'
import { isNone, release, retain, Tensor } from '../tensor/tensor'
import { gradModeEnabled } from './mode'

/** Adds `grad` (not owned) to the slot at address `slot`, which owns its tensor. False with an error pending. */
export function accumulate(slot: usize, grad: Tensor): bool {
  if (isNone(grad)) return true
  const old = load<Tensor>(slot)
  if (isNone(old)) {
    store<Tensor>(slot, retain(grad))
    return true
  }
  // Nobody else can see `old`: its memory takes the sum.
  if (
    !gradModeEnabled() && old.refcount == 1 && old.storage.refcount == 1 && old.dtype == grad.dtype &&
    isDense(old) && sameShape(old, grad)
  ) {
    binary(Op.Add, old, grad, true)
    return !failed()
  }
  const before = mark()
  const sum = binary(Op.Add, old, grad)
  if (isNone(sum)) return false
  store<Tensor>(slot, retain(sum))
  // Nobody but the slot holds the sum from here, so the next gradient may be added to it in place.
  drain(before)
  release(old)
  return true
}
