"""Writes fixture.json: what PyTorch 2.13 says to gradcheck, gradgradcheck and torch.autograd.functional.

    python make_fixture.py        in an environment with torch 2.13

Every row names a call; programs.ts says the same in this library's words.
"""

import json
import pathlib
import sys
import warnings

import torch
from torch.autograd import gradcheck, gradgradcheck
from torch.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp

assert torch.__version__.startswith('2.13'), torch.__version__


class TimesWrong(torch.autograd.Function):
    """Says that the derivative is one more than it is."""

    @staticmethod
    def forward(ctx, x, factor):
        ctx.factor = factor
        return x * factor

    @staticmethod
    def backward(ctx, g):
        return g * (ctx.factor + 1), None


class Ignores(torch.autograd.Function):
    """Ignores the gradient of its output."""

    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, g):
        return g * 0 + 1


class Nearly(torch.autograd.Function):
    """Adds a little to the gradient of its output."""

    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, g):
        return g + 1e-9


class Drifts(torch.autograd.Function):
    """Every backward gives a little more."""

    runs = 0

    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, g):
        Drifts.runs += 1
        return g * (1 + 1e-9 * Drifts.runs)


class Flips:
    """Answers in another way every time."""

    def __init__(self, *answers):
        self.answers = answers
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return self.answers[self.calls % len(self.answers)](x)


def refuses_undefined(x):
    def hook(g):
        if g is None:
            raise RuntimeError('x is undefined')

    y = x.clone()
    y.register_hook(hook)
    return y


# The module of that name, which its function hides.
module = sys.modules['torch.autograd.gradcheck']
get_numerical_jacobian, get_analytical_jacobian = module.get_numerical_jacobian, module.get_analytical_jacobian


def mixed(inputs):
    return 2 * inputs[0] + inputs[1], inputs[0] + 2 * inputs[1]


def one(x):
    return torch.full([1], x, dtype=torch.float64, requires_grad=True)


def double(*shape, start=1.0):
    count = torch.Size(shape).numel()
    return (torch.arange(count, dtype=torch.float64) * 0.5 + start).reshape(shape).requires_grad_()


x = double(2)
y = double(2, start=-1.0)
m = double(2, 3, start=-1.25)
plain = double(2).detach()
single = double(2).detach().float().requires_grad_()
zero = torch.zeros(2, dtype=torch.float64, requires_grad=True)
none = torch.zeros(0, 3, dtype=torch.float64, requires_grad=True)
s = torch.tensor(1.5, dtype=torch.float64, requires_grad=True)

