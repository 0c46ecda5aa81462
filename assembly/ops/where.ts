// where(condition, a, b): the gradient goes to the branch that was taken.
import { DType, Err, NodeKind } from '../abi'
import { recording, setEdgeTo, setHistory } from '../autograd/history'
import { isNoNode, newNode, Node, releaseNode } from '../autograd/node'
import { saved, saveInput } from '../autograd/saved'
import { fail1, failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { isNone, none, Tensor } from '../tensor/tensor'
import { cast } from './cast'
import { full } from './create'
import { broadcast, emptyResult, resultType, run } from './elementwise'

function whereLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      store<T>(o, load<u8>(a) ? load<T>(b) : load<T>(c))
      o += os
      a += as
      b += bs
      c += cs
    }
  }
}

function kernel(dtype: i32): Loop {
  if (dtype == DType.bool) return whereLoop<u8>()
  return dtype == DType.int32 || dtype == DType.float32 ? whereLoop<u32>() : whereLoop<u64>()
}

/** Elements of `a` where `condition` holds, else of `b`; recorded. */
export function where(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  if (failed()) return none()
  if (condition.dtype != DType.bool) {
    fail1(Err.WhereCondition, condition.dtype)
    return none()
  }
  if (!broadcast(condition, a, b)) return none()
  const dtype = resultType(a, b)
  const yes = cast(a, dtype)
  const no = cast(b, dtype)
  if (failed() || !broadcast(condition, a, b)) return none()
  const out = emptyResult(dtype, condition, yes, no)
  if (failed()) return none()
  run(kernel(dtype), out, condition, yes, no)
  if (!isFloating(dtype) || !recording(a, b)) return out
  const node = newNode(NodeKind.WhereBackward0, 2, 1, 0)
  if (isNoNode(node)) return none()
  if (!setEdgeTo(node, 0, a) || !setEdgeTo(node, 1, b)) {
    releaseNode(node)
    return none()
  }
  if (!saveInput(node, 0, condition)) {
    releaseNode(node)
    return none()
  }
  return setHistory(out, node) ? out : none()
}

export function whereVjp(node: Node, g: Tensor, index: i32): Tensor {
  const condition = saved(node, 0)
  const zero = isNone(g) ? none() : full(0, 0, g.dtype)
  return index ? where(condition, zero, g) : where(condition, g, zero)
}
