// NumPy's dtypes: which wins, what may be cast to what. The object of a dtype is its scalar type too: `np.float64(3.5)`.
import { DType as Code } from '../../assembly/abi'
import { NotImplementedError, PyTypeError } from '../core/errors'
import { DType as TorchDType, dtypeOf as torchDType } from '../torch/dtype'
import { isInt, pyTypeName } from '../torch/pytypes'
import type { Scalar } from '../torch/tensor'
import type { NpScalar } from './scalar'

/** An element type, such as `np.float64`; compare with `===`. Called, it makes a scalar of its type. */
export interface NpDType {
  (value?: Scalar | NpScalar): NpScalar
  readonly name: string
  readonly itemsize: number
  /** 'b', 'i' or 'f'. */
  readonly kind: string
  readonly char: string
  readonly str: string
  /** @internal */
  readonly _code: Code
  __repr__(): string
}

/** What is accepted for a dtype: the dtype, its name or character, or torch's dtype of that name. */
export type DTypeLike = NpDType | string

const prototype = Object.create(Function.prototype, {
  toString: {
    value(this: NpDType) {
      return this.name
    },
  },
  __repr__: {
    value(this: NpDType) {
      return `dtype('${this.name}')`
    },
  },
})

let makeScalar: (value: Scalar | NpScalar, dtype: NpDType) => NpScalar

/** Who makes scalars: scalar.ts, which knows this file. */
export function setScalarMaker(make: typeof makeScalar): void {
  makeScalar = make
}

function define(code: Code, name: string, kind: string, char: string): NpDType {
  const dtype = (value: Scalar | NpScalar = 0): NpScalar => makeScalar(value, dtype as NpDType)
  Object.setPrototypeOf(dtype, prototype)
  const { itemsize } = torchDType(code)
  const fields = { _code: code, name, kind, char, itemsize, str: `${itemsize > 1 ? '<' : '|'}${kind}${itemsize}` }
  for (const [key, value] of Object.entries(fields)) Object.defineProperty(dtype, key, { value, enumerable: true })
  return dtype as NpDType
}

export const bool_ = define(Code.bool, 'bool', 'b', '?')
export const int32 = define(Code.int32, 'int32', 'i', 'i')
export const int64 = define(Code.int64, 'int64', 'i', 'l')
export const float32 = define(Code.float32, 'float32', 'f', 'f')
export const float64 = define(Code.float64, 'float64', 'f', 'd')

const BY_CODE = [bool_, int32, int64, float32, float64]

const NAMES: Record<string, NpDType> = {
  int: int64,
  float: float64,
  bool_,
  intc: int32,
  double: float64,
  single: float32,
  long: int64,
  q: int64,
}
for (const dtype of BY_CODE)
  for (const name of [dtype.name, dtype.char, dtype.str, dtype.str.slice(1)]) NAMES[name] = dtype

/** What NumPy has and this library has not. */
const MISSING =
  /^(u?int(8|16)|uint(32|64)|float16|longdouble|complex(64|128)|object|str|bytes|datetime64|timedelta64|[<>|=]?[iufc](1|2|4|8|16)|[efgFDGOSUV])$/

export const dtypeOfCode = (code: Code): NpDType => BY_CODE[code]

export const isDType = (value: unknown): value is NpDType =>
  typeof value === 'function' && Object.getPrototypeOf(value) === prototype

/** `np.dtype(like)`. @throws TypeError for what names no dtype, NotImplementedError for one that is not there */
export function asDType(like: unknown): NpDType {
  if (isDType(like)) return like
  if (like === undefined || like === null) return float64
  if (typeof like === 'string') {
    if (Object.hasOwn(NAMES, like)) return NAMES[like]
    if (MISSING.test(like)) throw missing(like)
    throw new PyTypeError(`data type '${like}' not understood`)
  }
  if (like === Number) return float64
  if (like === BigInt) return int64
  if (like === Boolean) return bool_
  throw new PyTypeError(`Cannot interpret '${like instanceof TorchDType ? like : pyTypeName(like)}' as a data type`)
}

/** The error for what would need a dtype that is not there. */
export const missing = (name: string): NotImplementedError =>
  new NotImplementedError(`arrays of dtype ${name} are not supported: only bool, int32, int64, float32 and float64`)

/** 0: truth values, 1: integers, 2: floats. */
export const category = (dtype: NpDType): number => (dtype === bool_ ? 0 : dtype._code < Code.float32 ? 1 : 2)

/** np.promote_types: no integer of 32 bits or more fits in a float32. */
export function promote(a: NpDType, b: NpDType): NpDType {
  const [low, high] = a._code < b._code ? [a, b] : [b, a]
  return high === float32 && category(low) === 1 ? float64 : high
}

/** The kind of a Python number: what of its dtype counts in promotion. */
export const kindOf = (value: Scalar): number => (typeof value === 'boolean' ? 0 : isInt(value) ? 1 : 2)

/** The default dtype of a kind. */
export const defaultOf = (kind: number): NpDType => [bool_, int64, float64][kind]

/** A dtype beside a Python number (NEP 50): the number asks for its kind only. */
export const withWeak = (dtype: NpDType | null, kind: number): NpDType =>
  dtype && category(dtype) >= kind ? dtype : defaultOf(kind)

export const CASTINGS = ['no', 'equiv', 'safe', 'same_kind', 'unsafe'] as const
export type Casting = (typeof CASTINGS)[number]

export function checkCasting(casting: unknown): Casting {
  if (casting === undefined || casting === null) return 'same_kind'
  if (CASTINGS.includes(casting as Casting)) return casting as Casting
  throw new PyTypeError(
    `casting must be one of 'no', 'equiv', 'safe', 'same_kind', or 'unsafe', not ${pyTypeName(casting)}`,
  )
}

/** np.can_cast. */
export function canCast(from: NpDType, to: NpDType, casting: Casting = 'safe'): boolean {
  if (from === to || casting === 'unsafe') return true
  if (casting === 'no' || casting === 'equiv') return false
  if (casting === 'same_kind') return category(from) <= category(to)
  // NumPy counts int64 to float64 as safe.
  return promote(from, to) === to
}
