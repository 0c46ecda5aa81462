// The cause of a version error: who saved the tensor and who wrote it, and where.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Place, RuntimeError, scope, set_warning_sink, torch, type VersionErrorCause } from '../../src/index'
import { keepsCounters, leaf, type Tensor, tensor } from '../autograd/harness'

keepsCounters()

let warnings: string[] = []
let sinkBefore: ReturnType<typeof set_warning_sink>
let guard: Disposable
beforeEach(() => {
  warnings = []
  sinkBefore = set_warning_sink((_, text) => void warnings.push(text))
  guard = torch.autograd.set_record_places(true)
})
afterEach(() => {
  guard[Symbol.dispose]()
  set_warning_sink(sinkBefore)
})

type Ctx = Parameters<typeof torch.autograd.Function.forward>[0]

function causeOf(run: () => unknown): VersionErrorCause {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(RuntimeError)
    expect((error as Error).message).toContain('has been modified by an inplace operation')
    return (error as Error).cause as VersionErrorCause
  }
  throw new Error('nothing was thrown')
}

/** The line of this file that called. */
const here = (): number => Number(/places\.test\.ts:(\d+)/.exec(new Error().stack!.split('\n')[2])![1])

function expectLine(place: Place | null, line: number): void {
  expect(place).toMatchObject({ line, file: expect.stringMatching(/places\.test\.ts$/) })
  expect(place!.column).toBeGreaterThan(0)
  expect(place!.stack.split('\n')[0]).toContain(`places.test.ts:${line}:`)
  expect(place!.stack).not.toMatch(/\/src\/torch\/|wasm/)
}

