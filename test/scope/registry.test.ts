// Outside scopes: what the garbage collector of JavaScript drops is given back to the core.
import { describe, expect, it } from 'vitest'
import { hold, scope, type Tensor, torch } from '../../src/index'
import { before, collect, settled } from '../identity/collected'

const leaf = () => torch.ones(2, { requires_grad: true })

describe('the registry frees', () => {
  const rows: [string, () => unknown][] = [
    ['a tensor', () => torch.ones(3)],
    ['ten thousand tensors', () => Array.from({ length: 10_000 }, () => torch.ones(3))],
    ['a graph', () => leaf().mul(2).exp().sum()],
    ['a graph that ran', () => leaf().mul(2).exp().sum().backward()],
    ['a grad_fn', () => leaf().mul(2).grad_fn],
    ['a grad_fn that was held', () => hold(leaf().mul(2).grad_fn)],
    ['handles of next_functions', () => leaf().mul(2).grad_fn.next_functions[0][0].variable],
    ['saved tensors', () => leaf().exp().grad_fn._saved_result],
    ['what left a scope', () => scope(() => [leaf().mul(2), leaf().exp().grad_fn])],
    [
      'x.grad',
      () => {
        const x = leaf()
        x.sum().backward()
        return x.grad
      },
    ],
    ['a view and its base', () => leaf().mul(1).at(':1').mul_(2)],
    [
      'what was disposed by hand',
      () => {
        const x = leaf()
        x.mul(2).dispose()
        x.dispose()
      },
    ],
  ]
  it.each(rows)('%s', async (_, make) => {
    ;(() => void make())()
    expect(await settled()).toEqual(before)
  })
})

describe('the registry keeps', () => {
  it('what is still referred to', async () => {
    const kept: Tensor[] = []
    ;(() => {
      const x = leaf()
      kept.push(x.mul(2))
      x.sum().backward()
    })()
    await settled()
    expect([kept[0].tolist(), kept[0].grad_fn.name()]).toEqual([[2, 2], 'MulBackward0'])
    kept.pop()
    expect(await settled()).toEqual(before)
  })

  it('the identity of a leaf’s .grad while somebody has it', async () => {
    const x = leaf()
    x.sum().backward()
    const grad = x.grad
    collect()
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(x.grad).toBe(grad)
    x.dispose()
    grad.dispose()
    expect(await settled()).toEqual(before)
  })

  it('the reuse of a handle’s slot does not mix handles up', async () => {
    for (let round = 0; round < 20; round++) {
      ;(() => void Array.from({ length: 200 }, (_, i) => torch.tensor(i)))()
      collect()
      await new Promise((resolve) => setTimeout(resolve, 0))
      const fresh = Array.from({ length: 200 }, (_, i) => torch.tensor(i))
      expect(fresh.every((x, i) => x.item() === i)).toBe(true)
      for (const x of fresh) x.dispose()
    }
    expect(await settled()).toEqual(before)
  })
})
