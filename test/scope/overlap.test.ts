// Async scopes and modes in any order of their continuations, guards in any order of their ends.
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { ReferenceError as PyReferenceError, scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft, live } from '../identity/live'

expectNothingLeft()

const modes = () => [torch.is_grad_enabled(), torch.is_inference_mode_enabled()]
const ORDINARY: Modes = [true, false]
beforeEach(() => expect(modes()).toEqual(ORDINARY))

type Modes = readonly boolean[]
const MODES = {
  no_grad: { run: torch.no_grad, inside: ([, inference]: Modes) => [false, inference] },
  enable_grad: { run: torch.enable_grad, inside: ([, inference]: Modes) => [true, inference] },
  inference_mode: { run: torch.inference_mode as typeof torch.no_grad, inside: () => [false, true] },
}
type Mode = keyof typeof MODES

type Step =
  | { do: 'wait' }
  | { do: 'make' }
  | { do: 'throw' }
  | { do: 'sync'; mode: Mode }
  | { do: 'mode'; mode: Mode; body: Step[] }
  | { do: 'scope'; body: Step[]; returns: boolean }

const mode = fc.constantFrom<Mode>('no_grad', 'enable_grad', 'inference_mode')
const { body, task } = fc.letrec<{ body: Step[]; task: Step; step: Step }>((tie) => ({
  body: fc.array(tie('step'), { maxLength: 6, size: 'max' }),
  task: fc.oneof(
    fc.record({ do: fc.constant('mode' as const), mode, body: tie('body') }),
    fc.record({ do: fc.constant('scope' as const), body: tie('body'), returns: fc.boolean() }),
  ),
  step: fc.oneof(
    { maxDepth: 2 },
    { arbitrary: fc.record({ do: fc.constant('wait' as const) }), weight: 3 },
    { arbitrary: fc.record({ do: fc.constant('make' as const) }), weight: 3 },
    { arbitrary: fc.record({ do: fc.constant('throw' as const) }), weight: 1 },
    { arbitrary: fc.record({ do: fc.constant('sync' as const), mode }), weight: 1 },
    { arbitrary: tie('task'), weight: 2 },
  ),
}))

class Stop extends Error {}

/** Runs a program whose scopes check after every step that all they made still lives. */
class Runner {
  made = 0
  readonly returned: [Tensor, number][] = []
  constructor(
    readonly wait: () => Promise<unknown>,
    readonly check: (expected: Modes) => void = () => {},
  ) {}

  async run(steps: readonly Step[], mine: [Tensor, number][] | null, inside: Modes): Promise<void> {
    for (const step of steps) {
      await this.step(step, mine, inside)
      for (const [x, value] of mine ?? []) expect(x.item()).toBe(value)
      this.check(inside)
    }
  }

  async step(step: Step, mine: [Tensor, number][] | null, inside: Modes): Promise<void> {
    if (step.do === 'wait') await this.wait()
    else if (step.do === 'throw') throw new Stop()
    else if (step.do === 'make') mine?.push([torch.tensor(this.made), this.made++])
    else if (step.do === 'sync') {
      const before = modes()
      const mode = MODES[step.mode]
      const seen = mode.run(() => scope(() => [torch.is_grad_enabled(), torch.ones(1).is_inference()]))
      expect(seen).toEqual(mode.inside(before))
      expect(modes()).toEqual(before)
    } else if (step.do === 'mode') {
      const mode = MODES[step.mode]
      await mode.run(() => this.run(step.body, mine, mode.inside(inside))).catch(stopped)
    } else {
      const inner: [Tensor, number][] = []
      const out = await scope(async () => {
        await this.run(step.body, inner, inside)
        return step.returns ? inner.slice(0, 1) : []
      }).catch(stopped)
      this.returned.push(...(out ?? []))
    }
  }

