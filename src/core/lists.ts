// Lists that cross the boundary: 32-bit words in the core's memory.
import { OutOfMemoryError } from './errors'
import { u32 } from './memory'
import { core } from './wasm'

/** A list for the core, to be freed by `core.list_free` unless the core takes it over. @throws OutOfMemoryError */
export function putBuffer(words: readonly number[]): number {
  const list = core.list_alloc(words.length * 4) >>> 0
  if (!list) throw new OutOfMemoryError(`no memory for a list of ${words.length} elements`)
  u32().set(words, list / 4)
  return list
}

/** Reads and frees a list `| count | ... |` that the core handed out. */
export function takeList(list: number): number[] {
  const from = (list >>> 0) / 4
  const count = u32()[from]
  const words = Array.from(u32().subarray(from + 1, from + 1 + count))
  core.list_free(list, 4 + 4 * count)
  return words
}
