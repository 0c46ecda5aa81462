import type { OutputStream } from './output'
import type { Stream } from './protocol'

const STREAMS: Record<'log' | 'info' | 'debug' | 'warn' | 'error', Stream> = {
  log: 'out',
  info: 'out',
  debug: 'out',
  warn: 'warn',
  error: 'error',
}

/// Sends what a program, or the library's warnings, write to `console` to the page's console panel.
export function redirectConsole(output: OutputStream): void {
  for (const [method, stream] of Object.entries(STREAMS) as [keyof typeof STREAMS, Stream][]) {
    console[method] = (...values: unknown[]) => output.write(stream, values.map(inspect).join(' '))
  }
}

/// One value as `console.log` shows it, in plain text. Tensors and the other objects of the library have their own toString.
export function inspect(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Error) return `${value.name}: ${value.message}`
  try {
    if (isPlain(value)) return JSON.stringify(value, (_, item: unknown) => insideJson(item)) ?? String(value)
    return String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === Object.prototype || prototype === null
}

function insideJson(item: unknown): unknown {
  if (typeof item === 'bigint' || typeof item === 'symbol') return String(item)
  if (typeof item === 'number' && !Number.isFinite(item)) return String(item)
  if (typeof item === 'function' || (typeof item === 'object' && item !== null && !isPlain(item))) return inspect(item)
  return item
}
