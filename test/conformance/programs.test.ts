// Random programs: make_programs.py wrote them and what PyTorch made of them.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { type Case, check } from './runner'

const packed = readFileSync(new URL('./programs.json.gz', import.meta.url))
const programs = JSON.parse(gunzipSync(packed).toString()) as Case[]
const areas = [...new Set(programs.map((c) => c.area))]

/** Nothing of a program may outlive its scope. */
function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return JSON.stringify({ tensors, storages, nodes, objects, bytes })
}

function failures(c: Case): string[] {
  const before = live()
  const wrong = scope(() => check(c))
  const after = live()
  if (after !== before) wrong.push(`left behind: ${after} instead of ${before}`)
  return wrong.length ? [[c.name, ...wrong].join('\n  ')] : []
}

describe('random programs do what PyTorch does', () => {
  it.each(areas)(
    '%s',
    (area) => {
      const wrong = programs.filter((c) => c.area === area).flatMap(failures)
      expect(wrong, `${wrong.length} programs fail`).toEqual([])
    },
    30_000,
  )
})
