// sys.getsizeof: an object, what it allocated for its items, and what lies before its header.
import { TypeFlag, TypeId } from '../abi_objects'
import { CLASS_SIZE } from './class'
import { dictSize } from './dict'
import { intSize } from './int'
import { listSize } from './list'
import { strSize } from './str'
import { arraySize } from './tensor_object'
import { tupleSize } from './tuple'
import { PyTypeObject, typeOf } from './type'

export function objectSize(object: usize): usize {
  return bytesOf(object) + typeOf(object).presize
}

/** From the header on. */
function bytesOf(object: usize): usize {
  switch (typeOf(object).id) {
    case TypeId.bool:
    case TypeId.int:
      return intSize(object)
    case TypeId.str:
      return strSize(object)
    case TypeId.list:
      return listSize(object)
    case TypeId.tuple:
      return tupleSize(object)
    case TypeId.dict:
      return dictSize(object)
    case TypeId.ndarray:
      return arraySize(object)
    case TypeId.type:
      return changetype<PyTypeObject>(object).flags & TypeFlag.heap ? CLASS_SIZE : typeOf(object).basicsize
    default:
      return typeOf(object).basicsize
  }
}