  /** What scopes returned lives on: for itself, or with the one that called. */
  finish(): void {
    for (const [x, value] of this.returned) {
      try {
        expect(x.item()).toBe(value)
      } catch (error) {
        if (!(error instanceof PyReferenceError)) throw error
      }
      x.dispose()
    }
  }
}

function stopped(error: unknown): void {
  if (!(error instanceof Stop)) throw error
}

describe('async scopes and modes', () => {
  it('that overlap: nothing is freed while it is used, nothing is left, and the modes are what they were', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(task, { minLength: 2, maxLength: 5 }), async (scheduler, tasks) => {
        const before = live()
        const runner = new Runner(() => scheduler.schedule(Promise.resolve()))
        const all = tasks.map(async (task) => {
          await scheduler.schedule(Promise.resolve())
          await runner.step(task, null, ORDINARY).catch(stopped)
        })
        await scheduler.waitFor(Promise.all(all))
        runner.finish()
        expect([modes(), live()]).toEqual([[true, false], before])
      }),
      { numRuns: 300 },
    )
  })

  it('what top-level scopes that overlap return lives on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.nat(3), { minLength: 2, maxLength: 5 }),
        async (scheduler, waits) => {
          const out = Promise.all(
            waits.map((count) =>
              scope(async () => {
                const x = torch.tensor(count)
                for (let i = 0; i < count; i++) await scheduler.schedule(Promise.resolve())
                return [x, x.add(1), torch.ones(2).sum()]
              }),
            ),
          )
          const results = await scheduler.waitFor(out)
          expect(results.map((one) => one.map((x) => x.item()))).toEqual(waits.map((count) => [count, count + 1, 2]))
          for (const x of results.flat()) x.dispose()
        },
      ),
    )
  })

  it('one in the other: each sees its own mode after every await', async () => {
    await fc.assert(
      fc.asyncProperty(body, async (steps) => {
        const before = live()
        const runner = new Runner(
          () => new Promise<void>((resolve) => setImmediate(resolve)),
          (expected) => expect(modes()).toEqual(expected),
        )
        await runner.run(steps, null, ORDINARY).catch(stopped)
        runner.finish()
        expect([modes(), live()]).toEqual([[true, false], before])
      }),
    )
  })
})

