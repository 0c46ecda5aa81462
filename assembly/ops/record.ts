// Recording an op, the same for every family. `begin` before the kernel makes the node: its edges come from the inputs'
// history before the write, and what is saved of the inputs is what they were. `finish` after the kernel gives the
// result its history and saves it if the formula wants it (after the version bump, so that `h.exp_()` works).
import { Err, NodeKind } from '../abi'
import { rebaseHistory, recording, setEdgeTo, setHistory } from '../autograd/history'
import { isNoNode, newNode, Node, noNode, releaseNode } from '../autograd/node'
import { packing } from '../autograd/packed'
import { otherFirst, saveInput, saveOutput } from '../autograd/saved'
import { fail1, failed } from '../error'
import { isFloating } from '../tensor/dtype'
import { emptyLike } from '../tensor/iterate'
import { emptyOfShape, shapeOf } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { bump, isNone, none, release, reserveCounter, Tensor } from '../tensor/tensor'
import { copyInto } from './cast'
import { clone } from './copy'

/** What a node keeps. Its slots are the members present, in this order. */
export const enum Save {
  nothing = 0,
  self = 1,
  other = 2,
  result = 4,
}

/** A node's kind and what it can keep, in one number: what an op's `spec` returns. */
// @ts-ignore: decorator
@inline
export function spec(kind: NodeKind, saves: i32): i32 {
  return (<i32>kind << 8) | saves
}

/**
 * The node for an op of `a` and perhaps `b`, held by the caller until `finish`. `saves` are those of the spec's members
 * that the formula will really want. Null when `wanted` is false, or with an error pending.
 */
export function begin(
  wanted: bool, spec: i32, saves: i32, a: Tensor, b: Tensor, inplace: bool, params: i32 = 0, outputs: i32 = 1,
): Node {
  if (!wanted) return noNode()
  const layout = spec & 255
  // In place, the old input is about to be overwritten: the formula gets a copy (C.1 step 3).
  const self = inplace && saves & Save.self ? clone(a) : a
  if (failed()) return noNode()
  const kind = spec >> 8
  const node = newNode(kind, isNone(b) ? 1 : 2, popcnt<i32>(layout), params, outputs)
  if (isNoNode(node)) return node
  if (!setEdgeTo(node, 0, a) || !setEdgeTo(node, 1, b)) return abandon(node)
  const selfLast = otherFirst(kind)
  if (saves & Save.self && !selfLast && !saveInput(node, 0, self)) return abandon(node)
  if (saves & Save.other) {
    const slot = layout & Save.self
    // `h.mul_(h)` makes a cycle, as in PyTorch: h owns the node that owns h (cycles.ts frees them).
    if (!saveInput(node, slot, b)) return abandon(node)
  }
  if (saves & Save.self && selfLast && !saveInput(node, 0, self)) return abandon(node)
  if (inplace && layout & Save.result && packing() && !keepOld(node, popcnt<i32>(layout) - 1, a)) return abandon(node)
  return node
}

/** The node of an op whose saved tensors the caller puts in place by `keep`. Null as `begin`'s. */
export function beginNode(kind: NodeKind, a: Tensor, b: Tensor, saved: i32, params: i32): Node {
  if (failed() || !recording(a, b)) return noNode()
  if (!isFloating(a.dtype)) {
    fail1(Err.AutogradDType, a.dtype)
    return noNode()
  }
  const node = newNode(kind, isNone(b) ? 1 : 2, saved, params)
  if (isNoNode(node)) return node
  return setEdgeTo(node, 0, a) && setEdgeTo(node, 1, b) ? node : abandon(node)
}

/** Saves an input of the op, if there is a node. */
export function keep(node: Node, slot: i32, tensor: Tensor): void {
  if (!isNoNode(node) && !failed()) saveInput(node, slot, tensor)
}

/** What an op that changes a part of `x` writes: `x` itself in place, else a copy of it. Null with an error pending. */
export function targetOf(x: Tensor, inplace: bool, rowMajor: bool): Tensor {
  if (failed()) return none()
  if (inplace) return reserveCounter(x) ? x : none()
  shapeOf(x)
  const out = temp(rowMajor ? emptyOfShape(x.dtype) : emptyLike(x, x.dtype))
  if (!isNone(out)) copyInto(out, x)
  return out
}

/** The end of such an op; its spec matters where it saves its result. */
export function finishTarget(node: Node, out: Tensor, inplace: bool, spec: i32 = 0): Tensor {
  if (failed() || isNone(out)) return cancel(node)
  if (inplace) bump(out)
  return finish(node, spec, out, inplace)
}

function abandon(node: Node): Node {
  releaseNode(node)
  return noNode()
}

/** The kernel could not run: drops the node that `begin` made. */
export function cancel(node: Node): Tensor {
  if (!isNoNode(node)) releaseNode(node)
  return none()
}

/** After the kernel. `node` may be null: nothing is recorded. Returns `out`, or null when memory ran out. */
export function finish(node: Node, spec: i32, out: Tensor, inplace: bool): Tensor {
  if (isNoNode(node)) return out
  const layout = spec & 255
  if (layout & Save.result && !saveResult(node, popcnt<i32>(layout) - 1, out)) return cancel(node)
  return (inplace ? rebaseHistory(out, node) : setHistory(out, node)) ? out : none()
}

/** A hook sees the result of a write in place after it: what was there stands in the slot until then. */
export function keepOld(node: Node, slot: i32, a: Tensor): bool {
  const old = emptyLike(a, a.dtype)
  if (isNone(old)) return false
  copyInto(old, a)
  node.savedAt(slot).data = old
  return true
}

function saveResult(node: Node, slot: i32, out: Tensor): bool {
  const saved = node.savedAt(slot)
  const old = saved.data
  saved.data = none()
  const done = saveOutput(node, slot, out)
  if (isNone(old)) return done
  if (!done) {
    copyInto(out, old)
    out.counter.version--
  }
  release(old)
  return done
}

/** The end of an in-place kernel that wrote `out`: `target` gets it (cast if it is another tensor) and is bumped. */
export function wrote(target: Tensor, out: Tensor): Tensor {
  if (out !== target) copyInto(target, out)
  bump(target)
  return target
}
