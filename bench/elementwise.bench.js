// Small and large elementwise ops. The peer is a loop over a Float32Array.
import { scope, torch } from '../dist/index.js'
import { report } from './harness.js'

const MANY = 1000

for (const n of [16, 1 << 16]) {
  const times = n === 16 ? MANY : 10
  const a = torch.arange(n, { dtype: torch.float32 })
  const b = torch.ones(n)
  const add = () =>
    scope(() => {
      for (let i = 0; i < times; i++) a.add(b)
    })
  const ours = await report(`add of ${n} elements`, add, { per: times, limit: n === 16 ? 1 : undefined })
  const x = Float32Array.from({ length: n }, (_, i) => i)
  const y = new Float32Array(n).fill(1)
  const loop = () => {
    for (let t = 0; t < times; t++) {
      const out = new Float32Array(n)
      for (let i = 0; i < n; i++) out[i] = x[i] + y[i]
    }
  }
  const theirs = await report(`the same on Float32Arrays`, loop, { per: times })
  console.log(`ratio: ${(ours / theirs).toFixed(2)}`)
  const inPlace = () => {
    for (let i = 0; i < times; i++) a.add_(b)
  }
  await report(`add_ of ${n} elements`, inPlace, { per: times })
}

const x = torch.linspace(-4, 4, 1 << 20)
for (const op of ['exp', 'log', 'sin', 'tanh', 'sigmoid', 'relu']) {
  const run = () =>
    scope(() => {
      x[op]()
    })
  await report(`${op} of 2^20 elements`, run, { note: (ns) => `${(ns / 2 ** 20).toFixed(2)} ns an element` })
}
