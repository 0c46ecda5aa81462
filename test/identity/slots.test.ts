// Which slot a wrapper takes: chains of next_functions, and handles that are let go in some order.
import { describe, expect, it } from 'vitest'
import { del_, hold, id, is_, scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft } from './live'

expectNothingLeft()

interface Tensors {
  a: Tensor
  b: Tensor
  z: Tensor
}

/** a = x * 3, z = a * 2, b = x ** 3. */
function under<R>(policy: 'weak' | 'owned', fn: (tensors: Tensors) => R): R {
  torch.autograd.set_wrapper_policy(policy)
  return scope(() => {
    const x = torch.tensor([1, 2], { requires_grad: true })
    const a = x.mul(3)
    return fn({ a, z: a.mul(2), b: x.pow(3) })
  })
}

const child = (z: Tensor) => z.grad_fn.next_functions[0][0]

describe('an attribute chain takes and gives back slots in the order of Python', () => {
  it.each([
    ['weak', false],
    ['owned', true],
  ] as const)('%s: id(z.grad_fn.next_functions[0][0]) twice is the same is %s', (policy, equal) => {
    under(policy, ({ z }) => {
      const first = id(child(z))
      expect(first === id(child(z))).toBe(equal)
    })
  })

  it('weak: two slots swap places, so every second id is the same', () => {
    under('weak', ({ z }) => {
      const ids = Array.from({ length: 4 }, () => id(child(z)))
      expect(ids).toEqual([ids[0], ids[1], ids[0], ids[1]])
    })
  })

  it.each(['weak', 'owned'] as const)('%s: id(z.grad_fn.next_functions[0][0]) == id(a.grad_fn)', (policy) => {
    under(policy, ({ a, z }) => expect(id(child(z))).toBe(id(a.grad_fn)))
  })

  it.each([
    ['weak', false],
    ['owned', true],
  ] as const)('%s: id(a.grad_fn) == id(z.grad_fn.next_functions[0][0]) is %s', (policy, equal) => {
    under(policy, ({ a, z }) => expect(id(a.grad_fn) === id(child(z))).toBe(equal))
  })

  it.each(['weak', 'owned'] as const)('%s: id(z.grad_fn) != id(z.grad_fn.next_functions[0][0])', (policy) => {
    under(policy, ({ z }) => expect(id(z.grad_fn)).not.toBe(id(child(z))))
  })

  it.each([
    ['weak', 1],
    ['owned', 3],
  ] as const)('%s: the ids of a.grad_fn, b.grad_fn and z.grad_fn are %i numbers', (policy, count) => {
    under(policy, ({ a, b, z }) => expect(new Set([a, b, z].map((t) => id(t.grad_fn))).size).toBe(count))
  })

  it.each(['weak', 'owned'] as const)('%s: z.grad_fn.next_functions[0][0] is a.grad_fn', (policy) => {
    under(policy, ({ a, z }) => expect(is_(child(z), a.grad_fn)).toBe(true))
  })

  it.each([
    ['weak', true],
    ['owned', false],
  ] as const)('%s: while a.grad_fn is held, id(b.grad_fn) == id(z.grad_fn) is %s', (policy, equal) => {
    under(policy, ({ a, b, z }) => {
      hold(a.grad_fn)
      expect(id(b.grad_fn) === id(z.grad_fn)).toBe(equal)
    })
  })

  it.each([
    ['weak', [2, 1, 0]],
    ['owned', [0, 1, 2]],
  ] as const)('%s: three handles let go as A, B, C come back as %j', (policy, order) => {
    under(policy, ({ a, b, z }) => {
      const nodes = [a, b, z]
      const held = nodes.map((t) => hold(t.grad_fn))
      const slots = held.map(id)
      for (const handle of held) del_(handle)
      const again = nodes.map((t) => id(hold(t.grad_fn)))
      expect(again).toEqual(order.map((i) => slots[i]))
    })
  })
})
