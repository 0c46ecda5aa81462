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
    unraisable(where, error)
  } finally {
    putThrown(thrown)
    putPending()
    putArgs()
  }
}
