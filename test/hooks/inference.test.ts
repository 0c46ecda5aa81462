// What inference mode is stands in test/autograd/tables_c7.test.ts.
import { describe, expect, it } from 'vitest'
import { torch } from '../../src/index'

describe('inference mode', () => {
  it('is over after an exception, and after a promise', async () => {
    expect(() => torch.inference_mode(() => torch.tensor('a' as never))).toThrow("new(): invalid data type 'str'")
    expect(torch.is_inference_mode_enabled()).toBe(false)
    await torch.inference_mode(async () => {
      await null
      expect(torch.is_inference_mode_enabled()).toBe(true)
    })
    expect(torch.is_inference_mode_enabled()).toBe(false)
  })
})
