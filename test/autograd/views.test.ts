// Ports of PyTorch's tests of views: which are tracked, and which may be written.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { errorOf, keepsCounters, type Tensor, values } from './harness'
import { IN_FUNCTION, MULTIPLE, NO_GRAD, VIEW_OF_LEAF, WRITTEN } from './view_texts'

keepsCounters()

const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]

/** The error that `write` throws; null if it throws none. */
function refusal(write: () => unknown): string | null {
  try {
    write()
    return null
  } catch (error) {
    return String(error)
  }
}

describe('views', () => {
  it('test_inplace_on_view_leaf_errors', () => {
    scope(() => {
      const x = torch.zeros(1, { requires_grad: true })
      expect(errorOf(() => x.view_as(x).add_(1))).toBe(VIEW_OF_LEAF)
      expect([x.tolist(), x._version]).toEqual([[0], 0])
    })
  })

  it('test_autograd_views_codegen', () => {
    const written = (nr: number) => `RuntimeError: Output ${nr} of UnbindBackward0 ${WRITTEN} ${MULTIPLE}`
    const run = (grad_mode: boolean, requires_grad: boolean) =>
      scope(() => {
        const make = <T>(view: (x: Tensor) => T): T => {
          const input = values([2]).requires_grad_(requires_grad).clone()
          return torch.set_grad_enabled(grad_mode, () => view(input))
        }
        const one = make((x) => x.view_as(x))
        const [first, second] = make((x) => x.unbind())
        expect([one, first, second].map((x) => x._is_view())).toEqual([true, true, true])
        return [one, first, second].map((x) => refusal(() => x.add_(1)))
      })
    expect(run(true, false)).toEqual([null, null, null])
    expect(run(true, true)).toEqual([null, written(0), written(1)])
    const made = `RuntimeError: ${NO_GRAD}`
    expect(run(false, true)).toEqual([made, made, made])
    expect(run(false, false)).toEqual([null, null, null])
  })

  it('test_autograd_inplace_views_creation_meta', () => {
    class Viewed extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): Tensor {
        return x.view_as(x)
      }
      static override backward(_: Ctx, g: Tensor): Tensor {
        return g
      }
    }
    const makers: Record<string, (base: Tensor) => Tensor> = {
      normal: (base) => base.view_as(base),
      multiple: (base) => base.unbind()[0],
      custom: (base) => Viewed.apply(base),
    }
    const reshapes: ((v: Tensor) => Tensor)[] = [
      (v) => v.as_strided_([1, 0], [2, 2]),
      (v) => v.transpose_(0, 0),
      (v) => v.t_(),
      (v) => v.squeeze_(0),
      (v) => v.unsqueeze_(0),
      (v) => v.swapdims_(0, 0),
      (v) => v.swapaxes_(0, 0),
    ]
    const both = [true, false]
    /** What a tracked write of a view says, by how it was made. */
    const expected = (kind: string, gradMode: boolean, text: string | null) => {
      if (!gradMode) return expect(text).toContain('A view was created in no_grad mode')
      if (kind === 'normal') return expect(text).toBeNull()
      expect(text).toContain(kind === 'multiple' ? MULTIPLE : IN_FUNCTION)
    }
    for (const reshape of reshapes) {
      for (const [kind, make] of Object.entries(makers)) {
        for (const viewMode of both) {
          for (const reshapeMode of both) {
            for (const requires_grad of both) {
              scope(() => {
                const base = values([2, 3]).requires_grad_(requires_grad).clone()
                const view = torch.set_grad_enabled(viewMode, () => make(base))
                const first = torch.set_grad_enabled(reshapeMode, () => refusal(() => reshape(view)))
                if (!requires_grad) expect([first, refusal(() => view.add_(1))]).toEqual([null, null])
                else if (reshapeMode) {
                  expected(kind, viewMode, first)
                  if (first === null) expect(refusal(() => view.add_(1))).toBeNull()
                } else {
                  // Reshaped unseen, the view is still what it was made as.
                  expect(first).toBeNull()
                  expected(
                    kind,
                    viewMode,
                    refusal(() => view.add_(1)),
                  )
                }
              })
            }
          }
        }
      }
    }
  })

  it('test_autograd_inplace_views_cross_dtype diverges: there are no complex numbers; of one dtype both ways agree', () => {
    expect(['complex64', 'view_as_real'].filter((name) => name in torch)).toEqual([])
    scope(() => {
      const gradient = (transposed: (b: Tensor) => Tensor) => {
        const start = values([3, 3, 2]).requires_grad_()
        const b = transposed(start.clone().view(3, 6).view(3, 3, 2))
        b.add_(1)
        b.backward(torch.arange(0, 18, { dtype: torch.float64 }).view(3, 3, 2))
        return start.grad.tolist()
      }
      expect(gradient((b) => b.transpose_(0, 1))).toEqual(gradient((b) => b.transpose(0, 1)))
    })
  })
})
