// Bundles the library to dist/: index.js and manual.js with the chunk they share, the .wasm builds beside them, and the types.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { rolldown } from 'rolldown'

const WASM = ['core.wasm', 'core.relaxed.wasm']

// In the sources the core lies in build/, in dist/ beside the code: `new URL('./core.wasm', import.meta.url)` works in Node and
// in a browser without a bundler, and bundlers know it too.
const coreBesideTheCode = {
  name: 'core-beside-the-code',
  transform(code) {
    const moved = code.replaceAll(/(['"`])(?:\.\.\/)+build\/(core(?:\.relaxed)?\.wasm)\1/g, '$1./$2$1')
    return moved === code ? null : moved
  },
}

rmSync('dist', { recursive: true, force: true })
mkdirSync('dist', { recursive: true })

const bundle = await rolldown({
  input: { index: 'src/index.ts', manual: 'src/manual.ts' },
  platform: 'neutral',
  external: /^node:/,
  plugins: [coreBesideTheCode],
  transform: { target: 'es2022' },
  // Makes numbers of the ABI's const enums.
  optimization: { inlineConst: { mode: 'all', pass: 3 } },
})
await bundle.write({
  dir: 'dist',
  format: 'esm',
  minify: true,
  entryFileNames: '[name].js',
  chunkFileNames: 'library.js',
})
await bundle.close()

for (const file of WASM) copyFileSync(`build/${file}`, `dist/${file}`)
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], { stdio: 'inherit' })
console.log('library: dist/ built')
