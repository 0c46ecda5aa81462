// Ports of PyTorch's TestAutogradInferenceMode.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { errorOf, expectClose, keepsCounters, type Tensor } from './harness'

keepsCounters()

const inference = (run: () => void) => torch.inference_mode(run)
const both = (run: (requires_grad: boolean) => void) => {
  for (const requires_grad of [true, false]) scope(() => run(requires_grad))
}
const make = (requires_grad = false) => torch.ones([1, 2, 3], { dtype: torch.float64, requires_grad })
/** Made in inference mode. */
const made = (requires_grad = false) => torch.inference_mode(() => make(requires_grad))
/** How a tensor is asked in PyTorch: without a version counter it is an inference tensor. */
const isInference = (x: Tensor) => {
  try {
    void x._version
    return false
  } catch (error) {
    expect(String(error)).toBe('RuntimeError: Inference tensors do not track version counter.')
    return true
  }
}
const IN_PLACE: ((x: Tensor) => Tensor)[] = [(x) => x.add_(2), (x) => x.transpose_(0, 1)]

const WRITTEN_OUTSIDE =
  'RuntimeError: Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a ' +
  'normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.'
const NOT_SAVED =
  'RuntimeError: Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in ' +
  'computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in ' +
  'autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`.'
const viewWritten = (how: string) =>
  `RuntimeError: A view was created in inference mode and ${how} modified inplace in normal mode. Given that this use case ` +
  'is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either ' +
  "both inside the inference_mode block (if you don't want the inplace to be tracked) or both outside (if you want the " +
  'inplace to be tracked).'

describe('inference mode', () => {
  it('test_inference_mode_context_manager', () => {
    const enabled = () => torch.is_inference_mode_enabled()
    expect(enabled()).toBe(false)
    {
      using _ = torch.inference_mode()
      expect(enabled()).toBe(true)
      {
        using _ = torch.inference_mode(false)
        expect(enabled()).toBe(false)
      }
      expect(enabled()).toBe(true)
    }
    expect(enabled()).toBe(false)
  })

  it('test_inference_mode_decorator', () => {
    for (const mode of [true, false]) {
      both((requires_grad) => {
        const c = make(requires_grad)
        const d = torch.inference_mode(mode, () => {
          expect(torch.is_inference_mode_enabled()).toBe(mode)
          return c.mul(c)
        })
        expect([d.is_inference(), isInference(d), d.requires_grad]).toEqual([mode, mode, requires_grad && !mode])
      })
    }
  })

  it('test_inference_mode_tensor_creation', () => {
    scope(() =>
      inference(() => {
        expect([make().requires_grad, isInference(make())]).toEqual([false, true])
        expect([make(true).requires_grad, isInference(make(true))]).toEqual([true, true])
        const c = make().requires_grad_(false)
        expect([c.requires_grad, isInference(c)]).toEqual([false, true])
      }),
    )
  })

  it('test_inference_mode_existing_autograd_session', () => {
    scope(() => {
      const a = make(true).clone()
      const out = a.mul(a)
      inference(() => void a.add_(2))
      expect(isInference(a)).toBe(false)
      expect(errorOf(() => out.backward(torch.ones_like(out)))).toBe(
        'RuntimeError: one of the variables needed for gradient computation has been modified by an inplace operation: ' +
          '[torch.DoubleTensor [1, 2, 3]], which is output 0 of CloneBackward0, is at version 1; expected version 0 ' +
          'instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with ' +
          'torch.autograd.set_detect_anomaly(True).',
      )
    })
  })
})

describe('a tensor made in inference mode', () => {
  it('test_inference_mode_inf_tensor_in_inf_mode_functional_op', () => {
    both((requires_grad) =>
      inference(() => {
        const c = make(requires_grad)
        const out = c.mul(c)
        expect([isInference(out), out.requires_grad]).toEqual([true, false])
      }),
    )
  })

  it('test_inference_mode_inf_tensor_in_inf_mode_inplace_op', () => {
    for (const write of IN_PLACE) {
      both((requires_grad) =>
        inference(() => {
          const c = make(requires_grad)
          expect(write(c)).toBe(c)
          expect([isInference(c), c.requires_grad]).toEqual([true, requires_grad])
        }),
      )
    }
  })

  it('test_inference_mode_inf_tensor_in_inf_mode_view_op', () => {
    both((requires_grad) =>
      inference(() => {
        const view = make(requires_grad).view(-1)
        expect([isInference(view), view.requires_grad]).toEqual([true, false])
      }),
    )
  })

  it('test_inference_mode_inf_tensor_in_normal_mode_functional_op', () => {
    both((requires_grad) => {
      const c = made(requires_grad)
      for (const out of [c.mul(c), c.exp(), c.pow(2), torch.pow(2, c), c.sum()]) {
        expect([isInference(out), out.requires_grad, out.is_leaf]).toEqual([false, false, true])
      }
      // A number becomes a tensor, and that one is not of inference mode.
      expect([c.add(1).requires_grad, c.mul(2).requires_grad]).toEqual([requires_grad, requires_grad])
    })
  })

  it('test_inference_mode_inf_tensor_in_normal_mode_inplace_op', () => {
    for (const write of IN_PLACE) {
      scope(() => {
        const c = made()
        expect(errorOf(() => write(c))).toBe(WRITTEN_OUTSIDE)
        expect([c.shape, c.sum().item()]).toEqual([[1, 2, 3], 6])
      })
    }
  })

  it('test_inference_mode_inf_tensor_in_normal_mode_view_op', () => {
    both((requires_grad) => {
      const out = made(requires_grad).view(-1)
      expect([isInference(out), out.requires_grad, out._is_view(), out.is_leaf]).toEqual([true, false, false, true])
    })
  })
})

