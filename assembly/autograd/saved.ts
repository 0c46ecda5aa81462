// SavedVariable: a tensor that a backward formula needs, with the version it had when it was saved.
import { Err, NodeKind } from '../abi'
import { fail, failed, say } from '../error'
import { temp } from '../tensor/temps'
import { aliasSame, sayShape } from '../tensor/shape'
import { isNone, none, release, reserveCounter, retain, Tensor } from '../tensor/tensor'
import { gradModeEnabled } from './mode'
import { isView, metaOf, requiresGrad } from './meta'
import { isNoNode, Node, releaseNode, retainNode } from './node'
import { gradFn } from './history'
import { Packed, pack, packing, releasePacked, unpackPacked } from './packed'
import { forgetSaved, noteSaved, placing } from './places'

//   0        4         8          12
//   | data | version | outputNr | flags |
@unmanaged
export class SavedVariable {
  /** The tensor itself for an input; a detached alias (no cycle) for the node's own output. */
  data: Tensor
  version: u32
  outputNr: i32
  flags: i32
}

export const enum SavedFlag {
  output = 1,
  requiresGrad = 2,
  /** The saved input had a graph: losing it later by detach_() is an error. */
  interior = 4,
  /** The output is a view that was written: by now another node is its history. */
  view = 8,
  /** Something was saved here; without it a freed node still answers None. */
  present = 16,
  /** JS notes who writes the tensor next. */
  noted = 32,
  /** It went through hooks: `data` is a Packed (packed.ts). */
  packed = 64,
}

export const SAVED_SIZE: usize = offsetof<SavedVariable>()

/** Saves an input as the original tensor. False for one made in inference mode. */
export function saveInput(node: Node, index: i32, tensor: Tensor): bool {
  if (isNone(tensor)) return true
  if (tensor.inference) {
    fail(Err.InferenceSaved)
    return false
  }
  const saved = node.savedAt(index)
  saved.data = retain(tensor)
  saved.version = tensor.version
  saved.flags = SavedFlag.present | (requiresGrad(tensor) ? SavedFlag.requiresGrad : 0)
  if (changetype<usize>(tensor.autograd) && changetype<usize>(tensor.autograd.gradFn)) saved.flags |= SavedFlag.interior
  // A Python scalar is nothing that hooks would see.
  if (packing() && !tensor.wrapped) return pack(saved, tensor)
  return !placing() || note(saved)
}

/**
 * Saves the node's own output (or the tensor that an in-place op is about to make its output): detached, so that the
 * node does not own a tensor that owns the node. It shares the version counter. False when memory ran out.
 */
export function saveOutput(node: Node, index: i32, tensor: Tensor, outputNr: i32 = 0, maker: Node = node): bool {
  const alias = aliasSame(tensor)
  if (isNone(alias)) return false
  const saved = node.savedAt(index)
  saved.data = alias
  saved.version = tensor.version
  saved.outputNr = outputNr
  saved.flags = SavedFlag.present | SavedFlag.output | SavedFlag.requiresGrad | (isView(tensor) ? SavedFlag.view : 0)
  if (!packing()) return !placing() || note(saved)
  const given = unpackVariable(node, index, maker)
  return !isNone(given) && pack(saved, given)
}

/** Asks to be told of the first write to the tensor. The counter is how it will be known. False when memory ran out. */
function note(saved: SavedVariable): bool {
  if (!reserveCounter(saved.data)) return false
  saved.flags |= SavedFlag.noted
  noteSaved(changetype<usize>(saved), changetype<usize>(saved.data.counter), saved.version)
  return true
}

/** Versions count no more. */
export function dropNote(saved: SavedVariable): void {
  if (!(saved.flags & SavedFlag.noted)) return
  saved.flags &= ~SavedFlag.noted
  forgetSaved(changetype<usize>(saved))
}

/** A custom Function's tensors are saved by its inner node; null once it was freed. */
function holderOf(node: Node): Node {
  return node.kind == NodeKind.PythonFunction ? node.inner : node
}

/** The tensor itself that was saved, or what pack returned if that is one; unchecked. */
export function savedData(node: Node, index: i32): Tensor {
  const holder = holderOf(node)
  const data = isNoNode(holder) ? none() : holder.savedAt(index).data
  return packedId(node, index) ? changetype<Packed>(data).tensor : data
}

/** The id by which JS knows what pack returned; 0 for a tensor that went through no hooks. */
export function packedId(node: Node, index: i32): i32 {
  const holder = holderOf(node)
  if (isNoNode(holder) || !(holder.savedAt(index).flags & SavedFlag.packed)) return 0
  return changetype<Packed>(holder.savedAt(index).data).id
}

