// The calls that make_fixture.py makes in PyTorch.
import { torch } from '../../src/index'

export type Tensor = ReturnType<typeof torch.tensor>

/** Arguments that the types forbid, to see what they are told. */
interface Loose {
  [name: string]: (...args: unknown[]) => Loose
}

const F = torch.nn.functional
const wrong = F as unknown as Loose
const wrongTorch = torch as unknown as Loose
const o = torch.ones as unknown as (...args: unknown[]) => Loose
const single = (data: number | number[]) => torch.tensor(data, { dtype: torch.float32 })

function data(...shape: number[]): (step?: number) => Tensor {
  const count = shape.reduce((a, b) => a * b, 1)
  return (step = 0.37) => {
    const values = Array.from({ length: count }, (_, i) => Math.sin(step * (i + 1) * 3))
    return torch.tensor(values, { dtype: torch.float64 }).view(shape)
  }
}

/** x (4), m (3, 4), b (2, 3, 4), w (5, 4), c (5), w2 (5, 3), s (3, 5): leaves; weights and targets for the losses. */
export function inputs() {
  const leaves = {
    x: data(4)(),
    m: data(3, 4)(),
    b: data(2, 3, 4)(),
    w: data(5, 4)(0.23),
    c: data(5)(0.51),
    w2: data(5, 3)(0.29),
    s: data(3, 5)(0.7),
  }
  // A leaf is no view of the numbers that it was made of.
  const own = Object.fromEntries(
    Object.entries(leaves).map(([name, value]) => [name, value.clone().requires_grad_()]),
  ) as typeof leaves
  return { ...own, weight: torch.tensor([0.5, 1.5, 2, 1], { dtype: torch.float64 }), t: torch.tensor([2, 0, 3]) }
}

export type Inputs = ReturnType<typeof inputs>

