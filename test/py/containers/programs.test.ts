// Random method calls, each with its result, its error, the container after it and its size in bytes, as in CPython.
import { describe, expect, test } from 'vitest'
import { hold, py, scope } from '../../../src/index'
import { expectNothingLeft } from '../../identity/live'
import { firstDifference, fixture, read } from './fixture'

expectNothingLeft()

describe.each([
  ['list', fixture.lists, (items: unknown) => py.list(py.list(items))],
  ['tuple', fixture.tuples, py.tuple],
  ['dict', fixture.dicts, py.dict],
] as const)('%s', (_, programs, make) => {
  test.each(programs.map((program, i) => [i, program] as const))('program %i', (_, program) => {
    expect(scope(() => firstDifference(program, hold(make(read(program.start)))))).toBeNull()
  })
})
