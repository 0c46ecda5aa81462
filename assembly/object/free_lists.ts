// Free lists: a dead list, float, tuple or dict is not given back to its pool but kept for the next object of its type,
// which therefore often has the address of the one that died last. The limits are CPython 3.12's.
//
//   free list   | head | count | capacity | bytes | presize | link | hits | misses |
//
// Each is a chain, the newest in front; the next one's address stands where CPython has it too (a float's ob_type, a
// tuple's first item) or where a dead object's GC head is. The count of references, 0, stays to be read.
import { Kind } from '../abi'
import { FreeList, FreeListField, TraceEvent } from '../abi_objects'
import { clear } from '../memory/alloc'
import { count, countAlloc, countFree } from '../memory/counters'
import { poolFree } from '../memory/pools'
import { PyObject } from './header'
import { traceEvent, tracing } from './trace'
import { freeBlock, newObject, PyTypeObject } from './type'

@unmanaged
class FreeListRecord {
  head: usize
  count: u32
  capacity: u32
  bytes: usize
  presize: usize
  link: usize
  hits: u32
  misses: u32
}

const lists: usize = memory.data(FreeList.count * FreeListField.end, 8)
if (offsetof<FreeListRecord>() != FreeListField.end) ERROR('abi.ts: FreeListField does not match the record')

define(FreeList.float, 100, 24, 0, 4)
define(FreeList.list, 80, 56, 16, -16)
define(FreeList.dict, 80, 64, 16, -16)
define(FreeList.keys, 80, 120, 0, 0)
for (let length: u32 = 1; length <= <u32>FreeList.lengths; length++) {
  define(FreeList.tuple + length, 2000, 40 + (length << 3), 16, 12)
}

function define(list: u32, capacity: u32, bytes: usize, presize: usize, link: i32): void {
  const record = recordOf(list)
  record.capacity = capacity
  record.bytes = bytes
  record.presize = presize
  record.link = link
}

// @ts-ignore: decorator
@inline
function recordOf(list: u32): FreeListRecord {
  return changetype<FreeListRecord>(lists + <usize>list * FreeListField.end)
}

/** Where the records are; the address never changes. */
export function freeListsAt(): usize {
  return lists
}

/** The block that was kept last, its content as it was left; 0 when there is none. It is counted as live again. */
export function takeKept(list: u32): usize {
  const record = recordOf(list)
  const at = record.head
  if (!at) {
    record.misses++
    return 0
  }
  record.head = load<usize>(at + record.link)
  record.count--
  record.hits++
  countAlloc(record.bytes)
  if (list != FreeList.keys) count(Kind.Object, 1)
  return at
}

/** Keeps a block, which counts as dead from now on; false when the list is full. */
export function keep(list: u32, at: usize): bool {
  const record = recordOf(list)
  if (record.count == record.capacity) return false
  store<usize>(at + record.link, record.head)
  record.head = at
  record.count++
  countFree(record.bytes)
  if (list != FreeList.keys) count(Kind.Object, -1)
  return true
}

/** `newObject` for a type that has a free list. */
export function newListed(list: u32, type: PyTypeObject, size: usize): usize {
  const object = takeKept(list)
  if (!object) return newObject(type, size)
  clear(object - type.presize, type.presize + size)
  changetype<PyObject>(object).ob_refcnt = 1
  changetype<PyObject>(object).ob_type = changetype<usize>(type)
  if (tracing()) traceEvent(TraceEvent.freeListPop, object, recordOf(list).count)
  return object
}

/** `freeBlock` for a type that has a free list. */
export function freeListed(list: u32, object: usize, size: usize): void {
  if (!keep(list, object)) freeBlock(object, size)
  else if (tracing()) traceEvent(TraceEvent.freeListPush, object, recordOf(list).count)
}

/**
 * Gives all of them back to their pools, as a full collection does, tuples first. They have not been counted since they
 * died.
 */
export function clearFreeLists(): void {
  for (let list: u32 = FreeList.tuple; list < <u32>FreeList.count; list++) clearFreeList(list)
  for (let list: u32 = 0; list < <u32>FreeList.tuple; list++) clearFreeList(list)
}

function clearFreeList(list: u32): void {
  const record = recordOf(list)
  for (let at = record.head; at; ) {
    const next = load<usize>(at + record.link)
    poolFree(at - record.presize, record.bytes)
    at = next
  }
  record.head = 0
  record.count = 0
}
