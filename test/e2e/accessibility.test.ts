import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Playground } from './page'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let playground: Playground

beforeAll(async () => {
  playground = await Playground.open(inject('launchOptions'))
  await playground.page.addScriptTag({ content: axe })
})

afterAll(() => playground.close())

// With an error on the page: most kinds of text are then there.
const PROGRAM =
  "print('text')\nconsole.warn('careful')\n// a comment\nconst n: number = 1\nthrow new RangeError('no ' + n)"

test.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
  ['dark', 360],
] as const)('axe finds nothing to object to: %s, %i pixels', async (colorScheme, width) => {
  const { page } = playground
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
  await page.setViewportSize({ width, height: 800 })
  await playground.runToEnd(PROGRAM)
  const results = await page.evaluate(() => {
    return (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run()
  })
  const found = results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)
  expect(found).toEqual([])
})
