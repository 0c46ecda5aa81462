// Tensors out of nothing: every factory but `torch.tensor`, which data.ts has.
import { NotImplementedError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { putArgs } from '../core/memory'
import { warn } from '../core/warnings'
import { core } from '../core/wasm'
import { exactly, int64Elements, isUnsafe } from './data'
import { bool, checkFits, float32, int64 } from './dtype'
import { type Factory, factory, finish, given, naturalDType, type OutFactory, putShape } from './factory'
import { isInt } from './pytypes'
import { Signature } from './signature'
import { result, type Scalar, type Tensor } from './tensor'

export { type TensorData, tensor } from './data'
export type { Factory, OutFactory } from './factory'

const specs = {
  zeros: new Signature('zeros', 'int[] size, *, Tensor out=None, $'),
  ones: new Signature('ones', 'int[] size, *, Tensor out=None, $'),
  empty: new Signature('empty', 'int[] size, *, Tensor out=None, $'),
  full: new Signature('full', 'int[] size, Number fill_value, *, Tensor out=None, $'),
  arange: new Signature(
    'arange',
    'Number end, *, Tensor out=None, $ | Number start, Number end, *, $ | Number start, Number end, Number step=1, *, Tensor out=None, $',
  ),
  linspace: new Signature(
    'linspace',
    '- Tensor start, Tensor end, int steps, *, Tensor out=None, $ | ' +
      '- Number start, Tensor end, int steps, *, Tensor out=None, $ | ' +
      '- Tensor start, Number end, int steps, *, Tensor out=None, $ | ' +
      'Number start, Number end, int steps, *, Tensor out=None, $',
  ),
  eye: new Signature('eye', 'symint n, *, Tensor out=None, $ | symint n, symint m, *, Tensor out=None, $'),
  zeros_like: new Signature('zeros_like', 'Tensor input, *, memory_format memory_format=None, $'),
  ones_like: new Signature('ones_like', 'Tensor input, *, memory_format memory_format=None, $'),
  empty_like: new Signature('empty_like', 'Tensor input, *, memory_format memory_format=None, $'),
  full_like: new Signature('full_like', 'Tensor input, Number fill_value, *, memory_format memory_format=None, $'),
}

function filled(name: 'zeros' | 'ones', value: number, args: unknown[]): Tensor {
  const { values } = specs[name].parse(given(args))
  const { dtype, requires_grad, out } = factory(values, float32, name)
  putShape(values[0] as (number | bigint)[], dtype, name)
  return finish(result(core.new_full(dtype._code, value)), requires_grad, out)
}

/** A tensor of zeros: `torch.zeros([2, 3])` or `torch.zeros(2, 3)`. @throws RuntimeError for a negative size */
export function zeros(size: readonly number[] | number, ...rest: (number | OutFactory)[]): Tensor
export function zeros(...args: unknown[]): Tensor {
  return filled('zeros', 0, args)
}

export function ones(size: readonly number[] | number, ...rest: (number | OutFactory)[]): Tensor
export function ones(...args: unknown[]): Tensor {
  return filled('ones', 1, args)
}

/** An uninitialised tensor. */
export function empty(size: readonly number[] | number, ...rest: (number | OutFactory)[]): Tensor
export function empty(...args: unknown[]): Tensor {
  const { values } = specs.empty.parse(given(args))
  const { dtype, requires_grad, out } = factory(values, float32, 'empty')
  putShape(values[0] as (number | bigint)[], dtype, 'empty')
  return finish(result(core.new_empty(dtype._code)), requires_grad, out)
}

/** A tensor filled with one value; its dtype is the value's unless given. @throws RuntimeError for a value out of range */
export function full(size: readonly number[], fill_value: Scalar, options?: OutFactory): Tensor
export function full(...args: unknown[]): Tensor {
  const { values } = specs.full.parse(given(args))
  const [size, value] = values as [(number | bigint)[], Scalar]
  const { dtype, requires_grad, out } = factory(values, naturalDType(value), 'full')
  checkFits(value, dtype)
  putShape(size, dtype, 'full')
  return finish(exactly(result(core.new_full(dtype._code, Number(value))), value), requires_grad, out)
}

function like(name: 'zeros_like' | 'ones_like' | 'full_like' | 'empty_like', args: unknown[], value: number): Tensor {
  const { values } = specs[name].parse(given(args))
  const input = values[0] as Tensor
  const { dtype, requires_grad } = factory(values, input.dtype)
  const fill = name === 'full_like' ? (values[1] as Scalar) : value
  checkFits(fill, dtype)
  return finish(exactly(result(core.new_like(address(input), dtype._code, Number(fill))), fill), requires_grad)
}

/** Zeros of a tensor's shape, dtype and layout. */
export function zeros_like(input: Tensor, options?: Factory): Tensor
export function zeros_like(...args: unknown[]): Tensor {
  return like('zeros_like', args, 0)
}

export function ones_like(input: Tensor, options?: Factory): Tensor
export function ones_like(...args: unknown[]): Tensor {
  return like('ones_like', args, 1)
}

export function empty_like(input: Tensor, options?: Factory): Tensor
export function empty_like(...args: unknown[]): Tensor {
  return like('empty_like', args, 0)
}

export function full_like(input: Tensor, fill_value: Scalar, options?: Factory): Tensor
export function full_like(...args: unknown[]): Tensor {
  return like('full_like', args, 0)
}

/** Numbers from `start` (0) to below `end`, `step` (1) apart. @throws RuntimeError for a step of 0 or the wrong sign */
export function arange(...args: (Scalar | OutFactory)[]): Tensor {
  const { overload, values } = specs.arange.parse(given(args))
  const bounds = values.slice(0, overload + 1) as Scalar[]
  const { dtype, requires_grad, out } = factory(values, naturalDType(...bounds), 'arange')
  if (dtype === bool) throw new NotImplementedError('"arange_cpu" not implemented for \'Bool\'')
  const [start, end, step] = overload === 0 ? [0, Number(bounds[0]), 1] : [...bounds.map(Number), 1]
  if (step === 0 || Number.isNaN(step)) throw new RuntimeError('step must be nonzero')
  if (!Number.isFinite(start) || !Number.isFinite(end)) {
    throw new RuntimeError(`unsupported range: ${cpp(start)} -> ${cpp(end)}`)
  }
  if (step > 0 ? end < start : end > start)
    throw new RuntimeError('upper bound and lower bound inconsistent with step sign')
  const count = countOf(bounds, start, end, step)
  if (!(count >= 0 && count < 2 ** 63)) throw new RuntimeError('invalid size, possible overflow?')
  putShape([count], dtype, 'arange')
  putArgs(0, start, step, count)
  const made = result(core.new_arange(dtype._code))
  if (dtype === int64 && bounds.some(isUnsafe) && bounds.every(isInt)) {
    const [from, by] = overload === 0 ? [0n, 1n] : [BigInt(bounds[0]), BigInt(bounds[2] ?? 1)]
    int64Elements(made).forEach((_, i, all) => {
      all[i] = from + by * BigInt(i)
    })
  }
  if (out?.numel() && out.numel() !== count) {
    warn(
      'UserWarning',
      `The number of elements in the out tensor of shape [${out.shape.join(', ')}] is ${out.numel()} which does not match ` +
        `the computed number of elements ${count}. Note that this may occur as a result of rounding error. The out tensor ` +
        `will be resized to a tensor of shape (${count},).`,
    )
  }
  return finish(made, requires_grad, out)
}

/** How many numbers there are, in integers where doubles would be too coarse. */
function countOf(bounds: readonly Scalar[], start: number, end: number, step: number): number {
  if (!bounds.some(isUnsafe) || !bounds.every(isInt)) return Math.ceil((end - start) / step)
  const [from, to] = bounds.length === 1 ? [0n, BigInt(bounds[0])] : bounds.slice(0, 2).map(BigInt)
  const by = BigInt(bounds[2] ?? 1)
  return Number((to - from + by + (by > 0n ? -1n : 1n)) / by)
}

function cpp(value: number): string {
  return Number.isNaN(value) ? 'nan' : String(value).replace('Infinity', 'inf')
}

/** `steps` evenly spaced numbers from `start` to `end`, both included. */
export function linspace(start: number, end: number, steps: number, options?: OutFactory): Tensor
export function linspace(...args: unknown[]): Tensor {
  const { values } = specs.linspace.parse(given(args))
  const { dtype, requires_grad, out } = factory(values, float32, 'linspace')
  const [from, to, count] = values.slice(0, 3).map(Number)
  if (count < 0) throw new RuntimeError('number of steps must be non-negative')
  if (dtype === bool) throw new NotImplementedError('"linspace_cpu" not implemented for \'Bool\'')
  putShape([count], dtype, 'linspace')
  putArgs(0, from, to, count)
  return finish(result(core.new_linspace(dtype._code)), requires_grad, out)
}

/** The identity matrix, `n` x `m` (`n`). */
export function eye(n: number, ...rest: (number | OutFactory)[]): Tensor
export function eye(...args: unknown[]): Tensor {
  const { overload, values } = specs.eye.parse(given(args))
  const { dtype, requires_grad, out } = factory(values, float32, 'eye')
  const rows = Number(values[0])
  const columns = overload ? Number(values[1]) : rows
  if (rows < 0) throw new RuntimeError(`n must be greater or equal to 0, got ${rows}`)
  if (columns < 0) throw new RuntimeError(`m must be greater or equal to 0, got ${columns}`)
  putShape([rows, columns], dtype, 'eye')
  putArgs(0, rows, columns)
  return finish(result(core.new_eye(dtype._code)), requires_grad, out)
}
