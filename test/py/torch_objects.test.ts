// Tensors and grad_fns among Python's objects: references to them count, and bring the very object back.
import { describe, expect, it } from 'vitest'
import { type GradFn, id, is_, type PyList, print, py, repr, scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft, live, printed } from '../identity/live'

expectNothingLeft()

const leaf = () => torch.ones(2, { requires_grad: true })

describe('a tensor', () => {
  it('in a list is the same JavaScript object, and counts as a reference', () => {
    scope((f: { l: PyList }) => {
      const x = leaf()
      f.l = py.list([x, x])
      expect([f.l.at(0) === x, py.sys.getrefcount(x), f.l.index(x), f.l.contains(x)]).toEqual([true, 3, 0, true])
    })
  })

  it('lives as long as the list, also after its handle', () => {
    scope((f: { l: PyList }) => {
      const before = live().tensors
      f.l = py.list([])
      const address = scope(() => {
        const x = torch.tensor([1, 2])
        f.l.append(x)
        return id(x)
      })
      const again = f.l.at(0) as Tensor
      expect([id(again), again.tolist(), live().tensors - before]).toEqual([address, [1, 2], 1])
      again.dispose()
      f.l.clear()
      expect(live().tensors).toBe(before)
    })
  })

  it('keeps its graph and its .grad', () => {
    scope((f: { l: PyList }) => {
      f.l = py.list([])
      scope(() => {
        const x = leaf()
        x.mul(2).sum().backward()
        f.l.append(x)
      })
      expect((f.l.at(0) as Tensor).grad.tolist()).toEqual([2, 2])
    })
  })

  it('outside scopes is the very handle still', () => {
    const x = torch.tensor([1])
    const l = py.list([x])
    expect(l.at(0) === x).toBe(true)
    l.dispose()
    x.dispose()
  })

  it('comes out of a list as a value of the list', () => {
    scope(() => {
      const x = torch.tensor([1])
      expect(py.list([x, 1]).tolist()).toEqual([x, 1])
      expect(repr(py.list([x]))).toBe('[tensor([1])]')
      const l = py.list([x])
      expect([l.pop() === x, py.sys.getrefcount(x)]).toEqual([true, 2])
    })
  })
})

describe.each(['weak', 'owned', 'fresh'] as const)('a grad_fn, wrapper policy %s', (policy) => {
  const under = (fn: (y: Tensor, f: { l: PyList }) => void) => {
    torch.autograd.set_wrapper_policy(policy)
    scope((f: { l: PyList }) => fn(leaf().mul(2), f))
  }

  it('in a list is one object', () => {
    under((y, f) => {
      f.l = py.list([y.grad_fn])
      expect(is_(f.l.at(0) as GradFn, f.l.at(0) as GradFn)).toBe(true)
      expect(id(f.l.at(0) as GradFn)).toBe(id(f.l.at(0) as GradFn))
      expect((f.l.at(0) as GradFn).name()).toBe('MulBackward0')
    })
  })

  it('in a list is the one that a new access gives, but for fresh ones', () => {
    under((y, f) => {
      f.l = py.list([y.grad_fn])
      expect(is_(f.l.at(0) as GradFn, y.grad_fn)).toBe(policy !== 'fresh')
    })
  })

  it('keeps its address while the list lives: another gets another', () => {
    under((y, f) => {
      f.l = py.list([y.grad_fn])
      const other = y.exp()
      expect(id(f.l.at(0) as GradFn)).not.toBe(id(other.grad_fn))
    })
  })
})

describe('print', () => {
  it('keeps its arguments alive while it prints: two objects show two addresses', () => {
    scope(() => {
      const [line] = printed(() => print(py.object(), py.object(), [py.object()]))
      const addresses = [...line.matchAll(/<object object at (0x[0-9a-f]{12})>/g)].map(([, address]) => address)
      expect([addresses.length, new Set(addresses).size]).toEqual([3, 3])
    })
  })

  it('writes strings as they are, and quotes them in containers', () => {
    scope(() => {
      expect(printed(() => print(py.str("it's"), py.list([py.str("it's"), null, true, 1, 2.5]), py.None))).toEqual([
        `it's ["it's", None, True, 1, 2.5] None`,
      ])
    })
  })
})
