// Executes divergences.md, row by row.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { np, py, scope, torch } from '../src/index'

const text = readFileSync(new URL('divergences.md', import.meta.url), 'utf8')
const rows = [...text.matchAll(/^\| `(.+?)` \| (.+?) \| `(.+)` \|$/gm)].map(([, program, theirs, ours]) => ({
  program,
  theirs,
  ours,
}))

function outcome(program: string): string {
  try {
    return String(new Function('torch', 'np', 'py', `return ${program}`)(torch, np, py))
  } catch (error) {
    return String(error)
  }
}

describe('divergences from PyTorch', () => {
  it('are rows of the table', () => {
    const lines = text.split('\n').filter((line) => line.startsWith('| `'))
    expect(rows).toHaveLength(lines.length)
  })

  it.each(rows)('$program', ({ program, theirs, ours }) => {
    expect(scope(() => outcome(program))).toBe(ours)
    expect(`\`${ours}\``, 'no divergence any more').not.toBe(theirs)
  })
})
