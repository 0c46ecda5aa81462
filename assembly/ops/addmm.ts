// addmm: beta * self + alpha * (mat1 @ mat2), what a linear layer is.
import { DType, Err, NodeKind, Op } from '../abi'
import { mayWrite, recording, setEdgeTo } from '../autograd/history'
import { hasEdge } from '../autograd/meta'
import { isNoNode, newNode, Node, noNode, releaseNode } from '../autograd/node'
import { saved, saveInput } from '../autograd/saved'
import { fail, fail2, failDType, failed, say } from '../error'
import { isFloating } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { beginShape, overlapsItself, sayShape, setShapeSize } from '../tensor/shape'
import { isNone, none, reserveCounter, Tensor } from '../tensor/tensor'
import { mulNumber } from './binary'
import { run } from './elementwise'
import { failShapes, matrixGradient, product2, writeMatrix } from './products'
import { expanded } from './movement'
import { cancel, finish, wrote } from './record'

let scaleOwn: f64 = 1
let scaleProduct: f64 = 1

// A beta of 0 ignores what self holds, nan included.
function mixLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    const beta = <T>scaleOwn
    const alpha = <T>scaleProduct
    for (; n > 0; n--) {
      const scaled = <T>(alpha * load<T>(o))
      store<T>(o, beta == <T>0 ? scaled : <T>(scaled + beta * load<T>(a)))
      o += os
      a += as
    }
  }
}

function mix(dtype: i32): Loop {
  if (dtype == DType.float32) return mixLoop<f32>()
  if (dtype == DType.float64) return mixLoop<f64>()
  return dtype == DType.int64 ? mixLoop<i64>() : mixLoop<i32>()
}

function sayPair(rows: i32, columns: i32): void {
  say(2)
  say(rows)
  say(columns)
}

function fits(self: Tensor, a: Tensor, b: Tensor): bool {
  if (a.ndim != 2 || b.ndim != 2) fail2(Err.AddmmDims, a.ndim != 2 ? 1 : 2, a.ndim != 2 ? a.ndim : b.ndim)
  else if (self.dtype != b.dtype || a.dtype != b.dtype) {
    if (fail(Err.AddmmDType)) {
      say(self.dtype != b.dtype ? 0 : 1)
      say(self.dtype != b.dtype ? self.dtype : a.dtype)
      say(b.dtype)
    }
  } else if (a.size(1) != b.size(0)) failShapes(a.size(0), a.size(1), b.size(0), b.size(1))
  else if (self.dtype == DType.bool) failDType(Op.Addmm, self.dtype)
  return !failed()
}

/** Into `self` itself when `inplace`; recorded. */
export function addmm(self: Tensor, a: Tensor, b: Tensor, beta: f64, alpha: f64, inplace: bool): Tensor {
  if (failed()) return none()
  const record = recording(self, a, b)
  if (inplace && record && !mayWrite(self)) return none()
  if (!fits(self, a, b)) return none()
  const rows = a.size(0)
  const columns = b.size(1)
  if (inplace && (self.ndim != 2 || self.size(0) != rows || self.size(1) != columns)) {
    if (fail(Err.AddmmInplace)) {
      sayShape(self)
      sayPair(rows, columns)
    }
    return none()
  }
  beginShape(2)
  setShapeSize(0, rows)
  setShapeSize(1, columns)
  const own = expanded(self)
  if (isNone(own)) return none()
  if (inplace) {
    if (overlapsItself(self)) fail(Err.OverlapSelf)
    if (failed() || !reserveCounter(self)) return none()
  }
  const node = record && isFloating(self.dtype) ? nodeOf(self, a, b, beta, alpha) : noNode()
  const out = failed() ? none() : product2(a, b)
  if (isNone(out)) return cancel(node)
  scaleOwn = beta
  scaleProduct = alpha
  run(mix(self.dtype), out, own)
  return finish(node, 0, inplace ? wrote(self, out) : out, inplace)
}

// Params: | alpha | beta | sizes and strides of mat1 | of mat2 |
function nodeOf(self: Tensor, a: Tensor, b: Tensor, beta: f64, alpha: f64): Node {
  const node = newNode(NodeKind.AddmmBackward0, 3, 2, 10)
  if (isNoNode(node)) return node
  node.setParam(0, alpha)
  node.setParam(1, beta)
  writeMatrix(node, 2, a)
  writeMatrix(node, 6, b)
  const linked = setEdgeTo(node, 0, self) && setEdgeTo(node, 1, a) && setEdgeTo(node, 2, b)
  if (linked && (!hasEdge(b) || saveInput(node, 0, a)) && (!hasEdge(a) || saveInput(node, 1, b))) return node
  releaseNode(node)
  return noNode()
}

export function addmmVjp(node: Node, g: Tensor, index: i32): Tensor {
  const alpha = node.param(0)
  if (index == 0) return scaled(g, node.param(1))
  return scaled(matrixGradient(node, 2, g, saved(node, 2 - index), index - 1), alpha)
}

function scaled(g: Tensor, by: f64): Tensor {
  return failed() ? none() : by == 1 ? g : mulNumber(g, by)
}
