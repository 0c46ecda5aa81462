// PyTorch's tests of vjp, jvp, vhp and hvp.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import {
  complaints,
  expectDerivatives,
  expectHistory,
  expectLike,
  expectZeros,
  functional,
  type Result,
  unrelated,
} from './functional'
import { errorOf, expectClose, keepsCounters, leaf, leafOf, type Tensor, tensor, values } from './harness'

keepsCounters()

type Name = 'vjp' | 'jvp' | 'vhp' | 'hvp'
/** `[fn(inputs), product]`. */
const product = (name: Name, ...args: unknown[]) => functional[name](...args) as [Result, Result]
const STRICT = { strict: true }
const RECORDED = { create_graph: true }
const ones = (...shape: number[]) => torch.ones(shape, { dtype: torch.float64 })

const head = (a: Tensor) => a.narrow(0, 0, 3).mul(3)
const headExp = (a: Tensor) => head(a).exp().sum()
const headAndText = (a: Tensor) => [head(a), 'bar']
const sumRows = (x: Tensor) => x.sum(1)
const sum = (x: Tensor) => x.sum()
const expSum = (x: Tensor) => x.exp().sum()
const copies = (x: Tensor) => x.unsqueeze(0).repeat(4)
const weighted = (x: Tensor, y: Tensor) => x.mul(2).add(y.mul(3))
const weightedAndSum = (x: Tensor, y: Tensor) => [weighted(x, y), x.add(y)]
const weightedAndProduct = (x: Tensor, y: Tensor) => [weighted(x, y), x.mul(y)]
const expOfSum = (a: Tensor, b: Tensor) =>
  a
    .add(b.narrow(0, 0, 3).mul(3))
    .exp()
    .sum()