CHECKS = {
    'passes': lambda: gradcheck(lambda x, y: x * y, (x, y)),
    'passes fast': lambda: gradcheck(lambda x, y: x * y, (x, y), fast_mode=True),
    'passes again': lambda: gradgradcheck(lambda x, y: x * y, (x, y)),
    'passes again fast': lambda: gradgradcheck(lambda x, y: x * y, (x, y), fast_mode=True),
    'an array of inputs': lambda: gradcheck(lambda x, n: x * n, [x, 3]),
    'several outputs': lambda: gradcheck(lambda x: (x * 2, x.sum()), x),
    'an array of outputs': lambda: gradcheck(lambda x: [x * 2, x.sum()], x),
    'the input itself': lambda: gradcheck(lambda x: x, x),
    'a view of the input': lambda: gradcheck(lambda x: x.t(), m),
    'no elements': lambda: gradcheck(lambda x: x * 2, none),
    'no elements fast': lambda: gradcheck(lambda x: x * 2, none, fast_mode=True),
    'no outputs': lambda: gradcheck(lambda x: (), x),
    'no outputs fast': lambda: gradcheck(lambda x: (), x, fast_mode=True),
    'inputs without grad': lambda: gradcheck(lambda x: x, plain),
    'inputs without tensors': lambda: gradcheck(lambda x: x, 3),
    'a stride of 0': lambda: gradcheck(lambda x, y: x * y, (x, one(1.0).expand(2))),
    'a stride of 0 over one element': lambda: gradcheck(lambda x: x * 2, one(1.0).expand(1)),
    'single precision': lambda: gradcheck(lambda x, y: x * y, (x, single)),
    'single precision, coarse': lambda: gradcheck(lambda x: x * x, single, eps=1e-2, atol=1e-2),
    'mismatch': lambda: gradcheck(lambda x: TimesWrong.apply(x, 2), m),
    'mismatch fast': lambda: gradcheck(lambda x: TimesWrong.apply(x, 2), x, fast_mode=True),
    'mismatch fast, small': lambda: gradcheck(
        lambda x: TimesWrong.apply(x, torch.tensor([1000.0, -1000.0], dtype=torch.float64)),
        x,
        fast_mode=True,
        rtol=1.5e-3,
    ),
    'mismatch of the second output': lambda: gradcheck(lambda x, y: (x + y, TimesWrong.apply(y, 2)), (x, y)),
    'mismatch, not raised': lambda: gradcheck(lambda x: TimesWrong.apply(x, 2), m, raise_exception=False),
    'inputs without grad, not raised': lambda: gradcheck(lambda x: x, plain, raise_exception=False),
    'relu at 0': lambda: gradcheck(lambda x: x.relu(), zero),
    'relu at 0 fast': lambda: gradcheck(lambda x: x.relu(), zero, fast_mode=True),
    'relu at 0, small': lambda: gradcheck(lambda x: x.relu() * 1e-4, zero, fast_mode=True),
    'abs at 0': lambda: gradcheck(lambda x: x.abs(), zero),
    'not a number': lambda: gradcheck(lambda x: x * float('nan'), x),
    'backward ignores its gradient': lambda: gradcheck(Ignores.apply, one(1.0)),
    'backward ignores its gradient, 2 elements': lambda: gradcheck(Ignores.apply, x),
    'not reentrant': lambda: gradcheck(Drifts.apply, x),
    'not reentrant fast': lambda: gradcheck(Drifts.apply, x, fast_mode=True),
    'not reentrant by little': lambda: gradcheck(Drifts.apply, x, nondet_tol=1e-10),
    'not reentrant, tolerated': lambda: gradcheck(Drifts.apply, x, nondet_tol=1e-5),
    'undefined gradients': lambda: gradcheck(refuses_undefined, x),
    'undefined gradients of one output': lambda: gradcheck(lambda x: (refuses_undefined(x), x * 3), x),
    'undefined gradients, unchecked': lambda: gradcheck(refuses_undefined, x, check_undefined_grad=False),
    'undefined gradients, not raised': lambda: gradcheck(refuses_undefined, x, raise_exception=False),
    'not differentiable': lambda: gradcheck(lambda x: x.detach(), x),
    'not differentiable fast': lambda: gradcheck(lambda x: x.detach(), x, fast_mode=True),
    'not differentiable, constant': lambda: gradcheck(lambda x: x.detach() * 0, x),
    'integers': lambda: gradcheck(lambda x: (x + 0.25).long(), x),
    'booleans': lambda: gradcheck(lambda x: x > 0, x),
    'a differentiable output and one that is not': lambda: gradcheck(lambda x: (x * 2, x.detach() * 1), x),
    'a shape by values': lambda: gradcheck(Flips(lambda x: x * 1, lambda x: x[:1] * 1), x),
    'a dtype by values': lambda: gradcheck(Flips(lambda x: x * 1, lambda x: x.float()), m),
    'a dtype by values fast': lambda: gradcheck(Flips(lambda x: x * 1, lambda x: x.float()), m, fast_mode=True),
    'a dtype by values of a scalar': lambda: gradcheck(Flips(lambda x: x * 1, lambda x: x.float()), s),
    'given gradients': lambda: gradgradcheck(lambda x: x * x, x, torch.ones(2, dtype=torch.float64)),
    'given gradients that require grad': lambda: gradgradcheck(lambda x: x * x, x, y),
    'given gradients of another shape': lambda: gradgradcheck(lambda x: x * x, x, double(3)),
    'gradients that are not contiguous': lambda: gradgradcheck(
        lambda x: x * x, m, gen_non_contig_grad_outputs=True
    ),
    'a wrong backward that agrees with itself': lambda: gradgradcheck(lambda x: TimesWrong.apply(x, 2), x),
    'third positional argument': lambda: gradcheck(lambda x: x, x, 1e-6),
    'third positional argument and a keyword': lambda: gradcheck(lambda x: x, x, 1e-6, atol=1.0),
    'unknown keyword': lambda: gradcheck(lambda x: x, x, step=1e-6),
    'no inputs': lambda: gradcheck(lambda x: x),
    'fourth positional argument': lambda: gradgradcheck(lambda x: x, x, None, 3),
    'neither direction': lambda: gradcheck(lambda x: x, x, check_backward_ad=False),
    'batched without backward': lambda: gradcheck(
        lambda x: x, x, check_batched_grad=True, check_backward_ad=False, check_forward_ad=True
    ),
    'batched forward without forward': lambda: gradcheck(lambda x: x, x, check_batched_forward_grad=True),
    'neither direction again': lambda: gradgradcheck(lambda x: x, x, check_rev_over_rev=False),
    'undefined without reverse': lambda: gradgradcheck(
        lambda x: x, x, check_rev_over_rev=False, check_fwd_over_rev=True
    ),
    'batched without reverse': lambda: gradgradcheck(
        lambda x: x,
        x,
        check_rev_over_rev=False,
        check_fwd_over_rev=True,
        check_undefined_grad=False,
        check_batched_grad=True,
    ),
    'numerical Jacobians': lambda: get_numerical_jacobian(mixed, (x, y), eps=1e-6),
    'numerical Jacobian of one': lambda: get_numerical_jacobian(mixed, (x, y), target=y, eps=1e-6),
    'numerical Jacobian, target without grad': lambda: get_numerical_jacobian(mixed, (x, y), target=plain),
    'numerical Jacobian of integers': lambda: get_numerical_jacobian(lambda i: (i[0] + 0.25).long(), (x,)),
    'numerical Jacobian times two': lambda: get_numerical_jacobian(mixed, (x, y), grad_out=2.0),
    'analytical Jacobians': lambda: get_analytical_jacobian((x, plain, y), mixed((x, y))[1]),
    'analytical Jacobian of what drifts': lambda: get_analytical_jacobian((x,), Drifts.apply(x)),
    'analytical Jacobian, tolerant': lambda: get_analytical_jacobian((x,), Drifts.apply(x), nondet_tol=1e-5),
    'analytical Jacobian times two': lambda: get_analytical_jacobian((x,), x * 2, grad_out=2.0),
    'a number for an output': lambda: gradcheck(lambda x: (x * 2, 1.5), x),
    'None for an output, fast': lambda: gradcheck(lambda x: None, x, fast_mode=True),
    'a number for an output again': lambda: gradgradcheck(lambda x: (x * x, 1.5), x),
    'an array among the outputs': lambda: gradcheck(lambda x: ([x * 2],), x),
    'integers before floats': lambda: gradcheck(lambda x: ((x + 0.25).long(), x * 2), x),
    'integers before floats fast': lambda: gradcheck(lambda x: ((x + 0.25).long(), x * 2), x, fast_mode=True),
    'integers of another size before floats': lambda: gradcheck(lambda x: ((x + 0.25).long()[:1], x * 2), x),
    'integers after floats': lambda: gradcheck(lambda x: (x * 2, (x + 0.25).long()), x),
    'booleans before floats': lambda: gradcheck(lambda x: (x > 0, x * 2), x),
    'a constant before floats': lambda: gradcheck(lambda x: (x.detach() * 3, x * 2), x),
    'a constant before floats fast': lambda: gradcheck(lambda x: (x.detach() * 3, x * 2), x, fast_mode=True),
    'a constant of another size before floats fast': lambda: gradcheck(lambda m: (m.detach().t()[:2] * 3, m * 2), m, fast_mode=True),
    'a constant of an odd size before floats fast': lambda: gradcheck(lambda m: (m.detach()[0], m * 2), m, fast_mode=True),
    'nearly multiplied': lambda: gradcheck(lambda x: Nearly.apply(x), x),
    'nearly multiplied, masked': lambda: gradcheck(lambda x: Nearly.apply(x), x, masked=True),
    'a constant among the outputs again': lambda: gradgradcheck(lambda x: (x * x, x.detach()), x),
}


