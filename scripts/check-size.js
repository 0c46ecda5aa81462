// Prints what a reader downloads, gzipped, and fails above the budgets (docs/decisions/0010-size-budget.md).
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { init, parse } from 'es-module-lexer'

const KB = 1024

await init

const passed = [
  check(
    'core + library',
    175 * KB,
    'dist',
    readdirSync('dist').filter((name) => /\.(js|wasm)$/.test(name)),
  ),
  check("page's first load", 350 * KB, 'web/dist', firstLoad('web/dist')),
]
process.exit(passed.every(Boolean) ? 0 : 1)

// A browser loads one of the two builds of the core: the larger counts.
function check(title, budget, folder, names) {
  const sizes = names.map((name) => ({ name, bytes: gzipSync(readFileSync(join(folder, name)), { level: 9 }).length }))
  const builds = sizes.filter(({ name }) => name.endsWith('.wasm')).sort((a, b) => b.bytes - a.bytes)
  const loaded = sizes.filter((file) => !builds.slice(1).includes(file))
  const total = loaded.reduce((sum, { bytes }) => sum + bytes, 0)
  const verdict = total <= budget ? 'within' : 'ABOVE'
  console.log(`${title}: ${kilobytes(total)} gzip, ${verdict} ${kilobytes(budget)}`)
  for (const { name, bytes } of loaded) console.log(`  ${kilobytes(bytes).padStart(9)}  ${name}`)
  return total <= budget
}

function kilobytes(bytes) {
  return `${(bytes / KB).toFixed(1)} KB`
}

/** The page and what it names, and what that names; what is only loaded by `import()` comes later. */
function firstLoad(folder) {
  const all = filesIn(folder)
  const reached = new Set(['index.html'])
  for (const name of reached) {
    if (!/\.(html|js|css)$/.test(name)) continue
    const text = withoutLater(readFileSync(join(folder, name), 'utf8'), name)
    for (const other of all) if (text.includes(basename(other))) reached.add(other)
  }
  return [...reached]
}

/** A module's text without the addresses of its dynamic imports. */
function withoutLater(text, name) {
  if (!name.endsWith('.js')) return text
  const [imports] = parse(text)
  const later = imports.filter(({ type, specifier }) => type === 'dynamic' && specifier).map((i) => i.specifier)
  // Vite names a chunk again in the list of what to preload with it.
  return later.reduce((rest, address) => rest.replaceAll(basename(address), ''), text)
}

function filesIn(folder, under = '') {
  return readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) => {
    const path = join(under, entry.name)
    return entry.isDirectory() ? filesIn(folder, path) : [path]
  })
}
