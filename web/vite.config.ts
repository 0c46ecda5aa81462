import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative addresses: the page works under any path of any static host.
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // scripts/check-size.js has the budget.
    chunkSizeWarningLimit: 1000,
  },
  worker: { format: 'es', rolldownOptions: { external: /^node:/ } },
  // Known from the start, so that the dev server does not reload the page when the worker asks for them.
  optimizeDeps: { include: ['comlink', 'es-module-lexer/minimal/js', 'sucrase'] },
})
