// Random hooks on random graphs: whatever they return, dispose, register, remove or throw, the library's own errors or the
// very value that a hook threw reach the caller, and nothing is left behind.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { scope, set_warning_sink, type Tensor, torch } from '../../src/index'
import type { RemovableHandle } from '../../src/torch/hooks'
import { isOwnError } from './exports'

const SEEDS = process.env.FUZZ_SEED ? [Number(process.env.FUZZ_SEED)] : [20240613, Date.now() & 0xffffff]
const RUNS = Number(process.env.FUZZ_RUNS ?? 600)

type Place = 'tensor' | 'node' | 'prehook' | 'accumulated' | 'retain'
type Action =
  | {
      do:
        | 'nothing'
        | 'double'
        | 'inplace'
        | 'dispose'
        | 'nested'
        | 'again'
        | 'remove'
        | 'register'
        | 'not callable'
        | 'throw proxy'
    }
  | { do: 'throw' | 'return'; value: unknown }
  | { do: 'tensor'; shape: number[]; dtype: 'float32' | 'float64' | 'int64'; disposed: boolean }
interface Hook {
  place: Place
  at: number
  action: Action
}
interface Program {
  ops: { name: string; a: number; b: number }[]
  hooks: Hook[]
  runs: { kind: 'backward' | 'grad' | 'inputs'; retain: boolean; create: boolean }[]
}

