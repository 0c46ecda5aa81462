import { afterEach, beforeEach, expect } from 'vitest'
import { type MemoryStats, set_print_sink, torch } from '../../src/index'

/** The counters of what lives now. */
export function live(): Pick<MemoryStats, 'tensors' | 'storages' | 'nodes' | 'objects' | 'bytes'> {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

/** After every test what lives in the core is what lived before it. */
export function expectNothingLeft(): void {
  let before = live()
  beforeEach(() => {
    before = live()
  })
  afterEach(() => {
    torch.autograd.set_wrapper_policy('weak')
    expect(live()).toEqual(before)
  })
}

/** The lines that `fn` prints. */
export function printed(fn: () => void): string[] {
  const lines: string[] = []
  set_print_sink((line) => lines.push(line))
  try {
    fn()
  } finally {
    set_print_sink((line) => console.log(line))
  }
  return lines
}
