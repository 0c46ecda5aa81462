// The engine: runs the nodes behind some roots, later-created first, and delivers what they compute along their edges.
import { Err, Kind, LeafHook, NodeHook, NodeKind, WillRun } from '../abi'
import { fail1, failed } from '../error'
import { allocRecord, clear, freeRecord } from '../memory/alloc'
import { vjp } from '../ops/vjp'
import { drain, mark } from '../tensor/temps'
import { isNone, none, release, retain, Tensor } from '../tensor/tensor'
import { accumulateGrad } from './accumulate_grad'
import { checkForNan, tellFailure } from './anomaly'
import { copySlicesVjp } from './copy_slices'
import { fitGradient } from './fit_gradient'
import { functionVjp } from './function'
import { accumulatedHooks, postHooks, preHooks, tensorHooks } from './hooks'
import { accumulate } from './input_buffer'
import { requiresGrad } from './meta'
import { setGradMode } from './mode'
import { Node, noNode, releaseNode, releaseVariables, retainNode } from './node'
import { pop, push, queueBegin, queueEmpty, queueEnd } from './queue'
import { storeRetained } from './retain_grad'
import { checkSaved } from './saved'
import {
  aim, discover, Entry, entryOf, finish, isLeafNode, leadsToWanted, newTargets, newTask, slotOf, targetAt, Task,
} from './task'

/**
 * Runs backward from some roots. `list` holds addresses: | root x roots | gradient x roots | input x inputs |. With
 * inputs only what leads to them runs. `capture`: their gradients replace them in the list, owned by the caller (null:
 * unused); else they are accumulated as ever. False with an error pending; what was accumulated until then stays.
 */
export function execute(
  list: usize, roots: i32, inputs: i32, keepGraph: bool, createGraph: bool, capture: bool,
): bool {
  const before = setGradMode(createGraph)
  const outer = queueBegin()
  const task = newTask(capture)
  const enclosing = current
  if (changetype<usize>(task)) {
    current = task
    const grads = list + ((<usize>roots) << 2)
    const wanted = grads + ((<usize>roots) << 2)
    if (findRoots(task, list, roots) && findInputs(task, wanted, inputs) && seed(task, grads, before)) run(task, keepGraph)
    if (capture) handOver(task, wanted, inputs)
    finish(task)
    current = enclosing
  }
  queueEnd(outer)
  setGradMode(before)
  return !failed()
}

function findRoots(task: Task, list: usize, count: i32): bool {
  task.roots = newTargets(count)
  if (!task.roots) return false
  task.rootCount = count
  for (let i = 0; i < count; i++) {
    if (!aim(targetAt(task.roots, i), load<Tensor>(list + ((<usize>i) << 2)))) {
      fail1(Err.NoGrad, i)
      return false
    }
  }
  return true
}

function findInputs(task: Task, wanted: usize, count: i32): bool {
  if (count == 0) return true
  task.inputs = newTargets(count)
  if (!task.inputs) return false
  task.inputCount = count
  for (let i = 0; i < count; i++) {
    const target = targetAt(task.inputs, i)
    const tensor = load<Tensor>(wanted + ((<usize>i) << 2))
    if (!aim(target, tensor)) {
      // A view that no_grad made of something in the graph: no gradient comes this way.
      if (requiresGrad(tensor) && !failed()) continue
      fail1(Err.NoGradInput, i)
      return false
    }
    const entry = entryOf(task, target.node)
    if (!changetype<usize>(entry)) return false
    if (task.capture) {
      target.next = entry.captures
      entry.captures = i + 1
    } else entry.needed = true
  }
  return true
}

/** Counts dependencies and puts the roots' gradients in their places, cast if need be in the caller's grad mode. */
function seed(task: Task, grads: usize, callersMode: bool): bool {
  for (let i = 0; i < task.rootCount; i++) {
    const entry = entryOf(task, targetAt(task.roots, i).node)
    if (!changetype<usize>(entry) || !discover(entry, task)) return false
    // A root given twice waits for both, as for any other node.
    entry.waiting++
  }
  for (let i = 0; i < task.rootCount; i++) {
    const root = targetAt(task.roots, i)
    const entry = changetype<Entry>(root.node.entry)
    const enginesMode = setGradMode(callersMode)
    const grad = fitGradient(root.node, root.nr, load<Tensor>(grads + ((<usize>i) << 2)), noNode(), i)
    setGradMode(enginesMode)
    if (failed() || !accumulate(slotOf(entry, root.nr), grad)) return false
    // Of several roots those run that lead to what is wanted; a single one runs its hooks even if it does not.
    if (task.inputCount && task.rootCount > 1 && !entry.needed && !entry.captures) continue
    if (--entry.waiting == 0 && !push(entry)) return false
  }
  return true
}

