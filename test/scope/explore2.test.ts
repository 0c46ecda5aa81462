import { it } from 'vitest'
import { scope, torch } from '../../src/index'
const live = () => { const { tensors, storages, nodes, objects, bytes } = torch.memory.stats(); return JSON.stringify({ tensors, storages, nodes, objects, bytes }) }
const time = (name: string, fn: () => void) => { const t = performance.now(); try { fn(); console.log(name, (performance.now() - t).toFixed(0), 'ms', live()) } catch (e) { console.log(name, 'ERR', String(e).slice(0, 200), String((e as Error).stack).slice(0, 3000), live()) } }
it('explores', () => {
  for (const n of [1e5, 2e5, 4e5, 6e5, 8e5, 1e6]) time('mul2 ' + n, () => scope(() => {
    const x = torch.tensor(1, { requires_grad: true })
    let y = x
    for (let i = 0; i < n; i++) y = y.mul(2)
  }))
}, 200000)
it('2', () => {
  for (const n of [1e5, 2e5, 4e5, 6e5, 8e5, 1e6]) time('mul self ' + n, () => scope(() => {
    const x = torch.tensor(1, { requires_grad: true })
    let y = x
    for (let i = 0; i < n; i++) y = y.mul(y)
    y.backward()
  }))
}, 200000)
