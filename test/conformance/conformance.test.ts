import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { scope, set_warning_sink, torch } from '../../src/index'
import { type Case, check, exists } from './runner'

// What a program's tensors are is looked at, `.grad` of non-leaves too.
set_warning_sink(() => {})

const cases = JSON.parse(readFileSync(new URL('./cases.json', import.meta.url), 'utf8')) as Case[]
const runnable = cases.filter(exists)
const areas = [...new Set(cases.map((c) => c.area))]
const passed = new Map(areas.map((area) => [area, 0]))

/** Nothing of a case may outlive its scope. */
function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

describe('programs that real PyTorch ran', () => {
  for (const c of runnable) {
    it(c.name, () => {
      const before = live()
      expect(scope(() => check(c))).toEqual([])
      expect(live()).toEqual(before)
      passed.set(c.area, passed.get(c.area)! + 1)
    })
  }

  afterAll(() => {
    const rows = areas.map((area) => {
      const inArea = cases.filter((c) => c.area === area)
      return `${area.padEnd(10)} ${passed.get(area)} passed of ${inArea.filter(exists).length} whose ops exist, ${inArea.length} in all`
    })
    const total = [...passed.values()].reduce((a, b) => a + b, 0)
    console.log(
      `conformance\n${rows.join('\n')}\n${'total'.padEnd(10)} ${total} of ${runnable.length}, ${cases.length} in all`,
    )
  })
})
