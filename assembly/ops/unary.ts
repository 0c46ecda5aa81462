// Elementwise functions of one tensor: each functor under its derivative, then the op and its vjp.
import { DType, Err, NodeKind, Op } from '../abi'
import { mayWrite, recording } from '../autograd/history'
import { Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail, failDType, failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { none, Tensor } from '../tensor/tensor'
import { binary, div, mul, mulNumber } from './binary'
import { cast } from './cast'
import { zerosLike } from './create'
import { broadcast, emptyResult, fits, noOverlap, run } from './elementwise'
import { Logit, setEps } from './logit'
import { doubleLoop, integerLoop, vectorLoop } from './loops'
import { begin, cancel, finish, Save, spec, wrote } from './record'
import { cos_f32x4, exp_f32x4, log_f32x4, sigmoid_f32x4, sin_f32x4, tanh_f32x4 } from './simd_math'

// neg: -g
@unmanaged
class Neg {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    return f32x4.neg(x)
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return -x
  }
  // @ts-ignore: decorator
  @inline i<T>(x: T): T {
    return <T>(<T>0 - x)
  }
}

// reciprocal: -g * (r * r)
@unmanaged
class Reciprocal {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    return f32x4.div(f32x4.splat(1), x)
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return 1 / x
  }
}

// abs: g * sgn(x)
@unmanaged
class Abs {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    return f32x4.abs(x)
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return abs(x)
  }
  // @ts-ignore: decorator
  @inline i<T>(x: T): T {
    return x < <T>0 ? <T>(<T>0 - x) : x
  }
}

// sgn: 0; of nan it is 0, as PyTorch's (0 < x) - (x < 0)
@unmanaged
class Sgn {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    const zero = f32x4.splat(0)
    const one = f32x4.splat(1)
    return f32x4.sub(v128.and(f32x4.gt(x, zero), one), v128.and(f32x4.lt(x, zero), one))
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return <f64>(<i32>(x > 0) - <i32>(x < 0))
  }
  // @ts-ignore: decorator
  @inline i<T>(x: T): T {
    return <T>(<i32>(x > <T>0) - <i32>(x < <T>0))
  }
}

// exp: g * r
@unmanaged
class Exp {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    return exp_f32x4(x)
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return NativeMath.exp(x)
  }
}

// log: g / x
@unmanaged
class Log {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    return log_f32x4(x)
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return NativeMath.log(x)
  }
}

// sqrt: g / (2 r)
@unmanaged
class Sqrt {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    return f32x4.sqrt(x)
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return sqrt(x)
  }
}

// sin: g * cos(x)
@unmanaged
class Sin {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    return sin_f32x4(x)
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return NativeMath.sin(x)
  }
}

// cos: g * -sin(x)
@unmanaged
class Cos {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    return cos_f32x4(x)
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return NativeMath.cos(x)
  }
}

// tanh: g * (1 - r * r)
@unmanaged
class Tanh {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    return tanh_f32x4(x)
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return NativeMath.tanh(x)
  }
}

// sigmoid: g * (1 - r) * r
@unmanaged
class Sigmoid {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    return sigmoid_f32x4(x)
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return 1 / (1 + NativeMath.exp(-x))
  }
}

// relu: g where r > 0; -0 and nan pass through the forward as they are
@unmanaged
class Relu {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    return v128.andnot(x, f32x4.lt(x, f32x4.splat(0)))
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    return x < 0 ? 0 : x
  }
  // @ts-ignore: decorator
  @inline i<T>(x: T): T {
    return x < <T>0 ? <T>0 : x
  }
}

/** The kernel of a function that is only defined on floats (integers become float32 first). */
function floatKernel<F>(dtype: i32): Loop {
  if (dtype == DType.float32) return vectorLoop<F>()
  return doubleLoop<F>()
}

/** The kernel of a function that keeps integers integral. */
function numberKernel<F>(dtype: i32): Loop {
  if (dtype == DType.int64) return integerLoop<F, i64>()
  if (dtype == DType.int32) return integerLoop<F, i32>()
  if (dtype == DType.bool) return integerLoop<F, u8>()
  return floatKernel<F>(dtype)
}

/** The loop of a unary op on an operand of `dtype`. */
export function unaryKernel(op: Op, dtype: i32): Loop {
  switch (op) {
    case Op.Neg:
      return numberKernel<Neg>(dtype)
    case Op.Reciprocal:
      return floatKernel<Reciprocal>(dtype)
    case Op.Abs:
      return numberKernel<Abs>(dtype)
    case Op.Sgn:
      return numberKernel<Sgn>(dtype)
    case Op.Exp:
      return floatKernel<Exp>(dtype)
    case Op.Log:
      return floatKernel<Log>(dtype)
    case Op.Sqrt:
      return floatKernel<Sqrt>(dtype)
    case Op.Sin:
      return floatKernel<Sin>(dtype)
    case Op.Cos:
      return floatKernel<Cos>(dtype)
    case Op.Tanh:
      return floatKernel<Tanh>(dtype)
    case Op.Sigmoid:
      return floatKernel<Sigmoid>(dtype)
    case Op.Logit:
      return floatKernel<Logit>(dtype)
    case Op.Relu:
      return numberKernel<Relu>(dtype)
    default:
      return unreachable()
  }
}

