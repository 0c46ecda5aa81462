import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { scope, set_warning_sink, torch } from '../../src/index'
import { type Case, check } from './runner'

// What a program's tensors are is looked at, `.grad` of non-leaves too.
set_warning_sink(() => {})

const programs = JSON.parse(
  gunzipSync(readFileSync(new URL('./programs.json.gz', import.meta.url))).toString(),
) as Case[]

function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

describe('random programs that real PyTorch ran', () => {
  it('are two thousand', () => {
    expect(programs).toHaveLength(2000)
  })

  it.each(programs.map((program) => [program.name, program] as const))('%s', (_, program) => {
    const before = live()
    expect(scope(() => check(program))).toEqual([])
    expect(live()).toEqual(before)
  })
})
