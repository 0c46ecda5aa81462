import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { repr, scope, set_warning_sink } from '../../src/index'
import data from './fixture.json'
import { expectNoLeaks } from './live'
import { CHECKS, Drifts, FUNCTIONAL, inputs } from './programs'

interface Row {
  result?: string
  error?: string
  warnings?: string[]
  /** `repr` of what caused the error. */
  cause?: string
}

expectNoLeaks()
let warnings: string[] = []
let sink: Parameters<typeof set_warning_sink>[0]
beforeEach(() => {
  warnings = []
  Drifts.runs = 0
  sink = set_warning_sink((category, text) => warnings.push(`${category}: ${text}`))
})
afterEach(() => {
  set_warning_sink(sink)
})

function answer(program: () => unknown): Row {
  const row: Row = {}
  try {
    row.result = scope(() => repr(program()))
  } catch (thrown) {
    const error = thrown as Error
    row.error = `${error.name}: ${error.message}`
    if (error.cause instanceof Error) row.cause = `${error.cause.name}('${error.cause.message}')`
  }
  if (warnings.length) row.warnings = warnings
  return row
}

const fixture = data as { checks: Record<string, Row>; functional: Record<string, Row> }

describe.each([
  ['gradcheck and gradgradcheck', CHECKS, fixture.checks],
  ['torch.autograd.functional', FUNCTIONAL, fixture.functional],
])('%s as in PyTorch', (_, programs, rows) => {
  it('is asked the same', () => {
    expect(Object.keys(programs)).toEqual(Object.keys(rows))
  })
  it.each(Object.keys(rows))('%s', (name) => {
    expect(scope(() => answer(() => programs[name](inputs())))).toEqual(rows[name])
  })
})
