// torch.autograd.Function: ops whose forward and backward are the user's own code.
import { NodeKind } from '../../assembly/abi'
import { callbacks, onNodeFreed } from '../core/callbacks'
import { checked, orNone, SAVED_FREED } from '../core/error_text'
import { NotImplementedError, OutOfMemoryError, PyTypeError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { u32 } from '../core/memory'
import { warn } from '../core/warnings'
import { core } from '../core/wasm'
import { zeros } from './creation'
import type { DType } from './dtype'
import { GradFn } from './grad_fn'
import { is_grad_enabled, no_grad } from './grad_mode'
import { readSlots, writeSlot } from './gradient_slots'
import { functionNames } from './nodes'
import { pyTypeName } from './pytypes'
import { rawSaved } from './saved_tensors'
import { Tensor, tensorFrom } from './tensor'
import { tuple } from './tuple'

/** What passes between a Function's forward and its backward; attributes of one's own may be set on it. */
export class FunctionCtx {
  [attribute: string]: unknown

  /** One boolean an argument of `apply`: does its gradient matter? */
  needs_input_grad: readonly boolean[] = []
  /** @internal */
  _toSave: readonly unknown[] = []
  /** @internal */
  _dirty: readonly Tensor[] = []
  /** @internal */
  _plain: readonly Tensor[] = []
  /** @internal */
  _materialize = true
  /** The node, once there is one; null when it has gone. @internal */
  _node: number | null = 0
  /** How many tensors the node keeps. @internal */
  _saved = 0

  /** Keeps tensors (or null) for backward, checked against later writes. The last call counts. `apply` throws a TypeError for anything else */
  save_for_backward(...tensors: (Tensor | null)[]): void {
    this._toSave = tensors
  }

  /** What was saved: inputs as the same objects. Empty in forward. @throws RuntimeError once the graph was freed or a tensor was written */
  get saved_tensors(): (Tensor | null)[] {
    const node = this._node
    if (node === null) throw new RuntimeError(SAVED_FREED)
    return tuple(
      Array.from({ length: this._saved }, (_, i) => {
        const at = orNone(core.node_saved(node, i))
        return at ? tensorFrom(at) : null
      }),
    )
  }

  get saved_variables(): (Tensor | null)[] {
    warn('DeprecationWarning', "'saved_variables' is deprecated; use 'saved_tensors'")
    return this.saved_tensors
  }

  /** Says that forward wrote these inputs, which it must return. */
  mark_dirty(...tensors: Tensor[]): void {
    this._dirty = tensors
  }

  /** Says that no gradient flows through these outputs. */
  mark_non_differentiable(...tensors: Tensor[]): void {
    this._plain = tensors
  }

  /** false: backward gets null, not zeros, for outputs without a gradient. */
  set_materialize_grads(on: boolean): void {
    if (typeof on !== 'boolean') {
      throw new PyTypeError(
        'set_materialize_grads received an invalid combination of arguments - got (), but expected (bool)',
      )
    }
    this._materialize = on
  }
}

type Gradient = Tensor | null | undefined

/** The static side of a Function: what a user writes; `vjp` is another name for `backward`. */
export interface FunctionClass {
  readonly name: string
  forward(ctx: FunctionCtx, ...args: never[]): unknown
  backward(ctx: FunctionCtx, ...grads: Tensor[]): Gradient | readonly Gradient[]
  vjp(ctx: FunctionCtx, ...grads: Tensor[]): Gradient | readonly Gradient[]
}

interface Running {
  type: FunctionClass
  ctx: FunctionCtx
  /** Which arguments of `apply` are tensors. */
  isTensor: readonly boolean[]
  outputs: readonly ({ shape: number[]; dtype: DType } | null)[]
}

const running = new Map<number, Running>()

onNodeFreed((node) => {
  const run = running.get(node)
  if (run) run.ctx._node = null
  running.delete(node)
  functionNames.delete(node)
})

const NO_BACKWARD =
  'You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.'
const TWO_BACKWARDS =
  "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement one of them."
const NOT_RETURNED =
  'Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified ' +
  'inplace must all be outputs of the Function.'
const NOT_AN_INPUT =
  'ctx.mark_dirty() received a tensor that was not an input. Only input Tensors that have been mutated should be passed ' +
  'to ctx.mark_dirty().'
const LEGACY =
  'Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd function with ' +
  'static forward method. (Example: https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function)'

/**
 * Subclass it with static `forward(ctx, ...args)` and `backward(ctx, ...grads)`, and call `Sub.apply(...args)`. Its node
 * is named after the class: `SubBackward`.
 */
export class Function_ {
  /** PyTorch warns of it, and whatever is asked of an instance fails. */
  constructor() {
    warn(
      'DeprecationWarning',
      `<class '${new.target.name}'> should not be instantiated. Methods on autograd functions are all static, so you should ` +
        'invoke them on the class itself. Instantiating an autograd function will raise an error in a future version of PyTorch.',
    )
  }

  /** Python's `Sub()(x)`. */
  call(..._args: unknown[]): never {
    throw new RuntimeError(LEGACY)
  }

  static forward(_ctx: FunctionCtx, ..._args: never[]): unknown {
    throw new NotImplementedError('You must implement the forward function for custom autograd.Function.')
  }

  static backward(_ctx: FunctionCtx, ..._grads: Tensor[]): Gradient | readonly Gradient[] {
    throw new NotImplementedError(NO_BACKWARD)
  }

  static vjp(_ctx: FunctionCtx, ..._grads: Tensor[]): Gradient | readonly Gradient[] {
    throw new NotImplementedError(NO_BACKWARD)
  }

  /** Runs forward and, if an argument requires grad, puts the Function into the graph. @throws what forward throws */
  static apply<T extends FunctionClass>(
    this: T,
    ...args: Parameters<T['forward']> extends [FunctionCtx, ...infer A] ? A : never
  ): ReturnType<T['forward']> {
    // biome-ignore lint/complexity/noThisInStatic: `this` is the subclass
    return applyFunction(this, args as unknown[]) as ReturnType<T['forward']>
  }
}

for (const name of ['name', 'next_functions', 'metadata', 'register_hook', 'register_prehook', '_register_hook_dict']) {
  Object.defineProperty(Function_.prototype, name, {
    get() {
      throw new RuntimeError(
        `Attribute '${name}' is invalid for this instance of _C._FunctionBase. Accessing this attribute directly on an ` +
          'instance of autograd.Function is a legacy access pattern that is no longer supported. For examples on how to use ' +
          'new-style autograd functions, see https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function ',
      )
    },
  })
}

type Edges = readonly (readonly [node: number, nr: number])[]

function applyFunction(type: FunctionClass, args: unknown[]): unknown {
  if ('setup_context' in type) {
    throw new NotImplementedError('setup_context() is not supported yet: let forward(ctx, ...args) fill ctx')
  }
  const tensors = args.filter((arg) => arg instanceof Tensor)
  const needs = args.map((arg) => arg instanceof Tensor && arg.requires_grad)
  const ctx = new FunctionCtx()
  ctx.needs_input_grad = tuple(needs)
  const executable = is_grad_enabled() && needs.includes(true)
  const edges: Edges = executable ? tensors.map((t) => [orNone(core.edge_node(address(t))), t.output_nr]) : []
  let returned: unknown
  try {
    returned = no_grad(() => type.forward(ctx, ...(args as never[])))
  } catch (error) {
    for (const [node] of edges) if (node) core.node_release(node)
    throw error
  }
  const outputs = Array.isArray(returned) ? returned : [returned]
  const node = executable ? newNode(NodeKind.PythonFunction, edges, ctx._toSave.length, outputs.length) : 0
  try {
    const made = connect(node, type, ctx, args, outputs)
    return Array.isArray(returned) ? tuple(made) : made[0]
  } finally {
    // The outputs own the node now; without any it goes.
    if (node) core.node_release(node)
  }
}

/** Gives the outputs their history, and the node (0: nothing is recorded) what it keeps; returns what `apply` returns. */
function connect(
  node: number,
  type: FunctionClass,
  ctx: FunctionCtx,
  args: readonly unknown[],
  outputs: readonly unknown[],
): unknown[] {
  for (const t of ctx._plain) {
    if (!(t instanceof Tensor)) {
      throw new RuntimeError(`mark_non_differentiable only accepts variable arguments, but got ${pyTypeName(t)}`)
    }
  }
  for (const t of ctx._dirty) {
    if (!(t instanceof Tensor)) {
      throw new RuntimeError(`mark_dirty can only accept variables, but argument is of type ${pyTypeName(t)}`)
    }
    if (!outputs.includes(t)) throw new RuntimeError(NOT_RETURNED)
  }
  if (node) {
    functionNames.set(node, `${type.name}Backward`)
    running.set(node, {
      type,
      ctx,
      isTensor: args.map((arg) => arg instanceof Tensor),
      outputs: outputs.map((t) => (t instanceof Tensor ? { shape: t.shape, dtype: t.dtype } : null)),
    })
  }
  const written = new Set<unknown>()
  const differentiable = outputs.filter((t) => isDifferentiable(node, ctx, t)).length
  const made = outputs.map((output, nr) => {
    if (!(output instanceof Tensor)) return output
    const dirty = ctx._dirty.includes(output)
    if (dirty && node && !args.includes(output)) warn('UserWarning', NOT_AN_INPUT)
    const first = dirty && !written.has(output)
    written.add(output)
    if (!isDifferentiable(node, ctx, output)) return withoutGraph(output, args.includes(output), first)
    const tensor = !dirty && args.includes(output) ? tensorFrom(checked(core.function_view(address(output)))) : output
    checked(core.function_output(node, address(tensor), nr, first ? 1 : 0, differentiable > 1 ? 1 : 0))
    return tensor
  })
  if (node) save(node, ctx)
  return made
}

function isDifferentiable(node: number, ctx: FunctionCtx, output: unknown): boolean {
  return node !== 0 && output instanceof Tensor && !ctx._plain.includes(output) && output.is_floating_point()
}

/** An output that no gradient flows through; an input among them is not returned as it is. */
function withoutGraph(output: Tensor, isInput: boolean, dirty: boolean): Tensor {
  if (dirty) checked(core.function_output(0, address(output), 0, 1, 0))
  if (output.requires_grad && isInput) return output.detach()
  if (output.requires_grad && !output._is_view()) return output.detach_()
  const made = isInput && !dirty && !output.requires_grad ? no_grad(() => output.view(output.shape)) : output
  // A view that a Function made may not be written where autograd sees it.
  if (!dirty) checked(core.function_output(0, address(made), 0, 0, 0))
  return made
}

function save(node: number, ctx: FunctionCtx): void {
  const tensors = ctx._toSave
  ctx._toSave = []
  for (const [i, t] of tensors.entries()) {
    if (t === null || t instanceof Tensor) continue
    throw new PyTypeError(`save_for_backward can only save variables, but argument ${i} is of type ${pyTypeName(t)}`)
  }
  for (const [i, t] of tensors.entries()) if (t) checked(core.function_save(node, i, address(t as Tensor)))
  ctx._saved = tensors.length
  ctx._node = node
}

/** A node with these edges, whose references it takes over. */
function newNode(kind: NodeKind, edges: Edges, saved: number, outputs: number): number {
  const bytes = Math.max(edges.length * 8, 8)
  const list = core.list_alloc(bytes) >>> 0
  if (!list) throw new OutOfMemoryError(`Function.apply(): no memory for ${edges.length} edges`)
  u32().set(edges.flat(), list / 4)
  const node = core.function_node(kind, list, edges.length, saved, outputs)
  core.list_free(list, bytes)
  return checked(node)
}

/**
 * For a backward that computes with something that autograd does not see: it runs without recording, and differentiating
 * its results is an error. `static override backward = once_differentiable((ctx, g) => ...)`.
 */
export function once_differentiable<C extends FunctionCtx, G extends (Tensor | null)[], R>(
  backward: (ctx: C, ...grads: G) => R,
): (ctx: C, ...grads: G) => R {
  if (typeof backward !== 'function') throw new PyTypeError(`'${pyTypeName(backward)}' object is not callable`)
  return (ctx, ...grads) => {
    const returned = no_grad(() => backward(ctx, ...grads))
    if (!is_grad_enabled() || !grads.some((grad) => grad?.requires_grad)) return returned
    return (Array.isArray(returned) ? tuple(delayError(returned)) : delayError([returned])[0]) as R
  }
}

/** Aliases of the tensors among `values` whose history is an Error node. */
function delayError(values: readonly unknown[]): unknown[] {
  const leaves = values.map((value) => (value instanceof Tensor ? value.detach().requires_grad_() : null))
  const edges = leaves.map((leaf) => [leaf ? checked(core.edge_node(address(leaf))) : 0, 0] as const)
  const node = newNode(NodeKind.Error, edges, 0, values.length)
  try {
    return leaves.map((leaf, i) => {
      if (!leaf) return values[i]
      const output = tensorFrom(checked(core.tensor_alias(address(leaf))))
      checked(core.function_output(node, address(output), i, 0, 0))
      return output
    })
  } finally {
    core.node_release(node)
  }
}

/** Backward of a Function: called by the engine, with slots for what comes in and what goes out. */
function runBackward(node: number, slots: number, outputs: number, grads: number, edges: number): void {
  const { type, ctx, isTensor, outputs: shapes } = running.get(node)!
  const incoming = readSlots(slots, outputs).map((grad, i) => {
    const like = shapes[i]
    return grad ?? (ctx._materialize && like ? zeros(like.shape, { dtype: like.dtype }) : null)
  })
  const [hasBackward, hasVjp] = [type.backward !== Function_.backward, type.vjp !== Function_.vjp]
  if (hasBackward && hasVjp) throw new RuntimeError(TWO_BACKWARDS)
  const returned = type[hasVjp ? 'vjp' : 'backward'](ctx, ...(incoming as Tensor[]))
  const results = Array.isArray(returned) ? [...returned] : [returned as Gradient]
  while (results.length > isTensor.length && (results.at(-1) ?? null) === null) results.pop()
  const name = `${type.name}Backward`
  if (results.length !== isTensor.length) {
    throw new RuntimeError(
      `function ${name} returned an incorrect number of gradients (expected ${isTensor.length}, got ${results.length})`,
    )
  }
  let edge = 0
  for (const [i, result] of results.entries()) {
    const grad = result ?? null
    if (!isTensor[i]) {
      if (grad === null) continue
      throw new RuntimeError(
        `function ${name} returned a gradient different than None at position ${i + 1}, but the corresponding forward input was not a Variable`,
      )
    }
    if (grad !== null && !(grad instanceof Tensor)) {
      throw new RuntimeError(`expected Variable or None (got ${pyTypeName(grad)})`)
    }
    if (edge < edges) writeSlot(grads + 4 * edge++, grad)
  }
}

callbacks.run_function = runBackward

declare module './grad_fn' {
  interface GradFn {
    /** What a custom Function saved; undefined on any other node. @throws as `ctx.saved_tensors` */
    readonly saved_tensors: (Tensor | null)[]
    readonly needs_input_grad: readonly boolean[]
  }
}

for (const [name, read] of Object.entries({
  saved_tensors: (ctx: FunctionCtx) => ctx.saved_tensors,
  needs_input_grad: (ctx: FunctionCtx) => ctx.needs_input_grad,
  _raw_saved_tensors(ctx: FunctionCtx, node: GradFn) {
    // Freed, it has nothing to show.
    if (core.is_freed(address(node))) throw new RuntimeError(SAVED_FREED)
    return tuple(Array.from({ length: ctx._saved }, (_, i) => rawSaved(node, i)))
  },
})) {
  Object.defineProperty(GradFn.prototype, name, {
    configurable: true,
    get(this: GradFn) {
      const run = running.get(address(this))
      return run && read(run.ctx, this)
    },
  })
}
