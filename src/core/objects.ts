// From the address of a PyObject to the JS object that stands for it. Each type has a face, set once by the file that
// has its handle's class:
//
//   setFace(TypeId.list, { handle: (object) => new PyList(object, OWNER), value: ..., repr: ... })
//
// A py object has one handle while it lives, so that `f.l === f.r` when both names refer to one list. The handle ends
// with the object: the core says `object_freed`, and whoever made it free (`because`) stands in the error that every
// later use of the handle throws. Tensors, ndarrays and grad_fns keep their handles' own rules (handles.ts).
import { ArrayAnswer, Compare, ObjectField, TypeField, type TypeId } from '../../assembly/abi_objects'
import { callbacks } from './callbacks'
import { currentOwner, type Handle } from './handles'
import { u32 } from './memory'

export interface Face {
  /** A handle for an object that lives and has none. */
  handle(object: number): Handle
  /** The JavaScript value: what tolist() gives. */
  value(object: number): unknown
  /** Python's repr(). */
  repr(object: number): string
  /** `type(o).__name__`, where it is not the built-in type's own. */
  typeName?(object: number): string
  /** The truth of a comparison element by element; undefined where the other object cannot take part. */
  compare?(object: number, other: number, op: Compare): boolean | undefined
  /** Python's str(), where it is not the repr. */
  str?(object: number): string
}

/** A handle that ends with its object. */
export interface ObjectHandle extends Handle {
  /** The object was freed by `cause`. @internal */
  _freed(cause: Cause): void
}

/** What frees objects now: in words, and the object whose temporary reference it lets go of, or 0. */
export interface Cause {
  readonly what: string
  readonly temporary: number
}

const faces: Face[] = []

export function setFace(type: TypeId, face: Face): void {
  faces[type] = face
}

export function typeIdOf(object: number): TypeId {
  const words = u32()
  return words[(words[(object + ObjectField.type) / 4] + TypeField.id) / 4]
}

export function faceOf(object: number): Face {
  return faces[typeIdOf(object)]
}

/** By TypeId. */
export const TYPE_NAMES = [
  'type',
  'grad_fn',
  'Tensor',
  'numpy.ndarray',
  'object',
  'NoneType',
  'bool',
  'int',
  'float',
  'str',
  'list',
  'tuple',
  'dict',
  'object',
  'weakref.ReferenceType',
]

/** `type(o).__name__` of an object that lives, as it stands in error texts. */
export function typeNameOf(object: number): string {
  return faceOf(object).typeName?.(object) ?? TYPE_NAMES[typeIdOf(object)]
}

// An object's entry stays when it dies, without a handle, for the next object at its address: a large Map from which a
// key is taken and one put in again and again takes V8 a thousand times as long. From time to time they are cleared out.
const living = new Map<number, ObjectHandle | WeakRef<ObjectHandle> | undefined>()
const MANY = 1024
let left = 0

function find(object: number): ObjectHandle | undefined {
  const known = living.get(object)
  return known instanceof WeakRef ? known.deref() : known
}

/** The handle of a living object; it owns nothing. */
export function handleAt(object: number): Handle {
  return find(object) ?? faceOf(object).handle(object)
}

/** Makes `handle` the one of its object: for its constructor. */
export function enlist(handle: ObjectHandle): void {
  if (left && living.has(handle._at) && !living.get(handle._at)) left--
  living.set(handle._at, currentOwner() ? handle : new WeakRef(handle))
}

/** From now on JavaScript's collector decides how long the handle's JS object lives: no scope does. */
export function enlistWeakly(handle: ObjectHandle): void {
  living.set(handle._at, new WeakRef(handle))
}

/** What `b op a` is called where `a op b` is asked. */
const MIRRORED = [Compare.gt, Compare.ge, Compare.eq, Compare.ne, Compare.lt, Compare.le]

callbacks.compare_arrays = (a, b, op) => {
  const left = a >>> 0
  const right = b >>> 0
  const truth = faceOf(left).compare?.(left, right, op) ?? faceOf(right).compare?.(right, left, MIRRORED[op])
  if (truth === undefined) return ArrayAnswer.none
  return truth ? ArrayAnswer.yes : ArrayAnswer.no
}

let cause: Cause = { what: 'the end of its last holder', temporary: 0 }

/** Says who frees what is freed from now on; returns who did before, to be put back. */
export function because(next: Cause): Cause {
  const before = cause
  cause = next
  return before
}

callbacks.object_freed = (object) => {
  if (!living.get(object)) return
  const handle = find(object)
  living.set(object, undefined)
  if (++left > MANY && left > living.size / 2) clearOut()
  handle?._freed(cause)
}

function clearOut(): void {
  left = 0
  const kept = [...living].filter(([, known]) => known)
  living.clear()
  for (const [object, known] of kept) living.set(object, known)
}
