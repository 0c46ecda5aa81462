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

test('objects, the collector and arrays work in the page without an import', async () => {
  const lines = await playground.runToEnd(`
    scope((f) => {
      f.a = py.instance('A', { __del__() { print('collected') } })
      f.a.self = f.a
      delete f.a
      print(py.gc.collect())
      f.l = py.list([1, 2])
      const address = id(f.l)
      delete f.l
      print(id(py.list([])) === address)
      f.x = torch.ones(2)
      f.x.numpy().iadd_(np.array([1, 2]))
      print(f.x)
    })`)
  expect(lines).toEqual(['collected', '1', 'True', 'tensor([2., 3.])'])
})

test('what is used after its end is an error at the line', async () => {
  const lines = await playground.runToEnd('const l = py.list([1])\nprint(l)\nl.append(2)')
  expect(lines[0]).toBe('[1]')
  expect(lines.join('\n')).toContain('this list was freed by print()')
  expect(await playground.page.locator('.cm-failedLine').textContent()).toBe('l.append(2)')
})

test('completion knows what stands behind the dot of each namespace', async () => {
  const { page } = playground
  const offered = async (typed: string) => {
    await playground.write('')
    await page.keyboard.type(typed)
    await page.waitForSelector('.cm-tooltip-autocomplete')
    const options = await page.locator('.cm-completionLabel').allTextContents()
    await page.keyboard.press('Escape')
    return options
  }
  expect(await offered('py.gc.coll')).toEqual(['collect'])
  expect(await offered('np.shares')).toEqual(['shares_memory'])
  expect(await offered('torch.autograd.gradch')).toContain('gradcheck')
  expect(await offered('x.backw')).toEqual(['backward'])
})
