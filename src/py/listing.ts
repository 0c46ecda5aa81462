// The bytecode that CPython 3.12 would run for what a piece of JavaScript does to Python's objects, and the heap's events
// in between, in the order in which they happen.
//
// JavaScript shows less than an interpreter: a name like `print` is looked up in silence, a call is seen when its
// arguments are there, what becomes of its result only when somebody takes it. So each frame has a stack like CPython's,
// whose entries remember where their code begins and ends, and what could not be seen is put where CPython has it:
//
//   print(id(f.x))            the listing                         the frame's stack
//     f.x is read             LOAD_FAST x                         x
//     id is called            LOAD_GLOBAL id ┊ LOAD_FAST x        the address
//                             CALL 1                                 ┊ : what came before the arguments' code
//     print is called         LOAD_GLOBAL print ┊ LOAD_GLOBAL id  None
//                             LOAD_FAST x, CALL 1, CALL 1
//     the statement ends      POP_TOP after the last CALL
//
// An argument that no entry of the stack is was a constant, or comes from a variable of JavaScript: a local without a
// name. A statement ends when a name, an attribute or an item is stored or deleted, or its frame returns; what lies on
// the stack then was left behind, and got its POP_TOP when its code had run. Two constants of one value are not told
// apart: `id(f.x); f.n = 7` would store the result of id if that were 7.
import { Handle } from '../core/handles'
import { isPlain } from '../torch/pytypes'
import { markOf } from '../torch/tuple'
import { represent } from './print'

/** What happened: an instruction of the interpreter's, or an event of the heap's. */
export interface TraceRecord {
  /** CPython's name of it. */
  readonly op: string
  /** A local, a global, an attribute; the sign of an operator. */
  readonly name?: string
  /** An instruction's number; a constant as repr() shows it; how many bytes, blocks or objects. */
  readonly arg?: number | string
  /** The object. */
  readonly address?: number
  readonly type?: string
  /** The new count. */
  readonly refcount?: number
  /** How many calls deep. */
  readonly depth: number
}

type More = Omit<TraceRecord, 'op' | 'depth'>
type Event = { -readonly [K in keyof TraceRecord]: TraceRecord[K] }

interface Entry {
  readonly value: unknown
  readonly first: Event
  /** After it came what is not of this entry's code any more. */
  last: Event
}

/** What stands in the listing for the name of a variable of JavaScript's. */
const UNNAMED = undefined

export class Listing {
  readonly events: Event[] = []
  private readonly frames: Entry[][] = [[]]
  /** The POP_TOP of a handle that was left behind: a variable had it, if it comes again. */
  private readonly forsaken = new WeakMap<object, Event>()
  private readonly calls: (Event | null)[] = []
  /** The next frame is that of a finalizer or callback. */
  fromHeap = false

  private get stack(): Entry[] {
    return this.frames[this.frames.length - 1]
  }

  private event(op: string, more: More = {}): Event {
    return { op, ...more, depth: this.calls.length }
  }

  /** An instruction at the end of the listing. */
  emit(op: string, more?: More): Event {
    const event = this.event(op, more)
    this.events.push(event)
    return event
  }

  private insert(at: number, op: string, more?: More): void {
    this.events.splice(at, 0, this.event(op, more))
  }

  private indexOf(event: Event): number {
    return this.events.lastIndexOf(event)
  }

  /** The code from `at` to the end leaves `value` on the stack. */
  push(at: number, value: unknown): void {
    this.stack.push({ value, first: this.events[at], last: this.events[this.events.length - 1] })
  }

  /**
   * Takes the operands of an instruction off the stack, constants where they are none of it. Returns where their code
   * begins, if that which follows them begins at `before`.
   */
  operands(values: readonly unknown[], before = this.events.length): number {
    let at = before
    for (let i = values.length - 1; i >= 0; i--) at = this.operand(values[i], at)
    return at
  }

  private operand(value: unknown, before: number): number {
    const entry = this.match(value)
    if (entry) return this.indexOf(entry.first)
    if (value instanceof Handle) return this.variable(value, before)
    if (Array.isArray(value)) return this.sequence(value, markOf(value) === 'list', before)
    if (value instanceof Map) return this.dict([...value], before)
    if (typeof value === 'object' && value !== null && isPlain(value)) return this.dict(Object.entries(value), before)
    if (typeof value === 'function') this.insert(before, 'LOAD_GLOBAL', { name: nameOf(value) })
    else this.insert(before, 'LOAD_CONST', { arg: represent(value) })
    return before
  }

  /** The top of the stack, if it is `value`; for a handle those above it were left behind. */
  private match(value: unknown): Entry | undefined {
    const { stack } = this
    if (Object.is(stack[stack.length - 1]?.value, value)) return stack.pop()
    const at = value instanceof Handle ? stack.findLastIndex((entry) => entry.value === value) : -1
    if (at < 0) return undefined
    this.leaveBehind(stack.splice(at + 1))
    return stack.pop()
  }

  private variable(value: Handle, before: number): number {
    const popped = this.forsaken.get(value)
    if (popped) popped.op = 'STORE_FAST'
    this.forsaken.delete(value)
    this.insert(before, 'LOAD_FAST', { name: UNNAMED })
    return before
  }

