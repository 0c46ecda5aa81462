// NumPy's ufuncs: the kernels of the ops without autograd, promotion or versions. The caller has decided the dtype to
// compute in, has checked shapes and casts, and is told what NumPy would warn of.
import { DType, FloatFlag, Limits, Op, Ufunc } from '../abi'
import { failed } from '../error'
import { isFloating, itemShift } from '../tensor/dtype'
import { addOperand, beginPlan, emptyLike, Loop, strideLikeInputs } from '../tensor/iterate'
import { storageView } from '../tensor/ndarray'
import { aliasSame, beginShape, emptyOfShape, refresh, sameShape, sameStrides, setShapeSize, shapeOf } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { Add, binaryKernel, DivFloor, roundedKernel } from './binary_kernels'
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
class And {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(a & b)
  }
}

@unmanaged
class Or {
  // @ts-ignore: decorator
  @inline s<T>(a: T, b: T): T {
    return <T>(a | b)
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
function emptyInOrder(x: Tensor, dtype: i32): Tensor {
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
    target = emptyResult(result, left, right)
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

/** NumPy's pairwise sum: halves down to 128, those by eight accumulators. */
function pairwise<T>(a: usize, n: i32, as: i32): T {
  if (n < 8) {
    let total = <T>-0.0
    for (let i = 0; i < n; i++) total += load<T>(a + i * as)
    return total
  }
  if (n > 128) {
    const half = (n / 2) & ~7
    return <T>(pairwise<T>(a, half, as) + pairwise<T>(a + half * as, n - half, as))
  }
  let r0 = load<T>(a)
  let r1 = load<T>(a + as)
  let r2 = load<T>(a + 2 * as)
  let r3 = load<T>(a + 3 * as)
  let r4 = load<T>(a + 4 * as)
  let r5 = load<T>(a + 5 * as)
  let r6 = load<T>(a + 6 * as)
  let r7 = load<T>(a + 7 * as)
  let i = 8
  for (; i < n - (n & 7); i += 8) {
    const at = a + i * as
    r0 += load<T>(at)
    r1 += load<T>(at + as)
    r2 += load<T>(at + 2 * as)
    r3 += load<T>(at + 3 * as)
    r4 += load<T>(at + 4 * as)
    r5 += load<T>(at + 5 * as)
    r6 += load<T>(at + 6 * as)
    r7 += load<T>(at + 7 * as)
  }
  let total = <T>(r0 + r1 + (r2 + r3) + (r4 + r5 + (r6 + r7)))
  for (; i < n; i++) total += load<T>(a + i * as)
  return total
}

/** The cells are the first operand too: their step is 0 where a whole row goes into one of them. */
function sumLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    if (os == 0) {
      store<T>(o, load<T>(o) + pairwise<T>(b, n, bs))
      return
    }
    for (; n > 0; n--) {
      store<T>(o, load<T>(o) + load<T>(b))
      o += os
      b += bs
    }
  }
}

function reduceKernel(op: i32, dtype: i32): Loop {
  if (op == Op.Add && isFloating(dtype)) return dtype == DType.float32 ? sumLoop<f32>() : sumLoop<f64>()
  return binaryKernel(op, dtype)
}

const STRIDES: usize = memory.data(Limits.dims * 4, 4)

// @ts-ignore: decorator
@inline
function setStride(dim: i32, stride: i32): void {
  store<i32>(STRIDES + ((<usize>dim) << 2), stride)
}

let met: i32 = 0

/** Whether there is nan (1) or infinity (2) among floats. */
function kindsLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      const x = load<T>(a)
      if (!(abs<T>(x) < <T>Infinity)) met |= x == x ? 2 : 1
      a += as
    }
  }
}

function kinds(x: Tensor): i32 {
  met = 0
  if (isFloating(x.dtype)) run(x.dtype == DType.float32 ? kindsLoop<f32>() : kindsLoop<f64>(), x, x)
  return met
}

/** `op` (Add, Mul, Maximum or Minimum) over the dimensions in `dims`, one bit each, of `x` cast to `dtype`. */
export function reduced(op: i32, dtype: i32, x: Tensor, dims: u64, keepdims: bool): Tensor {
  flags = 0
  const input = cast(x, dtype)
  if (failed()) return none()
  // The first elements: they have the result's shape and layout, and are where maximum and minimum begin.
  let ndim = 0
  beginShape(input.ndim)
  for (let d = 0; d < input.ndim; d++) {
    const goes = (dims & (1 << (<u64>d))) != 0
    if (goes && !keepdims) continue
    setStride(ndim, input.stride(d))
    setShapeSize(ndim++, goes ? 1 : input.size(d))
  }
  beginShape(ndim)
  const first = temp(storageView(input, dtype, 0, input.offset, STRIDES))
  if (failed()) return none()
  const out = emptyInOrder(first, dtype)
  if (failed()) return none()
  const sums = op == Op.Add || op == Op.Mul
  if (sums) fillWith(out, op == Op.Mul ? 1 : 0)
  else copyInto(out, first)
  let k = 0
  for (let d = 0; d < input.ndim; d++) {
    const goes = (dims & (1 << (<u64>d))) != 0
    setStride(d, goes ? 0 : out.stride(k))
    if (!goes || keepdims) k++
  }
  shapeOf(input)
  const cells = temp(storageView(out, dtype, 0, out.offset, STRIDES))
  if (failed()) return none()
  run(reduceKernel(op, dtype), cells, cells, input)
  const unusual = sums ? kinds(out) : 0
  if (unusual) {
    const given = kinds(input)
    if (unusual & 1 && !(given & 1)) flags |= FloatFlag.invalid
    if (unusual & 2 && !given) flags |= FloatFlag.overflow
  }
  return out
}

function runningKernel(dtype: i32): Loop {
  if (dtype == DType.int32) return scalarLoop<Add, i32>()
  if (dtype == DType.int64) return scalarLoop<Add, i64>()
  return dtype == DType.float32 ? scalarLoop<Add, f32>() : scalarLoop<Add, f64>()
}

/** Sums along `dim`, each element the one before it plus x's: a walk goes forward along every dimension. */
export function cumulated(dtype: i32, x: Tensor, dim: i32): Tensor {
  const input = cast(x, dtype)
  if (failed()) return none()
  const out = emptyInOrder(input, dtype)
  const before = failed() ? none() : temp(aliasSame(out))
  const after = failed() ? none() : temp(aliasSame(out))
  const rest = failed() ? none() : temp(aliasSame(input))
  if (failed()) return none()
  copyInto(out, input)
  const count = input.size(dim) - 1
  if (count < 1) return out
  before.setDim(dim, count, out.stride(dim))
  after.setDim(dim, count, out.stride(dim))
  rest.setDim(dim, count, input.stride(dim))
  after.offset += out.stride(dim)
  rest.offset += input.stride(dim)
  run(runningKernel(dtype), after, before, rest)
  return out
}
