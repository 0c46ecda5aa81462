// Random arguments for everything the library exports: PyTorch's errors or a result, never a trap, never an error of the
// JavaScript engine, and nothing left behind.
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { py, scope, set_print_sink, type Tensor, torch } from '../../src/index'
import { build, buildTensor, type Plan, plan, tensorPlan, UserError } from './arguments'
import { isOwnError, type Target, targets } from './exports'

const RUNS = Number(process.env.FUZZ_RUNS ?? 120)
const SEEDS = process.env.FUZZ_SEED ? [Number(process.env.FUZZ_SEED)] : [20240613, Date.now() & 0xffffff]

function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

/** What a call may have changed for everybody. */
function reset(): void {
  torch.set_grad_enabled(true)
  torch.autograd.set_wrapper_policy('weak')
  torch.set_printoptions({ profile: 'default' })
  set_print_sink(() => {})
}

/** The library still works. */
function sane(): void {
  scope(() => {
    const x = torch.tensor([[1, 2], [3, 4]], { dtype: torch.float64, requires_grad: true })
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
  scope(() => {
    const args = plans.map(build)
    try {
      target.run(args)
    } catch (error) {
      if (!isOwnError(error) && !(error instanceof UserError)) throw error
    }
  })
  reset()
  expect(live()).toEqual(before)
  sane()
}

/** Sequences of arguments for a target: any, or a receiver and then any. */
function argumentsOf(target: Target): fc.Arbitrary<Plan[]> {
  const any = fc.array(plan, { maxLength: 4 })
  if (target.receiver === 'Tensor') return fc.tuple(tensorPlan, any).map(([self, rest]) => [self, ...rest])
  if (target.receiver === 'GradFn') {
    return fc
      .tuple(fc.record({ node: tensorPlan, released: fc.boolean() }), any)
      .map(([self, rest]) => [self, ...rest])
  }
  // Half of the calls begin with a tensor, or they would hardly come to the second argument.
  return fc.oneof(any, fc.tuple(tensorPlan, any).map(([first, rest]) => [first, ...rest]))
}

afterEach(reset)

describe('random arguments', () => {
  for (const target of targets()) {
    it(target.name, () => {
      reset()
      for (const seed of SEEDS) {
        fc.assert(
          fc.property(argumentsOf(target), (plans) => attempt(target, plans)),
          { seed, numRuns: RUNS },
        )
      }
    })
  }
})
