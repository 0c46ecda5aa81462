"""What PyTorch 2.13's argument parser accepts and how it refuses. Run: python make_fixture.py

Writes fixture.json: { texts: [...], cases: [[target, args, kwargs, result], ...] }. A target is 'x.op' or 'torch.op';
in args, {"$": name} is one of the objects in OBJECTS and {"$int": digits} an integer beyond 2^53. A result is the name of
the ATen overload that the call reached, or [error class, index of its text in texts].
"""
import itertools
import json
import os
import random
import re
import warnings

import torch
from torch.utils._python_dispatch import TorchDispatchMode

OBJECTS = {
    'x': lambda: torch.ones(2, 3),
    'i0': lambda: torch.tensor(1),
    'i1': lambda: torch.tensor([1]),
    'f0': lambda: torch.tensor(1.0),
    'g0': lambda: torch.tensor(1.0, requires_grad=True),
    'P': lambda: torch.nn.Parameter(torch.ones(2)),
    'dtype': lambda: torch.float32,
    'fn': lambda: (lambda: 1),
    'dict': lambda: {'k': 1},
}
METHODS = '''add add_ sub mul mul_ div pow neg exp abs sum mean view reshape transpose permute select narrow unsqueeze squeeze
expand mm matmul clone detach fill_ copy_ t flatten requires_grad_ item clamp eq std'''.split()
FUNCTIONS = '''add sub mul div pow neg exp abs sum mean reshape transpose permute select narrow unsqueeze squeeze mm matmul
clone detach fill_ t flatten zeros ones full arange linspace eye zeros_like stack clamp eq std'''.split()
KEYWORDS = '''other alpha rounding_mode exponent dim axis keepdim dtype size shape dim0 dim1 dims index start length implicit
mat2 memory_format value non_blocking start_dim end_dim requires_grad fill_value end step steps n m input foo bar out
layout device pin_memory tensors min max correction unbiased x2 a'''.split()


def obj(name):
    return {'$': name}


def big(n):
    return {'$int': str(n)}


VALUES = [1, 0, 1.5, True, 'a', None, obj('x'), [1], [0, 1], [1.5], [], [1, 1.5], [0, 'a'], [0, None], ['a', 1],
          [obj('x')], [0, [1]], [True, 1], [0, True], obj('i0'), obj('i1'), obj('f0'), obj('g0'), obj('P'), obj('dtype'),
          obj('fn'), big(2**63), big(2**64), big(-2**63 - 1), [0, big(2**63)]]


def build(v):
    if isinstance(v, list):
        return [build(e) for e in v]
    if isinstance(v, dict):
        return int(v['$int']) if '$int' in v else OBJECTS[v['$']]()
    return v


class First(TorchDispatchMode):
    """Remembers the first ATen overload that runs."""
    name = None

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.name = self.name or str(func)
        return func(*args, **(kwargs or {}))


def call(target, args, kwargs):
    where, op = target.split('.')
    f = getattr(OBJECTS['x']() if where == 'x' else torch, op)
    args, kwargs = build(args), {k: build(v) for k, v in kwargs.items()}
    first = First()
    result = None
    with warnings.catch_warnings(record=True) as caught, first:
        try:
            f(*args, **kwargs)
        except Exception as e:
            result = refusal(e)
    # Taken by a deprecated overload, which we leave out.
    if any('is deprecated' in str(w.message) for w in caught):
        return None
    return result or first.name or ''


def refusal(e):
    """[class, text] of what the parser raised; None for an error from behind it."""
    text = re.sub(r'\nException raised from.*', '', str(e), flags=re.S)
    if text != str(e) and text.count('"') == 1:
        text += '"'
    # A direct call, x.exp(1), names the base class; our call through getattr names the instance's.
    text = re.sub(r'^Tensor(?=\.\w+\(\) takes no)', 'TensorBase', text)
    kind = type(e).__name__
    if kind in ('TypeError', 'OverflowError') or text.startswith('Overflow when'):
        if 'result type' not in text and 'aten::' not in text:
            return [kind, text]


