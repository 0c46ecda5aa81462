// Tensors and grad_fns in containers, attributes and frames.
import { type Compare, TypeId } from '../../assembly/abi_objects'
import { RuntimeError } from '../core/errors'
import { u32 } from '../core/memory'
import { handleAt, setFace } from '../core/objects'
import { core } from '../core/wasm'
import { type GradFn, gradFnAround } from '../torch/grad_fn'
import { isScalar } from '../torch/pytypes'
import { temporaries } from '../torch/temporaries'
import { Tensor, tensorFrom } from '../torch/tensor'
import { toValue } from './convert'

/** Where a wrapper has its node, and a tensor's object its tensor. */
const OF = 8

const METHODS = ['lt', 'le', 'eq', 'ne', 'gt', 'ge'] as const

/** @throws RuntimeError unless the result has one element */
function compare(object: number, other: number, op: Compare): boolean | undefined {
  const value = toValue(other)
  if (!isScalar(value) && !(value instanceof Tensor)) return undefined
  const self = handleAt(object) as Tensor
  return temporaries(() => {
    const result = self[METHODS[op]](value as Tensor)
    if (result.numel() === 1) return Boolean(result.item())
    const many = result.numel() ? 'more than one value' : 'no values'
    throw new RuntimeError(`Boolean value of Tensor with ${many} is ambiguous`)
  })
}

setFace(TypeId.tensor, {
  handle(object) {
    const tensor = u32()[(object + OF) / 4]
    core.tensor_retain(tensor)
    return tensorFrom(tensor)
  },
  value: handleAt,
  compare,
  repr: (object) => String(handleAt(object)),
})

setFace(TypeId.gradFn, {
  handle: (object) => gradFnAround(object, u32()[(object + OF) / 4]),
  value: handleAt,
  typeName: (object) => (handleAt(object) as GradFn)._type,
  repr: (object) => String(handleAt(object)),
})
