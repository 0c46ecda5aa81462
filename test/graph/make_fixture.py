"""Writes fixture.json: what PyTorch 2.13 says about graphs, saved attributes and gradients.

    python make_fixture.py        in an environment with torch 2.13

Every row names a Python expression; graph.test.ts, corners.test.ts and derivatives.test.ts say it in this library's words.
"""

import json
import math
import pathlib

import torch

assert torch.__version__.startswith('2.13'), torch.__version__


def inputs():
    def leaf(*shape, start=0.5, step=0.25):
        count = math.prod(shape)
        values = torch.arange(count, dtype=torch.float32) * step + start
        return values.reshape(shape).clone().requires_grad_()

    return {
        'x': leaf(4),
        'y': leaf(4, start=2.0, step=-0.25),
        'k': leaf(4, start=1.0, step=0.5).detach(),
        's': leaf(start=1.5),
        'm': leaf(3, 4),
        'n': leaf(4, 2, start=-1.0),
        'b': leaf(2, 3, 4, start=-2.0),
        'c': leaf(2, 4, 5, start=-4.0),
        'sq': leaf(3, 3),
        'mask': torch.tensor([True, False, True, False]),
        'idx': torch.tensor([0, 2]),
        'gi': torch.tensor([[0, 1], [2, 3], [1, 1]]),
    }


