import { describe, expect, it } from 'vitest'
import { scope, type Tensor, torch } from '../../src/index'
import { expectNoLeaks } from './live'
import { inputs, TimesWrong } from './programs'

const { gradcheck, gradgradcheck } = torch.autograd
const ones = (...shape: number[]) => torch.ones(shape, { dtype: torch.float64, requires_grad: true })

expectNoLeaks()

describe('a check', () => {
  it('leaves the inputs as they were', () => {
    scope(() => {
      const { x, y } = inputs()
      const before = [x, y].map((t) => [t.tolist(), t._version, t.requires_grad])
      gradcheck((x, y) => x.mul(y), [x, y])
      gradgradcheck((x, y) => x.mul(y), [x, y], { fast_mode: true })
      expect([x, y].map((t) => [t.tolist(), t._version, t.requires_grad])).toEqual(before)
      expect([x.grad, y.grad]).toEqual([null, null])
    })
  })
  it('puts an element back when the function throws', () => {
    scope(() => {
      const { x } = inputs()
      let calls = 0
      const third = (x: Tensor) => {
        if (++calls === 3) throw new Error('third')
        return x.mul(2)
      }
      expect(() => gradcheck(third, x)).toThrow('third')
      expect(x.tolist()).toEqual([1, 1.5])
    })
  })
  it('keeps no tensor that the function made, within a scope or without', () => {
    let seen: Tensor | null = null
    const keep = (x: Tensor) => {
      seen = x.mul(2)
      return seen
    }
    const x = ones(2)
    const count = torch.memory.stats().tensors
    gradcheck(keep, x)
    gradgradcheck(keep, x)
    expect(torch.memory.stats().tensors).toBe(count)
    expect(() => seen!.sum()).toThrow('this Tensor was disposed')
    x.dispose()
  })
  it('passes tensors that the function did not make', () => {
    scope(() => {
      const { x, plain } = inputs()
      expect(gradcheck((x) => [x, plain, x.mul(plain)], x)).toBe(true)
      expect(plain.tolist()).toEqual([1, 1.5])
    })
  })
  it('of a wrong derivative that is right again at second order', () => {
    expect(scope(() => gradgradcheck((x) => TimesWrong.apply(x, 2), ones(2)))).toBe(true)
  })
  it('may be nested', () => {
    scope(() => {
      const inner = (x: Tensor) => {
        expect(gradcheck((y) => y.mul(y), x.detach().requires_grad_())).toBe(true)
        return x.exp()
      }
      expect(gradcheck(inner, inputs().x)).toBe(true)
    })
  })
})
