import { describe, expect, it } from 'vitest'
import type { Op } from '../../assembly/abi'
import { scope, torch } from '../../src/index'
import { OPS } from '../../src/torch/ops'
import { CASES, type Case, NOT_DIFFERENTIABLE } from './cases'
import { expectNoLeaks } from './live'

expectNoLeaks()

/** The names of the cases that fail, with why. */
function failures(cases: readonly Case[], check: (c: Case) => boolean): string[] {
  return cases.flatMap((c) => {
    try {
      scope(() => check(c))
      return []
    } catch (error) {
      return [`${c.name}: ${String(error).split('\n')[0]}`]
    }
  })
}

const ops = Object.keys(OPS).map(Number) as Op[]

it('every op has cases, or no derivative', () => {
  const covered = new Set([...CASES.map((c) => c.op), ...NOT_DIFFERENTIABLE])
  expect(ops.filter((op) => !covered.has(op)).map((op) => OPS[op as keyof typeof OPS].name)).toEqual([])
})

describe('in double precision', () => {
  for (const op of ops) {
    const cases = CASES.filter((c) => c.op === op)
    if (cases.length === 0) continue
    const { name } = OPS[op as keyof typeof OPS]
    it(`gradcheck: ${name}`, () => {
      expect(failures(cases, (c) => torch.autograd.gradcheck(c.fn, c.inputs()))).toEqual([])
      expect(failures(cases, (c) => torch.autograd.gradcheck(c.fn, c.inputs(), { fast_mode: true }))).toEqual([])
    })
    it(`gradgradcheck: ${name}`, () => {
      expect(failures(cases, (c) => torch.autograd.gradgradcheck(c.fn, c.inputs()))).toEqual([])
      expect(
        failures(cases, (c) =>
          torch.autograd.gradgradcheck(c.fn, c.inputs(), {
            fast_mode: true,
            gen_non_contig_grad_outputs: true,
          }),
        ),
      ).toEqual([])
    })
  }
})
