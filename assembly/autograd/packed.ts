// Saved tensors that went through a pair of hooks. JS keeps the hooks and what pack returned; a SavedVariable with the
// flag `packed` has this record in place of its tensor: what the unpacked tensor will have in common with that one.
//
//   0    4        8       12
//   | id | tensor | maker | counter |
import { Err, Kind, NodeKind } from '../abi'
import { fail, fail1, failed } from '../error'
import { allocRecord, clear, freeRecord } from '../memory/alloc'
import { aliasSame, putShapeBack, setShapeAside } from '../tensor/shape'
import { releaseVersionCounter, VersionCounter } from '../tensor/storage'
import { enterBase, leaveBase, temp } from '../tensor/temps'
import { isNone, none, release, retain, shareCounter, Tensor } from '../tensor/tensor'
import { noteCloser } from './closers'
import { gradientNode } from './history'
import { AutogradMeta, metaOf } from './meta'
import { setGradMode } from './mode'
import { isNoNode, Node, noNode, releaseNode, retainNode } from './node'
import { setWriter, writerNow } from './places'
import { dropNote, SavedFlag, SavedVariable } from './saved'

@unmanaged
export class Packed {
  /** By which JS knows the hooks and what pack returned; 0 while pack runs. */
  id: i32
  /** What pack returned, if that is a tensor; owned. It stands here for the cycle collector to see. */
  tensor: Tensor
  /** Where the saved tensor's gradient goes; owned. Null for a node's own output, and where no gradient is wanted. */
  maker: Node
  counter: VersionCounter
}

/** Calls pack; a tensor that it returns is put into `slot`. The id, or 0 when the hook threw. */
@external('env', 'pack_saved')
declare function packSaved(tensor: usize, slot: usize): i32

/** Calls unpack; a tensor with a reference for the caller, or 0 when the hook threw. */
@external('env', 'unpack_saved')
declare function unpackSaved(id: i32, tensor: usize): Tensor

@external('env', 'drop_packed')
declare function dropPacked(id: i32): void

let defaults = false

/** Whether everything that is saved goes through hooks (`saved_tensors_hooks`). */
export function setPacking(on: bool): void {
  defaults = on
}

// @ts-ignore: decorator
@inline
export function packing(): bool {
  return defaults
}

/** Runs pack on `given` and keeps its result instead of the saved tensor. False with an error pending: nothing changed. */
export function pack(saved: SavedVariable, given: Tensor): bool {
  const packed = newPacked(saved)
  if (!changetype<usize>(packed)) return false
  const version = given.version
  const shape = setShapeAside()
  const mode = setGradMode(false)
  const writer = writerNow()
  const outer = enterBase()
  if (!failed()) packed.id = packSaved(changetype<usize>(given), changetype<usize>(packed) + offsetof<Packed>('tensor'))
  leaveBase(outer)
  setGradMode(mode)
  setWriter(writer)
  putShapeBack(shape)
  if (!packed.id) fail(Err.Hook)
  else if (given.version != version) fail(Err.PackModified)
  // The hook itself can have reached this very variable.
  else if (saved.flags & SavedFlag.packed) fail(Err.HooksSet)
  const data = saved.data
  if (failed() || isNone(data)) {
    releasePacked(packed)
    return !failed()
  }
  if (!isNone(packed.tensor) && changetype<usize>(packed.tensor.autograd)) noteCloser(packed.tensor)
  if (!(saved.flags & SavedFlag.output) && changetype<usize>(data.autograd)) saved.outputNr = data.autograd.outputNr
  saved.data = changetype<Tensor>(packed)
  saved.flags |= SavedFlag.packed
  dropNote(saved)
  release(data)
  return true
}

function newPacked(saved: SavedVariable): Packed {
  const nothing = changetype<Packed>(0)
  const maker = saved.flags & SavedFlag.output ? noNode() : gradientNode(saved.data)
  if (failed()) return nothing
  const counter = shareCounter(saved.data)
  const at = changetype<usize>(counter) ? allocRecord(offsetof<Packed>(), Kind.Other) : 0
  if (!at) {
    fail1(Err.OutOfMemory, offsetof<Packed>())
    if (changetype<usize>(counter)) releaseVersionCounter(counter)
    if (!isNoNode(maker)) releaseNode(maker)
    return nothing
  }
  clear(at, offsetof<Packed>())
  const packed = changetype<Packed>(at)
  packed.maker = maker
  packed.counter = counter
  return packed
}

export function releasePacked(packed: Packed): void {
  if (packed.id) dropPacked(packed.id)
  if (!isNone(packed.tensor)) release(packed.tensor)
  if (!isNoNode(packed.maker)) releaseNode(packed.maker)
  releaseVersionCounter(packed.counter)
  freeRecord(changetype<usize>(packed), offsetof<Packed>(), Kind.Other)
}

/**
 * Runs unpack. Its result comes as a new tensor that stands where the saved one did: with its edge into the graph (that
 * of `maker` for an output) and its version counter. Versions are not compared. Null with an error pending.
 */
export function unpackPacked(saved: SavedVariable, maker: Node): Tensor {
  const packed = changetype<Packed>(saved.data)
  const nr = saved.outputNr
  // The hook may free the graph: what is wanted of the record is held.
  const edge = saved.flags & SavedFlag.output ? maker : packed.maker
  if (!isNoNode(edge)) retainNode(edge)
  const counter = packed.counter
  counter.refcount++
  const tensor = packed.tensor
  if (!isNone(tensor)) retain(tensor)
  const shape = setShapeAside()
  const outer = enterBase()
  const result = failed() ? none() : unpackSaved(packed.id, changetype<usize>(tensor))
  leaveBase(outer)
  putShapeBack(shape)
  if (!isNone(tensor)) release(tensor)
  if (isNone(result)) fail(Err.Hook)
  const variable = isNone(result) ? result : temp(aliasSame(result))
  if (!isNone(result)) release(result)
  if (!isNone(variable)) {
    releaseVersionCounter(variable.counter)
    variable.counter = counter
    counter.refcount++
  }
  releaseVersionCounter(counter)
  if (isNoNode(edge)) return variable
  const meta = isNone(variable) ? changetype<AutogradMeta>(0) : metaOf(variable)
  if (!changetype<usize>(meta)) {
    releaseNode(edge)
    return none()
  }
  if (edge.kind == NodeKind.AccumulateGrad) {
    meta.requiresGrad = true
    meta.accumulator = edge
  } else {
    meta.gradFn = edge
    meta.outputNr = nr
  }
  return variable
}
