// py.trace: listens to the core's reference events and to Python's face, and writes a listing (listing.ts).
//
// While a trace runs, the functions of `py` and the methods of every handle that comes by are wrapped: the wrapper tells
// the listing and calls the method. What a method does inside is no bytecode, only its events on the heap are written;
// `__del__` and callbacks, which it may run, are.
import { TraceEvent, TypeId } from '../../assembly/abi_objects'
import { callbacks } from '../core/callbacks'
import { PyTypeError } from '../core/errors'
import { Handle } from '../core/handles'
import { typeIdOf } from '../core/objects'
import { core } from '../core/wasm'
import { isPlain, pyTypeName } from '../torch/pytypes'
import { isStatement, makerCode, methodCode } from './bytecode'
import { Listing, nameOf, type TraceRecord } from './listing'
import { setTracer, type Tracer, tracer } from './tracer'

export type { TraceRecord }

type Callable = (this: unknown, ...args: unknown[]) => unknown

/** The heap's events by TraceEvent. */
const EVENTS: Record<TraceEvent, string> = {
  [TraceEvent.INCREF]: 'INCREF',
  [TraceEvent.DECREF]: 'DECREF',
  [TraceEvent.dealloc]: 'dealloc',
  [TraceEvent.freeListPop]: 'free_list_pop',
  [TraceEvent.freeListPush]: 'free_list_push',
  [TraceEvent.poolAlloc]: 'pool_alloc',
  [TraceEvent.poolFree]: 'pool_free',
  [TraceEvent.finalize]: '__del__',
  [TraceEvent.weakrefCleared]: 'weakref_clear',
  [TraceEvent.gcStart]: 'gc_start',
  [TraceEvent.gcUnreachable]: 'gc_unreachable',
  [TraceEvent.gcStop]: 'gc_stop',
}

const TYPES: Record<Exclude<TypeId, TypeId.count>, string> = {
  [TypeId.type]: 'type',
  [TypeId.gradFn]: 'grad_fn',
  [TypeId.tensor]: 'Tensor',
  [TypeId.ndarray]: 'ndarray',
  [TypeId.object]: 'object',
  [TypeId.none]: 'NoneType',
  [TypeId.bool]: 'bool',
  [TypeId.int]: 'int',
  [TypeId.float]: 'float',
  [TypeId.str]: 'str',
  [TypeId.list]: 'list',
  [TypeId.tuple]: 'tuple',
  [TypeId.dict]: 'dict',
  [TypeId.instance]: 'instance',
  [TypeId.weakref]: 'weakref',
}

let listing: Listing | null = null
const restore: (() => void)[] = []

function replace(owner: object, name: string, make: (original: Callable) => Callable): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name)!
  Object.defineProperty(owner, name, { ...descriptor, value: make(descriptor.value as Callable) })
  restore.push(() => Object.defineProperty(owner, name, descriptor))
}

/** Runs what the bytecode does not show, and puts its result on the stack; a statement has none. */
function unseen<R>(write: (to: Listing) => number, run: () => R, statement = false): R {
  const to = listing!
  const seen = tracer
  const at = write(to)
  const first = to.events[at]
  setTracer(null)
  try {
    const value = run()
    see(value)
    if (statement) to.settle()
    else to.push(to.events.lastIndexOf(first), value)
    return value
  } finally {
    setTracer(seen)
  }
}

const wrapped = new Set<object>()

