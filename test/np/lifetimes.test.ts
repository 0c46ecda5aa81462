// Who keeps whom alive, what shares memory with what, and who is the very same object.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hold, id, is_, NDArray, np, py, scope, Tensor, torch } from '../../src/index'

const { getrefcount } = py.sys

/** The counters that must be what they were. */
function live() {
  const { tensors, storages, objects, bytes } = torch.memory.stats()
  return { tensors, storages, objects, bytes }
}

describe('views', () => {
  it('refer to the array whose memory they show, which lives as long as they do', () => {
    const before = live()
    scope(() => {
      const view = scope((f) => {
        const a = np.arange(6)
        f.a = a
        expect(getrefcount(a)).toBe(2)
        const b = a.at('1:')
        expect(getrefcount(a)).toBe(3)
        const c = b.at('::2')
        expect(getrefcount(a)).toBe(4)
        b.dispose()
        expect(getrefcount(a)).toBe(3)
        return c
      })
      const base = view.base as NDArray
      expect(base.tolist()).toEqual([0, 1, 2, 3, 4, 5])
      expect(view.base).toBe(base)
      view.set_at_([0], 9)
      expect(base.tolist()).toEqual([0, 9, 2, 3, 4, 5])
    })
    expect(live()).toEqual(before)
  })

  it('of views name the root', () =>
    scope(() => {
      const a = np.arange(6)
      expect(a.at('1:').at('1:').base).toBe(a)
      expect(a.reshape(2, 3).T.base).toBe(a)
      expect(a.base).toBeNull()
    }))

  it('an in-place form returns the very object; an operator another', () =>
    scope((f) => {
      f.a = np.array([1, 2, 3])
      const before = id(f.a as NDArray)
      const a = f.a as NDArray
      expect(a.iadd_(1)).toBe(a)
      expect(a.imul_([1, 2, 3])).toBe(a)
      expect(id(a)).toBe(before)
      f.a = a.add(1)
      expect(id(f.a as NDArray)).not.toBe(before)
    }))

  it('are indifferent to versions: what NumPy writes is no write to autograd', () =>
    scope(() => {
      const x = torch.tensor([1.5, 2.5])
      x.numpy().iadd_(1)
      expect(x.tolist()).toEqual([2.5, 3.5])
      expect(x._version).toBe(0)
    }))
})

describe('tensors and arrays', () => {
  it('numpy() and from_numpy() share memory, asnumpy(), np.array and torch.tensor copy', () =>
    scope(() => {
      const x = torch.tensor([1.5, 2.5])
      const a = x.numpy()
      const t = torch.from_numpy(a)
      t.mul_(2)
      expect([x.tolist(), a.tolist()]).toEqual([
        [3, 5],
        [3, 5],
      ])
      expect(np.shares_memory(a, x)).toBe(true)
      expect(a.ctypes.data).toBe(x.data_ptr())
      for (const copy of [x.asnumpy(), np.array(x), torch.tensor(a)]) {
        expect(np.shares_memory(copy, x)).toBe(false)
      }
      expect(np.shares_memory(np.asarray(x), x)).toBe(true)
    }))

  it('as_tensor copies only for another dtype', () =>
    scope(() => {
      const a = np.array([1, 2, 3])
      torch.as_tensor(a).set_at_(0, 9)
      torch.as_tensor(a, { dtype: torch.float64 }).set_at_(0, 1)
      expect(a.tolist()).toEqual([9, 2, 3])
      const x = torch.ones(2, { requires_grad: true })
      expect(torch.as_tensor(x)).toBe(x)
      expect(torch.as_tensor(x, { dtype: torch.float64 }).grad_fn.name()).toBe('ToCopyBackward0')
      expect(String(torch.as_tensor([1, 2.5]))).toBe('tensor([1.0000, 2.5000])')
      expect(() => torch.as_tensor([1], torch.float32 as never)).toThrow(
        'as_tensor() takes 1 positional argument but 2 were given',
      )
    }))

  it('an array on a tensor is based on a tensor, and keeps the memory', () => {
    const before = live()
    scope(() => {
      const a = scope(() => torch.tensor([1.5, 2.5]).numpy())
      expect(a.base).toBeInstanceOf(Tensor)
      expect(a.at('1:').base).toBe(a)
      expect(a.flags.owndata).toBe(false)
      expect(a.tolist()).toEqual([1.5, 2.5])
    })
    expect(live()).toEqual(before)
  })

  it('a tensor from an array holds the array', () => {
    const before = live()
    scope(() => {
      const a = np.array([1.5, 2.5])
      scope(() => {
        const t = torch.from_numpy(a)
        expect(getrefcount(a)).toBe(2)
        expect(t.tolist()).toEqual([1.5, 2.5])
      })
      const t = scope(() => torch.from_numpy(np.array([1, 2])))
      expect(t.tolist()).toEqual([1, 2])
    })
    expect(live()).toEqual(before)
  })

  it('autograd goes through a tensor on an array', () =>
    scope(() => {
      const a = np.array([1.5, 2.5])
      const x = torch.from_numpy(a).requires_grad_()
      x.mul(x).sum().backward()
      expect(x.grad.numpy().tolist()).toEqual([3, 5])
      expect(() => x.numpy()).toThrow(
        "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
      )
    }))
})

