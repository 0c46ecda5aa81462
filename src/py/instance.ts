// Instances of classes: their attributes, methods and `__del__`.
import { ObjectField, TypeField, TypeFlag, TypeId } from '../../assembly/abi_objects'
import { callbacks } from '../core/callbacks'
import { checked } from '../core/error_text'
import { PyTypeError } from '../core/errors'
import { u32 } from '../core/memory'
import { handleAt, setFace } from '../core/objects'
import { core } from '../core/wasm'
import { pyTypeName } from '../torch/pytypes'
import { PyAttributed, withAttributes } from './attributed'
import { callOut } from './calls'
import { type ClassFace, faceOfClass, type Method } from './class'
import { drop, fresh, lent, OWNER, plainRepr } from './handle'

const typeOf = (object: number) => u32()[(object + ObjectField.type) / 4]
const typeFlags = (type: number) => u32()[(type + TypeField.flags) / 4]
const classOf = (object: number): ClassFace => faceOfClass(typeOf(object))

export class PyInstance extends PyAttributed {
  /** @internal */
  readonly _class = classOf(this._at)

  get _noun(): string {
    return this._class.name
  }

  /** @internal */
  get _who(): string {
    return `'${this._class.name}' object`
  }

  /** @internal */
  get _names(): string[] {
    return this._class.shared.of(this._at)
  }

  /** @internal */
  _getattr(name: string): unknown {
    const { methods, own, shared } = this._class
    const value = shared.get(this._at, name)
    if (value) return handleAt(value)
    const method = methods.get(name)
    if (method) return (...args: unknown[]) => callMethod(this._at, method, args)
    const type = typeOf(this._at)
    if (name === '__class__') return handleAt(type)
    const inherited = own.get(type, name)
    return inherited ? handleAt(inherited) : undefined
  }

  /** @internal */
  _setattr(name: string, value: unknown): void {
    this._class.shared.set(this, name, value)
  }

  /** @internal */
  _delattr(name: string): boolean {
    return this._class.shared.delete(this._at, name)
  }
}

/** An instance is used as an object of its attributes. */
export type Instance = PyInstance & { [name: string]: unknown }

/** Whatever a method does with `this`, the caller's reference is not its to consume. */
export function callMethod(object: number, method: Method, args: readonly unknown[]): unknown {
  return lent(object, 'the end of its method', (self) => method.apply(self as Instance, args as never[]))
}

/** A new instance, a temporary, once `init` is done with it. A class of its own goes with it. */
export function makeInstance(type: number, face: ClassFace, init: (self: Instance) => void): Instance {
  const object = core.instance_new(type, face.shared.capacity()) >>> 0
  if (!object && typeFlags(type) & TypeFlag.own) core.decref(type)
  checked(object)
  const self = handleAt(object) as Instance
  try {
    init(self)
  } catch (error) {
    drop(object, 'the exception in its making')
    throw error
  }
  return fresh(object) as Instance
}

callbacks.run_finalizer = (object) => {
  const { name, methods } = classOf(object)
  const method = methods.get('__del__')
  if (method) callOut(`<function ${name}.__del__>`, () => method.call(handleAt(object) as Instance))
}

/** What `__repr__` or `__str__` returns; undefined when the class has none. */
function described(object: number, name: string): string | undefined {
  const method = classOf(object).methods.get(name)
  if (!method) return undefined
  const text = callMethod(object, method, [])
  if (typeof text === 'string') return text
  throw new PyTypeError(`${name} returned non-string (type ${pyTypeName(text)})`)
}

const repr = (object: number): string =>
  described(object, '__repr__') ?? plainRepr(`__main__.${classOf(object).name}`, object)

setFace(TypeId.instance, {
  handle: (object) => withAttributes(new PyInstance(object, OWNER)),
  value: handleAt,
  typeName: (object) => classOf(object).name,
  repr,
  str: (object) => described(object, '__str__') ?? repr(object),
})
