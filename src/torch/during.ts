// What holds for a while: as a function over a callback, or as a guard.
import { PyTypeError } from '../core/errors'
import { pyTypeName } from './pytypes'

/** Begins something; the returned function ends it. */
type Begin = () => () => void

class Guard {
  constructor(private end: (() => void) | null) {}
  [Symbol.dispose](): void {
    this.end?.()
    this.end = null
  }
}

/**
 * From `begin` until `fn` returns, throws, or its promise settles; returns what `fn` does. Without `fn`, until the end of
 * the `using` declaration that takes the returned guard.
 */
export function during<R>(begin: Begin, fn?: () => R): R | Disposable {
  if (fn === undefined) return new Guard(begin())
  if (typeof fn !== 'function') throw new PyTypeError(`'${pyTypeName(fn)}' object is not callable`)
  const end = begin()
  let result: R
  try {
    result = fn()
  } catch (error) {
    end()
    throw error
  }
  if (result instanceof Promise) return result.finally(end) as R
  end()
  return result
}
