// The contract between the core and the library: everything that both compilers must agree on, and nothing else.
// asc compiles this file into the core, tsc into the library; a number that stands here stands nowhere else.

/** Element types, ordered by promotion: of two operands of one priority the larger wins. */
export const enum DType {
  bool,
  int32,
  int64,
  float32,
  float64,
  /** "no dtype given" in an argument. */
  none,
}

/** What the wrapper calls through `call` and `call_` (in place). One family of `assembly/ops/` an enum block. */
export const enum Op {
  // unary.ts
  Neg,
  Reciprocal,
  Abs,
  Exp,
  Log,
  Sqrt,
  Sin,
  Cos,
  Tanh,
  Sigmoid,
  Relu,
  Sgn,
  // binary.ts
  Add,
  Sub,
  Rsub,
  Mul,
  Div,
  Pow,
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  LogicalAnd,
  Maximum,
  Minimum,
  TanhBackward,
  SigmoidBackward,
  ThresholdBackward,
  // div with a rounding_mode: None, 'trunc', 'floor'
  DivNone,
  DivTrunc,
  DivFloor,
  // logit.ts
  Logit,
  Where,
  // threshold.ts
  Threshold,
  // reduce.ts
  Sum,
  Mean,
  // prod.ts
  Prod,
  // variance.ts
  Var,
  Std,
  VarMean,
  StdMean,
  // extremum.ts
  Amax,
  Amin,
  MaxAll,
  MinAll,
  MedianAll,
  NanmedianAll,
  All,
  Any,
  // indexed.ts
  Max,
  Min,
  Median,
  Nanmedian,
  Argmax,
  Argmin,
  Sort,
  // movement.ts
  View,
  Reshape,
  Permute,
  Transpose,
  T,
  Select,
  Slice,
  Unsqueeze,
  Squeeze,
  Expand,
  AsStrided,
  // diagonal.ts
  Diagonal,
  DiagonalCopy,
  DiagEmbed,
  Repeat,
  Unfold,
  Alias,
  UnsafeView,
  // split.ts: ops with several outputs, which `call_all` runs
  Unbind,
  Split,
  SplitWithSizes,
  UnsafeSplit,
  UnsafeSplitWithSizes,
  // cat.ts: ops of a list of tensors, which `call_list` runs
  Cat,
  Stack,
  // matmul.ts
  Mm,
  Mv,
  Dot,
  Bmm,
  Matmul,
  Addmm,
  // softmax.ts, nll_loss.ts
  Softmax,
  LogSoftmax,
  NllLoss,
  // copy.ts
  Clone,
  Contiguous,
  To,
  Copy,
  Fill,
  Zero,
  // drawn.ts
  Drawn,
  Detach,
  // index_dim.ts, gather.ts, scatter_reduce.ts, masked.ts, indexing.ts
  IndexSelect,
  IndexAdd,
  IndexCopy,
  IndexFill,
  IndexReduce,
  Gather,
  Scatter,
  ScatterAdd,
  ScatterReduce,
  Take,
  Put,
  MaskedFill,
  MaskedSelect,
  MaskedScatter,
  Nonzero,
  Index,
  IndexPut,
  count,
}

/** What NumPy's ufuncs compute beyond the kernels of `Op`: assembly/ops/ufunc.ts. */
export const enum Ufunc {
  FloorDivide = 256,
  Remainder,
  BitwiseAnd,
  BitwiseOr,
  BitwiseXor,
}

/** What a ufunc met, as bits: the floating-point flags that NumPy warns of. */
export const enum FloatFlag {
  divide = 1,
  overflow = 2,
  invalid = 8,
}

/** How scatter_reduce and index_reduce join what meets, in the order of their names in src/torch/ops.ts. */
export const enum Reduce {
  sum,
  prod,
  mean,
  amax,
  amin,
}

