// The op table: one row an op of the core. Its method, its `torch.` function, its in-place variant and the parsing of
// its arguments all come from the row; the kernels are the core's. To add an op: a number in assembly/abi.ts, a functor
// and a vjp in its family's file, a row here.
import { DType, Op, Scalar } from '../../assembly/abi'

/** Where a row writes what the core reads besides tensors (see `dispatch` in assembly/ops/dispatch.ts). */
export interface ArgWriter {
  /** Numbers from argument `at` on. */
  numbers(at: number, ...values: number[]): void
  /** `| count | ... |` from argument `at` on. */
  list(at: number, values: readonly number[]): void
  /** The same for sizes and strides: refuses what needs more than 32 bits. */
  sizes(at: number, values: readonly number[]): void
  /** `| count | address |` from argument `at` on: a list of any length, which the core frees. */
  buffer(at: number, values: readonly number[]): void
  /** `| count | address ... |` of at most as many tensors as a tensor has dimensions; 0 where there is none. */
  tensors(at: number, values: readonly unknown[]): void
  /** Writes and returns the place of a word among those allowed. @throws RuntimeError with the refusal where it is none */
  word(at: number, value: unknown, words: readonly (string | null)[], refusal: string): number
}

export interface OpRow {
  /** PyTorch's name: the method, the function, and with `_` the in-place method. */
  readonly name: string
  /** The method's overloads in the notation of signature-spec.ts. */
  readonly spec: string
  /** The function's, where it is not the method's with `Tensor input` in front; null: there is none. */
  readonly fn?: string | null
  /** false: a formula's op, not a user's. */
  readonly method?: false
  readonly inplace?: true
  /** How many of the leading parameters are operands beside the receiver: tensors, or numbers that become one. */
  readonly operands?: number
  /** How many parameters stand before the operands. */
  readonly before?: number
  /** Whether a plain number may stand for the operand. */
  readonly numbers?: true
  /** The core's order of receiver (0) and operands, where the method's is another. */
  readonly order?: readonly number[]
  /** Whether a dtype among the parameters must be one of floats. */
  readonly floats?: true
  /** The op has several outputs: their names, none where they are a plain tuple. */
  readonly outputs?: readonly string[]
  /** The first parameter of the function is a list of tensors. */
  readonly list?: true
  /** Writes the remaining parameters. */
  readonly write?: (values: readonly unknown[], put: ArgWriter, overload: number) => void
  /** The last operand, where it is a number, must be one that the receiver's dtype can hold. */
  readonly fits?: true
  /** A warning at the first call. */
  readonly warning?: string
  /** Writing an expanded tensor warns: what else the warning names. */
  readonly expanded?: string
  /** Another op for some of the parameters. */
  readonly as?: (values: readonly unknown[], overload: number, put: ArgWriter) => Op
  /** What the missing-kernel error calls it. */
  readonly kernel?: string
}

type Value = readonly unknown[]
const num = (value: unknown) => Number(value)
const ints = (value: unknown) => (value as (number | bigint)[]).map(Number)

const unary = (name: string, kernel?: string): OpRow => ({ name, spec: ' !', inplace: true, kernel })
const compare = (name: string): OpRow => ({
  name,
  spec: 'Tensor other ! | Number other !',
  operands: 1,
  numbers: true,
})
const alpha = (values: Value, put: ArgWriter) => put.numbers(0, num(values[1]))
const formula = (name: string): OpRow => ({ name, spec: 'Tensor other', fn: null, method: false, operands: 1 })
const listed = (values: Value, put: ArgWriter) => put.list(0, ints(values[0]))
const sized = (values: Value, put: ArgWriter) => put.sizes(0, ints(values[0]))

/** sum and mean: everything, or the dims of the second overload. `dim=None` means everything too, with its own node. */
const reduced = (values: Value, put: ArgWriter, overload: number) => {
  const dtype = values[2 * overload] as { _code: DType } | null
  put.numbers(0, overload, values[1] ? 1 : 0, dtype?._code ?? DType.none)
  if (overload) put.list(3, values[0] === null ? [] : ints(values[0]))
}

