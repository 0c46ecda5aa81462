// A tensor after the model of another: `to`, `type`, and the factories that are methods.
import type { DType as Code } from '../../assembly/abi'
import { scalarTypeName } from '../core/error_words'
import { PyTypeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { core } from '../core/wasm'
import { toDType } from './call'
import { exactly, type TensorData, tensor } from './data'
import { checkFits, DType, dtypeOf } from './dtype'
import { checkDevice, type Factory, factory, finish, given, putShape } from './factory'
import { defineAll } from './methods'
import { Signature } from './signature'
import { result, type Scalar, Tensor } from './tensor'

type Copy = { copy?: boolean }
export interface ConversionMethods {
  /** The tensor in another dtype, or in that of another tensor; itself if it has it, unless a copy is asked for. */
  to(like: DType | Tensor, options?: Copy): Tensor
  to(device: 'cpu', dtype?: DType | null, options?: Copy): Tensor
  to(options: { dtype?: DType | null } & Copy): Tensor
  /** The name of the dtype's class, 'torch.FloatTensor'. */
  type(): string
  /** The tensor in the dtype of such a name. @throws ValueError for any other */
  type(dtype: DType | string): Tensor
  type_as(other: Tensor): Tensor
  /** A tensor of self's dtype. @throws RuntimeError for a negative size */
  new_zeros(size: readonly number[] | number, ...rest: (number | Factory)[]): Tensor
  new_ones(size: readonly number[] | number, ...rest: (number | Factory)[]): Tensor
  new_empty(size: readonly number[] | number, ...rest: (number | Factory)[]): Tensor
  new_full(size: readonly number[], fill_value: Scalar, options?: Factory): Tensor
  new_tensor(data: TensorData, options?: Factory): Tensor
}

const HOW = 'bool non_blocking=False, bool copy=False, *, memory_format memory_format=None'
const signatures = {
  to: new Signature('to', `device device=None, dtype dtype=None, ${HOW} | dtype dtype, ${HOW} | Tensor tensor, ${HOW}`),
  type: new Signature('type', 'object dtype=None, bool non_blocking=False'),
  type_as: new Signature('type_as', 'Tensor other'),
  new_tensor: new Signature(
    'new_tensor',
    'object data, *, dtype dtype=None, device device=None, bool requires_grad=False',
  ),
}

const typeName = (dtype: DType): string => `torch.${scalarTypeName(dtype._code)}Tensor`

/** The arguments of a method; a disposed receiver throws before them. */
function parsed(self: Tensor, signature: Signature, args: unknown[]) {
  address(self)
  return signature.parse(given(args))
}

/** A factory of `self`'s dtype; `value` is what it is filled with, where that is not an argument. */
function maker(name: string, value?: number) {
  const signature = new Signature(name, `int[] size, ${value === undefined ? 'Number fill_value, ' : ''}*, $`)
  return function (this: Tensor, ...args: unknown[]) {
    const { values } = parsed(this, signature, args)
    const { dtype, requires_grad } = factory(values, this.dtype)
    const fill = value ?? (values[1] as Scalar)
    checkFits(fill, dtype)
    putShape(values[0] as (number | bigint)[], dtype, name)
    return finish(exactly(result(core.new_full(dtype._code, Number(fill))), fill), requires_grad)
  }
}

defineAll({
  to(this: Tensor, ...args: unknown[]) {
    const { overload, values } = parsed(this, signatures.to, args)
    if (overload === 0) checkDevice(values.shift())
    const [like, , copy] = values as [DType | Tensor | null, boolean, boolean]
    return toDType(this, (like instanceof Tensor ? like.dtype : like) ?? this.dtype, copy)
  },
  type(this: Tensor, ...args: unknown[]) {
    const [like] = parsed(this, signatures.type, args).values
    if (like === null) return typeName(this.dtype)
    if (like instanceof DType) return toDType(this, like)
    if (typeof like !== 'string') throw new PyTypeError('dtype must be a type, str, or dtype object')
    const dtype = [0, 1, 2, 3, 4].map((code) => dtypeOf(code as Code)).find((one) => typeName(one) === like)
    if (!dtype) throw new ValueError(`invalid type: '${like}'`)
    return toDType(this, dtype)
  },
  type_as(this: Tensor, ...args: unknown[]) {
    return toDType(this, (parsed(this, signatures.type_as, args).values[0] as Tensor).dtype)
  },
  new_zeros: maker('new_zeros', 0),
  new_ones: maker('new_ones', 1),
  new_empty: maker('new_empty', 0),
  new_full: maker('new_full'),
  new_tensor(this: Tensor, ...args: unknown[]) {
    const [data, dtype, device, requires_grad] = parsed(this, signatures.new_tensor, args).values
    checkDevice(device)
    return tensor(data as TensorData, {
      dtype: (dtype as DType | null) ?? this.dtype,
      requires_grad: requires_grad as boolean,
    })
  },
})
