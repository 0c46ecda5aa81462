import { expect, test } from 'vitest'
import { hold, id, is_, scope, torch, type_ } from '../../src/index'

// Article 0 on the page's own thread, where the default entry fetches the core.

test('two grad_fn objects of different types have one id', () => {
  scope(() => {
    const y1 = torch.div(2, torch.tensor(2.0, { requires_grad: true }))
    const y2 = torch.tensor(3.0, { requires_grad: true }).pow(3)
    expect(String(type_(y1.grad_fn))).toBe("<class 'MulBackward0'>")
    expect(String(type_(y2.grad_fn))).toBe("<class 'PowBackward0'>")
    expect(id(y1.grad_fn)).toBe(id(y2.grad_fn))
    expect(is_(y1.grad_fn, y2.grad_fn)).toBe(false)
  })
})

test('with one of them held the ids differ', () => {
  scope(() => {
    const y1 = torch.div(2, torch.tensor(2.0, { requires_grad: true }))
    const y2 = torch.tensor(3.0, { requires_grad: true }).pow(3)
    const grad_fn_1 = hold(y1.grad_fn)
    expect(id(grad_fn_1)).not.toBe(id(y2.grad_fn))
  })
})

test('a matrix product and its gradient', () => {
  scope(() => {
    const a = torch.tensor([[1.0, 2.0]], { requires_grad: true })
    const b = torch.tensor([[3.0], [4.0]], { dtype: torch.float32 })
    a.matmul(b).sum().backward()
    expect(a.grad?.tolist()).toEqual([[3, 4]])
  })
})
