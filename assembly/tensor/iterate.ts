// One walk over up to four operands of broadcast shapes, for every kernel. Dimensions are ordered so that the innermost
// has the smallest strides, neighbours that lie end to end become one, and a kernel sees rows:
//
//   loop(n, out, outStep, a, aStep, b, bStep, c, cStep)      steps in bytes, 0 where an operand is broadcast
//
// so a contiguous tensor of any shape is one row. (PyTorch's TensorIterator: reorder_dimensions, coalesce_dimensions.)
import { Limits } from '../abi'
import { itemShift } from './dtype'
import { emptyOfShape, isDense, refresh, shapeNdim, shapeOf, shapeSize } from './shape'
import { isNone, Tensor } from './tensor'

export type Loop = (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32) => void

const DIMS: usize = <usize>Limits.dims
const STRIDE_ROW: usize = DIMS * 4
const SIZES: usize = memory.data(Limits.dims * 4, 4)
const STRIDES: usize = memory.data(4 * Limits.dims * 4, 4)
const POINTERS: usize = memory.data(16, 4)
const PERM: usize = memory.data(Limits.dims * 4, 4)
const COUNTER: usize = memory.data(Limits.dims * 4, 4)

let ndim: i32 = 0
let operands: i32 = 0
let empty = false

// @ts-ignore: decorator
@inline
function strideAt(operand: i32, dim: i32): i32 {
  return load<i32>(STRIDES + <usize>operand * STRIDE_ROW + ((<usize>dim) << 2))
}

// @ts-ignore: decorator
@inline
function setStride(operand: i32, dim: i32, bytes: i32): void {
  store<i32>(STRIDES + <usize>operand * STRIDE_ROW + ((<usize>dim) << 2), bytes)
}

// @ts-ignore: decorator
@inline
function sizeAt(dim: i32): i32 {
  return load<i32>(SIZES + ((<usize>dim) << 2))
}

// @ts-ignore: decorator
@inline
function pointer(operand: i32): usize {
  return load<usize>(POINTERS + ((<usize>operand) << 2))
}

/** Begins a plan over the built shape (shape.ts). Add the operands, output first, then `walk`. */
export function beginPlan(): void {
  ndim = shapeNdim()
  operands = 0
  empty = false
  for (let d = 0; d < ndim; d++) {
    store<i32>(SIZES + ((<usize>d) << 2), shapeSize(d))
    if (shapeSize(d) == 0) empty = true
  }
}

/** Adds an operand that broadcasts to the planned shape. */
export function addOperand(tensor: Tensor): void {
  const shift = itemShift(tensor.dtype)
  const skip = ndim - tensor.ndim
  for (let d = 0; d < ndim; d++) {
    const own = d - skip
    const broadcast = own < 0 || (tensor.size(own) == 1 && sizeAt(d) != 1)
    setStride(operands, d, broadcast ? 0 : tensor.stride(own) << shift)
  }
  store<usize>(POINTERS + ((<usize>operands) << 2), tensor.data)
  operands++
}

/** Runs `loop` over every row of the plan. */
export function walk(loop: Loop): void {
  if (empty) return
  order()
  coalesce()
  const n = ndim ? sizeAt(0) : 1
  const os = ndim ? strideAt(0, 0) : 0
  const as = ndim && operands > 1 ? strideAt(1, 0) : 0
  const bs = ndim && operands > 2 ? strideAt(2, 0) : 0
  const cs = ndim && operands > 3 ? strideAt(3, 0) : 0
  let o = pointer(0)
  let a = operands > 1 ? pointer(1) : 0
  let b = operands > 2 ? pointer(2) : 0
  let c = operands > 3 ? pointer(3) : 0
  if (ndim <= 1) {
    loop(n, o, os, a, as, b, bs, c, cs)
    return
  }
  memory.fill(COUNTER, 0, (<usize>ndim) << 2)
  while (true) {
    loop(n, o, os, a, as, b, bs, c, cs)
    let d = 1
    for (; d < ndim; d++) {
      const at = COUNTER + ((<usize>d) << 2)
      const next = load<i32>(at) + 1
      o += strideAt(0, d)
      if (operands > 1) a += strideAt(1, d)
      if (operands > 2) b += strideAt(2, d)
      if (operands > 3) c += strideAt(3, d)
      if (next < sizeAt(d)) {
        store<i32>(at, next)
        break
      }
      store<i32>(at, 0)
      o -= next * strideAt(0, d)
      if (operands > 1) a -= next * strideAt(1, d)
      if (operands > 2) b -= next * strideAt(2, d)
      if (operands > 3) c -= next * strideAt(3, d)
    }
    if (d == ndim) return
  }
}

/** Reorders the dimensions, innermost first. */
function order(): void {
  permutation(0)
  apply()
}

