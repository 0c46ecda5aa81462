// What the rest of the core allocates with. Three sorts of memory, each freed with the size it was asked for:
//
//   record   tensor, storage, node: the C++ side     Record pools
//   object   a PyObject                              Object pools, so that only an object can reuse an object's address
//   buffer   a storage's numbers                     Record pools up to 512 bytes, malloc above
//
// Each alloc returns an address on a 16-byte boundary, or 0 with nothing changed and nothing counted. None clears what
// it returns: the caller writes every field.
import { Kind } from '../abi'
import { count, countAlloc, countFree } from './counters'
import { Domain, poolAlloc, poolFree } from './pools'

export function allocRecord(size: usize, kind: Kind): usize {
  const ptr = poolAlloc(Domain.Record, size)
  if (!ptr) return 0
  countAlloc(size)
  count(kind, 1)
  return ptr
}

export function freeRecord(ptr: usize, size: usize, kind: Kind): void {
  poolFree(ptr, size)
  countFree(size)
  count(kind, -1)
}

export function allocObject(size: usize): usize {
  const ptr = poolAlloc(Domain.Object, size)
  if (!ptr) return 0
  countAlloc(size)
  count(Kind.Object, 1)
  return ptr
}

export function freeObject(ptr: usize, size: usize): void {
  poolFree(ptr, size)
  countFree(size)
  count(Kind.Object, -1)
}

/** A buffer of 0 bytes is a block of 16 with an address of its own: an empty tensor has a data_ptr like any other. */
export function allocBuffer(nbytes: usize): usize {
  const ptr = poolAlloc(Domain.Record, nbytes)
  if (ptr) countAlloc(nbytes)
  return ptr
}

export function freeBuffer(ptr: usize, nbytes: usize): void {
  poolFree(ptr, nbytes)
  countFree(nbytes)
}

/** Zeroes a record or object. Its block is a multiple of 16 bytes, so whole vectors do: `memory.fill` costs a call. */
export function clear(ptr: usize, size: usize): void {
  for (const end = ptr + size; ptr < end; ptr += 16) v128.store(ptr, i64x2.splat(0))
}
