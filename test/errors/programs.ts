// Runs a program of fixture.json in this library's words: `x[0] = v` is x.set_at_([0], v), keywords are one last object,
// float(x) is Number(x).
import { type GradFn, Tensor, torch } from '../../src/index'

export type Tree =
  | number
  | boolean
  | string
  | null
  | Tree[]
  | { number: string }
  | { int: string }
  | { name: string }
  | { dict: Record<string, Tree> }
  | { get: string; of: Tree }
  | { at: Tree[]; of: Tree }
  | { call: string; of?: Tree; args?: Tree[]; kw?: Record<string, Tree> }

export type Statement =
  | { do: Tree }
  | { let: string; to: Tree }
  | { set: string; of: Tree; to: Tree }
  | { set_at: Tree[]; of: Tree; to: Tree }
  | { no_grad: Statement[] }

export type Env = Map<string, unknown>
type Members = Record<string, unknown>
type Callable = (...args: unknown[]) => unknown

const NUMBERS: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
}

function evaluate(env: Env, tree: Tree): unknown {
  if (Array.isArray(tree)) return tree.map((item) => evaluate(env, item))
  if (typeof tree !== 'object' || tree === null) return tree
  if ('number' in tree) return NUMBERS[tree.number]
  if ('int' in tree) return BigInt(tree.int)
  if ('name' in tree) return tree.name === 'torch' ? torch : env.get(tree.name)
  if ('dict' in tree) return evaluateAll(env, tree.dict)
  const of = tree.of === undefined ? undefined : (evaluate(env, tree.of) as Members)
  if ('get' in tree) return of![tree.get]
  if ('at' in tree) return (of as unknown as Tensor).at(...(evaluate(env, tree.at) as number[]))
  const args = (tree.args ?? []).map((arg) => evaluate(env, arg))
  if (tree.kw) args.push(evaluateAll(env, tree.kw))
  if (!of) return (FUNCTIONS[tree.call] as Callable)(...args)
  return (of[tree.call] as Callable)(...args)
}

const FUNCTIONS: Record<string, Callable> = { float: Number }

function evaluateAll(env: Env, trees: Record<string, Tree>): Members {
  return Object.fromEntries(Object.entries(trees).map(([key, value]) => [key, evaluate(env, value)]))
}

/** Runs one statement. @throws what the library throws */
export function execute(env: Env, statement: Statement): void {
  if ('do' in statement) evaluate(env, statement.do)
  else if ('let' in statement) env.set(statement.let, evaluate(env, statement.to))
  else if ('no_grad' in statement) {
    torch.no_grad(() => {
      for (const inner of statement.no_grad) execute(env, inner)
    })
  } else {
    // As Python: the value first, then the object.
    const to = evaluate(env, statement.to)
    const of = evaluate(env, statement.of)
    if ('set' in statement) (of as Members)[statement.set] = to
    else (of as Tensor).set_at_(evaluate(env, statement.set_at) as number[], to as Tensor)
  }
}

/** A tensor as make_fixture.py's `facts` records it. */
export function facts(x: Tensor) {
  return {
    data: plain(x.tolist()),
    shape: x.shape,
    dtype: x.dtype.name,
    version: x._version,
    requires_grad: x.requires_grad,
    grad: x.grad ? plain(x.grad.tolist()) : null,
    grad_fn: graphOf(x),
  }
}

function graph(node: GradFn | null): string | null {
  return node && `${node.name()}(${node.next_functions.map(([next]) => graph(next) ?? 'None').join(', ')})`
}

function graphOf(x: Tensor): string | null {
  try {
    return graph(x.grad_fn)
  } catch {
    return 'invalid'
  }
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'bigint') return { int: String(value) }
  if (typeof value !== 'number' || Number.isFinite(value)) return value
  return { number: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' }
}

/** The facts of all tensors that have a name. */
export function state(env: Env): Record<string, ReturnType<typeof facts>> {
  return Object.fromEntries(
    [...env].flatMap(([name, value]) => (value instanceof Tensor ? [[name, facts(value)]] : [])),
  )
}
