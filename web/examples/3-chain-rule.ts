// title: The chain rule, by hand and by autograd
// title.zh: 链式法则：手算与自动求导
// about: y = log(1 + exp(3x)). The derivative is worked out on paper and by `backward()`, then the graph that `backward()` walked is printed node by node.
// about.zh: y = log(1 + exp(3x))。先手算导数，再用 `backward()` 求导，最后逐个打印 `backward()` 走过的节点。
// group: autograd
import { print, torch } from 'backward0'

const x = torch.tensor(0.5, { requires_grad: true })
const y = x.mul(3).exp().add(1).log()
print('y            =', y.item())

// en: By hand: dy/dx = 3 exp(3x) / (1 + exp(3x))
// zh: 手算：dy/dx = 3 exp(3x) / (1 + exp(3x))
const e = Math.exp(3 * 0.5)
print('by hand      =', (3 * e) / (1 + e))

// en: By autograd. retain_graph keeps the graph to be read below.
// zh: 自动求导。retain_graph 保留计算图，下面还要读它
y.backward({ retain_graph: true })
print('by autograd  =', x.grad.item())

print('-'.repeat(40))
for (let fn = y.grad_fn; fn; fn = fn.next_functions[0]?.[0]) {
  print(fn.name())
}
