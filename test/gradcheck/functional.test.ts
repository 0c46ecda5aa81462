// PyTorch's tests of torch.autograd.functional under their names; what it answers to errors stands in fixture.json.
import { describe, expect, it } from 'vitest'
import { repr, scope, type Tensor, torch } from '../../src/index'
import { expectNoLeaks } from './live'

const { gradcheck, gradgradcheck, functional } = torch.autograd
const { jacobian, hessian, vjp, jvp, vhp, hvp } = functional
const dtype = torch.float64
const RECORDED = { create_graph: true }

expectNoLeaks()

const leaf = (...values: number[]) => torch.tensor(values, { dtype, requires_grad: true })
const x = () => leaf(0.5, -1.25, 2)
const y = () => leaf(1.5, 0.75, -0.5)
const v = () => torch.tensor([2, 0.5, -1], { dtype })
const cubes = (x: Tensor) => x.pow(3).sum()
const both = (x: Tensor, y: Tensor) => x.pow(3).mul(y).sum()

/** The four products of one smooth function, each with what goes in beside the function. */
const PRODUCTS = {
  vjp: (fn: (x: Tensor) => Tensor, x: Tensor, v: Tensor, options?: object) => vjp(fn, x, v, options),
  jvp: (fn: (x: Tensor) => Tensor, x: Tensor, v: Tensor, options?: object) => jvp(fn, x, v, options),
  vhp: (fn: (x: Tensor) => Tensor, x: Tensor, v: Tensor, options?: object) => vhp((x) => fn(x).sum(), x, v, options),
  hvp: (fn: (x: Tensor) => Tensor, x: Tensor, v: Tensor, options?: object) => hvp((x) => fn(x).sum(), x, v, options),
}

describe.each(Object.entries(PRODUCTS))('%s', (name, product) => {
  const smooth = (x: Tensor) => x.mul(x).mul(x.exp())

  it(`test_${name}_output`, () => {
    scope(() => {
      const [output, derivative] = product(smooth, x(), v())
      expect(derivative.shape).toEqual([3])
      expect(output.shape).toEqual(name.endsWith('jvp') || name === 'vjp' ? [3] : [])
      expect([output.grad_fn, derivative.grad_fn]).toEqual([null, null])
    })
  })
  it(`test_${name}_scalar`, () => {
    scope(() => {
      const s = torch.tensor(0.5, { dtype, requires_grad: true })
      const one = torch.ones([], { dtype })
      const [output, derivative] = product(smooth, s, one)
      expect([output.shape, derivative.shape]).toEqual([[], []])
    })
  })
  it(`test_${name}_no_grad`, () => {
    scope(() => {
      const [output, derivative] = torch.no_grad(() => product(smooth, x(), v()))
      expect(derivative.tolist()).toEqual(product(smooth, x(), v())[1].tolist())
      expect([output.requires_grad, derivative.requires_grad]).toEqual([false, false])
      const recorded = torch.no_grad(() => product(smooth, x(), v(), RECORDED))
      expect(recorded.map((t) => t.requires_grad)).toEqual([true, true])
    })
  })
  it(`test_${name}_create_graph`, () => {
    const results = (x: Tensor, v: Tensor) => product(smooth, x, v, RECORDED)
    expect(scope(() => gradcheck(results, [x(), y()]))).toBe(true)
    expect(scope(() => gradgradcheck(results, [x(), y()]))).toBe(true)
    scope(() => {
      const [a, b] = [x(), y()]
      const [, derivative] = product((t) => t.sin().cos(), a, b, RECORDED)
      expect(torch.autograd.grad(derivative.sum(), [a, b]).map((g) => g?.shape)).toEqual([[3], [3]])
    })
  })
})