function run(task: Task, keepGraph: bool): void {
  while (!queueEmpty() && !failed()) {
    const entry = pop()
    const before = mark()
    evaluate(task, entry, keepGraph)
    if (failed()) tellFailure(entry.node)
    drain(before)
  }
}

let current: Task = changetype<Task>(0)

/** Is `node` to run in the run that is on? */
export function willRun(node: Node): WillRun {
  if (!changetype<usize>(current)) return WillRun.outside
  const entry = changetype<Entry>(node.entry)
  if (!changetype<usize>(entry) || entry.owner != current.number || !entry.cursor) return WillRun.no
  if (!current.inputCount) return WillRun.yes
  if (isLeafNode(node) && entry.captures) return WillRun.leafOfGrad
  return entry.needed || entry.captures ? WillRun.yes : WillRun.no
}

/** The node whose formula runs now; null outside formulas. */
export function evaluatingNode(): Node {
  return changetype<usize>(current) ? current.evaluating : noNode()
}

/**
 * Computes what `node` makes of the gradients at `slots` outside any run: no hooks, and nothing is freed. `grads` gets a
 * gradient for every edge, owned by the caller. False with an error pending.
 */
export function callNode(node: Node, slots: usize, grads: usize): bool {
  retainNode(node)
  if (isLeafNode(node)) {
    if (accumulateGrad(node, load<Tensor>(slots), false) && node.variable.autograd.hooked & LeafHook.accumulated) {
      accumulatedHooks(node.variable)
    }
  } else if (node.kind == NodeKind.PythonFunction) functionVjp(node, slots, grads)
  else if (anyArrived(slots, node.outputCount)) compute(node, slots, grads, false)
  releaseNode(node)
  return !failed()
}

/** Runs one node: hooks, captures, the formula, the release of what it saved, and the delivery along its edges. */
function evaluate(task: Task, entry: Entry, keepGraph: bool): void {
  const node = entry.node
  const restricted = task.inputCount > 0
  const slots = slotOf(entry, 0)
  // A gradient on its way to other inputs is captured before the tensor's hooks see it, one that ends here after.
  const passes = !restricted || entry.needed
  if (passes) capture(task, entry)
  if (!tensorHooksOf(node, slots, entry.outputs)) return
  if (!passes) {
    capture(task, entry)
    return
  }
  if (node.flags & NodeHook.pre && !preHooks(node, slots, entry.outputs)) return
  if (isLeafNode(node)) evaluateLeaf(node, slots)
  else evaluateFormula(node, entry, slots, keepGraph, restricted)
}

function capture(task: Task, entry: Entry): void {
  for (let i = entry.captures; i; ) {
    const target = targetAt(task.inputs, i - 1)
    const grad = load<Tensor>(slotOf(entry, target.nr))
    if (!isNone(grad)) target.captured = retain(grad)
    i = target.next
  }
}

/** Tensor hooks see the summed gradient, then the tensors that retain it get it. */
function tensorHooksOf(node: Node, slots: usize, outputs: i32): bool {
  if (isLeafNode(node)) {
    const meta = node.variable.autograd
    return !(meta.hooked & LeafHook.tensor) || tensorHooks(changetype<usize>(node.variable), slots, 1)
  }
  if (node.flags & NodeHook.tensor && !tensorHooks(changetype<usize>(node), slots, outputs)) return false
  return !changetype<usize>(node.retainers) || storeRetained(node, slots)
}

function evaluateLeaf(node: Node, slots: usize): void {
  const grad = load<Tensor>(slots)
  if (!accumulateGrad(node, grad, !isNone(grad) && grad.refcount == 1)) return
  if (node.variable.autograd.hooked & LeafHook.accumulated && !accumulatedHooks(node.variable)) return
  if (node.flags & NodeHook.post) postHooks(node, 0, 0, slots, 1)
}

