"""Records how NumPy 2.4 prints arrays: python3 make_repr_fixture.py. A case: [dtype, shape, data, repr, str]; data is a flat
list (nan, inf and -0 as strings) or 'arange' or 'thirds' for arrays too large to list."""
import json
import math
import random
from pathlib import Path

import numpy as np

random.seed(9)
SHAPES = [(), (1,), (2,), (3,), (5,), (12,), (30,), (1, 1), (2, 3), (3, 1), (4, 7), (2, 2, 2), (1, 3, 2), (2, 1, 2, 3), (2, 20), (60,)]
EMPTY = [(0,), (0, 3), (2, 0), (1, 0, 2)]
LARGE = [(1001,), (2000,), (40, 30), (3, 400), (8, 12, 11), (1000,), (7, 7, 21), (2, 2, 300), (1100, 1)]


def numbers(kind, n):
    if kind == 'small ints':
        return [float(random.randint(-9, 9)) for _ in range(n)]
    if kind == 'tenths':
        return [random.randint(-99, 99) / 10 for _ in range(n)]
    if kind == 'uniform':
        return [random.uniform(-1, 1) for _ in range(n)]
    if kind == 'wide':
        return [random.uniform(-1, 1) * 10 ** random.randint(-6, 6) for _ in range(n)]
    if kind == 'large':
        return [random.uniform(1, 9) * 10 ** random.randint(5, 9) for _ in range(n)]
    if kind == 'huge':
        return [random.uniform(-9, 9) * 10.0 ** random.randint(-30, 30) for _ in range(n)]
    if kind == 'thousands':
        return [random.uniform(1, 1000) for _ in range(n)]
    if kind == 'special':
        return [random.choice([math.nan, math.inf, -math.inf, 0.0, -0.0, 1.5, -2.25, 1e-5]) for _ in range(n)]
    if kind == 'nan only':
        return [random.choice([math.nan, math.inf]) for _ in range(n)]
    if kind == 'negative inf':
        return [random.choice([-math.inf, 1.0]) for _ in range(n)]
    return [random.choice([0.1, 1 / 3, 2 / 3, 1e8, 99999999.0, 1e-4, 0.00012345, 123456.789, 999999.5, 1e6, 1000.5, 16777216.0, 0.5]) for _ in range(n)]


KINDS = ['small ints', 'tenths', 'uniform', 'wide', 'large', 'huge', 'thousands', 'special', 'nan only', 'negative inf', 'edges']


def said(value):
    if isinstance(value, float) and (not math.isfinite(value) or (value == 0 and math.copysign(1, value) < 0)):
        return str(value)
    return value


cases = []


def case(dtype, shape, data, array):
    array = array.astype(dtype).reshape(shape)
    listed = data if isinstance(data, str) else [said(v) for v in array.ravel().tolist()]
    cases.append([dtype, list(shape), listed, repr(array), str(array)])


for dtype in ['float64', 'float32']:
    for kind in KINDS:
        for shape in random.sample(SHAPES, 7):
            with np.errstate(all='ignore'):
                case(dtype, shape, None, np.array(numbers(kind, int(np.prod(shape)))))
for dtype in ['int64', 'int32']:
    for shape in SHAPES:
        n = int(np.prod(shape))
        case(dtype, shape, None, np.array([random.randint(-9, 9) for _ in range(n)], 'int64'))
        case(dtype, shape, None, np.array([random.randint(-10 ** random.randint(1, 9), 10 ** 5) for _ in range(n)], 'int64'))
for shape in SHAPES:
    case('bool', shape, None, np.array([random.random() < 0.5 for _ in range(int(np.prod(shape)))]))
case('bool', (3,), None, np.array([True] * 3))
for dtype in ['float64', 'float32', 'int64', 'int32', 'bool']:
    for shape in EMPTY:
        case(dtype, shape, None, np.zeros(shape))
for dtype in ['float64', 'float32', 'int64', 'int32', 'bool']:
    for shape in LARGE:
        case(dtype, shape, 'arange', np.arange(int(np.prod(shape))))
        if dtype.startswith('float'):
            case(dtype, shape, 'thirds', np.arange(int(np.prod(shape))) / 3)
scalars = [[d, said(float(v)), repr(np.dtype(d).type(v)), str(np.dtype(d).type(v))] for d in ['float64', 'float32']
           for v in [0.1, -0.0, 1e-4, 9.9e-5, 1e16, 1e15, 123456.7, 1e6, 999999.9, math.nan, -math.inf, 1 / 3, 2.0, 1e300, 5e-324, 16777217.0]
           if not (d == 'float32' and v == 1e300)]
with open(Path(__file__).parent / 'repr.json', 'w') as file:
    file.write('{\n"arrays": [\n' + ',\n'.join(json.dumps(c) for c in cases) + '\n],\n"scalars": [\n' + ',\n'.join(json.dumps(c) for c in scalars) + '\n]\n}\n')
print(len(cases), len(scalars))
