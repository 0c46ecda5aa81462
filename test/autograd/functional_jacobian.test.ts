// PyTorch's tests of jacobian and hessian.
import { describe, expect, it } from 'vitest'
import { scope, set_warning_sink, torch } from '../../src/index'
import { standardBasis } from '../../src/torch/functional_jacobian'
import {
  complaints,
  expectDerivatives,
  expectHistory,
  expectInterleaved,
  expectLike,
  expectZeros,
  functional,
  type Result,
  tensorsIn,
  unrelated,
} from './functional'
import { errorOf, expectClose, keepsCounters, leafOf, type Tensor, values } from './harness'

keepsCounters()

const { jacobian, hessian, vjp, jvp, vhp, hvp } = functional
const MODES = [{ vectorize: false }, { vectorize: true }]
const STRICT = { strict: true }
const RECORDED = { create_graph: true }
const eye = (n: number) => torch.eye(n, { dtype: torch.float64 })
/** Beyond what the types allow. */
const onCuda = (size: number) => (torch.ones as (size: number, options: object) => Tensor)(size, { device: 'cuda' })
const one = (result: Result) => result as Tensor

const head = (a: Tensor) => a.narrow(0, 0, 3).mul(3)
const headExp = (a: Tensor) => head(a).exp().sum()
const headAndText = (a: Tensor) => [head(a), 'bar']
const sum = (x: Tensor) => x.sum()
const sumOfSquares = (x: Tensor) => x.pow(2).sum()
const cubes = (x: Tensor) => x.pow(3).sum()
const cubesOfSum = (x: Tensor, y: Tensor) => x.add(y).pow(3).sum()
const expRows = (x: Tensor) => x.exp().sum(1)
const expRowsOfSum = (x: Tensor, y: Tensor) => x.add(y).exp().sum(1)

