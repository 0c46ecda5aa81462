// The negative log likelihood: minus the element that the target names in each line, weighted by its class.
import { DType, Err, NodeKind, Op } from '../abi'
import { isNoNode, Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail, fail1, fail2, fail3, failDType, failed, say } from '../error'
import { isFloating } from '../tensor/dtype'
import { beginShape, sayShape, setShapeSize, shapeOf } from '../tensor/shape'
import { isNone, none, Tensor } from '../tensor/tensor'
import { rowMajor } from './cast'
import { empty, filled, full, zerosLike } from './create'
import { beginNode, cancel, finish, keep } from './record'

const enum Reduction {
  none,
  mean,
  sum,
}

// @ts-ignore: decorator
@inline
function targetAt(target: usize, i: i32): i64 {
  return load<i64>(target + ((<usize>i) << 3))
}

function losses<T>(out: usize, x: usize, target: usize, weight: usize, count: i32, classes: i32, ignored: i64, each: bool): f64 {
  let sum: f64 = 0
  let total: f64 = 0
  for (let i = 0; i < count; i++) {
    const named = targetAt(target, i)
    const counts = named != ignored
    const w: f64 = counts ? (weight ? <f64>load<T>(weight + <usize>named * sizeof<T>()) : 1) : 0
    const loss = counts ? -w * load<T>(x + (<usize>i * classes + <usize>named) * sizeof<T>()) : 0
    if (each) store<T>(out + <usize>i * sizeof<T>(), <T>loss)
    sum += loss
    total += w
  }
  if (!each) store<T>(out, <T>sum)
  return total
}

function spread<T>(
  out: usize, g: usize, step: usize, target: usize, weight: usize, count: i32, classes: i32, ignored: i64, share: f64,
): void {
  for (let i = 0; i < count; i++) {
    const named = targetAt(target, i)
    if (named == ignored) continue
    const w: f64 = weight ? <f64>load<T>(weight + <usize>named * sizeof<T>()) : 1
    store<T>(out + (<usize>i * classes + <usize>named) * sizeof<T>(), <T>(-w * load<T>(g + <usize>i * step) * share))
  }
}

function inRange(target: Tensor, classes: i32, ignored: i64): bool {
  for (let i = 0; i < <i32>target.numel; i++) {
    const named = targetAt(target.data, i)
    if (named == ignored || (named >= 0 && named < classes)) continue
    fail1(Err.TargetRange, <f64>named)
    return false
  }
  return true
}

/**
 * Do shapes and dtypes fit? The wrapper has told a caller in PyTorch's words; but what a node saved can have been changed
 * since, by unpack hooks or through `.data`.
 */
function agree(x: Tensor, target: Tensor, weight: Tensor): bool {
  const count = x.ndim == 2 ? x.size(0) : 1
  if (target.dtype != DType.int64) fail2(Err.BmmDType, DType.int64, target.dtype)
  else if (target.ndim > 1) fail(Err.NllTargets)
  else if (x.ndim == 0 || x.ndim > 2 || <i32>target.numel != count) {
    if (fail(Err.NllSizes)) {
      sayShape(x)
      sayShape(target)
    }
  } else if (!isFloating(x.dtype)) failDType(Op.NllLoss, x.dtype)
  else if (!isNone(weight) && weight.dtype != x.dtype) fail2(Err.BmmDType, x.dtype, weight.dtype)
  else if (!isNone(weight) && <i32>weight.numel != x.size(x.ndim - 1)) fail(Err.NllWeight)
  return !failed()
}

/** The same of what comes in, and of the total weight. */
function agreeToo(x: Tensor, g: Tensor, total: Tensor, each: bool): bool {
  if (total.numel != 1) {
    if (fail(Err.NllTotal)) {
      sayShape(total)
      say(total.numel)
    }
  } else if (g.dtype != x.dtype || total.dtype != x.dtype) {
    fail2(Err.BmmDType, x.dtype, g.dtype != x.dtype ? g.dtype : total.dtype)
  } else if (each && (g.ndim != 1 || g.size(0) != x.size(0))) {
    fail3(Err.NllGrads, x.size(0), g.ndim, g.ndim ? g.size(0) : 0)
  } else if (!each && g.numel != 1) {
    if (fail(Err.NllGrad)) sayShape(g)
  }
  return !failed()
}

