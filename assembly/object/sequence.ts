// What lists and tuples have in common.
import { Err } from '../abi'
import { TypeId } from '../abi_objects'
import { fail1 } from '../error'
import { compareEqual } from './compare'
import { INCREF } from './header'
import { itemAt, MAX_ITEMS, moveItems } from './items'
import { asList, newList } from './list'
import { newTuple, TUPLE_ITEMS } from './tuple'
import { typeOf } from './type'

// @ts-ignore: decorator
@inline
export function isList(object: usize): bool {
  return typeOf(object).id == TypeId.list
}

/** Where the items of a list or tuple lie; a list's may move whenever it changes. */
export function itemsOf(sequence: usize): usize {
  return isList(sequence) ? asList(sequence).ob_item : sequence + TUPLE_ITEMS
}

/** ob_size stands at the same place in both. */
// @ts-ignore: decorator
@inline
export function sizeOf(sequence: usize): u32 {
  return asList(sequence).ob_size
}

/** A new list or tuple, as `like` is one, of `size` items still to be written; 0 with OutOfMemory pending. */
function newLike(like: usize, size: u32): usize {
  return isList(like) ? newList(size, size) : newTuple(size)
}

function copyItems(to: usize, at: u32, from: usize, start: u32, count: u32): void {
  const items = itemsOf(from)
  moveItems(itemsOf(to), at, items, start, count)
  for (let i: u32 = 0; i < count; i++) INCREF(itemAt(items, start + i))
}

/** `sequence[start::step]`, `count` items of it. A tuple's whole is itself. */
export function sequenceSlice(sequence: usize, start: u32, step: i32, count: u32): usize {
  if (!isList(sequence) && step == 1 && count == sizeOf(sequence)) return same(sequence)
  const slice = newLike(sequence, count)
  if (!slice) return 0
  if (step == 1) copyItems(slice, 0, sequence, start, count)
  else for (let i: u32 = 0; i < count; i++) copyItems(slice, i, sequence, start + i * step, 1)
  return slice
}

/** `left + right`, of one type. A tuple and nothing is that tuple. */
export function sequenceConcat(left: usize, right: usize): usize {
  const size = sizeOf(left)
  const more = sizeOf(right)
  if (!isList(left)) {
    if (!size) return same(right)
    if (!more) return same(left)
  }
  const joined = newLike(left, size + more)
  if (!joined) return 0
  copyItems(joined, 0, left, 0, size)
  copyItems(joined, size, right, 0, more)
  return joined
}

/** `sequence * times`. A tuple times one is that tuple. */
export function sequenceRepeat(sequence: usize, times: f64): usize {
  const size = sizeOf(sequence)
  if (!isList(sequence) && (times == 1 || !size)) return same(sequence)
  const total = size && times > 0 ? <f64>size * times : 0
  if (total > MAX_ITEMS) {
    fail1(Err.OutOfMemory, total * 8)
    return 0
  }
  const repeated = newLike(sequence, <u32>total)
  if (repeated) for (let at: u32 = 0; at < <u32>total; at += size) copyItems(repeated, at, sequence, 0, size)
  return repeated
}

function same(sequence: usize): usize {
  INCREF(sequence)
  return sequence
}

/** The index of the first item in [start, stop) that is or equals `value`; -1: none; -2 with an error pending. */
export function sequenceIndex(sequence: usize, value: usize, start: u32, stop: u32): i32 {
  for (let i = start; i < min(stop, sizeOf(sequence)); i++) {
    const equal = compareEqual(itemAt(itemsOf(sequence), i), value)
    if (equal) return equal < 0 ? -2 : i
  }
  return -1
}

/** How many items are or equal `value`; -1 with an error pending. */
export function sequenceCount(sequence: usize, value: usize): i32 {
  let found = 0
  for (let i: u32 = 0; i < sizeOf(sequence); i++) {
    const equal = compareEqual(itemAt(itemsOf(sequence), i), value)
    if (equal < 0) return -1
    found += equal
  }
  return found
}
