// A node outside a backward pass: what it makes of gradients, and during one: whether it will run.
import { NodeField, WillRun } from '../../assembly/abi'
import { takeError } from '../core/error_text'
import { OutOfMemoryError, PyTypeError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { u32 } from '../core/memory'
import { core } from '../core/wasm'
import { GradFn } from './grad_fn'
import { pyTypeName } from './pytypes'
import { Tensor, tensorFrom } from './tensor'
import { tuple } from './tuple'

declare module './grad_fn' {
  interface GradFn {
    /**
     * Python's `grad_fn(*grads)`: runs the node alone on a gradient (or null) for each of its outputs. Nothing is freed,
     * no hook is called, and the computation is recorded where grad mode is on. An AccumulateGrad accumulates.
     * @returns the gradient of the only input, or a tuple of them
     * @throws TypeError for another number of gradients; RuntimeError when the node was freed
     */
    call(...grads: (Tensor | null)[]): Tensor | null | (Tensor | null)[]
  }
}

GradFn.prototype.call = function (this: GradFn, ...grads: (Tensor | null)[]) {
  const node = address(this)
  const [outputs, edges] = [NodeField.outputCount, NodeField.edgeCount].map((field) => u32()[(node + field) / 4])
  if (grads.length !== outputs) throw new PyTypeError(`expected ${outputs} arguments, got ${grads.length} instead`)
  const odd = grads.findIndex((grad) => grad !== null && !(grad instanceof Tensor))
  if (odd >= 0) throw new PyTypeError(`argument ${odd} is not a Variable`)
  const slots = grads.map((grad) => (grad ? address(grad) : 0))
  const bytes = 4 * (outputs + edges)
  const list = core.list_alloc(bytes) >>> 0
  if (!list) throw new OutOfMemoryError(`call(): no memory for ${edges} gradients`)
  u32().set([...slots, ...new Array(edges).fill(0)], list / 4)
  const done = core.node_call(node, list, list + 4 * outputs)
  const made = Array.from(u32().subarray(list / 4 + outputs, list / 4 + outputs + edges))
  core.list_free(list, bytes)
  if (!done) {
    for (const at of made) if (at) core.tensor_release(at)
    throw takeError()?.error
  }
  const results = made.map((at) => (at ? tensorFrom(at) : null))
  return results.length === 1 ? results[0] : tuple(results)
}

/** From a hook: will the backward pass that is on run this node? @throws RuntimeError outside one, and for a leaf in `grad()` */
export function will_engine_execute_node(node: GradFn): boolean {
  if (!(node instanceof GradFn)) {
    throw new RuntimeError(`_will_engine_execute_node expects an grad_fn, but got ${pyTypeName(node)}`)
  }
  switch (core.will_run(address(node))) {
    case WillRun.outside:
      throw new RuntimeError('_get_should_execute_nodes should only be called during the backward pass')
    case WillRun.leafOfGrad:
      throw new RuntimeError(
        'A leaf node was passed to _will_engine_execute_node but we are currently running autograd.grad(). This is ' +
          'currently not supported.',
      )
    case WillRun.yes:
      return true
    default:
      return false
  }
}