describe('handles', () => {
  it('live in lists and frames, and are found there again', () => {
    const before = live()
    scope((f) => {
      const l = hold(py.list([]))
      scope(() => {
        l.append(np.array([1, 2]))
      })
      const a = l.at(0) as unknown as NDArray
      expect(a).toBeInstanceOf(NDArray)
      expect(a.tolist()).toEqual([1, 2])
      expect(is_(l.at(0), a)).toBe(true)
      expect(String(l)).toBe('[array([1, 2])]')
      f.a = a
      expect(f.a).toBe(a)
    })
    expect(live()).toEqual(before)
  })

  it('end with their scope; a use afterwards says so', () => {
    const a = scope(() => {
      const inner = np.array([1])
      return { get: () => inner }
    }).get()
    expect(() => a.sum()).toThrow('this ndarray was disposed')
  })

  it('lists and tuples fall back to the array: list += array is an array', () =>
    scope((f) => {
      f.l = py.list([1, 2])
      f.l = (f.l as { iadd_(other: unknown): unknown }).iadd_(np.array([5, 6]))
      expect(String(f.l)).toBe('[6 8]')
      expect(String(py.tuple([1, 2]).add(np.array([5, 6])))).toBe('[6 8]')
      const a = np.array([5, 6])
      expect(a.iadd_(py.list([1, 2]) as never)).toBe(a)
      expect(a.tolist()).toEqual([6, 8])
      expect(a.add(py.int(7) as never).dtype).toBe(np.int64)
    }))
})

/** A view as plain JavaScript: which place of the memory each element is at. */
interface Model {
  shape: number[]
  places: number[]
}

const slice = (n: number, start: number | null, stop: number | null, step: number): number[] => {
  const clamp = (i: number, low: number, high: number) => Math.min(Math.max(i < 0 ? i + n : i, low), high)
  const from = start === null ? (step > 0 ? 0 : n - 1) : clamp(start, step > 0 ? 0 : -1, step > 0 ? n : n - 1)
  const to = stop === null ? (step > 0 ? n : -1) : clamp(stop, step > 0 ? 0 : -1, step > 0 ? n : n - 1)
  const out: number[] = []
  for (let i = from; step > 0 ? i < to : i > to; i += step) out.push(i)
  return out
}

/** Rows of the first dimension. */
const rows = ({ shape, places }: Model): number[][] => {
  const size = shape.slice(1).reduce((a, b) => a * b, 1)
  return Array.from({ length: shape[0] }, (_, i) => places.slice(i * size, (i + 1) * size))
}

const transposed = ({ shape, places }: Model): Model => {
  const out = [...shape].reverse()
  const at = (index: number[]) => index.reduce((sum, i, d) => sum * shape[d] + i, 0)
  const indices = out.reduce<number[][]>(
    (all, n) => all.flatMap((i) => Array.from({ length: n }, (_, k) => [...i, k])),
    [[]],
  )
  return { shape: out, places: indices.map((index) => places[at([...index].reverse())]) }
}

