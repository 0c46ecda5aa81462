// list.
//
//   0           4         8         12        16
//   | ob_refcnt | ob_type | ob_size | ob_item | allocated |      ob_item ──▶ | item 0 | item 1 | ... | room |
//
// It grows ahead of its needs, as CPython's does. Whatever changes a list makes it whole again before it drops a
// reference: that may run a `__del__`, which may look.
import { Err } from '../abi'
import { FreeList, TypeId } from '../abi_objects'
import { fail1 } from '../error'
import { freeListed, newListed } from './free_lists'
import { visit } from './gc'
import { track, untrack } from './gc_lists'
import { DECREF, INCREF, PyObject, XDECREF } from './header'
import { allocItems, freeItems, itemAt, MAX_ITEMS, moveItems, resizeBlock, setItem } from './items'
import { itemsOf, sizeOf } from './sequence'
import { trashBegin, trashEnd } from './trash'
import { newObject, typeObject } from './type'

@unmanaged
export class ListObject extends PyObject {
  ob_size: u32
  ob_item: usize
  allocated: u32
}

const SIZE: usize = 40

// @ts-ignore: decorator
@inline
export function asList(object: usize): ListObject {
  return changetype<ListObject>(object)
}

/** A list of `size` items that are still to be written, with room for `allocated`; 0 with OutOfMemory pending. */
export function newList(size: u32, allocated: u32): usize {
  const type = typeObject(TypeId.list)
  const object = newListed(FreeList.list, type, SIZE)
  if (!object) return 0
  if (allocated) {
    const items = allocItems(allocated)
    if (!items) {
      freeListed(FreeList.list, object, SIZE)
      return 0
    }
    asList(object).ob_item = items
    asList(object).ob_size = size
    asList(object).allocated = allocated
  }
  track(object)
  return object
}

/** An empty list as `list()` makes one: not from the free list. */
export function listCall(): usize {
  const list = newObject(typeObject(TypeId.list), SIZE)
  if (list) track(list)
  return list
}

/**
 * Makes the size `size`, whatever the new items are: allocates ahead in proportion, unless that is far from what was
 * there, and gives back what is more than twice as much as needed. False with OutOfMemory pending and nothing changed.
 */
export function listResize(list: usize, size: u32): bool {
  const record = asList(list)
  const allocated = record.allocated
  if (size > allocated || size < allocated >>> 1) {
    let wanted = (size + (size >>> 3) + 6) & ~3
    if (<i32>(size - record.ob_size) > <i32>(wanted - size)) wanted = (size + 3) & ~3
    if (!setAllocated(list, size ? wanted : 0)) return false
  }
  record.ob_size = size
  return true
}

function setAllocated(list: usize, count: u32): bool {
  const record = asList(list)
  const old = record.ob_item
  if (count > MAX_ITEMS) fail1(Err.OutOfMemory, <f64>count * 8)
  else if (count) {
    const items = resizeBlock(old, <usize>record.allocated << 3, <usize>count << 3)
    if (!items) return false
    record.ob_item = items
    record.allocated = count
    return true
  } else {
    record.ob_item = 0
    freeItems(old, record.allocated)
    record.allocated = 0
    return true
  }
  return false
}

/** Makes room for `count` more at the end: an even number in a list that has none yet. */
function grow(list: usize, count: u32): bool {
  const record = asList(list)
  const size = record.ob_size + count
  if (size < count || size > MAX_ITEMS) {
    fail1(Err.OutOfMemory, (<f64>record.ob_size + <f64>count) * 8)
    return false
  }
  if (record.ob_item) return listResize(list, size)
  if (!setAllocated(list, (count + 1) & ~1)) return false
  record.ob_size = size
  return true
}

/** A list of the `count` objects at `words`, whose references it takes over when it succeeds. */
export function listOf(words: usize, count: u32, allocated: u32): usize {
  const list = newList(count, allocated)
  if (list) moveItems(asList(list).ob_item, 0, words, 0, count)
  return list
}

export function listAppend(list: usize, item: usize): bool {
  const size = asList(list).ob_size
  if (!listResize(list, size + 1)) return false
  INCREF(item)
  setItem(asList(list).ob_item, size, item)
  return true
}

