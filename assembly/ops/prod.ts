// Products. Where zeros forbid to divide by the factors, the derivative is the product of all others.
import { DType, NodeKind, Op, Scalar } from '../abi'
import { recording } from '../autograd/history'
import { gradModeEnabled } from '../autograd/mode'
import { isNoNode, Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { beginShape, setShapeSize, wrapDim } from '../tensor/shape'
import { emptyLike } from '../tensor/iterate'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { binary, div, mul } from './binary'
import { cast } from './cast'
import { to } from './copy'
import { eye, scalarTensor, zerosLike } from './create'
import { eachLine, inStep, lineLength, outStep } from './lines'
import { expand, unsqueeze } from './movement'
import { numberIn } from './pow'
import { begin, cancel, finish, Save, spec } from './record'
import { accumulated, as, sum, unrecordable, wideType } from './reduce'
import { reshape } from './reshape'
import { where } from './where'

function productLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      store<T>(o, load<T>(o) * load<T>(a))
      o += os
      a += as
    }
  }
}

/** The product of all others: from the left and from the right. */
function othersLoop(n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void {
  for (; n > 0; n--) {
    let before: f64 = 1
    for (let i = 0; i < lineLength; i++) {
      store<f64>(o + i * outStep, before)
      before *= load<f64>(a + i * inStep)
    }
    let after: f64 = 1
    for (let i = lineLength - 1; i >= 0; i--) {
      store<f64>(o + i * outStep, load<f64>(o + i * outStep) * after)
      after *= load<f64>(a + i * inStep)
    }
    o += os
    a += as
  }
}

function product(x: Tensor, dims: u64, keepdim: bool): Tensor {
  const dtype = isFloating(x.dtype) ? x.dtype : <i32>DType.int64
  const wide = cast(x, wideType(dtype))
  if (failed()) return none()
  const loop = isFloating(dtype) ? productLoop<f64>() : productLoop<i64>()
  return cast(accumulated(wide, dims, keepdim, 1, loop), dtype)
}

/** `x.prod()`. */
export function prod(x: Tensor, dtype: i32): Tensor {
  return reduced(x, ~0, 0, false, dtype)
}

/** `x.prod(dim, keepdim)`. */
export function prodDim(x: Tensor, dim: i32, keepdim: bool, dtype: i32): Tensor {
  const d = failed() ? -1 : wrapDim(dim, x.ndim)
  return d < 0 ? none() : reduced(x, 1 << (<u64>d), dim, keepdim, dtype)
}

function reduced(x: Tensor, dims: u64, dim: i32, keepdim: bool, dtype: i32): Tensor {
  if (failed() || unrecordable(x, dtype)) return none()
  const what = spec(dims == ~0 ? NodeKind.ProdBackward0 : NodeKind.ProdBackward1, Save.self | Save.result)
  const computed = dtype == DType.none ? x.dtype : dtype
  const node = begin(recording(x) && isFloating(computed), what, Save.self, x, none(), false, 2)
  if (failed()) return none()
  if (!isNoNode(node)) {
    node.setParam(0, dim)
    node.setParam(1, keepdim ? 1 : 0)
  }
  const out = as(product(as(x, dtype), dims, keepdim), dtype)
  return isNone(out) ? cancel(node) : finish(node, what, out, false)
}

export function prodVjp(node: Node, g: Tensor): Tensor {
  const self = saved(node, 0)
  const result = saved(node, 1)
  if (failed()) return none()
  if (self.ndim == 0) return g
  const x = to(self, g.dtype)
  if (node.kind == NodeKind.ProdBackward0) {
    const zeros = zerosIn(x)
    if (zeros == 0) return mul(g, div(result, x))
    if (zeros > 1 || failed()) return zerosLike(x)
    beginShape(1)
    setShapeSize(0, x.numel)
    const flat = others(reshape(x), 0)
    shapeLike(x)
    return mul(g, reshape(flat))
  }
  const d = wrapDim(<i32>node.param(0), x.ndim)
  const keepdim = node.param(1) != 0
  const grad = keepdim ? g : unsqueeze(g, d)
  if (zerosIn(x)) return mul(grad, others(x, d))
  return mul(grad, div(keepdim ? result : unsqueeze(result, d), x))
}

function shapeLike(x: Tensor): void {
  beginShape(x.ndim)
  for (let d = 0; d < x.ndim; d++) setShapeSize(d, x.size(d))
}

function zerosIn(x: Tensor): f64 {
  const count = sum(binary(Op.Eq, x, scalarTensor(0, Scalar.int)))
  return failed() ? 0 : numberIn(count)
}

/**
 * For every element the product of the others of its line. When this is to be differentiated again: as products of copies
 * of the line in which one element each is 1.
 */
function others(x: Tensor, d: i32): Tensor {
  if (failed()) return none()
  if (!gradModeEnabled()) {
    const wide = cast(x, DType.float64)
    const out = isNone(wide) ? wide : temp(emptyLike(wide, DType.float64))
    if (failed()) return none()
    eachLine(othersLoop, d, out, wide)
    return cast(out, x.dtype)
  }
  // ... x n x m: copy i of the line has its element i replaced.
  const n = x.size(d)
  const copies = unsqueeze(x, d)
  if (failed()) return none()
  beginShape(copies.ndim)
  for (let k = 0; k < copies.ndim; k++) setShapeSize(k, k == d ? n : copies.size(k))
  const lines = expand(copies)
  let own = eye(n, n, DType.bool)
  for (let k = d + 2; k < copies.ndim && !failed(); k++) own = unsqueeze(own, own.ndim)
  return prodDim(where(own, scalarTensor(1, Scalar.int), lines), d + 1, false, DType.none)
}
