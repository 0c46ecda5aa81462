// Ports of PyTorch's tests of indexing, scatter and gather, and of a few ops beside them.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { errorOf, expectClose, keepsCounters, leaf, leafOf, type Tensor, tensor, values } from './harness'

keepsCounters()

type Key = Parameters<Tensor['at']>[number]
const { gradcheck, gradgradcheck, grad } = torch.autograd

const zeros = (shape: readonly number[]) => torch.zeros(shape, { dtype: torch.float64 })
const ones = (shape: readonly number[]) => torch.ones(shape, { dtype: torch.float64 })
const countingTo = (count: number, shape: readonly number[]) =>
  torch.arange(1, count + 1, { dtype: torch.float64 }).reshape(shape)
const long = (data: Parameters<typeof torch.tensor>[0]) => torch.tensor(data, { dtype: torch.int64 })
/** Truth values without a pattern, of both kinds. */
const maskOf = (shape: readonly number[]) => values(shape, 7).gt(0)

describe('reading by index', () => {
  /** The same elements with and without a gradient, which is one wherever something was read. */
  function check(x: Tensor, ...keys: Key[]): void {
    const y = x.clone().requires_grad_()
    const read = y.at(...keys)
    expect(read.requires_grad).toBe(true)
    expectClose(read, x.at(...keys))
    read.sum().backward()
    const expected = zeros(x.shape)
    expected.set_at_(keys, 1)
    expectClose(y.grad, expected)
  }

  it('test_indexing', () => {
    scope(() => {
      const x = countingTo(16, [4, 4])
      check(x, 1)
      check(x, 1, 1)
      check(x, '1:')
      check(x, ':2')
      check(x, ':2', 2)
      check(x, '1:2', 2)
      check(x, 1, '2:')
      check(x, ':', '2:')
      check(x, long([0, 2]))
      check(x, maskOf([4, 4]))
      check(x, '...', '2:')
      check(x, [0], [0])
      check(x, [1, 2, 3], [0])
      check(x, [1, 2], [2, 1])
      check(
        x,
        [
          [1, 2],
          [3, 0],
        ],
        [
          [0, 1],
          [2, 3],
        ],
      )
      check(x, ':', [2, 3])
      check(x, [2, 3], ':')
      check(x, [0])
      expect(
        x
          .at(
            [
              [1, 2],
              [3, 0],
            ],
            [
              [0, 1],
              [2, 3],
            ],
          )
          .tolist(),
      ).toEqual([
        [5, 10],
        [15, 4],
      ])

      const b = countingTo(48, [4, 3, 4])
      check(b, ':', [0], [0])
      check(b, [0], [0], ':')
      check(b, ':', [0, 1, 2], [0])
      check(b, [0, 1, 2], [0], ':')
      check(b, ':', [1, 2], [2, 1])
      check(b, [1, 2], [2, 1], ':')
      check(
        b,
        ':',
        [
          [1, 2],
          [2, 0],
        ],
        [
          [0, 1],
          [2, 3],
        ],
      )
      check(
        b,
        [
          [1, 2],
          [3, 0],
        ],
        [
          [0, 1],
          [2, 2],
        ],
        ':',
      )
      check(b, ':', ':', [2, 1])
      check(b, ':', [2, 1], ':')
      check(b, [2, 1], ':', ':')
      check(b, [0])
      check(b, [0], ':')
      check(b, [0], '...')
      check(b, [1, 2], [0, 1])
      check(b, [1, 2], [0, 1], '...')
      check(b, '...', [1, 2], [0, 1])
      check(b, long([0, 1]), '...')
      expect(b.at(':', [1, 2], [2, 1]).tolist()).toEqual([
        [7, 10],
        [19, 22],
        [31, 34],
        [43, 46],
      ])
    })
  })

  it('test_indexing_duplicates', () => {
    scope(() => {
      const x = countingTo(16, [4, 4])
      const rows = [1, 1, 3, 2, 1, 2]
      const y = x.clone().requires_grad_()
      y.at(long(rows)).sum().backward()
      expect(y.grad.tolist()).toEqual([0, 3, 2, 1].map((times) => new Array(4).fill(times)))

      const z = x.clone().requires_grad_()
      z.at(rows, [0]).sum().backward()
      expect(z.grad.tolist()).toEqual([0, 3, 2, 1].map((times) => [times, 0, 0, 0]))

      const w = x.clone().requires_grad_()
      w.at(
        [
          [1, 2],
          [0, 0],
        ],
        [
          [0, 1],
          [1, 1],
        ],
      )
        .sum()
        .backward()
      expect(w.grad.tolist()).toEqual([
        [0, 2, 0, 0],
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 0],
      ])

      const b = countingTo(64, [4, 4, 4]).requires_grad_()
      b.at([1, 1, 1], ':', ':').sum().backward()
      const expected = zeros([4, 4, 4])
      expected.at(1).fill_(3)
      expectClose(b.grad, expected)
    })
  })

  it('test_index_backward_does_not_save_tensor', () => {
    scope(() => {
      const a = tensor([1, 0, 0])
      const b = zeros([3]).requires_grad_()
      const t = b.add(0)
      const where = a.ne(0)
      t.set_at_(where, t.at(where))
      t.backward(torch.zeros_like(t))
      expect(b.grad.tolist()).toEqual([0, 0, 0])
    })
  })

  it('test_select_sum', () => {
    scope(() => {
      const x = leafOf([10])
      const pick = (input: Tensor) => input.select(0, 1).sum()
      expect(gradcheck(pick, [x])).toBe(true)
      expect(gradgradcheck(pick, [x])).toBe(true)
    })
  })
})

