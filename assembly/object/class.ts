// A class of the user's own: a type object on the heap, counted like any object. What it is called and its functions are
// the library's (src/py/class.ts), which knows it by the number `face`; its other attributes are kept here, because the
// collector must know what they refer to.
//
//   0 ... 40       48         60
//   | PyTypeObject | attributes | ...
import { Err, Kind } from '../abi'
import { TypeFlag, TypeId } from '../abi_objects'
import { fail1 } from '../error'
import { allocRecord, clear, freeRecord } from '../memory/alloc'
import { Attributes } from './attributes'
import { track, untrack } from './gc_lists'
import { freeBlock, GC_HEAD, newObject, PyTypeObject, typeObject } from './type'
import { objectDies } from './weakref'

@external('env', 'drop_class')
declare function dropFace(face: u32): void

/** CPython's heap type object with the keys that its instances share: sys.getsizeof, less the GC head. */
export const CLASS_SIZE: usize = 1688
const ATTRIBUTES: usize = 48
/** A class of one instance's own, with a GC head that nothing uses. */
const OWN_SIZE: usize = 80
/** What lies before an instance's header: its attributes and weak references, then its GC head. */
// @ts-ignore: decorator
@inline
export const PRESIZE: usize = 32

if (offsetof<PyTypeObject>() > ATTRIBUTES) ERROR('a class keeps its attributes behind its type object')

// @ts-ignore: decorator
@inline
export function attributesOfClass(type: usize): Attributes {
  return changetype<Attributes>(type + ATTRIBUTES)
}

/** A class with one reference for the caller, and `flags` besides those of any; 0 with OutOfMemory pending. */
export function newClass(face: u32, flags: u32): usize {
  const object = flags & TypeFlag.own ? newOwn() : newObject(typeObject(TypeId.type), CLASS_SIZE)
  if (!object) return 0
  const type = changetype<PyTypeObject>(object)
  type.id = TypeId.instance
  type.flags = TypeFlag.gc | TypeFlag.weakrefs | TypeFlag.heap | flags
  type.basicsize = typeObject(TypeId.instance).basicsize
  type.presize = PRESIZE
  type.face = face
  if (!(flags & TypeFlag.own)) track(object)
  return object
}

function newOwn(): usize {
  const block = allocRecord(OWN_SIZE, Kind.Other)
  if (!block) {
    fail1(Err.OutOfMemory, OWN_SIZE)
    return 0
  }
  clear(block, OWN_SIZE)
  const object = block + GC_HEAD
  changetype<PyTypeObject>(object).ob_refcnt = 1
  changetype<PyTypeObject>(object).ob_type = changetype<usize>(typeObject(TypeId.type))
  return object
}

export function traverseClass(type: usize): void {
  attributesOfClass(type).traverse()
}

export function clearClass(type: usize): void {
  attributesOfClass(type).clear()
}

/** The dealloc slot. */
export function deallocClass(object: usize): void {
  untrack(object)
  objectDies(object)
  clearClass(object)
  attributesOfClass(object).free()
  const face = changetype<PyTypeObject>(object).face
  if (changetype<PyTypeObject>(object).flags & TypeFlag.own) freeRecord(object - GC_HEAD, OWN_SIZE, Kind.Other)
  else freeBlock(object, CLASS_SIZE)
  dropFace(face)
}
