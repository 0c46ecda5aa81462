// The collector, finalisers and weak references against CPython 3.12: fixture.json is what make_fixture.py saw there.
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { hold, py, repr, scope } from '../../../src/index'
import { expectNothingLeft } from '../../identity/live'
import { programs, type Stage } from './programs'

interface Fixture {
  programs: Record<string, { shows: string; says: string[] }>
  texts: Record<string, string>
  sizes: number[]
}

const fixture: Fixture = JSON.parse(readFileSync(new URL('fixture.json', import.meta.url), 'utf8'))
const { gc, weakref } = py

expectNothingLeft()
afterEach(() => {
  gc.unfreeze()
  gc.set_threshold(700, 10, 10)
  gc.collect()
  gc.enable()
})

/** Runs a program as make_fixture.py does. */
function said(name: string): string[] {
  const lines: string[] = []
  const say = (...values: unknown[]) => {
    const text = values.length === 1 && typeof values[0] === 'string' ? values[0] : values.map(repr).join(' ')
    lines.push(text)
  }
  gc.disable()
  scope((f: Stage['f']) => {
    scope((classes: Record<string, ReturnType<typeof py.class_>>) => {
      let words: Parameters<Stage['lastWords']>[0] | null = null
      classes.Plain = py.class_('Plain')
      classes.Loud = py.class_('Loud', {
        __init__(name: unknown) {
          this.name = name
        },
        __del__() {
          say(`del ${this.name}`)
          words?.(this as never)
        },
      })
      programs[name]({
        say,
        plain: () => classes.Plain.new() as never,
        loud: (name) => classes.Loud.new(name) as never,
        lastWords(next) {
          words = next
        },
        f,
      })
    })
  })
  gc.disable()
  return lines
}

it('has every program', () => expect(Object.keys(programs)).toEqual(Object.keys(fixture.programs)))

describe.each(Object.entries(fixture.programs))('%s', (name, { shows, says }) => {
  it(shows, () => expect(said(name)).toEqual(says))
})

describe("errors are CPython's", () => {
  const B = () => hold(py.class_('B')) as ReturnType<typeof py.class_>
  const failing: Record<string, () => unknown> = {
    read: () => B().new().x,
    delete: () => delete B().new().x,
    class: () => B().foo,
    arguments: () => B().new(1),
    init: () => py.class_('E', { __init__: () => 3 }).new(),
    collect: () => gc.collect(3),
    'collect negative': () => gc.collect(-1),
    'collect str': () => gc.collect('a' as never),
    'collect float': () => gc.collect(1.5),
    objects: () => gc.get_objects(3),
    'objects negative': () => gc.get_objects(-2),
    'objects str': () => gc.get_objects('a' as never),
    threshold: () => gc.set_threshold(),
    'threshold str': () => gc.set_threshold('a' as never),
    'threshold many': () => gc.set_threshold(1, 2, 3, 4),
    'weak list': () => weakref.ref(py.list()),
    'weak int': () => weakref.ref(1 as never),
    'weak None': () => weakref.ref(py.None),
    'weak object': () => weakref.ref(py.object()),
    'weak dict': () => weakref.ref(py.dict()),
    'weak tuple': () => weakref.ref(py.tuple([])),
    'class name': () => py.class_(3 as never),
  }

  it.each(Object.entries(fixture.texts))('%s: %s', (name, text) => {
    scope(() => {
      let caught: unknown
      try {
        failing[name]()
      } catch (error) {
        caught = error
      }
      expect(String(caught)).toBe(text)
    })
  })
})
