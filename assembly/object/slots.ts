// The slots of the types: what happens when an object's count comes to 0, and what it refers to.
import { TraceEvent, TypeId } from '../abi'
import { deallocTensorObject } from './tensor_object'
import { traceEvent, tracing } from './trace'
import { typeOf } from './type'
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
  }
}
