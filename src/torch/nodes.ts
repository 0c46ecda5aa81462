// The classes of graph nodes: their names, and what `_saved_*` means on each. One row a kind.
import { NodeField, NodeKind } from '../../assembly/abi'
import { u32 } from '../core/memory'
import { REDUCTIONS, ROUNDING_MODES } from './op_rows'

/**
 * A saved attribute: a tensor slot, or where its number stands among the node's params.
 *   tensor   slot
 *   dim      a dimension, printed as PyTorch's unsigned 64-bit number; int a signed one; number a Python number with its
 *            kind behind it (negative: None); optional an int or None; flag a bool
 *   sizes    | count | ... |; dims the same with unsigned numbers; strides | count | sizes | ... |
 *   tensors  | count | 1 or 0 each |: the tensor of a slot, or None; word an entry of a list of words
 *   pair     two numbers, an empty tuple where the gradient of input `edge` is not wanted
 */
export type SavedField =
  | { tensor: number }
  | { dim: number }
  | { int: number | ((param: (i: number) => number) => number) }
  | { number: number | ((param: (i: number) => number) => number) }
  | { optional: (param: (i: number) => number) => number }
  | { flag: (param: (i: number) => number) => number }
  | { sizes: number | ((param: (i: number) => number) => number) }
  | { strides: (param: (i: number) => number) => number }
  | { dims: number; given?: (param: (i: number) => number) => number }
  | { tensors: number }
  | { word: number; of: readonly (string | null)[] }
  | { pair: number; edge?: number }
  | { constant: number | boolean }

export interface NodeRow {
  /** `type(node).__name__`. */
  readonly type: string
  /** `node.name()`, where it differs. */
  readonly qualified?: string
  readonly saved?: Readonly<Record<string, SavedField>>
}

const self: SavedField = { tensor: 0 }
const result: SavedField = { tensor: 0 }
const sizes: Readonly<Record<string, SavedField>> = { self_sym_sizes: { sizes: 0 } }
const squeezed: SavedField = { sizes: (p) => 1 + p(0) }
const alpha: SavedField = { int: 0 }
const strided: Readonly<Record<string, SavedField>> = {
  size: { sizes: (p) => 2 + 2 * p(0) },
  stride: { strides: (p) => 2 + 2 * p(0) },
  storage_offset: { optional: (p) => 4 + 2 * p(0) + 2 * p(2 + 2 * p(0)) },
}
const diagonal = { dim1: { dim: 1 }, dim2: { dim: 2 }, offset: { dim: 0 } }
const split = { dim: { dim: 0 }, self_sym_sizes: { sizes: 2 }, split_size: { int: 1 } }
const splitWithSizes = {
  dim: { dim: 0 },
  self_sym_sizes: { sizes: (p: (i: number) => number) => 2 + p(1) },
  split_sizes: { sizes: 1 },
}

const along = { dim: { dim: 0 }, index: { tensor: 0 } }
const indices: SavedField = { tensors: 0 }
const indexPut = { accumulate: { flag: (p: (i: number) => number) => 1 + p(0) }, indices }
const reduced = {
  dim: { dim: 0 },
  include_self: { flag: () => 2 },
  index: { tensor: 2 },
  reduce: { word: 1, of: REDUCTIONS },
  result,
  self: { tensor: 1 },
}

/** Those of variance.ts: dims and keepdim first, then what was not given, the correction, the sizes. */
const variance: Readonly<Record<string, SavedField>> = {
  correction: { number: (p) => 3 + p(0) },
  dim: { dims: 0, given: (p) => 2 + p(0) },
  keepdim: { flag: (p) => 1 + p(0) },
  self,
}
const extremum: Readonly<Record<string, SavedField>> = {
  dim: { dims: 0 },
  keepdim: { flag: (p) => 1 + p(0) },
  result: { tensor: 1 },
  self,
}
const selection: Readonly<Record<string, SavedField>> = {
  dim: { dim: 0 },
  indices: { tensor: 0 },
  keepdim: { flag: () => 1 },
  self_sym_sizes: { sizes: 2 },
}
const order = { dim: selection.dim, indices: selection.indices, self_sym_sizes: selection.self_sym_sizes }

