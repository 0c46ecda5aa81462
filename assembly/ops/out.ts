// `out=`: a result that goes into a tensor which is there already.
import { Err } from '../abi'
import { fail2 } from '../error'
import { canCast } from '../tensor/dtype'
import { sameShape } from '../tensor/shape'
import { bump, reserveCounter, resizeAs, Tensor } from '../tensor/tensor'
import { copyInto } from './cast'
import { noOverlap } from './elementwise'

/** May `made` go into `out`, and does `input` (null: none) lie apart from it? */
export function mayWriteOut(out: Tensor, made: Tensor, input: Tensor): bool {
  if (!noOverlap(out, input)) return false
  if (!canCast(made.dtype, out.dtype)) {
    fail2(Err.CastResult, made.dtype, out.dtype)
    return false
  }
  return reserveCounter(out)
}

/** Writes `made` into `out`, which takes its shape if it has another. */
export function writeOut(out: Tensor, made: Tensor): bool {
  if (!sameShape(out, made) && !resizeAs(out, made)) return false
  copyInto(out, made)
  bump(out)
  return true
}
