// The keys block of a dict: a hash table of indices, and the entries in the order in which they were inserted.
//
//   0      4      8       12        16
//   | log2 | kind | usable | nentries | indices: 2^log2 of 2 or 4 bytes | entry 0 | entry 1 | ...
//
//   an entry   | me_hash | me_key | me_value |      of a deleted one the key and the value are 0
//
// A block is as large as CPython's for a table of so many places: there an index takes 1 byte up to 2^7 places, then 2,
// then 4; an entry 24 bytes, or 16 while all keys are strings, which know their own hash.
import { Err } from '../abi'
import { FreeList } from '../abi_objects'
import { fail1 } from '../error'
import { takeKept, keep } from './free_lists'
import { XDECREF } from './header'
import { allocBlock, freeBytes } from './items'

@unmanaged
export class DictKeys {
  log2: u32
  /** All keys are strings. */
  unicode: bool
  usable: i32
  nentries: u32
}

@unmanaged
export class DictEntry {
  hash: u32
  key: usize
  value: usize
}

const HEADER: usize = 16
export const LOG_MINSIZE: u32 = 3
/** 2^24 places: more than the memory has room for. */
const LOG_MAXSIZE: u32 = 24

/** What an index is where there is no entry, and where there was one. The narrow ones end in the same bits. */
export const EMPTY: u32 = 0xffffffff
const DUMMY: u32 = 0xfffffffe

/** How many entries a table of 2^log2 places takes. */
export function usableFraction(log2: u32): u32 {
  return (2 << log2) / 3
}

/** A table of at least `size` places; CPython finds some of them one step larger than need be. */
export function log2For(size: u32): u32 {
  return 32 - clz<u32>(((size | 8) - 1) | 7)
}

/** The table for a known number of entries. */
export function log2ForEntries(count: u32): u32 {
  return log2For((count * 3 + 1) / 2)
}

function bytesFor(log2: u32, unicode: bool): usize {
  const indices = <usize>1 << (log2 < 8 ? log2 : log2 < 16 ? log2 + 1 : log2 + 2)
  return 32 + indices + <usize>usableFraction(log2) * (unicode ? 16 : 24)
}

/** What sys.getsizeof counts for them. */
export function keysBytes(keys: DictKeys): usize {
  return bytesFor(keys.log2, keys.unicode)
}

function indicesOf(keys: DictKeys): usize {
  return changetype<usize>(keys) + HEADER
}

function isNarrow(keys: DictKeys): bool {
  return keys.log2 < 16
}

function indicesBytes(keys: DictKeys): usize {
  return <usize>(isNarrow(keys) ? 2 : 4) << keys.log2
}

export function entryAt(keys: DictKeys, index: u32): DictEntry {
  return changetype<DictEntry>(indicesOf(keys) + indicesBytes(keys) + <usize>index * offsetof<DictEntry>())
}

function indexAt(keys: DictKeys, place: u32): u32 {
  if (isNarrow(keys)) return <u32>(<i32>load<i16>(indicesOf(keys) + (<usize>place << 1)))
  return load<u32>(indicesOf(keys) + (<usize>place << 2))
}

export function setIndex(keys: DictKeys, place: u32, index: u32): void {
  if (isNarrow(keys)) store<u16>(indicesOf(keys) + (<usize>place << 1), <u16>index)
  else store<u32>(indicesOf(keys) + (<usize>place << 2), index)
}

/** An empty table; null with OutOfMemory pending. */
export function newKeys(log2: u32, unicode: bool): DictKeys | null {
  if (log2 > LOG_MAXSIZE) {
    fail1(Err.OutOfMemory, usize.MAX_VALUE)
    return null
  }
  let at = log2 == LOG_MINSIZE && unicode ? takeKept(FreeList.keys) : 0
  if (!at) at = allocBlock(bytesFor(log2, unicode))
  if (!at) return null
  const keys = changetype<DictKeys>(at)
  keys.log2 = log2
  keys.unicode = unicode
  keys.usable = usableFraction(log2)
  keys.nentries = 0
  memory.fill(indicesOf(keys), 0xff, indicesBytes(keys))
  return keys
}

/** Gives the block back, or keeps it for the next dict with few strings for keys. Entries are not dropped. */
export function freeKeys(keys: DictKeys): void {
  const at = changetype<usize>(keys)
  if (keys.log2 == LOG_MINSIZE && keys.unicode && keep(FreeList.keys, at)) return
  freeBytes(at, keysBytes(keys))
}

/** The keys' last dict lets go of them: entries in their order, key before value. */
export function dropKeys(keys: DictKeys): void {
  for (let i: u32 = 0; i < keys.nentries; i++) {
    XDECREF(entryAt(keys, i).key)
    XDECREF(entryAt(keys, i).value)
  }
  freeKeys(keys)
}

/** The places where a hash may stand, one after the other; every place comes up. */
let place: u32 = 0
let perturb: u32 = 0

export function entryIndex(keys: DictKeys, hash: u32): u32 {
  perturb = hash
  place = hash & ((1 << keys.log2) - 1)
  return indexAt(keys, place)
}

export function nextIndex(keys: DictKeys): u32 {
  perturb >>>= 5
  place = (place * 5 + perturb + 1) & ((1 << keys.log2) - 1)
  return indexAt(keys, place)
}

/** Puts an entry at the end, whose key is not there yet; there is room for it. */
export function addEntry(keys: DictKeys, hash: u32, key: usize, value: usize): void {
  let index = entryIndex(keys, hash)
  while (<i32>index >= 0) index = nextIndex(keys)
  const entry = entryAt(keys, keys.nentries)
  setIndex(keys, place, keys.nentries)
  entry.hash = hash
  entry.key = key
  entry.value = value
  keys.usable--
  keys.nentries++
}

/** The place of the entry `wanted`. */
export function forgetIndex(keys: DictKeys, hash: u32, wanted: u32): void {
  let index = entryIndex(keys, hash)
  while (index != wanted) index = nextIndex(keys)
  setIndex(keys, place, DUMMY)
}
