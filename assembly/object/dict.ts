// dict: insertion ordered, keys found by their hash.
//
//   0           4         8         12
//   | ob_refcnt | ob_type | ma_used | ma_keys |      ma_keys: dict_keys.ts; 0 as long as there never was a key
//
// The sizes of the tables are CPython's: 8 places for the first 5 keys, then a table for three times what is there when
// another key finds no room. What is deleted leaves its room taken until then. As for lists: whatever changes a dict
// makes it whole again before it drops a reference.
import { FreeList, TypeId } from '../abi_objects'
import { failed } from '../error'
import { compareEqual, hash } from './compare'
import {
  addEntry, DictKeys, dropKeys, EMPTY, entryAt, entryIndex, forgetIndex, freeKeys, keysBytes, log2For, log2ForEntries,
  LOG_MINSIZE, nextIndex, newKeys, usableFraction,
} from './dict_keys'
import { freeListed, newListed } from './free_lists'
import { mayBeTracked, visit } from './gc'
import { isTracked, track, untrack } from './gc_lists'
import { DECREF, INCREF, PyObject } from './header'
import { setItem } from './items'
import { trashBegin, trashEnd } from './trash'
import { newTuple, TUPLE_ITEMS } from './tuple'
import { newObject, typeObject, typeOf } from './type'

@unmanaged
export class DictObject extends PyObject {
  ma_used: u32
  ma_keys: DictKeys | null
}

const SIZE: usize = 48
/** The largest table that a display is given at once. */
const LOG_PRESIZE: u32 = 17
const MISSING: i32 = -1
// @ts-ignore: decorator
@inline
export const FAILED: i32 = -2

// @ts-ignore: decorator
@inline
export function asDict(object: usize): DictObject {
  return changetype<DictObject>(object)
}

/** An empty dict with room for `count` keys, all of them strings or not; 0 with OutOfMemory pending. */
export function newDict(count: u32, unicode: bool): usize {
  if (count <= usableFraction(LOG_MINSIZE)) return dictWith(null)
  const keys = newKeys(count > usableFraction(LOG_PRESIZE) ? LOG_PRESIZE : log2ForEntries(count), unicode)
  return keys ? dictWith(keys) : 0
}

/** An empty dict as `dict()` makes one: not from the free list. */
export function dictCall(): usize {
  return newObject(typeObject(TypeId.dict), SIZE)
}

/** A dict of these keys, which go when there is no room for it. */
export function dictWith(keys: DictKeys | null): usize {
  const dict = newListed(FreeList.dict, typeObject(TypeId.dict), SIZE)
  if (dict) asDict(dict).ma_keys = keys
  else if (keys) dropKeys(keys)
  return dict
}

/** The index of a key's entry; MISSING, or FAILED with an error pending. */
export function dictLookup(dict: usize, key: usize, hash: u32): i32 {
  const keys = asDict(dict).ma_keys
  if (!keys) return MISSING
  for (let index = entryIndex(keys, hash); index != EMPTY; index = nextIndex(keys)) {
    if (<i32>index < 0) continue
    const entry = entryAt(keys, index)
    if (entry.key == key) return index
    if (entry.hash != hash) continue
    const equal = compareEqual(entry.key, key)
    if (equal) return equal < 0 ? FAILED : index
  }
  return MISSING
}

/** The value of a key, without a reference; 0 where there is none, or with an error pending. */
export function dictGet(dict: usize, key: usize): usize {
  const hashed = hash(key)
  const index = failed() ? FAILED : dictLookup(dict, key, hashed)
  return index < 0 ? 0 : entryAt(asDict(dict).ma_keys!, index).value
}

/** `dict[key] = value`. False with an error pending and nothing changed. */
export function dictSet(dict: usize, key: usize, value: usize): bool {
  const hashed = hash(key)
  return failed() ? false : dictInsert(dict, key, hashed, value)
}

export function dictInsert(dict: usize, key: usize, hashed: u32, value: usize): bool {
  const record = asDict(dict)
  const unicode = typeOf(key).id == TypeId.str
  let keys = record.ma_keys
  if (keys && keys.unicode && !unicode && !dictResize(dict, log2For(record.ma_used * 3), false)) return false
  const index = dictLookup(dict, key, hashed)
  if (index == FAILED) return false
  if (index >= 0) {
    const entry = entryAt(record.ma_keys!, index)
    const old = entry.value
    INCREF(value)
    entry.value = value
    maintainTracking(dict, key, value)
    DECREF(old)
    return true
  }
  keys = record.ma_keys
  if (!keys) record.ma_keys = newKeys(LOG_MINSIZE, unicode)
  else if (keys.usable <= 0) dictResize(dict, log2For(record.ma_used * 3), true)
  if (failed()) return false
  INCREF(key)
  INCREF(value)
  addEntry(record.ma_keys!, hashed, key, value)
  record.ma_used++
  maintainTracking(dict, key, value)
  return true
}

