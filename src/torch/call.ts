// From a JavaScript call to the core and back: the one path that every op of the table takes.
import { Scalar as Kind, type Op, Op as Ops } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { NotImplementedError } from '../core/errors'
import { address } from '../core/handles'
import { putArgs, putList } from '../core/memory'
import { core } from '../core/wasm'
import type { DType } from './dtype'
import { type ArgWriter, type OpRow, opRow } from './ops'
import { Signature } from './signature'
import { functionSpec } from './signature-spec'
import { result, type Scalar, Tensor } from './tensor'

const writer: ArgWriter = { numbers: putArgs, list: putList }

/** A tensor's address, or that of a wrapped number that lives until the next op. */
export function operand(value: Tensor | Scalar): number {
  if (value instanceof Tensor) return address(value)
  if (typeof value === 'boolean') return checked(core.scalar(value ? 1 : 0, Kind.bool))
  const number = Number(value)
  const isInt = typeof value === 'bigint' || (Number.isInteger(number) && Math.abs(number) < 2 ** 63)
  return checked(core.scalar(number, isInt ? Kind.int : Kind.float))
}

/** Calls an op with its operands; parameters were written before. Operands that are no numbers are only read. */
function call(op: Op, inplace: boolean, self: Tensor, a: number, b: number, c: number): Tensor {
  if (!inplace) return result(core.call(op, a, b, c))
  checked(core.call_(op, a, b, c))
  return self
}

/** `x` in another dtype, recorded. */
export function toDType(x: Tensor, dtype: DType): Tensor {
  putArgs(0, dtype._code)
  return result(core.call(Ops.To, address(x), 0, 0))
}

/** Runs an op on `self` with the values that its signature parsed. */
function apply(
  op: Op,
  row: OpRow,
  inplace: boolean,
  self: Tensor,
  values: readonly unknown[],
  overload: number,
): Tensor {
  const dtype = row.dtype && (values[row.dtype(overload)] as DType | null)
  const x = dtype ? toDType(self, dtype) : self
  const count = row.operands ?? 0
  const a = address(x)
  const b = count > 0 ? operand(values[0] as Tensor) : 0
  const c = count > 1 ? operand(values[1] as Tensor) : 0
  row.write?.(values, writer, overload)
  return call(op, inplace, x, a, b, c)
}

type Method = (this: Tensor, ...args: unknown[]) => Tensor

/** The method of an op: `x.mul(y)`, or `x.mul_(y)`. Calls without options skip the argument parser. */
export function methodOf(op: Op, inplace: boolean): Method {
  const row = opRow(op)
  const signature = new Signature(inplace ? `${row.name}_` : row.name, row.spec)
  const operands = row.operands ?? 0
  const plain = operands === 1 ? undefined : !row.write
  return function (this: Tensor, ...args: unknown[]): Tensor {
    const self = address(this)
    if (operands === 1 && args.length === 1) {
      const other = args[0]
      if (other instanceof Tensor) {
        const b = address(other)
        if (row.write) putArgs(0, 1)
        return call(op, inplace, this, self, b, 0)
      }
      if (typeof other === 'number' && !Number.isNaN(other) && row.name !== 'copy' && !TENSOR_ONLY.has(row.name)) {
        const b = operand(other)
        if (row.write) putArgs(0, 1)
        return call(op, inplace, this, self, b, 0)
      }
    } else if (plain && operands === 0 && args.length === 0) return call(op, inplace, this, self, 0, 0)
    const { overload, values } = signature.parse(args)
    return apply(op, row, inplace, this, values, overload)
  }
}

/** Ops whose operand may not be a Python number. */
const TENSOR_ONLY = new Set(['mm', 'mv', 'dot', 'bmm', 'matmul', 'logical_and'])

/** What `torch.op(number, tensor)` means: Python's reflected operator. */
export type Reflected = (number: Scalar, x: Tensor, rest: readonly unknown[]) => Tensor

/** The `torch.` function of an op. */
export function functionOf(op: Op, inplace: boolean, reflected?: Reflected): (...args: unknown[]) => Tensor {
  const row = opRow(op)
  const name = inplace ? `${row.name}_` : row.name
  const spec = row.fn ?? functionSpec(row.spec)
  const signature = new Signature(name, spec)
  const hasOut = /!|out=None/.test(row.fn ?? row.spec)
  return (...args: unknown[]): Tensor => {
    const { overload, values } = signature.parse(args)
    if (hasOut && values.at(-1) instanceof Tensor) {
      throw new NotImplementedError(`torch.${name}(): out= is not supported; use the in-place method of the result`)
    }
    const [first, ...rest] = values
    if (row.name === 'where' || !(first instanceof Tensor)) return applyAll(op, row, values, overload, reflected)
    return apply(op, row, inplace, first, rest, overload)
  }
}

/** A function whose first parameter is no tensor, or whose operands are all parameters alike. */
function applyAll(
  op: Op,
  row: OpRow,
  values: readonly unknown[],
  overload: number,
  reflected: Reflected | undefined,
): Tensor {
  const [a, b, c] = values as [Tensor | Scalar, Tensor | Scalar, Tensor | Scalar]
  if (reflected && b instanceof Tensor) return reflected(a as Scalar, b, values.slice(2))
  const wrapped = [a, b, ...(row.name === 'where' ? [c] : [])].map(operand)
  row.write?.(values.slice(1), writer, overload)
  return result(core.call(op, wrapped[0], wrapped[1], wrapped[2] ?? 0))
}
