// After an error nothing is lost: every way to end a run early, again and again, leaves the counters and modes as they
// were, and a library whose next backward is right. Here: hooks, runs inside runs, and other ends of a run.
import { describe, expect, it } from 'vitest'
import { scope, type Tensor, torch } from '../../src/index'
import { boom, fails, HOOKS, hooked, losesNothing, mine, RUNS, TIMES } from './after_errors'
import { type Ctx, foo } from './functions'
import { last, leaf, ones } from './tables'

losesNothing()

const { grad, graph } = torch.autograd
const double = (_: Ctx, x: Tensor) => x.mul(2)
const same = (_: Ctx, g: Tensor) => g

describe('throws in', () => {
  for (const [name, hang, onlyBackward] of HOOKS) {
    for (const [kind, run] of RUNS.filter(([kind]) => !onlyBackward || kind.startsWith('backward'))) {
      it(`${name}: ${kind}`, () => fails(() => run(...hooked(hang, boom))))
    }
  }
})

describe('inside a backward inside a hook, throws in', () => {
  for (const [name, hang] of HOOKS) {
    it(`${name}: the exception goes through both`, () => {
      fails(() => {
        const [out] = hooked(
          (_, h, hook) => h.register_hook(hook),
          () => {
            const [inner] = torch.enable_grad(() => hooked(hang, boom))
            inner.backward()
            return undefined as never
          },
        )
        out.backward()
      })
    })
    it(`${name}: caught, the outer run goes on`, () => {
      for (let i = 0; i < TIMES; i++) {
        scope(() => {
          const x = leaf(1, 2)
          const h = x.mul(2)
          h.register_hook(() => {
            const [inner] = torch.enable_grad(() => hooked(hang, boom))
            expect(() => inner.backward()).toThrow(mine)
          })
          h.mul(3).sum().backward()
          expect(x.grad.tolist()).toEqual([6, 6])
        })
      }
    })
  }
})

describe('backward within backward, without an error:', () => {
  const inner = (y: Tensor) => torch.enable_grad(() => y.mul(y).sum().backward())
  const places: [string, (x: Tensor, h: Tensor, y: Tensor) => Tensor][] = [
    ...HOOKS.map(([name, hang]): [string, (x: Tensor, h: Tensor, y: Tensor) => Tensor] => [
      name,
      (x, h, y) => {
        hang(x, h, (() => inner(y)) as () => never)
        return h
      },
    ]),
    ["a custom Function's forward", (_, h, y) => foo((_ctx, a: Tensor) => last(inner(y), a.mul(1)), same).apply(h)],
    ["a custom Function's backward", (_, h, y) => foo(double, (_ctx, g) => last(inner(y), g) as Tensor).apply(h)],
  ]
  it.each(places)('in %s', (_, build) => {
    for (let i = 0; i < TIMES; i++) {
      scope(() => {
        const [x, y] = [leaf(1, 2), leaf(3, 4)]
        build(x, x.mul(2), y).sum().backward()
        const [runs] = y.grad.div(y).div(2).tolist() as number[]
        expect([x.grad.tolist(), y.grad.tolist()]).toEqual([expect.anything(), [6 * runs, 8 * runs]])
        expect(runs).toBeGreaterThanOrEqual(1)
      })
    }
  })
})

