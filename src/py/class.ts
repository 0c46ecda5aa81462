// Classes. A class is a type object of the core; what it is called, its functions and the names of attributes are here,
// under the number by which the type object knows them.
import { TypeField, TypeFlag } from '../../assembly/abi_objects'
import { callbacks } from '../core/callbacks'
import { checked } from '../core/error_text'
import { PyTypeError } from '../core/errors'
import { address } from '../core/handles'
import { u32 } from '../core/memory'
import { handleAt } from '../core/objects'
import { core } from '../core/wasm'
import { pyTypeName } from '../torch/pytypes'
import { PyAttributed } from './attributed'
import { Keys } from './attributes'
import { consuming, fresh, spend } from './handle'
import { callMethod, type Instance, makeInstance } from './instance'

/** `this` is the instance. */
export type Method = (this: Instance, ...args: never[]) => unknown

/** In a member that is a function `this` is the instance. */
export type Members = Readonly<Record<string, unknown>> & ThisType<Instance>

export class ClassFace {
  readonly methods = new Map<string, Method>()
  /** The names of its own attributes, and of those of its instances. */
  readonly own = new Keys()
  readonly shared = new Keys()

  constructor(readonly name: string) {}
}

const faces: ClassFace[] = []
const free: number[] = []

export function faceOfClass(type: number): ClassFace {
  return faces[u32()[(type + TypeField.face) / 4]]
}

callbacks.drop_class = (face) => {
  delete faces[face]
  free.push(face)
}

export class PyClass extends PyAttributed {
  /** @internal */
  readonly _face = faceOfClass(this._at)

  get _noun(): string {
    return 'class'
  }

  get __name__(): string {
    address(this)
    return this._face.name
  }

  get __module__(): string {
    address(this)
    return '__main__'
  }

  /** @internal */
  get _who(): string {
    return `type object '${this._face.name}'`
  }

  /** @internal */
  get _names(): string[] {
    return [...this._face.methods.keys(), ...this._face.own.of(this._at)]
  }

  /** @internal */
  _getattr(name: string): unknown {
    const method = this._face.methods.get(name)
    if (method) return method
    const value = this._face.own.get(this._at, name)
    return value ? handleAt(value) : undefined
  }

  /** @internal */
  _setattr(name: string, value: unknown): void {
    const { methods, own } = this._face
    if (typeof value !== 'function') {
      own.set(this, name, value)
      methods.delete(name)
      return
    }
    methods.set(name, value as Method)
    own.delete(this._at, name)
    if (name === '__del__') u32()[(this._at + TypeField.flags) / 4] |= TypeFlag.finalizer
  }

  /** @internal */
  _delattr(name: string): boolean {
    return this._face.methods.delete(name) || this._face.own.delete(this._at, name)
  }

  /**
   * An instance, for which `__init__` is called with the arguments. The class lives on, also when it was a temporary.
   * @throws TypeError for arguments that no `__init__` takes, and when it returns something
   */
  new(...args: unknown[]): Instance {
    address(this)
    const { name, methods } = this._face
    return consuming(`${name}()`, args, () => {
      const init = methods.get('__init__')
      if (!init && args.length) throw new PyTypeError(`${name}() takes no arguments`)
      return makeInstance(this._at, this._face, (self) => {
        const result = init && callMethod(self._at, init, args)
        if (result !== undefined && result !== null) {
          throw new PyTypeError(`__init__() should return None, not '${pyTypeName(result)}'`)
        }
      })
    })
  }
}

/** A class is used as an object of its own attributes. */
export type Class = PyClass & { [name: string]: unknown }

function newClass(face: ClassFace, flags: number): number {
  const number = free.pop() ?? faces.length
  faces[number] = face
  const type = core.class_new(number, flags) >>> 0
  if (!type) callbacks.drop_class(number)
  return checked(type)
}

function checkName(name: unknown): void {
  if (typeof name !== 'string') throw new PyTypeError(`type.__new__() argument 1 must be str, not ${pyTypeName(name)}`)
}

/**
 * Python's `class A: ...`: functions become methods (`__init__`, `__del__`, `__repr__` and `__str__` are called as in
 * Python), other members attributes. A class is a temporary like any new object, which only arguments consume.
 * @throws TypeError for a name that is no string, or a member that no object stands for
 */
export function class_(name: string, members: Members = {}): Class {
  checkName(name)
  const type = fresh(newClass(new ClassFace(name), 0)) as Class
  try {
    for (const [key, value] of Object.entries(members)) type._setattr(key, value)
  } catch (error) {
    spend('class_()', [type])
    throw error
  }
  return type
}

/**
 * An instance of a class of its own, which has the functions among the members as methods; the others are assigned to
 * the instance. The class is nothing that the collector, or who counts objects, would see.
 * @throws TypeError for a name that is no string, or a member that no object stands for
 */
export function instance(name: string, members: Members = {}): Instance {
  checkName(name)
  const face = new ClassFace(name)
  const attributes: [string, unknown][] = []
  for (const [key, value] of Object.entries(members)) {
    if (typeof value === 'function') face.methods.set(key, value as Method)
    else attributes.push([key, value])
  }
  const type = newClass(face, TypeFlag.own | (face.methods.has('__del__') ? TypeFlag.finalizer : 0))
  return makeInstance(type, face, (self) => {
    for (const [key, value] of attributes) self._setattr(key, value)
  })
}
