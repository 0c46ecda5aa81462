// The functors of binary ops, each under its derivatives, and the loop that each dtype gets. The ops are in binary.ts.
import { DType, Op } from '../abi'
import { Loop } from '../tensor/iterate'
import { Tensor } from '../tensor/tensor'
import { run } from './elementwise'
import { binaryLoop, compareLoop, scalarLoop } from './loops'

// add: g ; alpha g
@unmanaged
export class Add {
  // @ts-ignore: decorator
  @inline v<T>(a: v128, b: v128): v128 {
    return v128.add<T>(a, b)
  }
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(a + b)
  }
}

// sub: g ; -alpha g
@unmanaged
class Sub {
  // @ts-ignore: decorator
  @inline v<T>(a: v128, b: v128): v128 {
    return v128.sub<T>(a, b)
  }
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(a - b)
  }
}

// rsub, other - self: -alpha g ; g
@unmanaged
class Rsub {
  // @ts-ignore: decorator
  @inline v<T>(a: v128, b: v128): v128 {
    return v128.sub<T>(b, a)
  }
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(b - a)
  }
}

// mul: g other ; g self
@unmanaged
class Mul {
  // @ts-ignore: decorator
  @inline v<T>(a: v128, b: v128): v128 {
    return v128.mul<T>(a, b)
  }
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(a * b)
  }
}

// div: g / other ; -g ((self / other) / other)
@unmanaged
class Div {
  // @ts-ignore: decorator
  @inline v<T>(a: v128, b: v128): v128 {
    return v128.div<T>(a, b)
  }
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(a / b)
  }
}

// div with rounding_mode='trunc' and 'floor': 0. No integer divisor is 0; that of -1 would trap for the least dividend.
@unmanaged
class DivTrunc {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    if (isFloat<T>()) return trunc<T>(<T>(a / b))
    return b == <T>-1 ? <T>(<T>0 - a) : <T>(a / b)
  }
}

// As Python's: the quotient of what the remainder leaves, not the floor of the rounded quotient.
@unmanaged
export class DivFloor {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    if (isInteger<T>()) {
      if (b == <T>-1) return <T>(<T>0 - a)
      const q = <T>(a / b)
      return <T>(a - q * b) && a < <T>0 != b < <T>0 ? <T>(q - <T>1) : q
    }
    if (b == <T>0) return <T>(a / b)
    const rest = <T>NativeMath.mod(<f64>a, <f64>b)
    let q = <T>((a - rest) / b)
    if (rest != <T>0 && rest < <T>0 != b < <T>0) q = <T>(q - <T>1)
    if (q == <T>0) return copysign<T>(<T>0, <T>(a / b))
    const whole = floor<T>(q)
    return q - whole > <T>0.5 ? <T>(whole + <T>1) : whole
  }
}

let divisorIsZero: bool = false

/** Is there a 0 among the divisors of the built shape's elements? `out` is not written. */
export function dividesByZero(dtype: i32, out: Tensor, a: Tensor, b: Tensor): bool {
  divisorIsZero = false
  run(dtype == DType.int32 ? zeroLoop<i32>() : zeroLoop<i64>(), out, a, b)
  return divisorIsZero
}

function zeroLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      if (load<T>(b) == <T>0) divisorIsZero = true
      b += bs
    }
  }
}

// tanh_backward, g (1 - r r): tanh'' is in `binaryVjp`
@unmanaged
class TanhBackward {
  // @ts-ignore: decorator
  @inline v<T>(g: v128, r: v128): v128 {
    return v128.mul<T>(g, v128.sub<T>(v128.splat<T>(<T>1), v128.mul<T>(r, r)))
  }
  // @ts-ignore: decorator
  @inline s<T>(g: T, r: T): T {
    return <T>(g * (<T>1 - r * r))
  }
}

// sigmoid_backward, g (1 - r) r
@unmanaged
class SigmoidBackward {
  // @ts-ignore: decorator
  @inline v<T>(g: v128, r: v128): v128 {
    return v128.mul<T>(v128.mul<T>(g, v128.sub<T>(v128.splat<T>(<T>1), r)), r)
  }
  // @ts-ignore: decorator
  @inline s<T>(g: T, r: T): T {
    return <T>(g * (<T>1 - r) * r)
  }
}

/** threshold_backward's threshold; relu's is 0. */
let limit: f64 = 0

export function setLimit(to: f64): void {
  limit = to
}

// threshold_backward: g where x > limit (nan passes g), else 0
@unmanaged
class ThresholdBackward {
  // @ts-ignore: decorator
  @inline v<T>(g: v128, x: v128): v128 {
    return v128.andnot(g, v128.le<T>(x, v128.splat<T>(<T>limit)))
  }
  // @ts-ignore: decorator
  @inline s<T>(g: T, x: T): T {
    return x <= <T>limit ? <T>0 : g
  }
}

