// C.9 to C.12: overlap, dtypes and shapes in place; requires_grad, .grad and .data; hooks across in-place ops.
import { type Tensor, torch } from '../../src/index'
import { facts, gradient, graph, last, ones, table, warned } from './tables'

const expanded = () => ones(1).expand(3)

table('C.9 Memory overlap', {
  'add_ on an expanded tensor': () => expanded().add_(1),
  'copy_ on an expanded tensor': ({ k }) => expanded().copy_(k),
  'exp_ on an expanded tensor': () => expanded().exp_(),
  'relu_ on an expanded tensor': () => expanded().relu_(),
  'mul_ on an expanded tensor': () => expanded().mul_(2),
  'pow_ on an expanded tensor': () => expanded().pow_(2),
  't[1:].add_(t[:-1])': ({ k }) => k.at('1:').add_(k.at(':-1')),
  't[1:].copy_(t[:-1])': ({ k }) => k.at('1:').copy_(k.at(':-1')),
  'm.add_(m.t())': () => {
    const a = ones(2, 2)
    return a.add_(a.t())
  },
  'torch.add(t[:3], 1, out=t[1:])': () => {
    const a = ones(4)
    return torch.add(a.at(':3'), 1, { out: a.at('1:') })
  },
  'allowed: e.fill_': () => expanded().fill_(2),
  'allowed: e.zero_': () => expanded().zero_(),
  'allowed: e[0] = 5.': () => expanded().set_at_([0], 5),
  'allowed: t.add_(t)': ({ k }) => k.add_(k),
  'allowed: an overlapping as_strided without a zero stride': ({ k }) => last(k.as_strided([2, 2], [1, 1]).zero_(), k),
  'uniform_ on an expanded tensor': () => expanded().uniform_(),
  'e[idx]= only warns': () => onlyWarns((e) => e.set_at_([torch.tensor([0, 1])], 5)),
  'e.masked_fill_ only warns': ({ b }) => onlyWarns((e) => e.masked_fill_(b.at(':1'), 5)),
  'e.index_fill_ only warns': () => onlyWarns((e) => e.index_fill_(0, torch.tensor([0, 1]), 5)),
})

/** The warnings of writing an expanded tensor, and what it is then. */
function onlyWarns(write: (e: Tensor) => unknown): unknown[] {
  const e = expanded()
  return [warned(() => write(e)), e]
}

table('C.10 dtype errors in place', {
  'int64 add_(1.5)': ({ i }) => i.add_(1.5),
  'int64 /= 2': ({ i }) => i.div_(2),
  'int64 mul_(0.5)': ({ i }) => i.mul_(0.5),
  'int64 += float tensor': ({ i, t }) => i.add_(t),
  'int64 exp_()': ({ i }) => i.exp_(),
  'bool add_(1)': ({ b }) => b.add_(1),
  'int64 out=': ({ i }) => torch.add(i, 1.5, { out: i }),
  'b += True': ({ b }) => b.add_(true),
  'int64 pow_(0.5)': ({ i }) => i.pow_(0.5),
  'int64 fill_(1.7)': ({ i }) => i.fill_(1.7),
  'i[0] = 2.9': ({ i }) => i.set_at_([0], 2.9),
  'int64 copy_(float)': ({ i }) => i.copy_(torch.tensor([1.9, -1.9])),
  'int64 masked_fill_(m, .5)': ({ i, b }) => i.masked_fill_(b, 0.5),
  'int64 scatter_(0, i, 1.5)': ({ i }) => i.scatter_(0, torch.tensor([0, 1]), 1.5),
  'int64 i[idx] = float tensor': ({ i, t }) => i.set_at_([torch.tensor([0, 1])], t),
  'b -= True': ({ b }) => b.sub_(true),
})

table('C.10 shape errors in place', {
  't.add_(ones(3))': ({ t }) => t.add_(ones(3)),
  't.add_(ones(2,2))': ({ t }) => t.add_(ones(2, 2)),
  '0-dim add_(ones(1))': ({ s }) => s.detach().add_(ones(1)),
  't[0] = ones(2)': ({ t }) => t.set_at_([0], ones(2)),
  't[:] = ones(3)': ({ t }) => t.set_at_([':'], ones(3)),
  't[[0,1]] = ones(3)': ({ t }) => t.set_at_([[0, 1]], ones(3)),
  't[5] = 1.': ({ t }) => t.set_at_([5], 1),
  't[0,0]': ({ t }) => t.at(0, 0),
  't[1.5] = 1.': ({ t }) => t.set_at_([1.5], 1),
  't.fill_(ones(2))': ({ t }) => t.fill_(ones(2)),
  'torch.add(x, 1, out=o) with x requiring grad': ({ x }) => torch.add(x, 1, { out: ones(3) }),
  't.masked_fill_(m,ones(2))': ({ t, b }) => t.masked_fill_(b, ones(2)),
})

