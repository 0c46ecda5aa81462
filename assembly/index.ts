// The exports, nothing else. Tensors and nodes cross as addresses; a returned one carries a reference for the caller,
// 0 means that an error is pending (error.ts) unless the function says that there may be nothing.
import { Limits, NodeHook, NodeKind, Op, Scalar, WillRun, Writer } from './abi'
import { setNanCheck } from './autograd/anomaly'
import { collectCycles } from './autograd/cycles'
import { callNode, evaluatingNode, execute, willRun } from './autograd/engine'
import { functionNode, functionOutput, functionSave, functionSaved, functionView } from './autograd/function'
import { detachInPlace, gradFn, gradientNode, setRequiresGrad } from './autograd/history'
import { gradOf, isLeaf, isView, metaOf, requiresGrad, setGrad } from './autograd/meta'
import { gradModeEnabled, inferenceMode, setGradMode, setInferenceMode } from './autograd/mode'
import { Node, NodeFlag, releaseNode, retainNode } from './autograd/node'
import { setPacking } from './autograd/packed'
import { setPlacing, setWriter } from './autograd/places'
import { retainGrad } from './autograd/retain_grad'
import { packedId, registerHooks, savedData, unpackVariable } from './autograd/saved'
import { clearError, errorAt } from './error'
import { allocBuffer, freeBuffer } from './memory/alloc'
import { countersAt } from './memory/counters'
import { makeSmallInts } from './object/int'
import { touchWrapper } from './object/wrapper'
import { arange, empty, eye, filled, filledLike, linspace, scalarTensor } from './ops/create'
import { argsAt, dispatch, dispatchAll, dispatchList, integer, number, shapeArgument } from './ops/dispatch'
import { mayWriteOut, writeOut } from './ops/out'
import { cumulated, reduced } from './ops/array_reduce'
import { assign, converted, filledInOrder, floatFlags, ufunc } from './ops/ufunc'
import { unversionedAlias } from './tensor/shape'
import { baseOf as arrayBase, setBase, storageView } from './tensor/ndarray'
import { handOut, keep, temp } from './tensor/temps'
import { isNone, none, release, retain, setData, Tensor } from './tensor/tensor'

export * from './object_exports'

makeSmallInts()

export { argsAt as args_at, clearError as clear_error, countersAt as counters_at, errorAt as error_at }
export { allocBuffer as list_alloc, freeBuffer as list_free }

// Ops

export function call(op: Op, a: Tensor, b: Tensor, c: Tensor): Tensor {
  return keep(dispatch(op, a, b, c, false))
}

/** The op into `a` itself; false with an error pending. */
export function call_(op: Op, a: Tensor, b: Tensor, c: Tensor): bool {
  setWriter(op)
  const done = !isNone(dispatch(op, a, b, c, true))
  setWriter(Writer.engine)
  keep(none())
  return done
}

/** An op with several outputs: a list `| count | tensor x count |` of 4 bytes each, to be freed by the caller. */
export function call_all(op: Op, a: Tensor, b: Tensor, c: Tensor): usize {
  const list = handOut(dispatchAll(op, a, b, c))
  keep(none())
  return list
}

/** An op of `count` tensors, whose addresses stand at `list`. */
export function call_list(op: Op, list: usize, count: i32): Tensor {
  return keep(dispatchList(op, list, count))
}

/** A Python scalar as an operand of the next call, which frees it. */
export function scalar(value: f64, kind: Scalar): Tensor {
  return scalarTensor(value, kind)
}

/** The same for an integer that a double would round. */
export function scalar_int(value: i64): Tensor {
  const number = scalarTensor(0, Scalar.int)
  if (!isNone(number)) store<i64>(number.data, value)
  return number
}

// Creation: the shape is | count | sizes ... | from argument 0; dtypes are parameters.

export function new_empty(dtype: i32): Tensor {
  return keep(shapeArgument(0) ? empty(dtype) : none())
}

export function new_full(dtype: i32, value: f64): Tensor {
  return keep(shapeArgument(0) ? filled(value, dtype) : none())
}

/** Of the shape and layout of `like`, every element `value`. */
export function new_like(like: Tensor, dtype: i32, value: f64): Tensor {
  return keep(filledLike(like, dtype, value))
}

export function new_arange(dtype: i32): Tensor {
  return keep(arange(number(0), number(1), integer(2), dtype))
}

export function new_linspace(dtype: i32): Tensor {
  return keep(linspace(number(0), number(1), integer(2), dtype))
}

export function new_eye(dtype: i32): Tensor {
  return keep(eye(integer(0), integer(1), dtype))
}

// Tensors

