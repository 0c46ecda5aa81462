import { it } from 'vitest'
import { torch, scope, print, is_, type Tensor } from '../../src/index'
const ones = (...s: number[]) => torch.ones(s, { requires_grad: true })
it('d4', () => {
 scope(() => {
  const ver = (n: number) => { const a = ones(3); for (let i=0;i<n;i++) a.mul(a).sum().backward(); return a.grad._version }
  print('versions', ver(1), ver(2))
  const sh = (label: string, shape: number[], gshape: number[], f: (x: Tensor)=>Tensor, gf: (g: Tensor)=>Tensor = (g)=>g) => {
    const x = ones(...shape); const g = torch.arange(4, {dtype: torch.float32}).reshape(gshape)
    f(x).backward(gf(g)); print(label, x.grad.data_ptr()===g.data_ptr(), x.grad._version, g._version, x.grad.stride())
  }
  sh('view bw', [4],[2,2], x=>x.view(2,2))
  sh('x.backward(g)', [4],[4], x=>x)
  sh('x+1', [4],[4], x=>x.add(1))
  sh('t', [2,2],[2,2], x=>x.t())
  sh('t g.t', [2,2],[2,2], x=>x.t(), g=>g.t())
  sh('unsq', [4],[4], x=>x.unsqueeze(0), g=>g.unsqueeze(0))
  sh('permute', [4],[4], x=>x.permute(0))
  sh('expand noop', [1,4],[4], x=>x.expand(1,4), g=>g.view(1,4))
  sh('clone', [4],[4], x=>x.clone())
  sh('view view', [4],[4], x=>x.view(2,2).view(4))
  sh('view clone', [4],[4], x=>x.view(2,2).clone(), g=>g.view(2,2))
  { const x=ones(4),y=ones(4); x.add(y).sum().backward(); print('xy', x.grad.data_ptr()===y.grad.data_ptr(), x.grad.stride(), x.grad._version, y.grad._version) }
  { const x=ones(4),y=ones(4), g=torch.arange(4,{dtype: torch.float32}); x.add(y).backward(g); print('xyg', x.grad.data_ptr()===y.grad.data_ptr(), x.grad.data_ptr()===g.data_ptr(), y.grad.data_ptr()===g.data_ptr()) }
  { const x=ones(4); x.sum().backward(); print('sum', x.grad.stride(), x.grad._version) }
  { const x=ones(4); const g=torch.arange(4,{dtype: torch.float32}).reshape(2,2); const [gg]=torch.autograd.grad(x.view(2,2),x,g); print('cap', gg!.data_ptr()===g.data_ptr());
    const [g2]=torch.autograd.grad(x,x,g.view(4)); print('cap', g2!.data_ptr()===g.data_ptr())
    const h=x.mul(1); const [gh,gx]=torch.autograd.grad(h,[h,x],g.view(4)); print(gh!.data_ptr()===g.data_ptr(), gx!.data_ptr()===gh!.data_ptr())
    const g3 = torch.arange(4,{dtype: torch.float32}); const [g4]=torch.autograd.grad(x,x,g3); print('is', is_(g4,g3), g3===g4)
  }
  const lay = (a: Tensor, f: (a: Tensor)=>Tensor) => { a.requires_grad_(); f(a).sum().backward(); print('layout', a.grad.stride()) }
  lay(torch.ones(3,2).t(), a=>a.mul(2)); lay(torch.ones(3,2).t(), a=>a.exp()); lay(torch.ones(3,2).t(), a=>a)
  { const a=torch.ones(3,2).t().requires_grad_(); a.backward(torch.ones(2,3)); print('layout', a.grad.stride()) }
  lay(torch.ones(2).expand(3,2).detach(), a=>a)
  lay(torch.ones(2).expand(3,2).detach(), a=>a.mul(a))
  lay(torch.ones(4).at('::2'), a=>a.mul(a))
  { const a=ones(3); a.mul(a).sum().backward({create_graph:true}); print(a.grad); const g=a.grad; a.mul(a).sum().backward({create_graph:true}); print(a.grad, a.grad===g, a.grad._version) }
  { const a=ones(3); a.mul(a).sum().backward(); const g=a.grad; a.mul(a).sum().backward(); print(a.grad===g, a.grad._version) }
  { const a=ones(3); const g0=torch.ones(3); a.grad=g0; a.mul(a).sum().backward(); print(a.grad===g0, g0) }
  { const x=ones(2), z=ones(2); let y=x.mul(2).sum()
    torch.autograd.backward([y,y],{retain_graph:true}); print(x.grad)
    print(torch.autograd.grad([y,y],[x,x],{retain_graph:true}))
    const gs=torch.autograd.grad(y,[x,x],{retain_graph:true}); print(is_(gs[0],gs[1]), gs[0]===gs[1])
    x.grad=null; y.backward({inputs:[x,x],retain_graph:true}); print(x.grad)
    x.grad=null; y.backward({inputs:x,retain_graph:true}); print(x.grad)
    x.grad=null; try { y.backward({inputs:[z],retain_graph:true}); print(z.grad,x.grad) } catch(e) { print(e) }
    const w=x.mul(2), u=w.sum(); try { u.backward({inputs:[w]}); print(w.grad,x.grad) } catch(e) { print(e) }
    for (const kw of [{}, {allow_unused:true},{materialize_grads:true},{allow_unused:false,materialize_grads:true}]) try { print(kw, torch.autograd.grad(x.mul(2).sum(),[x,z],kw)) } catch(e) { print(kw,e) }
    try { torch.autograd.grad(x.mul(2).sum(),[torch.ones(2)]) } catch(e) { print(e) }
    try { torch.autograd.grad(x.mul(2).sum(),[torch.ones(2)],{allow_unused:true}) } catch(e) { print(e) }
  }
 })
})
