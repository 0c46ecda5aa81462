// Type objects. Those of built-in types are static in the core; a class that has no TypeId of its own, like that of each
// sort of grad_fn, gets an immortal type object when somebody first asks for it. The user's classes are class.ts.
import { ObjectField, TypeField, TypeFlag, TypeId } from '../../assembly/abi_objects'
import { checked } from '../core/error_text'
import { address, Handle } from '../core/handles'
import { u32 } from '../core/memory'
import { handleAt, setFace, TYPE_NAMES } from '../core/objects'
import { core } from '../core/wasm'
import { GradFn } from '../torch/grad_fn'
import { pyTypeName } from '../torch/pytypes'
import { withAttributes } from './attributed'
import { PyClass } from './class'
import { consuming, OWNER, PyHandle } from './handle'
import { tracer } from './tracer'

/** By address: full names of the types that have no TypeId of their own; by name: their addresses. */
const names = new Map<number, string>()
const named = new Map<string, number>()

/** A Python class as `type_` returns it. */
export class PyType extends PyHandle {
  get _noun(): string {
    return 'type'
  }

  get __name__(): string {
    return fullName(address(this)).replace(/^.*\./, '')
  }

  get __module__(): string {
    const [, module = 'builtins'] = /^(.*)\./.exec(fullName(address(this))) ?? []
    return module
  }
}

function fullName(type: number): string {
  const name = names.get(type) ?? TYPE_NAMES[u32()[(type + TypeField.id) / 4]]
  return name === 'Tensor' ? 'torch.Tensor' : name
}

const isHeap = (type: number) => (u32()[(type + TypeField.flags) / 4] & TypeFlag.heap) !== 0

setFace(TypeId.type, {
  handle: (type) => (isHeap(type) ? withAttributes(new PyClass(type, OWNER)) : new PyType(type, OWNER)),
  value: handleAt,
  repr: (type) => `<class '${isHeap(type) ? `__main__.${(handleAt(type) as PyClass)._face.name}` : fullName(type)}'>`,
})

function typeNamed(name: string): number {
  const known = named.get(name)
  if (known) return known
  const id = TYPE_NAMES.indexOf(name)
  const type = (id >= 0 ? core.type_object(id) : checked(core.type_new(TypeId.gradFn))) >>> 0
  if (id < 0) names.set(type, name)
  named.set(name, type)
  return type
}

/** Python's `type()`; one object a class, so `type_(a) === type_(b)` compares classes. */
export function type_(value: unknown): PyType {
  if (tracer) return tracer.call('type', [value], () => type_(value))
  return consuming('type_()', [value], () => {
    if (value instanceof Handle) address(value)
    const type =
      value instanceof PyHandle
        ? u32()[(value._at + ObjectField.type) / 4]
        : typeNamed(value instanceof GradFn ? value._type : pyTypeName(value))
    return handleAt(type) as PyType
  })
}