export function tensor_retain(tensor: Tensor): void {
  retain(tensor)
}

export function tensor_release(tensor: Tensor): void {
  release(tensor)
}

/** Frees what only cycles of tensors and nodes keep alive; how many objects that took a look at. */
export function collect_cycles(): u32 {
  return collectCycles()
}

export function tensor_data(tensor: Tensor): usize {
  return tensor.data
}

export function tensor_version(tensor: Tensor): u32 {
  return tensor.version
}

export function requires_grad(tensor: Tensor): bool {
  return requiresGrad(tensor)
}

export function set_requires_grad(tensor: Tensor, on: bool): bool {
  return setRequiresGrad(tensor, on)
}

/** The same storage outside the graph, with a version counter of its own: `x.data`. */
export function tensor_alias(tensor: Tensor): Tensor {
  return keep(temp(unversionedAlias(tensor)))
}

/** `out=`: may `made` go into `out`, which no part of `input` (0: none) may overlap? */
export function may_write_out(out: Tensor, made: Tensor, input: Tensor): bool {
  return mayWriteOut(out, made, input)
}

export function write_out(out: Tensor, made: Tensor): bool {
  setWriter(Writer.out)
  const done = writeOut(out, made)
  setWriter(Writer.engine)
  return done
}

export function set_data(tensor: Tensor, source: Tensor): bool {
  return setData(tensor, source)
}

/** The root base of a view; 0 for any other tensor. */
export function base_of(tensor: Tensor): Tensor {
  return isView(tensor) ? retain(tensor.autograd.base) : none()
}

/** 0: no `.grad`. */
export function grad_of(tensor: Tensor): Tensor {
  const grad = gradOf(tensor)
  return isNone(grad) ? grad : retain(grad)
}

export function set_grad(tensor: Tensor, grad: Tensor): bool {
  const meta = metaOf(tensor)
  if (!changetype<usize>(meta)) return false
  setGrad(tensor, isNone(grad) ? grad : retain(grad))
  return true
}

export function detach_(tensor: Tensor): bool {
  return detachInPlace(tensor)
}

export function output_nr(tensor: Tensor): u32 {
  return changetype<usize>(tensor.autograd) ? tensor.autograd.outputNr : 0
}

// ndarrays

/**
 * The storage of `source` as another dtype, with `flags` (TensorFlag) and a shape of its own:
 * | offset | count | sizes | strides |, the strides, which may be negative, in elements.
 */
export function storage_view(source: Tensor, dtype: i32, flags: i32): Tensor {
  if (!shapeArgument(1)) return none()
  const count = integer(1)
  for (let d = 0; d < count; d++) store<i32>(VIEW_STRIDES + ((<usize>d) << 2), integer(2 + count + d))
  return storageView(source, dtype, flags, <u32>number(0), VIEW_STRIDES)
}

const VIEW_STRIDES: usize = memory.data(Limits.dims * 4, 4)

/** The object of `tensor` holds that of `base` as long as it lives; false with OutOfMemory pending. */
export function set_base(tensor: Tensor, base: Tensor): bool {
  return setBase(tensor, base)
}

/** The tensor whose memory an ndarray shows; 0 for an array of its own. */
export function array_base(tensor: Tensor): Tensor {
  return arrayBase(tensor)
}

/** A ufunc (Op or Ufunc) of operands cast to `dtype`; `b`, `out` and `mask` may be 0. See ops/ufunc.ts. */
export function array_ufunc(op: i32, dtype: i32, a: Tensor, b: Tensor, out: Tensor, mask: Tensor): Tensor {
  return keep(ufunc(op, dtype, a, b, out, mask))
}

/** FloatFlag bits of the ufunc, reduction or cast before. */
export function array_flags(): i32 {
  return floatFlags()
}

/** A reduction in `dtype` over the dims | count | ... |. */
export function array_reduce(op: i32, dtype: i32, x: Tensor, keepdims: bool): Tensor {
  let dims: u64 = 0
  for (let i = 0; i < integer(0); i++) dims |= 1 << (<u64>integer(1 + i))
  return keep(reduced(op, dtype, x, dims, keepdims))
}

export function array_cumsum(dtype: i32, x: Tensor, dim: i32): Tensor {
  return keep(cumulated(dtype, x, dim))
}

/** `target[...] = source`. */
export function array_assign(target: Tensor, source: Tensor): bool {
  const done = assign(target, source)
  keep(none())
  return done
}

/** Of x's shape, its dimensions in x's order, every element `value`. */
export function array_like(x: Tensor, dtype: i32, value: f64): Tensor {
  return keep(filledInOrder(x, dtype, value))
}

