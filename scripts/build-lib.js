// Bundles the library to dist/: index.js and manual.js with the chunk they share, the .wasm builds beside them, and the types.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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
  // The minifier writes strings as templates, where not every bundler sees the address.
  generateBundle(_, files) {
    for (const file of Object.values(files)) {
      if (file.type === 'chunk') file.code = file.code.replaceAll(/new URL\(`([^`$]*)`/g, "new URL('$1'")
    }
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
  // Lines and the names of functions stay: a stack trace in somebody's program should be readable. 3 KB gzipped.
  minify: { mangle: { toplevel: true, keepNames: true }, codegen: { removeWhitespace: false } },
  comments: { annotation: true, jsdoc: false, legal: false },
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
  // Both entries are a few lines over one chunk, so a page that imports both has one core.
  codeSplitting: { groups: [{ name: 'library', test: /src\/(?!index|manual)|assembly\// }] },
})
await bundle.close()

for (const file of WASM) copyFileSync(`build/${file}`, `dist/${file}`)
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'], { stdio: 'inherit' })
nameDeclarationFiles('dist/types')
console.log('library: dist/ built')

/** The sources import './tensor', as bundlers resolve it; Node's resolution, and TypeScript with it, wants './tensor.js'. */
function nameDeclarationFiles(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const named = readFileSync(path, 'utf8').replaceAll(
      /(\bfrom |\bimport |\bimport\(|\bdeclare module )(['"])(\.[^'"]*)\2/g,
      '$1$2$3.js$2',
    )
    writeFileSync(path, named)
  }
}
