import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { scope, set_warning_sink, torch } from '../../src/index'
import type { Ctx } from './functions'
import { errorOf, keepsCounters, leafOf, type Tensor } from './harness'

keepsCounters()

const AutogradFunction = torch.autograd.Function
const { detect_anomaly } = torch.autograd

let warnings: string[] = []
let sink: ReturnType<typeof set_warning_sink>
beforeEach(() => {
  warnings = []
  sink = set_warning_sink((category, text) => void warnings.push(`${category}: ${text}`))
})
afterEach(() => {
  set_warning_sink(sink)
})

const ENABLED =
  'UserWarning: Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for debugging.'
const unknown = (name: string) =>
  `UserWarning: Error detected in ${name}. No forward pass information available. Enable detect anomaly during forward pass for more information.`
const nan = (name: string, output: number) =>
  `RuntimeError: Function '${name}' returned nan values in its ${output}th output.`
const MODIFIED =
  /^RuntimeError: one of the variables needed for gradient computation has been modified by an inplace operation/

const nodes = () => torch.memory.stats().nodes

/** The line that calls `called`, to be found in a traceback. */
function lineOf(): number {
  return Number(/anomaly\.test\.ts:(\d+)/.exec(new Error().stack!.split('\n')[2])![1])
}

/** g with a nan in its first place */
function spoiled(g: Tensor): Tensor {
  const copy = g.clone()
  copy.at(0).zero_()
  copy.at(0).div_(0)
  return copy
}

