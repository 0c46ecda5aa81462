// Python's `id`, `is`, and what holding a reference means for a handle.
import { PyTypeError } from '../core/errors'
import { address, currentOwner, Handle } from '../core/handles'
import { core } from '../core/wasm'
import { GradFn } from '../torch/grad_fn'
import { pyTypeName } from '../torch/pytypes'
import { toObject } from './convert'
import { PyHandle, spend } from './handle'
import { bindHold, dropHold } from './scope'
import { tracer } from './tracer'

/** The object of a handle with a reference for the caller; 0 for what has none. */
export function objectOf(value: unknown): number {
  return value instanceof Handle ? value._acquire() : 0
}

/**
 * Python's `id()`: the address of the object. A grad_fn that nobody holds gets its wrapper for this call only, so the
 * next one may be handed the very same block: `id(y1.grad_fn) === id(y2.grad_fn)`.
 * @throws TypeError for JavaScript values, which have no address
 */
export function id(value: Handle): number {
  if (tracer) return tracer.call('id', [value], () => id(value))
  const object = objectOf(value)
  if (!object) throw new PyTypeError(`id() takes a handle, not ${pyTypeName(value)}`)
  core.decref(object)
  spend('id()', [value])
  return object >>> 0
}

/** The object of null, a boolean, a number or a string, with a reference; 0 for other values. */
function scalarObject(value: unknown): number {
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? 0 : toObject(value)
}

/**
 * Python's `is`: both sides are alive while they are compared. JavaScript values compare by `Object.is`; beside an
 * object null, booleans, numbers and strings are objects too: `is_(f.x, null)`.
 */
export function is_(a: unknown, b: unknown): boolean {
  if (tracer) return tracer.call('is_', [a, b], () => is_(a, b))
  let left = objectOf(a)
  let right = 0
  try {
    right = objectOf(b)
    if (!left && !right) return Object.is(a ?? null, b ?? null)
    left ||= scalarObject(a)
    right ||= scalarObject(b)
    return left === right
  } finally {
    if (left) core.decref(left)
    if (right) core.decref(right)
    spend('is_()', [a, b])
  }
}

/**
 * What binding a name does in Python: the handle's object stays alive until `del_(h)` or the end of the scope in which
 * `hold` was called. Returns the handle.
 */
export function hold<T extends Handle>(handle: T): T {
  if (!(handle instanceof Handle)) throw new PyTypeError(`hold() takes a handle, not ${pyTypeName(handle)}`)
  address(handle)
  tracer?.hold(handle)
  if (handle instanceof GradFn || handle instanceof PyHandle) {
    handle._hold()
    bindHold(handle, currentOwner())
  }
  return handle
}

/**
 * Python's `del` of a name: what `hold` held is let go once (and may be held again); a tensor's handle is disposed, and
 * so is any other that is not held, which lets a temporary go.
 */
export function del_(handle: Handle): void {
  if (!(handle instanceof Handle)) throw new PyTypeError(`del_() takes a handle, not ${pyTypeName(handle)}`)
  address(handle)
  if ((handle instanceof GradFn || handle instanceof PyHandle) && handle._holds > 0) {
    tracer?.drop()
    dropHold(handle)
    handle._unhold('del_()')
  } else handle.dispose()
}
