// A dead handle is a ReferenceError wherever it is used, and nothing has changed: every method of every type, every
// function and method that takes a handle, at each place. What reads freed memory is ctypes alone (ctypes.test.ts).
import { describe, expect, it } from 'vitest'
import {
  type Class,
  del_,
  hex,
  hold,
  type Instance,
  id,
  is_,
  np,
  type PyDict,
  type PyHandle,
  type PyInt,
  type PyList,
  ReferenceError as PyReferenceError,
  type PyTuple,
  TypeError as PyTypeError,
  type PyWeakref,
  print,
  py,
  repr,
  scope,
  torch,
  type_,
} from '../../src/index'
import { targets } from '../fuzz/exports'
import { expectNothingLeft, live } from '../identity/live'

expectNothingLeft()

/** A new object of each type, its last reference the handle's temporary one. */
const MAKE: Record<string, () => PyHandle> = {
  object: () => py.object(),
  int: () => py.int(1000),
  float: () => py.float(1.5),
  str: () => py.str('abc'),
  list: () => py.list([1, 2]),
  tuple: () => py.tuple([1, 2]),
  dict: () => py.dict({ a: 1 }),
  class: () => py.class_('A', { x: 1 }),
  instance: () => py.instance('A', { x: 1 }),
  weakref: () => py.weakref.ref(py.class_('A').new()),
}

function dead(make: () => PyHandle): PyHandle {
  const handle = make()
  handle.dispose()
  return handle
}

/** `use` throws the ReferenceError, and what lives is what lived before. */
function refused(use: () => unknown): void {
  const before = live()
  expect(use).toThrow(PyReferenceError)
  expect(use).toThrow(/^this .* was freed by /)
  expect(live()).toEqual(before)
}

/** What a dead handle still answers: what it was, what JavaScript asks of any object, and it may be disposed again. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')
const ANSWERS = new Set<string | symbol>(['constructor', 'dispose', 'toJSON', Symbol.toStringTag, INSPECT])

/** Arguments that the method would take; one 0 for all others. */
const ARGUMENTS: Record<string, unknown[]> = {
  extend: [[1]],
  update: [{ b: 1 }],
  or: [{}],
  ior_: [{}],
  set_at_: [0, 1],
  insert: [0, 1],
  setdefault: ['b', 1],
  sort: [],
  new: [],
  popitem: [],
}

type Member = [name: string, use: (handle: object) => unknown]

/** Every public method and accessor of a handle. */
function members(sample: object, given: Record<string, unknown[]> = ARGUMENTS): Member[] {
  const found = new Map<string | symbol, Member>()
  for (let level = Object.getPrototypeOf(sample); level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const key of Reflect.ownKeys(level)) {
      if (found.has(key) || ANSWERS.has(key) || (typeof key === 'string' && /^_[^_]/.test(key))) continue
      const isMethod = 'value' in Object.getOwnPropertyDescriptor(level, key)!
      found.set(key, [
        String(key),
        (handle) => {
          const member = Reflect.get(handle, key)
          const result: unknown = isMethod ? member.apply(handle, given[String(key)] ?? [0]) : member
          // A generator begins when it is asked.
          if (key === Symbol.iterator) (result as Iterator<unknown>).next()
          return result
        },
      ])
    }
  }
  return [...found.values()]
}

describe.each(Object.entries(MAKE))('a dead %s', (_, make) => {
  const names = scope(() => members(make()))
  it.each(names)('%s', (_, use) => {
    scope(() => {
      const handle = dead(make)
      refused(() => use(handle))
    })
  })

  it('as text, as a number, as a JavaScript value', () => {
    scope(() => {
      const handle = dead(make)
      refused(() => String(handle))
      refused(() => `${handle}`)
      refused(() => Number(handle))
      refused(() => handle.tolist())
    })
  })

  it('in a using declaration', () => {
    scope(() => {
      const handle = dead(make)
      refused(() => {
        using held = handle
        return held
      })
    })
  })

  it('may be disposed again', () => {
    scope(() => dead(make).dispose())
  })
})

