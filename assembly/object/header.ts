// PyObject: the header that every object of the Python side begins with, and CPython's reference counting on it.
//
//   -16       -12       -8        0           4         8
//   | gc_next | gc_prev | gc_refs | ob_refcnt | ob_type | the type's own fields ...
//
// `id()` is the address of ob_refcnt. The sixteen bytes before it are there only for types that the cycle collector
// tracks (TypeFlag.gc). Fields are as wide as on any 32-bit machine; blocks are as large as a 64-bit CPython 3.12 makes
// them (type.ts), so that objects of different types share size classes, and take each other's place, just as there.
import { TraceEvent } from '../abi_objects'
import { deallocate } from './slots'
import { traceEvent, tracing } from './trace'
import { IMMORTAL, PyObject } from './type'

export { PyObject }

export function INCREF(object: usize): void {
  const refcount = changetype<PyObject>(object).ob_refcnt
  if (refcount == IMMORTAL) return
  changetype<PyObject>(object).ob_refcnt = refcount + 1
  if (tracing()) traceEvent(TraceEvent.INCREF, object, refcount + 1)
}

/** Immortal for DECREF is, as in CPython 3.12, whatever has the sign bit set, so a lone INCREF more or less does no harm. */
export function DECREF(object: usize): void {
  const refcount = changetype<PyObject>(object).ob_refcnt
  if (<i32>refcount < 0) return
  changetype<PyObject>(object).ob_refcnt = refcount - 1
  if (tracing()) traceEvent(TraceEvent.DECREF, object, refcount - 1)
  if (refcount == 1) deallocate(object)
}

/** INCREF and DECREF of what may be null. */
export function XINCREF(object: usize): void {
  if (object) INCREF(object)
}

export function XDECREF(object: usize): void {
  if (object) DECREF(object)
}
