// str.
import { TypeId } from '../../assembly/abi_objects'
import { IndexError, OutOfMemoryError, PyTypeError } from '../core/errors'
import { address, Handle } from '../core/handles'
import { setFace } from '../core/objects'
import { isSlice, nameOf, sliceOf } from './arguments'
import type { Operator } from './arithmetic'
import { strLength, strObject, strValue } from './convert'
import { consuming, made, OWNER, PyHandle } from './handle'
import { integerOf } from './number'
import { text } from './print'
import { stringRepr } from './quote'

/** The longest string JavaScript can make. */
const LONGEST = 2 ** 29 - 24

function checkLength(length: number | bigint): void {
  if (length > LONGEST) throw new OutOfMemoryError(`a str of ${length} characters is too long`)
}

export class PyStr extends PyHandle {
  get _noun(): string {
    return 'str'
  }

  /** @internal */
  override _binary(operator: Operator, other: unknown, symbol: string): PyHandle {
    if (operator === '+') {
      const right = textOf(other)
      if (right === null) throw new PyTypeError(`can only concatenate str (not "${nameOf(other)}") to str`)
      if (right === '') return made(this._acquire())
      const left = strValue(this._at)
      checkLength(left.length + right.length)
      return made(strObject(left + right))
    }
    if (operator !== '*') return super._binary(operator, other, symbol)
    const times = integerOf(other)
    if (times === null) throw new PyTypeError(`can't multiply sequence by non-int of type '${nameOf(other)}'`)
    const own = strValue(this._at)
    const length = times * BigInt(own.length)
    checkLength(length)
    return times === 1n ? made(this._acquire()) : made(strObject(length > 0n ? own.repeat(Number(times)) : ''))
  }

  /** Python's `len(s)`: characters, where JavaScript counts code units. */
  override len(): number {
    return consuming('len()', [this], () => strLength(address(this)))
  }

  /** Python's `part in s`. @throws TypeError unless part is a str */
  override contains(part: unknown): boolean {
    return consuming('in', [this, part], () => {
      const own = strValue(address(this))
      const text = textOf(part)
      if (text !== null) return own.includes(text)
      throw new PyTypeError(`'in <string>' requires string as left operand, not ${nameOf(part)}`)
    })
  }

  /** Python's `s[index]`, a str of one character, and `s['1:3']`. @throws TypeError, IndexError, ValueError */
  override at(...keys: unknown[]): PyStr {
    return consuming('str[...]', [this, ...keys], () => {
      const length = strLength(address(this))
      const [key] = keys
      if (keys.length === 1 && isSlice(key)) {
        const { start, step, count } = sliceOf(key, length)
        return made(strObject(strValue(this._at, start, step, count)))
      }
      const index = keys.length === 1 ? integerOf(key) : null
      if (index === null) {
        throw new PyTypeError(`string indices must be integers, not '${keys.length === 1 ? nameOf(key) : 'tuple'}'`)
      }
      if (BigInt.asIntN(64, index) !== index) throw new IndexError("cannot fit 'int' into an index-sized integer")
      const start = Number(index) + (index < 0n ? length : 0)
      if (start < 0 || start >= length) throw new IndexError('string index out of range')
      return made(strObject(strValue(this._at, start, 1, 1)))
    })
  }
}
setFace(TypeId.str, {
  handle: (object) => new PyStr(object, OWNER),
  value: (object) => strValue(object),
  repr: (object) => stringRepr(strValue(object)),
  str: (object) => strValue(object),
})

/** The text of a str; null for what is none. */
function textOf(value: unknown): string | null {
  if (value instanceof Handle) address(value)
  return value instanceof PyStr ? strValue(value._at) : typeof value === 'string' ? value : null
}

/** Python's `str()`: of a str itself, of anything else what print would write. */
export function str(value: unknown = ''): PyStr {
  return consuming('str()', [value], () => made(value instanceof PyStr ? value._acquire() : strObject(text(value))))
}
