// Python's print, str and repr.
import { PyTypeError } from '../core/errors'
import { address } from '../core/handles'
import { floatRepr } from '../torch/decimals'
import { GradFn, holdNode, releaseNode } from '../torch/grad_fn'
import { isPlain, pyTypeName } from '../torch/pytypes'
import { markOf } from '../torch/tuple'
import { PyHandle, reprOf, spend, strOf } from './handle'
import { stringRepr } from './quote'
import { tracer } from './tracer'

let sink: (line: string) => void = (line) => console.log(line)

/** Where `print` writes: one call a `print`, without the newline. Default: console.log. */
export function set_print_sink(write: (line: string) => void): void {
  if (typeof write !== 'function') throw new PyTypeError(`set_print_sink() takes a function, not ${pyTypeName(write)}`)
  sink = write
}

/** Whatever refers to grad_fns keeps them alive while it is written: two of them show two addresses. */
function whileAlive(values: readonly unknown[], write: () => string): string {
  const held: GradFn[] = []
  try {
    for (const value of values) {
      if (!(value instanceof GradFn)) continue
      holdNode(value)
      held.push(value)
    }
    return write()
  } finally {
    for (const node of held) if (node._holds > 0) releaseNode(node)
  }
}

function listRepr(items: readonly unknown[], seen: readonly unknown[]): string {
  return whileAlive(items, () => bracketed(items, seen))
}

function bracketed(items: readonly unknown[], seen: readonly unknown[]): string {
  const parts = items.map((item) => represent(item, seen))
  switch (markOf(items)) {
    case 'tuple':
      return parts.length === 1 ? `(${parts[0]},)` : `(${parts.join(', ')})`
    case 'size':
      return `torch.Size([${parts.join(', ')}])`
    default:
      return `[${parts.join(', ')}]`
  }
}

/** Python's `repr()`: strings in quotes, `True`, `None`, tensors by their own repr, objects as dicts. */
export function repr(value: unknown): string {
  if (tracer) return tracer.call('repr', [value], () => repr(value))
  try {
    return represent(value)
  } finally {
    spend('repr()', [value])
  }
}

/** What says itself how it is represented: NumPy's arrays, scalars and dtypes, whose str is another. */
interface Represented {
  __repr__(): string
}

const isRepresented = (value: unknown): value is Represented =>
  typeof (value as Partial<Represented> | null | undefined)?.__repr__ === 'function'

/** repr() of a value that stays alive. */
export function represent(value: unknown, outer: readonly unknown[] = []): string {
  if (!(value instanceof PyHandle) && isRepresented(value)) return value.__repr__()
  switch (typeof value) {
    case 'string':
      return stringRepr(value)
    case 'boolean':
      return value ? 'True' : 'False'
    case 'number':
      // JavaScript does not tell 2.0 from 2; Python would print both of its zeros.
      return Number.isInteger(value) && Math.abs(value) < 1e16 && !Object.is(value, -0)
        ? String(value)
        : floatRepr(value)
    case 'bigint':
      return String(value)
    case 'undefined':
      return 'None'
    case 'function':
      return `<function ${value.name || '<lambda>'}>`
    case 'symbol':
      return String(value)
    default:
      return objectRepr(value as object | null, outer)
  }
}

function objectRepr(value: object | null, outer: readonly unknown[]): string {
  if (value === null) return 'None'
  if (value instanceof PyHandle) return reprOf(address(value))
  if (outer.includes(value)) return Array.isArray(value) ? '[...]' : '{...}'
  const seen = [...outer, value]
  if (Array.isArray(value)) return listRepr(value, seen)
  if (value instanceof Error) return `${value.name}(${stringRepr(value.message)})`
  if (value instanceof Set) {
    return value.size ? `{${[...value].map((item) => represent(item, seen)).join(', ')}}` : 'set()'
  }
  if (value instanceof Map || isPlain(value)) {
    const entries = value instanceof Map ? [...value] : Object.entries(value)
    return `{${entries.map(([k, v]) => `${represent(k, seen)}: ${represent(v, seen)}`).join(', ')}}`
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return listRepr(Array.from(value as Uint8Array), seen)
  const own = (value as { toString?: unknown }).toString
  if (typeof own === 'function' && own !== Object.prototype.toString) return String(value)
  return `<${pyTypeName(value)} object>`
}

/** Python's `str()`: a string is itself, an error its message, anything else its repr. */
export function str(value: unknown): string {
  if (tracer) return tracer.call('str', [value], () => str(value))
  try {
    return text(value)
  } finally {
    spend('str()', [value])
  }
}

/** What print writes; consumes nothing. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof PyHandle) return strOf(address(value))
  if (isRepresented(value)) return String(value)
  return value instanceof Error ? value.message : represent(value, [])
}

export interface PrintOptions {
  sep?: string | null
  end?: string | null
}

function isOptions(value: unknown): value is PrintOptions {
  if (typeof value !== 'object' || value === null || !isPlain(value)) return false
  const keys = Object.keys(value)
  return keys.length > 0 && keys.every((key) => key === 'sep' || key === 'end')
}

function textOption(name: string, value: unknown, natural: string): string {
  if (value === undefined || value === null) return natural
  if (typeof value === 'string') return value
  throw new PyTypeError(`${name} must be None or a string, not ${pyTypeName(value)}`)
}

let pending = ''

/**
 * Python's `print(...)`; `sep` and `end` in one last object. All arguments are alive at once while it prints, so two
 * grad_fns show two addresses.
 */
export function print(...values: unknown[]): void {
  if (tracer) {
    tracer.call('print', values, () => print(...values))
    return
  }
  const options = isOptions(values.at(-1)) ? (values.pop() as PrintOptions) : {}
  const sep = textOption('sep', options.sep, ' ')
  const end = textOption('end', options.end, '\n')
  try {
    const whole = pending + whileAlive(values, () => values.map(text).join(sep)) + end
    const cut = whole.lastIndexOf('\n')
    pending = whole.slice(cut + 1)
    if (cut >= 0) sink(whole.slice(0, cut))
  } finally {
    spend('print()', values)
  }
}
