// py.trace shows the instructions that `dis` shows for the same code in Python (make_fixture.py has it under the same
// names), and between them what the heap does.
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Handle } from '../../../src/core/handles'
import { id, is_, print, py, repr, scope, set_print_sink, torch } from '../../../src/index'
import type { PyDict } from '../../../src/py/dict'
import type { Instance } from '../../../src/py/instance'
import { PyList } from '../../../src/py/list'
import type { PyObject } from '../../../src/py/object'
import type { PyStr } from '../../../src/py/str'
import type { TraceRecord } from '../../../src/py/trace'
import type { PyTuple } from '../../../src/py/tuple'

type Instruction = [op: string, about: string | number | null]

const fixture: Record<string, Instruction[]> = JSON.parse(
  readFileSync(new URL('fixture.json', import.meta.url), 'utf8'),
)

const isInstruction = ({ op }: TraceRecord) => /^[A-Z_]+$/.test(op) && op !== 'INCREF' && op !== 'DECREF'
const instructions = (events: readonly TraceRecord[]): Instruction[] =>
  events.filter(isInstruction).map(({ op, name, arg }) => [op, name ?? arg ?? null])
const onHeap = (events: readonly TraceRecord[]) => events.filter((event) => !isInstruction(event))

function made(f: { a: PyObject }) {
  f.a = py.object()
  return py.list([f.a, f.a])
}

/** The functions of make_fixture.py. */
const pieces: Record<string, (f: never) => unknown> = {
  article_2(f: { ins: PyObject }) {
    f.ins = py.object()
    print(id(f.ins))
  },
  lists(f: { l: PyList; r: PyList; m: PyList }) {
    f.l = py.list([1, 2, 3])
    f.r = f.l
    f.l = f.l.iadd_([4])
    f.l.append(5)
    f.m = f.l.add([6])
    repr(f.l)
  },
  deletion(f: { a?: PyObject; b: PyObject }) {
    f.a = py.object()
    f.b = f.a
    print(is_(f.b, f.a))
    delete f.a
  },
  attributes(f: { a: Instance; x: Instance }) {
    f.a = py.instance('A')
    f.a.self = f.a
    f.x = f.a.self as Instance
    delete f.a.self
    f.x.p = py.instance('A')
    const p = f.x.p as Instance
    p.q = f.x
  },
  items(f: { l: PyList; x: Handle; y: Handle }) {
    f.l = py.list([null, null])
    f.x = f.l.at(0)
    f.l.set_at_(0, 1)
    f.l.del_at_(0)
    f.y = f.l.at('1:3')
    f.l.del_at_('0:2')
    f.l.set_at_('1:2', [f.x])
  },
  displays(f: { a: PyObject; d: PyDict; e: PyDict; t: PyTuple; u: PyTuple; s: PyList; f: PyDict; z: PyList }) {
    f.a = py.object()
    f.d = py.dict({ k: f.a })
    f.e = py.dict({ k: f.a, m: f.d })
    f.t = py.tuple([f.a, f.d])
    f.u = py.tuple([1, f.a])
    f.s = py.list([f.a, 2, [f.a]])
    f.f = py.dict({})
    f.z = py.list([py.list([]), [f.a, f.a]])
  },
  calls(f: { a: PyList; b: PyList; x: Handle }) {
    f.a = py.list([py.object(), py.object()])
    f.x = f.a.copy().pop(0)
    f.a.extend([f.x, f.a.pop()])
    f.a.len()
    py.sys.getrefcount(f.a)
    py.gc.collect()
    f.b = py.list([f.a])
    f.b.eq(f.a)
    f.b.contains(f.a)
    f.a.ne(f.b)
  },
  printed(f: { a: PyObject }) {
    f.a = py.object()
    print('a', 1.5, null, true, f.a, { sep: '' })
    print()
    py.str(f.a)
  },
  returned(f: { a: PyList; b: PyList }) {
    f.a = py.list([py.object(), null])
    f.b = f.a
    return f.a.pop()
  },
  constants(f: { x: number; y: null; z: PyStr; w: number }) {
    f.x = 5
    f.y = null
    f.z = py.str('text')
    f.w = f.x
    return true
  },
  functions(f: { x: PyList; y: PyList }) {
    f.x = scope(made)
    scope(made)
    f.y = py.list([scope(made), f.x])
    return f.y
  },
  nested(f: { a: PyList; b: PyList }) {
    f.a = py.list([[py.object(), py.tuple([py.object(), 1])]])
    f.b = py.list([f.a, f.a.at(0), (f.a.at(0) as PyList).at(1)])
    ;(f.a.at(0) as PyList).del_at_(0)
    ;(f.a.at(0) as PyList).set_at_(0, f.b)
    f.a.append(id(f.b.at(1)))
  },
}

