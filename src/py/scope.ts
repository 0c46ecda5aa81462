// Scopes and their frames. A scope owns the handles made in it; its frame's locals hold references as Python's do.
import { collectCycles, collectCyclesInTime } from '../core/cycles'
import { PyTypeError, RuntimeError } from '../core/errors'
import { address, currentOwner, Handle, handlesIn, type Owner, setOwner } from '../core/handles'
import { handleAt } from '../core/objects'
import { GradFn } from '../torch/grad_fn'
import { drop, type PyHandle } from './handle'
import { tracer } from './tracer'

/**
 * Python's frame: `f.x = value` is STORE_FAST, `delete f.x` is DEL_FAST. A local is whatever was last assigned to it, so
 * the compiler lets everything pass; name the locals to have them checked: `scope((f: { l: PyList }) => ...)`.
 */
// biome-ignore lint/suspicious/noExplicitAny: what a Python local is
export type Frame = Record<string, any>

/**
 * Async scopes whose promise has not settled. JavaScript does not say whose code goes on after an `await`: while several
 * wait, the innermost may have got what another made, so what one of them leaves is kept until the others have ended too.
 */
const waiting = new Set<Owner>()

/** What `hold` holds. */
type Held = GradFn | PyHandle

/** A slot of a frame: a value, and the object to which it holds a reference, or 0. */
interface Local {
  readonly value: unknown
  readonly object: number
}

let opened = 0

class Scope implements Owner {
  readonly handles: Handle[] = []
  closed = false
  /** Its locals are gone, and nobody would let go of new ones. */
  left = false
  /** Held by `hold()` while this scope was the innermost. */
  readonly held: Held[] = []
  /** In the order of their first assignment; a deleted one keeps its place, empty. */
  readonly locals = new Map<string, Local | null>()
  readonly order = opened++
  /** Scopes that ended while this one waited, and how many this one waits for after its own end. */
  readonly ended: Scope[] = []
  waitsFor = 0
  /** Who called, as far as one can tell: an outer scope that waits may have had nothing to do with it. */
  readonly caller: Owner | null

  constructor(readonly outer: Owner | null) {
    let caller = outer
    while (caller instanceof Scope && (caller.closed || waiting.has(caller))) caller = caller.outer
    this.caller = caller
  }
}

/** What a local holds: a reference to the object, for a grad_fn one hold of its handle. */
function bind(value: unknown): Local {
  if (!(value instanceof Handle)) return { value, object: 0 }
  address(value)
  if (!(value instanceof GradFn)) return { value, object: value._take() }
  value._hold()
  return { value, object: 0 }
}

function unbind(local: Local | null | undefined, what: string): void {
  if (!local) return
  if (local.object) drop(local.object, what)
  else if (local.value instanceof GradFn) local.value._unhold()
}

/** A tensor's handle may have gone with an inner scope, while this local kept the tensor. */
function read(local: Local | null | undefined): unknown {
  if (!local) return undefined
  const { value, object } = local
  return object && !(value as Handle)._at ? handleAt(object) : value
}

function frameOf(scope: Scope): Frame {
  const { locals } = scope
  return new Proxy<Frame>(Object.create(null), {
    get(_, name) {
      if (typeof name !== 'string') return undefined
      const local = locals.get(name)
      const value = read(local)
      if (local) tracer?.load(name, value)
      return value
    },
    has: (_, name) => typeof name === 'string' && !!locals.get(name),
    ownKeys: () => [...locals.keys()].filter((name) => locals.get(name)),
    getOwnPropertyDescriptor: (_, name) =>
      typeof name === 'string' && locals.get(name)
        ? { value: read(locals.get(name)), enumerable: true, configurable: true, writable: true }
        : undefined,
    set(_, name, value) {
      if (typeof name !== 'string') throw new PyTypeError('the name of a frame local must be a string')
      tracer?.store(name, value)
      if (scope.left) throw new RuntimeError(`cannot assign to f.${name}: the scope of its frame was left`)
      const next = bind(value)
      const old = locals.get(name)
      locals.set(name, next)
      unbind(old, `assigning to f.${name}`)
      return true
    },
    deleteProperty(_, name) {
      const old = typeof name === 'string' && locals.get(name)
      if (!old) return true
      tracer?.delete(name as string)
      locals.set(name, null)
      unbind(old, `del f.${name}`)
      return true
    },
  })
}

