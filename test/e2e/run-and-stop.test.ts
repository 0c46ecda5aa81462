import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Playground } from './page'

// What a reader notices. The page itself needs a few milliseconds; the tests allow for a busy machine up to this.
const AT_ONCE = 100

let playground: Playground

beforeAll(async () => {
  playground = await Playground.open(inject('launchOptions'))
  await playground.choose('scratch')
})

afterAll(async () => {
  expect(playground.troubles).toEqual([])
  await playground.close()
})

test('Stop ends an endless loop at once, and the next run works', async () => {
  await playground.write("print('before')\nwhile (true) {}")
  await playground.run()
  await playground.page.waitForFunction(() => document.querySelector('.log')?.textContent?.includes('before'))
  expect(await playground.stop()).toBeLessThan(AT_ONCE)
  expect(await playground.lines()).toEqual(['before'])

  const started = Date.now()
  expect(await playground.runToEnd("print('again')")).toEqual(['again'])
  expect(Date.now() - started).toBeLessThan(2000)
  expect(await playground.phase()).toBe('finished')
})

test('prints stream in while the program runs', async () => {
  await playground.write("print('one')\nawait new Promise((done) => setTimeout(done, 600))\nprint('two')")
  await playground.run()
  await playground.page.waitForFunction(() => document.querySelector('.log')?.textContent === 'one')
  expect(await playground.phase()).toBe('running')
  await playground.waitFor('finished')
  expect(await playground.lines()).toEqual(['one', 'two'])
})

test('a flood of prints leaves the page alive and Stop quick', async () => {
  await playground.write('for (let i = 0; ; i++) print(i)')
  await playground.run()
  const frames = await playground.page.evaluate(async () => {
    const end = performance.now() + 1500
    let longest = 0
    let last = performance.now()
    while (last < end) {
      await new Promise(requestAnimationFrame)
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }
    return { longest, elements: document.querySelectorAll('.log *').length }
  })
  expect(await playground.stop()).toBeLessThan(AT_ONCE)
  expect(frames.longest).toBeLessThan(500)
  expect(frames.elements).toBeLessThan(1000)
  const lines = await playground.lines()
  expect(lines.length).toBeLessThan(6000)
  expect(lines.some((line) => /lines dropped/.test(line))).toBe(true)
})

test('a program that ends shows its last lines, and says how many are gone', async () => {
  const lines = await playground.runToEnd("for (let i = 0; i < 20000; i++) print(i)\nprint('end')")
  expect(lines.at(-1)).toBe('end')
  const shown = lines.filter((line) => /^(\d+|end)$/.test(line)).length
  const gone = lines.map((line) => Number(/^… ([\d,]+) .*lines dropped/.exec(line)?.[1].replaceAll(',', '') ?? 0))
  expect(shown).toBeGreaterThan(4000)
  expect(shown + gone.reduce((sum, n) => sum + n)).toBe(20001)
})

test('a few thousand lines at once are all there', async () => {
  const lines = await playground.runToEnd('for (let i = 0; i < 4000; i++) print(i)')
  expect(lines).toEqual(Array.from({ length: 4000 }, (_, i) => String(i)))
})

const FAILING = `import { print, torch } from 'backward0'

print(\`a \${1 + 1}\`)
const f = (n: number): void => {
  throw new RangeError('too ' + n)
}
f(3)`

test('an error shows its type, its message and the line, and the line is a way there', async () => {
  const lines = await playground.runToEnd(FAILING)
  expect(await playground.phase()).toBe('failed')
  expect(lines[0]).toBe('a 2')
  expect(lines.join('\n')).toContain('RangeError: too 3')
  const places = playground.page.locator('.failure button')
  expect(await places.allTextContents()).toEqual(['line 5', 'line 7'])
  expect(await playground.page.textContent('.cm-failedLine')).toContain('throw new RangeError')
  await places.first().click()
  const selected = await playground.page.evaluate(() => document.getSelection()?.toString())
  expect(selected).toContain("throw new RangeError('too ' + n)")
})

test("an error of the library is Python's", async () => {
  const lines = await playground.runToEnd('const x = torch.tensor([1.0, 2.0])\n\nx.sum().backward()')
  expect(lines.join('\n')).toContain(
    'RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn',
  )
  expect(await playground.page.locator('.failure button').allTextContents()).toEqual(['line 3'])
})

test.each([
  ['const a = 1\nconst b = ;', 'line 2'],
  ['let a = 1\n\nlet a = 2', 'line 3'],
])('a syntax error has its line: %j', async (code, line) => {
  const lines = await playground.runToEnd(code)
  expect(lines.join('\n')).toContain('SyntaxError')
  expect(await playground.page.locator('.failure button').allTextContents()).toEqual([line])
})

test('an error after the end of the program is shown too', async () => {
  await playground.runToEnd("setTimeout(() => { throw new Error('late') }, 50)\nprint('done')")
  await playground.page.waitForFunction(() => document.querySelector('.log')?.textContent?.includes('Error: late'))
})
