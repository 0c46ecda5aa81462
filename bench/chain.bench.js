// Per-op overhead where it hurts most: scalars. The peer is a plain JavaScript tape that does the same arithmetic.
import { scope, torch } from '../dist/index.js'
import { report } from './harness.js'

const OPS = 10_000

function chain() {
  scope(() => {
    const x = torch.tensor(1, { requires_grad: true })
    let y = x
    for (let i = 0; i < OPS; i++) y = y.mul(1.0001)
    y.backward()
  })
}

function unscopedChain() {
  const x = torch.tensor(1, { requires_grad: true })
  let y = x
  for (let i = 0; i < OPS; i++) y = y.mul(1.0001)
  y.backward()
}

function tape() {
  const backwards = []
  let y = { value: 1, grad: 0 }
  for (let i = 0; i < OPS; i++) {
    const a = y
    const out = { value: a.value * 1.0001, grad: 0 }
    backwards.push(() => {
      a.grad += out.grad * 1.0001
    })
    y = out
  }
  y.grad = 1
  for (let i = OPS - 1; i >= 0; i--) backwards[i]()
}

const ours = await report(`${OPS} scalar ops, forward + backward, per op`, chain, { per: OPS, limit: 2 })
await report('the same outside any scope', unscopedChain, { per: OPS })
const theirs = await report('the same on a plain JavaScript tape', tape, { per: OPS })
console.log(`ratio to the tape: ${(ours / theirs).toFixed(1)}`)
