// Handles: the JS objects that stand for tensors and graph nodes of the core, each owning one reference.
//
// A handle made inside a `scope` lives in that scope's list and is disposed with it. Outside any scope a
// FinalizationRegistry gives its reference back once the JS object is gone. Every tensor handle has a slot here, which
// the tensor's record names, so that what reaches the tensor by another way (`x.grad`, `_saved_self`) finds the handle.
import { TensorField } from '../../assembly/abi'
import { collectCyclesOutside, noteGone } from './cycles'
import { checked } from './error_text'
import { PyReferenceError, PyTypeError } from './errors'
import { u32 } from './memory'
import { core } from './wasm'

// Slot 0 stands for "no handle". What a slot knows of its handle:
//   objects    the handle itself while a scope owns it; a WeakRef to a tensor that the user made (see TensorHandle);
//              null for any other, whose identity nobody keeps: a WeakRef costs as much as three ops on a scalar
//   owed       what the registry gives back when the JS object goes: a tensor's address, a node's negative one, or 0
const objects: (TensorHandle | WeakRef<TensorHandle> | null)[] = [null]
const owed: number[] = [0]
const freeSlots: number[] = []
/** What a held grad_fn owes besides, by slot: its wrapper, once for every hold. */
const owedHolds = new Map<number, { object: number; times: number }>()

// Registered without a token, which would double the cost: a handle disposed by hand owes nothing any more, and its
// slot is free again when the registry has called.
const registry = new FinalizationRegistry<number>((slot) => {
  const address = owed[slot]
  const holds = owedHolds.get(slot)
  owedHolds.delete(slot)
  for (let i = 0; holds && i < holds.times; i++) core.decref(holds.object)
  freeSlot(slot, Math.abs(address))
  if (address > 0) core.tensor_release(address)
  else if (address < 0) core.node_release(-address)
  noteGone()
  collectCyclesOutside()
})

function takeSlot(): number {
  const slot = freeSlots.pop() ?? objects.length
  objects[slot] = null
  owed[slot] = 0
  return slot
}

/** Frees a slot and, if the tensor still names it, tells the tensor. */
function freeSlot(slot: number, tensor: number): void {
  const isTensor = owed[slot] >= 0
  objects[slot] = null
  owed[slot] = 0
  freeSlots.push(slot)
  if (isTensor) forgetSlot(slot, tensor)
}

function forgetSlot(slot: number, tensor: number): void {
  if (tensor && u32()[(tensor + TensorField.handle) / 4] === slot) u32()[(tensor + TensorField.handle) / 4] = 0
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
  /** The scope that keeps it alive; null for the registry. @internal */
  _owner: Owner | null = owner
  /** @internal */
  _slot = 0

  protected constructor(at: number) {
    this._at = at
  }

  /** What the handle is called in errors. @internal */
  abstract get _noun(): string
  /** @internal */
  abstract _release(): void
  /** Its PyObject with a reference for the caller. @internal */
  abstract _acquire(): number
  /** Moves a handle that leaves its scope to `to`. @internal */
  abstract _moveTo(to: Owner | null): void

  /** A reference to its PyObject for a new holder; a temporary's own one is taken over. @internal */
  _take(): number {
    return this._acquire()
  }

  /** The scope `from` ends: what it kept of the handle is let go. @internal */
  _leave(from: Owner): void {
    if (this._at && this._owner === from) this._release()
  }

  /** The handle is in what a scope returns to `to`; `inside` tells the owners that end. @internal */
  _carry(to: Owner | null, inside: (owner: Owner | null) => boolean): void {
    if (this._at && inside(this._owner)) this._moveTo(to)
  }

  /** What became of a dead handle, for errors. @internal */
  get _fate(): string {
    return (
      'was disposed: its scope was left, or dispose() or del_() was called on it. ' +
      'Return a handle from its scope to use it outside'
    )
  }

  /** What console.log shows in Node. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this._at ? String(this) : `<dead ${this._noun}>`
  }

  /** Gives the reference back at once. Using the handle afterwards is a ReferenceError; disposing it again is fine. */
  dispose(): void {
    if (!this._at) return
    this._release()
    if (!owner) collectCyclesOutside()
  }
}

