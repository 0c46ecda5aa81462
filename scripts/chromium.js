// Finds the Chromium that the browser tests run in, or installs one.
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright'

// No sandbox, because CI runs as root; no traffic of its own; WebGPU on the software adapter.
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
]

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/** The path of an installed Chromium, or null: $CHROMIUM, one on the PATH, or Playwright's own. */
export function findChromium() {
  const { CHROMIUM, PATH = '' } = process.env
  if (CHROMIUM) {
    if (!isExecutable(CHROMIUM)) throw new Error(`CHROMIUM is ${CHROMIUM}, which cannot be executed`)
    return CHROMIUM
  }
  const folders = [...PATH.split(delimiter), '/usr/bin']
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  return [...candidates, MAC, chromium.executablePath()].find(isExecutable) ?? null
}

/** As findChromium, but installs one where there is none: Debian's package as root, else Playwright's own. */
export function ensureChromium() {
  const found = findChromium()
  if (found) return found
  console.log('No Chromium found ($CHROMIUM, chromium, google-chrome): installing one.')
  const isRoot = process.getuid?.() === 0
  if (isRoot && existsSync('/usr/bin/apt-get') && succeeds('apt-get', ['update'])) {
    succeeds('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'])
  }
  if (!findChromium()) succeeds(process.execPath, ['node_modules/playwright/cli.js', 'install', 'chromium'])
  const installed = findChromium()
  if (installed) return installed
  console.error(
    [
      'The browser tests need a Chromium, and none could be found or installed.',
      'Install one (on Debian: apt-get install chromium; anywhere: npx playwright install --with-deps chromium),',
      'or set CHROMIUM to the path of a Chromium or Chrome, and run the tests again.',
    ].join('\n'),
  )
  process.exit(1)
}

/** Its version, which also tells whether it starts at all. */
export function chromiumVersion(path) {
  return execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}

function succeeds(command, args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(command, args, { stdio: 'inherit', env }).status === 0
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
