// PyTorch's sentences for the core's pending errors. Each takes the numbers that the core said, in its order.
import { Err, NodeKind } from '../../assembly/abi'
import { takeThrown } from './callbacks'
import {
  type ErrorClass,
  kernelName,
  lowerTypeName,
  Numbers,
  nodeName,
  scalarTypeName,
  tensorType,
} from './error_words'
import { IndexError, NotImplementedError, OutOfMemoryError, RuntimeError, ValueError } from './errors'
import { indexErrorText } from './index_error_text'
import { readError } from './memory'
import { objectErrorText } from './object_error_text'
import { modified, writtenView } from './version_error_text'
import { core } from './wasm'

const CLONE = 'Please clone() the tensor before performing the operation.'
export const SAVED_FREED =
  'Trying to backward through the graph a second time (or directly access saved tensors after they have already been ' +
  'freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify ' +
  'retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors ' +
  'after calling backward.'
const PACK_MODIFIED =
  'A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be modified ' +
  'by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to perform ' +
  'in-place operations on the input to a pack hook.'
const HOOKS_SET =
  'Calling register_hooks on a saved tensor whose hooks have already been set. Hint: only one pair of hooks is allowed ' +
  'at a time.'
const HOOKS_FREED =
  'Calling register_hooks on a saved tensor after it has been freed. Saved intermediate values of the graph are freed ' +
  'when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a ' +
  'second time or if you need to access saved variables after calling backward.'
const SAVED_DETACHED =
  'Trying to use a saved tensor that has been detached in-place, i.e. with .detach_().This is not supported, please ' +
  'use out-of-place `.detach()` instead'
const DETACH_VIEW =
  "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and " +
  'gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on ' +
  'these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py ' +
  'as the solution.'
const DIRTY_VIEW =
  'If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than ' +
  'one Tensor. This is not supported by the current autograd engine. You should either make sure the input is not a ' +
  'view (using .clone() for example) or make your Function only return one Tensor (potentially splitting it into two ' +
  'Functions: one doing the inplace that returns a single Tensor and a second one that does the other operations). You ' +
  'can ask on the forum https://discuss.pytorch.org/ if you need help to do this change.'
const INFERENCE_WRITE =
  'Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor ' +
  'before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.'
const INFERENCE_SAVED =
  'Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation ' +
  'tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use ' +
  '`torch.no_grad()` instead of `torch.inference_mode()`.'
function boolSubtract(both: number): string {
  return both
    ? 'Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.'
    : 'Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.'
}

/** PyTorch's sentence, and what helps: outside a scope tensors wait for JavaScript's collector, which no loop lets run. */
function outOfMemory(bytes: number): string {
  return (
    `DefaultCPUAllocator: can't allocate memory: you tried to allocate ${bytes} bytes. ` +
    'Tensors made outside a scope() are freed only when JavaScript collects them, never during a loop: wrap its body in scope(() => ...).'
  )
}

/** The ops whose node is there only to say that it has no formula. */
const UNDERIVED: Partial<Record<NodeKind, string>> = {
  [NodeKind.UniqueBackward0]: '_unique',
  [NodeKind.Unique2Backward0]: '_unique2',
  [NodeKind.UniqueDimBackward0]: 'unique_dim',
  [NodeKind.UniqueConsecutiveBackward0]: 'unique_consecutive',
}

