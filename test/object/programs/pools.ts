// Fresh pools for programs that ask which blocks are used again: where a pool ends must not decide that.

import { u32 } from '../../../src/core/memory'
import { id, py } from '../../../src/index'
import type { PyHandle } from '../../../src/py/handle'

const POOL = 16 * 1024
const CLASS = 16
const LARGEST = 512
/** What a str has beside its characters. */
const STR = 41

const usedBlocks = (address: number) => u32()[(address - (address % POOL)) / 4]

function block(size: number): PyHandle {
  if (size === CLASS) return py.object()
  return size === 2 * CLASS ? py.int(1000) : py.str('x'.repeat(size - STR))
}

/**
 * Takes blocks of every size until each came from a pool that gives its first: from now on new blocks come from there.
 * Returns what gives all back.
 */
export function freshPools(): () => void {
  const taken: PyHandle[] = []
  for (let size = CLASS; size <= LARGEST; size += CLASS) {
    let address: number
    do {
      const next = block(size)
      next._hold()
      taken.push(next)
      address = id(next)
    } while (usedBlocks(address) > 1)
  }
  return () => {
    for (const each of taken) each.dispose()
  }
}