let before: { objects: number; bytes: number }
beforeEach(() => {
  set_print_sink(() => {})
  py.gc.collect()
  before = torch.memory.stats()
})
afterEach(() => {
  set_print_sink((line) => console.log(line))
  py.gc.collect()
  const { objects, bytes } = torch.memory.stats()
  expect({ objects, bytes }).toEqual({ objects: before.objects, bytes: before.bytes })
})

describe('the instructions are those of dis', () => {
  it.each(Object.keys(fixture))('%s', (name) => {
    const events = scope(() => py.trace(() => scope(pieces[name])))
    expect(instructions(events)).toEqual(fixture[name])
  })

  it('are the pieces of the fixture', () => {
    expect(Object.keys(pieces)).toEqual(Object.keys(fixture))
  })
})

describe('the heap between the instructions', () => {
  it('article 2: the block comes from its pool at CALL and goes back after the function returns', () => {
    const events = py.trace(() => scope(pieces.article_2))
    const [{ address }] = onHeap(events)
    const about = { address, type: 'object' }
    expect(events.map(({ depth: _, ...event }) => event)).toEqual([
      { op: 'RESUME', arg: 0 },
      { op: 'LOAD_GLOBAL', name: 'object' },
      { op: 'CALL', arg: 0 },
      { op: 'pool_alloc', ...about, arg: 16 },
      { op: 'STORE_FAST', name: 'ins' },
      { op: 'LOAD_GLOBAL', name: 'print' },
      { op: 'LOAD_GLOBAL', name: 'id' },
      { op: 'LOAD_FAST', name: 'ins' },
      { op: 'CALL', arg: 1 },
      { op: 'INCREF', ...about, refcount: 2 },
      { op: 'DECREF', ...about, refcount: 1 },
      { op: 'CALL', arg: 1 },
      { op: 'POP_TOP' },
      { op: 'RETURN_CONST', arg: 'None' },
      { op: 'DECREF', ...about, refcount: 0 },
      { op: 'dealloc', ...about },
      { op: 'pool_free', ...about, arg: 16 },
    ])
  })

  it('a list goes to its free list and comes back from there', () => {
    const events = py.trace(() => {
      id(py.list([]))
      id(py.list([]))
    })
    const lists = onHeap(events).filter(({ op }) => op.startsWith('free_list'))
    expect(lists.map(({ op }) => op)).toEqual(['free_list_push', 'free_list_pop', 'free_list_push'])
    expect(new Set(lists.map(({ address }) => address)).size).toBe(1)
  })

  it('a finalizer is code of its own, called by the heap', () => {
    const events = py.trace(() =>
      scope((f) => {
        f.a = py.instance('A', {
          __del__() {
            print('gone')
          },
        })
      }),
    )
    const del = events.findIndex(({ op }) => op === '__del__')
    expect(events.slice(0, del).some(({ op }) => op === 'dealloc')).toBe(true)
    expect(instructions(events.slice(del))).toEqual([
      ['RESUME', 0],
      ['LOAD_GLOBAL', 'print'],
      ['LOAD_CONST', "'gone'"],
      ['CALL', 1],
      ['POP_TOP', null],
      ['RETURN_CONST', 'None'],
    ])
  })

  it('a collection says what it found', () => {
    const events = py.trace(() => {
      scope((f: { l: PyList }) => {
        f.l = py.list([])
        f.l.append(f.l)
      })
      py.gc.collect()
    })
    const collector = onHeap(events).filter(({ op }) => op.startsWith('gc_'))
    expect(collector.map(({ op, arg, type }) => [op, type ?? arg])).toEqual([
      ['gc_start', 2],
      ['gc_unreachable', 'list'],
      ['gc_stop', 1],
    ])
  })
})

