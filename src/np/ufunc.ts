// NumPy's ufuncs: which dtype an operation computes in, where its result may go, and what it warns of.
import { Scalar as Kind, Op } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { OverflowError, PyTypeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { warn } from '../core/warnings'
import { core } from '../core/wasm'
import { isInt } from '../torch/pytypes'
import { temporaries } from '../torch/temporaries'
import { type Scalar, Tensor } from '../torch/tensor'
import { type ArrayLike, keywords, toArray } from './convert'
import {
  asDType,
  bool_,
  type Casting,
  canCast,
  category,
  checkCasting,
  type DTypeLike,
  defaultOf,
  float32,
  int64,
  kindOf,
  type NpDType,
} from './dtype'
import { checkBounds, fits } from './element'
import { broadcastShape, cannotBroadcast, sameShape, shapeText } from './errors'
import { arrayFrom, made, NDArray } from './ndarray'
import { NpScalar } from './scalar'
import {
  BINARY,
  type BinaryName,
  castError,
  loopDType,
  type Operand,
  operandOf,
  type Row,
  UNARY,
  type UnaryName,
} from './ufunc_loops'
import { warnOfFlags } from './warn'

export interface UfuncOptions {
  /** Where the result goes; it is returned. */
  out?: NDArray | null
  /** Only where this is true; elsewhere `out` stays as it is. */
  where?: ArrayLike
  dtype?: DTypeLike | null
  casting?: Casting
}

const NO_OUT = "'where' used without 'out', expect unitialized memory in output. If this is intentional, use out=None."

interface Plan {
  name: string
  row: Row
  operands: Operand[]
  dtype: NpDType
  out: NDArray | null
  mask: NDArray | null
}

function checkOut(out: unknown): NDArray | null {
  if (out === undefined || out === null) return null
  const lone = Array.isArray(out) && out.length === 1 ? out[0] : out
  if (!(lone instanceof NDArray)) throw new PyTypeError('return arrays must be of ArrayType')
  address(lone)
  return lone
}

const shapeOf = (operand: Operand): number[] => (operand instanceof NDArray ? operand._dims(0) : [])

/** Checks everything that NumPy checks, in its order. */
function plan(name: string, row: Row, values: readonly unknown[], given: UfuncOptions | null): Plan {
  const options = keywords(given)
  const out = checkOut(options.out)
  out?._checkWriteable('output array')
  const casting = checkCasting(options.casting)
  const operands = values.map((value, at) => operandOf(value, name, row, values, at))
  const mask = options.where === undefined || options.where === true ? null : maskOf(options.where)
  const natural = loopDType(name, row, operands, out)
  const asked = options.dtype === undefined || options.dtype === null ? null : asDType(options.dtype)
  // What a ufunc of truth values has as its dtype is that of its result.
  const isTruth = row.rule === 'compare' || row.rule === 'truth'
  const dtype = isTruth ? natural : (asked ?? natural)
  if (isTruth ? asked && asked !== bool_ : row.rule === 'float' && category(dtype) < 2) {
    throw new PyTypeError(`No loop matching the specified signature and casting was found for ufunc ${name}`)
  }
  if ((asked && !isTruth) || (options.casting && row.rule !== 'truth')) {
    for (const [i, operand] of operands.entries()) {
      const from = operand instanceof NDArray ? operand.dtype : defaultOf(kindOf(operand))
      const may = operand instanceof NDArray ? canCast(from, dtype, casting) : kindOf(operand) <= category(dtype)
      if (!may && casting !== 'unsafe') {
        throw castError(name, operands.length === 1 ? 'input' : `input ${i}`, from, dtype, casting)
      }
    }
  }
  checkNumbers(row, operands, dtype)
  const result = row.rule === 'compare' ? bool_ : dtype
  if (out && !canCast(result, out.dtype, casting)) throw castError(name, 'output', result, out.dtype, casting)
  checkShapes(operands, out, mask)
  checkExponents(name, operands, dtype)
  return { name, row, operands, dtype, out, mask }
}

function maskOf(where: unknown): NDArray {
  const mask = toArray(where, Array.isArray(where) ? bool_ : null)
  if (mask.dtype !== bool_) {
    throw new PyTypeError(
      `Cannot cast array data from dtype('${mask.dtype.name}') to dtype('bool') according to the rule 'safe'`,
    )
  }
  return mask
}

function checkShapes(operands: readonly Operand[], out: NDArray | null, mask: NDArray | null): void {
  const shapes = [...operands.map(shapeOf), ...(out ? [out._dims(0)] : []), ...(mask ? [mask._dims(0)] : [])]
  const shape = broadcastShape(shapes)
  if (!shape) throw cannotBroadcast(shapes)
  if (out && !sameShape(shape, out._dims(0))) {
    throw new ValueError(
      `non-broadcastable output operand with shape ${shapeText(out._dims(0))} doesn't match the broadcast shape ` +
        shapeText(shape),
    )
  }
}

/** Python numbers must fit. */
function checkNumbers(row: Row, operands: readonly Operand[], dtype: NpDType): void {
  if (row.rule !== 'compare' && row.rule !== 'truth') {
    for (const operand of operands) {
      if (operand instanceof NDArray) continue
      checkBounds(operand, dtype)
      if (typeof operand === 'bigint' && !Number.isFinite(Number(operand))) {
        throw new OverflowError('int too large to convert to float')
      }
    }
  }
}

/** Integers have no negative powers. */
function checkExponents(name: string, operands: readonly Operand[], dtype: NpDType): void {
  if (name !== 'power' || category(dtype) !== 1) return
  const exponent = operands[1]
  const least = exponent instanceof NDArray ? leastOf(exponent) : Number(exponent)
  if (least < 0) throw new ValueError('Integers to negative integer powers are not allowed.')
}

function leastOf(a: NDArray): number {
  if (a.size === 0) return 0
  return temporaries(() => {
    const flat = toArray(a.tolist()).ravel()
    return Number(flat.min().item())
  })
}

/** A number as the core takes it for one call, in the dtype to compute in. */
function wrapped(value: Scalar, dtype: NpDType): number {
  if (category(dtype) === 1 && typeof value !== 'boolean') return checked(core.scalar_int(BigInt(value)))
  const kind =
    category(dtype) === 2 ? Kind.float : typeof value === 'boolean' ? Kind.bool : isInt(value) ? Kind.int : Kind.float
  if (
    kind === Kind.float &&
    dtype === float32 &&
    Number.isFinite(Number(value)) &&
    !Number.isFinite(Math.fround(Number(value)))
  ) {
    warn('RuntimeWarning', 'overflow encountered in cast')
  }
  return checked(
    core.scalar(dtype === bool_ ? Number(Boolean(value)) : clamped(value), dtype === bool_ ? Kind.bool : kind),
  )
}

/** Beyond every int64, and so beyond every element that it is compared with. */
const clamped = (value: Scalar): number =>
  typeof value === 'bigint' && !fits(value, int64) ? (value > 0n ? Infinity : -Infinity) : Number(value)

/** The second operand that a unary ufunc brings along. */
function partner(name: string, dtype: NpDType): Scalar | null {
  if (name === 'logical_not') return false
  if (name === 'invert') return dtype === bool_ ? true : -1
  return null
}

/** Runs a plan: the result's record, with a reference for the caller. */
function run({ name, row, operands, dtype, out, mask }: Plan, warnsAs: string): number {
  const own = operands.length === 1 ? partner(name, dtype) : null
  const all = own === null ? operands : [...operands, own]
  if (name === 'square') all.push(all[0])
  const [a, b] = all.map((operand) => (operand instanceof NDArray ? address(operand) : wrapped(operand, dtype)))
  const op =
    dtype === bool_ && (name === 'absolute' || name === 'maximum' || name === 'minimum') ? boolOp(name) : row.op
  const second = name === 'absolute' && dtype === bool_ ? a : (b ?? 0)
  const result = core.array_ufunc(op, dtype._code, a, second, out ? address(out) : 0, mask ? address(mask) : 0)
  checked(result)
  warnOfFlags(warnsAs)
  return result
}

const boolOp = (name: string): Op => (name === 'minimum' ? Op.Mul : Op.Add)

/** A 0-d result is a scalar. */
export function scalarOr(a: NDArray): NDArray | NpScalar {
  if (a.ndim) return a
  const scalar = new NpScalar(a.dtype, a._element(0))
  a.dispose()
  return scalar
}

let wrapTensor: (a: NDArray) => Tensor

/** Who makes a tensor of an array: interop.ts. */
export function setTensorWrapper(wrap: (a: NDArray) => Tensor): void {
  wrapTensor = wrap
}

/** What a ufunc of operands is: an array, a scalar for 0-d ones, a tensor where an operand is one; `out` if given. */
export function ufunc(
  name: BinaryName | UnaryName,
  values: readonly unknown[],
  options: UfuncOptions | null = null,
  warnsAs: string = name,
): NDArray | NpScalar {
  const row: Row = name in BINARY ? BINARY[name as BinaryName] : UNARY[name as UnaryName]
  return temporaries(() => {
    const what = plan(name, row, values, options)
    const record = run(what, warnsAs)
    if (what.out) return arrayFrom(record)
    if (what.mask) warn('UserWarning', NO_OUT)
    const a = made(record)
    if (values.some((value) => value instanceof Tensor)) return wrapTensor(a) as unknown as NDArray
    return scalarOr(a)
  })
}

/** The operators' own way with what is no operand of theirs. */
export function operator(name: BinaryName, a: NDArray, b: unknown): NDArray | NpScalar {
  address(a)
  if (b instanceof Tensor && name !== 'divide' && name !== 'equal' && name !== 'not_equal') throw refusedTensor(name)
  if ((name === 'equal' || name === 'not_equal') && (b === null || b === undefined || typeof b === 'string')) {
    const all = core.array_like(address(a), bool_._code, name === 'equal' ? 0 : 1)
    return scalarOr(made(all))
  }
  return name === 'power' ? power(a, b) : ufunc(name, [a, b])
}

/** `a ** b`: the square, the root and the reciprocal go by these names. */
export function power(a: NDArray, b: unknown, options?: UfuncOptions): NDArray | NpScalar {
  if (b === 2 && typeof b === 'number') return ufunc('square', [a], options)
  const floats = category(a.dtype) === 2
  return ufunc('power', [a, b], options, floats && b === -1 ? 'reciprocal' : floats && b === 0.5 ? 'sqrt' : 'power')
}

function refusedTensor(name: BinaryName): PyTypeError {
  const { rule, sign = '>=' }: Row = BINARY[name]
  if (name === 'add') {
    return new PyTypeError(
      'Concatenation operation is not implemented for NumPy arrays, use np.concatenate() instead. Please do not rely on ' +
        'this error; it may not be given on all Python implementations.',
    )
  }
  const pair = "'numpy.ndarray' and 'Tensor'"
  return new PyTypeError(
    rule === 'compare'
      ? `'${sign}' not supported between instances of ${pair}`
      : `unsupported operand type(s) for ${sign}: ${pair}`,
  )
}

type Binary = (x1: ArrayLike, x2: ArrayLike, options?: UfuncOptions) => NDArray
type Unary = (x: ArrayLike, options?: UfuncOptions) => NDArray

const binaryFunction = (name: BinaryName) => (x1: unknown, x2: unknown, options?: UfuncOptions) =>
  ufunc(name, [x1, x2], options)
const unaryFunction = (name: UnaryName) => (x: unknown, options?: UfuncOptions) => ufunc(name, [x], options)

/** The ufuncs by their names. 0-d results are scalars, which the types do not tell from arrays. */
export const ufuncs = {
  ...Object.fromEntries(Object.keys(BINARY).map((name) => [name, binaryFunction(name as BinaryName)])),
  ...Object.fromEntries(Object.keys(UNARY).map((name) => [name, unaryFunction(name as UnaryName)])),
} as unknown as Record<BinaryName, Binary> & Record<UnaryName, Unary>
