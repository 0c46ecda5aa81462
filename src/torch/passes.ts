// Backward passes: one may run inside another, and callbacks wait for the end of the one they were queued in.
import { RuntimeError } from '../core/errors'
import { core } from '../core/wasm'
import { callable } from './signature-def'

/** The callbacks of the innermost pass that is on; null outside any. */
let queue: (() => void)[] | null = null

/**
 * Calls `callback` at the end of the backward pass that is on (the innermost, when one runs inside another), after those
 * queued before; one that is queued by a callback comes last. They run in the pass's grad mode, and not after an error.
 * @throws RuntimeError outside a backward pass
 */
export function queue_callback(callback: () => void): void {
  if (!queue) throw new RuntimeError('Final callbacks can only be installed during backward pass.')
  queue.push(callback)
}

/** How many passes are on, one inside the other. */
let depth = 0

// From this depth on it is asked first whether the stack has room, this many frames of sixteen numbers and more: were the
// stack to end inside the core, its frames would be unwound and its memory left broken.
const SHALLOW = 8
const FRAMES = 1000

function probe(n: number, ...numbers: readonly number[]): number {
  return n === 0 ? numbers.length : probe(n - 1, ...numbers) + 1
}

const SIXTEEN = Array.from({ length: 16 }, () => 0)

function checkStack(): void {
  try {
    probe(FRAMES, ...SIXTEEN)
  } catch {
    throw new RuntimeError(
      `maximum recursion depth exceeded: ${depth} backward passes run one inside the other, and JavaScript's stack has no room for more`,
    )
  }
}

/** Runs a pass and then its callbacks; `abandon` gets the result of one whose callback threw. */
export function runPass<R>(createGraph: boolean, pass: () => R, abandon: (result: R) => void): R {
  const outer = queue
  const own: (() => void)[] = []
  if (depth >= SHALLOW) checkStack()
  queue = own
  depth++
  try {
    const result = pass()
    if (own.length) callAll(own, createGraph, () => abandon(result))
    return result
  } finally {
    queue = outer
    depth--
  }
}

function callAll(callbacks: readonly (() => void)[], gradMode: boolean, abandon: () => void): void {
  const before = core.set_grad_mode(gradMode ? 1 : 0)
  let done = false
  try {
    // The list may grow meanwhile.
    for (const callback of callbacks) callable(callback)()
    done = true
  } finally {
    core.set_grad_mode(before)
    if (!done) abandon()
  }
}
