// Ops along one dimension that see a whole line at a time: products of all others, medians, orders, softmaxes.
import { failed } from '../error'
import { itemShift } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { aliasOf, refresh } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { run } from './elementwise'

/** The line that a kernel works on: its length, and the steps of the operands along it in bytes. */
export let lineLength: i32 = 0
export let outStep: i32 = 0
export let inStep: i32 = 0
export let otherStep: i32 = 0

/**
 * Runs `loop` over the first elements of the lines of dimension `d` (a 0-dim tensor is one line of one). `out` may have
 * lines of another length, or none: size one along `d`; so may `other`.
 */
export function eachLine(loop: Loop, d: i32, out: Tensor, x: Tensor, other: Tensor = none()): void {
  if (failed()) return
  lineLength = x.ndim ? x.size(d) : 1
  outStep = stepOf(out, d)
  inStep = stepOf(x, d)
  otherStep = isNone(other) ? 0 : stepOf(other, d)
  const to = heads(out, d)
  const from = heads(x, d)
  const beside = isNone(other) ? other : heads(other, d)
  if (!failed()) run(loop, to, from, beside)
}

function stepOf(t: Tensor, d: i32): i32 {
  return t.ndim ? t.stride(d) << itemShift(t.dtype) : 0
}

/** A view of the first elements of all lines. */
function heads(t: Tensor, d: i32): Tensor {
  const view = temp(aliasOf(t, t.ndim))
  if (isNone(view)) return view
  for (let k = 0; k < t.ndim; k++) view.setDim(k, k == d ? 1 : t.size(k), t.stride(k))
  refresh(view)
  return view
}
