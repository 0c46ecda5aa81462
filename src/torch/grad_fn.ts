// Handles of graph nodes. Every access to `grad_fn` makes a new one; the PyObject behind it exists only while somebody
// needs one (py/identity.ts), which is what makes two nodes print the same id().
import { NodeField, NodeKind } from '../../assembly/abi'
import { checked, orNone } from '../core/error_text'
import { PyTypeError } from '../core/errors'
import { address, adoptNode, Handle, type Owner, oweHolds, releaseNodeOf } from '../core/handles'
import { u32 } from '../core/memory'
import { core } from '../core/wasm'
import { NODES, type NodeRow, nodeKind, nodeName, nodeRow, nodeType, type SavedField } from './nodes'
import { registerType } from './pytypes'
import type { SavedTensor } from './saved_tensors'
import { type Tensor, tensorFrom } from './tensor'
import { tuple } from './tuple'

/** What the constructor wants to see: an address from a user would be read as a node's record. */
const OWNER = Symbol('backward0.node')

/** What `next_functions` holds: the next node (null where no gradient is wanted) and which of its outputs. */
export type Edge = [GradFn, number]

/** How a handle was reached, when not through `tensor.grad_fn`: `parent.next_functions[index]`. */
export interface Via {
  readonly parent: GradFn
  readonly index: number
}

/**
 * A graph node, as `tensor.grad_fn` and `next_functions` show it. It owns the node (and with it the graph behind),
 * and keeps its Python wrapper alive only while held: `hold(g)`, `using g = y.grad_fn`, a frame's local.
 */
export class GradFn extends Handle {
  /** Saved tensors and arguments, unpacked at every access; which there are depends on the class. */
  [saved: `_saved_${string}`]: unknown
  /** The same tensors without unpacking (saved_tensors.ts); a tuple where the class saves several. */
  [raw: `_raw_saved_${string}`]: SavedTensor & readonly SavedTensor[]

  /** The wrapper this handle holds a reference to; 0 when it is not held. @internal */
  _object = 0
  /** How many times it is held. @internal */
  _holds = 0

  /** Takes over a reference of the node: for this file alone. @internal */
  constructor(
    node: number,
    /** @internal */
    readonly _via: Via | null = null,
    by?: symbol,
  ) {
    if (by !== OWNER) throw new PyTypeError("cannot create 'Node' instances")
    super(node)
    adoptNode(this)
  }

  /** @internal */
  get _noun(): string {
    return 'grad_fn'
  }

  /** @internal */
  get _kind(): number {
    return nodeKind(address(this))
  }

  /** Is it the node of a custom Function? @internal */
  get _isFunction(): boolean {
    return this._kind === NodeKind.PythonFunction
  }

  /** The node's class: `MulBackward0`. */
  get _type(): string {
    return nodeType(this._kind, this._at)
  }

  /** PyTorch's `Node.name()`: the class, qualified for hand-written nodes (`torch::autograd::AccumulateGrad`). */
  name(): string {
    return nodeName(this._kind, this._at)
  }

  /** One `[node, output number]` per differentiable input of the forward op; a new tuple of new handles every time. */
  get next_functions(): readonly Edge[] {
    const at = address(this)
    const count = u32()[(at + NodeField.edgeCount) / 4]
    const edges: Edge[] = []
    for (let i = 0; i < count; i++) {
      const next = core.node_edge(at, i)
      const handle = next ? new GradFn(next, { parent: this, index: i }, OWNER) : null
      edges.push(tuple([handle, next ? core.node_edge_nr(at, i) : 0]) as Edge)
    }
    return tuple(edges)
  }

  /** Always true: a node exists because something required a gradient. */
  get requires_grad(): boolean {
    return true
  }

  /** Creation order, which the engine runs backwards; 2^64 - 1 for an AccumulateGrad. */
  _sequence_nr(): bigint {
    const view = u32()
    const at = (address(this) + NodeField.sequence) / 4
    return (BigInt(view[at + 1]) << 32n) | BigInt(view[at])
  }

  /** AccumulateGrad's leaf tensor. */
  get variable(): Tensor | undefined {
    return this._type === 'AccumulateGrad' ? tensorFrom(core.node_variable(address(this))) : undefined
  }

  /** @internal */
  _acquire(): number {
    return acquire(this)
  }

  /** @internal */
  _hold(): void {
    holdNode(this)
  }

  /** One holder less, if there is one. @internal */
  _unhold(): void {
    if (this._holds > 0) releaseNode(this)
  }

  /** Moves a handle that leaves its scope to `to`. @internal */
  _moveTo(to: Owner | null): void {
    this._owner = to
    adoptNode(this, to)
    oweHolds(this, this._object, this._holds)
  }

  /** Holds the wrapper for as long as a `using` declaration lasts: reading the method is what Python's binding is. */
  get [Symbol.dispose](): () => void {
    holdNode(this)
    return () => this.dispose()
  }

  override toString(): string {
    const object = acquire(this)
    const text = `<${this._type} object at 0x${object.toString(16).padStart(12, '0')}>`
    core.decref(object)
    return text
  }

  /** @internal */
  _release(): void {
    while (this._object) releaseNode(this)
    const at = this._at
    this._at = 0
    releaseNodeOf(this, at)
  }

