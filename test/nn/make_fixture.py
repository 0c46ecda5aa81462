"""Writes fixture.json: what PyTorch makes of the calls of torch.nn.functional that calls.ts makes too.

    python make_fixture.py        in an environment with torch 2.13
"""

import json
import math
import pathlib
import warnings

import torch
import torch.nn.functional as F

warnings.simplefilter('ignore')
HERE = pathlib.Path(__file__).parent


def data(shape, step=0.37):
    count = math.prod(shape)
    return torch.tensor([math.sin(step * (i + 1) * 3) for i in range(count)], dtype=torch.float64).reshape(shape)


def leaf(*shape, step=0.37):
    return data(shape, step).requires_grad_()


x, m, b = leaf(4), leaf(3, 4), leaf(2, 3, 4)
w, c, w2 = leaf(5, 4, step=0.23), leaf(5, step=0.51), leaf(5, 3, step=0.29)
s = data((3, 5), 0.7).requires_grad_()
weight = torch.tensor([0.5, 1.5, 2.0, 1.0], dtype=torch.float64)
t = torch.tensor([2, 0, 3])
o = torch.ones
LEAVES = [x, m, b, w, c, w2, s]

VALUES = {
    'linear(x,w)': lambda: F.linear(x, w),
    'linear(x,w,c)': lambda: F.linear(x, w, c),
    'linear(m,w)': lambda: F.linear(m, w),
    'linear(m,w,c)': lambda: F.linear(m, w, c),
    'linear(b,w,c)': lambda: F.linear(b, w, c),
    'linear(b.transpose(0,1),w,c)': lambda: F.linear(b.transpose(0, 1), w, c),
    'linear(m.t(),w2,c)': lambda: F.linear(m.t(), w2, c),
    'linear(m,x)': lambda: F.linear(m, x),
    'softmax(m,0)': lambda: F.softmax(m, 0),
    'softmax(b,1)': lambda: F.softmax(b, 1),
    'softmax(m.t(),-1)': lambda: F.softmax(m.t(), -1),
    'softmax(x)': lambda: F.softmax(x),
    'softmax(m)': lambda: F.softmax(m),
    'softmax(x,0,dtype=float32)': lambda: F.softmax(x, 0, dtype=torch.float32),
    'log_softmax(m,1)': lambda: F.log_softmax(m, 1),
    'log_softmax(b,0)': lambda: F.log_softmax(b, 0),
    'm.log_softmax(-2)': lambda: m.log_softmax(-2),
    'torch.softmax(m,1)': lambda: torch.softmax(m, 1),
    'softmax of -inf': lambda: F.softmax(torch.tensor([0.0, -math.inf]), 0),
    'softmax of all -inf': lambda: F.softmax(torch.tensor([-math.inf, -math.inf]), 0),
    'log_softmax of inf': lambda: F.log_softmax(torch.tensor([1.0, math.inf]), 0),
    'softmax of nan': lambda: F.softmax(torch.tensor([1.0, math.nan, 2.0]), 0),
    'softmax of large': lambda: F.softmax(torch.tensor([1000.0, 1001.0]), 0),
    'softmax of a number': lambda: F.softmax(torch.tensor(2.0), 0),
    'softmax of nothing': lambda: F.softmax(o(0, 3), 1),
    'nll_loss(m,t)': lambda: F.nll_loss(m, t),
    'nll_loss(m,t,none)': lambda: F.nll_loss(m, t, reduction='none'),
    'nll_loss(m,t,sum)': lambda: F.nll_loss(m, t, reduction='sum'),
    'nll_loss(m,t,weight)': lambda: F.nll_loss(m, t, weight=weight),
    'nll_loss(m,t,weight,none)': lambda: F.nll_loss(m, t, weight, reduction='none'),
    'nll_loss(m,t,ignore)': lambda: F.nll_loss(m, t, ignore_index=0),
    'nll_loss(x,1)': lambda: F.nll_loss(x, torch.tensor(1)),
    'nll_loss of nobody': lambda: F.nll_loss(o(0, 3), o(0).long()),
    'nll_loss, all ignored': lambda: F.nll_loss(m, o(3).long().mul(-100)),
    'cross_entropy(m,t)': lambda: F.cross_entropy(m, t),
    'cross_entropy(m,t,weight,sum)': lambda: F.cross_entropy(m, t, weight, reduction='sum'),
    'cross_entropy(x,1)': lambda: F.cross_entropy(x, torch.tensor(1)),
    'cross_entropy(m.t(),..)': lambda: F.cross_entropy(m.t(), torch.tensor([0, 1, 2, 1])),
    'addmm(s,m,w.t())': lambda: torch.addmm(s, m, w.t()),
    'addmm(c,m,w.t(),beta,alpha)': lambda: torch.addmm(c, m, w.t(), beta=2, alpha=0.5),
    's.addmm(m,w.t(),beta=0)': lambda: s.addmm(m, w.t(), beta=0),
    '(s*1).addmm_(m,w.t(),alpha=3)': lambda: (s * 1).addmm_(m, w.t(), alpha=3),
    'addmm of nan, beta=0': lambda: torch.addmm(torch.tensor(math.nan), o(2, 4), o(4, 3), beta=0),
    'addmm of ints': lambda: torch.addmm(o(2, 3).int(), o(2, 4).int(), o(4, 3).int(), alpha=0.5),
    'addmm of nothing': lambda: torch.addmm(o(2, 3), o(2, 0), o(0, 3)),
}