/** The class of a graph node. Its printed name stands in `src/torch/nodes.ts`. */
export const enum NodeKind {
  AccumulateGrad,
  CopySlices,
  CopyBackwards,
  NotImplemented,
  /** A custom autograd.Function; its name is the JS side's. */
  PythonFunction,
  /** What a function that may be differentiated once only leaves behind. */
  Error,
  NegBackward0,
  ReciprocalBackward0,
  AbsBackward0,
  ExpBackward0,
  LogBackward0,
  SqrtBackward0,
  SinBackward0,
  CosBackward0,
  TanhBackward0,
  SigmoidBackward0,
  ReluBackward0,
  SgnBackward0,
  LogitBackward0,
  AddBackward0,
  AddBackward1,
  SubBackward0,
  SubBackward1,
  RsubBackward0,
  RsubBackward1,
  MulBackward0,
  MulBackward1,
  DivBackward0,
  DivBackward1,
  DivBackward2,
  PowBackward0,
  PowBackward1,
  PowBackward2,
  TanhBackwardBackward0,
  SigmoidBackwardBackward0,
  ThresholdBackward0,
  ThresholdBackward1,
  ThresholdBackwardBackward0,
  WhereBackward0,
  SumBackward0,
  SumBackward1,
  MeanBackward0,
  MeanBackward1,
  MaximumBackward0,
  MinimumBackward0,
  ProdBackward0,
  ProdBackward1,
  VarBackward0,
  StdBackward0,
  VarMeanBackward0,
  StdMeanBackward0,
  AmaxBackward0,
  AminBackward0,
  MaxBackward0,
  MaxBackward1,
  MinBackward0,
  MinBackward1,
  MedianBackward0,
  MedianBackward1,
  NanmedianBackward0,
  NanmedianBackward1,
  SortBackward0,
  SortBackward1,
  UniqueBackward0,
  Unique2Backward0,
  UniqueDimBackward0,
  UniqueConsecutiveBackward0,
  ViewBackward0,
  ReshapeAliasBackward0,
  UnsafeViewBackward0,
  PermuteBackward0,
  TransposeBackward0,
  TransposeBackward1,
  TBackward0,
  TBackward1,
  SelectBackward0,
  SelectBackwardBackward0,
  SliceBackward0,
  SliceBackwardBackward0,
  UnsqueezeBackward0,
  UnsqueezeBackward1,
  SqueezeBackward0,
  SqueezeBackward1,
  SqueezeBackward2,
  SqueezeBackward3,
  SqueezeBackward4,
  SqueezeBackward5,
  ExpandBackward0,
  AsStridedBackward0,
  AsStridedBackward1,
  DiagonalBackward0,
  DiagonalBackward0_copy,
  DiagonalBackwardBackward0,
  DiagEmbedBackward0,
  RepeatBackward0,
  UnfoldBackward0,
  UnfoldBackwardBackward0,
  AliasBackward0,
  UnbindBackward0,
  SplitBackward0,
  SplitWithSizesBackward0,
  UnsafeSplitBackward0,
  UnsafeSplitWithSizesBackward0,
  CatBackward0,
  StackBackward0,
  MmBackward0,
  MvBackward0,
  DotBackward0,
  BmmBackward0,
  AddmmBackward0,
  SoftmaxBackward0,
  SoftmaxBackwardDataBackward0,
  LogSoftmaxBackward0,
  LogSoftmaxBackwardDataBackward0,
  NllLossBackward0,
  NllLossBackwardBackward0,
  CloneBackward0,
  ToCopyBackward0,
  FillBackward2,
  FillBackward3,
  ZeroBackward0,
  BernoulliBackward0,
  BernoulliBackward1,
  BernoulliBackward2,
  NormalBackward0,
  UniformBackward0,
  RandomBackward0,
  RandomBackward1,
  RandomBackward2,
  IndexSelectBackward0,
  IndexAddBackward0,
  IndexCopyBackward0,
  IndexFillBackward0,
  IndexFillBackward1,
  IndexReduceBackward0,
  GatherBackward0,
  ScatterBackward0,
  ScatterBackward1,
  ScatterAddBackward0,
  ScatterReduceBackward0,
  TakeBackward0,
  PutBackward0,
  MaskedFillBackward0,
  MaskedFillBackward1,
  MaskedSelectBackward0,
  MaskedScatterBackward0,
  MaskedScatterBackwardBackward0,
  IndexBackward0,
  IndexPutBackward0,
  IndexPutImplBackward0,
  count,
}

/** The kind of a Python scalar that was passed where a tensor or a number is expected. */
export const enum Scalar {
  bool,
  int,
  float,
}

