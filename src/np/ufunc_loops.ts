// The ufuncs by name, and how each finds the dtype that it computes in; who is refused, in NumPy's words.
import { Op, Ufunc } from '../../assembly/abi'
import { PyTypeError } from '../core/errors'
import { address } from '../core/handles'
import { isInt, isScalar, pyTypeName } from '../torch/pytypes'
import { type Scalar, Tensor } from '../torch/tensor'
import { plain, toArray } from './convert'
import {
  bool_,
  type Casting,
  category,
  defaultOf,
  float64,
  int64,
  kindOf,
  missing,
  type NpDType,
  promote,
  withWeak,
} from './dtype'
import { fits } from './element'
import { UFuncTypeError } from './errors'
import { NDArray } from './ndarray'
import { NpScalar } from './scalar'

/** How a ufunc finds its loop: in the operands' common dtype, in floats, among integers, or on truth values. */
type Rule = 'common' | 'float' | 'bits' | 'truth' | 'compare'

export interface Row {
  op: Op | Ufunc
  rule: Rule
  /** Python's operator, as errors write it. */
  sign?: string
}

export const BINARY = {
  add: { op: Op.Add, rule: 'common', sign: '+' },
  subtract: { op: Op.Sub, rule: 'common', sign: '-' },
  multiply: { op: Op.Mul, rule: 'common', sign: '*' },
  divide: { op: Op.Div, rule: 'float', sign: '/' },
  floor_divide: { op: Ufunc.FloorDivide, rule: 'common', sign: '//' },
  remainder: { op: Ufunc.Remainder, rule: 'common', sign: '%' },
  power: { op: Op.Pow, rule: 'common', sign: '** or pow()' },
  maximum: { op: Op.Maximum, rule: 'common' },
  minimum: { op: Op.Minimum, rule: 'common' },
  bitwise_and: { op: Ufunc.BitwiseAnd, rule: 'bits', sign: '&' },
  bitwise_or: { op: Ufunc.BitwiseOr, rule: 'bits', sign: '|' },
  bitwise_xor: { op: Ufunc.BitwiseXor, rule: 'bits', sign: '^' },
  equal: { op: Op.Eq, rule: 'compare' },
  not_equal: { op: Op.Ne, rule: 'compare' },
  less: { op: Op.Lt, rule: 'compare', sign: '<' },
  less_equal: { op: Op.Le, rule: 'compare', sign: '<=' },
  greater: { op: Op.Gt, rule: 'compare', sign: '>' },
  greater_equal: { op: Op.Ge, rule: 'compare', sign: '>=' },
  logical_and: { op: Op.Mul, rule: 'truth' },
  logical_or: { op: Op.Add, rule: 'truth' },
  logical_xor: { op: Op.Ne, rule: 'truth' },
} as const satisfies Record<string, Row>

export const UNARY = {
  negative: { op: Op.Neg, rule: 'common' },
  absolute: { op: Op.Abs, rule: 'common' },
  sign: { op: Op.Sgn, rule: 'common' },
  sqrt: { op: Op.Sqrt, rule: 'float' },
  exp: { op: Op.Exp, rule: 'float' },
  log: { op: Op.Log, rule: 'float' },
  sin: { op: Op.Sin, rule: 'float' },
  cos: { op: Op.Cos, rule: 'float' },
  tanh: { op: Op.Tanh, rule: 'float' },
  // x * x, x ^ -1 (of truth values: x == false), x == false: with a second operand of their own.
  square: { op: Op.Mul, rule: 'common' },
  invert: { op: Ufunc.BitwiseXor, rule: 'bits' },
  logical_not: { op: Op.Eq, rule: 'truth' },
} as const satisfies Record<string, Row>

export type BinaryName = keyof typeof BINARY
export type UnaryName = keyof typeof UNARY

/** An operand: an array (its own, or made for the call), or a Python number, which counts by its kind only. */
export type Operand = NDArray | Scalar

const BOOL_SUBTRACT =
  'numpy boolean subtract, the `-` operator, is not supported, use the bitwise_xor, the `^` operator, or the ' +
  'logical_xor function instead.'
const BOOL_NEGATIVE =
  'The numpy boolean negative, the `-` operator, is not supported, use the `~` operator or the logical_not function instead.'

/** What a ufunc was given, as operands. @throws TypeError for what no loop takes */
export function operandOf(given: unknown, name: string, row: Row, others: readonly unknown[], at: number): Operand {
  const value = plain(given)
  if (value instanceof NDArray) {
    address(value)
    return value
  }
  if (isScalar(value)) return value as Scalar
  if (value instanceof NpScalar || value instanceof Tensor) return toArray(value)
  if (typeof value === 'string') throw noLoop(name, row, others)
  if (typeof value !== 'object' || value === null) throw unsupported(name, row, value, others, at)
  return toArray(value)
}