ERRORS = {
    'softmax, dim 2': lambda: F.softmax(o(2, 3), 2),
    'softmax of int64': lambda: F.softmax(o(2, 3).long(), 1),
    'softmax of int64, dim 0': lambda: F.softmax(o(2, 3).long(), 0),
    'log_softmax of bool': lambda: F.log_softmax(o(2, 3).bool(), 1),
    'log_softmax to int64': lambda: F.log_softmax(o(2, 3), 0, dtype=torch.int64),
    'x.softmax()': lambda: o(2).softmax(),
    'x.softmax(1.5)': lambda: o(2).softmax(1.5),
    'x.softmax(x)': lambda: o(2, 2).softmax(o(2)),
    'linear, 2x3 and 4x2': lambda: F.linear(o(2, 3), o(2, 4)),
    'linear with bias, shapes': lambda: F.linear(o(2, 3), o(4, 2), o(4)),
    'linear, bias': lambda: F.linear(o(2, 3), o(4, 3), o(3)),
    'linear, 1-D weight with bias': lambda: F.linear(o(2, 3), o(3), torch.tensor(1.0)),
    'linear, 3-D weight': lambda: F.linear(o(2, 3), o(2, 4, 3)),
    'linear, 0-D': lambda: F.linear(torch.tensor(1.0), o(4, 3)),
    'linear, dtypes': lambda: F.linear(o(2, 3).double(), o(4, 3)),
    'linear, dtypes with bias': lambda: F.linear(o(2, 3).double(), o(4, 3), o(4)),
    'linear, dtype of bias': lambda: F.linear(o(2, 3), o(4, 3), o(4).double()),
    'linear of a number': lambda: F.linear(o(2, 3), 1),
    'nll_loss, float target': lambda: F.nll_loss(o(2, 3), o(2)),
    'nll_loss, int32 target': lambda: F.nll_loss(o(2, 3), o(2).int()),
    'nll_loss, target 3': lambda: F.nll_loss(o(2, 3), torch.tensor([0, 3])),
    'nll_loss, target -1': lambda: F.nll_loss(o(2, 3), torch.tensor([0, -1])),
    'nll_loss, batch': lambda: F.nll_loss(o(2, 3), torch.tensor([0, 1, 1])),
    'nll_loss, 1-D and two targets': lambda: F.nll_loss(o(3), torch.tensor([0, 1])),
    'nll_loss, weight': lambda: F.nll_loss(o(2, 3), torch.tensor([0, 1]), weight=o(2)),
    'nll_loss, dtype of weight': lambda: F.nll_loss(o(2, 3), torch.tensor([0, 1]), weight=o(3).double()),
    'nll_loss, reduction': lambda: F.nll_loss(o(2, 3), torch.tensor([0, 1]), reduction='foo'),
    'nll_loss of int64': lambda: F.nll_loss(o(2, 3).long(), torch.tensor([0, 1])),
    'nll_loss, 0-D': lambda: F.nll_loss(torch.tensor(1.0), torch.tensor([0, 1])),
    'nll_loss, 2-D target': lambda: F.nll_loss(o(2, 3), torch.tensor([[0], [1]])),
    'nll_loss, 0-D target of two': lambda: F.nll_loss(o(2, 3), torch.tensor(1)),
    'cross_entropy, target 5': lambda: F.cross_entropy(o(2, 3), torch.tensor([0, 5])),
    'cross_entropy, batch': lambda: F.cross_entropy(o(2, 3), torch.tensor([0, 1, 1])),
    'cross_entropy, float target': lambda: F.cross_entropy(o(2, 3), o(2)),
    'cross_entropy, 0-D': lambda: F.cross_entropy(torch.tensor(1.0), torch.tensor([0, 1])),
    'cross_entropy, label_smoothing': lambda: F.cross_entropy(o(2, 3), torch.tensor([0, 1]), label_smoothing=2),
    'cross_entropy of int64': lambda: F.cross_entropy(o(2, 3).long(), torch.tensor([0, 1])),
    'cross_entropy without target': lambda: F.cross_entropy(o(2, 3)),
    'cross_entropy of a number': lambda: F.cross_entropy(o(2, 3), 1),
    'addmm, 1-D mat1': lambda: torch.addmm(o(2, 3), o(4), o(4, 3)),
    'addmm, 1-D mat2': lambda: torch.addmm(o(2, 3), o(2, 4), o(4)),
    'addmm, shapes': lambda: torch.addmm(o(2, 3), o(2, 4), o(3, 3)),
    'addmm, self': lambda: torch.addmm(o(4), o(2, 4), o(4, 3)),
    'addmm, 3-D self': lambda: o(1, 2, 3).addmm(o(2, 4), o(4, 3)),
    'addmm, dtype of self': lambda: torch.addmm(o(2, 3).double(), o(2, 4), o(4, 3)),
    'addmm, dtype of mat1': lambda: torch.addmm(o(2, 3), o(2, 4).int(), o(4, 3)),
    'addmm of bool': lambda: torch.addmm(o(2, 3).bool(), o(2, 4).bool(), o(4, 3).bool()),
    'addmm_, shape': lambda: o(3).addmm_(o(2, 4), o(4, 3)),
    'addmm_, overlap': lambda: o(1).expand(2, 3).addmm_(o(2, 4), o(4, 3)),
    'addmm_ of a leaf': lambda: o(2, 3, requires_grad=True).addmm_(o(2, 4), o(4, 3)),
}