/** When a grad_fn's Python wrapper lives; see `torch.autograd.set_wrapper_policy`. */
export const enum WrapperPolicy {
  weak,
  owned,
  fresh,
}

/** Who writes a tensor when no op was called in place; an `Op` else. */
export const enum Writer {
  /** The engine accumulates into a `.grad`. */
  engine = -1,
  /** A custom Function says that it wrote. */
  markDirty = -2,
  /** A function had the tensor for its `out=`. */
  out = -3,
}

/** A pending error: its code, then numbers that the wrapper's text wants, in this order (src/core/error_text.ts). */
export const enum Err {
  none,
  OutOfMemory, // bytes
  TooManyDims, // ndim
  SizeOverflow, // shape
  BroadcastMismatch, // size a, size b, dim
  OutputShape, // shape of output, broadcast shape
  CastResult, // from dtype, to dtype
  BoolSubtract, // both operands are bool?
  BoolNegate,
  BoolRelu,
  NotImplementedFor, // op, dtype
  NegativeIntegerPower,
  IntegerAlpha,
  ZeroDivision,
  WhereCondition, // dtype
  LeafInplace,
  ViewOfLeafInplace,
  OverlapSelf,
  OverlapInput,
  DimRange, // low, high, dim
  SliceScalar,
  SelectRange, // index, shape, dim
  SelectScalar,
  SliceStep,
  DimTwice, // dim
  ViewShape, // requested shape, numel
  ViewStride,
  ViewInfer,
  ViewInferEmpty, // requested shape
  NegativeSize, // size, its dim, requested shape
  PermuteLength, // input dims, number given
  PermuteRepeated,
  ExpandFewer, // dtype, tensor shape, requested shape
  ExpandMismatch, // target size, existing size, dim, target shape, tensor shape
  ExpandNegative, // size, dim
  RepeatFewer,
  CreateNegative, // size, shape
  MmDims, // which operand (1, 2)
  MmShapes, // rows, cols, rows, cols
  MmDType, // dtype, dtype
  MvDims, // ndim, ndim
  MvDType, // dtype, dtype
  MvShapes, // vector size, rows, cols
  DotDims, // ndim, ndim
  DotSizes, // size, size
  DotDType, // dtype, dtype
  BmmDType, // dtype, dtype
  BmmDims, // which operand (1, 2)
  BmmShapes, // batch, rows expected, batch, rows got
  MatmulScalar, // ndim, ndim
  AddmmDims, // which matrix (1, 2), ndim
  AddmmDType, // self (0) or mat1 (1), its dtype, mat2's
  AddmmInplace, // shape, shape of the product
  TargetRange, // target
  // What unpack hooks, `.data` and calls of nodes can bring about:
  SoftmaxSizes, // log?, shape of the gradient, of the result
  NllSizes, // shape of the input, of the target
  NllTargets,
  NllWeight,
  NllTotal, // shape, numel
  NllGrad, // shape
  NllGrads, // wanted size, ndim, size
  MeanDType, // dtype
  AutogradDType, // dtype
  TDims, // ndim, in place
  FillDims, // ndim
  AsStridedBounds, // shape, strides, offset, needed bytes, storage bytes, itemsize
  AsStridedSize, // shape, strides
  AsStridedNegative, // strides
  AsStridedOffset, // offset
  AsStridedLength,
  SavedFreed,
  SavedModified, // dtype, shape, has name, output number, kind, node, current version, saved version, then by whom: kind, node, slot, SavedVariable
  SavedDetached,
  NoGrad, // index
  NoGradInput, // index
  InvalidGradShape, // kind (-1: a root), node, index, got shape, expected shape
  LeafMoved,
  DetachView,
  InplaceView, // kind (-1: no node), node, output number, direct, creation
  Hook,
  DirtyLeaf,
  DirtyView,
  NanReturned, // kind, node, index
  InferenceWrite,
  InferenceSaved,
  ReduceNothing, // op
  ReduceEmpty, // op, dim
  NoDerivative, // kind of the node
  NoDims, // dim
  SplitScalar,
  SplitNegative, // split size
  SplitZero, // size of the dimension
  CatNone,
  CatScalar, // position
  CatDims, // dims of the first, of this one
  CatSizes, // dim, expected size, size, position
  StackNone,
  DiagonalDims, // dims
  UnfoldNegative, // size
  UnfoldSize, // dim, size of it, size
  UnfoldStep, // step
  StackSizes, // shape of the first, shape, position
  PackModified,
  HooksSet,
  HooksFreed,
  HooksNone,
  TwiceDifferentiated,
  // From here to DelayedError: what index_error_text.ts words.
  IndexRange, // Range of places.ts, index, dim, size
  IndexEmpty,
  IndexKind,
  IndexDType, // op, dtype
  IndexVector, // op, dtype, shape
  IndexScalar, // op, numel
  IndexCount, // op, indices, slices, dim
  IndexShapes, // shapes
  TooManyIndices, // ndim, indices
  MaskShape, // shape of the mask, its dim, shape of the tensor, its dim
  MaskDType, // op, dtype
  MaskedScatterCount,
  SourceDType, // op, own dtype, the source's
  SourceShape, // own shape, the source's
  CopyDims, // source's ndim, own ndim
  CopySlices, // dim, own shape, the source's
  ValueDims, // op, ndim
  GatherDims, // op; -1: scatter's source
  GatherSize, // dim, shape of the index, own shape, dim of the op
  ScatterSize, // has a source, shape of the index, own shape, dim, the source's shape
  TakeEmpty, // op
  PutCount, // source's numel, index's numel
  IndexPutDType, // own dtype, the values'
  IndexPutShape, // shape of the values, of the result
  DelayedError, // op
  // What py objects say, worded in object_error_text.ts.
  NotOrdered, // Compare, two objects
  Unhashable, // object
  DictMutated,
  RecursionDepth, // in a comparison (0) or a hash (1)
}

