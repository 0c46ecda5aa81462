// What CPython 3.12 did (make_fixture.py), and the same calls made here.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { py, repr } from '../../../src/index'

/** A method, its arguments, what it returned or raised, sys.getsizeof of the container, its repr. */
type Step = [method: string, args: Written[], result: string, size: number, repr?: string]

export interface Program {
  start: Written
  steps: Step[]
}

type Written =
  | null
  | boolean
  | number
  | string
  | Written[]
  | { t: Written[] }
  | { d: [Written, Written][] }
  | { i: string }

/** What makes an object, its name and length; or a name that lets go of its object. */
export type Reuse = [what: string, name: string, length: number] | ['del', string]

export interface Fixture {
  lists: Program[]
  tuples: Program[]
  dicts: Program[]
  tables: Record<string, number[] | number[][]>
  reuse: [Reuse[], number[]][]
  /** Names, in the order in which they died. */
  order: Record<string, (string | number)[]>
  /** The repr of each. */
  facts: Record<string, string>
}

export const fixture = JSON.parse(
  gunzipSync(readFileSync(new URL('./fixture.json.gz', import.meta.url))).toString(),
) as Fixture

/** The value that stands in the fixture, as it is given to a method. */
export function read(written: Written): unknown {
  if (Array.isArray(written)) return written.map(read)
  if (typeof written !== 'object' || written === null) return written
  if ('t' in written) return py.tuple(written.t.map(read))
  if ('i' in written) return BigInt(written.i)
  return new Map(written.d.map(([key, value]) => [read(key), read(value)]))
}

/** The repr of what `fn` returns, or what it throws: as the generator writes it. */
export function attempt(fn: () => unknown): string {
  try {
    return repr(fn())
  } catch (error) {
    const { name, message } = error as Error
    return `${name}: ${message}`
  }
}

/** Calls a method as the generator does. */
export function call(container: object, method: string, args: unknown[]): unknown {
  if (method === 'sort') return Reflect.get(container, 'sort').call(container, { reverse: args[0] })
  const result: unknown = Reflect.get(container, method).apply(container, args)
  // In Python these are statements.
  return ['iadd_', 'imul_', 'ior_'].includes(method) ? null : result
}

/** A program's first step that comes out otherwise than in CPython. */
export function firstDifference({ start, steps }: Program, container: object): unknown {
  for (const [i, [method, args, result, size, text]] of steps.entries()) {
    const here = attempt(() => call(container, method, args.map(read)))
    const now = [here, py.sys.getsizeof(container), ...(text === undefined ? [] : [repr(container)])]
    const wanted = [result, size, ...(text === undefined ? [] : [text])]
    if (JSON.stringify(now) !== JSON.stringify(wanted))
      return JSON.stringify({ start, step: i, method, args, now, wanted })
  }
  return null
}
