"""Writes fixture.json: what PyTorch 2.13 makes of calls over every dtype, layout and shape.

    python make_fixture.py        in an environment with torch 2.13

A row is [input, op, args, kwargs, outcome]: the op is a method of the input, or with a leading '.' a function of torch.
In args {"$": name} is another input. An outcome is what came out, or the error's class and text.
"""

import json
import math
import pathlib
import warnings

import torch

assert torch.__version__.startswith('2.13'), torch.__version__
warnings.simplefilter('ignore')
inf, nan = math.inf, math.nan

F, D, I, J, B = torch.float32, torch.float64, torch.int32, torch.int64, torch.bool
BASE = [[1.5, -2.0, 0.25], [3.0, -2.0, 7.5]]


def of(dtype, data=BASE):
    return torch.tensor(data, dtype=torch.float64).to(dtype)


INPUTS = {
    **{f'm.{str(t)[6:]}': of(t) for t in (F, D, I, J, B)},
    't': of(F).t(),
    'stepped': torch.arange(24.).reshape(4, 6)[::2, ::3] - 6,
    'expanded': torch.tensor([[2.0], [5.0]]).expand(2, 3),
    's': torch.tensor(3.0),
    's.int64': torch.tensor(3),
    's.bool': torch.tensor(True),
    'one': torch.tensor([4.0]),
    'none': torch.zeros(0),
    'none.int64': torch.zeros(0, dtype=J),
    'none.bool': torch.zeros(0, dtype=B),
    'zero rows': torch.zeros(0, 3),
    'zero columns': torch.zeros(2, 0),
    'nan': torch.tensor([2.0, nan, -inf, inf, nan, 1.0]),
    'nans': torch.tensor([[1.0, nan, 3.0], [nan, nan, nan], [0.0, -0.0, 2.0]]),
    'ties': torch.tensor([3, 1, 3, 1, 2]),
    'large': torch.tensor([2**53 + 1, -(2**62), 2**53]),
    'cube': torch.arange(24.).reshape(2, 3, 4) % 7 - 2.5,
}


def plain(x):
    if isinstance(x, torch.Tensor):
        return {'values': plain(x.tolist()), 'dtype': str(x.dtype), 'shape': list(x.shape), 'stride': list(x.stride())}
    if isinstance(x, (tuple, list)):
        return [plain(item) for item in x]
    if isinstance(x, int) and not isinstance(x, bool) and abs(x) >= 2**53:
        return str(x)
    if isinstance(x, float) and not math.isfinite(x):
        return str(x)
    return x


def build(arg):
    if isinstance(arg, dict):
        return INPUTS[arg['$']]
    return [build(item) for item in arg] if isinstance(arg, list) else arg


def outcome(name, op, args, kwargs):
    x = INPUTS[name].clone() if op.endswith('_') else INPUTS[name]
    call = getattr(torch, op[1:]) if op[0] == '.' else getattr(x, op)
    first = (x,) if op[0] == '.' else ()
    try:
        return {'is': plain(call(*first, *build(list(args)), **{k: build(v) for k, v in kwargs.items()}))}
    except Exception as error:
        return {'error': f'{type(error).__name__}: {error}'.strip()}


def t(name):
    return {'$': name}


DIMS = [[], [0], [-1], [1, True], [5]]
KEEP = {'keepdim': True}
CALLS = [
    *[(op, args, {}) for op in ('amax', 'amin', 'all', 'any') for args in (*DIMS, [[0, 1]], [[]], [[0, 0]])],
    *[(op, args, {}) for op in ('max', 'min', 'median', 'nanmedian', 'argmax', 'argmin', 'prod') for args in DIMS],
    *[(op, [], KEEP) for op in ('argmax', 'amin', 'all', 'var')],
    *[('prod', args, {'dtype': d}) for args in ([], [0]) for d in ('float64', 'int32', 'int64')],
    *[(op, args, kw) for op in ('var', 'std') for args, kw in (
        ([], {}), ([0], {}), ([-1, False], {}), ([False], {}), ([], {'correction': 0.5}), ([[0, 1]], KEEP), ([None], {}),
        ([[]], {}), ([3], {}), ([0], {'correction': 7}))],
    *[('.var_mean', args, kw) for args, kw in (([], {}), ([0], {}), ([[0, -1]], KEEP), ([1], {'correction': 0}))],
    ('.std_mean', [0, False], {}),
    *[('sort', args, kw) for args, kw in (([], {}), ([0], {}), ([-1, True], {}), ([], {'stable': True, 'descending': True}), ([4], {}))],
    *[('argsort', args, {}) for args in ([], [0], [-1, True])],
    *[('count_nonzero', args, {}) for args in ([], [0], [[0, -1]])],
    *[(op, [], {}) for op in ('isnan', 'isinf', 'isfinite', 'signbit', 'logical_not')],
]
PAIRS = [('m.float32', 'm.float32'), ('m.float32', 's'), ('m.int64', 'm.float32'), ('m.int32', 's.int64'), ('m.bool', 'm.bool'),
         ('nans', 's'), ('t', 't'), ('m.int64', 'm.int64'), ('zero rows', 's'), ('m.float32', 't'), ('stepped', 'expanded'),
         ('m.float64', 'm.float64'), ('large', 's.int64')]
