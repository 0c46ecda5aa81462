// The `torch` namespace.
import { Op } from '../../assembly/abi'
import { setErrorNames } from '../core/error_words'
import { PyTypeError, RuntimeError } from '../core/errors'
import { memoryStats } from '../core/memory'
import { is_warn_always_enabled, setWarnAlways } from '../core/warnings'
import * as anomaly from './anomaly'
import * as autograd from './autograd'
import { functionOf, methodOf, type Reflected, type Result } from './call'
import * as creation from './creation'
import { as_tensor, from_numpy } from './data'
import { bool, type DType, float32, float64, int32, int64 } from './dtype'
import { Function_, once_differentiable } from './function'
import { hvp, jvp, vhp, vjp } from './functional_autograd'
import { hessian, jacobian } from './functional_jacobian'
import {
  enable_grad,
  inference_mode,
  is_grad_enabled,
  is_inference_mode_enabled,
  no_grad,
  set_grad_enabled,
} from './grad_mode'
import { gradcheck } from './gradcheck'
import { get_analytical_jacobian, get_numerical_jacobian } from './gradcheck_private'
import { gradgradcheck } from './gradgradcheck'
import { GradcheckError } from './jacobians'
import { queue_callback } from './passes'
import './hooks'
import './index_keys'
import './conversions'
import { nonzero, where } from './masks'
import type { Reduce } from './methods'
import { nnFunctional, softmaxes } from './nn_functional'
import { will_engine_execute_node } from './node_call'
import { nodeName } from './nodes'
import type { OpRow } from './op_rows'
import { OPS, opRow } from './ops'
import { refuseGrad, writeOut } from './out'
import { PIECES, splitFunction } from './pieces'
import { set_record_places } from './places'
import { predicates } from './predicates'
import { pyTypeName } from './pytypes'
import * as random from './random'
import { bernoulli } from './random_inplace'
import { hstack, REARRANGED, vstack } from './rearrange'
import { reductions } from './reductions'
import { get_printoptions, set_printoptions } from './repr'
import {
  disable_saved_tensors_hooks,
  SavedTensor,
  save_on_cpu,
  saved_tensors_hooks,
  saved_tensors_hooks_is_enabled,
} from './saved_tensors'
import { Signature } from './signature'
import { functionSpec } from './signature-spec'
import { type Scalar, Tensor } from './tensor'
import { uniques } from './unique'

setErrorNames(nodeName, (op) => opRow(op).kernel ?? opRow(op).name)

/** `torch.div(2, x)` is Python's `2 / x`, which PyTorch computes by its reflected operator. */
const REFLECTED: Record<string, Reflected> = {
  div: (number, x) => x.reciprocal().mul(number),
}

type Operand = Tensor | Scalar
/** The result goes into `out`, which is returned: cast to its dtype, in its layout if it has the shape. */
type Out = { out?: Tensor | null }
type Plain = (input: Tensor) => Tensor
type Unary = (input: Tensor, options?: Out) => Tensor
type Binary = (input: Operand, other: Operand, options?: { alpha?: number } & Out) => Tensor
type Product = (input: Tensor, other: Tensor, options?: Out) => Tensor
type Joined = (tensors: readonly Tensor[], dim?: number | ({ dim?: number } & Out), options?: Out) => Tensor
type Sourced<O = unknown> = (input: Tensor, dim: number, index: Tensor, source: Tensor, options?: O & Out) => Tensor
type Reducing = (
  input: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: Reduce,
  options?: { include_self?: boolean } & Out,
) => Tensor
type Reduction = (input: Tensor, ...rest: unknown[]) => Tensor

