// The READMEs' program about memory prints what its comments say.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as backward0 from '../../src/index'
import { expectNothingLeft, printed } from '../identity/live'

expectNothingLeft()

it.each(['README.md', 'README.zh-CN.md'])('the program about memory in %s', (file) => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const programs = Array.from(text.matchAll(/```ts\n([\s\S]*?)```/g), ([, code]) => code)
  const [, names, code] = /^import \{(.*)\} from 'backward0'\n([\s\S]*)/.exec(
    programs.find((p) => p.includes('py.gc'))!,
  )!
  const run = new Function(`{${names}}`, code)
  expect(printed(() => run(backward0))).toEqual(Array.from(code.matchAll(/^ *\/\/ (.*)$/gm), ([, line]) => line))
})