  /** What a `_saved_*` attribute reads. @internal */
  _savedValue(field: SavedField): unknown {
    const at = address(this)
    const param = (i: number) => core.node_param(at, i)
    const list = (from: number, unsigned: boolean) =>
      tuple(Array.from({ length: param(from) }, (_, i) => (unsigned ? unsigned64 : exact)(param(from + 1 + i))))
    const tensor = (slot: number) => {
      const saved = orNone(core.node_saved(at, slot))
      return saved ? tensorFrom(saved) : null
    }
    if ('tensor' in field) return tensor(field.tensor)
    if ('tensors' in field) return tuple(Array.from({ length: param(field.tensors) }, (_, i) => tensor(i)))
    if ('word' in field) return field.of[param(field.word)]
    if ('dim' in field) return unsigned64(param(field.dim))
    if ('optional' in field) {
      const given = param(field.optional(param))
      return Number.isNaN(given) ? null : exact(given)
    }
    if ('int' in field) return exact(param(typeof field.int === 'number' ? field.int : field.int(param)))
    if ('number' in field) {
      const place = typeof field.number === 'number' ? field.number : field.number(param)
      const kind = param(place + 1)
      return kind < 0 ? null : kind === 0 ? param(place) !== 0 : param(place)
    }
    if ('flag' in field) return param(field.flag(param)) !== 0
    if ('dims' in field) return field.given && !param(field.given(param)) ? null : list(field.dims, true)
    if ('pair' in field) {
      return tuple(
        field.edge === undefined || hasEdge(at, field.edge) ? [param(field.pair), param(field.pair + 1)] : [],
      )
    }
    if ('strides' in field) {
      const from = field.strides(param)
      return tuple(Array.from({ length: param(from) }, (_, i) => param(from + 1 + param(from) + i)))
    }
    if ('sizes' in field) return list(typeof field.sizes === 'number' ? field.sizes : field.sizes(param), false)
    return field.constant
  }
}
registerType('Node', GradFn)

/** Does anybody want the gradient of input `index`? */
function hasEdge(node: number, index: number): boolean {
  const next = core.node_edge(node, index)
  if (next) core.node_release(next)
  return next !== 0
}

/** PyTorch binds dimensions as unsigned 64-bit numbers: -1 reads 18446744073709551615. */
function unsigned64(value: number): number | bigint {
  return value < 0 ? 2n ** 64n + BigInt(value) : exact(value)
}

/** INT64_MAX ("to the end" of a slice) is no double: 2^63 stands for it. */
function exact(value: number): number | bigint {
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value
  return value === 2 ** 63 ? 2n ** 63n - 1n : BigInt(value)
}

// `_saved_self`, `_saved_result`, ...: what the row of the node's class says; undefined where it has no such attribute.
for (const name of new Set(Object.values(NODES).flatMap((row: NodeRow) => Object.keys(row.saved ?? {})))) {
  Object.defineProperty(GradFn.prototype, `_saved_${name}`, {
    configurable: true,
    get(this: GradFn) {
      const field = nodeRow(this._kind).saved?.[name]
      return field && this._savedValue(field)
    },
  })
}

/** The node of a tensor as a fresh handle; null for a leaf. @throws when a stale view may not be rebuilt */
export function gradFnOf(tensor: Tensor): GradFn | null {
  const node = orNone(core.grad_fn(address(tensor)))
  return node ? gradFnFrom(node) : null
}

/**
 * A handle for a wrapper that somebody refers to. Where an access would make another one ('fresh'), the handle holds it:
 * it is this object that it stands for.
 */
export function gradFnAround(wrapper: number, node: number): GradFn {
  core.node_retain(node)
  const handle = gradFnFrom(node)
  const object = acquire(handle)
  core.decref(object)
  if (object !== wrapper) {
    core.incref(wrapper)
    handle._object = wrapper
    handle._holds = 1
    oweHolds(handle, wrapper, 1)
  }
  return handle
}

/** The handle of a node, taking over the caller's reference. */
export function gradFnFrom(node: number): GradFn {
  return new GradFn(node, null, OWNER)
}

/**
 * The handle's wrapper with a reference for the caller. A handle that came out of `parent.next_functions` and is not
 * held repeats what CPython does for that expression: the parent's wrapper first, then those of all the tuple's
 * members, then everything but this one is let go, so that slots are taken and given back in Python's order.
 */
export function acquire(handle: GradFn): number {
  address(handle)
  const steps: Via[] = []
  let from = handle
  while (!from._object && from._via?.parent._at) {
    steps.push(from._via)
    from = from._via.parent
  }
  let object = from._object
  if (object) core.incref(object)
  else object = checked(core.wrapper_acquire(from._at))
  for (let step = steps.pop(); step; step = steps.pop()) object = member(object, step)
  return object
}

/** Lets go of the parent's wrapper for that of one of its `next_functions`. */
function member(parent: number, { parent: handle, index }: Via): number {
  const members = siblings(handle).map((next) => (next ? checked(core.wrapper_acquire(next)) : 0))
  core.decref(parent)
  members.forEach((object, i) => {
    if (object && i !== index) core.decref(object)
  })
  return members[index]
}

/** The nodes behind a handle's edges, not owned: the parent keeps them. */
function siblings(parent: GradFn): number[] {
  const at = address(parent)
  return Array.from({ length: u32()[(at + NodeField.edgeCount) / 4] }, (_, i) => {
    const next = core.node_edge(at, i)
    if (next) core.node_release(next)
    return next
  })
}

/** One more holder of the handle's wrapper. */
export function holdNode(handle: GradFn): void {
  const object = acquire(handle)
  handle._holds++
  handle._object = object
  oweHolds(handle, object, handle._holds)
}

/** One holder less; the last one lets the wrapper go. */
export function releaseNode(handle: GradFn): void {
  const object = handle._object
  if (--handle._holds === 0) handle._object = 0
  oweHolds(handle, object, handle._holds)
  core.decref(object)
}
