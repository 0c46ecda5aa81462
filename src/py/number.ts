// int, bool and float.
import { TypeId } from '../../assembly/abi'
import { f64 } from '../core/memory'
import { setFace } from '../core/objects'
import { floatRepr } from '../torch/decimals'
import { intValue } from './convert'
import { OWNER, PyHandle } from './handle'

/** Where a float's double is (assembly/object/float.ts). */
const VALUE = 8

const floatValue = (object: number) => f64()[(object + VALUE) / 8]

export class PyInt extends PyHandle {
  get _noun(): string {
    return 'int'
  }
}
setFace(TypeId.int, {
  handle: (object) => new PyInt(object, OWNER),
  value: intValue,
  repr: (object) => String(intValue(object)),
})

export class PyBool extends PyInt {
  override get _noun(): string {
    return 'bool'
  }
}
setFace(TypeId.bool, {
  handle: (object) => new PyBool(object, OWNER),
  value: (object) => intValue(object) !== 0,
  repr: (object) => (intValue(object) ? 'True' : 'False'),
})

export class PyFloat extends PyHandle {
  get _noun(): string {
    return 'float'
  }
}
setFace(TypeId.float, {
  handle: (object) => new PyFloat(object, OWNER),
  value: floatValue,
  repr: (object) => floatRepr(floatValue(object)),
})
