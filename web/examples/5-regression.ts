// title: A straight line, learnt
// title.zh: 学一条直线
// about: Gradient descent finds w and b of y = 3x + 2. The update runs under `no_grad` and in place, so it is not recorded and w stays the same leaf.
// about.zh: 用梯度下降求 y = 3x + 2 的 w 和 b。更新在 `no_grad` 下原地进行：既不被记录，w 也始终是同一个叶子张量。
// group: autograd
import { print, scope, torch } from 'backward0'

const x = torch.tensor([[-1], [-0.5], [0], [0.5], [1]])
const y = x.mul(3).add(2)

const w = torch.tensor([[0.0]], { requires_grad: true })
const b = torch.tensor([0.0], { requires_grad: true })
const lr = 0.5

for (let step = 0; step < 20; step++) {
  // What a step makes goes with the step.
  scope(() => {
    const loss = x.matmul(w).add(b).sub(y).pow(2).mean()
    loss.backward()

    torch.no_grad(() => {
      w.sub_(w.grad.mul(lr))
      b.sub_(b.grad.mul(lr))
    })
    w.grad = null
    b.grad = null

    if (step % 5 === 0) print('step', step, 'loss', loss.item())
  })
}

print('w =', w.item().toFixed(4), ' b =', b.item().toFixed(4))
