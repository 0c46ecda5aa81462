// Calls of the user's functions out of the core: `__del__`, callbacks of weak references.
import { putThrown, takeThrown } from '../core/callbacks'
import { takeArgs, takePending } from '../core/memory'
import { unraisable } from '../core/warnings'
import { scope } from './scope'

/**
 * Runs `fn`, which the core calls in the middle of something else, in a frame of its own. An exception ends here: it is
 * reported with `where`, as CPython does it.
 */
export function callOut(where: string, fn: () => unknown): void {
  const putArgs = takeArgs()
  const putPending = takePending()
  const thrown = takeThrown()
  try {
    scope(() => {
      fn()
    })
  } catch (error) {
    report(where, error)
  } finally {
    putThrown(thrown)
    putPending()
    putArgs()
  }
}

/** Nothing may be thrown through the core's frames, not even by a sink of the user's. */
function report(where: string, error: unknown): void {
  try {
    unraisable(where, error)
  } catch (failure) {
    console.error(failure)
  }
}
