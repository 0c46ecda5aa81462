// Article 4, "When is an object destroyed?": counts, immortal objects, INCREF and DECREF, free lists.
import { describe, expect, it } from 'vitest'
import { u32 } from '../../src/core/memory'
import { core } from '../../src/core/wasm'
import {
  type Class,
  del_,
  hold,
  type Instance,
  id,
  is_,
  type PyHandle,
  type PyList,
  TypeError as PyTypeError,
  print,
  py,
  scope,
} from '../../src/index'
import { expectNothingLeft } from '../identity/live'
import { differs, experiment } from './experiment'

expectNothingLeft()

type Any = Record<string, PyHandle>
type Classes = Record<string, Class>
type Instances = Record<string, Instance>

const { gc } = py
const { getrefcount } = py.sys
const ref_count = (address: number) => Number(py.ctypes.c_uint32.from_address(address).value)
/** The address of an object's type stands after its count. */
const type_word = (address: number) => Number(py.ctypes.c_uint32.from_address(address + 4).value)

describe('the reference count', () => {
  experiment('4.1', 'decides: the last name destroys', (f: Instances) => {
    f.a = py.instance('A', { __del__: () => print('destroyed') })
    const address = id(f.a)
    f.b = f.a
    print(ref_count(address))
    delete f.a
    print(ref_count(address))
    delete f.b
    print('the next line')
  })

  experiment('4.10', 'falls by one with del', (f: Any) => {
    f.e = py.float(2.71)
    f.f = f.e
    const address = id(f.e)
    print(ref_count(address))
    delete f.e
    print(ref_count(address), f.f)
  })

  experiment('4.11', 'of a cycle falls to 0 too, when the collector takes it apart', (f: Record<string, PyList>) => {
    gc.disable()
    const found = (address: number) =>
      [...gc.get_objects()].some((o) => id(o) === address) ? 'Object Exists' : 'Not Found'
    f.a = py.list([])
    f.a.append(f.a)
    const address = id(f.a)
    delete f.a
    print(ref_count(address), found(address))
    gc.collect()
    print(ref_count(address), found(address))
  })

  differs('4.12', 'is a word of 32 bits; the one after it is the type', ['2', 'True'], (f: Any) => {
    f.a = py.list([1])
    f.b = f.a
    print(ref_count(id(f.a)))
    print(type_word(id(f.a)) === type_word(id(py.list([]))))
  })

  experiment('4.13', 'step by step: names, items, values', (f: Any) => {
    f.a = py.list([1, 2, 3])
    const address = id(f.a)
    const step = (line: string) => print(line, ref_count(address))
    step('a = [1, 2, 3]')
    f.b = f.a
    step('b = a')
    const c = py.list([f.a, f.a])
    f.c = c
    step('c = [a, a]')
    const d = py.dict({ k: f.a })
    f.d = d
    step("d = {'k': a}")
    id(c.pop())
    step('c.pop()')
    d.set_at_('k', null)
    step("d['k'] = None")
    delete f.b
    step('del b')
    delete f.c
    step('del c')
    f.a = py.None
    step('a = None')
  })

  experiment('4.14', 'is one more while the object is an argument', (f: Any) => {
    f.a = py.object()
    const count = (x: PyHandle) =>
      scope((call: Any) => {
        call.x = x
        return ref_count(id(x))
      })
    print(ref_count(id(f.a)), count(f.a), ref_count(id(f.a)))
  })

  experiment('4.15', 'at 0: dealloc, from the outside inwards', (f: Instances) => {
    const Part = hold(
      py.class_('Part', {
        __init__(name: string) {
          this.name = name
        },
        __del__() {
          print('dealloc of', this.name)
        },
      }),
    )
    f.outer = Part.new('outer')
    f.outer.inner = Part.new('inner')
    const inner = f.outer.inner as Instance
    inner.most = Part.new('innermost')
    f.shared = inner.most as Instance
    delete f.outer
    print('the shared one is alive:', getrefcount(f.shared))
    delete f.shared
  })

  experiment('4.16', 'Py_XINCREF and Py_XDECREF leave NULL alone', (f: Any) => {
    f.a = py.list([1])
    core.incref(id(f.a))
    print(ref_count(id(f.a)))
    core.decref(id(f.a))
    print(ref_count(id(f.a)))
    core.incref(0)
    core.decref(0)
    print('NULL is let be')
  })

  it('4.21 INCREF, DECREF and dealloc, one by one', () => {
    const counts = (code: (f: Any) => void) =>
      py
        .trace(() => scope(code))
        .filter(({ address }) => address !== undefined)
        .map(({ op, refcount }) => (refcount === undefined ? op : `${op} ${refcount}`))
    const a_and_b = counts((f) => {
      f.a = py.list([])
      f.b = f.a
      delete f.a
      f.b = py.None
    })
    expect(a_and_b.slice(1)).toEqual(['INCREF 2', 'DECREF 1', 'DECREF 0', 'dealloc', 'free_list_push'])
    const immortal = counts((f) => {
      f.a = py.None
      f.b = f.a
      delete f.a
    })
    expect(immortal).toEqual([])
  })
})

