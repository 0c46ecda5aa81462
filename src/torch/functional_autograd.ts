// torch.autograd.functional: products of a function's Jacobian or Hessian with a vector.
import { RuntimeError } from '../core/errors'
import { zeros_like } from './creation'
import {
  asOutputs,
  asTensors,
  type Callable,
  checkDependent,
  checkScalar,
  checkVector,
  filled,
  fresh,
  gradients,
  like,
  type Per,
  released,
  type Tensors,
} from './functional_steps'
import { enable_grad } from './grad_mode'
import type { Arguments, Outputs } from './gradcheck'
import { callable, Def, flag } from './signature-def'
import { temporaries } from './temporaries'
import type { Tensor } from './tensor'
import { tuple } from './tuple'

export interface ProductOptions {
  /** Records the computation, so that the results can be differentiated. */
  create_graph?: boolean
  /** An output that does not depend on an input is an error instead of a zero derivative. */
  strict?: boolean
}

type Vector = Tensor | readonly Tensor[] | null

const product = (name: string) => new Def(name, 'func, inputs, v=None, create_graph=False, strict=False')
const DEFS = {
  vjp: product('vjp'),
  jvp: product('jvp'),
  vhp: product('vhp'),
  hvp: product('hvp'),
}

/** A call of one of the four products, its arguments made ready. */
interface Product {
  name: keyof typeof DEFS
  fn: Callable
  inputs: Tensors
  /** As given; null for none. */
  v: unknown
  create: boolean
  strict: boolean
}

function productOf(name: Product['name'], args: readonly unknown[]): Product {
  const [fn, given, v, create_graph, strict] = DEFS[name].parse(args)
  const create = flag(create_graph)
  const inputs = fresh(asTensors(given, 'inputs', name), create, true)
  return { name, fn: fn as Callable, inputs, v, create, strict: flag(strict) }
}

/** The vector, of the shapes of `other`. @throws RuntimeError, `missing` when there has to be one */
function vectorOf({ name, v, create }: Product, other: Tensors, missing: string): readonly Tensor[] | null {
  if (v !== null) {
    const vector = fresh(asTensors(v, 'v', name), create, false).tensors
    checkVector(vector, other)
    return vector
  }
  if (other.tensors.length !== 1 || other.tensors[0].numel() !== 1) throw new RuntimeError(missing)
  return null
}

const NO_VECTOR =
  'The vector v can only be None if the input to the user-provided function is a single Tensor with a single element.'

function outputsOf({ name, fn, inputs, strict }: Product): Tensors {
  const outputs = asOutputs(callable(fn)(...inputs.tensors), name)
  if (strict) checkDependent(outputs.tensors, 'outputs')
  return outputs
}

/** Records when the caller wants a graph, else does as the mode outside says. */
const recorded = <R>(create: boolean, fn: () => R): R => (create ? enable_grad(fn) : fn())

function pair({ create }: Product, outputs: Tensors, results: readonly Tensor[], per: Tensors): unknown {
  return tuple([like(outputs, released(outputs.tensors, create)), like(per, released(results, create))])
}

/**
 * `[fn(inputs), vJ]`: the vector times the Jacobian. `v` may be left out when `fn` returns one element.
 * @throws RuntimeError for a vector of another shape, and in strict mode; TypeError for what is no tensor
 */
export function vjp<const I, O extends Outputs>(
  fn: (...inputs: Arguments<I>) => O,
  inputs: I,
  v?: Vector | ProductOptions,
  options?: ProductOptions,
): [outputs: Per<O, Tensor>, vjp: Per<I, Tensor>]
export function vjp(...args: unknown[]): unknown {
  return temporaries(() => {
    const { call, outputs, v } = enable_grad(() => {
      const call = productOf('vjp', args)
      const outputs = outputsOf(call)
      const missing =
        'The vector v can only be None if the user-provided function returns a single Tensor with a single element.'
      return { call, outputs, v: vectorOf(call, outputs, missing) }
    })
    const { create, strict, inputs } = call
    return recorded(create, () => {
      const grads = gradients(outputs.tensors, inputs.tensors, v, { create_graph: create })
      return pair(call, outputs, filled(grads, inputs.tensors, strict, create, 'back'), inputs)
    })
  })
}