def graph(node):
    if node is None:
        return 'None'
    name = node.name().split('::')[-1]
    if name == 'AccumulateGrad':
        return 'Acc'
    edges = [graph(edge) for edge, _ in node.next_functions]
    return f'{name}({", ".join(edges)})' if edges else name


def plain(t):
    def walk(v):
        if isinstance(v, list):
            return [walk(item) for item in v]
        return str(v) if isinstance(v, float) and not math.isfinite(v) else v

    return walk(t.tolist())


def seed(out):
    """A gradient with no two elements alike, that the second derivative flows through."""
    return torch.arange(1, out.numel() + 1, dtype=out.dtype).mul(0.1).reshape(out.shape).requires_grad_()


def facts(make):
    out = make()
    found = {'data': plain(out), 'shape': list(out.shape), 'stride': list(out.stride()), 'dtype': str(out.dtype)}
    if out.requires_grad:
        up = seed(out)
        first = torch.autograd.grad(out, LEAVES, up, create_graph=True, allow_unused=True)
        found['graph'] = graph(out.grad_fn)
        found['grads'] = [None if g is None else plain(g) for g in first]
        found['graphs'] = [None if g is None else graph(g.grad_fn) for g in first]
        total = sum(((g * g).sum() for g in first if g is not None), torch.zeros([], dtype=torch.float64))
        second = torch.autograd.grad(total, [*LEAVES, up], allow_unused=True)
        found['second'] = [None if g is None else plain(g) for g in second]
    return found


def failure(make):
    try:
        make()
    except Exception as error:
        return f'{type(error).__name__}: {error}'
    raise AssertionError('no error')


fixture = {
    'values': {name: facts(make) for name, make in VALUES.items()},
    'errors': {name: failure(make) for name, make in ERRORS.items()},
}
lines = [f'"{part}": {{\n' + ',\n'.join(f'{json.dumps(k)}: {json.dumps(v)}' for k, v in fixture[part].items()) + '\n}' for part in fixture]
(HERE / 'fixture.json').write_text('{' + ',\n'.join(lines) + '}\n')
print(len(VALUES), 'values,', len(ERRORS), 'errors')
