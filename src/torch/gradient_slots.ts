// The engine's gradients as JS sees them while a hook or a custom Function runs: slots in the core's memory that own a
// tensor each, or nothing.
import { address } from '../core/handles'
import { u32 } from '../core/memory'
import { core } from '../core/wasm'
import { type Tensor, tensorFrom } from './tensor'
import { tuple } from './tuple'

/** A slot's tensor as a handle; the slot keeps its own reference. */
export function readSlot(slot: number): Tensor | null {
  const at = u32()[slot / 4]
  if (!at) return null
  core.tensor_retain(at)
  return tensorFrom(at)
}

/** Puts a tensor into a slot, which takes a reference of its own. */
export function writeSlot(slot: number, value: Tensor | null): void {
  const at = value ? address(value) : 0
  if (at) core.tensor_retain(at)
  const old = u32()[slot / 4]
  u32()[slot / 4] = at
  if (old) core.tensor_release(old)
}

export function readSlots(slots: number, count: number): (Tensor | null)[] {
  return tuple(Array.from({ length: count }, (_, i) => readSlot(slots + 4 * i)))
}
