// Ports of PyTorch's tests of views that a custom Function makes or writes.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { errorOf, keepsCounters, leaf, type Tensor } from './harness'
import { warned } from './tables'
import { IN_FUNCTION, MULTIPLE, WRITTEN } from './view_texts'

keepsCounters()

const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]
type Grads = Tensor | null | (Tensor | null)[]

const ones = () => torch.ones(2, { dtype: torch.float64, requires_grad: true })

describe('views that a custom Function makes', () => {
  it('test_autograd_simple_views_python', () => {
    let called = 0
    let seen = true
    const cut = (a: Tensor, view: boolean) => (view ? a.narrow(0, 0, 2) : a.clone())

    class IdOneOutput extends AutogradFunction {
      static override forward(_: Ctx, a: Tensor, _b: Tensor, view: boolean): Tensor {
        return cut(a, view)
      }
      static override backward(_: Ctx, g: Tensor): Grads {
        called++
        return [g, null, null]
      }
    }
    class IdTwoOutput extends AutogradFunction {
      static override forward(_: Ctx, a: Tensor, b: Tensor, view: boolean): [Tensor, Tensor] {
        const piece = cut(a, view)
        return [piece, piece.add(b)]
      }
      static override backward(_: Ctx, g: Tensor, sum: Tensor): Grads {
        called++
        seen = (g.tolist() as number[]).some((value) => value !== 0)
        return [g.add(sum), sum, null]
      }
    }
    class ViewOfTemp extends AutogradFunction {
      static override forward(ctx: Ctx, a: Tensor, view: boolean): Tensor {
        ctx.save_for_backward(a)
        return cut(a, view).clone().select(0, 0)
      }
      static override backward(ctx: Ctx, g: Tensor): Grads {
        called++
        const result = torch.zeros_like(ctx.saved_tensors[0]!)
        result.select(0, 0).copy_(g)
        return [result, null]
      }
    }

    const write = (x: Tensor, inplace: boolean) => (inplace ? x.add_(3) : x.add(3))
    type Program = (a: Tensor, b: Tensor, view: boolean, inplace: boolean) => Tensor
    const programs: [name: string, run: Program, reason: string][] = [
      ['IdOneOutput', (a, b, view, inplace) => write(IdOneOutput.apply(a, b, view), inplace), IN_FUNCTION],
      [
        'IdTwoOutput',
        (a, b, view, inplace) => {
          const [first, second] = IdTwoOutput.apply(a, b, view).map((x) => write(x, inplace))
          return first.mul(second)
        },
        MULTIPLE,
      ],
      ['ViewOfTemp', (a, b, view, inplace) => write(ViewOfTemp.apply(a.add(b), view), inplace), IN_FUNCTION],
    ]
    for (const [name, program, reason] of programs) {
      for (const inplace of [true, false]) {
        for (const view of [true, false]) {
          const fn = (a: Tensor, b: Tensor) => program(a.clone(), b.clone(), view, inplace).sum()
          const refused = inplace && (view || name === 'ViewOfTemp')
          scope(() => {
            if (!refused) expect(torch.autograd.gradcheck(fn, [ones(), ones()])).toBe(true)
            called = 0
            seen = true
            if (refused) {
              const text = `RuntimeError: Output 0 of ${name}Backward ${WRITTEN} ${reason}`
              expect(errorOf(() => fn(ones(), ones()))).toBe(text)
            } else fn(ones(), ones()).backward()
          })
          expect([name, inplace, view, called, seen]).toEqual([name, inplace, view, refused ? 0 : 1, true])
        }
      }
    }
  })

  it('test_autograd_multiple_views_python', () => {
    let called = 0
    class ComplexView extends AutogradFunction {
      static override forward(ctx: Ctx, a: Tensor, index: number): Tensor {
        a.narrow(0, index, 1)
        ctx.save_for_backward(a)
        ctx.index = index
        return a.select(0, index)
      }
      static override backward(ctx: Ctx, g: Tensor): Grads {
        called++
        const result = torch.zeros_like(ctx.saved_tensors[0]!)
        result.select(0, ctx.index as number).copy_(g)
        return [result, null]
      }
    }
    scope(() => {
      const a = ones()
      ComplexView.apply(a.clone(), 1).sum().backward()
      expect([called, a.grad.tolist()]).toEqual([1, [0, 1]])
      const out = ComplexView.apply(a.clone(), 1)
      const text = `RuntimeError: Output 0 of ComplexViewBackward ${WRITTEN} ${IN_FUNCTION}`
      expect(errorOf(() => out.add_(1))).toBe(text)
    })
  })

  it('test_autograd_python_custom_function_inplace', () => {
    let called = 0
    class MyAdder extends AutogradFunction {
      static override forward(ctx: Ctx, a: Tensor, b: Tensor): Tensor {
        a.add_(b)
        ctx.mark_dirty(a)
        return a
      }
      static override backward(_: Ctx, g: Tensor): Grads {
        called++
        return [g, g]
      }
    }
    scope(() => {
      const [a, b] = [ones(), ones()]
      MyAdder.apply(a.clone(), b).sum().backward()
      expect(called).toBe(1)
      // Written once more.
      MyAdder.apply(a.clone(), b).add_(2).sum().backward()
      expect(called).toBe(2)
      // The input is a view.
      MyAdder.apply(a.clone().view_as(a), b).sum().backward()
      expect([called, a.grad.tolist(), b.grad.tolist()]).toEqual([3, [3, 3], [3, 3]])
    })

    class MyAdderBad extends AutogradFunction {
      static override forward(ctx: Ctx, a: Tensor, b: Tensor): Tensor {
        const c = a.mul(3)
        c.add_(b)
        ctx.mark_dirty(c)
        return c
      }
      static override backward(_: Ctx, g: Tensor): Grads {
        return [g.mul(3), g.mul(3)]
      }
    }
    scope(() => {
      expect(warned(() => MyAdderBad.apply(ones().clone(), ones()))).toEqual([
        'UserWarning: ctx.mark_dirty() received a tensor that was not an input. Only input Tensors that have been ' +
          'mutated should be passed to ctx.mark_dirty().',
      ])
    })

    class MyBadAdder extends AutogradFunction {
      static override forward(ctx: Ctx, a: Tensor, b: Tensor): [Tensor, Tensor] {
        a.add_(b)
        ctx.mark_dirty(a)
        return [a, a.add(b)]
      }
      static override backward(_: Ctx, ga: Tensor, gab: Tensor): Grads {
        called++
        return [ga.add(gab), ga.add(gab)]
      }
    }
    scope(() => {
      const [a, b] = [ones(), ones()]
      called = 0
      const [c, d] = MyBadAdder.apply(a.clone(), b)
      c.mul(d).sum().backward()
      expect([called, a.grad.tolist()]).toEqual([1, [5, 5]])
      const [e, f] = MyBadAdder.apply(a.clone(), b)
      e.add_(2)
      e.mul(f).sum().backward()
      expect([called, a.grad.tolist()]).toEqual([2, [12, 12]])
      expect(errorOf(() => MyBadAdder.apply(a.clone().view_as(a), b))).toContain(
        'If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more ' +
          'than one Tensor.',
      )
    })

    class MyOutPlaceAdder extends AutogradFunction {
      static override forward(ctx: Ctx, a: Tensor, b: Tensor): [Tensor, Tensor] {
        a.add_(b)
        ctx.mark_dirty(a)
        return [a.clone(), a.add(b)]
      }
      static override backward(_: Ctx, ga: Tensor, gab: Tensor): Grads {
        return [ga.add(gab), ga.add(gab.mul(2))]
      }
    }
    scope(() => {
      const a = ones()
      expect(errorOf(() => MyOutPlaceAdder.apply(a.clone().view_as(a), ones()))).toBe(
        'RuntimeError: Some elements marked as dirty during the forward method were not returned as output. The inputs ' +
          'that are modified inplace must all be outputs of the Function.',
      )
    })
  })

  it('test_custom_function_return_view_in_nograd', () => {
    class Alias extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): Tensor {
        return x.at(':')
      }
      static override backward(_: Ctx, g: Tensor): Tensor {
        return g
      }
    }
    scope(() => {
      const input = leaf([0.5, 0.25])
      const output = torch.no_grad(() => Alias.apply(input))
      const plain = torch.no_grad(() => input.at(':'))
      expect([output.requires_grad, output.grad_fn]).toEqual([plain.requires_grad, plain.grad_fn])
      expect(errorOf(() => output.zero_())).toBe(
        `RuntimeError: A view was created in no_grad mode and is being modified inplace with grad mode enabled. ${IN_FUNCTION}`,
      )
      expect(input.tolist()).toEqual([0.5, 0.25])
    })
  })
})
