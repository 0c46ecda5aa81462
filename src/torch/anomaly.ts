// Anomaly mode: finds the forward call whose backward failed, and nan gradients as soon as they appear.

import { callbacks } from '../core/callbacks'
import { PyTypeError } from '../core/errors'
import { setAnomalyHint } from '../core/version_error_text'
import { warn } from '../core/warnings'
import { core } from '../core/wasm'
import { during } from './during'
import { nodeKind, nodeName } from './nodes'
import { type Making, makingOf, wantPlaces } from './places'
import { isPlain, pyTypeName } from './pytypes'

let enabled = false
let checkNan = true

callbacks.node_failed = (node) => {
  if (!enabled) return
  tell(
    'Error detected in ',
    nodeName(nodeKind(node), node),
    'Traceback of forward call that caused the error',
    makingOf(node),
  )
  // A node of a recorded backward pass: the node whose formula made it, and so on.
  for (let by = makingOf(node)?.by; by; by = by.making?.by) {
    const what = 'Traceback of forward call that induced the previous calculation'
    tell('\n\nPrevious calculation was induced by ', by.name, what, by.making)
  }
}

function tell(who: string, name: string, what: string, making: Making | undefined): void {
  const text = making
    ? `${who}${name}. ${what}:\n${making.stack}\n`
    : `Error detected in ${name}. No forward pass information available. Enable detect anomaly during forward pass for more information.`
  try {
    warn('UserWarning', text)
  } catch {
    // The error of the backward pass comes first; a sink that throws has the warning printed, as in PyTorch.
    console.error(`UserWarning: ${text}`)
  }
}

function apply(on: boolean, nan: boolean): void {
  enabled = on
  checkNan = nan
  wantPlaces('anomaly', on)
  core.set_nan_check(on && nan ? 1 : 0)
  setAnomalyHint(on)
}

/** Switches; the returned function restores the mode before. */
function enter(on: boolean, nan: boolean): () => void {
  const before = [enabled, checkNan] as const
  apply(on, nan)
  return () => apply(...before)
}

function checkBool(value: unknown, name: string): void {
  if (typeof value !== 'boolean') throw new PyTypeError(`${name} must be bool, not ${pyTypeName(value)}`)
}

/** Turns anomaly mode on or off from here on; as a guard, until its `using` ends. */
export function set_detect_anomaly(mode: boolean, check_nan = true): Disposable {
  checkBool(mode, "set_detect_anomaly(): argument 'mode'")
  checkBool(check_nan, "set_detect_anomaly(): argument 'check_nan'")
  return during(() => enter(mode, check_nan)) as Disposable
}

export interface AnomalyOptions {
  /** Fail as soon as a node's gradient has a nan. Default: true. */
  check_nan?: boolean
}

/** Anomaly mode for a callback, or for a `using` declaration; warns that it is slow. */
export function detect_anomaly<R>(fn: () => R, options?: AnomalyOptions): R
export function detect_anomaly(options?: AnomalyOptions): Disposable
export function detect_anomaly<R>(...args: [(() => R) | AnomalyOptions | undefined, AnomalyOptions?]): R | Disposable {
  const fn = typeof args[0] === 'function' ? args[0] : undefined
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
  return during(() => enter(true, check_nan), fn)
}

export function is_anomaly_enabled(): boolean {
  return enabled
}

export function is_anomaly_check_nan_enabled(): boolean {
  return checkNan
}
