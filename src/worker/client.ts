import { type Remote, transfer, wrap } from 'comlink'
import type { Completion, ProgramWorker, Vocabulary, WorkerEvent } from './protocol'

/// Hears what a program does while it runs.
export type RunListener = (event: WorkerEvent) => void

export type RunResult = Completion | { outcome: 'stopped' }

// A program that has just begun should not share its cores with the next worker's warm-up.
const WARM_UP_DELAY = 200

/// Runs programs, each in a worker of its own. A spare worker is kept warm, so that a run starts at once and a stopped program
/// costs the next one nothing.
///
///     warming ──> spare ──run()──> current ──next run() or stop()──> terminated
///
/// After its run a worker stays until the next one begins: its timers may still print.
export class Runner {
  private spare: Slot | null
  private current: Slot | null = null
  private warming: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly core: Promise<WebAssembly.Module>,
    private readonly listener: RunListener,
    private readonly createWorker: () => Worker = createProgramWorker,
  ) {
    this.spare = this.warmUp()
  }

  /// Resolves once a program can start; rejects when the library cannot be loaded here.
  ready(): Promise<Vocabulary> {
    this.spare ??= this.warmUp()
    return this.spare.ready
  }

  /// Runs a program and resolves when it ends, fails or is stopped. A program still running is stopped first. Rejects only
  /// when no worker can be had.
  run(source: string): Promise<RunResult> {
    this.stop()
    const slot = this.spare ?? this.warmUp()
    this.spare = null
    this.current = slot
    clearTimeout(this.warming)
    this.warming = setTimeout(() => {
      this.spare ??= this.warmUp()
    }, WARM_UP_DELAY)
    return slot.run(source, this.listener)
  }

  /// Ends the current program, whatever it is doing. Nothing of it reaches the page any more.
  stop(): void {
    this.current?.terminate()
    this.current = null
  }

  /// Ends everything; the runner must not be used again.
  close(): void {
    clearTimeout(this.warming)
    this.stop()
    this.spare?.terminate()
  }

  private warmUp(): Slot {
    return new Slot(this.createWorker(), this.core)
  }
}

class Slot {
  readonly ready: Promise<Vocabulary>
  private readonly remote: Remote<ProgramWorker>
  private readonly events: MessagePort
  private readonly broken: Promise<never>
  private end: (result: RunResult) => void = () => {}

  constructor(
    private readonly worker: Worker,
    core: Promise<WebAssembly.Module>,
  ) {
    this.remote = wrap<ProgramWorker>(worker)
    const { port1, port2 } = new MessageChannel()
    this.events = port1
    this.broken = new Promise<never>((_, reject) => {
      worker.onerror = (event) => reject(new Error(event.message || 'the worker could not be loaded'))
    })
    const started = core.then((module) => this.remote.start(module, transfer(port2, [port2])))
    this.ready = Promise.race([started, this.broken])
    // Whoever runs a program here sees the failure; a spare nobody asked for is not an unhandled one.
    this.ready.catch(() => {})
  }

  run(source: string, listener: RunListener): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      this.end = resolve
      this.events.onmessage = ({ data }: MessageEvent<WorkerEvent>) => {
        listener(data)
        if (data.kind === 'completed') resolve(data.completion)
      }
      this.broken.catch(reject)
      this.ready.then(() => this.remote.run(source)).catch(reject)
    })
  }

  /// The thread of a loop that never yields may go on for a while (two seconds in Chromium) before the browser ends it by
  /// force, but its messages are no longer heard.
  terminate(): void {
    this.worker.terminate()
    this.events.close()
    this.end({ outcome: 'stopped' })
  }
}

function createProgramWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'program' })
}
