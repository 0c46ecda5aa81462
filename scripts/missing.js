// Which builds are missing or older than their sources.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** True when `output` does not exist or one of the `inputs` (files and folders) is newer. */
export function isMissing(output, inputs) {
  if (!existsSync(output)) return true
  const built = statSync(output).mtimeMs
  return inputs.some((input) => newest(input) > built)
}

function newest(path) {
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}
