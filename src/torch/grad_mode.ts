// Grad mode and inference mode, as functions over a callback and as `using` guards.
import { PyTypeError } from '../core/errors'
import { core } from '../core/wasm'
import { pyTypeName } from './pytypes'

/** What is recorded: under inference mode nothing, whatever grad mode says. */
interface Modes {
  grad: boolean
  inference: boolean
}

function setModes(modes: Modes): Modes {
  const grad = core.set_grad_mode(modes.grad ? 1 : 0) !== 0
  return { grad, inference: core.set_inference_mode(modes.inference ? 1 : 0) !== 0 }
}

const gradMode = (grad: boolean) => (): Modes => ({ grad, inference: is_inference_mode_enabled() })

/** As in PyTorch, leaving inference mode for a while records again. */
const inferenceMode = (inference: boolean) => (): Modes => ({ grad: !inference, inference })

let innermost: Frame | null = null

/**
 * A stretch of the program that has modes of its own. Frames end in any order: what is in force afterwards is what the
 * innermost that is left had, so that the last to end brings back what the first one found.
 */
class Frame {
  private readonly outer = innermost
  private readonly before: Modes
  private ended = false

  constructor(
    modes: Modes,
    private readonly guard: boolean,
  ) {
    this.before = setModes(modes)
    innermost = this
  }

  end(): void {
    if (this.ended) return
    this.ended = true
    // A function takes along the guards that it left open.
    let top = innermost
    while (!this.guard && top?.guard) top = top.outer
    if (top === this) innermost = this
    let found: Modes | null = null
    for (; innermost?.ended; innermost = innermost.outer) found = innermost.before
    if (found) setModes(found)
  }
}

/** Switches back at the end of a `using` declaration; later than that does nothing. */
class Guard {
  private readonly frame: Frame
  constructor(modes: Modes) {
    this.frame = new Frame(modes, true)
  }
  [Symbol.dispose](): void {
    this.frame.end()
  }
}

/** What `set_grad_enabled` returns: a guard from the moment that `using` takes it, which is when it reads the method. */
class Switch {
  private guard: Guard | null = null
  private readonly before: number
  constructor(private readonly on: boolean) {
    this.before = core.set_grad_mode(on ? 1 : 0)
  }
  get [Symbol.dispose](): () => void {
    if (!this.guard) {
      core.set_grad_mode(this.before)
      this.guard = new Guard(gradMode(this.on)())
    }
    return () => this.guard?.[Symbol.dispose]()
  }
}

const [GENERATOR, ASYNC_GENERATOR]: object[] = [function* () {}, async function* () {}].map(
  (fn) => Object.getPrototypeOf(fn).prototype,
)

const isGenerator = (value: object): boolean =>
  Object.prototype.isPrototypeOf.call(GENERATOR, value) || Object.prototype.isPrototypeOf.call(ASYNC_GENERATOR, value)

type Steps = Record<'next' | 'return' | 'throw', (value: unknown) => unknown>

/** The generator with each of its steps in the mode; between them the caller's own is in force. */
function inSteps<G extends object>(modes: () => Modes, generator: G): G {
  const steps = generator as unknown as Steps
  const wrapped = Object.create(Object.getPrototypeOf(generator)) as Steps
  for (const step of ['next', 'return', 'throw'] as const) {
    wrapped[step] = (value) => within(modes, () => steps[step](value))
  }
  return wrapped as unknown as G
}

function isThenable(value: object): value is PromiseLike<unknown> {
  return 'then' in value && typeof value.then === 'function'
}

/** Runs `fn` in a mode, which lasts until it returns, throws, or its promise settles; of a generator, in each step. */
function within<R>(modes: () => Modes, fn: () => R): R {
  const frame = new Frame(modes(), false)
  let waits = false
  try {
    const result = fn()
    if (typeof result !== 'object' || result === null) return result
    if (isThenable(result)) {
      const settled = Promise.resolve(result).finally(() => frame.end())
      waits = true
      return settled as R
    }
    return isGenerator(result) ? inSteps(modes, result) : result
  } finally {
    if (!waits) frame.end()
  }
}

function checkFunction(name: string, fn: unknown): void {
  if (typeof fn !== 'function') throw new PyTypeError(`${name}() takes a function, not ${pyTypeName(fn)}`)
}

function checkBool(name: string, parameter: string, on: unknown): void {
  if (typeof on === 'boolean') return
  throw new PyTypeError(`${name}(): argument '${parameter}' (position 1) must be bool, not ${pyTypeName(on)}`)
}

export interface Mode {
  <R>(fn: () => R): R
  (): Disposable
}

function mode(name: string, modes: () => Modes): Mode {
  return (<R>(fn?: () => R): R | Disposable => {
    if (fn === undefined) return new Guard(modes())
    checkFunction(name, fn)
    return within(modes, fn)
  }) as Mode
}

/**
 * `torch.no_grad(() => ...)` records nothing inside and returns what the function returns; `using _ = torch.no_grad()`
 * does so to the end of the block. The mode is over when the function returns or throws. If it returns a generator, each
 * of the generator's steps runs in the mode, and what runs between them does not. If it returns a promise, the mode lasts
 * until that settles, for everything that runs meanwhile: JavaScript does not say whose code goes on after an `await`. So
 * await it at once, or put modes around the synchronous parts. Those that overlap may end in any order: the last of them
 * brings back what was in force before the first.
 */
export const no_grad = mode('no_grad', gradMode(false))

/** Records again inside a `no_grad`. See there for generators and promises. */
export const enable_grad = mode('enable_grad', gradMode(true))

/**
 * Like `no_grad`, and what is made inside may not meet autograd later: no version counters, nothing saved for backward.
 * `inference_mode(false)` and `inference_mode(false, fn)` record again inside.
 */
export function inference_mode<R>(fn: () => R): R
export function inference_mode(mode?: boolean): Disposable
export function inference_mode<R>(mode: boolean, fn: () => R): R
export function inference_mode(...args: unknown[]): unknown {
  const [on, fn] = typeof args[0] === 'function' ? [true, args[0]] : [args[0] === undefined ? true : args[0], args[1]]
  checkBool('inference_mode', 'mode', on)
  if (fn === undefined) return new Guard(inferenceMode(on as boolean)())
  checkFunction('inference_mode', fn)
  return within(inferenceMode(on as boolean), fn as () => unknown)
}

/** Sets grad mode from here on: to the end of the mode around it. Over a function, or as a guard, only for that. */
export function set_grad_enabled<R>(enabled: boolean, fn: () => R): R
export function set_grad_enabled(enabled: boolean): Disposable
export function set_grad_enabled(enabled: boolean, fn?: () => unknown): unknown {
  checkBool('set_grad_enabled', 'enabled', enabled)
  if (fn === undefined) return new Switch(enabled)
  checkFunction('set_grad_enabled', fn)
  return within(gradMode(enabled), fn)
}

export function is_grad_enabled(): boolean {
  return core.grad_mode() !== 0
}

export function is_inference_mode_enabled(): boolean {
  return core.inference_mode() !== 0
}
