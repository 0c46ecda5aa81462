/// A reader's program: what compiling it gives, and what can be wrong with it.
import type { Position } from './protocol'

/// The name of the reader's program in stack traces.
export const PROGRAM_URL = 'program.ts'

/// An error found before the program ran, with its place in the reader's source.
export class CompileError extends Error {
  override name = 'SyntaxError'
  constructor(
    message: string,
    readonly position: Position,
  ) {
    super(message)
  }
}

export interface CompiledProgram {
  /// An expression: an async function that takes the library and runs the program.
  script: string
  /// From a place in `script` to the place in the reader's source, or null outside of the program.
  originalPosition(line: number, column: number): Position | null
}

/// Python's classes that extend JavaScript's of the same name. Without an import these names stay JavaScript's, so that
/// `catch (e) { if (e instanceof TypeError) ...` sees both kinds.
const LEFT_TO_JAVASCRIPT: readonly string[] = ['TypeError', 'ReferenceError']

/// The library's exports that a program has without importing them.
export function inScope(exportNames: readonly string[]): string[] {
  return exportNames.filter((name) => !LEFT_TO_JAVASCRIPT.includes(name))
}
