import { it } from 'vitest'
import { scope, torch } from '../../src/index'
const live = () => { const { tensors, storages, nodes, objects, bytes, peak_bytes } = torch.memory.stats(); return JSON.stringify({ tensors, storages, nodes, objects, bytes, peak_bytes }) }
const time = (name: string, fn: () => void) => { const t = performance.now(); try { fn(); console.log(name, (performance.now() - t).toFixed(0), 'ms', live()) } catch (e) { console.log(name, 'ERR', String(e).slice(0, 200), live()) } }
it('explores', () => {
  console.log(live())
  time('chain of 1e6', () => scope(() => {
    const x = torch.tensor(1, { requires_grad: true })
    let y = x
    for (let i = 0; i < 1e6; i++) y = y.add(1)
    console.log('built')
    y.backward()
    console.log(x.grad.item())
  }))
  time('chain of 1e6 mul', () => scope(() => {
    const x = torch.tensor(1, { requires_grad: true })
    let y = x
    for (let i = 0; i < 1e6; i++) y = scope(() => y.mul(y))
    y.backward()
    console.log(x.grad.item())
  }))
  time('chain unreleased', () => scope(() => {
    const x = torch.tensor(1, { requires_grad: true })
    let y = x
    for (let i = 0; i < 1e6; i++) y = scope(() => y.mul(2))
  }))
  time('fan in 1e5', () => scope(() => {
    const x = torch.tensor(1, { requires_grad: true })
    let y = x.mul(1)
    const h = y
    for (let i = 0; i < 1e5; i++) y = y.add(h)
    y.backward()
    console.log(x.grad.item())
  }))
  time('diamonds 1e4', () => scope(() => {
    const x = torch.tensor(1, { requires_grad: true, dtype: torch.float64 })
    let y = x
    for (let i = 0; i < 1e4; i++) y = y.mul(0.5).add(y.mul(0.5))
    y.backward()
    console.log(x.grad.item())
  }))
  time('views 1e5 written', () => scope(() => {
    const x = torch.ones(4, { requires_grad: true })
    const h = x.mul(1)
    const v = h.at(':2')
    for (let i = 0; i < 1e5; i++) v.mul_(1)
    h.sum().backward()
    console.log(String(x.grad))
  }))
  time('inplace 1e6', () => scope(() => {
    const x = torch.ones(4, { requires_grad: true })
    const h = x.mul(1)
    for (let i = 0; i < 1e6; i++) h.mul_(1)
    h.sum().backward()
    console.log(String(x.grad))
  }))
  time('views of views 1e5', () => scope(() => {
    const x = torch.ones(4, { requires_grad: true })
    let h = x.mul(1)
    for (let i = 0; i < 1e5; i++) h = h.view(4)
    h.sum().backward()
    console.log(String(x.grad))
  }))
  time('double backward chain 1e4', () => scope(() => {
    const x = torch.tensor(1, { requires_grad: true })
    let y = x
    for (let i = 0; i < 1e5; i++) y = y.sin()
    const [g] = torch.autograd.grad(y, [x], { create_graph: true })
    g?.backward()
    console.log(x.grad.item())
  }))
  time('create_graph cycle', () => scope(() => {
    const x = torch.tensor(1, { requires_grad: true })
    x.pow(3).backward({ create_graph: true })
  }))
  console.log(live())
}, 200000)
