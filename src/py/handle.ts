// Handles of py objects, and who owns references to them.
//
// A handle lives as long as its object. It may own references itself:
//
//   temporary   a new object is one: `py.object()`, results of `add`, `pop`, ... `fresh(object)` makes its handle.
//               The call that takes it as an argument consumes it (`consuming`, `spend`), or takes it over (`_take`);
//               what nothing consumed goes with its scope, outside scopes with the JS object (the registry below)
//   holds       hold(h), `using h = ...`, until del_(h), h.dispose() or the scope's end
//
// A new type is a subclass with a `_noun`, and a face (core/objects.ts). Its methods follow one pattern:
//
//   count(value: unknown): number {                      // returns a value: the receiver is consumed with the arguments
//     return consuming('count()', [this, value], () => {
//       // arguments.ts: a reference for the call
//       return withObject(value, (object) => core.list_count(address(this), object))
//     })
//   }
//   append(value: unknown): void {                       // returns None: the receiver lives on
//     consuming('append()', [value], () => ...)
//   }
//   pop(): Handle {                                      // the new reference is the result's temporary one
//     return consuming('pop()', [this], () => made(core.list_pop(address(this))))
//   }
//
// `address(h)` throws for a dead handle. To convert an argument may run the user's code (a getter, an iterator), which may
// free the receiver or change its size: ask for its address, size and places after that, and before anything is touched.
import { ObjectField } from '../../assembly/abi_objects'
import { checked } from '../core/error_text'
import { PyTypeError } from '../core/errors'
import { address, currentOwner, Handle, type Owner } from '../core/handles'
import { u32 } from '../core/memory'
import {
  because,
  type Cause,
  enlist,
  enlistWeakly,
  faceOf,
  handleAt,
  type ObjectHandle,
  typeNameOf,
} from '../core/objects'
import { core } from '../core/wasm'
import { registerType } from '../torch/pytypes'
import { tracer } from './tracer'

/** What a constructor wants to see: an address from a user would be read as an object. */
export const OWNER = Symbol('backward0.object')

/** What the registry gives back when a handle's JS object goes. */
interface Debt {
  object: number
  times: number
}

const registry = new FinalizationRegistry<Debt>((debt) => {
  for (; debt.times > 0; debt.times--) drop(debt.object, 'the garbage collector of JavaScript')
})

/** DECREFs an object. `what` stands in the errors of the handles of what dies of it, as does that it was a temporary. */
export function drop(object: number, what: string, temporary = false): void {
  const before = because({ what, temporary: temporary ? object : 0 })
  core.decref(object)
  because(before)
}

/** Who frees what cycles kept alive. */
export const COLLECTOR: Cause = { what: 'the cycle collector', temporary: 0 }

const IMMORTAL = 0xffffffff
const FEW = 1024

/** The handle of a py object. */
export abstract class PyHandle extends Handle implements ObjectHandle {
  /** For each temporary reference the scope with which it goes; null while there never was one. @internal */
  _temps: (Owner | null)[] | null = null
  /** How many of them the calls that run now will consume. @internal */
  _due = 0
  /** @internal */
  _holds = 0
  /** @internal */
  _debt: Debt | null = null
  /** What became of it. @internal */
  _fateText = ''

  /** The number that the object is, and whether it is a float; null for all but numbers (torch/pytypes.ts). @internal */
  _number(): [number | bigint | boolean, boolean] | null {
    return null
  }

  /** For the type's face: `object` lives and has no handle. @internal */
  constructor(object: number, by?: symbol) {
    if (by !== OWNER) throw new PyTypeError('py objects are made by py.list(), py.int(), ...')
    super(object)
    // A handle outlives the scope that it was made in, which it must not keep alive.
    this._owner = null
    enlist(this)
  }

  /** @internal */
  override get _fate(): string {
    return this._fateText
  }

  /** @internal */
  _freed({ what, temporary }: Cause): void {
    const why =
      temporary === this._at
        ? 'it was a temporary. Bind it (f.x = ...) or hold() it'
        : 'nothing referred to it any more'
    this._fateText = `was freed by ${what}: ${why}`
    this._at = 0
    this._temps = null
    this._holds = 0
    this._settle()
  }

