// Article 2, "Why does the address of a local variable never change?": one function whose local is made anew at each call.
import { describe, expect, it } from 'vitest'
import {
  type Class,
  hold,
  type Instance,
  id,
  is_,
  type PyObject,
  TypeError as PyTypeError,
  print,
  py,
  scope,
  torch,
} from '../../src/index'
import { expectNothingLeft, printed } from '../identity/live'
import { differs, experiment } from './experiment'

expectNothingLeft()

type Objects = Record<string, PyObject>
type Instances = Record<string, Instance>

const { getrefcount } = py.sys
const ref_count = (address: number) => Number(py.ctypes.c_uint32.from_address(address).value)

/** class Son(object): def __del__(self): print('Deleting instance') */
const defineSon = () => hold(py.class_('Son', { __del__: () => print('Deleting instance') }))

/** Calls a function of the articles: its locals are those of a new frame. */
function times<F extends object>(n: number, test: (f: F) => void): void {
  for (let i = 0; i < n; i++) scope(test)
}

describe('the id of the local', () => {
  experiment('2.1', 'is the same at each call', () => {
    times(4, (f: Objects) => {
      f.ins = py.object()
      print(id(f.ins))
    })
  })

  experiment('2.2', 'and its reference count is 2', () => {
    times(3, (f: Objects) => {
      f.ins = py.object()
      print(id(f.ins))
      const ref = getrefcount(f.ins)
      print(`引用计数: ${ref}`)
    })
  })

  experiment('2.3', 'one of the two is the argument of getrefcount', (f: Objects) => {
    f.ins = py.object()
    print(getrefcount(f.ins), ref_count(id(f.ins)))
    f.other = f.ins
    print(getrefcount(f.ins), ref_count(id(f.ins)))
    print(getrefcount(py.object()))
  })

  experiment('2.4', 'is the same when the function deletes the local', () => {
    times(3, (f: Objects) => {
      f.ins = py.object()
      print(id(f.ins))
      delete f.ins
    })
  })

  experiment('2.5', 'because del frees the object, then and there', () => {
    const Son = defineSon()
    py.gc.disable()
    scope((f: Instances) => {
      f.ins = Son.new()
      delete f.ins
      print('after del')
    })
  })

  experiment('2.6', 'each of these objects is deleted before the next is made', () => {
    const Son = defineSon()
    times(3, (f: Instances) => {
      f.ins = Son.new()
      print(id(f.ins))
    })
  })

  experiment('2.7', 'differs while somebody keeps the objects', (kept: Objects) => {
    let n = 0
    times(3, (f: Objects) => {
      f.ins = py.object()
      kept[`_${n++}`] = f.ins
      print(id(f.ins))
    })
  })

  experiment('2.8', 'may be that of an object that lived earlier, not of one that lives', (f: Objects) => {
    const first = id(py.object())
    print(id(py.object()) === first)
    print(is_(py.object(), py.object()))
    f.a = py.object()
    f.b = py.object()
    print(id(f.a) === id(f.b))
  })
})

describe('where the memory comes from', () => {
  experiment('2.9', 'a pool gives back last what it took last', (f: Objects) => {
    const names = ['a', 'b', 'c']
    for (const name of names) f[name] = py.object()
    const ids = names.map((name) => id(f[name]))
    for (const name of names) delete f[name]
    for (const name of names) f[name] = py.object()
    print(names.map((name) => ids.indexOf(id(f[name]))))
  })

  experiment('2.10', 'neighbours are 16 bytes apart', (f: Objects) => {
    // Whatever was freed before is taken first: then come blocks that nobody had.
    const names = Array.from({ length: 2000 }, (_, i) => `_${i}`)
    for (const name of names) f[name] = py.object()
    print(id(f._1999) - id(f._1998) === 16)
    print(py.sys.getsizeof(f._0))
  })

  experiment('2.12', 'the call takes a block, the end of its object gives it back', () => {
    const { objects } = torch.memory.stats()
    scope((f: Objects) => {
      for (let i = 0; i < 100; i++) f[`_${i}`] = py.object()
      print(torch.memory.stats().objects - objects === 100, true)
    })
    expect(torch.memory.stats().objects).toBe(objects)
  })

  experiment('2.16', 'an object of another type may get the block, one of another size does not', (f: Instances) => {
    const A = hold(py.class_('A'))
    const B = hold(py.class_('B'))
    f.a = A.new()
    const before = id(f.a)
    delete f.a
    f.b = B.new()
    print(id(f.b) === before, (f.b.__class__ as Class).__name__)
    delete f.b
    print(id(py.object()) === before)
  })
})

describe('what the instructions do', () => {
  function test(f: Objects): void {
    f.ins = py.object()
    print(id(f.ins))
  }
  /** The events of a call of test(): the bytecode and, between it, what happens to its object. */
  const traced = () => py.trace(() => scope(test))

  experiment('2.11', 'the bytecode of test', () => {
    const bytecode = traced().filter(({ op, address }) => address === undefined && op !== 'RESUME')
    print(...bytecode.map(({ op }) => op))
  })

  it('2.17 the trace shows what happens between them', () => {
    let events: string[] = []
    printed(() => {
      events = traced().map(({ op, name, refcount }) => `${op} ${name ?? refcount ?? ''}`.trim())
    })
    expect(events).toEqual([
      'RESUME',
      'LOAD_GLOBAL object',
      'CALL',
      'pool_alloc',
      'STORE_FAST ins',
      'LOAD_GLOBAL print',
      'LOAD_GLOBAL id',
      'LOAD_FAST ins',
      'CALL',
      'INCREF 2',
      'DECREF 1',
      'CALL',
      'POP_TOP',
      'RETURN_CONST',
      'DECREF 0',
      'dealloc',
      'pool_free',
    ])
  })

  experiment('2.13', 'binding, binding again, binding to itself', (f: Record<string, PyObject | null>) => {
    const count = () => ref_count(id(f.ins!))
    f.ins = py.object()
    print('bound:', count())
    f.other = f.ins
    print('loaded and bound again:', count())
    f.ins = f.other
    print('bound to itself:', count())
    f.other = null
    print('the old one is given up:', count())
  })

  experiment('2.14', 'the local dies at the return', () => {
    const Son = defineSon()
    scope((f: Instances) => {
      f.ins = Son.new()
      print('the last line of test')
    })
    print('after the call')
  })

  differs('2.15', 'a deleted name is undefined, and no object', ['undefined'], (f: Objects) => {
    f.ins = py.object()
    delete f.ins
    print(typeof f.ins)
    expect(() => id(f.ins)).toThrow(PyTypeError)
  })
})
