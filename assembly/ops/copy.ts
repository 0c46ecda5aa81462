// Copies and writes: clone, dtype conversion, copy_, fill_, zero_, detach.
import { DType, Err, NodeKind } from '../abi'
import { mayWrite, recording } from '../autograd/history'
import { Node } from '../autograd/node'
import { fail, fail1, failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { emptyLike } from '../tensor/iterate'
import { aliasSame, emptyOfShape, overlapsItself, overlapsPartly, shapeOf } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { bump, isNone, none, reserveCounter, Tensor } from '../tensor/tensor'
import { cast, copyInto } from './cast'
import { fillWith, zerosLike } from './create'
import { broadcast, fits } from './elementwise'
import { numberIn } from './pow'
import { begin, cancel, finish, Save, spec, targetOf } from './record'
import { sum } from './reduce'

/** A copy in x's own layout where that is dense, else (or when `rowMajor`) row-major; recorded. */
export function clone(x: Tensor, rowMajor: bool = false): Tensor {
  if (failed()) return none()
  const what = spec(NodeKind.CloneBackward0, Save.nothing)
  const node = begin(recording(x), what, 0, x, none(), false)
  if (failed()) return none()
  shapeOf(x)
  const out = temp(rowMajor ? emptyOfShape(x.dtype) : emptyLike(x, x.dtype))
  if (isNone(out)) return cancel(node)
  copyInto(out, x)
  return finish(node, what, out, false)
}

/** `x` itself when it is row-major. */
export function contiguous(x: Tensor): Tensor {
  return failed() ? none() : x.contiguous ? x : clone(x, true)
}

/** `x` itself when it has the dtype, unless it `copies`; else a recorded conversion. */
export function to(x: Tensor, dtype: i32, copies: bool = false): Tensor {
  if (failed() || isNone(x)) return none()
  if (x.dtype == dtype && !copies) return x
  const what = spec(NodeKind.ToCopyBackward0, Save.nothing)
  const node = begin(recording(x) && isFloating(dtype), what, 0, x, none(), false, 1)
  if (failed()) return none()
  if (changetype<usize>(node)) node.setParam(0, x.dtype)
  const out = x.dtype == dtype ? targetOf(x, false, false) : cast(x, dtype)
  return isNone(out) ? cancel(node) : finish(node, what, out, false)
}

/** `target.copy_(source)`: broadcasts and casts; recorded as CopyBackwards. */
export function copy_(target: Tensor, source: Tensor): Tensor {
  if (failed()) return none()
  // What is written into integers has no gradient, and may be written into any view.
  const record = recording(target, source) && isFloating(target.dtype)
  if (record && !mayWrite(target)) return none()
  if (overlapsItself(target) || overlapsPartly(source, target)) {
    fail(overlapsItself(target) ? Err.OverlapSelf : Err.OverlapInput)
    return none()
  }
  // Every dtype may be copied into every other.
  if (!broadcast(target, source) || !fits(target, target.dtype)) return none()
  const what = spec(NodeKind.CopyBackwards, Save.nothing)
  const node = begin(record, what, 0, target, source, true, 1)
  if (failed()) return none()
  if (changetype<usize>(node)) node.setParam(0, source.dtype)
  copyInto(target, source)
  bump(target)
  return finish(node, what, target, true)
}

/** `x.fill_(value)`: a Python scalar (FillBackward2) or a 0-dim tensor (FillBackward3). */
export function fill_(x: Tensor, value: Tensor): Tensor {
  if (failed()) return none()
  const scalar = value.wrapped
  const record = scalar ? recording(x) : recording(x, value)
  if (record && !mayWrite(x)) return none()
  if (value.ndim) {
    fail1(Err.FillDims, value.ndim)
    return none()
  }
  // A number may fill what overlaps itself; a tensor is copied, and may not.
  if (!scalar && overlapsItself(x)) {
    fail(Err.OverlapSelf)
    return none()
  }
  if (!reserveCounter(x)) return none()
  const what = spec(scalar ? NodeKind.FillBackward2 : NodeKind.FillBackward3, Save.nothing)
  const node = begin(record && isFloating(x.dtype), what, 0, x, scalar ? none() : value, true)
  if (failed()) return none()
  if (x.dtype == DType.int64 && value.dtype == DType.int64) copyInto(x, value)
  else fillWith(x, numberIn(value))
  bump(x)
  return finish(node, what, x, true)
}

export function zero_(x: Tensor): Tensor {
  if (failed()) return none()
  const record = recording(x)
  if (record && !mayWrite(x)) return none()
  if (!reserveCounter(x)) return none()
  const what = spec(NodeKind.ZeroBackward0, Save.nothing)
  const node = begin(record && isFloating(x.dtype), what, 0, x, none(), true)
  if (failed()) return none()
  fillWith(x, 0)
  bump(x)
  return finish(node, what, x, true)
}

/** The same storage and version counter, outside the graph. */
export function detach(x: Tensor): Tensor {
  return failed() ? none() : temp(aliasSame(x))
}

export function copyVjp(node: Node, g: Tensor, index: i32): Tensor {
  switch (node.kind) {
    case NodeKind.CloneBackward0:
    case NodeKind.AliasBackward0:
      return g
    case NodeKind.ToCopyBackward0:
      return to(g, <i32>node.param(0))
    case NodeKind.CopyBackwards:
      return index ? to(g, <i32>node.param(0)) : zerosLike(g)
    case NodeKind.FillBackward3:
      return index ? sum(g) : zerosLike(g)
    default:
      return zerosLike(g)
  }
}
