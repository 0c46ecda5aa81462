// The public names, the same for both entries.
/// <reference lib="esnext.disposable" preserve="true" />
export {
  AssertionError,
  AttributeError,
  IndexError,
  KeyError,
  NotImplementedError,
  OutOfMemoryError,
  OverflowError,
  PyReferenceError as ReferenceError,
  PyTypeError as TypeError,
  RecursionError,
  RuntimeError,
  ValueError,
  ZeroDivisionError,
} from './core/errors'
export type { MemoryStats } from './core/memory'
export { set_warning_sink } from './core/warnings'
export type { NpDType } from './np/dtype'
export { np } from './np/index'
export { NDArray } from './np/ndarray'
export type { NpScalar } from './np/scalar'
export type { NpKey } from './np/subscript'
export type { Class } from './py/class'
export type { CData, CType } from './py/ctypes'
export { hex } from './py/ctypes'
export type { PyDict } from './py/dict'
export type { PyHandle } from './py/handle'
export { del_, hold, id, is_ } from './py/identity'
export { py } from './py/index'
export type { Instance } from './py/instance'
export type { PyList } from './py/list'
export type { PyBool, PyFloat, PyInt } from './py/number'
export type { PyNone, PyObject } from './py/object'
export { print, repr, set_print_sink } from './py/print'
export { type Frame, scope } from './py/scope'
export type { PyStr } from './py/str'
export type { PyTuple } from './py/tuple'
export { type PyType, type_ } from './py/type'
export type { PyWeakref } from './py/weakref'
export type { DType } from './torch/dtype'
export type { Edge, GradFn } from './torch/grad_fn'
export { torch } from './torch/index'
export type { Key } from './torch/index_keys'
export type { Place, VersionErrorCause } from './torch/places'
export { Tensor } from './torch/tensor'