/** A handle came by: its methods are wrapped from now on. */
function see(value: unknown): void {
  if (!(value instanceof Handle)) return
  for (let owner: object = Object.getPrototypeOf(value); !wrapped.has(owner); owner = Object.getPrototypeOf(owner)) {
    if (owner === Handle.prototype) return
    wrapped.add(owner)
    for (const [name, { value: method }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      if (typeof method !== 'function' || name.startsWith('_') || NOT_PYTHON.has(name)) continue
      replace(owner, name, (original) => methodTold(name, original))
    }
  }
}

const NOT_PYTHON = new Set(['constructor', 'toString', 'tolist', 'dispose'])

function methodTold(name: string, original: Callable): Callable {
  return function (this: unknown, ...args: unknown[]) {
    const run = () => original.apply(this, args)
    if (!tracer || !(this instanceof Handle)) return run()
    return unseen((to) => methodCode(to, this, name, args), run, isStatement(name))
  }
}

/** A method of the user's class: a function with a frame. */
function ownMethod(owner: unknown, name: string, original: Callable): Callable {
  return (...args) => {
    if (!tracer) return original(...args)
    const to = listing!
    const first = to.events[to.method(owner, name, args)]
    to.begin(first)
    try {
      const value = original(...args)
      to.leave(value)
      to.left(value)
      return value
    } catch (error) {
      to.unwind()
      throw error
    }
  }
}

/** The functions of `py` and of what it contains. */
function wrapNamespace(namespace: object, path: readonly string[]): void {
  for (const [name, { value, get }] of Object.entries(Object.getOwnPropertyDescriptors(namespace))) {
    const to = [...path, name]
    if (name === 'trace' || name === 'format_trace') continue
    if (get) wrapGetter(namespace, name, get)
    else if (typeof value === 'object' && value !== null && isPlain(value)) wrapNamespace(value, to)
    else if (typeof value === 'function' && !isClass(value)) {
      replace(
        namespace,
        name,
        (original) =>
          function (this: unknown, ...args: unknown[]) {
            const run = () => original.apply(this, args)
            return tracer ? unseen((list) => makerCode(list, to, args), run) : run()
          },
      )
    }
  }
}

function isClass(value: Callable): boolean {
  return value.prototype !== undefined && /^class\b/.test(String(value))
}

/** py.None, py.True, py.False. */
function wrapGetter(namespace: object, name: string, get: () => unknown): void {
  const descriptor = Object.getOwnPropertyDescriptor(namespace, name)!
  const told = () => {
    const value = get()
    if (tracer) {
      listing!.emit('LOAD_CONST', { arg: name })
      listing!.push(listing!.events.length - 1, value)
    }
    return value
  }
  Object.defineProperty(namespace, name, { ...descriptor, get: told })
  restore.push(() => Object.defineProperty(namespace, name, descriptor))
}

/** Code of the user's that the core calls is bytecode again. */
function wrapCallback(name: 'run_finalizer' | 'run_weakref_callback'): void {
  const original = callbacks[name]
  callbacks[name] = (object) => {
    const seen = tracer
    setTracer(telling)
    listing!.fromHeap = true
    try {
      original(object)
    } finally {
      listing!.fromHeap = false
      setTracer(seen)
    }
  }
  restore.push(() => {
    callbacks[name] = original
  })
}

const telling: Tracer = {
  call: (name, args, run) => {
    const last = args.at(-1)
    const options = name === 'print' && typeof last === 'object' && last !== null && isPlain(last) ? last : {}
    const keywords = Object.keys(options)
    const passed = keywords.length ? [...args.slice(0, -1), ...Object.values(options)] : args
    return unseen((to) => {
      if (name === 'is_') return to.operator(args, 'IS_OP', { arg: 0 })
      return to.call([name], passed, keywords)
    }, run)
  },
  hold(value) {
    listing!.operands([value])
    listing!.emit('STORE_FAST')
    listing!.settle()
  },
  drop() {
    listing!.emit('DELETE_FAST')
    listing!.settle()
  },
  load(name, value) {
    see(value)
    listing!.emit('LOAD_FAST', { name })
    listing!.push(listing!.events.length - 1, value)
  },
  store(name, value) {
    listing!.operands([value])
    listing!.settle()
    listing!.emit('STORE_FAST', { name })
  },
  delete(name) {
    listing!.settle()
    listing!.emit('DELETE_FAST', { name })
  },
  load_attr(owner, name, value) {
    if (typeof value === 'function') return ownMethod(owner, name, value as Callable) as typeof value
    see(value)
    listing!.push(listing!.operator([owner], 'LOAD_ATTR', { name }), value)
    return value
  },
  store_attr(owner, name, value) {
    listing!.store([owner], value, 'STORE_ATTR', { name })
    listing!.settle()
  },
  delete_attr(owner, name) {
    listing!.operator([owner], 'DELETE_ATTR', { name })
    listing!.settle()
  },
  enter(fn) {
    listing!.enter(nameOf(fn))
  },
  leave(value) {
    listing!.leave(value)
  },
  left(value) {
    listing!.left(value)
  },
  unwind() {
    listing!.unwind()
  },
}

const NUMBERED = new Set<TraceEvent>([TraceEvent.INCREF, TraceEvent.DECREF])
const NUMBERLESS = new Set<TraceEvent>([TraceEvent.dealloc, TraceEvent.finalize, TraceEvent.weakrefCleared])

function heapEvent(event: TraceEvent, object: number, number: number): void {
  const op = EVENTS[event]
  if (!object) {
    listing!.emit(op, { arg: number })
    return
  }
  const about = { address: object, type: TYPES[typeIdOf(object) as Exclude<TypeId, TypeId.count>] }
  if (NUMBERED.has(event)) listing!.emit(op, { ...about, refcount: number })
  else listing!.emit(op, NUMBERLESS.has(event) ? about : { ...about, arg: number })
}

/**
 * Runs `fn` and returns all that happens to Python's objects meanwhile, in order: the instructions that CPython 3.12
 * would run for it (LOAD_GLOBAL, CALL, STORE_FAST, ... as `dis` names them), and between them what the heap does
 * (INCREF and DECREF with the new count, dealloc, free lists, pools, the collector).
 *
 * A constant (`py.int(7)`, `py.str('s')`, `py.tuple([1, 2])`) is made where it stands; CPython makes it with the function. A temporary that
 * nobody takes goes with its scope, after its POP_TOP. A trace inside a trace returns its part of the outer one's.
 * When `fn` throws, so does this, and the events up to there are the error's `trace_events`.
 * @throws TypeError when `fn` is no function, or an async one
 */
export function trace(py: object, fn: () => unknown): readonly TraceRecord[] {
  if (typeof fn !== 'function') throw new PyTypeError(`trace() takes a function, not ${pyTypeName(fn)}`)
  if (Object.prototype.toString.call(fn) === '[object AsyncFunction]') refuseAsync()
  if (listing) return run(listing, fn)
  listing = new Listing()
  const before = callbacks.trace_event
  callbacks.trace_event = heapEvent
  try {
    wrapNamespace(py, [])
    wrapCallback('run_finalizer')
    wrapCallback('run_weakref_callback')
    core.set_tracing(1)
    return run(listing, fn)
  } finally {
    core.set_tracing(0)
    callbacks.trace_event = before
    listing = null
    while (restore.length) restore.pop()!()
    wrapped.clear()
  }
}

function refuseAsync(): never {
  throw new PyTypeError(
    'trace() takes a function that is not async: what others do while it waits would be in its events',
  )
}

function run(to: Listing, fn: () => unknown): readonly TraceRecord[] {
  const seen = tracer
  const end = to.nest()
  setTracer(telling)
  let result: unknown
  try {
    result = fn()
  } catch (error) {
    const events = finished(end())
    if (error instanceof Error) Object.defineProperty(error, 'trace_events', { value: events, configurable: true })
    throw error
  } finally {
    setTracer(seen)
  }
  if (result instanceof Promise) {
    result.catch(() => {})
    end()
    refuseAsync()
  }
  return finished(end())
}

function finished(events: TraceRecord[]): readonly TraceRecord[] {
  return Object.freeze(events.map((event) => Object.freeze({ ...event })))
}