describe('gradients that are expanded', () => {
  it('test_diagonal_expanded_v', () => {
    scope(() => {
      const value = tensor(0.375)
      const a = leafOf([10, 10])
      const [result] = grad(a.diagonal(), a, value.expand([10]))
      expectClose(result!, torch.eye(10, { dtype: torch.float64 }).mul(value))
    })
  })

  it('test_select_expanded_v', () => {
    scope(() => {
      const v = values([10]).expand([10, 10])
      const a = leafOf([10, 10, 10])
      const [result] = grad(a.at(0), a, v)
      const expected = zeros([10, 10, 10])
      expected.set_at_([0], v)
      expectClose(result!, expected)
    })
  })

  it('test_slice_expanded_v', () => {
    scope(() => {
      const v = values([10, 1]).expand([2, 10, 10])
      const a = leafOf([10, 10, 10])
      const [result] = grad(a.at('3:5'), a, v)
      const expected = zeros([10, 10, 10])
      expected.set_at_(['3:5'], v)
      expectClose(result!, expected)
    })
  })

  it('test_mv_grad_stride_0', () => {
    scope(() => {
      const mat = values([2, 2])
      const vec = leafOf([1])
      const product = (v: Tensor) => mat.matmul(v.expand([2])).sum()
      expect(gradcheck(product, [vec])).toBe(true)
      expect(gradgradcheck(product, [vec])).toBe(true)
    })
  })
})

describe('writing by index', () => {
  /** A number: what was there gets no gradient. */
  function writesNumber(shape: readonly number[], ...keys: Key[]): void {
    const x = ones(shape).requires_grad_()
    const y = x.add(2)
    const before = y._version
    y.set_at_(keys, 2)
    expect(y._version).toBe(before + 1)
    y.backward(ones(shape))
    const expected = ones(shape)
    expected.set_at_(keys, 0)
    expectClose(x.grad, expected)
  }

  /** A tensor: it gets the gradient of what it replaced. */
  function writesTensor(shape: readonly number[], ...keys: Key[]): void {
    const x = ones(shape).requires_grad_()
    const y = x.add(2)
    const before = y._version
    const value = torch.full(x.at(...keys).shape, 7, { dtype: torch.float64, requires_grad: true })
    y.set_at_(keys, value)
    expect(y._version).toBe(before + 1)
    y.backward(ones(shape))
    const expected = ones(shape)
    expected.set_at_(keys, 0)
    expectClose(x.grad, expected)
    expectClose(value.grad, ones(value.shape))
  }

  it('test_setitem', () => {
    scope(() => {
      writesNumber([5, 5], 1)
      writesNumber([5], 1)
      writesNumber([1], 0)
      writesNumber([10], [0, 4, 2])
      writesNumber([5, 5], [0, 4], [2, 2])
      writesNumber([5, 5, 5], ':', ':', [1, 3])
      writesNumber([5, 5, 5], ':', [1, 3], ':')
      writesNumber([5, 5, 5], [1, 3], ':', ':')
      writesNumber([5, 5, 5], ':', [2, 4], [1, 3])
      writesNumber([5, 5, 5], [1, 3], [2, 4], ':')
      writesTensor([5, 5], 3)
      writesTensor([5, 5], [0, 1], [1, 0])
      writesTensor([5], 3)
      writesTensor([5], long([3]).sum())
      writesTensor([5], [0, 1, 2, 3])
      writesTensor([5, 5, 5], ':', ':', [1, 3])
      writesTensor([5, 5, 5], ':', [1, 3], ':')
      writesTensor([5, 5, 5], [1, 3], ':', ':')
      writesTensor([5, 5, 5], ':', [2, 4], [1, 3])
      writesTensor([5, 5, 5], [1, 3], [2, 4], ':')
      writesTensor([5, 5, 5], long([1, 3]), [2, 4], ':')

      // The value broadcasts to what it is written to.
      const x = leafOf([4])
      const y = zeros([2, 3, 4])
      y.set_at_([1], x)
      const g = values([2, 3, 4])
      y.backward(g)
      expectClose(x.grad, g.at(1).sum(0))
    })
  })

  it('test_setitem_mask', () => {
    scope(() => {
      const mask = maskOf([5, 5])
      writesNumber([5, 5], mask)
      writesNumber([5], mask.at(0))
      writesNumber([1], mask.at(0, '0:1'))
      writesTensor([5, 5], mask)
      writesTensor([5], mask.at(0))
    })
  })
})

