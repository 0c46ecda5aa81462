// What the core calls back. The layers above fill these in; an exception waits here until the run that it ended is over.
import type { ArrayAnswer, Compare, TraceEvent } from '../../assembly/abi_objects'

export interface Callbacks {
  tensor_freed(tensor: number): void
  node_made(node: number): void
  node_failed(node: number): void
  tensor_saved(saved: number, counter: number, version: number): void
  saved_released(saved: number): void
  tensor_written(counter: number, version: number, writer: number): void
  run_tensor_hooks(owner: number, slots: number, count: number): void
  run_pre_hooks(node: number, slots: number, count: number): void
  run_post_hooks(node: number, results: number, edges: number, slots: number, count: number): void
  run_accumulated_hooks(leaf: number): void
  run_function(node: number, slots: number, outputs: number, grads: number, edges: number): void
  pack_saved(tensor: number, slot: number): number
  unpack_saved(id: number, tensor: number): number
  drop_packed(id: number): void
  trace_event(event: TraceEvent, object: number, number: number): void
  run_finalizer(object: number): void
  drop_class(face: number): void
  run_weakref_callback(ref: number): void
  drop_weakref_callback(ref: number): void
  object_freed(object: number): void
  compare_arrays(a: number, b: number, op: Compare): ArrayAnswer
}

export const callbacks: Callbacks = {
  tensor_freed() {},
  node_made() {},
  node_failed() {},
  tensor_saved() {},
  saved_released() {},
  tensor_written() {},
  run_tensor_hooks() {},
  run_pre_hooks() {},
  run_post_hooks() {},
  run_accumulated_hooks() {},
  run_function() {},
  pack_saved: () => 0,
  unpack_saved: () => 0,
  drop_packed() {},
  trace_event() {},
  run_finalizer() {},
  drop_class() {},
  run_weakref_callback() {},
  drop_weakref_callback() {},
  object_freed() {},
  compare_arrays: () => 0,
}

const freedListeners: ((node: number) => void)[] = []

/** Calls `listener` when a watched node goes. */
export function onNodeFreed(listener: (node: number) => void): void {
  freedListeners.push(listener)
}

let thrown: { error: unknown } | null = null

/** The exception that a hook threw, to be thrown on unchanged; null when there is none. */
export function takeThrown(): { error: unknown } | null {
  const taken = thrown
  thrown = null
  return taken
}

/** Puts back what was taken. */
export function putThrown(taken: { error: unknown } | null): void {
  thrown = taken
}

/** Wasm frames must not be unwound: a hook that throws answers 0, and the core ends its run in order. */
function guarded<A extends unknown[]>(name: keyof Callbacks): (...args: A) => number {
  return (...args) => {
    try {
      return (callbacks[name] as (...args: unknown[]) => number | undefined)(...args) ?? 1
    } catch (error) {
      thrown = { error }
      return 0
    }
  }
}

/** The core's imports. */
export const imports: WebAssembly.Imports = {
  env: {
    node_freed: (node: number) => {
      for (const listener of freedListeners) listener(node)
    },
    tensor_freed: (tensor: number) => callbacks.tensor_freed(tensor),
    node_made: (node: number) => callbacks.node_made(node),
    tensor_saved: (saved: number, counter: number, version: number) => callbacks.tensor_saved(saved, counter, version),
    saved_released: (saved: number) => callbacks.saved_released(saved),
    tensor_written: (counter: number, version: number, writer: number) =>
      callbacks.tensor_written(counter, version, writer),
    node_failed: guarded('node_failed'),
    run_tensor_hooks: guarded('run_tensor_hooks'),
    run_pre_hooks: guarded('run_pre_hooks'),
    run_post_hooks: guarded('run_post_hooks'),
    run_accumulated_hooks: guarded('run_accumulated_hooks'),
    run_function: guarded('run_function'),
    pack_saved: guarded('pack_saved'),
    unpack_saved: guarded('unpack_saved'),
    drop_packed: (id: number) => callbacks.drop_packed(id),
    trace_event: (event: number, object: number, number: number) =>
      callbacks.trace_event(event, object >>> 0, number >>> 0),
    compare_arrays: guarded('compare_arrays'),
    run_finalizer: (object: number) => callbacks.run_finalizer(object >>> 0),
    drop_class: (face: number) => callbacks.drop_class(face),
    run_weakref_callback: (ref: number) => callbacks.run_weakref_callback(ref >>> 0),
    drop_weakref_callback: (ref: number) => callbacks.drop_weakref_callback(ref >>> 0),
    object_freed: (object: number) => callbacks.object_freed(object >>> 0),
  },
}
