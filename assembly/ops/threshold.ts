// threshold(x, t, v): v where x is at most t, else x. (Its derivative, threshold_backward, is relu's too: binary.ts.)
import { DType, NodeKind, Op } from '../abi'
import { mayWrite, recording } from '../autograd/history'
import { Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { failDType, failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { none, Tensor } from '../tensor/tensor'
import { binary } from './binary'
import { broadcast, emptyResult, fits, run } from './elementwise'
import { begin, cancel, finish, Save, spec, wrote } from './record'

let limit: f64 = 0
let substitute: f64 = 0

function thresholdLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    const most = <T>limit
    const value = <T>substitute
    for (; n > 0; n--) {
      const x = load<T>(a)
      store<T>(o, x <= most ? value : x)
      o += os
      a += as
    }
  }
}

function kernel(dtype: i32): Loop {
  switch (dtype) {
    case DType.int32:
      return thresholdLoop<i32>()
    case DType.int64:
      return thresholdLoop<i64>()
    case DType.float32:
      return thresholdLoop<f32>()
    default:
      return thresholdLoop<f64>()
  }
}

/** Recorded; into `x` itself when `inplace`. `kind`: the Scalar that `most` was. */
export function threshold(x: Tensor, most: f64, value: f64, kind: i32, inplace: bool): Tensor {
  if (failed()) return none()
  const record = recording(x)
  if (inplace && record && !mayWrite(x)) return none()
  if (x.dtype == DType.bool) {
    failDType(Op.Threshold, x.dtype)
    return none()
  }
  broadcast(x)
  // Written twice, an element stays what it was: an expanded tensor will do.
  if (inplace && !fits(x, x.dtype)) return none()
  const what = spec(inplace ? NodeKind.ThresholdBackward1 : NodeKind.ThresholdBackward0, Save.self)
  const node = begin(record && isFloating(x.dtype), what, Save.self, x, none(), inplace, 2)
  if (failed()) return none()
  if (changetype<usize>(node)) {
    node.setParam(0, most)
    node.setParam(1, kind)
  }
  broadcast(x)
  const out = inplace ? x : emptyResult(x.dtype, x)
  if (failed()) return cancel(node)
  limit = most
  substitute = value
  run(kernel(x.dtype), out, x)
  return finish(node, what, inplace ? wrote(x, out) : out, inplace)
}

export function thresholdVjp(node: Node, g: Tensor): Tensor {
  return binary(Op.ThresholdBackward, g, saved(node, 0), false, node.param(0))
}
