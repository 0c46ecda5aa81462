// tuple: its items lie in it.
//
//   0           4         8         12
//   | ob_refcnt | ob_type | ob_size | item 0 | item 1 | ...
import { Err } from '../abi'
import { FreeList, TypeId } from '../abi_objects'
import { fail1 } from '../error'
import { freeListed, newListed } from './free_lists'
import { mayBeTracked, visit } from './gc'
import { track, untrack } from './gc_lists'
import { PyObject, XDECREF } from './header'
import { itemAt, MAX_ITEMS, moveItems } from './items'
import { trashBegin, trashEnd } from './trash'
import { freeBlock, IMMORTAL, newObject, typeObject } from './type'

@unmanaged
export class TupleObject extends PyObject {
  ob_size: u32
}

/** Where the items begin. */
// @ts-ignore: decorator
@inline
export const TUPLE_ITEMS: usize = 12

/** The only tuple without items. */
const empty: usize = memory.data(24, 16)
changetype<PyObject>(empty).ob_refcnt = IMMORTAL
changetype<PyObject>(empty).ob_type = changetype<usize>(typeObject(TypeId.tuple))

// @ts-ignore: decorator
@inline
function bytesOf(size: u32): usize {
  return 24 + (<usize>size << 3)
}

/** A tuple of `size` items that are still to be written; the empty one for 0. 0 with OutOfMemory pending. */
export function newTuple(size: u32): usize {
  if (!size) return empty
  if (size > MAX_ITEMS) {
    fail1(Err.OutOfMemory, <f64>size * 8)
    return 0
  }
  const type = typeObject(TypeId.tuple)
  const tuple =
    size <= <u32>FreeList.lengths
      ? newListed(FreeList.tuple + size, type, bytesOf(size))
      : newObject(type, bytesOf(size))
  if (!tuple) return 0
  changetype<TupleObject>(tuple).ob_size = size
  track(tuple)
  return tuple
}

/** A tuple of the `count` objects at `words`, whose references it takes over when it succeeds. */
export function tupleOf(words: usize, count: u32): usize {
  const tuple = newTuple(count)
  if (tuple && count) moveItems(tuple + TUPLE_ITEMS, 0, words, 0, count)
  return tuple
}

/** Bytes from the header on, as sys.getsizeof counts them. */
export function tupleSize(tuple: usize): usize {
  return bytesOf(changetype<TupleObject>(tuple).ob_size)
}

/** tp_traverse. */
export function traverseTuple(tuple: usize): void {
  for (let i = changetype<TupleObject>(tuple).ob_size; i > 0; i--) visit(itemAt(tuple + TUPLE_ITEMS, i - 1))
}

/** No collector needs to look at a tuple of nothing but atoms. */
export function untrackTuple(tuple: usize): void {
  for (let i: u32 = 0; i < changetype<TupleObject>(tuple).ob_size; i++) {
    if (mayBeTracked(itemAt(tuple + TUPLE_ITEMS, i))) return
  }
  untrack(tuple)
}

/** tp_dealloc. */
export function deallocTuple(tuple: usize): void {
  untrack(tuple)
  if (trashBegin(tuple)) return
  const size = changetype<TupleObject>(tuple).ob_size
  for (let i = size; i > 0; i--) XDECREF(itemAt(tuple + TUPLE_ITEMS, i - 1))
  if (size <= <u32>FreeList.lengths) freeListed(FreeList.tuple + size, tuple, bytesOf(size))
  else freeBlock(tuple, bytesOf(size))
  trashEnd()
}
