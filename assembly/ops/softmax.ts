// softmax and log_softmax along a dimension. Their derivatives are ops too, as in PyTorch, with derivatives of their own.
import { DType, Err, NodeKind, Op } from '../abi'
import { recording } from '../autograd/history'
import { Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail, fail2, failDType, failed, say } from '../error'
import { isFloating } from '../tensor/dtype'
import { beginShape, sameShape, sayShape, setShapeSize, shapeOf, wrapDim } from '../tensor/shape'
import { isNone, none, Tensor } from '../tensor/tensor'
import { binary, mul } from './binary'
import { rowMajor } from './cast'
import { empty } from './create'
import { begin, cancel, finish, Save, spec } from './record'
import { sumDims } from './reduce'
import { neg, unary } from './unary'

/** The lines of a row-major tensor along a dimension: `before` blocks of `length` elements, each `after` apart. */
@unmanaged
class Lines {
  before: i32
  length: i32
  after: i32
}

const LINES = changetype<Lines>(memory.data(12, 4))

function linesOf(x: Tensor, d: i32): void {
  LINES.before = LINES.length = LINES.after = 1
  for (let k = 0; k < x.ndim; k++) {
    if (k < d) LINES.before *= x.size(k)
    else if (k == d) LINES.length = x.size(k)
    else LINES.after *= x.size(k)
  }
}

// e^x / sum e^x, or its logarithm; the largest element is subtracted first, and sums are in double precision.
function softmaxLines<T>(out: usize, x: usize, log: bool): void {
  const step = <usize>LINES.after * sizeof<T>()
  for (let b = 0; b < LINES.before; b++) {
    for (let a = 0; a < LINES.after; a++) {
      const start = (<usize>b * LINES.length * LINES.after + a) * sizeof<T>()
      let top = -Infinity
      for (let k = 0, at = x + start; k < LINES.length; k++, at += step) top = max<f64>(top, load<T>(at))
      let total: f64 = 0
      for (let k = 0, at = x + start; k < LINES.length; k++, at += step) total += NativeMath.exp(load<T>(at) - top)
      const lost = NativeMath.log(total)
      for (let k = 0, at = start; k < LINES.length; k++, at += step) {
        const away = <f64>load<T>(x + at) - top
        store<T>(out + at, <T>(log ? away - lost : NativeMath.exp(away) / total))
      }
    }
  }
}

// softmax: (g - sum(g y)) y; log_softmax: g - e^y sum(g)
function derivativeLines<T>(out: usize, g: usize, y: usize, log: bool): void {
  const step = <usize>LINES.after * sizeof<T>()
  for (let b = 0; b < LINES.before; b++) {
    for (let a = 0; a < LINES.after; a++) {
      const start = (<usize>b * LINES.length * LINES.after + a) * sizeof<T>()
      let total: f64 = 0
      for (let k = 0, at = start; k < LINES.length; k++, at += step) {
        total += log ? <f64>load<T>(g + at) : <f64>load<T>(g + at) * load<T>(y + at)
      }
      for (let k = 0, at = start; k < LINES.length; k++, at += step) {
        const up: f64 = load<T>(g + at)
        const own: f64 = load<T>(y + at)
        store<T>(out + at, <T>(log ? up - NativeMath.exp(own) * total : (up - total) * own))
      }
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
  const input = failed() ? none() : rowMajor(x)
  if (isNone(input)) return cancel(node)
  shapeOf(x)
  const out = empty(x.dtype)
  if (isNone(out)) return cancel(node)
  linesOf(x, d)
  if (x.dtype == DType.float32) softmaxLines<f32>(out.data, input.data, log)
  else softmaxLines<f64>(out.data, input.data, log)
  return finish(node, what, out, false)
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
  const up = failed() ? none() : rowMajor(g)
  const own = failed() ? none() : rowMajor(y)
  if (failed()) return cancel(node)
  shapeOf(y)
  const out = empty(y.dtype)
  if (isNone(out)) return cancel(node)
  linesOf(y, wrapDim(dim, y.ndim))
  if (y.dtype == DType.float32) derivativeLines<f32>(out.data, up.data, own.data, log)
  else derivativeLines<f64>(out.data, up.data, own.data, log)
  return finish(node, what, out, false)
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
