// Whether py.trace runs, and what the functions and frames of Python's face tell it. While none runs each asks one flag.

export interface Tracer {
  /** A call of a builtin; `run` does it, unseen. */
  call<R>(name: string, args: readonly unknown[], run: () => R): R
  /** `hold(h)`, and the end of that: a JavaScript variable is a local without a name. */
  hold(value: unknown): void
  drop(): void
  load(name: string, value: unknown): void
  store(name: string, value: unknown): void
  delete(name: string): void
  /** Returns what is to be used for the value. */
  load_attr<T>(owner: unknown, name: string, value: T): T
  store_attr(owner: unknown, name: string, value: unknown): void
  delete_attr(owner: unknown, name: string): void
  enter(fn: (frame: never) => unknown): void
  /** The function returns `value`, and its locals go; then the frame is left. */
  leave(value: unknown): void
  left(value: unknown): void
  /** The frame is left because the function threw. */
  unwind(): void
}

/** Null while no trace runs, and in the middle of a call, whose own doings are no bytecode. */
export let tracer: Tracer | null = null

export function setTracer(next: Tracer | null): void {
  tracer = next
}
