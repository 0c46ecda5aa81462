// Sums and means over all or some dimensions.
import { DType, Err, Limits, NodeKind, Op } from '../abi'
import { recording, setEdgeTo, setHistory } from '../autograd/history'
import { isNoNode, newNode, Node, noNode, releaseNode } from '../autograd/node'
import { fail1, failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { aliasOf, beginShape, refresh, setShapeSize, shapeNdim, shapeSize, wrapDim } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { divNumber } from './binary'
import { cast } from './cast'
import { filled } from './create'
import { run } from './elementwise'
import { expand, readSizes, unsqueeze, writeSizes } from './movement'
import { viewAs } from './reshape'

// The accumulator is an operand with stride 0 along what is summed: a row either meets one cell or one cell each.
// float32 is summed in float64, integers in int64; the result is rounded once.
function sumLoop<T, A>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    if (os == 0) {
      let total = load<A>(o)
      for (; n > 0; n--) {
        total += <A>load<T>(a)
        a += as
      }
      store<A>(o, total)
      return
    }
    for (; n > 0; n--) {
      store<A>(o, load<A>(o) + <A>load<T>(a))
      o += os
      a += as
    }
  }
}

/** Rows of float32 into float64 cells; a long row into one cell goes by two lanes of doubles and two chains. */
function sumFloats(n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void {
  if (os == 0 && as == 4 && n >= 8) {
    let even = f64x2.splat(0)
    let odd = f64x2.splat(0)
    for (; n >= 4; n -= 4) {
      const x = v128.load(a)
      even = f64x2.add(even, f64x2.promote_low_f32x4(x))
      odd = f64x2.add(odd, f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1)))
      a += 16
    }
    const both = f64x2.add(even, odd)
    store<f64>(o, load<f64>(o) + f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1))
  }
  for (; n > 0; n--) {
    store<f64>(o, load<f64>(o) + load<f32>(a))
    o += os
    a += as
  }
}

function kernel(dtype: i32): Loop {
  switch (dtype) {
    case DType.bool:
      return sumLoop<u8, i64>()
    case DType.int32:
      return sumLoop<i32, i64>()
    case DType.int64:
      return sumLoop<i64, i64>()
    case DType.float32:
      return sumFloats
    default:
      return sumLoop<f64, f64>()
  }
}

/** A set of dimensions, one bit each; the built list wrapped, every dimension when the list is empty. */
export function dimsIn(ndim: i32): u64 {
  const given = shapeNdim()
  if (given == 0) return ~0
  let set: u64 = 0
  for (let k = 0; k < given; k++) if (wrapDim(shapeSize(k), ndim) < 0) return 0
  for (let k = 0; k < given; k++) {
    const d = wrapDim(shapeSize(k), ndim)
    if (set & (1 << (<u64>d))) {
      fail1(Err.DimTwice, d)
      return 0
    }
    set |= 1 << (<u64>d)
  }
  return set
}

/** How many elements of `x` become one when `dims` go. */
export function countOver(x: Tensor, dims: u64): f64 {
  let count: f64 = 1
  for (let d = 0; d < x.ndim; d++) if (dims & (1 << (<u64>d))) count *= x.size(d)
  return count
}

/** The dtype that reductions compute in: float64, or int64 for what is no float. */
export function wideType(dtype: i32): i32 {
  return isFloating(dtype) ? <i32>DType.float64 : <i32>DType.int64
}

/** The sum over `dims`, not recorded. */
function total(x: Tensor, dims: u64, keepdim: bool): Tensor {
  const wide = wideType(x.dtype)
  return cast(accumulated(x, dims, keepdim, 0, kernel(x.dtype)), isFloating(x.dtype) ? x.dtype : wide)
}

/** The same over float64 cells. */
export function wideSum(x: Tensor, dims: u64, keepdim: bool): Tensor {
  return accumulated(x, dims, keepdim, 0, kernel(x.dtype))
}

/**
 * Cells of the wide dtype, begun at `start`, into which `loop` takes the elements of `x` (and of `y`, which broadcasts to
 * it). Their shape is that of `x` with `dims` dropped or of size one.
 */
