import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileMemory, type Fresh, type MemoryCore, numbers } from './core'

const KiB = 1024
const MiB = 1024 * KiB
const GiB = 1024 * MiB

let fresh: Fresh
beforeAll(async () => {
  fresh = await compileMemory()
})

/** malloc with an unsigned answer. */
const alloc = (core: MemoryCore, size: number) => core.malloc(size) >>> 0

const mark = (memory: WebAssembly.Memory, at: number, size: number, byte: number) =>
  new Uint8Array(memory.buffer, at, size).fill(byte)

const isMarked = (memory: WebAssembly.Memory, at: number, size: number, byte: number) =>
  new Uint8Array(memory.buffer, at, size).every((b) => b === byte)

function expectAllFree(core: MemoryCore) {
  expect(core.tlsfCheck()).toBe(0)
  expect(core.usedBlockCount()).toBe(0)
  expect(core.freeBlockCount()).toBe(core.regionCount())
}

describe('malloc and free', () => {
  const size = fc.oneof(fc.nat(64), fc.nat(2000), fc.nat(300_000))
  const step = fc.oneof(
    { weight: 3, arbitrary: size.map((size) => ({ size, drop: undefined })) },
    { weight: 2, arbitrary: fc.nat(1000).map((drop) => ({ size: undefined, drop })) },
  )

  it('keep blocks aligned, apart and untouched, and end as one free block per region', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { core, memory } = fresh()
        const live: { at: number; size: number; byte: number }[] = []
        for (const [i, { size, drop }] of steps.entries()) {
          if (size !== undefined) {
            const at = alloc(core, size)
            expect(at % 16).toBe(0)
            expect(at).toBeGreaterThan(0)
            expect(core.mallocSize(at)).toBeGreaterThanOrEqual(size)
            for (const other of live) expect(at + size <= other.at || other.at + other.size <= at).toBe(true)
            mark(memory, at, size, i)
            live.push({ at, size, byte: i })
          } else if (live.length) {
            const [block] = live.splice(drop % live.length, 1)
            expect(isMarked(memory, block.at, block.size, block.byte)).toBe(true)
            core.free(block.at)
          }
          expect(core.tlsfCheck()).toBe(0)
          expect(core.usedBlockCount()).toBe(live.length)
        }
        for (const { at, size, byte } of live) {
          expect(isMarked(memory, at, size, byte)).toBe(true)
          core.free(at)
        }
        expectAllFree(core)
      }),
      { numRuns: 60 },
    )
  })

  it('survive 100,000 random steps', () => {
    const { core } = fresh()
    const random = numbers(1)
    const live: number[] = []
    for (let i = 0; i < 100_000; i++) {
      if (live.length < 500 && random(2)) {
        live.push(alloc(core, random(8) ? random(3000) : random(200_000)))
      } else if (live.length) {
        const k = random(live.length)
        core.free(live[k])
        live[k] = live[live.length - 1]
        live.pop()
      }
      if (i % 1000 === 0) expect(core.tlsfCheck()).toBe(0)
    }
    for (const at of live) core.free(at)
    expectAllFree(core)
  })

  it('give a block of the same size the same address back', () => {
    const { core } = fresh()
    for (const size of [100, 1000, 5001, 70_000]) {
      const a = alloc(core, size)
      const wall = alloc(core, 16)
      core.free(a)
      expect(alloc(core, size)).toBe(a)
      core.free(a)
      core.free(wall)
    }
    expectAllFree(core)
  })

  it('find the one hole that fits, behind another of its list that is too small', () => {
    const { core } = fresh({ initial: 16, maximum: 16 })
    const fits = alloc(core, 135 * KiB)
    alloc(core, 16)
    const small = alloc(core, 129 * KiB)
    while (alloc(core, 16)) {} // no room elsewhere
    core.free(fits)
    core.free(small)
    expect(alloc(core, 135 * KiB)).toBe(fits)
    expect(core.tlsfCheck()).toBe(0)
  })

  it('merge with both neighbours', () => {
    const { core } = fresh()
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [2, 1, 0],
    ]) {
      const blocks = [alloc(core, 600), alloc(core, 600), alloc(core, 600)]
      for (const i of order) core.free(blocks[i])
      expectAllFree(core)
    }
  })

  it('free(0) does nothing, a block of 0 bytes is a block', () => {
    const { core } = fresh()
    core.free(0)
    const [a, b] = [alloc(core, 0), alloc(core, 0)]
    expect(a).not.toBe(b)
    expect(core.mallocSize(a)).toBe(16)
    core.free(a)
    core.free(b)
    expectAllFree(core)
  })

  it('a second free of the same block is caught where asserts are on', () => {
    const { core } = fresh()
    const at = alloc(core, 40)
    core.free(at)
    expect(() => core.free(at)).toThrow('assertion')
  })
})

