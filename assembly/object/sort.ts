// list.sort: a stable merge sort of pairs of a key and the item it belongs to. Fewer than 64 are sorted as CPython does
// it, by binary insertion into the longest run at the beginning, so that the same two meet first when some cannot be
// compared.
//
//   pair   | key | item |
import { Err } from '../abi'
import { Compare } from '../abi_objects'
import { fail1 } from '../error'
import { allocBuffer, freeBuffer } from '../memory/alloc'
import { compare } from './compare'
import { itemAt, setItem } from './items'
import { asList } from './list'

const SHORT: u32 = 64

let pairs: usize = 0
/** Room for the left half of two runs that are merged. */
let spare: usize = 0
let failing = false

// @ts-ignore: decorator
@inline
function pairAt(index: u32): u64 {
  return load<u64>(pairs + (<usize>index << 3))
}

// @ts-ignore: decorator
@inline
function setPair(index: u32, pair: u64): void {
  store<u64>(pairs + (<usize>index << 3), pair)
}

/** Is the key of `a` less than that of `b`? No, too, when they cannot be compared. */
function isLess(a: u64, b: u64): bool {
  const less = compare(<usize>(a & 0xffffffff), <usize>(b & 0xffffffff), Compare.lt)
  if (less < 0) failing = true
  return less == 1
}

/**
 * Sorts a list by the objects at `keys`, one for each item, or, when that is 0, by the items themselves. False with an
 * error pending; then the items are in some order. The keys are left alone.
 */
export function listSort(list: usize, keys: usize, reverse: bool): bool {
  const items = asList(list).ob_item
  const size = asList(list).ob_size
  const bytes = (<usize>size + <usize>(size >>> 1)) << 3
  pairs = allocBuffer(bytes)
  if (!pairs) {
    fail1(Err.OutOfMemory, <f64>bytes)
    return false
  }
  spare = pairs + (<usize>size << 3)
  failing = false
  // What is equal keeps its order also when everything is turned round before and after.
  for (let i: u32 = 0; i < size; i++) {
    const at = reverse ? size - 1 - i : i
    setPair(i, <u64>itemAt(keys ? keys : items, at) | (<u64>itemAt(items, at) << 32))
  }
  sort(0, size)
  for (let i: u32 = 0; i < size; i++) setItem(items, reverse ? size - 1 - i : i, <usize>(pairAt(i) >> 32))
  freeBuffer(pairs, bytes)
  return !failing
}

function sort(low: u32, high: u32): void {
  if (high - low < SHORT) return sortShort(low, high)
  const middle = (low + high) >>> 1
  sort(low, middle)
  if (failing) return
  sort(middle, high)
  if (!failing && isLess(pairAt(middle), pairAt(middle - 1))) merge(low, middle, high)
}

function sortShort(low: u32, high: u32): void {
  let start = run(low, high)
  for (; start < high && !failing; start++) {
    const pivot = pairAt(start)
    let left = low
    let right = start
    while (left < right && !failing) {
      const middle = (left + right) >>> 1
      if (isLess(pivot, pairAt(middle))) right = middle
      else left = middle + 1
    }
    if (failing) return
    memory.copy(pairs + (<usize>(left + 1) << 3), pairs + (<usize>left << 3), <usize>(start - left) << 3)
    setPair(left, pivot)
  }
}

/** Where the run at the beginning ends; a falling one is turned round. */
function run(low: u32, high: u32): u32 {
  let end = low + 1
  if (end >= high) return high
  const falls = isLess(pairAt(end), pairAt(low))
  end++
  while (!failing && end < high && isLess(pairAt(end), pairAt(end - 1)) == falls) end++
  if (falls && !failing) {
    for (let i = low, j = end - 1; i < j; i++, j--) {
      const pair = pairAt(i)
      setPair(i, pairAt(j))
      setPair(j, pair)
    }
  }
  return end
}

function merge(low: u32, middle: u32, high: u32): void {
  const count = middle - low
  memory.copy(spare, pairs + (<usize>low << 3), <usize>count << 3)
  let i: u32 = 0
  let j = middle
  let at = low
  while (i < count && j < high && !failing) {
    const left = load<u64>(spare + (<usize>i << 3))
    if (isLess(pairAt(j), left)) setPair(at++, pairAt(j++))
    else {
      setPair(at++, left)
      i++
    }
  }
  memory.copy(pairs + (<usize>at << 3), spare + (<usize>i << 3), <usize>(count - i) << 3)
}
