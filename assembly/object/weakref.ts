// Weak references: a list of them hangs on every object that can have some, the newest first, but before all others the
// one without a callback, which is shared.
//
//   0           4         8           12         16     20
//   | ob_refcnt | ob_type | wr_object | callback | prev | next |
//
// A callback is a function of JavaScript, which src/py/weakref.ts keeps under the reference's address.
import { TraceEvent, TypeFlag, TypeId, WeakrefField } from '../abi_objects'
import { enterBase, leaveBase } from '../tensor/temps'
import { track, untrack } from './gc_lists'
import { DECREF, INCREF, PyObject } from './header'
import { weakrefsOf } from './slots'
import { traceEvent, tracing } from './trace'
import { freeBlock, newObject, typeObject, typeOf } from './type'

@external('env', 'run_weakref_callback')
declare function runCallback(ref: usize): void

@external('env', 'drop_weakref_callback')
declare function dropCallback(ref: usize): void

@unmanaged
export class WeakReference extends PyObject {
  /** The object, without a reference; 0 when it has died. */
  object: usize
  callback: bool
  prev: usize
  next: usize
}

if (offsetof<WeakReference>('object') != WeakrefField.object || offsetof<WeakReference>('next') != WeakrefField.next) {
  ERROR('abi.ts: WeakrefField does not match the record')
}

/** The first weak reference to an object; 0 if there is none. */
export function firstWeakref(object: usize): usize {
  return typeOf(object).flags & TypeFlag.weakrefs ? load<usize>(weakrefsOf(object)) : 0
}

function isShared(ref: usize): bool {
  return ref != 0 && !changetype<WeakReference>(ref).callback
}

/** `weakref.ref(object)`, with a reference for the caller; 0 with OutOfMemory pending. The type was checked. */
export function newWeakref(object: usize, callback: bool): usize {
  const at = weakrefsOf(object)
  const first = load<usize>(at)
  if (!callback && isShared(first)) {
    INCREF(first)
    return first
  }
  const type = typeObject(TypeId.weakref)
  const ref = newObject(type, type.basicsize)
  if (!ref) return 0
  const record = changetype<WeakReference>(ref)
  record.object = object
  record.callback = callback
  const prev = callback && isShared(first) ? first : 0
  const next = prev ? changetype<WeakReference>(prev).next : first
  record.prev = prev
  record.next = next
  if (prev) changetype<WeakReference>(prev).next = ref
  else store<usize>(at, ref)
  if (next) changetype<WeakReference>(next).prev = ref
  track(ref)
  return ref
}

/** The object it refers to goes, or is about to: from now on the reference is dead. Its callback is not called. */
export function clearWeakref(ref: usize): void {
  const record = changetype<WeakReference>(ref)
  if (!record.object) return
  if (tracing()) traceEvent(TraceEvent.weakrefCleared, ref, 0)
  if (record.prev) changetype<WeakReference>(record.prev).next = record.next
  else store<usize>(weakrefsOf(record.object), record.next)
  if (record.next) changetype<WeakReference>(record.next).prev = record.prev
  record.object = 0
  record.prev = 0
  record.next = 0
}

/** Calls the callback of a dead reference, once. */
export function callBack(ref: usize): void {
  changetype<WeakReference>(ref).callback = false
  const outer = enterBase()
  runCallback(ref)
  leaveBase(outer)
}

/** An object dies: all references to it do, then their callbacks are called, the newest first. */
export function objectDies(object: usize): void {
  let calls: usize = 0
  let last: usize = 0
  for (let ref = firstWeakref(object); ref; ref = firstWeakref(object)) {
    clearWeakref(ref)
    const record = changetype<WeakReference>(ref)
    if (!record.callback) continue
    INCREF(ref)
    if (last) changetype<WeakReference>(last).next = ref
    else calls = ref
    last = ref
  }
  while (calls) {
    const ref = calls
    calls = changetype<WeakReference>(ref).next
    changetype<WeakReference>(ref).next = 0
    callBack(ref)
    DECREF(ref)
  }
}

/** The dealloc slot. */
export function deallocWeakref(ref: usize): void {
  untrack(ref)
  clearWeakref(ref)
  if (changetype<WeakReference>(ref).callback) dropCallback(ref)
  freeBlock(ref, typeOf(ref).basicsize)
}
