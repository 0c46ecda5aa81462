// Bad calls: the error's class and text are PyTorch's, nothing has changed when one is thrown, and nothing is left behind.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { scope, set_warning_sink, torch } from '../../src/index'
import { type Env, execute, type Statement, state } from './programs'

// What a program's tensors are is looked at, `.grad` of non-leaves too.
set_warning_sink(() => {})

interface Program {
  code: string
  steps: Statement[]
  errors: { at: number; type: string; message: string }[]
  left: Record<string, unknown>
}

const sections: { title: string; cases: Program[] }[] = JSON.parse(
  readFileSync(new URL('./fixture.json', import.meta.url), 'utf8'),
)

function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

function run(program: Program) {
  const env: Env = new Map()
  const errors: Program['errors'] = []
  program.steps.forEach((step, at) => {
    const before = scope(() => state(env))
    try {
      execute(env, step)
    } catch (error) {
      const { name: type, message } = error as Error
      errors.push({ at, type, message })
      expect(
        scope(() => state(env)),
        'what the statement left',
      ).toEqual(before)
    }
  })
  return { errors, left: state(env) }
}

/** Six digits of every fraction: results may differ in the last place. */
const rounded = (state: unknown): unknown =>
  JSON.parse(JSON.stringify(state), (_, value) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value,
  )

for (const { title, cases } of sections) {
  describe(title, () => {
    it.each(cases.map((program) => [program.code, program] as const))('%s', (_, program) => {
      const before = live()
      scope(() => {
        const { errors, left } = run(program)
        expect(errors).toEqual(program.errors)
        expect(rounded(left)).toEqual(rounded(program.left))
      })
      expect(live()).toEqual(before)
    })
  })
}

describe('a leaf view whose base was written', () => {
  const stale = () => {
    const x = torch.ones(2)
    const v = x.at('0:1').requires_grad_()
    x.mul_(torch.ones(2, { requires_grad: true }))
    return v
  }
  // The programs above cannot say this: they look at every grad_fn before every statement.
  it('is a leaf still, until its grad_fn is read', () => {
    scope(() => {
      expect(() => stale().add_(1)).toThrow(
        'a leaf Variable that requires grad is being used in an in-place operation.',
      )
      const v = stale()
      v.grad_fn
      expect(v.add_(1).tolist()).toEqual([2])
    })
  })
})
