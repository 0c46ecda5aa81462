// softmax and log_softmax along a dimension. Their derivatives are ops too, as in PyTorch, with derivatives of their own.
import { DType, Err, NodeKind, Op } from '../abi'
import { recording } from '../autograd/history'
import { Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail, fail2, failDType, failed, say } from '../error'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { beginShape, sameShape, sayShape, setShapeSize, shapeOf, wrapDim } from '../tensor/shape'
import { isNone, none, Tensor } from '../tensor/tensor'
import { binary, mul } from './binary'
import { empty } from './create'
import { eachLine, inStep, lineLength, otherStep, outStep } from './lines'
import { begin, cancel, finish, Save, spec } from './record'
import { sumDims } from './reduce'
import { neg, unary } from './unary'

let logarithm = false

// e^x / sum e^x, or its logarithm; the largest element is subtracted first, and sums are in double precision.
function softmaxLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      let top = -Infinity
      for (let k = 0, at = a; k < lineLength; k++, at += inStep) top = max<f64>(top, load<T>(at))
      let total: f64 = 0
      for (let k = 0, at = a; k < lineLength; k++, at += inStep) total += NativeMath.exp(load<T>(at) - top)
      const lost = NativeMath.log(total)
      for (let k = 0, at = a, to = o; k < lineLength; k++, at += inStep, to += outStep) {
        const away = <f64>load<T>(at) - top
        store<T>(to, <T>(logarithm ? away - lost : NativeMath.exp(away) / total))
      }
      o += os
      a += as
    }
  }
}

// softmax: (g - sum(g y)) y; log_softmax: g - e^y sum(g)
function derivativeLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      let total: f64 = 0
      for (let k = 0, g = a, y = b; k < lineLength; k++, g += inStep, y += otherStep) {
        total += logarithm ? <f64>load<T>(g) : <f64>load<T>(g) * load<T>(y)
      }
      for (let k = 0, g = a, y = b, to = o; k < lineLength; k++, g += inStep, y += otherStep, to += outStep) {
        const up: f64 = load<T>(g)
        const own: f64 = load<T>(y)
        store<T>(to, <T>(logarithm ? up - NativeMath.exp(own) * total : (up - total) * own))
      }
      o += os
      a += as
      b += bs
    }
  }
}

function sub(a: Tensor, b: Tensor): Tensor {
  return binary(Op.Sub, a, b)
}

/** Of a float tensor: the wrapper has refused any other. Row-major. */
export function softmax(op: Op, x: Tensor, dim: i32): Tensor {
  const d = failed() ? -1 : wrapDim(dim, x.ndim)
  if (d < 0) return none()
  const log = op == Op.LogSoftmax
  const what = spec(log ? NodeKind.LogSoftmaxBackward0 : NodeKind.SoftmaxBackward0, Save.result)
  const node = begin(recording(x), what, 0, x, none(), false, 1)
  if (changetype<usize>(node)) node.setParam(0, dim)
  shapeOf(x)
  const out = empty(x.dtype)
  if (isNone(out)) return cancel(node)
  logarithm = log
  eachLine(x.dtype == DType.float32 ? softmaxLoop<f32>() : softmaxLoop<f64>(), d, out, x)
  return failed() ? cancel(node) : finish(node, what, out, false)
}

/** The result is what unpack hooks or `.data` made of it, the gradient anything that a node is called with. */
function agree(log: bool, g: Tensor, y: Tensor): bool {
  if (g.dtype != y.dtype) fail2(Err.BmmDType, g.dtype, y.dtype)
  else if (!isFloating(y.dtype)) failDType(Op.Softmax, y.dtype)
  else if (!sameShape(g, y) && fail(Err.SoftmaxSizes)) {
    say(log ? 1 : 0)
    sayShape(g)
    sayShape(y)
  }
  return !failed()
}

/** The gradient from `g`, that of the result `y`; recorded. */
function softmaxData(log: bool, g: Tensor, y: Tensor, dim: i32): Tensor {
  if (failed() || !agree(log, g, y) || wrapDim(dim, y.ndim) < 0) return none()
  const kind = log ? NodeKind.LogSoftmaxBackwardDataBackward0 : NodeKind.SoftmaxBackwardDataBackward0
  const both = Save.self | Save.other
  const what = spec(kind, both)
  const node = begin(recording(g, y), what, both, g, y, false, 1)
  if (changetype<usize>(node)) node.setParam(0, dim)
  shapeOf(y)
  const out = empty(y.dtype)
  if (isNone(out)) return cancel(node)
  logarithm = log
  eachLine(y.dtype == DType.float32 ? derivativeLoop<f32>() : derivativeLoop<f64>(), wrapDim(dim, y.ndim), out, g, y)
  return failed() ? cancel(node) : finish(node, what, out, false)
}

function sumAlong(x: Tensor, dim: i32): Tensor {
  if (failed()) return none()
  beginShape(1)
  setShapeSize(0, dim)
  return sumDims(x, true)
}

export function softmaxVjp(node: Node, g: Tensor, index: i32): Tensor {
  const dim = <i32>node.param(0)
  const first = saved(node, 0)
  switch (node.kind) {
    case NodeKind.SoftmaxBackward0:
      return softmaxData(false, g, first, dim)
    case NodeKind.LogSoftmaxBackward0:
      return softmaxData(true, g, first, dim)
    case NodeKind.SoftmaxBackwardDataBackward0: {
      const y = saved(node, 1)
      if (index == 0) return softmaxData(false, g, y, dim)
      const straight = sub(mul(first, g), mul(sumAlong(mul(y, first), dim), g))
      return sub(straight, mul(first, sumAlong(mul(y, g), dim)))
    }
    default: {
      const e = unary(Op.Exp, saved(node, 1))
      if (index == 0) return sub(g, sumAlong(mul(g, e), dim))
      return mul(mul(neg(sumAlong(first, dim)), e), g)
    }
  }
}
