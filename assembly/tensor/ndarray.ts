// What makes a record an ndarray: a view of any strides, negative ones too, that shares no version counter with tensors
// (NumPy's writes are no versions to autograd), and whose object holds the object whose memory it shows.
import { TensorObject, tensorIdentity, tensorObject } from '../object/tensor_object'
import { refresh, shapeNdim, shapeSize } from './shape'
import { isNone, newTensor, none, retain, Tensor } from './tensor'

/** A record of the built shape on the storage of `source`; strides (i32, elements) stand at `strides`. */
export function storageView(source: Tensor, dtype: i32, flags: i32, offset: u32, strides: usize): Tensor {
  const view = newTensor(dtype, shapeNdim())
  if (isNone(view)) return view
  view.flags = flags
  view.storage = source.storage
  view.storage.refcount++
  view.offset = offset
  for (let d = 0; d < view.ndim; d++) view.setDim(d, shapeSize(d), load<i32>(strides + ((<usize>d) << 2)))
  refresh(view)
  return view
}

/** The object of `tensor` holds that of `base` from here on. False with OutOfMemory pending. */
export function setBase(tensor: Tensor, base: Tensor): bool {
  const object = tensorIdentity(tensor)
  const owner = object ? tensorObject(base) : 0
  if (!owner) return false
  changetype<TensorObject>(object).base = owner
  return true
}

/** The tensor whose object that of `tensor` holds, with a reference for the caller; null for none. */
export function baseOf(tensor: Tensor): Tensor {
  const base = tensor.object ? changetype<TensorObject>(tensor.object).base : 0
  return base ? retain(changetype<TensorObject>(base).tensor) : none()
}
