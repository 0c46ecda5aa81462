// Products of matrices and vectors: mm, mv, dot, bmm, and their gradients.
import { DType, Err, NodeKind, Op } from '../abi'
import { recording } from '../autograd/history'
import { hasEdge } from '../autograd/meta'
import { Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { fail, fail1, fail2, fail3, failDType, failed, say } from '../error'
import { allocBuffer, freeBuffer } from '../memory/alloc'
import { itemShift } from '../tensor/dtype'
import { beginShape, setShapeSize } from '../tensor/shape'
import { isNone, none, Tensor } from '../tensor/tensor'
import { mul } from './binary'
import { empty } from './create'
import { gemm_f32, gemm_generic, gemmScratchBytes } from './gemm'
import { t, transpose } from './movement'
import { reshape } from './reshape'
import { begin, cancel, finish, Save, spec } from './record'

export function shape2(rows: i32, columns: i32): void {
  beginShape(2)
  setShapeSize(0, rows)
  setShapeSize(1, columns)
}

export function shape1(size: i32): void {
  beginShape(1)
  setShapeSize(0, size)
}

/**
 * C = A B for one pair of matrices given by address and element strides. False when there is no memory to pack into.
 */
function product(
  dtype: i32, m: i32, n: i32, k: i32,
  a: usize, ar: i32, ac: i32, b: usize, br: i32, bc: i32, c: usize,
): bool {
  const width = 1 << itemShift(dtype)
  // Sums over nothing, also of truth values, for which there is no kernel.
  if (k == 0) {
    memory.fill(c, 0, <usize>m * n * width)
    return true
  }
  const bytes = gemmScratchBytes(m, n, k, width)
  const scratch = bytes ? allocBuffer(bytes) : 0
  if (bytes && !scratch) {
    fail1(Err.OutOfMemory, bytes)
    return false
  }
  if (dtype == DType.float32) gemm_f32(m, n, k, a, ar, ac, b, br, bc, c, scratch)
  else if (dtype == DType.float64) gemm_generic<f64>(m, n, k, a, ar, ac, b, br, bc, c, scratch)
  else if (dtype == DType.int64) gemm_generic<i64>(m, n, k, a, ar, ac, b, br, bc, c, scratch)
  else gemm_generic<i32>(m, n, k, a, ar, ac, b, br, bc, c, scratch)
  if (bytes) freeBuffer(scratch, bytes)
  return true
}

function bothSaved(kind: NodeKind): i32 {
  return spec(kind, Save.self | Save.other)
}

function saves(a: Tensor, b: Tensor): i32 {
  return (hasEdge(b) ? Save.self : 0) | (hasEdge(a) ? Save.other : 0)
}

/** (n, k) x (k, m). */
export function mm(a: Tensor, b: Tensor): Tensor {
  if (failed()) return none()
  if (a.ndim != 2 || b.ndim != 2) {
    fail1(Err.MmDims, a.ndim != 2 ? 1 : 2)
    return none()
  }
  if (a.size(1) != b.size(0)) {
    failShapes(a.size(0), a.size(1), b.size(0), b.size(1))
    return none()
  }
  if (a.dtype != b.dtype) {
    fail2(Err.MmDType, a.dtype, b.dtype)
    return none()
  }
  if (a.dtype == DType.bool && a.numel && b.numel) {
    failDType(Op.Mm, a.dtype)
    return none()
  }
  const what = bothSaved(NodeKind.MmBackward0)
  const node = begin(recording(a, b), what, saves(a, b), a, b, false, 8)
  if (failed()) return none()
  if (changetype<usize>(node)) {
    writeMatrix(node, 0, a)
    writeMatrix(node, 4, b)
  }
  const out = product2(a, b)
  return isNone(out) ? cancel(node) : finish(node, what, out, false)
}

/** The product of two matrices that fit, not recorded. Null when memory ran out. */
export function product2(a: Tensor, b: Tensor): Tensor {
  shape2(a.size(0), b.size(1))
  const out = empty(a.dtype)
  if (isNone(out)) return out
  const ok = product(
    a.dtype, a.size(0), b.size(1), a.size(1),
    a.data, a.stride(0), a.stride(1), b.data, b.stride(0), b.stride(1), out.data,
  )
  return ok ? out : none()
}

export function failShapes(rows: i32, columns: i32, rows2: i32, columns2: i32): void {
  if (!fail(Err.MmShapes)) return
  say(rows)
  say(columns)
  say(rows2)
  say(columns2)
}

// `self_sym_sizes`, `self_sym_strides`, then those of mat2, two numbers each.
export function writeMatrix(node: Node, at: i32, x: Tensor): void {
  for (let d = 0; d < 2; d++) {
    node.setParam(at + d, x.size(d))
    node.setParam(at + 2 + d, x.stride(d))
  }
}

/** (n, k) x (k). */
export function mv(a: Tensor, x: Tensor): Tensor {
  if (failed()) return none()
  if (a.ndim != 2 || x.ndim != 1) {
    fail2(Err.MvDims, a.ndim, x.ndim)
    return none()
  }
  if (a.size(1) != x.size(0)) {
    fail3(Err.MvShapes, x.size(0), a.size(0), a.size(1))
    return none()
  }
  if (a.dtype != x.dtype) {
    fail2(Err.MvDType, a.dtype, x.dtype)
    return none()
  }
  if (a.dtype == DType.bool && a.numel) {
    failDType(Op.Mv, a.dtype)
    return none()
  }
  const what = bothSaved(NodeKind.MvBackward0)
  const node = begin(recording(a, x), what, saves(a, x), a, x, false)
  if (failed()) return none()
  shape1(a.size(0))
  const out = empty(a.dtype)
  if (isNone(out)) return cancel(node)
  const ok = product(
    a.dtype, a.size(0), 1, a.size(1), a.data, a.stride(0), a.stride(1), x.data, x.stride(0), 1, out.data,
  )
  return ok ? finish(node, what, out, false) : cancel(node)
}

/** (k) x (k). */
export function dot(a: Tensor, b: Tensor): Tensor {
  if (failed()) return none()
  if (a.ndim != 1 || b.ndim != 1) {
    fail2(Err.DotDims, a.ndim, b.ndim)
    return none()
  }
  if (a.dtype != b.dtype) {
    fail2(Err.DotDType, a.dtype, b.dtype)
    return none()
  }
  if (a.numel != b.numel) {
    fail2(Err.DotSizes, a.numel, b.numel)
    return none()
  }
  if (a.dtype == DType.bool) {
    failDType(Op.Dot, a.dtype)
    return none()
  }
  const what = bothSaved(NodeKind.DotBackward0)
  const node = begin(recording(a, b), what, saves(a, b), a, b, false)
  if (failed()) return none()
  beginShape(0)
  const out = empty(a.dtype)
  if (isNone(out)) return cancel(node)
  const ok = product(a.dtype, 1, 1, a.numel, a.data, 0, a.stride(0), b.data, b.stride(0), 1, out.data)
  return ok ? finish(node, what, out, false) : cancel(node)
}

/** (b, n, k) x (b, k, m). */
export function bmm(a: Tensor, b: Tensor): Tensor {
  if (failed()) return none()
  if (a.ndim != 3 || b.ndim != 3) {
    fail1(Err.BmmDims, a.ndim != 3 ? 1 : 2)
    return none()
  }
  const batch = a.size(0)
  if (b.size(0) != batch || b.size(1) != a.size(2)) {
    if (fail(Err.BmmShapes)) {
      say(batch)
      say(a.size(2))
      say(b.size(0))
      say(b.size(1))
    }
    return none()
  }
  const bare = a.numel == 0 || b.numel == 0
  const dtype = b.dtype
  if (a.dtype == DType.bool && !bare) {
    failDType(Op.Bmm, a.dtype)
    return none()
  }
  // Of what has no elements PyTorch asks no dtype: the result has that of the second.
  if (a.dtype != dtype && !bare) {
    fail2(Err.BmmDType, a.dtype, b.dtype)
    return none()
  }
  const what = bothSaved(NodeKind.BmmBackward0)
  const node = begin(recording(a, b), what, saves(a, b), a, b, false)
  if (failed()) return none()
  const m = a.size(1)
  const n = b.size(2)
  beginShape(3)
  setShapeSize(0, batch)
  setShapeSize(1, m)
  setShapeSize(2, n)
  const out = empty(dtype)
  if (isNone(out)) return cancel(node)
  const shift = itemShift(dtype)
  for (let i = 0; i < batch; i++) {
    const ok = product(
      dtype, m, n, a.size(2),
      a.data + ((<usize>(i * a.stride(0))) << shift), a.stride(1), a.stride(2),
      b.data + ((<usize>(i * b.stride(0))) << shift), b.stride(1), b.stride(2),
      out.data + ((<usize>(i * m * n)) << shift),
    )
    if (!ok) return cancel(node)
  }
  return finish(node, what, out, false)
}

export function productVjp(node: Node, g: Tensor, index: i32): Tensor {
  const other = saved(node, 1 - index)
  if (failed()) return none()
  switch (node.kind) {
    case NodeKind.DotBackward0:
      return mul(g, other)
    case NodeKind.MvBackward0:
      return index ? mv(t(other), g) : outer(g, other)
    case NodeKind.BmmBackward0:
      return index ? bmm(transpose(other, 1, 2), g) : bmm(g, transpose(other, 1, 2))
    default:
      return matrixGradient(node, 0, g, other, index)
  }
}

/** The gradient of operand `index` of a product of matrices whose geometries stand at param `from`. */
export function matrixGradient(node: Node, from: i32, g: Tensor, other: Tensor, index: i32): Tensor {
  if (failed()) return none()
  // The gradient of a column-major operand is made column-major (mm_mat1_grad).
  const at = from + index * 4
  const columnMajor = node.param(at + 2) == 1 && node.param(at + 3) == node.param(at)
  if (index) return columnMajor ? t(mm(t(g), other)) : mm(t(other), g)
  return columnMajor ? t(mm(other, t(g))) : mm(g, t(other))
}

function outer(a: Tensor, b: Tensor): Tensor {
  if (failed()) return none()
  shape2(a.size(0), 1)
  return mul(reshape(a), b)
}
