// `import { torch } from 'backward0'`: loads the core by itself, then the names of api.ts are ready to use.
import { defaultSource, load } from './core/wasm'

await load(defaultSource())

export * from './api'
