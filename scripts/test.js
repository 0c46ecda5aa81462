// npm test: finds or installs a Chromium, builds everything, and runs all tests: in Node, in the browser, and on the built page.
// Arguments go to Vitest, for instance `npm test -- test/worker` or `npm test -- -t "article 0"`.
import { spawnSync } from 'node:child_process'
import { chromiumVersion, ensureChromium } from './chromium.js'

const args = process.argv.slice(2)
const chromium = ensureChromium()
console.log(`${chromiumVersion(chromium)} (${chromium})`)

const env = { ...process.env, CHROMIUM: chromium }
const vite = 'node_modules/vite/bin/vite.js'
const vitest = 'node_modules/vitest/vitest.mjs'

// Without the core, the library or the page there is nothing to test.
run(['scripts/build-core.js']) || process.exit(1)
run(['scripts/build-lib.js']) || process.exit(1)
run([vite, 'build', '--config', 'web/vite.config.ts', '--logLevel', 'warn']) || process.exit(1)

const projects = args.length > 0 ? ['--passWithNoTests', ...args] : []
const passed = [
  run([vitest, 'run', '--project', 'unit', '--project', 'browser', ...projects]),
  // By itself, because it measures times.
  run([vitest, 'run', '--project', 'e2e', ...projects]),
]
process.exit(passed.every(Boolean) ? 0 : 1)

function run(command) {
  return spawnSync(process.execPath, command, { stdio: 'inherit', env }).status === 0
}