/**
 * `x` (N, C) or (C), float; `target` (N) or one number, int64; `weight` (C) in x's dtype or null. Params of the node:
 * | reduction | ignore_index |.
 */
export function nllLoss(x: Tensor, target: Tensor, weight: Tensor, reduction: i32, ignored: f64): Tensor {
  if (failed() || !agree(x, target, weight)) return none()
  const classes = x.size(x.ndim - 1)
  const input = rowMajor(x)
  const names = rowMajor(target)
  const weights = rowMajor(weight)
  if (failed() || !inRange(names, classes, <i64>ignored)) return none()
  const node = beginNode(NodeKind.NllLossBackward0, x, none(), 4, 2)
  const each = reduction == Reduction.none
  beginShape(each && x.ndim == 2 ? 1 : 0)
  if (each && x.ndim == 2) setShapeSize(0, x.size(0))
  const out = empty(x.dtype)
  if (isNone(out)) return cancel(node)
  const count = x.ndim == 2 ? x.size(0) : 1
  const w: usize = isNone(weights) ? 0 : weights.data
  const total = x.dtype == DType.float32
    ? losses<f32>(out.data, input.data, names.data, w, count, classes, <i64>ignored, each)
    : losses<f64>(out.data, input.data, names.data, w, count, classes, <i64>ignored, each)
  if (reduction == Reduction.mean) {
    if (x.dtype == DType.float32) store<f32>(out.data, <f32>(load<f32>(out.data) / total))
    else store<f64>(out.data, load<f64>(out.data) / total)
  }
  if (isNoNode(node)) return out
  node.setParam(0, reduction)
  node.setParam(1, ignored)
  keep(node, 0, x)
  keep(node, 1, target)
  keep(node, 2, full(0, each && x.ndim == 2 ? 0 : total, x.dtype))
  if (!isNone(weight)) keep(node, 3, weight)
  return failed() ? cancel(node) : finish(node, 0, out, false)
}

/** The gradient of x from `g`, recorded: zeros but for what the targets name. */
function nllLossBackward(node: Node, g: Tensor): Tensor {
  const x = saved(node, 0)
  const target = saved(node, 1)
  const total = saved(node, 2)
  const weight = saved(node, 3)
  const each = node.param(0) == Reduction.none && x.ndim == 2
  if (failed() || !agree(x, target, weight) || !agreeToo(x, g, total, each)) return none()
  const up = rowMajor(g)
  const names = rowMajor(target)
  const weights = rowMajor(weight)
  if (failed() || !inRange(names, x.size(x.ndim - 1), <i64>node.param(1))) return none()
  const record = beginNode(NodeKind.NllLossBackwardBackward0, g, x, 3, 2)
  shapeOf(x)
  const out = failed() ? none() : filled(0, x.dtype)
  if (isNone(out)) return cancel(record)
  const count = x.ndim == 2 ? x.size(0) : 1
  const classes = x.size(x.ndim - 1)
  const ignored = <i64>node.param(1)
  const w: usize = isNone(weights) ? 0 : weights.data
  const single = x.dtype == DType.float32
  const sum: f64 = single ? load<f32>(total.data) : load<f64>(total.data)
  const share = node.param(0) == Reduction.mean ? 1 / sum : 1
  const step: usize = each ? (single ? 4 : 8) : 0
  if (single) spread<f32>(out.data, up.data, step, names.data, w, count, classes, ignored, share)
  else spread<f64>(out.data, up.data, step, names.data, w, count, classes, ignored, share)
  if (isNoNode(record)) return out
  record.setParam(0, node.param(0))
  record.setParam(1, node.param(1))
  keep(record, 0, target)
  keep(record, 1, total)
  if (!isNone(weight)) keep(record, 2, weight)
  return failed() ? cancel(record) : finish(record, 0, out, false)
}

export function nllLossVjp(node: Node, g: Tensor, index: i32): Tensor {
  if (node.kind == NodeKind.NllLossBackward0) return nllLossBackward(node, g)
  return index ? zerosLike(g) : nllLoss(g, saved(node, 0), saved(node, 2), <i32>node.param(0), node.param(1))
}
