// Variance and standard deviation, alone or with the mean: in two passes over doubles, rounded once.
import { DType, NodeKind, Op, Scalar } from '../abi'
import { recording, setHistory } from '../autograd/history'
import { isNoNode, Node, releaseNode, retainNode } from '../autograd/node'
import { saved, saveOutput } from '../autograd/saved'
import { failed } from '../error'
import { Loop } from '../tensor/iterate'
import { shapeNumel } from '../tensor/shape'
import { twoOutputs } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { add, binary, div, mul, mulNumber } from './binary'
import { cast } from './cast'
import { full, scalarTensor } from './create'
import { maskedFill } from './masked'
import { readSizes, writeSizes } from './movement'
import { begin, cancel, finish, Save, spec } from './record'
import {
  accumulated, countOver, dimParams, dimsIn, divided, mean, meanDims, over, readDims, spread, unreduced, wideSum, writeDims,
} from './reduce'
import { unary } from './unary'
import { where } from './where'

function squaresLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      const off = <f64>load<T>(a) - load<f64>(b)
      store<f64>(o, load<f64>(o) + off * off)
      o += os
      a += as
      b += bs
    }
  }
}

/** The mean over `dims` of the last call of `variance`, in x's dtype. */
let meanOut: Tensor = none()

function variance(x: Tensor, dims: u64, keepdim: bool, correction: f64, withMean: bool): Tensor {
  const count = countOver(x, dims)
  const means = divided(wideSum(x, dims, true), count)
  if (failed()) return none()
  const loop = x.dtype == DType.float32 ? squaresLoop<f32>() : squaresLoop<f64>()
  const squares = accumulated(x, dims, keepdim, 0, loop, means)
  meanOut = withMean ? cast(divided(wideSum(x, dims, keepdim), count), x.dtype) : none()
  return divided(squares, max<f64>(0, count - correction))
}

// The node's params: | count | dims | keepdim | over given dims? | correction | its kind, -1: not given | ndim | sizes |
function tail(node: Node): i32 {
  return <i32>node.param(0) + 2
}

function beginNode(x: Tensor, kind: NodeKind, saves: i32, keepdim: bool, given: bool, correction: f64, type: f64, outputs: i32 = 1): Node {
  const at = dimParams()
  const node = begin(recording(x), spec(kind, saves), Save.self, x, none(), false, at + 4 + x.ndim, outputs)
  if (isNoNode(node)) return node
  writeDims(node, keepdim)
  node.setParam(at, given ? 1 : 0)
  node.setParam(at + 1, correction)
  node.setParam(at + 2, type)
  writeSizes(node, at + 3, x)
  return node
}

/**
 * `x.var` or `x.std` over the built list of dims, empty for all; `given`: a list was. `type` is the kind of the correction
 * (a Scalar; -1: none was given, so it is 1). The wrapper has refused integers.
 */
export function varianceOf(op: Op, x: Tensor, given: bool, keepdim: bool, correction: f64, type: f64): Tensor {
  if (failed()) return none()
  const dims = dimsIn(x.ndim)
  if (failed()) return none()
  const std = op == Op.Std
  const kind = std ? NodeKind.StdBackward0 : NodeKind.VarBackward0
  const saves = std ? Save.self | Save.result : Save.self
  const node = beginNode(x, kind, saves, keepdim, given, correction, type)
  if (failed()) return none()
  const wide = variance(x, dims, keepdim, correction, false)
  const out = cast(std ? rooted(wide) : wide, x.dtype)
  return isNone(out) || failed() ? cancel(node) : finish(node, spec(kind, saves), out, false)
}

/** Variance (or deviation) and mean: two outputs of one node. How many; -1 with an error pending. */
export function varianceAndMean(op: Op, x: Tensor, given: bool, keepdim: bool, correction: f64, type: f64): i32 {
  if (failed()) return -1
  const dims = dimsIn(x.ndim)
  if (failed()) return -1
  const std = op == Op.StdMean
  const kind = std ? NodeKind.StdMeanBackward0 : NodeKind.VarMeanBackward0
  const node = beginNode(x, kind, std ? Save.self | Save.result : Save.self, keepdim, given, correction, type, 2)
  if (failed()) return -1
  const wide = variance(x, dims, keepdim, correction, true)
  const means = meanOut
  const narrow = cast(std ? rooted(wide) : wide, x.dtype)
  if (!failed() && !isNoNode(node)) {
    if (!std || saveOutput(node, 1, narrow)) {
      if (setHistory(narrow, retainNode(node), 0)) setHistory(means, retainNode(node), 1)
    }
  }
  if (!isNoNode(node)) releaseNode(node)
  return twoOutputs(narrow, means)
}

function rooted(x: Tensor): Tensor {
  return failed() ? none() : unary(Op.Sqrt, x)
}

/** From the gradients at `slots`, the second that of the mean. */
export function varianceVjp(node: Node, slots: usize): Tensor {
  const kind = node.kind
  const std = kind == NodeKind.StdBackward0 || kind == NodeKind.StdMeanBackward0
  const g = load<Tensor>(slots)
  const withMean = kind == NodeKind.VarMeanBackward0 || kind == NodeKind.StdMeanBackward0
  const gMean = withMean ? load<Tensor>(slots, 4) : none()
  const ofMean = isNone(gMean) ? gMean : shareOfMean(node, gMean)
  if (isNone(g) || failed()) return ofMean
  let own = g
  if (std) {
    const result = saved(node, 1)
    const atZero = binary(Op.Eq, result, scalarTensor(0, Scalar.int))
    own = maskedFill(div(g, mulNumber(result, 2)), atZero, scalarTensor(0, Scalar.int), true)
  }
  const share = deviation(node, saved(node, 0), own)
  return isNone(ofMean) ? share : add(share, ofMean)
}

/** 2 / (n - correction) g (x - mean(x)). */
function deviation(node: Node, x: Tensor, g: Tensor): Tensor {
  if (failed()) return none()
  const at = tail(node)
  readDims(node)
  // PyTorch counts one element where an empty list of dims was given.
  const count = node.param(at) != 0 && node.param(0) == 0 ? 1 : countOver(x, dimsIn(x.ndim))
  const freedom = count - node.param(at + 1)
  if (x.ndim == 0 || node.param(at) == 0) {
    if (freedom > 0) return mul(mulNumber(g, 2 / freedom), binary(Op.Sub, x, mean(x)))
    return mul(g, where(binary(Op.Eq, x, mean(x)), full(0, NaN, x.dtype), full(0, Infinity, x.dtype)))
  }
  const grad = mulNumber(x.ndim > 1 ? unreduced(node, g, x.ndim) : g, 2 / freedom)
  readDims(node)
  return mul(grad, binary(Op.Sub, x, meanDims(x, true)))
}

function shareOfMean(node: Node, g: Tensor): Tensor {
  const grad = spread(node, g, tail(node) + 3)
  if (failed()) return none()
  readSizes(node, tail(node) + 3)
  return over(grad, <f64>shapeNumel() / <f64>max(g.numel, 1))
}
