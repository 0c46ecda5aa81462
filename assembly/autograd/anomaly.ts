// Anomaly mode: every node remembers where it was made, and what every node computes is searched for nan. Off, it costs
// one load a node.
import { DType, Err } from '../abi'
import { fail, failed, say } from '../error'
import { addOperand, beginPlan, Loop, walk } from '../tensor/iterate'
import { shapeOf } from '../tensor/shape'
import { isNone, Tensor } from '../tensor/tensor'
import { Node } from './node'
import { placing } from './places'

@external('env', 'node_failed')
declare function nodeFailed(node: usize): void

let checksNan = false

export function setNanCheck(on: bool): void {
  checksNan = on
}

let found = false

function nanLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      if (isNaN(load<T>(o))) found = true
      o += os
    }
  }
}

function hasNan(t: Tensor): bool {
  if (t.dtype < DType.float32) return false
  found = false
  shapeOf(t)
  beginPlan()
  addOperand(t)
  walk(t.dtype == DType.float32 ? nanLoop<f32>() : nanLoop<f64>())
  return found
}

/** After a node ran: is there a nan among its `edges` gradients at `grads`? */
export function checkForNan(node: Node, grads: usize, edges: i32): void {
  if (!checksNan) return
  for (let i = 0; i < edges && !failed(); i++) {
    const grad = load<Tensor>(grads + ((<usize>i) << 2))
    if (isNone(grad) || !hasNan(grad) || !fail(Err.NanReturned)) continue
    say(node.kind)
    say(changetype<usize>(node))
    say(i)
  }
}

/** In anomaly mode: the run failed in this node, and JS tells where it comes from while it still knows. */
export function tellFailure(node: Node): void {
  if (placing()) nodeFailed(changetype<usize>(node))
}
