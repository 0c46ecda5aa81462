import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scope, set_warning_sink, torch } from '../../src/index'

let warnings: string[] = []
let sinkBefore: ReturnType<typeof set_warning_sink>
beforeEach(() => {
  warnings = []
  sinkBefore = set_warning_sink((category, text) => void warnings.push(`${category}: ${text}`))
})
afterEach(() => {
  set_warning_sink(sinkBefore)
})

const leaf = (...data: number[]) => torch.tensor(data, { dtype: torch.float32, requires_grad: true })

function message(fn: () => unknown): string {
  try {
    fn()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

describe('anomaly mode', () => {
  it('names the node whose gradient is nan and the forward call that made it', () => {
    const before = torch.memory.stats().nodes
    scope(() => {
      torch.autograd.detect_anomaly(() => {
        const y = leaf(-1).sqrt().sum()
        expect(message(() => y.backward())).toBe("Function 'SqrtBackward0' returned nan values in its 0th output.")
      })
    })
    expect(warnings[0]).toMatch(/^UserWarning: Anomaly Detection has been enabled\./)
    expect(warnings[1]).toMatch(
      /^UserWarning: Error detected in SqrtBackward0\. Traceback of forward call that caused the error:\n.*anomaly\.test/,
    )
    expect(torch.memory.stats().nodes).toBe(before)
  })
  it('says so when the forward ran without it', () => {
    scope(() => {
      const y = leaf(-1).sqrt().sum()
      torch.autograd.detect_anomaly(() => message(() => y.backward()))
    })
    expect(warnings[1]).toBe(
      'UserWarning: Error detected in SqrtBackward0. No forward pass information available. Enable detect anomaly during forward pass for more information.',
    )
  })
  it('lets nan pass when asked to', () => {
    scope(() => {
      const x = leaf(-1)
      torch.autograd.detect_anomaly(() => x.sqrt().sum().backward(), { check_nan: false })
      expect(x.grad.item()).toBeNaN()
    })
  })
  it('changes the hint of a version error', () => {
    scope(() => {
      const guard = torch.autograd.set_detect_anomaly(true)
      const h = leaf(2).exp()
      h.add_(1)
      const text = message(() => h.backward())
      guard[Symbol.dispose]()
      expect(text).toMatch(/Hint: the backtrace further above shows the operation .* Good luck!$/)
    })
    expect(warnings).toHaveLength(1)
  })
  it('is off again after its callback', () => {
    scope(() => {
      torch.autograd.detect_anomaly(() => 0)
      expect(message(() => leaf(-1).sqrt().sum().backward())).toBe('no error')
    })
  })
})
