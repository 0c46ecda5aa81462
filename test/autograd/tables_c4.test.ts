// C.4, C.5: set item; x += y against x = x + y.
import { type Tensor, torch } from '../../src/index'
import { facts, graph, last, ones, table } from './tables'

table('C.4 Set item', {
  'h[0]=5.': ({ h }) => graph(h.set_at_([0], 5)),
  'h[0:2][0]=5.': ({ h }) => last(h.at('0:2').set_at_([0], 5), graph(h)),
  'h.view(3,1)[0]=5.': ({ h }) => last(h.view(3, 1).set_at_([0], 5), graph(h)),
  'h[0]=s': ({ h, s }) => graph(h.set_at_([0], s)),
  'h[:2]=x[1:]': ({ h, x }) => graph(h.set_at_([':2'], x.at('1:'))),
  'h[0]*=7.': ({ h }) => graph(h.set_at_([0], h.at(0).mul_(7))),
  'h[[0,1]]=x[1:]': ({ h, x }) => graph(h.set_at_([[0, 1]], x.at('1:'))),
  'h[mask]=0.': ({ h }) => graph(h.set_at_([torch.tensor([true, false, true])], 0)),
  'h[[0,1]]+=x[1:]': ({ h, x }) => graph(h.set_at_([[0, 1]], h.at([0, 1]).add_(x.at('1:')))),
  'm[:,[0]]=5.': ({ H }) => graph(H.set_at_([':', [0]], 5)),
  'h[...]=y': ({ h, y }) => graph(h.set_at_(['...'], y)),
  'h[:]=0.': ({ h }) => graph(h.set_at_([':'], 0)),
  't=zeros(3); t[0]=x[0]': ({ x }) => facts(torch.zeros(3).set_at_([0], x.at(0))),
  'int64 target z[0]=x[0]': ({ x }) => facts(torch.zeros(3, { dtype: torch.int64 }).set_at_([0], x.mul(1.9).at(1))),
  'leading size-1 dims of the value are dropped': () => facts(torch.zeros(2).set_at_([':'], ones(1, 1, 2))),
  'then the value must broadcast': ({ t }) => torch.zeros(2, 2).set_at_([':'], t),
  'a 0-dim value fills': ({ h, s }) => graph(h.set_at_([':2'], s).grad_fn.next_functions[1][0]),
})

table('C.5 x += y against x = x + y', {
  'x += y: the same object': ({ k }) => k.add_(1) === k,
  'x += y: the same address': ({ k }) => k.data_ptr() === k.add_(1).data_ptr(),
  'x += y: version + 1': ({ k }) => k.add_(1)._version,
  'x += y: every alias sees it': ({ k }) => {
    const v = k.at(':2')
    return [k.add_(1), v]
  },
  'x += y: the grad_fn is replaced': ({ h }) => graph(h.add_(1)),
  'x += y: leaf rules apply': ({ x }) => x.add_(1),
  'x += y: the dtype of x stays': ({ k }) => k.add_(torch.ones(3, { dtype: torch.float64 })).dtype,
  'x += y: the shape of x stays': ({ k }) => k.add_(ones(2, 3)),
  'x = x + y: a new tensor of version 0': ({ k }) => {
    const sum = k.add_(1).add(1)
    return [sum._version, sum === k, sum.data_ptr() === k.data_ptr()]
  },
  'x = x + y: the old one untouched': ({ k }) => last(k.add(1), k),
  'x @= w rebinds': ({ m }) => {
    const product = m.matmul(ones(2, 2))
    return [product === m, graph(product)]
  },
  'k = 5; k += x rebinds k': ({ x }) => graph(x.add(5)),
  "in a function t += 1 changes the caller's tensor": ({ k }) => {
    const f = (t: Tensor) => void t.add_(1)
    return last(f(k), k)
  },
  'in a function t = t + 1 does not': ({ k }) => {
    const f = (t: Tensor) => void t.add(1)
    return last(f(k), k)
  },
})

// Not here: `tup[0] += 1`, as JavaScript has no augmented assignment of items.