export const VALUES: Record<string, (given: Inputs) => Tensor> = {
  'linear(x,w)': ({ x, w }) => F.linear(x, w),
  'linear(x,w,c)': ({ x, w, c }) => F.linear(x, w, c),
  'linear(m,w)': ({ m, w }) => F.linear(m, w),
  'linear(m,w,c)': ({ m, w, c }) => F.linear(m, w, c),
  'linear(b,w,c)': ({ b, w, c }) => F.linear(b, w, c),
  'linear(b.transpose(0,1),w,c)': ({ b, w, c }) => F.linear(b.transpose(0, 1), w, c),
  'linear(m.t(),w2,c)': ({ m, c, w2 }) => F.linear(m.t(), w2, c),
  'linear(m,x)': ({ x, m }) => F.linear(m, x),
  'softmax(m,0)': ({ m }) => F.softmax(m, 0),
  'softmax(b,1)': ({ b }) => F.softmax(b, 1),
  'softmax(m.t(),-1)': ({ m }) => F.softmax(m.t(), -1),
  'softmax(x)': ({ x }) => F.softmax(x),
  'softmax(m)': ({ m }) => F.softmax(m),
  'softmax(x,0,dtype=float32)': ({ x }) => F.softmax(x, 0, { dtype: torch.float32 }),
  'log_softmax(m,1)': ({ m }) => F.log_softmax(m, 1),
  'log_softmax(b,0)': ({ b }) => F.log_softmax(b, 0),
  'm.log_softmax(-2)': ({ m }) => m.log_softmax(-2),
  'torch.softmax(m,1)': ({ m }) => torch.softmax(m, 1),
  'softmax of -inf': () => F.softmax(single([0, -Infinity]), 0),
  'softmax of all -inf': () => F.softmax(single([-Infinity, -Infinity]), 0),
  'log_softmax of inf': () => F.log_softmax(single([1, Infinity]), 0),
  'softmax of nan': () => F.softmax(single([1, NaN, 2]), 0),
  'softmax of large': () => F.softmax(single([1000, 1001]), 0),
  'softmax of a number': () => F.softmax(single(2), 0),
  'softmax of nothing': () => F.softmax(torch.ones(0, 3), 1),
  'nll_loss(m,t)': ({ m, t }) => F.nll_loss(m, t),
  'nll_loss(m,t,none)': ({ m, t }) => F.nll_loss(m, t, { reduction: 'none' }),
  'nll_loss(m,t,sum)': ({ m, t }) => F.nll_loss(m, t, { reduction: 'sum' }),
  'nll_loss(m,t,weight)': ({ m, weight, t }) => F.nll_loss(m, t, { weight }),
  'nll_loss(m,t,weight,none)': ({ m, weight, t }) => F.nll_loss(m, t, weight, { reduction: 'none' }),
  'nll_loss(m,t,ignore)': ({ m, t }) => F.nll_loss(m, t, { ignore_index: 0 }),
  'nll_loss(x,1)': ({ x }) => F.nll_loss(x, torch.tensor(1)),
  'nll_loss of nobody': () => F.nll_loss(torch.ones(0, 3), torch.ones(0).long()),
  'nll_loss, all ignored': ({ m }) => F.nll_loss(m, torch.ones(3).long().mul(-100)),
  'cross_entropy(m,t)': ({ m, t }) => F.cross_entropy(m, t),
  'cross_entropy(m,t,weight,sum)': ({ m, weight, t }) => F.cross_entropy(m, t, weight, { reduction: 'sum' }),
  'cross_entropy(x,1)': ({ x }) => F.cross_entropy(x, torch.tensor(1)),
  'cross_entropy(m.t(),..)': ({ m }) => F.cross_entropy(m.t(), torch.tensor([0, 1, 2, 1])),
  'addmm(s,m,w.t())': ({ m, w, s }) => torch.addmm(s, m, w.t()),
  'addmm(c,m,w.t(),beta,alpha)': ({ m, w, c }) => torch.addmm(c, m, w.t(), { beta: 2, alpha: 0.5 }),
  's.addmm(m,w.t(),beta=0)': ({ m, w, s }) => s.addmm(m, w.t(), { beta: 0 }),
  '(s*1).addmm_(m,w.t(),alpha=3)': ({ m, w, s }) => s.mul(1).addmm_(m, w.t(), { alpha: 3 }),
  'addmm of nan, beta=0': () => torch.addmm(single(Number.NaN), torch.ones(2, 4), torch.ones(4, 3), { beta: 0 }),
  'addmm of ints': () =>
    torch.addmm(torch.ones(2, 3).int(), torch.ones(2, 4).int(), torch.ones(4, 3).int(), { alpha: 0.5 }),
  'addmm of nothing': () => torch.addmm(torch.ones(2, 3), torch.ones(2, 0), torch.ones(0, 3)),
}