function dtypeText(value: unknown): string {
  if (typeof value === 'string') return `dtype('<U${Math.max(value.length, 1)}')`
  const dtype = value instanceof NDArray || value instanceof NpScalar ? value.dtype : defaultOf(kindOf(value as Scalar))
  return `dtype('${dtype.name}')`
}

function noLoop(name: string, row: Row, operands: readonly unknown[]): Error {
  if (row.rule === 'float' && operands.length === 1) return noTypes(name)
  const types = operands.map(dtypeText)
  const list = operands.length === 1 ? types[0] : `(${types.join(', ')})`
  return new UFuncTypeError(`ufunc '${name}' did not contain a loop with signature matching types ${list} -> None`)
}

const noTypes = (name: string): PyTypeError =>
  new PyTypeError(
    `ufunc '${name}' not supported for the input types, and the inputs could not be safely coerced to any supported ` +
      "types according to the casting rule ''safe''",
  )

/** Objects go through Python's own operators, element by element. */
function unsupported(name: string, row: Row, value: unknown, operands: readonly unknown[], at: number): Error {
  if (operands.length === 1) {
    return new PyTypeError(
      `loop of ufunc does not support argument 0 of type ${pyTypeName(value)} which has no callable ${name} method`,
    )
  }
  const types = operands.map((operand, i) => {
    if (i === at) return pyTypeName(operand)
    if (!(operand instanceof NDArray) && !(operand instanceof NpScalar)) return pyTypeName(operand)
    return ['bool', 'int', 'float'][category(operand.dtype)]
  })
  const pair = `'${types[0]}' and '${types[1]}'`
  if (row.rule === 'compare' || !row.sign) {
    return new PyTypeError(`'${row.sign ?? '>='}' not supported between instances of ${pair}`)
  }
  return new PyTypeError(`unsupported operand type(s) for ${row.sign}: ${pair}`)
}

/** The dtype in which the operands meet (NEP 50). */
function commonDType(operands: readonly Operand[]): NpDType {
  let strong: NpDType | null = null
  let weak = -1
  for (const operand of operands) {
    if (operand instanceof NDArray) strong = strong ? promote(strong, operand.dtype) : operand.dtype
    else weak = Math.max(weak, kindOf(operand))
  }
  return weak < 0 ? (strong as NpDType) : withWeak(strong, weak)
}

/** The dtype to compute in. @throws TypeError, NotImplementedError where NumPy computes in a dtype that is not there */
export function loopDType(name: string, row: Row, operands: readonly Operand[], out: NDArray | null): NpDType {
  const common = commonDType(operands)
  switch (row.rule) {
    case 'truth':
      return bool_
    case 'float':
      if (common === bool_ && operands.length === 1) throw missing('float16')
      return category(common) === 2 ? common : float64
    case 'bits':
      if (category(common) === 2) throw noTypes(name)
      return common
    case 'compare':
      return comparedIn(common, operands)
    default:
      if (common === bool_) return boolLoop(name, out)
      return common
  }
}

function boolLoop(name: string, out: NDArray | null): NpDType {
  if (name === 'subtract') throw new PyTypeError(BOOL_SUBTRACT)
  if (name === 'negative') throw new PyTypeError(BOOL_NEGATIVE)
  if (name === 'floor_divide' || name === 'remainder' || name === 'power' || name === 'square') {
    if (out?.dtype !== bool_) throw missing('int8')
    throw new UFuncTypeError(
      `Cannot cast ufunc '${name}' output from dtype('int8') to dtype('bool') with casting rule 'same_kind'`,
    )
  }
  if (name === 'sign')
    throw new UFuncTypeError(
      "ufunc 'sign' did not contain a loop with signature matching types <class 'numpy.dtypes.BoolDType'> -> None",
    )
  return bool_
}

/** An integer that the array cannot hold is compared all the same. */
function comparedIn(common: NpDType, operands: readonly Operand[]): NpDType {
  const large = operands.find(
    (value) => !(value instanceof NDArray) && category(common) === 1 && isInt(value) && !fits(BigInt(value), common),
  )
  if (large === undefined) return common
  return fits(BigInt(large as number), int64) ? int64 : float64
}

export const castError = (name: string, what: string, from: NpDType, to: NpDType, casting: Casting): UFuncTypeError =>
  new UFuncTypeError(
    `Cannot cast ufunc '${name}' ${what} from dtype('${from.name}') to dtype('${to.name}') with casting rule '${casting}'`,
  )
