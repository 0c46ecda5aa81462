import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compileMemory, type Fresh, type MemoryCore, numbers } from './core'

const OBJECT = 0
const RECORD = 1
const POOL = 16 * 1024
const HEADER = 32
const poolOf = (at: number) => at - (at % POOL)

let fresh: Fresh
let core: MemoryCore
let memory: WebAssembly.Memory
beforeAll(async () => {
  fresh = await compileMemory()
})
beforeEach(() => {
  const instance = fresh()
  core = instance.core
  memory = instance.memory
})

const many = (n: number, size: number, domain = OBJECT) => Array.from({ length: n }, () => core.poolAlloc(domain, size))

describe('a pool', () => {
  it('hands out the block freed last', () => {
    const [a, b, c] = many(3, 40)
    core.poolFree(a, 40)
    core.poolFree(b, 40)
    core.poolFree(c, 40)
    expect(many(3, 40)).toEqual([c, b, a])
  })

  it('remembers the order of its free blocks while it is empty', () => {
    const a = core.poolAlloc(OBJECT, 16)
    core.poolFree(a, 16)
    expect(core.poolAlloc(OBJECT, 16)).toBe(a)
  })

  it('fills from the left, 16 bytes apart and aligned', () => {
    const blocks = many(5, 16)
    expect(blocks.map((at) => at - blocks[0])).toEqual([0, 16, 32, 48, 64])
    expect(blocks[0] % POOL).toBe(HEADER)
  })

  it('is chosen by size: classes of 16 bytes up to 512, malloc above', () => {
    for (const [small, large] of [
      [0, 16],
      [17, 32],
      [497, 512],
    ]) {
      expect(poolOf(core.poolAlloc(OBJECT, small))).toBe(poolOf(core.poolAlloc(OBJECT, large)))
    }
    expect(poolOf(core.poolAlloc(OBJECT, 16))).not.toBe(poolOf(core.poolAlloc(OBJECT, 17)))

    core.tlsfCheck()
    const used = core.usedBlockCount()
    const large = core.poolAlloc(OBJECT, 513)
    expect(core.mallocSize(large)).toBe(528)
    core.poolFree(large, 513)
    core.tlsfCheck()
    expect(core.usedBlockCount()).toBe(used)
  })

  it('leaves its list when full and comes back at the front', () => {
    const perPool = Math.floor((POOL - HEADER) / 512)
    const first = many(perPool, 512)
    const second = many(perPool, 512)
    const third = many(1, 512)
    expect(new Set([...first, ...second, ...third].map(poolOf)).size).toBe(3)

    core.poolFree(first[7], 512)
    core.poolFree(second[3], 512)
    expect(core.poolsCheck()).toBe(0)
    expect(many(3, 512)).toEqual([second[3], first[7], third[0] + 512])
    expect(core.poolsCheck()).toBe(0)
  })

  it('goes back to its arena when empty, for a class of any size', () => {
    const blocks = many(10, 32)
    for (const at of blocks) core.poolFree(at, 32)
    expect(poolOf(core.poolAlloc(OBJECT, 256))).toBe(poolOf(blocks[0]))
    expect(core.poolsCheck()).toBe(0)
  })
})

describe('where asserts are on', () => {
  it('a wrong size and a null address are caught', () => {
    const [at] = many(1, 40)
    expect(() => core.poolFree(at, 32)).toThrow('assertion')
    expect(() => core.poolFree(0, 40)).toThrow('assertion')
    core.poolFree(at, 40)
    expect(core.poolsCheck()).toBe(0)
  })
})

describe('domains', () => {
  it('never share a pool: a record does not take a dead object’s block', () => {
    const objects = many(2000, 48)
    for (const at of objects) core.poolFree(at, 48)
    const homes = new Set(objects.map(poolOf))
    for (const at of many(2000, 48, RECORD)) expect(homes.has(poolOf(at))).toBe(false)
    expect(core.poolAlloc(OBJECT, 48)).toBe(objects.at(-1))
    expect(core.poolsCheck()).toBe(0)
  })
})

