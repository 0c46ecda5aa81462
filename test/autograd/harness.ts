// What the ports of PyTorch's own tests share.
import { afterEach, beforeEach, expect } from 'vitest'
import { torch } from '../../src/index'

export type Tensor = ReturnType<typeof torch.tensor>
export type Nested = Parameters<typeof torch.tensor>[0]

function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

/** Every test of the file ends with the counters it began with. */
export function keepsCounters(): void {
  let before: ReturnType<typeof live>
  beforeEach(() => {
    before = live()
  })
  afterEach(() => {
    expect(live()).toEqual(before)
  })
}

/** PyTorch's autograd tests have float64 for their default dtype. */
export function tensor(data: Nested, requires_grad = false): Tensor {
  return torch.tensor(data, { dtype: torch.float64, requires_grad })
}

export function leaf(data: Nested): Tensor {
  return tensor(data, true)
}

/** Distinct values of either sign, none near zero or one, the same at every call: what the originals draw by `randn`. */
export function values(shape: readonly number[], seed = 1): Tensor {
  const count = shape.reduce((a, b) => a * b, 1)
  const data = Array.from({ length: count }, (_, i) => {
    const wave = Math.sin(12.9898 * (i + 1) + 78.233 * seed) * 43758.5453
    return (wave - Math.floor(wave) + 0.25) * ((i + seed) % 2 ? 1 : -1)
  })
  return tensor(data)
    .reshape([...shape])
    .clone()
}

export function leafOf(shape: readonly number[], seed = 1): Tensor {
  return values(shape, seed).requires_grad_()
}

/** The same shape and the same elements, up to `tolerance`. */
export function expectClose(actual: Tensor, expected: Tensor, tolerance = 1e-7): void {
  expect(actual.shape).toEqual(expected.shape)
  const want = flat(expected)
  for (const [i, value] of flat(actual).entries()) {
    expect(
      Math.abs(value - want[i]) <= tolerance || Object.is(value, want[i]) || value === want[i],
      `[${i}]: ${value}, expected ${want[i]}`,
    ).toBe(true)
  }
}

function flat(x: Tensor): number[] {
  return [x.detach().reshape([-1]).tolist()].flat(2).map(Number)
}

/** The error that `run` throws, as `Type: text`. */
export function errorOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return String(error)
  }
  throw new Error('nothing was thrown')
}
