// biome-ignore-all lint: AssemblyScript
// AssemblyScript: the memory layer as a module of its own, and the checks that know how its records hang together.
// A check returns 0, or the number of the rule that is broken.
import {
  Arena,
  CLASSES,
  DOMAINS,
  firstArena,
  firstUsedPool,
  POOL_SIZE,
  POOLS_PER_ARENA,
  Pool,
} from '../../assembly/memory/pools'
import { Block, columnBits, firstBlock, listHead, listOf, rowBits } from '../../assembly/memory/tlsf'

export {
  allocBuffer,
  allocObject,
  allocRecord,
  freeBuffer,
  freeObject,
  freeRecord,
} from '../../assembly/memory/alloc'
export { count, countersAt } from '../../assembly/memory/counters'
export { poolAlloc, poolFree } from '../../assembly/memory/pools'
export { free, malloc, mallocSize } from '../../assembly/memory/tlsf'

const LISTS: u32 = 25 * 16

let regions: u32 = 0
let freeBlocks: u32 = 0
let usedBlocks: u32 = 0

/** Walks every block and every free list. The counts below are of the last walk. */
export function tlsfCheck(): i32 {
  regions = freeBlocks = usedBlocks = 0
  let prev: Block | null = null
  let block = firstBlock()
  while (block) {
    if (block.prev != prev) return 1
    if (block.payload % 16) return 2
    if (!block.size) {
      if (block.isFree) return 3
      regions++
      prev = null
      block = block.nextFree
      continue
    }
    if (block.size < 32) return 4
    if (block.isFree) {
      if (prev && prev.isFree) return 5 // two free neighbours
      if (!isListed(block)) return 6
      freeBlocks++
    } else {
      usedBlocks++
    }
    prev = block
    block = block.after
  }
  return checkLists()
}

function isListed(block: Block): bool {
  let other = listHead(listOf(block.size))
  while (other && other != block) other = other.nextFree
  return other != null
}

function checkLists(): i32 {
  let listed: u32 = 0
  for (let list: u32 = 0; list < LISTS; list++) {
    const row = list >>> 4
    const head = listHead(list)
    if (((columnBits(row) >>> (list & 15)) & 1) != u32(head != null)) return 7
    if (((rowBits() >>> row) & 1) != u32(columnBits(row) != 0)) return 8
    let prev: Block | null = null
    let block = head
    while (block) {
      if (!block.isFree || listOf(block.size) != list) return 9
      if (block.prevFree != prev) return 10
      listed++
      prev = block
      block = block.nextFree
    }
  }
  return listed == freeBlocks ? 0 : 11
}

export function regionCount(): u32 {
  return regions
}

export function freeBlockCount(): u32 {
  return freeBlocks
}

export function usedBlockCount(): u32 {
  return usedBlocks
}

let arenas: u32 = 0
let partialPools: u32 = 0

/** Walks every arena, pool and free block of both domains. */
export function poolsCheck(): i32 {
  for (let domain: u32 = 0; domain < DOMAINS; domain++) {
    const broken = checkArenas(domain) || checkUsedLists(domain)
    if (broken) return broken
    const empty = firstArena(domain, POOLS_PER_ARENA)
    if (empty && empty.next) return 20 // one empty arena is kept, no more
  }
  return 0
}

function checkArenas(domain: u32): i32 {
  arenas = partialPools = 0
  for (let freeCount: u32 = 0; freeCount <= POOLS_PER_ARENA; freeCount++) {
    let arena = firstArena(domain, freeCount)
    while (arena) {
      if (arena.domain != domain || arena.freeCount != freeCount) return 21
      const broken = checkArena(arena)
      if (broken) return broken
      arenas++
      arena = arena.next
    }
  }
  return 0
}

function checkArena(arena: Arena): i32 {
  let used: u32 = 0
  for (let i: u32 = 0; i < arena.opened; i++) {
    const pool = arena.pool(i)
    if (pool.arena != arena || pool.list / CLASSES != arena.domain) return 22
    const broken = checkPool(pool)
    if (broken) return broken
    if (!pool.used) continue
    used++
    if (pool.freeblock) partialPools++
  }
  let emptied: u32 = 0
  let pool = arena.freePools
  while (pool) {
    if (pool.used) return 23
    emptied++
    pool = pool.next
  }
  if (used + emptied != arena.opened) return 24
  return arena.freeCount == POOLS_PER_ARENA - used ? 0 : 25
}

/** The pools that are neither full nor empty are in the used lists, and no others. */
function checkUsedLists(domain: u32): i32 {
  let listed: u32 = 0
  for (let list = domain * CLASSES; list < (domain + 1) * CLASSES; list++) {
    let prev: Pool | null = null
    let pool = firstUsedPool(list)
    while (pool) {
      if (pool.prev != prev || pool.list != list || !pool.used || !pool.freeblock) return 26
      listed++
      prev = pool
      pool = pool.next
    }
  }
  return listed == partialPools ? 0 : 27
}

/** Every block of a pool is used, free or never used, and none is two of them. */
function checkPool(pool: Pool): i32 {
  const at = changetype<usize>(pool)
  if (at % POOL_SIZE || pool.blockSize != ((pool.list % CLASSES) + 1) * 16) return 30
  let left: u32 = 0
  for (let block = pool.freeblock; block; block = load<usize>(block), left++) {
    const offset = block - at
    if (offset < offsetof<Pool>() || offset >= pool.fresh) return 31
    if ((offset - offsetof<Pool>()) % pool.blockSize) return 32
    if (left > 1024) return 33 // a cycle
  }
  const carved = <u32>((pool.fresh - offsetof<Pool>()) / pool.blockSize)
  if (pool.used + left != carved) return 34
  if (!left && pool.fresh + pool.blockSize <= POOL_SIZE) return 35 // claims to be full, has room
  return 0
}

/** Arenas of a domain, or -1 if something is broken. */
export function arenaCount(domain: u32): i32 {
  return checkArenas(domain) ? -1 : arenas
}
