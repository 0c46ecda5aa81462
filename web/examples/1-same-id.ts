// title: Two objects, one id
// title.zh: 两个对象，同一个 id
// about: Article 0, first experiment. Two `grad_fn` of different types, and yet `id()` prints one address: a wrapper dies as soon as `id()` has looked at it, and the next one moves into its block.
// about.zh: 文章 0 的第一个实验。两个 `grad_fn` 类型不同，`id()` 却打印出同一个地址：包装对象在 `id()` 看过之后立即销毁，下一个包装对象正好住进它留下的内存块。
// group: article-0
import { id, is_, print, torch, type_ } from 'backward0'

// en: Two tensors, two different operations.
// zh: 初始化两个张量并执行不同操作
const x1 = torch.tensor(2.0, { requires_grad: true })
const y1 = torch.div(2, x1)

const x2 = torch.tensor(3.0, { requires_grad: true })
const y2 = x2.pow(3)

print('y1.grad_fn type:', type_(y1.grad_fn))
print('y2.grad_fn type:', type_(y2.grad_fn))
print('-'.repeat(40))

// en: Ask for the two ids, one after the other.
// zh: 顺序获取并比较 grad_fn 对象的 id
const id1 = id(y1.grad_fn)
const id2 = id(y2.grad_fn)

print('ID of y1.grad_fn:', id1)
print('ID of y2.grad_fn:', id2)
print('id1 == id2:', id1 === id2)
print('-'.repeat(40))

// en: `is` holds both objects while it compares them.
// zh: 使用 is 运算符进行身份比较
print('y1.grad_fn is y2.grad_fn:', is_(y1.grad_fn, y2.grad_fn))
