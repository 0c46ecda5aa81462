// Buffers and arenas: two-level segregated fit (Masmano, Ripoll, Crespo, Real: "TLSF: A New Dynamic Memory Allocator for
// Real-Time Systems", ECRTS 2004). malloc and free take a bounded number of steps, whatever the heap looks like; only
// growing the memory, and the last search before it, may take more.
//
// Nothing here traps: a request that cannot be met returns 0 and leaves every list as it was. Addresses and sizes are
// u32 up to the last byte of 4 GiB, so the end of the highest region may be 2^32, which reads 0 and is only subtracted from.

const PAGE_BITS: u32 = 16
const ALIGNMENT: usize = 16
const MIN_GROWTH: u32 = 16 // pages: 1 MiB

// A region is a run of pages without a gap, cut into blocks without a gap. Two free blocks never touch: free() merges
// at once. The end mark is a header of size 0 that is never free, so merging stops there without asking where it is.
//
//   │ block │ block        │ free   │ block      │ free               │ end │     (pages of others)     │ block ...
//   ╰──────────────────────────── region ──────────────────────────────╯  ╰── nextFree: the next region ──╯
//
//   block +0   ┌────────────────────────┬───────┐
//              │ size, header included  │ 000 F │   F: this block is in a free list
//         +4   ├────────────────────────┴───────┤
//              │ prev                           │   the block that ends where this one starts, null for a region's first
//         +8   ├────────────────────────────────┤
//              │ nextFree                       │   the list this block is in while it is free
//         +12  │ prevFree                       │
//         +16  ├────────────────────────────────┤
//              │ payload, a multiple of 16      │   what malloc returns
//              └────────────────────────────────┘
const FREE: usize = 1

@unmanaged
export class Block {
  info: usize
  prev: Block | null
  nextFree: Block | null
  prevFree: Block | null

  get size(): usize {
    return this.info & ~(ALIGNMENT - 1)
  }

  get isFree(): bool {
    return (this.info & FREE) != 0
  }

  get payload(): usize {
    return changetype<usize>(this) + offsetof<Block>()
  }

  /** The block that starts where this one ends. */
  get after(): Block {
    return changetype<Block>(changetype<usize>(this) + this.size)
  }
}

const HEADER: usize = offsetof<Block>()
const MIN_BLOCK: usize = HEADER + ALIGNMENT
const MAX_REQUEST: usize = usize.MAX_VALUE - MIN_BLOCK - HEADER // rounding it up and adding an end mark cannot overflow

// A free block of `size` bytes is in the list of its size. Below 256 every multiple of 16 has a list of its own; above,
// each power of two is a row of 16 equal steps. One number names a list: row * 16 + column.
//
//   row 0    0    16   32   48  ...  240        one size each; the smallest block makes it list 2
//   row 1    256  272  288  304 ...  496
//   row 2    512  544  576  608 ...  992        544: sizes 544 to 575
//   ...
//   row 24   2^31 + k * 2^27
//
// `rows` has a bit for each row with a free block, `columns` a bit for each list of a row: two ctz find the next list.
const COLUMN_BITS: u32 = 4
const COLUMNS: u32 = 1 << COLUMN_BITS
const ROWS: u32 = 25

const heads: usize = memory.data((ROWS * COLUMNS) << 2)
const columns: usize = memory.data(ROWS << 2)
let rows: u32 = 0

let first: Block | null = null
let end: Block | null = null // the end mark of the newest region, the only one that can still grow

/** The list that holds free blocks of `size` bytes; lists with a higher number hold only larger ones. */
export function listOf(size: usize): u32 {
  if (size < 256) return <u32>(size >>> COLUMN_BITS)
  const top = 31 - <u32>clz(size)
  return ((top - 8) << COLUMN_BITS) + <u32>(size >>> (top - COLUMN_BITS)) // the shifted size is 16 to 31: one row and a column
}

export function listHead(list: u32): Block | null {
  return changetype<Block | null>(load<usize>(heads + (list << 2)))
}

export function rowBits(): u32 {
  return rows
}

export function columnBits(row: u32): u32 {
  return load<u32>(columns + (row << 2))
}

/** The first block of the oldest region: `after` leads to its end mark, whose `nextFree` leads to the next region. */
export function firstBlock(): Block | null {
  return first
}

function push(block: Block): void {
  const list = listOf(block.size)
  const head = listHead(list)
  block.info |= FREE
  block.nextFree = head
  block.prevFree = null
  if (head) head.prevFree = block
  store<usize>(heads + (list << 2), changetype<usize>(block))

  const row = list >>> COLUMN_BITS
  store<u32>(columns + (row << 2), columnBits(row) | (1 << (list % COLUMNS)))
  rows |= 1 << row
}