GRAPHS = """
x+y
x+1
1+x
torch.add(x,y,alpha=2)
x-y
x-1
1-x
torch.rsub(x,1)
torch.rsub(x,y)
x*y
x*3
3*x
x*3.5
x*True
x*x
x*k
k*x
x*torch.tensor(3.)
x/y
x/2
2/x
x**2
x**2.5
x**y
2**x
x**0
x**0.5
x**s
torch.pow(x,k)
torch.pow(2,x)
torch.pow(k,x)
torch.square(x)
-x
torch.neg(x)
x.abs()
x.reciprocal()
x.exp()
x.log()
x.sqrt()
x.sin()
x.cos()
x.tanh()
x.sigmoid()
x.relu()
torch.sgn(x)
torch.where(mask,x,y)
torch.where(mask,x,k)
torch.where(mask,x,0.)
x>y
x==y
x.sum()
m.sum(0)
m.sum((0,1))
m.sum(1,keepdim=True)
m.sum(-1)
x.sum(dtype=torch.float64)
m.sum(())
x.mean()
m.mean(0)
m.mean((0,1))
m.mean(-1,keepdim=True)
x.prod()
m.prod(0)
m.prod(-1,keepdim=True)
x.prod(dtype=torch.float64)
s.prod(0)
(x-1).prod()
(m-2).prod(0)
x.var()
m.var(0)
m.var((0,1))
m.var(0,unbiased=False)
m.var(unbiased=False)
m.var(1,correction=0.5,keepdim=True)
m.var(dim=None)
m.var(())
x.std()
m.std(0)
m.std(-1,True)
torch.var_mean(x)[0]
torch.var_mean(m,0)[1]
sum(torch.var_mean(m,1,correction=0,keepdim=True))
torch.std_mean(m,0)[0]
sum(torch.std_mean(m))
x.max()
x.min()
x.median()
x.nanmedian()
m.max(0).values
m.max(1,True)[0]
m.min(1)[0]
m.median(0).values
m.nanmedian(-1).values
s.max(0).values
x.sort(descending=True).values
m.sort(dim=0,stable=True).values
m.t().sort(0).values
m.amax()
m.amax(0)
m.amin((0,1),True)
m.amin(-1)
torch.maximum(x,y)
torch.minimum(x,y)
torch.max(x,y)
torch.minimum(m,x)
m@n
torch.matmul(m,n)
torch.mm(m,n)
x@y
torch.dot(x,y)
m@x
torch.mv(m,x)
x@n
b@c
torch.bmm(b,c)
torch.matmul(b,n)
torch.matmul(m,c)
torch.matmul(b,x)
torch.matmul(x,c)
torch.matmul(b.unsqueeze(0),c)
torch.mm(m,m.t())
torch.mm(m.t(),m)
torch.mm(m.detach(),n)
m.t()
m.T
x.t()
m.mT
m.transpose(0,1)
m.transpose(-1,0)
m.permute(1,0)
b.permute(2,0,-2)
m.view(4,3)
m.view(-1)
m.view_as(m)
m.reshape(4,3)
m.t().reshape(12)
m.t().reshape(2,2,3)
m.flatten()
m.t().flatten()
b.flatten(1)
x.expand(3,4)
x.expand_as(m)
x.expand(3,-1)
x.unsqueeze(0)
x.unsqueeze(-1)
x.unsqueeze(0).squeeze(0)
x.unsqueeze(0).squeeze()
x.unsqueeze(0).squeeze(-2)
x.unsqueeze(0).unsqueeze(0).squeeze((0,1))
x.squeeze()
x.squeeze(0)
x[None]
x[...]
x[:]
x[1]
x[-1]
x[1:3]
x[-3:-1]
x[::2]
m[0]
m[0,1]
m[:,1]
m[:,1:3]
m[1:,0]
m[...,0]
m[None,0]
m.select(0,1)
m.select(-1,-1)
m.narrow(0,0,2)
torch.div(x,y,rounding_mode=None)
torch.div(x,y,rounding_mode='floor')
torch.div(x,y,rounding_mode='trunc')
torch.div(x,2,rounding_mode='floor')
torch.div(2,x,rounding_mode='trunc')
x.div(k,rounding_mode='floor')
h=x*1; h.div_(y,rounding_mode='floor'); h
h=x*1; h.div_(2,rounding_mode=None); h
torch.logit(x*0.3)
(x*0.3).logit(0.2)
x.logit(1)
h=x*0.3; h.logit_(0.25); h
torch.threshold(x,0.75,7)
torch.threshold(x,1,0.25)
torch.add(x,y,alpha=2.5)
h=x*1; torch.threshold_(h,0.75,0.25); h
h=x*1; torch.threshold_(h[:2],0.75,0.25); h
m.swapaxes(0,1)
m.diagonal()
m.diagonal(1)
b.diagonal(-1,-1,0)
b.diagonal(9)
torch.diag(x)
sq.diag()
m.diag(-1)
torch.diagonal_copy(b,1,0,2)
m.diag_embed()
torch.diag_embed(x,-2)
m.diag_embed(1,0,-1)
x.unfold(0,2,1)
m.unfold(-1,3,1)
m.unfold(1,2,2)
s.unfold(0,1,1)
m.movedim(0,1)
torch.movedim(b,(0,1),(2,0))
s.movedim(0,0)
m.swapdims(0,-1)
m.t().as_strided((2,2),(1,1),1)
x.unfold(0,2,1).as_strided((4,),(1,))
x.expand(3,4).as_strided((2,4),(0,1))
m.as_strided((1,3),(1,0))
m.as_strided((2,0),(1,1))
h=m*1; h.as_strided_((2,3),(1,4)); h
h=m*1; h.swapaxes_(0,1); h
h=m*1; h.diagonal().mul_(2); h
m.repeat(2,1)
m.repeat(1,3)
m.t().repeat(2,1,2)
x.repeat(2)
x.repeat(0)
s.repeat(4)
s.repeat(2,3)
k.repeat(2,2)
x.expand(3,4).repeat(1,1)
torch.hstack([x,y])
torch.hstack([m,m])
torch.vstack([x,y])
torch.vstack([s,s])
m.unbind()[0]
m.unbind(1)[1]
m.unbind(-1)[3]*m.unbind(-1)[0]
m.split(2)[0]
m.split(3,-1)[1]
m.split([1,2])[1]
m.split([1,0,3],1)[2]
m.chunk(2)[0]
torch.chunk(m,3,1)[1]
m.tensor_split(2)[0]
m.tensor_split((1,-1),-1)[1]
list(m)[1]
m.unsafe_split(2)[1]
m.unsafe_chunk(2)[0]
m.unsafe_split_with_sizes([1,2])[1]
torch.cat([x,y])
torch.cat([x,k])
torch.cat([m,m.detach(),m*2],-1)
torch.concat([x,x.double()])
torch.cat([torch.ones(0),m])
torch.stack([x,y])
torch.stack([x,k],-1)
torch.stack([m,m,m*2],1)
torch.stack([s,s])
torch.stack(m.unbind(1))
torch.cat(m.split(2))
m.as_strided((2,2),(1,2))
m.as_strided((2,2),(1,2),1)
m.t().contiguous()
x.clone()
x.to(torch.float64)
x.double()
x.double()*x
torch.ops.aten.alias(x)
h=x*1; h.add_(1); h
h=x*1; h.sub_(y); h
h=x*1; h.mul_(y); h
h=x*1; h.mul_(2); h
h=x*1; h.div_(y); h
h=x*1; h.pow_(2); h
h=x*1; h.pow_(y); h
h=x*1; h.exp_(); h
h=x*1; h.log_(); h
h=x*1; h.sin_(); h
h=x*1; h.cos_(); h
h=x*1; h.reciprocal_(); h
h=x*1; h.sgn_(); h
h=x*1; h.sigmoid_(); h
h=x*1; h.tanh_(); h
h=x*1; h.relu_(); h
h=x*1; h.sqrt_(); h
h=x*1; h.neg_(); h
h=x*1; h.abs_(); h
h=x*1; h.zero_(); h
h=x*1; h.fill_(2.); h
h=x*1; h.fill_(s); h
torch.manual_seed(0); torch.bernoulli(x*0.5)
torch.manual_seed(0); h=x*1; h.bernoulli_(); h
torch.manual_seed(0); h=x*1; h.bernoulli_(s*0.5); h
torch.manual_seed(0); h=x*1; h.normal_(); h
torch.manual_seed(0); h=x*1; h.uniform_(); h
torch.manual_seed(0); h=x*1; h.random_(); h
torch.manual_seed(0); h=x*1; h.random_(5); h
torch.manual_seed(0); h=x*1; h.random_(2,5); h
h=x*1; h.copy_(y); h
h=x*1; h.copy_(k); h
h=x*1; h[0]=5.; h
h=x*1; h[0]=s; h
h=x*1; h[:]=0.; h
h=x*1; h[...]=y; h
h=x*1; h[:2].mul_(2); h
h=x*1; v=h[:2]; v.mul_(2); v
h=x*1; v=h[:2]; h.mul_(2); v
h=x*1; v=h.view(2,2); v.mul_(2); v
h=m*1; v=h.t(); v.mul_(2); v
h=m*1; v=h.t(); v.mul_(2); h
h=x*1; h.requires_grad_(); h
h=m*1; h.t_(); h
h=m*1; h.transpose_(0,1); h
h=x*1; h.unsqueeze_(0); h
h=x*1; h.squeeze_(); h
h=(x*1).unsqueeze(0)*1; h.squeeze_(0); h
h=(x*1).unsqueeze(0)*1; h.squeeze_((0,)); h
h=torch.zeros(4); h.copy_(x); h
h=torch.zeros(4); h[1]=s; h
h=torch.zeros(4); h[:2]=x[:2]; h
h=torch.zeros(4); h.add_(x); h
h=torch.zeros(4); h.mul_(x); h
h=torch.zeros(3,4); h[0].copy_(x); h
h=torch.zeros(3,4); h[0][1]=s; h
h=torch.zeros(4); v=h[:2]; h.copy_(x); v
h=torch.zeros(4,dtype=torch.float64); h.copy_(x); h
x[idx]
x[[0,2]]
x[mask]
m[idx]
m[:,idx]
m[idx,idx]
m[1:,idx]
m[0,idx]
b[:,[0,2],1:]
b[[0,1],:,[1,1]]
m[m>2]
x[torch.tensor(1)]
x[True]
m.gather(1,gi)
m.gather(-1,gi)
torch.zeros(3,4).scatter(1,gi,m[:,:2])
m.scatter(1,gi,1.0)
m.scatter(1,gi,n[:3])
m.scatter(1,gi,k.expand(3,4))
m.scatter_add(1,gi,n[:3])
m.scatter_add(1,gi,k.expand(3,4))
m.scatter_reduce(1,gi,n[:3],'sum')
m.scatter_reduce(1,gi,n[:3],'prod')
m.scatter_reduce(1,gi,n[:3],'mean')
m.scatter_reduce(1,gi,n[:3],'amax')
m.scatter_reduce(1,gi,n[:3],'amin')
m.scatter_reduce(1,gi,n[:3],'sum',include_self=False)
m.scatter_reduce(1,gi,n[:3],'prod',include_self=False)
m.scatter_reduce(1,gi,n[:3],'mean',include_self=False)
m.scatter_reduce(1,gi,n[:3],'amax',include_self=False)
m.scatter_reduce(1,gi,n[:3],'amin',include_self=False)
m.index_reduce(0,idx,n.t(),'prod')
m.index_reduce(0,idx,n.t(),'mean')
m.index_reduce(0,idx,n.t(),'amax')
m.index_reduce(0,idx,n.t(),'amin')
m.index_reduce(0,idx,n.t(),'prod',include_self=False)
x.index_select(0,idx)
m.index_select(-1,idx)
x.index_add(0,idx,y[:2])
m.index_add(0,idx,m[:2],alpha=2)
x.index_add(0,idx,k[:2])
x.index_copy(0,idx,y[:2])
x.index_copy(0,idx,k[:2])
x.index_copy(0,idx[:1],s)
x.index_fill(0,idx,0.)
m.index_fill(1,torch.tensor([0,3,0]),s)
torch.take(m,idx)
m.take(gi)
m.put(idx,x[:2])
m.put(gi,n[:3],accumulate=True)
m.put(idx,k[:2])
x.index_put((idx,),y[:2])
x.index_put((idx,),y[:2],accumulate=True)
m.index_put((idx,idx),s)
m.index_put((m>1,),s)
x.masked_fill(mask,0.)
x.masked_fill(mask,s)
m.masked_fill(mask,s)
x.masked_fill(m>1,s)
x.masked_select(mask)
m.masked_select(mask)
x.masked_select(m>1)
m.masked_scatter(mask,b)
x.masked_scatter(m>1,b)
h=x*1; h[idx]=0.; h
h=x*1; h[idx]=y[:2]; h
h=x*1; h[mask]=0.; h
h=x*1; h[mask]=s; h
h=x*1; h[[0,1]]=x[1:3]; h
h=x*1; h[[0,1]]=h[[0,1]]+x[1:3]; h
h=m*1; h[:,[0]]=5.; h
h=m*1; h[0,idx]=y[:2]; h
h=m*1; h[1:,idx]=n[:1]; h
h=x*1; h[True]=s; h
h=torch.zeros(4); h[idx]=y[:2]; h
h=x*1; h.masked_fill_(mask,0.); h
h=m*1; h.t().masked_fill_(m.t()>1,s); h
h=m*1; h.index_add_(0,idx,m[:2]); h
h=m*1; h.scatter_(1,gi,0.); h
h=m*1; h.scatter_add_(1,gi,n[:3]); h
h=m*1; h.scatter_reduce_(1,gi,n[:3],'prod'); h
h=m*1; h.index_reduce_(0,idx,n.t(),'amax'); h
h=x*1; h.index_fill_(0,idx,0.); h
h=x*1; h.index_copy_(0,idx,y[:2]); h
h=m*1; h.masked_scatter_(mask,b); h
h=m*1; h.put_(idx,x[:2]); h
h=m*1; h.index_put_((idx,),x,accumulate=True); h
x+m
m*x
b*m
s*m
x.expand(3,4)*m
""".strip().splitlines()