describe('jacobian', () => {
  it('test_construct_standard_basis_for', () => {
    const cases = [
      [[2, 3]],
      [[1]],
      [[]],
      [[1], [], []],
      [[2], [3], []],
      [[2], [], [3]],
      [[2, 3], [3], [3, 4, 2]],
      [[0], [2], [0, 3]],
    ]
    scope(() => {
      for (const shapes of cases) check(shapes.map((shape) => values(shape)))
      check([values([2]), values([3]).float()])
    })
    function check(tensors: Tensor[]): void {
      const basis = standardBasis(tensors)
      expect(basis.map((chunk) => chunk.dtype)).toEqual(tensors.map((t) => t.dtype))
      const joined = torch.cat(
        basis.map((chunk) => chunk.double()),
        1,
      )
      expect(joined.tolist()).toEqual(eye(joined.size(0)).tolist())
    }
  })
  it('test_construct_standard_basis_for_cuda diverges: there is no other device than the CPU', () => {
    expect(errorOf(() => onCuda(3))).toMatch(/^NotImplementedError: device cuda is not supported/)
  })
  it('test_jacobian_vectorize_raises_no_warnings', () => {
    scope(() => expect(warningsOf(() => jacobian(sumOfSquares, values([3]), { vectorize: true }))).toEqual([]))
  })

  it('test_jacobian_err_check', () => {
    scope(() => {
      const x = values([4])
      const texts = complaints('jacobian')
      for (const mode of MODES) {
        expect(errorOf(() => jacobian(head, [x, 2], mode))).toBe(texts.input)
        expect(errorOf(() => jacobian(headAndText, x, mode))).toBe(texts.output)
        expectInterleaved(jacobian(head, x, mode), head(x), x)
        const two = [values([4]), values([5], 2)]
        const swapped = (a: Tensor, b: Tensor) => [b, head(a)]
        expectInterleaved(jacobian(swapped, two, mode), swapped(two[0], two[1]), two)
      }
    })
  })
  it('test_jacobian_err_check_strict', () => {
    scope(() => {
      const x = values([4])
      const texts = complaints('jacobian')
      for (const [fn, text] of [
        [(a: Tensor) => a.detach(), texts.constant],
        [unrelated, texts.unrelated.replace('The output', 'Output 0')],
      ] as const) {
        expect(errorOf(() => jacobian(fn, x, STRICT))).toBe(text)
        const zeros = jacobian(fn, x, { strict: false })
        expectInterleaved(zeros, x, x)
        expectZeros(zeros)
      }
      x.requires_grad_()
      const same = (a: Tensor) => a.clone()
      expect(errorOf(() => jacobian(same, x, { ...STRICT, ...RECORDED }))).toBe(texts.linear)
      expect(one(jacobian(same, x, RECORDED)).tolist()).toEqual(eye(4).tolist())
    })
  })
  it('test_jacobian_err_check_strict_vectorize', () => {
    scope(() => {
      const both = { ...STRICT, vectorize: true }
      expect(errorOf(() => jacobian((x: Tensor) => x, values([4]), both))).toBe(complaints('jacobian').together)
    })
  })
  it('test_jacobian_no_grad', () => {
    scope(() => {
      const m = values([4, 4])
      const expected = eye(4).unsqueeze(-1).mul(m.exp())
      for (const options of [{}, RECORDED]) {
        const result = torch.no_grad(() => jacobian(expRows, m, options))
        expectHistory(result, options === RECORDED)
        expectClose(one(result), expected)
      }
    })
  })
  it('test_jacobian_output', () => {
    scope(() => {
      const [m, n] = [values([4, 4]), values([4, 4], 2)]
      for (const mode of MODES) {
        const result = jacobian(expRows, m, mode)
        expectInterleaved(result, expRows(m), m)
        expectHistory(result, false)
        const same = jacobian((x: Tensor) => x.clone(), values([4]), mode)
        expectHistory(same, false)
        expect(one(same).tolist()).toEqual(eye(4).tolist())
        const mixed = (x: Tensor, y: Tensor) => x.add(y.exp()).sum(1)
        const two = jacobian(mixed, [m, n], mode)
        expectInterleaved(two, mixed(m, n), [m, n])
        expectHistory(two, false)
      }
    })
  })
  it('test_jacobian_scalar', () => {
    scope(() => {
      const m = values([4, 4])
      for (const mode of MODES) {
        expectLike(jacobian(sum, m, mode), m)
        const copies = jacobian((x: Tensor) => x.unsqueeze(0).repeat(4), values([]), mode)
        expect(one(copies).tolist()).toEqual([1, 1, 1, 1])
      }
    })
  })
  it('test_jacobian_create_graph', () => {
    scope(() => {
      for (const mode of MODES) {
        const options = { ...RECORDED, ...mode }
        const m = leafOf([3, 2])
        const result = jacobian(expRows, m, options)
        expectInterleaved(result, expRows(m), m)
        expectHistory(result, true)
        expectDerivatives((x) => jacobian(expRows, x, options), [m])
        const two = [leafOf([2, 2]), leafOf([2, 2], 2)]
        const recorded = jacobian(expRowsOfSum, two, options)
        expectInterleaved(recorded, expRowsOfSum(two[0], two[1]), two)
        expectHistory(recorded, true)
        expectDerivatives((x, y) => jacobian(expRowsOfSum, [x, y], options), two)
        expectDerivatives((x, y) => {
          const a = x.cos()
          const [first, second] = jacobian(expRowsOfSum, [a, y], options) as Tensor[]
          return [first, second, a, y].map((t) => t.exp().sum()).reduce((s, t) => s.add(t))
        }, two)
      }
    })
  })

  /** Vectorized the same as not; in forward mode not at all. */
  function expectSame(fn: (...inputs: Tensor[]) => unknown, inputs: Result, forward = true): void {
    expectEqual(jacobian(fn, inputs, { vectorize: true }), jacobian(fn, inputs, { vectorize: false }))
    if (forward) expectNoForward(() => jacobian(fn, inputs, { vectorize: true, strategy: 'forward-mode' }))
  }
  it('test_jacobian_vectorize_correctness_simple', () => {
    scope(() => expectSame((x) => x.pow(2).mul(3), values([2, 3, 5])))
  })
  it('test_jacobian_vectorize_correctness_multi_input', () => {
    scope(() => expectSame((x, y) => x.cos().mul(x).matmul(y.sin()), [values([2, 3]), values([3, 5], 2)]))
  })
  it('test_jacobian_vectorize_correctness_multi_input_multi_output', () => {
    const fn = (x: Tensor, y: Tensor) => [x.mul(x).matmul(y), x.matmul(x.sum(1).mul(y)), y.sum()]
    scope(() => expectSame(fn, [values([5, 3]), values([3, 5], 2)]))
  })
  it('test_jacobian_vectorize_correctness_unrelated_outputs', () => {
    scope(() => expectSame((x, y) => [x, y, x, y], [values([2]), values([3], 2)]))
  })
  it('test_jacobian_vectorize_correctness_zero_dim', () => {
    scope(() => {
      expectSame((x, y) => [x.sum(), y.sum(), x.mul(y)], [values([3]), values([3], 2)])
      expectSame((x) => torch.stack([x, x, x]), values([]))
      expectSame((x, y) => [y.sum(), x.mul(y)], [values([]), values([1], 2)])
    })
  })
  it('test_jacobian_vectorize_correctness_different_devices diverges: there is no other device than the CPU', () => {
    scope(() => {
      const fn = (x: Tensor, y: Tensor) => [x.mul(y), onCuda(3)]
      expect(errorOf(() => jacobian(fn, [values([3]), values([3], 2)], { vectorize: true }))).toMatch(
        /^NotImplementedError: device cuda is not supported/,
      )
    })
  })
  it('test_jacobian_vectorize_correctness_different_dtype', () => {
    scope(() => {
      const inputs = [values([3]).float(), values([3], 2).float()]
      expectSame((x, y) => [x.mul(y).float(), x.mul(y).double()], inputs, false)
      const found = jacobian((x: Tensor, y: Tensor) => [x.mul(y), x.mul(y).double()], inputs, { vectorize: true })
      expect(tensorsIn(found).map((t) => t.dtype)).toEqual(Array(4).fill(torch.float32))
    })
  })

  it('test_jacobian_match_vjp_jvp', () => {
    scope(() => {
      const fn = (x: Tensor) => x.pow(3).add(x.sum())
      const [x, v] = [values([4]), values([4], 2)]
      const full = one(jacobian(fn, x))
      expectClose((jvp(fn, x, v) as Tensor[])[1], full.mm(v.unsqueeze(1)).squeeze(1))
      expectClose((vjp(fn, x, v) as Tensor[])[1], v.unsqueeze(0).mm(full).squeeze(0))
    })
  })
})

