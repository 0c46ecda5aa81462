// The tensor record: a shape and strides over a storage, what autograd knows of it, and the faces it shows outside.
import { Err, Kind, Limits, TensorField, TensorFlag } from '../abi'
import { inferenceMode } from '../autograd/mode'
import { fail, fail1 } from '../error'
import { allocRecord, clear, freeRecord } from '../memory/alloc'
import { AutogradMeta, releaseMeta } from '../autograd/meta'
import { Node } from '../autograd/node'
import { noteWrite, placing } from '../autograd/places'
import { releaseTensorObject } from '../object/tensor_object'
import { itemShift } from './dtype'
import { growStorage, newVersionCounter, releaseStorage, releaseVersionCounter, Storage, VersionCounter } from './storage'

//   0          4         8         12         16       20       24     28       32      36      37     38
//   | refcount | storage | counter | autograd | object | handle | dims | offset | numel | dtype | ndim | flags |
//   40 .. 80   five sizes, five strides (i32): where `dims` points, unless the tensor has more dimensions
@unmanaged
export class Tensor {
  refcount: u32
  storage: Storage
  /** Shared with views, detached aliases and saved outputs. Null until somebody shares or bumps it: version 0. */
  counter: VersionCounter
  /** Null for a tensor that autograd never met. */
  autograd: AutogradMeta
  /** The PyObject; once made it lives as long as the tensor (`id(x)` is stable). */
  object: usize
  /** The slot of the JS object in src/core/handles.ts; 0 when there is none. */
  handle: u32
  dims: usize
  /** In elements. */
  offset: u32
  numel: u32
  private dtype8: u8
  private ndim8: u8
  private flags16: u16
  inline0: u64
  inline1: u64
  inline2: u64
  inline3: u64
  inline4: u64

  // @ts-ignore: decorator
  @inline get dtype(): i32 {
    return this.dtype8
  }

  // @ts-ignore: decorator
  @inline set dtype(dtype: i32) {
    this.dtype8 = <u8>dtype
  }

  // @ts-ignore: decorator
  @inline get ndim(): i32 {
    return this.ndim8
  }

  // @ts-ignore: decorator
  @inline set ndim(ndim: i32) {
    this.ndim8 = <u8>ndim
  }

  // @ts-ignore: decorator
  @inline get flags(): i32 {
    return this.flags16
  }

  // @ts-ignore: decorator
  @inline set flags(flags: i32) {
    this.flags16 = <u16>flags
  }

  // @ts-ignore: decorator
  @inline get strides(): usize {
    return this.dims + ((<usize>max(this.ndim, TensorField.inlineDims)) << 2)
  }

  // @ts-ignore: decorator
  @inline size(dim: i32): i32 {
    return load<i32>(this.dims + ((<usize>dim) << 2))
  }

  // @ts-ignore: decorator
  @inline stride(dim: i32): i32 {
    return load<i32>(this.strides + ((<usize>dim) << 2))
  }

  // @ts-ignore: decorator
  @inline setDim(dim: i32, size: i32, stride: i32): void {
    store<i32>(this.dims + ((<usize>dim) << 2), size)
    store<i32>(this.strides + ((<usize>dim) << 2), stride)
  }

  /** The address of the first element. Read it anew after anything that may replace the storage. */
  // @ts-ignore: decorator
  @inline get data(): usize {
    return this.storage.data + ((<usize>this.offset) << itemShift(this.dtype))
  }

  // @ts-ignore: decorator
  @inline get version(): u32 {
    return changetype<usize>(this.counter) ? this.counter.version : 0
  }

  /** A Python scalar that became a 0-dim tensor: it yields in promotion (c10's wrapped number). */
  // @ts-ignore: decorator
  @inline get wrapped(): bool {
    return (this.flags & Flag.wrapped) != 0
  }

  // @ts-ignore: decorator
  @inline get inference(): bool {
    return (this.flags & Flag.inference) != 0
  }

  // @ts-ignore: decorator
  @inline get contiguous(): bool {
    return (this.flags & Flag.contiguous) != 0
  }
}

export const enum Flag {
  wrapped = 1,
  contiguous = 2,
  /** Made in inference mode: it counts no versions and may not be saved for backward. */
  inference = 4,
  ndarray = TensorFlag.ndarray,
  readonly = TensorFlag.readonly,
}

if (
  offsetof<Tensor>('storage') != TensorField.storage ||
  offsetof<Tensor>('autograd') != TensorField.autograd ||
  offsetof<Tensor>('object') != TensorField.object ||
  offsetof<Tensor>('handle') != TensorField.handle ||
  offsetof<Tensor>('dims') != TensorField.dims ||
  offsetof<Tensor>('offset') != TensorField.offset ||
  offsetof<Tensor>('numel') != TensorField.numel ||
  offsetof<Tensor>('dtype8') != TensorField.dtype ||
  offsetof<Tensor>('ndim8') != TensorField.ndim ||
  offsetof<Tensor>('flags16') != TensorField.flags
) {
  ERROR('abi.ts: TensorField does not match the Tensor record')
}

const INLINE: usize = offsetof<Tensor>('inline0')

// @ts-ignore: decorator
@inline
export function none(): Tensor {
  return changetype<Tensor>(0)
}

// @ts-ignore: decorator
@inline
export function isNone(tensor: Tensor): bool {
  return changetype<usize>(tensor) == 0
}

