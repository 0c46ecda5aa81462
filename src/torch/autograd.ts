// torch.autograd: running the engine.
import { WrapperPolicy } from '../../assembly/abi'
import { takeThrown } from '../core/callbacks'
import { checked, takeError } from '../core/error_text'
import { OutOfMemoryError, PyTypeError, RuntimeError, ValueError } from '../core/errors'
import { address } from '../core/handles'
import { u32 } from '../core/memory'
import { core } from '../core/wasm'
import { ones_like } from './creation'
import { pyTypeName } from './pytypes'
import { Signature } from './signature'
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

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T]
}

/** A gradient for every root: given ones are checked for shape, ones stand in for a single element. */
function rootGradients(roots: readonly Tensor[], given: readonly (Tensor | null | undefined)[]): (Tensor | null)[] {
  return roots.map((root, i) => {
    const grad = given[i]
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
  })
}

/** Hands the lists to the engine; the addresses that it left in the inputs' places when `capture`. */
function run(
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
  const error = ok ? null : takeError()
  const from = list / 4 + roots.length * 2
  const captured = Array.from(u32().subarray(from, from + inputs.length))
  core.list_free(list, bytes)
  const thrown = takeThrown()
  if (thrown) throw thrown.error
  if (error) throw error
  return captured
}

/** Refuses what is no tensor, before anything runs. */
function checkTensors(values: readonly unknown[], name: string, what: string): void {
  const odd = values.findIndex((value) => !(value instanceof Tensor))
  if (odd >= 0) throw new PyTypeError(`${name}(): ${what} must be Tensors, but got ${pyTypeName(values[odd])}`)
}

/**
 * Accumulates the gradients of `tensors` into the leaves' `.grad`.
 * @throws RuntimeError when nothing requires grad, for a non-scalar without gradient, a freed graph, a modified tensor
 */
export function backward(tensors: Tensors, options?: BackwardOptions & { grad_tensors?: Gradients }): void
export function backward(tensors: Tensors, grad_tensors?: Gradients, options?: BackwardOptions): void
export function backward(tensors: Tensors, ...rest: unknown[]): void {
  const { values } = backwardSignature.parse([tensors, ...rest])
  const [given, retain, create, inputs] = values.slice(1) as [Gradients, boolean | null, boolean, Tensors | null]
  const roots = listOf(values[0] as Tensors)
  checkTensors(roots, 'backward', 'tensors')
  const gradients = given === null ? [] : listOf(given)
  if (gradients.length && gradients.length !== roots.length) {
    throw new RuntimeError(`got ${roots.length} tensors and ${gradients.length} gradients`)
  }
  const wanted = inputs === null ? [] : listOf(inputs)
  if (inputs !== null && wanted.length === 0) {
    throw new RuntimeError('`inputs` argument to `backward()` cannot be empty.')
  }
  checkTensors(wanted, 'backward', 'inputs')
  for (const input of wanted) {
    input.retain_grad()
  }
  run(roots, rootGradients(roots, gradients), wanted, retain ?? create, create, false)
}

const backwardSignature = new Signature(
  'backward',
  'object tensors, object grad_tensors=None, bool retain_graph=None, bool create_graph=False, object inputs=None',
)
const methodSignature = new Signature(
  'backward',
  'object gradient=None, bool retain_graph=None, bool create_graph=False, object inputs=None',
)

/** `tensor.backward(...)`. */
export function backwardMethod(root: Tensor, args: readonly unknown[]): void {
  const [gradient, retain_graph, create_graph, inputs] = methodSignature.parse(args).values as [
    Tensor | null,
    boolean | null,
    boolean,
    Tensors | null,
  ]
  if (gradient !== null && !(gradient instanceof Tensor) && !Array.isArray(gradient)) {
    throw new PyTypeError(`'${pyTypeName(gradient)}' object is not iterable`)
  }
  if (Array.isArray(gradient) && gradient.length && !(gradient[0] instanceof Tensor)) {
    throw new PyTypeError(`gradients can be either Tensors or None, but got ${pyTypeName(gradient[0])}`)
  }
  backward(root, gradient, { retain_graph, create_graph, inputs })
}

/**
 * The gradients of `outputs` with respect to `inputs`, one for each, without touching any `.grad`.
 * @throws RuntimeError as `backward`, and for an unused input unless `allow_unused`
 */
export function grad(
  outputs: Tensors,
  inputs: Tensors,
  ...rest: (Gradients | GradOptions | boolean)[]
): (Tensor | null)[] {
  const { values } = gradSignature.parse([outputs, inputs, ...rest])
  const [given, retain, create, , unused, , materialize] = values.slice(2) as [
    Gradients,
    boolean | null,
    boolean,
    boolean,
    boolean | null,
    boolean,
    boolean,
  ]
  const roots = listOf(values[0] as Tensors)
  const wanted = listOf(values[1] as Tensors)
  checkTensors(roots, 'grad', 'outputs')
  if (wanted.length === 0) throw new RuntimeError('`inputs` argument to `grad()` cannot be empty.')
  const odd = wanted.findIndex((input) => !(input instanceof Tensor))
  if (odd >= 0) {
    throw new RuntimeError(`all inputs have to be Tensors or GradientEdges, but got ${pyTypeName(wanted[odd])}`)
  }
  if (materialize && unused === false) {
    throw new ValueError(
      'Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False.',
    )
  }
  const gradients = rootGradients(roots, given === null ? [] : listOf(given))
  const captured = run(roots, gradients, wanted, retain ?? create, create, true)
  const missing = captured.indexOf(0)
  if (missing >= 0 && !unused && !materialize) {
    for (const at of captured) if (at) core.tensor_release(at)
    throw new RuntimeError(
      `The differentiated Tensor at index ${missing} appears to not have been used in the graph. ` +
        'Set allow_unused=True if this is the desired behavior.',
    )
  }
  return tuple(captured.map((at, i) => (at ? tensorFrom(at) : materialize ? zerosFor(wanted[i]) : null)))
}

const gradSignature = new Signature(
  'grad',
  'object outputs, object inputs, object grad_outputs=None, bool retain_graph=None, bool create_graph=False, ' +
    'bool only_inputs=True, bool allow_unused=None, bool is_grads_batched=False, bool materialize_grads=False',
)

function zerosFor(input: Tensor): Tensor {
  return tensorFrom(checked(core.new_like(address(input), input.dtype._code, 0)))
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
  backwardMethod(this, args)
}
