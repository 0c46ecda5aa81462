import { execFile, execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

// The package as npm would publish it, in a project of somebody else.

const run = promisify(execFile)

let project: string
let installed: string

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'backward0-'))
  installed = join(project, 'node_modules/backward0')
  mkdirSync(installed, { recursive: true })
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { stdio: 'ignore' })
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  const archive = join(project, `backward0-${version}.tgz`)
  execFileSync('tar', ['-xzf', archive, '-C', installed, '--strip-components', '1'])
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

async function node(code: string): Promise<string[]> {
  writeFileSync(join(project, 'program.js'), code)
  const { stdout, stderr } = await run(process.execPath, ['program.js'], { cwd: project })
  expect(stderr).toBe('')
  return stdout.trimEnd().split('\n')
}

/** Compiles files of the project as strictly as TypeScript can, the package's own declarations included. */
async function compile(files: string[], module: string, moduleResolution: string): Promise<string> {
  const compilerOptions = {
    strict: true,
    target: 'es2022',
    lib: ['es2022', 'dom'],
    module,
    moduleResolution,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    isolatedModules: true,
    verbatimModuleSyntax: true,
    types: [],
    outDir: 'out',
  }
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const tsc = join(process.cwd(), 'node_modules/typescript/bin/tsc')
  return run(process.execPath, [tsc, '-p', project]).then(
    ({ stdout }) => stdout,
    ({ stdout }) => stdout,
  )
}

/** The program of a README, and what its comments say that it prints. */
function readme(file: string): { code: string; printed: string[] } {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(readFileSync(file, 'utf8'))!
  return { code, printed: Array.from(code.matchAll(/\/\/ (.*)$/gm), ([, text]) => text) }
}

test.each(['README.md', 'README.zh-CN.md'])('the program in %s prints what it says, in Node', async (file) => {
  const { code, printed } = readme(file)
  expect(printed.length).toBeGreaterThan(3)
  expect((await node(code)).map((line) => line.replaceAll(/0x[0-9a-f]{12}/g, '0x...'))).toEqual(printed)
})

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('its types hold in a strict project: module %s, resolution %s', async (module, resolution) => {
  writeFileSync(join(project, 'readme.ts'), readme('README.md').code)
  copyFileSync('test/e2e/consumer.ts', join(project, 'consumer.ts'))
  expect(await compile(['consumer.ts', 'readme.ts'], module, resolution)).toBe('')
  expect(await node(readFileSync(join(project, 'out/consumer.js'), 'utf8'))).toEqual([
    "ReciprocalBackward0 <class 'ReciprocalBackward0'>",
    '[[0], [0]]',
    'torch.Size([2, 1]) torch.float64 2',
    "True False 'RuntimeError'",
    'True False False function',
    '[1, 2, 3, 4, 5] 3 2',
    '[5 7 9] True torch.int64',
    'gone',
    '1 True',
    '1',
  ])
})

test('a page on a static host imports it without a bundler, and both entries share one core', async () => {
  const page = `<!doctype html><script type="module">
    import { torch, repr } from './dist/index.js'
    import { init, torch as same } from './dist/manual.js'
    await init('./core.wasm')
    document.title = repr([torch.arange(3).mul(2).tolist(), torch === same])
  </script>`
  const asked: string[] = []
  const server = await serve((path) => {
    asked.push(path)
    if (path === '/') return { type: 'text/html', body: page }
    const file = join(installed, path)
    const type = path.endsWith('.js') ? 'text/javascript' : 'application/octet-stream'
    return existsSync(file) ? { type, body: readFileSync(file) } : null
  })
  const browser = await chromium.launch(inject('launchOptions'))
  try {
    const tab = await browser.newPage()
    await tab.goto(`http://localhost:${(server.address() as AddressInfo).port}/`)
    await tab.waitForFunction(() => document.title !== '')
    expect(await tab.title()).toBe('[[0, 2, 4], True]')
    expect(asked.filter((path) => path.endsWith('.wasm'))).toHaveLength(1)
  } finally {
    await browser.close()
    server.close()
  }
})

type Answer = { type: string; body: string | Buffer }

async function serve(answer: (path: string) => Answer | null): Promise<Server> {
  const server = createServer((request, response) => {
    const found = answer(request.url ?? '/')
    response.writeHead(found ? 200 : 404, { 'content-type': found?.type ?? 'text/plain' })
    response.end(found?.body)
  })
  await new Promise<void>((listening) => server.listen(0, listening))
  return server
}
