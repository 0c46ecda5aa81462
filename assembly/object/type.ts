// Types: what an object of each kind is made of, and its dealloc slot.
import { allocObject, clear, freeObject } from '../memory/alloc'
import { fail1 } from '../error'
import { Err } from '../abi'
import { PyObject } from './header'
import { deallocWrapper } from './wrapper'

export const enum TypeId {
  /** The wrapper of a graph node; its Python class is that of the node's kind. */
  gradFn = 1,
  tensor,
}

const GC_HEAD: usize = 8

/** CPython's basicsize of a type, the header included; the GC head comes on top. */
function basicSize(type: TypeId): usize {
  switch (type) {
    case TypeId.gradFn:
      return 32
    default:
      return 64
  }
}

/** A new object with one reference, its fields zero; 0 with OutOfMemory pending. */
export function newObject(type: TypeId): usize {
  const bytes = GC_HEAD + basicSize(type)
  const block = allocObject(bytes)
  if (!block) {
    fail1(Err.OutOfMemory, bytes)
    return 0
  }
  clear(block, bytes)
  const object = block + GC_HEAD
  changetype<PyObject>(object).ob_refcnt = 1
  changetype<PyObject>(object).ob_type = type
  return object
}

/** Gives the block back; what the object referred to is the dealloc slot's affair. */
export function freeBlock(object: usize): void {
  freeObject(object - GC_HEAD, GC_HEAD + basicSize(changetype<PyObject>(object).ob_type))
}

/** The dealloc slots. */
export function deallocate(object: usize): void {
  if (changetype<PyObject>(object).ob_type == TypeId.gradFn) deallocWrapper(object)
  else freeBlock(object)
}
