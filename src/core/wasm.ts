// Loading the core. One instance serves the whole library; `core` is its exports once `load` is done.
import { imports } from './callbacks'
import type { CoreExports } from './exports'
import { attachMemory } from './memory'

export let core: CoreExports

/** A compiled module, its bytes, or where to fetch them. */
export type CoreSource = WebAssembly.Module | BufferSource | string | URL

// WebAssembly.Module is an empty interface to tsc: `instanceof` alone would rule out everything else.
function isModule(source: CoreSource): source is WebAssembly.Module {
  return source instanceof WebAssembly.Module
}

/**
 * Instantiates the core; a second call does nothing.
 * @throws TypeError or CompileError from the platform when the source cannot be fetched or is not this core.
 */
export async function load(source: CoreSource): Promise<void> {
  if (core) return
  const module = isModule(source)
    ? source
    : await WebAssembly.compile(await bytesOf(source as BufferSource | string | URL))
  const instance = await WebAssembly.instantiate(module, imports)
  if (core) return
  core = instance.exports as unknown as CoreExports
  attachMemory(core)
}

async function bytesOf(source: BufferSource | string | URL): Promise<BufferSource> {
  if (typeof source !== 'string' && !(source instanceof URL)) return source
  const url = new URL(source, import.meta.url)
  if (url.protocol === 'file:') {
    // Only Node comes here: bundlers for the browser leave the import alone.
    const { readFile } = await import(/* webpackIgnore: true */ 'node:fs/promises')
    return readFile(url) as Promise<Buffer<ArrayBuffer>>
  }
  const response = await fetch(url)
  if (!response.ok) throw new TypeError(`backward0: cannot fetch the core from ${url}: HTTP ${response.status}`)
  return response.arrayBuffer()
}

/** The build for this machine: with relaxed SIMD where the engine has it. */
export function defaultSource(): URL {
  return hasRelaxedSimd()
    ? new URL('../../build/core.relaxed.wasm', import.meta.url)
    : new URL('../../build/core.wasm', import.meta.url)
}

/** Validates a module of one function that uses `i8x16.relaxed_swizzle`. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(
    new Uint8Array([
      0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15,
      253, 128, 2, 11,
    ]),
  )
}
