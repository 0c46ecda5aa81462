// Scopes and their frames. A scope owns the handles made in it; its frame's locals hold references as Python's do.
import { collectCycles } from '../core/cycles'
import { PyTypeError } from '../core/errors'
import { address, currentOwner, Handle, type Owner, setOwner } from '../core/handles'
import { GradFn, holdNode, releaseNode } from '../torch/grad_fn'

/** Python's frame: `f.x = value` is STORE_FAST, `delete f.x` is DEL_FAST. */
export type Frame = Record<string, unknown>

class Scope implements Owner {
  readonly handles: Handle[] = []
  /** grad_fns held by `hold()` while this scope was the innermost. */
  readonly held: GradFn[] = []
  readonly locals = new Map<string, unknown>()

  constructor(readonly outer: Owner | null) {}
}

/** A local of a frame counts as a holder of a grad_fn's wrapper. */
function bind(value: unknown): void {
  if (value instanceof Handle) address(value)
  if (value instanceof GradFn) holdNode(value)
}

function unbind(value: unknown): void {
  if (value instanceof GradFn && value._holds > 0) releaseNode(value)
}

function frameOf(scope: Scope): Frame {
  return new Proxy<Frame>(Object.create(null), {
    get: (_, name) => (typeof name === 'string' ? scope.locals.get(name) : undefined),
    has: (_, name) => typeof name === 'string' && scope.locals.has(name),
    ownKeys: () => [...scope.locals.keys()],
    getOwnPropertyDescriptor: (_, name) =>
      typeof name === 'string' && scope.locals.has(name)
        ? { value: scope.locals.get(name), enumerable: true, configurable: true, writable: true }
        : undefined,
    set(_, name, value) {
      if (typeof name !== 'string') throw new PyTypeError('the name of a frame local must be a string')
      bind(value)
      const old = scope.locals.get(name)
      scope.locals.set(name, value)
      unbind(old)
      return true
    },
    deleteProperty(_, name) {
      if (typeof name !== 'string' || !scope.locals.has(name)) return true
      const old = scope.locals.get(name)
      scope.locals.delete(name)
      unbind(old)
      return true
    },
  })
}

/** The handles in a returned value: itself, in arrays and in plain objects. */
function handlesIn(value: unknown, found: Set<Handle>, seen = new Set<unknown>()): Set<Handle> {
  if (value instanceof Handle) found.add(value)
  else if (typeof value === 'object' && value !== null && !seen.has(value)) {
    seen.add(value)
    if (Array.isArray(value) || value instanceof Set) for (const item of value) handlesIn(item, found, seen)
    else if (value instanceof Map) for (const item of value.values()) handlesIn(item, found, seen)
    else if (Object.getPrototypeOf(value) === Object.prototype) {
      for (const item of Object.values(value)) handlesIn(item, found, seen)
    }
  }
  return found
}

/** Leaves a scope: its locals go, then its handles, except those that `value` carries out. */
function leave(scope: Scope, value: unknown): void {
  for (const local of scope.locals.values()) unbind(local)
  scope.locals.clear()
  for (const node of scope.held) if (node._holds > 0) releaseNode(node)
  const kept = handlesIn(value, new Set())
  // Last made, first disposed: what came out of a tensor is gone before the tensor goes.
  for (const handle of scope.handles.reverse()) {
    if (!handle._at) continue
    if (kept.has(handle)) handle._moveTo(scope.outer)
    else handle.dispose()
  }
  collectCycles()
}

/**
 * Runs `fn` with a frame. When it returns, the frame's locals are dropped and every tensor and grad_fn made inside is
 * disposed, except those in the returned value (itself, in arrays or in plain objects). An async function keeps its
 * scope until its promise settles. `using` and `hold` inside end with the scope at the latest.
 */
export function scope<R>(fn: (frame: Frame) => R): R {
  if (typeof fn !== 'function') throw new PyTypeError('scope() takes a function')
  const inner = new Scope(currentOwner())
  setOwner(inner)
  let result: R
  try {
    result = fn(frameOf(inner))
  } catch (error) {
    close(inner, null)
    throw error
  }
  if (!(result instanceof Promise)) {
    close(inner, result)
    return result
  }
  return result.then(
    (value: unknown) => {
      close(inner, value)
      return value
    },
    (error: unknown) => {
      close(inner, null)
      throw error
    },
  ) as R
}

function close(inner: Scope, value: unknown): void {
  if (currentOwner() === inner) setOwner(inner.outer)
  leave(inner, value)
}

/** `hold` was called in a scope: its end lets go at the latest. */
export function bindHold(handle: GradFn, owner: Owner | null): void {
  if (owner instanceof Scope) owner.held.push(handle)
}

/** `del_` undoes the innermost `hold`. */
export function dropHold(handle: GradFn): void {
  for (let owner = currentOwner(); owner instanceof Scope; owner = owner.outer) {
    const index = owner.held.lastIndexOf(handle)
    if (index >= 0) {
      owner.held.splice(index, 1)
      return
    }
  }
}