describe('a mode', () => {
  const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

  it('that ends before one begun later leaves the mode to that one', async () => {
    let endA = () => {}
    let endB = () => {}
    const a = torch.no_grad(() => new Promise<void>((resolve) => (endA = resolve)))
    const b = torch.inference_mode(() => new Promise<void>((resolve) => (endB = resolve)))
    endA()
    await a
    expect(modes()).toEqual([false, true])
    endB()
    await b
    expect(modes()).toEqual([true, false])
  })

  it('lasts until a promise of any kind settles', async () => {
    const seen: unknown[] = []
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library
    const thenable = { then: (resolve: (value: unknown) => void) => setImmediate(() => resolve(modes())) }
    seen.push(await torch.no_grad(() => thenable))
    await torch.no_grad(async () => {
      await tick()
      seen.push(modes())
    })
    expect([seen, modes()]).toEqual([
      [
        [false, false],
        [false, false],
      ],
      [true, false],
    ])
  })

  it('of guards ended in any order, and some never, is the one before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ mode, end: fc.nat() }), { maxLength: 6 }),
        fc.option(fc.nat(5), { nil: 9 }),
        (guards, never) => {
          torch.enable_grad(() => {
            const open = guards.map((guard) => ({ ...guard, guard: MODES[guard.mode].run() }))
            const top = guards.at(-1)
            if (top) expect(torch.is_grad_enabled()).toBe(top.mode === 'enable_grad')
            for (const one of [...open].sort((a, b) => a.end - b.end)) {
              if (one !== open[never]) one.guard[Symbol.dispose]()
            }
            if (!open[never]) expect(modes()).toEqual([true, false])
          })
          expect(modes()).toEqual([true, false])
        },
      ),
    )
  })

  it('of a guard that is left open ends with the function around it, and ending it later does nothing', () => {
    let guard: Disposable | null = null
    torch.enable_grad(() => {
      guard = torch.no_grad()
    })
    expect(torch.is_grad_enabled()).toBe(true)
    torch.inference_mode(() => {
      ;(guard as unknown as Disposable)[Symbol.dispose]()
      expect(modes()).toEqual([false, true])
    })
  })

  it('set by set_grad_enabled lasts to the end of the mode around it; of its guard, to the end of the block', () => {
    torch.enable_grad(() => {
      torch.set_grad_enabled(false)
      expect(torch.is_grad_enabled()).toBe(false)
      {
        using _ = torch.set_grad_enabled(true)
        expect(torch.is_grad_enabled()).toBe(true)
        torch.set_grad_enabled(false)
      }
      expect(torch.is_grad_enabled()).toBe(false)
    })
    expect(torch.is_grad_enabled()).toBe(true)
    expect(torch.set_grad_enabled(false, () => torch.is_grad_enabled())).toBe(false)
    expect(torch.is_grad_enabled()).toBe(true)
    {
      using _ = torch.set_grad_enabled(false)
      expect(torch.is_grad_enabled()).toBe(false)
    }
    expect(torch.is_grad_enabled()).toBe(true)
  })

  it('of a generator is that of each step, never of what runs between', () => {
    function* counting(to: number) {
      for (let i = 0; i < to; i++) yield [i, torch.is_grad_enabled()]
      return 'end'
    }
    const counted = torch.no_grad(() => counting(2))
    expect([torch.is_grad_enabled(), counted.next(), torch.is_grad_enabled()]).toEqual([
      true,
      { value: [0, false], done: false },
      true,
    ])
    expect([...counted]).toEqual([[1, false]])
    expect(Object.prototype.toString.call(counted)).toBe('[object Generator]')
  })

  it('of a guard across a yield is seen by the caller, of a generator in a mode it ends with the step', () => {
    const seen: boolean[] = []
    const look = () => seen.push(torch.is_grad_enabled())
    function* guarded() {
      {
        using _ = torch.no_grad()
        yield look()
      }
      yield look()
    }
    for (const _ of guarded()) look()
    const left = guarded()
    left.next()
    left.return()
    look()
    expect(seen.splice(0)).toEqual([false, false, true, true, false, true])
    // As in PyTorch, a guard within a decorated generator does not outlive the step.
    const steps = torch.no_grad(function* () {
      {
        using _ = torch.enable_grad()
        yield look()
        yield look()
      }
      yield look()
    })
    for (const _ of steps) look()
    look()
    expect(seen).toEqual([true, true, false, true, false, true, true])
  })

  it('of an async generator too', async () => {
    const seen: unknown[] = []
    const steps = torch.no_grad(async function* () {
      for (let i = 0; i < 2; i++) {
        await tick()
        yield torch.is_grad_enabled()
      }
    })
    for await (const inside of steps) seen.push(inside, torch.is_grad_enabled())
    expect(seen).toEqual([false, true, false, true])
  })

  it.each([
    ['no_grad(): a number', () => torch.no_grad(3 as never), 'no_grad() takes a function, not int'],
    [
      'set_grad_enabled(): a number',
      () => torch.set_grad_enabled(1 as never),
      "set_grad_enabled(): argument 'enabled' (position 1) must be bool, not int",
    ],
    [
      'inference_mode(): a number',
      () => torch.inference_mode(1 as never),
      "inference_mode(): argument 'mode' (position 1) must be bool, not int",
    ],
    [
      'inference_mode(): no function',
      () => torch.inference_mode(true, 1 as never),
      'inference_mode() takes a function, not int',
    ],
    [
      'set_grad_enabled(): no function',
      () => torch.set_grad_enabled(true, 1 as never),
      'set_grad_enabled() takes a function, not int',
    ],
  ])('is not changed by a wrong argument: %s', (_, run, text) => {
    expect(run).toThrow(text)
    expect(modes()).toEqual([true, false])
  })
})
