// Type objects, and the blocks that objects live in.
import { Err } from '../abi'
import { TraceEvent, TypeField, TypeFlag, TypeId } from '../abi_objects'
import { fail1 } from '../error'
import { allocObject, clear, freeObject } from '../memory/alloc'
import { malloc } from '../memory/tlsf'
import { countAllocated, countFreed } from './gc_lists'
import { traceEvent, tracing } from './trace'

// What uses types when the module starts imports this file first, which itself imports nothing that does.
@unmanaged
export class PyObject {
  ob_refcnt: u32
  ob_type: usize
}

//   0           4         8    12      16          20         24        28     32     36
//   | ob_refcnt | ob_type | id | flags | basicsize | itemsize | presize | name | face | weakrefs |
@unmanaged
export class PyTypeObject extends PyObject {
  id: TypeId
  flags: u32
  basicsize: usize
  itemsize: usize
  presize: usize
  name: usize
  face: u32
  weakrefs: usize
}

if (offsetof<PyTypeObject>('id') != TypeField.id || offsetof<PyTypeObject>('face') != TypeField.face) {
  ERROR('abi.ts: TypeField does not match the PyTypeObject record')
}

/** The count of an object that never dies; INCREF and DECREF leave it alone. */
// @ts-ignore: decorator
@inline
export const IMMORTAL: u32 = 0xffffffff

/** What lies before the header of a type that the collector tracks. */
// @ts-ignore: decorator
@inline
export const GC_HEAD: usize = 16

const types: usize = memory.data(TypeId.count * TypeField.end, 16)

/** The static type object: it lives, like every built-in type of CPython, outside the heap and for ever. */
// @ts-ignore: decorator
@inline
export function typeObject(id: TypeId): PyTypeObject {
  return changetype<PyTypeObject>(types + <usize>id * TypeField.end)
}

// @ts-ignore: decorator
@inline
export function typeOf(object: usize): PyTypeObject {
  return changetype<PyTypeObject>(changetype<PyObject>(object).ob_type)
}

function define(id: TypeId, basicsize: usize, itemsize: usize, flags: u32): void {
  const type = typeObject(id)
  type.ob_refcnt = IMMORTAL
  type.ob_type = changetype<usize>(typeObject(TypeId.type))
  type.id = id
  type.flags = flags
  type.basicsize = basicsize
  type.itemsize = itemsize
  type.presize = flags & TypeFlag.gc ? GC_HEAD : 0
}

// sys.getsizeof of a 64-bit CPython 3.12, less the GC head; PyTorch's and NumPy's own for their objects.
define(TypeId.type, 416, 0, TypeFlag.gc | TypeFlag.weakrefs)
define(TypeId.gradFn, 24, 0, TypeFlag.gc)
define(TypeId.tensor, 64, 0, TypeFlag.gc | TypeFlag.weakrefs)
define(TypeId.ndarray, 96, 0, TypeFlag.weakrefs)
define(TypeId.object, 16, 0, 0)
define(TypeId.none, 16, 0, 0)
define(TypeId.bool, 24, 4, 0)
define(TypeId.int, 24, 4, 0)
define(TypeId.float, 24, 0, 0)
define(TypeId.str, 40, 1, 0)
define(TypeId.list, 40, 8, TypeFlag.gc)
define(TypeId.tuple, 24, 8, TypeFlag.gc)
define(TypeId.dict, 48, 0, TypeFlag.gc)
define(TypeId.instance, 16, 0, TypeFlag.gc | TypeFlag.weakrefs)
define(TypeId.weakref, 64, 0, TypeFlag.gc)

/**
 * A type object for ever, whose objects have the slots of `like`: for a class that a program has by its nature, not by
 * its own doing. No counter sees it. 0 with OutOfMemory pending.
 */
export function newType(like: TypeId): usize {
  const object = malloc(TypeField.end)
  if (!object) {
    fail1(Err.OutOfMemory, TypeField.end)
    return 0
  }
  memory.copy(object, changetype<usize>(typeObject(like)), TypeField.end)
  return object
}

/**
 * A new object of `size` bytes from its header on, with one reference and its other fields zero; 0 with OutOfMemory
 * pending. The collector does not track it yet.
 */
export function newObject(type: PyTypeObject, size: usize): usize {
  const bytes = type.presize + size
  const block = allocObject(bytes)
  if (!block) {
    fail1(Err.OutOfMemory, bytes)
    return 0
  }
  clear(block, bytes)
  const object = block + type.presize
  changetype<PyObject>(object).ob_refcnt = 1
  changetype<PyObject>(object).ob_type = changetype<usize>(type)
  if (type.flags & TypeFlag.gc) countAllocated()
  if (tracing()) traceEvent(TraceEvent.poolAlloc, object, <u32>bytes)
  return object
}

/** Gives the block back; what the object referred to is the dealloc slot's affair. */
export function freeBlock(object: usize, size: usize): void {
  const presize = typeOf(object).presize
  if (typeOf(object).flags & TypeFlag.gc) countFreed()
  if (tracing()) traceEvent(TraceEvent.poolFree, object, <u32>(presize + size))
  freeObject(object - presize, presize + size)
}
