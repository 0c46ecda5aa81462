// torch.autograd.Function: ops whose forward and backward are the user's own code.
import { callbacks, onNodeFreed } from '../core/callbacks'
import { checked, orNone } from '../core/error_text'
import { NotImplementedError, OutOfMemoryError, PyTypeError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { u32 } from '../core/memory'
import { core } from '../core/wasm'
import { zeros } from './creation'
import type { DType } from './dtype'
import { is_grad_enabled, no_grad } from './grad_mode'
import { readSlots, writeSlot } from './gradient_slots'
import { functionNames } from './nodes'
import { pyTypeName } from './pytypes'
import { Tensor, tensorFrom } from './tensor'
import { tuple } from './tuple'

/** What passes between a Function's forward and its backward; attributes of one's own may be set on it. */
export class FunctionCtx {
  [attribute: string]: unknown

  /** One boolean an argument of `apply`: does its gradient matter? */
  needs_input_grad: readonly boolean[] = []
  /** @internal */
  _saved: readonly (Tensor | null)[] = []
  /** @internal */
  _dirty: readonly Tensor[] = []
  /** @internal */
  _plain: readonly Tensor[] = []
  /** @internal */
  _materialize = true
  /** The node, once there is one. @internal */
  _node = 0

  /** Keeps tensors (or null) for backward, checked against later writes. @throws TypeError for anything else */
  save_for_backward(...tensors: (Tensor | null)[]): void {
    for (const [i, t] of tensors.entries()) {
      if (t === null || t instanceof Tensor) continue
      throw new PyTypeError(`save_for_backward can only save variables, but argument ${i} is of type ${pyTypeName(t)}`)
    }
    this._saved = tensors
  }

  /** What was saved: inputs as the same objects. @throws RuntimeError once the graph was freed or a tensor was written */
  get saved_tensors(): (Tensor | null)[] {
    if (!this._node) return tuple([...this._saved])
    return tuple(
      this._saved.map((_, i) => {
        const at = orNone(core.function_saved(this._node, i))
        return at ? tensorFrom(at) : null
      }),
    )
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
    this._materialize = on
  }
}

type Gradient = Tensor | null | undefined

/** The static side of a Function: what a user writes. */
export interface FunctionClass {
  readonly name: string
  forward(ctx: FunctionCtx, ...args: never[]): unknown
  backward(ctx: FunctionCtx, ...grads: Tensor[]): Gradient | readonly Gradient[]
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
  running.delete(node)
  functionNames.delete(node)
})

/**
 * Subclass it with static `forward(ctx, ...args)` and `backward(ctx, ...grads)`, and call `Sub.apply(...args)`. Its node
 * is named after the class: `SubBackward`.
 */
// biome-ignore lint/complexity/noStaticOnlyClass: PyTorch's own shape, a class that users subclass with static methods
export class Function_ {
  static forward(_ctx: FunctionCtx, ..._args: never[]): unknown {
    throw new NotImplementedError('You must implement the forward function for custom autograd.Function.')
  }

