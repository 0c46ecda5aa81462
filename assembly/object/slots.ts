// The slots of the types: what happens when an object's count comes to 0, and what it refers to.
import { TraceEvent, TypeId } from '../abi_objects'
import { Attributes } from './attributes'
import { attributesOfClass, clearClass, deallocClass, traverseClass } from './class'
import { deallocDict, dictClear, traverseDict } from './dict'
import { deallocFloat } from './float'
import {
  attributesOfInstance, clearInstance, deallocInstance, finalizeInstance, traverseInstance, weakrefsOfInstance,
} from './instance'
import { deallocInt } from './int'
import { deallocList, listClear, traverseList } from './list'
import { deallocStr } from './str'
import { deallocTensorObject, TensorObject } from './tensor_object'
import { traceEvent, tracing } from './trace'
import { deallocTuple, traverseTuple } from './tuple'
import { freeBlock, PyTypeObject, typeOf } from './type'
import { deallocWeakref } from './weakref'
import { deallocWrapper } from './wrapper'

/**
 * The object is dead, and its handle in JS, if it has one, with it. Called before anything of it is taken apart, but for
 * an instance after its `__del__`, which may bring it back to life.
 */
// @ts-ignore: decorator
@external('env', 'object_freed')
export declare function objectFreed(object: usize): void

/** The count came to 0. */
export function deallocate(object: usize): void {
  if (tracing()) traceEvent(TraceEvent.dealloc, object, 0)
  switch (typeOf(object).id) {
    case TypeId.gradFn:
      return deallocWrapper(object)
    case TypeId.tensor:
    case TypeId.ndarray:
      return deallocTensorObject(object)
  }
  if (typeOf(object).id != TypeId.instance) objectFreed(object)
  deallocSlot(object)
}

/** tp_dealloc of what is an object and nothing else. A container that had to wait (trash.ts) comes here again. */
export function deallocSlot(object: usize): void {
  switch (typeOf(object).id) {
    case TypeId.object:
      return freeBlock(object, typeOf(object).basicsize)
    case TypeId.int:
      return deallocInt(object)
    case TypeId.float:
      return deallocFloat(object)
    case TypeId.str:
      return deallocStr(object)
    case TypeId.list:
      return deallocList(object)
    case TypeId.tuple:
      return deallocTuple(object)
    case TypeId.dict:
      return deallocDict(object)
    case TypeId.instance:
      return deallocInstance(object)
    case TypeId.type:
      return deallocClass(object)
    case TypeId.weakref:
      return deallocWeakref(object)
  }
}

/** tp_traverse: calls `visit` (gc.ts) for every reference that the object owns. */
export function traverse(object: usize): void {
  switch (typeOf(object).id) {
    case TypeId.list:
      return traverseList(object)
    case TypeId.tuple:
      return traverseTuple(object)
    case TypeId.dict:
      return traverseDict(object)
    case TypeId.instance:
      return traverseInstance(object)
    case TypeId.type:
      return traverseClass(object)
  }
}

/** tp_clear: lets go of what could be part of a cycle. */
export function clear(object: usize): void {
  switch (typeOf(object).id) {
    case TypeId.list:
      return listClear(object)
    case TypeId.dict:
      return dictClear(object)
    case TypeId.instance:
      return clearInstance(object)
    case TypeId.type:
      return clearClass(object)
  }
}

/** tp_finalize: `__del__`, at most once. */
export function finalize(object: usize): void {
  if (typeOf(object).id == TypeId.instance) finalizeInstance(object)
}

/** Where the first of an object's weak references stands (tp_weaklistoffset). Its type can have some. */
export function weakrefsOf(object: usize): usize {
  switch (typeOf(object).id) {
    case TypeId.instance:
      return weakrefsOfInstance(object)
    case TypeId.type:
      return object + offsetof<PyTypeObject>('weakrefs')
    default:
      return object + offsetof<TensorObject>('weakrefs')
  }
}

/** The attributes of a class or an instance. */
export function attributesOf(object: usize): Attributes {
  return typeOf(object).id == TypeId.type ? attributesOfClass(object) : attributesOfInstance(object)
}
