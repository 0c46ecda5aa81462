// The tables of docs/articles*.md, the recorded facts and the tests have the same numbers.
import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { facts } from './experiment'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const sorted = (numbers: Iterable<string>) => [...numbers].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
const found = (text: string, pattern: RegExp) => sorted(Array.from(text.matchAll(pattern), ([, number]) => number))

const files = readdirSync(import.meta.dirname).filter((name) => /^article-\d\.test\.ts$/.test(name))
const tests = files.map((name) => read(name)).join('')
const numbers = found(read('../../docs/articles.md'), /^\| (\d\.\d+) \|/gm)

it('every row of the table has one test, and every test has a row', () => {
  expect(numbers).toHaveLength(120)
  expect(found(tests, /\b(?:experiment|differs|it)\(\s*'(\d\.\d+)[ ']/g)).toEqual(numbers)
})

it('both languages have the same rows', () => {
  expect(found(read('../../docs/articles.zh-CN.md'), /^\| (\d\.\d+) \|/gm)).toEqual(numbers)
})

it('every recorded program is tested', () => {
  expect(found(tests, /\b(?:experiment|differs)\(\s*'(\d\.\d+)'/g)).toEqual(sorted(Object.keys(facts)))
})

it('a test is in the file of its article', () => {
  for (const name of files)
    for (const [, article] of read(name).matchAll(/\b(?:experiment|differs|it)\(\s*'(\d)\.\d+/g))
      expect(name).toBe(`article-${article}.test.ts`)
})
