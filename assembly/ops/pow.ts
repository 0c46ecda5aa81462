// pow and its three overloads: tensor^scalar, tensor^tensor, scalar^tensor; they differ in node, in what is saved, and
// in what the derivative does where it has no limit.
import { DType, Err, NodeKind, Op, Scalar } from '../abi'
import { mayWrite, recording } from '../autograd/history'
import { requiresGrad } from '../autograd/meta'
import { Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail, failDType, failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { emptyOfShape, shapeOf } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { binary, mul, mulNumber, withNumber } from './binary'
import { cast } from './cast'
import { filled, full, scalarTensor } from './create'
import { broadcast, emptyResult, fits, noOverlap, resultType, run } from './elementwise'
import { scalarLoop } from './loops'
import { begin, cancel, finish, Save, spec, wrote } from './record'
import { unary } from './unary'
import { where } from './where'

@unmanaged
class Pow {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    // C's pow, unlike JavaScript's, is 1 for a base of 1 and for ±1 to an infinite power.
    if (a == <T>1) return <T>1
    if (a == <T>-1 && abs(b) == <T>Infinity) return <T>1
    return <T>NativeMath.pow(<f64>a, <f64>b)
  }
}

@unmanaged
class IntegerPow {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return integerPower<T>(a, b)
  }
}

@unmanaged
class Square {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(a * a)
  }
}

@unmanaged
class Cube {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(a * a * a)
  }
}

@unmanaged
class InverseSquare {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(<T>1 / (a * a))
  }
}

@unmanaged
class Root {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>sqrt<T>(a)
  }
}

@unmanaged
class InverseRoot {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(<T>1 / sqrt<T>(a))
  }
}

@unmanaged
class Inverse {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(<T>1 / a)
  }
}

/** By squaring, wrapping as integers do; a negative power is 0 but for bases of magnitude one. */
function integerPower<T>(base: T, exponent: T): T {
  if (exponent < <T>0) {
    if (base == <T>1) return <T>1
    if (base == <T>-1) return exponent & <T>1 ? <T>-1 : <T>1
    return <T>0
  }
  let result = <T>1
  while (exponent) {
    if (exponent & <T>1) result = <T>(result * base)
    base = <T>(base * base)
    exponent = <T>(exponent >> <T>1)
  }
  return result
}

function byType<F>(dtype: i32): Loop {
  return dtype == DType.float32 ? scalarLoop<F, f32>() : scalarLoop<F, f64>()
}

/** PyTorch computes the common scalar powers by multiplication and square root; so does this. */
export function powKernel(dtype: i32, special: f64): Loop {
  if (dtype == DType.int32) return scalarLoop<IntegerPow, i32>()
  if (dtype == DType.int64) return scalarLoop<IntegerPow, i64>()
  if (dtype == DType.bool) return scalarLoop<IntegerPow, u8>()
  if (special == 2) return byType<Square>(dtype)
  if (special == 3) return byType<Cube>(dtype)
  if (special == -2) return byType<InverseSquare>(dtype)
  if (special == 0.5) return byType<Root>(dtype)
  if (special == -0.5) return byType<InverseRoot>(dtype)
  if (special == -1) return byType<Inverse>(dtype)
  return byType<Pow>(dtype)
}

/** The number in a 0-dim tensor. */
export function numberIn(t: Tensor): f64 {
  const at = t.data
  if (t.dtype == DType.float64) return load<f64>(at)
  if (t.dtype == DType.float32) return load<f32>(at)
  if (t.dtype == DType.int64) return <f64>load<i64>(at)
  if (t.dtype == DType.int32) return load<i32>(at)
  return load<u8>(at)
}

