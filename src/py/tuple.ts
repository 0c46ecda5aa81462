// tuple.
import { TypeId } from '../../assembly/abi_objects'
import { address } from '../core/handles'
import { setFace } from '../core/objects'
import { core } from '../core/wasm'
import { tuple as marked } from '../torch/tuple'
import { isSequence, itemsOf, iterated, madeOf, sizeOf, withObject } from './arguments'
import { setMaker, toObjects } from './convert'
import { consuming, displayed, fresh, OWNER } from './handle'
import { joined, nested, PySequence, valuesOf } from './sequence'

/** Python's tuple. */
export class PyTuple extends PySequence {
  get _noun(): string {
    return 'tuple'
  }

  /** @internal */
  _missing(): string {
    return 'tuple.index(x): x not in tuple'
  }
}

function written(tuple: number): string {
  return `(${joined(tuple)}${sizeOf(tuple) === 1 ? ',' : ''})`
}

function tupleOf(objects: readonly number[]): number {
  return madeOf(objects, (words) => core.tuple_of(words, objects.length))
}

setMaker('tuple', (items) => tupleOf(toObjects(items)))
setFace(TypeId.tuple, {
  handle: (object) => new PyTuple(object, OWNER),
  value: (object) => marked(valuesOf(object)),
  repr: (object) => nested(object, '(...)', written),
})

function alive(tuple: PyTuple): PyTuple {
  address(tuple)
  return tuple
}

/**
 * Python's `(...)` for an array, and `tuple(items)` for what else can be iterated; a tuple is its own. A temporary until
 * something binds it.
 * @throws TypeError when it is not iterable, OutOfMemoryError
 */
export function tuple(items: unknown = []): PyTuple {
  if (Array.isArray(items)) return displayed(() => tupleOf(toObjects(items)))
  if (items instanceof PyTuple) return alive(items)
  return consuming('tuple()', [items], () => {
    if (!isSequence(items)) return fresh(tupleOf(iterated(items))) as PyTuple
    return withObject(items, (sequence) => {
      const objects = itemsOf(sequence)
      for (const object of objects) core.incref(object)
      return fresh(tupleOf(objects)) as PyTuple
    })
  })
}
