// Nothing recurses: 50,000 of everything that chains in a way of its own, run backward and freed, within 1 GB in all.
import { afterAll, describe, expect, it } from 'vitest'
import { core } from '../../src/core/wasm'
import { scope, type Tensor, torch } from '../../src/index'
import { type Ctx, Sq } from '../autograd/functions'
import { expectNothingLeft } from '../identity/live'

expectNothingLeft()

const COUNT = 50_000
const GiB = 2 ** 30

afterAll(() => {
  expect(core.memory.buffer.byteLength).toBeLessThan(GiB)
  expect(process.resourceUsage().maxRSS * 1024).toBeLessThan(GiB)
})

const leaf = (...values: number[]) => torch.tensor(values, { requires_grad: true })

/** `step` many times; what each made goes in batches of a thousand, but for the last result. */
function repeat(start: Tensor, step: (y: Tensor, i: number) => Tensor): Tensor {
  let y = start
  for (let from = 0; from < COUNT; from += 1000) {
    y = scope(() => {
      let z = y
      for (let i = from; i < from + 1000; i++) z = step(z, i)
      return z
    })
  }
  return y
}

/** The gradient of x = [1, 1] behind what `build` makes of 1 x. */
function gradient(build: (h: Tensor, x: Tensor) => Tensor): unknown {
  return scope(() => {
    const x = leaf(1, 1)
    build(x.mul(1), x).sum().backward()
    return x.grad.tolist()
  })
}

class AddOne extends torch.autograd.Function {
  static override forward(ctx: Ctx, x: Tensor): Tensor {
    ctx.mark_dirty(x)
    return x.add_(1)
  }
  static override backward(_: Ctx, g: Tensor): Tensor {
    return g
  }
}

const KINDS: [string, unknown, (h: Tensor, x: Tensor) => Tensor][] = [
  [
    'writes of one view',
    [1, 1],
    (h) =>
      whole(
        h,
        repeat(h.at(':1'), (v) => v.mul_(1)),
      ),
  ],
  ['writes through a new view each', [1, 1], (h) => repeat(h, (_, i) => whole(h, h.at(i % 2).mul_(1)))],
  ['items set from the graph', [0, 2], (h, x) => repeat(h, () => h.set_at_([0], x.at(1)))],
  [
    'writes of a base and its view in turn',
    [1, 1],
    (h) => {
      const v = h.at(':1')
      return repeat(h, () => whole(h.mul_(1), v.mul_(1)))
    },
  ],
  ['views of views', [2, 2], (h) => repeat(h, (v) => v.view(2, 1).squeeze(1)).mul_(2)],
  ['slices of slices', [1, 1], (h) => repeat(h, (v) => v.at('0:2'))],
  ['custom Functions', [0, 0], (h) => repeat(h.mul(0.5), (y) => Sq.apply(y))],
  ['custom Functions in place', [1, 1], (h) => repeat(h, (y) => AddOne.apply(y))],
  [
    'custom Functions in place on a view',
    [1, 1],
    (h) =>
      whole(
        h,
        repeat(h.at(':1'), (v) => AddOne.apply(v)),
      ),
  ],
  ['unbound and stacked', [1, 1], (h) => repeat(h, (y) => torch.stack([...y.unbind()]))],
]

/** h, after its view was written. */
function whole(h: Tensor, _view: Tensor): Tensor {
  return h
}

describe('50,000', () => {
  it.each(KINDS)('%s', (_, expected, build) => expect(gradient(build)).toEqual(expected), 30_000)

  it('custom Functions, freed without having run', () => {
    scope(() => repeat(leaf(0.5), (y) => Sq.apply(y)).tolist())
  }, 30_000)

  it('nodes with a hook of every kind', () => {
    let calls = 0
    const hook = () => void calls++
    gradient((h) =>
      repeat(h, (y) => {
        const next = y.mul(1)
        next.register_hook(hook)
        next.grad_fn.register_hook(hook)
        next.grad_fn.register_prehook(hook)
        next.retain_grad()
        return next
      }),
    )
    expect(calls).toBe(3 * COUNT)
  }, 30_000)

  it('writes that save, differentiated twice', () => {
    scope(() => {
      const x = leaf(1)
      const y = repeat(x.mul(1), (h) => h.mul_(x))
      const [g] = torch.autograd.grad(y.sum(), x, { create_graph: true })
      g?.sum().backward()
      expect([g?.item(), x.grad.item()]).toEqual([COUNT + 1, expect.closeTo((COUNT + 1) * COUNT, -6)])
    })
  }, 30_000)

  it('leaves, each the gradient of the next', () => {
    scope(() => {
      const last = repeat(leaf(1), (x) => {
        const next = leaf(1)
        next.grad = x
        return next
      })
      expect(last.grad.item()).toBe(1)
    })
  }, 30_000)
})

describe('backward inside hooks', () => {
  /** Nests `levels` runs. */
  const nest = (levels: number) =>
    scope(() => {
      const x = leaf(1)
      const y = x.mul(1)
      let level = 0
      y.register_hook(() => {
        if (++level < levels) y.backward({ retain_graph: true })
      })
      y.backward({ retain_graph: true })
      return x.grad.item()
    })

  it('nests a hundred times', () => {
    expect(nest(100)).toBe(100)
  })

  it('without end is an error that loses nothing', () => {
    for (let i = 0; i < 3; i++) expect(() => nest(Infinity)).toThrow('maximum recursion depth exceeded')
    expect([nest(1), torch.is_grad_enabled()]).toEqual([1, true])
  })
})