describe('the cause of a version error', () => {
  it('says who saved the tensor in which attribute, who wrote it first, and where', () =>
    scope(() => {
      const x = leaf([1, 2])
      const h = x.mul(2)
      const [y, saved] = [h.mul(h), here()]
      function step() {
        h.add_(1)
      }
      step()
      h.zero_()
      h.zero_()
      const cause = causeOf(() => y.sum().backward())
      expectLine(cause.saved_by.place, saved)
      expectLine(cause.modified_by!.place, saved + 2)
      expect(cause.modified_by!.place!.function).toBe('step')
      expect({
        ...cause,
        saved_by: { ...cause.saved_by, place: 0 },
        modified_by: { op: cause.modified_by!.op },
      }).toEqual({
        tensor: { dtype: 'torch.float64', shape: [2] },
        saved_by: { node: 'MulBackward0', attribute: '_saved_other', place: 0 },
        modified_by: { op: 'add_' },
        later_writes: 2,
        saved_version: 0,
        current_version: 3,
      })
      expect(warnings).toEqual([])
    }))

  it('is plain data', () =>
    scope(() => {
      const h = leaf([1]).exp()
      h.add_(1)
      const cause = causeOf(() => h.sum().backward())
      expect(JSON.parse(JSON.stringify(cause))).toEqual(cause)
      expect(cause.saved_by).toMatchObject({ node: 'ExpBackward0', attribute: '_saved_result' })
    }))

  it('tells node, attribute and versions without places too', () =>
    scope(() => {
      guard[Symbol.dispose]()
      const [x, w] = [leaf([1]), leaf([2])]
      const y = x.mul(w)
      torch.no_grad(() => w.add_(1))
      expect(causeOf(() => y.backward())).toEqual({
        tensor: { dtype: 'torch.float64', shape: [1] },
        saved_by: { node: 'MulBackward0', attribute: '_saved_other', place: null },
        modified_by: null,
        later_writes: 0,
        saved_version: 0,
        current_version: 1,
      })
    }))

  it('tells the node but not the write when it was switched off in between', () =>
    scope(() => {
      const h = leaf([1]).exp()
      guard[Symbol.dispose]()
      h.add_(1)
      const cause = causeOf(() => h.backward())
      expect(cause.saved_by.place).not.toBeNull()
      expect(cause.modified_by).toBeNull()
      torch.autograd.set_record_places(true)
      const second = leaf([1]).exp()
      second.add_(1)
      expect(causeOf(() => second.backward()).modified_by).not.toBeNull()
    }))

  it('is told in anomaly mode', () =>
    scope(() => {
      guard[Symbol.dispose]()
      torch.autograd.detect_anomaly(() => {
        const h = leaf([1]).exp()
        h.mul_(2)
        expect(causeOf(() => h.backward()).modified_by).toMatchObject({ op: 'mul_', place: { line: here() - 1 } })
      })
      expect(warnings).toHaveLength(2)
      expect(warnings[1]).toContain('Error detected in ExpBackward0')
    }))

  const writes: [string, string, (h: Tensor) => unknown][] = [
    ['a view', 'mul_', (h) => h.at('1:').mul_(2)],
    ['a view of a view', 'neg_', (h) => h.view([3, 1]).at(0).neg_()],
    ['a detached alias', 'add_', (h) => h.detach().add_(1)],
    ['set_at_ of an element', 'copy_', (h) => h.set_at_(0, 7)],
    ['set_at_ of a slice', 'fill_', (h) => h.set_at_(['1:'], 7)],
    ['set_at_ with a tensor', 'copy_', (h) => h.set_at_(['1:'], tensor([1, 2]))],
    ['a copy', 'copy_', (h) => h.copy_(tensor([1, 2, 3]))],
    ['an optimizer-like step', 'sub_', (h) => torch.no_grad(() => h.sub_(tensor([1, 1, 1])))],
    ['random numbers', 'normal_', (h) => torch.no_grad(() => h.normal_())],
    ['coins', 'bernoulli_', (h) => h.bernoulli_(0.5)],
    ['an index', 'index_put_', (h) => h.set_at_([torch.tensor([0, 2])], 1)],
    ['a method that moves dimensions', 'unsqueeze_', (h) => h.unsqueeze_(0)],
  ]
  it.each(writes)('finds the write through %s', (_, op, write) =>
    scope(() => {
      const h = leaf([1, 2, 3]).exp()
      write(h)
      const cause = causeOf(() => h.sum().backward())
      expect(cause.modified_by).toMatchObject({ op, place: { file: expect.stringMatching(/places\.test\.ts$/) } })
    }),
  )

  it('names a write by out=', () => {
    using _ = torch.autograd.set_record_places(true)
    scope(() => {
      const [x, w] = [leaf([1, 2]), torch.ones(2, { dtype: torch.float64 })]
      const y = x.mul(w)
      torch.add(w, 1, { out: w })
      expect(causeOf(() => y.sum().backward()).modified_by).toMatchObject({ op: 'out=' })
    })
  })

  it('finds the write to the base of a view that was saved', () =>
    scope(() => {
      const base = leaf([1, 2, 3]).mul(2)
      const view = base.at('1:')
      const y = view.mul(view)
      base.add_(1)
      expect(causeOf(() => y.sum().backward())).toMatchObject({
        tensor: { shape: [2] },
        saved_by: { node: 'MulBackward0', attribute: '_saved_other' },
        modified_by: { op: 'add_', place: { line: here() - 4 } },
      })
    }))

  it('names the op inside a CopySlices', () =>
    scope(() => {
      const base = leaf([1, 2]).mul(2)
      const w = leaf([3])
      base.at('1:').mul_(w)
      torch.no_grad(() => w.zero_())
      expect(causeOf(() => base.sum().backward())).toMatchObject({
        saved_by: { node: 'MulBackward0', attribute: '_saved_other', place: { line: here() - 3 } },
        modified_by: { op: 'zero_' },
      })
    }))

  it('tells every version on its own, and the same error again', () =>
    scope(() => {
      const w = leaf([2])
      const first = w.mul(w)
      torch.no_grad(() => w.add_(1))
      const second = w.mul(w)
      torch.no_grad(() => w.mul_(2))
      for (let i = 0; i < 2; i++) {
        expect(causeOf(() => first.backward({ retain_graph: true }))).toMatchObject({
          saved_version: 0,
          modified_by: { op: 'add_' },
          later_writes: 1,
        })
        expect(causeOf(() => second.backward({ retain_graph: true }))).toMatchObject({
          saved_version: 1,
          modified_by: { op: 'mul_' },
          later_writes: 0,
        })
      }
      expect(causeOf(() => first.grad_fn._saved_self).modified_by).toMatchObject({ op: 'add_' })
    }))

  it('knows the engine for a writer', () =>
    scope(() => {
      const x = leaf([1])
      x.mul(1).sum().backward()
      const weight = leaf([3])
      const penalty = x.grad.mul(weight)
      x.mul(1).sum().backward()
      expect(causeOf(() => penalty.backward()).modified_by).toMatchObject({
        op: 'AccumulateGrad',
        place: { line: here() - 3 },
      })
    }))

  it('tells of tensors that a custom Function saved or wrote', () =>
    scope(() => {
      class Square extends torch.autograd.Function {
        static override forward(ctx: Ctx, x: Tensor, y: Tensor) {
          ctx.save_for_backward(x, y)
          return x.mul(y)
        }
        static override backward(ctx: Ctx, grad: Tensor) {
          const [x, y] = ctx.saved_tensors as Tensor[]
          return [grad.mul(y), grad.mul(x)]
        }
      }
      class Mark extends torch.autograd.Function {
        static override forward(ctx: Ctx, x: Tensor) {
          ctx.mark_dirty(x)
          return x
        }
      }
      const [a, b] = [leaf([1]).mul(1), leaf([2]).mul(1)]
      const y = Square.apply(a, b)
      Mark.apply(b)
      expect(causeOf(() => y.backward())).toMatchObject({
        saved_by: { node: 'SquareBackward', attribute: 'saved_tensors[1]' },
        modified_by: { op: 'mark_dirty', place: { line: here() - 3 } },
      })
    }))

  it('passes through a run inside a run unchanged', () =>
    scope(() => {
      const h = leaf([1]).exp()
      h.add_(1)
      const [x, inner] = [leaf([1]), h.sum()]
      x.register_hook(() => void inner.backward())
      expect(causeOf(() => x.mul(2).sum().backward()).modified_by).toMatchObject({ op: 'add_' })
    }))

  it('forgets what is saved no more: the address of a counter is used again', () =>
    scope(() => {
      for (let i = 0; i < 50; i++) {
        scope(() => {
          const h = leaf([i]).exp()
          if (i % 2) h.mul_(2)
          h.sum().backward
        })
        scope(() => {
          const h = leaf([1]).exp()
          guard[Symbol.dispose]()
          h.add_(1)
          guard = torch.autograd.set_record_places(true)
          expect(causeOf(() => h.backward()).modified_by).toBeNull()
        })
      }
      guard[Symbol.dispose]()
    }))

  it('takes a bool', () => {
    expect(() => torch.autograd.set_record_places(1 as never)).toThrow(
      "set_record_places(): argument 'mode' must be bool, not int",
    )
  })
})
