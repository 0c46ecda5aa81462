// Runs an object program against the library and writes what it shows, as recorder.py does with CPython.
import { type Frame, id, is_, py, scope } from '../../../src/index'
import type { Class } from '../../../src/py/class'
import { PyHandle } from '../../../src/py/handle'
import type { PyList } from '../../../src/py/list'
import { type Expr, type FunctionText, functionsOf, parse, type Statement } from './syntax'

const CLASSES = ['Plain', 'Other', 'Logs', 'Stays', 'Makes']

/** The programs' list G, of which finalizers know. */
type Kept = PyList

class Run {
  private text = ''
  private readonly seen = new Map<number, number>()
  private readonly functions: ReadonlyMap<string, FunctionText>

  constructor(
    program: string,
    private readonly outer: Frame,
  ) {
    this.functions = functionsOf(program)
    const log = (object: unknown) => this.event('~', object)
    const kept = () => outer.G as Kept
    const finalizers: Record<string, ((this: unknown) => void) | null> = {
      Plain: null,
      Other: null,
      Logs() {
        log(this)
      },
      Stays() {
        log(this)
        kept().append(this)
      },
      Makes() {
        log(this)
        kept().append(py.list([]))
      },
    }
    for (const name of CLASSES) {
      const __del__ = finalizers[name]
      outer[name] = py.class_(name, __del__ ? { __del__ } : {})
    }
    outer.G = py.list([])
  }

  record(): string {
    py.gc.collect()
    this.call('main', [])
    this.end()
    this.number(py.gc.collect())
    this.end()
    return this.text.replace(/ +$/, '')
  }

  private event(mark: string, object: unknown): void {
    const address = id(object as PyHandle)
    const ordinal = this.seen.get(address) ?? this.seen.size
    this.seen.set(address, ordinal)
    this.text += mark + base36(ordinal)
  }

  private number(value: unknown): void {
    this.text += base36(Number(value))
  }

  private end(): void {
    this.text += ' '
  }

  /** A function of the program's: its frame is a scope. */
  call(name: string, args: readonly unknown[]): unknown {
    const { params, statements } = this.functions.get(name)!
    return scope((f) => {
      const names: string[] = []
      for (const [i, param] of params.entries()) {
        names.push(param)
        f[param] = bound(args[i])
      }
      for (const text of statements) {
        const statement = parse(text)
        if (statement.kind === 'return') return this.value(statement.value, f)
        this.execute(statement, f)
        this.observe(text, statement, f, names)
      }
      return null
    })
  }