function evaluateFormula(node: Node, entry: Entry, slots: usize, keepGraph: bool, restricted: bool): void {
  const edges = node.edgeCount
  const bytes = (<usize>max(edges, 1)) << 2
  const grads = allocRecord(bytes, Kind.Other)
  if (!grads) {
    fail1(Err.OutOfMemory, bytes)
    return
  }
  clear(grads, bytes)
  const before = mark()
  current.evaluating = node
  if (node.kind == NodeKind.PythonFunction) functionVjp(node, slots, grads)
  else if (anyArrived(slots, entry.outputs)) compute(node, slots, grads, restricted)
  current.evaluating = noNode()
  fit(node, grads)
  if (node.flags & NodeHook.post && !failed()) postHooks(node, grads, edges, slots, entry.outputs)
  // Only now: after an error in what came before, the graph is as it was.
  if (!keepGraph && !failed()) releaseVariables(node)
  if (!failed()) checkForNan(node, grads, edges)
  // From here nobody but `grads` holds what was computed: whoever receives it may take its memory.
  drain(before)
  for (let i = 0; i < entry.outputs; i++) letGo(slots + ((<usize>i) << 2))
  deliver(node, grads, edges, restricted)
  freeRecord(grads, bytes, Kind.Other)
}

/** An incoming gradient is of no more use; what was passed on unchanged has one owner less. */
function letGo(slot: usize): void {
  const grad = load<Tensor>(slot)
  if (isNone(grad)) return
  store<usize>(slot, 0)
  release(grad)
}

function anyArrived(slots: usize, outputs: i32): bool {
  for (let i = 0; i < outputs; i++) if (load<usize>(slots + ((<usize>i) << 2))) return true
  return false
}

/** The formula's results, owned by `grads`. */
function compute(node: Node, slots: usize, grads: usize, restricted: bool): void {
  const grad = load<Tensor>(slots)
  if (node.kind == NodeKind.CopySlices) copySlicesVjp(node, grad, grads)
  else if (checkSaved(node)) {
    for (let i = 0; i < node.edgeCount && !failed(); i++) {
      if (isWanted(node, i, restricted)) store<Tensor>(grads + ((<usize>i) << 2), vjp(node, grad, i, slots))
    }
  }
  for (let i = 0; i < node.edgeCount; i++) {
    const g = load<Tensor>(grads + ((<usize>i) << 2))
    if (!isNone(g)) retain(g)
  }
}

/** Brings each result to the shape and dtype of the input it is the gradient of. */
function fit(node: Node, grads: usize): void {
  for (let i = 0; i < node.edgeCount; i++) {
    const at = grads + ((<usize>i) << 2)
    const g = load<Tensor>(at)
    if (isNone(g) || failed()) continue
    const fitted = node.wants(i) ? fitGradient(node.edgeNode(i), node.edgeNr(i), g, node, i) : none()
    if (fitted === g) continue
    store<Tensor>(at, isNone(fitted) ? fitted : retain(fitted))
    release(g)
  }
}

function isWanted(node: Node, index: i32, restricted: bool): bool {
  if (!node.wants(index)) return false
  return !restricted || leadsToWanted(node, index)
}

function deliver(node: Node, grads: usize, edges: i32, restricted: bool): void {
  for (let i = 0; i < edges; i++) {
    const g = load<Tensor>(grads + ((<usize>i) << 2))
    if (!failed() && isWanted(node, i, restricted)) {
      const child = changetype<Entry>(node.edgeNode(i).entry)
      accumulate(slotOf(child, node.edgeNr(i)), g)
      if (--child.waiting == 0 && !failed()) push(child)
    }
    if (!isNone(g)) release(g)
  }
}

/** The captured gradients go into the list, one reference each for the caller; after an error none do. */
function handOver(task: Task, wanted: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    let grad = none()
    if (i < task.inputCount) {
      const target = targetAt(task.inputs, i)
      grad = target.captured
      if (failed() && !isNone(grad)) {
        release(grad)
        grad = none()
      }
    }
    store<Tensor>(wanted + ((<usize>i) << 2), grad)
  }
}

