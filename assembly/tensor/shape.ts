// Shapes: setting them, contiguity, broadcasting, views of a storage.
import { Err, Kind, Limits } from '../abi'
import { fail, fail1, fail3, say } from '../error'
import { allocRecord, freeRecord } from '../memory/alloc'
import { itemShift } from './dtype'
import { newStorage, releaseVersionCounter, VersionCounter } from './storage'
import { Flag, isNone, newTensor, none, release, shareCounter, Tensor } from './tensor'

/** A shape under construction: `shapeSize(d)`; the last one built, read before anything else builds one. */
const SHAPE: usize = memory.data(Limits.dims * 4, 4)
let shapeDims: i32 = 0

// @ts-ignore: decorator
@inline
export function shapeSize(dim: i32): i32 {
  return load<i32>(SHAPE + ((<usize>dim) << 2))
}

// @ts-ignore: decorator
@inline
export function setShapeSize(dim: i32, size: i32): void {
  store<i32>(SHAPE + ((<usize>dim) << 2), size)
}

export function shapeNdim(): i32 {
  return shapeDims
}

/** False with TooManyDims pending when `ndim` is more than a tensor can have. */
export function beginShape(ndim: i32): bool {
  if (ndim > Limits.dims) {
    fail1(Err.TooManyDims, ndim)
    return false
  }
  shapeDims = ndim
  return true
}

export function shapeOf(tensor: Tensor): void {
  shapeDims = tensor.ndim
  memory.copy(SHAPE, tensor.dims, (<usize>tensor.ndim) << 2)
}

/** The built shape, kept while JS runs in the middle of an op. 0 with OutOfMemory pending. */
export function setShapeAside(): usize {
  const bytes = (<usize>shapeDims + 1) << 2
  const kept = allocRecord(bytes, Kind.Other)
  if (!kept) {
    fail1(Err.OutOfMemory, bytes)
    return kept
  }
  store<i32>(kept, shapeDims)
  memory.copy(kept + 4, SHAPE, bytes - 4)
  return kept
}

export function putShapeBack(kept: usize): void {
  if (!kept) return
  shapeDims = load<i32>(kept)
  memory.copy(SHAPE, kept + 4, (<usize>shapeDims) << 2)
  freeRecord(kept, (<usize>shapeDims + 1) << 2, Kind.Other)
}

export function sayShape(tensor: Tensor): void {
  say(tensor.ndim)
  for (let d = 0; d < tensor.ndim; d++) say(tensor.size(d))
}

export function sayBuiltShape(): void {
  say(shapeDims)
  for (let d = 0; d < shapeDims; d++) say(shapeSize(d))
}

/** Number of elements of the built shape; -1 with SizeOverflow pending when it is beyond what can be addressed. */
export function shapeNumel(): i32 {
  let numel: f64 = 1
  let empty = false
  for (let d = 0; d < shapeDims; d++) {
    const size = shapeSize(d)
    if (size == 0) empty = true
    numel *= size
  }
  if (empty) return 0
  if (numel > <f64>i32.MAX_VALUE) {
    if (fail(Err.SizeOverflow)) sayBuiltShape()
    return -1
  }
  return <i32>numel
}

/** Sets row-major strides from the sizes that `tensor` has, and its numel. */
export function setContiguous(tensor: Tensor): void {
  let stride = 1
  for (let d = tensor.ndim - 1; d >= 0; d--) {
    store<i32>(tensor.strides + ((<usize>d) << 2), stride)
    stride *= max(tensor.size(d), 1)
  }
  refresh(tensor)
}

/** Recomputes what follows from sizes and strides: numel and the contiguous flag. */
export function refresh(tensor: Tensor): void {
  let numel = 1
  let expected = 1
  let contiguous = true
  for (let d = tensor.ndim - 1; d >= 0; d--) {
    const size = tensor.size(d)
    if (size != 1) {
      if (tensor.stride(d) != expected) contiguous = false
      expected *= size
    }
    numel *= size
  }
  tensor.numel = numel
  if (contiguous || numel == 0) tensor.flags |= Flag.contiguous
  else tensor.flags &= ~Flag.contiguous
}

/** An uninitialised row-major tensor of the built shape. */
export function emptyOfShape(dtype: i32): Tensor {
  const numel = shapeNumel()
  if (numel < 0) return none()
  const tensor = newTensor(dtype, shapeDims)
  if (isNone(tensor)) return tensor
  memory.copy(tensor.dims, SHAPE, (<usize>shapeDims) << 2)
  setContiguous(tensor)
  tensor.storage = newStorage(<f64>numel * <f64>(1 << itemShift(dtype)))
  if (changetype<usize>(tensor.storage)) return tensor
  release(tensor)
  return none()
}

