// What a scope frees, what leaves it, and what happens to both when it ends in an unusual way.
import { describe, expect, it } from 'vitest'
import { type GradFn, ReferenceError as PyReferenceError, scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft, live } from '../identity/live'

expectNothingLeft()

const leaf = (...values: number[]) => torch.tensor(values, { requires_grad: true })
const tensors = () => torch.memory.stats().tensors

describe('a scope', () => {
  it('frees the tensors, storages, nodes and objects that were made in it', () => {
    const before = live()
    scope(() => {
      const y = leaf(1, 2).mul(3).exp()
      y.sum().backward()
      expect([live().tensors > 0, live().nodes > 0]).toEqual([true, true])
    })
    expect(live()).toEqual(before)
  })

  it('returns what its function returns', () => {
    expect(scope(() => 7)).toBe(7)
  })

  it('leaves a disposed handle behind, which is a ReferenceError to use', () => {
    let kept: Tensor | null = null
    let node: GradFn | null = null
    scope(() => {
      kept = leaf(1).mul(2)
      node = kept.grad_fn
    })
    expect(() => (kept as unknown as Tensor).item()).toThrow(PyReferenceError)
    expect(() => (node as unknown as GradFn).name()).toThrow(
      'this grad_fn was disposed: its scope was left, or dispose() or del_() was called on it',
    )
  })

  it('does not touch what was made outside', () => {
    scope(() => {
      const x = leaf(1, 2)
      scope(() => x.mul(2).sum().backward())
      expect(x.grad.tolist()).toEqual([2, 2])
    })
  })

  it('keeps what somebody outside refers to in the core', () => {
    scope(() => {
      const x = leaf(3)
      const y = scope(() => x.mul(torch.tensor([5])))
      y.backward()
      expect(x.grad.tolist()).toEqual([5])
    })
  })

  it('takes only a function', () => {
    expect(() => scope(7 as unknown as () => void)).toThrow('scope() takes a function')
  })

  it('needs no stack for what it returns', () => {
    scope(() => {
      const { x } = scope(() => {
        const x = leaf(1)
        let nested: unknown = x
        for (let i = 0; i < 100_000; i++) nested = i % 2 ? [nested] : { nested }
        return { x, nested }
      })
      expect(x.item()).toBe(1)
    })
  })
})

describe('what leaves a scope', () => {
  const rows: [string, (x: Tensor) => unknown, (out: never) => Tensor][] = [
    ['a tensor', (x) => x, (out: Tensor) => out],
    ['an array', (x) => [1, x], (out: Tensor[]) => out[1]],
    ['an array in an array', (x) => [[x]], (out: Tensor[][]) => out[0][0]],
    ['a plain object', (x) => ({ x, n: 1 }), (out: { x: Tensor }) => out.x],
    [
      'an object in an array in an object',
      (x) => ({ list: [{ x }] }),
      (out: { list: { x: Tensor }[] }) => out.list[0].x,
    ],
    ['a set', (x) => new Set([x]), (out: Set<Tensor>) => [...out][0]],
    ['a map', (x) => new Map([['x', x]]), (out: Map<string, Tensor>) => out.get('x') as Tensor],
  ]
  it.each(rows)('%s: survives, alone', (_, pack, unpack) => {
    scope(() => {
      const before = tensors()
      const out = scope(() => {
        torch.ones(3)
        return pack(torch.tensor([1, 2]))
      })
      expect([unpack(out as never).tolist(), tensors() - before]).toEqual([[1, 2], 1])
    })
  })

  it('something cyclic', () => {
    scope(() => {
      const out = scope(() => {
        const cyclic: { self?: unknown; x: Tensor } = { x: torch.tensor(1) }
        cyclic.self = cyclic
        return cyclic
      })
      expect(out.x.item()).toBe(1)
    })
  })

  it('belongs to the scope around it', () => {
    const x = scope(() => {
      const inner = scope(() => scope(() => torch.tensor(1)))
      expect(inner.item()).toBe(1)
      return { inner }
    }).inner
    expect(x.item()).toBe(1)
    x.dispose()
  })

  it('dies with the scope around it unless it is returned again', () => {
    let inner: Tensor | null = null
    scope(() => {
      inner = scope(() => torch.tensor(1))
    })
    expect(() => (inner as unknown as Tensor).item()).toThrow(PyReferenceError)
  })

  it('a grad_fn keeps its node and the graph behind it', () => {
    scope(() => {
      const g = scope(() => leaf(1).mul(2).exp().grad_fn)
      expect([g.name(), g.next_functions[0][0].name()]).toEqual(['ExpBackward0', 'MulBackward0'])
    })
  })

  it('a tensor that came from outside stays where it was', () => {
    scope(() => {
      const x = torch.tensor(1)
      expect(scope(() => x)).toBe(x)
      expect(x.item()).toBe(1)
    })
  })

  it('may have been disposed already', () => {
    scope(() => {
      const x = scope(() => {
        const x = torch.tensor(1)
        x.dispose()
        return x
      })
      expect(() => x.item()).toThrow(PyReferenceError)
    })
  })
})

