// Subscripts as JavaScript has them, and what the nodes of indexing show.
import { describe, expect, it } from 'vitest'
import { scope, set_warning_sink, torch } from '../../src/index'
import { errorOf, keepsCounters, leaf, tensor } from './harness'

keepsCounters()

describe('keys', () => {
  it('are typed arrays too', () => {
    scope(() => {
      const x = tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ])
      expect(x.at(new Int32Array([2, 0])).tolist()).toEqual([
        [5, 6],
        [1, 2],
      ])
      expect(x.at(':', new BigInt64Array([1n])).tolist()).toEqual([[2], [4], [6]])
      x.set_at_(new Int32Array([0, 1]), 7)
      expect(x.tolist()).toEqual([
        [7, 7],
        [7, 7],
        [5, 6],
      ])
    })
  })

  it('stand alone for a write: a mask, an index, a truth value', () => {
    scope(() => {
      const x = tensor([1, 2, 3])
      expect(x.set_at_(x.gt(1), 0)).toBe(x)
      expect(x.tolist()).toEqual([1, 0, 0])
      x.set_at_(true, tensor([4, 5, 6]))
      expect(x.tolist()).toEqual([4, 5, 6])
      x.set_at_(false, 0)
      expect([x.tolist(), x._version]).toEqual([[4, 5, 6], 2])
    })
  })

  it('of which one is disposed change nothing', () => {
    scope(() => {
      const x = tensor([1, 2, 3])
      const gone = torch.tensor([0])
      gone.dispose()
      expect(() => x.at(gone)).toThrow(ReferenceError)
      expect(() => x.set_at_([gone], 5)).toThrow(ReferenceError)
      expect(() => x.index_put_([gone], tensor(5))).toThrow(ReferenceError)
      expect(x.tolist()).toEqual([1, 2, 3])
    })
  })

  it('that expand what is written make a warning', () => {
    scope(() => {
      const texts: string[] = []
      const before = set_warning_sink((_, text) => texts.push(text))
      const x = tensor([0, 0]).expand([3, 2])
      x.set_at_([[0]], 1)
      x.set_at_([x.gt(0)], 2)
      x.masked_fill_(x.gt(0), 3)
      x.index_fill_(0, torch.tensor([0]), 4)
      set_warning_sink(before)
      const text = (op: string, how: string) =>
        `Use of ${op} on expanded tensors is deprecated. Please clone() the tensor before performing this operation. This also applies to advanced indexing e.g. ${how}`
      expect(texts).toEqual([
        text('index_put_', 'tensor[indices] = tensor'),
        text('index_put_', 'tensor[indices] = tensor'),
        text('masked_fill_', 'tensor[mask] = scalar'),
        text('index_fill_', 'tensor[mask] = scalar'),
      ])
      expect(x.tolist()).toEqual([
        [4, 4],
        [4, 4],
        [4, 4],
      ])
    })
  })
})

describe('nonzero and where', () => {
  it('tell where something holds', () => {
    scope(() => {
      const x = torch.tensor([
        [0, 1],
        [2, 0],
      ])
      expect(x.nonzero().tolist()).toEqual([
        [0, 1],
        [1, 0],
      ])
      expect(torch.where(x).map((column) => column.tolist())).toEqual([
        [0, 1],
        [1, 0],
      ])
      expect(x.nonzero({ as_tuple: true }).map(String)).toEqual(['tensor([0, 1])', 'tensor([1, 0])'])
      expect(torch.nonzero(x, { as_tuple: true }).map((column) => column.stride())).toEqual([[1], [1]])
      expect(torch.where(torch.tensor(true)).map((column) => column.tolist())).toEqual([[0]])
      expect(x.at(...torch.where(x)).tolist()).toEqual([1, 2])
      expect(errorOf(() => torch.where(1 as never))).toBe(
        "TypeError: where(): argument 'condition' (position 1) must be Tensor, not int",
      )
    })
  })
})

describe('nodes', () => {
  it('show their lists of indices', () => {
    scope(() => {
      const x = leaf([
        [1, 2],
        [3, 4],
      ])
      const index = torch.tensor([0, 0])
      const y = x.at(':', index)
      const saved = y.grad_fn._saved_indices as unknown[]
      expect([saved[0], saved[1] === index]).toEqual([null, true])
      expect(y.grad_fn._raw_saved_indices.map(String)).toEqual([
        '<torch._C._autograd.SavedTensor object>',
        '<torch._C._autograd.SavedTensor object>',
      ])
      expect(y.grad_fn._raw_saved_indices[1].unpack()).toBe(index)
      y.sum().backward()
      expect(errorOf(() => y.grad_fn._saved_indices)).toContain('backward through the graph a second time')
      expect(errorOf(() => y.grad_fn._raw_saved_indices)).toContain('backward through the graph a second time')
    })
  })

  it('keep indices through hooks that index themselves', () => {
    scope(() => {
      const x = leaf([
        [1, 2, 3],
        [4, 5, 6],
      ])
      const other = tensor([7, 8, 9])
      const y = torch.autograd.graph.saved_tensors_hooks(
        (t: typeof x) => {
          other.at([2, 1]).add(other.at([true, false, true]))
          return t.clone()
        },
        (t: typeof x) => {
          other.at([0], '...')
          return t
        },
        () => x.at([1, 0], [2, 0]).mul(x.masked_select(torch.tensor([true, false, false]))),
      )
      expect(y.tolist()).toEqual([6, 4])
      y.sum().backward()
      expect(x.grad.tolist()).toEqual([
        [10, 0, 0],
        [1, 0, 1],
      ])
    })
  })
})
