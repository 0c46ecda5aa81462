// Python's `id`, `is`, `type`, and what holding a reference means for a handle.
import { checked } from '../core/error_text'
import { PyTypeError } from '../core/errors'
import { address, currentOwner, Handle, TensorHandle } from '../core/handles'
import { core } from '../core/wasm'
import { GradFn } from '../torch/grad_fn'
import { pyTypeName } from '../torch/pytypes'
import { toObject } from './convert'
import { consuming, PyHandle, spend } from './handle'
import { bindHold, dropHold } from './scope'

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

/** A Python class as `type_` returns it. */
export class PyType {
  /** @internal */
  constructor(
    readonly __name__: string,
    readonly __module__: string,
  ) {}

  toString(): string {
    return `<class '${this.__module__ === 'builtins' ? '' : `${this.__module__}.`}${this.__name__}'>`
  }
}

const types = new Map<string, PyType>()

/** Python's `type()`; one object a class, so `type_(a) === type_(b)` compares classes. */
export function type_(value: unknown): PyType {
  const name = value instanceof GradFn ? value._type : pyTypeName(value)
  const module = name === 'Tensor' || name.startsWith('torch.') ? 'torch' : 'builtins'
  const known = types.get(name)
  if (known) return known
  const type = new PyType(name.replace(/^torch\./, ''), module)
  types.set(name, type)
  return type
}

/**
 * What binding a name does in Python: the handle's object stays alive until `del_(h)` or the end of the scope in which
 * `hold` was called. Returns the handle.
 */
export function hold<T extends Handle>(handle: T): T {
  if (!(handle instanceof Handle)) throw new PyTypeError(`hold() takes a handle, not ${pyTypeName(handle)}`)
  address(handle)
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
    dropHold(handle)
    handle._unhold('del_()')
  } else handle.dispose()
}

/**
 * `sys.getrefcount`: one more than there are holders, for the argument itself; a temporary is the argument itself.
 * 4294967295 says that the object is immortal.
 */
export function getrefcount(value: Handle): number {
  if (value instanceof TensorHandle) return (checked(core.tensor_refcount(address(value))) >>> 0) + 1
  const object = objectOf(value)
  if (!object) throw new PyTypeError(`getrefcount() takes a handle, not ${pyTypeName(value)}`)
  const count = core.refcount(object) >>> 0
  core.decref(object)
  if (!(value instanceof PyHandle && value._temporary)) return count
  value._spend('getrefcount()')
  return count - 1
}

/**
 * `sys.getsizeof`: the bytes of the object itself and of what it allocated for its items, as in a 64-bit CPython 3.12.
 */
export function getsizeof(value: unknown): number {
  return consuming('getsizeof()', [value], () => {
    const object = toObject(value)
    const size = core.object_size(object) >>> 0
    core.decref(object)
    return size
  })
}
