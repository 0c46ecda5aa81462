"""PyTorch 2.13's repr of many tensors. Run: python make_fixture.py; writes fixture.json.

Cases: [dtype, shape, data, options, suffix, repr]. data: the flat values ('nan', 'inf', '-inf' and '-0' as strings, float32
widened), or "arange" / "thirds" for tensors too big to list: element i is i, or i / 3 rounded to the dtype.
suffix: null, "leaf" or the grad_fn's name.
"""
import json
import math
import os
import random

import torch

rng = random.Random(5)
NUMBERS = [0.125, 0.375, 2.5, 0.00005, 1.00005, 0.5, 1e-4, 1e8, 1.5e8, 1000.0, 1001.0, 1e21, 1.5e22, 3.4e38, 1e-45, 0.1, 1 / 3,
           123456.789, 99999.99995, 9.99995, 65537.0, 12345.0, 0.99995, 2.0 ** 60, 4503599627370497.5, 5.0, 50.0, 25.0]
SPECIAL = [0.0, -0.0, math.nan, math.inf, -math.inf]
SHAPES = [[], [1], [2], [3], [7], [9], [12], [20], [1, 1], [2, 3], [3, 1], [5, 6], [2, 2, 2], [1, 2, 3], [2, 1, 2, 2], [2, 9],
          [1, 1, 1, 1, 2], [26], [4, 11]]
EMPTY = [[0], [0, 3], [2, 0], [1, 0, 2]]
BIG = [[1001], [1000], [40, 30], [7, 8, 19], [3, 400], [2, 2, 2, 200], [1100, 1], [6, 6, 7, 5]]
OPTIONS = [{'precision': 2}, {'precision': 0}, {'precision': 8}, {'precision': 1, 'sci_mode': True}, {'sci_mode': False},
           {'sci_mode': True}, {'linewidth': 40}, {'linewidth': 120}, {'threshold': 5}, {'threshold': 5, 'edgeitems': 1},
           {'threshold': 3, 'edgeitems': 2, 'linewidth': 30}, {'edgeitems': 0, 'threshold': 2}, {'edgeitems': 0},
           {'profile': 'short'}, {'profile': 'full'}, {'profile': 'short', 'precision': 3}, {'linewidth': 5}]


def floats(n):
    kind = rng.randrange(8)
    if kind == 0:
        v = [rng.gauss(0, 1) for _ in range(n)]
    elif kind == 1:
        v = [float(rng.randint(-10 ** rng.randint(1, 9), 10 ** rng.randint(1, 9))) for _ in range(n)]
    elif kind == 2:
        v = [rng.gauss(0, 1) * 10 ** rng.uniform(-6, 9) for _ in range(n)]
    elif kind == 3:
        v = [rng.choice(NUMBERS) * rng.choice([1, -1]) for _ in range(n)]
    elif kind == 4:
        v = [rng.choice(SPECIAL) for _ in range(n)]
    elif kind == 5:
        v = [rng.randint(-999, 999) / rng.choice([2, 4, 8, 16, 32, 1024]) for _ in range(n)]
    elif kind == 6:
        s = 10 ** rng.uniform(-5, 8)
        v = [rng.uniform(-1, 1) * s for _ in range(n)]
    else:
        v = [rng.choice([1.0, 2.0, 3.0]) for _ in range(n)]
    return [rng.choice(SPECIAL) if rng.random() < 0.08 else x for x in v]


def data_of(dtype, n):
    if dtype == torch.bool:
        return [rng.random() < 0.5 for _ in range(n)]
    if dtype in (torch.int32, torch.int64):
        m = 10 ** rng.randint(0, 9 if dtype == torch.int32 else 18)
        return [rng.randint(-m, m) for _ in range(n)]
    return floats(n)


def encode(v):
    if isinstance(v, float):
        if math.isnan(v) or math.isinf(v):
            return str(v)
        if v == 0 and math.copysign(1, v) < 0:
            return '-0'
        return int(v) if v == int(v) and abs(v) < 2 ** 53 else v
    return str(v) if not isinstance(v, bool) and abs(v) >= 2 ** 53 else v


def text_of(t, options):
    torch.set_printoptions(profile='default')
    torch.set_printoptions(**options)
    return repr(t)


def main():
    out = []

    def case(t, data, options, suffix):
        if suffix == 'leaf':
            t.requires_grad_()
        elif suffix:
            t.requires_grad_()
            t = {'MulBackward0': lambda: t * 1, 'CloneBackward0': lambda: t.clone(),
                 'AliasBackward0': lambda: torch.ops.aten.alias(t)}[suffix]()
        out.append([str(t.dtype)[6:], list(t.shape), data, options, suffix, text_of(t, options)])

    dtypes = [torch.float32] * 4 + [torch.float64] * 3 + [torch.int64, torch.int64, torch.int32, torch.bool]
    suffixes = [None, None, None, 'leaf', 'MulBackward0', 'CloneBackward0', 'AliasBackward0']
    for i in range(800):
        dtype, shape = rng.choice(dtypes), rng.choice(EMPTY if i % 60 == 0 else SHAPES)
        t = torch.tensor(data_of(dtype, math.prod(shape)), dtype=dtype).reshape(shape)
        suffix = rng.choice(suffixes) if dtype.is_floating_point else None
        case(t, [encode(v) for v in t.flatten().tolist()], rng.choice(OPTIONS) if i % 3 == 0 else {}, suffix)
    for shape in BIG:
        for dtype in (torch.float32, torch.float64, torch.int64, torch.int32):
            for data in ('arange', 'thirds') if dtype.is_floating_point else ('arange',):
                options = rng.choice([{}, {}] + [o for o in OPTIONS if o.get('profile') != 'full' and o.get('linewidth') != 5])
                t = torch.arange(math.prod(shape), dtype=dtype)
                t = (t / 3 if data == 'thirds' else t).reshape(shape)
                case(t, data, options, rng.choice(suffixes) if dtype.is_floating_point else None)
    for v in NUMBERS + SPECIAL:
        for dtype in (torch.float32, torch.float64):
            for options in ({}, {'sci_mode': True}, {'sci_mode': False}, {'precision': 0}):
                t = torch.tensor(v, dtype=dtype)
                case(t, [encode(t.item())], options, None)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'fixture.json'), 'w') as f:
        f.write('{"torch":"%s","cases":[\n' % torch.__version__)
        f.write(',\n'.join(json.dumps(c, separators=(',', ':')) for c in out) + '\n]}\n')
    print(len(out), 'cases')


main()