NO_GRAPH = """
x.detach()
x.data
x.to(torch.int64)
x.float()
x.contiguous()
m.contiguous()
x.requires_grad_()
torch.zeros_like(x)
torch.ones_like(x,requires_grad=True)
torch.tensor(1.,requires_grad=True)
h=x*1; h.detach_(); h
torch.where(mask)[0]
m.nonzero()
""".strip().splitlines()


def name(node):
    return type(node).__name__


def graph(node):
    """Name(child, child#k, None): AccumulateGrad as Acc, the output number only where it is not 0."""
    if node is None:
        return 'None'
    if name(node) == 'AccumulateGrad':
        return 'Acc'
    edges = [graph(child) + (f'#{nr}' if nr else '') for child, nr in node.next_functions]
    return f'{name(node)}({", ".join(edges)})'


def values_of(tensor):
    """A zero gradient that PyTorch never allocated has no list."""
    return plain((torch.zeros(tensor.shape) if tensor._is_zerotensor() else tensor).tolist())


def plain(value):
    """As JSON can say it: numbers that no double holds, inf and nan as text."""
    if isinstance(value, torch.Tensor):
        node = value.grad_fn
        return {
            'tensor': plain(value.tolist()),
            'dtype': str(value.dtype),
            'requires_grad': value.requires_grad,
            'grad_fn': name(node) if node else None,
        }
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def saved(node):
    names = sorted(key for key in dir(node) if key.startswith('_saved_'))
    return {key.removeprefix('_saved_'): plain(getattr(node, key)) for key in names}


def run(code, scope):
    *statements, last = code.split('; ')
    for statement in statements:
        exec(statement, scope)
    return eval(last, scope)


