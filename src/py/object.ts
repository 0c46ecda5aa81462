// object() and None.
import { TypeId } from '../../assembly/abi_objects'
import { handleAt, setFace } from '../core/objects'
import { core } from '../core/wasm'
import { made, OWNER, PyHandle, plainRepr } from './handle'

/** Python's `object()`: nothing but an identity. */
export class PyObject extends PyHandle {
  get _noun(): string {
    return 'object'
  }
}
setFace(TypeId.object, {
  handle: (object) => new PyObject(object, OWNER),
  value: handleAt,
  repr: (object) => plainRepr('object', object),
})

export class PyNone extends PyHandle {
  get _noun(): string {
    return 'NoneType'
  }
}
setFace(TypeId.none, { handle: (object) => new PyNone(object, OWNER), value: () => null, repr: () => 'None' })

/** A new object: a temporary until something binds it. @throws OutOfMemoryError */
export function object(): PyObject {
  return made(core.object_new())
}
