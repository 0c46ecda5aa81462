// The object programs of programs/recorded.txt behave here as they do in CPython 3.12: which blocks are used again, how
// lists grow, what is counted, who dies when and in which order. programs/recorder.py says how the records read.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { py, torch } from '../../src/index'
import { freshPools } from './programs/pools'
import { record } from './programs/run'

interface Recorded {
  title: string
  program: string
  record: string
}

const programs: Recorded[] = readFileSync(new URL('programs/recorded.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n\n')
  .map((block) => {
    const lines = block.split('\n')
    return {
      title: lines[0].slice('== '.length),
      program: lines.slice(1, -1).join('\n'),
      record: lines.at(-1)!.slice('> '.length),
    }
  })

/** Statements beside what was seen after each, from the first that differs on. */
function compare({ program, record: expected }: Recorded): void {
  const got = record(program)
  if (got !== expected) expect(`${program}\n${got}`).toBe(`${program}\n${expected}`)
}

const isRandom = ({ title }: Recorded) => title.startsWith('random')

describe('object programs', () => {
  let giveBack: () => void
  let before: { objects: number; bytes: number }
  beforeAll(() => {
    py.gc.collect()
    giveBack = freshPools()
    before = torch.memory.stats()
  })
  afterAll(() => {
    const { objects, bytes } = torch.memory.stats()
    expect({ objects, bytes }).toEqual({ objects: before.objects, bytes: before.bytes })
    giveBack()
  })

  it('are five hundred random ones and some by hand', () => {
    expect(programs.filter(isRandom).length).toBe(500)
    expect(programs.length).toBeGreaterThanOrEqual(540)
  })

  it.each(programs.filter((each) => !isRandom(each)))('$title', compare)

  for (let from = 0; from < 500; from += 50) {
    it(`random ${from + 1} to ${from + 50}`, () => {
      for (const each of programs.filter(isRandom).slice(from, from + 50)) compare(each)
    })
  }
})
