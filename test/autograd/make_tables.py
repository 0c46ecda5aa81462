"""Writes tables.json: what PyTorch says to the rows of the tables of in-place rules (C) and of the engine (D).

    python make_tables.py        in an environment with torch 2.13

tables.txt holds a section a heading and a row a line: Python statements (` | ` ends a line of Python), the last of them
an expression, with the inputs of `inputs` and the helpers below. Its value, or the error that ends it, is the row's
expectation; the tables_*.test.ts say the same in this library's words. `name ## code` gives a row another name. Texts
that PyTorch 2.13 shortened are put into 1.13's words, as the library has them.
"""

import ast
import json
import math
import pathlib
import re
import warnings

import torch
from torch.autograd import Function, gradcheck, gradgradcheck
from torch.autograd.function import once_differentiable
from torch.autograd.graph import disable_saved_tensors_hooks, saved_tensors_hooks

assert torch.__version__.startswith('2.13'), torch.__version__
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent


def leaf(*values, dtype=torch.float32):
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def inputs():
    x, m = leaf(1.0, 2.0, 3.0), leaf([1.0, 2.0], [3.0, 4.0])
    return {
        'x': x,
        'y': leaf(4.0, 5.0, 6.0),
        'k': torch.tensor([1.0, 2.0, 3.0]),
        's': torch.tensor(2.0, requires_grad=True),
        't': torch.tensor([1.0, 2.0]),
        'i': torch.tensor([1, 2]),
        'b': torch.tensor([True, False]),
        'd': leaf(1.0, 2.0, dtype=torch.float64),
        'm': m,
        'h': x * 1,
        'H': m * 1,
        'log': [],
    }


def graph(value):
    """`Name(child, child#k, None)`: AccumulateGrad as Acc, the output number only where it is not 0."""
    node = value.grad_fn if isinstance(value, torch.Tensor) else value
    if node is None:
        return 'None'
    name = type(node).__name__
    if name == 'AccumulateGrad':
        return 'Acc'
    edges = (graph(next) + (f'#{nr}' if nr else '') for next, nr in node.next_functions)
    return f'{name}({", ".join(edges)})'


def error(fn):
    """What `fn` throws, as `Type: text`."""
    try:
        fn()
    except Exception as thrown:
        return told(thrown)
    return 'no error'


def told(thrown):
    return in_old_words(f'{type(thrown).__name__}: {thrown}')


def warned(fn):
    """The warnings that `fn` gives."""
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter('always')
        fn()
    return [in_old_words(f'{w.category.__name__}: {w.message}') for w in given]


def gradient(out, *of):
    """The gradients of the sum of `out`."""
    out.sum().backward()
    grads = [None if x.grad is None else x.grad.tolist() for x in of]
    return grads[0] if len(of) == 1 else grads


def facts(x):
    return [x.tolist(), x._version, x.requires_grad, x.is_leaf, graph(x)]


