// Takes the README's pictures of the built page. Needs npm run build:web.
import { chromium } from 'playwright'
import { preview } from 'vite'
import { CHROMIUM_FLAGS, ensureChromium } from './chromium.js'

const PICTURES = [
  { file: 'docs/screenshots/page.png', locale: 'en-US', colorScheme: 'light' },
  { file: 'docs/screenshots/page.zh-CN.png', locale: 'zh-CN', colorScheme: 'dark' },
]

const server = await preview({ configFile: 'web/vite.config.ts', preview: { port: 0 } })
const browser = await chromium.launch({ executablePath: ensureChromium(), args: CHROMIUM_FLAGS })
for (const { file, locale, colorScheme } of PICTURES) {
  const page = await browser.newPage({ locale, colorScheme, viewport: { width: 1360, height: 850 } })
  await page.goto(server.resolvedUrls.local[0])
  await page.waitForSelector('#status[data-phase="ready"]')
  await page.keyboard.press('Control+Enter')
  await page.waitForSelector('#status[data-phase="finished"]')
  await page.waitForTimeout(200)
  await page.screenshot({ path: file })
  await page.close()
  console.log(file)
}
await browser.close()
await server.close()
