// PyObject: the header that every object of the Python side begins with, and CPython's reference counting on it.
//
//   -8       -4      0           4         8
//   | gcNext | gcPrev | ob_refcnt | ob_type | the type's own fields ...
//
// `id()` is the address of ob_refcnt. The two words before it are there only for types that the cycle collector tracks
// (TypeFlag.gc), as in CPython; until the collector comes they stay zero.
import { deallocate } from './type'

@unmanaged
export class PyObject {
  ob_refcnt: u32
  ob_type: u32
}

/** The count of an object that never dies; INCREF and DECREF leave it alone. */
export const IMMORTAL: u32 = 0xffffffff

// @ts-ignore: decorator
@inline
export function INCREF(object: usize): void {
  const refcount = changetype<PyObject>(object).ob_refcnt
  if (refcount != IMMORTAL) changetype<PyObject>(object).ob_refcnt = refcount + 1
}

export function DECREF(object: usize): void {
  const refcount = changetype<PyObject>(object).ob_refcnt
  if (refcount == IMMORTAL) return
  changetype<PyObject>(object).ob_refcnt = refcount - 1
  if (refcount == 1) deallocate(object)
}
