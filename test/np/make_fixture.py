"""Records what NumPy 2.4 answers: python3 make_fixture.py (any Python with numpy 2.4 and torch 2.13).

A case is written once and said twice, as Python runs it here and as JavaScript runs it in np.test.ts:
[JavaScript, outcome]. `a` and `b` are the arrays of a case; an outcome says the result, how it lies in memory, whose
memory it shows, what `a` holds afterwards if that changed, and the warnings.
"""
import json
import math
import random
import re
import warnings
from pathlib import Path

import numpy as np
import torch

random.seed(4)
# Warnings about how PyTorch implements NumPy's protocols.
NOT_NUMPYS = '__array|extremely slow'
here = Path(__file__).parent


def js(value):
    """A Python value as JavaScript text."""
    if value is None:
        return 'null'
    if value is True or value is False:
        return str(value).lower()
    if value is Ellipsis:
        return "'...'"
    if isinstance(value, slice):
        part = lambda x: '' if x is None else str(x)
        text = f'{part(value.start)}:{part(value.stop)}'
        return f"'{text}'" if value.step is None else f"'{text}:{value.step}'"
    if isinstance(value, float):
        if math.isnan(value):
            return 'NaN'
        if math.isinf(value):
            return 'Infinity' if value > 0 else '-Infinity'
        return repr(value)
    if isinstance(value, (list, tuple)):
        return '[' + ', '.join(js(v) for v in value) + ']'
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, np.ndarray):
        return f"np.array({js(value.tolist())}, '{value.dtype}')"
    if isinstance(value, np.generic):
        return f"np.{value.dtype}({js(value.item())})"
    if isinstance(value, int) and abs(value) >= 2**53:
        return f'{value}n'
    return str(value)


def py(value):
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()}, '{value.dtype}')"
    if isinstance(value, np.generic):
        return f"np.{value.dtype}({value.item()})"
    return repr(value)


def plain(value):
    """JSON has no nan."""
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, float) and (not math.isfinite(value) or (value == 0 and math.copysign(1, value) < 0)):
        return str(value)
    return value


def shown(value, a, b):
    if isinstance(value, np.ndarray):
        base = 'own' if value.base is None else 'a' if value.base is a else 'b' if value.base is b else 'other'
        if value is a:
            return 'a itself'
        # Of an array without elements the strides tell nothing: NumPy has zeros, here they are those of its shape.
        # Nor do they of a dimension of size one.
        strides = [s if n > 1 else 0 for n, s in zip(value.shape, value.strides)] if value.size else None
        return [plain(value.tolist()), str(value.dtype), list(value.shape), strides, base]
    if isinstance(value, torch.Tensor):
        return str(value)
    if isinstance(value, np.generic):
        return repr(value)
    if isinstance(value, tuple) and value and isinstance(value[0], np.ndarray):
        return [shown(v, a, b) for v in value]
    if isinstance(value, (list, tuple)):
        return plain(list(value))
    return plain(value)


def outcome(make_a, make_b, program):
    """Runs Python text: an expression, or statements that set `r`."""
    names = {'np': np, 'torch': torch, 'nan': math.nan, 'inf': math.inf}
    names['a'] = a = eval(make_a, names) if make_a else None
    names['b'] = b = eval(make_b, names) if make_b else None
    before = plain(a.tolist()) if isinstance(a, np.ndarray) else None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter('always')
        try:
            if program.startswith('!'):
                exec(program[1:], names)
                value = names['a']
            else:
                value = eval(program, names)
            said = {'is': shown(value, a, b)}
        except Exception as error:
            name = type(error).__name__
            said = {'error': f"{'UFuncTypeError' if name.startswith('_UFunc') else name}: {error}"}
    after = plain(a.tolist()) if isinstance(a, np.ndarray) else None
    if after != before:
        said['a'] = after
    said_of = [f'{w.category.__name__}: {w.message}' for w in caught if not re.search(NOT_NUMPYS, str(w.message))]
    if said_of:
        said['warns'] = said_of
    return said


cases = {}


def case(group, make_a, make_b, program, text):
    """make_a, make_b: (Python, JavaScript) of the arrays, or None."""
    said = outcome(make_a and make_a[0], make_b and make_b[0], program)
    cases.setdefault(group, []).append([make_a and make_a[1], make_b and make_b[1], text, said])


FLOATS = [0.5, -1.5, 2.25, 0.0, 3.0, -0.25, 7.5, 1.0, -4.0, 0.125, 5.5, -2.0]
INTS = [3, -1, 0, 7, 2, -5, 4, 1, -8, 6, 9, -3]
DTYPES = ['float64', 'float32', 'int64', 'int32', 'bool']


def values(dtype, n, start=0):
    source = FLOATS if dtype.startswith('float') else INTS if dtype.startswith('int') else [True, False, False, True, True]
    return [source[(start + i) % len(source)] for i in range(n)]


VIEWS = [('', ''), ('', ''), ('.T', '.T'), ('[::-1]', ".at('::-1')"), ('[..., ::-2]', ".at('...', '::-2')"), ('[1:]', ".at('1:')")]


