// What NumPy answered (make_fixture.py), answered here: values, dtypes, strides, bases, warnings and errors.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { type Case, outcome } from './cases'

const fixture: Record<string, Case[]> = JSON.parse(readFileSync(new URL('fixture.json', import.meta.url), 'utf8'))

/** Functions whose last bits depend on the mathematical library. */
const ROUNDED = /np\.(exp|log|sin|cos|tanh)\(|\.(i?pow_?|std|matmul|dot)\(|np\.(isclose|dot|linspace)/

/** The same, numbers to a few units in the last place. */
function expectClose(mine: unknown, theirs: unknown, digits: number): void {
  if (Array.isArray(theirs)) {
    expect(Array.isArray(mine) && mine.length).toBe(theirs.length)
    theirs.forEach((item, i) => {
      expectClose((mine as unknown[])[i], item, digits)
    })
  } else if (typeof theirs === 'number' && typeof mine === 'number') {
    expect(Math.abs(mine - theirs)).toBeLessThanOrEqual(Math.abs(theirs) * digits)
  } else expect(mine).toBe(theirs)
}

describe.each(Object.entries(fixture))('%s', (group, cases) => {
  it.each(cases.map((one) => [one[2], one] as const))('%s', (program, one) => {
    const before = torch.memory.stats()
    const { is: theirs, ...rest } = one[3]
    const { is: mine, ...said } = scope(() => outcome(one))
    const where = [group, ...one.slice(0, 3)]
    if (ROUNDED.test(program) && Array.isArray(theirs) && Array.isArray(mine)) {
      expectClose(mine, theirs, theirs[1] === 'float32' ? 4e-7 : 1e-15)
    } else expect([where, mine]).toEqual([where, theirs])
    expect([where, said]).toEqual([where, rest])
    expect(torch.memory.stats()).toMatchObject({
      tensors: before.tensors,
      storages: before.storages,
      objects: before.objects,
      bytes: before.bytes,
    })
  })
})
