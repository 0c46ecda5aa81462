// The attributes of an instance, or of a class: values at places that go by name, the same for all instances of a class,
// as these share their keys in CPython. The names are the library's affair (src/py/attributes.ts).
//
//   0        4          8
//   | values | capacity | count |
//     │
//     ╰──▶  | value | 1st given | value | 2nd given | ... | as many bytes as CPython puts before the values |
//
// A place has 8 bytes, as on a 64-bit machine. Its first word is the value; the second words are the places in the order
// in which their `count` values were given.
import { visit } from './gc'
import { DECREF, XDECREF } from './header'
import { allocBlock, freeBytes } from './items'

@unmanaged
export class Attributes {
  values: usize
  capacity: u32
  count: u32

  @inline
  slot(place: u32): usize {
    return this.values + (<usize>place << 3)
  }

  /** The value, not counted for the caller; 0 when there is none. */
  at(place: u32): usize {
    return place < this.capacity ? load<usize>(this.slot(place)) : 0
  }

  /** The place of the value that was given as the nth of those that there are. */
  nth(n: u32): u32 {
    return load<u32>(this.slot(n), 4)
  }

  /** Room for `capacity` values, of which those there are stay; false with OutOfMemory pending and nothing changed. */
  reserve(capacity: u32): bool {
    const bytes = sizeOf(capacity)
    const values = allocBlock(bytes)
    if (!values) return false
    memory.fill(values, 0, bytes)
    memory.copy(values, this.values, <usize>this.capacity << 3)
    this.free()
    this.values = values
    this.capacity = capacity
    return true
  }

  free(): void {
    if (this.values) freeBytes(this.values, sizeOf(this.capacity))
    this.values = 0
    this.capacity = 0
  }

  /** Takes over a reference to the value, unless it returns false with OutOfMemory pending. */
  set(place: u32, value: usize): bool {
    if (place >= this.capacity && !this.reserve(max(place + 1, this.capacity << 1))) return false
    const before = load<usize>(this.slot(place))
    store<usize>(this.slot(place), value)
    if (!before) store<u32>(this.slot(this.count++), place, 4)
    XDECREF(before)
    return true
  }

  /** Nothing happens if there is none. */
  delete(place: u32): void {
    const value = this.at(place)
    if (!value) return
    store<usize>(this.slot(place), 0)
    let n: u32 = 0
    while (this.nth(n) != place) n++
    this.count--
    for (; n < this.count; n++) store<u32>(this.slot(n), this.nth(n + 1), 4)
    DECREF(value)
  }

  traverse(): void {
    for (let place: u32 = 0; place < this.capacity; place++) visit(load<usize>(this.slot(place)))
  }

  /** Deletes all. What that brings about may give, delete and look, so nothing is kept across a step. */
  clear(): void {
    for (let place: u32 = 0; place < this.capacity; place++) this.delete(place)
  }
}

/** Of CPython's array: two bytes and one a place, to a multiple of 8, then the values. */
function sizeOf(capacity: u32): usize {
  return ((<usize>capacity + 9) & ~7) + (<usize>capacity << 3)
}
