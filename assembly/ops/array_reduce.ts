// NumPy's reductions and running sums: in its order of addition, over the cells of a result whose strides are 0 where a
// dimension goes.
import { DType, FloatFlag, Limits, Op } from '../abi'
import { failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { storageView } from '../tensor/ndarray'
import { aliasSame, beginShape, setShapeSize, shapeOf } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { none, Tensor } from '../tensor/tensor'
import { Add, binaryKernel } from './binary_kernels'
import { cast, copyInto } from './cast'
import { fillWith } from './create'
import { run } from './elementwise'
import { scalarLoop } from './loops'
import { emptyInOrder, setFloatFlags } from './ufunc'

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
  let flags = 0
  setFloatFlags(0)
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
    setFloatFlags(flags)
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