describe('jacobian', () => {
  it('test_jacobian_output', () => {
    scope(() => {
      const result = jacobian((x) => x.exp(), x())
      expect([result.shape, result.grad_fn]).toEqual([[3, 3], null])
      const two = jacobian((x, y) => [x.mul(y), x.sum()], [x(), y()])
      expect(two.map((row) => row.map((t) => t.shape))).toEqual([
        [
          [3, 3],
          [3, 3],
        ],
        [[3], [3]],
      ])
    })
  })
  it('test_jacobian_scalar', () => {
    scope(() => {
      expect(jacobian((x) => x.sum(), x()).shape).toEqual([3])
      expect(jacobian((s) => s.expand(3), torch.tensor(0.5, { dtype })).shape).toEqual([3])
    })
  })
  it('test_jacobian_no_grad', () => {
    scope(() => {
      const plain = torch.no_grad(() => jacobian((x) => x.exp(), x()))
      expect([plain.requires_grad, plain.sum().item() > 0]).toEqual([false, true])
      expect(torch.no_grad(() => jacobian((x) => x.exp(), x(), RECORDED)).requires_grad).toBe(true)
    })
  })
  it('test_jacobian_create_graph', () => {
    const result = (x: Tensor) => jacobian((x) => x.exp().mul(x.sum()), x, RECORDED)
    expect(scope(() => gradcheck(result, x()))).toBe(true)
    expect(scope(() => gradgradcheck(result, x()))).toBe(true)
    const two = (x: Tensor, y: Tensor) => jacobian((x, y) => [x.mul(y), x.pow(3).sum()], [x, y], RECORDED).flat()
    expect(scope(() => gradcheck(two, [x(), y()]))).toBe(true)
    expect(scope(() => gradgradcheck(two, [x(), y()]))).toBe(true)
  })
  it('test_jacobian_match_vjp_jvp', () => {
    scope(() => {
      const fn = (x: Tensor) => x.exp().mul(x.sum())
      const full = jacobian(fn, x())
      const near = (a: Tensor, b: Tensor) => expect(a.sub(b).abs().sum().item()).toBeLessThan(1e-12)
      near(v().matmul(full), vjp(fn, x(), v())[1])
      near(full.mv(v()), jvp(fn, x(), v())[1])
    })
  })
})

describe('hessian', () => {
  it('test_hessian_output', () => {
    scope(() => {
      const result = hessian(cubes, x())
      expect([result.add(0).tolist(), result.grad_fn]).toEqual([
        [
          [3, 0, 0],
          [0, -7.5, 0],
          [0, 0, 12],
        ],
        null,
      ])
      expect(hessian(both, [x(), y()]).map((row) => row.map((t) => t.shape))).toEqual([
        [
          [3, 3],
          [3, 3],
        ],
        [
          [3, 3],
          [3, 3],
        ],
      ])
    })
  })
  it('test_hessian_scalar', () => {
    scope(() => {
      const s = torch.tensor(0.5, { dtype })
      expect(hessian((s) => s.pow(3), s).item()).toBeCloseTo(3, 12)
      expect(hessian((x) => cubes(x).reshape(1), x()).shape).toEqual([3, 3])
    })
  })
  it('test_hessian_no_grad', () => {
    scope(() => {
      expect(torch.no_grad(() => hessian(cubes, x())).requires_grad).toBe(false)
      expect(torch.no_grad(() => hessian(cubes, x(), RECORDED)).requires_grad).toBe(true)
    })
  })
  it('test_hessian_create_graph', () => {
    const result = (x: Tensor, y: Tensor) => hessian(both, [x, y], RECORDED).flat()
    expect(scope(() => gradcheck(result, [x(), y()]))).toBe(true)
    expect(scope(() => gradgradcheck(result, [x(), y()]))).toBe(true)
  })
  it('test_hessian_match_vhp_hvp', () => {
    scope(() => {
      const fn = (x: Tensor) => x.exp().mul(x.sum()).sum()
      const full = hessian(fn, x())
      const near = (a: Tensor, b: Tensor) => expect(a.sub(b).abs().sum().item()).toBeLessThan(1e-11)
      near(full.mv(v()), hvp(fn, x(), v())[1])
      near(v().matmul(full), vhp(fn, x(), v())[1])
    })
  })
})

describe('what PyTorch vectorizes', () => {
  it('runs a row at a time here', () => {
    scope(() => {
      expect(() => jacobian((x) => x, x(), { vectorize: true })).toThrow('vectorize=True is not supported')
      expect(() => hessian(cubes, x(), { vectorize: true })).toThrow('vectorize=True is not supported')
    })
  })
})

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
