// `out=`: functions that write their result into a tensor which is there already. Autograd has no part in it.
import { DType, Op } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { scalarTypeName } from '../core/error_words'
import { PyTypeError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { warn } from '../core/warnings'
import { core } from '../core/wasm'
import { is_grad_enabled } from './grad_mode'
import { opRow } from './ops'
import { CPP, Tensor } from './tensor'

/** @throws RuntimeError if autograd would have to see the write */
export function refuseGrad(name: string, tensors: readonly unknown[]): void {
  if (!is_grad_enabled() || !tensors.some((t) => t instanceof Tensor && t.requires_grad)) return
  throw new RuntimeError(
    `${name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.`,
  )
}

/** Ops whose `out` must have the dtype of the result; the others cast. */
export function checkOutDType(op: Op, out: Tensor, made: Tensor, inputs: readonly unknown[]): void {
  if (out.dtype !== made.dtype) refuseDType(op, out, made, inputs)
}

function refuseDType(op: Op, out: Tensor, made: Tensor, inputs: readonly unknown[]): void {
  const [to, from] = [out, made].map((t) => scalarTypeName(t.dtype._code))
  switch (op) {
    case Op.Matmul: {
      const [a, b] = (inputs as Tensor[]).map((t) => t.ndim)
      refuseDType(b > 1 ? Op.Mm : a > 1 ? Op.Mv : Op.Dot, out, made, inputs)
      return
    }
    case Op.Mv:
      throw new RuntimeError(`addmv input tensors must have the same dtype, but got ${to}, ${from}, and ${from}`)
    case Op.Dot:
      throw new RuntimeError(`result dtype ${to} does not match input dtype ${from}`)
    case Op.Where:
      throw new RuntimeError(`Expected out type to be ${from} but got ${to}`)
    case Op.IndexSelect:
    case Op.MaskedSelect:
      throw new RuntimeError(`${opRow(op).name}(): self and result must have the same scalar type`)
    case Op.Take:
      throw new RuntimeError(
        `take(): self and out expected to have the same dtype, but got self.dtype = ${from} and out.dtype = ${to}`,
      )
    case Op.Nonzero:
      throw new RuntimeError(`nonzero: Expected out tensor to have scalar type Long but got scalar type${to}`)
    case Op.Cat:
    case Op.Stack:
      if (out.dtype._code >= DType.float32 || made.dtype._code < DType.float32) return
      throw new PyTypeError(`torch.cat(): input types can't be cast to the desired output type ${to}`)
    case Op.Mm:
    case Op.Bmm:
    case Op.Gather:
    case Op.IndexAdd:
    case Op.IndexCopy:
    case Op.IndexReduce:
    case Op.Scatter:
    case Op.ScatterAdd:
    case Op.ScatterReduce:
      throw new RuntimeError(
        `Expected out tensor to have dtype ${CPP[made.dtype._code]}, but got ${CPP[out.dtype._code]} instead`,
      )
  }
}

const list = (shape: readonly number[]): string => `[${shape.join(', ')}]`

/**
 * Writes `made` into `out`, which is returned: cast to its dtype, and in its layout unless it has another shape, which
 * it then takes. @throws RuntimeError for a dtype that cannot be cast, for memory that overlaps itself or an input's
 */
export function writeOut(out: Tensor, made: Tensor, inputs: readonly unknown[], warns: boolean): Tensor {
  const at = address(out)
  for (const input of [null, ...inputs]) {
    if (input === null || input instanceof Tensor) {
      checked(core.may_write_out(at, address(made), input ? address(input) : 0))
    }
  }
  if (warns && out.numel() && list(out.shape) !== list(made.shape)) {
    warn(
      'UserWarning',
      `An output with one or more elements was resized since it had shape ${list(out.shape)}, which does not match the ` +
        `required output shape ${list(made.shape)}. This behavior is deprecated, and in a future PyTorch release outputs ` +
        'will not be resized unless they have zero elements. You can explicitly reuse an out tensor t by resizing it, ' +
        'inplace, to zero elements with t.resize_(0).',
    )
  }
  checked(core.write_out(at, address(made)))
  made.dispose()
  return out
}
