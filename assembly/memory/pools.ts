// Small blocks: CPython's pymalloc (Objects/obmalloc.c, 3.12), whose habits are visible from Python. The block freed last
// is the one handed out next, which is why id(object()) == id(object()).
//
//   arena  256 KiB of pools, from malloc      prefers the arena with the fewest free pools, so that the others can empty
//   pool   16 KiB of blocks of one size       on a 16 KiB boundary: a block finds its pool by clearing 14 bits
//   block  16, 32, ... 512 bytes              a free block's first word is the next free block of its pool
//
// A domain has arenas of its own: a record on the C++ side never takes the place of a dead PyObject, unless a whole arena
// went back to malloc in between.
//
//   a pool's life            last block taken
//               ┌───────────┐ ─────────────────────────▶ ┌──────┐
//   opened ───▶ │ used list │                            │ full │   in no list
//     ▲         └───────────┘ ◀───────────────────────── └──────┘
//     │               │        a block comes back: to the front
//     │               │ last used block comes back
//     │               ▼
//     │         ┌────────────────────┐
//     ╰──────── │ arena's free pools │   open to every class of the domain
//    needed     └────────────────────┘
import { free, malloc } from './tlsf'

export const enum Domain {
  Object = 0,
  Record = 1,
}

export const DOMAINS: u32 = 2
export const CLASSES: u32 = 32
export const MAX_SMALL: usize = CLASSES << 4
export const POOL_SIZE: usize = 16 << 10
export const POOLS_PER_ARENA: u32 = 16
const NO_LIST: u32 = u32.MAX_VALUE

//   pool +0   ┌────────────────┐
//             │ used           │  blocks in use; 0 while the pool is in its arena's free list
//        +4   │ freeblock      │  freed blocks, newest first; 0 only when the pool is full
//        +8   │ next           │  used list of its domain and class, or (next only) its arena's free list
//        +12  │ prev           │
//        +16  │ arena          │
//        +20  │ fresh          │  offset of the first block that was never used: a new pool costs nothing until it is filled
//        +24  │ list           │  domain * 32 + class: the used list it belongs to
//        +28  │ blockSize      │  (class + 1) * 16
//        +32  ├────────────────┤
//             │ block 0        │
//             │ block 1 ...    │
//             └────────────────┘
@unmanaged
export class Pool {
  used: u32
  freeblock: usize
  next: Pool | null
  prev: Pool | null
  arena: Arena
  fresh: usize
  list: u32
  blockSize: usize
}

//   arena +0   ┌────────────────┐
//              │ next           │  arenas of the same domain with as many free pools
//         +4   │ prev           │
//         +8   │ domain         │
//         +12  │ freeCount      │  free pools: those in freePools and those never opened
//         +16  │ freePools      │  emptied pools, newest first
//         +20  │ opened         │  pools opened so far, from the left
//         +24  │ base           │──╮
//              ├────────────────┤  │
//              │ up to 16 KiB   │  │  what alignment costs; every arena has all its 16 pools
//              ├────────────────┤◀─╯
//              │ pool 0 ... 15  │
//              └────────────────┘
@unmanaged
export class Arena {
  next: Arena | null
  prev: Arena | null
  domain: u32
  freeCount: u32
  freePools: Pool | null
  opened: u32
  base: usize

  pool(index: u32): Pool {
    return changetype<Pool>(this.base + <usize>index * POOL_SIZE)
  }
}

const usedPools: usize = memory.data((DOMAINS * CLASSES) << 2)
const arenaLists: usize = memory.data((DOMAINS * (POOLS_PER_ARENA + 1)) << 2)
const arenaBits: usize = memory.data(DOMAINS << 2) // for each domain a word: bit n is set while an arena has n free pools

function arenaCounts(domain: u32): u32 {
  return load<u32>(arenaBits + (domain << 2))
}

function arenaList(domain: u32, freeCount: u32): usize {
  return arenaLists + ((domain * (POOLS_PER_ARENA + 1) + freeCount) << 2)
}

/** The pool that serves the next block of a used list (domain * 32 + class), or null; `next` leads to those after it. */
export function firstUsedPool(list: u32): Pool | null {
  return changetype<Pool | null>(load<usize>(usedPools + (list << 2)))
}

/** The first arena with `freeCount` free pools (0 to 16), or null; `next` leads to the others. */
export function firstArena(domain: u32, freeCount: u32): Arena | null {
  return changetype<Arena | null>(load<usize>(arenaList(domain, freeCount)))
}

/** A block of `size` bytes on a 16-byte boundary, not cleared; 0 if there is no room. Above 512 bytes it is malloc's. */
export function poolAlloc(domain: i32, size: usize): usize {
  if (size > MAX_SMALL) return malloc(size)
  const sizeClass = <u32>(size - usize(size != 0)) >>> 4 // 0 for 0 to 16 bytes, 31 for 497 to 512
  const list = domain * CLASSES + sizeClass
  const pool = changetype<Pool | null>(load<usize>(usedPools + (list << 2))) || openPool(list)
  if (!pool) return 0
  const block = pool.freeblock
  const next = load<usize>(block)
  pool.used++
  pool.freeblock = next
  if (!next) refill(pool)
  return block
}