describe('vjp and jvp', () => {
  function errors(name: 'vjp' | 'jvp', v: Tensor, missing: string, size: number): void {
    const x = values([4])
    const texts = complaints(name)
    expect(errorOf(() => product(name, head, [x, 2], v))).toBe(texts.input)
    expect(errorOf(() => product(name, headAndText, x, v))).toBe(texts.output)
    expect(errorOf(() => product(name, head, x))).toBe(`RuntimeError: The vector v can only be None if ${missing}`)
    expect(errorOf(() => product(name, head, x, [v, v]))).toBe(
      'RuntimeError: The given v should contain a single Tensor.',
    )
    expect(errorOf(() => product(name, head, x, v.at(':2')))).toBe(
      `RuntimeError: v has invalid size: should be torch.Size([${size}]) but got torch.Size([2]).`,
    )
    expectLike(product(name, head, x, v)[1], name === 'vjp' ? x : head(x))
  }
  function strictErrors(name: 'vjp' | 'jvp'): void {
    const [x, v] = [values([4]), values([4], 2)]
    const texts = complaints(name)
    for (const [fn, text] of [
      [(a: Tensor) => a.detach(), texts.constant],
      [unrelated, texts.unrelated],
    ] as const) {
      expect(errorOf(() => product(name, fn, x, v, STRICT))).toBe(text)
      const [output, derivative] = product(name, fn, x, v, { strict: false })
      expectLike(derivative, name === 'vjp' ? x : output)
      expectZeros(derivative)
    }
    x.requires_grad_()
    const same = (a: Tensor) => a.clone()
    expect(errorOf(() => product(name, same, x, v, { ...STRICT, ...RECORDED }))).toBe(texts.linear)
    const [, derivative] = product(name, same, x, v, RECORDED)
    expect((derivative as Tensor).tolist()).toEqual(v.tolist())
  }
  function withoutGrad(name: 'vjp' | 'jvp', v: Tensor, expected: Tensor): void {
    const x = values([4, 4])
    const plain = torch.no_grad(() => product(name, sumRows, x, v))
    expectHistory(plain, false)
    expectClose(plain[1] as Tensor, expected)
    x.requires_grad_()
    v.requires_grad_()
    const recorded = torch.no_grad(() => product(name, sumRows, x, v, RECORDED))
    expectHistory(recorded, true)
    expectClose(recorded[1] as Tensor, expected)
  }
  function outputs(name: 'vjp' | 'jvp', v: Tensor): void {
    const m = values([4, 4])
    const one = product(name, sumRows, m, v)
    expectLike(one[1], name === 'vjp' ? m : one[0])
    expectHistory(one, false)
    const inputs = [values([2]), values([2], 2)]
    const two = product(name, weighted, inputs, name === 'vjp' ? ones(2) : [ones(2), ones(2)])
    expectLike(two[1], name === 'vjp' ? inputs : two[0])
    expectHistory(two, false)
    const both = product(name, weightedAndSum, inputs, [tensor([1, 0]), tensor([1, 0])])
    expectHistory(both, false)
    const [first, second] = both[1] as Tensor[]
    expect([first.tolist(), second.tolist()]).toEqual(
      name === 'vjp'
        ? [
            [3, 0],
            [4, 0],
          ]
        : [
            [5, 0],
            [2, 0],
          ],
    )
  }
  function derivatives(name: 'vjp' | 'jvp', v: Tensor): void {
    const x = leafOf([2, 2])
    const recorded = product(name, sumRows, x, v, RECORDED)
    expectLike(recorded[1], name === 'vjp' ? x : recorded[0])
    expectHistory(recorded, true)
    expectDerivatives((x, v) => product(name, sumRows, x, v, RECORDED), [x, v])
    const inputs = [leafOf([2]), leafOf([2], 2), leaf([1, 0]), leaf([1, 0])]
    expectDerivatives((x, y, u, v) => product(name, weightedAndProduct, [x, y], [u, v], RECORDED)[1], inputs)
    expectDerivatives((a, y, u, v) => {
      const x = a.cos()
      const [value, derivative] = product(name, weightedAndProduct, [x, y], [u, v], RECORDED) as unknown as Tensor[][]
      return [...value, ...derivative, x, y].map((t) => t.exp()).reduce((s, t) => s.add(t))
    }, inputs)
  }

  it('test_vjp_err_check', () => {
    scope(() => errors('vjp', ones(3), 'the user-provided function returns a single Tensor with a single element.', 3))
  })
  it('test_vjp_err_check_strict', () => {
    scope(() => strictErrors('vjp'))
  })
  it('test_vjp_no_grad', () => {
    scope(() => withoutGrad('vjp', tensor([1, 2, 3, 4]), tensor([1, 2, 3, 4]).unsqueeze(1).expand(4, 4)))
  })
  it('test_vjp_output', () => {
    scope(() => outputs('vjp', ones(4)))
  })
  it('test_vjp_scalar', () => {
    scope(() => {
      const m = values([4, 4])
      for (const rest of [[ones()], []]) {
        const [output, derivative] = product('vjp', sum, m, ...rest)
        expectLike(output, ones())
        expectLike(derivative, m)
        expectClose(derivative as Tensor, ones(4, 4))
      }
      const [output, derivative] = product('vjp', copies, values([]), tensor([1, 2, 3, 4]))
      expectLike(output, ones(4))
      expectClose(derivative as Tensor, tensor(10))
    })
  })
  it('test_vjp_create_graph', () => {
    scope(() => derivatives('vjp', leafOf([2], 3)))
  })

  it('test_jvp_err_check', () => {
    scope(() =>
      errors(
        'jvp',
        values([4], 2),
        'the input to the user-provided function is a single Tensor with a single element.',
        4,
      ),
    )
  })
  it('test_jvp_err_check_strict', () => {
    scope(() => strictErrors('jvp'))
  })
  it('test_jvp_no_grad', () => {
    scope(() => withoutGrad('jvp', ones(4, 4), tensor([4, 4, 4, 4])))
  })
  it('test_jvp_output', () => {
    scope(() => outputs('jvp', ones(4, 4)))
  })
  it('test_jvp_scalar', () => {
    scope(() => {
      const [output, derivative] = product('jvp', sum, values([4, 4]), ones(4, 4))
      expectLike(output, ones())
      expectClose(derivative as Tensor, tensor(16))
      for (const rest of [[ones()], []]) {
        const [output, derivative] = product('jvp', copies, values([]), ...rest)
        expectLike(output, ones(4))
        expectClose(derivative as Tensor, ones(4))
      }
    })
  })
  it('test_jvp_create_graph', () => {
    scope(() => derivatives('jvp', leafOf([2, 2], 3)))
  })
})

