// Where gradients end up: what `.grad` shares, its layout and version, and the forms of backward() and grad().
import { describe, expect, it } from 'vitest'
import { is_, RuntimeError, repr, scope, type Tensor, torch, ValueError } from '../../src/index'
import { expectNothingLeft } from '../identity/live'

expectNothingLeft()

const ones = (...size: number[]) => torch.ones(size, { requires_grad: true })
const square = (a: Tensor) => a.mul(a).sum()

describe('the first gradient of a leaf', () => {
  // Given to backward() and handed through by views it is taken as it is; anything else ends in a copy.
  type Row = [string, boolean, (x: Tensor) => Tensor, (g: Tensor) => Tensor, number[]?]
  const same = (t: Tensor) => t
  const rows: Row[] = [
    ['x.view(2, 2).backward(g)', true, (x) => x.view(2, 2), (g) => g.view(2, 2)],
    ['x.view(2, 2).view(4).backward(g)', true, (x) => x.view(2, 2).view(4), same],
    ['x.unsqueeze(0).backward(g[None])', true, (x) => x.unsqueeze(0), (g) => g.unsqueeze(0)],
    ['x.permute(0).backward(g)', true, (x) => x.permute(0), same],
    ['x.view(2, 2).clone().backward(g)', true, (x) => x.view(2, 2).clone(), (g) => g.view(2, 2)],
    ['x.t().backward(g.t())', true, (x) => x.t(), (g) => g.view(2, 2).t(), [2, 2]],
    ['x.t().backward(g)', false, (x) => x.t(), (g) => g.view(2, 2), [2, 2]],
    ['x.backward(g)', false, same, same],
    ['x.clone().backward(g)', false, (x) => x.clone(), same],
    ['(x + 1).backward(g)', false, (x) => x.add(1), same],
    ['x.expand(1, 4).backward(g)', false, (x) => x.expand(1, 4), (g) => g.view(1, 4), [1, 4]],
  ]
  it.each(rows)('%s shares the memory of g: %s', (_, shares, fn, shape, size = [4]) => {
    scope(() => {
      const x = ones(...size)
      const g = torch.arange(4, { dtype: torch.float32 })
      fn(x).backward(shape(g))
      expect([x.grad.data_ptr() === g.data_ptr(), x.grad._version, g._version]).toEqual([shares, shares ? 0 : 1, 0])
    })
  })

  it('of two leaves is two tensors', () => {
    scope(() => {
      const [x, y] = [ones(4), ones(4)]
      x.add(y).sum().backward()
      expect([x.grad.data_ptr() === y.grad.data_ptr(), x.grad._version, y.grad._version]).toEqual([false, 1, 1])
    })
  })

  it('of two leaves that were given one gradient is two tensors, and neither is that one', () => {
    scope(() => {
      const [x, y, g] = [ones(4), ones(4), torch.ones(4)]
      x.add(y).backward(g)
      expect(new Set([x, y].map((t) => t.grad.data_ptr()).concat(g.data_ptr())).size).toBe(3)
    })
  })

  it('does not change when the user writes the gradient that was given', () => {
    scope(() => {
      const [x, g] = [ones(2), torch.ones(2)]
      x.mul(1).backward(g)
      g.zero_()
      expect(x.grad.tolist()).toEqual([1, 1])
    })
  })
})

describe('the layout of .grad', () => {
  const rows: [string, number[], () => Tensor, (a: Tensor) => Tensor][] = [
    ['a transposed leaf, a * 2', [1, 2], () => torch.ones(3, 2).t(), (a) => a.mul(2)],
    ['a transposed leaf, exp', [1, 2], () => torch.ones(3, 2).t(), (a) => a.exp()],
    ['a transposed leaf, sum alone', [1, 2], () => torch.ones(3, 2).t(), (a) => a],
    ['an expanded leaf, sum alone', [2, 1], () => torch.ones(2).expand(3, 2).detach(), (a) => a],
    ['an expanded leaf, a * a', [2, 1], () => torch.ones(2).expand(3, 2).detach(), (a) => a.mul(a)],
    ['every second element, a * a', [1], () => torch.ones(4).at('::2'), (a) => a.mul(a)],
  ]
  it.each(rows)('%s: strides %j', (_, strides, make, fn) => {
    scope(() => {
      const a = make().requires_grad_()
      fn(a).sum().backward()
      expect([...a.grad.stride()]).toEqual(strides)
    })
  })

  it('is that of the leaf, whatever the layout of the gradient that was given', () => {
    scope(() => {
      const a = torch.ones(3, 2).t().requires_grad_()
      a.backward(torch.ones(2, 3))
      expect([...a.grad.stride()]).toEqual([1, 2])
    })
  })
})

describe('another gradient', () => {
  it.each([
    [1, 1],
    [2, 2],
  ])('after %i backward passes of (a * a).sum() the version is %i', (passes, version) => {
    scope(() => {
      const a = ones(3)
      for (let i = 0; i < passes; i++) square(a).backward()
      expect(a.grad._version).toBe(version)
    })
  })

  it('is added in place', () => {
    scope(() => {
      const a = ones(3)
      square(a).backward()
      const grad = a.grad
      square(a).backward()
      expect([a.grad, a.grad.tolist()]).toEqual([grad, [4, 4, 4]])
      expect(a.grad).toBe(grad)
    })
  })

  it('is added in place to a .grad that the user assigned', () => {
    scope(() => {
      const a = ones(3)
      const mine = torch.ones(3)
      a.grad = mine
      square(a).backward()
      expect(mine.tolist()).toEqual([3, 3, 3])
      expect(a.grad).toBe(mine)
    })
  })

  it('begins anew after .grad = null', () => {
    scope(() => {
      const a = ones(3)
      square(a).backward()
      a.grad = null
      square(a).backward()
      expect(a.grad.tolist()).toEqual([2, 2, 2])
    })
  })

  it('under create_graph is recorded: first a CopyBackwards, then a sum in a new tensor', () => {
    scope(() => {
      const a = ones(3)
      square(a).backward({ create_graph: true })
      const first = a.grad
      const texts = [String(first)]
      square(a).backward({ create_graph: true })
      expect([...texts, String(a.grad), is_(a.grad, first), a.grad._version]).toEqual([
        'tensor([2., 2., 2.], grad_fn=<CopyBackwards>)',
        'tensor([4., 4., 4.], grad_fn=<AddBackward0>)',
        false,
        0,
      ])
    })
  })
})

