// Object identity of grad_fn handles, row by row: 'weak' is PyTorch up to 2.12, 'owned' is PyTorch from 2.13.
import { describe, expect, it } from 'vitest'
import { type GradFn, hold, id, is_, print, py, repr, scope, type Tensor, torch, type_ } from '../../src/index'
import { expectNothingLeft, printed } from './live'

expectNothingLeft()

type Policy = 'weak' | 'owned' | 'fresh'

function under<R>(policy: Policy, fn: (tensors: { x: Tensor; a: Tensor; b: Tensor }) => R): R {
  torch.autograd.set_wrapper_policy(policy)
  return scope(() => {
    const x = torch.tensor([1, 2], { requires_grad: true })
    return fn({ x, a: x.mul(3), b: x.mul(4) })
  })
}

const names = (edges: GradFn['next_functions']) => edges.map(([node, nr]) => [node && type_(node).__name__, nr])

describe("the article's tensors, y1 = 2 / x1 and y2 = x2 ** 3", () => {
  function article<R>(policy: Policy, fn: (y1: Tensor, y2: Tensor) => R): R {
    torch.autograd.set_wrapper_policy(policy)
    return scope(() => {
      const x1 = torch.tensor(2, { requires_grad: true })
      const x2 = torch.tensor(3, { requires_grad: true })
      return fn(torch.div(2, x1), x2.pow(3))
    })
  }

  it.each([
    ['weak', true],
    ['owned', false],
    ['fresh', true],
  ] as const)('%s: id(y1.grad_fn) == id(y2.grad_fn) is %s', (policy, equal) => {
    article(policy, (y1, y2) => expect(id(y1.grad_fn) === id(y2.grad_fn)).toBe(equal))
  })

  it.each(['weak', 'owned', 'fresh'] as const)('%s: y1.grad_fn is y2.grad_fn is False', (policy) => {
    article(policy, (y1, y2) => expect(is_(y1.grad_fn, y2.grad_fn)).toBe(false))
  })

  it("type(y1.grad_fn) is <class 'MulBackward0'>", () => {
    article('weak', (y1) => expect(String(type_(y1.grad_fn))).toBe("<class 'MulBackward0'>"))
  })

  it("type(y2.grad_fn) is <class 'PowBackward0'>", () => {
    article('weak', (_, y2) => expect(String(type_(y2.grad_fn))).toBe("<class 'PowBackward0'>"))
  })

  it('y1.grad_fn.next_functions is ((<ReciprocalBackward0 object at 0x...>, 0), (None, 0))', () => {
    article('weak', (y1) =>
      expect(repr(y1.grad_fn.next_functions)).toMatch(
        /^\(\(<ReciprocalBackward0 object at 0x[0-9a-f]{12}>, 0\), \(None, 0\)\)$/,
      ),
    )
  })

  it('y1.grad_fn.next_functions[0][0].next_functions is ((<AccumulateGrad object at 0x...>, 0),)', () => {
    article('weak', (y1) =>
      expect(repr(y1.grad_fn.next_functions[0][0].next_functions)).toMatch(
        /^\(\(<AccumulateGrad object at 0x[0-9a-f]{12}>, 0\),\)$/,
      ),
    )
  })

  it('y2.grad_fn.next_functions is ((<AccumulateGrad object at 0x...>, 0),)', () => {
    article('weak', (_, y2) => expect(names(y2.grad_fn.next_functions)).toEqual([['AccumulateGrad', 0]]))
  })

  it("the names are ('MulBackward0', 'PowBackward0')", () => {
    article('weak', (y1, y2) =>
      expect([y1.grad_fn.name(), y2.grad_fn.name()]).toEqual(['MulBackward0', 'PowBackward0']),
    )
  })
})

