// Random arguments for everything the library exports: PyTorch's errors or a result, never a trap, never an error of the
// JavaScript engine, and nothing left behind. FUZZ_RUNS and FUZZ_SEED repeat a longer or a certain run.
import fc from 'fast-check'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { scope, set_print_sink, set_warning_sink, torch } from '../../src/index'
import { arrayPlan, build, type Plan, plan, tensorPlan, UserError } from './arguments'
import { isOwnError, type Target, targets } from './exports'

const RUNS = Number(process.env.FUZZ_RUNS ?? 150)
const SEEDS = process.env.FUZZ_SEED ? [Number(process.env.FUZZ_SEED)] : [20240613, Date.now() & 0xffffff]

function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

/** What a call may have changed for everybody. */
function reset(): void {
  torch.set_grad_enabled(true)
  torch.autograd.set_wrapper_policy('weak')
  torch.autograd.set_detect_anomaly(false)
  torch.set_printoptions({ profile: 'default' })
  set_print_sink(() => {})
  set_warning_sink(() => {})
}

const isHandle = (value: object) => 'dispose' in value

/** The library still works. */
function sane(): void {
  scope(() => {
    const data = [
      [1, 2],
      [3, 4],
    ]
    const x = torch.tensor(data, { dtype: torch.float64, requires_grad: true })
    x.mm(x).sum().backward()
    expect(x.grad.tolist()).toEqual([
      [7, 11],
      [9, 13],
    ])
  })
}

/** Runs a target in a scope of its own. @throws what the library must never throw */
function attempt(target: Target, plans: readonly Plan[]): void {
  const before = live()
  try {
    scope(() => {
      const args = plans.map(build)
      try {
        const made = target.run(args)
        // A mode that was set until a `using` declaration ends.
        if (typeof made === 'object' && made !== null && !isHandle(made))
          (made as Partial<Disposable>)[Symbol.dispose]?.()
        String(torch.tensor([1.5, 1000]))
      } catch (error) {
        if (!isOwnError(error) && !(error instanceof UserError)) throw error
      }
    })
  } finally {
    reset()
  }
  expect(live()).toEqual(before)
  sane()
}

/** Sequences of arguments for a target: any, or a receiver and then any. */
function argumentsOf(target: Target): fc.Arbitrary<Plan[]> {
  const any = fc.array(plan, { maxLength: 4 })
  const after = (first: fc.Arbitrary<Plan>) => fc.tuple(first, any).map(([plan, rest]): Plan[] => [plan, ...rest])
  if (target.receiver === 'Tensor') return after(tensorPlan)
  if (target.receiver === 'GradFn') return after(fc.record({ node: tensorPlan, released: fc.boolean() }))
  if (target.receiver === 'NDArray') return after(arrayPlan)
  // Half of the calls begin with a tensor, or they would hardly come to the second argument.
  return target.name.startsWith('np.')
    ? fc.oneof(any, after(tensorPlan), after(arrayPlan))
    : fc.oneof(any, after(tensorPlan))
}

afterEach(reset)
afterAll(() => set_print_sink((line) => console.log(line)))

describe('random arguments', () => {
  for (const target of targets()) {
    it(target.name, () => {
      reset()
      for (const seed of SEEDS) {
        const result = fc.check(
          fc.property(argumentsOf(target), (plans) => attempt(target, plans)),
          { seed, numRuns: RUNS },
        )
        if (!result.failed) continue
        const why = `${target.name}, seed ${seed}: ${fc.stringify(result.counterexample)}`
        throw new Error(`${why}\n${result.errorInstance}`, { cause: result.errorInstance })
      }
    })
  }
})
