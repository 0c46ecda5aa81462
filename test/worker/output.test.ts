import { expect, test } from 'vitest'
import { inspect } from '../../src/worker/console'
import { OutputStream } from '../../src/worker/output'
import type { WorkerEvent } from '../../src/worker/protocol'

const LIMITS = {
  interval: 16,
  batchLines: 4,
  batchCharacters: 1000,
  backlogLines: 10,
  backlogCharacters: 1000,
  lineCharacters: 20,
}

function recorder(limits = LIMITS): {
  output: OutputStream
  batches: { lines: string[]; skipped: number }[]
  clock: { now: number }
} {
  const batches: { lines: string[]; skipped: number }[] = []
  const clock = { now: 0 }
  const send = (event: WorkerEvent): void => {
    if (event.kind === 'lines') batches.push({ lines: event.lines.map(({ text }) => text), skipped: event.skipped })
  }
  return { output: new OutputStream(send, limits, () => clock.now), batches, clock }
}

test('a line that comes alone is sent at once, the next ones with the next batch', () => {
  const { output, batches, clock } = recorder()
  output.write('out', 'a')
  output.write('out', 'b\nc')
  expect(batches).toEqual([{ lines: ['a'], skipped: 0 }])
  clock.now = 16
  output.write('out', 'd')
  expect(batches[1]).toEqual({ lines: ['b', 'c', 'd'], skipped: 0 })
})

test('a flood keeps the newest lines and counts every other', () => {
  const { output, batches, clock } = recorder()
  const written = 1000
  for (let i = 0; i < written; i++) {
    clock.now = i
    output.write('out', String(i))
  }
  output.drain()
  const lines = batches.flatMap((batch) => batch.lines)
  const skipped = batches.reduce((sum, batch) => sum + batch.skipped, 0)
  expect(lines.length + skipped).toBe(written)
  expect(lines.at(-1)).toBe('999')
  expect(Math.max(...batches.map((batch) => batch.lines.length))).toBeLessThanOrEqual(LIMITS.batchLines)
  expect(lines).toEqual([...lines].sort((a, b) => Number(a) - Number(b)))
})

test('a long line is cut and says so', () => {
  const { output, batches } = recorder()
  output.write('out', 'x'.repeat(50))
  expect(batches[0].lines).toEqual([`${'x'.repeat(20)} … (30 more characters)`])
})

test('what waits is sent even when nothing more is written', async () => {
  const { output, batches, clock } = recorder()
  output.write('out', 'a')
  output.write('out', 'b')
  clock.now = 100
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(batches.map((batch) => batch.lines)).toEqual([['a'], ['b']])
})

test.each([
  ['text', 'text'],
  [undefined, 'undefined'],
  [null, 'null'],
  [1n, '1'],
  [[1, Number.NaN, 'a'], '[1,"NaN","a"]'],
  [{ a: { b: [1] } }, '{"a":{"b":[1]}}'],
  [new RangeError('no'), 'RangeError: no'],
  [
    new (class Tensor {
      toString(): string {
        return 'tensor(2.)'
      }
    })(),
    'tensor(2.)',
  ],
])('console.log(%o) shows %s', (value, expected) => {
  expect(inspect(value)).toBe(expected)
})

test('console.log survives what cannot be shown', () => {
  const loop: { self?: unknown } = {}
  loop.self = loop
  expect(inspect(loop)).toBe('[object Object]')
})