it('attributes of a dead instance and of a dead class', () => {
  scope(() => {
    for (const make of [MAKE.instance, MAKE.class]) {
      const handle = dead(make) as Instance
      refused(() => handle.x)
      refused(() => handle.never_there)
      refused(() => {
        handle.x = 1
      })
      refused(() => delete handle.x)
    }
  })
})

/** Calls with a handle at each place of every function and method that takes one. `x` is the dead one. */
const FUNCTIONS: Record<string, ((x: never) => unknown)[]> = {
  id: [(x) => id(x)],
  is_: [(x) => is_(x, null), (x) => is_(null, x), (x) => is_(x, x)],
  hold: [(x) => hold(x)],
  del_: [(x) => del_(x)],
  type_: [(x) => type_(x)],
  print: [(x) => print(x), (x) => print(1, x), (x) => print([x]), (x) => print({ x })],
  repr: [(x) => repr(x), (x) => repr([[x]])],
  hex: [(x) => hex(x)],
  'py.hex': [(x) => py.hex(x)],
  'py.type': [(x) => py.type(x)],
  'py.int': [(x) => py.int(x)],
  'py.float': [(x) => py.float(x)],
  'py.str': [(x) => py.str(x)],
  'py.list': [(x) => py.list(x), (x) => py.list([1, x]), (x) => py.list([py.object(), x]), (x) => py.list([[x]])],
  'py.tuple': [(x) => py.tuple(x), (x) => py.tuple([1, x]), (x) => py.tuple([py.object(), x])],
  'py.dict': [
    (x) => py.dict(x),
    (x) => py.dict({ a: py.object(), x }),
    (x) => py.dict([[x, 1]]),
    (x) => py.dict([[1, x]]),
  ],
  'py.class_': [(x) => py.class_('A', { a: py.object(), x })],
  'py.instance': [(x) => py.instance('A', { a: py.object(), x })],
  'py.weakref.ref': [(x) => py.weakref.ref(x)],
  'py.weakref.getweakrefcount': [(x) => py.weakref.getweakrefcount(x)],
  'py.weakref.getweakrefs': [(x) => py.weakref.getweakrefs(x)],
  'py.gc.get_referrers': [(x) => py.gc.get_referrers(x), (x) => py.gc.get_referrers(1000, x)],
  'py.gc.get_referents': [(x) => py.gc.get_referents(x)],
  'py.gc.is_tracked': [(x) => py.gc.is_tracked(x)],
  'py.gc.is_finalized': [(x) => py.gc.is_finalized(x)],
  'py.sys.getrefcount': [(x) => py.sys.getrefcount(x)],
  'py.sys.getsizeof': [(x) => py.sys.getsizeof(x), (x) => py.sys.getsizeof([x])],
}

/** They take no handle, or none of an object. */
const OTHERS =
  /^(new .*|scope|set_print_sink|set_warning_sink|torch\..*|np\..*|py\.(object|free_lists|trace|format_trace|ctypes\.sizeof)|py\.gc\.(enable|disable|isenabled|collect|get_count|get_threshold|set_threshold|get_objects|get_stats|freeze|unfreeze|get_freeze_count|set_debug|get_debug))$/

describe('a function that is given a dead handle', () => {
  it.each(Object.keys(FUNCTIONS))('%s', (name) => {
    for (const make of Object.values(MAKE)) {
      for (const call of FUNCTIONS[name]) {
        scope(() => {
          const x = dead(make)
          refused(() => call(x as never))
        })
      }
    }
  })

  it('this list has them all', () => {
    const all = targets().filter(({ receiver }) => !receiver)
    expect(
      all
        .map(({ name }) => name)
        .filter((name) => !OTHERS.test(name))
        .sort(),
    ).toEqual(Object.keys(FUNCTIONS).sort())
  })
})

interface Living {
  list: PyList
  tuple: PyTuple
  dict: PyDict
  n: PyInt
  s: PyHandle
  A: Class
  a: Instance
  ref: PyWeakref
}