/** The innermost of these that is open: an async scope may outlive those around it. */
function firstOpen(owner: Owner | null): Owner | null {
  while (owner instanceof Scope && owner.closed) owner = owner.outer
  return owner
}

/** Leaves a scope: its locals go, then its handles, except those that are carried out. */
function leave(scope: Scope, kept: Set<Handle>): void {
  const wasAsync = waiting.delete(scope)
  const outer = firstOpen(wasAsync ? scope.caller : scope.outer)
  for (const handle of kept) handle._carry(outer, (owner) => madeIn(owner, scope))
  // Until all are empty: a `__del__` may bind another.
  for (let bound = scope.locals.size > 0; bound; bound = [...scope.locals.values()].some(Boolean)) {
    for (const [name, local] of scope.locals) {
      scope.locals.set(name, null)
      unbind(local, 'the end of its scope')
    }
  }
  scope.locals.clear()
  scope.left = true
  if (wasAsync) {
    scope.waitsFor = waiting.size
    for (const other of waiting) (other as Scope).ended.push(scope)
  }
  if (scope.waitsFor === 0) letGo(scope)
  for (const ended of scope.ended) if (--ended.waitsFor === 0) letGo(ended)
  if (firstOpen(scope.outer)) collectCyclesInTime()
  else collectCycles()
}

/** Made while `scope` was open: in it, or in one opened later, which may have taken what was made here. */
function madeIn(owner: Owner | null, scope: Scope): boolean {
  return owner instanceof Scope && owner.order >= scope.order
}

function letGo(scope: Scope): void {
  for (const handle of scope.held.splice(0)) handle._unhold('the end of its scope')
  // Last made, first disposed: what came out of a tensor is gone before the tensor goes.
  for (const handle of scope.handles.reverse()) handle._leave(scope)
}

/**
 * Runs `fn` with a frame. When it returns, the frame's locals are dropped and every tensor and grad_fn made inside is
 * disposed, except those in the returned value (itself, in arrays or in plain objects). `using` and `hold` inside end
 * with the scope at the latest. The scope of an async function lasts until its promise settles, and owns what anybody
 * makes meanwhile: await it at once, or put scopes around the synchronous parts. Async scopes that are open at the same
 * time, one in the other or not, let go of their tensors when the last of them ends.
 *
 * The frame has the type that `fn` gives it: `scope((f: Record<string, PyList>) => ...)`.
 */
export function scope<R, F extends object = Frame>(fn: (frame: F) => R): R {
  if (typeof fn !== 'function') throw new PyTypeError('scope() takes a function')
  const inner = new Scope(currentOwner())
  setOwner(inner)
  const seen = tracer
  seen?.enter(fn)
  let result: R
  try {
    result = fn(frameOf(inner) as F)
  } catch (error) {
    seen?.unwind()
    close(inner, null)
    throw error
  }
  if (!(result instanceof Promise)) {
    seen?.leave(result)
    close(inner, result)
    seen?.left(result)
    return result
  }
  waiting.add(inner)
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
  let kept = new Set<Handle>()
  try {
    kept = handlesIn(value)
  } finally {
    inner.closed = true
    setOwner(firstOpen(currentOwner()))
    leave(inner, kept)
  }
}

/** `hold` was called in a scope: its end lets go at the latest. */
export function bindHold(handle: Held, owner: Owner | null): void {
  if (owner instanceof Scope) owner.held.push(handle)
}

/** `del_` undoes the innermost `hold`. */
export function dropHold(handle: Held): void {
  for (let owner = currentOwner(); owner instanceof Scope; owner = owner.outer) {
    const index = owner.held.lastIndexOf(handle)
    if (index >= 0) {
      owner.held.splice(index, 1)
      return
    }
  }
}

/** Holds a handle until the returned function is called; an iterator that nobody ends lets go with its scope. */
export function holdMeanwhile(handle: Held): () => void {
  const owner = currentOwner()
  handle._hold()
  bindHold(handle, owner)
  return () => {
    const index = owner instanceof Scope ? owner.held.lastIndexOf(handle) : 0
    if (index < 0) return
    if (owner instanceof Scope) owner.held.splice(index, 1)
    handle._unhold('the end of its iteration')
  }
}
