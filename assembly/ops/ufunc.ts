// NumPy's ufuncs: the kernels of the ops without autograd, promotion or versions. The caller has decided the dtype to
// compute in, has checked shapes and casts, and is told what NumPy would warn of.
import { DType, FloatFlag, Op, Ufunc } from '../abi'
import { failed } from '../error'
import { isFloating, itemShift } from '../tensor/dtype'
import { addOperand, beginPlan, emptyLike, Loop, setRowsWin, strideLikeInputs } from '../tensor/iterate'
import { emptyOfShape, refresh, sameShape, sameStrides, shapeOf } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { And, binaryKernel, DivFloor, Or, roundedKernel } from './binary_kernels'
import { cast, castKernel, copyInto } from './cast'
import { fillWith } from './create'
import { broadcast, emptyResult, run } from './elementwise'
import { scalarLoop } from './loops'
import { numberIn, powKernel } from './pow'
import { unaryKernel } from './unary'

// An integer divided by 0 is 0, with a warning.
@unmanaged
class FloorDivide {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    if (isInteger<T>() && b == <T>0) return <T>0
    return changetype<DivFloor>(0).s<T>(a, b)
  }
}

// Of the divisor's sign, as Python's.
@unmanaged
class Remainder {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    if (isInteger<T>()) {
      if (b == <T>0 || b == <T>-1) return <T>0
      const rest = <T>(a % b)
      return rest != <T>0 && rest < <T>0 != b < <T>0 ? <T>(rest + b) : rest
    }
    const rest = <T>NativeMath.mod(<f64>a, <f64>b)
    if (b == <T>0 || isNaN(rest)) return rest
    if (rest == <T>0) return copysign<T>(<T>0, b)
    return rest < <T>0 != b < <T>0 ? <T>(rest + b) : rest
  }
}

@unmanaged
class Xor {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(a ^ b)
  }
}

function bitKernel<F>(dtype: i32): Loop {
  if (dtype == DType.bool) return scalarLoop<F, u8>()
  return dtype == DType.int32 ? scalarLoop<F, i32>() : scalarLoop<F, i64>()
}

function kernel(op: i32, dtype: i32, b: Tensor): Loop {
  switch (op) {
    case Ufunc.FloorDivide:
      return roundedKernel<FloorDivide>(dtype)
    case Ufunc.Remainder:
      return roundedKernel<Remainder>(dtype)
    case Ufunc.BitwiseAnd:
      return bitKernel<And>(dtype)
    case Ufunc.BitwiseOr:
      return bitKernel<Or>(dtype)
    case Ufunc.BitwiseXor:
      return bitKernel<Xor>(dtype)
    case Op.Pow:
      // One number as exponent: squares and roots.
      return powKernel(dtype, b.wrapped ? numberIn(b) : 0)
    default:
      return op <= Op.Sgn ? unaryKernel(op, dtype) : binaryKernel(op, dtype)
  }
}

let flags: i32 = 0
let divides: bool = false
let poles: bool = false

/** What the last ufunc, reduction or cast met, as FloatFlag bits. */
export function floatFlags(): i32 {
  return flags
}

export function setFloatFlags(next: i32): void {
  flags = next
}

/** An infinity that no operand was came from a division by 0 or grew too large; a nan that none was is invalid. */
function scanLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      if (isFloat<T>()) {
        const r = load<T>(o)
        if (!(abs<T>(r) < <T>Infinity) && (!c || load<u8>(c))) {
          const x = load<T>(a)
          const y = load<T>(b)
          if (r != r) flags |= x == x && y == y ? FloatFlag.invalid : 0
          else if (abs<T>(x) < <T>Infinity && abs<T>(y) < <T>Infinity)
            flags |= (divides && y == <T>0) || (poles && x == <T>0) ? FloatFlag.divide : FloatFlag.overflow
        }
      } else if (load<T>(b) == <T>0 && (!c || load<u8>(c))) flags |= FloatFlag.divide
      o += os
      a += as
      b += bs
      c += cs
    }
  }
}

function scanKernel(dtype: i32): Loop {
  if (dtype == DType.float32) return scanLoop<f32>()
  if (dtype == DType.float64) return scanLoop<f64>()
  return dtype == DType.int32 ? scanLoop<i32>() : scanLoop<i64>()
}

function maskedLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      if (load<u8>(b)) store<T>(o, load<T>(a))
      o += os
      a += as
      b += bs
    }
  }
}

function maskedKernel(dtype: i32): Loop {
  const shift = itemShift(dtype)
  return shift == 0 ? maskedLoop<u8>() : shift == 2 ? maskedLoop<u32>() : maskedLoop<u64>()
}

// A row goes through two buffers by pieces, as NumPy's do: what was computed, and the same as `out` has it. So operands
// may be looked at once more after the computation, though it is theirs that is overwritten.
const PIECE: i32 = 512
const COMPUTED: usize = memory.data(512 * 8, 16)
const CAST: usize = memory.data(512 * 8, 16)
let compute: Loop = scanLoop<f64>()
let look: Loop = scanLoop<f64>()
let convert: Loop = scanLoop<f64>()
let write: Loop = scanLoop<f64>()
let weigh: Loop = scanLoop<f64>()
let looks: bool = false
let converts: bool = false
let weighs: bool = false
let computedStep: i32 = 0
let writtenStep: i32 = 0
let lone: bool = false

