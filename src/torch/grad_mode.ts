// Grad mode, as functions over a callback and as `using` guards.
import { PyTypeError } from '../core/errors'
import { core } from '../core/wasm'
import { pyTypeName } from './pytypes'

/** Restores the mode at the end of a `using` declaration. */
class Guard {
  constructor(private readonly before: number) {}
  [Symbol.dispose](): void {
    core.set_grad_mode(this.before)
  }
}

type Callback<R> = () => R

function withMode<R>(on: boolean, fn: Callback<R>): R {
  const before = core.set_grad_mode(on ? 1 : 0)
  let settled = true
  try {
    const value = fn()
    if (!isPromise(value)) return value
    settled = false
    return value.finally(() => core.set_grad_mode(before)) as R
  } finally {
    if (settled) core.set_grad_mode(before)
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise
}

function mode(name: string, on: boolean): { <R>(fn: Callback<R>): R; (): Disposable } {
  function set<R>(fn?: Callback<R>): R | Disposable {
    if (fn === undefined) return new Guard(core.set_grad_mode(on ? 1 : 0))
    if (typeof fn !== 'function') throw new PyTypeError(`${name}() takes a function, not ${pyTypeName(fn)}`)
    return withMode(on, fn)
  }
  return set as { <R>(fn: Callback<R>): R; (): Disposable }
}

/** `torch.no_grad(() => ...)` records nothing inside and returns what the function returns; or `using _ = torch.no_grad()`. */
export const no_grad = mode('no_grad', false)

/** Records again inside a `no_grad`. */
export const enable_grad = mode('enable_grad', true)

/** Sets the mode from here on; as a guard, until its `using` ends. */
export function set_grad_enabled(on: boolean): Disposable {
  if (typeof on !== 'boolean') {
    throw new PyTypeError(`set_grad_enabled(): argument 'enabled' (position 1) must be bool, not ${pyTypeName(on)}`)
  }
  return new Guard(core.set_grad_mode(on ? 1 : 0))
}

export function is_grad_enabled(): boolean {
  return core.grad_mode() !== 0
}