const METHODS: [string, (x: never, living: Living) => unknown][] = [
  ['list.append', (x, { list }) => list.append(x)],
  ['list.extend', (x, { list }) => list.extend(x)],
  ['list.extend of an array', (x, { list }) => list.extend([py.object(), x])],
  ['list +=', (x, { list }) => list.iadd_(x)],
  ['list *=', (x, { list }) => list.imul_(x)],
  ['list +', (x, { list }) => list.add(x)],
  ['list *', (x, { list }) => list.mul(x)],
  ['list.insert, index', (x, { list }) => list.insert(x, 1)],
  ['list.insert', (x, { list }) => list.insert(0, x)],
  ['list.pop', (x, { list }) => list.pop(x)],
  ['list.remove', (x, { list }) => list.remove(x)],
  ['list.index', (x, { list }) => list.index(x)],
  ['list.count', (x, { list }) => list.count(x)],
  ['list.contains', (x, { list }) => list.contains(x)],
  ['list[x]', (x, { list }) => list.at(x)],
  ['list[x] =', (x, { list }) => list.set_at_(x, 1)],
  ['list[0] = x', (x, { list }) => list.set_at_(0, x)],
  ['list[:] = x', (x, { list }) => list.set_at_(':', x)],
  ['del list[x]', (x, { list }) => list.del_at_(x)],
  ['list.sort by x', (x, { list }) => list.sort({ key: () => x })],
  ['list ==', (x, { list }) => list.eq(x)],
  ['list <', (x, { list }) => list.lt(x)],
  ['tuple +', (x, { tuple }) => tuple.add(x)],
  ['tuple[x]', (x, { tuple }) => tuple.at(x)],
  ['tuple.index', (x, { tuple }) => tuple.index(x)],
  ['dict[x]', (x, { dict }) => dict.at(x)],
  ['dict[x] =', (x, { dict }) => dict.set_at_(x, py.object())],
  ['dict[1] = x', (x, { dict }) => dict.set_at_(1, x)],
  ['del dict[x]', (x, { dict }) => dict.del_at_(x)],
  ['dict.contains', (x, { dict }) => dict.contains(x)],
  ['dict.get', (x, { dict }) => dict.get(x)],
  ['dict.setdefault, key', (x, { dict }) => dict.setdefault(x, 1)],
  ['dict.setdefault', (x, { dict }) => dict.setdefault('new', x)],
  ['dict.update', (x, { dict }) => dict.update(x)],
  ['dict.update, value', (x, { dict }) => dict.update({ a: 1, x })],
  ['dict.pop', (x, { dict }) => dict.pop(x)],
  ['dict |', (x, { dict }) => dict.or(x)],
  ['dict |=', (x, { dict }) => dict.ior_(x)],
  ['dict ==', (x, { dict }) => dict.eq(x)],
  ...(['add', 'sub', 'mul', 'truediv', 'floordiv', 'mod', 'pow', 'iadd_', 'ipow_', 'eq', 'lt'] as const).map(
    (name): [string, (x: never, living: Living) => unknown] => [`int.${name}`, (x, { n }) => n[name](x)],
  ),
  ['str +', (x, { s }) => s.add(x)],
  ['str *', (x, { s }) => s.mul(x)],
  ['str.contains', (x, { s }) => s.contains(x)],
  ['str[x]', (x, { s }) => s.at(x)],
  ['A(x)', (x, { A }) => A.new(x)],
  [
    'A.x =',
    (x, { A }) => {
      A.x = x
    },
  ],
  [
    'a.x =',
    (x, { a }) => {
      a.x = x
    },
  ],
  ['a.method(x)', (x, { a }) => (a.take as (x: unknown) => unknown)(x)],
  ['ref ==', (x, { ref }) => ref.eq(x)],
]

