// Article 3, "Understanding the memory model": references, counts by address, cycles and the collector.
import { describe, expect, it } from 'vitest'
import {
  type Class,
  hex,
  hold,
  type Instance,
  id,
  is_,
  type PyHandle,
  type PyInt,
  type PyList,
  ReferenceError as PyReferenceError,
  print,
  py,
  repr,
  scope,
} from '../../src/index'
import { expectNothingLeft } from '../identity/live'
import { experiment } from './experiment'

expectNothingLeft()

type Any = Record<string, PyHandle>
type Ints = Record<string, PyInt>
type Instances = Record<string, Instance>
type Lists = Record<string, PyList>

const { gc } = py
const { getrefcount } = py.sys
const ref_count = (address: number) => Number(py.ctypes.c_uint32.from_address(address).value)

/** `name = None`. */
const setNone = (f: Any, name: string): void => {
  f[name] = py.None
}

/** The article's object_by_id: is an object with this id among those that the collector knows? */
function object_by_id(address: number): string {
  return scope(() => {
    for (const object of gc.get_objects()) if (id(object) === address) return 'Object Exists'
    return 'Not Found'
  })
}

describe('references', () => {
  experiment('3.1', 'an int is an object, too: this one is always there', (f: Ints) => {
    f.a = py.int(10)
    print(hex(id(f.a)))
    print(hex(id(f.a)) === hex(id(py.int(10))))
  })

  experiment('3.2', 'assignment does not copy', (f: Ints) => {
    f.my_var = py.int(10)
    f.other_var = f.my_var
    print(is_(f.my_var, f.other_var))
    f.big = py.int(1000)
    f.also = f.big
    print(is_(f.big, f.also), is_(f.big, py.int(1000)))
  })

  experiment('3.3', 'small ints are immortal, others count their names', (f: Ints) => {
    f.my_var = py.int(10)
    f.other_var = f.my_var
    print(ref_count(id(f.my_var)), getrefcount(f.my_var))
    f.big = py.int(1000)
    f.also = f.big
    print(ref_count(id(f.big)))
  })

  experiment('3.4', 'getrefcount counts its argument, reading the count by address does not', (f: Any) => {
    f.a = py.list([1, 2, 3])
    print(getrefcount(f.a))
    print(ref_count(id(f.a)))
  })

  experiment('3.5', 'id() has a reference only while it runs', (f: Any) => {
    f.a = py.list([1, 2, 3])
    print(ref_count(id(f.a)))
    id(f.a)
    print(ref_count(id(f.a)))
  })
})

describe('a = None', () => {
  experiment('3.6', 'frees the list at once: its count is 0', (f: Lists) => {
    f.a = py.list([1, 2, 3])
    const a_address = id(f.a)
    setNone(f, 'a')
    print(ref_count(a_address))
    print(ref_count(a_address))
    print(ref_count(a_address))
  })

  experiment('3.7', 'but a REPL’s _ still has what it showed last, until it shows the count', (f: Any) => {
    const show = (value: PyHandle) => {
      print(repr(value))
      f._ = value
    }
    f.a = py.list([1, 2, 3])
    show(f.a)
    const a_address = id(f.a)
    f.a = py.None
    show(py.int(ref_count(a_address)))
    show(py.int(ref_count(a_address)))
  })

  experiment('3.8', 'leaves a block for the next list', (f: Lists) => {
    f.a = py.list([1, 2, 3])
    const a_address = id(f.a)
    setNone(f, 'a')
    print(ref_count(a_address))
    f.b = py.list(['another'])
    print(id(f.b) === a_address, ref_count(a_address))
  })

  experiment('3.9', 'a freed block of a pool begins with the address of the next one', (f: Any) => {
    f.a = py.object()
    f.b = py.object()
    const id_a = id(f.a)
    const id_b = id(f.b)
    delete f.a
    delete f.b
    print(ref_count(id_b) === id_a)
    f.b = py.object()
    print(id(f.b) === id_b, ref_count(id_b))
  })

  experiment('3.10', 'runs __del__ before the next line', (f: Instances) => {
    gc.disable()
    f.a = py.instance('A', { __del__: () => print('freed') })
    setNone(f, 'a')
    print('the next line')
  })
})

