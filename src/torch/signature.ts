// Arguments the way PyTorch takes them: finds the overload that a JavaScript call means and reads its values, or
// throws the TypeError that PyTorch would. The order of the checks decides which complaint comes first, so it is PyTorch's.

import { NotImplementedError, OverflowError, PyTypeError, ValueError } from '../core/errors'
import { type Face, isA, isIndex, isPlain, numberIn, pyTypeName } from './pytypes'
import { extraKeywordText, missingText, noMatchText, tooManyText, wrongTypeText } from './signature-errors'
import { accepts, type Overload, type Param, parseSpec } from './signature-spec'

export interface Parsed {
  /** Which overload matched, counted as written. */
  overload: number
  /** One value per parameter, keyword-only ones included, defaults filled in. */
  values: unknown[]
}

type Keywords = ReadonlyMap<string, unknown>

const NO_KEYWORDS: Keywords = new Map()

/** The positional arguments, and the keywords that stand in one last plain object. */
export function splitKeywords(args: readonly unknown[]): [readonly unknown[], Keywords] {
  const last = args.at(-1)
  if (typeof last !== 'object' || last === null || !isPlain(last)) return [args, NO_KEYWORDS]
  // `{ dim: undefined }` is how JavaScript passes on an option that was not given.
  return [args.slice(0, -1), new Map(Object.entries(last).filter(([, v]) => v !== undefined))]
}

/** Whether an object is a number that the parameter takes. */
function isNumber(p: Param, value: unknown, at: number): boolean {
  const number = numberIn(value, true)
  return number !== null && accepts(p, number, at)
}

/** One op's overloads. The string is compiled at the first call that needs it. */
export class Signature {
  private compiled: ReturnType<typeof parseSpec> | null = null

  constructor(
    readonly name: string,
    private readonly spec: string,
  ) {}

  /** Matches a JavaScript call: positional arguments, then keywords as one last plain object. */
  parse(args: readonly unknown[]): Parsed {
    const [positional, keywords] = splitKeywords(args)
    this.compiled ??= parseSpec(this.name, this.spec)
    const { overloads, deprecated } = this.compiled
    if (overloads.length === 1 && !deprecated) {
      if (overloads[0].params.length === 0) this.takesNothing(positional, keywords)
      return this.finish(0, this.match(overloads[0], positional, keywords, true)!)
    }
    for (let i = 0; i < overloads.length; i++) {
      const values = this.match(overloads[i], positional, keywords, false)
      if (values) return this.finish(i, values)
    }
    // One overload with room for this many arguments: its own complaint is the clearest.
    const given = positional.length + keywords.size
    const plausible = overloads.filter((o) => given >= o.minArgs && given <= o.params.length)
    if (plausible.length === 1) this.match(plausible[0], positional, keywords, true)
    return this.fail(noMatchText(overloads, positional, keywords))
  }

  private fail(text: string): never {
    throw new PyTypeError(this.name + text)
  }

  // Such methods reach Python as METH_NOARGS: the interpreter itself complains, with the class's name.
  private takesNothing(positional: readonly unknown[], keywords: Keywords): void {
    const name = `TensorBase.${this.name}()`
    if (keywords.size) throw new PyTypeError(`${name} takes no keyword arguments`)
    if (positional.length) throw new PyTypeError(`${name} takes no arguments (${positional.length} given)`)
  }

  /** The values as given, or null; with `complain` the first reason why not is thrown. */
  private match(o: Overload, positional: readonly unknown[], keywords: Keywords, complain: boolean): unknown[] | null {
    const { params } = o
    const count = positional.length
    // view(2, 3) stands for view([2, 3]) where a list of ints is the only positional parameter.
    const variadic = count > 0 && o.maxPositional === 1 && params[0].type === 'int[]' && isIndex(positional[0])
    const tooMany = (): null => (complain ? this.fail(tooManyText(o, count)) : null)
    if (count > o.maxPositional && !variadic) return tooMany()

    const values: unknown[] = []
    let used = 0
    let usedKeywords = 0
    for (const [i, p] of params.entries()) {
      const byPosition = used < count
      if (byPosition && p.keywordOnly) return tooMany()
      const key = byPosition || keywords.size === 0 ? undefined : p.names.find((name) => keywords.has(name))
      const given = byPosition || key !== undefined
      const value = (byPosition ? positional[used] : keywords.get(key!)) ?? null
      if (given ? value === null && p.nullable : p.optional) {
        values.push(p.default)
      } else if (!given) {
        return complain ? this.fail(missingText(params.slice(i))) : null
      } else if (accepts(p, value, i)) {
        values.push(value)
      } else if (isNumber(p, value, i)) {
        values.push(numberIn(value, true))
      } else if (byPosition && used === 0 && variadic) {
        values.push(positional)
        used = count
        continue
      } else {
        return complain ? this.fail(wrongTypeText(p, value, byPosition ? used + 1 : 0)) : null
      }
      if (byPosition) used++
      else if (given) usedKeywords++
    }
    if (usedKeywords === keywords.size) return values
    return complain ? this.fail(extraKeywordText(params, keywords, count)) : null
  }

  private finish(overload: number, values: unknown[]): Parsed {
    const { params, missing, printed } = this.compiled!.overloads[overload]
    if (missing) throw new NotImplementedError(`${this.name}${printed}: this form is not supported yet`)
    return { overload, values: values.map((v, i) => (v === null ? v : this.read(params[i], v))) }
  }

  private read(p: Param, v: unknown): unknown {
    if (p.type === 'int' || p.type === 'symint') return toInt64(v)
    if (p.type === 'int[]') {
      if (!Array.isArray(v)) return new Array(p.size).fill(toInt64(v))
      return v.map((element, i) => {
        const why = readElement(element)
        if (typeof why !== 'string') return why
        return this.fail(`(): argument '${p.names[0]}' failed to unpack the object at pos ${i + 1} with error "${why}"`)
      })
    }
    if ((p.type === 'Number' || p.type === 'float') && isA(v, 'Tensor')) return (v as Face).item()
    if (typeof v === 'bigint') {
      if (v >= 1n << 64n) throw new OverflowError('int too big to convert')
      if (v < -(1n << 63n)) throw new OverflowError("can't convert negative int to unsigned")
    }
    return v
  }
}

const OVERFLOW = 'Overflow when unpacking long long'

/** A bigint beyond 2^53 stays one: texts print it whole. */
function toInt64(v: unknown): number | bigint {
  const n = isA(v, 'Tensor') ? (v as Face).item() : (numberIn(v) ?? v)
  if (typeof n === 'bigint' && BigInt.asIntN(64, n) !== n) throw new ValueError(OVERFLOW)
  return typeof n === 'bigint' && !Number.isSafeInteger(Number(n)) ? n : Number(n)
}

/** The number, or why there is none. */
function readElement(v: unknown): number | bigint | string {
  if (typeof v !== 'boolean' && !isIndex(v)) return `type must be tuple of ints,but got ${pyTypeName(v)}`
  return typeof v === 'bigint' && BigInt.asIntN(64, v) !== v ? OVERFLOW : toInt64(v)
}