def array(dtype, shape, start=0, view=None):
    """(Python, JavaScript) of an array, perhaps of a view of one."""
    n = int(np.prod(shape))
    data = values(dtype, n, start)
    list_py, list_js = str(data), js(data)
    shape_py = str(tuple(shape))
    view = ('', '') if view is None else view
    flat = len(shape) == 1
    return (
        f"np.array({list_py}, '{dtype}'){'' if flat else f'.reshape({shape_py})'}{view[0]}",
        f"np.array({list_js}, '{dtype}'){'' if flat else f'.reshape({js(list(shape))})'}{view[1]}",
    )


OPERATORS = {'add': '+', 'sub': '-', 'mul': '*', 'truediv': '/', 'floordiv': '//', 'mod': '%', 'pow': '**', 'and': '&',
             'or': '|', 'xor': '^', 'eq': '==', 'ne': '!=', 'lt': '<', 'le': '<=', 'gt': '>', 'ge': '>='}
LACKING = ('float16', 'int8"', 'int8)', 'uint', '"object"', 'dtype=object', '"<U')


def has_dtype(said):
    """Leaves out what NumPy computes in a dtype that is not there."""
    return not any(word in json.dumps(said) for word in LACKING)


# Operators: dtypes x operands
for name, sign in OPERATORS.items():
    for i, d1 in enumerate(DTYPES):
        for d2 in DTYPES:
            if (i + DTYPES.index(d2) + len(name)) % 2 and d1 != d2:
                continue
            shapes = random.choice([((4,), (4,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((3, 2), ())])
            a, b = array(d1, shapes[0], 1), array(d2, shapes[1], 3)
            case('operators', a, b, f'a {sign} b', f'a.{name}(b)')
        for number in [2, 1.5, True, -3, 0]:
            if random.random() < 0.55:
                case('operators', array(d1, (3,), 2, random.choice(VIEWS)), None, f'a {sign} {number}', f'a.{name}({js(number)})')
        for scalar in [np.float32(0.5), np.int32(2), np.float64(1.5)]:
            if random.random() < 0.3:
                case('operators', array(d1, (2, 2), 1, random.choice(VIEWS)), None, f'a {sign} {py(scalar)}', f'a.{name}({js(scalar)})')

# In place
for name in ['add', 'sub', 'mul', 'truediv', 'floordiv', 'mod', 'pow', 'and', 'or', 'xor']:
    for d1 in DTYPES:
        for other in [2, 1.5, True, array(random.choice(DTYPES), (3,), 4), array(d1, (2, 3), 5), [1, 2, 3]]:
            if random.random() < 0.6:
                continue
            view = random.choice(VIEWS[:1] + VIEWS[3:4])
            a = array(d1, (3,), 1, view)
            if isinstance(other, tuple):
                case('in place', a, other, f'!a {OPERATORS[name]}= b', f'a.i{name}_(b)')
            else:
                case('in place', a, None, f'!a {OPERATORS[name]}= {other}', f'a.i{name}_({js(other)})')

# Ufuncs: out, where, dtype, casting, and those of one operand
for name in ['add', 'multiply', 'divide', 'maximum', 'less', 'logical_or', 'logical_xor', 'floor_divide', 'remainder']:
    for d1, d2, d3 in [('float64', 'int64', 'float64'), ('int32', 'int32', 'int64'), ('float32', 'float64', 'float32'),
                       ('int64', 'float64', 'int64'), ('bool', 'int32', 'float32'), ('float64', 'float64', 'bool')]:
        b = array(d2, (3,), 2)
        case('ufuncs', array(d1, (2, 3), 1), b, f"np.{name}(a, b, out=np.ones((2, 3), '{d3}'))", f"np.{name}(a, b, {{ out: np.ones([2, 3], '{d3}') }})")
        case('ufuncs', array(d1, (3,), 1), b, f"np.{name}(a, b, out=a, where=[True, False, True])", f"np.{name}(a, b, {{ out: a, where: [true, false, true] }})")
        case('ufuncs', array(d1, (3,), 1), b, f"np.{name}(a, b, out=np.ones(2, '{d3}'))", f"np.{name}(a, b, {{ out: np.ones(2, '{d3}') }})")
        if name in ('add', 'multiply', 'divide'):
            case('ufuncs', array(d1, (3,), 1), b, f"np.{name}(a, b, dtype='{d3}')", f"np.{name}(a, b, {{ dtype: '{d3}' }})")
            case('ufuncs', array(d1, (3,), 1), b, f"np.{name}(a, b, out=a, casting='unsafe')", f"np.{name}(a, b, {{ out: a, casting: 'unsafe' }})")
            case('ufuncs', array(d1, (3,), 1), b, f"np.{name}(a, b, out=np.ones(3, '{d3}'), casting='safe')", f"np.{name}(a, b, {{ out: np.ones(3, '{d3}'), casting: 'safe' }})")
for name in ['negative', 'absolute', 'sign', 'sqrt', 'exp', 'log', 'sin', 'cos', 'tanh', 'square', 'invert', 'logical_not']:
    for dtype in DTYPES:
        case('ufuncs', array(dtype, (2, 3), 1, random.choice(VIEWS)), None, f'np.{name}(a)', f'np.{name}(a)')
    if name not in ('log', 'exp', 'sin', 'cos', 'tanh'):
        case('ufuncs', None, None, f'np.{name}(3)', f'np.{name}(3)')
for program in [
    "np.add(a[1:], a[:-1], out=a[1:])", "np.add(a, a[::-1], out=a)", "np.multiply(a, 2, out=a[::-1])",
    "np.subtract(a[::2], a[1::2], out=a[:3])", "np.add(a, 1, out=(a,))",
]:
    text = program
    for p, j in [('a[1:]', "a.at('1:')"), ('a[:-1]', "a.at(':-1')"), ('a[::-1]', "a.at('::-1')"), ('a[::2]', "a.at('::2')"),
                 ('a[1::2]', "a.at('1::2')"), ('a[:3]', "a.at(':3')"), ('(a,)', '[a]')]:
        text = text.replace(p, j)
    if 'out=' in text:
        head, out = text[:-1].split(', out=')
        text = f'{head}, {{ out: {out} }})'
    for dtype in ['int64', 'float32']:
        case('ufuncs', array(dtype, (6,), 1), None, program, text)

# Reductions
for name in ['sum', 'prod', 'max', 'min', 'any', 'all', 'mean', 'var', 'std', 'argmax', 'argmin', 'cumsum']:
    for dtype in DTYPES:
        for shape, view in [((6,), VIEWS[0]), ((2, 3), VIEWS[2]), ((3, 4), VIEWS[4]), ((2, 3, 2), VIEWS[3]), ((), VIEWS[0]), ((0, 3), VIEWS[0])]:
            if random.random() < 0.35:
                continue
            axes = [None, 0, -1, 1, 5, (0, 1), (0, -1), (0, 0)]
            axis = random.choice(axes[:4] if name in ('argmax', 'argmin', 'cumsum') else axes)
            keep = random.random() < 0.3 and name != 'cumsum'
            a = array(dtype, shape, 2, view)
            said = f'axis={axis}' + (', keepdims=True' if keep else '')
            options = f'axis: {js(axis)}' + (', keepdims: true' if keep else '')
            case('reductions', a, None, f'a.{name}({said})', f'a.{name}({{ {options} }})')
long = [(i * 7919 % 1000 - 500) / 7 * [0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0][i % 7] for i in range(300)]
for dtype in ['float32', 'float64']:
    for py_axis, program in [('', 'a.sum()'), ('', 'a.reshape(3, 100).sum(axis=0)'), ('', 'a.reshape(3, 100).sum(axis=1)'),
                             ('', 'a[::-1].sum()'), ('', 'a[::3].mean()'), ('', 'a.var()'), ('', 'a.reshape(10, 30).T.sum(axis=0)'),
                             ('', 'a.reshape(10, 30).T.sum()'), ('', 'a.reshape(5, 6, 10).sum(axis=(0, 2))'), ('', 'a.cumsum()[-1]'),
                             ('', 'a.prod()')]:
        text = (program.replace('axis=(0, 2)', '[0, 2]').replace('axis=', '').replace('[::-1]', ".at('::-1')")
                .replace('[::3]', ".at('::3')").replace('()[-1]', '().at(-1)'))
        case('reductions', (f"np.array({long}, '{dtype}')", f"long('{dtype}')"), None, program, text)

# Indexing
def random_slice(size):
    part = lambda: random.choice([None, None, random.randint(-size - 2, size + 2)])
    return slice(part(), part(), random.choice([None, None, 1, 2, -1, -2, 3]))


def random_key(shape):
    keys, left, axis = [], len(shape), 0
    fancy = random.random() < 0.55
    while axis < len(shape):
        kind = random.random()
        size = shape[axis]
        if kind < 0.1:
            keys.append(None)
            continue
        if kind < 0.15 and Ellipsis not in keys:
            keys.append(Ellipsis)
            axis += random.randint(0, len(shape) - axis)
            continue
        if kind < 0.35:
            keys.append(random.randint(-size - (random.random() < 0.05), max(size - 1, 0)))
        elif kind < 0.7 or not fancy:
            keys.append(random_slice(size))
        elif kind < 0.9:
            n = random.choice([1, 2, 2, 3])
            index = [random.randint(-size, size - 1 + (random.random() < 0.03)) for _ in range(n)] if size else []
            keys.append(index if random.random() < 0.6 else np.array(index, 'int64') if random.random() < 0.7 else np.array([index, index[::-1]], 'int32'))
        else:
            keys.append(np.array([random.random() < 0.5 for _ in range(size + (random.random() < 0.05))], 'bool'))
        axis += 1
        if random.random() < 0.15:
            break
    if random.random() < 0.05:
        keys.append(0)
    return keys


for turn in range(420):
    shape = random.choice([(5,), (3, 4), (2, 3, 4), (4, 1, 2), (0, 3), (6,), (3, 3)])
    a = array(random.choice(DTYPES), shape, turn, random.choice(VIEWS))
    actual = eval(a[0], {'np': np})
    keys = random_key(actual.shape)
    py_keys = '(' + ''.join(py(k) + ',' for k in keys) + ')'
    js_keys = ', '.join(js(k) for k in keys)
    if turn % 2:
        case('indexing', a, None, f'a[{py_keys}]', f'a.at({js_keys})')
        continue
    try:
        picked = actual[tuple(keys)].shape
    except Exception:
        picked = (2,)
    kind = random.random()
    if kind < 0.35:
        value = random.choice([7, 1.5, True, 0])
        case('indexing', a, None, f'!a[{py_keys}] = {value}', f'a.set_at_([{js_keys}], {js(value)})')
    else:
        target = [n for n in picked]
        if target and random.random() < 0.3:
            target[random.randrange(len(target))] = random.choice([1, 2, 3])
        if target and random.random() < 0.25:
            target = target[1:]
        if random.random() < 0.1:
            target = [1] + target
        b = array(random.choice(DTYPES), tuple(target), 3)
        case('indexing', a, b, f'!a[{py_keys}] = b', f'a.set_at_([{js_keys}], b)')

# Masks of the whole array, arrays as indices, lone keys
for program, text in [
    ('a[a > 1]', 'a.at(a.gt(1))'), ('a[np.array(1)]', 'a.at(np.array(1))'), ('a[[]]', 'a.at([])'), ('a[True]', 'a.at(true)'),
    ('a[False]', 'a.at(false)'), ('a[None]', 'a.at(null)'), ('a[...]', "a.at('...')"), ('a[()]', 'a.at()'), ('a[1.5]', 'a.at(1.5)'),
    ('a[[1.5]]', 'a.at([1.5])'), ('a[np.array([1.5])]', 'a.at(np.array([1.5]))'), ('a[0, 0, 0, 0]', 'a.at(0, 0, 0, 0)'),
    ('a[..., ...]', "a.at('...', '...')"), ('a[::0]', "a.at('::0')"), ('a[[[0, 1], [1, 0]]]', 'a.at([[0, 1], [1, 0]])'),
    ('a[np.int64(1)]', 'a.at(np.int64(1))'), ('a[np.True_]', 'a.at(np.bool(true))'), ('a[99]', 'a.at(99)'), ('a[-99]', 'a.at(-99)'),
    ('a[[0, 99]]', 'a.at([0, 99])'), ('a[[True, False]]', 'a.at([true, false])'), ('a[np.float64(1)]', 'a.at(np.float64(1))'),
    ('!a[a > 1] = 0', 'a.set_at_([a.gt(1)], 0)'), ('!a[a > 1] = [1, 2, 3, 4, 5, 6, 7]', 'a.set_at_([a.gt(1)], [1, 2, 3, 4, 5, 6, 7])'),
    ('!a[...] = 2', "a.set_at_('...', 2)"), ('!a[:] = [[1], [2]]', "a.set_at_(':', [[1], [2]])"), ("!a[0] = 'x'", "a.set_at_(0, 'x')"),
    ('!a[0] = nan', 'a.set_at_(0, NaN)'), ('!a[:] = [nan, 1.5, 2.5]', "a.set_at_(':', [NaN, 1.5, 2.5])"), ('!a[0] = inf', 'a.set_at_(0, Infinity)'),
    ('!a[:] = np.array(nan)', "a.set_at_(':', np.array(NaN))"), ('!a[0] = 3000000000', 'a.set_at_(0, 3000000000)'),
    ('!a[0] = 1.75', 'a.set_at_(0, 1.75)'), ('!a[()] = 5', 'a.set_at_([], 5)'), ('!a[::-1] = a', "a.set_at_('::-1', a)"),
    ('!a[1:] = a[:-1]', "a.set_at_('1:', a.at(':-1'))"), ('!a[[0, 0]] = 5', 'a.set_at_([[0, 0]], 5)'), ('!a[0] = None', 'a.set_at_(0, null)'),
    ('!a[a < 0] += 10', 'a.set_at_([a.lt(0)], a.at(a.lt(0)).add(10))'),
]:
    for dtype in DTYPES:
        for shape in [(3,), (2, 3), ()]:
            if random.random() < 0.55:
                case('indexing', array(dtype, shape, 1), None, program, text)

# Shapes
SHAPE_PROGRAMS = [
    ('a.reshape(-1)', 'a.reshape(-1)'), ('a.reshape(2, -1)', 'a.reshape(2, -1)'), ('a.reshape(3, 1, -1)', 'a.reshape([3, 1, -1])'),
    ('a.reshape(4, 4)', 'a.reshape(4, 4)'), ('a.reshape(-1, -1)', 'a.reshape(-1, -1)'), ('a.reshape(5, -1)', 'a.reshape(5, -1)'),
    ('a.reshape(1, -1, 1)', 'a.reshape(1, -1, 1)'), ('a.reshape(a.shape)', 'a.reshape(a.shape)'), ('a.ravel()', 'a.ravel()'), ('a.flatten()', 'a.flatten()'),
    ('a.T', 'a.T'), ('a.transpose()', 'a.transpose()'), ('a.transpose(1, 0)', 'a.transpose(1, 0)'), ('a.transpose(0, 0)', 'a.transpose(0, 0)'),
    ('a.transpose((1, 0))', 'a.transpose([1, 0])'), ('a.transpose(5, 1)', 'a.transpose(5, 1)'), ('a.swapaxes(0, -1)', 'a.swapaxes(0, -1)'),
    ('a.squeeze()', 'a.squeeze()'), ('a.squeeze(0)', 'a.squeeze(0)'), ('a.squeeze(7)', 'a.squeeze(7)'), ('a.copy()', 'a.copy()'),
    ('a.view()', 'a.view()'), ("a.view('int32')", "a.view('int32')"), ("a.view('float64')", "a.view('float64')"), ("a.view('bool')", "a.view('bool')"),
    ("a.astype('int32')", "a.astype('int32')"), ("a.astype('float32', casting='safe')", "a.astype('float32', { casting: 'safe' })"),
    ("a.astype('bool')", "a.astype('bool')"), ("a.astype('float64', copy=False)", "a.astype('float64', { copy: false })"), ('np.array(a)', 'np.array(a)'),
    ('np.asarray(a)', 'np.asarray(a)'), ("np.array(a, dtype='int64', copy=False)", "np.array(a, { dtype: 'int64', copy: false })"), ('np.zeros_like(a)', 'np.zeros_like(a)'),
    ("np.ones_like(a, dtype='int32')", "np.ones_like(a, { dtype: 'int32' })"), ('np.full_like(a, 2.5)', 'np.full_like(a, 2.5)'), ('a.nonzero()', 'a.nonzero()'),
    ('np.where(a > 0, a, 0)', 'np.where(a.gt(0), a, 0)'), ('np.where(a)', 'np.where(a)'), ('np.where(a > 1, 1.5, 2)', 'np.where(a.gt(1), 1.5, 2)'), ('a.item()', 'a.item()'),
    ('a.item(1)', 'a.item(1)'), ('a.item(-1)', 'a.item(-1)'), ('a.item(0, 1)', 'a.item(0, 1)'), ('a.item(99)', 'a.item(99)'), ('a.tolist()', 'a.tolist()'),
    ('len(a)', 'a.length'), ('float(a)', 'Number(a)'), ('bool(a)', 'a.bool()'), ('np.concatenate([a, a])', 'np.concatenate([a, a])'),
    ('np.concatenate([a, a], axis=1)', 'np.concatenate([a, a], { axis: 1 })'), ('np.concatenate([a, a], axis=None)', 'np.concatenate([a, a], { axis: null })'),
    ('np.concatenate([a, np.ones(2)])', 'np.concatenate([a, np.ones(2)])'), ('np.concatenate([a, a[:1]], axis=-1)', "np.concatenate([a, a.at(':1')], -1)"),
    ('np.stack([a, a])', 'np.stack([a, a])'), ('np.stack([a, a], axis=-1)', 'np.stack([a, a], { axis: -1 })'), ('np.stack([a, a[:1]])', "np.stack([a, a.at(':1')])"),
    ('a @ a.T', 'a.matmul(a.T)'), ('a @ a', 'a.matmul(a)'), ('np.dot(a, a.T)', 'np.dot(a, a.T)'), ('np.dot(a, a)', 'np.dot(a, a)'), ('np.dot(a, 2)', 'np.dot(a, 2)'),
    ('a @ 2', 'a.matmul(2)'), ('np.broadcast_to(a, (2, *a.shape))', 'np.broadcast_to(a, [2, ...a.shape])'), ('[a.flags.c_contiguous, a.flags.f_contiguous, a.flags.owndata]', '[a.flags.c_contiguous, a.flags.f_contiguous, a.flags.owndata]'),
    ('np.array_equal(a, a.copy())', 'np.array_equal(a, a.copy())'), ('np.allclose(a, a)', 'np.allclose(a, a)'), ('list(a.strides)', 'a.strides'),
    ('[a.itemsize, a.nbytes, a.size, a.ndim]', '[a.itemsize, a.nbytes, a.size, a.ndim]'), ('a[1:].base is a', "a.at('1:').base === a"),
    ('np.shares_memory(a, a[::-1])', "np.shares_memory(a, a.at('::-1'))"), ('np.shares_memory(a[::2], a[1::2])', "np.shares_memory(a.at('::2'), a.at('1::2'))"),
    ('np.may_share_memory(a[::2], a[1::2])', "np.may_share_memory(a.at('::2'), a.at('1::2'))"), ('np.may_share_memory(a, a.copy())', 'np.may_share_memory(a, a.copy())'),
    ('torch.from_numpy(a)', 'torch.from_numpy(a)'), ('torch.tensor(a)', 'torch.tensor(a)'), ('torch.from_numpy(a).numpy()', 'torch.from_numpy(a).numpy()'),
    ('!a.fill(3)', '(a.fill(3), a)'), ('!a.fill(2.5)', '(a.fill(2.5), a)'), ('str(a.flags)', 'String(a.flags)'), ('a.dtype.name', 'a.dtype.name'), ('repr(a.dtype)', 'a.dtype.__repr__()'),
]
for program, text in SHAPE_PROGRAMS:
    for shape, view in [((6,), VIEWS[0]), ((2, 3), VIEWS[0]), ((3, 2), VIEWS[2]), ((4, 3), VIEWS[4]), ((1, 3), VIEWS[3]), ((), VIEWS[0]), ((1,), VIEWS[0]), ((0, 2), VIEWS[0])]:
        if random.random() < 0.5:
            continue
        dtype = random.choice(DTYPES)
        case('shapes', array(dtype, shape, 1, view), None, program, text)

# Creation, scalars, errors without arrays
for program, text in [
    ('np.array([1, 2, 3])', 'np.array([1, 2, 3])'), ('np.array([1, 2.5])', 'np.array([1, 2.5])'), ('np.array([True, 2])', 'np.array([true, 2])'),
    ('np.array([])', 'np.array([])'), ('np.array([[], []])', 'np.array([[], []])'), ('np.array(3)', 'np.array(3)'), ('np.array([1.5], dtype=int)', "np.array([1.5], 'int')"),
    ('np.array([[1, 2], [3]])', 'np.array([[1, 2], [3]])'), ('np.array([1, [2]])', 'np.array([1, [2]])'), ("np.array([3000000000], dtype='int32')", "np.array([3000000000], 'int32')"),
    ('np.array([nan], dtype=int)', "np.array([NaN], 'int')"), ('np.array([inf], dtype=int)', "np.array([Infinity], 'int')"), ("np.array([1, 0, 2], dtype='bool')", "np.array([1, 0, 2], 'bool')"),
    ("np.array(['a'], dtype='float64')", "np.array(['a'], 'float64')"), ("np.array(['a'], dtype='int64')", "np.array(['a'], 'int64')"), ("np.array([None], dtype='int64')", "np.array([null], 'int64')"),
    ("np.array([None, 1.5], dtype='float64')", "np.array([null, 1.5], 'float64')"), ('np.array([np.float32(1.5), 2])', 'np.array([np.float32(1.5), 2])'), ('np.array([np.int32(1), True])', 'np.array([np.int32(1), true])'),
    ('np.array([np.array([1, 2]), np.array([1.5, 2.5])])', 'np.array([np.array([1, 2]), np.array([1.5, 2.5])])'), ('np.array(torch.ones(2, 2))', 'np.array(torch.ones(2, 2))'),
    ('np.array([1, 2], copy=False)', 'np.array([1, 2], { copy: false })'), ("np.array([1], dtype='abc')", "np.array([1], 'abc')"), ('np.array([[1, 2], [3, 4]], dtype="float32")', "np.array([[1, 2], [3, 4]], 'float32')"),
    ('np.zeros(3)', 'np.zeros(3)'), ('np.zeros((2, 3), dtype="int32")', "np.zeros([2, 3], 'int32')"), ('np.zeros(-1)', 'np.zeros(-1)'), ('np.zeros(2.5)', 'np.zeros(2.5)'), ('np.ones((2, 0))', 'np.ones([2, 0])'),
    ('np.full((2, 2), 7)', 'np.full([2, 2], 7)'), ('np.full(2, 1.5)', 'np.full(2, 1.5)'), ('np.full(2, True)', 'np.full(2, true)'), ('np.full(2, 2.5, dtype=int)', "np.full(2, 2.5, 'int')"), ('np.full((2, 2), [1, 2])', 'np.full([2, 2], [1, 2])'),
    ('np.full((2, 2), [1, 2, 3])', 'np.full([2, 2], [1, 2, 3])'), ('np.arange(5)', 'np.arange(5)'), ('np.arange(1, 2, 0.25)', 'np.arange(1, 2, 0.25)'), ('np.arange(5, 0, -2)', 'np.arange(5, 0, -2)'), ('np.arange(0, 1, 0)', 'np.arange(0, 1, 0)'),
    ('np.arange(0.5)', 'np.arange(0.5)'), ('np.arange(3, 1)', 'np.arange(3, 1)'), ("np.arange(3, dtype='float32')", "np.arange(3, { dtype: 'float32' })"), ('np.arange(0.1, 1, 0.3)', 'np.arange(0.1, 1, 0.3)'), ("np.arange(2, dtype='bool')", "np.arange(2, 'bool')"),
    ('np.linspace(0, 1, 5)', 'np.linspace(0, 1, 5)'), ('np.linspace(0, 1, 3, endpoint=False)', 'np.linspace(0, 1, 3, { endpoint: false })'), ('np.linspace(2, 3, 1)', 'np.linspace(2, 3, 1)'), ('np.linspace(0, 1, 0)', 'np.linspace(0, 1, 0)'),
    ('np.linspace(0, 1, -1)', 'np.linspace(0, 1, -1)'), ('np.linspace(0.1, 0.7, 7)', 'np.linspace(0.1, 0.7, 7)'), ('np.linspace(0, 10, 4, dtype=int)', "np.linspace(0, 10, 4, { dtype: 'int' })"), ('np.linspace(3, 3, 3)', 'np.linspace(3, 3, 3)'),
    ('np.eye(2)', 'np.eye(2)'), ('np.eye(2, 3, 1)', 'np.eye(2, 3, 1)'), ('np.eye(3, 2, -1, dtype=int)', "np.eye(3, 2, -1, { dtype: 'int' })"), ('np.eye(2, k=5)', 'np.eye(2, { k: 5 })'), ('np.identity(2)', 'np.identity(2)'),
    ('np.add(1, 2)', 'np.add(1, 2)'), ('np.add(True, True)', 'np.add(true, true)'), ('np.divide(1, 2)', 'np.divide(1, 2)'), ('np.add([1, 2], [3])', 'np.add([1, 2], [3])'), ('np.add(np.float32(1.5), 2)', 'np.add(np.float32(1.5), 2)'),
    ('np.float32(0.1)', 'np.float32(0.1)'), ('np.int32(7)', 'np.int32(7)'), ('np.bool_(1)', 'np.bool(1)'), ('np.float64(1e16)', 'np.float64(1e16)'), ('np.float32(1e6)', 'np.float32(1e6)'), ('np.float32(999999.5)', 'np.float32(999999.5)'),
    ('np.float32(1e-4)', 'np.float32(1e-4)'), ('np.float32(16777216)', 'np.float32(16777216)'), ('np.float64(nan)', 'np.float64(NaN)'), ('np.float32(-inf)', 'np.float32(-Infinity)'), ('np.int32(3000000000)', 'np.int32(3000000000)'),
    ('np.sum([1, 2.5])', 'np.sum([1, 2.5])'), ('np.sum(3)', 'np.sum(3)'), ('np.concatenate([])', 'np.concatenate([])'), ('np.stack([])', 'np.stack([])'), ('np.matmul([[1, 2], [3, 4]], [1, 1])', 'np.matmul([[1, 2], [3, 4]], [1, 1])'),
    ('np.ones((2, 1, 2)) @ np.ones((3, 2, 2))', 'np.ones([2, 1, 2]).matmul(np.ones([3, 2, 2]))'), ('np.ones((2, 1, 2)) @ np.ones((2, 2, 2))', 'np.ones([2, 1, 2]).matmul(np.ones([2, 2, 2]))'), ('np.ones((2, 1, 2)) @ np.ones((3, 3, 2, 2))', 'np.ones([2, 1, 2]).matmul(np.ones([3, 3, 2, 2]))'),
    ('np.dot(np.ones((2, 3)), np.ones((4, 3, 2)))', 'np.dot(np.ones([2, 3]), np.ones([4, 3, 2]))'), ('np.array([True]) @ np.array([True])', 'np.array([true]).matmul(np.array([true]))'),
    ('np.array([1], "int32") + 3000000000', "np.array([1], 'int32').add(3000000000)"), ('np.array([1], "int32") < 3000000000', "np.array([1], 'int32').lt(3000000000)"), ('np.array([1]) + 2**70', 'np.array([1]).add(2n ** 70n)'), ('np.array([1]) < 2**70', 'np.array([1]).lt(2n ** 70n)'),
    ('np.array([1.5], "float32") + 1e300', "np.array([1.5], 'float32').add(1e300)"), ('np.ones(2) + "a"', "np.ones(2).add('a')"), ('np.array([1]) + "abc"', "np.array([1]).add('abc')"), ('np.ones(2) + None', 'np.ones(2).add(null)'), ('np.array([1]) - None', 'np.array([1]).sub(null)'),
    ('np.ones(2) == None', 'np.ones(2).eq(null)'), ('np.ones(2) == "a"', "np.ones(2).eq('a')"), ('np.ones(2) != "a"', "np.ones(2).ne('a')"), ('np.ones(2) < None', 'np.ones(2).lt(null)'), ('np.maximum(np.ones(2), None)', 'np.maximum(np.ones(2), null)'),
    ('np.sqrt(None)', 'np.sqrt(null)'), ("np.exp('a')", "np.exp('a')"), ('np.add(np.ones(2), 1, out=[1, 2])', 'np.add(np.ones(2), 1, { out: [1, 2] })'), ('np.add(np.ones(2), 1, where=[1, 0])', 'np.add(np.ones(2), 1, { where: [1, 0] })'),
    ('np.ones(3) + torch.ones(3)', 'np.ones(3).add(torch.ones(3))'), ('np.ones(3) * torch.ones(3)', 'np.ones(3).mul(torch.ones(3))'), ('np.ones(3) / torch.ones(3)', 'np.ones(3).truediv(torch.ones(3))'), ('np.ones(3) < torch.ones(3)', 'np.ones(3).lt(torch.ones(3))'),
    ('np.add(torch.ones(2), 1)', 'np.add(torch.ones(2), 1)'), ('torch.from_numpy([1])', 'torch.from_numpy([1])'), ('torch.from_numpy(np.ones(3)[::-1])', "torch.from_numpy(np.ones(3).at('::-1'))"), ('torch.ones(2, requires_grad=True).numpy()', 'torch.ones(2, { requires_grad: true }).numpy()'),
    ('np.array(torch.ones(2, requires_grad=True))', 'np.array(torch.ones(2, { requires_grad: true }))'), ('torch.tensor([np.ones(2), np.ones(2)])', 'torch.tensor([np.ones(2), np.ones(2)])'), ('torch.tensor(np.float64(3.5))', 'torch.tensor(np.float64(3.5))'), ('torch.ones(3)[np.array([0, 2])]', 'torch.ones(3).at(np.array([0, 2]))'),
    ('torch.ones(3)[np.array([True, False, True])]', 'torch.ones(3).at(np.array([true, false, true]))'), ('torch.ones(3).add(np.ones(3))', 'torch.ones(3).add(np.ones(3))'), ('torch.add(torch.ones(3), np.ones(3))', 'torch.add(torch.ones(3), np.ones(3))'),
    ('np.isclose([1, nan], [1.00000001, nan]).tolist()', 'np.isclose([1, NaN], [1.00000001, NaN]).tolist()'), ('np.isclose([1, nan], [1, nan], equal_nan=True).tolist()', 'np.isclose([1, NaN], [1, NaN], { equal_nan: true }).tolist()'), ('np.allclose([1, 2], [1, 2.1])', 'np.allclose([1, 2], [1, 2.1])'),
    ('np.array_equal([1, 2], [1, 2])', 'np.array_equal([1, 2], [1, 2])'), ('np.array_equal([1, 2], [1, 2, 3])', 'np.array_equal([1, 2], [1, 2, 3])'), ('np.array([1e39]).astype("float32")', "np.array([1e39]).astype('float32')"), ('np.array([1.5, nan, 1e20]).astype("int64")', "np.array([1.5, NaN, 1e20]).astype('int64')"),
    ('np.array([-inf, 3e9]).astype("int32")', "np.array([-Infinity, 3e9]).astype('int32')"), ('np.array([1e308]) * 10', 'np.array([1e308]).mul(10)'), ('np.array([1e308, 1e308]).sum()', 'np.array([1e308, 1e308]).sum()'), ('np.array([inf, -inf]).sum()', 'np.array([Infinity, -Infinity]).sum()'),
    ('np.array([0.5, 0]) // 0', 'np.array([0.5, 0]).floordiv(0)'), ('np.array([0.5, inf]) % 0.5', 'np.array([0.5, Infinity]).mod(0.5)'), ('np.array(0.5) / 0', 'np.array(0.5).truediv(0)'), ('np.array([0.0]) ** -1', "np.array([0], 'float64').pow(-1)"),
    ('np.log(np.array([0.0, -1.5]))', "np.log(np.array([0, -1.5]))"), ('np.array([-8.5]) ** 0.5', 'np.array([-8.5]).pow(0.5)'), ('np.maximum([1.5, nan], [2.5, 1])', 'np.maximum([1.5, NaN], [2.5, 1])'), ('np.array([1.5, nan]).max()', 'np.array([1.5, NaN]).max()'), ('np.array([1.5, nan]).argmin()', 'np.array([1.5, NaN]).argmin()'),
    ('np.array([1, 2]).sum(dtype="float32")', "np.array([1, 2]).sum({ dtype: 'float32' })"), ('np.ones((2, 2)).sum(axis=0, out=np.zeros(2))', 'np.ones([2, 2]).sum({ axis: 0, out: np.zeros(2) })'), ('np.ones(3).sum(out=np.zeros(2))', 'np.ones(3).sum({ out: np.zeros(2) })'), ('np.ones(2).sum(out=np.zeros((), int))', "np.ones(2).sum({ out: np.zeros([], 'int') })"),
    ('np.ones(3).sum(1.5)', 'np.ones(3).sum(1.5)'), ('np.array([1.5]).var(ddof=1)', 'np.array([1.5]).var({ ddof: 1 })'), ('np.array([1, 2, 4]).std(ddof=1)', 'np.array([1, 2, 4]).std({ ddof: 1 })'), ('np.promote_types("int32", "float32").name', "np.promote_types('int32', 'float32').name"),
    ('np.can_cast("int64", "float32")', "np.can_cast('int64', 'float32')"), ('np.can_cast("int64", "float64")', "np.can_cast('int64', 'float64')"), ('np.can_cast("float64", "float32", "same_kind")', "np.can_cast('float64', 'float32', 'same_kind')"), ('np.can_cast("int32", "bool", "same_kind")', "np.can_cast('int32', 'bool', 'same_kind')"),
]:
    case('without arrays', None, None, program, text)

# Arrays that may not be written
for program, text in [('!a[0] = 1', 'a.set_at_(0, 1)'), ('!a += 1', 'a.iadd_(1)'), ('!a.fill(1)', 'a.fill(1)'), ('np.add(a, 1, out=a)', 'np.add(a, 1, { out: a })'), ('!a[1:][0] = 5', "a.at('1:').set_at_(0, 5)"),
                      ('!a[[0, 1]] = 5', 'a.set_at_([[0, 1]], 5)'), ('!a += 1.5', 'a.iadd_(1.5)'), ('!a += [1, 2]', 'a.iadd_([1, 2])'), ('a[1:].flags.writeable', "a.at('1:').flags.writeable"), ('!a[1:].setflags(write=True)', "a.at('1:').setflags({ write: true })"),
                      ('torch.from_numpy(a.copy())', 'torch.from_numpy(a.copy())'), ('a.copy().flags.writeable', 'a.copy().flags.writeable'), ('a.sum(out=a[0:1].reshape(()))', "a.sum({ out: a.at('0:1').reshape([]) })")]:
    case('read-only', ("(lambda x: x.setflags(write=False) or x)(np.array([1, 2, 3]))", 'readonly(np.array([1, 2, 3]))'), None, program, text)

kept = {group: [c for c in rows if has_dtype(c[3])] for group, rows in cases.items()}
with open(here / 'fixture.json', 'w') as file:
    file.write('{\n')
    file.write(',\n'.join(f'"{group}": [\n' + ',\n'.join(json.dumps(c) for c in rows) + '\n]' for group, rows in kept.items()))
    file.write('\n}\n')
print({group: f'{len(rows)} of {len(cases[group])}' for group, rows in kept.items()})