/** An alias: same storage, same version counter, own shape (unset: sizes and strides of `ndim` dimensions follow). */
export function aliasOf(source: Tensor, ndim: i32): Tensor {
  const counter = shareCounter(source)
  if (!changetype<usize>(counter)) return none()
  const view = newTensor(source.dtype, ndim)
  if (isNone(view)) {
    counter.refcount--
    return view
  }
  view.counter = counter
  view.flags = (view.flags & ~Flag.inference) | (source.flags & Flag.inference)
  view.storage = source.storage
  view.storage.refcount++
  view.offset = source.offset
  return view
}

/** An alias with the shape of `source` itself. */
export function aliasSame(source: Tensor): Tensor {
  const view = aliasOf(source, source.ndim)
  if (isNone(view)) return view
  for (let d = 0; d < source.ndim; d++) view.setDim(d, source.size(d), source.stride(d))
  refresh(view)
  return view
}

/** An alias with the shape of `source` but a version counter of its own. */
export function unversionedAlias(source: Tensor): Tensor {
  const alias = aliasSame(source)
  if (isNone(alias)) return alias
  releaseVersionCounter(alias.counter)
  alias.counter = changetype<VersionCounter>(0)
  return alias
}

/** Non-overlapping and dense: the elements fill a gap-free block in some order of the dimensions. */
export function isDense(tensor: Tensor): bool {
  if (tensor.contiguous || tensor.numel == 0) return true
  // The strides of the dimensions that matter must be 1, s0, s0*s1, ... in some order: find each in turn.
  let expected = 1
  let left = 0
  for (let d = 0; d < tensor.ndim; d++) if (tensor.size(d) > 1) left++
  while (left) {
    let found = false
    for (let d = 0; d < tensor.ndim; d++) {
      if (tensor.size(d) > 1 && tensor.stride(d) == expected) {
        expected *= tensor.size(d)
        found = true
        left--
        break
      }
    }
    if (!found) return false
  }
  return true
}

export function sameShape(a: Tensor, b: Tensor): bool {
  if (a.ndim != b.ndim) return false
  for (let d = 0; d < a.ndim; d++) if (a.size(d) != b.size(d)) return false
  return true
}

export function sameStrides(a: Tensor, b: Tensor): bool {
  for (let d = 0; d < a.ndim; d++) if (a.stride(d) != b.stride(d)) return false
  return true
}

/** Builds the broadcast shape of the built shape and `tensor`; false with BroadcastMismatch pending. */
export function broadcastWith(tensor: Tensor): bool {
  const ndim = max(shapeDims, tensor.ndim)
  const shift = ndim - shapeDims
  if (shift) {
    memory.copy(SHAPE + ((<usize>shift) << 2), SHAPE, (<usize>shapeDims) << 2)
    for (let d = 0; d < shift; d++) setShapeSize(d, 1)
    shapeDims = ndim
  }
  const skip = ndim - tensor.ndim
  for (let d = ndim - 1; d >= skip; d--) {
    const a = shapeSize(d)
    const b = tensor.size(d - skip)
    if (a == b || b == 1) continue
    if (a != 1) {
      fail3(Err.BroadcastMismatch, a, b, d)
      return false
    }
    setShapeSize(d, b)
  }
  return true
}

/** Does the built shape equal that of `tensor`? */
export function shapeIs(tensor: Tensor): bool {
  if (shapeDims != tensor.ndim) return false
  for (let d = 0; d < shapeDims; d++) if (shapeSize(d) != tensor.size(d)) return false
  return true
}

/** Turns a dimension given from Python (negative counts from the end) into an index; -1 with DimRange pending. */
export function wrapDim(dim: i32, ndim: i32): i32 {
  const range = max(ndim, 1)
  if (dim < -range || dim >= range) {
    fail3(Err.DimRange, -range, range - 1, dim)
    return -1
  }
  return dim < 0 ? dim + range : dim
}

/** Do two elements of the tensor share an address? As PyTorch decides it: a zero stride on a size above 1. */
export function overlapsItself(tensor: Tensor): bool {
  if (tensor.contiguous) return false
  for (let d = 0; d < tensor.ndim; d++) if (tensor.size(d) > 1 && tensor.stride(d) == 0) return true
  return false
}

/** Do two dense tensors share memory? Of others that is not asked, as in PyTorch. */
export function overlaps(a: Tensor, b: Tensor): bool {
  if (a.storage !== b.storage || a.numel == 0 || b.numel == 0 || !isDense(a) || !isDense(b)) return false
  return a.data < endOf(b) && b.data < endOf(a)
}

function endOf(t: Tensor): usize {
  return t.data + ((<usize>t.numel) << itemShift(t.dtype))
}

/** Do an input and the written-to tensor share some, but not exactly all, of their elements (at::get_overlap_status)? */
export function overlapsPartly(input: Tensor, output: Tensor): bool {
  if (input === output || !overlaps(input, output)) return false
  if (input.data != output.data || endOf(input) != endOf(output)) return true
  // As there, sizes are not looked at: if they differ, the shapes will not do.
  return input.ndim != output.ndim || !sameStrides(input, output)
}
