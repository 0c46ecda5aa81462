// Between tensors and arrays: x.numpy(), torch.from_numpy(a), x.asnumpy().
import { type Compare, TypeId } from '../../assembly/abi_objects'
import { ValueError } from '../core/errors'
import { address } from '../core/handles'
import { u32 } from '../core/memory'
import { faceOf, handleAt, setFace } from '../core/objects'
import { warnOnce } from '../core/warnings'
import { core } from '../core/wasm'
import { setArrayAsTensor } from '../torch/data'
import { given } from '../torch/factory'
import { isScalar } from '../torch/pytypes'
import { Signature } from '../torch/signature'
import { temporaries } from '../torch/temporaries'
import { Tensor, tensorFrom } from '../torch/tensor'
import { arrayOf, castTo, toArray } from './convert'
import { arrayFrom, geometryOf, NDArray, share } from './ndarray'
import { arrayRepr } from './print'
import { NpScalar } from './scalar'
import { setTensorWrapper } from './ufunc'

const numpySignature = new Signature('numpy', '*, bool force=False')
const NEGATIVE =
  'At least one stride in the given numpy array is negative, and tensors with negative strides are not currently ' +
  'supported. (You can probably work around this by making a copy of your array  with array.copy().) '
const NOT_WRITABLE =
  'The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means writing to this ' +
  'tensor will result in undefined behavior. You may want to copy the array to protect its data or make it writable ' +
  'before converting it to a tensor. This type of warning will be suppressed for the rest of this program.'

/**
 * torch.from_numpy: a tensor on the array's memory, which holds the array.
 * @throws ValueError for negative strides
 */
export function from_numpy(a: NDArray): Tensor {
  const geometry = geometryOf(a)
  if (!a.flags.writeable) warnOnce('UserWarning', NOT_WRITABLE)
  if (geometry.strides.some((stride) => stride < 0)) throw new ValueError(NEGATIVE)
  return tensorFrom(share(a, address(a), geometry, a.dtype._code, 0))._remember()
}
setTensorWrapper(from_numpy)
setArrayAsTensor((data) => {
  if (data instanceof NDArray) return from_numpy(data)
  return isNumPys(data) ? from_numpy(toArray(data)) : null
})

/** A scalar, or a list that begins with a scalar or an array. */
function isNumPys(data: unknown): boolean {
  if (Array.isArray(data)) return isNumPys(data[0])
  return data instanceof NDArray || data instanceof NpScalar
}

/** Where a tensor's object has its tensor (assembly/object/tensor_object.ts). */
const OF = 8

// Arrays in containers, attributes and frames.
const METHODS = ['lt', 'le', 'eq', 'ne', 'gt', 'ge'] as const

/** @throws ValueError unless the result has one element */
function compareArrays(object: number, other: number, op: Compare): boolean | undefined {
  const value = faceOf(other).value(other)
  if (value !== null && typeof value !== 'string' && !isScalar(value) && !(value instanceof NDArray)) return undefined
  const self = handleAt(object) as NDArray
  return temporaries(() => {
    const result = self[METHODS[op]](value as NDArray) as NDArray
    if (result.size === 1) return Boolean(result.item())
    throw new ValueError(
      result.size
        ? 'The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()'
        : 'The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty.',
    )
  })
}

setFace(TypeId.ndarray, {
  handle(object) {
    const record = u32()[(object + OF) / 4]
    core.tensor_retain(record)
    return arrayFrom(record)
  },
  value: handleAt,
  compare: compareArrays,
  repr: (object) => arrayRepr(handleAt(object) as NDArray),
  str: (object) => String(handleAt(object)),
})

declare module '../torch/tensor' {
  interface Tensor {
    /**
     * An array on the tensor's memory: what one writes the other shows.
     * @throws RuntimeError if it requires grad and gradients are recorded, unless it is forced
     */
    numpy(options?: { force?: boolean }): NDArray
    /** An array of its own with the tensor's elements. @throws RuntimeError if it requires grad */
    asnumpy(): NDArray
  }
}

Object.assign(Tensor.prototype, {
  numpy(this: Tensor, ...args: unknown[]): NDArray {
    address(this)
    const [force] = numpySignature.parse(given(args)).values
    return arrayOf(this, force as boolean)
  },
  asnumpy(this: Tensor): NDArray {
    const shared = arrayOf(this)
    const copy = castTo(shared, shared.dtype)
    shared.dispose()
    return copy
  },
})
