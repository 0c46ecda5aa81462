// A graph task: one run of the engine, and what it knows of the nodes it can reach.
//
// A run is a graph task. For its time every node it can reach carries an entry:
//
//   0      4       8       12     16        20       24         28       29       32        36
//   | node | outer | owner | next | waiting | cursor | captures | needed | outputs | gradient x outputs ...
//
// `outer` is the entry that an enclosing run (backward called from a hook) had put there; it is restored at the end.
import { Err, Kind, NodeKind } from '../abi'
import { fail1 } from '../error'
import { allocRecord, clear, freeRecord } from '../memory/alloc'
import { isNone, release, Tensor } from '../tensor/tensor'
import { gradientNode } from './history'
import { isNoNode, Node, releaseNode } from './node'
import { stackEmpty, stackPop, stackPush, stackTop } from './queue'

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
  outputs: i32
}

const HEADER: usize = offsetof<Entry>()

/** One run of the engine. */
@unmanaged
export class Task {
  number: u32
  entries: Entry
  /** Where the run begins and, if it is restricted, what is wanted: `Target`s. */
  roots: usize
  rootCount: i32
  inputs: usize
  inputCount: i32
  capture: bool
  /** The node whose formula runs. */
  evaluating: Node
}

/** An edge into the graph: a root, or a wanted input with the gradient captured for it. */
@unmanaged
export class Target {
  node: Node
  nr: u32
  captured: Tensor
  /** 1 + the index of the next wanted input at the same node. */
  next: u32
}

// @ts-ignore: decorator
@inline
export function targetAt(targets: usize, index: i32): Target {
  return changetype<Target>(targets + <usize>index * offsetof<Target>())
}

function entryBytes(outputs: i32): usize {
  return HEADER + ((<usize>outputs) << 2)
}

// @ts-ignore: decorator
@inline
export function slotOf(entry: Entry, output: i32): usize {
  return changetype<usize>(entry) + HEADER + ((<usize>output) << 2)
}

let taskNumber: u32 = 0

/** Null when memory ran out. */
export function newTask(capture: bool): Task {
  const task = changetype<Task>(allocRecord(offsetof<Task>(), Kind.Other))
  if (!changetype<usize>(task)) {
    fail1(Err.OutOfMemory, offsetof<Task>())
    return task
  }
  clear(changetype<usize>(task), offsetof<Task>())
  task.number = ++taskNumber
  task.capture = capture
  return task
}

/** The node's entry in this task, made if need be. Null when memory ran out. */
export function entryOf(task: Task, node: Node): Entry {
  const current = changetype<Entry>(node.entry)
  if (changetype<usize>(current) && current.owner == task.number) return current
  const bytes = entryBytes(node.outputCount)
  const entry = changetype<Entry>(allocRecord(bytes, Kind.Other))
  if (!changetype<usize>(entry)) {
    fail1(Err.OutOfMemory, bytes)
    return entry
  }
  clear(changetype<usize>(entry), bytes)
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
export function discover(root: Entry, task: Task): bool {
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

export function leadsToWanted(node: Node, edge: i32): bool {
  const child = changetype<Entry>(node.edgeNode(edge).entry)
  return child.needed || child.captures != 0
}

export function newTargets(count: i32): usize {
  const bytes = <usize>count * offsetof<Target>()
  const targets = allocRecord(bytes, Kind.Other)
  if (targets) clear(targets, bytes)
  else fail1(Err.OutOfMemory, bytes)
  return targets
}

export function isLeafNode(node: Node): bool {
  return node.kind == NodeKind.AccumulateGrad
}

/** The gradient edge of `tensor`; false when it has none. */
export function aim(target: Target, tensor: Tensor): bool {
  target.node = gradientNode(tensor)
  if (isNoNode(target.node)) return false
  target.nr = isLeafNode(target.node) ? 0 : tensor.autograd.outputNr
  return true
}

/** Takes the task's entries off their nodes and lets go of everything it held. */
export function finish(task: Task): void {
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