/** The handles in a value: itself, in arrays, sets, maps and plain objects. */
export function handlesIn(value: unknown): Set<Handle> {
  const found = new Set<Handle>()
  const seen = new Set<unknown>([value])
  for (const item of seen) {
    if (item instanceof Handle) found.add(item)
    else for (const inner of itemsOf(item)) if (typeof inner === 'object') seen.add(inner)
  }
  return found
}

function itemsOf(value: unknown): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value
  if (value instanceof Map) return value.values()
  return isRecord(value) ? Object.values(value) : []
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** The address of a handle. @throws ReferenceError when it was disposed */
export function address(handle: Handle): number {
  return handle._at || dead(handle)
}

function dead(handle: Handle): never {
  if (!(handle instanceof Handle))
    throw new PyTypeError('a method of a tensor or a grad_fn was called on something else')
  throw new PyReferenceError(`this ${handle._noun} ${handle._fate}`)
}

/** Leaves a handle to the registry: it owes `debt` when its JS object goes. */
function watch(handle: Handle, debt: number): void {
  owed[handle._slot] = debt
  registry.register(handle, handle._slot)
}

/** A handle that its tensor knows. */
export abstract class TensorHandle extends Handle {
  protected constructor(at: number) {
    super(at)
    this._slot = takeSlot()
    if (owner) {
      objects[this._slot] = this
      owner.handles.push(this)
    } else watch(this, at)
    u32()[(at + TensorField.handle) / 4] = this._slot
  }

  /** Outside scopes too this very object is to be found again: for the leaves that a user makes. @internal */
  _remember(): this {
    if (!this._owner) objects[this._slot] = new WeakRef(this)
    return this
  }

  /** @internal */
  _acquire(): number {
    return checked(core.tensor_object(address(this)))
  }

  /** What finds the tensor in a container is to find this very handle. @internal */
  override _take(): number {
    const object = this._acquire()
    if (!objects[this._slot]) this._remember()
    return object
  }

  /** @internal */
  _release(): void {
    const at = this._at
    this._at = 0
    if (this._owner) freeSlot(this._slot, at)
    else {
      // The registry will call for the slot; until then it stays taken, but owes nothing.
      owed[this._slot] = 0
      objects[this._slot] = null
      forgetSlot(this._slot, at)
    }
    core.tensor_release(at)
    noteGone()
  }

  /** @internal */
  _moveTo(to: Owner | null): void {
    this._owner = to
    if (to) to.handles.push(this)
    else {
      watch(this, this._at)
      this._remember()
    }
  }
}

/** The living handle of a tensor, if it has one that can be found. */
export function handleOf(tensor: number): TensorHandle | null {
  const slot = u32()[(tensor + TensorField.handle) / 4]
  if (slot === 0) return null
  const object = objects[slot]
  return object instanceof WeakRef ? (object.deref() ?? null) : object
}

/** Registers a node's handle with a scope or with the registry. */
export function adoptNode(handle: Handle, to: Owner | null = owner): void {
  if (to) to.handles.push(handle)
  else {
    handle._slot = takeSlot()
    watch(handle, -handle._at)
  }
}

/** A node's handle holds its wrapper `times` times. A scope's handles are let go by their scope. */
export function oweHolds(handle: Handle, object: number, times: number): void {
  if (!handle._slot) return
  if (times) owedHolds.set(handle._slot, { object, times })
  else owedHolds.delete(handle._slot)
}

/** A node's handle lets go of its reference, `at`. */
export function releaseNodeOf(handle: Handle, at: number): void {
  // The registry will find nothing owed.
  if (!handle._owner && handle._slot) owed[handle._slot] = 0
  core.node_release(at)
  noteGone()
}
