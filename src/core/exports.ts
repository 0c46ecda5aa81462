// What assembly/index.ts exports, as tsc sees it. Addresses of tensors, nodes and objects are numbers.
import type { DType, FloatFlag, NodeKind, Op, Scalar, Ufunc, WillRun, WrapperPolicy } from '../../assembly/abi'
import type { Compare, TypeId } from '../../assembly/abi_objects'

export interface CoreExports {
  readonly memory: WebAssembly.Memory
  args_at(): number
  error_at(): number
  clear_error(): void
  counters_at(): number
  list_alloc(bytes: number): number
  list_free(list: number, bytes: number): void

  call(op: Op, a: number, b: number, c: number): number
  call_(op: Op, a: number, b: number, c: number): number
  call_all(op: Op, a: number, b: number, c: number): number
  call_list(op: Op, list: number, count: number): number
  scalar(value: number, kind: Scalar): number
  scalar_int(value: bigint): number

  new_empty(dtype: DType): number
  new_full(dtype: DType, value: number): number
  new_like(like: number, dtype: DType, value: number): number
  new_arange(dtype: DType): number
  new_linspace(dtype: DType): number
  new_eye(dtype: DType): number

  tensor_retain(tensor: number): void
  tensor_release(tensor: number): void
  collect_cycles(): number
  tensor_data(tensor: number): number
  tensor_version(tensor: number): number
  requires_grad(tensor: number): number
  set_requires_grad(tensor: number, on: number): number
  may_write_out(out: number, made: number, input: number): number
  write_out(out: number, made: number): number
  set_data(tensor: number, source: number): number
  tensor_alias(tensor: number): number
  base_of(tensor: number): number
  grad_of(tensor: number): number
  set_grad(tensor: number, grad: number): number
  detach_(tensor: number): number
  output_nr(tensor: number): number

  storage_view(source: number, dtype: DType, flags: number): number
  set_base(tensor: number, base: number): number
  array_base(tensor: number): number
  array_ufunc(op: Op | Ufunc, dtype: DType, a: number, b: number, out: number, mask: number): number
  array_flags(): FloatFlag
  array_reduce(op: Op, dtype: DType, x: number, keepdims: number): number
  array_cumsum(dtype: DType, x: number, dim: number): number
  array_assign(target: number, source: number): number
  array_like(x: number, dtype: DType, value: number): number
  array_cast(x: number, dtype: DType): number

  inference_mode(): number
  set_inference_mode(on: number): number
  set_placing(on: number): void
  set_nan_check(on: number): void
  grad_mode(): number
  set_grad_mode(on: number): number
  grad_fn(tensor: number): number
  node_retain(node: number): void
  node_release(node: number): void
  node_edge(node: number, index: number): number
  node_edge_nr(node: number, index: number): number
  node_saved(node: number, index: number): number
  saved_data(node: number, index: number): number
  packed_id(node: number, index: number): number
  register_saved_hooks(node: number, index: number): number
  set_packing(on: number): void
  node_param(node: number, index: number): number
  retain_grad(tensor: number): number
  is_leaf(tensor: number): number
  retains_grad(tensor: number): number
  node_watch(node: number, hooks: number): void
  leaf_watch(tensor: number, hooks: number): number
  node_variable(node: number): number
  edge_node(tensor: number): number
  function_node(kind: NodeKind, list: number, edges: number, saved: number, outputs: number): number
  function_save(node: number, index: number, tensor: number): number
  function_output(node: number, tensor: number, nr: number, dirty: number, several: number): number
  function_view(input: number): number
  is_freed(node: number): number
  node_call(node: number, slots: number, grads: number): number
  evaluating_node(): number
  will_run(node: number): WillRun
  engine_run(
    list: number,
    roots: number,
    inputs: number,
    keepGraph: number,
    createGraph: number,
    capture: number,
  ): number

  wrapper_acquire(node: number): number
  set_wrapper_policy(policy: WrapperPolicy): void
  tensor_object(tensor: number): number
  tensor_identity(tensor: number): number
  tensor_refcount(tensor: number): number
  set_tracing(on: number): void
  incref(object: number): void
  decref(object: number): void
  refcount(object: number): number

  gc_collect(generation: number): number
  gc_safepoint(): void
  gc_statistic(generation: number, collected: number): number
  gc_objects(generation: number): number
  gc_referrers(objects: number, count: number): number
  gc_referents(objects: number, count: number): number
  gc_count(generation: number): number
  gc_threshold(generation: number): number
  gc_set_threshold(generation: number, threshold: number): void
  gc_enabled(): number
  gc_set_enabled(on: number): void
  gc_freeze(): void
  gc_unfreeze(): void
  gc_frozen(): number
  gc_garbage(): number
  gc_set_save_all(on: number): void
  gc_is_tracked(object: number): number
  gc_is_finalized(object: number): number
  weakref_new(object: number, callback: number): number
  weakref_first(object: number): number

  none_object(): number
  bool_object(value: number): number
  int_from(value: number): number
  int_new(digits: number, negative: number): number
  float_new(value: number): number
  latin1_str(code: number): number
  str_new(length: number, state: number): number
  object_new(): number
  type_object(id: TypeId): number
  type_new(like: TypeId): number

  list_of(words: number, count: number, allocated: number): number
  list_call(): number
  list_append(list: number, item: number): number
  list_insert(list: number, index: number, item: number): number
  list_pop(list: number, index: number): number
  list_extend(list: number, sequence: number): number
  list_extend_items(list: number, words: number, count: number): number
  list_repeat(list: number, times: number): number
  list_set(list: number, index: number, item: number): void
  list_assign(list: number, low: number, high: number, sequence: number): number
  list_assign_step(list: number, start: number, step: number, count: number, sequence: number): number
  list_reverse(list: number): void
  list_clear(list: number): void
  list_swap(a: number, b: number): void
  list_sort(list: number, keys: number, reverse: number): number
  tuple_of(words: number, count: number): number
  sequence_slice(sequence: number, start: number, step: number, count: number): number
  sequence_concat(left: number, right: number): number
  sequence_repeat(sequence: number, times: number): number
  sequence_index(sequence: number, value: number, start: number, stop: number): number
  sequence_count(sequence: number, value: number): number
  items_of(sequence: number): number
  dict_new(count: number, unicode: number): number
  dict_call(): number
  dict_get(dict: number, key: number): number
  dict_set(dict: number, key: number, value: number): number
  dict_pop(dict: number, key: number): number
  dict_pop_item(dict: number): number
  dict_copy(dict: number): number
  dict_merge(dict: number, other: number): number
  dict_next(dict: number, index: number): number
  dict_key_at(dict: number, index: number): number
  dict_value_at(dict: number, index: number): number
  dict_clear(dict: number): void
  object_compare(a: number, b: number, op: Compare): number
  object_size(object: number): number
  free_lists_at(): number
  class_new(face: number, flags: number): number
  instance_new(type: number, capacity: number): number
  attribute(object: number, place: number): number
  attribute_set(object: number, place: number, value: number): number
  attribute_delete(object: number, place: number): void
  attribute_count(object: number): number
  attribute_nth(object: number, n: number): number
}
