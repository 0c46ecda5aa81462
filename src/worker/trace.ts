import { type CompiledProgram, CompileError, PROGRAM_URL } from './program'
import type { Position, ProgramError } from './protocol'

const MAX_FRAMES = 20

// V8 writes `at f (program.ts:3:7)`, Firefox and Safari `f@program.ts:3:7`; either way the name, the line and the column.
const FRAME = new RegExp(`${PROGRAM_URL.replace('.', '\\.')}:(\\d+):(\\d+)`, 'g')

/// Describes whatever a program threw, with the frames that lie in the reader's own code.
export function describeError(thrown: unknown, program: CompiledProgram | null): ProgramError {
  if (thrown instanceof CompileError) {
    return { name: thrown.name, message: thrown.message, frames: [thrown.position] }
  }
  if (!isError(thrown)) return { name: 'Uncaught', message: describeValue(thrown), frames: [] }
  return { name: nameOf(thrown), message: String(thrown.message), frames: program ? framesOf(thrown, program) : [] }
}

function isError(value: unknown): value is Error {
  return (
    value instanceof Error || (typeof value === 'object' && value !== null && 'message' in value && 'name' in value)
  )
}

function nameOf(error: Error): string {
  // A trap of the core is not the library's RuntimeError, whose name it shares.
  if (error instanceof WebAssembly.RuntimeError) return 'WebAssembly.RuntimeError'
  return String(error.name || 'Error')
}

function describeValue(value: unknown): string {
  try {
    return String(value)
  } catch {
    return Object.prototype.toString.call(value)
  }
}

function framesOf(error: Error, program: CompiledProgram): Position[] {
  const frames: Position[] = []
  for (const [, line, column] of String(error.stack ?? '').matchAll(FRAME)) {
    const position = program.originalPosition(Number(line), Number(column))
    if (position) frames.push(position)
    if (frames.length === MAX_FRAMES) break
  }
  return frames
}

/// The place of an error that only the engine's own parser found, such as a name declared twice: `eval` does not tell, but
/// a string handed to a timer is compiled with its place reported to the global error event. Nothing of it runs: the script
/// is an expression, never called.
export function locateSyntaxError(program: CompiledProgram): Promise<Position | null> {
  return new Promise((resolve) => {
    const onError = (event: ErrorEvent): void => {
      event.preventDefault()
      event.stopImmediatePropagation()
      finish(program.originalPosition(event.lineno, event.colno))
    }
    const finish = (position: Position | null): void => {
      self.removeEventListener('error', onError, true)
      resolve(position)
    }
    self.addEventListener('error', onError, true)
    // The same timer queue: this one comes after the script has been compiled.
    setTimeout(program.script as unknown as () => void)
    setTimeout(() => finish(null))
  })
}