/** A pair of hooks for what was saved before (`SavedTensor.register_hooks`). False with an error pending. */
export function registerHooks(node: Node, index: i32): bool {
  const holder = holderOf(node)
  if (isNoNode(holder)) {
    fail(Err.HooksFreed)
    return false
  }
  const saved = holder.savedAt(index)
  if (isNone(saved.data)) fail(saved.flags & SavedFlag.present ? Err.HooksFreed : Err.HooksNone)
  else if (saved.flags & SavedFlag.packed) fail(Err.HooksSet)
  const given = failed() ? none() : temp(aliasSame(saved.data))
  if (isNone(given)) return false
  retainNode(node)
  const done = pack(saved, given)
  releaseNode(node)
  return done
}

export function releaseSaved(saved: SavedVariable): void {
  const data = saved.data
  if (isNone(data)) return
  saved.data = none()
  dropNote(saved)
  if (saved.flags & SavedFlag.packed) {
    saved.flags &= ~SavedFlag.packed
    releasePacked(changetype<Packed>(data))
  } else release(data)
}

/**
 * The saved tensor, checked against the version it was saved at. Null without an error when nothing was saved there;
 * null with SavedFreed or SavedModified pending otherwise. (PyTorch's SavedVariable::unpack.)
 */
export function unpack(node: Node, index: i32, maker: Node = node): Tensor {
  if (failed()) return none()
  const saved = node.savedAt(index)
  const data = saved.data
  if (isNone(data)) {
    if (saved.flags & SavedFlag.present) fail(Err.SavedFreed)
    return none()
  }
  if (saved.flags & SavedFlag.packed) return unpackPacked(saved, maker)
  if (data.version != saved.version) {
    failModified(maker, saved, index)
    return none()
  }
  return data
}

/** Before its formula runs, everything that a node saved must be as it was, needed now or not. */
export function checkSaved(node: Node): bool {
  if (otherFirst(node.kind)) check(node, 1)
  for (let i = 0; i < node.savedCount; i++) check(node, i)
  return !failed()
}

/** What hooks packed is checked when they unpack it. */
function check(node: Node, index: i32): void {
  if (!(node.savedAt(index).flags & SavedFlag.packed)) unpack(node, index)
}

/** PyTorch packs and unpacks in the order of the names: other, exponent and mat2 before self, which fills the first slot. */
export function otherFirst(kind: i32): bool {
  switch (kind) {
    case NodeKind.MulBackward0:
    case NodeKind.DivBackward0:
    case NodeKind.DivBackward2:
    case NodeKind.PowBackward1:
    case NodeKind.MaximumBackward0:
    case NodeKind.MinimumBackward0:
    case NodeKind.MmBackward0:
    case NodeKind.BmmBackward0:
      return true
    default:
      return false
  }
}

/**
 * `unpack` for someone who looks at the graph: a saved output comes back as a new tensor with the node as its grad_fn.
 * Formulas want it too while a graph of the backward pass is being recorded.
 */
export function unpackVariable(node: Node, index: i32, maker: Node = node): Tensor {
  const saved = node.savedAt(index)
  const alone = (saved.flags & (SavedFlag.output | SavedFlag.packed)) != SavedFlag.output
  const data = unpack(node, index, maker)
  if (alone || isNone(data)) return data
  const variable = temp(aliasSame(data))
  if (isNone(variable)) return variable
  const meta = metaOf(variable)
  if (!changetype<usize>(meta)) return none()
  meta.gradFn = retainNode(maker)
  meta.outputNr = saved.outputNr
  return variable
}

/** What a formula reads. An input that left its graph by `detach_()` since would silently end the gradient's way. */
export function saved(node: Node, index: i32): Tensor {
  const variable = gradModeEnabled() ? unpackVariable(node, index) : unpack(node, index)
  const interior = node.savedAt(index).flags & (SavedFlag.interior | SavedFlag.packed)
  if (isNone(variable) || interior != SavedFlag.interior) return variable
  if (changetype<usize>(variable.autograd.gradFn)) return variable
  fail(Err.SavedDetached)
  return none()
}

function failModified(node: Node, saved: SavedVariable, index: i32): void {
  const data = saved.data
  let maker = node
  if (!(saved.flags & SavedFlag.output)) maker = gradFn(data)
  if (!fail(Err.SavedModified)) return
  say(data.dtype)
  sayShape(data)
  say(changetype<usize>(maker) ? 1 : 0)
  say(saved.outputNr)
  say(saved.flags & SavedFlag.view ? NodeKind.AsStridedBackward0 : changetype<usize>(maker) ? maker.kind : 0)
  say(changetype<usize>(maker))
  say(data.version)
  say(saved.version)
  say(node.kind)
  say(changetype<usize>(node))
  say(index)
  say(changetype<usize>(saved))
}
