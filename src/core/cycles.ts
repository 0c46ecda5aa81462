// When to look for cycles among tensors and nodes (the looking is assembly/autograd/cycles.ts).
import { u32 } from './memory'
import { core } from './wasm'

const FEW = 64

// Tensors whose handle went while something else still held them, and which may be in a cycle: one reference each.
let suspects: number[] = []
/** Outside scopes, how many there may be before cycles are looked for; it grows with those that live on. */
let limit = FEW

/** A handle's reference to a tensor goes: at once, or with the next collection. */
export function dropTensor(tensor: number): void {
  if (!core.tensor_drop(tensor) || suspects.push(tensor) <= limit) return
  const before = suspects.length
  collectCycles()
  limit = before * 2
}

/** Frees tensors and nodes that only hold each other. Every scope does so when it ends. */
export function collectCycles(): void {
  if (suspects.length === 0) return
  const bytes = suspects.length * 4
  const list = core.list_alloc(bytes) >>> 0
  if (!list) return
  u32().set(suspects, list / 4)
  core.collect_cycles(list, suspects.length)
  core.list_free(list, bytes)
  suspects = []
  limit = FEW
}
