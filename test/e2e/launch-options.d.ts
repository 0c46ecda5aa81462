import type { LaunchOptions } from 'playwright'

declare module 'vitest' {
  interface ProvidedContext {
    /// From vitest.config.ts.
    launchOptions: LaunchOptions
  }
}
