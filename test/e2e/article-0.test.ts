import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Playground } from './page'

let playground: Playground

beforeAll(async () => {
  playground = await Playground.open(inject('launchOptions'))
})

afterAll(async () => {
  expect(playground.troubles).toEqual([])
  await playground.close()
})

const RULE = '-'.repeat(40)

test('two objects of different types print the same id', async () => {
  await playground.choose('same-id')
  const lines = await playground.runToEnd()
  const [id] = /\d+$/.exec(lines[3])!
  expect(Number(id)).toBeGreaterThan(0)
  expect(lines).toEqual([
    "y1.grad_fn type: <class 'MulBackward0'>",
    "y2.grad_fn type: <class 'PowBackward0'>",
    RULE,
    `ID of y1.grad_fn: ${id}`,
    `ID of y2.grad_fn: ${id}`,
    'id1 == id2: True',
    RULE,
    'y1.grad_fn is y2.grad_fn: False',
  ])
})

test('with one of them held the ids differ', async () => {
  await playground.choose('held-id')
  const lines = await playground.runToEnd()
  const ids = lines.slice(3, 5).map((line) => /\d+$/.exec(line)![0])
  expect(ids[0]).not.toBe(ids[1])
  expect(lines).toEqual([
    "y1.grad_fn type: <class 'MulBackward0'>",
    "y2.grad_fn type: <class 'PowBackward0'>",
    RULE,
    `ID of persistent y1.grad_fn: ${ids[0]}`,
    `ID of y2.grad_fn: ${ids[1]}`,
    'id1 == id2: False',
  ])
})

test('the memory panel shows what the program left', async () => {
  expect(Number(await playground.stat('tensors'))).toBeGreaterThanOrEqual(4)
  expect(Number(await playground.stat('nodes'))).toBeGreaterThan(0)
})

test('every run starts from the same state', async () => {
  const first = await playground.runToEnd()
  const stats = await playground.stat('allocations')
  expect(await playground.runToEnd()).toEqual(first)
  expect(await playground.stat('allocations')).toBe(stats)
})

test('every example of the gallery runs', async () => {
  const ids = await playground.page.locator('[data-example]').evaluateAll((buttons) => {
    return buttons.map((button) => (button as HTMLElement).dataset.example ?? '')
  })
  expect(ids.length).toBeGreaterThanOrEqual(5)
  for (const id of ids) {
    await playground.choose(id)
    const lines = await playground.runToEnd()
    expect(await playground.phase(), `${id}:\n${lines.join('\n')}`).toBe('finished')
    expect(lines.length).toBeGreaterThan(0)
  }
})
