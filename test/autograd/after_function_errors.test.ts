// After an error in a custom Function nothing is lost (see after_errors.test.ts).
import { describe, it } from 'vitest'
import { type Tensor, torch } from '../../src/index'
import { boom, fails, losesNothing, mine, RUNS } from './after_errors'
import { type Ctx, Dirty, foo, Sq } from './functions'
import { leaf, ones } from './tables'

losesNothing()

const double = (_: Ctx, x: Tensor) => x.mul(2)
const same = (_: Ctx, g: Tensor) => g

/** What a custom Function may do wrong, and what is said. */
const FUNCTIONS: [string, unknown, (h: Tensor, y: Tensor) => Tensor][] = [
  ['forward throws', mine, (h) => foo(boom).apply(h)],
  ['forward throws after it saved', mine, (h) => foo((ctx, a: Tensor) => [ctx.save_for_backward(a), boom()]).apply(h)],
  ['forward throws after it wrote', mine, (h) => foo((ctx, a: Tensor) => [ctx.mark_dirty(a.add_(1)), boom()]).apply(h)],
  [
    'forward saves no tensor',
    'save_for_backward can only',
    (h) => foo((c) => c.save_for_backward(1 as never)).apply(h),
  ],
  ['a dirty input is not returned', 'Some elements marked as dirty', (h) => foo(dirtyAnd((a) => a.mul(2))).apply(h)],
  [
    'a dirty view is not alone',
    'cannot return more than one Tensor',
    (h) => foo(dirtyAnd((a) => [a, a.sum()])).apply(h.at(':1')),
  ],
  ['a leaf is written', 'a leaf Variable that requires grad has been used', (_, y) => Dirty.apply(y)],
  ['forward runs a backward that throws', mine, (h, y) => foo(() => failing(y)).apply(h)],
  ['backward throws', mine, (h) => foo(double, boom).apply(h)],
  [
    'backward throws, of a written view',
    mine,
    (h) =>
      foo(
        dirtyAnd((a) => a),
        boom,
      ).apply(h.at(':1')) && h,
  ],
  ['backward gives too many', 'incorrect number of gradients', (h) => foo(double, (_, g) => [g, g]).apply(h)],
  ['backward gives no tensor', 'expected Variable or None', (h) => foo(double, () => 'a' as never).apply(h)],
  ['backward gives a wrong shape', 'invalid gradient at index 0', (h) => foo(double, () => ones(7)).apply(h)],
  [
    'backward gives one to a number',
    'a gradient different than None',
    (h) => foo(double, (_, g) => [g, g]).apply(h, 3),
  ],
  ['backward runs a backward that throws', mine, (h, y) => foo(double, () => failing(y)).apply(h)],
  ['backward reads what was written', 'modified by an inplace', (h) => spoiled(h)],
  ['a later node throws', mine, (h, y) => foo(same, (_, g) => g).apply(foo(double, boom).apply(h).mul(y))],
]

function dirtyAnd(then: (a: Tensor) => unknown) {
  return (ctx: Ctx, a: Tensor) => {
    ctx.mark_dirty(a)
    return then(a.add_(1))
  }
}

function failing(y: Tensor): never {
  torch.enable_grad(() => {
    const z = y.mul(2)
    z.register_hook(boom)
    z.sum().backward()
  })
  return boom()
}

function spoiled(h: Tensor): Tensor {
  const out = Sq.apply(h)
  h.add_(1)
  return out
}

describe('a custom Function:', () => {
  for (const [name, expected, build] of FUNCTIONS) {
    it.each(RUNS)(`${name}: %s`, (_, run) => {
      fails(() => {
        const [x, y] = [leaf(1, 2), leaf(3, 4)]
        const out = build(x.mul(2), y).add(y.exp()).sum()
        run(out, x)
      }, expected)
    })
  }
})