/** PERM becomes the dimensions from the fastest to the slowest, judged by the strides of operands `first` and later. */
function permutation(first: i32): void {
  for (let i = 0; i < ndim; i++) store<i32>(PERM + ((<usize>i) << 2), ndim - 1 - i)
  for (let i = 1; i < ndim; i++) {
    let high = i
    for (let low = i - 1; low >= 0; low--) {
      const verdict = compare(permAt(low), permAt(rowsWin ? i : high), first)
      if (verdict < 0) break
      if (verdict > 0 && rowsWin) high = low
      else if (verdict > 0) {
        const swapped = permAt(low)
        store<i32>(PERM + ((<usize>low) << 2), permAt(high))
        store<i32>(PERM + ((<usize>high) << 2), swapped)
        high = low
      }
    }
    // NumPy moves a dimension to its place past those that cannot tell, PyTorch exchanges two.
    if (rowsWin && high < i) {
      const moved = permAt(i)
      const at = PERM + ((<usize>high) << 2)
      memory.copy(at + 4, at, (<usize>(i - high)) << 2)
      store<i32>(at, moved)
    }
  }
}

// @ts-ignore: decorator
@inline
function permAt(index: i32): i32 {
  return load<i32>(PERM + ((<usize>index) << 2))
}

let rowsWin = false

/** Whether the order of rows wins where operands disagree, as in NumPy, instead of the first operand's, as in PyTorch. */
export function setRowsWin(win: bool): void {
  rowsWin = win
}

/** 1 when `inner` should be outside `outer`, -1 when not, 0 when no operand can tell. */
function compare(inner: i32, outer: i32, first: i32): i32 {
  let verdict = 0
  for (let k = first; k < operands; k++) {
    // An ndarray's stride may be negative.
    const a = abs(strideAt(k, inner))
    const b = abs(strideAt(k, outer))
    if (a == 0 || b == 0) continue
    if (rowsWin) {
      if (a <= b) return -1
      verdict = 1
      continue
    }
    if (a != b) return a < b ? -1 : 1
    if (sizeAt(inner) > sizeAt(outer)) return 1
  }
  return verdict
}

function apply(): void {
  const scratch = COUNTER
  for (let i = 0; i < ndim; i++) store<i32>(scratch + ((<usize>i) << 2), sizeAt(permAt(i)))
  memory.copy(SIZES, scratch, (<usize>ndim) << 2)
  for (let k = 0; k < operands; k++) {
    for (let i = 0; i < ndim; i++) store<i32>(scratch + ((<usize>i) << 2), strideAt(k, permAt(i)))
    memory.copy(STRIDES + <usize>k * STRIDE_ROW, scratch, (<usize>ndim) << 2)
  }
}

/** Joins neighbouring dimensions that every operand walks with one step. */
function coalesce(): void {
  if (ndim <= 1) return
  let last = 0
  for (let d = 1; d < ndim; d++) {
    if (canJoin(last, d)) {
      if (sizeAt(last) == 1) for (let k = 0; k < operands; k++) setStride(k, last, strideAt(k, d))
      store<i32>(SIZES + ((<usize>last) << 2), sizeAt(last) * sizeAt(d))
    } else if (++last != d) {
      store<i32>(SIZES + ((<usize>last) << 2), sizeAt(d))
      for (let k = 0; k < operands; k++) setStride(k, last, strideAt(k, d))
    }
  }
  ndim = last + 1
}

function canJoin(inner: i32, outer: i32): bool {
  if (sizeAt(inner) == 1 || sizeAt(outer) == 1) return true
  for (let k = 0; k < operands; k++) if (sizeAt(inner) * strideAt(k, inner) != strideAt(k, outer)) return false
  return true
}

/** An uninitialised tensor of `like`'s shape: of its very strides where these are dense, else dense in their order. */
export function emptyLike(like: Tensor, dtype: i32): Tensor {
  shapeOf(like)
  const tensor = emptyOfShape(dtype)
  if (isNone(tensor)) return tensor
  if (isDense(like)) memory.copy(tensor.strides, like.strides, (<usize>like.ndim) << 2)
  else {
    beginPlan()
    addOperand(like)
    strideLikeInputs(tensor)
  }
  refresh(tensor)
  return tensor
}

/**
 * The strides that an elementwise result of the planned inputs has in PyTorch: dense, in the inputs' own order of
 * dimensions. The operands added so far are all inputs; `out` has its sizes set.
 */
export function strideLikeInputs(out: Tensor): void {
  permutation(0)
  // In the row-major order an empty dimension counts as one of size one, in any other it does not.
  let rowMajor = true
  for (let i = 0; i < ndim; i++) if (permAt(i) != ndim - 1 - i) rowMajor = false
  let stride = 1
  for (let i = 0; i < ndim; i++) {
    const d = permAt(i)
    out.setDim(d, out.size(d), stride)
    stride *= rowMajor ? max(out.size(d), 1) : out.size(d)
  }
}