describe("PyTorch's tests of anomaly mode", () => {
  it('test_anomaly_detect_nan', () => {
    class MyFunc extends AutogradFunction {
      static override forward(ctx: Ctx, inp1: Tensor, _inp2: Tensor, fail0th: boolean): Tensor {
        ctx.fail0th = fail0th
        return inp1.sum(0, { keepdim: true })
      }
      static override backward(ctx: Ctx, g: Tensor): (Tensor | null)[] {
        const gI = spoiled(g.expand(10))
        return ctx.fail0th ? [gI, null, null] : [null, gI, null]
      }
    }
    scope(() => {
      let inp = leafOf([10])
      MyFunc.apply(inp, inp, true).backward()

      inp = leafOf([10])
      const out = MyFunc.apply(inp, inp, true)
      expect(errorOf(() => detect_anomaly(() => out.backward()))).toBe(nan('MyFuncBackward', 0))
      expect(warnings.splice(0)).toEqual([ENABLED, unknown('MyFuncBackward')])

      inp = leafOf([10])
      let line = 0
      const failing = () => {
        line = lineOf() + 1
        const y = MyFunc.apply(inp, inp, false)
        y.backward()
      }
      expect(errorOf(() => detect_anomaly(failing))).toBe(nan('MyFuncBackward', 1))
      expect(warnings).toHaveLength(2)
      const [first, place] = warnings[1].split('\n')
      expect(first).toBe(
        'UserWarning: Error detected in MyFuncBackward. Traceback of forward call that caused the error:',
      )
      expect(place).toMatch(new RegExp(`at failing .*anomaly\\.test\\.ts:${line}:`))
    })
  })

  it('test_nested_anomaly_detect_nan', () => {
    const size = 10
    class MyFunc extends AutogradFunction {
      static override forward(ctx: Ctx, inp: Tensor, fail0th: boolean): Tensor {
        ctx.fail0th = fail0th
        ctx.save_for_backward(inp)
        return inp.sum(0, { keepdim: true })
      }
      static override backward(ctx: Ctx, g: Tensor): (Tensor | null)[] {
        const [inp] = ctx.saved_tensors as [Tensor]
        const wide = g.clone().expand(size)
        return [MyFunc2.apply(wide.mul(inp), wide.add(inp), ctx.fail0th as boolean), null]
      }
    }
    class MyFunc2 extends AutogradFunction {
      static override forward(ctx: Ctx, inp1: Tensor, inp2: Tensor, fail0th: boolean): Tensor {
        ctx.fail0th = fail0th
        return inp1.mul(2).add(inp2)
      }
      static override backward(ctx: Ctx, g: Tensor): (Tensor | null)[] {
        return ctx.fail0th ? [spoiled(g), g.clone(), null] : [g.clone(), spoiled(g), null]
      }
    }
    const gradientOf = (fail0th: boolean) => {
      const inp = leafOf([size])
      const [g] = torch.autograd.grad(MyFunc.apply(inp, fail0th), inp, { create_graph: true })
      return g!.sum()
    }
    scope(() => {
      gradientOf(true).backward()

      const sum = gradientOf(true)
      expect(errorOf(() => detect_anomaly(() => sum.backward()))).toBe(nan('MyFunc2Backward', 0))
      expect(warnings.splice(0)).toEqual([ENABLED, unknown('MyFunc2Backward')])

      expect(errorOf(() => detect_anomaly(() => gradientOf(false).backward()))).toBe(nan('MyFunc2Backward', 1))
      expect(warnings).toHaveLength(3)
      expect(warnings[1]).toMatch(
        /^UserWarning: Error detected in MyFunc2Backward\. Traceback of forward call that caused the error:\n.*backward .*anomaly\.test\.ts/,
      )
      expect(warnings[2]).toMatch(
        /^UserWarning: \n\nPrevious calculation was induced by MyFuncBackward\. Traceback of forward call that induced the previous calculation:\n\s+at gradientOf .*anomaly\.test\.ts/,
      )
    })
  })

  it('test_anomaly_grad_warnings', () => {
    const failing = () => {
      const a = leafOf([5])
      const d1 = a.add(1)
      const d2 = d1.pow(2)
      d1.add_(1)
      torch.autograd.grad(d2.sum(), a)
    }
    scope(() => {
      expect(errorOf(() => detect_anomaly(failing))).toMatch(MODIFIED)
      expect(warnings).toHaveLength(2)
      expect(warnings[0]).toBe(ENABLED)
      expect(warnings[1]).toMatch(/^UserWarning: Error detected in PowBackward0\./)
    })
    // A warning that is an error is printed, and the error of the backward pass reaches the caller.
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
    scope(() => {
      using _ = torch.autograd.set_detect_anomaly(true)
      set_warning_sink((_, text) => {
        throw new Error(text)
      })
      expect(errorOf(failing)).toMatch(MODIFIED)
    })
    expect(printed.mock.calls).toHaveLength(1)
    expect(String(printed.mock.calls[0][0])).toMatch(/^UserWarning: Error detected in PowBackward0\./)
    printed.mockRestore()
  })

  it('test_anomaly_mode_no_check_nan', () => {
    class MyFunc extends AutogradFunction {
      static override forward(_: Ctx, inp: Tensor): Tensor {
        return inp.clone()
      }
      static override backward(): Tensor {
        return torch.tensor(Number.NaN).expand(10, 10)
      }
    }
    scope(() => {
      detect_anomaly(
        () => {
          const inp = leafOf([10, 10])
          const out = MyFunc.apply(inp).sum()
          out.backward({ retain_graph: true })
          detect_anomaly(
            () => expect(errorOf(() => out.backward({ retain_graph: true }))).toBe(nan('MyFuncBackward', 0)),
            { check_nan: true },
          )
          out.backward()
          expect(inp.grad.at(0, 0).item()).toBeNaN()
        },
        { check_nan: false },
      )
    })
  })

  it('test_anomaly_assign_parent_cleanup', () => {
    // The nodes of a recorded backward pass know whose formula made them, and keep that one no longer than others do.
    scope(() => {
      const x = leafOf([2, 2])
      const before = nodes()
      const t = scope(() => {
        const y = x.exp()
        const [g] = detect_anomaly(() => torch.autograd.grad(y, x, torch.ones_like(y), { create_graph: true }))
        expect((g!.grad_fn.metadata.traceback_ as string[]).join()).toMatch(/anomaly\.test\.ts/)
        y.grad_fn.metadata.mine = 1
        return y
      })
      expect(nodes()).toBe(before + 2)
      scope(() => expect(t.grad_fn.metadata).toEqual({ mine: 1 }))
      t.dispose()
      expect(nodes()).toBe(before)
    })
  })

  it('test_nested_anomaly_printstack_cleanup', () => {
    class MyFunc extends AutogradFunction {
      static override forward(ctx: Ctx, x: Tensor): Tensor {
        ctx.save_for_backward(x)
        return x
      }
      static override backward(ctx: Ctx, _: Tensor): Tensor {
        return MyFunc2.apply(ctx.saved_tensors[0]!)
      }
    }
    class MyFunc2 extends AutogradFunction {
      static override forward(_: Ctx, x: Tensor): Tensor {
        return x
      }
      static override backward(_: Ctx, g: Tensor): Tensor {
        return g.add(Number.NaN)
      }
    }
    scope(() => {
      const inp = leafOf([1])
      const before = nodes()
      const t = scope(() => {
        const out = MyFunc.apply(inp)
        const [g] = torch.autograd.grad(out, inp, { create_graph: true })
        expect(errorOf(() => detect_anomaly(() => g!.backward()))).toBe(nan('MyFunc2Backward', 0))
        out.grad_fn.metadata.mine = 1
        return out
      })
      scope(() => expect(t.grad_fn.metadata).toEqual({ mine: 1 }))
      t.dispose()
      expect(nodes()).toBe(before)
    })
  })
})