describe('arenas', () => {
  const PER_ARENA = 16 * Math.floor((POOL - HEADER) / 512)

  it('hold sixteen pools and are given back, all but one', () => {
    const blocks = many(4 * PER_ARENA, 512)
    expect(core.arenaCount(OBJECT)).toBe(4)
    expect(core.arenaCount(RECORD)).toBe(0)
    for (const at of blocks) core.poolFree(at, 512)
    expect(core.arenaCount(OBJECT)).toBe(1)
    expect(core.poolsCheck()).toBe(0)
    expect(core.tlsfCheck()).toBe(0)
    expect(core.usedBlockCount()).toBe(1)
  })

  it('have all their pools inside their block, wherever malloc puts them', () => {
    for (let offset = 0; offset < POOL; offset += 16) {
      ;({ core } = fresh())
      const start = core.malloc(16)
      const shift = POOL + ((POOL + offset - (start % POOL)) % POOL)
      core.malloc(shift - 32 - 16) // start's block is 32 bytes, a header 16: the next payload is `shift` behind start
      const arena = core.malloc(16)
      expect(arena % POOL).toBe(offset)
      core.free(arena)
      const blocks = many(PER_ARENA, 512)
      expect(core.arenaCount(OBJECT)).toBe(1)
      expect(blocks[0]).toBeGreaterThan(arena)
      expect(blocks[PER_ARENA - 1] + 512).toBeLessThanOrEqual(arena + core.mallocSize(arena))
      expect(core.poolsCheck() || core.tlsfCheck()).toBe(0)
    }
  })

  it('the fullest one is used first', () => {
    const blocks = many(2 * PER_ARENA, 512)
    const [left, right] = [blocks.slice(0, PER_ARENA), blocks.slice(PER_ARENA)]
    const perPool = PER_ARENA / 16
    for (const at of left.slice(0, 5 * perPool)) core.poolFree(at, 512)
    for (const at of right.slice(0, 2 * perPool)) core.poolFree(at, 512)
    const next = many(2 * perPool, 256)
    expect(next.every((at) => at >= right[0] && at <= right[PER_ARENA - 1])).toBe(true)
    expect(core.poolsCheck()).toBe(0)
  })

  it('none to be had: 0, and everything goes on', () => {
    ;({ core, memory } = fresh({ initial: 16, maximum: 32 }))
    const blocks: number[] = []
    for (let at = core.poolAlloc(RECORD, 100); at; at = core.poolAlloc(RECORD, 100)) blocks.push(at)
    expect(memory.buffer.byteLength).toBeLessThanOrEqual(32 * 64 * 1024)
    expect(core.poolAlloc(RECORD, 100)).toBe(0)
    expect(core.poolAlloc(OBJECT, 8)).toBe(0)
    expect(core.poolsCheck()).toBe(0)
    core.poolFree(blocks[0], 100)
    expect(core.poolAlloc(RECORD, 100)).toBe(blocks[0])
    for (const at of blocks) core.poolFree(at, 100)
    expect(core.poolAlloc(OBJECT, 8)).toBeGreaterThan(0)
    expect(core.poolsCheck()).toBe(0)
    expect(core.tlsfCheck()).toBe(0)
  })
})

describe('random walks', () => {
  const step = fc.record({ domain: fc.nat(1), size: fc.nat(600), drop: fc.option(fc.nat(1000)) })

  it('keep blocks aligned, apart and untouched', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        ;({ core, memory } = fresh())
        const live: { domain: number; at: number; size: number; byte: number }[] = []
        const release = ({ at, size, byte }: (typeof live)[number]) => {
          expect(new Uint8Array(memory.buffer, at, size).every((b) => b === byte)).toBe(true)
          core.poolFree(at, size)
        }
        for (const [i, { domain, size, drop }] of steps.entries()) {
          if (drop !== null && live.length) {
            release(live.splice(drop % live.length, 1)[0])
          } else {
            const at = core.poolAlloc(domain, size)
            expect(at % 16).toBe(0)
            new Uint8Array(memory.buffer, at, size).fill(i)
            live.push({ domain, at, size, byte: i & 0xff })
          }
          expect(core.poolsCheck()).toBe(0)
        }
        live.sort((a, b) => a.at - b.at)
        for (let i = 1; i < live.length; i++) {
          expect(live[i - 1].at + Math.max(live[i - 1].size, 16)).toBeLessThanOrEqual(live[i].at)
        }
        for (const block of live) release(block)
        expect(core.poolsCheck()).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('of 100,000 steps keep every invariant', () => {
    const random = numbers(7)
    const live: { at: number; size: number }[] = []
    for (let i = 0; i < 100_000; i++) {
      const grows = Math.floor(i / 20_000) % 2 === 0 // tides: arenas fill, then empty
      if (random(10) < (grows ? 7 : 3)) {
        const size = random(20) ? random(513) : random(5000)
        live.push({ at: core.poolAlloc(random(2), size), size })
      } else if (live.length) {
        const k = random(live.length)
        core.poolFree(live[k].at, live[k].size)
        live[k] = live[live.length - 1]
        live.pop()
      }
      if (i % 1000 === 0) expect(core.poolsCheck() || core.tlsfCheck()).toBe(0)
    }
    expect(core.arenaCount(OBJECT)).toBeGreaterThan(1)
    for (const { at, size } of live) core.poolFree(at, size)
    expect(core.poolsCheck()).toBe(0)
    expect(core.arenaCount(OBJECT)).toBe(1)
    expect(core.arenaCount(RECORD)).toBe(1)
    expect(core.tlsfCheck()).toBe(0)
    expect(core.usedBlockCount()).toBe(2)
  })
})
