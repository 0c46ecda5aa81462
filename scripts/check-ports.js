// Holds test/autograd/ against the list of PyTorch's own tests: each is ported under its name, or diverges with a reason
// in test/divergences.md and a test `NAME diverges: ...` of what happens instead. Fails when one is neither.
import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = 'test/autograd/'
const list = readFileSync(`${FOLDER}ports.txt`, 'utf8')
const reasons = new Set(
  [...readFileSync('test/divergences.md', 'utf8').matchAll(/^\| (test_\w+) \| .+ \|$/gm)].map(([, name]) => name),
)
const titles = readdirSync(FOLDER, { recursive: true })
  .filter((name) => name.endsWith('.test.ts'))
  .flatMap((name) => [...readFileSync(FOLDER + name, 'utf8').matchAll(/\bit\(\s*'(test_\w+)( diverges: )?/g)])
const ported = new Set(titles.filter(([, , diverges]) => !diverges).map(([, name]) => name))
const shown = new Set(titles.filter(([, , diverges]) => diverges).map(([, name]) => name))

const totals = { ported: 0, diverging: 0, missing: 0 }
const missing = []
for (const [group, names] of groups(list)) {
  const count = { ported: 0, diverging: 0, missing: 0 }
  for (const name of names) {
    const state = ported.has(name) ? 'ported' : reasons.has(name) && shown.has(name) ? 'diverging' : 'missing'
    count[state]++
    totals[state]++
    if (state === 'missing') missing.push(name)
  }
  console.log(`${line(count)}  ${group}`)
}
console.log(`${line(totals)}  in all`)
for (const name of missing) console.log(`missing: ${name}`)
process.exit(missing.length === 0 ? 0 : 1)

function groups(text) {
  return text
    .split(/^\[(?=.*\]$)/m)
    .slice(1)
    .map((part) => part.trim().split('\n'))
    .map(([title, ...names]) => [title.slice(0, -1), names])
}

function line({ ported, diverging, missing }) {
  const pad = (count) => String(count).padStart(3)
  return `${pad(ported)} ported ${pad(diverging)} diverging ${pad(missing)} missing`
}
