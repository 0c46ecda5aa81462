// A trace as text.
import { PyTypeError } from '../core/errors'
import { pyTypeName } from '../torch/pytypes'
import type { TraceRecord } from './listing'

const WIDTH = 24

/**
 * The events of `py.trace` as text in the manner of `dis`, a line each; what the heap does stands further to the right.
 * @throws TypeError for anything else
 */
export function format_trace(events: readonly TraceRecord[]): string {
  const list: readonly unknown[] | null = Array.isArray(events) ? events : null
  const at = list ? list.findIndex((event) => !isRecord(event)) : -1
  if (!list || at >= 0) {
    const given = list ? `a list of ${pyTypeName(list[at])}` : pyTypeName(events)
    throw new PyTypeError(`format_trace() takes the events of trace(), not ${given}`)
  }
  return events.map(line).join('\n')
}

function line({ op, name, arg, address, type, refcount, depth }: TraceRecord): string {
  const margin = ' '.repeat(4 * depth + (address === undefined && !op.startsWith('gc_') ? 0 : 8))
  const about: string[] = []
  if (arg !== undefined) about.push(String(arg))
  if (name !== undefined) about.push(arg === undefined ? name : `(${name})`)
  if (op.endsWith('_FAST') && name === undefined) about.push('(a variable of JavaScript)')
  if (address !== undefined) about.push(`<${type} at 0x${address.toString(16)}>`)
  if (refcount !== undefined) about.push(`refcount ${refcount}`)
  return `${margin}${op.padEnd(WIDTH)}${about.join(' ')}`.trimEnd()
}

function isRecord(event: unknown): boolean {
  const { op, depth } = (event ?? {}) as Partial<TraceRecord>
  return typeof op === 'string' && typeof depth === 'number'
}