describe('backward', () => {
  it('of the same root twice counts twice', () => {
    scope(() => {
      const x = ones(2)
      const y = x.mul(2).sum()
      torch.autograd.backward([y, y])
      expect(x.grad.tolist()).toEqual([4, 4])
    })
  })

  it('accumulates only into the inputs that are named', () => {
    scope(() => {
      const [x, z] = [ones(2), ones(2)]
      x.mul(z)
        .sum()
        .backward({ inputs: [x] })
      expect([x.grad.tolist(), z.grad]).toEqual([[1, 1], null])
    })
  })

  it.each([
    ['one input', (x: Tensor) => x],
    ['an input twice', (x: Tensor) => [x, x]],
  ])('with %s accumulates once', (_, inputs) => {
    scope(() => {
      const x = ones(2)
      x.mul(2)
        .sum()
        .backward({ inputs: inputs(x) })
      expect(x.grad.tolist()).toEqual([2, 2])
    })
  })

  it('with an input that is not in the graph accumulates nothing', () => {
    scope(() => {
      const [x, z] = [ones(2), ones(2)]
      x.mul(2)
        .sum()
        .backward({ inputs: [z] })
      expect([x.grad, z.grad]).toEqual([null, null])
    })
  })

  it('with an interior tensor as input gives it a .grad, and the leaf none', () => {
    scope(() => {
      const x = ones(2)
      const w = x.mul(2)
      w.sum().backward({ inputs: [w] })
      expect([w.grad?.tolist(), x.grad]).toEqual([[1, 1], null])
    })
  })

  it('with no inputs at all is refused', () => {
    scope(() => {
      expect(() => ones(2).sum().backward({ inputs: [] })).toThrow('`inputs` argument to `backward()` cannot be empty.')
    })
  })
})

describe('grad', () => {
  const UNUSED =
    'The differentiated Tensor at index 1 appears to not have been used in the graph. ' +
    'Set allow_unused=True if this is the desired behavior.'

  it('touches no .grad', () => {
    scope(() => {
      const x = ones(2)
      torch.autograd.grad(x.mul(2).sum(), x)
      expect(x.grad).toBeNull()
    })
  })

  it('of an unused input is an error', () => {
    scope(() => {
      const [x, z] = [ones(2), ones(2)]
      const y = x.mul(2).sum()
      expect(() => torch.autograd.grad(y, [x, z])).toThrow(new RuntimeError(UNUSED))
    })
  })

  it.each([
    ['allow_unused', '(tensor([2., 2.]), None)', { allow_unused: true }],
    ['materialize_grads', '(tensor([2., 2.]), tensor([0., 0.]))', { materialize_grads: true }],
    ['both', '(tensor([2., 2.]), tensor([0., 0.]))', { allow_unused: true, materialize_grads: true }],
  ])('with %s: %s', (_, text, options) => {
    scope(() => {
      const [x, z] = [ones(2), ones(2)]
      expect(repr(torch.autograd.grad(x.mul(2).sum(), [x, z], options))).toBe(text)
    })
  })

  it('with allow_unused false and materialize_grads contradicts itself', () => {
    scope(() => {
      const x = ones(2)
      expect(() => torch.autograd.grad(x.mul(2).sum(), x, { allow_unused: false, materialize_grads: true })).toThrow(
        ValueError,
      )
    })
  })

  it('of what needs no gradient is an error, allow_unused or not', () => {
    scope(() => {
      const x = ones(2)
      for (const allow_unused of [false, true]) {
        expect(() => torch.autograd.grad(x.mul(2).sum(), [torch.ones(2)], { allow_unused })).toThrow(
          'One of the differentiated Tensors does not require grad',
        )
      }
    })
  })

  it('of the same output twice counts twice', () => {
    scope(() => {
      const x = ones(2)
      const y = x.mul(2).sum()
      expect(torch.autograd.grad([y, y], x)[0]?.tolist()).toEqual([4, 4])
    })
  })

  it('of the same input twice gives the same tensor twice', () => {
    scope(() => {
      const x = ones(2)
      const [first, second] = torch.autograd.grad(x.mul(2).sum(), [x, x])
      expect(first).toBe(second)
    })
  })

  it('of x with respect to x is the very gradient that was given', () => {
    scope(() => {
      const [x, g] = [ones(4), torch.ones(4)]
      expect(torch.autograd.grad(x, x, g)[0]).toBe(g)
    })
  })

  it('hands a gradient through a view without a copy', () => {
    scope(() => {
      const [x, g] = [ones(4), torch.ones(2, 2)]
      expect(torch.autograd.grad(x.view(2, 2), x, g)[0]?.data_ptr()).toBe(g.data_ptr())
    })
  })

  it('of an interior tensor and a leaf behind it', () => {
    scope(() => {
      const x = ones(2)
      const h = x.mul(3)
      const [first, second] = torch.autograd.grad(h.mul(2).sum(), [h, x])
      expect([first?.tolist(), second?.tolist()]).toEqual([
        [2, 2],
        [6, 6],
      ])
    })
  })
})