function unlink(block: Block): void {
  const next = block.nextFree
  const prev = block.prevFree
  block.info &= ~FREE
  if (next) next.prevFree = prev
  if (prev) {
    prev.nextFree = next
    return
  }
  const list = listOf(block.size)
  store<usize>(heads + (list << 2), changetype<usize>(next))
  if (next) return

  const row = list >>> COLUMN_BITS
  const left = columnBits(row) & ~(1 << (list % COLUMNS))
  store<u32>(columns + (row << 2), left)
  if (!left) rows &= ~(1 << row)
}

/** The first list after `list` that is not empty, or 0 (the smallest block makes 0 a list nobody is in). */
function listAbove(list: u32): u32 {
  const above: u32 = ~1 // shifted by k: every bit above k
  let row = list >>> COLUMN_BITS
  let bits = columnBits(row) & (above << (list % COLUMNS))
  if (!bits) {
    const later = rows & (above << row)
    if (!later) return 0
    row = ctz(later)
    bits = columnBits(row)
  }
  return (row << COLUMN_BITS) | ctz(bits)
}

// The block freed last in the request's own list comes first, so that a buffer of the same size gets the same address
// back. Any block of a later list fits. Only when there is none is the rest of the own list worth a walk: its blocks
// may be a step too small, but a block that fits is cheaper than pages.
function find(size: usize): Block | null {
  const list = listOf(size)
  let block = listHead(list)
  if (block && block.size >= size) return block
  const larger = listAbove(list)
  if (larger) return listHead(larger)
  while (block && block.size < size) block = block.nextFree
  return block
}

/** Merges a block that is in no list with its free neighbours, lists the result and returns it. */
function coalesce(block: Block): Block {
  const after = block.after
  if (after.isFree) {
    unlink(after)
    block.info += after.size
  }
  const prev = block.prev
  if (prev && prev.isFree) {
    unlink(prev)
    prev.info += block.size
    block = prev
  }
  block.after.prev = block
  push(block)
  return block
}

/** Makes the bytes from `block` to `top` one block and an end mark. */
function extendTo(block: Block, top: usize): void {
  block.info = top - changetype<usize>(block) - HEADER
  const mark = block.after
  mark.info = 0
  mark.prev = block
  mark.nextFree = null
  end = mark
}

function addRegion(start: usize, top: usize): Block | null {
  if (top - start < MIN_BLOCK + HEADER) return null
  const block = changetype<Block>(start)
  block.prev = null
  const last = end
  if (last) last.nextFree = block
  else first = block
  extendTo(block, top)
  return coalesce(block)
}

// Asks for an eighth more memory, so that n allocations grow it O(log n) times, and if that is refused for the exact
// need. Pages that someone else added since then end the newest region; what we get starts a region of its own.
function grow(size: usize): Block | null {
  const pages = memory.size()
  const start = (<usize>pages) << PAGE_BITS
  const last = end
  const joins = last != null && last.payload == start
  let need = size + HEADER
  if (last && joins) {
    const tail = last.prev
    need = tail && tail.isFree ? size - tail.size : size
  }
  const exact = <i32>(need >>> PAGE_BITS) + i32((need & 0xffff) != 0)
  if (memory.grow(max(exact, max(pages >>> 3, MIN_GROWTH))) < 0 && memory.grow(exact) < 0) return null

  const top = (<usize>memory.size()) << PAGE_BITS
  if (!last || !joins) return addRegion(start, top)
  extendTo(last, top) // the old end mark is the header of the new block
  return coalesce(last)
}

/** At least `size` bytes on a 16-byte boundary, not cleared; 0 if there is no room. malloc(0) is a block of 16 bytes. */
export function malloc(size: usize): usize {
  if (size > MAX_REQUEST) return 0
  const need = max((size + HEADER + ALIGNMENT - 1) & ~(ALIGNMENT - 1), MIN_BLOCK)
  const block = find(need) || grow(need)
  if (!block) return 0
  unlink(block)

  const spare = block.size - need
  if (spare >= MIN_BLOCK) {
    block.info = need
    const rest = block.after
    rest.info = spare
    rest.prev = block
    rest.after.prev = rest
    push(rest)
  }
  return block.payload
}

/** Gives back what malloc returned; free(0) does nothing. */
export function free(ptr: usize): void {
  if (!ptr) return
  const block = changetype<Block>(ptr - HEADER)
  assert(!block.isFree, 'free: this block is free already')
  coalesce(block)
}

/** The bytes malloc really set aside: the request, rounded up. */
export function mallocSize(ptr: usize): usize {
  return changetype<Block>(ptr - HEADER).size - HEADER
}

// The initial memory is ours from the end of the static data on. This runs when the module starts, before anyone can grow it.
addRegion((__heap_base + ALIGNMENT - 1) & ~(ALIGNMENT - 1), (<usize>memory.size()) << PAGE_BITS)
