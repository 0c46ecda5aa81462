// Tensors and grad_fns in containers, attributes and frames.
import { TypeId } from '../../assembly/abi'
import { u32 } from '../core/memory'
import { handleAt, setFace } from '../core/objects'
import { core } from '../core/wasm'
import { type GradFn, gradFnAround } from '../torch/grad_fn'
import { tensorFrom } from '../torch/tensor'

/** Where a wrapper has its node, and a tensor's object its tensor. */
const OF = 8

setFace(TypeId.tensor, {
  handle(object) {
    const tensor = u32()[(object + OF) / 4]
    core.tensor_retain(tensor)
    return tensorFrom(tensor)
  },
  value: handleAt,
  repr: (object) => String(handleAt(object)),
})

setFace(TypeId.gradFn, {
  handle: (object) => gradFnAround(object, u32()[(object + OF) / 4]),
  value: handleAt,
  typeName: (object) => (handleAt(object) as GradFn)._type,
  repr: (object) => String(handleAt(object)),
})
