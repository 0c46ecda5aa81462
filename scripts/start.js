// npm start: builds the core where it is missing or old, starts the playground and opens it in the browser, if there is one.
import { execFileSync } from 'node:child_process'
import { createServer } from 'vite'
import { isMissing } from './missing.js'

const sources = ['assembly', 'asconfig.json']
const targets = [
  ['release', 'build/core.wasm'],
  ['relaxed', 'build/core.relaxed.wasm'],
]
const missing = targets.filter(([, output]) => isMissing(output, sources)).map(([target]) => target)
if (missing.length > 0) {
  console.log('Compiling the core ...')
  execFileSync(process.execPath, ['scripts/build-core.js', ...missing], { stdio: 'inherit' })
}

const hasScreen = process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)
const server = await createServer({
  configFile: 'web/vite.config.ts',
  server: { open: hasScreen && !process.env.CI },
})
await server.listen()
console.log('backward0 playground:')
server.printUrls()
