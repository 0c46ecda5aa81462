// Hooks on what a graph saves for its backward: pack sees each tensor when it is saved, unpack gives it back when it is
// wanted.
import { callbacks } from '../core/callbacks'
import { checked, orNone } from '../core/error_text'
import { PyTypeError, RuntimeError } from '../core/errors'
import { address, currentOwner, type Handle, handlesIn, type Owner, setOwner } from '../core/handles'
import { takeArgs } from '../core/memory'
import { core } from '../core/wasm'
import { during } from './during'
import { GradFn } from './grad_fn'
import { writeSlot } from './gradient_slots'
import { NODES, type NodeRow, nodeRow, type SavedField } from './nodes'
import { isScalar, pyTypeName, registerType } from './pytypes'
import { Tensor, tensorFrom } from './tensor'
import { tuple } from './tuple'

/** Gets a tensor that is being saved (not to be written); what it returns is kept in its place. */
export type PackHook<P = unknown> = (tensor: Tensor) => P
/** Gets what pack returned; the tensor that it returns is the saved one. */
export type UnpackHook<P = unknown> = (packed: P) => Tensor

interface Pair {
  pack: PackHook
  unpack: UnpackHook<never>
}

interface Kept extends Pair {
  /** What pack returned; undefined for a tensor, which the core keeps. */
  packed: unknown
  /** Handles made by pack that are inside `packed`: they live as long as it. */
  owner: Owner
}

const kept = new Map<number, Kept>()
let nextId = 0

/** The pairs of `saved_tensors_hooks`, the innermost last. */
const defaults: Pair[] = []
/** The pair of a `register_hooks` that is on. */
let registering: Pair | null = null
/** Why hooks may not be set now. */
let disabled: string | null = null

function callHook(tensor: number, slot: number): number {
  const pair = registering ?? defaults[defaults.length - 1]
  registering = null
  const outer = currentOwner()
  const owner: Owner = { handles: [] }
  const putBack = takeArgs()
  let inside = new Set<Handle>()
  setOwner(owner)
  try {
    core.tensor_retain(tensor)
    const packed: unknown = pair.pack(tensorFrom(tensor))
    inside = packed instanceof Tensor ? inside : handlesIn(packed)
    if (packed instanceof Tensor) writeSlot(slot, packed)
    kept.set(++nextId, { ...pair, packed: packed instanceof Tensor ? undefined : packed, owner })
    return nextId
  } finally {
    setOwner(outer)
    const made = owner.handles.splice(0).filter((handle) => handle._at)
    for (const handle of made) {
      if (inside.has(handle)) owner.handles.push(handle)
      else handle._carry(outer, (from) => from === owner)
    }
    putBack()
  }
}

Object.assign(callbacks, {
  pack_saved: callHook,
  unpack_saved(id: number, tensor: number) {
    const { unpack, packed } = kept.get(id)!
    const putBack = takeArgs()
    try {
      const result: unknown = unpack(packedValue(tensor, packed) as never)
      if (!(result instanceof Tensor)) {
        throw new PyTypeError(
          `Output of saved tensor unpack_hook expected to be a Tensor but got result of type ${pyTypeName(result)}`,
        )
      }
      core.tensor_retain(address(result))
      return address(result)
    } finally {
      putBack()
    }
  },
  drop_packed(id: number) {
    const { owner } = kept.get(id)!
    kept.delete(id)
    for (const handle of owner.handles.reverse()) handle._leave(owner)
  },
})

/** What pack returned: the core keeps a tensor, which may have lost its handle since. */
function packedValue(tensor: number, packed: unknown): unknown {
  if (!tensor) return packed
  core.tensor_retain(tensor)
  return tensorFrom(tensor)
}

/** Makes a pair the innermost; returns what takes it away again. */
function push(pair: Pair): () => void {
  if (disabled !== null) throw new RuntimeError(disabled)
  defaults.push(pair)
  core.set_packing(1)
  return () => {
    defaults.splice(defaults.lastIndexOf(pair), 1)
    core.set_packing(defaults.length ? 1 : 0)
  }
}

/** What pybind11 says of arguments that fit no signature. */
function incompatible(name: string, signature: string, args: readonly unknown[]): never {
  throw new PyTypeError(
    `${name}(): incompatible function arguments. The following argument types are supported:\n    1. ${signature}\n\n` +
      `Invoked with: ${args.map((arg) => (isScalar(arg) ? String(arg) : `<${pyTypeName(arg)} object>`)).join(', ')}`,
  )
}

/**
 * Sends everything that is saved for backward through `pack_hook` and, when it is wanted, through `unpack_hook`: in a
 * callback, or until a `using` declaration ends. Of nested pairs the innermost counts. Versions of packed tensors are not
 * checked. What pack returns should not hold on to the tensor that it got.
 */
export function saved_tensors_hooks<P>(pack_hook: PackHook<P>, unpack_hook: UnpackHook<P>): Disposable
export function saved_tensors_hooks<P, R>(pack_hook: PackHook<P>, unpack_hook: UnpackHook<P>, fn: () => R): R
export function saved_tensors_hooks<P>(pack: PackHook<P>, unpack: UnpackHook<P>, fn?: () => unknown): unknown {
  if (typeof pack !== 'function' || typeof unpack !== 'function') {
    incompatible(
      '_push_saved_tensors_default_hooks',
      '(arg0: collections.abc.Callable, arg1: collections.abc.Callable) -> None',
      [pack, unpack],
    )
  }
  return during(() => push({ pack, unpack: unpack as UnpackHook<never> }), fn)
}