interface OpFunctions {
  /** torch.add(input, other, { alpha }): input + alpha * other; either may be a number. */
  add: Binary
  sub: Binary
  /** other - alpha * input. */
  rsub: Binary
  mul: Binary
  /** input / other; `torch.div(2, x)` is Python's `2 / x`: MulBackward0 over ReciprocalBackward0. */
  div: (input: Operand, other: Operand, options?: { rounding_mode?: 'floor' | 'trunc' | null } & Out) => Tensor
  pow: Binary
  neg: Unary
  reciprocal: Unary
  abs: Unary
  sgn: Unary
  exp: Unary
  log: Unary
  sqrt: Unary
  sin: Unary
  cos: Unary
  tanh: Unary
  sigmoid: Unary
  /** log(x / (1 - x)) of x kept within eps and 1 - eps. */
  logit: (input: Tensor, eps?: number | null | Out, options?: Out) => Tensor
  relu: Plain
  clone: Plain
  detach: Plain
  t: Plain
  eq: Binary
  ne: Binary
  lt: Binary
  le: Binary
  gt: Binary
  ge: Binary
  logical_and: Binary
  maximum: (input: Tensor, other: Tensor) => Tensor
  minimum: (input: Tensor, other: Tensor) => Tensor
  prod: Reduction
  amax: Reduction
  amin: Reduction
  all: Reduction
  any: Reduction
  /** Elements by index or by mask: the methods say which. */
  index_select: (input: Tensor, dim: number, index: Tensor, options?: Out) => Tensor
  index_add: Sourced<{ alpha?: number }>
  index_copy: Sourced
  index_fill: (input: Tensor, dim: number, index: Tensor, value: Operand) => Tensor
  index_reduce: Reducing
  gather: (input: Tensor, dim: number, index: Tensor, options?: { sparse_grad?: boolean } & Out) => Tensor
  scatter: (input: Tensor, dim: number, index: Tensor, src: Operand, options?: Out) => Tensor
  scatter_add: Sourced
  scatter_reduce: Reducing
  take: (input: Tensor, index: Tensor, options?: Out) => Tensor
  put: (input: Tensor, index: Tensor, source: Tensor, accumulate?: boolean | { accumulate?: boolean }) => Tensor
  masked_fill: (input: Tensor, mask: Tensor, value: Operand) => Tensor
  masked_select: (input: Tensor, mask: Tensor, options?: Out) => Tensor
  masked_scatter: (input: Tensor, mask: Tensor, source: Tensor) => Tensor
  index_put: (
    input: Tensor,
    indices: readonly Tensor[],
    values: Tensor,
    accumulate?: boolean | { accumulate?: boolean },
  ) => Tensor
  /** `value` where an element is at most `threshold`, else the element. */
  threshold: (input: Tensor, threshold: Scalar, value: Scalar) => Tensor
  sum: Reduction
  mean: Reduction
  reshape: (input: Tensor, shape: readonly number[]) => Tensor
  permute: (input: Tensor, dims: readonly number[]) => Tensor
  transpose: (input: Tensor, dim0: number, dim1: number) => Tensor
  select: (input: Tensor, dim: number, index: number) => Tensor
  unsqueeze: (input: Tensor, dim: number) => Tensor
  squeeze: (input: Tensor, dim?: number | readonly number[]) => Tensor
  as_strided: (
    input: Tensor,
    size: readonly number[],
    stride: readonly number[],
    storage_offset?: number | null,
  ) => Tensor
  unbind: (input: Tensor, dim?: number) => Tensor[]
  diagonal: (input: Tensor, offset?: number, dim1?: number, dim2?: number) => Tensor
  diagonal_copy: (input: Tensor, offset?: number, dim1?: number, dim2?: number) => Tensor
  diag_embed: (input: Tensor, offset?: number, dim1?: number, dim2?: number) => Tensor
  unsafe_split: (input: Tensor, split_size: number, dim?: number) => Tensor[]
  /** The tensors one after the other along `dim`. @throws ValueError, RuntimeError on shapes that do not fit */
  cat: Joined
  concat: Joined
  concatenate: Joined
  /** Tensors of one shape along a new dimension. @throws RuntimeError */
  stack: Joined
  mm: Product
  mv: Product
  dot: Product
  bmm: Product
  matmul: Product
  /** beta * input + alpha * (mat1 @ mat2). */
  addmm: (input: Tensor, mat1: Tensor, mat2: Tensor, options?: { beta?: number; alpha?: number } & Out) => Tensor
}

const functions: Record<string, (...args: unknown[]) => Result> = {
  concat: functionOf(Op.Cat, undefined, 'concat'),
  concatenate: functionOf(Op.Cat, undefined, 'concatenate'),
}
for (const [key, value] of Object.entries(OPS)) {
  const row: OpRow = value
  if (row.fn === null) continue
  functions[row.name] = functionOf(Number(key) as Op, REFLECTED[row.name])
}

/** A function over a method that is no row of the table: the same parameters with `input` in front. */
function functionOver<A extends unknown[], R extends Result = Tensor>(
  name: 'square' | 'flatten' | 'narrow' | keyof typeof PIECES | keyof typeof REARRANGED,
  spec: string,
): (input: Tensor, ...rest: A) => R {
  const signature = new Signature(name, functionSpec(spec))
  const takesOut = spec.includes('!')
  return (...args) => {
    const [input, ...rest] = signature.parse(args).values
    const out = takesOut ? rest.pop() : null
    const run = () => (input as Record<typeof name, (...rest: unknown[]) => R>)[name](...rest)
    if (!(out instanceof Tensor)) return run()
    // `square` is the only one.
    refuseGrad('pow', [input, out])
    return writeOut(out, no_grad(run) as Tensor, [input], true) as R
  }
}

