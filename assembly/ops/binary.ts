// Elementwise functions of two tensors: arithmetic, comparison, and the derivatives that are ops of their own.
import { DType, Err, NodeKind, Op, Scalar } from '../abi'
import { mayWrite, recording } from '../autograd/history'
import { hasEdge } from '../autograd/meta'
import { Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail, fail1, failDType, failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { isNone, none, Tensor } from '../tensor/tensor'
import { binaryKernel, dividesByZero, setLimit } from './binary_kernels'
import { cast } from './cast'
import { scalarTensor, zerosLike } from './create'
import { broadcast, emptyResult, fits, noOverlap, resultType, run } from './elementwise'
import { begin, cancel, finish, Save, spec, wrote } from './record'
import { maskedFill } from './masked'
import { neg, unary } from './unary'
import { where } from './where'

// What each op records. Comparisons record nothing.
function specOf(op: Op, other: Tensor): i32 {
  switch (op) {
    case Op.Add:
      return spec(NodeKind.AddBackward0, Save.nothing)
    case Op.Sub:
      return spec(NodeKind.SubBackward0, Save.nothing)
    case Op.Rsub:
      return spec(other.wrapped ? NodeKind.RsubBackward1 : NodeKind.RsubBackward0, Save.nothing)
    case Op.Mul:
      return spec(NodeKind.MulBackward0, Save.self | Save.other)
    case Op.Div:
      return spec(NodeKind.DivBackward0, Save.self | Save.other)
    case Op.DivNone:
    case Op.DivTrunc:
    case Op.DivFloor:
      return spec(NodeKind.DivBackward2, Save.self | Save.other)
    case Op.Maximum:
      return spec(NodeKind.MaximumBackward0, Save.self | Save.other)
    case Op.Minimum:
      return spec(NodeKind.MinimumBackward0, Save.self | Save.other)
    case Op.TanhBackward:
      return spec(NodeKind.TanhBackwardBackward0, Save.self | Save.other)
    case Op.SigmoidBackward:
      return spec(NodeKind.SigmoidBackwardBackward0, Save.self | Save.other)
    case Op.ThresholdBackward:
      return spec(NodeKind.ThresholdBackwardBackward0, Save.other)
    default:
      return -1
  }
}

/** Which of the members the formulas will want: only those whose partner needs a gradient (`_saved_self` None else). */
function savesOf(op: Op, a: Tensor, b: Tensor): i32 {
  switch (op) {
    case Op.Mul:
      return (hasEdge(b) ? Save.self : 0) | (hasEdge(a) ? Save.other : 0)
    case Op.Div:
    case Op.DivNone:
    case Op.DivTrunc:
    case Op.DivFloor:
      return (hasEdge(b) ? Save.self : 0) | Save.other
    case Op.Maximum:
    case Op.Minimum:
      return Save.self | Save.other
    case Op.TanhBackward:
    case Op.SigmoidBackward:
      return (hasEdge(b) ? Save.self : 0) | Save.other
    case Op.ThresholdBackward:
      return Save.other
    default:
      return Save.nothing
  }
}

/** The gradients of both operands from `g`, the result's; null where nobody wants one. */
export function binaryVjp(node: Node, g: Tensor, index: i32): Tensor {
  switch (node.kind) {
    case NodeKind.AddBackward0:
      return index ? times(g, node.param(0)) : g
    case NodeKind.SubBackward0:
      return index ? times(neg(g), node.param(0)) : g
    case NodeKind.RsubBackward0:
    case NodeKind.RsubBackward1:
      return index ? g : times(neg(g), node.param(0))
    case NodeKind.AddBackward1:
    case NodeKind.SubBackward1:
      return g
    case NodeKind.MulBackward0:
      return mul(g, saved(node, 1 - index))
    case NodeKind.MulBackward1:
      return mulNumber(g, node.param(0))
    case NodeKind.DivBackward1:
      return divNumber(g, node.param(0))
    case NodeKind.DivBackward0:
    case NodeKind.DivBackward2: {
      if (node.kind == NodeKind.DivBackward2 && node.param(0)) return zerosLike(g)
      const other = saved(node, 1)
      if (!index) return div(g, other)
      return mul(neg(g), div(div(saved(node, 0), other), other))
    }
    case NodeKind.MaximumBackward0:
    case NodeKind.MinimumBackward0: {
      const self = saved(node, 0)
      const other = saved(node, 1)
      const loses = (node.kind == NodeKind.MaximumBackward0) == (index == 0) ? Op.Lt : Op.Gt
      const half = where(binary(Op.Eq, self, other), divNumber(g, 2), g)
      return maskedFill(half, binary(loses, self, other), scalarTensor(0, Scalar.int))
    }
    case NodeKind.TanhBackwardBackward0: {
      const r = saved(node, 1)
      if (!index) return binary(Op.TanhBackward, g, r)
      return mul(g, mul(mulNumber(r, -2), saved(node, 0)))
    }
    case NodeKind.SigmoidBackwardBackward0: {
      const r = saved(node, 1)
      if (!index) return binary(Op.SigmoidBackward, g, r)
      return mul(mul(g, saved(node, 0)), withNumber(Op.Add, mulNumber(r, -2), 1))
    }
    default:
      // ThresholdBackwardBackward0: the same mask for g; the input only chose it.
      return index ? zerosLike(g) : binary(Op.ThresholdBackward, g, saved(node, 0), false, node.param(0))
  }
}

/** `alpha * g`; `g` itself for 1. */
export function times(g: Tensor, alpha: f64): Tensor {
  return alpha == 1 ? g : mulNumber(g, alpha)
}

/**
 * `a op b`, broadcast and promoted, into `a` itself when `inplace`; recorded. `alpha` scales b of add and sub, a of rsub;
 * of threshold_backward it is the threshold.
 */
export function binary(op: Op, a: Tensor, b: Tensor, inplace: bool = false, alpha: f64 = 1): Tensor {
  if (failed()) return none()
  const what = specOf(op, b)
  const compares = what < 0
  const record = !compares && recording(a, b)
  if (inplace && recording(a, b) && !mayWrite(a)) return none()
  if (refuses(op, a, b)) return none()
  if (inplace && !noOverlap(a, b)) return none()
  if (op == Op.Rsub ? !broadcast(b, a) : !broadcast(a, b)) return none()
  const common = commonType(op, a, b)
  if (alpha != floor(alpha) && !isFloating(common)) {
    fail(Err.IntegerAlpha)
    return none()
  }
  const dtype = compares ? <i32>DType.bool : common
  if (inplace && !fits(a, dtype)) return none()
  if (rounds(op) && common == DType.bool) {
    failDType(op, common)
    return none()
  }
  const saves = record ? savesOf(op, a, b) : 0
  // The scalar overload of rsub has one differentiable input only.
  const second = op == Op.Rsub && b.wrapped ? none() : b
  const node = begin(record && isFloating(dtype), what, saves, a, second, inplace, 1)
  if (failed()) return none()
  if (changetype<usize>(node)) node.setParam(0, what >> 8 == NodeKind.DivBackward2 ? op - Op.DivNone : alpha)
  let left = cast(a, common)
  let right = cast(b, common)
  if (failed()) return cancel(node)
  broadcast(a, b)
  // An operand in another dtype has the layout of its conversion.
  const out = inplace && dtype == a.dtype ? a : emptyResult(dtype, left, right)
  if (op == Op.ThresholdBackward) setLimit(alpha)
  else if (alpha != 1 && !failed()) {
    if (op == Op.Rsub) left = computed(Op.Mul, left, alpha)
    else right = computed(Op.Mul, right, alpha)
  }
  if (failed()) return cancel(node)
  if (rounds(op) && !isFloating(common) && dividesByZero(common, out, left, right)) {
    fail(Err.ZeroDivision)
    return cancel(node)
  }
  // a > b is b < a
  if (op == Op.Gt || op == Op.Ge) run(binaryKernel(op, common), out, right, left)
  else run(binaryKernel(op, common), out, left, right)
  return finish(node, what, inplace ? wrote(a, out) : out, inplace)
}

function scalarKind(op: Op): NodeKind {
  switch (op) {
    case Op.Add:
      return NodeKind.AddBackward1
    case Op.Sub:
      return NodeKind.SubBackward1
    case Op.Mul:
      return NodeKind.MulBackward1
    default:
      return NodeKind.DivBackward1
  }
}

/** `a op value` in a's own dtype, not recorded. */
function computed(op: Op, a: Tensor, value: f64): Tensor {
  const number = cast(scalarTensor(value, Scalar.float), a.dtype)
  broadcast(a)
  const out = emptyResult(a.dtype, a)
  if (!failed()) run(binaryKernel(op, a.dtype), out, a, number)
  return out
}

function commonType(op: Op, a: Tensor, b: Tensor): i32 {
  const dtype = resultType(a, b)
  return (op == Op.Div || op == Op.DivNone) && !isFloating(dtype) ? <i32>DType.float32 : dtype
}

function rounds(op: Op): bool {
  return op == Op.DivTrunc || op == Op.DivFloor
}

/** Subtraction of truth values is refused, with a hint that depends on whether both are. */
function refuses(op: Op, a: Tensor, b: Tensor): bool {
  if (op != Op.Sub && op != Op.Rsub) return false
  const both = a.dtype == DType.bool && b.dtype == DType.bool
  if (!both && a.dtype != DType.bool && b.dtype != DType.bool) return false
  fail1(Err.BoolSubtract, both ? 1 : 0)
  return true
}

// @ts-ignore: decorator
@inline
export function add(a: Tensor, b: Tensor): Tensor {
  return binary(Op.Add, a, b)
}

// @ts-ignore: decorator
@inline
export function mul(a: Tensor, b: Tensor): Tensor {
  return binary(Op.Mul, a, b)
}

// @ts-ignore: decorator
@inline
export function div(a: Tensor, b: Tensor): Tensor {
  return binary(Op.Div, a, b)
}

/** `a * value` as a formula writes it: the scalar overload, whose node is MulBackward1. */
export function mulNumber(a: Tensor, value: f64): Tensor {
  return withNumber(Op.Mul, a, value)
}

/** `a / value` likewise: DivBackward1. */
export function divNumber(a: Tensor, value: f64): Tensor {
  return withNumber(Op.Div, a, value)
}

/** add, sub, mul or div by a number as a formula writes them: the scalar overloads, with nodes of their own. */
export function withNumber(op: Op, a: Tensor, value: f64): Tensor {
  if (failed()) return none()
  if (op == Op.Sub && a.dtype == DType.bool) {
    fail1(Err.BoolSubtract, 0)
    return none()
  }
  const what = spec(scalarKind(op), Save.nothing)
  const node = begin(recording(a), what, 0, a, none(), false, 1)
  if (changetype<usize>(node)) node.setParam(0, value)
  const out = failed() ? none() : computed(op, a, value)
  return isNone(out) || failed() ? cancel(node) : finish(node, what, out, false)
}
