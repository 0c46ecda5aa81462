// Every test of this folder ends with what it began with.
import { afterEach, beforeEach, expect } from 'vitest'
import { torch } from '../../src/index'

export function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

export function expectNoLeaks(): void {
  let before: ReturnType<typeof live>
  beforeEach(() => {
    before = live()
  })
  afterEach(() => {
    expect(live()).toEqual(before)
  })
}
