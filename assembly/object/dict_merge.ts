// Dicts from dicts: copies, updates, comparison.
import { Err } from '../abi'
import { fail } from '../error'
import { compareEqual } from './compare'
import { asDict, dictInsert, dictLookup, dictNext, dictResize, dictWith, FAILED } from './dict'
import { DictKeys, dropKeys, entryAt, log2ForEntries, LOG_MINSIZE, newKeys, usableFraction } from './dict_keys'
import { isTracked, track } from './gc_lists'
import { DECREF, INCREF, XINCREF } from './header'

/** The same entries in the same table, each with references of its own; null with OutOfMemory pending. */
function cloneKeys(keys: DictKeys): DictKeys | null {
  const clone = newKeys(keys.log2, keys.unicode)
  if (!clone) return null
  const from = changetype<usize>(keys)
  memory.copy(changetype<usize>(clone), from, changetype<usize>(entryAt(keys, keys.nentries)) - from)
  for (let i: u32 = 0; i < keys.nentries; i++) {
    XINCREF(entryAt(keys, i).key)
    XINCREF(entryAt(keys, i).value)
  }
  return clone
}

/** `dict.copy()`: the table as it is, unless a third of it is gone. */
export function dictCopy(dict: usize): usize {
  const record = asDict(dict)
  const keys = record.ma_keys
  if (record.ma_used && keys && record.ma_used >= (keys.nentries * 2) / 3) {
    const clone = cloneKeys(keys)
    const copy = clone ? dictWith(clone) : 0
    if (!copy) return 0
    asDict(copy).ma_used = record.ma_used
    if (isTracked(dict)) track(copy)
    return copy
  }
  const copy = dictWith(null)
  if (!copy || dictMerge(copy, dict)) return copy
  DECREF(copy)
  return 0
}

/** `dict.update(other)`. False with an error pending; what was set until then stays. */
export function dictMerge(dict: usize, other: usize): bool {
  const record = asDict(dict)
  const source = asDict(other)
  const from = source.ma_keys
  if (dict == other || !source.ma_used || !from) return true
  if (!record.ma_used && source.ma_used == from.nentries && isTight(from)) {
    const clone = cloneKeys(from)
    if (!clone) return false
    const old = record.ma_keys
    record.ma_keys = clone
    record.ma_used = source.ma_used
    if (isTracked(other)) track(dict)
    if (old) dropKeys(old)
    return true
  }
  // One table for all that comes: as a rule none of it is there yet.
  const room = record.ma_keys ? usableFraction(record.ma_keys!.log2) : 0
  if (room < source.ma_used && !dictResize(dict, log2ForEntries(record.ma_used + source.ma_used), from.unicode)) {
    return false
  }
  // A `__del__` of what is replaced may drop the last other reference to the dict.
  INCREF(dict)
  const done = mergeEntries(dict, other, from)
  DECREF(dict)
  return done
}

function mergeEntries(dict: usize, other: usize, from: DictKeys): bool {
  const source = asDict(other)
  const count = from.nentries
  for (let i: u32 = 0; i < count; i++) {
    const entry = entryAt(from, i)
    const key = entry.key
    const value = entry.value
    if (!key) continue
    INCREF(key)
    INCREF(value)
    const done = dictInsert(dict, key, entry.hash, value)
    DECREF(value)
    DECREF(key)
    if (!done) return false
    // A `__del__` may have changed the other one, too.
    if (source.ma_keys === from && from.nentries == count) continue
    fail(Err.DictMutated)
    return false
  }
  return true
}

/** No smaller table would do. */
function isTight(keys: DictKeys): bool {
  return keys.log2 == LOG_MINSIZE || usableFraction(keys.log2 - 1) < keys.nentries
}

/** `a == b`; -1 with an error pending. */
export function dictEqual(a: usize, b: usize): i32 {
  if (asDict(a).ma_used != asDict(b).ma_used) return 0
  for (let i = dictNext(a, 0); i >= 0; i = dictNext(a, i + 1)) {
    const entry = entryAt(asDict(a).ma_keys!, i)
    const index = dictLookup(b, entry.key, entry.hash)
    if (index < 0) return index == FAILED ? -1 : 0
    const equal = compareEqual(entryAt(asDict(b).ma_keys!, index).value, entry.value)
    if (equal != 1) return equal
  }
  return 1
}
