// Matrix products of float32. The peer is a plain triple loop in JavaScript.
import { scope, torch } from '../dist/index.js'
import { report } from './harness.js'

const gflops = (n) => (ns) => `${((2 * n ** 3) / ns).toFixed(1)} GFLOP/s`

for (const n of [2, 16, 64, 256, 512]) {
  const a = torch
    .arange(n * n, { dtype: torch.float32 })
    .reshape(n, n)
    .div(n)
  const b = a.t().contiguous()
  const times = n <= 16 ? 1000 : 1
  const run = () =>
    scope(() => {
      for (let i = 0; i < times; i++) a.mm(b)
    })
  await report(`mm of ${n} x ${n}`, run, { per: times, note: gflops(n) })
}

const n = 256
const [a, b] = [0, 1].map((seed) => Float32Array.from({ length: n * n }, (_, i) => (i * 7 + seed) % 11))
const naive = () => {
  const c = new Float32Array(n * n)
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]
      for (let j = 0; j < n; j++) c[i * n + j] += factor * b[k * n + j]
    }
  return c
}
await report(`a plain loop over ${n} x ${n}`, naive, { note: gflops(n) })