/** A record without a storage, one reference, shape unset. Null with OutOfMemory (or TooManyDims) pending. */
export function newTensor(dtype: i32, ndim: i32): Tensor {
  if (ndim > Limits.dims) {
    fail1(Err.TooManyDims, ndim)
    return none()
  }
  const tensor = changetype<Tensor>(allocRecord(offsetof<Tensor>(), Kind.Tensor))
  if (isNone(tensor)) {
    fail1(Err.OutOfMemory, offsetof<Tensor>())
    return none()
  }
  clear(changetype<usize>(tensor), offsetof<Tensor>())
  tensor.refcount = 1
  if (inferenceMode()) tensor.flags = Flag.inference
  tensor.dtype = dtype
  tensor.ndim = ndim
  tensor.dims = changetype<usize>(tensor) + INLINE
  if (ndim > TensorField.inlineDims) {
    const dims = allocRecord(<usize>ndim << 3, Kind.Other)
    if (!dims) {
      freeRecord(changetype<usize>(tensor), offsetof<Tensor>(), Kind.Tensor)
      fail1(Err.OutOfMemory, <usize>ndim << 3)
      return none()
    }
    tensor.dims = dims
  }
  return tensor
}

// @ts-ignore: decorator
@inline
export function retain(tensor: Tensor): Tensor {
  tensor.refcount++
  return tensor
}

export function release(tensor: Tensor): void {
  if (--tensor.refcount == 0) destroy(tensor)
}

function destroy(tensor: Tensor): void {
  if (tensor.object) releaseTensorObject(tensor.object)
  if (changetype<usize>(tensor.autograd)) releaseMeta(tensor, tensor.autograd)
  if (changetype<usize>(tensor.counter)) releaseVersionCounter(tensor.counter)
  if (changetype<usize>(tensor.storage)) releaseStorage(tensor.storage)
  freeDims(tensor)
  freeRecord(changetype<usize>(tensor), offsetof<Tensor>(), Kind.Tensor)
}

function freeDims(tensor: Tensor): void {
  if (tensor.ndim > TensorField.inlineDims) freeRecord(tensor.dims, <usize>tensor.ndim << 3, Kind.Other)
}

/** Gives `tensor` the shape, strides and offset of `source` (t_, unsqueeze_, ...). False when memory ran out. */
export function takeGeometry(tensor: Tensor, source: Tensor): bool {
  let dims = changetype<usize>(tensor) + INLINE
  if (source.ndim > TensorField.inlineDims) {
    dims = allocRecord(<usize>source.ndim << 3, Kind.Other)
    if (!dims) {
      fail1(Err.OutOfMemory, <usize>source.ndim << 3)
      return false
    }
  }
  freeDims(tensor)
  tensor.dims = dims
  tensor.ndim = source.ndim
  for (let d = 0; d < source.ndim; d++) tensor.setDim(d, source.size(d), source.stride(d))
  tensor.offset = source.offset
  tensor.numel = source.numel
  tensor.flags = (tensor.flags & ~Flag.contiguous) | (source.flags & Flag.contiguous)
  return true
}

/** Gives `tensor` the shape and strides of the dense `like`, from where it begins; its storage grows if need be. */
export function resizeAs(tensor: Tensor, like: Tensor): bool {
  const offset = tensor.offset
  const bytes = (<f64>offset + <f64>like.numel) * <f64>(1 << itemShift(tensor.dtype))
  if (!growStorage(tensor.storage, bytes) || !takeGeometry(tensor, like)) return false
  tensor.offset = offset
  return true
}

/** `x.data = source`: its elements, shape and dtype. The version counter and what autograd knows of `tensor` stay. */
export function setData(tensor: Tensor, source: Tensor): bool {
  if (tensor === source) return true
  if (!takeGeometry(tensor, source)) return false
  source.storage.refcount++
  releaseStorage(tensor.storage)
  tensor.storage = source.storage
  // The next graph gets an AccumulateGrad that knows the new dtype.
  if (tensor.dtype != source.dtype && changetype<usize>(tensor.autograd)) tensor.autograd.accumulator = changetype<Node>(0)
  tensor.dtype = source.dtype
  tensor.flags = (tensor.flags & ~Flag.inference) | (source.flags & Flag.inference)
  return true
}

/** The counter, made if need be, with a reference for the caller. Null when memory ran out. */
export function shareCounter(tensor: Tensor): VersionCounter {
  if (!changetype<usize>(tensor.counter)) {
    const counter = newVersionCounter(0)
    if (!changetype<usize>(counter)) return counter
    tensor.counter = counter
  }
  tensor.counter.refcount++
  return tensor.counter
}

/** One more write. `reserveCounter` before the write makes sure that this cannot fail. */
export function bump(tensor: Tensor): void {
  if (tensor.inference) return
  const counter = tensor.counter
  counter.version++
  if (placing()) noteWrite(changetype<usize>(counter), counter.version)
}

export function reserveCounter(tensor: Tensor): bool {
  if (tensor.inference && !inferenceMode()) {
    fail(Err.InferenceWrite)
    return false
  }
  if (changetype<usize>(tensor.counter)) return true
  const counter = newVersionCounter(0)
  tensor.counter = counter
  return changetype<usize>(counter) != 0
}
