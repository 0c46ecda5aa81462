// Prints what a reader downloads, gzipped, and fails above the budgets.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const KB = 1024

const passed = [
  check(
    'core + library',
    120 * KB,
    'dist',
    readdirSync('dist').filter((name) => /\.(js|wasm)$/.test(name)),
  ),
  check("page's first load", 350 * KB, 'web/dist', filesIn('web/dist')),
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

function filesIn(folder, under = '') {
  return readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) => {
    const path = join(under, entry.name)
    return entry.isDirectory() ? filesIn(folder, path) : [path]
  })
}