def cases():
    rng = random.Random(2)
    for where, ops in (('x', METHODS), ('torch', FUNCTIONS)):
        for op in ops:
            target = f'{where}.{op}'
            lead = [] if where == 'x' or op in ('zeros', 'ones', 'full', 'arange', 'linspace', 'eye', 'stack') else [obj('x')]
            names = KEYWORDS
            doc = getattr(torch.Tensor if where == 'x' else torch, op).__doc__ or ''
            mine = [k for k in names if re.search(rf'\b{k}\b', doc.split('\n\n')[0] + doc[:200])] or ['dim']
            value = lambda: rng.choice(VALUES)
            yield target, [], {}
            for v in VALUES if where == 'x' else rng.sample(VALUES, 12):
                yield target, lead + [v], {}
            if lead:
                for v in rng.sample(VALUES, 4):
                    yield target, [v], {}
            for n in (2, 3, 4):
                for _ in range({2: 7, 3: 3, 4: 1}[n]):
                    yield target, lead + [value() for _ in range(n)], {}
            for _ in range(7):
                # A call that is nearly right: ints and tensors first, one keyword it knows or not.
                args = lead + [rng.choice([0, 1, obj('x'), [0], 1.5, value()]) for _ in range(rng.choice([0, 0, 1, 1, 2]))]
                kwargs = {}
                for _ in range(rng.choice([1, 1, 2])):
                    kwargs[rng.choice(mine) if rng.random() < 0.8 else rng.choice(names)] = value()
                yield target, args, kwargs
    extra = [
        ('x.add', [1, 2, 3], {}), ('x.add', [1], {'alpha': 2, 'bar': 3}), ('x.add', [1, 2, 3], {'foo': 4}),
        ('x.add', [1], {'foo': 2, 'bar': 3}), ('x.add', [obj('x')], {'other': 1}), ('x.mul', [], {'x2': 1}),
        ('x.sum', [1], {'dim': 1}), ('x.sum', [1], {'axis': 1}), ('x.sum', [], {'axis': 1, 'dim': 0}),
        ('x.sum', [], {'axis': 1, 'keepdims': True}), ('x.sum', [], {'keepdim': True}), ('x.sum', [1, True, 3], {}),
        ('x.sum', [obj('dict'), 1], {}), ('x.view', [2, 3], {'size': 1}), ('x.view', [2, 3], {}),
        ('x.expand', [2, 3], {'implicit': True, 'foo': 3}), ('x.expand', [2, 3], {'foo': 3, 'implicit': True}),
        ('x.narrow', [0], {'length': 1, 'foo': 'a'}), ('x.narrow', [], {'dim': 0, 'length': 1, 'start': 'a'}),
        ('x.narrow', [0, 0, 1], {}), ('x.narrow', [0, obj('i0'), 1], {}), ('x.std', [0, 1], {'correction': 0}),
        ('x.div', [2], {'rounding_mode': 'floor'}), ('x.div', [obj('x')], {'rounding_mode': None}),
        ('x.exp', [1, 2], {'a': 1}), ('x.item', [], {'a': 1}), ('x.transpose', [], {'dim1': 1, 'dim0': 0}),
        ('torch.exp', [], {'a': obj('x')}), ('torch.exp', [], {'x1': obj('x')}), ('torch.exp', [obj('x')], {'input': obj('x')}),
        ('torch.zeros', [2, 3], {'size': 2}), ('torch.zeros', [2, 3, 4], {'dtype': 1}), ('torch.zeros', [2, 1.5], {}),
        ('torch.zeros', [2, 3], {'requires_grad': None, 'pin_memory': None}), ('torch.zeros', [2], {'device': 1.5}),
        ('torch.full', [[2, 2], 1.5], {}), ('torch.full', [[2, 1.5], 1], {}), ('torch.full', [[2]], {}),
        ('torch.arange', [1], {'step': 2}), ('torch.arange', [1, 5, 2], {}), ('torch.arange', [1, 5], {}),
        ('torch.arange', [], {'start': 1, 'end': 3}), ('torch.arange', [1, 2, 3, 4], {}), ('torch.eye', [2], {'m': 3}),
        ('torch.linspace', [0, 1, 3], {}), ('torch.linspace', [0, obj('f0'), 3], {}), ('torch.linspace', [0, 1], {'steps': 'a'}),
        ('torch.stack', [[obj('x'), 1]], {}), ('torch.stack', [[obj('x'), obj('x')], 'a'], {}),
        ('torch.pow', [2, obj('x')], {}), ('torch.pow', [obj('x'), 2], {}), ('torch.sum', [obj('x'), 1, True, 2], {}),
    ]
    yield from extra


def main():
    torch.set_warn_always(True)
    texts, out, seen = {}, [], set()
    for target, args, kwargs in cases():
        key = json.dumps([target, args, kwargs])
        if key in seen:
            continue
        seen.add(key)
        result = call(target, args, kwargs)
        if result is None:
            continue
        if isinstance(result, list):
            result = [result[0], texts.setdefault(result[1], len(texts))]
        out.append([target, args, kwargs, result])
    lines = ',\n'.join(json.dumps(c, separators=(',', ':')) for c in out)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixture.json'), 'w') as f:
        f.write('{"torch":"%s","texts":%s,\n"cases":[\n%s\n]}\n' % (torch.__version__, json.dumps(list(texts), indent=0), lines))
    print(len(out), 'cases,', len(texts), 'texts')


main()