def total(x, y):
    return (x * x * y).sum()


def cubes(x):
    return (x**3).sum()


def linear(x):
    return (x * 2).sum()


def constant(x):
    return torch.ones(1, dtype=torch.float64, requires_grad=True).sum()


def apart(x, y):
    return (x * x).sum()


FUNCTIONAL = {
    'jacobian': lambda: jacobian(lambda x: x.exp(), x),
    'jacobian of a matrix': lambda: jacobian(lambda m: m.sum(0), m),
    'jacobian of two': lambda: jacobian(lambda x, y: x * y, (x, y)),
    'jacobian of one in an array': lambda: jacobian(lambda x: x * x, (x,)),
    'jacobian of several outputs': lambda: jacobian(lambda x: (x * x, x.sum()), x),
    'jacobian of several of both': lambda: jacobian(lambda x, y: (x * y, x.sum()), (x, y)),
    'jacobian of a scalar': lambda: jacobian(lambda x: x * x, s),
    'jacobian with graph': lambda: jacobian(lambda x: x.exp(), x, create_graph=True),
    'jacobian with graph of no leaf': lambda: jacobian(lambda x: x.exp(), x * 1, True),
    'jacobian with graph of a constant': lambda: jacobian(lambda x: x * 2, plain, create_graph=True),
    'jacobian without dependence': lambda: jacobian(lambda x, y: x * 1, (x, y)),
    'jacobian of no output': lambda: jacobian(lambda x: x[:0], x),
    'jacobian of integers': lambda: jacobian(lambda x: x.long(), x),
    'jacobian strict': lambda: jacobian(lambda x, y: x * y, (x, y), strict=True),
    'jacobian strict without dependence': lambda: jacobian(lambda x, y: x * 1, (x, y), strict=True),
    'jacobian strict of a constant': lambda: jacobian(lambda x: x.detach(), x, strict=True),
    'jacobian strict with graph, linear': lambda: jacobian(lambda x: x * 2, x, create_graph=True, strict=True),
    'jacobian of an int': lambda: jacobian(lambda x: x, 3),
    'jacobian of a tensor and a float': lambda: jacobian(lambda x, y: x, (x, 2.5)),
    'jacobian to an int': lambda: jacobian(lambda x: 3, x),
    'jacobian to a tensor and a None': lambda: jacobian(lambda x: (x, None), x),
    'jacobian under no_grad': lambda: torch.no_grad()(jacobian)(lambda x: x.exp(), x),
    'jacobian by an unknown strategy': lambda: jacobian(lambda x: x, x, strategy='backward'),
    'jacobian by forward mode': lambda: jacobian(lambda x: x, x, strategy='forward-mode'),
    'jacobian by forward mode, with graph': lambda: jacobian(
        lambda x: x, x, strategy='forward-mode', create_graph=True
    ),
    'jacobian by forward mode, strict': lambda: jacobian(lambda x: x, x, strategy='forward-mode', strict=True),
    'jacobian vectorized, strict': lambda: jacobian(lambda x: x, x, vectorize=True, strict=True),
    'jacobian with too many arguments': lambda: jacobian(lambda x: x, x, False, False, False, 'reverse-mode', 3),
    'hessian': lambda: hessian(cubes, x),
    'hessian of a matrix': lambda: hessian(cubes, m),
    'hessian of two': lambda: hessian(total, (x, y)),
    'hessian of one in an array': lambda: hessian(cubes, (x,)),
    'hessian of a scalar': lambda: hessian(lambda s: s * s * s, s),
    'hessian to one element': lambda: hessian(lambda x: cubes(x).reshape(1, 1), x),
    'hessian with graph': lambda: hessian(cubes, x, create_graph=True),
    'hessian of what is linear': lambda: hessian(linear, x),
    'hessian without dependence': lambda: hessian(apart, (x, y)),
    'hessian strict without dependence': lambda: hessian(apart, (x, y), strict=True),
    'hessian strict of what is linear': lambda: hessian(linear, x, strict=True),
    'hessian strict of a constant': lambda: hessian(lambda x: x.detach().sum(), x, strict=True),
    'hessian to two elements': lambda: hessian(lambda x: x * x, x),
    'hessian to an array': lambda: hessian(lambda x: (cubes(x),), x),
    'hessian to an int': lambda: hessian(lambda x: 3, x),
    'hessian of an int': lambda: hessian(lambda x: x, 3),
    'hessian by forward mode': lambda: hessian(cubes, x, outer_jacobian_strategy='forward-mode'),
    'hessian vectorized, strict': lambda: hessian(cubes, x, vectorize=True, strict=True),
    'hessian by an unknown strategy': lambda: hessian(cubes, x, outer_jacobian_strategy='backward'),
    'vjp': lambda: vjp(lambda x: x.exp(), x, y),
    'vjp of two': lambda: vjp(lambda x, y: x * y, (x, y), plain),
    'vjp of several outputs': lambda: vjp(lambda x: (x * x, x.sum()), x, (y, s)),
    'vjp without v': lambda: vjp(cubes, x),
    'vjp without v of two elements': lambda: vjp(lambda x: x * x, x),
    'vjp with graph': lambda: vjp(lambda x: x * x, x, y, create_graph=True),
    'vjp with graph of no leaf': lambda: vjp(lambda x: x * x, x * 1, plain, True),
    'vjp without dependence': lambda: vjp(apart, (x, y)),
    'vjp strict without dependence': lambda: vjp(apart, (x, y), strict=True),
    'vjp strict of a constant': lambda: vjp(lambda x: x.detach(), x, y, strict=True),
    'vjp strict with graph, linear': lambda: vjp(linear, x, create_graph=True, strict=True),
    'vjp of another size': lambda: vjp(lambda x: x * x, x, m),
    'vjp of another size in an array': lambda: vjp(lambda x: (x * x, x), x, (y, m)),
    'vjp with two for one': lambda: vjp(lambda x: x * x, x, (y, y)),
    'vjp with one for two': lambda: vjp(lambda x: (x, x), x, y),
    'vjp with an int': lambda: vjp(lambda x: x * x, x, 3),
    'vjp to nothing': lambda: vjp(lambda x: (), x, ()),
    'vjp under no_grad': lambda: torch.no_grad()(vjp)(lambda x: x * x, x, y),
    'jvp': lambda: jvp(lambda x: x.exp(), x, y),
    'jvp of two': lambda: jvp(lambda x, y: x * y, (x, y), (plain, plain)),
    'jvp of several outputs': lambda: jvp(lambda x: (x * x, x.sum()), x, y),
    'jvp without v': lambda: jvp(lambda s: s * s, s),
    'jvp without v of two elements': lambda: jvp(lambda x: x * x, x),
    'jvp with graph': lambda: jvp(lambda x: x * x, x, y, create_graph=True),
    'jvp without dependence': lambda: jvp(lambda x: (x * x, x.detach()), x, y),
    'jvp strict of a constant': lambda: jvp(lambda x: x.detach(), x, y, strict=True),
    'jvp strict without dependence': lambda: jvp(apart, (x, y), (x, y), strict=True),
    'jvp strict with graph, linear': lambda: jvp(linear, x, y, create_graph=True, strict=True),
    'jvp of another size': lambda: jvp(lambda x: x * x, x, m),
    'vhp': lambda: vhp(cubes, x, y),
    'vhp of two': lambda: vhp(total, (x, y), (plain, plain)),
    'vhp without v': lambda: vhp(lambda s: s * s * s, s),
    'vhp without v of two elements': lambda: vhp(cubes, x),
    'vhp with graph': lambda: vhp(cubes, x, plain, create_graph=True),
    'vhp of what is linear': lambda: vhp(linear, x, y),
    'vhp strict of what is linear': lambda: vhp(linear, x, y, strict=True),
    'vhp strict without dependence': lambda: vhp(apart, (x, y), (x, y), strict=True),
    'vhp strict with graph, square': lambda: vhp(
        lambda x: (x * x).sum(), x, plain, create_graph=True, strict=True
    ),
    'vhp to two elements': lambda: vhp(lambda x: x * x, x, y),
    'vhp to an array': lambda: vhp(lambda x: (cubes(x),), x, y),
    'hvp': lambda: hvp(cubes, x, y),
    'hvp of two': lambda: hvp(total, (x, y), (plain, plain)),
    'hvp without v': lambda: hvp(lambda s: s * s * s, s),
    'hvp without v of two elements': lambda: hvp(cubes, x),
    'hvp with graph': lambda: hvp(cubes, x, plain, create_graph=True),
    'hvp of what is linear': lambda: hvp(linear, x, y),
    'hvp strict of what is linear': lambda: hvp(linear, x, y, strict=True),
    'hvp strict with graph, square': lambda: hvp(
        lambda x: (x * x).sum(), x, plain, create_graph=True, strict=True
    ),
    'hvp to two elements': lambda: hvp(lambda x: x * x, x, y),
    'hvp of another size': lambda: hvp(cubes, x, m),
    'jacobian vectorized': lambda: jacobian(lambda x: x.exp(), x, vectorize=True),
    'jacobian vectorized of a matrix': lambda: jacobian(lambda m: m.sum(0), m, vectorize=True),
    'jacobian vectorized of several of both': lambda: jacobian(lambda x, y: (x * y, x.sum()), (x, y), vectorize=True),
    'jacobian vectorized of a scalar': lambda: jacobian(lambda s: s * s, s, vectorize=True),
    'jacobian vectorized with graph': lambda: jacobian(lambda x: x.exp(), x, vectorize=True, create_graph=True),
    'jacobian vectorized without dependence': lambda: jacobian(lambda x, y: x * 1, (x, y), vectorize=True),
    'jacobian vectorized of a constant': lambda: jacobian(lambda x: (x.detach(), x * 2), x, vectorize=True),
    'jacobian vectorized of constants': lambda: jacobian(lambda x: x.detach(), x, vectorize=True),
    'jacobian vectorized of integers': lambda: jacobian(lambda x: (x.long(), x * 2), x, vectorize=True),
    'jacobian vectorized of other dtypes': lambda: jacobian(lambda x: (x.float(), x * 2), x, vectorize=True),
    'jacobian vectorized of no elements': lambda: jacobian(lambda x: x[:0], x, vectorize=True),
    'jacobian vectorized of no elements and two': lambda: jacobian(lambda x: (x[:0], x * 2), x, vectorize=True),
    'jacobian vectorized of no output': lambda: jacobian(lambda x: (), x, vectorize=True),
    'jacobian vectorized of no input elements': lambda: jacobian(lambda n: n.sum(0), none, vectorize=True),
    'jacobian vectorized of what is infinite': lambda: jacobian(lambda z: (z.sqrt(), z * 1), zero, vectorize=True),
    'jacobian of what is infinite': lambda: jacobian(lambda z: (z.sqrt(), z * 1), zero),
    'jacobian of no inputs': lambda: jacobian(lambda: x, ()),
    'jacobian vectorized of no inputs': lambda: jacobian(lambda: x, (), vectorize=True),
    'jacobian vectorized, strict, of a constant': lambda: jacobian(lambda x: x.detach(), x, vectorize=True, strict=True),
    'jacobian vectorized to an int': lambda: jacobian(lambda x: 3, x, vectorize=True),
    'hessian vectorized': lambda: hessian(cubes, x, vectorize=True),
    'hessian vectorized of two': lambda: hessian(total, (x, y), vectorize=True),
    'hessian vectorized with graph': lambda: hessian(cubes, x, create_graph=True, vectorize=True),
    'hessian vectorized without dependence': lambda: hessian(apart, (x, y), vectorize=True),
    'hessian vectorized of a constant': lambda: hessian(lambda x: torch.ones([]), x, vectorize=True),
    'hessian vectorized of no elements': lambda: hessian(lambda n: n.sum(), none, vectorize=True),
    'hessian vectorized to two elements': lambda: hessian(lambda x: x * x, x, vectorize=True),
}


def answer(call):
    """The printed result or the exception; the warnings; what caused the exception."""
    row = {}
    Drifts.runs = 0
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try:
            row['result'] = repr(call())
        except Exception as error:
            row['error'] = f'{type(error).__name__}: {error}'
            if error.__cause__:
                row['cause'] = repr(error.__cause__)
    if caught:
        row['warnings'] = [f'{w.category.__name__}: {w.message}' for w in caught]
    return row


rows = {
    'checks': {name: answer(call) for name, call in CHECKS.items()},
    'functional': {name: answer(call) for name, call in FUNCTIONAL.items()},
}
path = pathlib.Path(__file__).with_name('fixture.json')
path.write_text(json.dumps(rows, indent=1) + '\n')
