// scatter_reduce and index_reduce: what meets at one place is summed, multiplied or averaged, or the extreme wins. The
// two differ only in how an index names places: one for every element, or a vector of slices.
import { DType, Err, NodeKind, Op, Reduce, Scalar } from '../abi'
import { mayWrite, recording, setEdgeTo, setHistory } from '../autograd/history'
import { isNoNode, newNode, Node, releaseNode } from '../autograd/node'
import { packing } from '../autograd/packed'
import { saved } from '../autograd/saved'
import { failDType, failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { wrapDim } from '../tensor/shape'
import { isNone, none, Tensor } from '../tensor/tensor'
import { binary, div, mul } from './binary'
import { cast, rowMajor } from './cast'
import { clone, detach } from './copy'
import { filledLike, full, scalarTensor } from './create'
import { run } from './elementwise'
import { gather, meetOver, scatter, scatterFits } from './gather'
import { indexAdd, indexFill, indexSelect, isVector, meetAlong, separate, sourceFits } from './index_dim'
import { maskedFill } from './masked'
import { Meet, placesAlong, Range } from './places'
import { beginNode, cancel, finishTarget, keep, keepOld, Save, spec, targetOf } from './record'
import { where } from './where'

function isSlices(op: Op): bool {
  return op == Op.IndexReduce
}

/** `source` meets `target` where the index says. */
function meet(op: Op, target: Tensor, d: i32, index: Tensor, source: Tensor, places: Tensor, how: Meet): void {
  if (isSlices(op)) meetAlong(target, d, source, places, how)
  else meetOver(target, d, index, source, places, how)
}

function meeting(reduce: Reduce): Meet {
  if (reduce == Reduce.prod) return Meet.multiply
  return reduce == Reduce.amax ? Meet.larger : reduce == Reduce.amin ? Meet.smaller : Meet.add
}

/** What a reduction starts with where `x` itself does not take part. */
function start(reduce: Reduce, dtype: i32): Tensor {
  if (reduce == Reduce.prod) return full(0, 1, dtype)
  if (reduce == Reduce.sum || reduce == Reduce.mean) return full(0, 0, dtype)
  const least = reduce == Reduce.amax
  if (isFloating(dtype)) return full(0, least ? -Infinity : Infinity, dtype)
  const value = full(0, least ? 0 : 1, dtype)
  if (isNone(value)) return value
  if (dtype == DType.int32) store<i32>(value.data, least ? i32.MIN_VALUE : i32.MAX_VALUE)
  if (dtype == DType.int64) store<i64>(value.data, least ? i64.MIN_VALUE : i64.MAX_VALUE)
  return value
}

// Where nothing was counted nothing is divided. Integers are rounded down.
function averageLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      const total = load<T>(o)
      const count = load<T>(a)
      if (count != <T>0) {
        let mean = <T>(total / count)
        if (isInteger<T>() && total < <T>0 && mean * count != total) mean -= <T>1
        store<T>(o, mean)
      }
      o += os
      a += as
    }
  }
}

function averager(dtype: i32): Loop {
  if (dtype == DType.int32) return averageLoop<i32>()
  if (dtype == DType.int64) return averageLoop<i64>()
  return dtype == DType.float32 ? averageLoop<f32>() : averageLoop<f64>()
}

/** `x` reduced with `source`, where the index says; without `includeSelf` the old values there do not count. */
export function scatterReduce(
  op: Op, x: Tensor, dim: i32, index: Tensor, source: Tensor, reduce: Reduce, includeSelf: bool, inplace: bool = false,
): Tensor {
  if (failed()) return none()
  if (inplace && recording(x, source) && !mayWrite(x)) return none()
  const d = wrapDim(dim, x.ndim)
  if (d < 0) return none()
  if (isSlices(op) ? !isVector(op, index, false) || !sourceFits(op, x, d, index, source) : !scatterFits(x, d, index, source)) {
    return none()
  }
  if (inplace && !separate(x, index, source)) return none()
  if (reduce == Reduce.mean && x.dtype == DType.bool) {
    failDType(op, x.dtype)
    return none()
  }
  const out = targetOf(x, inplace, true)
  const form = isSlices(op) ? Range.select : Range.gather
  const places = index.numel ? placesAlong(out, d, index, false, form) : none()
  const kind = isSlices(op) ? NodeKind.IndexReduceBackward0 : NodeKind.ScatterReduceBackward0
  const node = beginNode(kind, x, source, 4, 3)
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    node.setParam(1, reduce)
    node.setParam(2, includeSelf ? 1 : 0)
    keep(node, 1, inplace ? clone(x) : x)
    keep(node, 2, index)
    keep(node, 3, source)
    if (inplace && packing() && !failed()) keepOld(node, 0, x)
  }
  if (index.numel && !failed()) {
    if (!includeSelf) meet(op, out, d, index, start(reduce, x.dtype), places, Meet.replace)
    meet(op, out, d, index, source, places, meeting(reduce))
    if (reduce == Reduce.mean) {
      // Laid out otherwise than a view, so with places of its own.
      const counts = filledLike(out, x.dtype, includeSelf ? 1 : 0)
      if (isNone(counts)) return cancel(node)
      meet(op, counts, d, index, full(0, 1, x.dtype), placesAlong(counts, d, index, false, form), Meet.add)
      if (!failed()) run(averager(x.dtype), out, counts)
    }
  }
  return finishTarget(node, out, inplace, spec(kind, Save.result))
}