/** The class and the sentence of an error, and what caused it where that is known. */
function textOf(code: Err, n: Numbers): [ErrorClass, string, object?] {
  switch (code) {
    case Err.OutOfMemory:
      return [OutOfMemoryError, outOfMemory(n.next())]
    case Err.NoDims:
      return [IndexError, `Dimension specified as ${n.next()} but tensor has no dimensions`]
    case Err.SplitScalar:
      return [RuntimeError, 'split expects at least a 1-dimensional tensor']
    case Err.SplitNegative:
      return [RuntimeError, `split expects split_size be non-negative, but got split_size=${BigInt(n.next())}`]
    case Err.SplitZero:
      return [RuntimeError, `split_size can only be 0 if dimension size is 0, but got dimension size of ${n.next()}`]
    case Err.CatNone:
      return [ValueError, 'torch.cat(): expected a non-empty list of Tensors']
    case Err.CatScalar:
      return [RuntimeError, `zero-dimensional tensor (at position ${n.next()}) cannot be concatenated`]
    case Err.CatDims:
      return [RuntimeError, `Tensors must have same number of dimensions: got ${n.next()} and ${n.next()}`]
    case Err.CatSizes:
      return [
        RuntimeError,
        `Sizes of tensors must match except in dimension ${n.next()}. Expected size ${n.next()} but got size ${n.next()} for tensor number ${n.next()} in the list.`,
      ]
    case Err.DiagonalDims:
      return [RuntimeError, `diagonal dimensions cannot be identical ${n.next()}, ${n.next()}`]
    case Err.UnfoldNegative:
      return [RuntimeError, `size is ${BigInt(n.next())} but must be >= 0`]
    case Err.UnfoldSize:
      return [
        RuntimeError,
        `maximum size for tensor at dimension ${n.next()} is ${n.next()} but size is ${BigInt(n.next())}`,
      ]
    case Err.UnfoldStep:
      return [RuntimeError, `step is ${BigInt(n.next())} but must be > 0`]
    case Err.StackNone:
      return [RuntimeError, 'stack expects a non-empty TensorList']
    case Err.StackSizes:
      return [
        RuntimeError,
        `stack expects each tensor to be equal size, but got ${n.shape()} at entry 0 and ${n.shape()} at entry ${n.next()}`,
      ]
    case Err.TooManyDims:
      return [RuntimeError, `a tensor of ${n.next()} dimensions is not supported: the most is 64`]
    case Err.SizeOverflow:
      return [RuntimeError, `Storage size calculation overflowed with sizes=${n.shape()}`]
    case Err.BroadcastMismatch:
      return [
        RuntimeError,
        `The size of tensor a (${n.next()}) must match the size of tensor b (${n.next()}) at non-singleton dimension ${n.next()}`,
      ]
    case Err.OutputShape:
      return [RuntimeError, `output with shape ${n.shape()} doesn't match the broadcast shape ${n.shape()}`]
    case Err.CastResult:
      return [
        RuntimeError,
        `result type ${scalarTypeName(n.next())} can't be cast to the desired output type ${scalarTypeName(n.next())}`,
      ]
    case Err.BoolSubtract:
      return [RuntimeError, boolSubtract(n.next())]
    case Err.BoolNegate:
      return [
        RuntimeError,
        'Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.',
      ]
    case Err.BoolRelu:
      return [RuntimeError, 'Boolean inputs not supported for relu']
    case Err.NotImplementedFor:
      return [NotImplementedError, `"${kernelName(n.next())}" not implemented for '${scalarTypeName(n.next())}'`]
    case Err.NegativeIntegerPower:
      return [RuntimeError, 'Integers to negative integer powers are not allowed.']
    case Err.ZeroDivision:
      return [RuntimeError, 'ZeroDivisionError']
    case Err.IntegerAlpha:
      return [RuntimeError, 'For integral input tensors, argument alpha must not be a floating point number.']
    case Err.WhereCondition:
      return [
        RuntimeError,
        `where expected condition to be a boolean tensor, but got a tensor with dtype ${scalarTypeName(n.next())}`,
      ]
    case Err.LeafInplace:
      return [RuntimeError, 'a leaf Variable that requires grad is being used in an in-place operation.']
    case Err.ViewOfLeafInplace:
      return [RuntimeError, 'a view of a leaf Variable that requires grad is being used in an in-place operation.']
    case Err.OverlapSelf:
      return [
        RuntimeError,
        `unsupported operation: more than one element of the written-to tensor refers to a single memory location. ${CLONE}`,
      ]
    case Err.OverlapInput:
      return [
        RuntimeError,
        `unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. ${CLONE}`,
      ]
    case Err.DimRange:
      return [
        IndexError,
        `Dimension out of range (expected to be in range of [${n.next()}, ${n.next()}], but got ${n.next()})`,
      ]
    case Err.SliceScalar:
      return [RuntimeError, 'slice() cannot be applied to a 0-dim tensor.']
    case Err.SelectRange:
      return [
        IndexError,
        `select(): index ${n.next()} out of range for tensor of size ${n.shape()} at dimension ${n.next()}`,
      ]
    case Err.SelectScalar:
      return [IndexError, 'select() cannot be applied to a 0-dim tensor.']
    case Err.SliceStep:
      return [RuntimeError, 'slice step must be positive']
    case Err.DimTwice:
      return [RuntimeError, `dim ${n.next()} appears multiple times in the list of dims`]
    case Err.ViewShape:
      return [RuntimeError, `shape '${n.shape()}' is invalid for input of size ${n.next()}`]
    case Err.ViewStride:
      return [
        RuntimeError,
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
      ]
    case Err.ViewInfer:
      return [RuntimeError, 'only one dimension can be inferred']
    case Err.ViewInferEmpty:
      return [
        RuntimeError,
        `cannot reshape tensor of 0 elements into shape ${n.shape()} because the unspecified dimension size -1 can be any value and is ambiguous`,
      ]
    case Err.NegativeSize:
      return [RuntimeError, `invalid shape dimension ${n.next()} at index ${n.next()} of shape ${n.shape()}`]
    case Err.PermuteLength:
      return [
        RuntimeError,
        `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${n.next()} is not equal to len(dims) = ${n.next()}`,
      ]
    case Err.PermuteRepeated:
      return [RuntimeError, 'permute(): duplicate dims are not allowed.']
    case Err.ExpandFewer: {
      const [dtype, own, wanted] = [n.next(), n.shape(), n.shape()]
      const count = (shape: string) => (shape === '[]' ? 0 : shape.split(',').length)
      return [
        RuntimeError,
        `expand(${tensorType(dtype)}{${own}}, size=${wanted}): the number of sizes provided (${count(wanted)}) must be greater or equal to the number of dimensions in the tensor (${count(own)})`,
      ]
    }
    case Err.ExpandMismatch:
      return [
        RuntimeError,
        `The expanded size of the tensor (${n.next()}) must match the existing size (${n.next()}) at non-singleton dimension ${n.next()}.  Target sizes: ${n.shape()}.  Tensor sizes: ${n.shape()}`,
      ]
    case Err.RepeatFewer:
      return [
        RuntimeError,
        'Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor',
      ]
    case Err.CreateNegative:
      return [RuntimeError, `Trying to create tensor with negative dimension ${n.next()}: ${n.shape()}`]
    case Err.ExpandNegative:
      return [
        RuntimeError,
        `The expanded size of the tensor (${n.next()}) isn't allowed in a leading, non-existing dimension ${n.next()}`,
      ]
    case Err.MmDims:
      return [RuntimeError, `${n.next() === 1 ? 'self' : 'mat2'} must be a matrix`]
    case Err.MmShapes:
      return [
        RuntimeError,
        `mat1 and mat2 shapes cannot be multiplied (${n.next()}x${n.next()} and ${n.next()}x${n.next()})`,
      ]
    case Err.MmDType:
      return [
        RuntimeError,
        `expected m1 and m2 to have the same dtype, but got: ${lowerTypeName(n.next())} != ${lowerTypeName(n.next())}`,
      ]
    case Err.MvDims: {
      const [matrix, vector] = [n.next(), n.next()]
      return [RuntimeError, `vector + matrix @ vector expected, got 1, ${matrix}, ${vector}`]
    }
    case Err.MvDType: {
      const [matrix, vector] = [scalarTypeName(n.next()), scalarTypeName(n.next())]
      return [RuntimeError, `addmv input tensors must have the same dtype, but got ${vector}, ${matrix}, and ${vector}`]
    }
    case Err.MvShapes: {
      const [size, rows, columns] = [n.next(), n.next(), n.next()]
      return [RuntimeError, `size mismatch, got input (${rows}), mat (${rows}x${columns}), vec (${size})`]
    }
    case Err.DotDims:
      return [RuntimeError, `1D tensors expected, but got ${n.next()}D and ${n.next()}D tensors`]
    case Err.DotSizes: {
      const [a, b] = [n.next(), n.next()]
      return [
        RuntimeError,
        `inconsistent tensor size, expected tensor [${a}] and src [${b}] to have the same number of elements, but got ${a} and ${b} elements respectively`,
      ]
    }
    case Err.DotDType:
      return [
        RuntimeError,
        `dot : expected both vectors to have same dtype, but found ${scalarTypeName(n.next())} and ${scalarTypeName(n.next())}`,
      ]
    case Err.BmmDType:
      return [RuntimeError, `expected scalar type ${scalarTypeName(n.next())} but found ${scalarTypeName(n.next())}`]
    case Err.BmmDims:
      return [RuntimeError, `batch${n.next()} must be a 3D tensor`]
    case Err.BmmShapes:
      return [
        RuntimeError,
        `Expected size for first two dimensions of batch2 tensor to be: [${n.next()}, ${n.next()}] but got: [${n.next()}, ${n.next()}].`,
      ]
    case Err.AddmmDims:
      return [RuntimeError, `mat${n.next()} must be a matrix, got ${n.next()}-D tensor`]
    case Err.AddmmDType:
      return [
        RuntimeError,
        `${n.next() ? 'mat1' : 'self'} and mat2 must have the same dtype, but got ${scalarTypeName(n.next())} and ${scalarTypeName(n.next())}`,
      ]
    case Err.AddmmInplace:
      return [
        RuntimeError,
        `Bad in-place call: input tensor size ${n.shape()} and output tensor size ${n.shape()} should match`,
      ]
    case Err.TargetRange:
      return [IndexError, `Target ${n.next()} is out of bounds.`]
    case Err.SoftmaxSizes: {
      const op = n.next() ? 'log_softmax_backward' : 'softmax_backward'
      return [
        RuntimeError,
        `Expected tensor for argument #1 'grad' to have same size as tensor for argument #2 'output'; but ${n.shape()} does ` +
          `not equal ${n.shape()} (while checking arguments for ${op})`,
      ]
    }
    case Err.NllSizes:
      return [RuntimeError, `size mismatch (got input: ${n.shape()}, target: ${n.shape()})`]
    case Err.NllTargets:
      return [RuntimeError, '0D or 1D target tensor expected, multi-target not supported']
    case Err.NllWeight:
      return [RuntimeError, 'weight tensor should be defined either for all or no classes']
    case Err.NllTotal:
      return [
        RuntimeError,
        `expected total_weight to be a  single element tensor, got: ${n.shape()} (${n.next()} elements)`,
      ]
    case Err.NllGrad:
      return [RuntimeError, `Expected a single element grad_output tensor, but got: ${n.shape()}`]
    case Err.NllGrads: {
      const want = n.next()
      return [
        RuntimeError,
        `Expected a tensor of dimension 1 and tensor.size[0] == ${want} but got: dimension ${n.next()} and tensor.size[0] = ${n.next()}`,
      ]
    }
    case Err.MatmulScalar:
      return [
        RuntimeError,
        `both arguments to matmul need to be at least 1D, but they are ${n.next()}D and ${n.next()}D`,
      ]
    case Err.ReduceNothing: {
      const op = kernelName(n.next())
      return [
        RuntimeError,
        `${op}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
      ]
    }
    case Err.ReduceEmpty:
      return [
        IndexError,
        `${kernelName(n.next()).replace('_out', '')}(): Expected reduction dim ${n.next()} to have non-zero size.`,
      ]
    case Err.NoDerivative:
      return [NotImplementedError, `the derivative for '${UNDERIVED[n.next() as NodeKind]}' is not implemented.`]
    case Err.MeanDType:
      return [
        RuntimeError,
        `mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${scalarTypeName(n.next())}`,
      ]
    case Err.AutogradDType:
      return [RuntimeError, `Autograd not support dtype: ${scalarTypeName(n.next())}`]
    case Err.TDims: {
      const ndim = n.next()
      return [RuntimeError, `t${n.next() ? '_' : ''}() expects a tensor with <= 2 dimensions, but self is ${ndim}D`]
    }
    case Err.FillDims:
      return [RuntimeError, `fill_ only supports 0-dimension value tensor but got tensor with ${n.next()} dimensions.`]
    case Err.AsStridedBounds: {
      const [sizes, strides, offset, need, have] = [n.shape(), n.shape(), n.next(), n.next(), n.next()]
      return [
        RuntimeError,
        `setStorage: sizes ${sizes}, strides ${strides}, storage offset ${offset}, and itemsize ${n.next()} requiring a storage size of ${need} are out of bounds for storage of size ${have}`,
      ]
    }
    case Err.AsStridedSize:
      return [RuntimeError, `Storage size calculation overflowed with sizes=${n.shape()} and strides=${n.shape()}`]
    case Err.AsStridedNegative:
      return [RuntimeError, `as_strided: Negative strides are not supported at the moment, got strides: ${n.shape()}`]
    case Err.AsStridedOffset:
      return [RuntimeError, `Tensor: invalid storage offset ${n.next()}`]
    case Err.AsStridedLength:
      return [RuntimeError, 'mismatch in length of strides and shape']
    case Err.SavedFreed:
      return [RuntimeError, SAVED_FREED]
    case Err.SavedModified:
      return [RuntimeError, ...modified(n)]
    case Err.SavedDetached:
      return [RuntimeError, SAVED_DETACHED]
    case Err.NoGrad:
      return [RuntimeError, `element ${n.next()} of tensors does not require grad and does not have a grad_fn`]
    case Err.NoGradInput:
      return [RuntimeError, 'One of the differentiated Tensors does not require grad']
    case Err.InvalidGradShape: {
      const [kind, node, index, got, expected] = [n.next(), n.next(), n.next(), n.shape(), n.shape()]
      const who = kind < 0 ? '' : `Function ${nodeName(kind, node)} returned an `
      return [
        RuntimeError,
        `${who}invalid gradient at index ${index} - got ${got} but expected shape compatible with ${expected}`,
      ]
    }
    case Err.DirtyLeaf:
      return [RuntimeError, 'a leaf Variable that requires grad has been used in an in-place operation.']
    case Err.DirtyView:
      return [RuntimeError, DIRTY_VIEW]
    case Err.InferenceWrite:
      return [RuntimeError, INFERENCE_WRITE]
    case Err.InferenceSaved:
      return [RuntimeError, INFERENCE_SAVED]
    case Err.PackModified:
      return [RuntimeError, PACK_MODIFIED]
    case Err.HooksSet:
      return [RuntimeError, HOOKS_SET]
    case Err.HooksFreed:
      return [RuntimeError, HOOKS_FREED]
    case Err.HooksNone:
      return [RuntimeError, 'Calling register_hooks on a saved tensor with value None is forbidden']
    case Err.TwiceDifferentiated:
      return [RuntimeError, 'trying to differentiate twice a function that was marked with @once_differentiable']
    case Err.NanReturned: {
      const who = nodeName(n.next(), n.next())
      return [RuntimeError, `Function '${who}' returned nan values in its ${n.next()}th output.`]
    }
    case Err.LeafMoved:
      return [RuntimeError, 'leaf variable has been moved into the graph interior']
    case Err.DetachView:
      return [RuntimeError, DETACH_VIEW]
    case Err.InplaceView:
      return [RuntimeError, writtenView(n)]
    default:
      if (code >= Err.IndexRange && code <= Err.DelayedError) return indexErrorText(code, n)
      if (code >= Err.NotOrdered && code <= Err.RecursionDepth) return objectErrorText(code, n)
      return [ValueError, `the core reported error ${code}, which has no text`]
  }
}

/** What to throw for the pending error, or null; it is pending no more. An exception of the user's own goes first. */
export function takeError(): { error: unknown } | null {
  const { code, numbers } = readError()
  if (code === Err.none) return null
  core.clear_error()
  const thrown = takeThrown()
  if (thrown) return thrown
  const [Type, text, cause] = textOf(code, new Numbers(numbers))
  return { error: new Type(text, cause && { cause }) }
}

/** The result of a core function that returns 0 on failure. @throws the pending error */
export function checked(result: number): number {
  if (result === 0) throw takeError()?.error
  return result
}

/** For a core function whose 0 may also mean "there is none". @throws the pending error, if there is one */
export function orNone(result: number): number {
  if (result === 0) {
    const failure = takeError()
    if (failure) throw failure.error
  }
  return result
}
