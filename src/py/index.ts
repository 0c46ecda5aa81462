// The `py` namespace: the Python side of the core.
import './number'
import './str'
import './torch_faces'
import { handleAt } from '../core/objects'
import { core } from '../core/wasm'
import { class_, instance } from './class'
import { intObject, strObject } from './convert'
import { dict } from './dict'
import { free_lists } from './free_lists'
import { gc } from './gc'
import { made } from './handle'
import { getrefcount, getsizeof } from './identity'
import { list } from './list'
import type { PyBool, PyFloat, PyInt } from './number'
import { object, type PyNone } from './object'
import type { PyStr } from './str'
import { tuple } from './tuple'
import { weakref } from './weakref'

export const py = {
  object,
  int: (value: number | bigint): PyInt => made(intObject(value)),
  float: (value: number): PyFloat => made(core.float_new(value)),
  str: (text: string): PyStr => made(strObject(text)),
  list,
  tuple,
  dict,
  /** The immortal ones. */
  get None(): PyNone {
    return handleAt(core.none_object() >>> 0) as PyNone
  },
  get True(): PyBool {
    return handleAt(core.bool_object(1) >>> 0) as PyBool
  },
  get False(): PyBool {
    return handleAt(core.bool_object(0) >>> 0) as PyBool
  },
  free_lists,
  class_,
  instance,
  gc,
  weakref,
  sys: {
    /** How many references an object has, one more than there are holders. */
    getrefcount,
    /** How many bytes an object takes, in a 64-bit CPython as here. */
    getsizeof,
  },
}