describe('views of views of one memory', () => {
  const part = fc.option(fc.integer({ min: -7, max: 7 }), { nil: null })
  const step = fc.oneof(
    fc.record({ kind: fc.constant('slice' as const), start: part, stop: part, step: fc.constantFrom(1, 2, -1, -2, 3) }),
    fc.record({ kind: fc.constant('T' as const) }),
    fc.record({ kind: fc.constant('index' as const), index: fc.nat(3) }),
    fc.record({ kind: fc.constant('write' as const), value: fc.integer({ min: -99, max: 99 }) }),
    fc.record({ kind: fc.constant('add' as const), value: fc.integer({ min: -9, max: 9 }) }),
    fc.record({
      kind: fc.constant('pick' as const),
      picks: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
      value: fc.nat(50),
    }),
  )

  it('read and write what plain places in a plain array say', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<number[]>([12], [3, 4], [2, 3, 4]),
        fc.constantFrom('int64', 'float32', 'int32'),
        fc.array(step, { maxLength: 12 }),
        (shape, dtype, steps) => {
          const before = live()
          scope(() => {
            const size = shape.reduce((a, b) => a * b, 1)
            const memory = Array.from({ length: size }, (_, i) => i)
            const root = np.arange(size).astype(dtype)
            let view = root.reshape(shape)
            let model: Model = { shape, places: memory.map((_, i) => i) }
            for (const one of steps) {
              if (one.kind === 'T') [view, model] = [view.T, transposed(model)]
              else if (one.kind === 'write') {
                view.set_at_('...', one.value)
                for (const place of model.places) memory[place] = one.value
              } else if (one.kind === 'add') {
                expect(view.iadd_(one.value)).toBe(view)
                for (const place of model.places) memory[place] += one.value
              } else if (model.shape.length === 0) continue
              else if (one.kind === 'slice') {
                const text = `${one.start ?? ''}:${one.stop ?? ''}:${one.step}`
                const kept = slice(model.shape[0], one.start, one.stop, one.step)
                const all = rows(model)
                view = view.at(text)
                model = { shape: [kept.length, ...model.shape.slice(1)], places: kept.flatMap((i) => all[i]) }
              } else if (one.kind === 'index') {
                if (one.index >= model.shape[0]) {
                  expect(() => view.at(one.index)).toThrow(
                    `index ${one.index} is out of bounds for axis 0 with size ${model.shape[0]}`,
                  )
                  continue
                }
                if (model.shape.length === 1) continue
                view = view.at(one.index)
                model = { shape: model.shape.slice(1), places: rows(model)[one.index] }
              } else {
                const picks = one.picks.filter((i) => i < model.shape[0])
                view.set_at_([picks], one.value)
                for (const i of picks) for (const place of rows(model)[i]) memory[place] = one.value
              }
              expect(view.shape).toEqual(model.shape)
              expect(view.ravel().tolist()).toEqual(model.places.map((place) => memory[place]))
              if (view !== root) expect(view.base).toBe(root)
            }
            expect(root.tolist()).toEqual(memory)
            expect(np.shares_memory(view, root)).toBe(model.places.length > 0)
          })
          expect(live()).toEqual(before)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('overlapping operands are read before they are written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 5 }),
        fc.constantFrom(1, -1),
        (i, j, way) => {
          scope(() => {
            const a = np.arange(12)
            const from = a.tolist() as number[]
            const left = way > 0 ? from.slice(i, i + 6) : from.slice(i, i + 6).reverse()
            const source = way > 0 ? a.at(`${i}:${i + 6}`) : a.at(`${i}:${i + 6}`).at('::-1')
            a.at(`${j}:${j + 6}`).iadd_(source)
            const expected = from.map((x, k) => (k >= j && k < j + 6 ? x + left[k - j] : x))
            expect(a.tolist()).toEqual(expected)
          })
        },
      ),
    )
  })
})
