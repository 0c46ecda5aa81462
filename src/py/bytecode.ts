// Which bytecode of CPython 3.12 a call of Python's face stands for: `a.add(b)` is BINARY_OP, `l.at(0)` BINARY_SUBSCR.
import type { Handle } from '../core/handles'
import { isPlain } from '../torch/pytypes'
import { Tensor } from '../torch/tensor'
import { PyHandle } from './handle'
import type { Listing } from './listing'

/** BINARY_OP's number of each operator's method; the one in place is 13 above it. */
const BINARY: Record<string, readonly [sign: string, number: number]> = {
  add: ['+', 0],
  floordiv: ['//', 2],
  mul: ['*', 5],
  mod: ['%', 6],
  pow: ['**', 8],
  sub: ['-', 10],
  truediv: ['/', 11],
  div: ['/', 11],
}
const IN_PLACE = 13
const COMPARED: Record<string, string> = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' }

/** A method of a handle: an operator, an item, or a call. Returns where its code begins. */
export function methodCode(to: Listing, receiver: Handle, name: string, args: readonly unknown[]): number {
  const all = [receiver, ...args]
  const verb = ITEM[name]
  if (verb) return itemCode(to, receiver, args, verb)
  const inPlace = /^i(\w+)_$/.exec(name)
  if (inPlace && inPlace[1] in BINARY) {
    const [sign, arg] = BINARY[inPlace[1]]
    return to.operator(all, 'BINARY_OP', { arg: arg + IN_PLACE, name: `${sign}=` })
  }
  if (receiver instanceof Tensor) return to.method(receiver, name, args)
  if (name in BINARY) {
    const [sign, arg] = BINARY[name]
    return to.operator(all, 'BINARY_OP', { arg, name: sign })
  }
  if (name in COMPARED) return to.operator(all, 'COMPARE_OP', { name: COMPARED[name] })
  if (name === 'contains') return to.store([receiver], args[0], 'CONTAINS_OP', { arg: 0 })
  if (name === 'len') return to.call(['len'], [receiver])
  if (name === 'new' || name === 'deref') return to.operator(all, 'CALL', { arg: args.length })
  if (name === 'neg') return to.operator(all, 'UNARY_NEGATIVE')
  return to.method(receiver, name, args)
}

type Verb = 'BINARY' | 'STORE' | 'DELETE'

const ITEM: Record<string, Verb> = { at: 'BINARY', set_at_: 'STORE', del_at_: 'DELETE' }
const SLICE = /^\s*(-?\d*)\s*:\s*(-?\d*)\s*(?::\s*(-?\d*)\s*)?$/

/** An item or a slice is read, stored or deleted. */
function itemCode(to: Listing, owner: Handle, [index, value]: readonly unknown[], verb: Verb): number {
  const slice = owner instanceof PyHandle && typeof index === 'string' ? SLICE.exec(index) : null
  const target = slice
    ? [
        owner,
        ...slice
          .slice(1)
          .filter((part) => part !== undefined)
          .map(bound),
      ]
    : [owner, index]
  const whole = slice && (target.length > 3 || verb === 'DELETE') ? target.length - 1 : 0
  const op = slice && !whole ? `${verb}_SLICE` : `${verb}_SUBSCR`
  if (verb === 'STORE') return to.store(target, value, op, {}, whole)
  const at = to.operands(target)
  if (whole) to.emit('BUILD_SLICE', { arg: whole })
  to.emit(op)
  return at
}

function bound(part: string): number | null {
  return part ? Number(part) : null
}

/** A function of `py` makes a literal: `py.int(7)`, a display, `py.instance('A', {...})`; anything else is a call. */
export function makerCode(to: Listing, path: readonly string[], args: readonly unknown[]): number {
  const [name] = path
  const [value] = args
  const literal = args.length === 1 && typeof value !== 'object'
  if ((name === 'int' || name === 'float' || name === 'str') && literal) return to.display(value)
  if (name === 'list' && Array.isArray(value)) return to.display([...value])
  if (name === 'tuple' && Array.isArray(value)) return to.tuple(value)
  if (name === 'dict' && typeof value === 'object' && value !== null && isPlain(value)) return to.display(value)
  if (name === 'instance' && typeof value === 'string') {
    const attributes = Object.entries(args[1] ?? {}).filter(([, attribute]) => typeof attribute !== 'function')
    return to.call(
      [value],
      attributes.map(([, attribute]) => attribute),
      attributes.map(([key]) => key),
    )
  }
  return to.call(path, args)
}

/** Such a method is a statement in Python: `o[i] = x`, `del o[i]`. */
export function isStatement(name: string): boolean {
  return name in ITEM && ITEM[name] !== 'BINARY'
}
