/// The worker that runs one program: the library, the program and its loops all live on this thread.
import { expose } from 'comlink'
import * as library from '../manual'
import { redirectConsole } from './console'
import { OutputStream } from './output'
import { type CompiledProgram, inScope } from './program'
import type { Completion, ProgramError, ProgramWorker, Vocabulary, WorkerEvent } from './protocol'
import { describeError, locateSyntaxError } from './trace'

type Main = (exports: typeof library) => Promise<void>

// The library's own frames come first in a trace; the default of ten would hide the reader's.
const STACK_FRAMES = 100

let program: CompiledProgram | null = null
/// On its way from the moment the worker starts.
let compiler: Promise<typeof import('./compile')>
let send: (event: WorkerEvent) => void
let output: OutputStream

const worker: ProgramWorker = {
  async start(core, events) {
    send = (event) => events.postMessage(event)
    output = new OutputStream(send)
    Object.assign(Error, { stackTraceLimit: STACK_FRAMES })
    compiler = import('./compile')
    // Whoever runs a program hears of it.
    compiler.catch(() => {})
    await library.init(core)
    library.set_print_sink((line: string) => output.write('out', line))
    redirectConsole(output)
    reportStrayErrors()
    return vocabulary()
  },

  async run(source) {
    let started = performance.now()
    try {
      program = (await compiler).compile(source, exportNames())
      const main = evaluate(program)
      started = performance.now()
      await main(library)
      complete('finished', null, started)
    } catch (error) {
      complete('failed', await describe(error), started)
    }
  },
}

expose(worker)

function complete(outcome: Completion['outcome'], error: ProgramError | null, started: number): void {
  const milliseconds = performance.now() - started
  output.drain()
  send({ kind: 'completed', completion: { outcome, error, milliseconds, stats: library.torch.memory.stats() } })
}

function evaluate({ script }: CompiledProgram): Main {
  // biome-ignore lint/security/noGlobalEval: running the reader's program is what this worker is for
  // biome-ignore lint/complexity/noCommaOperator: an indirect eval runs in the global scope, away from this module's names
  return (0, eval)(script) as Main
}

async function describe(error: unknown): Promise<ProgramError> {
  const described = describeError(error, program)
  if (program && described.name === 'SyntaxError' && described.frames.length === 0) {
    const position = await locateSyntaxError(program)
    if (position) described.frames.push(position)
  }
  return described
}

/// Errors outside of the program's own promise: in its timers, or in promises it did not wait for.
function reportStrayErrors(): void {
  const report = (event: Event, error: unknown): void => {
    event.preventDefault()
    output.drain()
    send({ kind: 'stray-error', error: describeError(error, program) })
  }
  self.addEventListener('error', (event) => report(event, event.error ?? new Error(event.message)))
  self.addEventListener('unhandledrejection', (event) => report(event, event.reason))
}

function exportNames(): string[] {
  return Object.keys(library).filter((name) => name !== 'init' && name !== 'default')
}

const { torch, np, py } = library
const NAMESPACES: readonly [path: string, value: object][] = [
  ['torch', torch],
  ['torch.autograd', torch.autograd],
  ['torch.nn.functional', torch.nn.functional],
  ['np', np],
  ['py', py],
  ['py.sys', py.sys],
  ['py.gc', py.gc],
  ['py.weakref', py.weakref],
  ['py.ctypes', py.ctypes],
]

function vocabulary(): Vocabulary {
  const tensor = library.torch.tensor(0)
  const words: Vocabulary = {
    globals: inScope(exportNames()),
    namespaces: Object.fromEntries(NAMESPACES.map(([path, value]) => [path, memberNames(value)])),
    tensor: memberNames(tensor),
  }
  library.del_(tensor)
  return words
}

function memberNames(value: object): string[] {
  const names = new Set<string>()
  for (let o: object | null = value; o && o !== Object.prototype; o = Object.getPrototypeOf(o)) {
    for (const name of Object.getOwnPropertyNames(o)) if (/^[a-z][a-z0-9_]*$/i.test(name)) names.add(name)
  }
  names.delete('constructor')
  return [...names].sort()
}
