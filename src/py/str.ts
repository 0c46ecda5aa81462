// str.
import { TypeId } from '../../assembly/abi'
import { setFace } from '../core/objects'
import { strValue } from './convert'
import { OWNER, PyHandle } from './handle'
import { stringRepr } from './quote'

export class PyStr extends PyHandle {
  get _noun(): string {
    return 'str'
  }
}
setFace(TypeId.str, {
  handle: (object) => new PyStr(object, OWNER),
  value: strValue,
  repr: (object) => stringRepr(strValue(object)),
  str: strValue,
})
