// When to look for cycles among tensors and nodes (the looking is assembly/autograd/cycles.ts).
import { core } from './wasm'

const FEW = 64
/** A collection looks at no more objects than this for every handle that went since the last one. */
const SHARE = 16

/** Handles that went since the last collection, each of which may have been the last to reach a cycle. */
let gone = 0
/** What the last collection looked at. */
let visited = 0

/** A handle let go of its tensor or node. */
export function noteGone(): void {
  gone++
}

/** Frees tensors and nodes that only hold each other. */
export function collectCycles(): void {
  gone = 0
  visited = core.collect_cycles()
}

/** The same, unless so little has gone that looking again at what lives would cost too much. */
export function collectCyclesInTime(): void {
  if (gone * SHARE >= visited) collectCycles()
}

/** Outside scopes, where nothing ends that could collect. */
export function collectCyclesOutside(): void {
  if (gone >= FEW) collectCyclesInTime()
}