  /** Is one of its references a temporary one? @internal */
  get _temporary(): boolean {
    return this._temps !== null && this._temps.length > 0
  }

  /** Takes over a new reference, as a temporary of the innermost scope. @internal */
  _own(to: Owner | null = currentOwner()): void {
    if (u32()[(this._at + ObjectField.refcnt) / 4] === IMMORTAL) return
    if (this._temps) this._temps.push(to)
    else this._temps = [to]
    if (to) keep(to, this)
    this._settle()
  }

  /** @internal */
  _acquire(): number {
    core.incref(address(this))
    return this._at
  }

  /** @internal */
  override _take(): number {
    if (!this._temporary) return this._acquire()
    this._temps!.pop()
    if (this._due) this._due--
    this._settle()
    return this._at
  }

  /** Lets go of a temporary reference, if there is one: `what` took the handle as an argument. @internal */
  _spend(what: string): void {
    if (!this._temporary) return
    const object = this._take()
    drop(object, what, true)
  }

  /** One more `hold`. @internal */
  _hold(): void {
    this._take()
    this._holds++
    this._settle()
  }

  /** One holder less, if there is one. @internal */
  _unhold(what: string): void {
    if (this._holds === 0) return
    this._holds--
    this._settle()
    drop(this._at, what)
  }

  /** @internal */
  override _leave(from: Owner): void {
    const temps = this._temps
    if (!temps?.includes(from)) return
    const left = temps.filter((owner) => owner !== from)
    this._temps = left
    this._settle()
    const object = this._at
    for (let i = temps.length; i > left.length; i--) drop(object, 'the end of its scope', true)
  }

  /** What a scope returns is a temporary of the scope around it (RETURN_VALUE). @internal */
  override _carry(to: Owner | null, inside: (owner: Owner | null) => boolean): void {
    if (!this._at) return
    const temps = this._temps ?? []
    const own = temps.findIndex(inside)
    if (own >= 0) temps.splice(own, 1)
    else if (temps.length === 0) this._acquire()
    else return
    this._own(to)
  }

  /** @internal */
  _moveTo(to: Owner | null): void {
    this._carry(to, () => true)
  }

  /** @internal */
  _release(): void {
    while (this._temporary) drop(this._take(), 'dispose()')
    while (this._holds) this._unhold('dispose()')
  }

  /** Tells the registry what the handle owes. A scope lists its handles, so that they cannot be collected before. */
  private _settle(): void {
    const times = (this._temps?.length ?? 0) + this._holds
    if (this._debt) this._debt.times = times
    else if (times && (!currentOwner() || this._temps?.includes(null))) {
      this._debt = { object: this._at, times }
      registry.register(this, this._debt)
      enlistWeakly(this)
    }
  }

  /**
   * Gives back the references that the handle owns: its temporary one and those of `hold`. The handle ends with the
   * object, which frames, containers and attributes may keep alive.
   */
  override dispose(): void {
    this._release()
  }

  /** Holds the object for as long as a `using` declaration lasts: reading the method is what Python's binding is. */
  get [Symbol.dispose](): () => void {
    address(this)
    tracer?.hold(this)
    this._hold()
    return () => this._unhold('the end of its using declaration')
  }

  /** Python's `str()`. */
  override toString(): string {
    return strOf(address(this))
  }

  /** The JavaScript value, with those of all it contains. */
  tolist(): unknown {
    return faceOf(address(this)).value(this._at)
  }

  /** `tolist()` in which whole floats are boxed (torch/pytypes.ts). @internal */
  _plain(): unknown {
    boxes = true
    try {
      return this.tolist()
    } finally {
      boxes = false
    }
  }

  /** What JSON.stringify writes: the JavaScript value, of which handles may be a part. */
  toJSON(): unknown {
    const value = this.tolist()
    return value instanceof Handle ? String(value) : value
  }

  /** Number(h) and `${h}`. @internal */
  [Symbol.toPrimitive](hint: string): unknown {
    if (hint === 'string') return this.toString()
    const value = this.tolist()
    if (typeof value === 'object' && value !== null) return this.toString()
    return value
  }
}