function row(type: string, saved?: Readonly<Record<string, SavedField>>): NodeRow {
  return { type, saved }
}

function handWritten(type: string): NodeRow {
  return { type, qualified: `torch::autograd::${type}` }
}

export const NODES = {
  [NodeKind.AccumulateGrad]: handWritten('AccumulateGrad'),
  [NodeKind.CopySlices]: handWritten('CopySlices'),
  [NodeKind.CopyBackwards]: handWritten('CopyBackwards'),
  [NodeKind.NotImplemented]: handWritten('NotImplemented'),
  [NodeKind.PythonFunction]: row('PythonFunction'),
  [NodeKind.Error]: handWritten('Error'),
  [NodeKind.NegBackward0]: row('NegBackward0'),
  [NodeKind.ReciprocalBackward0]: row('ReciprocalBackward0', { result }),
  [NodeKind.AbsBackward0]: row('AbsBackward0', { self }),
  [NodeKind.ExpBackward0]: row('ExpBackward0', { result }),
  [NodeKind.LogBackward0]: row('LogBackward0', { self }),
  [NodeKind.SqrtBackward0]: row('SqrtBackward0', { result }),
  [NodeKind.SinBackward0]: row('SinBackward0', { self }),
  [NodeKind.CosBackward0]: row('CosBackward0', { self }),
  [NodeKind.TanhBackward0]: row('TanhBackward0', { result }),
  [NodeKind.SigmoidBackward0]: row('SigmoidBackward0', { result }),
  [NodeKind.ReluBackward0]: row('ReluBackward0', { result }),
  [NodeKind.SgnBackward0]: row('SgnBackward0', { result: { tensor: 1 }, self }),
  [NodeKind.LogitBackward0]: row('LogitBackward0', { eps: { optional: () => 0 }, self }),
  [NodeKind.AddBackward0]: row('AddBackward0', { alpha }),
  [NodeKind.AddBackward1]: row('AddBackward1'),
  [NodeKind.SubBackward0]: row('SubBackward0', { alpha }),
  [NodeKind.SubBackward1]: row('SubBackward1'),
  [NodeKind.RsubBackward0]: row('RsubBackward0', { alpha }),
  [NodeKind.RsubBackward1]: row('RsubBackward1', { alpha }),
  [NodeKind.MulBackward0]: row('MulBackward0', { other: { tensor: 1 }, self }),
  [NodeKind.MulBackward1]: row('MulBackward1', { other: { int: 0 } }),
  [NodeKind.DivBackward0]: row('DivBackward0', { other: { tensor: 1 }, self }),
  [NodeKind.DivBackward1]: row('DivBackward1', { other: { int: 0 } }),
  [NodeKind.DivBackward2]: row('DivBackward2', {
    other: { tensor: 1 },
    rounding_mode: { word: 0, of: ROUNDING_MODES },
    self,
  }),
  [NodeKind.PowBackward0]: row('PowBackward0', { exponent: { number: 0 }, self }),
  [NodeKind.PowBackward1]: row('PowBackward1', { exponent: { tensor: 1 }, result: { tensor: 2 }, self }),
  [NodeKind.PowBackward2]: row('PowBackward2', { exponent: { tensor: 0 }, result: { tensor: 1 }, self: { number: 0 } }),
  [NodeKind.TanhBackwardBackward0]: row('TanhBackwardBackward0', { grad_output: self, output: { tensor: 1 } }),
  [NodeKind.SigmoidBackwardBackward0]: row('SigmoidBackwardBackward0', { grad_output: self, output: { tensor: 1 } }),
  [NodeKind.ThresholdBackward0]: row('ThresholdBackward0', { self, threshold: { number: 0 } }),
  [NodeKind.ThresholdBackward1]: row('ThresholdBackward1', { self, threshold: { number: 0 } }),
  [NodeKind.ThresholdBackwardBackward0]: row('ThresholdBackwardBackward0', { self, threshold: { int: 0 } }),
  [NodeKind.WhereBackward0]: row('WhereBackward0', { condition: self }),
  [NodeKind.SumBackward0]: row('SumBackward0', sizes),
  [NodeKind.SumBackward1]: row('SumBackward1', {
    dim: { dims: 0 },
    keepdim: { flag: (p) => 1 + p(0) },
    self_sym_sizes: { sizes: (p) => 2 + p(0) },
  }),
  [NodeKind.MeanBackward0]: row('MeanBackward0', { self_sym_numel: { int: 0 }, self_sym_sizes: { sizes: 1 } }),
  [NodeKind.MeanBackward1]: row('MeanBackward1', {
    dim: { dims: 0 },
    keepdim: { flag: (p) => 1 + p(0) },
    self_sym_numel: { int: (p) => 2 + p(0) },
    self_sym_sizes: { sizes: (p) => 3 + p(0) },
  }),
  [NodeKind.MaximumBackward0]: row('MaximumBackward0', { other: { tensor: 1 }, self }),
  [NodeKind.MinimumBackward0]: row('MinimumBackward0', { other: { tensor: 1 }, self }),
  [NodeKind.ProdBackward0]: row('ProdBackward0', { result: { tensor: 1 }, self }),
  [NodeKind.ProdBackward1]: row('ProdBackward1', {
    dim: { dim: 0 },
    keepdim: { flag: () => 1 },
    result: { tensor: 1 },
    self,
  }),
  [NodeKind.VarBackward0]: row('VarBackward0', variance),
  [NodeKind.StdBackward0]: row('StdBackward0', { ...variance, result: { tensor: 1 } }),
  [NodeKind.VarMeanBackward0]: row('VarMeanBackward0', variance),
  [NodeKind.StdMeanBackward0]: row('StdMeanBackward0', { ...variance, result0: { tensor: 1 } }),
  [NodeKind.AmaxBackward0]: row('AmaxBackward0', extremum),
  [NodeKind.AminBackward0]: row('AminBackward0', extremum),
  [NodeKind.MaxBackward0]: row('MaxBackward0', selection),
  [NodeKind.MaxBackward1]: row('MaxBackward1', { result: { tensor: 1 }, self }),
  [NodeKind.MinBackward0]: row('MinBackward0', selection),
  [NodeKind.MinBackward1]: row('MinBackward1', { result: { tensor: 1 }, self }),
  [NodeKind.MedianBackward0]: row('MedianBackward0', { result: { tensor: 1 }, self }),
  [NodeKind.MedianBackward1]: row('MedianBackward1', selection),
  [NodeKind.NanmedianBackward0]: row('NanmedianBackward0', { result: { tensor: 1 }, self }),
  [NodeKind.NanmedianBackward1]: row('NanmedianBackward1', selection),
  [NodeKind.SortBackward0]: row('SortBackward0', order),
  [NodeKind.SortBackward1]: row('SortBackward1', order),
  [NodeKind.UniqueBackward0]: row('UniqueBackward0'),
  [NodeKind.Unique2Backward0]: row('Unique2Backward0'),
  [NodeKind.UniqueDimBackward0]: row('UniqueDimBackward0'),
  [NodeKind.UniqueConsecutiveBackward0]: row('UniqueConsecutiveBackward0'),
  [NodeKind.ViewBackward0]: row('ViewBackward0', sizes),
  [NodeKind.ReshapeAliasBackward0]: row('ReshapeAliasBackward0', sizes),
  [NodeKind.UnsafeViewBackward0]: row('UnsafeViewBackward0', sizes),
  [NodeKind.PermuteBackward0]: row('PermuteBackward0', { dims: { dims: 0 } }),
  [NodeKind.TransposeBackward0]: row('TransposeBackward0', { dim0: { dim: 0 }, dim1: { dim: 1 } }),
  [NodeKind.TransposeBackward1]: row('TransposeBackward1', { dim0: { dim: 0 }, dim1: { dim: 1 } }),
  [NodeKind.TBackward0]: row('TBackward0'),
  [NodeKind.TBackward1]: row('TBackward1'),
  [NodeKind.SelectBackward0]: row('SelectBackward0', {
    dim: { dim: 0 },
    index: { dim: 1 },
    self_sym_sizes: { sizes: 2 },
  }),
  [NodeKind.SelectBackwardBackward0]: row('SelectBackwardBackward0', { dim: { dim: 0 }, index: { dim: 1 } }),
  [NodeKind.SliceBackward0]: row('SliceBackward0', {
    dim: { dim: 0 },
    end: { dim: 2 },
    self_sym_sizes: { sizes: 4 },
    start: { dim: 1 },
    step: { dim: 3 },
  }),
  [NodeKind.SliceBackwardBackward0]: row('SliceBackwardBackward0', {
    dim: { dim: 0 },
    end: { dim: 2 },
    start: { dim: 1 },
    step: { dim: 3 },
  }),
  [NodeKind.UnsqueezeBackward0]: row('UnsqueezeBackward0', { dim: { dim: 0 } }),
  [NodeKind.UnsqueezeBackward1]: row('UnsqueezeBackward1', { dim: { dim: 0 } }),
  [NodeKind.SqueezeBackward0]: row('SqueezeBackward0', { self_sym_sizes: squeezed }),
  [NodeKind.SqueezeBackward1]: row('SqueezeBackward1', { dim: { dim: 1 }, self_sym_sizes: squeezed }),
  [NodeKind.SqueezeBackward2]: row('SqueezeBackward2', { dim: { dims: 0 }, self_sym_sizes: squeezed }),
  [NodeKind.SqueezeBackward3]: row('SqueezeBackward3', { self_sym_sizes: squeezed }),
  [NodeKind.SqueezeBackward4]: row('SqueezeBackward4', { dim: { dim: 1 }, self_sym_sizes: squeezed }),
  [NodeKind.SqueezeBackward5]: row('SqueezeBackward5', { dim: { dims: 0 }, self_sym_sizes: squeezed }),
  [NodeKind.ExpandBackward0]: row('ExpandBackward0', sizes),
  [NodeKind.AsStridedBackward0]: row('AsStridedBackward0', strided),
  [NodeKind.AsStridedBackward1]: row('AsStridedBackward1', strided),
  [NodeKind.DiagonalBackward0]: row('DiagonalBackward0', { ...diagonal, self_sym_sizes: { sizes: 3 } }),
  [NodeKind.DiagonalBackward0_copy]: row('DiagonalBackward0_copy', { ...diagonal, self_sym_sizes: { sizes: 3 } }),
  [NodeKind.DiagonalBackwardBackward0]: row('DiagonalBackwardBackward0', diagonal),
  [NodeKind.DiagEmbedBackward0]: row('DiagEmbedBackward0', diagonal),
  [NodeKind.RepeatBackward0]: row('RepeatBackward0', {
    repeats: { sizes: 0 },
    self_sym_sizes: { sizes: (p) => 1 + p(0) },
  }),
  [NodeKind.UnfoldBackward0]: row('UnfoldBackward0', {
    dimension: { dim: 0 },
    self_sym_sizes: { sizes: 3 },
    size: { dim: 1 },
    step: { dim: 2 },
  }),
  [NodeKind.UnfoldBackwardBackward0]: row('UnfoldBackwardBackward0', {
    dim: { dim: 0 },
    size: { dim: 1 },
    step: { dim: 2 },
  }),
  [NodeKind.AliasBackward0]: row('AliasBackward0'),
  [NodeKind.UnbindBackward0]: row('UnbindBackward0', { dim: { dim: 0 } }),
  [NodeKind.SplitBackward0]: row('SplitBackward0', split),
  [NodeKind.SplitWithSizesBackward0]: row('SplitWithSizesBackward0', splitWithSizes),
  [NodeKind.UnsafeSplitBackward0]: row('UnsafeSplitBackward0', split),
  [NodeKind.UnsafeSplitWithSizesBackward0]: row('UnsafeSplitWithSizesBackward0', splitWithSizes),
  [NodeKind.CatBackward0]: row('CatBackward0', { dim: { dim: 0 } }),
  [NodeKind.StackBackward0]: row('StackBackward0', { dim: { dim: 0 } }),
  [NodeKind.AddmmBackward0]: row('AddmmBackward0', {
    alpha: { int: 0 },
    beta: { int: 1 },
    mat1: { tensor: 0 },
    mat1_sym_sizes: { pair: 2 },
    mat1_sym_strides: { pair: 4, edge: 1 },
    mat2: { tensor: 1 },
    mat2_sym_sizes: { pair: 6 },
    mat2_sym_strides: { pair: 8, edge: 2 },
  }),
  [NodeKind.SoftmaxBackward0]: row('SoftmaxBackward0', { dim: { dim: 0 }, result }),
  [NodeKind.SoftmaxBackwardDataBackward0]: row('SoftmaxBackwardDataBackward0', {
    dim: { dim: 0 },
    grad_output: { tensor: 0 },
    output: { tensor: 1 },
  }),
  [NodeKind.LogSoftmaxBackward0]: row('LogSoftmaxBackward0', { dim: { dim: 0 }, result }),
  [NodeKind.LogSoftmaxBackwardDataBackward0]: row('LogSoftmaxBackwardDataBackward0', {
    dim: { dim: 0 },
    grad_output: { tensor: 0 },
    output: { tensor: 1 },
  }),
  [NodeKind.NllLossBackward0]: row('NllLossBackward0', {
    ignore_index: { dim: 1 },
    reduction: { int: 0 },
    self,
    target: { tensor: 1 },
    total_weight: { tensor: 2 },
    weight: { tensor: 3 },
  }),
  [NodeKind.NllLossBackwardBackward0]: row('NllLossBackwardBackward0', {
    ignore_index: { dim: 1 },
    reduction: { int: 0 },
    target: { tensor: 0 },
    weight: { tensor: 2 },
  }),
  [NodeKind.MmBackward0]: row('MmBackward0', {
    mat2: { tensor: 1 },
    mat2_sym_sizes: { pair: 4 },
    mat2_sym_strides: { pair: 6, edge: 1 },
    self,
    self_sym_sizes: { pair: 0 },
    self_sym_strides: { pair: 2, edge: 0 },
  }),
  [NodeKind.MvBackward0]: row('MvBackward0', { self, vec: { tensor: 1 } }),
  [NodeKind.DotBackward0]: row('DotBackward0', { self, tensor: { tensor: 1 } }),
  [NodeKind.BmmBackward0]: row('BmmBackward0', { mat2: { tensor: 1 }, self }),
  [NodeKind.CloneBackward0]: row('CloneBackward0'),
  [NodeKind.ToCopyBackward0]: row('ToCopyBackward0'),
  [NodeKind.FillBackward2]: row('FillBackward2'),
  [NodeKind.FillBackward3]: row('FillBackward3'),
  [NodeKind.ZeroBackward0]: row('ZeroBackward0'),
  [NodeKind.IndexSelectBackward0]: row('IndexSelectBackward0', { ...along, self_sym_sizes: { sizes: 1 } }),
  [NodeKind.IndexAddBackward0]: row('IndexAddBackward0', {
    ...along,
    alpha: { int: 1 },
    source: { tensor: 1 },
    source_dim: { int: 2 },
  }),
  [NodeKind.IndexCopyBackward0]: row('IndexCopyBackward0', {
    ...along,
    source: { tensor: 1 },
    source_dim: { int: 1 },
  }),
  [NodeKind.IndexFillBackward0]: row('IndexFillBackward0', along),
  [NodeKind.IndexFillBackward1]: row('IndexFillBackward1', along),
  [NodeKind.IndexReduceBackward0]: row('IndexReduceBackward0', { ...reduced, source: { tensor: 3 } }),
  [NodeKind.GatherBackward0]: row('GatherBackward0', {
    ...along,
    index: { tensor: 1 },
    self,
    sparse_grad: { constant: false },
  }),
  [NodeKind.ScatterBackward0]: row('ScatterBackward0', along),
  [NodeKind.ScatterBackward1]: row('ScatterBackward1', along),
  [NodeKind.ScatterAddBackward0]: row('ScatterAddBackward0', along),
  [NodeKind.ScatterReduceBackward0]: row('ScatterReduceBackward0', { ...reduced, src: { tensor: 3 } }),
  [NodeKind.TakeBackward0]: row('TakeBackward0', { index: { tensor: 1 }, self }),
  [NodeKind.PutBackward0]: row('PutBackward0', {
    accumulate: { flag: () => 0 },
    index: { tensor: 0 },
    source: { tensor: 1 },
  }),
  [NodeKind.MaskedFillBackward0]: row('MaskedFillBackward0', { mask: { tensor: 0 } }),
  [NodeKind.MaskedFillBackward1]: row('MaskedFillBackward1', { mask: { tensor: 0 } }),
  [NodeKind.MaskedSelectBackward0]: row('MaskedSelectBackward0', { mask: { tensor: 1 }, self }),
  [NodeKind.MaskedScatterBackward0]: row('MaskedScatterBackward0', {
    mask: { tensor: 0 },
    source_sym_sizes: { sizes: 0 },
  }),
  [NodeKind.MaskedScatterBackwardBackward0]: row('MaskedScatterBackwardBackward0', { mask: { tensor: 0 } }),
  [NodeKind.IndexBackward0]: row('IndexBackward0', { indices, self_sym_sizes: { sizes: (p) => 1 + p(0) } }),
  [NodeKind.IndexPutBackward0]: row('IndexPutBackward0', indexPut),
  [NodeKind.IndexPutImplBackward0]: row('IndexPutImplBackward0', indexPut),
  [NodeKind.BernoulliBackward0]: row('BernoulliBackward0'),
  [NodeKind.BernoulliBackward1]: row('BernoulliBackward1'),
  [NodeKind.BernoulliBackward2]: row('BernoulliBackward2'),
  [NodeKind.NormalBackward0]: row('NormalBackward0'),
  [NodeKind.UniformBackward0]: row('UniformBackward0'),
  [NodeKind.RandomBackward0]: row('RandomBackward0'),
  [NodeKind.RandomBackward1]: row('RandomBackward1'),
  [NodeKind.RandomBackward2]: row('RandomBackward2'),
} satisfies Record<Exclude<NodeKind, NodeKind.count>, NodeRow>

/** PyTorch's `Node.name()`. */
export function nodeName(kind: NodeKind, node: number): string {
  return functionNames.get(node) ?? nodeRow(kind).qualified ?? nodeRow(kind).type
}

/** The kind in a node's record. */
export function nodeKind(node: number): NodeKind {
  return u32()[(node + NodeField.kind) / 4]
}

/** `type(node).__name__`. */
export function nodeType(kind: NodeKind, node: number): string {
  return functionNames.get(node) ?? nodeRow(kind).type
}

/** The names of the living nodes of custom Functions, by address. */
export const functionNames = new Map<number, string>()

export function nodeRow(kind: NodeKind): NodeRow {
  return NODES[kind as keyof typeof NODES]
}
