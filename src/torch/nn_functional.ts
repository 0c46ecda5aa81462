// torch.nn.functional, as far as it goes: the linear layer, softmax, and the losses of a classifier.
import { Op } from '../../assembly/abi'
import { scalarTypeName } from '../core/error_words'
import { IndexError, NotImplementedError, PyTypeError, RuntimeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { putArgs } from '../core/memory'
import { warn } from '../core/warnings'
import { core } from '../core/wasm'
import { methodOf, toDType } from './call'
import { type DType, int64 } from './dtype'
import { defineAll } from './methods'
import { refuseGrad, writeOut } from './out'
import { isInt, pyTypeName } from './pytypes'
import { Signature } from './signature'
import { Def } from './signature-def'
import { functionSpec } from './signature-spec'
import { result, Tensor, wrapDim } from './tensor'

type Kind = 'softmax' | 'log_softmax'

const SPEC = 'int dim, dtype dtype=None'
const raw = { softmax: methodOf(Op.Softmax), log_softmax: methodOf(Op.LogSoftmax) }

/** Along `dim`, in `dtype` if that is given. */
function softmaxOf(kind: Kind, x: Tensor, dim: number | bigint, dtype: DType | null): Tensor {
  const input = dtype ? toDType(x, dtype) : x
  const d = wrapDim(dim, input.ndim)
  if (!input.is_floating_point()) {
    const last = d === Math.max(input.ndim - 1, 0) ? '_lastdim' : ''
    const type = scalarTypeName(input.dtype._code)
    throw new NotImplementedError(`"${kind}${last}_kernel_impl" not implemented for '${type}'`)
  }
  return raw[kind].call(input, dim)
}

function method(kind: Kind): (this: Tensor, ...args: unknown[]) => Tensor {
  const signature = new Signature(kind, SPEC)
  return function (this: Tensor, ...args: unknown[]): Tensor {
    address(this)
    const [dim, dtype] = signature.parse(args).values as [number, DType | null]
    return softmaxOf(kind, this, dim, dtype)
  }
}

defineAll({ softmax: method('softmax'), log_softmax: method('log_softmax') })

type Options = { dim?: number | null; dtype?: DType | null; out?: Tensor | null }
type Softmax = (input: Tensor, dim: number, dtype?: DType | null | Options, options?: Options) => Tensor

function topLevel(kind: Kind): Softmax {
  const signature = new Signature(kind, `${functionSpec(SPEC)}, *, Tensor out=None`)
  return (...args: unknown[]): Tensor => {
    const [input, dim, dtype, out] = signature.parse(args).values as [Tensor, number, DType | null, Tensor | null]
    if (out) refuseGrad(kind, [input, out])
    const made = softmaxOf(kind, input, dim, dtype)
    if (!out) return made
    if (out.dtype !== made.dtype) {
      const [want, got] = [made, out].map((t) => scalarTypeName(t.dtype._code).toLowerCase())
      throw new RuntimeError(`Expected out tensor to have dtype ${want}, but got ${got} instead`)
    }
    return writeOut(out, made, [input], true)
  }
}

/** `torch.softmax` and `torch.log_softmax`. */
export const softmaxes = { softmax: topLevel('softmax'), log_softmax: topLevel('log_softmax') }

/** `F.softmax`: without `dim` it guesses one, with a warning. */
function functional(kind: Kind): (input: Tensor, dim?: number | Options | null, options?: Options) => Tensor {
  const def = new Def(kind, 'input, dim=None, _stacklevel=3, dtype=None')
  return (...args: unknown[]): Tensor => {
    const [input, dim, , dtype] = def.parse(args) as [Tensor, number | null, unknown, DType | null]
    if (!(input instanceof Tensor)) throw noTensor(kind, 'input', 1, input)
    if (dim !== null) return input[kind](dim, dtype)
    warn(
      'UserWarning',
      `Implicit dimension choice for ${kind} has been deprecated. Change the call to include dim=X as an argument.`,
    )
    return input[kind]([0, 1, 3].includes(input.ndim) ? 0 : 1, dtype)
  }
}

function noTensor(name: string, argument: string, position: number, value: unknown): PyTypeError {
  return new PyTypeError(
    `${name}(): argument '${argument}' (position ${position}) must be Tensor, not ${pyTypeName(value)}`,
  )
}

const linearSignature = new Signature('linear', 'Tensor input, Tensor weight, Tensor bias=None')

/** input @ weight^T + bias: (..., in), (out, in), (out) to (..., out). @throws RuntimeError on shapes that do not fit */
function linear(input: Tensor, weight: Tensor, bias?: Tensor | null): Tensor
function linear(...args: unknown[]): Tensor {
  const [x, weight, bias] = linearSignature.parse(args).values as [Tensor, Tensor, Tensor | null]
  if (x.ndim === 0 || weight.ndim === 0) {
    throw new RuntimeError(
      `both arguments to linear need to be at least 1D, but they are ${x.ndim}D and ${weight.ndim}D`,
    )
  }
  if (!bias) return x.matmul(weight.t())
  if (x.ndim === 2) return bias.addmm(x, weight.t())
  if (bias.ndim === 0 || !x.is_contiguous()) return x.matmul(weight.t()).add_(bias)
  const shape = x.shape
  const flat = bias.addmm(x.reshape([-1, shape.at(-1)!]), weight.t())
  return flat.view([...shape.slice(0, -1), flat.size(1)])
}

const REDUCTIONS = ['none', 'mean', 'sum']

export interface LossOptions {
  weight?: Tensor | null
  ignore_index?: number
  reduction?: string
}

export interface EntropyOptions extends LossOptions {
  /** Must be 0: smoothing is not supported yet. */
  label_smoothing?: number
}

const LOSS = "input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean'"

interface Loss {
  input: Tensor
  target: Tensor
  weight: Tensor | null
  ignored: number
  reduction: number
  smoothing: number
}

function parseLoss(def: Def, args: readonly unknown[], kernel: string): Loss {
  const [input, target, weight, average, ignored, reduce, reduction, smoothing] = def.parse(args)
  if (average !== null || reduce !== null) {
    throw new NotImplementedError(`${kernel}: size_average and reduce are deprecated: use reduction`)
  }
  const code = REDUCTIONS.indexOf(reduction as string)
  if (code < 0) throw new ValueError(`${String(reduction)} is not a valid value for reduction`)
  if (!(input instanceof Tensor)) throw noTensor(kernel, 'input', 1, input)
  if (!(target instanceof Tensor)) throw noTensor(kernel, 'target', 2, target)
  if (weight !== null && !(weight instanceof Tensor)) throw noTensor(kernel, 'weight', 3, weight)
  if (!isInt(ignored))
    throw new PyTypeError(`${kernel}(): argument 'ignore_index' must be int, not ${pyTypeName(ignored)}`)
  return { input, target, weight, ignored: Number(ignored), reduction: code, smoothing: Number(smoothing ?? 0) }
}

const nllDef = new Def('nll_loss', LOSS)
const entropyDef = new Def('cross_entropy', `${LOSS}, label_smoothing=0.0`)

/**
 * Minus the element of `input` (N, C) or (C) that `target` (N) or () names in each line.
 * @throws ValueError, RuntimeError on shapes and dtypes that do not fit, IndexError on a target that is no class
 */
function nll_loss(input: Tensor, target: Tensor, options?: LossOptions): Tensor
function nll_loss(input: Tensor, target: Tensor, weight: Tensor | null, options?: LossOptions): Tensor
function nll_loss(...args: unknown[]): Tensor {
  return likelihood(parseLoss(nllDef, args, 'nll_loss_nd'))
}

function likelihood({ input, target, weight, ignored, reduction }: Loss): Tensor {
  if (input.ndim === 0) throw new ValueError('Expected 1 or more dimensions (got 0)')
  if (input.ndim > 2) throw new NotImplementedError(`nll_loss of a ${input.ndim}-D input is not supported yet`)
  const named = target.ndim ? target.size(0) : 0
  if (input.ndim === 2 && input.size(0) !== named) {
    throw new ValueError(`Expected input batch_size (${input.size(0)}) to match target batch_size (${named}).`)
  }
  if (target.ndim > 1) throw new RuntimeError('0D or 1D target tensor expected, multi-target not supported')
  if (input.ndim === 1 && target.ndim === 1 && target.size(0) !== 1) {
    throw new ValueError(`For 1D input, 1D target must have size 1, but got target size: ${target.size(0)}`)
  }
  const classes = input.size(-1)
  if (weight && (weight.ndim !== 1 || weight.numel() !== classes)) {
    throw new RuntimeError(
      `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of ` +
        `shape: [${weight.shape.join(', ')}]`,
    )
  }
  if (target.dtype !== int64) {
    throw new RuntimeError(`expected target dtype to be Long or Byte, but got ${scalarTypeName(target.dtype._code)}`)
  }
  if (!input.is_floating_point()) {
    throw new NotImplementedError(`"nll_loss_out_frame" not implemented for '${scalarTypeName(input.dtype._code)}'`)
  }
  if (weight && weight.dtype !== input.dtype) {
    throw new RuntimeError(
      `expected scalar type ${scalarTypeName(input.dtype._code)} but found ${scalarTypeName(weight.dtype._code)}`,
    )
  }
  putArgs(0, reduction, ignored)
  return result(core.call(Op.NllLoss, address(input), address(target), weight ? address(weight) : 0))
}

/**
 * nll_loss of the log_softmax of `input`, scores (N, C) or (C), at the classes that `target` names.
 * @throws as nll_loss
 */
function cross_entropy(input: Tensor, target: Tensor, options?: EntropyOptions): Tensor
function cross_entropy(input: Tensor, target: Tensor, weight: Tensor | null, options?: EntropyOptions): Tensor
function cross_entropy(...args: unknown[]): Tensor {
  const loss = parseLoss(entropyDef, args, 'cross_entropy_loss')
  const { input, target, smoothing } = loss
  if (!(smoothing >= 0 && smoothing <= 1)) {
    throw new RuntimeError(`label_smoothing must be between 0.0 and 1.0. Got: ${smoothing}`)
  }
  if (input.ndim === 0) {
    throw new IndexError('Dimension out of range (expected to be in range of [-1, 0], but got 1)')
  }
  if (smoothing || (target.is_floating_point() && String(target.shape) === String(input.shape))) {
    throw new NotImplementedError('cross_entropy with label_smoothing or class probabilities is not supported yet')
  }
  return likelihood({ ...loss, input: softmaxOf('log_softmax', input, input.ndim === 1 ? 0 : 1, null) })
}

/** `torch.nn.functional`. */
export const nnFunctional = {
  linear,
  softmax: functional('softmax'),
  log_softmax: functional('log_softmax'),
  nll_loss,
  cross_entropy,
}
