import { describe, expect, test } from 'vitest'
import { compile } from '../../src/worker/compile'
import { type CompiledProgram, CompileError } from '../../src/worker/program'
import { describeError } from '../../src/worker/trace'

class PyTypeError extends TypeError {}

const library = { torch: { zeros: () => 0 }, print: (text: string) => text, id: () => 1, TypeError: PyTypeError }
const names = Object.keys(library)

async function run(program: CompiledProgram): Promise<unknown> {
  // biome-ignore lint/security/noGlobalEval: as in the worker
  // biome-ignore lint/complexity/noCommaOperator: an indirect eval
  return await (0, eval)(program.script)(library)
}

async function failure(source: string): Promise<ReturnType<typeof describeError>> {
  let program: CompiledProgram | null = null
  try {
    program = compile(source, names)
    await run(program)
  } catch (error) {
    return describeError(error, program)
  }
  throw new Error('the program did not fail')
}

describe('imports become bindings', () => {
  test.each([
    ["import { print } from 'backward0'\nreturn print('a')", 'a'],
    ["import { print as p, torch } from 'backward0'\nreturn p('b') + torch.zeros()", 'b0'],
    ['import * as b from "backward0"\nreturn b.print(\'c\')', 'c'],
    ["import {\n  id, // one\n  /* two */ print,\n} from 'backward0'\nreturn print('d') + id()", 'd1'],
    ["import { print, type Tensor } from 'backward0'\nreturn print('e')", 'e'],
    ["import type { Tensor } from 'backward0'\nreturn print('f')", 'f'],
    ["return print(`import { print } from 'backward0'`)", "import { print } from 'backward0'"],
    ['const id = 5\nreturn id', 5],
    ['return await Promise.resolve(7)', 7],
    ['return typeof this', 'undefined'],
    ['try { null.x } catch (error) { return error instanceof TypeError }', true],
    ["import { TypeError } from 'backward0'\nreturn TypeError.name", 'PyTypeError'],
  ])('%j', async (source, expected) => {
    expect(await run(compile(source, names))).toBe(expected)
  })
})

describe('errors of the compiler have their place', () => {
  test.each([
    ['const a = 1\nconst b = ;', 2, 11],
    ['foo(', 1, 5],
    ["\nimport { zeros } from 'backward0'\nzeros()", 2, 1],
    ["let a: number = 1\nimport b from 'backward0'; b(a)", 2, 1],
    ["import * as fs from 'node:fs'; fs.x", 1, 1],
  ])('%j', (source, line, column) => {
    expect(() => compile(source, names)).toThrow(CompileError)
    try {
      compile(source, names)
    } catch (error) {
      expect((error as CompileError).position).toEqual({ line, column })
    }
  })
})

describe('errors of the program have their place in the source', () => {
  test.each([
    ["throw new RangeError('x')", [[1, 7]]],
    ['\n\nlet x: number = 1; missing(x)', [[3, 20]]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a program's template
    ['print(`a ${1}`)\nlet b: number = missing', [[2, 17]]],
    [
      "function f(a: string, b?: number): void {\n  throw new TypeError(a + b)\n}\nf('a')",
      [
        [2, 9],
        [4, 1],
      ],
    ],
    ["interface A {\n  a: string\n}\nconst a: A = { a: 'x' }\nawait 0\nthrow new Error(a.a)", [[6, 7]]],
  ])('%j', async (source, places) => {
    const { frames } = await failure(source)
    expect(frames).toEqual(places.map(([line, column]) => ({ line, column })))
  })

  test('a thrown value that is no error is said as it is', async () => {
    expect(await failure('throw 42')).toEqual({ name: 'Uncaught', message: '42', frames: [] })
  })

  test('a trap of the core is no RuntimeError of the library', () => {
    const trap = new WebAssembly.RuntimeError('unreachable')
    expect(describeError(trap, null).name).toBe('WebAssembly.RuntimeError')
  })
})
