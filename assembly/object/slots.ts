// The slots of the types: what happens when an object's count comes to 0, and what it refers to.
import { TraceEvent, TypeId } from '../abi'
import { deallocTensorObject, TensorObject } from './tensor_object'
import { traceEvent, tracing } from './trace'
import { PyTypeObject, typeOf } from './type'
import { deallocWeakref } from './weakref'
import { deallocWrapper } from './wrapper'

/** tp_dealloc. */
export function deallocate(object: usize): void {
  if (tracing()) traceEvent(TraceEvent.dealloc, object, 0)
  switch (typeOf(object).id) {
    case TypeId.gradFn:
      return deallocWrapper(object)
    case TypeId.tensor:
    case TypeId.ndarray:
      return deallocTensorObject(object)
    case TypeId.weakref:
      return deallocWeakref(object)
  }
}

/** tp_traverse: calls `visit` (gc.ts) for every reference that the object owns. */
export function traverse(object: usize): void {
  switch (typeOf(object).id) {
  }
}

/** tp_clear: lets go of what could be part of a cycle. */
export function clear(object: usize): void {
  switch (typeOf(object).id) {
  }
}

/** tp_finalize: `__del__`, at most once. */
export function finalize(object: usize): void {
  switch (typeOf(object).id) {
  }
}

/** Where the first of an object's weak references stands (tp_weaklistoffset). Its type can have some. */
export function weakrefsOf(object: usize): usize {
  switch (typeOf(object).id) {
    case TypeId.type:
      return object + offsetof<PyTypeObject>('weakrefs')
    default:
      return object + offsetof<TensorObject>('weakrefs')
  }
}
