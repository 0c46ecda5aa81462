// Compiles the AssemblyScript core for every target in asconfig.json that is named on the command line (default: all).
import { mkdirSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const targets = process.argv.length > 2 ? process.argv.slice(2) : ['debug', 'release', 'relaxed']
mkdirSync('build', { recursive: true })
for (const target of targets) {
  const { error, stderr } = await asc.main(['--config', 'asconfig.json', '--target', target])
  process.stderr.write(stderr.toString())
  if (error) process.exit(1)
  console.log(`core: ${target} built`)
}
