// The `py` namespace: the Python side of the core.
import './torch_faces'
import { handleAt } from '../core/objects'
import { core } from '../core/wasm'
import { class_, instance } from './class'
import { ctypes, hex } from './ctypes'
import { dict } from './dict'
import { format_trace } from './format_trace'
import { free_lists } from './free_lists'
import { gc } from './gc'
import { list } from './list'
import { float, int, type PyBool } from './number'
import { object, type PyNone } from './object'
import { str } from './str'
import { getrefcount, getsizeof } from './sys'
import { type TraceRecord, trace } from './trace'
import { tuple } from './tuple'
import { type_ } from './type'
import { weakref } from './weakref'

export const py = {
  /** What happens to objects while `fn` runs: bytecode and heap, in order (trace.ts). */
  trace: (fn: () => unknown): readonly TraceRecord[] => trace(py, fn),
  format_trace,
  object,
  int,
  float,
  str,
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
  /** A value's class. */
  type: type_,
  hex,
  ctypes,
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
