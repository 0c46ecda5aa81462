// Anomaly mode: finds the forward call whose backward failed, and nan gradients as soon as they appear.

import { NodeField } from '../../assembly/abi'
import { callbacks, onNodeFreed } from '../core/callbacks'
import { setAnomalyHint } from '../core/error_text'
import { u32 } from '../core/memory'
import { warn } from '../core/warnings'
import { core } from '../core/wasm'
import { nodeType } from './nodes'

let enabled = false
let checkNan = true

// Where each node was made: the stack of the forward call, without the library's own frames.
const places = new Map<number, string>()

// V8 keeps ten frames by default, and the library's own come first.
const FRAMES = 50

/** The caller's part of a stack: frames of the core and of this library (its one file, or its sources) are dropped. */
function callerStack(): string {
  const limits = Error as { stackTraceLimit?: number }
  const before = limits.stackTraceLimit
  limits.stackTraceLimit = FRAMES
  const frames = (new Error().stack ?? '').split('\n').slice(1)
  limits.stackTraceLimit = before
  const here = /((?:\w+:\/\/)?\/[^\s()]*?)(?:torch\/anomaly\.ts)?(?:\?[^:]*)?:\d+:\d+/.exec(frames[0] ?? '')?.[1]
  return frames.filter((frame) => !frame.includes('wasm') && !(here && frame.includes(here))).join('\n')
}

onNodeFreed((node) => places.delete(node))

callbacks.node_made = (node) => {
  places.set(node, callerStack())
}

callbacks.node_failed = (node) => {
  const name = nodeType(u32()[(node + NodeField.kind) / 4], node)
  const place = places.get(node)
  warn(
    'UserWarning',
    place === undefined
      ? `Error detected in ${name}. No forward pass information available. Enable detect anomaly during forward pass for more information.`
      : `Error detected in ${name}. Traceback of forward call that caused the error:\n${place}\n`,
  )
}

function apply(on: boolean, nan: boolean): void {
  enabled = on
  checkNan = nan
  core.set_anomaly(on ? 1 : 0, on && nan ? 1 : 0)
  setAnomalyHint(on)
}

/** Restores the mode before at the end of a `using` declaration. */
class Guard {
  private readonly before: [boolean, boolean] = [enabled, checkNan]
  constructor(on: boolean, nan: boolean) {
    apply(on, nan)
  }
  [Symbol.dispose](): void {
    apply(...this.before)
  }
}

/** Turns anomaly mode on or off from here on; as a guard, until its `using` ends. */
export function set_detect_anomaly(mode: boolean, check_nan = true): Disposable {
  return new Guard(mode, check_nan)
}

/** Anomaly mode for a callback, or for a `using` declaration; warns that it is slow. */
export function detect_anomaly<R>(fn: () => R, options?: { check_nan?: boolean }): R
export function detect_anomaly(options?: { check_nan?: boolean }): Disposable
export function detect_anomaly<R>(
  first?: (() => R) | { check_nan?: boolean },
  second?: { check_nan?: boolean },
): R | Disposable {
  warn(
    'UserWarning',
    'Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.',
  )
  const options = typeof first === 'function' ? second : first
  const guard = new Guard(true, options?.check_nan ?? true)
  if (typeof first !== 'function') return guard
  try {
    return first()
  } finally {
    guard[Symbol.dispose]()
  }
}

export function is_anomaly_enabled(): boolean {
  return enabled
}

export function is_anomaly_check_nan_enabled(): boolean {
  return checkNan
}