rows = [(x, *call) for call in CALLS for x in INPUTS]
rows += [(x, op, [t(y)], {}) for op in ('maximum', 'minimum', '.max', 'logical_or', 'logical_xor', 'allclose', 'isclose', 'equal', '.isin')
         for x, y in PAIRS]
rows += [('nans', 'allclose', [t('nans')], {'equal_nan': True}), ('m.float32', 'isclose', [t('stepped')], {'rtol': 1.0, 'atol': 0.5}),
         ('m.float32', 'isclose', [t('stepped')], {'rtol': -1.0}), ('m.bool', 'isclose', [t('m.bool')], {'rtol': 1})]
rows += [(x, '.isin', [3], kw) for x in ('m.float32', 'm.int64', 'none', 's') for kw in ({}, {'invert': True})]
MODES = [{'rounding_mode': m} for m in (None, 'trunc', 'floor')]
rows += [(x, 'div', [y], kw) for x in INPUTS for y in (2, -2, 0.75, -1, 0, True) for kw in MODES]
rows += [(x, 'div', [t(y)], kw) for x, y in (*PAIRS, ('m.int64', 't'), ('cube', 's'), ('none', 'none.int64'), ('s.int64', 'm.int32'),
                                             ('none.int64', 's.bool'), ('nan', 'one')) for kw in MODES]
rows += [(x, op, [y], kw) for x in ('m.float32', 'm.int64', 'm.int32', 'm.bool', 'm.float64') for op in ('div_',) for y in (2, 2.5, 0) for kw in MODES]
rows += [(x, 'logit', args, {}) for x in INPUTS for args in ([], [0.25], [1])]
rows += [(x, 'logit_', [0.125], {}) for x in ('m.float32', 'm.float64', 'm.int64')]
ASK = [{}, {'return_inverse': True}, {'return_counts': True, 'return_inverse': True}, {'return_counts': True, 'return_inverse': True, 'dim': 0},
       {'dim': -1}, {'dim': 4}]
rows += [(x, op, [], kw) for x in ('ties', 'nans', 'm.float32', 'm.bool', 'none', 't', 'large', 'cube', 's', 'zero rows')
         for op in ('unique', 'unique_consecutive', '.unique') for kw in ASK]
rows += [(x, op, [True, True], {}) for x in ('ties', 'm.float32', 'none') for op in ('._unique', '._unique2')]
INPUTS['sorted'] = torch.tensor([-2.0, 0.25, 3.0, 3.0, nan])
INPUTS['sorted rows'] = torch.tensor([[1, 3, 5], [2, 2, 8]])
rows += [('sorted', '.searchsorted', [v], kw) for v in (3, 2.5, t('m.float32'), t('nans'), t('s'), t('m.int64'), t('none'))
         for kw in ({}, {'right': True}, {'side': 'right', 'out_int32': True})]
rows += [('sorted rows', '.searchsorted', [v], {}) for v in (3, t('m.int64'), t('s'), t('ties'), t('sorted rows'))]
rows += [('sorted', '.searchsorted', [3], {'side': 'left', 'right': True}), ('sorted', '.searchsorted', [3], {'side': 'x'})]
rows += [(x, '.bucketize', [t('sorted')], kw) for x in ('m.float32', 's', 'm.int32') for kw in ({}, {'right': True})]
rows += [('m.float32', '.bucketize', [t('sorted rows')], {})]

# The order of nan among slices, and the index of a median among equals, are accidents there.
rows = [row for row in rows if not (row[0] == 'nans' and 'dim' in row[3] and 'unique' in row[1])
        and not (row[0] == 'expanded' and 'median' in row[1])]

out = []
for name, op, args, kwargs in rows:
    real = {k: getattr(torch, v) if k == 'dtype' else v for k, v in kwargs.items()}
    out.append([name, op, args, kwargs, outcome(name, op, args, real)])

fixture = {'inputs': {k: plain(v) for k, v in INPUTS.items()}}
lines = ',\n'.join('    ' + json.dumps(row) for row in out)
target = pathlib.Path(__file__).with_name('fixture.json')
target.write_text('{\n  "inputs": ' + json.dumps(fixture['inputs']) + ',\n  "rows": [\n' + lines + '\n  ]\n}\n')
print(len(out), 'rows')
