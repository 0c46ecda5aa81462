// Weak references.
import { ObjectField, TypeField, TypeFlag, TypeId, WeakrefField } from '../../assembly/abi_objects'
import { callbacks } from '../core/callbacks'
import { PyTypeError } from '../core/errors'
import { address, Handle } from '../core/handles'
import { u32 } from '../core/memory'
import { handleAt, setFace } from '../core/objects'
import { core } from '../core/wasm'
import { pyTypeName } from '../torch/pytypes'
import { callOut } from './calls'
import { toObject } from './convert'
import { consuming, fresh, lent, made, OWNER, PyHandle } from './handle'
import type { PyList } from './list'

const word = (at: number) => u32()[at / 4]
const hexadecimal = (address: number) => `0x${address.toString(16).padStart(12, '0')}`

export type WeakrefCallback = (ref: PyWeakref) => unknown

/** The callbacks of living references, by address. */
const waiting = new Map<number, WeakrefCallback>()

export class PyWeakref extends PyHandle {
  get _noun(): string {
    return 'weakref'
  }

  /** Python's call of it: the object, borrowed; null when that has died. */
  deref(): Handle | null {
    const object = word(address(this) + WeakrefField.object)
    return object ? handleAt(object) : null
  }

  /** The callback while it waits to be called; null when there is none. */
  get __callback__(): WeakrefCallback | null {
    return waiting.get(address(this)) ?? null
  }
}

setFace(TypeId.weakref, {
  handle: (object) => new PyWeakref(object, OWNER),
  value: handleAt,
  repr(ref) {
    const object = word(ref + WeakrefField.object)
    const to = object ? `to '${pyTypeName(handleAt(object))}' at ${hexadecimal(object)}` : 'dead'
    return `<weakref at ${hexadecimal(ref)}; ${to}>`
  },
})

callbacks.run_weakref_callback = (ref) => {
  const callback = waiting.get(ref)
  waiting.delete(ref)
  if (!callback) return
  callOut(`<function ${callback.name || '<lambda>'}>`, () =>
    lent(ref, 'the end of its callback', (handle) => callback(handle as PyWeakref)),
  )
}
callbacks.drop_weakref_callback = (ref) => waiting.delete(ref)

function takesWeakrefs(object: number): boolean {
  return (word(word(object + ObjectField.type) + TypeField.flags) & TypeFlag.weakrefs) !== 0
}

/**
 * A weak reference to an instance, a class, a tensor or an ndarray. `callback(ref)` is called when the object has died;
 * without one there is one reference an object, which is returned again.
 * @throws TypeError for objects that cannot be referred to weakly
 */
function ref(object: Handle, callback: WeakrefCallback | null = null): PyWeakref {
  if (callback !== null && typeof callback !== 'function') {
    throw new PyTypeError(`'${pyTypeName(callback)}' object is not callable`)
  }
  return consuming('ref()', [object], () => {
    const referent = object instanceof Handle ? object._acquire() >>> 0 : 0
    try {
      if (!referent || !takesWeakrefs(referent)) {
        throw new PyTypeError(`cannot create weak reference to '${pyTypeName(object)}' object`)
      }
      const reference = made<PyWeakref>(core.weakref_new(referent, Number(callback !== null)))
      if (callback) waiting.set(reference._at, callback)
      return reference
    } finally {
      if (referent) core.decref(referent)
    }
  })
}

/** The references to an object, the newest first. */
function refsTo(object: unknown): Handle[] {
  const found: Handle[] = []
  if (!(object instanceof Handle)) return found
  const referent = object._acquire() >>> 0
  const first = takesWeakrefs(referent) ? core.weakref_first(referent) >>> 0 : 0
  for (let at = first; at; at = word(at + WeakrefField.next)) found.push(handleAt(at))
  core.decref(referent)
  return found
}

export const weakref = {
  ref,
  /** How many weak references to an object there are; 0 for what cannot have any. */
  getweakrefcount: (object: unknown): number => consuming('getweakrefcount()', [object], () => refsTo(object).length),
  /** A list of them. */
  getweakrefs: (object: unknown): PyList =>
    consuming('getweakrefs()', [object], () => fresh<PyList>(toObject(refsTo(object)))),
}
