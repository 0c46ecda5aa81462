// From a node to its formula. One line a family: the formula itself stands beside the op.
import { Err, NodeKind } from '../abi'
import { Node } from '../autograd/node'
import { fail, fail1 } from '../error'
import { none, Tensor } from '../tensor/tensor'
import { addmmVjp } from './addmm'
import { binaryVjp } from './binary'
import { catVjp } from './cat'
import { copyVjp } from './copy'
import { gatherVjp } from './gather'
import { indexDimVjp } from './index_dim'
import { indexingVjp } from './indexing'
import { logitVjp } from './logit'
import { maskedVjp } from './masked'
import { productVjp } from './products'
import { movementVjp } from './movement_vjp'
import { nllLossVjp } from './nll_loss'
import { powVjp } from './pow'
import { extremumVjp } from './extremum'
import { indexedVjp } from './indexed'
import { prodVjp } from './prod'
import { reduceVjp } from './reduce'
import { repeatVjp } from './repeat'
import { scatterReduceVjp } from './scatter_reduce'
import { scatterViewVjp } from './scatter_view'
import { softmaxVjp } from './softmax'
import { splitVjp } from './split'
import { stridedVjp } from './strided_vjp'
import { thresholdVjp } from './threshold'
import { unaryVjp } from './unary'
import { varianceVjp } from './variance'
import { whereVjp } from './where'

/**
 * The gradient of the node's input `index` from `g`, that of its output. Null: none (or an error is pending). A node with
 * several outputs has theirs at `slots`, one tensor each, null where none arrived; one at least did.
 */