describe('a normal tensor', () => {
  const writeTwice = (a: Tensor, write: (x: Tensor) => Tensor, requires_grad: boolean) => {
    for (let i = 0; i < 2; i++) {
      write(a)
      expect([isInference(a), a.requires_grad]).toEqual([false, requires_grad])
    }
    const view = a.view(-1)
    expect([isInference(view), view.requires_grad]).toEqual([false, requires_grad])
  }

  it('test_normal_tensor_inplace_output_in_inference_mode', () => {
    for (const write of IN_PLACE) {
      both((requires_grad) => {
        const a = make(requires_grad).clone()
        inference(() => writeTwice(a, write, requires_grad))
      })
    }
  })

  it('test_normal_tensor_inplace_output_in_normal_mode', () => {
    for (const write of IN_PLACE) {
      both((requires_grad) => {
        const a = make(requires_grad).clone()
        inference(() => void write(a))
        expect([isInference(a), a.requires_grad]).toEqual([false, requires_grad])
        writeTwice(a, write, requires_grad)
      })
    }
  })

  it('test_normal_tensor_view_output_in_inference_mode', () => {
    both((requires_grad) => {
      const a = make(requires_grad).clone()
      inference(() => {
        const out = a.view(-1)
        expect([isInference(out), out.requires_grad, out._is_view()]).toEqual([false, requires_grad, true])
        const again = out.view(-1)
        expect([isInference(again), again.requires_grad, again._is_view(), again.is_leaf]).toEqual([
          false,
          requires_grad,
          true,
          true,
        ])
        again.add_(2)
        expect([isInference(again), again.requires_grad]).toEqual([false, requires_grad])
        expect([a._version, again._version]).toEqual([1, 1])
        // Reading is_leaf asks for the node of a view whose base was written.
        if (requires_grad) {
          expect(errorOf(() => again.is_leaf)).toBe(viewWritten('its base or another view of its base has been'))
        }
      })
    })
  })

  it('test_normal_tensor_view_output_in_normal_mode', () => {
    both((requires_grad) => {
      const a = make(requires_grad).clone()
      const out = torch.inference_mode(() => a.view(-1))
      expect([isInference(out), out.requires_grad, out._is_view(), out.is_leaf]).toEqual([
        false,
        requires_grad,
        true,
        true,
      ])
      const squared = out.mul(out)
      expect([isInference(squared), squared.requires_grad]).toEqual([false, requires_grad])
      if (requires_grad) expect(errorOf(() => out.add_(2))).toBe(viewWritten('is being'))
      else out.add_(2)
      const view = out.view(2, 3)
      expect([isInference(view), view.requires_grad]).toEqual([false, requires_grad])
    })
  })
})

describe('both', () => {
  it('test_mix_inference_and_normal_tensor_functional_op', () => {
    both((requires_grad) => {
      const s = make(requires_grad)
      const c = made(requires_grad)
      // A sum keeps nothing for backward.
      const out = c.add(s)
      expect([isInference(out), out.requires_grad]).toEqual([false, requires_grad])
      if (!requires_grad) return
      out.backward(torch.ones_like(out))
      expectClose(c.grad, torch.ones_like(s))
      expect(errorOf(() => c.mul(s))).toBe(NOT_SAVED)
    })
  })

  it('test_mix_inference_and_normal_tensor_inplace_op', () => {
    both((requires_grad) => {
      const s = make(requires_grad)
      const a = s.clone()
      const c = made()
      expect(isInference(c)).toBe(true)
      if (requires_grad) {
        expect(errorOf(() => a.mul_(c))).toBe(NOT_SAVED)
        expect([a._version, a.grad_fn.name()]).toEqual([0, 'CloneBackward0'])
        expect(errorOf(() => torch.mul(s, s, { out: c }))).toBe(
          "RuntimeError: mul(): functions with out=... arguments don't support automatic differentiation, but one of the " +
            'arguments requires grad.',
        )
      } else {
        expect(a.mul_(c)).toBe(a)
        expect(errorOf(() => torch.mul(s, s, { out: c }))).toBe(WRITTEN_OUTSIDE)
      }
    })
  })

  it('test_mix_inference_and_normal_tensor_view_op', () => {
    both((requires_grad) => {
      const s = make(requires_grad)
      const c = made()
      const first = c.view_as(s)
      expect([isInference(first), first.requires_grad]).toEqual([true, false])
      const second = s.view_as(c)
      expect([isInference(second), second.requires_grad]).toEqual([false, requires_grad])
    })
  })

  it('test_inference_mode_handle_direct_view_on_rebase', () => {
    for (const write of IN_PLACE) {
      both((requires_grad) => {
        const a = make(requires_grad).clone()
        const view = torch.inference_mode(() => a.view_as(a))
        if (requires_grad) expect(errorOf(() => write(view))).toBe(viewWritten('is being'))
        else expect(write(view)).toBe(view)
      })
    }
  })

  it('test_inference_mode_handle_indirect_view_on_rebase', () => {
    for (const write of IN_PLACE) {
      both((requires_grad) => {
        const a = make(requires_grad).clone()
        const view = torch.inference_mode(() => a.view(-1))
        write(a)
        if (requires_grad) {
          expect(errorOf(() => view.grad_fn)).toBe(viewWritten('its base or another view of its base has been'))
        } else expect(view.grad_fn).toBeNull()
      })
    }
  })
})