describe('growth', () => {
  it('joins new pages to a free tail', () => {
    const { core, memory } = fresh()
    const at = alloc(core, 3 * MiB)
    expect(memory.buffer.byteLength).toBeLessThanOrEqual(4 * MiB)
    core.free(at)
    expectAllFree(core)
    expect(core.regionCount()).toBe(1)
    expect(alloc(core, 3.5 * MiB)).toBe(at)
  })

  it('lives with pages that someone else took', () => {
    const { core, memory } = fresh()
    const before = alloc(core, 1000)
    const foreign = memory.grow(3) * 64 * KiB
    mark(memory, foreign, 3 * 64 * KiB, 0xab)
    const after = alloc(core, 2 * MiB - 16) // whole pages with its header: the end mark needs one more
    expect(after).toBeGreaterThan(foreign)
    expect(core.tlsfCheck()).toBe(0)
    expect(core.regionCount()).toBe(2)
    mark(memory, after, 2 * MiB - 16, 1)
    expect(isMarked(memory, foreign, 3 * 64 * KiB, 0xab)).toBe(true)
    core.free(after)
    core.free(before)
    expectAllFree(core)
  })

  it('asks for just enough when it cannot have more', () => {
    const { core, memory } = fresh({ initial: 16, maximum: 20 })
    expect(alloc(core, 1.2 * MiB)).toBeGreaterThan(0)
    expect(memory.buffer.byteLength).toBe(20 * 64 * KiB)
    expect(core.tlsfCheck()).toBe(0)
  })

  it('returns 0 when there is none, and goes on', () => {
    const { core, memory } = fresh({ initial: 16, maximum: 40 })
    const big = alloc(core, 1.5 * MiB)
    expect(alloc(core, 2 * MiB)).toBe(0)
    expect(core.tlsfCheck()).toBe(0)
    const blocks: number[] = []
    for (let at = alloc(core, 10_000); at; at = alloc(core, 10_000)) blocks.push(at)
    expect(memory.buffer.byteLength).toBe(40 * 64 * KiB)
    expect(core.tlsfCheck()).toBe(0)
    for (const at of blocks) core.free(at)
    core.free(big)
    expectAllFree(core)
    expect(alloc(core, 2 * MiB)).toBeGreaterThan(0)
  })

  it('refuses sizes near 2^32', () => {
    const { core, memory } = fresh({ initial: 16, maximum: 32 })
    for (let below = 1; below <= 64; below++) expect(core.malloc(2 ** 32 - below)).toBe(0)
    for (const size of [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 4 * GiB - 64 * KiB]) expect(core.malloc(size)).toBe(0)
    expect(memory.buffer.byteLength).toBe(MiB)
    expectAllFree(core)
  })

  it('works above 2^31 and up to the last byte of 4 GiB', () => {
    const { core, memory } = fresh() // pages that are never touched cost nothing
    const low = alloc(core, 3 * GiB)
    const high = alloc(core, 512 * MiB)
    expect(high).toBeGreaterThan(3 * GiB)
    mark(memory, high, MiB, 7)
    const rest: number[] = []
    for (let size = 256 * MiB; size >= 16; ) {
      const at = alloc(core, size)
      if (at) rest.push(at)
      else size = Math.floor(size / 2)
    }
    expect(memory.buffer.byteLength).toBe(4 * GiB)
    expect(Math.max(...rest)).toBeGreaterThan(4 * GiB - 256)
    expect(core.tlsfCheck()).toBe(0)
    expect(isMarked(memory, high, MiB, 7)).toBe(true)
    core.free(low)
    for (const at of rest) core.free(at)
    core.free(high)
    expectAllFree(core)
    expect(alloc(core, 3.9 * GiB)).toBe(low)
  })
})