export function accumulated(
  x: Tensor, dims: u64, keepdim: bool, start: f64, loop: Loop, y: Tensor = none(),
): Tensor {
  if (failed()) return none()
  let ndim = 0
  beginShape(x.ndim)
  for (let d = 0; d < x.ndim; d++) {
    if (!(dims & (1 << (<u64>d)))) setShapeSize(ndim++, x.size(d))
    else if (keepdim) setShapeSize(ndim++, 1)
  }
  beginShape(ndim)
  const out = filled(start, wideType(x.dtype))
  if (isNone(out)) return out
  // The accumulator seen with the shape of x.
  const cells = temp(aliasOf(out, x.ndim))
  if (isNone(cells)) return cells
  let k = 0
  for (let d = 0; d < x.ndim; d++) {
    const summed = (dims & (1 << (<u64>d))) != 0
    cells.setDim(d, x.size(d), summed ? 0 : out.stride(k))
    if (!summed || keepdim) k++
  }
  refresh(cells)
  run(loop, cells, x, y)
  return out
}

/** `x.sum()`. */
export function sum(x: Tensor, dtype: i32 = DType.none): Tensor {
  if (failed() || unrecordable(x, dtype)) return none()
  const node = begin(NodeKind.SumBackward0, x, 0, dtype)
  return end(as(total(as(x, dtype), ~0, false), dtype), node)
}

/** `x.sum(dims, keepdim)`, the dims being the built list; empty means all. */
export function sumDims(x: Tensor, keepdim: bool, dtype: i32 = DType.none): Tensor {
  if (failed() || unrecordable(x, dtype)) return none()
  const dims = dimsIn(x.ndim)
  if (failed()) return none()
  const node = begin(NodeKind.SumBackward1, x, dimParams(), dtype)
  writeDims(node, keepdim)
  return end(as(total(as(x, dtype), dims, keepdim), dtype), node)
}

/** `x.mean()`. */
export function mean(x: Tensor, dtype: i32 = DType.none): Tensor {
  if (failed() || refuses(x, dtype)) return none()
  const node = begin(NodeKind.MeanBackward0, x, 1, dtype)
  if (!isNoNode(node)) node.setParam(0, x.numel)
  return end(divided(total(as(x, dtype), ~0, false), x.numel), node)
}

/** `x.mean(dims, keepdim)`. */
export function meanDims(x: Tensor, keepdim: bool, dtype: i32 = DType.none): Tensor {
  if (failed() || refuses(x, dtype)) return none()
  const dims = dimsIn(x.ndim)
  if (failed()) return none()
  const count = countOver(x, dims)
  const node = begin(NodeKind.MeanBackward1, x, dimParams() + 1, dtype)
  writeDims(node, keepdim)
  if (!isNoNode(node)) node.setParam(dimParams(), x.numel)
  return end(divided(total(as(x, dtype), dims, keepdim), count), node)
}

/** `x` in the dtype to compute in, if one was asked for. The engine casts the gradient back. */
export function as(x: Tensor, dtype: i32): Tensor {
  return dtype == DType.none ? x : cast(x, dtype)
}

/** A sum that is recorded cannot be integral. */
export function unrecordable(x: Tensor, dtype: i32): bool {
  if (dtype == DType.none || isFloating(dtype) || !recording(x)) return false
  fail1(Err.AutogradDType, dtype)
  return true
}

function refuses(x: Tensor, dtype: i32): bool {
  const computed = dtype == DType.none ? x.dtype : dtype
  if (isFloating(computed)) return false
  fail1(Err.MeanDType, computed)
  return true
}

export function divided(t: Tensor, count: f64): Tensor {
  if (isNone(t)) return t
  divisor = count
  run(t.dtype == DType.float32 ? divideLoop<f32>() : divideLoop<f64>(), t, t)
  return t
}

let divisor: f64 = 1

function divideLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      store<T>(o, <T>(<f64>load<T>(o) / divisor))
      o += os
    }
  }
}

// SumBackward1's params: | number of dims | dims as given | keepdim | ndim | sizes |; MeanBackward1 has numel before ndim.
export function dimParams(): i32 {
  return shapeNdim() + 2
}

