// Grad mode and inference mode, as functions over a callback and as `using` guards.
import { PyTypeError } from '../core/errors'
import { core } from '../core/wasm'
import { pyTypeName } from './pytypes'

type Callback<R> = () => R
type Restore = () => void

/** Switches to a mode and returns what switches back. */
type Enter = () => Restore

const gradMode = (on: boolean): Restore => {
  const before = core.set_grad_mode(on ? 1 : 0)
  return () => core.set_grad_mode(before)
}

/** Inference mode is no_grad too; leaving it restores both. */
const inferenceMode = (on: boolean): Restore => {
  const inference = core.set_inference_mode(on ? 1 : 0)
  const grad = core.set_grad_mode(on ? 0 : 1)
  return () => {
    core.set_inference_mode(inference)
    core.set_grad_mode(grad)
  }
}

/** Switches back at the end of a `using` declaration; later than that does nothing. */
class Guard {
  private restore: Restore | null
  constructor(enter: Enter) {
    this.restore = enter()
  }
  [Symbol.dispose](): void {
    this.restore?.()
    this.restore = null
  }
}

/** Runs `fn` in a mode, which lasts until it returns, throws, or its promise settles. */
function within<R>(enter: Enter, fn: Callback<R>): R {
  const restore = enter()
  let result: R
  try {
    result = fn()
  } catch (error) {
    restore()
    throw error
  }
  if (result instanceof Promise) return result.finally(restore) as R
  restore()
  return result
}

function mode(name: string, enter: Enter): { <R>(fn: Callback<R>): R; (): Disposable } {
  function set<R>(fn?: Callback<R>): R | Disposable {
    if (fn === undefined) return new Guard(enter)
    if (typeof fn !== 'function') throw new PyTypeError(`${name}() takes a function, not ${pyTypeName(fn)}`)
    return within(enter, fn)
  }
  return set as { <R>(fn: Callback<R>): R; (): Disposable }
}

/** `torch.no_grad(() => ...)` records nothing inside and returns what the function returns; or `using _ = torch.no_grad()`. */
export const no_grad = mode('no_grad', () => gradMode(false))

/** Records again inside a `no_grad`. */
export const enable_grad = mode('enable_grad', () => gradMode(true))

/** Like `no_grad`, and what is made inside may not meet autograd later: no version counters, nothing saved for backward. */
export const inference_mode = mode('inference_mode', () => inferenceMode(true))

/** Sets the mode from here on; as a guard, until its `using` ends. */
export function set_grad_enabled(on: boolean): Disposable {
  if (typeof on !== 'boolean') {
    throw new PyTypeError(`set_grad_enabled(): argument 'enabled' (position 1) must be bool, not ${pyTypeName(on)}`)
  }
  return new Guard(() => gradMode(on))
}

export function is_grad_enabled(): boolean {
  return core.grad_mode() !== 0
}

export function is_inference_mode_enabled(): boolean {
  return core.inference_mode() !== 0
}
