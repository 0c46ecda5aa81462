// What a row of the op table says, and the rows that many ops share.
import { DType, Op } from '../../assembly/abi'

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
export const num = (value: unknown) => Number(value)
export const ints = (value: unknown) => (value as (number | bigint)[]).map(Number)

export const unary = (name: string, kernel?: string): OpRow => ({ name, spec: ' !', inplace: true, kernel })
export const compare = (name: string): OpRow => ({
  name,
  spec: 'Tensor other ! | Number other !',
  operands: 1,
  numbers: true,
})
export const alpha = (values: Value, put: ArgWriter) => put.numbers(0, num(values[1]))
export const formula = (name: string): OpRow => ({ name, spec: 'Tensor other', fn: null, method: false, operands: 1 })
export const listed = (values: Value, put: ArgWriter) => put.list(0, ints(values[0]))
export const sized = (values: Value, put: ArgWriter) => put.sizes(0, ints(values[0]))

/** sum and mean: everything, or the dims of the second overload. `dim=None` means everything too, with its own node. */
export const reduced = (values: Value, put: ArgWriter, overload: number) => {
  const dtype = values[2 * overload] as { _code: DType } | null
  put.numbers(0, overload, values[1] ? 1 : 0, dtype?._code ?? DType.none)
  if (overload) put.list(3, values[0] === null ? [] : ints(values[0]))
}

export const split = (name: string, isPublic: { method?: false; fn?: null } = {}): OpRow => ({
  name,
  ...isPublic,
  spec: 'symint split_size, int dim=0',
  outputs: [],
  write: (values, put) => put.numbers(0, num(values[1]), num(values[0])),
})
export const splitWithSizes = (name: string): OpRow => ({
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
export const joined = (name: string): OpRow => ({
  name,
  spec: '',
  fn: 'Tensor[] tensors, int dim=0, *, Tensor out=None',
  method: false,
  list: true,
  write: (values, put) => put.numbers(0, num(values[0])),
})

export const DIAGONAL = 'int offset=0, int dim1=0, int dim2=1'
export const diagonal = (values: Value, put: ArgWriter) =>
  put.numbers(0, num(values[0]), num(values[1]), num(values[2]))

export const REDUCE = '*, dtype dtype=None | int[1]? dim, bool keepdim=False, *, dtype dtype=None !'
/** A number that the core keeps as a double: the ends of a slice may lie anywhere. */
export const bound = (value: unknown, missing: number) => (value === null ? missing : num(value))
/** Ops along a dimension, which comes first. */
export const along = (values: Value, put: ArgWriter) => put.numbers(0, num(values[0]))
/** The reductions of scatter_reduce and index_reduce, in the order of the core's `Reduce`. */
export const REDUCTIONS = ['sum', 'prod', 'mean', 'amax', 'amin']
export const scatterReduce = (values: Value, put: ArgWriter) => {
  put.numbers(0, num(values[0]), 0, values[4] ? 1 : 0)
  const known = 'reduce argument must be either sum, prod, mean, amax or amin, got'
  put.word(1, values[3], REDUCTIONS, `${known} ${values[3]}`)
}
export const indexReduce = (values: Value, put: ArgWriter) => {
  put.numbers(0, num(values[0]), 0, values[4] ? 1 : 0)
  const known = 'index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got'
  put.word(1, values[3], [null, ...REDUCTIONS.slice(1)], `${known} ${values[3]}.`)
}

/** An op of a dimension, an index and a tensor whose elements go where the index says. */
export const sourced = (name: string, source: string): OpRow => ({
  name,
  spec: `int dim, Tensor index, Tensor ${source} !`,
  inplace: true,
  before: 1,
  operands: 2,
  write: along,
})

export const ROUNDING_MODES = [null, 'trunc', 'floor']
export const roundedDiv = (mode: unknown, put: ArgWriter): Op => {
  const known = "div expected rounding_mode to be one of None, 'trunc', or 'floor' but found"
  return Op.DivNone + put.word(0, mode, ROUNDING_MODES, `${known} '${mode}'`)
}

/** PyTorch's "to the end" of a slice, INT64_MAX. */
export const END = 2 ** 63

/** One overload of an op that reductions.ts has the others of. */
export const inner = { method: false, fn: null } as const
export const selection = (name: string): OpRow => ({
  name,
  spec: 'int dim, bool keepdim=False',
  outputs: ['values', 'indices'],
  write: (values, put) => put.numbers(0, num(values[0]), values[1] ? 1 : 0),
  ...inner,
})
export const extremum = (name: string): OpRow => ({
  name,
  spec: 'int[1] dim=(), bool keepdim=False !',
  write: (values, put) => {
    put.numbers(0, values[1] ? 1 : 0)
    put.list(1, ints(values[0]))
  },
})
export const truth = (name: string): OpRow => ({
  name,
  spec: ' ! | int[]? dim=None, bool keepdim=False ! | int dim, bool keepdim=False !',
  write: (values, put, overload) => {
    const whole = overload === 0 || values[0] === null
    put.numbers(0, whole ? 1 : 0, overload && values[1] ? 1 : 0)
    put.list(2, whole ? [] : overload === 2 ? [num(values[0])] : ints(values[0]))
  },
})
/** Dims or null, keepdim, the correction and its kind. */
export const spread = (name: string): OpRow => ({
  name,
  spec: 'int[]? dim, bool keepdim, Number correction, int of',
  write: (values, put) => {
    put.numbers(0, values[0] === null ? 0 : 1, values[1] ? 1 : 0, num(values[2]), num(values[3]))
    put.list(4, values[0] === null ? [] : ints(values[0]))
  },
  ...inner,
})
