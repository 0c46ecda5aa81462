// npm test: finds or installs a Chromium, builds everything, and runs all tests: in Node, in the browser, and on the built page.
// Arguments go to Vitest, for instance `npm test -- test/worker` or `npm test -- -t "article 0"`.
import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { chromiumVersion, ensureChromium } from './chromium.js'

const args = process.argv.slice(2)
const chromium = ensureChromium()
console.log(`${chromiumVersion(chromium)} (${chromium})`)

rmSync('test-results', { recursive: true, force: true })
const env = { ...process.env, CHROMIUM: chromium }
const vite = 'node_modules/vite/bin/vite.js'
const vitest = 'node_modules/vitest/vitest.mjs'

// Without the core, the library or the page there is nothing to test.
run(['scripts/build-core.js']) || process.exit(1)
run(['scripts/build-lib.js']) || process.exit(1)
run([vite, 'build', '--config', 'web/vite.config.ts', '--logLevel', 'warn']) || process.exit(1)

// The end-to-end tests run by themselves, because they measure times.
const passed = [test('unit', 'browser'), test('e2e')]
process.exit(passed.every(Boolean) ? 0 : 1)

function test(...projects) {
  const results = `test-results/${projects.join('-')}.json`
  return run([
    ...[vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${results}`],
    ...projects.flatMap((project) => ['--project', project]),
    ...(args.length > 0 ? ['--passWithNoTests', ...args] : []),
  ])
}

function run(command) {
  return spawnSync(process.execPath, command, { stdio: 'inherit', env }).status === 0
}
