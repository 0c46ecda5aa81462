// title: Gradients add up until you clear them
// title.zh: 梯度会累加，直到你清零
// about: `backward()` adds to `x.grad` instead of replacing it. Forgetting to clear it between steps is one of the oldest bugs in a training loop.
// about.zh: `backward()` 把梯度加到 `x.grad` 上，而不是替换它。两步之间忘记清零，是训练循环里最古老的错误之一。
// group: autograd
import { print, torch } from 'backward0'

const x = torch.tensor([1, 2, 3], { requires_grad: true })

x.pow(2).sum().backward()
print('after one backward:  ', x.grad)

x.pow(2).sum().backward()
print('after a second one:  ', x.grad)

// en: Clear it, as optimizer.zero_grad() does.
// zh: 清零，optimizer.zero_grad() 做的就是这件事
x.grad = null
print('cleared:             ', x.grad)

x.pow(2).sum().backward()
print('one more backward:   ', x.grad)
