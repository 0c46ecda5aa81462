// Python's `gc`: the cycle collector (assembly/object/gc.ts).
import { NotImplementedError, OverflowError, PyTypeError, ValueError } from '../core/errors'
import { Handle } from '../core/handles'
import { putBuffer } from '../core/lists'
import { because, handleAt } from '../core/objects'
import { core } from '../core/wasm'
import { isInt, pyTypeName } from '../torch/pytypes'
import { tuple } from '../torch/tuple'
import { COLLECTOR, consuming, made } from './handle'
import type { PyList } from './list'

const GENERATIONS = 3

function integer(value: unknown): number {
  if (typeof value === 'boolean' || isInt(value)) {
    const number = Number(value)
    if (number === (number | 0)) return number
    throw new OverflowError('Python int too large to convert to C int')
  }
  throw new PyTypeError(`'${pyTypeName(value)}' object cannot be interpreted as an integer`)
}

const DEBUG_SAVEALL = 32
let debug = 0

/** Calls `ask` with a list of the objects, with a reference each while it asks. */
function asking<R>(what: string, values: readonly unknown[], ask: (objects: number, count: number) => R): R {
  return consuming(what, values, () => {
    const objects: number[] = []
    try {
      for (const value of values) if (value instanceof Handle) objects.push(value._acquire() >>> 0)
      const list = putBuffer(objects)
      try {
        return ask(list, objects.length)
      } finally {
        core.list_free(list, objects.length * 4)
      }
    } finally {
      for (const object of objects) core.decref(object)
    }
  })
}

/** What the core answers about one object; false for a value without an object. */
function about(what: string, value: unknown, ask: (object: number) => number): boolean {
  return consuming(what, [value], () => {
    if (!(value instanceof Handle)) return false
    const object = value._acquire()
    const answer = ask(object) !== 0
    core.decref(object)
    return answer
  })
}

const eachGeneration = <T>(of: (generation: number) => T): T[] => [0, 1, 2].map(of)

export const gc = {
  /** No collection happens by itself any more. */
  disable: (): void => core.gc_set_enabled(0),
  enable: (): void => core.gc_set_enabled(1),
  isenabled: (): boolean => core.gc_enabled() !== 0,

  /**
   * Collects a generation and all younger ones; how many objects were unreachable.
   * @throws ValueError when there is no such generation
   */
  collect(generation: number = GENERATIONS - 1): number {
    const index = integer(generation)
    if (index < 0 || index >= GENERATIONS) throw new ValueError('invalid generation')
    const before = because(COLLECTOR)
    const found = core.gc_collect(index)
    because(before)
    return found
  },

  /** Allocations less deallocations of containers, then how often the generation before was collected. */
  get_count: (): number[] => tuple(eachGeneration((i) => core.gc_count(i))),
  get_threshold: (): number[] => tuple(eachGeneration((i) => core.gc_threshold(i))),

  /** Above these counts a collection happens; never when the first is 0. */
  set_threshold(...thresholds: number[]): void {
    if (thresholds.length === 0) throw new PyTypeError('set_threshold() takes at least 1 argument (0 given)')
    if (thresholds.length > GENERATIONS) {
      throw new PyTypeError(`set_threshold() takes at most 3 arguments (${thresholds.length} given)`)
    }
    const values = thresholds.map(integer)
    for (const [i, value] of values.entries()) core.gc_set_threshold(i, value)
  },

  /** For each generation how often it was collected, and how many objects that found unreachable. */
  get_stats: (): Record<string, number>[] =>
    eachGeneration((i) => ({
      collections: core.gc_statistic(i, 0),
      collected: core.gc_statistic(i, 1),
      uncollectable: 0,
    })),

  /** A list of the tracked objects, of one generation or of all. */
  get_objects(generation: number | null = null): PyList {
    if (generation === null) return made(core.gc_objects(-1))
    if (typeof generation !== 'boolean' && !isInt(generation)) {
      throw new PyTypeError(`argument should be integer or None, not '${pyTypeName(generation)}'`)
    }
    const index = Number(generation)
    if (index >= GENERATIONS) {
      throw new ValueError('generation parameter must be less than the number of available generations (3)')
    }
    if (index < -1) throw new ValueError('generation parameter cannot be negative')
    return made(core.gc_objects(index))
  },

  /** A list of the tracked objects that refer to one of these. Frames are none, so what only they know has none. */
  get_referrers: (...objects: unknown[]): PyList =>
    asking('get_referrers()', objects, (list, count) => made(core.gc_referrers(list, count))),

  /** A list of what these refer to: an instance to its attributes and its class. */
  get_referents: (...objects: unknown[]): PyList =>
    asking('get_referents()', objects, (list, count) => made(core.gc_referents(list, count))),

  /** Does the collector look after the object? It need not for atoms, nor for tuples and dicts of atoms. */
  is_tracked: (object: unknown): boolean => about('is_tracked()', object, core.gc_is_tracked),
  /** Has its `__del__` been called? It will not be again. */
  is_finalized: (object: unknown): boolean => about('is_finalized()', object, core.gc_is_finalized),

  /** Takes everything tracked so far out of the generations: the collector will not look at it. */
  freeze: (): void => core.gc_freeze(),
  /** Puts it into the oldest generation. */
  unfreeze: (): void => core.gc_unfreeze(),
  get_freeze_count: (): number => core.gc_frozen(),

  /** The list of what DEBUG_SAVEALL keeps. */
  get garbage(): PyList {
    return handleAt(core.gc_garbage() >>> 0) as PyList
  },
  /** What is unreachable goes to `gc.garbage` instead of being cleared. */
  DEBUG_SAVEALL,
  get_debug: (): number => debug,
  /** @throws NotImplementedError for flags other than DEBUG_SAVEALL */
  set_debug(flags: number): void {
    const value = integer(flags)
    if (value & ~DEBUG_SAVEALL) throw new NotImplementedError('gc.set_debug() knows DEBUG_SAVEALL only')
    debug = value
    core.gc_set_save_all(Number(value !== 0))
  },
}