const split = (name: string, isPublic: { method?: false; fn?: null } = {}): OpRow => ({
  name,
  ...isPublic,
  spec: 'symint split_size, int dim=0',
  outputs: [],
  write: (values, put) => put.numbers(0, num(values[1]), num(values[0])),
})
const splitWithSizes = (name: string): OpRow => ({
  name,
  method: false,
  fn: null,
  spec: 'int[] split_sizes, int dim=0',
  outputs: [],
  write: (values, put) => {
    put.numbers(0, num(values[1]))
    put.buffer(1, ints(values[0]))
  },
})
const joined = (name: string): OpRow => ({
  name,
  spec: '',
  fn: 'Tensor[] tensors, int dim=0, *, Tensor out=None',
  method: false,
  list: true,
  write: (values, put) => put.numbers(0, num(values[0])),
})

const DIAGONAL = 'int offset=0, int dim1=0, int dim2=1'
const diagonal = (values: Value, put: ArgWriter) => put.numbers(0, num(values[0]), num(values[1]), num(values[2]))

const REDUCE = '*, dtype dtype=None | int[1]? dim, bool keepdim=False, *, dtype dtype=None !'
/** A number that the core keeps as a double: the ends of a slice may lie anywhere. */
const bound = (value: unknown, missing: number) => (value === null ? missing : num(value))
/** Ops along a dimension, which comes first. */
const along = (values: Value, put: ArgWriter) => put.numbers(0, num(values[0]))
/** The reductions of scatter_reduce and index_reduce, in the order of the core's `Reduce`. */
export const REDUCTIONS = ['sum', 'prod', 'mean', 'amax', 'amin']
const scatterReduce = (values: Value, put: ArgWriter) => {
  put.numbers(0, num(values[0]), 0, values[4] ? 1 : 0)
  const known = 'reduce argument must be either sum, prod, mean, amax or amin, got'
  put.word(1, values[3], REDUCTIONS, `${known} ${values[3]}`)
}
const indexReduce = (values: Value, put: ArgWriter) => {
  put.numbers(0, num(values[0]), 0, values[4] ? 1 : 0)
  const known = 'index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got'
  put.word(1, values[3], [null, ...REDUCTIONS.slice(1)], `${known} ${values[3]}.`)
}

/** An op of a dimension, an index and a tensor whose elements go where the index says. */
const sourced = (name: string, source: string): OpRow => ({
  name,
  spec: `int dim, Tensor index, Tensor ${source} !`,
  inplace: true,
  before: 1,
  operands: 2,
  write: along,
})

export const ROUNDING_MODES = [null, 'trunc', 'floor']
const roundedDiv = (mode: unknown, put: ArgWriter): Op => {
  const known = "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found"
  return Op.DivNone + put.word(0, mode, ROUNDING_MODES, `${known} '${mode}'`)
}

/** PyTorch's "to the end" of a slice, INT64_MAX. */
const END = 2 ** 63

/** One overload of an op that reductions.ts has the others of. */
const inner = { method: false, fn: null } as const
const selection = (name: string): OpRow => ({
  name,
  spec: 'int dim, bool keepdim=False',
  outputs: ['values', 'indices'],
  write: (values, put) => put.numbers(0, num(values[0]), values[1] ? 1 : 0),
  ...inner,
})
const extremum = (name: string): OpRow => ({
  name,
  spec: 'int[1] dim=(), bool keepdim=False !',
  write: (values, put) => {
    put.numbers(0, values[1] ? 1 : 0)
    put.list(1, ints(values[0]))
  },
})
const truth = (name: string): OpRow => ({
  name,
  spec: ' ! | int[]? dim=None, bool keepdim=False ! | int dim, bool keepdim=False !',
  write: (values, put, overload) => {
    const whole = overload === 0 || values[0] === null
    put.numbers(0, whole ? 1 : 0, overload && values[1] ? 1 : 0)
    put.list(2, whole ? [] : overload === 2 ? [num(values[0])] : ints(values[0]))
  },
})
/** Dims or null, keepdim, the correction and its kind. */
const spread = (name: string): OpRow => ({
  name,
  spec: 'int[]? dim, bool keepdim, Number correction, int of',
  write: (values, put) => {
    put.numbers(0, values[0] === null ? 0 : 1, values[1] ? 1 : 0, num(values[2]), num(values[3]))
    put.list(4, values[0] === null ? [] : ints(values[0]))
  },
  ...inner,
})

