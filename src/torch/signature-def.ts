// Arguments of the functions that PyTorch writes in Python: CPython's own checks in its own words, and no types.

import { OverflowError, PyTypeError } from '../core/errors'
import { isInt, pyTypeName } from './pytypes'
import { splitKeywords } from './signature'

/** `def name(params)`. As CPython counts it, a method's `self` is an argument too. */
export class Def {
  private readonly params: { name: string; default: unknown }[]
  private readonly required: number
  /** How many parameters stand before the `*`: those after it are keyword-only. */
  private readonly positional: number

  /** `params` as Python writes them: 'tensors, grad_tensors=None, *, create_graph=False'. */
  constructor(
    private readonly name: string,
    params: string,
  ) {
    const texts = params.split(', ')
    const named = texts.filter((text) => text !== '*')
    this.positional = texts.includes('*') ? texts.indexOf('*') : named.length
    this.params = named.map((text) => {
      const [name, value] = text.split('=')
      return { name, default: value === undefined ? undefined : defaultOf(value) }
    })
    this.required = this.params.filter((param) => param.default === undefined).length
  }

  /** One value per parameter; undefined stands for an argument that was not given. */
  parse(args: readonly unknown[]): unknown[] {
    const [positional, keywords] = splitKeywords(args)
    const values = this.params.map((_, i) => (i < this.positional ? positional[i] : undefined))
    for (const [key, value] of keywords) {
      const at = this.params.findIndex(({ name }) => name === key)
      if (at < 0) this.fail(`got an unexpected keyword argument '${key}'`)
      if (at < Math.min(positional.length, this.positional)) this.fail(`got multiple values for argument '${key}'`)
      values[at] = value
    }
    const [most, given] = [this.positional, positional.length]
    if (given > most) {
      const range = this.required < most ? `from ${this.required} to ${most}` : most
      const only = values.slice(most).filter((value) => value !== undefined).length
      const these = only
        ? `${given} positional argument${given === 1 ? '' : 's'} (and ${only} keyword-only argument${only === 1 ? '' : 's'})`
        : given
      this.fail(`takes ${range} positional argument${most === 1 ? '' : 's'} but ${these} were given`)
    }
    const missing = this.params.slice(0, this.required).filter((_, i) => values[i] === undefined)
    if (missing.length) {
      const names = missing.map(({ name }) => `'${name}'`).join(' and ')
      this.fail(`missing ${missing.length} required positional argument${missing.length === 1 ? '' : 's'}: ${names}`)
    }
    return values.map((value, i) => (value === undefined ? this.params[i].default : value))
  }

  private fail(text: string): never {
    throw new PyTypeError(`${this.name}() ${text}`)
  }
}

/** A default as Python writes it: None, True, 'text' or a number. */
function defaultOf(text: string): unknown {
  if (text === 'None') return null
  if (text === 'True' || text === 'False') return text === 'True'
  return text.startsWith("'") ? text.slice(1, -1) : Number(text)
}

/** What C takes as a flag: a bool or a small int. */
export function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (!isInt(value)) throw new PyTypeError(`'${pyTypeName(value)}' object cannot be interpreted as an integer`)
  const number = Number(value)
  if (number > 255) throw new OverflowError('unsigned byte integer is greater than maximum')
  if (number < 0) throw new OverflowError('unsigned byte integer is less than minimum')
  return number !== 0
}

/** Python's `tuple(value)`. */
export function elements(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  const iterable =
    typeof value === 'string' || (typeof value === 'object' && value !== null && Symbol.iterator in value)
  if (iterable) return [...(value as Iterable<unknown>)]
  throw new PyTypeError(`'${pyTypeName(value)}' object is not iterable`)
}

/** `fn`, if Python could call it. @throws TypeError */
export function callable<F>(fn: F): F {
  if (typeof fn === 'function') return fn
  throw new PyTypeError(`'${pyTypeName(fn)}' object is not callable`)
}
