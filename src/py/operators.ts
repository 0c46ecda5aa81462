// Python's operators as methods of every handle: `a + b` is a.add(b), `a += b` is a = a.iadd_(b). A type says in
// `_binary` what it does with one; a handle without an answer throws Python's TypeError.
import { Compare } from '../../assembly/abi_objects'
import { PyTypeError } from '../core/errors'
import { address } from '../core/handles'
import { core } from '../core/wasm'
import { isA } from '../torch/pytypes'
import { answer, isSequence, nameOf, withObject } from './arguments'
import type { Operator } from './arithmetic'
import { toObject } from './convert'
import { consuming, fresh, PyHandle } from './handle'

const OPERATORS = [
  ['add', '+'],
  ['sub', '-'],
  ['mul', '*'],
  ['truediv', '/'],
  ['floordiv', '//'],
  ['mod', '%'],
  ['pow', '**'],
] as const

const COMPARISONS = [
  ['eq', '==', Compare.eq],
  ['ne', '!=', Compare.ne],
  ['lt', '<', Compare.lt],
  ['le', '<=', Compare.le],
  ['gt', '>', Compare.gt],
  ['ge', '>=', Compare.ge],
] as const

type Name = (typeof OPERATORS)[number][0]

/** `a + b` and so on. @throws TypeError for types that do not go together */
interface Binary {
  add(other: unknown): PyHandle
  sub(other: unknown): PyHandle
  mul(other: unknown): PyHandle
  truediv(other: unknown): PyHandle
  floordiv(other: unknown): PyHandle
  mod(other: unknown): PyHandle
  pow(other: unknown): PyHandle
  iadd_(other: unknown): PyHandle
  isub_(other: unknown): PyHandle
  imul_(other: unknown): PyHandle
  itruediv_(other: unknown): PyHandle
  ifloordiv_(other: unknown): PyHandle
  imod_(other: unknown): PyHandle
  ipow_(other: unknown): PyHandle
}

/** `a == b` and so on, by value. @throws TypeError for what has no order, RecursionError for what is nested too deep */
interface Comparisons {
  eq(other: unknown): boolean
  ne(other: unknown): boolean
  lt(other: unknown): boolean
  le(other: unknown): boolean
  gt(other: unknown): boolean
  ge(other: unknown): boolean
}

interface Operators extends Binary, Comparisons {
  /** Python's `-a`. @throws TypeError */
  neg(): PyHandle
  /** Python's `len(a)`. @throws TypeError */
  len(): number
  /** Python's `value in a`. @throws TypeError */
  contains(value: unknown): boolean
  /** Python's `a[key]`. @throws TypeError, IndexError, KeyError */
  at(...keys: unknown[]): unknown
  /** Python's `a[key] = value`. @throws TypeError, IndexError */
  set_at_(key: unknown, value: unknown): void
  /** Python's `del a[key]`. @throws TypeError, IndexError, KeyError */
  del_at_(...keys: unknown[]): void
  /**
   * The result of a binary operator, a temporary; both operands are consumed by the caller. `symbol` is what the error
   * shows: '+', or '+=' for the in-place form.
   * @throws TypeError when the types do not go together @internal
   */
  _binary(operator: Operator, other: unknown, symbol: string): PyHandle
}

declare module './handle' {
  interface PyHandle extends Operators {}
}

/** What Python calls `**` in the error. */
const SPOKEN: Partial<Record<string, string>> = { '**': '** or pow()' }

/** Consumes the operands of what the type cannot do. */
function refuse(handle: PyHandle, what: string, values: readonly unknown[], text: (name: string) => string): never {
  return consuming(what, [handle, ...values], () => {
    throw new PyTypeError(text(nameOf(handle)))
  })
}

const unable: Omit<Operators, keyof Binary | keyof Comparisons> & ThisType<PyHandle> = {
  neg() {
    return refuse(this, '-...', [], (name) => `bad operand type for unary -: '${name}'`)
  },
  len() {
    return refuse(this, 'len()', [], (name) => `object of type '${name}' has no len()`)
  },
  contains(value) {
    return refuse(this, 'in', [value], (name) => `argument of type '${name}' is not iterable`)
  },
  at(...keys) {
    return refuse(this, '...[...]', keys, (name) => `'${name}' object is not subscriptable`)
  },
  set_at_(key, value) {
    refuse(this, '...[...] = ...', [key, value], (name) => `'${name}' object does not support item assignment`)
  },
  del_at_(...keys) {
    refuse(this, 'del ...[...]', keys, (name) => `'${name}' object doesn't support item deletion`)
  },

  _binary(operator, other, symbol) {
    const repeats = operator === '*' && (isSequence(other) || typeof other === 'string' || nameOf(other) === 'str')
    if (repeats && other instanceof PyHandle) return other._binary(operator, this, symbol)
    if (repeats) return fresh<PyHandle>(toObject(other)).mul(this)
    const names = `'${nameOf(this)}' and '${nameOf(other)}'`
    throw new PyTypeError(`unsupported operand type(s) for ${SPOKEN[symbol] ?? symbol}: ${names}`)
  },
}
Object.assign(PyHandle.prototype, unable)

/** What answers for an operator whose left side does not know it: an ndarray. */
interface Reflected {
  _reflected(name: Name, left: PyHandle): PyHandle
}

/** Python asks the ndarray before it asks a list what `+=` is. */
export const isReflected = (value: unknown): value is Reflected => isA(value, 'numpy.ndarray')

for (const [name, operator] of OPERATORS) {
  const define = (method: Name | `i${Name}_`, symbol: string) => {
    PyHandle.prototype[method] = function (other) {
      if (isReflected(other)) return other._reflected(name, this)
      return consuming(`${this._noun} ${symbol} ...`, [this, other], () => {
        address(this)
        return this._binary(operator, other, symbol)
      })
    }
  }
  define(name, operator)
  define(`i${name}_`, `${operator}=`)
}

for (const [name, symbol, comparison] of COMPARISONS) {
  PyHandle.prototype[name] = function (other) {
    return consuming(`${this._noun} ${symbol} ...`, [this, other], () =>
      withObject(other, (object) => answer(core.object_compare(address(this), object, comparison)) > 0),
    )
  }
}
