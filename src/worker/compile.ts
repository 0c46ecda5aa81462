/// TypeScript to a script that the worker can run. The worker loads this file, and the compilers behind it, by itself: a page can be
/// read and typed in before they are there.
import { parse as parseModule } from 'es-module-lexer/minimal/js'
import { transform } from 'sucrase'
import { originalColumn } from './columns'
import { type CompiledProgram, CompileError, inScope, PROGRAM_URL } from './program'
import type { Position } from './protocol'

// The script's first line holds everything that is not the reader's, so the program starts at line 2, column 1:
//
//     "use strict";(async function($library){const{torch,print,...}=$library;{const{print:p}=$library;
//     <the program, types stripped, imports blanked>
//     }})
//     //# sourceURL=program.ts
//
// The inner block lets a program declare `const id = ...` of its own over the injected name.
const PROLOGUE_LINES = 1

/// TypeScript in, an async function out. `exportNames` are the library's exports; those of `inScope` need no import.
export function compile(source: string, exportNames: readonly string[]): CompiledProgram {
  const code = stripTypes(source)
  const codeLines = code.split('\n')
  const sourceLines = source.split('\n')
  const place = (line: number, column: number): Position => {
    return { line, column: originalColumn(codeLines[line - 1], sourceLines[line - 1], column) }
  }
  const { program, bindings } = bindImports(code, exportNames, place)
  const prologue = `"use strict";(async function($library){const{${inScope(exportNames).join(',')}}=$library;{${bindings}`
  return {
    script: `${prologue}\n${program}\n}})\n//# sourceURL=${PROGRAM_URL}`,
    originalPosition(scriptLine, column) {
      const line = scriptLine - PROLOGUE_LINES
      return line >= 1 && line <= sourceLines.length ? place(line, column) : null
    },
  }
}

function stripTypes(source: string): string {
  try {
    return transform(source, { transforms: ['typescript'], disableESTransforms: true, filePath: PROGRAM_URL }).code
  } catch (error) {
    throw fromSucrase(error, source)
  }
}

/// sucrase says `Error transforming program.ts: Unexpected token (3:7)` and carries the place in `loc`.
function fromSucrase(error: unknown, source: string): CompileError {
  const { message } = error as Error
  const found = /\((\d+):(\d+)\)$/.exec(message)
  const position = found ? { line: Number(found[1]), column: Number(found[2]) } : { line: 1, column: 1 }
  position.line = Math.min(position.line, source.split('\n').length)
  const text = message.replace(/^Error transforming [^:]*: /, '').replace(/ \(\d+:\d+\)$/, '')
  return new CompileError(text, position)
}

/// Turns `import { torch, print as p } from 'backward0'` into bindings for the prologue and leaves blanks in its place, so
/// that no line or column moves.
function bindImports(
  code: string,
  exportNames: readonly string[],
  place: (line: number, column: number) => Position,
): { program: string; bindings: string } {
  let program = code
  let bindings = ''
  const [imports] = parseModule(code)
  for (const { n: specifier, d: dynamic, ss: start, se: end } of imports) {
    if (dynamic !== -1) continue
    const before = code.slice(0, start).split('\n')
    const position = place(before.length, before[before.length - 1].length + 1)
    if (specifier !== 'backward0') {
      throw new CompileError(`only 'backward0' can be imported here, not '${specifier}'`, position)
    }
    const statement = code.slice(start, end)
    bindings += bindingOf(statement, exportNames, position)
    program = program.slice(0, start) + statement.replace(/[^\n]/g, ' ') + program.slice(end)
  }
  return { program, bindings }
}

function bindingOf(statement: string, exportNames: readonly string[], position: Position): string {
  const clause = statement
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ' ')
    .replace(/^import\b/, '')
    .replace(/\bfrom\s*['"][^'"]*['"]$/, '')
    .trim()
  const namespace = /^\*\s*as\s+([\w$]+)$/.exec(clause)
  if (namespace) return `const ${namespace[1]}=$library;`
  const named = /^\{([\s\S]*)\}$/.exec(clause)
  if (!named) {
    if (/^['"]/.test(clause)) return ''
    throw new CompileError("'backward0' has no default export; write import { torch } from 'backward0'", position)
  }
  const parts = named[1].split(',').map((part) => part.trim())
  const pairs = parts.filter(Boolean).map((part) => {
    const [exported, local = exported] = part.split(/\s+as\s+/)
    if (!exportNames.includes(exported)) {
      throw new CompileError(`'backward0' does not provide an export named '${exported}'`, position)
    }
    return exported === local ? exported : `${exported}:${local}`
  })
  return `const{${pairs.join(',')}}=$library;`
}
