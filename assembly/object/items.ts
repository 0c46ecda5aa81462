// Item arrays: what the items of a list, or the keys of a dict, lie in. They come from the objects' pools, as in
// CPython, so that a list may find its items where an object died; they are counted by their bytes and not as objects.
// An item is 8 bytes of block, as on a 64-bit machine; the address in it takes 4.
import { Err } from '../abi'
import { fail1 } from '../error'
import { countAlloc, countFree } from '../memory/counters'
import { Domain, MAX_SMALL, poolAlloc, poolBlockSize, poolFree } from '../memory/pools'

/** No array is larger; so that its size in bytes is below 2^31. */
export const MAX_ITEMS: u32 = (1 << 28) - 1

/** PyMem_Malloc: not cleared; 0 with OutOfMemory pending. */
export function allocBlock(bytes: usize): usize {
  const block = poolAlloc(Domain.Object, bytes)
  if (block) countAlloc(bytes)
  else fail1(Err.OutOfMemory, <f64>bytes)
  return block
}

/** `bytes` is what was asked for last, by allocBlock or resizeBlock. */
export function freeBytes(block: usize, bytes: usize): void {
  if (!block) return
  countFree(bytes)
  // A block that has shrunk where it was is larger than its user knows.
  poolFree(block, bytes > MAX_SMALL ? bytes : poolBlockSize(block))
}

/**
 * PyMem_Realloc. A block of a pool stays where it is while the request fits, unless that would leave a quarter of it
 * unused. 0 with OutOfMemory pending and the block as it was.
 */
export function resizeBlock(block: usize, bytes: usize, wanted: usize): usize {
  if (!block) return allocBlock(wanted)
  if (bytes <= MAX_SMALL) {
    const size = poolBlockSize(block)
    if (wanted <= size && wanted * 4 > size * 3) {
      countFree(bytes)
      countAlloc(wanted)
      return block
    }
  }
  const moved = allocBlock(wanted)
  if (!moved) return 0
  memory.copy(moved, block, min(bytes, wanted))
  freeBytes(block, bytes)
  return moved
}

/** Room for `count` addresses; 0 with OutOfMemory pending, also for more than any array holds. */
export function allocItems(count: u32): usize {
  if (count <= MAX_ITEMS) return allocBlock(<usize>count << 3)
  fail1(Err.OutOfMemory, <f64>count * 8)
  return 0
}

export function freeItems(items: usize, count: u32): void {
  freeBytes(items, <usize>count << 3)
}

// @ts-ignore: decorator
@inline
export function itemAt(items: usize, index: u32): usize {
  return load<usize>(items + (<usize>index << 2))
}

// @ts-ignore: decorator
@inline
export function setItem(items: usize, index: u32, item: usize): void {
  store<usize>(items + (<usize>index << 2), item)
}

/** Moves `count` items within an array or to another. */
export function moveItems(to: usize, at: u32, from: usize, start: u32, count: u32): void {
  memory.copy(to + (<usize>at << 2), from + (<usize>start << 2), <usize>count << 2)
}
