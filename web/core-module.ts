import { relaxedSimd } from 'wasm-feature-detect'
import relaxedUrl from '../build/core.relaxed.wasm?url'
import simdUrl from '../build/core.wasm?url'

/// Compiles the core once for all workers: the build with fused multiply-add where the browser has relaxed SIMD.
export async function compileCore(): Promise<WebAssembly.Module> {
  const url = (await relaxedSimd()) ? relaxedUrl : simdUrl
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${response.status} ${response.statusText} for ${response.url}`)
  // Not compileStreaming: some static hosts serve .wasm under another type.
  return WebAssembly.compile(await response.arrayBuffer())
}
