// The order in which the engine runs nodes, seen from outside: a node that fails stops the run, and the leaves that
// have a gradient by then are those that were reached before it.
import { describe, expect, it } from 'vitest'
import { RuntimeError, scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft } from '../identity/live'

expectNothingLeft()

const leaf = () => torch.tensor(1, { requires_grad: true })

/** Makes the node of a name: of one that may fail, next to a leaf of its own. */
type Mark = (input: Tensor, name: string) => Tensor

/** The names in the order in which the engine runs them. */
function order(names: string[], build: (mark: Mark) => Tensor): string {
  const reached = names.map((broken) =>
    scope(() => {
      const leaves = names.map(leaf)
      const factors = names.map(() => torch.tensor(1))
      // The sum runs just before the product, which fails because its factor was written.
      const out = build((input, name) => input.mul(factors[names.indexOf(name)]).add(leaves[names.indexOf(name)]))
      factors[names.indexOf(broken)].add_(1)
      expect(() => out.backward()).toThrow(RuntimeError)
      return leaves.filter((x) => x.grad).length
    }),
  )
  return [...names].sort((a, b) => reached[names.indexOf(a)] - reached[names.indexOf(b)]).join(' ')
}

describe('later-created nodes run first', () => {
  it('a = x·, b = x·, c = (a + b)·, d = (c a)·: d c b a', () => {
    const run = order(['a', 'b', 'c', 'd'], (mark) => {
      const x = leaf()
      const [a, b] = [mark(x, 'a'), mark(x, 'b')]
      const c = mark(a.add(b), 'c')
      return mark(c.mul(a), 'd')
    })
    expect(run).toBe('d c b a')
  })

  it('p = x·, q = w·, r = p·, s = q·, t = (s + r)·: t s r q p', () => {
    const run = order(['p', 'q', 'r', 's', 't'], (mark) => {
      const [p, q] = [mark(leaf(), 'p'), mark(leaf(), 'q')]
      const [r, s] = [mark(p, 'r'), mark(q, 's')]
      return mark(s.add(r), 't')
    })
    expect(run).toBe('t s r q p')
  })
})

describe('an AccumulateGrad runs as soon as it is ready', () => {
  /** Which of x and w have a gradient when the product of x (or of w) with c fails. */
  function reached(failing: 'p' | 'q'): boolean[] {
    return scope(() => {
      const [x, w, c] = [leaf(), leaf(), torch.tensor(2)]
      const p = x.mul(failing === 'p' ? c : 2)
      const q = w.mul(failing === 'q' ? c : 2)
      const r = p.mul(1)
      const t = q.mul(1).add(r)
      c.add_(1)
      expect(() => t.backward()).toThrow('has been modified by an inplace operation')
      return [x.grad !== null, w.grad !== null]
    })
  }

  it('w has its gradient before p runs', () => {
    expect(reached('p')).toEqual([false, true])
  })

  it('x has none when q fails', () => {
    expect(reached('q')).toEqual([false, false])
  })
})

describe('a root given twice', () => {
  it('runs when it was met for the last time', () => {
    scope(() => {
      const [a, b] = [leaf(), leaf()]
      const order: string[] = []
      a.register_hook(() => void order.push('a'))
      b.register_hook(() => void order.push('b'))
      torch.autograd.backward([a, b, a])
      expect(order).toEqual(['b', 'a'])
      expect(a.grad.item()).toBe(2)
    })
  })
})

describe('gradients are added in the order of their arrival', () => {
  // In float32 1e8 + 1 is 1e8, so the sum of 1e8, -1e8 and 1 tells which came last.
  const large = [1e8, -1e8, 1] as const
  const rows: [string, number, (x: Tensor) => Tensor][] = [
    ['(x 1e8 + x -1e8) + x', 0, (x) => x.mul(large[0]).add(x.mul(large[1])).add(x.mul(large[2]))],
    ['x + (x 1e8 + x -1e8)', 1, (x) => x.mul(large[2]).add(x.mul(large[0]).add(x.mul(large[1])))],
    [
      'of an interior tensor',
      0,
      (x) => {
        const y = x.mul(1)
        return y.mul(large[0]).add(y.mul(large[1])).add(y.mul(large[2]))
      },
    ],
  ]
  it.each(rows)('%s: %i', (_, expected, fn) => {
    scope(() => {
      const x = leaf()
      fn(x).backward()
      expect(x.grad.item()).toBe(expected)
    })
  })
})
