// torch.autograd: running the engine.
import { WrapperPolicy } from '../../assembly/abi'
import { orNone, takeError } from '../core/error_text'
import {
  AssertionError,
  NotImplementedError,
  OutOfMemoryError,
  PyTypeError,
  RuntimeError,
  ValueError,
} from '../core/errors'
import { address } from '../core/handles'
import { u32 } from '../core/memory'
import { warn, warnOnce } from '../core/warnings'
import { core } from '../core/wasm'
import { ones_like, zeros_like } from './creation'
import { runPass } from './passes'
import { pyTypeName } from './pytypes'
import { Def, elements, flag } from './signature-def'
import { Tensor, tensorFrom } from './tensor'
import { tuple } from './tuple'

type Tensors = Tensor | readonly Tensor[]
type Gradients = Tensor | null | readonly (Tensor | null)[]

export interface BackwardOptions {
  gradient?: Tensor | null
  /** Keep what the graph saved, for another backward. Defaults to `create_graph`. */
  retain_graph?: boolean | null
  /** Record the backward pass itself, for higher derivatives. */
  create_graph?: boolean
  /** Accumulate only into these. */
  inputs?: Tensors | null
}

export interface GradOptions {
  grad_outputs?: Gradients
  retain_graph?: boolean | null
  create_graph?: boolean
  /** Give null for inputs that the outputs do not depend on, instead of an error. */
  allow_unused?: boolean | null
  /** Give zeros for them. */
  materialize_grads?: boolean
}

/** A tensor alone, or the elements of what Python could iterate over. */
const listOf = (value: unknown): unknown[] => (value instanceof Tensor ? [value] : elements(value))

/** @throws AssertionError for what is no tensor */
function rootsOf(value: unknown): Tensor[] {
  const roots = listOf(value)
  if (!roots.every((root) => root instanceof Tensor)) throw new AssertionError('Expected output to be a torch.Tensor')
  return roots
}

function inputsOf(value: unknown, name: string): Tensor[] {
  const inputs = listOf(value)
  if (inputs.length === 0) throw new RuntimeError(`\`inputs\` argument to \`${name}()\` cannot be empty.`)
  return inputs as Tensor[]
}

/** Refuses what is no tensor, before anything runs. */
function checkInputs(inputs: readonly unknown[]): void {
  const odd = inputs.findIndex((input) => !(input instanceof Tensor))
  if (odd >= 0) {
    throw new RuntimeError(`all inputs have to be Tensors or GradientEdges, but got ${pyTypeName(inputs[odd])}`)
  }
}

/** A gradient for every root: given ones are checked for shape, ones stand in for a single element. */
function rootGradients(roots: readonly Tensor[], value: unknown): (Tensor | null)[] {
  const given = value === null ? roots.map(() => null) : listOf(value)
  const grads = roots.slice(0, given.length).map((root, i) => rootGradient(root, given[i], i))
  if (grads.length < roots.length) throw new RuntimeError(`got ${roots.length} tensors and ${grads.length} gradients`)
  return grads
}

function rootGradient(root: Tensor, grad: unknown, i: number): Tensor | null {
  if (grad === null || grad === undefined) {
    if (!root.requires_grad) return null
    if (root.numel() !== 1) throw new RuntimeError('grad can be implicitly created only for scalar outputs')
    return ones_like(root)
  }
  if (!(grad instanceof Tensor)) {
    throw new PyTypeError(`gradients can be either Tensors or None, but got ${pyTypeName(grad)}`)
  }
  if (String(grad.shape) !== String(root.shape)) {
    throw new RuntimeError(
      `Mismatch in shape: grad_output[${i}] has a shape of torch.Size([${grad.shape.join(', ')}]) and ` +
        `output[${i}] has a shape of torch.Size([${root.shape.join(', ')}]).`,
    )
  }
  return grad
}

function releaseAll(addresses: readonly number[]): void {
  for (const at of addresses) if (at) core.tensor_release(at)
}

/** A backward pass with its final callbacks. The addresses of the inputs' gradients when `capture`. */
function run(...lists: Parameters<typeof runEngine>): number[] {
  return runPass(lists[4], () => runEngine(...lists), releaseAll)
}

/** Hands the lists to the engine; the addresses that it left in the inputs' places when `capture`. */
function runEngine(
  roots: readonly Tensor[],
  grads: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  keep: boolean,
  create: boolean,
  capture: boolean,
): number[] {
  const tensors = [...roots, ...grads, ...inputs].map((t) => (t ? address(t) : 0))
  const bytes = tensors.length * 4
  const list = core.list_alloc(bytes) >>> 0
  if (!list) throw new OutOfMemoryError(`backward(): no memory for a list of ${tensors.length} tensors`)
  u32().set(tensors, list / 4)
  const ok = core.engine_run(list, roots.length, inputs.length, keep ? 1 : 0, create ? 1 : 0, capture ? 1 : 0)
  const failure = ok ? null : takeError()
  const from = list / 4 + roots.length * 2
  const captured = Array.from(u32().subarray(from, from + inputs.length))
  core.list_free(list, bytes)
  if (failure) throw failure.error
  return captured
}

/**
 * Accumulates the gradients of `tensors` into the leaves' `.grad`.
 * @throws RuntimeError when nothing requires grad, for a non-scalar without gradient, a freed graph, a modified tensor
 */
export function backward(tensors: Tensors, options?: BackwardOptions & { grad_tensors?: Gradients }): void
export function backward(tensors: Tensors, grad_tensors?: Gradients, options?: BackwardOptions): void
export function backward(...args: unknown[]): void {
  accumulate(DEFS.backward.parse(args))
}