/** Whoever asks it anything gets a TypeError. */
const revoked = (() => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
})()
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, Number.NaN, 0, '', Symbol('s'), () => 1, Object.freeze({}), [], [null]),
  fc.constantFrom<unknown>(new Error('e'), Object.create(null), 1n, new Promise(() => {}), new Float32Array(2)),
  fc.anything(),
)
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Action>({ do: 'nothing' }, { do: 'double' }, { do: 'inplace' }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Action>(
      { do: 'dispose' },
      { do: 'nested' },
      { do: 'again' },
      { do: 'remove' },
      { do: 'register' },
      { do: 'not callable' },
      { do: 'throw proxy' },
    ),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom<'throw' | 'return'>('throw', 'return'), value }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('tensor' as const),
      shape: fc.constantFrom<number[]>([], [2], [3]),
      dtype: fc.constantFrom('float32', 'float64', 'int64'),
      disposed: fc.boolean(),
    }),
  },
)
const program: fc.Arbitrary<Program> = fc.record({
  ops: fc.array(
    fc.record({ name: fc.constantFrom('mul', 'add', 'exp', 'relu', 'select', 'clone'), a: fc.nat(9), b: fc.nat(9) }),
    { maxLength: 5 },
  ),
  hooks: fc.array(
    fc.record({
      place: fc.constantFrom<Place>('tensor', 'tensor', 'node', 'prehook', 'accumulated', 'retain'),
      at: fc.nat(9),
      action,
    }),
    { maxLength: 5 },
  ),
  runs: fc.array(
    fc.record({
      kind: fc.constantFrom<'backward' | 'grad' | 'inputs'>('backward', 'backward', 'grad', 'inputs'),
      retain: fc.boolean(),
      create: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  ),
})

function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

/** How often hooks ran and threw: the programs are no empty ones. */
const counts = { calls: 0, throws: 0 }

type Nodes = readonly (Tensor | null)[]

/** One run of a program, inside a scope. */
class Session {
  readonly tensors: Tensor[] = [0, 1].map((i) => torch.tensor([0.5, 1.5 + i], { requires_grad: true }))
  readonly handles: RemovableHandle[] = []
  thrown: { value: unknown } | null = null
  private depth = 0

  constructor(private readonly program: Program) {
    for (const { name, a, b } of program.ops) {
      const [x, y] = [this.pick(a), this.pick(b)]
      if (name === 'select') this.tensors.push(x.ndim ? x.select(0, b % 2).add(y) : x.mul(y))
      else if (name === 'mul' || name === 'add') this.tensors.push(x[name](y))
      else this.tensors.push(x[name as 'exp']())
    }
    for (const hook of program.hooks) this.register(hook)
  }

  private pick(at: number): Tensor {
    return this.tensors[at % this.tensors.length]
  }

  private get root(): Tensor {
    return this.tensors.at(-1)!
  }

  register({ place, at, action }: Hook): void {
    const x = this.pick(at)
    const leaf = this.tensors[at % 2]
    const hook = action.do === 'not callable' ? (1 as never) : (first: unknown) => this.act(action, first) as never
    if (place === 'retain') x.retain_grad()
    else if (place === 'tensor') this.handles.push(x.register_hook(hook))
    else if (place === 'accumulated') this.handles.push(leaf.register_post_accumulate_grad_hook(hook))
    else if (x.grad_fn) {
      const node = x.grad_fn
      this.handles.push(place === 'node' ? node.register_hook(hook) : node.register_prehook(hook))
    }
  }

  private act(action: Action, first: unknown): unknown {
    const each = (f: (x: Tensor) => Tensor) =>
      Array.isArray(first) ? (first as Nodes).map((x) => x && f(x)) : first ? f(first as Tensor) : null
    counts.calls++
    switch (action.do) {
      case 'double':
        return each((x) => x.mul(2))
      case 'inplace':
        torch.no_grad(() => void each((x) => x.mul_(2)))
        return null
      case 'dispose':
        each((x) => {
          x.dispose()
          return x
        })
        return null
      case 'nested':
        scope(() => torch.ones([2], { requires_grad: true }).exp().sum().backward())
        return null
      case 'again':
        if (this.depth < 2) this.run({ kind: 'backward', retain: true, create: false })
        return null
      case 'remove':
        for (const handle of this.handles) handle.remove()
        return null
      case 'register':
        if (this.handles.length < 20) for (const hook of this.program.hooks) this.register(hook)
        return null
      case 'throw proxy':
        return this.act({ do: 'throw', value: revoked }, first)
      case 'throw':
        counts.throws++
        this.thrown = { value: action.value }
        throw action.value
      case 'return':
        return action.value
      case 'tensor': {
        const made = torch.ones(action.shape, { dtype: torch[action.dtype] })
        if (action.disposed) made.dispose()
        return Array.isArray(first) ? first.map(() => made) : made
      }
    }
  }

  /** @throws what the library or a hook throws */
  run({ kind, retain, create }: Program['runs'][number]): void {
    this.depth++
    try {
      const options = { retain_graph: retain, create_graph: create }
      const root = this.root.sum()
      if (kind === 'grad') torch.autograd.grad(root, this.tensors.slice(0, 2), { ...options, allow_unused: true })
      else root.backward(kind === 'inputs' ? { ...options, inputs: this.tensors.slice(1, 3) } : options)
    } finally {
      this.depth--
    }
  }
}

function perform(program: Program): void {
  const session = new Session(program)
  for (const run of program.runs) {
    session.thrown = null
    let caught: { error: unknown } | null = null
    try {
      session.run(run)
    } catch (error) {
      caught = { error }
    }
    const { thrown } = session as { thrown: { value: unknown } | null }
    if (thrown) {
      if (!caught || !Object.is(caught.error, thrown.value)) throw new Error('the hook threw something else')
    } else if (caught && !isOwnError(caught.error)) throw caught.error
  }
}

describe('random hooks', () => {
  it.each(SEEDS)('reach the caller and leave nothing behind (seed %i)', (seed) => {
    const property = fc.property(program, (program) => {
      const before = live()
      scope(() => perform(program))
      expect(live()).toEqual(before)
      scope(() => {
        const x = torch.ones([2], { requires_grad: true })
        x.mul(x).sum().backward()
        expect(x.grad.tolist()).toEqual([2, 2])
      })
    })
    Object.assign(counts, { calls: 0, throws: 0 })
    fc.assert(property, { seed, numRuns: RUNS })
    expect(counts.calls).toBeGreaterThan(RUNS / 2)
    expect(counts.throws).toBeGreaterThan(RUNS / 20)
  })
})

it('a warning sink that throws does not hide the error that it was told of', () => {
  const before = live()
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  const sink = set_warning_sink(() => {
    throw 'from the sink'
  })
  try {
    scope(() => {
      torch.autograd.set_detect_anomaly(true)
      const x = torch.tensor([-1.5], { requires_grad: true })
      // sqrt of a negative number: its gradient is nan, which the anomaly mode warns of.
      expect(() => x.sqrt().sum().backward()).toThrow('returned nan values')
      expect(printed).toHaveBeenCalledOnce()
      x.mul(2).sum().backward()
      expect(x.grad.tolist()).toEqual([2])
    })
  } finally {
    torch.autograd.set_detect_anomaly(false)
    set_warning_sink(sink)
    printed.mockRestore()
  }
  expect(live()).toEqual(before)
})