/** Whether a node is to run in the run of the engine that is on. */
export const enum WillRun {
  no,
  yes,
  /** No run is on. */
  outside,
  /** A leaf in a run of `grad()`, which PyTorch does not know either. */
  leafOfGrad,
}

/** Which hooks a node has, as bits of its flags. */
export const enum NodeHook {
  tensor = 8,
  pre = 16,
  post = 32,
  any = 56,
}

/** Which hooks a leaf has. `watched`: JS is told when the leaf goes. */
export const enum LeafHook {
  tensor = 1,
  accumulated = 2,
  watched = 4,
}

/** Record sizes and field offsets (bytes) that the wrapper reads; `assembly/tensor/tensor.ts` holds them to its classes. */
export const enum TensorField {
  storage = 4,
  autograd = 12,
  object = 16,
  handle = 20,
  dims = 24,
  offset = 28,
  numel = 32,
  dtype = 36,
  ndim = 37,
  flags = 38,
  /** A tensor of at most this many dimensions keeps its shape inside the record. */
  inlineDims = 5,
}

/** Bits of a tensor's flags that the library reads or sets. */
export const enum TensorFlag {
  /** An ndarray's record: its PyObject is one too. */
  ndarray = 8,
  /** An ndarray that may not be written. */
  readonly = 16,
}

export const enum StorageField {
  data = 4,
  nbytes = 8,
}

export const enum NodeField {
  kind = 4,
  sequence = 8,
  wrapper = 20,
  edgeCount = 24,
  savedCount = 28,
  paramCount = 32,
  outputCount = 36,
}

/** What is counted, one live counter each (assembly/memory/counters.ts). */
export const enum Kind {
  Tensor,
  Storage,
  Node,
  Object,
  /** Whatever else takes memory: version counters, shapes, autograd records, the engine's lists. */
  Other,
}

/** Byte offsets in the counters' block: three doubles, then the live counts by Kind, then their peaks. */
export const enum CounterField {
  bytes = 0,
  peakBytes = 8,
  allocations = 16,
  tensors = 24,
  storages = 28,
  nodes = 32,
  objects = 36,
  peak = 44,
  end = 64,
}

/** The argument area: numbers (f64) that the wrapper writes before a call, and how many fit. */
export const enum Args {
  capacity = 160,
}

/** The most dimensions a tensor may have, PyTorch's own limit. */
export const enum Limits {
  dims = 64,
}