let boxes = false

/** A float as a value. @internal */
export const boxed = (value: number): number => (boxes && Number.isInteger(value) ? Object(value) : value)

const nameOf = (handle: PyHandle) => (handle._at ? typeNameOf(handle._at) : handle._noun)
registerType((handle) => nameOf(handle as PyHandle), PyHandle)

/** Puts a temporary in its scope's list, which forgets from time to time what was consumed. */
function keep(owner: Owner, handle: Handle): void {
  const { handles } = owner
  handles.push(handle)
  if (handles.length & (handles.length - 1) || handles.length < FEW) return
  let left = 0
  for (const kept of handles) {
    if (kept instanceof PyHandle ? kept._temps?.includes(owner) : kept._at) handles[left++] = kept
  }
  handles.length = left
}

/** The handle of an object of which the caller has a new reference: that becomes the handle's temporary one. */
export function fresh<T extends Handle = Handle>(object: number): T {
  const handle = temporary<T>(object)
  safepoint()
  return handle
}

function temporary<T extends Handle>(object: number): T {
  const handle = handleAt(object >>> 0)
  if (handle instanceof PyHandle) handle._own()
  else core.decref(object)
  return handle as T
}

/** The same for a display, `[...]`: no call of Python's, so that what becomes due with it happens at the next one. */
export function displayed<T extends Handle>(make: () => number): T {
  safepoint()
  return temporary(make())
}

/** Hands a living object to code of the user's, which cannot consume what others have of it. */
export function lent<R>(object: number, what: string, use: (handle: PyHandle) => R): R {
  const handle = handleAt(object) as PyHandle
  const temps = handle._temps
  handle._temps = null
  core.incref(object)
  try {
    return use(handle)
  } finally {
    if (temps) handle._temps = [...temps, ...(handle._temps ?? [])]
    drop(object, what)
  }
}

/** The end of a call of Python's: if allocations have made a collection of cycles due, it happens here. */
export function safepoint(): void {
  const before = because(COLLECTOR)
  core.gc_safepoint()
  because(before)
}

/** The same for the result of a core function. @throws the pending error when it is 0 */
export function made<T extends Handle>(object: number): T {
  return fresh(checked(object))
}

/** Ends the temporaries among the arguments of the call `what`. */
export function spend(what: string, values: readonly unknown[]): void {
  for (const value of values) if (value instanceof PyHandle) value._spend(what)
}

/**
 * Runs a call that consumes temporaries: those among the `values` end with it, also when it throws. What it takes over
 * (`_take`) is consumed by that; a method may return its own argument, which is a temporary again then.
 */
export function consuming<R>(what: string, values: readonly unknown[], fn: () => R): R {
  const before = because({ what, temporary: 0 })
  const owed: PyHandle[] = []
  for (const value of values) {
    if (!(value instanceof PyHandle) || !value._temps || value._temps.length <= value._due) continue
    value._due++
    owed.push(value)
  }
  const marks = owed.map((handle) => handle._due)
  try {
    return fn()
  } finally {
    for (let i = owed.length - 1; i >= 0; i--) {
      if (owed[i]._due < marks[i]) continue
      owed[i]._due = marks[i]
      owed[i]._spend(what)
      owed[i]._due = marks[i] - 1
    }
    because(before)
    safepoint()
  }
}

/** Calls `fn` with a handle's object, which lives that long, whatever the user's code does meanwhile. */
export function whileHeld<R>(what: string, handle: Handle, fn: (object: number) => R): R {
  const object = handle._acquire() >>> 0
  try {
    return fn(object)
  } finally {
    drop(object, what)
  }
}

/** Python's `repr()` of an object that lives. */
export function reprOf(object: number): string {
  return faceOf(object).repr(object)
}

/** Python's `str()` of an object that lives. */
export function strOf(object: number): string {
  const face = faceOf(object)
  return face.str ? face.str(object) : face.repr(object)
}

/** `<object object at 0x000000123450>`. */
export function plainRepr(name: string, object: number): string {
  return `<${name} object at 0x${object.toString(16).padStart(12, '0')}>`
}