/** Gives back a block; `size` is what poolAlloc was asked for. */
export function poolFree(ptr: usize, size: usize): void {
  if (size > MAX_SMALL) return free(ptr)
  const pool = changetype<Pool>(ptr & ~(POOL_SIZE - 1))
  if (!ASC_NO_ASSERT) checkBlock(ptr, size, pool) // a bare assert still evaluates its condition in release builds
  const next = pool.freeblock
  const used = pool.used - 1
  store<usize>(ptr, next)
  pool.freeblock = ptr
  pool.used = used
  if (!next) linkUsed(pool)
  else if (!used) closePool(pool)
}

/** How large a block of a pool really is. */
export function poolBlockSize(ptr: usize): usize {
  return changetype<Pool>(ptr & ~(POOL_SIZE - 1)).blockSize
}

function checkBlock(ptr: usize, size: usize, pool: Pool): void {
  assert(ptr != 0 && pool.used > 0, 'poolFree: nothing to free here')
  assert(pool.blockSize == max((size + 15) & ~15, 16), 'poolFree: the block was allocated with another size')
}

/** The last free block is taken: the pool goes on with one that was never used, or is full and leaves its list. */
function refill(pool: Pool): void {
  const fresh = pool.fresh
  const size = pool.blockSize
  if (fresh + size > POOL_SIZE) return unlinkUsed(pool)
  const block = changetype<usize>(pool) + fresh
  store<usize>(block, 0)
  pool.freeblock = block
  pool.fresh = fresh + size
}

function linkUsed(pool: Pool): void {
  const head = firstUsedPool(pool.list)
  pool.next = head
  pool.prev = null
  if (head) head.prev = pool
  store<usize>(usedPools + (pool.list << 2), changetype<usize>(pool))
}

function unlinkUsed(pool: Pool): void {
  const next = pool.next
  const prev = pool.prev
  if (next) next.prev = prev
  if (prev) prev.next = next
  else store<usize>(usedPools + (pool.list << 2), changetype<usize>(next))
}

function openPool(list: u32): Pool | null {
  const arena = usableArena(list / CLASSES)
  if (!arena) return null
  let pool = arena.freePools
  if (pool) {
    arena.freePools = pool.next
  } else {
    pool = arena.pool(arena.opened++)
    pool.arena = arena
    pool.list = NO_LIST
  }
  setFreeCount(arena, arena.freeCount - 1)

  // A pool that comes back to its old class still has its free list: the order of addresses survives its being empty.
  if (pool.list != list) {
    pool.list = list
    pool.blockSize = (<usize>((list % CLASSES) + 1)) << 4
    pool.used = 0
    pool.fresh = offsetof<Pool>()
    refill(pool)
  }
  linkUsed(pool)
  return pool
}

function closePool(pool: Pool): void {
  unlinkUsed(pool)
  const arena = pool.arena
  pool.next = arena.freePools
  arena.freePools = pool
  // One empty arena is kept: a loop that makes and drops one object must not fetch and return an arena each time.
  if (arena.freeCount + 1 == POOLS_PER_ARENA && firstArena(arena.domain, POOLS_PER_ARENA)) {
    unlinkArena(arena)
    free(changetype<usize>(arena))
  } else {
    setFreeCount(arena, arena.freeCount + 1)
  }
}

/** Of the arenas with a free pool the one with the fewest, or a new one. */
function usableArena(domain: u32): Arena | null {
  const usable = arenaCounts(domain) & ~1
  return usable ? firstArena(domain, ctz(usable)) : openArena(domain)
}

function openArena(domain: u32): Arena | null {
  const ptr = malloc(<usize>(POOLS_PER_ARENA + 1) * POOL_SIZE + offsetof<Arena>())
  if (!ptr) return null
  const arena = changetype<Arena>(ptr)
  arena.domain = domain
  arena.freeCount = POOLS_PER_ARENA
  arena.freePools = null
  arena.opened = 0
  arena.base = (ptr + offsetof<Arena>() + POOL_SIZE - 1) & ~(POOL_SIZE - 1)
  linkArena(arena)
  return arena
}

function setFreeCount(arena: Arena, freeCount: u32): void {
  unlinkArena(arena)
  arena.freeCount = freeCount
  linkArena(arena)
}

function linkArena(arena: Arena): void {
  const head = firstArena(arena.domain, arena.freeCount)
  arena.next = head
  arena.prev = null
  if (head) head.prev = arena
  setArenaList(arena.domain, arena.freeCount, arena)
}

function unlinkArena(arena: Arena): void {
  const next = arena.next
  const prev = arena.prev
  if (next) next.prev = prev
  if (prev) prev.next = next
  else setArenaList(arena.domain, arena.freeCount, next)
}

function setArenaList(domain: u32, freeCount: u32, head: Arena | null): void {
  const bit: u32 = 1 << freeCount
  const counts = arenaCounts(domain)
  store<usize>(arenaList(domain, freeCount), changetype<usize>(head))
  store<u32>(arenaBits + (domain << 2), head ? counts | bit : counts & ~bit)
}