describe('other ends of a run:', () => {
  const ENDS: [string, unknown, () => unknown][] = [
    ['a version error half-way', 'modified by an inplace', () => twoBranches((h) => h.exp().add_(1))],
    ['a freed graph half-way', 'a second time', () => twoBranches((h) => freed(h.exp()))],
    ['no gradient', 'does not require grad', () => ones(1).backward()],
    ['a gradient of a wrong shape', 'Mismatch in shape', () => leaf(1, 2).mul(2).backward(ones(3))],
    ['an unused input', 'appears to not have been used', () => grad(leaf(1).mul(2), [leaf(1), leaf(2)])],
    ['an unused input after others', 'The differentiated Tensor at index 1', () => unusedSecond()],
    ['a hook changes the size', 'changed the size', () => hookReturns((g) => g.sum())],
    ['a hook changes the type', 'changed the type', () => hookReturns((g) => g.double())],
    ['a hook gives no tensor', 'expected Variable', () => hookReturns(() => 'a')],
    [
      'a nan in anomaly mode',
      'returned nan values',
      () => torch.autograd.detect_anomaly(() => leaf(-1, 1).sqrt().sum().backward()),
    ],
    ['an exception in detect_anomaly', mine, () => torch.autograd.detect_anomaly(boom)],
    ['an exception in no_grad', mine, () => torch.no_grad(boom)],
    ['an exception in enable_grad in no_grad', mine, () => torch.no_grad(() => torch.enable_grad(boom))],
    ['an exception in inference_mode', mine, () => torch.inference_mode(boom)],
    ['an exception in a scope', mine, () => scope(() => [leaf(1).mul(2), boom()])],
    [
      'an exception in pack',
      mine,
      () =>
        graph.saved_tensors_hooks(
          boom,
          (t) => t as Tensor,
          () => leaf(1).exp(),
        ),
    ],
    ['an exception in the second pack', mine, () => packSecond()],
    [
      'an exception in unpack',
      mine,
      () =>
        graph
          .saved_tensors_hooks(
            (t) => t,
            boom,
            () => leaf(1).exp(),
          )
          .backward(),
    ],
    ['an exception in a final callback', mine, () => finalCallback()],
    ['an exception in a node called by hand', mine, () => callNode()],
    ['a refused write', 'a leaf Variable', () => leaf(1).add_(1)],
    ['a refused write of a view', 'a view of a leaf', () => leaf(1).at(0).add_(1)],
    ['a write that does not fit', "doesn't match the broadcast shape", () => leaf(1).mul(1).add_(ones(2, 2))],
    ['gradcheck fails', 'Jacobian mismatch', () => torch.autograd.gradcheck(wrong, double64())],
    ['gradcheck of what throws', mine, () => torch.autograd.gradcheck(boom, double64())],
    ['gradgradcheck of what throws', mine, () => torch.autograd.gradgradcheck(boom, double64())],
    ['jacobian of what throws', mine, () => torch.autograd.functional.jacobian(boom, leaf(1))],
    ['hessian of a backward that throws', mine, () => torch.autograd.functional.hessian(throwsBack, leaf(1))],
  ]
  it.each(ENDS)('%s', (_, expected, program) => fails(program, expected))
})

/** One branch has run when the other fails. */
function twoBranches(failingBranch: (h: Tensor) => Tensor): void {
  const [x, y] = [leaf(1, 2), leaf(3, 4)]
  const bad = failingBranch(x.mul(2))
  bad.add(y.mul(3).exp()).sum().backward()
}

function freed(y: Tensor): Tensor {
  y.sum().backward()
  return y
}

function unusedSecond(): void {
  const x = leaf(1, 2)
  grad(x.mul(2).sum(), [x, leaf(1)])
}

function hookReturns(hook: (g: Tensor) => unknown): void {
  const h = leaf(1, 2).mul(2)
  h.register_hook(hook as Parameters<Tensor['register_hook']>[0])
  h.mul(3).sum().backward()
}

function packSecond(): void {
  let calls = 0
  const pack = (t: Tensor) => (++calls === 2 ? boom() : t)
  graph.saved_tensors_hooks(
    pack,
    (t) => t as Tensor,
    () => leaf(1).mul(leaf(2)),
  )
}

function finalCallback(): void {
  const h = leaf(1).mul(2)
  h.register_hook(() => void torch.autograd.Variable._execution_engine.queue_callback(boom))
  h.backward()
}

function callNode(): void {
  const h = foo(double, boom).apply(leaf(1))
  h.grad_fn.call(ones(1))
}

const double64 = () => torch.tensor([1, 2], { dtype: torch.float64, requires_grad: true })
const wrong = (x: Tensor) => foo(double, (_, g) => g).apply(x)
const throwsBack = (x: Tensor) => foo(double, boom).apply(x).sum()