describe('a variable of JavaScript', () => {
  it('is a local without a name', () => {
    const events = scope(() =>
      py.trace(() => {
        const l = py.list([])
        l.append(1)
        l.append(2)
      }),
    )
    expect(instructions(events)).toEqual([
      ['BUILD_LIST', 0],
      ['LOAD_ATTR', 'append'],
      ['LOAD_CONST', '1'],
      ['CALL', 1],
      ['POP_TOP', null],
      ['LOAD_FAST', null],
      ['LOAD_ATTR', 'append'],
      ['LOAD_CONST', '2'],
      ['CALL', 1],
      ['POP_TOP', null],
    ])
  })
})

describe('py.trace', () => {
  it('returns frozen plain objects', () => {
    const events = py.trace(() => id(py.object()))
    expect(Object.isFrozen(events) && events.every((event) => Object.isFrozen(event))).toBe(true)
    expect(structuredClone(events)).toEqual(events)
  })

  it('of a trace has its part in it', () => {
    let inner: readonly TraceRecord[] = []
    const outer = py.trace(() => {
      id(py.object())
      inner = py.trace(() => scope(pieces.article_2))
    })
    expect(instructions(inner)).toEqual(fixture.article_2)
    expect(instructions(outer)).toEqual([
      ['LOAD_GLOBAL', 'id'],
      ['LOAD_GLOBAL', 'object'],
      ['CALL', 0],
      ['CALL', 1],
      ['POP_TOP', null],
      ...fixture.article_2,
    ])
  })

  it('leaves everything as it was: nothing is told afterwards', () => {
    const { object } = py
    const was = PyList.prototype.append
    py.trace(() => {
      scope(pieces.calls)
      expect(PyList.prototype.append).not.toBe(was)
    })
    expect(PyList.prototype.append).toBe(was)
    expect(py.object).toBe(object)
  })

  it('throws what the function throws, with the events up to there', () => {
    const error = new Error('mine')
    const run = () =>
      py.trace(() =>
        scope((f) => {
          f.a = py.object()
          throw error
        }),
      )
    expect(run).toThrow(error)
    const { trace_events } = error as unknown as { trace_events: TraceRecord[] }
    expect(instructions(trace_events)).toEqual([
      ['RESUME', 0],
      ['LOAD_GLOBAL', 'object'],
      ['CALL', 0],
      ['STORE_FAST', 'a'],
    ])
    expect(trace_events.at(-1)!.op).toBe('pool_free')
    expect(instructions(py.trace(() => scope(pieces.article_2)))).toEqual(fixture.article_2)
  })

  it('refuses what is async, and what is no function', () => {
    const asynchronous = async () => {}
    expect(() => py.trace(asynchronous)).toThrow('trace() takes a function that is not async')
    expect(() => py.trace(() => Promise.resolve(1))).toThrow('trace() takes a function that is not async')
    expect(() => py.trace(3 as never)).toThrow('trace() takes a function, not int')
  })
})

describe('py.format_trace', () => {
  it('writes a listing, the heap to the right', () => {
    const events = py.trace(() => scope(pieces.article_2))
    const at = `<object at 0x${onHeap(events)[0].address!.toString(16)}>`
    expect(py.format_trace(events)).toBe(
      [
        '    RESUME                  0',
        '    LOAD_GLOBAL             object',
        '    CALL                    0',
        `            pool_alloc              16 ${at}`,
        '    STORE_FAST              ins',
        '    LOAD_GLOBAL             print',
        '    LOAD_GLOBAL             id',
        '    LOAD_FAST               ins',
        '    CALL                    1',
        `            INCREF                  ${at} refcount 2`,
        `            DECREF                  ${at} refcount 1`,
        '    CALL                    1',
        '    POP_TOP',
        '    RETURN_CONST            None',
        `            DECREF                  ${at} refcount 0`,
        `            dealloc                 ${at}`,
        `            pool_free               16 ${at}`,
      ].join('\n'),
    )
  })
})
