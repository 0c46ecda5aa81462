import { afterEach, beforeEach, expect, test } from 'vitest'
import coreUrl from '../../build/core.wasm?url'
import { Runner, type RunResult } from '../../src/worker/client'
import type { Completion, WorkerEvent } from '../../src/worker/protocol'

const core = fetch(coreUrl).then(async (response) => WebAssembly.compile(await response.arrayBuffer()))

let runner: Runner
let events: WorkerEvent[]

beforeEach(async () => {
  events = []
  runner = new Runner(core, (event) => events.push(event))
  await runner.ready()
})

afterEach(() => runner.close())

function printed(): string[] {
  return events.flatMap((event) => (event.kind === 'lines' ? event.lines.map(({ text }) => text) : []))
}

async function finish(source: string): Promise<Completion> {
  const result: RunResult = await runner.run(source)
  if (result.outcome === 'stopped') throw new Error('stopped')
  return result
}

test('a program prints, ends, and says what memory it holds', async () => {
  const { outcome, error, stats } = await finish(
    "import { print, torch } from 'backward0'\nconst x: unknown = torch.tensor([1.5, 2.0])\nprint(x)",
  )
  expect([outcome, error]).toEqual(['finished', null])
  expect(printed()).toEqual(['tensor([1.5000, 2.0000])'])
  expect(stats.tensors).toBeGreaterThanOrEqual(1)
  expect(stats.bytes).toBeGreaterThan(0)
})

test('every line comes before the end, in order', async () => {
  await finish('for (let i = 0; i < 3000; i++) print(i)')
  expect(printed()).toEqual(Array.from({ length: 3000 }, (_, i) => String(i)))
  expect(events.at(-1)?.kind).toBe('completed')
})

test('runs share nothing', async () => {
  await finish('globalThis.left = torch.ones([1000])')
  const { stats } = await finish('print(typeof globalThis.left)')
  expect(printed()).toEqual(['undefined'])
  expect(stats.tensors).toBe(0)
})

test('stop ends an endless loop, at once for who waits, and the next run works', async () => {
  const running = runner.run('while (true) {}')
  await new Promise((resolve) => setTimeout(resolve, 300))
  const started = performance.now()
  runner.stop()
  expect(await running).toEqual({ outcome: 'stopped' })
  expect(performance.now() - started).toBeLessThan(100)
  await finish("print('next')")
  expect(printed()).toEqual(['next'])
})

test('a second run ends the first', async () => {
  const first = runner.run('await new Promise(() => {})')
  await finish('print(2)')
  expect(await first).toEqual({ outcome: 'stopped' })
})

test("an error of the library carries its Python name and the reader's lines, innermost first", async () => {
  const { error } = await finish(
    'function f(x: unknown): void {\n  torch.add(x, torch.ones([3]))\n}\nf(torch.ones([2]))',
  )
  expect(error?.name).toBe('RuntimeError')
  expect(error?.message).toBe(
    'The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0',
  )
  expect(error?.frames.map(({ line }) => line)).toEqual([2, 4])
})

test('TypeError is the class of JavaScript, which also catches those of the library', async () => {
  await finish(`for (const f of [() => null.x, () => torch.mm(1, 2), () => torch.zeros([1]).add('a')]) {
    try { f() } catch (error) { print(error instanceof TypeError, TypeError === globalThis.TypeError) }
  }`)
  expect(printed()).toEqual(['True True', 'True True', 'True True'])
})

test('a syntax error that only the engine finds has its place', async () => {
  const { error } = await finish('let a: number = 1\nlet a = 2')
  expect(error?.name).toBe('SyntaxError')
  expect(error?.frames).toEqual([{ line: 2, column: 5 }])
})

test('a rejection nobody waits for is heard', async () => {
  await finish("Promise.reject(new TypeError('late'))\nawait new Promise((done) => setTimeout(done, 50))")
  expect(events).toContainEqual({
    kind: 'stray-error',
    error: { name: 'TypeError', message: 'late', frames: [{ line: 1, column: 16 }] },
  })
})

test('console.warn and console.error keep their streams', async () => {
  await finish("console.log('a', 1)\nconsole.warn('b')\nconsole.error(new RangeError('c'))")
  expect(events.flatMap((event) => (event.kind === 'lines' ? event.lines : []))).toEqual([
    { stream: 'out', text: 'a 1' },
    { stream: 'warn', text: 'b' },
    { stream: 'error', text: 'RangeError: c' },
  ])
})

test('a core that cannot be loaded fails the run, not the page', async () => {
  const broken = new Runner(Promise.reject(new Error('no core')), () => {})
  await expect(broken.run('print(1)')).rejects.toThrow('no core')
  broken.close()
})
