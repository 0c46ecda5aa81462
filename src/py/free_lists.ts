// The free lists: what is kept of the objects that died, for those that come (assembly/object/free_lists.ts).
import { FreeList, FreeListField } from '../../assembly/abi_objects'
import { u32 } from '../core/memory'
import { core } from '../core/wasm'

export interface FreeListState {
  /** How many dead objects it has now, and how many it takes. */
  length: number
  capacity: number
  /** How often a new object came from it, and how often there was none. */
  hits: number
  misses: number
}

/**
 * The state of the free lists by the name of their type: 'float', 'list', 'dict', 'dict keys', 'tuple[1]' to 'tuple[20]',
 * as `sys._debugmallocstats()` has them in Python.
 */
export function free_lists(): Record<string, FreeListState> {
  const words = u32()
  const at = core.free_lists_at() >>> 0
  const states: Record<string, FreeListState> = {}
  for (let list = 0; list < FreeList.count; list++) {
    const field = (offset: FreeListField) => words[(at + list * FreeListField.end + offset) / 4]
    states[nameOf(list)] = {
      length: field(FreeListField.count),
      capacity: field(FreeListField.capacity),
      hits: field(FreeListField.hits),
      misses: field(FreeListField.misses),
    }
  }
  return states
}

function nameOf(list: FreeList): string {
  switch (list) {
    case FreeList.float:
      return 'float'
    case FreeList.list:
      return 'list'
    case FreeList.dict:
      return 'dict'
    case FreeList.keys:
      return 'dict keys'
    default:
      return `tuple[${list - FreeList.tuple}]`
  }
}