export function vjp(node: Node, g: Tensor, index: i32, slots: usize = 0): Tensor {
  switch (node.kind) {
    case NodeKind.NegBackward0:
    case NodeKind.ReciprocalBackward0:
    case NodeKind.AbsBackward0:
    case NodeKind.ExpBackward0:
    case NodeKind.LogBackward0:
    case NodeKind.SqrtBackward0:
    case NodeKind.SinBackward0:
    case NodeKind.CosBackward0:
    case NodeKind.TanhBackward0:
    case NodeKind.SigmoidBackward0:
    case NodeKind.ReluBackward0:
    case NodeKind.SgnBackward0:
      return unaryVjp(node, g)
    case NodeKind.LogitBackward0:
      return logitVjp(node, g)
    case NodeKind.AddBackward0:
    case NodeKind.AddBackward1:
    case NodeKind.SubBackward0:
    case NodeKind.SubBackward1:
    case NodeKind.RsubBackward0:
    case NodeKind.RsubBackward1:
    case NodeKind.MulBackward0:
    case NodeKind.MulBackward1:
    case NodeKind.DivBackward0:
    case NodeKind.DivBackward1:
    case NodeKind.DivBackward2:
    case NodeKind.MaximumBackward0:
    case NodeKind.MinimumBackward0:
    case NodeKind.TanhBackwardBackward0:
    case NodeKind.SigmoidBackwardBackward0:
    case NodeKind.ThresholdBackwardBackward0:
      return binaryVjp(node, g, index)
    case NodeKind.PowBackward0:
    case NodeKind.PowBackward1:
    case NodeKind.PowBackward2:
      return powVjp(node, g, index)
    case NodeKind.WhereBackward0:
      return whereVjp(node, g, index)
    case NodeKind.SumBackward0:
    case NodeKind.SumBackward1:
    case NodeKind.MeanBackward0:
    case NodeKind.MeanBackward1:
      return reduceVjp(node, g)
    case NodeKind.ProdBackward0:
    case NodeKind.ProdBackward1:
      return prodVjp(node, g)
    case NodeKind.VarBackward0:
    case NodeKind.StdBackward0:
    case NodeKind.VarMeanBackward0:
    case NodeKind.StdMeanBackward0:
      return varianceVjp(node, slots)
    case NodeKind.AmaxBackward0:
    case NodeKind.AminBackward0:
    case NodeKind.MaxBackward1:
    case NodeKind.MinBackward1:
    case NodeKind.MedianBackward0:
    case NodeKind.NanmedianBackward0:
      return extremumVjp(node, g)
    case NodeKind.MaxBackward0:
    case NodeKind.MinBackward0:
    case NodeKind.MedianBackward1:
    case NodeKind.NanmedianBackward1:
    case NodeKind.SortBackward0:
    case NodeKind.SortBackward1:
      return indexedVjp(node, g)
    case NodeKind.UniqueBackward0:
    case NodeKind.Unique2Backward0:
    case NodeKind.UniqueDimBackward0:
    case NodeKind.UniqueConsecutiveBackward0:
      fail1(Err.NoDerivative, node.kind)
      return none()
    case NodeKind.SelectBackward0:
    case NodeKind.SelectBackwardBackward0:
    case NodeKind.SliceBackward0:
    case NodeKind.SliceBackwardBackward0:
    case NodeKind.DiagonalBackward0:
    case NodeKind.DiagonalBackward0_copy:
    case NodeKind.DiagonalBackwardBackward0:
    case NodeKind.DiagEmbedBackward0:
    case NodeKind.UnfoldBackward0:
    case NodeKind.UnfoldBackwardBackward0:
      return scatterViewVjp(node, g)
    case NodeKind.RepeatBackward0:
      return repeatVjp(node, g)
    case NodeKind.AsStridedBackward0:
    case NodeKind.AsStridedBackward1:
      return stridedVjp(node, g)
    case NodeKind.ThresholdBackward0:
    case NodeKind.ThresholdBackward1:
      return thresholdVjp(node, g)
    case NodeKind.UnbindBackward0:
    case NodeKind.SplitBackward0:
    case NodeKind.SplitWithSizesBackward0:
    case NodeKind.UnsafeSplitBackward0:
    case NodeKind.UnsafeSplitWithSizesBackward0:
      return splitVjp(node, slots)
    case NodeKind.CatBackward0:
    case NodeKind.StackBackward0:
      return catVjp(node, g, index)
    case NodeKind.AddmmBackward0:
      return addmmVjp(node, g, index)
    case NodeKind.SoftmaxBackward0:
    case NodeKind.SoftmaxBackwardDataBackward0:
    case NodeKind.LogSoftmaxBackward0:
    case NodeKind.LogSoftmaxBackwardDataBackward0:
      return softmaxVjp(node, g, index)
    case NodeKind.NllLossBackward0:
    case NodeKind.NllLossBackwardBackward0:
      return nllLossVjp(node, g, index)
    case NodeKind.MmBackward0:
    case NodeKind.MvBackward0:
    case NodeKind.DotBackward0:
    case NodeKind.BmmBackward0:
      return productVjp(node, g, index)
    case NodeKind.CloneBackward0:
    case NodeKind.AliasBackward0:
    case NodeKind.ToCopyBackward0:
    case NodeKind.CopyBackwards:
    case NodeKind.FillBackward2:
    case NodeKind.FillBackward3:
    case NodeKind.ZeroBackward0:
    case NodeKind.BernoulliBackward0:
    case NodeKind.BernoulliBackward1:
    case NodeKind.BernoulliBackward2:
    case NodeKind.NormalBackward0:
    case NodeKind.UniformBackward0:
    case NodeKind.RandomBackward0:
    case NodeKind.RandomBackward1:
    case NodeKind.RandomBackward2:
      return copyVjp(node, g, index)
    case NodeKind.ViewBackward0:
    case NodeKind.ReshapeAliasBackward0:
    case NodeKind.UnsafeViewBackward0:
    case NodeKind.PermuteBackward0:
    case NodeKind.TransposeBackward0:
    case NodeKind.TransposeBackward1:
    case NodeKind.TBackward0:
    case NodeKind.TBackward1:
    case NodeKind.UnsqueezeBackward0:
    case NodeKind.UnsqueezeBackward1:
    case NodeKind.SqueezeBackward0:
    case NodeKind.SqueezeBackward1:
    case NodeKind.SqueezeBackward2:
    case NodeKind.SqueezeBackward3:
    case NodeKind.SqueezeBackward4:
    case NodeKind.SqueezeBackward5:
    case NodeKind.ExpandBackward0:
      return movementVjp(node, g)
    case NodeKind.IndexSelectBackward0:
    case NodeKind.IndexAddBackward0:
    case NodeKind.IndexCopyBackward0:
    case NodeKind.IndexFillBackward0:
    case NodeKind.IndexFillBackward1:
      return indexDimVjp(node, g, index)
    case NodeKind.GatherBackward0:
    case NodeKind.ScatterBackward0:
    case NodeKind.ScatterBackward1:
    case NodeKind.ScatterAddBackward0:
    case NodeKind.TakeBackward0:
    case NodeKind.PutBackward0:
      return gatherVjp(node, g, index)
    case NodeKind.ScatterReduceBackward0:
    case NodeKind.IndexReduceBackward0:
      return scatterReduceVjp(node, g, index)
    case NodeKind.MaskedFillBackward0:
    case NodeKind.MaskedFillBackward1:
    case NodeKind.MaskedSelectBackward0:
    case NodeKind.MaskedScatterBackward0:
    case NodeKind.MaskedScatterBackwardBackward0:
      return maskedVjp(node, g, index)
    case NodeKind.IndexBackward0:
    case NodeKind.IndexPutBackward0:
    case NodeKind.IndexPutImplBackward0:
      return indexingVjp(node, g, index)
    case NodeKind.Error:
      if (node.paramCount) fail1(Err.DelayedError, node.param(0))
      else fail(Err.TwiceDifferentiated)
      return none()
    default:
      return unreachable()
  }
}