export const ERRORS: Record<string, (given: Inputs) => unknown> = {
  'softmax, dim 2': () => wrong.softmax(o(2, 3), 2),
  'softmax of int64': () => wrong.softmax(o(2, 3).long(), 1),
  'softmax of int64, dim 0': () => wrong.softmax(o(2, 3).long(), 0),
  'log_softmax of bool': () => wrong.log_softmax(o(2, 3).bool(), 1),
  'log_softmax to int64': () => wrong.log_softmax(o(2, 3), 0, { dtype: torch.int64 }),
  'x.softmax()': () => o(2).softmax(),
  'x.softmax(1.5)': () => o(2).softmax(1.5),
  'x.softmax(x)': () => o(2, 2).softmax(o(2)),
  'linear, 2x3 and 4x2': () => wrong.linear(o(2, 3), o(2, 4)),
  'linear with bias, shapes': () => wrong.linear(o(2, 3), o(4, 2), o(4)),
  'linear, bias': () => wrong.linear(o(2, 3), o(4, 3), o(3)),
  'linear, 1-D weight with bias': () => wrong.linear(o(2, 3), o(3), single(1)),
  'linear, 3-D weight': () => wrong.linear(o(2, 3), o(2, 4, 3)),
  'linear, 0-D': () => wrong.linear(single(1), o(4, 3)),
  'linear, dtypes': () => wrong.linear(o(2, 3).double(), o(4, 3)),
  'linear, dtypes with bias': () => wrong.linear(o(2, 3).double(), o(4, 3), o(4)),
  'linear, dtype of bias': () => wrong.linear(o(2, 3), o(4, 3), o(4).double()),
  'linear of a number': () => wrong.linear(o(2, 3), 1),
  'nll_loss, float target': () => wrong.nll_loss(o(2, 3), o(2)),
  'nll_loss, int32 target': () => wrong.nll_loss(o(2, 3), o(2).int()),
  'nll_loss, target 3': () => wrong.nll_loss(o(2, 3), torch.tensor([0, 3])),
  'nll_loss, target -1': () => wrong.nll_loss(o(2, 3), torch.tensor([0, -1])),
  'nll_loss, batch': () => wrong.nll_loss(o(2, 3), torch.tensor([0, 1, 1])),
  'nll_loss, 1-D and two targets': () => wrong.nll_loss(o(3), torch.tensor([0, 1])),
  'nll_loss, weight': () => wrong.nll_loss(o(2, 3), torch.tensor([0, 1]), { weight: o(2) }),
  'nll_loss, dtype of weight': () => wrong.nll_loss(o(2, 3), torch.tensor([0, 1]), { weight: o(3).double() }),
  'nll_loss, reduction': () => wrong.nll_loss(o(2, 3), torch.tensor([0, 1]), { reduction: 'foo' }),
  'nll_loss of int64': () => wrong.nll_loss(o(2, 3).long(), torch.tensor([0, 1])),
  'nll_loss, 0-D': () => wrong.nll_loss(single(1), torch.tensor([0, 1])),
  'nll_loss, 2-D target': () => wrong.nll_loss(o(2, 3), torch.tensor([[0], [1]])),
  'nll_loss, 0-D target of two': () => wrong.nll_loss(o(2, 3), torch.tensor(1)),
  'cross_entropy, target 5': () => wrong.cross_entropy(o(2, 3), torch.tensor([0, 5])),
  'cross_entropy, batch': () => wrong.cross_entropy(o(2, 3), torch.tensor([0, 1, 1])),
  'cross_entropy, float target': () => wrong.cross_entropy(o(2, 3), o(2)),
  'cross_entropy, 0-D': () => wrong.cross_entropy(single(1), torch.tensor([0, 1])),
  'cross_entropy, label_smoothing': () => wrong.cross_entropy(o(2, 3), torch.tensor([0, 1]), { label_smoothing: 2 }),
  'cross_entropy of int64': () => wrong.cross_entropy(o(2, 3).long(), torch.tensor([0, 1])),
  'cross_entropy without target': () => wrong.cross_entropy(o(2, 3)),
  'cross_entropy of a number': () => wrong.cross_entropy(o(2, 3), 1),
  'addmm, 1-D mat1': () => wrongTorch.addmm(o(2, 3), o(4), o(4, 3)),
  'addmm, 1-D mat2': () => wrongTorch.addmm(o(2, 3), o(2, 4), o(4)),
  'addmm, shapes': () => wrongTorch.addmm(o(2, 3), o(2, 4), o(3, 3)),
  'addmm, self': () => wrongTorch.addmm(o(4), o(2, 4), o(4, 3)),
  'addmm, 3-D self': () => o(1, 2, 3).addmm(o(2, 4), o(4, 3)),
  'addmm, dtype of self': () => wrongTorch.addmm(o(2, 3).double(), o(2, 4), o(4, 3)),
  'addmm, dtype of mat1': () => wrongTorch.addmm(o(2, 3), o(2, 4).int(), o(4, 3)),
  'addmm of bool': () => wrongTorch.addmm(o(2, 3).bool(), o(2, 4).bool(), o(4, 3).bool()),
  'addmm_, shape': () => o(3).addmm_(o(2, 4), o(4, 3)),
  'addmm_, overlap': () => o(1).expand(2, 3).addmm_(o(2, 4), o(4, 3)),
  'addmm_ of a leaf': () => o(2, 3, { requires_grad: true }).addmm_(o(2, 4), o(4, 3)),
}
