// The exports of Python's side; conventions as in index.ts.
import { WrapperPolicy } from './abi'
import { TypeId } from './abi_objects'
import { Node } from './autograd/node'
import { newClass } from './object/class'
import { newFloat } from './object/float'
import { collect, collectDue, garbageList, hasHead, setSaveAll, statistic } from './object/gc'
import { referents, referrers, trackedObjects } from './object/gc_inspect'
import {
  countOf, freeze, frozenCount, GCFlag, headOf, isEnabled, isTracked, setEnabled, setThreshold, thresholdOf, unfreeze,
} from './object/gc_lists'
import { compare } from './object/compare'
import {
  dictCall, dictClear, dictGet, dictKeyAt, dictNext, dictPop, dictPopItem, dictSet, dictValueAt, newDict,
} from './object/dict'
import { dictCopy, dictMerge } from './object/dict_merge'
import { freeListsAt } from './object/free_lists'
import { PyObject, XDECREF, XINCREF } from './object/header'
import { noneObject } from './object/immortal'
import { boolObject, intFrom, newInt } from './object/int'
import {
  listAppend, listCall, listClear, listExtend, listExtendItems, listInsert, listOf, listPop, listRepeat, listReverse, listSet, listSwap,
} from './object/list'
import { listAssign, listAssignStep } from './object/list_assign'
import { newInstance } from './object/instance'
import { attributesOf } from './object/slots'
import { itemsOf, sequenceConcat, sequenceCount, sequenceIndex, sequenceRepeat, sequenceSlice } from './object/sequence'
import { objectSize } from './object/sizeof'
import { listSort } from './object/sort'
import { latin1Str, newStr } from './object/str'
import { tensorIdentity, tensorObject, tensorRefcount } from './object/tensor_object'
import { setTracing } from './object/trace'
import { tupleOf } from './object/tuple'
import { newObject, newType, PyTypeObject, typeObject } from './object/type'
import { firstWeakref, newWeakref } from './object/weakref'
import { acquireWrapper, setWrapperPolicy } from './object/wrapper'
import { none, Tensor } from './tensor/tensor'

// Objects

export function wrapper_acquire(node: Node): usize {
  return acquireWrapper(node)
}

export function set_wrapper_policy(policy: WrapperPolicy): void {
  setWrapperPolicy(policy)
}

/** The PyObject of a tensor or an ndarray, with a reference for the caller; 0 with OutOfMemory pending. */
export function tensor_object(tensor: Tensor): usize {
  return tensorObject(tensor)
}

/** The same without a reference: it lives as long as the tensor. */
export function tensor_identity(tensor: Tensor): usize {
  return tensorIdentity(tensor)
}

/** At least 1: a tensor to which nothing in Python refers is referred to by its handle. */
export function tensor_refcount(tensor: Tensor): u32 {
  return tensorRefcount(tensor)
}

/** Whether `trace_event` is called. */
export function set_tracing(on: bool): void {
  setTracing(on)
}

export function incref(object: usize): void {
  XINCREF(object)
}

export function decref(object: usize): void {
  XDECREF(object)
}

export function refcount(object: usize): u32 {
  return changetype<PyObject>(object).ob_refcnt
}

// The cycle collector

export {
  collect as gc_collect, collectDue as gc_safepoint, statistic as gc_statistic, trackedObjects as gc_objects,
  referrers as gc_referrers, referents as gc_referents, countOf as gc_count, thresholdOf as gc_threshold,
  setThreshold as gc_set_threshold, isEnabled as gc_enabled, setEnabled as gc_set_enabled, freeze as gc_freeze,
  unfreeze as gc_unfreeze, frozenCount as gc_frozen, garbageList as gc_garbage, setSaveAll as gc_set_save_all,
}

export function gc_is_tracked(object: usize): bool {
  return hasHead(object) && isTracked(object)
}

export function gc_is_finalized(object: usize): bool {
  return hasHead(object) && (headOf(object).flags & GCFlag.finalized) != 0
}

/** A weak reference to an object that can have some, with a reference for the caller. */
export { newWeakref as weakref_new, firstWeakref as weakref_first }

// Classes and instances. A class, or an instance of one, has attributes at places.

export { newClass as class_new }

export function instance_new(type: usize, capacity: u32): usize {
  return newInstance(changetype<PyTypeObject>(type), capacity)
}

/** The value at a place, not counted for the caller; 0 when there is none. */
export function attribute(object: usize, place: u32): usize {
  return attributesOf(object).at(place)
}

/** Takes over a reference to the value; false with OutOfMemory pending. */
export function attribute_set(object: usize, place: u32, value: usize): bool {
  return attributesOf(object).set(place, value)
}

export function attribute_delete(object: usize, place: u32): void {
  attributesOf(object).delete(place)
}

export function attribute_count(object: usize): u32 {
  return attributesOf(object).count
}

/** The place of the value that was given as the nth. */
export function attribute_nth(object: usize, n: u32): u32 {
  return attributesOf(object).nth(n)
}

// Python's scalars. Each function returns an object with a reference for the caller, or 0 with OutOfMemory pending.

export {
  boolObject as bool_object, intFrom as int_from, latin1Str as latin1_str, newFloat as float_new, newInt as int_new,
  newStr as str_new, noneObject as none_object,
}

export function object_new(): usize {
  return newObject(typeObject(TypeId.object), typeObject(TypeId.object).basicsize)
}

export { newType as type_new }

/** The type object of a built-in type. */
export function type_object(id: TypeId): usize {
  return changetype<usize>(typeObject(id))
}

// Containers. Items and keys are objects; what a function puts somewhere it takes a reference of its own to, except those
// at `words`, which it takes over if it succeeds. Indices and slices are in range: the library has checked them.

export {
  listOf as list_of, listCall as list_call, listAppend as list_append, listInsert as list_insert, listPop as list_pop,
  listExtend as list_extend, listExtendItems as list_extend_items, listRepeat as list_repeat, listSet as list_set,
  listAssign as list_assign, listAssignStep as list_assign_step, listReverse as list_reverse, listClear as list_clear,
  listSort as list_sort, listSwap as list_swap,
  tupleOf as tuple_of, sequenceSlice as sequence_slice, sequenceConcat as sequence_concat,
  sequenceRepeat as sequence_repeat, sequenceIndex as sequence_index, sequenceCount as sequence_count,
  newDict as dict_new, dictCall as dict_call, dictGet as dict_get, dictSet as dict_set, dictPop as dict_pop,
  dictPopItem as dict_pop_item, dictCopy as dict_copy, dictMerge as dict_merge, dictNext as dict_next, dictKeyAt as dict_key_at,
  dictValueAt as dict_value_at, dictClear as dict_clear,
  compare as object_compare, objectSize as object_size, freeListsAt as free_lists_at,
}

/** Where the items of a list or tuple lie: | item 0 | item 1 | ... */
export { itemsOf as items_of }