describe('the collector', () => {
  const A = () => py.instance('A', { __del__: () => print('collected') })

  /** A cycle that nobody refers to. */
  function loseCycle(f: Instances): void {
    f.a = A()
    f.a.self = f.a
    delete f.a
  }

  /** So many lists that live at one time. */
  function lists(f: Any, n: number): void {
    for (let i = 0; i < n; i++) f[`_${i}`] = py.list([])
  }

  experiment('3.11', 'finds what refers to itself only', (f: Lists) => {
    gc.disable()
    f.a = py.list([])
    f.a.append(f.a)
    const address = id(f.a)
    print(ref_count(address))
    delete f.a
    print(ref_count(address), object_by_id(address))
    print(gc.collect())
    print(ref_count(address), object_by_id(address))
  })

  experiment('3.12', 'is on, with these thresholds', () => {
    print(gc.isenabled())
    print(gc.get_threshold())
  })

  experiment('3.13', 'runs by allocations, not by time', (f: Instances) => {
    gc.collect()
    loseCycle(f)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    print('a while later')
    lists(f, 1000)
    print('after 1000 lists')
  })

  experiment('3.14', 'does not run while it is disabled, unless it is called', (f: Instances) => {
    gc.collect()
    gc.disable()
    loseCycle(f)
    lists(f, 10000)
    print('after ten thousand lists')
    print(gc.collect())
    gc.enable()
    print(gc.isenabled())
  })

  experiment('3.15', 'collects cycles whose objects have a __del__, and calls each once', (f: Instances) => {
    gc.disable()
    const A = hold(
      py.class_('A', {
        __del__() {
          print('__del__ of', this.name)
        },
      }),
    )
    f.a = A.new()
    f.b = A.new()
    f.a.name = 'a'
    f.b.name = 'b'
    f.a.other = f.b
    f.b.other = f.a
    delete f.a
    delete f.b
    print(gc.collect())
    print(gc.garbage)
    print(gc.collect())
  })

  experiment('3.16', 'knows the living containers; other objects it need not know', (f: Any) => {
    f.alive = py.list([1])
    f.text = py.str('text')
    f.number = py.float(1.5)
    f.plain = py.object()
    print(object_by_id(id(f.alive)))
    print(object_by_id(id(f.text)), object_by_id(id(f.number)), object_by_id(id(f.plain)))
  })

  experiment('3.17', 'and of dicts and tuples those that may be part of a cycle', (f: Any) => {
    gc.collect()
    f.empty = py.dict({})
    f.values = py.dict({ k: 1 })
    f.nested = py.dict({ k: py.list([]) })
    print(gc.is_tracked(f.empty), gc.is_tracked(f.values), gc.is_tracked(f.nested))
    f.pair = py.tuple([1, 2])
    f.holder = py.tuple([1, py.list([])])
    print(gc.is_tracked(f.pair), gc.is_tracked(f.holder))
    gc.collect()
    print(gc.is_tracked(f.pair), gc.is_tracked(f.holder))
  })
})

describe('the cycle of A and B', () => {
  /** class A: its constructor makes a B, which refers back to it. */
  function define(show: (name: string, self: Instance) => void = () => {}): Class {
    const B = hold(
      py.class_('B', {
        __init__(a: Instance) {
          this.a = a
          show('B', this)
        },
      }),
    )
    return hold(
      py.class_('A', {
        __init__() {
          this.b = B.new(this)
          show('A', this)
        },
      }),
    )
  }
  const b = (a: Instance) => a.b as Instance

  experiment('3.18', 'each has the address of the other', (f: Instances) => {
    const A = define((name, self) => {
      const other = name === 'A' ? 'b' : 'a'
      print(`${name}: self:${hex(id(self))},${other}:${hex(id(self[other] as Instance))}`)
    })
    gc.disable()
    f.a = A.new()
  })

  experiment('3.19', 'outlives its last name, until the collector comes', (f: Instances) => {
    const A = define()
    gc.disable()
    f.a = A.new()
    const id_a = id(f.a)
    const id_b = id(b(f.a))
    print(ref_count(id_a))
    print(ref_count(id_b))
    print(object_by_id(id_a))
    print(object_by_id(id_b))
    setNone(f, 'a')
    print(ref_count(id_a))
    print(ref_count(id_b))
    gc.collect()
    print(object_by_id(id_a))
    print(object_by_id(id_b))
    print(ref_count(id_a))
    print(ref_count(id_b))
  })

  experiment('3.20', 'who refers to a: its name and b, not itself', (f: Instances) => {
    const A = define()
    gc.disable()
    f.a = A.new()
    const times = (by: Instance) => [...gc.get_referrers(f.a)].filter((referrer) => is_(referrer, by)).length
    print(times(f.a))
    print(times(b(f.a)))
    b(f.a).a = null
    print(ref_count(id(f.a)))
  })

  experiment('3.21', 'other instances take the blocks', (f: Instances) => {
    const A = define()
    const Other = hold(py.class_('Other'))
    gc.collect()
    f.a = A.new()
    const ids = [id(f.a), id(b(f.a))]
    setNone(f, 'a')
    gc.collect()
    f.x = Other.new()
    f.y = Other.new()
    print(String([id(f.x), id(f.y)].sort()) === String([...ids].sort()))
    print(ref_count(ids[0]), ref_count(ids[1]))
  })

  experiment('3.22', 'a weak reference sees it go', (f: Instances) => {
    const A = hold(py.class_('A'))
    gc.disable()
    f.a = A.new()
    const ref = hold(py.weakref.ref(f.a))
    f.a.self = f.a
    delete f.a
    print(ref.deref() === null)
    gc.collect()
    print(ref.deref() === null)
  })

  experiment('3.23', 'a __del__ may bring its object back, once', (f: Instances) => {
    const kept = hold(py.list([]))
    const A = hold(
      py.class_('A', {
        __del__() {
          print('__del__')
          kept.append(this)
        },
      }),
    )
    gc.disable()
    f.a = A.new()
    f.a.self = f.a
    delete f.a
    print(gc.collect(), kept.len())
    const first = kept.at(0) as Instance
    first.self = null
    kept.clear()
    print(gc.collect(), kept.len())
  })

  it('3.24 what is left is an address: any other use of the object is an error', () => {
    scope((f: Lists) => {
      f.l = py.list([1])
      const { l } = f
      const address = id(l)
      delete f.l
      expect(ref_count(address)).toBe(0)
      for (const use of [() => id(l), () => l.append(2), () => repr(l), () => py.list([l])]) {
        expect(use).toThrow(PyReferenceError)
        expect(use).toThrow('this list was freed by del f.l: nothing referred to it any more')
      }
    })
  })
})
