// From a JavaScript call to the core and back: the one path that every op of the table takes.
import { Scalar as Kind, Op } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { scalarTypeName } from '../core/error_words'
import { RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { putBuffer, takeList } from '../core/lists'
import { putArgs, putList, putSizes } from '../core/memory'
import { warn, warnOnce } from '../core/warnings'
import { core } from '../core/wasm'
import { checkFits, DType } from './dtype'
import { no_grad } from './grad_mode'
import type { ArgWriter, OpRow } from './op_rows'
import { opRow } from './ops'
import { checkOutDType, refuseGrad, writeOut } from './out'
import { isInt } from './pytypes'
import { Signature } from './signature'
import { functionSpec } from './signature-spec'
import { result, type Scalar, Tensor, tensorFrom } from './tensor'
import { tuple } from './tuple'

const writer: ArgWriter = {
  numbers: putArgs,
  list: putList,
  sizes: putSizes,
  buffer: (at, values) => putArgs(at, values.length, putBuffer(values)),
  word: (at, value, words, refusal) => {
    const place = words.indexOf(value as string)
    if (place < 0) throw new RuntimeError(refusal)
    putArgs(at, place)
    return place
  },
  tensors: (at, values) =>
    putList(
      at,
      values.map((value) => (value ? address(value as Tensor) : 0)),
    ),
}

/** What an op returns: one tensor, or several where its row has `outputs`. */
export type Result = Tensor | Tensor[]

/** A tensor's address, or that of a wrapped number, which lives until the next op. */
function operand(value: Tensor | Scalar): number {
  if (value instanceof Tensor) return address(value)
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return checked(core.scalar_int(value))
  const kind = typeof value === 'boolean' ? Kind.bool : isInt(value) ? Kind.int : Kind.float
  return checked(core.scalar(Number(value), kind))
}

/** Calls an op on addresses; its parameters were written before. In place the receiver itself is the result. */
function call(op: Op, inplace: boolean, self: Tensor, a: number, b: number, c: number): Tensor {
  if (!inplace) return result(core.call(op, a, b, c))
  checked(core.call_(op, a, b, c))
  return self
}

/** Calls an op with several outputs: a tuple, whose elements also go by their names if they have any. */
function callAll(op: Op, names: readonly string[], a: number, b: number, c: number): Tensor[] {
  const outputs = tuple(takeList(checked(core.call_all(op, a, b, c))).map(tensorFrom))
  for (const [i, name] of names.entries()) Object.defineProperty(outputs, name, { value: outputs[i] })
  return outputs
}

/** Calls an op of a list of tensors; its parameters were written before. */
function callList(op: Op, tensors: readonly Tensor[]): Tensor {
  const list = putBuffer(tensors.map(address))
  const out = core.call_list(op, list, tensors.length)
  core.list_free(list, tensors.length * 4)
  return result(out)
}

/** `x` in another dtype, recorded; `x` itself if it has it and no copy is asked for. */
export function toDType(x: Tensor, dtype: DType, copy = false): Tensor {
  putArgs(0, dtype._code, copy ? 1 : 0)
  return result(core.call(Op.To, address(x), 0, 0))
}

/** Runs an op on `self` (a number only where the core may compute with one) and the values that a signature parsed. */
function apply(
  op: Op,
  row: OpRow,
  inplace: boolean,
  self: Tensor | Scalar,
  values: readonly unknown[],
  overload: number,
  order?: readonly number[],
): Result {
  const from = row.before ?? 0
  const given = [self, ...values.slice(from, from + (row.operands ?? 0))] as (Tensor | Scalar)[]
  // A disposed tensor throws before any number is wrapped: nothing would free that one.
  for (const value of given) if (value instanceof Tensor) address(value)
  const run = row.as?.(values, overload, writer) ?? op
  if (row.floats) checkFloats(row.name, values)
  const last = given[given.length - 1]
  if (row.fits && !(last instanceof Tensor)) checkFits(last, (self as Tensor).dtype)
  const [a, b, c] = (order ? order.map((i) => given[i]) : given).map(operand)
  row.write?.(values, writer, overload)
  if (row.outputs) return callAll(op, row.outputs, a, b ?? 0, c ?? 0)
  const out = call(run, inplace, self as Tensor, a, b ?? 0, c ?? 0)
  if (row.warning) warnOnce('UserWarning', row.warning)
  if (inplace && row.expanded) warnExpanded(out, row)
  return out
}

/** `x[indices]`, a tensor or null for each leading dimension. */
export function indexed(x: Tensor, indices: readonly (Tensor | null)[]): Tensor {
  writer.tensors(0, indices)
  return result(core.call(Op.Index, address(x), 0, 0))
}

/** `x[indices] = values`. */
export function putIndexed(x: Tensor, indices: readonly (Tensor | null)[], values: Tensor): void {
  putArgs(0, 0)
  writer.tensors(1, indices)
  warnExpanded(call(Op.IndexPut, true, x, address(x), address(values), 0), opRow(Op.IndexPut))
}

/** PyTorch allows these writes to several elements at one place, with a warning. */
function warnExpanded(x: Tensor, { name, expanded }: OpRow): void {
  const strides = x._dims(1)
  if (!x._dims(0).some((size, d) => size > 1 && strides[d] === 0)) return
  warn(
    'UserWarning',
    `Use of ${name}_ on expanded tensors is deprecated. Please clone() the tensor before performing this operation. ` +
      `This also applies to advanced indexing e.g. ${expanded}`,
  )
}

function checkFloats(name: string, values: readonly unknown[]): void {
  const dtype = values.find((value) => value instanceof DType)
  if (!dtype || dtype.is_floating_point) return
  throw new RuntimeError(
    `${name}(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. Got: ` +
      scalarTypeName(dtype._code),
  )
}

type Method<R extends Result> = (this: Tensor, ...args: unknown[]) => R

/** The method of an op: `x.mul(y)`, or `x.mul_(y)`. Calls without options skip the argument parser. */
export function methodOf<R extends Result = Tensor>(op: Op, inplace = false): Method<R> {
  const row = opRow(op)
  const signature = new Signature(inplace ? `${row.name}_` : row.name, row.spec)
  const parsed = function (this: Tensor, ...args: unknown[]): R {
    address(this)
    const { overload, values } = signature.parse(args)
    return apply(op, row, inplace, this, values, overload, row.order) as R
  }
  if (row.outputs) return parsed
  if (row.operands === 1 && !row.before) return binaryMethod(op, inplace, row, parsed)
  if (row.operands || row.write) return parsed
  return function (this: Tensor, ...args: unknown[]): R {
    return args.length === 0 ? (call(op, inplace, this, address(this), 0, 0) as R) : parsed.apply(this, args)
  }
}

/** One operand and no options: a tensor, or a number where the row takes one. */
function binaryMethod<R extends Result>(op: Op, inplace: boolean, row: OpRow, parsed: Method<R>): Method<R> {
  const scaled = row.write !== undefined
  const numbers = row.numbers === true
  return function (this: Tensor, ...args: unknown[]): R {
    const other = args[0]
    if (args.length !== 1 || !(other instanceof Tensor || (numbers && typeof other === 'number'))) {
      return parsed.apply(this, args)
    }
    const self = address(this)
    const b = operand(other)
    if (scaled) putArgs(0, 1)
    return call(op, inplace, this, self, b, 0) as R
  }
}

/** What `torch.op(number, tensor)` means: Python's reflected operator. */
export type Reflected = (number: Scalar, x: Tensor, rest: readonly unknown[]) => Tensor

/** The `torch.` function of an op. */
export function functionOf<R extends Result = Tensor>(
  op: Op,
  reflected?: Reflected,
  name = opRow(op).name,
): (...args: unknown[]) => R {
  const row = opRow(op)
  const signature = new Signature(name, row.fn ?? functionSpec(row.spec))
  const hasOut = /!|out=None/.test(row.fn ?? row.spec)
  const compute = (values: unknown[], overload: number): R => {
    const [first, ...rest] = values as [Tensor | Scalar, ...unknown[]]
    if (row.list) {
      row.write?.(rest, writer, overload)
      return callList(op, values[0] as Tensor[]) as R
    }
    if (reflected && !overload && !(first instanceof Tensor) && rest[0] instanceof Tensor)
      return reflected(first, rest[0], rest.slice(1)) as R
    return apply(op, row, false, first, rest, overload) as R
  }
  const operands = (row.before ?? 0) + (row.operands ?? 0) + 1
  return (...args: unknown[]): R => {
    const { overload, values } = signature.parse(args)
    const out = values.at(-1)
    if (!hasOut || !(out instanceof Tensor) || values.length <= operands) return compute(values, overload)
    const inputs = values.slice(0, -1).flat()
    // A sum is computed in the dtype of `out`.
    if (op === Op.Sum) values[3] ??= out.dtype
    if (op < Op.Eq || op > Op.LogicalAnd) refuseGrad(name, [...inputs, out])
    const made = no_grad(() => compute(values, overload)) as Tensor
    checkOutDType(op, out, made, inputs)
    return writeOut(out, made, inputs, true) as R
  }
}