describe('scatter_reduce and index_reduce', () => {
  const forms = (x: Tensor, src: Tensor, reduce: 'amin' | 'amax' | 'prod') =>
    [
      ['scatter_reduce', (index: Tensor) => torch.scatter_reduce(x, 0, index, src, reduce)],
      ['index_reduce', (index: Tensor) => torch.index_reduce(x, 0, index, src, reduce)],
    ] as const

  it('test_scatter_index_reduce_amin_amax_backprops_to_all_values', () => {
    scope(() => {
      const x = leafOf([2, 3])
      const src = x.clone().detach_().requires_grad_()
      const rows = torch.arange(2)
      const each = rows.unsqueeze(-1).expand([2, 3])
      for (const reduce of ['amin', 'amax'] as const) {
        expect(gradcheck((a, b) => torch.scatter_reduce(a, 0, each, b, reduce), [x, src])).toBe(true)
        expect(gradcheck((a, b) => torch.index_reduce(a, 0, rows, b, reduce), [x, src])).toBe(true)
        for (const [name, run] of forms(x, src, reduce)) {
          const [dx, dsrc] = grad(run(name === 'scatter_reduce' ? each : rows).sum(), [x, src])
          expectClose(dx!, torch.full([2, 3], 0.5, { dtype: torch.float64 }))
          expectClose(dsrc!, torch.full([2, 3], 0.5, { dtype: torch.float64 }))
        }
      }
    })
  })

  it('test_scatter_index_reduce_prod_gradgrad_error', () => {
    scope(() => {
      const x = leaf([1])
      const src = leaf([0, 0])
      const index = long([0, 0])
      for (const [name, source] of [
        ['scatter_reduce', 'src'],
        ['index_reduce', 'source'],
      ] as const) {
        const product = (a: Tensor, b: Tensor) => torch[name](a, 0, index, b, 'prod')
        expect(gradcheck(product, [x, src])).toBe(true)
        const refusal = `RuntimeError: ${name}(): Double backward is unsupported for ${source} when >1 zeros in ${source} are scattered to the same position in self`
        expect(errorOf(() => gradgradcheck(product, [x, src]))).toBe(refusal)
        const [first] = grad(product(x, src).sum(), src, { create_graph: true })
        expect(first!.grad_fn.name()).toBe('torch::autograd::Error')
        expect(errorOf(() => first!.sum().backward())).toBe(refusal)
      }
    })
  })
})

describe('where', () => {
  it('test_where_functional', () => {
    scope(() => {
      const condition = maskOf([5, 5])
      const choose = (x: Tensor, y: Tensor) => torch.where(condition, x, y)
      const square = [leafOf([5, 5], 1), leafOf([5, 5], 2)]
      expect(gradcheck(choose, square)).toBe(true)
      expect(gradgradcheck(choose, square, [values([5, 5], 3).requires_grad_()])).toBe(true)

      const broadcast = [leafOf([5, 1, 5], 1), leafOf([5, 5, 1], 2)]
      expect(gradcheck(choose, broadcast)).toBe(true)
      expect(gradgradcheck(choose, broadcast, [values([5, 5, 5], 3).requires_grad_()])).toBe(true)
    })
  })

  it('test_where_scalar', () => {
    scope(() => {
      const condition = maskOf([5, 5])
      const x = leafOf([5, 5])
      for (const choose of [
        (input: Tensor) => torch.where(condition, 4.5, input),
        (input: Tensor) => torch.where(condition, input, 4.5),
      ]) {
        expect(gradcheck(choose, [x])).toBe(true)
        expect(gradgradcheck(choose, [x])).toBe(true)
      }
    })
  })
})

describe('copies and shapes', () => {
  it('test_copy_', () => {
    scope(() => {
      const x = torch.tensor(values([10]).tolist(), { dtype: torch.float32, requires_grad: true })
      for (const dtype of [torch.float32, torch.float64]) {
        const y = torch.empty(10, { dtype })
        y.copy_(x)
        expect(y.requires_grad).toBe(true)
        expect(y.grad_fn.name()).toBe('torch::autograd::CopyBackwards')
      }
      expect(x.to(torch.float64).requires_grad).toBe(true)
      for (const dtype of [torch.int64, torch.bool]) {
        const y = torch.zeros(10, { dtype })
        y.copy_(x)
        expect(y.requires_grad).toBe(false)
      }
    })
  })

  it('test_shape', () => {
    scope(() => {
      const x = torch.ones(3, 4)
      expect(x.shape.length).toBe(2)
      expect(x.shape[0]).toBe(3)
      expect(x.shape[1]).toBe(4)
    })
  })

  it('test_calculate_shape_util diverges: no nested tensors; what the helper computes stands in the error about shapes', () => {
    scope(() => {
      const [out, g] = [leafOf([10, 5], 1).mul(1), leafOf([5, 10], 2)]
      expect(errorOf(() => out.backward(g))).toBe(
        'RuntimeError: Mismatch in shape: grad_output[0] has a shape of torch.Size([5, 10]) and output[0] has a shape of torch.Size([10, 5]).',
      )
    })
  })
})
