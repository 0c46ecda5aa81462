// Graphs too large for recursion: built, run backward and freed, with all counters back at the end.
import { describe, expect, it } from 'vitest'
import { core } from '../../src/core/wasm'
import { scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft } from '../identity/live'

expectNothingLeft()

const GiB = 2 ** 30
const leaf = () => torch.tensor(1, { requires_grad: true })

/** Applies `op` `count` times without keeping the results between; the handles go every thousand steps. */
function chain(start: Tensor, count: number, op: (y: Tensor) => Tensor): Tensor {
  let y = start
  for (let made = 0; made < count; made += 1000) {
    y = scope(() => {
      let z = y
      for (let i = 0; i < 1000; i++) z = op(z)
      return z
    })
  }
  return y
}

describe('a chain of 1,000,000 nodes', () => {
  it('runs backward and is freed', () => {
    scope(() => {
      const x = leaf()
      const y = chain(x, 1_000_000, (y) => y.add(1))
      expect(torch.memory.stats().nodes).toBeGreaterThanOrEqual(1_000_000)
      y.backward()
      expect(x.grad.item()).toBe(1)
    })
    expect(core.memory.buffer.byteLength).toBeLessThan(GiB)
  }, 20_000)

  it('made in place runs backward and is freed', () => {
    scope(() => {
      const x = leaf()
      const y = x.mul(1)
      for (let i = 0; i < 1_000_000; i++) y.add_(1)
      y.backward()
      expect([x.grad.item(), y._version]).toEqual([1, 1_000_000])
    })
    expect(core.memory.buffer.byteLength).toBeLessThan(GiB)
  }, 20_000)

  it('is freed without having run', () => {
    scope(() => chain(leaf(), 1_000_000, (y) => y.add(1)).item())
  }, 20_000)
})

describe('a chain of 100,000 nodes', () => {
  it.each([
    ['that save their inputs', 'sin', (y: Tensor) => y.sin()],
    ['that save their outputs', 'sigmoid', (y: Tensor) => y.sigmoid()],
    ['of views', 'view', (y: Tensor) => y.view([])],
  ])('%s (%s) is freed', (_, _name, op) => {
    scope(() => {
      let y = leaf()
      for (let i = 0; i < 100_000; i++) y = op(y)
      y.backward()
    })
  })

  it('under create_graph doubles, runs again and is freed', () => {
    scope(() => {
      const x = leaf()
      let y = x
      for (let i = 0; i < 100_000; i++) y = y.mul(1)
      const [grad] = torch.autograd.grad(y, x, { create_graph: true })
      grad?.mul(x).backward()
      expect(x.grad.item()).toBe(1)
    })
  })

  it('that save tensors costs its length, however many scopes end on the way', () => {
    const seconds = (fn: () => void) => {
      const start = performance.now()
      fn()
      return (performance.now() - start) / 1000
    }
    expect(seconds(() => scope(() => chain(leaf(), 100_000, (y) => y.sin()).item()))).toBeLessThan(1.5)
  }, 20_000)
})

describe('width', () => {
  it('a leaf used 100,000 times sums as many gradients', () => {
    scope(() => {
      const x = leaf()
      let y = torch.tensor(0)
      for (let i = 0; i < 100_000; i++) y = y.add(x.mul(1))
      y.backward()
      expect(x.grad.item()).toBe(100_000)
    })
  })

  it('100,000 roots', () => {
    scope(() => {
      const x = leaf()
      torch.autograd.backward(Array.from({ length: 100_000 }, () => x.mul(1)))
      expect(x.grad.item()).toBe(100_000)
    })
  })

  it('10,000 diamonds on end run each node once', () => {
    scope(() => {
      const x = leaf()
      let y = x.mul(1)
      for (let i = 0; i < 10_000; i++) y = y.mul(0.5).add(y.mul(0.5))
      y.backward()
      expect(x.grad.item()).toBe(1)
    })
  })

  it('3,000 writes through views of one base', () => {
    scope(() => {
      const x = torch.ones(2, { requires_grad: true })
      const h = x.mul(1)
      for (let i = 0; i < 3000; i++) h.at(i % 2).mul_(1)
      h.sum().backward()
      expect(x.grad.tolist()).toEqual([1, 1])
    })
  })
})