describe('immortal objects', () => {
  experiment('4.2', 'the built-in types', (f: Any) => {
    for (const thing of [
      py.list([]),
      py.dict({}),
      py.tuple([1]),
      py.str('text'),
      py.float(1.5),
      py.int(1000),
      py.object(),
      py.None,
    ]) {
      f.thing = thing
      print(ref_count(type_word(id(f.thing))))
    }
  })

  experiment('4.3', 'None, True, False, small ints, what is empty, one character', () => {
    const things = [
      py.None,
      py.True,
      py.False,
      py.int(-5),
      py.int(0),
      py.int(10),
      py.int(256),
      py.tuple([]),
      py.str(''),
      py.str('a'),
    ]
    for (const thing of things) print(getrefcount(thing))
    print([-6, -5, 256, 257].map((n) => getrefcount(py.int(n))))
  })

  experiment('4.4', 'nobody counts their references', (f: Any) => {
    const before = ref_count(id(py.None))
    f.kept = py.list(Array(1000).fill(null))
    print(ref_count(id(py.None)), before)
    delete f.kept
    print(ref_count(id(py.None)))
    print(is_(py.int(256), py.int(256)), is_(py.int(257), py.int(257)))
  })

  experiment('4.5', 'the count is the largest that fits', () => {
    print(ref_count(id(py.None)) === 2 ** 32 - 1)
  })

  experiment('4.6', 'a count of 2**31 is not lowered any more, one of 2**32 - 1 not raised either', (f: Any) => {
    f.a = py.list([1])
    const address = id(f.a)
    const write = (count: number) => {
      u32()[address / 4] = count
    }
    write(2 ** 31)
    f.b = f.a
    print(ref_count(address) - 2 ** 31)
    delete f.b
    print(ref_count(address) - 2 ** 31)
    write(2 ** 32 - 1)
    f.b = f.a
    print(ref_count(address))
    delete f.b
    print(ref_count(address))
    write(1)
  })
})

describe('names and classes', () => {
  // In Python a class is part of cycles of its own making (__mro__, __dict__), here it is not.
  differs('4.7', 'a class goes with its last reference', ['True', 'True'], (f: Classes) => {
    gc.disable()
    f.A = py.class_('A')
    const ref = hold(py.weakref.ref(f.A))
    delete f.A
    print(ref.deref() === null)
    gc.collect()
    print(ref.deref() === null)
  })

  experiment('4.8', 'del deletes the name of a class, its instances refer to it', (f: Instances) => {
    scope((g: Classes) => {
      g.A = py.class_('A')
      f.a = g.A.new()
      delete g.A
    })
    const type = (a: Instance) => a.__class__ as Class
    print(type(f.a).__name__)
    f.b = type(f.a).new()
    print(is_(type(f.a), type(f.b)))
  })

  differs(
    '4.9',
    'del takes a name; there is none afterwards',
    ['False', 'del_() takes a handle, not float'],
    (f: Any) => {
      f.e = py.float(2.71)
      delete f.e
      print('e' in f)
      try {
        del_(2.71 as never)
      } catch (error) {
        print(error)
        expect(error).toBeInstanceOf(PyTypeError)
      }
    },
  )
})

describe('destroyed, not freed: free lists', () => {
  /** How many dead lists the free list keeps. */
  const keptLists = () => py.free_lists().list.length

  experiment('4.17', 'a list leaves its block to the next list', (f: Any) => {
    f.first = py.list([1])
    const address = id(f.first)
    delete f.first
    f.other = py.tuple([0, 0, 0])
    print(id(f.other) === address)
    f.second = py.list([2])
    print(id(f.second) === address)
  })

  experiment('4.18', 'after a full collection to its pool, from where anything of that size may get it', (f: Any) => {
    const taken_by_tuple = (address: number) => {
      const names = Array.from({ length: 3000 }, (_, i) => `_${i}`)
      for (const name of names) f[name] = py.tuple([0, 0, 0])
      const taken = names.some((name) => id(f[name]) === address)
      for (const name of names) delete f[name]
      return taken
    }
    f.first = py.list([1])
    const address = id(f.first)
    delete f.first
    print(taken_by_tuple(address))
    gc.collect()
    print(taken_by_tuple(address))
  })

  experiment('4.19', 'a free list has room for 80 lists', () => {
    scope((f: Any) => {
      for (let i = 0; i < 200; i++) f[`_${i}`] = py.list([])
      gc.collect()
    })
    print(keptLists())
    scope((f: Any) => {
      for (let i = 0; i < 30; i++) f[`_${i}`] = py.list([])
      print(keptLists() <= 50)
      gc.collect()
      print(keptLists())
    })
  })

  experiment('4.20', 'lists, dicts, floats and tuples have one', (f: Any) => {
    const kinds: Record<string, () => PyHandle> = {
      list: () => py.list([1]),
      dict: () => py.dict({ k: 1 }),
      float: () => py.float(1.5),
      tuple: () => py.tuple([1, 2]),
    }
    for (const [name, make] of Object.entries(kinds)) {
      f.thing = make()
      const address = id(f.thing)
      delete f.thing
      f.thing = make()
      print(name, id(f.thing) === address)
      delete f.thing
    }
  })
})