function maintainTracking(dict: usize, key: usize, value: usize): void {
  if (!isTracked(dict) && (mayBeTracked(key) || mayBeTracked(value))) track(dict)
}

/** Moves the entries to a new table. False with OutOfMemory pending and nothing changed. */
export function dictResize(dict: usize, log2: u32, unicode: bool): bool {
  const old = asDict(dict).ma_keys
  const keys = newKeys(log2, unicode && (!old || old.unicode))
  if (!keys) return false
  if (old) {
    copyEntries(old, keys)
    freeKeys(old)
  }
  asDict(dict).ma_keys = keys
  return true
}

function copyEntries(from: DictKeys, to: DictKeys): void {
  for (let i: u32 = 0; i < from.nentries; i++) {
    const entry = entryAt(from, i)
    if (entry.key) addEntry(to, entry.hash, entry.key, entry.value)
  }
}

/** Takes a key out. Its value, with the dict's reference; 0 where there is none, or with an error pending. */
export function dictPop(dict: usize, key: usize): usize {
  const hashed = hash(key)
  const index = failed() ? FAILED : dictLookup(dict, key, hashed)
  if (index < 0) return 0
  const keys = asDict(dict).ma_keys!
  const entry = entryAt(keys, index)
  const value = entry.value
  const old = entry.key
  forgetIndex(keys, hashed, index)
  entry.key = 0
  entry.value = 0
  asDict(dict).ma_used--
  DECREF(old)
  return value
}

/** The last key and its value as a tuple, which leave the dict (it is not empty); 0 with OutOfMemory pending. */
export function dictPopItem(dict: usize): usize {
  const item = newTuple(2)
  if (!item) return 0
  const keys = asDict(dict).ma_keys!
  let index = keys.nentries
  while (!entryAt(keys, --index).key) {}
  const entry = entryAt(keys, index)
  forgetIndex(keys, entry.hash, index)
  setItem(item + TUPLE_ITEMS, 0, entry.key)
  setItem(item + TUPLE_ITEMS, 1, entry.value)
  // Its room is free again, but not the place in the table.
  entry.key = 0
  entry.value = 0
  keys.nentries = index
  asDict(dict).ma_used--
  return item
}

/** The index of the first entry from `index` on that has a key; -1 when there is none. */
export function dictNext(dict: usize, index: u32): i32 {
  const keys = asDict(dict).ma_keys
  if (keys) for (; index < keys.nentries; index++) if (entryAt(keys, index).key) return index
  return -1
}

export function dictKeyAt(dict: usize, index: u32): usize {
  return entryAt(asDict(dict).ma_keys!, index).key
}

export function dictValueAt(dict: usize, index: u32): usize {
  return entryAt(asDict(dict).ma_keys!, index).value
}

/** Bytes from the header on, as sys.getsizeof counts them. */
export function dictSize(dict: usize): usize {
  const keys = asDict(dict).ma_keys
  return SIZE + (keys ? keysBytes(keys) : 0)
}

/** tp_clear, and `clear()`: the dict is empty before the first key goes. */
export function dictClear(dict: usize): void {
  const keys = asDict(dict).ma_keys
  asDict(dict).ma_keys = null
  asDict(dict).ma_used = 0
  if (keys) dropKeys(keys)
}

/** No collector needs to look at a dict whose keys and values are all atoms. */
export function untrackDict(dict: usize): void {
  for (let i = dictNext(dict, 0); i >= 0; i = dictNext(dict, i + 1)) {
    if (mayBeTracked(dictKeyAt(dict, i)) || mayBeTracked(dictValueAt(dict, i))) return
  }
  untrack(dict)
}

/** tp_traverse. Keys that are all strings are not even looked at. */
export function traverseDict(dict: usize): void {
  const keys = asDict(dict).ma_keys
  for (let i = dictNext(dict, 0); i >= 0; i = dictNext(dict, i + 1)) {
    visit(dictValueAt(dict, i))
    if (keys && !keys.unicode) visit(dictKeyAt(dict, i))
  }
}

/** tp_dealloc. */
export function deallocDict(dict: usize): void {
  untrack(dict)
  if (trashBegin(dict)) return
  dictClear(dict)
  freeListed(FreeList.dict, dict, SIZE)
  trashEnd()
}