export function writeDims(node: Node, keepdim: bool): void {
  if (isNoNode(node)) return
  const given = shapeNdim()
  node.setParam(0, given)
  for (let k = 0; k < given; k++) node.setParam(1 + k, shapeSize(k))
  node.setParam(1 + given, keepdim ? 1 : 0)
}

function begin(kind: NodeKind, x: Tensor, params: i32, dtype: i32): Node {
  if (!recording(x) || !isFloating(dtype == DType.none ? x.dtype : dtype)) return noNode()
  const node = newNode(kind, 1, 0, params + 1 + x.ndim)
  if (isNoNode(node)) return node
  if (!setEdgeTo(node, 0, x)) {
    releaseNode(node)
    return noNode()
  }
  writeSizes(node, params, x)
  return node
}

function end(out: Tensor, node: Node): Tensor {
  if (isNoNode(node)) return failed() ? none() : out
  if (isNone(out) || failed()) {
    releaseNode(node)
    return none()
  }
  return setHistory(out, node) ? out : none()
}

export function reduceVjp(node: Node, g: Tensor): Tensor {
  switch (node.kind) {
    case NodeKind.SumBackward0:
      readSizes(node, 0)
      return expand(g)
    case NodeKind.SumBackward1:
      return spread(node, g, <i32>node.param(0) + 2)
    case NodeKind.MeanBackward0:
      readSizes(node, 1)
      return over(expand(g), node.param(0))
    default: {
      const at = <i32>node.param(0) + 3
      const spreadOut = spread(node, g, at)
      return isNone(spreadOut) ? spreadOut : over(spreadOut, node.param(at - 1) / <f64>max(g.numel, 1))
    }
  }
}

/** A mean's share of the gradient. */
export function over(g: Tensor, count: f64): Tensor {
  return divNumber(g, count)
}

/** Puts the reduced dimensions back and expands `g` over them; the sizes stand at param `at`. */
export function spread(node: Node, g: Tensor, at: i32): Tensor {
  const whole = unreduced(node, g, <i32>node.param(at))
  readSizes(node, at)
  return expand(whole)
}

/** Puts the reduced dimensions of a tensor with `ndim` back, of size one. */
export function unreduced(node: Node, g: Tensor, ndim: i32): Tensor {
  const given = <i32>node.param(0)
  const keepdim = node.param(1 + given) != 0
  if (!keepdim && given && ndim) {
    let set: u64 = 0
    for (let k = 0; k < given; k++) set |= 1 << (<u64>wrapDim(<i32>node.param(1 + k), ndim))
    for (let d = 0; d < ndim; d++) if (set & (1 << (<u64>d))) g = unsqueeze(g, d)
  }
  return g
}

/** Builds the list of dims that `writeDims` wrote. */
export function readDims(node: Node): void {
  const given = <i32>node.param(0)
  beginShape(given)
  for (let k = 0; k < given; k++) setShapeSize(k, <i32>node.param(1 + k))
}

/** Sums `g` down to the built shape, to which it must be expandable: un-broadcasting (at::sum_to). Recorded. */
export function sumTo(g: Tensor): Tensor {
  if (failed()) return none()
  const ndim = shapeNdim()
  if (ndim == 0) return sum(g)
  const lead = g.ndim - ndim
  let set: u64 = 0
  for (let d = 0; d < g.ndim; d++) {
    if (d < lead || (shapeSize(d - lead) == 1 && g.size(d) != 1)) set |= 1 << (<u64>d)
  }
  if (!set) return g
  for (let d = 0; d < ndim; d++) store<i32>(TARGET + ((<usize>d) << 2), shapeSize(d))
  const kept = sumSet(g, set)
  if (!lead || failed()) return kept
  beginShape(ndim)
  for (let d = 0; d < ndim; d++) setShapeSize(d, load<i32>(TARGET + ((<usize>d) << 2)))
  return viewAs(kept)
}

const TARGET: usize = memory.data(Limits.dims * 4, 4)

function sumSet(g: Tensor, set: u64): Tensor {
  let count = 0
  beginShape(popcnt<u64>(set) as i32)
  for (let d = 0; d < g.ndim; d++) if (set & (1 << (<u64>d))) setShapeSize(count++, d)
  return sumDims(g, true)
}