describe('a method that is given a dead handle', () => {
  it.each(METHODS)('%s', (_, call) => {
    for (const make of Object.values(MAKE)) {
      scope((f: Living) => {
        f.list = py.list([1, 2])
        f.tuple = py.tuple([py.object(), 2])
        f.dict = py.dict({ a: 1 })
        f.n = py.int(7)
        f.s = py.str('abc')
        f.A = py.class_('A', {
          __init__(value: unknown) {
            this.value = value
          },
        })
        f.a = py.instance('A', {
          take(value: PyHandle) {
            return repr(value)
          },
        })
        f.ref = py.weakref.ref(f.A)
        const before = [f.list, f.dict].map(repr)
        const x = dead(make)
        refused(() => call(x as never, f))
        expect([f.list, f.dict].map(repr)).toEqual(before)
      })
    }
  })
})

describe('a frame', () => {
  it('does not take a dead handle, and keeps the old value', () => {
    scope((f) => {
      f.x = py.object()
      const old = f.x
      const x = dead(MAKE.list)
      refused(() => {
        f.x = x
      })
      expect(f.x === old).toBe(true)
      expect('y' in f).toBe(false)
    })
  })

  it('ctypes takes no dead int for an address', () => {
    scope(() => {
      const x = dead(MAKE.int)
      refused(() => py.ctypes.c_uint32.from_address(x))
    })
  })
})

const ARRAY_ARGUMENTS: Record<string, unknown[]> = {
  set_at_: [0, 1],
  fill: [1],
  reshape: [[2]],
  astype: [np.int64],
  setflags: [{ write: true }],
  'Symbol(Symbol.toPrimitive)': ['number'],
}

describe('a dead ndarray', () => {
  const gone = () => {
    const a = np.array([1, 2])
    a.dispose()
    return a
  }
  it.each(scope(() => members(np.array([1, 2]), ARRAY_ARGUMENTS)))('%s', (_, use) => {
    scope(() => {
      const a = gone()
      const before = live()
      expect(() => use(a)).toThrow(PyReferenceError)
      expect(live()).toEqual(before)
    })
  })

  it.each(targets().filter(({ name }) => /^np\.[a-z]/.test(name)))('$name', ({ run }) => {
    scope(() => {
      const a = gone()
      const before = live()
      expect.assertions(2)
      try {
        run([a, a])
      } catch (error) {
        // Some take no array there, dead or alive.
        expect(error instanceof PyReferenceError || error instanceof PyTypeError, String(error)).toBe(true)
      }
      expect(live()).toEqual(before)
    })
  })
})

describe('dead tensors, grad_fns and ndarrays', () => {
  it.each(['tensor', 'grad_fn', 'ndarray'])('a dead %s goes nowhere', (kind) => {
    scope((f: { list: PyList; dict: PyDict; a: Instance; x: unknown }) => {
      f.list = py.list([1])
      f.dict = py.dict({})
      f.a = py.instance('A')
      const x = torch.ones(1, { requires_grad: true })
      const y = x.mul(2)
      const gone = kind === 'tensor' ? y : kind === 'ndarray' ? np.array([1]) : y.grad_fn
      gone.dispose()
      const before = live()
      for (const use of [
        () => id(gone),
        () => is_(gone, gone),
        () => print(gone),
        () => hold(gone),
        () => del_(gone),
        () => py.sys.getrefcount(gone),
        () => py.sys.getsizeof(gone),
        () => type_(gone),
        () => py.list([gone]),
        () => py.tuple([gone]),
        () => py.dict({ gone }),
        () => py.instance('A', { gone }),
        () => f.list.append(gone),
        () => f.dict.set_at_('a', gone),
        () => f.dict.set_at_(gone, 1),
        () => f.list.eq(gone),
        () => py.gc.get_referrers(gone),
        () => py.gc.is_tracked(gone),
        () => {
          f.a.x = gone
        },
        () => {
          f.x = gone
        },
      ]) {
        expect(use).toThrow(PyReferenceError)
        expect(use).toThrow('was disposed: its scope was left')
        expect(live()).toEqual(before)
      }
    })
  })
})