describe('an exception', () => {
  it('passes through and closes the scope', () => {
    const before = live()
    expect(() =>
      scope(() => {
        leaf(1).mul(2)
        throw new Error('stop')
      }),
    ).toThrow('stop')
    expect(live()).toEqual(before)
  })

  it('in an inner scope leaves the outer one open', () => {
    scope(() => {
      const x = torch.tensor(1)
      expect(() =>
        scope(() => {
          throw new Error('stop')
        }),
      ).toThrow('stop')
      const y = x.add(1)
      expect(y.item()).toBe(2)
    })
  })

  it('from a getter of the returned object still closes the scope', () => {
    const before = live()
    expect(() =>
      scope(() => {
        torch.tensor(1)
        return Object.defineProperty({}, 'x', {
          enumerable: true,
          get() {
            throw new Error('from the getter')
          },
        })
      }),
    ).toThrow('from the getter')
    expect(live()).toEqual(before)
  })

  it('of an op leaves nothing behind', () => {
    scope(() => {
      const [a, b] = [leaf(1, 2), leaf(1, 2, 3)]
      const before = live()
      expect(() => a.add(b)).toThrow('must match')
      expect(live()).toEqual(before)
    })
  })
})

describe('an async scope', () => {
  const later = () => new Promise<void>((resolve) => setTimeout(resolve, 1))

  it('lives until its promise settles', async () => {
    const before = live()
    const sum = await scope(async () => {
      const x = leaf(1, 2)
      await later()
      const y = x.mul(2)
      await later()
      return y.sum().item()
    })
    expect([sum, live()]).toEqual([6, before])
  })

  it('lets out what it resolves to', async () => {
    const x = await scope(async () => {
      await later()
      return torch.tensor([1, 2])
    })
    expect(x.tolist()).toEqual([1, 2])
    x.dispose()
  })

  it('is closed by a rejection', async () => {
    const before = live()
    const failing = scope(async () => {
      torch.tensor(1)
      await later()
      throw new Error('later')
    })
    await expect(failing).rejects.toThrow('later')
    expect(live()).toEqual(before)
  })

  it('may be one of two at a time, whichever ends first', async () => {
    const before = live()
    const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
    for (const [first, second] of [
      [1, 10],
      [10, 1],
    ]) {
      const run = (ms: number) =>
        scope(async () => {
          const x = leaf(ms)
          await wait(ms)
          return x.mul(2).item()
        })
      expect(await Promise.all([run(first), run(second)])).toEqual([2 * first, 2 * second])
      const after = torch.tensor(1)
      after.dispose()
    }
    expect(live()).toEqual(before)
  })

  it('may outlive the scope around it', async () => {
    const before = live()
    const inner = scope(() => ({
      promise: scope(async () => {
        await later()
        return torch.tensor(7)
      }),
    }))
    const x = await inner.promise
    expect(x.item()).toBe(7)
    x.dispose()
    expect(live()).toEqual(before)
  })
})

describe('identity of tensors', () => {
  it('x.grad is the same object every time', () => {
    scope(() => {
      const x = leaf(1, 2)
      x.sum().backward()
      const grad = x.grad
      expect(x.grad).toBe(grad)
    })
  })

  it('an in-place op returns the object it was called on', () => {
    scope(() => {
      const x = torch.ones(2)
      for (const same of [x.add_(1), x.mul_(2), x.zero_(), x.copy_(torch.ones(2)), x.requires_grad_(), x.detach_()]) {
        expect(same).toBe(x)
      }
    })
  })

  it.each([
    ['contiguous() of a contiguous tensor', (x: Tensor) => x.contiguous()],
    ['to() its own dtype', (x: Tensor) => x.to(torch.float32)],
    ['float() of a float32', (x: Tensor) => x.float()],
  ])('%s returns the very object', (_, op) => {
    scope(() => {
      const x = torch.ones(2)
      expect(op(x)).toBe(x)
    })
  })

  it('_base of two views is one object', () => {
    scope(() => {
      const x = torch.ones(4)
      const [a, b] = [x.at(':2'), x.at('2:')]
      expect([a._base === x, b._base === x]).toEqual([true, true])
    })
  })

  it('a handle disposed by hand does not end the others', () => {
    scope(() => {
      const x = leaf(1, 2)
      x.sum().backward()
      x.grad.dispose()
      expect(x.grad.tolist()).toEqual([1, 1])
    })
  })
})
