// The words of the argument parser, PyTorch's letter for letter, slips included: it says "1 required positional
// arguments" and "2 required positional argument".

import { pyTypeName } from './pytypes'
import type { Overload, Param } from './signature-spec'

type Keywords = ReadonlyMap<string, unknown>

export function tooManyText({ minArgs, maxPositional: max }: Overload, given: number): string {
  return minArgs !== max
    ? `() takes from ${minArgs} to ${max} positional arguments but ${given} were given`
    : `() takes ${max} positional argument${max === 1 ? '' : 's'} but ${given} ${given === 1 ? 'was' : 'were'} given`
}

export function missingText(rest: readonly Param[]): string {
  const names = rest.filter((p) => !p.optional).map((p) => `"${p.names[0]}"`)
  return `() missing ${names.length} required positional argument${names.length === 1 ? 's' : ''}: ${names.join(', ')}`
}

/** `position` counts from 1; 0 for a keyword. */
export function wrongTypeText(p: Param, value: unknown, position: number): string {
  const which = `(): argument '${p.names[0]}'${position ? ` (position ${position})` : ''} must be ${p.printedType}`
  if (position && p.type === 'int[]' && Array.isArray(value)) {
    return `${which}, but found element of type ${pyTypeName(value[0])} at pos 0`
  }
  return `${which}, not ${pyTypeName(value)}`
}

export function extraKeywordText(params: readonly Param[], keywords: Keywords, positional: number): string {
  for (const key of keywords.keys()) {
    const at = params.findIndex((p) => p.names[0] === key)
    if (at < 0) return `() got an unexpected keyword argument '${key}'`
    if (at < positional) return `() got multiple values for argument '${key}'`
  }
  return 'invalid keyword arguments'
}

/** The long text that lists every overload and, where the count fits, marks the arguments that did not: (int, !str!). */
export function noMatchText(
  overloads: readonly Overload[],
  positional: readonly unknown[],
  keywords: Keywords,
): string {
  // PyTorch walks a hash table here, which yields the keywords backwards.
  const keys = [...keywords.keys()].reverse()
  const got = describe(
    positional,
    positional.map(pyTypeName).concat(keys.map((k) => `${k}=${pyTypeName(keywords.get(k))}`)),
  )
  const one = overloads.length === 1
  let text = `() received an invalid combination of arguments - `
  if (!one) text += `got ${got}, but expected one of:\n`
  for (const { printed } of overloads) {
    // PyTorch re-reads its own printed text: `*` counts as a parameter, and one with a default is called by the default.
    const slots = printed
      .slice(1, -1)
      .split(', ')
      .map((slot) => /^(?:(.*) )?(.*)$/.exec(slot)!.slice(1))
    const fits = slots.length === positional.length + keywords.size
    const known = slots.slice(Math.max(0, slots.length - keywords.size))
    const unknown = keys.filter((k) => !known.some(([, name]) => name === k)).join(', ')
    const marked = (): string =>
      describe(
        positional,
        slots.map(([type, name], i) => {
          const value = i < positional.length ? positional[i] : keywords.get(name)
          const shown = (i < positional.length ? '' : `${name}=`) + elementTypes(value)
          return matches(type, value) ? shown : `!${shown}!`
        }),
      )
    if (one) {
      text += unknown
        ? `got unrecognized keyword arguments: ${unknown}`
        : `got ${fits ? marked() : got}, but expected ${printed}`
    } else {
      text += ` * ${printed}\n`
      if (fits) {
        text += unknown
          ? `      didn't match because some of the keywords were incorrect: ${unknown}\n`
          : `      didn't match because some of the arguments have invalid types: ${marked()}\n`
      }
    }
  }
  return text
}

/** A tuple of descriptions. The comma before the bracket stays where no argument is positional, as in PyTorch. */
function describe(positional: readonly unknown[], parts: readonly string[]): string {
  return `(${parts.join(', ')}${parts.length && !positional.length ? ', ' : ''})`
}

const elementTypes = (v: unknown): string =>
  Array.isArray(v) ? `list of [${v.map(pyTypeName).join(', ')}]` : pyTypeName(v)

/** By the printed name alone: nothing is a "Number" or a "tuple of ints". */
function matches(type: string | undefined, v: unknown): boolean {
  const name = pyTypeName(v)
  return name === type || (type === 'float' && name === 'int')
}
