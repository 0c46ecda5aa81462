// An instance of a class of the user's own.
//
//   -32                              -20        -16 ... 0           4
//   | values | capacity | count (12) | weakrefs | GC head | ob_refcnt | ob_type |
import { TraceEvent, TypeFlag } from '../abi_objects'
import { enterBase, leaveBase } from '../tensor/temps'
import { Attributes } from './attributes'
import { PRESIZE } from './class'
import { visit } from './gc'
import { GCFlag, headOf, track, untrack } from './gc_lists'
import { DECREF, INCREF, PyObject } from './header'
import { objectFreed } from './slots'
import { traceEvent, tracing } from './trace'
import { trashBegin, trashEnd } from './trash'
import { freeBlock, newObject, PyTypeObject, typeOf } from './type'
import { objectDies } from './weakref'

@external('env', 'run_finalizer')
declare function runFinalizer(object: usize): void

// @ts-ignore: decorator
@inline
export function attributesOfInstance(object: usize): Attributes {
  return changetype<Attributes>(object - PRESIZE)
}

// @ts-ignore: decorator
@inline
export function weakrefsOfInstance(object: usize): usize {
  return object - PRESIZE + offsetof<Attributes>()
}

/**
 * An instance with room for `capacity` attributes, and a reference for the caller; 0 with OutOfMemory pending. A class of
 * its own it takes over.
 */
export function newInstance(type: PyTypeObject, capacity: u32): usize {
  const object = newObject(type, type.basicsize)
  if (!object) return 0
  if (!attributesOfInstance(object).reserve(capacity)) {
    freeBlock(object, type.basicsize)
    return 0
  }
  if (!(type.flags & TypeFlag.own)) INCREF(changetype<usize>(type))
  track(object)
  return object
}

/** An instance's class is among its references. */
export function traverseInstance(object: usize): void {
  attributesOfInstance(object).traverse()
  visit(changetype<usize>(typeOf(object)))
}

export function clearInstance(object: usize): void {
  attributesOfInstance(object).clear()
}

function hasToBeFinalized(object: usize): bool {
  return (typeOf(object).flags & TypeFlag.finalizer) != 0 && !(headOf(object).flags & GCFlag.finalized)
}

function callFinalizer(object: usize): void {
  if (tracing()) traceEvent(TraceEvent.finalize, object, 0)
  const outer = enterBase()
  runFinalizer(object)
  leaveBase(outer)
}

/** The collector's `__del__`, unless there was one. */
export function finalizeInstance(object: usize): void {
  if (!hasToBeFinalized(object)) return
  headOf(object).flags |= GCFlag.finalized
  callFinalizer(object)
}

/** The dealloc slot. `__del__` may give the object a reference again: then it lives on. */
export function deallocInstance(object: usize): void {
  untrack(object)
  if (trashBegin(object)) return
  if (!isRevived(object)) {
    objectFreed(object)
    objectDies(object)
    const type = typeOf(object)
    clearInstance(object)
    attributesOfInstance(object).free()
    freeBlock(object, type.basicsize)
    DECREF(changetype<usize>(type))
  }
  trashEnd()
}

/** While `__del__` runs the object has a reference; any more than that are new. */
function isRevived(object: usize): bool {
  if (!hasToBeFinalized(object)) return false
  track(object)
  changetype<PyObject>(object).ob_refcnt = 1
  callFinalizer(object)
  headOf(object).flags |= GCFlag.finalized
  if (--changetype<PyObject>(object).ob_refcnt) return true
  untrack(object)
  return false
}
