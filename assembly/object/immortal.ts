// Objects that never die: they lie outside the heap, so no counter ever sees them.
import { TypeId } from '../abi_objects'
import { PyObject } from './header'
import { IMMORTAL, typeObject } from './type'

const NONE: usize = memory.data(16, 16)

/** Writes the header of an object in static memory. */
export function immortal(object: usize, type: TypeId): usize {
  changetype<PyObject>(object).ob_refcnt = IMMORTAL
  changetype<PyObject>(object).ob_type = changetype<usize>(typeObject(type))
  return object
}

/** The one None. */
export function noneObject(): usize {
  return immortal(NONE, TypeId.none)
}
