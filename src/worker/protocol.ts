/// What crosses the boundary between the page and the worker that runs the reader's program. Calls are few and coarse;
/// everything that happens while a program runs travels as `WorkerEvent`s through one MessagePort.

export type Stream = 'out' | 'warn' | 'error'

export interface Line {
  stream: Stream
  text: string
}

/// A place in the reader's own source; both numbers count from 1.
export interface Position {
  line: number
  column: number
}

export interface ProgramError {
  /// As Python would print it: `RuntimeError`, `ValueError`, ..., or a JavaScript name such as `TypeError`, `SyntaxError`.
  name: string
  message: string
  /// Innermost call first; empty when no frame lies in the reader's code.
  frames: Position[]
}

export interface MemoryStats {
  tensors: number
  storages: number
  nodes: number
  objects: number
  bytes: number
  peak_bytes: number
  allocations: number
}

export type WorkerEvent =
  /// Printed lines in order; `skipped` lines were dropped just before the first of them because nobody could read so fast.
  | { kind: 'lines'; lines: Line[]; skipped: number }
  /// An error that no `await` of the program waited for: a timer's, or a rejected promise nobody handled.
  | { kind: 'stray-error'; error: ProgramError }
  /// The last of a run; on the same port as the lines, because two ports keep no order between them.
  | { kind: 'completed'; completion: Completion }

export interface Completion {
  outcome: 'finished' | 'failed'
  error: ProgramError | null
  /// Wall time of the program alone, without compiling it.
  milliseconds: number
  /// At the end of the program, before anything of it is released.
  stats: MemoryStats
}

/// Names the editor may offer: the library's exports, the members of `torch`, and those of a tensor.
export interface Vocabulary {
  globals: string[]
  /// What stands behind the dot of a namespace: `torch`, `np`, `py`, `py.gc`, ...
  namespaces: Record<string, string[]>
  tensor: string[]
}

/// The worker's face. `start` once, `run` once: every run gets a fresh worker.
export interface ProgramWorker {
  start(core: WebAssembly.Module, events: MessagePort): Promise<Vocabulary>
  run(source: string): Promise<void>
}