// What each op records.
function specOf(op: Op): i32 {
  switch (op) {
    case Op.Neg:
      return spec(NodeKind.NegBackward0, Save.nothing)
    case Op.Reciprocal:
      return spec(NodeKind.ReciprocalBackward0, Save.result)
    case Op.Abs:
      return spec(NodeKind.AbsBackward0, Save.self)
    case Op.Sgn:
      return spec(NodeKind.SgnBackward0, Save.self | Save.result)
    case Op.Exp:
      return spec(NodeKind.ExpBackward0, Save.result)
    case Op.Log:
      return spec(NodeKind.LogBackward0, Save.self)
    case Op.Sqrt:
      return spec(NodeKind.SqrtBackward0, Save.result)
    case Op.Sin:
      return spec(NodeKind.SinBackward0, Save.self)
    case Op.Cos:
      return spec(NodeKind.CosBackward0, Save.self)
    case Op.Tanh:
      return spec(NodeKind.TanhBackward0, Save.result)
    case Op.Sigmoid:
      return spec(NodeKind.SigmoidBackward0, Save.result)
    case Op.Logit:
      return spec(NodeKind.LogitBackward0, Save.self)
    default:
      return spec(NodeKind.ReluBackward0, Save.result)
  }
}

/** The gradient of the input from `g`, the result's. */
export function unaryVjp(node: Node, g: Tensor): Tensor {
  switch (node.kind) {
    case NodeKind.NegBackward0:
      return neg(g)
    case NodeKind.ReciprocalBackward0: {
      const r = saved(node, 0)
      return mul(neg(g), mul(r, r))
    }
    case NodeKind.AbsBackward0:
      return mul(g, unary(Op.Sgn, saved(node, 0)))
    case NodeKind.SgnBackward0:
      return zerosLike(g)
    case NodeKind.ExpBackward0:
      return mul(g, saved(node, 0))
    case NodeKind.LogBackward0:
      return div(g, saved(node, 0))
    case NodeKind.SqrtBackward0:
      return div(g, mulNumber(saved(node, 0), 2))
    case NodeKind.SinBackward0:
      return mul(g, unary(Op.Cos, saved(node, 0)))
    case NodeKind.CosBackward0:
      return mul(g, neg(unary(Op.Sin, saved(node, 0))))
    case NodeKind.TanhBackward0:
      return binary(Op.TanhBackward, g, saved(node, 0))
    case NodeKind.SigmoidBackward0:
      return binary(Op.SigmoidBackward, g, saved(node, 0))
    default:
      return binary(Op.ThresholdBackward, g, saved(node, 0), false, 0)
  }
}

/** The op on `x`, into `x` itself when `inplace`; recorded. `eps` is logit's, NaN for none. */
export function unary(op: Op, x: Tensor, inplace: bool = false, eps: f64 = NaN): Tensor {
  if (failed()) return none()
  const record = recording(x)
  if (inplace && record && !mayWrite(x)) return none()
  if (x.dtype == DType.bool && !takesBool(op)) return none()
  const dtype = isFloating(x.dtype) || keepsIntegers(op) ? x.dtype : <i32>DType.float32
  if (inplace) {
    broadcast(x)
    if (!noOverlap(x) || !fits(x, dtype)) return none()
  }
  const what = specOf(op)
  const node = begin(record && isFloating(dtype), what, what & 255, x, none(), inplace, op == Op.Logit ? 1 : 0)
  if (failed()) return none()
  if (op == Op.Logit) {
    setEps(eps, dtype == DType.float32)
    if (changetype<usize>(node)) node.setParam(0, eps)
  }
  const input = cast(x, dtype)
  if (failed()) return cancel(node)
  broadcast(x)
  const out = inplace && dtype == x.dtype ? x : emptyResult(dtype, input)
  if (failed()) return cancel(node)
  run(unaryKernel(op, dtype), out, input)
  return finish(node, what, inplace ? wrote(x, out) : out, inplace)
}

// @ts-ignore: decorator
@inline
export function neg(x: Tensor): Tensor {
  return unary(Op.Neg, x)
}

function keepsIntegers(op: Op): bool {
  return op == Op.Neg || op == Op.Abs || op == Op.Sgn || op == Op.Relu
}

function takesBool(op: Op): bool {
  if (op == Op.Neg) fail(Err.BoolNegate)
  else if (op == Op.Relu) fail(Err.BoolRelu)
  else if (op == Op.Abs) failDType(op, DType.bool)
  return !failed()
}
