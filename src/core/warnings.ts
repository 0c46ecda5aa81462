// Python's warnings, as far as PyTorch and NumPy give them: a category and a text, written to a sink.

import { PyTypeError } from './errors'

export type WarningCategory =
  | 'UserWarning'
  | 'FutureWarning'
  | 'DeprecationWarning'
  | 'RuntimeWarning'
  | 'Exception ignored in'
export type WarningSink = (category: WarningCategory, text: string) => void

let sink: WarningSink = (category, text) => console.warn(`${category}: ${text}`)
const given = new Set<string>()
let always = false

/** Where warnings go; default: console.warn. Returns the sink before. */
export function set_warning_sink(write: WarningSink): WarningSink {
  if (typeof write !== 'function') throw new PyTypeError(`set_warning_sink() takes a function, not ${typeof write}`)
  const before = sink
  sink = write
  return before
}

/** Gives a warning. */
export function warn(category: WarningCategory, text: string): void {
  sink(category, text)
}

/** Do warnings that come once in a program come every time from here on? */
export function setWarnAlways(on: boolean): void {
  always = on
}

export function is_warn_always_enabled(): boolean {
  return always
}

/** Gives a warning the first time only, or every time after `torch.set_warn_always(true)`. */
export function warnOnce(category: WarningCategory, text: string): void {
  if (given.has(text) && !always) return
  given.add(text)
  sink(category, text)
}

/** An exception that nobody can catch, since nobody called what threw it: a `__del__` or the callback of a weak reference. */
export function unraisable(where: string, error: unknown): void {
  sink('Exception ignored in', `${where}\n${error}`)
}
