import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Playground } from './page'

let playground: Playground

beforeAll(async () => {
  playground = await Playground.open(inject('launchOptions'), 'zh-CN')
})

afterAll(async () => {
  expect(playground.troubles).toEqual([])
  await playground.close()
})

test("the page speaks the browser's language, and another one when asked", async () => {
  const { page } = playground
  expect(await page.getAttribute('html', 'lang')).toBe('zh')
  expect(await page.textContent('#run')).toContain('运行')
  await page.click('#language')
  expect(await page.textContent('#run')).toContain('Run')
  expect(await page.textContent('h1')).toBe('Two objects, one id')
})

test('the language changes after a program failed too', async () => {
  const { page } = playground
  await playground.runToEnd("torch.ones(2).add('a')")
  expect(await page.textContent('body')).toContain('must be Tensor, not str')
  await page.click('#language')
  expect(await page.textContent('#run')).toContain('运行')
  expect(await page.textContent('h1')).not.toBe('Two objects, one id')
  expect(await page.textContent('body')).toContain('must be Tensor, not str')
  await page.click('#language')
  expect(await page.textContent('h1')).toBe('Two objects, one id')
})

test('code, example, language and theme survive a reload', async () => {
  const { page } = playground
  await playground.choose('chain-rule')
  await playground.write("print('mine')")
  await page.click('#theme')
  await page.click('#theme')
  await page.reload()
  await playground.waitFor('ready')
  expect(await page.getAttribute('html', 'data-theme')).toBe('dark')
  expect(await page.getAttribute('html', 'lang')).toBe('en')
  expect(await page.textContent('.cm-content')).toBe("print('mine')")
  expect(await playground.runToEnd()).toEqual(['mine'])
})

test('the original can be brought back, and that undone', async () => {
  const { page } = playground
  await page.click('#reset')
  expect(await page.textContent('.cm-content')).toContain('retain_graph')
  await page.keyboard.press('ControlOrMeta+z')
  expect(await page.textContent('.cm-content')).toBe("print('mine')")
})

test('the keyboard alone runs a program and leaves the editor', async () => {
  const { page } = playground
  await page.click('.cm-content')
  await page.keyboard.press('ControlOrMeta+Enter')
  await playground.waitFor('finished')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.closest('.cm-editor') === null)).toBe(true)
})

test.each([360, 600, 1024, 1920])('nothing overflows at %i pixels', async (width) => {
  const { page } = playground
  await page.setViewportSize({ width, height: 740 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
})
