// The derivative of as_strided: the gradient is laid out in a storage as the view was, and read as the source was. Where
// elements of the view coincide they add up; where elements of the source do, they share what arrived.
// (PyTorch's Note [as_strided Backward and layout-aware/agnostic autograd].)
import { DType, Limits, Op } from '../abi'
import { Node } from '../autograd/node'
import { failed } from '../error'
import { aliasOf, beginShape, refresh, setShapeSize } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { bump, isNone, none, reserveCounter, Tensor } from '../tensor/tensor'
import { binary } from './binary'
import { copy_ } from './copy'
import { arange, filled, full } from './create'
import { run } from './elementwise'
import { indexAdd } from './index_dim'
import { readSizes, squeeze, SqueezeForm } from './movement'
import { sumDims } from './reduce'
import { asStrided, reshape } from './reshape'
import { adder } from './scatter_view'

/** Sizes and strides (i32 each) with which a storage is seen, the dimensions that matter alone. */
const SIZES: usize = memory.data(Limits.dims * 4, 4)
const STRIDES: usize = memory.data(Limits.dims * 4, 4)
let kept: i32 = 0

// @ts-ignore: decorator
@inline
function at(list: usize, index: i32): i32 {
  return load<i32>(list + ((<usize>index) << 2))
}

function keep(size: i32, stride: i32): void {
  store<i32>(SIZES + ((<usize>kept) << 2), size)
  store<i32>(STRIDES + ((<usize>kept) << 2), stride)
  kept++
}

/** Could two elements share an address? As PyTorch guesses it: strides in order, each beyond what the smaller reach. */
function mayOverlap(): bool {
  let reach = 0
  let done: u64 = 0
  for (let left = kept; left > 0; left--) {
    let next = -1
    for (let d = 0; d < kept; d++) {
      if (!(done & (1 << (<u64>d))) && (next < 0 || at(STRIDES, d) < at(STRIDES, next))) next = d
    }
    if (at(STRIDES, next) <= reach) return true
    reach += at(STRIDES, next) * (at(SIZES, next) - 1)
    done |= 1 << (<u64>next)
  }
  return false
}

/** How many elements a storage has that is seen so from `offset`. */
function extent(offset: i32): i32 {
  let last = offset
  for (let d = 0; d < kept; d++) last += (at(SIZES, d) - 1) * at(STRIDES, d)
  return last + 1
}

/**
 * Keeps the dimensions of the geometry at param `from` that have more than one element, without those of stride 0 if
 * `distinct`. False when it has no element at all.
 */
function keepGeometry(node: Node, from: i32, distinct: bool): bool {
  const ndim = <i32>node.param(from)
  kept = 0
  for (let d = 0; d < ndim; d++) {
    const size = <i32>node.param(from + 1 + d)
    const stride = <i32>node.param(from + 1 + ndim + d)
    if (size == 0) return false
    if (size > 1 && (stride || !distinct)) keep(size, stride)
  }
  return true
}

/** `flat` as the kept dimensions see it, neither recorded nor tracked. */
function seen(flat: Tensor, offset: i32): Tensor {
  const out = isNone(flat) ? flat : temp(aliasOf(flat, kept))
  if (isNone(out)) return out
  for (let d = 0; d < kept; d++) out.setDim(d, at(SIZES, d), at(STRIDES, d))
  out.offset = offset
  refresh(out)
  return out
}

function zeros(count: i32, dtype: i32): Tensor {
  beginShape(1)
  setShapeSize(0, count)
  return filled(0, dtype)
}

/** Drops the view's dimensions that repeat an element: their gradients are summed. */
function summed(g: Tensor, node: Node, from: i32): Tensor {
  const ndim = <i32>node.param(from)
  for (let d = ndim - 1; d >= 0 && !failed(); d--) {
    const one = node.param(from + 1 + d) == 1
    if (!one && node.param(from + 1 + ndim + d) != 0) continue
    beginShape(1)
    setShapeSize(0, d)
    g = one ? squeeze(g, SqueezeForm.one) : sumDims(g, false)
  }
  return g
}

/** AsStridedBackward's params are | source geometry | view geometry | offset as given |. */
export function stridedVjp(node: Node, g: Tensor): Tensor {
  if (failed()) return none()
  const ndim = <i32>node.param(0)
  const view = 2 + 2 * ndim
  let sourceOffset = <i32>node.param(1 + 2 * ndim)
  let viewOffset = <i32>node.param(view + 1 + 2 * <i32>node.param(view))
  const shared = min(sourceOffset, viewOffset)
  sourceOffset -= shared
  viewOffset -= shared
  let any = keepGeometry(node, 0, false)
  const reach = extent(sourceOffset)
  any = keepGeometry(node, view, true) && any
  if (!any) {
    readSizes(node, 0)
    // PyTorch's zeros are written once.
    const out = filled(0, g.dtype)
    if (!isNone(out) && reserveCounter(out)) bump(out)
    return out
  }
  g = summed(g, node, view)
  const flat = zeros(max(reach, extent(viewOffset)), g.dtype)
  if (failed()) return none()
  if (mayOverlap()) scatter(flat, g, viewOffset)
  else {
    beginShape(kept)
    for (let d = 0; d < kept; d++) setShapeSize(d, at(SIZES, d))
    copy_(asStrided(flat, STRIDES, viewOffset), g)
  }
  keepGeometry(node, 0, false)
  if (!failed() && mayOverlap()) share(flat, sourceOffset)
  beginShape(ndim)
  for (let d = 0; d < ndim; d++) {
    setShapeSize(d, <i32>node.param(1 + d))
    store<i32>(STRIDES + ((<usize>d) << 2), <i32>node.param(1 + ndim + d))
  }
  return asStrided(flat, STRIDES, sourceOffset)
}

/** Adds `g` to the zeros in `flat`, as the kept dimensions see it. */
function scatter(flat: Tensor, g: Tensor, offset: i32): void {
  const places = seen(arange(0, 1, flat.numel, DType.int64), offset)
  if (failed()) return
  indexAdd(flat, 0, vector(places), vector(g), 1, true)
}

function vector(x: Tensor): Tensor {
  beginShape(1)
  setShapeSize(0, -1)
  return reshape(x)
}

/** Divides each element of `flat` by the number of times that the kept dimensions see it. */
function share(flat: Tensor, offset: i32): void {
  const times = zeros(flat.numel, flat.dtype)
  const into = failed() ? none() : seen(times, offset)
  const one = full(0, 1, flat.dtype)
  if (failed()) return
  run(adder(flat.dtype), into, one)
  // 0 / 0 where nobody looks.
  binary(Op.Div, flat, times, true)
}
