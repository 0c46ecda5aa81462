// Calls from the engine into JS: the hooks that src/torch/hooks.ts keeps. A hook that throws comes back as `false`; the
// exception waits on the JS side, here it is the pending error Hook, and the run unwinds like after any other error.
import { Err } from '../abi'
import { fail, failed } from '../error'
import { enterBase, leaveBase } from '../tensor/temps'
import { Tensor } from '../tensor/tensor'
import { Node } from './node'

// Each gets addresses of gradient slots, which it may replace; a slot owns its tensor.

@external('env', 'run_tensor_hooks')
declare function runTensorHooks(owner: usize, slots: usize, count: i32): bool

@external('env', 'run_pre_hooks')
declare function runPreHooks(node: usize, slots: usize, count: i32): bool

@external('env', 'run_post_hooks')
declare function runPostHooks(node: usize, results: usize, edges: i32, slots: usize, count: i32): bool

@external('env', 'run_accumulated_hooks')
declare function runAccumulatedHooks(leaf: usize): bool

/** Tensor hooks: of a leaf, or of all outputs of a node. */
export function tensorHooks(owner: usize, slots: usize, count: i32): bool {
  const outer = enterBase()
  return back(outer, runTensorHooks(owner, slots, count))
}

export function preHooks(node: Node, slots: usize, count: i32): bool {
  const outer = enterBase()
  return back(outer, runPreHooks(changetype<usize>(node), slots, count))
}

/** After the formula: `results` are its gradients, one slot an edge. */
export function postHooks(node: Node, results: usize, edges: i32, slots: usize, count: i32): bool {
  const outer = enterBase()
  return back(outer, runPostHooks(changetype<usize>(node), results, edges, slots, count))
}

/** After a leaf's `.grad` was updated. */
export function accumulatedHooks(leaf: Tensor): bool {
  const outer = enterBase()
  return back(outer, runAccumulatedHooks(changetype<usize>(leaf)))
}

function back(outer: u32, fine: bool): bool {
  leaveBase(outer)
  if (!fine) fail(Err.Hook)
  return !failed()
}
