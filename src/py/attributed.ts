// Attributes as JavaScript's properties: `a.b.x`, `a.x = 1`, `delete a.x`, `'x' in a`, `Object.keys(a)`.
import { AttributeError, PyTypeError } from '../core/errors'
import { address } from '../core/handles'
import { enlist, handleAt } from '../core/objects'
import { PyHandle } from './handle'
import { tracer } from './tracer'

/** A handle whose object has attributes. */
export abstract class PyAttributed extends PyHandle {
  /** Borrowed; undefined when there is none. @internal */
  abstract _getattr(name: string): unknown
  /** @internal */
  abstract _setattr(name: string, value: unknown): void
  /** False when there is none. @internal */
  abstract _delattr(name: string): boolean
  /** In the order in which they were given. @internal */
  abstract get _names(): string[]
  /** What Python says has no such attribute. @internal */
  abstract get _who(): string
}

/** The handle's face to the user, and its object's one handle from now on. */
export function withAttributes<T extends PyAttributed>(handle: T): T {
  const face = new Proxy(handle, traps)
  enlist(face)
  return face as T
}

/** What JavaScript asks any object for on its own account, like `await` and JSON.stringify: these are not there. */
const ASKED = new Set(['then', 'toJSON', 'asymmetricMatch', 'nodeType', 'tagName', 'hasAttribute', 'inspect'])
const IDENTIFIER = /^[\p{ID_Start}_][\p{ID_Continue}]*$/u

/** The library's own names of a handle, which no attribute can have. */
function isInternal(handle: PyAttributed, name: string): boolean {
  return name in handle && (name.startsWith('_') || name === 'constructor')
}

function absent(handle: PyAttributed, name: string): never {
  address(handle)
  throw new AttributeError(`${handle._who} has no attribute '${name}'`)
}

const traps: ProxyHandler<PyAttributed> = {
  get(handle, name, face) {
    if (typeof name === 'string' && !isInternal(handle, name)) {
      const value = handle._at ? handle._getattr(name) : undefined
      if (value !== undefined) return tracer ? tracer.load_attr(face, name, value) : value
      if (ASKED.has(name)) return undefined
      if (!(name in handle)) return IDENTIFIER.test(name) ? absent(handle, name) : undefined
    }
    return Reflect.get(handle, name, face)
  },
  has(handle, name) {
    return name in handle || (typeof name === 'string' && handle._at !== 0 && handle._getattr(name) !== undefined)
  },
  ownKeys: (handle) => (handle._at ? handle._names : []),
  getOwnPropertyDescriptor(handle, name) {
    if (typeof name !== 'string' || !handle._at || !handle._names.includes(name)) return undefined
    return { value: handle._getattr(name), enumerable: true, configurable: true, writable: true }
  },
  set(handle, name, value, face) {
    if (typeof name !== 'string') throw new PyTypeError(`attribute name must be string, not 'symbol'`)
    if (isInternal(handle, name)) return Reflect.set(handle, name, value)
    address(handle)
    tracer?.store_attr(face, name, value)
    handle._setattr(name, value)
    return true
  },
  deleteProperty(handle, name) {
    if (typeof name !== 'string' || isInternal(handle, name)) return false
    address(handle)
    tracer?.delete_attr(handleAt(handle._at), name)
    return handle._delattr(name) || absent(handle, name)
  },
  // Object.defineProperty would write past the object.
  defineProperty: () => false,
}
