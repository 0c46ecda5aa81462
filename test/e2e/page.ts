import { type Browser, chromium, type LaunchOptions, type Page } from 'playwright'
import { type PreviewServer, preview } from 'vite'

/// The built page under a path of its own, as on a static host, and the reader in front of it.
export class Playground {
  private constructor(
    private readonly server: PreviewServer,
    private readonly browser: Browser,
    readonly page: Page,
    /// Addresses outside of the page's own host that it asked for, and errors that nobody caught.
    readonly troubles: string[],
  ) {}

  static async open(launchOptions: LaunchOptions, locale = 'en-US'): Promise<Playground> {
    const server = await preview({ configFile: 'web/vite.config.ts', base: '/some/path/', preview: { port: 0 } })
    const url = server.resolvedUrls?.local[0] ?? ''
    const browser = await chromium.launch(launchOptions)
    const page = await browser.newPage({ locale, viewport: { width: 1280, height: 800 } })
    const troubles: string[] = []
    page.on('pageerror', (error) => troubles.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith(url)) troubles.push(request.url())
    })
    page.on('response', (response) => {
      if (response.status() >= 400) troubles.push(`${response.status()} ${response.url()}`)
    })
    await page.goto(url)
    const playground = new Playground(server, browser, page, troubles)
    await playground.waitFor('ready')
    return playground
  }

  async close(): Promise<void> {
    await this.browser.close()
    await this.server.close()
  }

  async choose(example: string): Promise<void> {
    await this.page.click(`[data-example="${example}"]`)
  }

  /// Replaces the program in the editor.
  async write(code: string): Promise<void> {
    await this.page.click('.cm-content')
    await this.page.keyboard.press('ControlOrMeta+a')
    await this.page.keyboard.insertText(code)
  }

  async run(): Promise<void> {
    await this.page.click('#run')
  }

  async runToEnd(code?: string): Promise<string[]> {
    if (code !== undefined) await this.write(code)
    await this.run()
    await this.page.waitForFunction(() => document.getElementById('status')?.dataset.phase !== 'running')
    return this.lines()
  }

  /// Presses Stop and returns how long the page took to say `stopped`, by its own clock.
  async stop(): Promise<number> {
    return this.page.evaluate(async () => {
      const status = document.getElementById('status')!
      const started = performance.now()
      document.getElementById('stop')!.click()
      while (status.dataset.phase !== 'stopped') await new Promise((resolve) => setTimeout(resolve, 1))
      return performance.now() - started
    })
  }

  async waitFor(phase: string): Promise<void> {
    await this.page.waitForSelector(`#status[data-phase="${phase}"]`)
  }

  async phase(): Promise<string | null> {
    return this.page.getAttribute('#status', 'data-phase')
  }

  /// What the console shows, line by line.
  async lines(): Promise<string[]> {
    // Lines enter the page with the next frame.
    await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))))
    const blocks = await this.page.locator('.log > :not([hidden])').allTextContents()
    return blocks.flatMap((text) => text.split('\n'))
  }

  async stat(name: string): Promise<string | null> {
    return this.page.textContent(`[data-stat="${name}"]`)
  }
}
