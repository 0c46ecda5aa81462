// Anomaly mode: finds the forward call whose backward failed, and nan gradients as soon as they appear.

import { NodeField } from '../../assembly/abi'
import { callbacks } from '../core/callbacks'
import { setAnomalyHint } from '../core/error_text'
import { PyTypeError } from '../core/errors'
import { u32 } from '../core/memory'
import { warn } from '../core/warnings'
import { core } from '../core/wasm'
import { nodeType } from './nodes'
import { nodePlace, wantPlaces } from './places'
import { isPlain, pyTypeName } from './pytypes'

let enabled = false
let checkNan = true

callbacks.node_failed = (node) => {
  if (!enabled) return
  const name = nodeType(u32()[(node + NodeField.kind) / 4], node)
  const place = nodePlace(node)
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
  wantPlaces('anomaly', on)
  core.set_nan_check(on && nan ? 1 : 0)
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

function checkBool(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw new PyTypeError(`${name} must be bool, not ${pyTypeName(value)}`)
  return value
}

/** Turns anomaly mode on or off from here on; as a guard, until its `using` ends. */
export function set_detect_anomaly(mode: boolean, check_nan = true): Disposable {
  return new Guard(
    checkBool(mode, "set_detect_anomaly(): argument 'mode'"),
    checkBool(check_nan, "set_detect_anomaly(): argument 'check_nan'"),
  )
}

export interface AnomalyOptions {
  /** Fail as soon as a node's gradient has a nan. Default: true. */
  check_nan?: boolean
}

/** Anomaly mode for a callback, or for a `using` declaration; warns that it is slow. */
export function detect_anomaly<R>(fn: () => R, options?: AnomalyOptions): R
export function detect_anomaly(options?: AnomalyOptions): Disposable
export function detect_anomaly<R>(...args: [(() => R) | AnomalyOptions | undefined, AnomalyOptions?]): R | Disposable {
  const fn = typeof args[0] === 'function' ? args[0] : null
  const options: unknown = fn ? args[1] : args[0]
  if (options !== undefined && (typeof options !== 'object' || options === null || !isPlain(options))) {
    throw new PyTypeError(`detect_anomaly() takes a function and { check_nan }, not ${pyTypeName(options)}`)
  }
  const { check_nan = true } = (options ?? {}) as AnomalyOptions
  checkBool(check_nan, "detect_anomaly(): argument 'check_nan'")
  warn(
    'UserWarning',
    'Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.',
  )
  const guard = new Guard(true, check_nan)
  if (!fn) return guard
  try {
    return fn()
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
