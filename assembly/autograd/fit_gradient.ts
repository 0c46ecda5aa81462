// The engine's check of a gradient against what the forward looked like: un-broadcast, then cast (validate_outputs).
import { Err } from '../abi'
import { fail, failed, say } from '../error'
import { to } from '../ops/copy'
import { sumTo } from '../ops/reduce'
import { beginShape, sayShape, setShapeSize } from '../tensor/shape'
import { isNone, none, Tensor } from '../tensor/tensor'
import { isNoNode, Node, outputGeometry } from './node'

/**
 * `grad` as output `nr` of `target` looked: summed over broadcast dimensions, in its dtype. Null stays null. `maker`
 * and `index` are named if it cannot be: the node that computed `grad` and the place in its results.
 */
export function fitGradient(target: Node, nr: i32, grad: Tensor, maker: Node, index: i32): Tensor {
  if (isNone(grad) || failed()) return none()
  const geometry = outputGeometry(target, nr)
  const ndim = <i32>load<u8>(geometry, 1)
  if (!matches(grad, geometry, ndim)) {
    if (!reaches(grad, geometry, ndim)) {
      failShape(grad, geometry, ndim, maker, index)
      return none()
    }
    beginShape(ndim)
    for (let d = 0; d < ndim; d++) setShapeSize(d, sizeAt(geometry, d))
    grad = sumTo(grad)
  }
  return to(grad, load<u8>(geometry))
}

// @ts-ignore: decorator
@inline
function sizeAt(geometry: usize, dim: i32): i32 {
  return load<i32>(geometry + ((<usize>dim) << 2), 4)
}

function matches(grad: Tensor, geometry: usize, ndim: i32): bool {
  if (grad.ndim != ndim) return false
  for (let d = 0; d < ndim; d++) if (grad.size(d) != sizeAt(geometry, d)) return false
  return true
}

/** Can the forward's shape be expanded to the gradient's? */
function reaches(grad: Tensor, geometry: usize, ndim: i32): bool {
  const lead = grad.ndim - ndim
  if (lead < 0) return false
  for (let d = 0; d < ndim; d++) if (sizeAt(geometry, d) != 1 && sizeAt(geometry, d) != grad.size(d + lead)) return false
  return true
}

function failShape(grad: Tensor, geometry: usize, ndim: i32, maker: Node, index: i32): void {
  if (!fail(Err.InvalidGradShape)) return
  say(isNoNode(maker) ? -1 : maker.kind)
  say(changetype<usize>(maker))
  say(index)
  sayShape(grad)
  say(ndim)
  for (let d = 0; d < ndim; d++) say(sizeAt(geometry, d))
}
