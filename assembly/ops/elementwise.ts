// What every elementwise op does around its kernel: the result's shape and layout, the checks of an in-place write.
import { DType, Err } from '../abi'
import { fail, fail2 } from '../error'
import { canCast } from '../tensor/dtype'
import { addOperand, beginPlan, Loop, strideLikeInputs, walk } from '../tensor/iterate'
import {
  broadcastWith, emptyOfShape, isDense, overlapsItself, overlapsPartly, refresh, sameShape, sameStrides, sayBuiltShape,
  sayShape, shapeIs, shapeOf,
} from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, reserveCounter, Tensor } from '../tensor/tensor'

/** PyTorch's result type of up to three operands: dimensioned tensors, then 0-dim ones, then Python scalars. */
export function resultType(a: Tensor, b: Tensor = none(), c: Tensor = none()): i32 {
  let dimensioned = -1
  let zeroDim = -1
  let scalar = -1
  for (let k = 0; k < 3; k++) {
    const t = k == 0 ? a : k == 1 ? b : c
    if (isNone(t)) continue
    if (t.ndim) dimensioned = max(dimensioned, t.dtype)
    else if (!t.wrapped) zeroDim = max(zeroDim, t.dtype)
    else scalar = max(scalar, t.dtype >= DType.float32 ? <i32>DType.float32 : t.dtype)
  }
  return over(dimensioned, over(zeroDim, scalar))
}

/** The higher-priority dtype (−1: nobody has this priority) once the lower joins: only a higher category changes it. */
function over(high: i32, low: i32): i32 {
  if (high < 0) return low
  if (low < 0) return high
  return high == DType.bool || (low >= DType.float32 && high < DType.float32) ? max(high, low) : high
}

/** Builds the operands' broadcast shape; false with BroadcastMismatch pending. */
export function broadcast(a: Tensor, b: Tensor = none(), c: Tensor = none()): bool {
  shapeOf(a)
  if (!isNone(b) && !broadcastWith(b)) return false
  return isNone(c) || broadcastWith(c)
}

/** Memory overlap of an in-place op's target with itself and with its inputs; false with the error pending. */
export function noOverlap(target: Tensor, b: Tensor = none(), c: Tensor = none()): bool {
  if (overlapsItself(target)) {
    fail(Err.OverlapSelf)
    return false
  }
  if ((!isNone(b) && overlapsPartly(b, target)) || (!isNone(c) && overlapsPartly(c, target))) {
    fail(Err.OverlapInput)
    return false
  }
  return true
}

/** Can `target` take a result of the built shape and of type `dtype`? Makes ready what writing it needs. */
export function fits(target: Tensor, dtype: i32): bool {
  if (!shapeIs(target)) {
    if (fail(Err.OutputShape)) {
      sayShape(target)
      sayBuiltShape()
    }
    return false
  }
  if (!canCast(dtype, target.dtype)) {
    fail2(Err.CastResult, dtype, target.dtype)
    return false
  }
  return reserveCounter(target)
}

/** An uninitialised result of the built shape, in the layout that PyTorch gives it. */
export function emptyResult(dtype: i32, a: Tensor, b: Tensor = none(), c: Tensor = none()): Tensor {
  const out = temp(emptyOfShape(dtype))
  if (isNone(out) || (fills(a, out) && fills(b, out) && fills(c, out))) return out
  if (isDense(a) && sameLayout(a, b) && sameLayout(a, c)) {
    for (let d = 0; d < a.ndim; d++) out.setDim(d, a.size(d), a.stride(d))
  } else {
    shapeOf(out)
    beginPlan()
    addOperand(a)
    if (!isNone(b)) addOperand(b)
    if (!isNone(c)) addOperand(c)
    strideLikeInputs(out)
  }
  refresh(out)
  return out
}

/** Row-major and of the result's very shape (or no operand): if all are, so is the result, small sizes or not. */
function fills(t: Tensor, out: Tensor): bool {
  return isNone(t) || (t.contiguous && (sameShape(t, out) || (t.ndim == 0 && !hasSmallSize(out))))
}

/** Of a dimension of size one or none the strides tell nothing. */
function hasSmallSize(t: Tensor): bool {
  for (let d = 0; d < t.ndim; d++) if (t.size(d) <= 1) return true
  return false
}

function sameLayout(a: Tensor, b: Tensor): bool {
  return isNone(b) || (sameShape(a, b) && sameStrides(a, b))
}

/** Runs a kernel over the output's shape. */
export function run(loop: Loop, out: Tensor, a: Tensor, b: Tensor = none(), c: Tensor = none()): void {
  shapeOf(out)
  beginPlan()
  addOperand(out)
  addOperand(a)
  if (!isNone(b)) addOperand(b)
  if (!isNone(c)) addOperand(c)
  walk(loop)
}
