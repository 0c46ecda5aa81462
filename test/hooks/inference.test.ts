import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'

type Tensor = ReturnType<typeof torch.tensor>
const leaf = (...data: number[]) => torch.tensor(data, { dtype: torch.float32, requires_grad: true })
const made = (fn: () => Tensor) => torch.inference_mode(fn)

function message(fn: () => unknown): string {
  try {
    fn()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

describe('inference mode', () => {
  it('is no_grad, and enable_grad inside records nothing', () => {
    scope(() => {
      const x = leaf(1)
      torch.inference_mode(() => {
        expect([torch.is_grad_enabled(), torch.is_inference_mode_enabled()]).toEqual([false, true])
        torch.enable_grad(() => {
          expect(torch.is_grad_enabled()).toBe(true)
          expect(x.mul(2).grad_fn).toBeNull()
        })
      })
      expect([torch.is_grad_enabled(), torch.is_inference_mode_enabled()]).toEqual([true, false])
    })
  })
  it('is over after an exception, and after a promise', async () => {
    expect(message(() => torch.inference_mode(() => torch.tensor('a' as never)))).toBe("new(): invalid data type 'str'")
    expect(torch.is_inference_mode_enabled()).toBe(false)
    await torch.inference_mode(async () => {
      await null
      expect(torch.is_inference_mode_enabled()).toBe(true)
    })
    expect(torch.is_inference_mode_enabled()).toBe(false)
  })
  it('makes tensors without a version counter', () => {
    scope(() => {
      const a = made(() => torch.ones([2]))
      expect(a.is_inference()).toBe(true)
      expect(message(() => a._version)).toBe('Inference tensors do not track version counter.')
    })
  })
  it('whose tensors may not be written outside', () => {
    scope(() => {
      const a = made(() => torch.ones([2]))
      expect(message(() => a.add_(1))).toMatch(
        /^Inplace update to inference tensor outside InferenceMode is not allowed/,
      )
      expect(a.tolist()).toEqual([1, 1])
      torch.inference_mode(() => a.add_(1))
      expect(a.tolist()).toEqual([2, 2])
    })
  })
  it('nor saved for backward, but added', () => {
    scope(() => {
      const a = made(() => torch.ones([2]))
      const x = leaf(1, 2)
      expect(message(() => x.mul(a))).toMatch(/^Inference tensors cannot be saved for backward\./)
      expect(x.add(a).grad_fn.name()).toBe('AddBackward0')
      expect(x.mul(a.clone()).grad_fn.name()).toBe('MulBackward0')
    })
  })
  it('nor made to require grad', () => {
    scope(() => {
      const a = made(() => torch.ones([2]))
      const text = 'Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.'
      expect(message(() => a.requires_grad_())).toBe(text)
      expect(
        message(() => {
          a.requires_grad = true
        }),
      ).toBe(text)
    })
  })
  it('keeps views and detached aliases of its tensors as they are', () => {
    scope(() => {
      const a = made(() => torch.ones([2]))
      expect([a.detach().is_inference(), a.view(2, 1).is_inference(), a.clone().is_inference()]).toEqual([
        true,
        true,
        false,
      ])
    })
  })
  it('gives views of ordinary tensors a tag', () => {
    scope(() => {
      const h = leaf(1, 2).mul(1)
      const v = made(() => h.at(':1'))
      expect(v.is_inference()).toBe(false)
      expect(message(() => v.add_(1))).toMatch(
        /^A view was created in inference mode and is being modified inplace in normal mode\. .*inference_mode block/,
      )
    })
  })
  it('counts writes of ordinary tensors', () => {
    scope(() => {
      const x = torch.ones([1])
      torch.inference_mode(() => x.add_(1))
      expect(x._version).toBe(1)
    })
  })
})