const DEFS = {
  backward: new Def(
    'backward',
    'tensors, grad_tensors=None, retain_graph=None, create_graph=False, grad_variables=None, inputs=None',
  ),
  method: new Def('Tensor.backward', 'self, gradient=None, retain_graph=None, create_graph=False, inputs=None'),
  grad: new Def(
    'grad',
    'outputs, inputs, grad_outputs=None, retain_graph=None, create_graph=False, only_inputs=True, allow_unused=None, ' +
      'is_grads_batched=False, materialize_grads=False',
  ),
}

/** Refuses roots outside the graph: told before the inputs learn to retain their gradients. */
function checkRoots(roots: readonly Tensor[]): void {
  for (const [i, root] of roots.entries()) {
    const node = orNone(core.edge_node(address(root)))
    if (!node) throw new RuntimeError(`element ${i} of tensors does not require grad and does not have a grad_fn`)
    core.node_release(node)
  }
}

const CYCLE =
  'Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient ' +
  'which can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you have ' +
  'to use this function, make sure to reset the .grad fields of your parameters to None after use to break the cycle ' +
  'and avoid the leak.'
const ONLY_INPUTS =
  'only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for other parts of ' +
  'the graph, please use torch.autograd.backward.'

function accumulate([tensors, grad_tensors, retain, create, grad_variables, inputs]: unknown[]): void {
  if (grad_variables !== null) warn('FutureWarning', '`grad_variables` is deprecated. Use `grad_tensors` instead.')
  if (grad_variables !== null && grad_tensors !== null) {
    throw new RuntimeError(
      '`grad_tensors` and `grad_variables` (deprecated) arguments both passed to `backward()`. Please only use `grad_tensors`.',
    )
  }
  const wanted = inputs === null ? [] : inputsOf(inputs, 'backward')
  const roots = rootsOf(tensors)
  const grads = rootGradients(roots, grad_tensors ?? grad_variables)
  const [keep, record] = [flag(retain ?? create), flag(create)]
  checkInputs(wanted)
  if (wanted.length) checkRoots(roots)
  for (const input of wanted) input.retain_grad()
  if (record && roots.every((root) => root.requires_grad)) warnOnce('UserWarning', CYCLE)
  run(roots, grads, wanted, keep, record, false)
}

/**
 * The gradients of `outputs` with respect to `inputs`, one for each, without touching any `.grad`.
 * @throws RuntimeError as `backward`, and for an unused input unless `allow_unused`
 */
export function grad(
  outputs: Tensors,
  inputs: Tensors,
  ...rest: (Gradients | GradOptions | boolean)[]
): (Tensor | null)[]
export function grad(...args: unknown[]): (Tensor | null)[] {
  const [outputs, inputs, given, retain, create, only, unused, batched, materialize] = DEFS.grad.parse(args)
  if (materialize && unused !== null && !unused) {
    throw new ValueError(
      'Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.',
    )
  }
  if (batched) throw new NotImplementedError('grad(): is_grads_batched=True is not supported yet')
  const roots = rootsOf(outputs)
  const wanted = inputsOf(inputs, 'grad')
  if (!only) warn('FutureWarning', ONLY_INPUTS)
  const grads = rootGradients(roots, given)
  const [keep, record, allowed] = [flag(retain ?? create), flag(create), flag(unused ?? materialize)]
  checkInputs(wanted)
  const captured = run(roots, grads, wanted, keep, record, true)
  const missing = captured.indexOf(0)
  if (missing >= 0 && !allowed) {
    releaseAll(captured)
    throw new RuntimeError(
      `The differentiated Tensor at index ${missing} appears to not have been used in the graph. ` +
        'Set allow_unused=True if this is the desired behavior.',
    )
  }
  return tuple(captured.map((at, i) => (at ? tensorFrom(at) : materialize ? zerosFor(wanted[i], record) : null)))
}

/** With `create_graph` they require grad, as PyTorch's do. */
function zerosFor(input: Tensor, requires_grad: boolean): Tensor {
  return zeros_like(input, { requires_grad })
}

const POLICIES = { weak: WrapperPolicy.weak, owned: WrapperPolicy.owned, fresh: WrapperPolicy.fresh }

/**
 * How long the Python wrapper of a graph node lives: `'weak'` (PyTorch up to 2.12, the default) while somebody holds it,
 * `'owned'` (2.13) as long as its node, `'fresh'` (what article 0 says) for one access. Holds for wrappers made later.
 */
export function set_wrapper_policy(policy: keyof typeof POLICIES): void {
  const code = typeof policy === 'string' && Object.hasOwn(POLICIES, policy) ? POLICIES[policy] : undefined
  if (code === undefined) {
    const got = typeof policy === 'string' ? `'${policy}'` : pyTypeName(policy)
    throw new ValueError(`set_wrapper_policy(): expected 'weak', 'owned' or 'fresh', but got ${got}`)
  }
  core.set_wrapper_policy(code)
}

declare module './tensor' {
  interface Tensor {
    /** Accumulates d self / d leaf into every leaf's `.grad`. @throws RuntimeError, see `torch.autograd.backward` */
    backward(options?: BackwardOptions): void
    backward(gradient: Tensor | null, options?: BackwardOptions): void
    backward(gradient: Tensor | null, retain_graph?: boolean | null, create_graph?: boolean): void
  }
}

Tensor.prototype.backward = function (this: Tensor, ...args: unknown[]): void {
  const [tensor, gradient, retain, create, inputs] = DEFS.method.parse([this, ...args])
  accumulate([tensor, gradient, retain, create, null, inputs])
}