/** `a ** b`; a Python scalar on either side is a wrapped 0-dim tensor. Into `a` itself when `inplace`; recorded. */
export function pow(a: Tensor, b: Tensor, inplace: bool = false): Tensor {
  if (failed()) return none()
  // To PyTorch an exponent that is a number is no tensor.
  const record = recording(a.wrapped ? none() : a, b.wrapped ? none() : b)
  if (inplace && record && !mayWrite(a)) return none()
  const scalarExponent = b.wrapped
  const exponent = scalarExponent ? numberIn(b) : 0
  if (scalarExponent && exponent < 0 && !isFloating(a.dtype) && b.dtype <= DType.int64) {
    fail(Err.NegativeIntegerPower)
    return none()
  }
  if (inplace && !noOverlap(a, b)) return none()
  if (!broadcast(a, b)) return none()
  const dtype = resultType(a, b)
  if (dtype == DType.bool && !scalarExponent) {
    failDType(Op.Pow, dtype)
    return none()
  }
  if (inplace && !fits(a, dtype)) return none()
  const wanted = record && isFloating(dtype)
  let what = spec(NodeKind.PowBackward1, Save.self | Save.other | Save.result)
  let saves = Save.self | Save.other
  let node: Node
  if (scalarExponent) {
    what = spec(NodeKind.PowBackward0, Save.self)
    node = begin(wanted, what, exponent == 0 ? Save.self : Save.self, a, none(), inplace, 2)
    if (changetype<usize>(node)) setNumber(node, b)
  } else if (a.wrapped) {
    what = spec(NodeKind.PowBackward2, Save.self | Save.result)
    node = begin(wanted, what, Save.self, b, none(), false, 2)
    if (changetype<usize>(node)) setNumber(node, a)
  } else {
    saves = requiresGrad(a) || requiresGrad(b) ? saves : 0
    node = begin(wanted, what, saves, a, b, inplace)
  }
  if (failed()) return none()
  const left = cast(a, dtype)
  const right = cast(b, dtype)
  if (failed()) return cancel(node)
  broadcast(a, b)
  const out = inplace && dtype == a.dtype ? a : resultOf(dtype, a, b, left, right)
  if (failed()) return cancel(node)
  run(powKernel(dtype, scalarExponent ? exponent : 0), out, left, right)
  return finish(node, what, inplace ? wrote(a, out) : out, inplace)
}

/** A scalar exponent makes pow a function of its base alone; a scalar base makes the result row-major. */
function resultOf(dtype: i32, a: Tensor, b: Tensor, left: Tensor, right: Tensor): Tensor {
  if (b.wrapped) return emptyResult(dtype, left)
  return a.wrapped ? temp(emptyOfShape(dtype)) : emptyResult(dtype, left, right)
}

// PowBackward0 and PowBackward2 keep the Python number: | value | Scalar kind |
function setNumber(node: Node, number: Tensor): void {
  node.setParam(0, numberIn(number))
  node.setParam(1, number.dtype == DType.bool ? Scalar.bool : number.dtype == DType.float64 ? Scalar.float : Scalar.int)
}

/** The gradients from `g`, the result's. */
export function powVjp(node: Node, g: Tensor, index: i32): Tensor {
  if (node.kind == NodeKind.PowBackward0) {
    const exponent = node.param(0)
    const self = saved(node, 0)
    if (exponent == 0) {
      shapeOf(g)
      return filled(0, g.dtype)
    }
    const lower = pow(self, scalarTensor(exponent - 1, <Scalar>node.param(1)))
    return mul(g, mulNumber(lower, exponent))
  }
  if (node.kind == NodeKind.PowBackward2) {
    const base = node.param(0)
    const grown = mulNumber(saved(node, 1), NativeMath.log(base))
    if (base != 0) return mul(g, grown)
    const flat = binary(Op.Ge, saved(node, 0), scalarTensor(0, Scalar.int))
    return where(flat, zero(g), mul(g, grown))
  }
  const self = saved(node, 0)
  const exponent = saved(node, 1)
  if (index == 0) {
    const flat = binary(Op.Eq, exponent, scalarTensor(0, Scalar.int))
    const lower = pow(self, withNumber(Op.Sub, exponent, 1))
    return where(flat, zero(g), mul(g, mul(exponent, lower)))
  }
  const atZero = binary(Op.Eq, self, scalarTensor(0, Scalar.int))
  const flat = binary(Op.LogicalAnd, atZero, binary(Op.Ge, exponent, scalarTensor(0, Scalar.int)))
  return mul(g, where(flat, zero(g), mul(saved(node, 2), unary(Op.Log, self))))
}

function zero(like: Tensor): Tensor {
  return isNone(like) ? none() : full(0, 0, like.dtype)
}
