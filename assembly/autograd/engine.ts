// The engine: runs the nodes behind some roots, later-created first, and delivers what they compute along their edges.
//
// A run is a graph task. For its time every node it can reach carries an entry:
//
//   0      4       8       12     16        20       24         28       29       30
//   | node | outer | owner | next | waiting | cursor | captures | needed | queued | outputs | gradient x outputs ...
//
// `outer` is the entry that an enclosing run (backward called from a hook) had put there; it is restored at the end.
import { Err, Kind, NodeKind } from '../abi'
import { fail1, failed } from '../error'
import { allocRecord, freeRecord } from '../memory/alloc'
import { vjp } from '../ops/vjp'
import { drain, mark } from '../tensor/temps'
import { isNone, none, release, retain, Tensor } from '../tensor/tensor'
import { accumulateGrad } from './accumulate_grad'
import { copySlicesVjp } from './copy_slices'
import { fitGradient } from './fit_gradient'
import { gradientNode } from './history'
import { accumulate } from './input_buffer'
import { setGradMode } from './mode'
import { isNoNode, Node, noNode, releaseNode, releaseVariables } from './node'
import { pop, push, queueBegin, queueEmpty, queueEnd, stackEmpty, stackPop, stackPush, stackTop } from './queue'

@unmanaged
export class Entry {
  node: Node
  outer: usize
  /** The number of the task; an entry of another task is an enclosing run's. */
  owner: u32
  next: Entry
  /** Edges that still have to deliver. */
  waiting: u32
  /** 1 + the next edge to visit, while the task discovers the graph. */
  cursor: u32
  /** 1 + the index of the first wanted input whose gradient passes here; more are chained there. */
  captures: u32
  needed: bool
  queued: bool
  private outputs16: u16

  // @ts-ignore: decorator
  @inline get outputs(): i32 {
    return this.outputs16
  }

  // @ts-ignore: decorator
  @inline set outputs(count: i32) {
    this.outputs16 = <u16>count
  }
}

const HEADER: usize = offsetof<Entry>()

let taskNumber: u32 = 0

/** One run of the engine. */
@unmanaged
class Task {
  number: u32
  entries: Entry
  /** Where the run begins and, if it is restricted, what is wanted: `Target`s. */
  roots: usize
  rootCount: i32
  inputs: usize
  inputCount: i32
  capture: bool
}

/** An edge into the graph: a root, or a wanted input with the gradient captured for it. */
@unmanaged
class Target {
  node: Node
  nr: u32
  captured: Tensor
  /** 1 + the index of the next wanted input at the same node. */
  next: u32
}

// @ts-ignore: decorator
@inline
function targetAt(targets: usize, index: i32): Target {
  return changetype<Target>(targets + <usize>index * offsetof<Target>())
}

function entryBytes(outputs: i32): usize {
  return HEADER + ((<usize>outputs) << 2)
}

// @ts-ignore: decorator
@inline
function slotOf(entry: Entry, output: i32): usize {
  return changetype<usize>(entry) + HEADER + ((<usize>output) << 2)
}

/** The node's entry in this task, made if need be. Null when memory ran out. */
function entryOf(task: Task, node: Node): Entry {
  const current = changetype<Entry>(node.entry)
  if (changetype<usize>(current) && current.owner == task.number) return current
  const bytes = entryBytes(node.outputCount)
  const entry = changetype<Entry>(allocRecord(bytes, Kind.Other))
  if (!changetype<usize>(entry)) {
    fail1(Err.OutOfMemory, bytes)
    return entry
  }
  memory.fill(changetype<usize>(entry), 0, bytes)
  entry.node = node
  entry.outer = node.entry
  entry.owner = task.number
  entry.outputs = node.outputCount
  entry.next = task.entries
  task.entries = entry
  node.entry = changetype<usize>(entry)
  return entry
}

/**
 * Visits everything behind `root` once, depth first without recursion: counts for every node the edges that lead to
 * it, and marks what a run restricted to some inputs needs (a node that is wanted, or leads to one).
 */
function discover(root: Entry, task: Task): bool {
  if (root.cursor) return true
  root.cursor = 1
  if (!stackPush(changetype<usize>(root))) return false
  while (!stackEmpty()) {
    const entry = changetype<Entry>(stackTop())
    const node = entry.node
    const index = <i32>entry.cursor - 1
    if (index == node.edgeCount) {
      stackPop()
      if (task.inputCount) markNeeded(entry)
      continue
    }
    entry.cursor++
    const next = node.edgeNode(index)
    if (isNoNode(next)) continue
    const child = entryOf(task, next)
    if (!changetype<usize>(child)) return false
    child.waiting++
    if (child.cursor) continue
    child.cursor = 1
    if (!stackPush(changetype<usize>(child))) return false
  }
  return true
}

/** All that is behind `entry` has been visited: it is needed if something it leads to is wanted. */
function markNeeded(entry: Entry): void {
  for (let i = 0; i < entry.node.edgeCount && !entry.needed; i++) {
    if (entry.node.wants(i)) entry.needed = leadsToWanted(entry.node, i)
  }
}

function leadsToWanted(node: Node, edge: i32): bool {
  const child = changetype<Entry>(node.edgeNode(edge).entry)
  return child.needed || child.captures != 0
}

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
  const task = changetype<Task>(allocRecord(offsetof<Task>(), Kind.Other))
  if (!changetype<usize>(task)) {
    fail1(Err.OutOfMemory, offsetof<Task>())
  } else {
    memory.fill(changetype<usize>(task), 0, offsetof<Task>())
    task.number = ++taskNumber
    task.capture = capture
    const grads = list + ((<usize>roots) << 2)
    const wanted = grads + ((<usize>roots) << 2)
    if (findRoots(task, list, roots) && findInputs(task, wanted, inputs) && seed(task, grads)) run(task, keepGraph)
    if (capture) handOver(task, wanted, inputs)
    finish(task)
  }
  queueEnd(outer)
  setGradMode(before)
  return !failed()
}