/** `index` is in [0, ob_size]. */
export function listInsert(list: usize, index: u32, item: usize): bool {
  const size = asList(list).ob_size
  if (!listResize(list, size + 1)) return false
  const items = asList(list).ob_item
  moveItems(items, index + 1, items, index, size - index)
  INCREF(item)
  setItem(items, index, item)
  return true
}

/** The item at a valid index, which leaves the list, with its reference; 0 with OutOfMemory pending. */
export function listPop(list: usize, index: u32): usize {
  const record = asList(list)
  const items = record.ob_item
  const item = itemAt(items, index)
  const size = record.ob_size - 1
  if (!size) {
    setAllocated(list, 0)
    record.ob_size = 0
    return item
  }
  moveItems(items, index, items, index + 1, size - index)
  if (listResize(list, size)) return item
  moveItems(items, index + 1, items, index, size - index)
  setItem(items, index, item)
  return 0
}

/** Appends the items of a list (itself too) or tuple. */
export function listExtend(list: usize, sequence: usize): bool {
  const count = sizeOf(sequence)
  return listExtendItems(list, sequence == list ? 0 : itemsOf(sequence), count)
}

/** The same with the `count` objects at `words`; at 0: its own. */
export function listExtendItems(list: usize, words: usize, count: u32): bool {
  if (!count) return true
  const size = asList(list).ob_size
  if (!grow(list, count)) return false
  const items = asList(list).ob_item
  moveItems(items, size, words ? words : items, 0, count)
  for (let i = size; i < size + count; i++) INCREF(itemAt(items, i))
  return true
}

/** `list *= times`. */
export function listRepeat(list: usize, times: f64): bool {
  const size = asList(list).ob_size
  if (!size || times == 1) return true
  if (times < 1) {
    listClear(list)
    return true
  }
  if (<f64>size * times > MAX_ITEMS) {
    fail1(Err.OutOfMemory, <f64>size * times * 8)
    return false
  }
  const total = size * <u32>times
  if (!listResize(list, total)) return false
  const items = asList(list).ob_item
  for (let at = size; at < total; at += size) {
    moveItems(items, at, items, 0, size)
    for (let i: u32 = 0; i < size; i++) INCREF(itemAt(items, i))
  }
  return true
}

/** `list[index] = item`, a valid index. */
export function listSet(list: usize, index: u32, item: usize): void {
  const items = asList(list).ob_item
  const old = itemAt(items, index)
  INCREF(item)
  setItem(items, index, item)
  DECREF(old)
}

/** The two lists exchange their items. */
export function listSwap(a: usize, b: usize): void {
  const list = asList(a)
  const other = asList(b)
  const size = list.ob_size
  const items = list.ob_item
  const allocated = list.allocated
  list.ob_size = other.ob_size
  list.ob_item = other.ob_item
  list.allocated = other.allocated
  other.ob_size = size
  other.ob_item = items
  other.allocated = allocated
}

export function listReverse(list: usize): void {
  const items = asList(list).ob_item
  for (let low: u32 = 0, high = asList(list).ob_size; low + 1 < high; low++) {
    high--
    const item = itemAt(items, low)
    setItem(items, low, itemAt(items, high))
    setItem(items, high, item)
  }
}

/** tp_clear, and `clear()`: the list is empty before the first item goes. */
export function listClear(list: usize): void {
  const record = asList(list)
  const items = record.ob_item
  const allocated = record.allocated
  let i = record.ob_size
  record.ob_size = 0
  record.ob_item = 0
  record.allocated = 0
  while (i > 0) XDECREF(itemAt(items, --i))
  freeItems(items, allocated)
}

/** Bytes from the header on, as sys.getsizeof counts them, and those of the items. */
export function listSize(list: usize): usize {
  return SIZE + (<usize>asList(list).allocated << 3)
}

/** tp_traverse. */
export function traverseList(list: usize): void {
  const items = asList(list).ob_item
  for (let i = asList(list).ob_size; i > 0; i--) visit(itemAt(items, i - 1))
}

/** tp_dealloc. */
export function deallocList(list: usize): void {
  untrack(list)
  if (trashBegin(list)) return
  const record = asList(list)
  for (let i = record.ob_size; i > 0; i--) XDECREF(itemAt(record.ob_item, i - 1))
  freeItems(record.ob_item, record.allocated)
  freeListed(FreeList.list, list, SIZE)
  trashEnd()
}
