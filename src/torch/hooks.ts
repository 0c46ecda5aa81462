// Hooks: functions that the engine calls on gradients, kept here by the address of the node or leaf that they hang on.
import { LeafHook, NodeHook } from '../../assembly/abi'
import { callbacks, onNodeFreed } from '../core/callbacks'
import { scalarTypeName } from '../core/error_words'
import { PyTypeError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { core } from '../core/wasm'
import { GradFn } from './grad_fn'
import { readSlot, readSlots, writeSlot } from './gradient_slots'
import { tracebackOf } from './places'
import { pyTypeName } from './pytypes'
import { callable } from './signature-def'
import { Tensor, tensorFrom } from './tensor'

type Gradients = readonly (Tensor | null)[]
/** Sees a tensor's gradient; a returned tensor replaces it. */
export type TensorHook = (grad: Tensor | null) => Tensor | null | undefined
/** Sees a node's gradients before it runs; a returned array replaces them. */
export type PreHook = (grad_outputs: Gradients) => Gradients | null | undefined
/** Sees what a node computed and from what; a returned array replaces the former. */
export type PostHook = (grad_inputs: Gradients, grad_outputs: Gradients) => Gradients | null | undefined
/** Runs after a leaf's `.grad` was updated. */
export type AccumulatedHook = (leaf: Tensor) => void

type Hooks<F> = Map<number, F>
interface OfNode {
  tensor: Map<number, Hooks<TensorHook>>
  pre: Hooks<PreHook>
  post: Hooks<PostHook>
  metadata: Record<string, unknown> | null
}
interface OfLeaf {
  tensor: Hooks<TensorHook>
  accumulated: Hooks<AccumulatedHook>
}

const nodes = new Map<number, OfNode>()
const leaves = new Map<number, OfLeaf>()
let nextId = 0

/** What registering a hook returns. */
export class RemovableHandle {
  readonly id: number
  /** @internal */
  constructor(private readonly removeFrom: (id: number) => void) {
    this.id = nextId++
  }
  /** Takes the hook off; a second time does nothing. */
  remove(): void {
    this.removeFrom(this.id)
  }
  [Symbol.dispose](): void {
    this.remove()
  }
}

function ofNode(node: number): OfNode {
  let kept = nodes.get(node)
  if (!kept) {
    kept = { tensor: new Map(), pre: new Map(), post: new Map(), metadata: null }
    nodes.set(node, kept)
  }
  return kept
}

/** Tells the core which hooks there are, so that a node without any costs nothing. */
function watchNode(node: number): void {
  const { tensor, pre, post } = ofNode(node)
  const hasTensor = [...tensor.values()].some((hooks) => hooks.size > 0)
  core.node_watch(
    node,
    (hasTensor ? NodeHook.tensor : 0) | (pre.size ? NodeHook.pre : 0) | (post.size ? NodeHook.post : 0),
  )
}

function watchLeaf(leaf: number): void {
  const kept = leaves.get(leaf)!
  core.leaf_watch(
    leaf,
    LeafHook.watched | (kept.tensor.size ? LeafHook.tensor : 0) | (kept.accumulated.size ? LeafHook.accumulated : 0),
  )
}

/** PyTorch takes any object for a hook and complains when it calls it. */
const notCallable = (hook: unknown) => () => callable(hook)

/** Adds a hook; removing it after its node or leaf has gone does nothing. */
function add<F>(hooks: Hooks<F>, hook: F, alive: () => boolean, changed: () => void): RemovableHandle {
  const handle = new RemovableHandle((id) => {
    if (hooks.delete(id) && alive()) changed()
  })
  hooks.set(handle.id, typeof hook === 'function' ? hook : (notCallable(hook) as F))
  changed()
  return handle
}

function addToNode<F>(node: number, hooks: Hooks<F>, hook: F): RemovableHandle {
  const kept = nodes.get(node)
  return add(
    hooks,
    hook,
    () => nodes.get(node) === kept,
    () => watchNode(node),
  )
}

function ofLeaf(leaf: number): OfLeaf {
  let kept = leaves.get(leaf)
  if (!kept) {
    kept = { tensor: new Map(), accumulated: new Map() }
    leaves.set(leaf, kept)
  }
  return kept
}

function addToLeaf<F>(leaf: number, hooks: Hooks<F>, hook: F): RemovableHandle {
  const kept = leaves.get(leaf)
  return add(
    hooks,
    hook,
    () => leaves.get(leaf) === kept,
    () => watchLeaf(leaf),
  )
}

function registerTensorHook(tensor: Tensor, hook: TensorHook): RemovableHandle {
  if (!tensor.requires_grad) throw new RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
  const at = address(tensor)
  const gradFn = tensor.grad_fn as GradFn | null
  if (!gradFn) return addToLeaf(at, ofLeaf(at).tensor, hook)
  const node = address(gradFn)
  const byOutput = ofNode(node).tensor
  const output = tensor.output_nr
  if (!byOutput.has(output)) byOutput.set(output, new Map())
  const handle = addToNode(node, byOutput.get(output)!, hook)
  gradFn.dispose()
  return handle
}

const nameOf = (hook: unknown) => (hook as { name?: string }).name || '<lambda>'
const typeOf = (t: Tensor) => `torch.${scalarTypeName(t.dtype._code)}Tensor`

/** What a hook returned in place of `old`: of the same shape and type. */
function checkReplacement(hook: unknown, old: Tensor | null, made: Tensor | null): void {
  if (!old || !made) return
  if (made.dtype !== old.dtype) {
    throw new RuntimeError(
      `hook '${nameOf(hook)}' has changed the type of value (was ${typeOf(old)} got ${typeOf(made)})`,
    )
  }
  if (String(made.shape) !== String(old.shape)) {
    throw new RuntimeError(`hook '${nameOf(hook)}' has changed the size of value`)
  }
}

function runTensorHooks(hooks: Hooks<TensorHook>, slot: number): void {
  for (const hook of [...hooks.values()]) {
    const grad = readSlot(slot)
    const made = hook(grad)
    if (made === null || made === undefined) continue
    if (!(made instanceof Tensor)) throw new PyTypeError(`expected Variable, but hook returned '${pyTypeName(made)}'`)
    checkReplacement(hook, grad, made)
    writeSlot(slot, made)
  }
}

/** Replaces a tuple of gradients by what a node hook returned. */
function replaceAll(hook: unknown, made: Gradients | null | undefined, slots: number, count: number): void {
  if (made === null || made === undefined) return
  if (!Array.isArray(made)) throw new PyTypeError(`expected tuple, but hook returned '${pyTypeName(made)}'`)
  if (made.length !== count) {
    throw new RuntimeError(
      `hook '${nameOf(hook)}' has returned an incorrect number of values (got ${made.length}, but expected ${count})`,
    )
  }
  const old = readSlots(slots, count)
  for (const [i, value] of made.entries()) {
    if (value !== null && !(value instanceof Tensor)) {
      throw new PyTypeError(`expected Variable, but hook returned '${pyTypeName(value)}'`)
    }
    checkReplacement(hook, old[i], value)
  }
  for (const [i, value] of made.entries()) writeSlot(slots + 4 * i, value)
}

onNodeFreed((node) => nodes.delete(node))

Object.assign(callbacks, {
  tensor_freed: (tensor: number) => leaves.delete(tensor),
  run_tensor_hooks(owner: number, slots: number) {
    const leaf = leaves.get(owner)
    if (leaf) runTensorHooks(leaf.tensor, slots)
    else for (const [output, hooks] of nodes.get(owner)?.tensor ?? []) runTensorHooks(hooks, slots + 4 * output)
  },
  run_pre_hooks(node: number, slots: number, count: number) {
    for (const hook of [...(nodes.get(node)?.pre.values() ?? [])])
      replaceAll(hook, hook(readSlots(slots, count)), slots, count)
  },
  run_post_hooks(node: number, results: number, edges: number, slots: number, count: number) {
    const outputs = readSlots(slots, count)
    for (const hook of [...(nodes.get(node)?.post.values() ?? [])]) {
      replaceAll(hook, hook(readSlots(results, edges), outputs), results, edges)
    }
  },
  run_accumulated_hooks(leaf: number) {
    core.tensor_retain(leaf)
    const tensor = tensorFrom(leaf)
    for (const hook of [...(leaves.get(leaf)?.accumulated.values() ?? [])]) hook(tensor)
  },
})

declare module './tensor' {
  interface Tensor {
    /** Calls `hook(grad)` whenever a gradient of this tensor is complete. @throws RuntimeError unless it requires grad */
    register_hook(hook: TensorHook): RemovableHandle
    /** Calls `hook(leaf)` after the leaf's `.grad` was updated. @throws RuntimeError on a non-leaf */
    register_post_accumulate_grad_hook(hook: AccumulatedHook): RemovableHandle
    /** Makes backward store the gradient of a non-leaf in `.grad`. @throws RuntimeError unless it requires grad */
    retain_grad(): void
    readonly retains_grad: boolean
  }
}

Tensor.prototype.register_hook = function (this: Tensor, hook: TensorHook): RemovableHandle {
  return registerTensorHook(this, hook)
}

Tensor.prototype.register_post_accumulate_grad_hook = function (this: Tensor, hook: AccumulatedHook): RemovableHandle {
  if (!this.requires_grad) throw new RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
  if (!this.is_leaf) throw new RuntimeError('post accumulate grad hooks cannot be registered on non-leaf tensors')
  const at = address(this)
  return addToLeaf(at, ofLeaf(at).accumulated, hook)
}

Tensor.prototype.retain_grad = function (this: Tensor): void {
  if (!this.requires_grad) throw new RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
  if (!this.is_leaf) core.retain_grad(address(this))
}

Object.defineProperty(Tensor.prototype, 'retains_grad', {
  configurable: true,
  get(this: Tensor) {
    return core.retains_grad(address(this)) !== 0
  },
})

declare module './grad_fn' {
  interface GradFn {
    /** Calls `hook(grad_inputs, grad_outputs)` after the node ran. */
    register_hook(hook: PostHook): RemovableHandle
    /** Calls `hook(grad_outputs)` before the node runs. */
    register_prehook(hook: PreHook): RemovableHandle
    /** A dict that lives on the node: every handle of it sees the same. Anomaly mode puts `traceback_` there. */
    readonly metadata: Record<string, unknown>
  }
}

GradFn.prototype.register_hook = function (this: GradFn, hook: PostHook): RemovableHandle {
  const node = address(this)
  return addToNode(node, ofNode(node).post, hook)
}

GradFn.prototype.register_prehook = function (this: GradFn, hook: PreHook): RemovableHandle {
  const node = address(this)
  return addToNode(node, ofNode(node).pre, hook)
}

Object.defineProperty(GradFn.prototype, 'metadata', {
  configurable: true,
  get(this: GradFn) {
    const node = address(this)
    const kept = ofNode(node)
    kept.metadata ??= tracebackOf(node)
    watchNode(node)
    return kept.metadata
  },
})
