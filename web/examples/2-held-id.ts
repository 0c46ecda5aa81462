// title: Hold one, and the ids differ
// title.zh: 留住一个，id 就不同了
// about: Article 0, second experiment. A held `grad_fn` keeps its block of memory, so the wrapper of the other one has to be placed elsewhere.
// about.zh: 文章 0 的第二个实验。被引用的 `grad_fn` 一直占着自己的内存块，另一个包装对象只能分配到别处。
// group: article-0
import { hold, id, print, torch, type_ } from 'backward0'

// en: The same two tensors as before.
// zh: 初始化与案例一相同
const x1 = torch.tensor(2.0, { requires_grad: true })
const y1 = torch.div(2, x1)
const x2 = torch.tensor(3.0, { requires_grad: true })
const y2 = x2.pow(3)

print('y1.grad_fn type:', type_(y1.grad_fn))
print('y2.grad_fn type:', type_(y2.grad_fn))
print('-'.repeat(40))

// en: Python's `grad_fn_1 = y1.grad_fn`: a reference that lasts.
// zh: 创建一个持久引用，延长 y1.grad_fn 的生命周期
const grad_fn_1 = hold(y1.grad_fn)

const id1 = id(grad_fn_1)
const id2 = id(y2.grad_fn)

print('ID of persistent y1.grad_fn:', id1)
print('ID of y2.grad_fn:', id2)
print('id1 == id2:', id1 === id2)
