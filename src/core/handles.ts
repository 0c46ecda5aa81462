// Handles: the JS objects that stand for tensors and graph nodes of the core, each owning one reference.
//
// A handle made inside a `scope` lives in that scope's list and is disposed with it. Outside any scope it is reached
// through a WeakRef, and a FinalizationRegistry gives its reference back once the JS object is gone. A tensor has at
// most one living handle: its record names the handle's slot here, so `x.grad === x.grad`.
import { TensorField } from '../../assembly/abi'
import { PyReferenceError } from './errors'
import { u32 } from './memory'
import { core } from './wasm'

/** Gives a handle's reference back, by the address it named. */
type Release = (address: number) => void

interface Lost {
  address: number
  slot: number
  release: Release
}

const registry = new FinalizationRegistry<Lost>((lost) => {
  if (lost.slot) leaveSlot(lost.slot, lost.address)
  lost.release(lost.address)
})

const FEW_SUSPECTS = 64

// Slot 0 stands for "no handle". A slot holds a handle of a scope strongly, any other weakly.
const slots: (TensorHandle | WeakRef<TensorHandle> | null)[] = [null]
const freeSlots: number[] = []

/** Frees a slot and, if the tensor still names it, tells the tensor. */
function leaveSlot(slot: number, tensor: number): void {
  slots[slot] = null
  freeSlots.push(slot)
  const at = (tensor + TensorField.handle) / 4
  if (u32()[at] === slot) u32()[at] = 0
}

// Tensors whose handle went while something else still held them, and which may be in a cycle: one reference each.
let suspects: number[] = []
/** Outside scopes, how many there may be before the cycles among them are looked for; it grows with those that live. */
let limit = FEW_SUSPECTS

/** A handle's reference goes: at once, or with the next collection. */
function dropTensor(tensor: number): void {
  if (core.tensor_drop(tensor) && suspects.push(tensor) > limit) {
    const before = suspects.length
    collectCycles()
    limit = Math.max(FEW_SUSPECTS, before * 2)
  }
}

/** Frees tensors and nodes that only hold each other (assembly/autograd/cycles.ts). */
export function collectCycles(): void {
  if (suspects.length === 0) return
  const bytes = suspects.length * 4
  const list = core.list_alloc(bytes) >>> 0
  if (!list) return
  u32().set(suspects, list / 4)
  core.collect_cycles(list, suspects.length)
  core.list_free(list, bytes)
  suspects = []
  limit = FEW_SUSPECTS
}

/** What a scope keeps. */
export interface Owner {
  readonly handles: Handle[]
}

let owner: Owner | null = null

/** The innermost open scope; null outside any. */
export function currentOwner(): Owner | null {
  return owner
}

export function setOwner(next: Owner | null): void {
  owner = next
}

/** An object that owns one reference to something in the core until it is disposed. */
export abstract class Handle {
  /** The address; 0 once disposed. Internal: use `address(handle)`, which checks. @internal */
  _at: number
  /** Where it is kept alive: a scope, or null for the finalization registry. @internal */
  _owner: Owner | null

  protected constructor(at: number) {
    this._at = at
    this._owner = owner
  }

  /** What the handle is called in errors. @internal */
  abstract get _noun(): string
  /** @internal */
  abstract _release(): void
  /** Moves a handle that leaves its scope to `to`. @internal */
  abstract _moveTo(to: Owner | null): void

  /** Gives the reference back at once. Using the handle afterwards is a ReferenceError; disposing it again is fine. */
  dispose(): void {
    if (this._at) this._release()
  }
}

/** The address of a handle. @throws ReferenceError when it was disposed */
export function address(handle: Handle): number {
  return handle._at || dead(handle)
}

function dead(handle: Handle): never {
  throw new PyReferenceError(
    `this ${handle._noun} was disposed: its scope was left, or dispose() or del_() was called on it. ` +
      'Return a handle from its scope to use it outside',
  )
}

/** A handle that its tensor knows. */
export abstract class TensorHandle extends Handle {
  /** @internal */
  _slot: number

  protected constructor(at: number) {
    super(at)
    this._slot = freeSlots.pop() ?? slots.length
    if (owner) {
      slots[this._slot] = this
      owner.handles.push(this)
    } else this._watch()
    u32()[(at + TensorField.handle) / 4] = this._slot
  }

  /** Outside any scope: the registry looks after it. @internal */
  _watch(): void {
    slots[this._slot] = new WeakRef(this)
    registry.register(this, { address: this._at, slot: this._slot, release: dropTensor }, this)
  }

  /** @internal */
  _release(): void {
    const at = this._at
    this._at = 0
    if (!this._owner) registry.unregister(this)
    leaveSlot(this._slot, at)
    dropTensor(at)
  }

  /** Moves a handle that leaves its scope to `to`. @internal */
  _moveTo(to: Owner | null): void {
    this._owner = to
    if (to) to.handles.push(this)
    else this._watch()
  }
}

/** The living handle of a tensor, if it has one. */
export function handleOf(tensor: number): TensorHandle | null {
  const slot = u32()[(tensor + TensorField.handle) / 4]
  if (slot === 0) return null
  const held = slots[slot]
  return held instanceof WeakRef ? (held.deref() ?? null) : held
}

/** Registers a handle that no tensor knows (a graph node) with the current scope or the registry. */
export function adoptLoose(handle: Handle, release: Release, to: Owner | null = owner): void {
  if (to) to.handles.push(handle)
  else registry.register(handle, { address: handle._at, slot: 0, release }, handle)
}

/** The registry need not look after this handle any more. */
export function forget(handle: Handle): void {
  registry.unregister(handle)
}
