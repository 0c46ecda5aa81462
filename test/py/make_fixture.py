"""Records what CPython 3.12 answers to arithmetic, repr, str, len, int(), float() and sys.getsizeof: fixture.json.

    python3.12 test/py/make_fixture.py > test/py/fixture.json
"""
import itertools
import json
import operator
import random
import sys

assert sys.version_info[:2] == (3, 12), sys.version
random.seed(312)

OPERATORS = {
    'add': operator.add,
    'sub': operator.sub,
    'mul': operator.mul,
    'truediv': operator.truediv,
    'floordiv': operator.floordiv,
    'mod': operator.mod,
    'pow': operator.pow,
}
INPLACE = {
    'iadd_': operator.iadd,
    'isub_': operator.isub,
    'imul_': operator.imul,
    'itruediv_': operator.itruediv,
    'ifloordiv_': operator.ifloordiv,
    'imod_': operator.imod,
    'ipow_': operator.ipow,
}
COMPARISONS = {
    'eq': operator.eq,
    'ne': operator.ne,
    'lt': operator.lt,
    'le': operator.le,
    'gt': operator.gt,
    'ge': operator.ge,
}

NUMERIC = [0, 7, -3, 257, -(2**53) - 1, 2**64 + 1, True, 0.0, -0.0, 1.5, -2.5, 1e308, 5e-324, float('inf'), float('nan')]
OTHERS = ['', 'aé', None, ...]
VALUES = NUMERIC + OTHERS


def kind(value):
    return {int: 'int', bool: 'bool', float: 'float', str: 'str', type(None): 'none', type(...): 'object'}[type(value)]


def spell(value):
    """A value as the test reads it: its type and its text; Ellipsis stands for object()."""
    return [kind(value), value if isinstance(value, str) else repr(value)]


def attempt(f, *args):
    """What f answers: ['int', '7'], or the error."""
    try:
        result = f(*args)
    except Exception as error:
        return [type(error).__name__, str(error).replace('ellipsis', 'object')]
    if isinstance(result, complex):
        return ['complex', '']
    return spell(result)


def sensible(name, a, b):
    """Nothing that is very long, no str % value, and of numbers with something else only few."""
    if type(a) in (int, bool, float) and type(b) in (int, bool, float):
        return 'pow' not in name or not (isinstance(a, int) and isinstance(b, int)) or abs(a) < 2 or b * a.bit_length() < 400
    few = all(v in (7, 1.5, *OTHERS) or v is True for v in (a, b))
    return few and not ('mod' in name and isinstance(a, str))


def table(operators, values):
    rows = []
    for name, f in operators.items():
        for (i, a), (j, b) in itertools.product(enumerate(values), repeat=2):
            if sensible(name, a, b):
                rows.append([name, i, j, *attempt(f, a, b)])
    return rows


def integers():
    """Divisions and comparisons of ints that no float holds."""
    rows = []
    for _ in range(8):
        a = random.getrandbits(random.choice([60, 200, 600])) * random.choice([1, -1])
        b = random.getrandbits(random.choice([31, 90, 590])) or 1
        for name in ('add', 'mul', 'truediv', 'floordiv', 'mod'):
            rows.append([name, str(a), str(b), *attempt(OPERATORS[name], a, b)])
    for shift in (1000, 1022, 1050, 1070, 1074, 1075, 1080):
        for top in (1, 3, 2**53 + 1, 2**54 - 1):
            rows.append(['truediv', str(top), str(2**shift), *attempt(operator.truediv, top, 2**shift)])
            rows.append(['truediv', str(top), str(3**650), *attempt(operator.truediv, top, 3**650)])
    return rows


STRINGS = ['', 'a', 'abc', "it's", '"', '\'"', 'a\\b\n\r\t\0\x1b\x7f', 'é', 'éa', '\xa0\xad', 'ÿ', '中文', '\u200b\u2028\ue000', '😀', 'a😀é', '\U0010ffff', '\ud800', ' ']
NUMBERS = ['0', '12', ' -12\n', '+7', '1_000', '1__0', '_1', '', ' ', '1.5', '1e5', '0x10', '.5', '5.', '1_0.2_5e-1_0', 'e5', 'inf', '-Infinity', '+NAN', 'nano', '1e400', '-0', '1 2', '--1', '9' * 30]
FLOATS = [0.1, 1e16, 1e15, 123456789012345680.0, 1e-4, 1e-5, 1.7976931348623157e308, 2.5e-8, 100.0, 1e22, -1e100, 3.0]


def main():
    lists = {'list': [[], [1], [1, 2], [1, 2, 3, 4, 5]], 'tuple': [(), (1,), (1, 2, 3)], 'dict': [{}, {'a': 1}]}
    sizes = [0, 1, -1, 7, 2**30 - 1, 2**30, 2**60 - 1, -(2**60), 2**90, 10**100, True, None, 1.5, ...]
    fixture = {
        'values': [spell(v) for v in VALUES],
        'binary': table(OPERATORS, VALUES),
        'inplace': table(INPLACE, [7, 1.5, 'aé', None, ...]),
        'inplace_values': [spell(v) for v in (7, 1.5, 'aé', None, ...)],
        'comparisons': [[*row[:3], row[4] == 'True'] if row[3] == 'bool' else row for row in table(COMPARISONS, VALUES)],
        'integers': integers(),
        'neg': [[i, *attempt(operator.neg, v)] for i, v in enumerate(VALUES)],
        'strings': [[s, repr(s), len(s), sys.getsizeof(s.join(['', '']) if len(s) != 1 else chr(ord(s)))] for s in STRINGS],
        'numbers': [[s, attempt(int, s), attempt(float, s)] for s in NUMBERS],
        'conversions': [[i, attempt(int, v), attempt(float, v), str(v)] for i, v in enumerate(VALUES) if v is not ...],
        'floats': [[v, repr(v)] for v in FLOATS],
        'hex': [[str(v), hex(v)] for v in (0, 1, -1, 255, -255, 2**64, 10**30)],
        'sizes': [[*spell(v), sys.getsizeof(object() if v is ... else v)] for v in sizes],
        'types': [[t.__name__, sys.getsizeof(t)] for t in (int, float, str, list, tuple, dict, bool, object)],
        'containers': {name: [[len(v), sys.getsizeof(v)] for v in values] for name, values in lists.items()},
    }
    lines = [f'{json.dumps(key)}: ' + rows(value) for key, value in fixture.items()]
    print('{\n' + ',\n'.join(lines) + '\n}')


def rows(value):
    if isinstance(value, list):
        return '[\n' + ',\n'.join(json.dumps(row, separators=(',', ':')) for row in value) + '\n]'
    return json.dumps(value)


main()