  static backward(_ctx: FunctionCtx, ..._grads: Tensor[]): Gradient | readonly Gradient[] {
    throw new NotImplementedError(
      'You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.',
    )
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

function applyFunction(type: FunctionClass, args: unknown[]): unknown {
  const tensors = args.filter((arg) => arg instanceof Tensor)
  const needs = args.map((arg) => arg instanceof Tensor && arg.requires_grad)
  const ctx = new FunctionCtx()
  ctx.needs_input_grad = tuple(needs)
  const executable = is_grad_enabled() && needs.includes(true)
  const edges = executable ? tensors.map((t) => [orNone(core.edge_node(address(t))), t.output_nr] as const) : []
  let returned: unknown
  try {
    returned = no_grad(() => type.forward(ctx, ...(args as never[])))
    checkDirty(ctx, returned)
  } catch (error) {
    for (const [node] of edges) if (node) core.node_release(node)
    throw error
  }
  if (!executable) return returned
  const outputs = Array.isArray(returned) ? returned : [returned]
  const made = connect(type, ctx, args, edges, outputs)
  return Array.isArray(returned) ? tuple(made) : made[0]
}

function checkDirty(ctx: FunctionCtx, returned: unknown): void {
  const outputs = Array.isArray(returned) ? returned : [returned]
  if (ctx._dirty.every((t) => outputs.includes(t))) return
  throw new RuntimeError(
    'Some elements marked as dirty during the forward method were not returned as output. The inputs that are ' +
      'modified inplace must all be outputs of the Function.',
  )
}

/** Makes the node and gives the outputs their history; returns what `apply` returns. */
function connect(
  type: FunctionClass,
  ctx: FunctionCtx,
  args: readonly unknown[],
  edges: readonly (readonly [node: number, nr: number])[],
  outputs: readonly unknown[],
): unknown[] {
  const node = newNode(edges, ctx._saved.length, outputs.length)
  functionNames.set(node, `${type.name}Backward`)
  running.set(node, {
    type,
    ctx,
    isTensor: args.map((arg) => arg instanceof Tensor),
    outputs: outputs.map((t) => (t instanceof Tensor ? { shape: t.shape, dtype: t.dtype } : null)),
  })
  try {
    const several = outputs.filter((output) => isDifferentiable(ctx, output)).length > 1
    const made = outputs.map((output, nr) => wrap(node, ctx, args, output, nr, several))
    for (const [i, t] of ctx._saved.entries()) {
      if (t) checked(core.function_save(node, i, address(t), savedAs(t, outputs, args)))
    }
    ctx._node = node
    return made
  } finally {
    // The outputs own the node now; without any it goes.
    core.node_release(node)
  }
}

/** The number of the output that a saved tensor is; -1 for an input or any other. */
function savedAs(t: Tensor, outputs: readonly unknown[], args: readonly unknown[]): number {
  return args.includes(t) && !outputs.includes(t) ? -1 : outputs.indexOf(t)
}

function newNode(edges: readonly (readonly [number, number])[], saved: number, outputs: number): number {
  const bytes = Math.max(edges.length * 8, 8)
  const list = core.list_alloc(bytes) >>> 0
  if (!list) throw new OutOfMemoryError(`Function.apply(): no memory for ${edges.length} edges`)
  u32().set(edges.flat(), list / 4)
  const node = core.function_node(list, edges.length, saved, outputs)
  core.list_free(list, bytes)
  return checked(node)
}

function isDifferentiable(ctx: FunctionCtx, output: unknown): output is Tensor {
  if (!(output instanceof Tensor)) return false
  return ctx._dirty.includes(output) || (!ctx._plain.includes(output) && output.is_floating_point())
}

function wrap(
  node: number,
  ctx: FunctionCtx,
  args: readonly unknown[],
  output: unknown,
  nr: number,
  several: boolean,
): unknown {
  if (!isDifferentiable(ctx, output)) return output
  const dirty = ctx._dirty.includes(output)
  const tensor = !dirty && args.includes(output) ? tensorFrom(checked(core.function_view(address(output)))) : output
  checked(core.function_output(node, address(tensor), nr, dirty ? 1 : 0, several ? 1 : 0))
  return tensor
}

/** Backward of a Function: called by the engine, with slots for what comes in and what goes out. */
function runBackward(node: number, slots: number, outputs: number, grads: number, edges: number): void {
  const { type, ctx, isTensor, outputs: shapes } = running.get(node)!
  const incoming = readSlots(slots, outputs).map((grad, i) => {
    const like = shapes[i]
    return grad ?? (ctx._materialize && like ? zeros(like.shape, { dtype: like.dtype }) : null)
  })
  const returned = type.backward(ctx, ...(incoming as Tensor[]))
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