describe('vhp and hvp', () => {
  function errors(name: 'vhp' | 'hvp'): void {
    const [x, v] = [values([4]), values([4], 2)]
    const texts = complaints(name)
    expect(errorOf(() => product(name, headExp, [x, 2], v))).toBe(texts.input)
    expect(errorOf(() => product(name, headAndText, x, v))).toBe(texts.output)
    expect(errorOf(() => product(name, head, x, v))).toBe(texts.elements)
    expect(errorOf(() => product(name, headExp, x, values([5])))).toBe(
      'RuntimeError: v has invalid size: should be torch.Size([4]) but got torch.Size([5]).',
    )
    expect(errorOf(() => product(name, headExp, x, [v, 2]))).toBe(texts.vector)
    expectLike(product(name, headExp, x, v)[1], x)
    const two = [values([4]), values([5], 2)]
    const bilinear = (a: Tensor, b: Tensor) =>
      head(b)
        .mul(a.narrow(0, 0, 3))
        .sum()
    expectLike(product(name, bilinear, two, [values([4], 3), values([5], 4)])[1], two)
  }
  function strictErrors(name: 'vhp' | 'hvp'): void {
    const [x, v] = [values([4]), values([4], 2)]
    const texts = complaints(name)
    for (const [fn, text] of [
      [(a: Tensor) => a.detach().sum(), texts.constant],
      [(a: Tensor) => unrelated(a).sum(), texts.unrelated],
      [(a: Tensor) => a.mul(3).sum(), texts.flat],
    ] as const) {
      expect(errorOf(() => product(name, fn, x, v, STRICT))).toBe(text)
      const [, derivative] = product(name, fn, x, v, { strict: false })
      expectLike(derivative, x)
      expectZeros(derivative)
    }
  }
  function withoutGrad(name: 'vhp' | 'hvp'): void {
    const [x, v] = [values([4, 4]), ones(4, 4)]
    for (const options of [{}, RECORDED]) {
      const results = torch.no_grad(() => product(name, expSum, x, v, options))
      expectHistory(results, options === RECORDED)
      expectClose(results[1] as Tensor, x.exp())
    }
  }
  function outputs(name: 'vhp' | 'hvp'): void {
    const m = values([4, 4])
    const one = product(name, headExp, m, ones(4, 4))
    expectLike(one[1], m)
    expectHistory(one, false)
    const inputs = [values([3]), values([4], 2)]
    const two = product(name, expOfSum, inputs, [ones(3), ones(4)])
    expectLike(two[1], inputs)
    expectHistory(two, false)
  }
  function scalars(name: 'vhp' | 'hvp', fn: (x: Tensor) => Tensor): void {
    const deep = (x: Tensor) => fn(x).view(1, 1, 1)
    const m = values([4, 4])
    const one = values([])
    expectLike(product(name, fn, m, ones(4, 4))[1], m)
    expectLike(product(name, fn, one, values([], 2))[1], one)
    expectLike(product(name, fn, one)[1], one)
    expectLike(product(name, deep, m, values([4, 4], 2))[1], m)
  }
  function derivatives(name: 'vhp' | 'hvp'): void {
    const [x, v] = [leafOf([4, 4]), leafOf([4, 4], 2)]
    // Smaller than 1, that the exponentials of exponentials below stay small.
    const small = (shape: number[], seed: number) => values(shape, seed).mul(0.2).requires_grad_()
    const recorded = product(name, headExp, x, v, RECORDED)
    expectLike(recorded[1], x)
    expectHistory(recorded, true)
    const calm = (a: Tensor) => headExp(a.mul(0.2))
    expectDerivatives((x, v) => product(name, calm, x, v, RECORDED), [leafOf([3, 1]), leafOf([3, 1], 2)])
    const inputs = [small([3], 1), small([4], 2), small([3], 3), small([4], 4)]
    const two = product(name, expOfSum, inputs.slice(0, 2), inputs.slice(2), RECORDED)
    expectLike(two[1], inputs.slice(0, 2))
    expectHistory(two, true)
    expectDerivatives((a, b, u, v) => product(name, expOfSum, [a, b], [u, v], RECORDED)[1], inputs)
    expectDerivatives((a, b, u, v) => {
      const x = a.cos()
      const [value, [first, second]] = product(name, expOfSum, [x, b], [u, v], RECORDED) as [Tensor, Tensor[]]
      return value.cos().add(first.cos().sum()).add(second.cos()).add(x.cos().sum()).add(b.cos())
    }, inputs)
  }

  it('test_vhp_err_check', () => {
    scope(() => errors('vhp'))
  })
  it('test_vhp_err_check_strict', () => {
    scope(() => strictErrors('vhp'))
  })
  it('test_vhp_no_grad', () => {
    scope(() => withoutGrad('vhp'))
  })
  it('test_vhp_output', () => {
    scope(() => outputs('vhp'))
  })
  it('test_vhp_scalar', () => {
    scope(() => scalars('vhp', sum))
  })
  it('test_vhp_create_graph', () => {
    scope(() => derivatives('vhp'))
  })

  it('test_hvp_err_check', () => {
    scope(() => errors('hvp'))
  })
  it('test_hvp_err_check_strict', () => {
    scope(() => strictErrors('hvp'))
  })
  it('test_hvp_no_grad', () => {
    scope(() => withoutGrad('hvp'))
  })
  it('test_hvp_output', () => {
    scope(() => outputs('hvp'))
  })
  it('test_hvp_scalar', () => {
    scope(() => scalars('hvp', expSum))
  })
  it('test_hvp_create_graph', () => {
    scope(() => derivatives('hvp'))
  })
})