const methodFunctions = {
  square: functionOver<[options?: Out]>('square', ' !'),
  flatten: functionOver<[start_dim?: number, end_dim?: number]>('flatten', 'int start_dim=0, int end_dim=-1'),
  narrow: functionOver<[dim: number, start: number, length: number]>(
    'narrow',
    'int dim, Tensor start, symint length | int dim, symint start, symint length',
  ),
}

type Pieces = (input: Tensor, how: number | readonly number[] | Tensor, dim?: number) => Tensor[]

const pieces = Object.fromEntries(
  Object.entries(PIECES).map(([name, spec]) => [name, functionOver(name as keyof typeof PIECES, spec)]),
) as unknown as Record<keyof typeof PIECES, Pieces>

const thresholdInPlace = {
  signature: new Signature('threshold_', 'Tensor input, Number threshold, Number value'),
  method: methodOf(Op.Threshold, true),
}

type Dims = number | readonly number[]
type Swap = (input: Tensor, dim0: number, dim1: number) => Tensor

const rearranged = Object.fromEntries(
  Object.entries(REARRANGED).map(([name, spec]) => [name, functionOver(name as keyof typeof REARRANGED, spec)]),
) as unknown as Record<'movedim' | 'moveaxis', (input: Tensor, source: Dims, destination: Dims) => Tensor> &
  Record<'swapaxes' | 'swapdims', Swap> & { diag: (input: Tensor, diagonal?: number) => Tensor }

export const torch = {
  ...(functions as unknown as OpFunctions),
  ...methodFunctions,
  ...pieces,
  ...rearranged,
  /** threshold into `input` itself, which is returned. */
  threshold_: (input: Tensor, ...rest: [threshold: Scalar, value: Scalar]): Tensor => {
    const [x, ...numbers] = thresholdInPlace.signature.parse([input, ...rest]).values as [Tensor, Scalar, Scalar]
    return thresholdInPlace.method.apply(x, numbers)
  },
  ...reductions,
  ...predicates,
  ...uniques,
  hstack: hstack as (tensors: readonly Tensor[]) => Tensor,
  vstack: vstack as (tensors: readonly Tensor[]) => Tensor,
  /** Pieces of one size, or of the sizes given. */
  split: splitFunction as Pieces,
  ...creation,
  /** A tensor on the memory of an ndarray. @throws TypeError for anything else */
  as_tensor,
  from_numpy,
  ...random,
  ...softmaxes,
  where,
  nonzero,
  bernoulli,
  Tensor,
  bool,
  int: int32,
  int32,
  long: int64,
  int64,
  float: float32,
  float32,
  double: float64,
  float64,
  no_grad,
  enable_grad,
  inference_mode,
  is_inference_mode_enabled,
  set_grad_enabled,
  is_grad_enabled,
  /** Gives warnings that come once in a program every time. @throws RuntimeError for anything but a bool */
  set_warn_always: (on: boolean): void => {
    if (typeof on !== 'boolean') throw new RuntimeError(`setWarnOnlyOnce expects a bool, but got ${pyTypeName(on)}`)
    setWarnAlways(on)
  },
  is_warn_always_enabled,
  set_printoptions,
  get_printoptions,
  is_tensor: (value: unknown): value is Tensor => value instanceof Tensor,
  /** PyTorch's repr of a tensor. */
  repr: (value: Tensor): string => {
    if (!(value instanceof Tensor)) throw new PyTypeError(`repr() takes a tensor, not ${pyTypeName(value)}`)
    return String(value)
  },
  get_default_dtype: (): DType => float32,
  autograd: {
    Function: Function_,
    function: { once_differentiable },
    graph: { saved_tensors_hooks, save_on_cpu, disable_saved_tensors_hooks },
    SavedTensor,
    backward: autograd.backward,
    grad: autograd.grad,
    gradcheck: Object.assign(gradcheck, { GradcheckError, get_analytical_jacobian, get_numerical_jacobian }),
    gradgradcheck,
    GradcheckError,
    functional: { jacobian, hessian, vjp, jvp, hvp, vhp },
    /** Only what is asked of PyTorch's legacy Variable: the engine. */
    Variable: { _execution_engine: { queue_callback } },
    set_wrapper_policy: autograd.set_wrapper_policy,
    detect_anomaly: anomaly.detect_anomaly,
    set_detect_anomaly: anomaly.set_detect_anomaly,
    set_record_places,
  },
  _C: {
    _will_engine_execute_node: will_engine_execute_node,
    _saved_tensors_hooks_is_enabled: saved_tensors_hooks_is_enabled,
  },
  nn: { functional: nnFunctional },
  memory: {
    /** What lives in the core now, its peak in bytes, and how many allocations there were. */
    stats: memoryStats,
  },
}