/** A copy as `dtype`, in x's layout. */
export function array_cast(x: Tensor, dtype: i32): Tensor {
  return keep(converted(x, dtype))
}

// Graph

export function inference_mode(): bool {
  return inferenceMode()
}

export function set_inference_mode(on: bool): bool {
  return setInferenceMode(on)
}

export function set_placing(on: bool): void {
  setPlacing(on)
}

export function set_nan_check(on: bool): void {
  setNanCheck(on)
}

export function grad_mode(): bool {
  return gradModeEnabled()
}

export function set_grad_mode(on: bool): bool {
  return setGradMode(on)
}

/** A node that somebody outside asked for, with a reference for them. */
function handed(node: Node): Node {
  if (!changetype<usize>(node)) return node
  touchWrapper(node)
  return retainNode(node)
}

/** 0: a leaf, or an error is pending. */
export function grad_fn(tensor: Tensor): Node {
  return handed(gradFn(tensor))
}

export function node_retain(node: Node): void {
  retainNode(node)
}

export function node_release(node: Node): void {
  releaseNode(node)
}

/** 0: nobody wants the gradient of this input. */
export function node_edge(node: Node, index: i32): Node {
  return handed(node.edgeNode(index))
}

export function node_edge_nr(node: Node, index: i32): u32 {
  return node.edgeNr(index)
}

/** 0: nothing was saved there, or an error is pending. */
export function node_saved(node: Node, index: i32): Tensor {
  return keep(node.kind == NodeKind.PythonFunction ? functionSaved(node, index) : unpackVariable(node, index))
}

/** The tensor itself that was saved or that pack returned, without a check; 0: none. */
export function saved_data(node: Node, index: i32): Tensor {
  const data = savedData(node, index)
  return isNone(data) ? data : retain(data)
}

/** JS's number for what pack returned; 0 for a tensor that went through no hooks. */
export function packed_id(node: Node, index: i32): i32 {
  return packedId(node, index)
}

/** Has pack called for what was saved before. */
export function register_saved_hooks(node: Node, index: i32): bool {
  const done = registerHooks(node, index)
  keep(none())
  return done
}

/** Whether everything that is saved from here on goes through hooks. */
export function set_packing(on: bool): void {
  setPacking(on)
}

export function node_param(node: Node, index: i32): f64 {
  return node.param(index)
}

/** AccumulateGrad's leaf. */
/** `retain_grad()` of a non-leaf. */
export function retain_grad(tensor: Tensor): bool {
  const node = gradFn(tensor)
  return changetype<usize>(node) != 0 && retainGrad(tensor, node)
}

/** Has no node, whose version is not looked at: unlike `grad_fn` this rebuilds nothing and cannot fail. */
export function is_leaf(tensor: Tensor): bool {
  return isLeaf(tensor)
}

export function retains_grad(tensor: Tensor): bool {
  return changetype<usize>(tensor.autograd) != 0 && tensor.autograd.retainsGrad
}

/** JS keeps something for the node (hooks of these kinds, metadata) and is told when the node goes. */
export function node_watch(node: Node, hooks: i32): void {
  node.flags = (node.flags & ~NodeHook.any) | hooks | NodeFlag.watched
}

/** The same for a leaf. False when memory ran out. */
export function leaf_watch(tensor: Tensor, hooks: i32): bool {
  const meta = metaOf(tensor)
  if (!changetype<usize>(meta)) return false
  meta.hooked = <u8>hooks
  return true
}

export function node_variable(node: Node): Tensor {
  return retain(node.variable)
}

/** The node to which a tensor's gradient goes; 0: none is wanted, or an error is pending. */
export function edge_node(tensor: Tensor): Node {
  return gradientNode(tensor)
}

// Custom Functions (autograd/function.ts)

export {
  functionNode as function_node, functionOutput as function_output, functionSave as function_save,
}

export function is_freed(node: Node): bool {
  return (node.flags & NodeFlag.freed) != 0
}

export function function_view(input: Tensor): Tensor {
  return functionView(input)
}

/** A node's formula alone; see callNode. */
export function node_call(node: Node, slots: usize, grads: usize): bool {
  const done = callNode(node, slots, grads)
  keep(none())
  return done
}

/** 0: no formula runs. */
export function evaluating_node(): Node {
  return evaluatingNode()
}

export function will_run(node: Node): WillRun {
  return willRun(node)
}

export function engine_run(
  list: usize, roots: i32, inputs: i32, keepGraph: bool, createGraph: bool, capture: bool,
): bool {
  const ok = execute(list, roots, inputs, keepGraph, createGraph, capture)
  keep(none())
  return ok
}
