import asc from 'assemblyscript/asc'

/** The exports of entry.ts; addresses come out signed, so wrap them in `>>> 0`. */
export interface MemoryCore {
  malloc(size: number): number
  free(ptr: number): void
  mallocSize(ptr: number): number
  poolAlloc(domain: number, size: number): number
  poolFree(ptr: number, size: number): void
  count(kind: number, delta: number): void
  countersAt(): number
  allocRecord(size: number, kind: number): number
  freeRecord(ptr: number, size: number, kind: number): void
  allocObject(size: number): number
  freeObject(ptr: number, size: number): void
  allocBuffer(nbytes: number): number
  freeBuffer(ptr: number, nbytes: number): void
  tlsfCheck(): number
  regionCount(): number
  freeBlockCount(): number
  usedBlockCount(): number
  poolsCheck(): number
  arenaCount(domain: number): number
}

export type Fresh = (pages?: WebAssembly.MemoryDescriptor) => { core: MemoryCore; memory: WebAssembly.Memory }

/** Compiles entry.ts with its asserts on; each call of the result is a module with a memory of its own. */
export async function compileMemory(): Promise<Fresh> {
  let wasm: BufferSource | undefined
  const options = '--debug --runtime stub --enable simd --importMemory --outFile memory.wasm'.split(' ')
  // A base directory of its own keeps the asconfig.json of the project out of it.
  const { error, stderr } = await asc.main(['entry.ts', '--baseDir', import.meta.dirname, ...options], {
    writeFile(_name: string, contents: string | Uint8Array) {
      wasm = contents as BufferSource
    },
  })
  if (error || !wasm) throw new Error(`asc: ${error}\n${stderr}`)
  const module = await WebAssembly.compile(wasm)
  return (pages = { initial: 16 }) => {
    const memory = new WebAssembly.Memory(pages)
    const abort = () => {
      throw new Error('an assertion of the core failed')
    }
    const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } })
    return { core: exports as unknown as MemoryCore, memory }
  }
}

/** A repeatable stream of whole numbers in [0, n): for walks too long to be worth shrinking. */
export function numbers(seed: number): (n: number) => number {
  let state = seed >>> 0
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}