function newTargets(count: i32): usize {
  const bytes = <usize>count * offsetof<Target>()
  const targets = allocRecord(bytes, Kind.Other)
  if (targets) memory.fill(targets, 0, bytes)
  else fail1(Err.OutOfMemory, bytes)
  return targets
}

/** The gradient edge of `tensor`; false when it has none. */
function aim(target: Target, tensor: Tensor): bool {
  target.node = gradientNode(tensor)
  if (isNoNode(target.node)) return false
  target.nr = isLeafNode(target.node) ? 0 : tensor.autograd.outputNr
  return true
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
    if (!aim(target, load<Tensor>(wanted + ((<usize>i) << 2)))) {
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

/** Counts dependencies and puts the roots' gradients in their places. */
function seed(task: Task, grads: usize): bool {
  for (let i = 0; i < task.rootCount; i++) {
    const entry = entryOf(task, targetAt(task.roots, i).node)
    if (!changetype<usize>(entry) || !discover(entry, task)) return false
  }
  for (let i = 0; i < task.rootCount; i++) {
    const root = targetAt(task.roots, i)
    const entry = changetype<Entry>(root.node.entry)
    const grad = fitGradient(root.node, root.nr, load<Tensor>(grads + ((<usize>i) << 2)), noNode(), i)
    if (failed() || !accumulate(slotOf(entry, root.nr), grad)) return false
    if (entry.waiting || entry.queued) continue
    entry.queued = true
    if (!push(entry)) return false
  }
  return true
}

function isLeafNode(node: Node): bool {
  return node.kind == NodeKind.AccumulateGrad
}

function run(task: Task, keepGraph: bool): void {
  while (!queueEmpty() && !failed()) {
    const entry = pop()
    const before = mark()
    evaluate(task, entry, keepGraph)
    drain(before)
  }
}

/** Runs one node: captures, the formula, the release of what it saved, and the delivery along its edges. */
function evaluate(task: Task, entry: Entry, keepGraph: bool): void {
  const node = entry.node
  const restricted = task.inputCount > 0
  for (let i = entry.captures; i; ) {
    const target = targetAt(task.inputs, i - 1)
    const grad = load<Tensor>(slotOf(entry, target.nr))
    if (!isNone(grad)) target.captured = retain(grad)
    i = target.next
  }
  if (restricted && !entry.needed) return
  const slot = slotOf(entry, 0)
  const grad = load<Tensor>(slot)
  if (isLeafNode(node)) {
    accumulateGrad(node, grad, !isNone(grad) && grad.refcount == 1)
    return
  }
  const edges = node.edgeCount
  const bytes = (<usize>max(edges, 1)) << 2
  const grads = allocRecord(bytes, Kind.Other)
  if (!grads) {
    fail1(Err.OutOfMemory, bytes)
    return
  }
  memory.fill(grads, 0, bytes)
  const before = mark()
  if (!isNone(grad)) compute(node, grad, grads, restricted)
  if (!keepGraph && !failed()) releaseVariables(node)
  for (let i = 0; i < edges; i++) {
    const g = load<Tensor>(grads + ((<usize>i) << 2))
    if (!isNone(g)) retain(g)
  }
  // From here nobody but `grads` holds what was computed: whoever receives it may take its memory.
  drain(before)
  if (!isNone(grad)) {
    store<usize>(slot, 0)
    release(grad)
  }
  deliver(node, grads, edges, restricted)
  freeRecord(grads, bytes, Kind.Other)
}

function compute(node: Node, grad: Tensor, grads: usize, restricted: bool): void {
  if (node.kind == NodeKind.CopySlices) {
    copySlicesVjp(node, grad, grads)
  } else {
    for (let i = 0; i < node.edgeCount && !failed(); i++) {
      if (isWanted(node, i, restricted)) store<Tensor>(grads + ((<usize>i) << 2), vjp(node, grad, i))
    }
  }
  for (let i = 0; i < node.edgeCount; i++) {
    const at = grads + ((<usize>i) << 2)
    const g = load<Tensor>(at)
    if (failed()) store<usize>(at, 0)
    else if (!isNone(g)) store<Tensor>(at, fitGradient(node.edgeNode(i), node.edgeNr(i), g, node, i))
  }
  if (failed()) memory.fill(grads, 0, (<usize>node.edgeCount) << 2)
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

/** Takes the task's entries off their nodes and lets go of everything it held. */
function finish(task: Task): void {
  let entry = task.entries
  while (changetype<usize>(entry)) {
    const next = entry.next
    entry.node.entry = entry.outer
    for (let i = 0; i < entry.outputs; i++) {
      const grad = load<Tensor>(slotOf(entry, i))
      if (!isNone(grad)) release(grad)
    }
    freeRecord(changetype<usize>(entry), entryBytes(entry.outputs), Kind.Other)
    entry = next
  }
  releaseTargets(task.inputs, task.inputCount)
  releaseTargets(task.roots, task.rootCount)
  freeRecord(changetype<usize>(task), offsetof<Task>(), Kind.Other)
}

function releaseTargets(targets: usize, count: i32): void {
  if (!targets) return
  for (let i = 0; i < count; i++) {
    const node = targetAt(targets, i).node
    if (!isNoNode(node)) releaseNode(node)
  }
  freeRecord(targets, <usize>count * offsetof<Target>(), Kind.Other)
}