def weights(out):
    return torch.arange(1, out.numel() + 1, dtype=out.dtype).reshape(out.shape)


def graph_row(code):
    leaves = inputs()
    out = run(code, {'torch': torch, **leaves})
    node = out.grad_fn
    row = {
        'code': code,
        'shape': list(out.shape),
        'dtype': str(out.dtype),
        'values': plain(out.tolist()),
        'requires_grad': out.requires_grad,
        'is_leaf': out.is_leaf,
        'is_view': out._is_view(),
        'graph': graph(node) if node else None,
        'saved': saved(node) if node else {},
        'grads': {},
    }
    if node:
        out.backward(weights(out))
        row['grads'] = {key: values_of(leaf.grad) for key, leaf in leaves.items() if leaf.grad is not None}
    return row


inf, nan = math.inf, math.nan
# (case, inputs, function)
CORNERS = [
    ('abs', [[-2.0, -0.0, 0.0, 3.0, nan]], lambda x: x.abs()),
    ('sgn', [[-2.0, 0.0, 3.0]], lambda x: x.sgn()),
    ('relu', [[-1.0, -0.0, 0.0, 2.0, nan, inf]], lambda x: x.relu()),
    ('where(x>0,x,0*x)', [[-1.0, 0.0, 1.0]], lambda x: torch.where(x > 0, x, 0 * x)),
    ('where(x>0,sqrt(x),0)', [[-1.0, 0.0, 1.0]], lambda x: torch.where(x > 0, x.sqrt(), 0.0)),
    ('where(x>0,log(x),0)', [[-1.0, 0.0, 1.0]], lambda x: torch.where(x > 0, x.log(), 0.0)),
    ('where(x>0,log(x),x)', [[-1.0, 0.0, 1.0]], lambda x: torch.where(x > 0, x.log(), x)),
    ('sqrt', [[0.0, -1.0, 4.0]], lambda x: x.sqrt()),
    ('reciprocal', [[0.0, -0.0, 2.0]], lambda x: x.reciprocal()),
    ('log', [[0.0, -1.0, 1.0]], lambda x: x.log()),
    ('exp', [[-inf, 0.0, 1.0, 100.0]], lambda x: x.exp()),
    ('tanh', [[-inf, 0.0, 100.0]], lambda x: x.tanh()),
    ('sigmoid', [[-200.0, 0.0, 200.0]], lambda x: x.sigmoid()),
    ('sin', [[0.0, inf, 1e6]], lambda x: x.sin()),
    ('cos', [[0.0, inf, 1e6]], lambda x: x.cos()),
    ('x/y', [[1.0, 0.0, 0.0, -1.0], [0.0, 0.0, 2.0, 0.0]], lambda x, y: x / y),
    ('2/x at 0', [[0.0]], lambda x: 2 / x),
    ('x/2', [[4.0]], lambda x: x / 2),
    ('x*y', [[0.0, inf, nan], [inf, 0.0, 1.0]], lambda x, y: x * y),
    ('x**0', [[0.0, 2.0, -1.0, nan]], lambda x: x**0),
    ('x**1', [[0.0, 2.0]], lambda x: x**1),
    ('x**2', [[0.0, -3.0]], lambda x: x**2),
    ('x**0.5', [[0.0, 4.0, -1.0]], lambda x: x**0.5),
    ('x**-1', [[0.0, 2.0]], lambda x: x**-1),
    ('x**3', [[-2.0, 0.0, 2.0]], lambda x: x**3),
    ('x**1.5', [[0.0, 4.0, -1.0]], lambda x: x**1.5),
    (
        'pow(x,y)',
        [[0.0, 0.0, 0.0, 2.0, -2.0, -2.0, 2.0], [0.0, 1.0, -1.0, 3.0, 2.0, 0.5, 0.0]],
        lambda x, y: torch.pow(x, y),
    ),
    ('2**x', [[0.0, 3.0]], lambda x: 2**x),
    ('0**x', [[0.0, 1.0, -1.0]], lambda x: 0**x),
    ('(-2.)**x', [[2.0, 0.5]], lambda x: (-2.0) ** x),
    ('1**x', [[2.0]], lambda x: 1**x),
    ('sum empty', [[]], lambda x: x.sum()),
    ('mean empty', [[]], lambda x: x.mean()),
    ('sum(0) of (0,2)', [torch.zeros(0, 2)], lambda x: x.sum(0)),
    ('mean(0) of (0,2)', [torch.zeros(0, 2)], lambda x: x.mean(0)),
    ('sum 0-dim over -1', [2.0], lambda x: x.sum(-1)),
    ('mean with inf', [[1.0, inf]], lambda x: x.mean()),
    ('max() ties', [[1.0, 3.0, 3.0, 2.0]], lambda x: x.max()),
    ('min() ties', [[3.0, 1.0, 1.0, 1.0]], lambda x: x.min()),
    ('max(0) ties', [[1.0, 3.0, 3.0, 2.0]], lambda x: x.max(0)[0]),
    ('min(0) ties', [[3.0, 1.0, 1.0, 1.0]], lambda x: x.min(0)[0]),
    ('amax ties', [[1.0, 3.0, 3.0, 2.0]], lambda x: x.amax()),
    ('amin ties', [[3.0, 1.0, 1.0, 1.0]], lambda x: x.amin()),
    ('amax(0) ties', [[[1.0, 3.0], [1.0, 3.0], [0.0, 2.0]]], lambda x: x.amax(0)),
    ('max() with nan', [[1.0, nan, 3.0]], lambda x: x.max()),
    ('amax with nan', [[1.0, nan, 3.0]], lambda x: x.amax()),
    ('amin with nan', [[1.0, nan, 3.0]], lambda x: x.amin()),
    ('max(0) with nan', [[1.0, nan, 3.0, nan]], lambda x: x.max(0)[0]),
    ('min(0) with nan', [[1.0, nan, 3.0, nan]], lambda x: x.min(0)[0]),
    ('max() of nan', [[nan, nan, nan]], lambda x: x.max()),
    ('min() of inf', [[inf, inf]], lambda x: x.min()),
    ('max() of -inf', [[-inf, -inf]], lambda x: x.max()),
    ('median even', [[4.0, 1.0, 3.0, 2.0]], lambda x: x.median()),
    ('median ties', [[2.0, 2.0, 2.0]], lambda x: x.median()),
    ('median with nan', [[1.0, nan, 3.0, nan]], lambda x: x.median()),
    ('nanmedian with nan', [[1.0, nan, 3.0, nan]], lambda x: x.nanmedian()),
    ('nanmedian of nan', [[nan, nan]], lambda x: x.nanmedian()),
    ('median(0) ties', [[2.0, 2.0, 2.0]], lambda x: x.median(0)[0]),
    ('median(0) with nan', [[1.0, nan, 3.0]], lambda x: x.median(0)[0]),
    ('nanmedian(0) with nan', [[1.0, nan, 3.0, 2.0]], lambda x: x.nanmedian(0)[0]),
    ('median of nothing', [[]], lambda x: x.median()),
    ('sort ties', [[2.0, 1.0, 2.0, 1.0]], lambda x: x.sort()[0]),
    ('sort with nan and inf', [[2.0, nan, -inf, inf, nan, 1.0]], lambda x: x.sort()[0]),
    ('sort descending with nan', [[2.0, nan, -inf, inf, nan, 1.0]], lambda x: x.sort(descending=True)[0]),
    ('prod no zero', [[2.0, 3.0, 4.0]], lambda x: x.prod()),
    ('prod one zero', [[2.0, 0.0, 4.0]], lambda x: x.prod()),
    ('prod two zeros', [[2.0, 0.0, 0.0]], lambda x: x.prod()),
    ('prod(0) with zeros', [[[2.0, 0.0, 0.0], [3.0, 4.0, 0.0]]], lambda x: x.prod(0)),
    ('prod(1) with zeros', [[[2.0, 0.0, 0.0], [3.0, 4.0, 0.0]]], lambda x: x.prod(1)),
    ('prod empty', [[]], lambda x: x.prod()),
    ('prod(1) of (2,0)', [torch.zeros(2, 0)], lambda x: x.prod(1)),
    ('prod with inf and zero', [[inf, 0.0, 2.0]], lambda x: x.prod()),
    ('var', [[1.0, 2.0, 4.0]], lambda x: x.var()),
    ('var n=1', [[1.0]], lambda x: x.var()),
    ('var n=1 unbiased=False', [[1.0]], lambda x: x.var(unbiased=False)),
    ('var(0) n=1', [[1.0]], lambda x: x.var(0)),
    ('var correction=3 n=2', [[1.0, 3.0]], lambda x: x.var(0,correction=3)),
    ('std', [[1.0, 2.0, 4.0]], lambda x: x.std()),
    ('std of constant', [[2.0, 2.0, 2.0]], lambda x: x.std()),
    ('std n=1', [[2.0]], lambda x: x.std()),
    ('var 0-dim', [2.0], lambda x: x.var(unbiased=False)),
    ('var of nothing', [[]], lambda x: x.var()),
    ('maximum tie', [[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]], lambda x, y: torch.maximum(x, y)),
    ('minimum tie', [[1.0, 2.0, 3.0], [1.0, 3.0, 2.0]], lambda x, y: torch.minimum(x, y)),
    ('maximum nan', [[nan, 1.0], [1.0, nan]], lambda x, y: torch.maximum(x, y)),
    ('minimum broadcast', [[[1.0], [3.0]], [1.0, 2.0, 3.0]], lambda x, y: torch.minimum(x, y)),
    ('expand', [[1.0, 2.0]], lambda x: x.expand(3, 2)),
    ('expand of size one', [[[1.0], [2.0]]], lambda x: x.expand(2, 3)),
    ('overlapping as_strided', [[1.0, 2.0, 3.0]], lambda x: x.as_strided((2, 2), (1, 1))),
    ('div floor', [[5.0, -5.0, -0.5, 0.0, 1.0, inf, 7.0, nan], [3.0, 3.0, 1.0, -2.0, 0.1, 2.0, inf, 1.0]], lambda x, y: x.div(y, rounding_mode='floor')),
    ('div floor by 0', [[1.0, -1.0, 0.0]], lambda x: x.div(0.0, rounding_mode='floor')),
    ('div trunc', [[5.0, -5.0, -0.5, 0.0, 1.0, inf, 7.0, nan], [3.0, 3.0, 1.0, -2.0, 0.1, 2.0, inf, 1.0]], lambda x, y: x.div(y, rounding_mode='trunc')),
    ('div broadcast floor', [[[5.0], [-7.0]], [2.0, -3.0, 4.0]], lambda x, y: x.div(y, rounding_mode='floor')),
    ('div rounding None', [[1.0, 0.0], [0.0, 2.0]], lambda x, y: x.div(y, rounding_mode=None)),
    ('logit', [[-0.5, 0.0, 0.1, 0.5, 1.0, 1.5, nan]], lambda x: x.logit()),
    ('logit(0.2)', [[-0.5, 0.0, 0.1, 0.5, 1.0, 1.5, nan]], lambda x: x.logit(0.2)),
    ('logit(0)', [[-0.5, 0.0, 0.1, 0.5, 1.0, 1.5, nan]], lambda x: x.logit(0)),
    ('logit(1)', [[-0.5, 0.0, 0.1, 0.5, 1.0, 1.5, nan]], lambda x: x.logit(1)),
    ('logit(-1)', [[-0.5, 0.0, 0.1, 0.5, 1.0, 1.5, nan]], lambda x: x.logit(-1)),
    ('threshold', [[-1.0, 0.5, 0.75, 2.0, nan]], lambda x: torch.threshold(x, 0.5, 7)),
    ('split', [[1.0, 2.0, 3.0]], lambda x: x.split(2)[0]),
    ('unbind of none', [torch.zeros(2, 0)], lambda x: x.unbind()[1]),
    ('cat with an empty one', [[], [[1.0, 2.0]]], lambda x, y: torch.cat([x, y])),
    ('cat of none', [torch.zeros(0, 2), torch.zeros(0, 2)], lambda x, y: torch.cat([x, y], 1)),
    ('stack of none', [[], []], lambda x, y: torch.stack([x, y])),
    ('dot', [[1.0, 2.0], [3.0, 4.0]], lambda x, y: torch.dot(x, y)),
    ('mv', [[[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]], lambda x, y: torch.mv(x, y)),
    ('mm', [[[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [2.0, -1.0]]], lambda x, y: torch.mm(x, y)),
    ('mm with nan and 0', [[[nan, 0.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, inf]]], lambda x, y: torch.mm(x, y)),
    ('mm of (2,0) and (0,2)', [torch.zeros(2, 0), torch.zeros(0, 2)], lambda x, y: torch.mm(x, y)),
    ('dot of nothing', [[], []], lambda x, y: torch.dot(x, y)),
    ('x[idx dup]', [[1.0, 2.0, 3.0]], lambda x: x[torch.tensor([0, 0, 1])]),
    ('gather dup', [[1.0, 2.0, 3.0]], lambda x: x.gather(0, torch.tensor([1, 1, 2]))),
    ('scatter dup', [[1.0, 2.0], [5.0, 6.0]], lambda x, y: x.scatter(0, torch.tensor([0, 0]), y)),
    ('scatter_add dup', [[1.0, 2.0], [5.0, 6.0]], lambda x, y: x.scatter_add(0, torch.tensor([0, 0]), y)),
    ('scatter_reduce amax tie', [[5.0, 2.0], [5.0, 5.0]], lambda x, y: x.scatter_reduce(0, torch.tensor([0, 0]), y, 'amax')),
    ('scatter_reduce prod zero', [[5.0, 2.0], [0.0, 3.0]], lambda x, y: x.scatter_reduce(0, torch.tensor([0, 0]), y, 'prod')),
    ('scatter_reduce prod zeros', [[0.0, 2.0, 3.0], [0.0, 0.0, 7.0]], lambda x, y: x.scatter_reduce(0, torch.tensor([0, 0, 2]), y, 'prod')),
    ('scatter_reduce mean', [[5.0, 2.0], [0.0, 3.0]], lambda x, y: x.scatter_reduce(0, torch.tensor([0, 0]), y, 'mean')),
    ('scatter_reduce nan', [[5.0, nan, 1.0], [nan, 3.0, inf]], lambda x, y: x.scatter_reduce(0, torch.tensor([0, 1, 2]), y, 'amax')),
    ('index_put dup', [[1.0, 2.0], [5.0, 6.0]], lambda x, y: x.index_put((torch.tensor([0, 0]),), y)),
    ('index_put dup accumulating', [[1.0, 2.0], [5.0, 6.0]], lambda x, y: x.index_put((torch.tensor([0, 0]),), y, True)),
    ('index_copy dup', [[1.0, 2.0], [5.0, 6.0]], lambda x, y: x.index_copy(0, torch.tensor([0, 0]), y)),
    ('index_select dup', [[1.0, 2.0]], lambda x: x.index_select(0, torch.tensor([0, 0]))),
    ('masked_fill', [[1.0, 2.0]], lambda x: x.masked_fill(x < 2, 0.0)),
    ('put dup', [[1.0, 2.0], [5.0, 6.0]], lambda x, y: x.put(torch.tensor([0, 0]), y)),
    ('broadcast add', [[[1.0], [2.0]], [1.0, 2.0, 3.0]], lambda x, y: x + y),
    ('broadcast mul to a scalar', [3.0, [1.0, 2.0]], lambda x, y: x * y),
]


def corner_row(case, values, fn):
    leaves = [torch.as_tensor(v, dtype=torch.float32).clone().requires_grad_() for v in values]
    out = fn(*leaves)
    out.backward(torch.ones_like(out))
    return {
        'case': case,
        'inputs': [plain(leaf.tolist()) for leaf in leaves],
        'shapes': [list(leaf.shape) for leaf in leaves],
        'forward': plain(out.tolist()),
        'grads': [None if leaf.grad is None else values_of(leaf.grad) for leaf in leaves],
    }


# (case, how many inputs, function): the graph of the first gradient under create_graph, then the second.
DERIVATIVES = [
    ('x**3', 1, lambda x: x**3),
    ('x**2', 1, lambda x: x**2),
    ('x**2.5', 1, lambda x: x**2.5),
    ('exp', 1, lambda x: x.exp()),
    ('sin', 1, lambda x: x.sin()),
    ('cos', 1, lambda x: x.cos()),
    ('log', 1, lambda x: x.log()),
    ('sqrt', 1, lambda x: x.sqrt()),
    ('tanh', 1, lambda x: x.tanh()),
    ('sigmoid', 1, lambda x: x.sigmoid()),
    ('relu', 1, lambda x: x.relu()),
    ('abs', 1, lambda x: x.abs()),
    ('sgn', 1, lambda x: x.sgn()),
    ('reciprocal', 1, lambda x: x.reciprocal()),
    ('neg', 1, lambda x: -x),
    ('x+z', 2, lambda x, z: x + z),
    ('x-z', 2, lambda x, z: x - z),
    ('x*3', 1, lambda x: x * 3),
    ('x*z', 2, lambda x, z: x * z),
    ('x*x', 1, lambda x: x * x),
    ('x/z', 2, lambda x, z: x / z),
    ('x/2', 1, lambda x: x / 2),
    ('2/x', 1, lambda x: 2 / x),
    ('x**z', 2, lambda x, z: x**z),
    ('2**x', 1, lambda x: 2**x),
    ('where', 2, lambda x, z: torch.where(x > z, x, z)),
    ('sum', 1, lambda x: x.sum()),
    ('(x*x).sum()', 1, lambda x: (x * x).sum()),
    ('(x*x).mean()', 1, lambda x: (x * x).mean()),
    ('x.mean()**3', 1, lambda x: x.mean() ** 3),
    ('nll_loss(x*x,1)', 1, lambda x: torch.nn.functional.nll_loss(x * x, torch.tensor(1))),
    ('addmm(x,x,z)', 2, lambda x, z: torch.addmm(x, x.view(-1, 1), z.view(1, -1))),
    ('(x.exp()).mean(0)', 1, lambda x: x.exp().mean(0)),
    ('x*x[0]', 1, lambda x: x * x[0]),
    ('x[1:]*x[:-1]', 1, lambda x: x[1:] * x[:-1]),
    ('dot(x,z)', 2, lambda x, z: torch.dot(x, z)),
    ('mm(v,v.t())', 1, lambda x: torch.mm(x.view(2, 2), x.view(2, 2).t())),
    ('mm(v,w)', 2, lambda x, z: torch.mm(x.view(2, 2), z.view(2, 2))),
    ('mv(v,z)', 2, lambda x, z: torch.mv(x.view(2, 2), z[:2])),
    ('bmm(v,w)', 2, lambda x, z: torch.bmm(x.view(1, 2, 2), z.view(1, 2, 2))),
    ('x.view(2,2).exp()', 1, lambda x: x.view(2, 2).exp()),
    ('x.unsqueeze(0).permute(1,0).exp()', 1, lambda x: x.unsqueeze(0).permute(1, 0).exp()),
    ('x.expand(2,4)*x', 1, lambda x: x.expand(2, 4) * x),
    ('x.as_strided((2,2),(1,1)).exp()', 1, lambda x: x.as_strided((2, 2), (1, 1)).exp()),
    ('x.unbind()', 1, lambda x: x.unbind()[0] * x.unbind()[2]),
    ('x.split(3)', 1, lambda x: x.split(3)[0] * x.split(3)[1]),
    ('split a**2', 1, lambda x: (lambda p: p[0] ** 2 * p[1])(x.split([1, 3]))),
    ('cat([x,z])', 2, lambda x, z: torch.cat([x, z * x]) ** 2),
    ('stack([x,z])', 2, lambda x, z: torch.stack([x, z * x], 1) ** 2),
    ('x.diag()', 1, lambda x: x.diag() ** 2),
    ('x.view(2,2).diagonal()', 1, lambda x: x.view(2, 2).diagonal() ** 2),
    ('x.view(2,2).diag(1)', 1, lambda x: x.view(2, 2).diag(1) ** 2),
    ('x.repeat(2)', 1, lambda x: x.repeat(2) ** 2),
    ('x.view(2,2).repeat(2,1,3)', 1, lambda x: x.view(2, 2).repeat(2, 1, 3) ** 2),
    ('x.unfold(0,2,1)', 1, lambda x: x.unfold(0, 2, 1) ** 2),
    ('x.as_strided((2,2),(2,1))', 1, lambda x: x.as_strided((2, 2), (2, 1)).exp()),
    ('x.as_strided((2,2),(0,1))', 1, lambda x: x.as_strided((2, 2), (0, 1)).exp()),
    ('x.unfold(0,2,1).as_strided((4,),(1,))', 1, lambda x: x.unfold(0, 2, 1).as_strided((4,), (1,)).exp()),
    ('div rounding None', 2, lambda x, z: torch.div(x, z, rounding_mode=None)),
    ('x*div floor', 2, lambda x, z: x * torch.div(x, z, rounding_mode='floor')),
    ('logit', 1, lambda x: (x / 4).logit()),
    ('logit(0.25)', 1, lambda x: x.logit(0.25)),
    ('threshold', 1, lambda x: torch.threshold(x, 0.75, 2) ** 2),
    ('x.clone()*x', 1, lambda x: x.clone() * x),
    ('x[i].exp()', 1, lambda x: x[torch.tensor([0, 2, 0])].exp()),
    ('v[:,i]*v[i]', 1, lambda x: x.view(2, 2)[:, torch.tensor([0, 1])] * x.view(2, 2)[torch.tensor([1, 1])]),
    ('x[mask].exp()', 1, lambda x: x[x > 0].exp()),
    ('index_put', 2, lambda x, z: x.exp().index_put((torch.tensor([0, 2]),), (z * z)[:2])),
    ('index_put accumulating', 2, lambda x, z: x.exp().index_put((torch.tensor([0, 0]),), (z * z)[:2], True)),
    ('index_select', 1, lambda x: x.index_select(0, torch.tensor([0, 0, 3])).exp()),
    ('index_add', 2, lambda x, z: x.exp().index_add(0, torch.tensor([0, 0]), (z * z)[:2], alpha=2)),
    ('index_copy', 2, lambda x, z: x.exp().index_copy(0, torch.tensor([0, 2]), (z * z)[:2])),
    ('index_fill', 2, lambda x, z: x.exp().index_fill(0, torch.tensor([0, 2]), z[0] * z[1])),
    ('gather', 1, lambda x: x.gather(0, torch.tensor([0, 0, 3])).exp()),
    ('scatter', 2, lambda x, z: x.exp().scatter(0, torch.tensor([0, 2, 1, 3]), z * z)),
    ('scatter_add', 2, lambda x, z: x.exp().scatter_add(0, torch.tensor([0, 0, 1, 3]), z * z)),
    ('scatter_reduce sum', 2, lambda x, z: x.scatter_reduce(0, torch.tensor([0, 0, 1, 3]), z, 'sum')),
    ('scatter_reduce prod', 2, lambda x, z: x.scatter_reduce(0, torch.tensor([0, 0, 1, 3]), z, 'prod')),
    ('scatter_reduce mean', 2, lambda x, z: x.scatter_reduce(0, torch.tensor([0, 0, 1, 3]), z, 'mean')),
    ('scatter_reduce amax', 2, lambda x, z: x.scatter_reduce(0, torch.tensor([0, 0, 1, 3]), z, 'amax')),
    ('scatter_reduce amin', 2, lambda x, z: x.scatter_reduce(0, torch.tensor([0, 0, 1, 3]), z, 'amin')),
    ('scatter_reduce prod without self', 2, lambda x, z: x.scatter_reduce(0, torch.tensor([0, 0, 1, 3]), z, 'prod', include_self=False)),
    ('scatter_reduce mean without self', 2, lambda x, z: x.scatter_reduce(0, torch.tensor([0, 0, 1, 3]), z, 'mean', include_self=False)),
    ('scatter_reduce amin without self', 2, lambda x, z: x.scatter_reduce(0, torch.tensor([0, 0, 1, 3]), z, 'amin', include_self=False)),
    ('index_reduce prod', 2, lambda x, z: x.index_reduce(0, torch.tensor([0, 0, 1, 3]), z, 'prod')),
    ('index_reduce mean', 2, lambda x, z: x.index_reduce(0, torch.tensor([0, 0, 1, 3]), z, 'mean')),
    ('index_reduce amax', 2, lambda x, z: x.index_reduce(0, torch.tensor([0, 0, 1, 3]), z, 'amax')),
    ('masked_fill', 2, lambda x, z: x.exp().masked_fill(z > 0, z[0] * z[1])),
    ('masked_select', 1, lambda x: x.masked_select(x > 0).exp()),
    ('masked_select broadcast', 1, lambda x: x.masked_select(torch.tensor([[True], [False], [True]])).exp()),
    ('masked_scatter', 2, lambda x, z: x.masked_scatter(x > 0, z * z).exp()),
    ('take', 1, lambda x: x.take(torch.tensor([0, 3, 0])).exp()),
    ('put', 2, lambda x, z: x.exp().put(torch.tensor([0, 2, 1, 3]), z * z)),
    ('x.prod()', 1, lambda x: x.prod()),
    ('x.view(2,2).prod(0)', 1, lambda x: x.view(2, 2).prod(0)),
    ('x.var()', 1, lambda x: x.var()),
    ('x.view(2,2).var(1)', 1, lambda x: x.view(2, 2).var(1)),
    ('x.std()', 1, lambda x: x.std()),
    ('x.view(2,2).std(0)', 1, lambda x: x.view(2, 2).std(0)),
    ('(x*x).mean().exp()', 1, lambda x: (x * x).mean().exp()),
    ('var+mean', 1, lambda x: torch.stack(torch.var_mean(x, 0)).sum()),
    ('(x*x).max()', 1, lambda x: (x * x).max()),
    ('(x*x).view(2,2).max(0)', 1, lambda x: (x * x).view(2, 2).max(0)[0]),
    ('(x*x).view(2,2).amax(0)', 1, lambda x: (x * x).view(2, 2).amax(0)),
    ('(x*x).median()', 1, lambda x: (x * x).median()),
    ('(x*x).sort()', 1, lambda x: (x * x).sort()[0]),
    ('maximum(x*x,z)', 2, lambda x, z: torch.maximum(x * x, z)),
    ('x.double()*x', 1, lambda x: x.double() * x),
]


def derivative_row(case, count, fn):
    x = torch.tensor([0.5, 1.5, -0.75, 2.0], requires_grad=True)
    z = torch.tensor([1.25, -0.5, 2.0, 3.0], requires_grad=True)
    if case in ('log', 'sqrt', 'x**2.5', 'x**z'):
        x = x.detach().abs().requires_grad_()
    leaves = [x, z][:count]
    out = fn(*leaves)
    first = torch.autograd.grad(out, leaves, torch.ones_like(out), create_graph=True)
    seconds = []
    for grad in first:
        if not grad.requires_grad:
            seconds.append(None)
            continue
        second = torch.autograd.grad(grad, leaves, torch.ones_like(grad), create_graph=True, allow_unused=True)
        seconds.append([
            None if g is None else {'values': values_of(g), 'graph': graph(g.grad_fn)} for g in second
        ])
    return {
        'case': case,
        'inputs': [leaf.tolist() for leaf in leaves],
        'first': [{'values': values_of(g), 'graph': graph(g.grad_fn)} for g in first],
        'second': seconds,
    }


fixture = {
    'inputs': {
        key: {'values': plain(value.tolist()), 'dtype': str(value.dtype), 'requires_grad': value.requires_grad}
        for key, value in inputs().items()
    },
    'graphs': [graph_row(code) for code in GRAPHS + NO_GRAPH],
    'corners': [corner_row(*row) for row in CORNERS],
    'derivatives': [derivative_row(*row) for row in DERIVATIVES],
}


def rows(items):
    return '[\n' + ',\n'.join('    ' + json.dumps(item, allow_nan=False) for item in items) + '\n  ]'


parts = [f'  {json.dumps(key)}: {rows(value) if isinstance(value, list) else json.dumps(value)}' for key, value in fixture.items()]
target = pathlib.Path(__file__).with_name('fixture.json')
target.write_text('{\n' + ',\n'.join(parts) + '\n}\n')
print(f'{target.name}: ' + ', '.join(f'{len(fixture[key])} {key}' for key in ('graphs', 'corners', 'derivatives')))
