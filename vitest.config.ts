import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { CHROMIUM_FLAGS, findChromium } from './scripts/chromium.js'

const launchOptions = { executablePath: findChromium() ?? undefined, args: CHROMIUM_FLAGS }

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**', 'test/e2e/**'],
          testTimeout: 30_000,
          setupFiles: ['test/setup.ts'],
        },
      },
      {
        worker: { format: 'es' },
        optimizeDeps: { include: ['comlink', 'es-module-lexer/minimal/js', 'sucrase'] },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          // One page at a time: some of these measure how long the page takes to answer.
          fileParallelism: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          provide: { launchOptions },
        },
      },
    ],
  },
})
