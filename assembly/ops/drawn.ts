// What random numbers do to the graph. The numbers themselves are drawn outside the core (src/torch/random.ts).
import { Err, NodeKind } from '../abi'
import { mayWrite, recording } from '../autograd/history'
import { fail, failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { overlapsItself } from '../tensor/shape'
import { bump, none, reserveCounter, Tensor } from '../tensor/tensor'
import { copyInto } from './cast'
import { begin, finish, Save, spec } from './record'

/** `values`, fresh ones drawn for the probabilities `p`, as the result of a node of `kind`. */
export function drawn(p: Tensor, values: Tensor, kind: NodeKind): Tensor {
  if (failed()) return none()
  const what = spec(kind, Save.nothing)
  const node = begin(recording(p), what, 0, p, none(), false)
  return failed() ? none() : finish(node, what, values, false)
}

/** Writes `values` into `x`; `p`, of which they were drawn, may be null. */
export function drawn_(x: Tensor, values: Tensor, p: Tensor, kind: NodeKind): Tensor {
  if (failed()) return none()
  const record = recording(x, p)
  if (record && !mayWrite(x)) return none()
  if (overlapsItself(x)) {
    fail(Err.OverlapSelf)
    return none()
  }
  if (!reserveCounter(x)) return none()
  const what = spec(kind, Save.nothing)
  const node = begin(record && isFloating(x.dtype), what, 0, x, p, true)
  if (failed()) return none()
  copyInto(x, values)
  bump(x)
  return finish(node, what, x, true)
}