/** The elements of `t` that the index names, in the shape of the source. */
function pick(op: Op, t: Tensor, dim: i32, index: Tensor): Tensor {
  return isSlices(op) ? indexSelect(t, dim, index) : gather(t, dim, index)
}

/** `t` with those of `source` added. */
function sow(op: Op, t: Tensor, dim: i32, index: Tensor, source: Tensor): Tensor {
  if (failed()) return none()
  return isSlices(op) ? indexAdd(t, dim, index, source) : scatter(Op.ScatterAdd, t, dim, index, source)
}

// @ts-ignore: decorator
@inline
function is(a: Tensor, b: Tensor): Tensor {
  return isNone(a) || isNone(b) ? none() : binary(Op.Eq, a, b)
}

function isNumber(a: Tensor, value: f64): Tensor {
  return is(a, scalarTensor(value, Scalar.int))
}

function fillOnes(t: Tensor, mask: Tensor): Tensor {
  return failed() ? none() : maskedFill(t, mask, scalarTensor(1, Scalar.int))
}

export function scatterReduceVjp(node: Node, g: Tensor, edge: i32): Tensor {
  const op = node.kind == NodeKind.IndexReduceBackward0 ? Op.IndexReduce : Op.ScatterReduce
  const result = saved(node, 0)
  const x = saved(node, 1)
  const index = saved(node, 2)
  const source = saved(node, 3)
  if (failed()) return none()
  const dim = <i32>node.param(0)
  const reduce = <Reduce>node.param(1)
  const includeSelf = node.param(2) != 0
  let grad = none()
  switch (reduce) {
    case Reduce.sum:
      grad = edge ? pick(op, g, dim, index) : g
      break
    case Reduce.prod:
      if (edge) return sourceOfProduct(op, g, x, dim, index, source, result, includeSelf)
      const others = fillOnes(x, isNumber(x, 0))
      grad = div2(mul2(g, scatterReduce(op, others, dim, index, source, reduce, includeSelf)), others)
      break
    case Reduce.mean: {
      const counts = sow(op, filledLike(g, g.dtype, includeSelf ? 1 : 0), dim, index, filledLike(source, g.dtype, 1))
      const n = fillOnes(counts, isNumber(counts, 0))
      grad = edge ? div2(pick(op, g, dim, index), pick(op, n, dim, index)) : div2(g, n)
      break
    }
    default: {
      // Ties share the gradient.
      const mine = is(x, result)
      const theirs = is(source, pick(op, result, dim, index))
      const share = div2(g, sow(op, cast(mine, x.dtype), dim, index, cast(theirs, x.dtype)))
      const winners = edge ? theirs : mine
      grad = mul2(isSlices(op) ? cast(winners, x.dtype) : winners, edge ? pick(op, share, dim, index) : share)
    }
  }
  if (edge || includeSelf || failed()) return grad
  const zero = scalarTensor(0, Scalar.int)
  return isSlices(op) ? indexFill(grad, dim, index, zero) : scatter(Op.Scatter, grad, dim, index, zero)
}

function mul2(a: Tensor, b: Tensor): Tensor {
  return failed() ? none() : mul(a, b)
}

function div2(a: Tensor, b: Tensor): Tensor {
  return failed() ? none() : div(a, b)
}

/** A product's gradient for its factors: a single zero gets the product of the others, so it is never divided by. */
function sourceOfProduct(
  op: Op, g: Tensor, x: Tensor, dim: i32, index: Tensor, source: Tensor, result: Tensor, includeSelf: bool,
): Tensor {
  const zeros = isNumber(source, 0)
  const counts = pick(op, sow(op, filledLike(x, x.dtype, 0), dim, index, cast(zeros, x.dtype)), dim, index)
  const onlyOne = isNumber(counts, 1)
  if (failed()) return none()
  const single = binary(Op.LogicalAnd, zeros, onlyOne)
  const without = scatterReduce(op, x, dim, index, fillOnes(source, single), Reduce.prod, includeSelf)
  const atZero = pick(op, mul2(g, without), dim, index)
  const elsewhere = div2(pick(op, mul2(g, result), dim, index), fillOnes(source, zeros))
  const grad = failed() ? none() : where(single, atZero, elsewhere)
  return isNone(grad) || !hasMore(counts) ? grad : withoutDerivative(grad, op)
}

/** Is any count above one? */
function hasMore(counts: Tensor): bool {
  const list = rowMajor(cast(counts, DType.float64))
  if (isNone(list)) return false
  for (let i: u32 = 0; i < list.numel; i++) if (load<f64>(list.data + ((<usize>i) << 3)) > 1) return true
  return false
}

/** The same values, with a node that fails when it runs (PyTorch's DelayedError). */
function withoutDerivative(t: Tensor, op: Op): Tensor {
  const out = detach(t)
  if (isNone(out) || !recording(t)) return out
  const node = newNode(NodeKind.Error, 1, 0, 1)
  if (isNoNode(node)) return none()
  node.setParam(0, op)
  if (setEdgeTo(node, 0, t)) return setHistory(out, node) ? out : none()
  releaseNode(node)
  return none()
}