  /** What recorder.py's `observed` writes after a statement. */
  private observe(text: string, statement: Statement, f: Frame, names: string[]): void {
    if (statement.kind !== 'observe') {
      const name = /^(\w+) (?:=|\+=|\*=) /.exec(text)?.[1]
      let changed = /^(?:del )?(\w+)(?:\[| \+= | \*= |\.\w+\()/.exec(text)?.[1]
      const deleted = /^del (\w+)$/.exec(text)?.[1]
      if (name !== undefined) {
        if (!names.includes(name)) names.push(name)
        this.event('', f[name])
        if (/ = [[{(]| [+*] |copy\(\)/.test(text)) changed = name
      }
      if (changed !== undefined && names.includes(changed)) this.number(py.sys.getsizeof(f[changed] as PyHandle))
      if (deleted !== undefined) names.splice(names.indexOf(deleted), 1)
      for (const each of names) this.number(py.sys.getrefcount(f[each] as PyHandle))
    }
    this.end()
  }

  private execute(statement: Statement, f: Frame): void {
    switch (statement.kind) {
      case 'assign':
        this.assign(statement.target, statement.value, f)
        break
      case 'augment': {
        const { name, op, value } = statement
        const left = f[name] as PyList
        const right = this.value(value, f)
        f[name] = op === '+' ? left.iadd_(right) : left.imul_(right)
        break
      }
      case 'delete':
        this.delete(statement.target, f)
        break
      case 'observe':
        this.look(statement.value, f)
        break
      case 'expression': {
        // POP_TOP
        const left = this.value(statement.value, f)
        if (left instanceof PyHandle) left.dispose()
      }
    }
  }

  private look(expr: Expr, f: Frame): void {
    if (expr.kind === 'call' && expr.callee.kind === 'name' && expr.callee.name === 'id') {
      this.event('', this.value(expr.args[0], f))
    } else this.number(this.value(expr, f))
  }

  private assign(target: Expr, value: Expr, f: Frame): void {
    const right = this.value(value, f)
    if (target.kind === 'name') f[target.name] = bound(right)
    else if (target.kind === 'attribute') (this.value(target.of, f) as Frame)[target.name] = right
    else if (target.kind === 'item') this.handle(target.of, f).set_at_(this.value(target.index, f), right)
  }

  private delete(target: Expr, f: Frame): void {
    if (target.kind === 'name') delete f[target.name]
    else if (target.kind === 'attribute') delete (this.value(target.of, f) as Frame)[target.name]
    else if (target.kind === 'item') this.handle(target.of, f).del_at_(this.value(target.index, f))
    else if (target.kind === 'slice') this.handle(target.of, f).del_at_(target.text)
  }

  private handle(expr: Expr, f: Frame): PyHandle {
    return this.value(expr, f) as PyHandle
  }

  private values(exprs: readonly Expr[], f: Frame): unknown[] {
    return exprs.map((expr) => this.value(expr, f))
  }

  private value(expr: Expr, f: Frame): unknown {
    switch (expr.kind) {
      case 'constant':
        return expr.value
      case 'text':
        return expr.text
      case 'name':
        return expr.name === 'G' ? this.outer.G : f[expr.name]
      case 'list':
        return py.list(this.values(expr.items, f))
      case 'tuple':
        return py.tuple(this.values(expr.items, f))
      case 'dict':
        return py.dict(Object.fromEntries(expr.entries.map(([key, item]) => [this.value(key, f), this.value(item, f)])))
      case 'item':
        return this.handle(expr.of, f).at(this.value(expr.index, f))
      case 'slice':
        return this.handle(expr.of, f).at(expr.text)
      case 'attribute':
        return (this.value(expr.of, f) as Frame)[expr.name]
      case 'binary':
        return this.binary(expr.op, this.value(expr.left, f), this.value(expr.right, f))
      case 'call':
        return this.callOf(expr.callee, expr.args, f)
    }
  }

  private binary(op: '+' | '*' | 'is', left: unknown, right: unknown): unknown {
    if (op === 'is') return is_(bound(left), bound(right))
    return op === '+' ? (left as PyHandle).add(right) : (left as PyHandle).mul(right)
  }

  private callOf(callee: Expr, args: Expr[], f: Frame): unknown {
    if (callee.kind === 'name') return this.callName(callee.name, args, f)
    if (callee.kind === 'item') return this.callOf(callee.of, args, f)
    const { of, name } = callee as { of: Expr; name: string }
    if (of.kind === 'text') return py.str(of.text.toUpperCase())
    if (of.kind === 'name' && of.name === 'gc') return this.collector(name, this.values(args, f) as number[])
    const receiver = this.value(of, f) as Record<string, (...args: unknown[]) => unknown>
    return receiver[name](...this.values(args, f))
  }

  private callName(name: string, args: Expr[], f: Frame): unknown {
    if (this.functions.has(name)) return this.call(name, this.values(args, f))
    if (CLASSES.includes(name)) return (this.outer[name] as Class).new()
    const values = this.values(args, f)
    switch (name) {
      case 'object':
        return py.object()
      case 'int':
        return py.int(Number(values[0]) > Number.MAX_SAFE_INTEGER ? BigInt(values[0] as string) : Number(values[0]))
      case 'float':
        return py.float(Number(values[0]))
      case 'len':
        return (values[0] as PyHandle).len()
      case 'sizeof':
        return py.sys.getsizeof(values[0] as PyHandle)
      case 'ref':
        return this.weakref(values)
      default:
        return (f[name] as ReturnType<typeof py.weakref.ref>).deref()
    }
  }

  /** CPython calls the type weakref.ref with a tuple of the arguments. */
  private weakref(values: unknown[]): unknown {
    const args = py.tuple(values.map((value) => (value instanceof PyHandle ? value : null)))
    try {
      const callback = values.length > 1 ? (ref: unknown) => this.event('!', ref) : null
      return py.weakref.ref(values[0] as PyHandle, callback)
    } finally {
      args.dispose()
    }
  }

  private collector(name: string, args: number[]): unknown {
    if (name === 'is_tracked') return py.gc.is_tracked(args[0])
    // A tuple in Python.
    if (name === 'get_count' || name === 'get_threshold') return py.tuple(py.gc[name]())
    // Arguments that a function wants as a tuple.
    const tuple = name === 'set_threshold' ? py.tuple(args) : null
    const result = (py.gc as unknown as Record<string, (...args: number[]) => unknown>)[name](...args)
    tuple?.dispose()
    return result
  }
}

/** A constant of JavaScript's as an object: names are bound to handles here. */
function bound(value: unknown): PyHandle {
  if (value instanceof PyHandle) return value
  if (value === null || value === undefined) return py.None
  if (typeof value === 'boolean') return value ? py.True : py.False
  return typeof value === 'number' ? py.int(value) : py.str(String(value))
}

function base36(value: number): string {
  if (value === 0xffffffff) return 'I'
  return value < 36 ? value.toString(36) : `(${value})`
}

/** What a program shows here. */
export function record(program: string): string {
  return scope((outer) => {
    const enabled = py.gc.isenabled()
    py.gc.disable()
    try {
      return new Run(program, outer).record()
    } finally {
      if (enabled) py.gc.enable()
    }
  })
}