describe('hessian', () => {
  it('test_hessian_vectorize_raises_no_warnings', () => {
    scope(() => expect(warningsOf(() => hessian(sumOfSquares, values([3]), { vectorize: true }))).toEqual([]))
  })
  it('test_hessian_err_check', () => {
    scope(() => {
      const x = values([4])
      const texts = complaints('hessian')
      for (const mode of MODES) {
        expect(errorOf(() => hessian(headExp, [x, 2], mode))).toBe(texts.input)
        expect(errorOf(() => hessian(headAndText, x, mode))).toBe(texts.output)
        expect(errorOf(() => hessian(head, x, mode))).toBe(texts.elements)
        expect(errorOf(() => hessian((a: Tensor) => [head(a), head(a)], x, mode))).toBe(texts.single)
        expectInterleaved(hessian(headExp, x, mode), x, x)
        const two = [values([4]), values([5], 2)]
        const bilinear = (a: Tensor, b: Tensor) =>
          head(b)
            .mul(a.narrow(0, 0, 3))
            .sum()
        expectInterleaved(hessian(bilinear, two, mode), two, two)
      }
    })
  })
  it('test_hessian_err_check_strict', () => {
    scope(() => {
      const x = values([4])
      const texts = complaints('hessian')
      for (const [fn, text] of [
        [(a: Tensor) => a.detach().sum(), texts.constant],
        [(a: Tensor) => unrelated(a).sum(), texts.flat],
        [(a: Tensor) => a.mul(3).sum(), texts.flat],
      ] as const) {
        expect(errorOf(() => hessian(fn, x, STRICT))).toBe(text)
        const zeros = hessian(fn, x, { strict: false })
        expectInterleaved(zeros, x, x)
        expectZeros(zeros)
      }
    })
  })
  it('test_hessian_err_check_strict_vectorize', () => {
    scope(() => {
      const both = { ...STRICT, vectorize: true }
      expect(errorOf(() => hessian(cubes, values([4]), both))).toBe(complaints('hessian').together)
    })
  })
  it('test_hessian_no_grad', () => {
    scope(() => {
      const m = values([2, 2])
      const expected = eye(4).reshape(2, 2, 2, 2).mul(m).mul(6)
      for (const options of [{}, RECORDED]) {
        const result = torch.no_grad(() => hessian(cubes, m, options))
        expectHistory(result, options === RECORDED)
        expectHistory(one(result).at(0, 1), options === RECORDED)
        expectClose(one(result), expected)
      }
    })
  })
  it('test_hessian_output', () => {
    scope(() => {
      const [m, n] = [values([2, 2]), values([2, 2], 2)]
      for (const mode of MODES) {
        const result = hessian(cubes, m, mode)
        expectInterleaved(result, m, m)
        expectHistory(result, false)
        const two = hessian(cubesOfSum, [m, n], mode)
        expectInterleaved(two, [m, n], [m, n])
        expectHistory(two, false)
      }
    })
  })
  it('test_hessian_scalar', () => {
    scope(() => {
      const [m, s] = [values([4, 4]), values([])]
      for (const mode of MODES) {
        expectInterleaved(hessian(sum, m, mode), m, m)
        expectLike(hessian(sum, s, mode), s)
        expectInterleaved(
          hessian((x: Tensor) => x.sum().view(1, 1, 1), m, mode),
          m,
          m,
        )
      }
    })
  })
  it('test_hessian_create_graph', () => {
    scope(() => {
      for (const mode of MODES) {
        const options = { ...RECORDED, ...mode }
        const two = [leafOf([2, 2]), leafOf([2, 2], 2)]
        const result = hessian(cubes, two[0], options)
        expectInterleaved(result, two[0], two[0])
        expectHistory(result, true)
        expectDerivatives((x) => hessian(cubes, x, options), [two[0]])
        const recorded = hessian(cubesOfSum, two, options)
        expectInterleaved(recorded, two, two)
        expectHistory(recorded, true)
        expectDerivatives((x, y) => hessian(cubesOfSum, [x, y], options), two)
        expectDerivatives((x, y) => {
          const a = x.cos()
          const parts = tensorsIn(hessian(cubesOfSum, [a, y], options))
          return [...parts, a, y].map((t) => t.cos().sum()).reduce((s, t) => s.add(t))
        }, two)
      }
    })
  })

  /** Vectorized the same as not; in forward mode not at all. */
  function expectSame(fn: (...inputs: Tensor[]) => Tensor, inputs: Result): void {
    expectEqual(hessian(fn, inputs, { vectorize: true }), hessian(fn, inputs, { vectorize: false }))
    expectNoForward(() => hessian(fn, inputs, { vectorize: true, outer_jacobian_strategy: 'forward-mode' }))
  }
  it('test_hessian_vectorize_correctness_simple', () => {
    scope(() => expectSame((x) => x.pow(2).mul(3).sum(), values([2, 3, 5])))
  })
  it('test_hessian_vectorize_correctness_multi_input', () => {
    const fn = (x: Tensor, y: Tensor, z: Tensor) => x.relu().mul(x).matmul(y.sin()).matmul(z).sum()
    scope(() => expectSame(fn, [values([2, 3]), values([3, 5], 2), values([5, 5], 3)]))
  })
  it('test_hessian_vectorize_correctness_unrelated_outputs', () => {
    scope(() => {
      const inputs = [values([2]), values([3], 2)]
      expectSame((x, _) => sumOfSquares(x), inputs)
      expectSame(() => torch.ones([]), inputs)
    })
  })

  it('test_hessian_match_vhp_hvp', () => {
    scope(() => {
      const [x, v] = [values([4]), values([4], 2)]
      const full = one(hessian(headExp, x))
      expectClose((hvp(headExp, x, v) as Tensor[])[1], full.mm(v.unsqueeze(1)).squeeze(1))
      expectClose((vhp(headExp, x, v) as Tensor[])[1], v.unsqueeze(0).mm(full).squeeze(0))
    })
  })
})

function expectEqual(result: Result, expected: Result): void {
  expectLike(result, expected)
  const others = tensorsIn(expected)
  for (const [i, t] of tensorsIn(result).entries()) {
    expect(t.dtype).toBe(others[i].dtype)
    expectClose(t, others[i], 1e-12)
  }
}

function expectNoForward(run: () => unknown): void {
  expect(errorOf(run)).toBe('NotImplementedError: strategy="forward-mode" is not supported: there is no forward mode')
}

function warningsOf(run: () => unknown): string[] {
  const warnings: string[] = []
  const sink = set_warning_sink((_, text) => warnings.push(text))
  try {
    run()
  } finally {
    set_warning_sink(sink)
  }
  return warnings
}
