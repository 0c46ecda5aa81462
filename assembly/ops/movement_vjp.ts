// The derivatives of views that keep every element: the inverse rearrangement.
import { NodeKind } from '../abi'
import { Node } from '../autograd/node'
import { failed } from '../error'
import { beginShape, setShapeSize, wrapDim } from '../tensor/shape'
import { none, Tensor } from '../tensor/tensor'
import { permute, readSizes, squeeze, SqueezeForm, t, transpose, unsqueeze } from './movement'
import { reshape } from './reshape'
import { sumTo } from './reduce'

export function movementVjp(node: Node, g: Tensor): Tensor {
  if (failed()) return none()
  switch (node.kind) {
    case NodeKind.ViewBackward0:
    case NodeKind.ReshapeAliasBackward0:
    case NodeKind.UnsafeViewBackward0:
      readSizes(node, 0)
      return reshape(g)
    case NodeKind.PermuteBackward0:
      return unpermute(node, g)
    case NodeKind.TransposeBackward0:
    case NodeKind.TransposeBackward1:
      return transpose(g, <i32>node.param(0), <i32>node.param(1))
    case NodeKind.TBackward0:
    case NodeKind.TBackward1:
      return t(g)
    case NodeKind.UnsqueezeBackward0:
    case NodeKind.UnsqueezeBackward1:
      beginShape(1)
      setShapeSize(0, <i32>node.param(0))
      return squeeze(g, SqueezeForm.one)
    case NodeKind.ExpandBackward0:
      readSizes(node, 0)
      return sumTo(g)
    default:
      return unsqueezeTo(node, g)
  }
}

function unpermute(node: Node, g: Tensor): Tensor {
  const ndim = <i32>node.param(0)
  beginShape(ndim)
  for (let d = 0; d < ndim; d++) setShapeSize(wrapDim(<i32>node.param(1 + d), ndim), d)
  return permute(g)
}

/** SqueezeBackward's params: | number of dims | dims as given | ndim | sizes |. Puts the dropped ones back. */
function unsqueezeTo(node: Node, g: Tensor): Tensor {
  const given = <i32>node.param(0)
  const all = node.kind == NodeKind.SqueezeBackward0 || node.kind == NodeKind.SqueezeBackward3
  const ndim = <i32>node.param(1 + given)
  for (let d = 0; d < ndim; d++) {
    if (node.param(2 + given + d) != 1) continue
    let dropped = all
    for (let k = 0; k < given; k++) if (wrapDim(<i32>node.param(1 + k), ndim) == d) dropped = true
    if (dropped) g = unsqueeze(g, d)
  }
  return g
}