/**
 * `[fn(inputs), Jv]`: the Jacobian times the vector, by two backward passes. `v` may be left out for an input of one
 * element. @throws as `vjp`
 */
export function jvp<const I, O extends Outputs>(
  fn: (...inputs: Arguments<I>) => O,
  inputs: I,
  v?: Vector | ProductOptions,
  options?: ProductOptions,
): [outputs: Per<O, Tensor>, jvp: Per<O, Tensor>]
export function jvp(...args: unknown[]): unknown {
  return temporaries(() => {
    const { call, outputs, v, grads, dummies } = enable_grad(() => {
      const call = productOf('jvp', args)
      const v = vectorOf(call, call.inputs, NO_VECTOR)
      const outputs = outputsOf(call)
      // Backward is linear in its vector: the derivative of uJ along v is Jv, whatever u is.
      const dummies = outputs.tensors.map((output) => zeros_like(output, { requires_grad: true }))
      const grads = gradients(outputs.tensors, call.inputs.tensors, dummies, { create_graph: true })
      if (call.strict) checkDependent(grads, 'grad_inputs')
      return { call, outputs, v, grads, dummies }
    })
    const { create, strict } = call
    return recorded(create, () => {
      const columns = gradients(grads, dummies, v, { create_graph: create })
      return pair(call, outputs, filled(columns, outputs.tensors, strict, create, 'back_trick'), outputs)
    })
  })
}

/** The gradient of a scalar function, recorded. */
function firstDerivative(name: 'vhp' | 'hvp', args: readonly unknown[]) {
  const call = productOf(name, args)
  const v = vectorOf(call, call.inputs, NO_VECTOR)
  const outputs = outputsOf(call)
  checkScalar(outputs, name)
  const first = gradients(outputs.tensors, call.inputs.tensors, null, { create_graph: true })
  if (call.strict) checkDependent(first, 'jacobian')
  return { call, v, outputs, first }
}

/** `[fn(inputs), vH]` of a function of one element: the vector times the Hessian. @throws as `vjp` */
export function vhp<const I>(
  fn: (...inputs: Arguments<I>) => Tensor,
  inputs: I,
  v?: Vector | ProductOptions,
  options?: ProductOptions,
): [output: Tensor, vhp: Per<I, Tensor>]
export function vhp(...args: unknown[]): unknown {
  return temporaries(() => {
    const { call, v, outputs, first } = enable_grad(() => firstDerivative('vhp', args))
    const { create, strict, inputs } = call
    return recorded(create, () => {
      const grads = gradients(first, inputs.tensors, v, { create_graph: create })
      return pair(call, outputs, filled(grads, inputs.tensors, strict, create, 'double_back'), inputs)
    })
  })
}

/** `[fn(inputs), Hv]`, by three backward passes where `vhp`, equal for a smooth function, takes two. @throws as `vjp` */
export function hvp<const I>(
  fn: (...inputs: Arguments<I>) => Tensor,
  inputs: I,
  v?: Vector | ProductOptions,
  options?: ProductOptions,
): [output: Tensor, hvp: Per<I, Tensor>]
export function hvp(...args: unknown[]): unknown {
  return temporaries(() => {
    const { call, v, outputs, second, dummies } = enable_grad(() => {
      const { call, v, outputs, first } = firstDerivative('hvp', args)
      const dummies = call.inputs.tensors.map((input) => zeros_like(input, { requires_grad: true }))
      const second = gradients(first, call.inputs.tensors, dummies, { create_graph: true })
      if (call.strict) checkDependent(first, 'hessian')
      return { call, v, outputs, second, dummies }
    })
    const { create, strict, inputs } = call
    return recorded(create, () => {
      const grads = gradients(second, dummies, v, { create_graph: create })
      return pair(call, outputs, filled(grads, inputs.tensors, strict, create, 'double_back_trick'), inputs)
    })
  })
}