/** Moves what is saved to the CPU. Everything is there already, so as in PyTorch the tensors stay what they are. */
export function save_on_cpu(pin_memory?: boolean): Disposable
export function save_on_cpu<R>(fn: () => R): R
export function save_on_cpu<R>(pin_memory: boolean, fn: () => R): R
export function save_on_cpu(...args: unknown[]): unknown {
  const fn = (typeof args[0] === 'function' ? args[0] : args[1]) as (() => unknown) | undefined
  const hooks = {
    pack: (tensor: Tensor) => tuple(['cpu', tensor] as const),
    unpack: ([, packed]: readonly [string, Tensor]) => packed,
  }
  return during(() => push(hooks), fn)
}

/** Forbids `saved_tensors_hooks`, whose error is then `error_message`: in a callback, or until a `using` declaration ends. */
export function disable_saved_tensors_hooks(error_message: string): Disposable
export function disable_saved_tensors_hooks<R>(error_message: string, fn: () => R): R
export function disable_saved_tensors_hooks(error_message: string, fn?: () => unknown): unknown {
  if (typeof error_message !== 'string') {
    incompatible('_saved_tensors_hooks_disable', '(error_message: str, fail_if_non_empty: bool = True) -> None', [
      error_message,
    ])
  }
  return during(() => {
    if (defaults.length) throw new RuntimeError(error_message)
    const before = disabled
    disabled = error_message
    return () => {
      disabled = before
    }
  }, fn)
}

export function saved_tensors_hooks_is_enabled(): boolean {
  return disabled === null
}

const OWNER = Symbol('backward0.saved')

/** A tensor that a node saved, as `_raw_saved_*` shows it. */
export class SavedTensor {
  /** For this file alone. @internal */
  constructor(
    private readonly node?: GradFn,
    private readonly index = 0,
    by?: symbol,
  ) {
    if (by !== OWNER) throw new RuntimeError('Trying to create a SavedTensor object from Python is forbidden.')
  }

  private get id(): number {
    return core.packed_id(address(this.node!), this.index)
  }

  /** Runs `pack_hook` on the saved tensor, detached, at once, and `unpack_hook` whenever it is wanted. @throws RuntimeError when it has hooks, was freed, or is None */
  register_hooks<P>(pack_hook: PackHook<P>, unpack_hook: UnpackHook<P>): void {
    const node = address(this.node!)
    if (typeof pack_hook !== 'function' || typeof unpack_hook !== 'function') {
      incompatible(
        'register_hooks',
        '(self: torch._C._autograd.SavedTensor, arg0: collections.abc.Callable, arg1: collections.abc.Callable) -> None',
        [this, pack_hook, unpack_hook],
      )
    }
    registering = { pack: pack_hook, unpack: unpack_hook as UnpackHook<never> }
    try {
      checked(core.register_saved_hooks(node, this.index))
    } finally {
      registering = null
    }
  }

  /** The tensor, unpacked and checked. @throws RuntimeError as the node's `_saved_*` */
  unpack(): Tensor | null {
    const at = orNone(core.node_saved(address(this.node!), this.index))
    return at ? tensorFrom(at) : null
  }

  /** What is kept: the tensor itself, or what pack returned; null once it was freed. */
  get data(): unknown {
    const at = core.saved_data(address(this.node!), this.index)
    return at ? tensorFrom(at) : (kept.get(this.id)?.packed ?? null)
  }

  get unpack_hook(): UnpackHook<never> | null {
    return kept.get(this.id)?.unpack ?? null
  }

  toString(): string {
    return '<torch._C._autograd.SavedTensor object>'
  }
}
registerType('torch._C._autograd.SavedTensor', SavedTensor)

export function rawSaved(node: GradFn, index: number): SavedTensor {
  return new SavedTensor(node, index, OWNER)
}

/** Of a list. @throws RuntimeError when it was freed */
function rawList(node: GradFn, field: SavedField & { tensors: number }): SavedTensor[] {
  const at = address(node)
  const slots = Array.from({ length: core.node_param(at, field.tensors) }, (_, i) => rawSaved(node, i))
  const isFreed = slots.some((slot, i) => core.node_param(at, field.tensors + 1 + i) && slot.data === null)
  if (isFreed) node._savedValue(field)
  return tuple(slots)
}

// `_raw_saved_self`, `_raw_saved_result`, ...: undefined where the node's class has no such tensor.
for (const row of Object.values(NODES) as NodeRow[]) {
  for (const [name, field] of Object.entries(row.saved ?? {})) {
    if (!('tensor' in field || 'tensors' in field) || `_raw_saved_${name}` in GradFn.prototype) continue
    Object.defineProperty(GradFn.prototype, `_raw_saved_${name}`, {
      configurable: true,
      get(this: GradFn) {
        const own = nodeRow(this._kind).saved?.[name]
        if (own && 'tensors' in own) return rawList(this, own)
        return own && 'tensor' in own ? rawSaved(this, own.tensor) : undefined
      },
    })
  }
}