describe('a = x * 3, b = x * 4', () => {
  it.each(['weak', 'owned'] as const)('%s: a.grad_fn is a.grad_fn', (policy) => {
    under(policy, ({ a }) => expect(is_(a.grad_fn, a.grad_fn)).toBe(true))
  })

  it('fresh: a.grad_fn is not a.grad_fn', () => {
    under('fresh', ({ a }) => expect(is_(a.grad_fn, a.grad_fn)).toBe(false))
  })

  it.each(['weak', 'owned'] as const)('%s: id(a.grad_fn) == id(a.grad_fn)', (policy) => {
    under(policy, ({ a }) => expect(id(a.grad_fn)).toBe(id(a.grad_fn)))
  })

  it.each(['weak', 'owned', 'fresh'] as const)('%s: a.grad_fn is not b.grad_fn', (policy) => {
    under(policy, ({ a, b }) => expect(is_(a.grad_fn, b.grad_fn)).toBe(false))
  })

  it.each([
    ['weak', true],
    ['owned', false],
    ['fresh', true],
  ] as const)('%s: id(a.grad_fn) == id(b.grad_fn) is %s', (policy, equal) => {
    under(policy, ({ a, b }) => expect(id(a.grad_fn) === id(b.grad_fn)).toBe(equal))
  })

  it('the class of the node makes no difference', () => {
    under('weak', ({ x, a }) => expect(id(x.pow(3).grad_fn)).toBe(id(a.grad_fn)))
  })

  const addressIn = (text: string) => /0x([0-9a-f]+)/.exec(text)?.[1]

  it.each([
    ['weak', true],
    ['owned', false],
  ] as const)('%s: str(a.grad_fn) and str(b.grad_fn) show one address is %s', (policy, equal) => {
    under(policy, ({ a, b }) => expect(addressIn(String(a.grad_fn)) === addressIn(String(b.grad_fn))).toBe(equal))
  })

  it('str(a.grad_fn) shows the id', () => {
    under('weak', ({ a }) => expect(Number.parseInt(addressIn(String(a.grad_fn)) ?? '', 16)).toBe(id(a.grad_fn)))
  })

  it.each(['weak', 'owned', 'fresh'] as const)('%s: one print of both shows two addresses', (policy) => {
    under(policy, ({ a, b }) => {
      const [line] = printed(() => print(a.grad_fn, b.grad_fn))
      const [first, second] = [...line.matchAll(/0x[0-9a-f]+/g)].map(String)
      expect(first).not.toBe(second)
    })
  })

  it('two prints show the same address', () => {
    under('weak', ({ a, b }) => {
      const [first, second] = printed(() => {
        print(a.grad_fn)
        print(b.grad_fn)
      })
      expect(addressIn(first)).toBe(addressIn(second))
    })
  })

  it.each(['weak', 'owned'] as const)('%s: while g holds a.grad_fn, b.grad_fn has another id', (policy) => {
    under(policy, ({ a, b }) => {
      hold(a.grad_fn)
      expect(id(a.grad_fn)).not.toBe(id(b.grad_fn))
    })
  })

  it.each(['weak', 'owned'] as const)('%s: g is a.grad_fn', (policy) => {
    under(policy, ({ a }) => {
      const g = hold(a.grad_fn)
      expect(is_(g, a.grad_fn)).toBe(true)
    })
  })

  it.each(['weak', 'owned'] as const)('%s: id(g) == id(a.grad_fn)', (policy) => {
    under(policy, ({ a }) => {
      const g = hold(a.grad_fn)
      expect(id(g)).toBe(id(a.grad_fn))
    })
  })

  it('fresh: g is not a.grad_fn', () => {
    under('fresh', ({ a }) => {
      const g = hold(a.grad_fn)
      expect(is_(g, a.grad_fn)).toBe(false)
    })
  })

  it.each([
    ['weak', 2],
    ['owned', 3],
  ] as const)('%s: sys.getrefcount(g) is %i', (policy, count) => {
    under(policy, ({ a }) => expect(py.sys.getrefcount(hold(a.grad_fn))).toBe(count))
  })

  it.each([
    ['weak', 3],
    ['owned', 4],
  ] as const)('%s: sys.getrefcount(g) after g2 = a.grad_fn is %i', (policy, count) => {
    under(policy, ({ a }) => {
      const g = hold(a.grad_fn)
      hold(a.grad_fn)
      expect(py.sys.getrefcount(g)).toBe(count)
    })
  })

  it.each([
    ['weak', 1],
    ['owned', 2],
  ] as const)('%s: sys.getrefcount(a.grad_fn) of a temporary is %i', (policy, count) => {
    under(policy, ({ a }) => expect(py.sys.getrefcount(a.grad_fn)).toBe(count))
  })

  it.each([
    ['weak', true],
    ['owned', false],
  ] as const)('%s: after del g, id(a.grad_fn) == id(b.grad_fn) is %s', (policy, equal) => {
    under(policy, ({ a, b }) => {
      scope((f) => {
        f.g = a.grad_fn
        delete f.g
      })
      expect(id(a.grad_fn) === id(b.grad_fn)).toBe(equal)
    })
  })

  it.each([
    ['weak', 1],
    ['owned', 6],
    ['fresh', 1],
  ] as const)('%s: the ids of six nodes, asked one after the other, are %i numbers', (policy, count) => {
    under(policy, ({ x }) => {
      const ys = Array.from({ length: 6 }, (_, i) => x.mul(i))
      expect(new Set(ys.map((y) => id(y.grad_fn))).size).toBe(count)
    })
  })

  it.each(['weak', 'owned', 'fresh'] as const)('%s: the ids of six kept handles are six numbers', (policy) => {
    under(policy, ({ x }) => {
      const ys = Array.from({ length: 6 }, (_, i) => x.mul(i))
      const keep = ys.map((y) => hold(y.grad_fn))
      expect(new Set(keep.map(id)).size).toBe(6)
    })
  })

  it.each(['weak', 'owned'] as const)('%s: {a.grad_fn, a.grad_fn, b.grad_fn} has two members', (policy) => {
    under(policy, ({ a, b }) => {
      const members = [a.grad_fn, a.grad_fn, b.grad_fn].map(hold)
      expect(new Set(members.map(id)).size).toBe(2)
    })
  })

  it.each([
    ['weak', [0, 0, 1, 0]],
    ['owned', [0, 1, 1, 1]],
  ] as const)('%s: wrappers alive before any access, after one, while held, after del', (policy, counts) => {
    under(policy, ({ a }) => {
      const before = torch.memory.stats().objects
      const alive = () => torch.memory.stats().objects - before
      const seen = [alive()]
      id(a.grad_fn)
      seen.push(alive())
      scope((f) => {
        f.g = a.grad_fn
        seen.push(alive())
        delete f.g
        seen.push(alive())
      })
      expect(seen).toEqual(counts)
    })
  })

  it('owned: a.grad_fn.name() makes the wrapper that the node then keeps', () => {
    under('owned', ({ a }) => {
      const before = torch.memory.stats().objects
      a.grad_fn.name()
      expect(torch.memory.stats().objects - before).toBe(1)
    })
  })

  it.each(['weak', 'owned', 'fresh'] as const)(
    '%s: id((x*3).grad_fn) == id((x*4).grad_fn), the tensors die too',
    (policy) => {
      under(policy, ({ x }) => {
        const idOfTemporary = (factor: number) => scope(() => id(x.mul(factor).grad_fn))
        expect(idOfTemporary(3)).toBe(idOfTemporary(4))
      })
    },
  )

  it.each(['weak', 'owned', 'fresh'] as const)('%s: y.grad_fn is a new JavaScript object at every access', (policy) => {
    under(policy, ({ a }) => expect(a.grad_fn).not.toBe(a.grad_fn))
  })

  it('owned: an id survives backward', () => {
    under('owned', ({ a }) => {
      const before = id(a.grad_fn)
      a.sum().backward()
      expect(id(a.grad_fn)).toBe(before)
    })
  })

  it('a leaf has no grad_fn', () => {
    under('weak', ({ x }) => expect(x.grad_fn).toBeNull())
  })
})
