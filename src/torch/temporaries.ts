// Handles that a function of the library makes on the way and gives back itself, scope or no scope around it.
import { collectCyclesOutside } from '../core/cycles'
import { currentOwner, Handle, type Owner, setOwner } from '../core/handles'

/** The handles in a result: itself, or in arrays of arrays. */
function* handlesIn(value: unknown): Generator<Handle> {
  if (value instanceof Handle) yield value
  else if (Array.isArray(value)) for (const item of value) yield* handlesIn(item)
}

/**
 * Runs `fn` and disposes every tensor and grad_fn made meanwhile, those made by the user's functions that it calls
 * included, except those in its result. They go last made first, as a scope's do.
 */
export function temporaries<R>(fn: () => R): R {
  const outer = currentOwner()
  const inner: Owner = { handles: [] }
  let kept = new Set<Handle>()
  setOwner(inner)
  try {
    const result = fn()
    kept = new Set(handlesIn(result))
    return result
  } finally {
    setOwner(outer)
    for (const handle of inner.handles.reverse()) {
      if (kept.has(handle)) handle._carry(outer, (owner) => owner === inner)
      else handle._leave(inner)
    }
    if (!outer) collectCyclesOutside()
  }
}
