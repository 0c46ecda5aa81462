// Builds what is missing, then measures; one file a subject in bench/. `npm run bench -- chain` runs those that match.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { isMissing } from './missing.js'

if (isMissing('dist/index.js', ['assembly', 'src'])) execFileSync('npm', ['run', 'build'], { stdio: 'inherit' })
const wanted = process.argv[2] ?? ''
for (const file of readdirSync('bench').filter((name) => name.endsWith('.bench.js') && name.includes(wanted))) {
  execFileSync(process.execPath, ['--expose-gc', `bench/${file}`], { stdio: 'inherit' })
}
