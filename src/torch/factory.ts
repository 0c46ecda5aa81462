// What all factories share: their keywords, and the checks before the core is asked for memory.
import { checked } from '../core/error_text'
import { scalarTypeName } from '../core/error_words'
import { NotImplementedError, OutOfMemoryError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { putSizes } from '../core/memory'
import { core } from '../core/wasm'
import { bool, type DType, float32, int64 } from './dtype'
import { refuseGrad, writeOut } from './out'
import { isInt } from './pytypes'
import { Tensor } from './tensor'

/** The keywords of every factory. */
export interface Factory {
  dtype?: DType | null
  requires_grad?: boolean
}

/** Those of a factory of a given shape: it may fill `out`, which takes that shape. */
export interface OutFactory extends Factory {
  out?: Tensor | null
}

const ONLY_FLOATS = 'Only Tensors of floating point and complex dtype can require gradients'

/** Applies `requires_grad` to a new tensor, the last of PyTorch's checks. @throws RuntimeError for an integer dtype */
export function finish(made: Tensor, requires_grad: unknown, out: Tensor | null = null): Tensor {
  const tensor = out ? writeOut(out, made, [], false) : made
  if (requires_grad && !tensor.is_floating_point()) {
    made.dispose()
    throw new RuntimeError(ONLY_FLOATS)
  }
  if (requires_grad) checked(core.set_requires_grad(address(tensor), 1))
  return tensor._remember()
}

export function checkDType(dtype: DType, requires_grad: unknown): void {
  if (requires_grad && !dtype.is_floating_point) {
    throw new RuntimeError(ONLY_FLOATS)
  }
}

/** @throws NotImplementedError for any device but the CPU */
export function checkDevice(device: unknown): void {
  if (device !== null && device !== 'cpu') {
    throw new NotImplementedError(`device ${String(device)} is not supported: tensors are on the CPU`)
  }
}

const listing = (shape: readonly (number | bigint)[]): string => `[${shape.map(BigInt).join(', ')}]`

/** Refuses shapes that no memory holds, before the core rounds their sizes to 32 bits. */
export function putShape(shape: readonly (number | bigint)[], dtype: DType, name: string): void {
  const negative = shape.find((n) => n < 0)
  if (negative !== undefined) {
    throw new RuntimeError(
      name === 'zeros'
        ? 'zeros: Dimension size must be non-negative.'
        : `Trying to create tensor with negative dimension ${BigInt(negative)}: ${listing(shape)}`,
    )
  }
  const bytes = shape.map(Number).reduce((a, b) => a * b, dtype.itemsize)
  if (bytes >= 2 ** 63) throw new RuntimeError(`Storage size calculation overflowed with sizes=${listing(shape)}`)
  if (bytes > 2 ** 32) {
    throw new OutOfMemoryError(
      `DefaultCPUAllocator: can't allocate memory: you tried to allocate ${BigInt(bytes)} bytes. ` +
        'A tensor of this library is limited by the 4 GiB of WebAssembly memory.',
    )
  }
  putSizes(0, shape.map(Number))
}

/** What a factory makes: see `factory`. */
interface Plan {
  dtype: DType
  requires_grad: unknown
  out: Tensor | null
}

/** The factory keywords `$`, which end the signatures; `out` stands before them, and its dtype is the natural one then. */
export function factory(values: readonly unknown[], natural: DType, name = ''): Plan {
  const [given, chosen, , device] = values.slice(-6)
  checkDevice(device)
  const out = given instanceof Tensor ? given : null
  const dtype = (chosen as DType | null) ?? out?.dtype ?? natural
  if (out) {
    if (dtype !== out.dtype) {
      const [asked, has] = [dtype, out.dtype].map((one) => scalarTypeName(one._code))
      throw new RuntimeError(`dtype ${asked} does not match dtype of out parameter (${has})`)
    }
    refuseGrad(`aten::${name}`, [out])
  }
  return { dtype, requires_grad: values.at(-1), out }
}

export const naturalDType = (...values: unknown[]): DType =>
  values.every((v) => typeof v === 'boolean')
    ? bool
    : values.every((v) => typeof v === 'boolean' || isInt(v))
      ? int64
      : float32

/** The arguments of a factory; an option object that was not given may stand there as undefined. */
export const given = (args: unknown[]): unknown[] => (args.at(-1) === undefined ? args.slice(0, -1) : args)
