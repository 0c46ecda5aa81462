// Assignment to slices of a list, and their deletion. What was there is set aside first; it is dropped when the list is
// in its new state.
import { Err } from '../abi'
import { fail1 } from '../error'
import { allocBuffer, freeBuffer } from '../memory/alloc'
import { DECREF, INCREF } from './header'
import { allocItems, freeItems, itemAt, MAX_ITEMS, moveItems, setItem } from './items'
import { asList, listClear, listResize } from './list'
import { itemsOf, sizeOf } from './sequence'

const ON_STACK: u32 = 8

/**
 * `list[low:high] = sequence`, another list or a tuple, or 0 to delete; 0 <= low <= high <= ob_size. The old items are
 * dropped when the list is in its new state, the last first. False with OutOfMemory pending and nothing changed.
 */
export function listAssign(list: usize, low: u32, high: u32, sequence: usize): bool {
  const record = asList(list)
  const count = sequence ? sizeOf(sequence) : 0
  const old = high - low
  const size = record.ob_size
  const total = size - old + count
  if (total > MAX_ITEMS) {
    fail1(Err.OutOfMemory, <f64>total * 8)
    return false
  }
  if (!total) {
    listClear(list)
    return true
  }
  const garbage = old ? aside(old) : 0
  if (old) {
    if (!garbage) return false
    moveItems(garbage, 0, record.ob_item, low, old)
  }
  let fits = true
  if (total < size) {
    moveItems(record.ob_item, low + count, record.ob_item, high, size - high)
    fits = listResize(list, total)
    if (!fits) {
      moveItems(record.ob_item, high, record.ob_item, low + count, size - high)
      moveItems(record.ob_item, low, garbage, 0, old)
    }
  } else if (total > size) {
    fits = listResize(list, total)
    if (fits) moveItems(record.ob_item, low + count, record.ob_item, high, size - high)
  }
  if (fits && count) {
    moveItems(record.ob_item, low, itemsOf(sequence), 0, count)
    for (let i: u32 = 0; i < count; i++) INCREF(itemAt(record.ob_item, low + i))
  }
  if (fits) for (let i = old; i > 0; i--) DECREF(itemAt(garbage, i - 1))
  if (old > ON_STACK) freeItems(garbage, old)
  else if (old) freeBuffer(garbage, <usize>old << 2)
  return fits
}

/** Where items are set aside. CPython has a place on its stack for a few, so they must take none from the objects. */
function aside(count: u32): usize {
  if (count > ON_STACK) return allocItems(count)
  const buffer = allocBuffer(<usize>count << 2)
  if (!buffer) fail1(Err.OutOfMemory, <f64>(count << 2))
  return buffer
}

/**
 * The same for `count` items from `start` on, `step` apart, with as many new ones, or 0 to delete them. `step` is
 * positive where items are deleted. The old items are dropped in the order of the slice.
 */
export function listAssignStep(list: usize, start: u32, step: i32, count: u32, sequence: usize): bool {
  const record = asList(list)
  const garbage = allocItems(count)
  if (!garbage) return false
  const items = record.ob_item
  for (let i: u32 = 0, at = start; i < count; i++, at += step) {
    setItem(garbage, i, itemAt(items, at))
    if (sequence) {
      const item = itemAt(itemsOf(sequence), i)
      INCREF(item)
      setItem(items, at, item)
    } else {
      // What lies between this item and the next one moves down by as many as are gone.
      const next = i + 1 == count ? record.ob_size : at + step
      moveItems(items, at - i, items, at + 1, next - at - 1)
    }
  }
  // Failing to give room back leaves a list that has more of it than needed, which is no error.
  if (!sequence && !listResize(list, record.ob_size - count)) record.ob_size -= count
  for (let i: u32 = 0; i < count; i++) DECREF(itemAt(garbage, i))
  freeItems(garbage, count)
  return true
}