  /** Nothing takes what these left on the stack, which is in the order of their code. */
  private leaveBehind(entries: readonly Entry[]): void {
    if (!entries.length) return
    const pops = new Map<Event, Event[]>()
    for (const { value, last } of entries) {
      const event = this.event('POP_TOP')
      if (value instanceof Handle) this.forsaken.set(value, event)
      const known = pops.get(last)
      if (known) known.push(event)
      else pops.set(last, [event])
    }
    // In one go, however many they are.
    const after = this.events.splice(Math.max(this.indexOf(entries[0].last), 0))
    for (const event of after) this.events.push(event, ...(pops.get(event) ?? []))
  }

  /** A statement ends. */
  settle(): void {
    this.leaveBehind(this.stack.splice(0))
  }

  private isConstant(value: unknown): boolean {
    return typeof value !== 'object' || value === null
  }

  /** A display; from three constants on the list is made from a tuple of them. */
  private sequence(items: readonly unknown[], list: boolean, before: number): number {
    if (list && items.length > 2 && items.every((item) => this.isConstant(item))) {
      const text = `(${items.map((item) => represent(item)).join(', ')})`
      this.insert(before, 'LIST_EXTEND', { arg: 1 })
      this.insert(before, 'LOAD_CONST', { arg: text })
      this.insert(before, 'BUILD_LIST', { arg: 0 })
      return before
    }
    this.insert(before, list ? 'BUILD_LIST' : 'BUILD_TUPLE', { arg: items.length })
    return this.operands(items, before)
  }

  private dict(entries: (readonly [unknown, unknown])[], before: number): number {
    const keys = entries.map(([key]) => key)
    if (entries.length > 1 && keys.every((key) => this.isConstant(key))) {
      this.insert(before, 'BUILD_CONST_KEY_MAP', { arg: entries.length })
      this.insert(before, 'LOAD_CONST', { arg: `(${keys.map((key) => represent(key)).join(', ')})` })
      return this.operands(
        entries.map(([, value]) => value),
        before,
      )
    }
    this.insert(before, 'BUILD_MAP', { arg: entries.length })
    return this.operands(entries.flat(), before)
  }

  /** The code of a display that is a value of its own. Returns where it begins. */
  display(items: unknown): number {
    return this.operand(items, this.events.length)
  }

  tuple(items: readonly unknown[]): number {
    return this.sequence(items, false, this.events.length)
  }

  /** `path` is called: a global, and attributes of it. This and those below return where their code begins. */
  call(path: readonly string[], args: readonly unknown[], keywords: readonly string[] = []): number {
    const at = this.operands(args)
    for (let i = path.length - 1; i > 0; i--) this.insert(at, 'LOAD_ATTR', { name: path[i] })
    this.insert(at, 'LOAD_GLOBAL', { name: path[0] })
    if (keywords.length) this.emit('KW_NAMES', { arg: tupleText(keywords) })
    this.emit('CALL', { arg: args.length })
    return at
  }

  method(receiver: unknown, name: string, args: readonly unknown[]): number {
    const at = this.operands(args)
    this.insert(at, 'LOAD_ATTR', { name })
    const begin = this.operands([receiver], at)
    this.emit('CALL', { arg: args.length })
    return begin
  }

  operator(operands: readonly unknown[], op: string, more?: More): number {
    const at = this.operands(operands)
    this.emit(op, more)
    return at
  }

  /**
   * Something is stored in an attribute or item, or looked for in a container: Python evaluates the value first,
   * JavaScript the target. The target's code moves behind the value's, if nothing happened on the heap while it ran.
   */
  store(target: readonly unknown[], value: unknown, op: string, more?: More, slice = 0): number {
    const middle = this.operands([value])
    const length = this.events.length
    const at = this.operands(target, middle)
    const split = middle + this.events.length - length
    const code = this.events.slice(at, split)
    if (code.every((event) => event.address === undefined)) {
      this.events.splice(at, code.length)
      this.events.push(...code)
    }
    if (slice) this.emit('BUILD_SLICE', { arg: slice })
    this.emit(op, more)
    return at
  }

  /** A function is called and its frame begins. The outermost one of a trace, and what the heap calls, has no caller. */
  enter(name: string): void {
    if (this.fromHeap) {
      this.fromHeap = false
      this.begin()
      return
    }
    const called = this.calls.length ? this.events[this.call([name], [])] : null
    this.begin(called)
  }

  /** A frame that nobody's bytecode called. */
  begin(called: Event | null = null): void {
    this.calls.push(called)
    this.frames.push([])
    this.emit('RESUME', { arg: 0 })
  }

  /** The frame returns; it ends when its locals have gone. What returns nothing returns None. */
  leave(value: unknown): void {
    const top = this.stack[this.stack.length - 1]
    const constant = this.isConstant(value) && (value === undefined || !Object.is(top?.value, value))
    if (!constant) this.operands([value])
    this.settle()
    if (constant) this.emit('RETURN_CONST', { arg: represent(value) })
    else this.emit('RETURN_VALUE')
  }

  left(value: unknown): void {
    const called = this.unwind()
    if (called) this.push(this.indexOf(called), value)
  }

  unwind(): Event | null | undefined {
    this.frames.pop()
    return this.calls.pop()
  }

  /** A trace in the trace: returns what ends it, and that gives its part. */
  nest(): () => Event[] {
    const from = this.events.length
    const depth = this.frames.push([])
    return () => {
      while (this.frames.length > depth) this.unwind()
      this.settle()
      this.frames.pop()
      return this.events.slice(from)
    }
  }
}

/** What a function is called in the listing. */
export function nameOf(fn: unknown): string {
  return (fn as { name?: string }).name || '<lambda>'
}

export function tupleText(items: readonly unknown[]): string {
  return `(${items.map((item) => represent(item)).join(', ')}${items.length === 1 ? ',' : ''})`
}
