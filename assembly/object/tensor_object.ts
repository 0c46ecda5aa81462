// The PyObject of a tensor: made when somebody asks for the tensor's identity, then kept for the tensor's life.
import { Tensor } from '../tensor/tensor'
import { DECREF } from './header'
import { newObject, TypeId } from './type'

/** The object, not counted for the caller; 0 with OutOfMemory pending. */
export function tensorObject(tensor: Tensor): usize {
  if (!tensor.object) tensor.object = newObject(TypeId.tensor)
  return tensor.object
}

export function releaseTensorObject(object: usize): void {
  DECREF(object)
}
