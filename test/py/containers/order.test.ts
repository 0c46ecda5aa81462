// In which order the objects of a container die, and what their `__del__` sees of it.
import { describe, expect, test } from 'vitest'
import { type Frame, py, scope } from '../../../src/index'
import type { PyDict } from '../../../src/py/dict'
import type { PyList } from '../../../src/py/list'
import type { PyTuple } from '../../../src/py/tuple'
import { expectNothingLeft } from '../../identity/live'
import { attempt, fixture } from './fixture'

expectNothingLeft()

type Container = PyList | PyTuple | PyDict
type Holding<C> = Frame & { c: C }

const log: (string | number)[] = []

const A = (name: string | number, then?: () => void) =>
  py.instance('A', {
    __del__() {
      log.push(name)
      then?.()
    },
  })

const As = (names: string) => [...names].map((name) => A(name))
const letters = () => py.list(As('abcdefgh'))
const keyed = () => py.dict(new Map([...'abcd'].map((name) => [A(`k${name}`), A(`v${name}`)])))
const named = () => py.dict(new Map([...'abcd'].map((name) => [name, A(name)])))

/** The names in the order of their death while `act` runs, and those that died with the container afterwards. */
function watched<C extends Container>(make: () => C, act: (container: C) => void): (string | number)[] {
  scope((f: Holding<C>) => {
    f.c = make()
    log.length = 0
    act(f.c)
    log.push('|')
  })
  return [...log]
}

/** Each level holds the next one and an A. */
function nest(level: (a: unknown, inner: unknown) => Container): Container {
  let container = level(A(0), null)
  for (let i = 1; i < 170; i++) container = level(A(i), container)
  return container
}

const nothing = () => {}

const ORDER: Record<string, () => (string | number)[]> = {
  list: () => watched(letters, nothing),
  tuple: () => watched(() => py.tuple(As('abcdefgh')), nothing),
  dict: () => watched(keyed, nothing),
  'list.clear': () => watched(letters, (l) => l.clear()),
  'del list[2]': () => watched(letters, (l) => l.del_at_(2)),
  'del list[1:4]': () => watched(letters, (l) => l.del_at_('1:4')),
  'del list[::3]': () => watched(letters, (l) => l.del_at_('::3')),
  'del list[::-3]': () => watched(letters, (l) => l.del_at_('::-3')),
  'list[1:4] = ...': () => watched(letters, (l) => l.set_at_('1:4', As('x'))),
  'list[:] = ...': () => watched(letters, (l) => l.set_at_(':', [])),
  'list[::-3] = ...': () => watched(letters, (l) => l.set_at_('::-3', As('xyz'))),
  'list *= 0': () => watched(letters, (l) => void l.imul_(0)),
  'list.pop': () => watched(letters, (l) => void py.tuple([l.pop(), l.pop(0)]).len()),
  'list + list': () => watched(letters, (l) => void l.add(As('xy')).len()),
  'dict[k] = ...': () => watched(named, (d) => d.set_at_('b', 1)),
  'del dict[k]': () => watched(named, (d) => d.del_at_('b')),
  'dict.pop': () => watched(named, (d) => d.pop('c').dispose()),
  'dict.popitem': () => watched(keyed, (d) => d.popitem().dispose()),
  'dict.clear': () => watched(keyed, (d) => d.clear()),
  'dict.update': () => watched(named, (d) => d.update({ a: 1, c: A('x') })),
  // More than fifty levels: the trashcan.
  'lists in lists': () => watched(() => nest((a, inner) => py.list([a, inner])), nothing),
  'lists before': () => watched(() => nest((a, inner) => py.list([inner, a])), nothing),
  'tuples in tuples': () => watched(() => nest((a, inner) => py.tuple([a, inner])), nothing),
  'dicts in dicts': () => watched(() => nest((a, c) => py.dict({ a, c })), nothing),

  replacing() {
    scope((f: Holding<PyList>) => {
      f.c = py.list(As('ab'))
      f.c.set_at_(
        0,
        A('x', () => log.push(f.c.len())),
      )
      log.length = 0
      f.c.set_at_(0, 1)
      f.c.append(A('y', () => f.c.append(A('z'))))
      f.c.clear()
      log.push(f.c.len())
      f.c.clear()
    })
    return [...log]
  },

  updating() {
    scope((f: Frame & { d: PyDict; e: PyDict }) => {
      f.d = py.dict({ k: A('a', () => f.e.clear()) })
      f.e = py.dict({ k: 1, l: 2 })
      log.length = 0
      log.push(attempt(() => f.d.update(f.e)))
      log.push(String(f.d))
    })
    return [...log]
  },
}

describe('as in CPython', () => {
  test.each(Object.entries(fixture.order))('%s', (name, wanted) => {
    expect(ORDER[name]()).toEqual(wanted)
  })
})

test.each([
  ['lists', (inner: unknown) => py.list([inner])],
  ['tuples', (inner: unknown) => py.tuple([inner])],
  ['dicts', (inner: unknown) => py.dict({ inner })],
])('100,000 %s in each other die without a deep stack', (_, level) => {
  scope((f: Frame & { c: unknown }) => {
    f.c = level(null)
    for (let i = 0; i < 100_000; i++) f.c = level(f.c)
  })
})
