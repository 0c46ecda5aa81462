// Fails when a file imports what its layer may not see. The table is the law; DESIGN: an arrow never points up.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/// Layers of the core, lowest first: a file may import its own layer and those before it. The records are one layer: a tensor owns
/// its autograd record, that a node, and the node tensors, so each must be able to let go of the others.
const CORE_LAYERS = [
  ['assembly/abi', 'assembly/error.ts', 'assembly/tensor/dtype.ts'],
  ['assembly/memory/'],
  [
    'assembly/object/',
    'assembly/tensor/',
    'assembly/autograd/closers.ts',
    'assembly/autograd/history.ts',
    'assembly/autograd/meta.ts',
    'assembly/autograd/mode.ts',
    'assembly/autograd/node.ts',
    'assembly/autograd/packed.ts',
    'assembly/autograd/places.ts',
    'assembly/autograd/retainer.ts',
    'assembly/autograd/saved.ts',
  ],
  ['assembly/ops/'],
  ['assembly/autograd/'],
  ['assembly/object_exports.ts'],
  ['assembly/index.ts'],
]

/// The row with the longest `files` that a path begins with holds; it may import what belongs to one of `sees`.
const RULES = [
  ...CORE_LAYERS.flatMap((layer, index) =>
    layer.map((files) => ({ files, sees: CORE_LAYERS.slice(0, index + 1).flat() })),
  ),
  { files: 'assembly/', sees: [] },
  { files: 'src/torch/ops.ts', sees: ['assembly/abi', 'src/torch/op_rows.ts'] },
  { files: 'src/torch/op_rows.ts', sees: ['assembly/abi'] },
  { files: 'src/core/', sees: ['src/core/', 'assembly/abi'] },
  { files: 'src/torch/', sees: ['src/torch/', 'src/core/', 'assembly/abi'] },
  { files: 'src/np/', sees: ['src/np/', 'src/torch/', 'src/core/', 'assembly/abi'] },
  { files: 'src/py/', sees: ['src/py/', 'src/torch/', 'src/core/', 'assembly/abi'] },
  { files: 'src/webgpu/', sees: ['src/webgpu/', 'src/torch/', 'src/core/', 'assembly/abi'] },
  { files: 'src/dialect/', sees: ['src/dialect/'], packages: true },
  { files: 'src/worker/', sees: ['src/worker/', 'src/index.ts', 'src/manual.ts'], packages: true },
  { files: 'src/', sees: ['src/core/', 'src/torch/', 'src/np/', 'src/py/', 'src/webgpu/'] },
  {
    files: 'web/',
    sees: ['web/', 'src/index.ts', 'src/manual.ts', 'src/dialect/', 'src/worker/', 'build/'],
    packages: true,
  },
]

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*)(['"])([^'"]+)\1/g

const problems = []
let files = 0
for (const file of ['assembly', 'src', 'web'].flatMap(sourcesIn)) {
  files++
  const rule = ruleFor(file)
  for (const [, , specifier] of withoutComments(readFileSync(file, 'utf8')).matchAll(IMPORT)) {
    const problem = judge(file, rule, specifier)
    if (problem) problems.push(`${file} imports ${specifier}: ${problem}`)
  }
}

for (const problem of problems) console.error(problem)
console.log(`layers: ${files} files, ${problems.length} wrong imports`)
process.exit(problems.length > 0 ? 1 : 0)

function ruleFor(path) {
  const rules = RULES.filter(({ files }) => path.startsWith(files))
  return rules.sort((a, b) => b.files.length - a.files.length)[0]
}

function judge(file, rule, specifier) {
  if (!rule) return 'no rule in scripts/check-layers.js covers this file'
  if (specifier === '.') return null
  if (!specifier.startsWith('.')) {
    if (rule.packages || specifier.startsWith('node:')) return null
    return 'the library depends on no package'
  }
  const target = posix.join(dirname(file), specifier.replace(/\?.*$/, ''))
  const path = /\.\w+$/.test(target) ? target : `${target}.ts`
  // What a longer row names belongs to that row alone: assembly/autograd/ does not include its records.
  const { files: owner = path } = ruleFor(path) ?? {}
  if (owner === rule.files || rule.sees.some((prefix) => path === prefix || owner.startsWith(prefix))) return null
  // The core's builds are what src/core/ loads.
  if (file.startsWith('src/core/') && path.startsWith('build/')) return null
  return `${rule.files} sees only ${rule.sees.join(', ') || 'nothing'}`
}

function sourcesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return ['dist', 'examples', 'node_modules'].includes(entry.name) ? [] : sourcesIn(path)
    return /\.ts$/.test(entry.name) ? [path] : []
  })
}

function withoutComments(source) {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}