class Sq(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * x * 2


class Dirty(Function):
    """Adds one to its input, in place; its gradient is ten times the incoming one."""

    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.add_(1)

    @staticmethod
    def backward(ctx, g):
        return g * 10


class Same(Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, g):
        return g


class FirstTwo(Function):
    @staticmethod
    def forward(ctx, x):
        return x[:2]

    @staticmethod
    def backward(ctx, g):
        return widened(g)


class ViewAndSum(Function):
    @staticmethod
    def forward(ctx, x):
        return x[:2], x.sum()

    @staticmethod
    def backward(ctx, g, s):
        return widened(g) + s


def widened(g):
    wide = torch.zeros(3)
    wide[:2] = g
    return wide


class Returning(Function):
    """Its gradient is what it was given."""

    @staticmethod
    def forward(ctx, x, grad):
        ctx.grad = grad
        return x * 1

    @staticmethod
    def backward(ctx, g):
        return ctx.grad(), None

    @staticmethod
    def of(x, grad):
        return Returning.apply(x, lambda: grad)


class Once(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        return g * 2


class NoBackward(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 1


class SavesOutput(Function):
    @staticmethod
    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        SavesOutput.seen.append(ctx.saved_tensors[0])
        return g


def foo(forward, backward):
    """A Function of that name."""
    return type('Foo', (Function,), {'forward': staticmethod(forward), 'backward': staticmethod(backward)})


def nondifferentiable(log, dtype=torch.float32):
    """A Function of two outputs, the second without gradient; `log` gets what its backward was given for it."""

    def forward(ctx, x):
        plain = (x * 3).to(dtype)
        ctx.mark_non_differentiable(plain)
        return x * 2, plain

    return foo(forward, lambda ctx, g, h: last(log.append([h.tolist(), str(h.dtype)]), g * 2))


def last(*steps):
    return steps[-1]


def watch(x, name, log):
    """`log` gets the name when the node of `x` runs."""
    x.grad_fn.register_prehook(lambda grads: log.append(name))
    return x


def throwing(error):
    def hook(*_):
        raise error

    return hook


def twice(y, x):
    """The gradient of x after a second backward."""
    y = y.sum()
    y.backward()
    y.backward()
    return x.grad


def ordered(order):
    """h = 2 x with a prehook (times 3), a tensor hook (times 10) and retain_grad: the gradients of h and x."""
    x = leaf(1.0)
    h = x * 2
    for what in order:
        if what == 'P':
            h.grad_fn.register_prehook(lambda grads: (grads[0] * 3,))
        if what == 'T':
            h.register_hook(lambda g: g * 10)
        if what == 'R':
            h.retain_grad()
    return gradient(h, h, x)


def nested(y):
    with torch.enable_grad():
        (y * y).sum().backward()


def counting():
    """A generator that says whether grad mode is on."""
    while True:
        yield torch.is_grad_enabled()


def leaking():
    with torch.no_grad():
        yield torch.is_grad_enabled()


def anomalous(fn):
    """The warnings of a backward that finds a nan."""

    def run():
        with torch.autograd.detect_anomaly():
            error(fn)

    return warned(run)


def inferred():
    with torch.inference_mode():
        return torch.ones(3)


def full_name(match):
    """2.13 shortens the names of nodes in two texts: Add, Pow1, Sq for AddBackward0, PowBackward1, SqBackward."""
    before, name, digits = match.groups()
    if name == 'Foo' or isinstance(globals().get(name), type):
        return f'{before}{name}Backward'
    return before + name if '::' in name else f'{before}{name}Backward{digits or 0}'


def in_old_words(text):
    text = re.sub(r'(which is output \d+ of |Output \d+ of )([\w:]+?)(\d*)(?=,| is a view)', full_name, text)
    text = text.replace('set_detect_anomaly(True, check_nan=False).', 'set_detect_anomaly(True).')
    text = re.sub(r' \(Triggered internally at [^)]*\)\.?', '', text)
    return re.sub(r'\nException raised from .*', '', text, flags=re.S)


def plain(value):
    if isinstance(value, torch.Tensor):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, torch.dtype):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) > 2**53:
        return str(value)
    if not (value is None or isinstance(value, (bool, int, float, str))):
        raise TypeError(f'{value!r} is no value for JSON')
    return value


def outcome(code):
    env = {**globals(), **inputs(), 'no_grad': torch.no_grad, 'grad': torch.autograd.grad, 'ones': torch.ones}
    body = ast.parse(code.replace(' | ', '\n')).body
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        try:
            exec(compile(ast.Module(body[:-1], []), code, 'exec'), env)
            value = eval(compile(ast.Expression(body[-1].value), code, 'eval'), env)
        except Exception as thrown:
            return {'error': told(thrown)}
        return {'value': plain(value)}


def main():
    sections, lines = [], []
    for line in (HERE / 'tables.txt').read_text().splitlines():
        if line.startswith('# '):
            sections.append((line[2:], []))
        elif line.strip():
            name, _, code = line.partition(' ## ')
            sections[-1][1].append({'row': name, **outcome(code or name)})
    for title, rows in sections:
        assert len({row['row'] for row in rows}) == len(rows), f'a row twice in {title}'
        lines.append(f'{json.dumps(title)}: [\n' + ',\n'.join(json.dumps(row, ensure_ascii=False) for row in rows) + ']')
    (HERE / 'tables.json').write_text('{' + ',\n'.join(lines) + '}\n')
    print(sum(len(rows) for _, rows in sections), 'rows')


if __name__ == '__main__':
    main()
