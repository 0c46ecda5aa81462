// The last line of .ci/run: `N passed, N failed`, over both runs of the last npm test.
import { existsSync, readFileSync } from 'node:fs'

const RUNS = ['test-results/unit-browser.json', 'test-results/e2e.json']

let passed = 0
let failed = 0
for (const run of RUNS) {
  // Without results, something failed before the first test.
  if (!existsSync(run)) {
    failed++
    continue
  }
  const { numPassedTests, numFailedTests, success, testResults } = JSON.parse(readFileSync(run, 'utf8'))
  // A file that could not be loaded has no tests to count.
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  passed += numPassedTests
  failed += success ? 0 : Math.max(1, numFailedTests + unloaded.length)
}
console.log(`${passed} passed, ${failed} failed`)
