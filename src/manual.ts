// `backward0/manual`: for places that may not fetch. Nothing works before `init` is done.
export * from './api'
export { type CoreSource, hasRelaxedSimd, load as init } from './core/wasm'
