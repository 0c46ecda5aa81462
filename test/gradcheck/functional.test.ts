// torch.autograd.functional beside PyTorch's own tests (../autograd/) and what it answers to errors (fixture.json).
import { describe, expect, it } from 'vitest'
import { repr, scope, type Tensor, torch } from '../../src/index'
import { expectNoLeaks } from './live'

const { jacobian, hvp } = torch.autograd.functional
const dtype = torch.float64
const RECORDED = { create_graph: true }

expectNoLeaks()

const x = () => torch.tensor([0.5, -1.25, 2], { dtype, requires_grad: true })
const v = () => torch.tensor([2, 0.5, -1], { dtype })
const cubes = (x: Tensor) => x.pow(3).sum()

describe('a tensor that the function captured', () => {
  // https://github.com/pytorch/pytorch/issues/32576
  it('is told from the argument that it is, too', () => {
    scope(() => {
      const a = x()
      expect(jacobian((x) => x.mul(a), a).tolist()).toEqual(jacobian((x) => x.mul(a.detach()), x()).tolist())
    })
  })
  it('keeps its gradient as it was', () => {
    scope(() => {
      const a = x()
      hvp(cubes, a, v())
      jacobian((x) => x.exp(), a, RECORDED)
      expect(a.grad).toBeNull()
    })
  })
})

describe('results', () => {
  it('belong to the scope of the caller', () => {
    const a = x()
    const result = scope(() => jacobian((x) => x.exp(), a, RECORDED))
    expect(repr(result)).toContain('grad_fn=<ViewBackward0>')
    expect(scope(() => torch.autograd.grad(result.sum(), a)[0]!.requires_grad)).toBe(false)
    result.dispose()
    a.dispose()
  })
})