export const OPS = {
  [Op.Neg]: unary('neg'),
  [Op.Reciprocal]: unary('reciprocal'),
  [Op.Abs]: unary('abs', 'abs_cpu'),
  [Op.Exp]: unary('exp'),
  [Op.Log]: unary('log'),
  [Op.Sqrt]: unary('sqrt'),
  [Op.Sin]: unary('sin'),
  [Op.Cos]: unary('cos'),
  [Op.Tanh]: unary('tanh'),
  [Op.Sigmoid]: unary('sigmoid'),
  [Op.Relu]: { name: 'relu', spec: '', inplace: true },
  [Op.Sgn]: unary('sgn'),
  [Op.Add]: {
    name: 'add',
    spec: 'Tensor other, *, Number alpha=1 ! | ~',
    inplace: true,
    operands: 1,
    numbers: true,
    write: alpha,
  },
  [Op.Sub]: {
    name: 'sub',
    spec: 'Tensor other, *, Number alpha=1 ! | ~',
    inplace: true,
    operands: 1,
    numbers: true,
    write: alpha,
  },
  [Op.Rsub]: {
    name: 'rsub',
    spec: 'Tensor other, *, Number alpha=1 | Number other, Number alpha=1',
    method: false,
    operands: 1,
    write: alpha,
  },
  [Op.Mul]: { name: 'mul', spec: 'Tensor other !', inplace: true, operands: 1, numbers: true },
  [Op.Div]: {
    name: 'div',
    spec: 'Tensor other ! | Tensor other, *, str? rounding_mode ! | Number other, *, str? rounding_mode',
    inplace: true,
    operands: 1,
    numbers: true,
    as: (values, overload, put) => (overload ? roundedDiv(values[1], put) : Op.Div),
  },
  [Op.Pow]: {
    name: 'pow',
    spec: 'Tensor exponent | Number exponent',
    fn:
      'Tensor input, Tensor exponent, *, Tensor out=None | Number self, Tensor exponent, *, Tensor out=None | ' +
      'Tensor input, Number exponent, *, Tensor out=None',
    inplace: true,
    operands: 1,
    numbers: true,
    kernel: 'pow',
  },
  [Op.Eq]: compare('eq'),
  [Op.Ne]: compare('ne'),
  [Op.Lt]: compare('lt'),
  [Op.Le]: compare('le'),
  [Op.Gt]: compare('gt'),
  [Op.Ge]: compare('ge'),
  [Op.LogicalAnd]: { name: 'logical_and', spec: 'Tensor other !', operands: 1 },
  [Op.Maximum]: { name: 'maximum', spec: 'Tensor other !', operands: 1 },
  [Op.Minimum]: { name: 'minimum', spec: 'Tensor other !', operands: 1 },
  [Op.TanhBackward]: formula('tanh_backward'),
  [Op.SigmoidBackward]: formula('sigmoid_backward'),
  [Op.ThresholdBackward]: formula('threshold_backward'),
  [Op.DivNone]: formula('div'),
  [Op.DivTrunc]: { ...formula('div'), kernel: 'div_trunc_cpu' },
  [Op.DivFloor]: { ...formula('div'), kernel: 'div_floor_cpu' },
  [Op.Logit]: {
    name: 'logit',
    spec: 'float? eps=None !',
    inplace: true,
    write: ([eps], put) => put.numbers(0, eps === null ? Number.NaN : num(eps)),
  },
  [Op.Where]: {
    name: 'where',
    spec: 'Tensor condition, Tensor other | Tensor condition, Number other',
    fn:
      '- Tensor condition | ' +
      'Tensor condition, Tensor input, Tensor other, *, Tensor out=None | Tensor condition, Number self, Tensor other | ' +
      'Tensor condition, Tensor input, Number other | Tensor condition, Number self, Number other',
    operands: 2,
    order: [1, 0, 2],
  },
  [Op.Threshold]: {
    name: 'threshold',
    spec: 'Number threshold, Number value !',
    method: false,
    kernel: 'threshold_cpu',
    write: ([most, value], put) =>
      put.numbers(0, num(most), num(value), typeof most === 'boolean' ? Scalar.bool : Scalar.float),
  },
  [Op.Sum]: { name: 'sum', spec: REDUCE, write: reduced },
  [Op.Mean]: {
    name: 'mean',
    spec: REDUCE.replace('None |', 'None ! |'),
    floats: true,
    write: reduced,
  },
  [Op.Prod]: {
    name: 'prod',
    spec: '*, dtype dtype=None | int dim, bool keepdim=False, *, dtype dtype=None !',
    write: (values, put, overload) => {
      const dtype = values[2 * overload] as { _code: DType } | null
      put.numbers(0, overload, dtype?._code ?? DType.none, num(values[0]), values[1] ? 1 : 0)
    },
  },
  [Op.Var]: spread('var'),
  [Op.Std]: spread('std'),
  [Op.VarMean]: { ...spread('var_mean'), outputs: [] },
  [Op.StdMean]: { ...spread('std_mean'), outputs: [] },
  [Op.Amax]: extremum('amax'),
  [Op.Amin]: extremum('amin'),
  [Op.MaxAll]: { name: 'max', spec: '', ...inner },
  [Op.MinAll]: { name: 'min', spec: '', ...inner },
  [Op.MedianAll]: { name: 'median', spec: '', kernel: 'median_cpu', ...inner },
  [Op.NanmedianAll]: { name: 'nanmedian', spec: '', kernel: 'median_cpu', ...inner },
  [Op.All]: truth('all'),
  [Op.Any]: truth('any'),
  [Op.Max]: selection('max'),
  [Op.Min]: selection('min'),
  [Op.Median]: { ...selection('median'), kernel: 'median_out' },
  [Op.Nanmedian]: { ...selection('nanmedian'), kernel: 'median_out' },
  [Op.Argmax]: { ...selection('argmax'), outputs: undefined },
  [Op.Argmin]: { ...selection('argmin'), outputs: undefined },
  [Op.Sort]: {
    name: 'sort',
    spec: 'int dim, bool descending, bool stable',
    outputs: ['values', 'indices'],
    write: (values, put) => put.numbers(0, num(values[0]), values[1] ? 1 : 0, values[2] ? 1 : 0),
    ...inner,
  },
  [Op.View]: { name: 'view', spec: '- dtype dtype | int[] size', fn: null, write: sized },
  [Op.Reshape]: { name: 'reshape', spec: 'int[] shape', write: sized },
  [Op.Permute]: { name: 'permute', spec: 'int[] dims', write: listed },
  [Op.Transpose]: {
    name: 'transpose',
    spec: 'int dim0, int dim1',
    inplace: true,
    write: (values, put) => put.numbers(0, num(values[0]), num(values[1])),
  },
  [Op.T]: { name: 't', spec: '', inplace: true },
  [Op.Select]: {
    name: 'select',
    spec: 'int dim, symint index',
    write: (values, put) => put.numbers(0, num(values[0]), num(values[1])),
  },
  [Op.Slice]: {
    name: 'slice',
    spec: 'int dim=0, int start=None, int end=None, int step=1',
    fn: null,
    method: false,
    write: (values, put) => put.numbers(0, num(values[0]), bound(values[1], 0), bound(values[2], END), num(values[3])),
  },
  [Op.Unsqueeze]: {
    name: 'unsqueeze',
    spec: 'int dim',
    inplace: true,
    write: (values, put) => put.numbers(0, num(values[0])),
  },
  [Op.Squeeze]: {
    name: 'squeeze',
    spec: ' | int dim | int[] dim',
    inplace: true,
    write: (values, put, overload) => {
      put.numbers(0, overload)
      if (overload) put.list(1, overload === 1 ? [num(values[0])] : ints(values[0]))
    },
  },
  [Op.Expand]: { name: 'expand', spec: 'int[] size, *, bool implicit=False', fn: null, write: sized },
  [Op.AsStrided]: {
    name: 'as_strided',
    spec: 'int[] size, int[] stride, symint? storage_offset=None',
    inplace: true,
    write: (values, put) => {
      const size = ints(values[0])
      put.numbers(0, values[2] === null ? Number.NaN : num(values[2]))
      put.sizes(1, size)
      put.sizes(2 + size.length, ints(values[1]))
    },
  },
  [Op.Diagonal]: { name: 'diagonal', spec: DIAGONAL, write: diagonal },
  [Op.DiagonalCopy]: { name: 'diagonal_copy', spec: `${DIAGONAL} !`, method: false, write: diagonal },
  [Op.DiagEmbed]: { name: 'diag_embed', spec: 'int offset=0, int dim1=-2, int dim2=-1', write: diagonal },
  [Op.Repeat]: { name: 'repeat', spec: 'int[] repeats', fn: null, write: sized },
  [Op.Unfold]: {
    name: 'unfold',
    spec: 'int dimension, int size, int step',
    fn: null,
    write: (values, put) => put.numbers(0, num(values[0]), num(values[1]), num(values[2])),
  },
  [Op.Alias]: { name: 'alias', spec: '', fn: null, method: false },
  [Op.UnsafeView]: { name: '_unsafe_view', spec: 'int[] size', method: false, fn: null, write: listed },
  [Op.Unbind]: {
    name: 'unbind',
    spec: 'int dim=0',
    outputs: [],
    write: (values, put) => put.numbers(0, num(values[0])),
  },
  [Op.Split]: split('split', { method: false, fn: null }),
  [Op.SplitWithSizes]: splitWithSizes('split_with_sizes'),
  [Op.UnsafeSplit]: split('unsafe_split'),
  [Op.UnsafeSplitWithSizes]: splitWithSizes('unsafe_split_with_sizes'),
  [Op.Cat]: joined('cat'),
  [Op.Stack]: joined('stack'),
  [Op.IndexSelect]: { name: 'index_select', spec: 'int dim, Tensor index !', before: 1, operands: 1, write: along },
  [Op.IndexAdd]: {
    name: 'index_add',
    spec: 'int dim, Tensor index, Tensor source, *, Number alpha=1 !',
    inplace: true,
    before: 1,
    operands: 2,
    write: (values, put) => put.numbers(0, num(values[0]), num(values[3])),
  },
  [Op.IndexCopy]: sourced('index_copy', 'source'),
  [Op.IndexFill]: {
    name: 'index_fill',
    spec: 'int dim, Tensor index, Tensor value | int dim, Tensor index, Number value',
    inplace: true,
    before: 1,
    operands: 2,
    write: along,
    fits: true,
    expanded: 'tensor[mask] = scalar',
  },
  [Op.IndexReduce]: {
    ...sourced('index_reduce', 'source, str reduce, *, bool include_self=True'),
    write: indexReduce,
    warning: 'index_reduce() is in beta and the API may change at any time.',
  },
  [Op.Gather]: {
    name: 'gather',
    spec: 'int dim, Tensor index, *, bool sparse_grad=False !',
    before: 1,
    operands: 1,
    write: along,
  },
  [Op.Scatter]: {
    name: 'scatter',
    spec:
      'int dim, Tensor index, Tensor src ! | - int dim, Tensor index, Tensor src, *, str reduce ! | ' +
      'int dim, Tensor index, Number value ! | - int dim, Tensor index, Number value, *, str reduce !',
    inplace: true,
    before: 1,
    operands: 2,
    fits: true,
    write: along,
  },
  [Op.ScatterAdd]: sourced('scatter_add', 'src'),
  [Op.ScatterReduce]: {
    ...sourced('scatter_reduce', 'src, str reduce, *, bool include_self=True'),
    write: scatterReduce,
    kernel: 'scatter_gather_tensor_cpu_reduce_mean',
  },
  [Op.Take]: { name: 'take', spec: 'Tensor index !', operands: 1 },
  [Op.Put]: {
    name: 'put',
    spec: 'Tensor index, Tensor source, bool accumulate=False',
    inplace: true,
    operands: 2,
    write: (values, put) => put.numbers(0, values[2] ? 1 : 0),
  },
  [Op.MaskedFill]: {
    name: 'masked_fill',
    spec: 'Tensor mask, Tensor value | Tensor mask, Number value',
    inplace: true,
    operands: 2,
    fits: true,
    expanded: 'tensor[mask] = scalar',
  },
  [Op.MaskedSelect]: { name: 'masked_select', spec: 'Tensor mask !', operands: 1 },
  [Op.MaskedScatter]: { name: 'masked_scatter', spec: 'Tensor mask, Tensor source', inplace: true, operands: 2 },
  [Op.Nonzero]: { name: 'nonzero', spec: '', fn: null, method: false },
  [Op.Index]: {
    name: 'index',
    spec: 'Tensor[] indices',
    fn: null,
    method: false,
    write: (values, put) => put.tensors(0, values[0] as unknown[]),
  },
  [Op.IndexPut]: {
    name: 'index_put',
    spec: 'Tensor[] indices, Tensor values, bool accumulate=False',
    inplace: true,
    before: 1,
    operands: 1,
    write: (values, put) => {
      put.numbers(0, values[2] ? 1 : 0)
      put.tensors(1, values[0] as unknown[])
    },
    expanded: 'tensor[indices] = tensor',
  },
  [Op.Mm]: {
    name: 'mm',
    spec: 'Tensor mat2',
    fn: 'Tensor input, Tensor mat2, *, Tensor out=None | - Tensor input, Tensor mat2, dtype out_dtype, *, Tensor out=None',
    operands: 1,
    kernel: 'addmm_impl_cpu_',
  },
  [Op.Mv]: { name: 'mv', spec: 'Tensor vec !', operands: 1, kernel: 'addmv_impl_cpu' },
  [Op.Dot]: { name: 'dot', spec: 'Tensor tensor !', operands: 1, kernel: 'dot' },
  [Op.Bmm]: { name: 'bmm', spec: 'Tensor mat2 !', operands: 1, kernel: 'bmm' },
  [Op.Addmm]: {
    name: 'addmm',
    spec: 'Tensor mat1, Tensor mat2, *, Number beta=1, Number alpha=1 !',
    inplace: true,
    operands: 2,
    kernel: 'addmm_impl_cpu_',
    write: (values, put) => put.numbers(0, num(values[2]), num(values[3])),
  },
  [Op.Softmax]: {
    name: '_softmax',
    spec: 'int dim',
    fn: null,
    method: false,
    write: (v, put) => put.numbers(0, num(v[0])),
  },
  [Op.LogSoftmax]: {
    name: '_log_softmax',
    spec: 'int dim',
    fn: null,
    method: false,
    write: (v, put) => put.numbers(0, num(v[0])),
  },
  [Op.NllLoss]: { ...formula('nll_loss_forward'), kernel: 'nll_loss_backward_out_frame' },
  [Op.Matmul]: { name: 'matmul', spec: 'Tensor other !', operands: 1 },
  [Op.Clone]: { name: 'clone', spec: '*, memory_format memory_format=None' },
  [Op.Contiguous]: { name: 'contiguous', spec: '*, memory_format memory_format=None', fn: null },
  [Op.To]: { name: '_to', spec: 'int dtype', fn: null, method: false, write: (v, put) => put.numbers(0, num(v[0]), 0) },
  [Op.Copy]: { name: 'copy', spec: 'Tensor other, bool non_blocking=False | ~', fn: null, operands: 1, method: false },
  [Op.Fill]: { name: 'fill', spec: 'Tensor value | Number value', operands: 1, numbers: true, fn: null, method: false },
  [Op.Zero]: { name: 'zero', spec: '', fn: null, method: false },
  [Op.Drawn]: { name: 'drawn', spec: '', fn: null, method: false },
  [Op.Detach]: { name: 'detach', spec: '' },
} satisfies Record<Exclude<Op, Op.count>, OpRow>

/** The ops whose only user form writes its receiver: `x.copy_`, `x.fill_`, `x.zero_`. */
export const INPLACE_ONLY: readonly Op[] = [Op.Copy, Op.Fill, Op.Zero]

export function opRow(op: Op): OpRow {
  return OPS[op as keyof typeof OPS]
}
