// float: one double.
//
//   0           4         8
//   | ob_refcnt | ob_type | ob_fval f64 |
import { FreeList, TypeId } from '../abi_objects'
import { freeListed, newListed } from './free_lists'
import { PyObject } from './header'
import { typeObject } from './type'

@unmanaged
export class FloatObject extends PyObject {
  ob_fval: f64
}

const SIZE: usize = 24

/** A float with a reference for the caller; 0 with OutOfMemory pending. */
export function newFloat(value: f64): usize {
  const object = newListed(FreeList.float, typeObject(TypeId.float), SIZE)
  if (object) changetype<FloatObject>(object).ob_fval = value
  return object
}

/** The dealloc slot. */
export function deallocFloat(object: usize): void {
  freeListed(FreeList.float, object, SIZE)
}
