// The PyObject of a tensor: made when somebody asks for the tensor's identity, then kept for the tensor's life, so that
// `id(x)` is stable. Who owns whom turns with who is needed (PyTorch's PyObject preservation):
//
//   a reference from Python exists     object ──owns──▶ tensor     the object's count is that of its references
//   none does                          tensor ──owns──▶ object     the count is 1, for the tensor (or its JS handle)
//
//   0           4         8        12     16          20
//   | ob_refcnt | ob_type | tensor | base | preserved | weakrefs |
import { TypeFlag, TypeId } from '../abi_objects'
import { itemShift } from '../tensor/dtype'
import { Flag, release, retain, Tensor } from '../tensor/tensor'
import { track, untrack } from './gc_lists'
import { INCREF, PyObject, XDECREF } from './header'
import { freeBlock, newObject, typeObject, typeOf } from './type'
import { objectDies } from './weakref'

@unmanaged
export class TensorObject extends PyObject {
  tensor: Tensor
  /** The object whose memory an ndarray shows, with a reference; 0 for an array of its own. */
  base: usize
  /** Owned by the tensor: nobody in Python refers to it. */
  preserved: bool
  weakrefs: usize
}

/** The object, not counted for the caller; 0 with OutOfMemory pending. */
function known(tensor: Tensor): usize {
  if (tensor.object) return tensor.object
  const type = typeObject(tensor.flags & Flag.ndarray ? TypeId.ndarray : TypeId.tensor)
  const object = newObject(type, type.basicsize)
  if (!object) return 0
  changetype<TensorObject>(object).tensor = tensor
  changetype<TensorObject>(object).preserved = true
  tensor.object = object
  if (type.flags & TypeFlag.gc) track(object)
  return object
}

/** How many references the object has, 1 for the tensor itself when there are none; the tensor gets its object. */
export function tensorRefcount(tensor: Tensor): u32 {
  const object = known(tensor)
  return object ? changetype<PyObject>(object).ob_refcnt : 0
}

/** The object's address without a reference: it lives as long as the tensor. 0 with OutOfMemory pending. */
export function tensorIdentity(tensor: Tensor): usize {
  return known(tensor)
}

/** The object with a reference for the caller, which keeps the tensor alive; 0 with OutOfMemory pending. */
export function tensorObject(tensor: Tensor): usize {
  const object = known(tensor)
  if (!object) return 0
  if (changetype<TensorObject>(object).preserved) {
    changetype<TensorObject>(object).preserved = false
    retain(tensor)
  } else INCREF(object)
  return object
}

/** The dealloc slot. While the tensor lives on, the object does too. */
export function deallocTensorObject(object: usize): void {
  const record = changetype<TensorObject>(object)
  if (record.preserved) return freeTensorObject(object)
  record.ob_refcnt = 1
  record.preserved = true
  release(record.tensor)
}

/** How many hold the object's tensor: the object itself, unless the tensor holds it, and handles, graphs, ... */
export function holdersOfTensor(object: usize): u32 {
  return changetype<TensorObject>(object).tensor.refcount
}

/** The tensor goes, and its object with it. */
export function releaseTensorObject(object: usize): void {
  freeTensorObject(object)
}

function freeTensorObject(object: usize): void {
  if (changetype<TensorObject>(object).weakrefs) objectDies(object)
  if (typeOf(object).flags & TypeFlag.gc) untrack(object)
  const base = changetype<TensorObject>(object).base
  freeBlock(object, typeOf(object).basicsize)
  XDECREF(base)
}

/** sys.getsizeof of an ndarray: a size and a stride for each dimension, and the numbers when they are its own. */
export function arraySize(object: usize): usize {
  const tensor = changetype<TensorObject>(object).tensor
  const numbers: usize = changetype<TensorObject>(object).base ? 0 : <usize>tensor.numel << itemShift(tensor.dtype)
  return typeOf(object).basicsize + <usize>tensor.ndim * 16 + numbers
}
