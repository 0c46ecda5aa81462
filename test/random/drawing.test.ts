// Generators, what drawing does to the graph, and what it refuses: as PyTorch 2.13.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { errorOf } from '../autograd/harness'
import { graph } from '../graph/fixture'
import { expectNothingLeft } from '../identity/live'

expectNothingLeft()

describe('a generator', () => {
  it('is seeded like Python ints', () => {
    expect(torch.manual_seed(-1).initial_seed()).toBe(18446744073709551615n)
    expect(torch.manual_seed(1.5).initial_seed()).toBe(1)
    expect(errorOf(() => torch.manual_seed(2n ** 64n))).toBe('ValueError: Overflow when unpacking long long')
    expect(new torch.Generator().initial_seed()).toBe(67280421310721)
    expect(torch.seed()).toBe(torch.initial_seed())
  })

  it('draws apart from the default one', () => {
    scope(() => {
      const generator = new torch.Generator().manual_seed(3)
      torch.manual_seed(0)
      const first = torch.rand(2).tolist()
      torch.manual_seed(0)
      expect(String(torch.rand(2, { generator }))).toBe('tensor([0.0043, 0.1056])')
      expect(torch.rand(2).tolist()).toEqual(first)
    })
  })

  it('loses nothing to a draw that was refused', () => {
    scope(() => {
      const leaf = torch.ones(4, { requires_grad: true })
      torch.manual_seed(0)
      const first = torch.rand(2).tolist()
      torch.manual_seed(0)
      expect(errorOf(() => leaf.normal_())).toBe(
        'RuntimeError: a leaf Variable that requires grad is being used in an in-place operation.',
      )
      expect(errorOf(() => torch.rand(3).expand(2, 3).uniform_())).toMatch(/^RuntimeError: unsupported operation: more/)
      torch.manual_seed(0)
      expect(leaf._version).toBe(0)
      expect(torch.rand(2).tolist()).toEqual(first)
    })
  })
})

describe('the graph of drawn numbers', () => {
  it('ends the gradient with zeros', () => {
    scope(() => {
      const x = torch.ones(4, { requires_grad: true })
      const p = torch.full([4], 0.5, { requires_grad: true })
      const nodes = [
        x.mul(1).uniform_(),
        x.mul(1).normal_(),
        x.mul(1).random_(),
        x.mul(1).random_(5),
        x.mul(1).random_(2, 5),
        x.mul(1).bernoulli_(),
        x.mul(1).bernoulli_(p),
        p.bernoulli(),
      ]
      expect(nodes.map((h) => `${h._version} ${graph(h.grad_fn)}`)).toEqual([
        '1 UniformBackward0(MulBackward0(Acc, None))',
        '1 NormalBackward0(MulBackward0(Acc, None))',
        '1 RandomBackward2(MulBackward0(Acc, None))',
        '1 RandomBackward1(MulBackward0(Acc, None))',
        '1 RandomBackward0(MulBackward0(Acc, None))',
        '1 BernoulliBackward2(MulBackward0(Acc, None))',
        '1 BernoulliBackward1(MulBackward0(Acc, None), Acc)',
        '0 BernoulliBackward0(Acc)',
      ])
      torch.autograd.backward(nodes.map((h) => h.sum()))
      expect([x.grad.tolist(), p.grad.tolist()]).toEqual([
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ])
    })
  })
})

describe('refused draws', () => {
  it.each<[() => unknown, string]>([
    [
      () => torch.rand(2, { dtype: torch.int64 }),
      'NotImplementedError: "check_uniform_bounds" not implemented for \'Long\'',
    ],
    [
      () => torch.randn(2, { dtype: torch.bool }),
      'NotImplementedError: "normal_kernel_cpu" not implemented for \'Bool\'',
    ],
    [() => torch.rand(-1), 'RuntimeError: Trying to create tensor with negative dimension -1: [-1]'],
    [
      () => torch.randn('a' as never),
      "TypeError: randn(): argument 'size' (position 1) must be tuple of ints, not str",
    ],
    [() => torch.randint(0, [2]), "RuntimeError: random_ expects 'from' to be less than 'to', but got from=0 >= to=0"],
    [() => torch.randint(300, [2], { dtype: torch.bool }), 'RuntimeError: to - 1 is out of bounds for bool'],
    [() => torch.randint(2 ** 40, [2], { dtype: torch.int32 }), 'RuntimeError: to - 1 is out of bounds for int'],
    [
      () => torch.randint(3, [2], { requires_grad: true }),
      'RuntimeError: Only Tensors of floating point and complex dtype can require gradients',
    ],
    [() => torch.randint(2.5, [2]), "TypeError: randint(): argument 'high' (position 1) must be int, not float"],
    [() => torch.randperm(3, { dtype: torch.bool }), 'NotImplementedError: "randperm" not implemented for \'Bool\''],
    [
      () => torch.empty(2).uniform_(2, 1),
      'RuntimeError: uniform_ expects to return a [from, to) range, but found from=2 > to=1',
    ],
    [() => torch.empty(2).normal_(0, -1), 'RuntimeError: normal expects std >= 0.0, but found std -1'],
    [() => torch.empty(2).bernoulli_(2), 'RuntimeError: bernoulli_ expects p to be in [0, 1], but got p=2'],
    [() => torch.bernoulli(torch.ones(2).mul(2)), /^RuntimeError: Expected p_in >= 0 && p_in <= 1 to be true/ as never],
    [
      () => torch.bernoulli(torch.ones(2, { dtype: torch.int64 })),
      'NotImplementedError: "bernoulli_tensor_cpu_p_" not implemented for \'Long\'',
    ],
  ])('%s', (run, text) => {
    scope(() => expect(errorOf(run)).toMatch(text))
  })
})