// maximum, minimum: g to the larger (smaller), half to each of two equals; nan wins
@unmanaged
class Maximum {
  // @ts-ignore: decorator
  @inline v<T>(a: v128, b: v128): v128 {
    return v128.max<T>(a, b)
  }
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return max<T>(a, b)
  }
}

@unmanaged
class Minimum {
  // @ts-ignore: decorator
  @inline v<T>(a: v128, b: v128): v128 {
    return v128.min<T>(a, b)
  }
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return min<T>(a, b)
  }
}

@unmanaged
export class Or {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(a | b)
  }
}

@unmanaged
export class And {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(a & b)
  }
}

@unmanaged
class Eq {
  // @ts-ignore: decorator
  @inline t<T>(a: T, b: T): bool {
    return a == b
  }
}

@unmanaged
class Ne {
  // @ts-ignore: decorator
  @inline t<T>(a: T, b: T): bool {
    return a != b
  }
}

@unmanaged
class Lt {
  // @ts-ignore: decorator
  @inline t<T>(a: T, b: T): bool {
    return a < b
  }
}

@unmanaged
class Le {
  // @ts-ignore: decorator
  @inline t<T>(a: T, b: T): bool {
    return a <= b
  }
}

@unmanaged
class LogicalAnd {
  // @ts-ignore: decorator
  @inline t<T>(a: T, b: T): bool {
    return a != <T>0 && b != <T>0
  }
}

function numberKernel<F>(dtype: i32): Loop {
  if (dtype == DType.int32) return binaryLoop<F, i32>()
  if (dtype == DType.int64) return binaryLoop<F, i64>()
  return floatKernel<F>(dtype)
}

function floatKernel<F>(dtype: i32): Loop {
  if (dtype == DType.float32) return binaryLoop<F, f32>()
  return binaryLoop<F, f64>()
}

/** The same for what no vector instruction does in int64. */
function orderKernel<F>(dtype: i32): Loop {
  if (dtype == DType.bool) return scalarLoop<F, u8>()
  if (dtype == DType.int32) return scalarLoop<F, i32>()
  if (dtype == DType.int64) return scalarLoop<F, i64>()
  return floatKernel<F>(dtype)
}

export function roundedKernel<F>(dtype: i32): Loop {
  if (dtype == DType.int32) return scalarLoop<F, i32>()
  if (dtype == DType.int64) return scalarLoop<F, i64>()
  return dtype == DType.float32 ? scalarLoop<F, f32>() : scalarLoop<F, f64>()
}

function compareKernel<F>(dtype: i32): Loop {
  switch (dtype) {
    case DType.bool:
      return compareLoop<F, u8>()
    case DType.int32:
      return compareLoop<F, i32>()
    case DType.int64:
      return compareLoop<F, i64>()
    case DType.float32:
      return compareLoop<F, f32>()
    default:
      return compareLoop<F, f64>()
  }
}

/** The loop of a binary op on two operands of `dtype`. */
export function binaryKernel(op: Op, dtype: i32): Loop {
  switch (op) {
    case Op.Add:
      if (dtype == DType.bool) return scalarLoop<Or, u8>()
      return numberKernel<Add>(dtype)
    case Op.Sub:
      return numberKernel<Sub>(dtype)
    case Op.Rsub:
      return numberKernel<Rsub>(dtype)
    case Op.Mul:
      if (dtype == DType.bool) return scalarLoop<And, u8>()
      return numberKernel<Mul>(dtype)
    case Op.Div:
    case Op.DivNone:
      return floatKernel<Div>(dtype)
    case Op.DivTrunc:
      return roundedKernel<DivTrunc>(dtype)
    case Op.DivFloor:
      return roundedKernel<DivFloor>(dtype)
    case Op.TanhBackward:
      return floatKernel<TanhBackward>(dtype)
    case Op.SigmoidBackward:
      return floatKernel<SigmoidBackward>(dtype)
    case Op.ThresholdBackward:
      return floatKernel<ThresholdBackward>(dtype)
    case Op.Eq:
      return compareKernel<Eq>(dtype)
    case Op.Ne:
      return compareKernel<Ne>(dtype)
    case Op.Lt:
    case Op.Gt:
      return compareKernel<Lt>(dtype)
    case Op.Le:
    case Op.Ge:
      return compareKernel<Le>(dtype)
    case Op.Maximum:
      return orderKernel<Maximum>(dtype)
    case Op.Minimum:
      return orderKernel<Minimum>(dtype)
    case Op.LogicalAnd:
      return compareKernel<LogicalAnd>(dtype)
    default:
      return unreachable()
  }
}