table('C.11 requires_grad', {
  'h.requires_grad = False': ({ h }) => {
    h.requires_grad = false
  },
  'h.requires_grad_(False)': ({ h }) => h.requires_grad_(false),
  'h.requires_grad_()': ({ h }) => graph(h.requires_grad_()),
  'int tensor requires_grad_()': ({ i }) => i.requires_grad_(),
  't.requires_grad = 1': ({ t }) => {
    t.requires_grad = 1 as never
  },
  'results computed before requires_grad_()': ({ k }) => {
    const y = k.mul(2)
    return last(k.requires_grad_(), graph(y))
  },
})

/** x.grad after `x.grad = grad`. */
function assigned(x: Tensor, grad: unknown): Tensor {
  x.grad = grad as Tensor
  return x.grad
}

table('C.11 grad', {
  'x.grad = ones of another size': ({ x }) => assigned(x, ones(2)),
  'x.grad = float64': ({ x }) => assigned(x, torch.ones(3, { dtype: torch.float64 })),
  'x.grad = 1.': ({ x }) => assigned(x, 1.5),
  'x.grad = x': ({ x }) => assigned(x, x),
  'x.grad = g: x.grad is g': ({ x, k }) => assigned(x, k) === k,
  'x.grad = g: accumulation changes g itself': ({ x, k }) => last(assigned(x, k), gradient(x.mul(2), x), k),
  'x.grad = g on a non-leaf': ({ h, k }) => assigned(h, k) === k,
  'x.grad = g on what needs no gradient': ({ k }) => assigned(k, ones(3)),
  'x.grad = None restarts': ({ x }) => last(gradient(x.mul(2)), assigned(x, null), gradient(x.mul(3), x)),
  'use of a saved input after h.detach_()': ({ h }) => {
    const y = h.mul(h)
    return last(h.detach_(), gradient(y))
  },
})

table('C.11 data', {
  'x.data is a new object each time': ({ x }) => {
    const { data } = x
    return data === x.data
  },
  'x.data does not require grad': ({ x }) => facts(x.data),
  'x.data shares the storage': ({ x }) => x.data.data_ptr() === x.data_ptr(),
  'x.data = t: shape and dtype may change': ({ k }) => {
    k.data = torch.ones(2, { dtype: torch.float64 })
    return [facts(k), k.dtype]
  },
  'x.data = t: integers on a requiring tensor': ({ x, i }) => {
    x.data = i
  },
  'x.data = 5': ({ x }) => {
    x.data = 5 as never
  },
})

/** x - 0.5 * x.grad after a backward. */
function stepped(x: Tensor): Tensor {
  gradient(x.mul(2))
  return x.sub(x.grad.mul(0.5))
}

table('C.11 A manual step', {
  'w -= lr * w.grad': ({ x }) => last(gradient(x.mul(2)), x.sub_(x.grad.mul(0.5))),
  'w = w - lr * w.grad': ({ x }) => {
    const w = stepped(x)
    return [facts(w), String(w)]
  },
  'then w.grad warns': ({ x }) => {
    const w = stepped(x)
    return warned(() => w.grad)
  },
  'under no_grad': ({ x }) => last(gradient(x.mul(2)), facts(torch.no_grad(() => x.sub_(x.grad.mul(0.5))))),
  'w.data -= lr * w.grad': ({ x }) => last(gradient(x.mul(2)), x.data.sub_(x.grad.mul(0.5)), facts(x)),
})

table('C.12 Hooks and retain_grad across in-place', {
  'a hook, then h.mul_(3), then a second hook': ({ h, log }) => {
    h.register_hook((g) => void log.push(['before', g]))
    h.mul_(3)
    h.register_hook((g) => void log.push(['after', g]))
    return last(gradient(h), log)
  },
  'h.retain_grad(), then h.mul_(3)': ({ h }) => last(h.retain_grad(), gradient(h.mul_(3), h)),
  'h.retain_grad(), then v.mul_(5) on a view': ({ h }) => last(h.retain_grad(), h.at(':1').mul_(5), gradient(h, h)),
  'a hook on a view, then in-place on the base': ({ h, log }) => {
    const v = h.at(':2')
    v.register_hook(() => void log.push(1))
    return last(h.mul_(2), gradient(v), log)
  },
})

// Not here: clamp_ and cumsum_, which are no ops yet; complex numbers; `i[1.5]` of other kinds, see test/errors;
// copy.deepcopy, `del x.data`; nn.Parameter and zero_grad, as there is no nn; torch.tensor([1, 2], { requires_grad: true }),
// whose whole numbers are floats here (test/divergences.md).