function buffered(n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void {
  for (; n > 0; n -= PIECE) {
    const count = min(n, PIECE)
    compute(count, COMPUTED, computedStep, a, as, b, bs, 0, 0)
    if (looks) look(count, COMPUTED, computedStep, a, as, lone ? a : b, lone ? as : bs, c, cs)
    let from = COMPUTED
    if (converts) {
      if (weighs) weigh(count, 0, 0, from, computedStep, 0, 0, 0, 0)
      convert(count, CAST, writtenStep, from, computedStep, 0, 0, 0, 0)
      from = CAST
    }
    write(count, o, os, from, writtenStep, c, cs, 0, 0)
    o += PIECE * os
    a += PIECE * as
    b += PIECE * bs
    c += PIECE * cs
  }
}

/** An uninitialised result of `x`'s shape, its dimensions in the order of x's strides (NumPy's order K). */
export function emptyInOrder(x: Tensor, dtype: i32): Tensor {
  shapeOf(x)
  const out = temp(emptyOfShape(dtype))
  if (isNone(out)) return out
  shapeOf(x)
  beginPlan()
  addOperand(x)
  strideLikeInputs(out)
  refresh(out)
  return out
}

/** The same with every element `value`. */
export function filledInOrder(x: Tensor, dtype: i32, value: f64): Tensor {
  const out = emptyInOrder(x, dtype)
  if (!isNone(out)) fillWith(out, value)
  return out
}

/** An operand that may be read while `out` is written: a copy where the two share memory but not element for element. */
function apart(x: Tensor, out: Tensor): Tensor {
  if (isNone(x) || isNone(out) || x.storage !== out.storage) return x
  if (x.dtype == out.dtype && x.data == out.data && sameShape(x, out) && sameStrides(x, out)) return x
  const copy = temp(emptyLike(x, x.dtype))
  if (!isNone(copy)) copyInto(copy, x)
  return copy
}

function compares(op: i32): bool {
  return op >= Op.Eq && op <= Op.LogicalAnd
}

/** Which ops have something to warn of in this dtype. */
function mayWarn(op: i32, dtype: i32): bool {
  if (compares(op) || op == Op.Maximum || op == Op.Minimum) return false
  return isFloating(dtype) || op == Ufunc.FloorDivide || op == Ufunc.Remainder
}

/** `op` of operands cast to `dtype`, into `out` (null: a new array) where `mask` (null: everywhere) is true. */
export function ufunc(op: i32, dtype: i32, a: Tensor, b: Tensor, out: Tensor, mask: Tensor): Tensor {
  flags = 0
  const left = apart(cast(a, dtype), out)
  const right = apart(cast(b, dtype), out)
  const where = apart(mask, out)
  if (failed()) return none()
  const result = compares(op) ? <i32>DType.bool : dtype
  let target = out
  if (isNone(out)) {
    broadcast(left, right, where)
    setRowsWin(true)
    target = emptyResult(result, left, right)
    setRowsWin(false)
    if (!failed() && !isNone(where)) fillWith(target, 0)
  }
  if (failed()) return none()
  const loop = kernel(op, dtype, b)
  looks = mayWarn(op, dtype)
  converts = target.dtype != result
  // a > b is b < a
  const swaps = op == Op.Gt || op == Op.Ge
  const first = swaps ? right : left
  const second = swaps ? left : right
  if (!looks && !converts && isNone(where)) {
    run(loop, target, first, second)
    return target
  }
  compute = loop
  lone = isNone(right)
  divides = op == Op.Div || op == Ufunc.FloorDivide
  poles = op == Op.Pow || op == Op.Log
  look = looks ? scanKernel(dtype) : loop
  convert = castKernel(result, target.dtype)
  weighs = loses(result, target.dtype)
  weigh = weighKernel(result)
  write = isNone(where) ? castKernel(target.dtype, target.dtype) : maskedKernel(target.dtype)
  computedStep = 1 << itemShift(result)
  writtenStep = 1 << itemShift(target.dtype)
  // Where there is no second operand the first stands in, so that the mask keeps its place.
  run(buffered, target, first, lone ? first : second, where)
  return target
}

/** `target[...] = source`, broadcast and cast; they may share memory. */
export function assign(target: Tensor, source: Tensor): bool {
  flags = 0
  const from = apart(source, target)
  if (failed()) return false
  scanCast(from, target.dtype)
  copyInto(target, from)
  return true
}

/** `x` in another dtype. */
export function converted(x: Tensor, dtype: i32): Tensor {
  flags = 0
  const out = emptyInOrder(x, dtype)
  if (isNone(out)) return out
  scanCast(x, dtype)
  copyInto(out, x)
  return out
}

let limit: f64 = 0

/** What no integer can hold is invalid; what float32 cannot is an overflow. */
function castLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      const x = <f64>load<T>(a)
      if (limit == Infinity) flags |= abs(x) < Infinity && abs(<f64><f32>x) == Infinity ? FloatFlag.overflow : 0
      else if (!(trunc(x) >= -limit && x < limit)) flags |= FloatFlag.invalid
      a += as
    }
  }
}

/** Whether a cast may meet what the other dtype cannot hold; sets its limit. */
function loses(from: i32, to: i32): bool {
  limit = to == DType.int32 ? 2147483648.0 : to == DType.int64 ? 9223372036854775808.0 : Infinity
  return isFloating(from) && from > to && to != DType.bool
}

function weighKernel(dtype: i32): Loop {
  return dtype == DType.float32 ? castLoop<f32>() : castLoop<f64>()
}

function scanCast(x: Tensor, dtype: i32): void {
  if (loses(x.dtype, dtype)) run(weighKernel(x.dtype), x, x)
}
