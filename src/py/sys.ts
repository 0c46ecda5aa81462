// Python's `sys`: what an object costs.
import { checked } from '../core/error_text'
import { PyTypeError } from '../core/errors'
import { address, Handle, TensorHandle } from '../core/handles'
import { core } from '../core/wasm'
import { GradFn } from '../torch/grad_fn'
import { pyTypeName } from '../torch/pytypes'
import { withObject } from './arguments'
import { consuming, PyHandle } from './handle'

/**
 * `sys.getrefcount`: one more than there are holders, for the argument itself; a temporary is the argument itself.
 * 4294967295 says that the object is immortal.
 * @throws TypeError for JavaScript values, to which nothing refers
 */
export function getrefcount(value: Handle): number {
  if (value instanceof TensorHandle) return (checked(core.tensor_refcount(address(value))) >>> 0) + 1
  if (!(value instanceof Handle)) throw new PyTypeError(`getrefcount() takes a handle, not ${pyTypeName(value)}`)
  const object = value._acquire()
  const count = core.refcount(object) >>> 0
  core.decref(object)
  if (!(value instanceof PyHandle && value._temporary)) return count
  value._spend('getrefcount()')
  return count - 1
}

/** The node of a custom Function is an instance of a Python class: that is what PyTorch 2.13's takes. */
const FUNCTION_SIZE = 264

/**
 * `sys.getsizeof`: the bytes of the object itself and of what it allocated for its items, as in a 64-bit CPython 3.12,
 * PyTorch 2.13 and NumPy 2.4. An ndarray counts the buffer when it owns it, a tensor never does.
 */
export function getsizeof(value: unknown): number {
  return consuming('getsizeof()', [value], () => {
    if (value instanceof GradFn && value._isFunction) return FUNCTION_SIZE
    return withObject(value, (object) => core.object_size(object) >>> 0)
  })
}
