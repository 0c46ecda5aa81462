// repeat: the tensor side by side with itself, any number of times along every dimension.
import { Err, NodeKind } from '../abi'
import { setHistory } from '../autograd/history'
import { isNoNode, Node } from '../autograd/node'
import { fail, failed, say } from '../error'
import { beginShape, refresh, sayBuiltShape, setShapeSize, shapeNdim, shapeSize } from '../tensor/shape'
import { isNone, none, Tensor } from '../tensor/tensor'
import { copyInto } from './cast'
import { empty, filled } from './create'
import { alias, begin, drop, readSizes } from './movement'
import { sumDims } from './reduce'
import { reshape } from './reshape'

/** `x.repeat(times)`, the times being the built shape; those beyond x's dimensions come first. Recorded. */
export function repeat(x: Tensor): Tensor {
  const ndim = shapeNdim()
  const skip = ndim - x.ndim
  if (!failed() && skip < 0) fail(Err.RepeatFewer)
  if (failed()) return none()
  const node = begin(NodeKind.RepeatBackward0, x, 1 + ndim, true)
  if (!isNoNode(node)) node.setParam(0, ndim)
  let several = 0
  for (let d = 0; d < ndim; d++) {
    const times = shapeSize(d)
    if (!isNoNode(node)) node.setParam(1 + d, times)
    if (times != 1) several++
    const size = <i64>times * (d < skip ? 1 : x.size(d - skip))
    setShapeSize(d, <i32>min<i64>(max<i64>(size, i32.MIN_VALUE), i32.MAX_VALUE))
  }
  if (negative()) return drop(node)
  const out = empty(x.dtype)
  if (isNone(out)) return drop(node)
  if (out.numel) {
    // A repeated dimension of the result is two: how often, and what. The source has one element in the first.
    const spot = alias(out, ndim + several)
    const source = alias(x, ndim + several)
    if (isNone(source)) return drop(node)
    for (let d = 0, k = 0; d < ndim; d++, k++) {
      const size = d < skip ? 1 : x.size(d - skip)
      if (out.size(d) != size) {
        spot.setDim(k, out.size(d) / size, size * out.stride(d))
        source.setDim(k++, 1, 0)
      }
      spot.setDim(k, size, out.stride(d))
      source.setDim(k, size, d < skip ? 0 : x.stride(d - skip))
    }
    refresh(spot)
    refresh(source)
    copyInto(spot, source)
  }
  return isNoNode(node) || setHistory(out, node) ? out : none()
}

/** Whether the built shape has a negative size, with the error pending. */
function negative(): bool {
  for (let d = 0; d < shapeNdim(); d++) {
    if (shapeSize(d) >= 0) continue
    if (fail(Err.CreateNegative)) {
      say(shapeSize(d))
      sayBuiltShape()
    }
    return true
  }
  return failed()
}

/** The sum over all copies. The node's params: | count | times | ndim | sizes |. */
export function repeatVjp(node: Node, g: Tensor): Tensor {
  if (failed()) return none()
  const count = <i32>node.param(0)
  const sizes = 2 + count
  const ndim = <i32>node.param(sizes - 1)
  const skip = count - ndim
  for (let d = 0; d < count; d++) {
    if (node.param(1 + d) != 0) continue
    readSizes(node, sizes - 1)
    return filled(0, g.dtype)
  }
  for (let d = 0; d < skip; d++) {
    beginShape(1)
    setShapeSize(0, 0)
    g = sumDims(g, false)
  }
  let several = 0
  for (let d = 0; d < ndim; d++) if (node.param(1 + skip + d) != 1) several++
  if (failed() || !several || !beginShape(ndim + several)) return failed() ? none() : g
  for (let d = 0, k = 0; d < ndim; d++) {
    const times = <i32>node.param(1 + skip + d)
    if (times != 1) setShapeSize(k++, times)
    setShapeSize(k++, <i32>node.param(sizes + d))
  }
  g = reshape(g)
  beginShape(several)
  for (let d = 0, k = 0, i = 0; d < ndim; d++, k++) if (node.param(1 + skip + d) != 1) setShapeSize(i++, k++)
  return sumDims(g, false)
}
