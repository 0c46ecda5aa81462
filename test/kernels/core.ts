import { setFlagsFromString } from 'node:v8'
import asc from 'assemblyscript/asc'

/** The exports of entry.ts. */
export interface Kernels {
  memory: WebAssembly.Memory
  simd(f: number, x: number, y: number, n: number): void
  scalar(f: number, x: number, y: number, n: number): void
  gemm(type: number, ...sizesStridesAndAddresses: number[]): void
  scratchBytes(m: number, n: number, k: number, elementSize: number): number
}

export const SIMD = ['exp', 'log', 'sin', 'cos', 'tanh', 'sigmoid', 'log1p', 'expm1', 'erf'] as const
export const SCALAR = [
  'erf',
  'exp',
  'log',
  'sin',
  'cos',
  'tanh',
  'log1p',
  'expm1',
  'sqrt',
  'tan',
  'sinh',
  'cosh',
  'asin',
  'acos',
  'atan',
] as const

export type Build = 'baseline' | 'relaxed'

/** Compiles entry.ts as a release build. The module's memory is free for use from address 65536 on. */
export async function compileKernels(build: Build = 'baseline'): Promise<Kernels> {
  // Node 20 has relaxed SIMD behind this flag; later ones ignore it.
  if (build === 'relaxed') setFlagsFromString('--experimental-wasm-relaxed-simd')
  let wasm: BufferSource | undefined
  const options = '--optimizeLevel 3 --shrinkLevel 1 --noAssert --runtime stub --enable simd --outFile kernels.wasm'
  const relaxed = build === 'relaxed' ? ['--enable', 'relaxed-simd'] : []
  const use = ['--use', 'abort=', '--initialMemory', '512']
  // A base directory of its own keeps the asconfig.json of the project out of it.
  const { error, stderr } = await asc.main(
    ['entry.ts', '--baseDir', import.meta.dirname, ...options.split(' '), ...relaxed, ...use],
    {
      writeFile(_name: string, contents: string | Uint8Array) {
        wasm = contents as BufferSource
      },
    },
  )
  if (error || !wasm) throw new Error(`asc: ${error}\n${stderr}`)
  const { instance } = await WebAssembly.instantiate(wasm)
  return instance.exports as unknown as Kernels
}

/** A repeatable stream of numbers in [0, 1). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
