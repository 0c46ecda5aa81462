import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compileMemory, type Fresh, type MemoryCore } from './core'

const NODE = 2
const OBJECT = 3

let fresh: Fresh
let core: MemoryCore
let memory: WebAssembly.Memory
beforeAll(async () => {
  fresh = await compileMemory()
})
beforeEach(() => {
  const instance = fresh({ initial: 16, maximum: 32 })
  core = instance.core
  memory = instance.memory
})

/** The block of counters, as the library reads it. */
function read() {
  const at = core.countersAt()
  const [bytes, peakBytes, allocations] = new Float64Array(memory.buffer, at, 3)
  const live = [...new Uint32Array(memory.buffer, at + 24, 5)]
  const peak = [...new Uint32Array(memory.buffer, at + 44, 5)]
  return { bytes, peakBytes, allocations, live, peak }
}

describe('counters', () => {
  it('begin at zero', () => {
    expect(read()).toEqual({ bytes: 0, peakBytes: 0, allocations: 0, live: [0, 0, 0, 0, 0], peak: [0, 0, 0, 0, 0] })
  })

  it('count requested bytes, and peaks', () => {
    const node = core.allocRecord(72, NODE)
    const object = core.allocObject(16)
    const buffer = core.allocBuffer(100_000)
    expect(read()).toMatchObject({ bytes: 100_088, allocations: 3, live: [0, 0, 1, 1, 0] })
    core.freeBuffer(buffer, 100_000)
    core.freeRecord(node, 72, NODE)
    core.freeObject(object, 16)
    expect(read()).toEqual({
      bytes: 0,
      peakBytes: 100_088,
      allocations: 3,
      live: [0, 0, 0, 0, 0],
      peak: [0, 0, 1, 1, 0],
    })
  })

  it('count a kind by hand', () => {
    core.count(OBJECT, 1)
    core.count(OBJECT, 1)
    core.count(OBJECT, -1)
    expect(read()).toMatchObject({ live: [0, 0, 0, 1, 0], peak: [0, 0, 0, 2, 0], bytes: 0 })
  })

  it('are as they were when an allocation fails', () => {
    core.allocObject(40)
    const before = read()
    expect(core.allocBuffer(3 * 2 ** 20)).toBe(0)
    expect(core.allocRecord(2 ** 32 - 1, NODE)).toBe(0)
    expect(core.allocObject(2 ** 31)).toBe(0)
    expect(read()).toEqual(before)
  })
})

describe('a buffer', () => {
  it('of 0 bytes has an address of its own', () => {
    const [a, b] = [core.allocBuffer(0), core.allocBuffer(0)]
    expect(a).toBeGreaterThan(0)
    expect(b - a).toBe(16)
    expect(read().bytes).toBe(0)
    core.freeBuffer(a, 0)
    core.freeBuffer(b, 0)
    expect(core.poolsCheck()).toBe(0)
  })

  it('is on a 16-byte boundary, small or large', () => {
    for (const nbytes of [1, 8, 511, 512, 513, 4096]) expect(core.allocBuffer(nbytes) % 16).toBe(0)
  })

  it('never takes the block of a dead object', () => {
    const object = core.allocObject(16)
    core.freeObject(object, 16)
    const buffer = core.allocBuffer(16)
    expect(buffer).not.toBe(object)
    expect(core.allocObject(16)).toBe(object)
  })
})
