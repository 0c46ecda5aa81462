# Records what CPython 3.12 does with lists, tuples and dicts: PYENV_VERSION=3.12.1 python3 test/py/containers/make_fixture.py
#
#   programs   random method calls on one container, and after each its result, its repr and sys.getsizeof
#   tables     sys.getsizeof while a container grows, of displays, of copies
#   reuse      straight-line programs of creations and deletions, and which addresses were seen before
#   order      in which order the objects of a container die
#   facts      single observations
#
# A value is written as JSON; a tuple as {"t": [...]}, a dict as {"d": [[key, value], ...]}, a large int as {"i": "..."}.
import gc
import gzip
import json
import os
import random
import sys

rng = random.Random(312)
size = sys.getsizeof


def plain(v):
    if isinstance(v, tuple):
        return {'t': [plain(x) for x in v]}
    if isinstance(v, dict):
        return {'d': [[plain(k), plain(x)] for k, x in v.items()]}
    if isinstance(v, list):
        return [plain(x) for x in v]
    return {'i': str(v)} if isinstance(v, int) and abs(v) > 2**53 else v


def attempt(fn):
    try:
        return repr(fn())
    except RecursionError as e:
        return f'RecursionError: {e}'
    except Exception as e:
        return f'{type(e).__name__}: {e}'


ATOMS = [0, 1, 2, 3, 1000, -7, 1.5, -0.25, 2**70, 'a', 'b', 'zz', '', None, True, False, (1,), (), (2, 'b')]


def atom():
    return rng.choice(ATOMS)


def value():
    return [atom() for _ in range(rng.randrange(3))] if rng.random() < 0.15 else atom()


def items(n=5):
    return [value() for _ in range(rng.randrange(n))]


def bound():
    return '' if rng.random() < 0.4 else str(rng.randrange(-12, 13))


def slice_text():
    text = f'{bound()}:{bound()}'
    return text + rng.choice(['', '', ':', ':1', ':2', ':-1', ':3', ':-2', ':0' if rng.random() < 0.2 else ':5'])


def as_key(k):
    if isinstance(k, str) and ':' in k:
        return slice(*[int(p) if p.strip() else None for p in k.split(':')])
    return k


def key():
    if rng.random() < 0.5:
        return slice_text()
    return rng.choice([*range(-8, 9), 'x', 1.5, None, True])


def setitem(c, k, v):
    c[k] = v


def delitem(c, k):
    del c[k]


def iadd(c, v):
    c += v


def imul(c, v):
    c *= v


def ior(c, v):
    c |= v


SEQUENCE = {
    'at': lambda c, k: c[as_key(k)], 'add': lambda c, v: c + v, 'mul': lambda c, n: c * n,
    'contains': lambda c, v: v in c, 'index': lambda c, *a: c.index(*a), 'count': lambda c, v: c.count(v),
    'eq': lambda c, v: c == v, 'ne': lambda c, v: c != v, 'lt': lambda c, v: c < v, 'le': lambda c, v: c <= v,
    'gt': lambda c, v: c > v, 'ge': lambda c, v: c >= v, 'len': len,
}
LIST = SEQUENCE | {
    'set_at_': lambda c, k, v: setitem(c, as_key(k), v), 'del_at_': lambda c, k: delitem(c, as_key(k)),
    'iadd_': iadd, 'imul_': imul, 'sort': lambda c, r: c.sort(reverse=r),
    **{n: (lambda n: lambda c, *a: getattr(c, n)(*a))(n)
       for n in ['append', 'extend', 'insert', 'pop', 'remove', 'reverse', 'clear', 'copy']},
}
DICT = {
    'at': lambda c, k: c[k], 'set_at_': setitem, 'del_at_': delitem, 'contains': lambda c, k: k in c, 'len': len,
    'or': lambda c, v: c | v, 'ior_': ior, 'eq': lambda c, v: c == v, 'ne': lambda c, v: c != v,
    'lt': lambda c, v: c < v,
    **{n: (lambda n: lambda c, *a: getattr(c, n)(*a))(n)
       for n in ['get', 'setdefault', 'update', 'pop', 'popitem', 'clear', 'copy', 'keys', 'values', 'items']},
}


def sequence_call(kind, c):
    some = lambda: rng.choice(c) if len(c) and rng.random() < 0.7 else value()
    other = lambda: kind(items()) if rng.random() < 0.8 else rng.choice([3, 'ab', None, (1,), [2]])
    near = lambda: kind(list(c)[: rng.randrange(len(c) + 1)] + items(2))
    name = rng.choice(list(SEQUENCE))
    args = {
        'at': lambda: [key()], 'add': lambda: [other()], 'mul': lambda: [rng.choice([-1, 0, 1, 2, 3, 1.5, 'a', True])],
        'index': lambda: [some(), *[rng.randrange(-5, 8) for _ in range(rng.randrange(3))]],
        'contains': lambda: [some()], 'count': lambda: [some()], 'len': lambda: [],
    }.get(name, lambda: [near() if rng.random() < 0.8 else value()])()
    return name, args


def list_call(c):
    if rng.random() < 0.25:
        return sequence_call(list, c)
    some = lambda: rng.choice(c) if c and rng.random() < 0.7 else value()
    iterable = lambda: rng.choice([items(), items(9), tuple(items()), 'xyz', {'k': 1, 2: 3}, 5, None, items(2)])
    name = rng.choice(['append', 'append', 'extend', 'extend', 'insert', 'pop', 'pop', 'remove', 'reverse', 'sort',
                       'clear', 'copy', 'set_at_', 'set_at_', 'del_at_', 'del_at_', 'iadd_', 'imul_'])
    if name == 'clear' and rng.random() < 0.6:
        name = 'extend'
    if name == 'set_at_':
        k = key()
        sliced = isinstance(k, str) and ':' in k
        return name, [k, (iterable() if rng.random() < 0.7 else items(3)) if sliced else value()]
    args = {
        'append': lambda: [value()], 'extend': lambda: [iterable()], 'iadd_': lambda: [iterable()],
        'insert': lambda: [rng.choice([*range(-9, 10), 100, -100, 'a', 1.5]), value()],
        'pop': lambda: rng.choice([[], [], [rng.randrange(-6, 7)], [0], ['a']]), 'remove': lambda: [some()],
        'sort': lambda: [rng.random() < 0.5], 'del_at_': lambda: [key()],
        'imul_': lambda: [rng.choice([0, 1, 2, 3, -1, 1.5])],
    }.get(name, lambda: [])()
    return name, args


KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 0, 1, 2, 1.5, True, False, None, 2**70, 1e300, (1, 'x'), (), ((1,), 2)]


def dict_call(c):
    k = lambda: rng.choice(list(c)) if c and rng.random() < 0.4 else rng.choice([*KEYS, 'k%d' % rng.randrange(20)])
    bad = lambda: rng.choice([[1], {'d': 1}, (1, [2])]) if rng.random() < 0.06 else k()
    pairs = lambda n=4: {k(): atom() for _ in range(rng.randrange(n))}
    name = rng.choice(['set_at_'] * 6 + ['del_at_'] * 3 + ['pop'] * 2 + ['update'] * 2 + list(DICT))
    if name == 'clear' and rng.random() < 0.5:
        name = 'set_at_'
    args = {
        'at': lambda: [bad()], 'set_at_': lambda: [bad(), value()], 'del_at_': lambda: [bad()],
        'contains': lambda: [bad()], 'get': lambda: [bad()] + ([atom()] if rng.random() < 0.5 else []),
        'setdefault': lambda: [bad()] + ([atom()] if rng.random() < 0.5 else []),
        'pop': lambda: [bad()] + ([atom()] if rng.random() < 0.3 else []),
        'update': lambda: [rng.choice([pairs(), pairs(14), [(k(), 1)], [[k(), 2], 'xy'], 5, [3], [(1, 2, 3)]])],
        'or': lambda: [rng.choice([pairs(), pairs(9), [1], None])],
        'ior_': lambda: [pairs(9)], 'eq': lambda: [rng.choice([dict(c), pairs(), 3])],
        'ne': lambda: [rng.choice([dict(c), pairs()])], 'lt': lambda: [pairs()],
    }.get(name, lambda: [])()
    return name, args


def program(kind, methods, call, steps):
    start = kind(items()) if kind is not dict else {}
    c = kind(start)
    first = plain(c)
    lines = []
    for _ in range(steps):
        if kind is not tuple and len(c) > (30 if kind is dict else 16):
            name, args = ('clear', []) if rng.random() < 0.1 else ('del_at_', [rng.choice(list(c)) if kind is dict else '4:'])
        else:
            name, args = call(c)
        written = plain(args)
        result = attempt(lambda: methods[name](c, *args))
        lines.append([name, written, result, size(c)] + ([repr(c)] if kind is not tuple else []))
    return {'start': first, 'steps': lines}


def displays(n, item):
    return [size(eval('[' + ','.join(item(i) for i in range(k)) + ']', {'x': None})) for k in range(n)]


def growth():
    c, sizes = [], []
    for i in range(300):
        c.append(i)
        sizes.append(size(c))
    return sizes


def shrinking():
    c, sizes = list(range(200)), []
    while c:
        c.pop()
        sizes.append(size(c))
    return sizes


def dict_growth(k):
    c, sizes = {}, []
    for i in range(700):
        c[k(i)] = i
        sizes.append(size(c))
    return sizes


def churn():
    """A window of 5 keys that moves on: entries of deleted keys fill the table until it is made anew."""
    c, sizes = {}, []
    for i in range(200):
        c[i] = i
        if i >= 5:
            del c[i - 5]
        sizes.append(size(c))
    return sizes


def copies():
    sizes = []
    for n in [0, 1, 5, 6, 10, 11, 21, 30, 40]:
        c = {i: i for i in range(n)}
        for i in range(n):
            sizes.append([size(c.copy()), size(dict(c)), size(c | {}), size({} | c), size({**c})])
            del c[i]
    return sizes


TABLES = {
    'display': displays(60, str), 'expressions': displays(60, lambda i: 'x'),
    'dicts': [size(eval('{' + ','.join(f'{i}: {i}' for i in range(k)) + '}')) for k in range(60)],
    'string dicts': [size(eval('{' + ','.join(f'"a{i}": {i}' for i in range(k)) + '}')) for k in range(60)],
    'list()': [[size(list(range(k))), size(list('x' * k)), size(list((0,) * k)), size([0] * k), size(list(range(k))[1:])]
               for k in range(30)],
    'tuples': [size(tuple(range(k))) for k in range(30)],
    'extend': [[size((c := [0] * a, c.extend([1] * b), c)[2]) for b in range(20)] for a in range(20)],
    'growth': growth(), 'shrinking': shrinking(), 'churn': churn(), 'copies': copies(),
    'dict growth': dict_growth(lambda i: i), 'string growth': dict_growth(lambda i: f'k{i}'),
}

# A program of the reuse of addresses: [what, name, length] makes an object, ['del', name] lets go of one. Its record has
# an ordinal for each object made: that of the first one at the same address.
MAKE = {
    'list': lambda n: '[' + 'x,' * n + ']', 'list()': lambda n: 'list()', 'tuple': lambda n: '(' + 'x,' * n + ')',
    'dict': lambda n: '{' + ','.join(f'{i}: x' for i in range(n)) + '}', 'dict()': lambda n: 'dict()',
    'strings': lambda n: '{' + ','.join(f'"{c}": x' for c in 'abcdefgh'[:n]) + '}', 'float': lambda n: 'y + 1.0',
    'nest': lambda n: 'z',
}


def addresses(program):
    made = [step for step in program if step[0] != 'del']
    lines = ['def run(x, y, ids):', '    z = None']
    k = 0
    for step in program:
        if step[0] == 'del':
            lines.append(f'    del {step[1]}')
            continue
        if step[0] == 'nest':  # a list of `n` lists, one in the other; the name is bound to the outermost
            lines.append(f'    z = []')
            lines += ['    z = [z]'] * (step[2] - 1)
            lines += [f'    {step[1]} = z', '    z = None']
        else:
            lines.append(f'    {step[1]} = {MAKE[step[0]](step[2])}')
        lines.append(f'    ids[{k}] = id({step[1]})')
        k += 1
    space = {}
    exec('\n'.join(lines), space)
    ids = [0] * len(made)
    for _ in range(2):  # the second time the interpreter has made what it makes for itself
        gc.collect()
        space['run'](None, 1.5, ids)
    seen = {}
    return [seen.setdefault(i, len(seen)) for i in ids]


def reuse_programs():
    names = 'abcdef'
    yield [['list', n, 1] for n in names] + [['del', n] for n in names] + [['list', n + '2', 1] for n in names]
    yield [['tuple', n, 3] for n in names] + [['del', n] for n in 'acebdf'] + [['tuple', n + '2', 3] for n in names]
    yield [['tuple', 'a', 2], ['tuple', 'b', 3], ['del', 'a'], ['del', 'b'], ['tuple', 'c', 3], ['tuple', 'd', 2]]
    yield [['dict', n, 2] for n in names] + [['del', n] for n in 'fbadce'] + [['dict', n + '2', 0] for n in names]
    yield [['float', n, 0] for n in names] + [['del', n] for n in 'bdface'] + [['float', n + '2', 0] for n in names]
    yield [['list', 'a', 2], ['del', 'a'], ['list()', 'b', 0], ['list', 'c', 0]]
    yield [['dict', 'a', 2], ['del', 'a'], ['dict()', 'b', 0], ['dict', 'c', 0]]
    many = [f'n{i}' for i in range(83)]
    yield [['list', n, 0] for n in many] + [['del', n] for n in many] + [['list', n, 0] for n in many]
    yield [['dict', n, 0] for n in many] + [['del', n] for n in reversed(many)] + [['dict', n, 0] for n in many]
    yield [['tuple', n, 1] for n in many] + [['del', n] for n in many] + [['tuple', n, 1] for n in many]
    yield [['nest', 'a', 3], ['del', 'a'], ['list', 'b', 0], ['list', 'c', 0], ['list', 'd', 0], ['list', 'e', 0]]
    # What died of a nest of 70 lists: the first fifty from within, then those that had to wait.
    yield [['nest', 'a', 70], ['del', 'a']] + [['list', f'b{i}', 0] for i in range(70)]
    for _ in range(12):
        alive, steps = [], []
        for i in range(40):
            if alive and rng.random() < 0.45:
                steps.append(['del', alive.pop(rng.randrange(len(alive)))])
            else:
                kind = rng.choice(['list', 'list', 'tuple', 'tuple', 'dict', 'strings', 'float'])
                name = f'v{i}'
                steps.append([kind, name, rng.randrange(1, 4)])
                alive.append(name)
        yield steps


log = []


class A:
    def __init__(self, name, then=None):
        self.name, self.then = name, then

    def __del__(self):
        log.append(self.name)
        if self.then:
            self.then()


def As(*names):
    return [A(n) for n in names]


def nest(kind, depth):
    """Each level holds the next one and an A."""
    c = kind(A(0), None)
    for i in range(1, depth):
        c = kind(A(i), c)
    return c


def watched(make, act):
    """The names in the order of their death while `act` runs, and those that died with the container afterwards."""
    c = make()
    log.clear()
    act(c)
    log.append('|')
    c = None
    return list(log)


def replacing():
    l = As('a', 'b')
    l[0] = A('x', lambda: log.append(len(l)))
    log.clear()
    l[0] = 1
    l.append(A('y', lambda: l.append(A('z'))))
    l.clear()
    log.append(len(l))
    l.clear()
    return list(log)


def updating():
    d, e = {'k': A('a', lambda: e.clear())}, {'k': 1, 'l': 2}
    log.clear()
    log.append(attempt(lambda: d.update(e)))
    log.append(repr(d))
    return list(log)


LETTERS = 'abcdefgh'
letters = lambda: As(*LETTERS)
keyed = lambda: {A('k' + n): A('v' + n) for n in 'abcd'}
named = lambda: {n: A(n) for n in 'abcd'}
ORDER = {
    'list': watched(letters, lambda l: None),
    'tuple': watched(lambda: tuple(letters()), lambda t: None),
    'dict': watched(keyed, lambda d: None),
    'list.clear': watched(letters, lambda l: l.clear()),
    'del list[2]': watched(letters, lambda l: delitem(l, 2)),
    'del list[1:4]': watched(letters, lambda l: delitem(l, slice(1, 4))),
    'del list[::3]': watched(letters, lambda l: delitem(l, slice(None, None, 3))),
    'del list[::-3]': watched(letters, lambda l: delitem(l, slice(None, None, -3))),
    'list[1:4] = ...': watched(letters, lambda l: setitem(l, slice(1, 4), As('x'))),
    'list[:] = ...': watched(letters, lambda l: setitem(l, slice(None), [])),
    'list[::-3] = ...': watched(letters, lambda l: setitem(l, slice(None, None, -3), As('x', 'y', 'z'))),
    'list *= 0': watched(letters, lambda l: imul(l, 0)),
    'list.pop': watched(letters, lambda l: (l.pop(), l.pop(0), None)[2]),
    'list + list': watched(letters, lambda l: (l + As('x', 'y')) and None),
    'dict[k] = ...': watched(named, lambda d: setitem(d, 'b', 1)),
    'del dict[k]': watched(named, lambda d: delitem(d, 'b')),
    'dict.pop': watched(named, lambda d: d.pop('c') and None),
    'dict.popitem': watched(keyed, lambda d: d.popitem() and None),
    'dict.clear': watched(keyed, lambda d: d.clear()),
    'dict.update': watched(named, lambda d: d.update({'a': 1, 'c': A('x')})),
    'lists in lists': watched(lambda: nest(lambda a, c: [a, c], 170), lambda c: None),
    'lists before': watched(lambda: nest(lambda a, c: [c, a], 170), lambda c: None),
    'tuples in tuples': watched(lambda: nest(lambda a, c: (a, c), 170), lambda c: None),
    'dicts in dicts': watched(lambda: nest(lambda a, c: {'a': a, 'c': c}, 170), lambda c: None),
    'replacing': replacing(), 'updating': updating(),
}


def tracking():
    one = tuple([1, 2])
    of_list, of_atoms = tuple([one, []]), tuple([one, 'a'])
    d = {'a': of_atoms}
    objects = [one, of_list, of_atoms, d]
    before = [gc.is_tracked(o) for o in objects]
    gc.collect()
    return before + [gc.is_tracked(o) for o in objects]


def growing():
    d = {1: 1, 2: 2}
    for k in d:
        d[k + 10] = 1


def seen_by_key():
    l, seen = [3, 1, 2], []
    l.sort(key=lambda x: (seen.append(list(l)), x)[1])
    return seen, l


def changed_by_key():
    l = [3, 1, 2]
    return attempt(lambda: l.sort(key=lambda x: (l.append(1), x)[1])), l


def view():
    d = {'a': 1}
    v = d.keys()
    d['b'] = (2,)
    return f'{v} {len(v)} {d.values()} {d.items()}'


def nested(depth):
    c = []
    for _ in range(depth):
        c = [c]
    return c


def itself():
    l = [1]
    l.append(l)
    t = ([],)
    t[0].append(t)
    d = {'a': 1}
    d['d'] = d
    return f'{l} {t} {d}'


nan = float('nan')
FACTS = {
    'tracked': [gc.is_tracked(o) for o in ([], {}, {'a': 1}, {'a': []}, {'a': ()}, {'a': {}}, ())],
    'untracked by a collection': tracking(),
    'a dict that grows under a loop': attempt(growing),
    'what a sort key sees': seen_by_key(), 'a sort key that changes the list': changed_by_key(),
    'nan': [nan in [nan], [nan] == [nan], float('nan') in [nan], nan in (nan,), float('nan') == nan],
    'large numbers': [2**53 in [float(2**53)], 2**53 + 1 in [float(2**53)], 2**1100 in [float('inf')], 10**30 in [1e30],
                      2**100 in [2.0**100], -0.0 in [0], True in [1.0]],
    'large keys': [{2.0**100: 'x'}[2**100], {-0.0: 'z'}[False], {2**53: 'a'}.get(2.0**53 + 2, 'none')],
    'sorted numbers': sorted([2**70, 1.5, -2**64, True, float('-inf'), 2**63 + 1, float(2**63), 2**63 - 1, 1e300, -7]),
    'sorted strings': sorted(['b', '\U0001f600', 'ab', '', '\uffff', 'a', '\xe9', 'B']),
    'stable': sorted([(i * 7 % 5, i) for i in range(200)], key=lambda p: p[0], reverse=True),
    'sorted pairs': sorted([[i * 7 % 5, -i] for i in range(100)]),
    'a sort that fails': attempt(lambda: [3, 'a', None].sort()),
    'a view': view(), 'what contains itself': itself(),
    'repr of 1497 levels': attempt(lambda: len(repr(nested(1496)))),
    'repr of 1498 levels': attempt(lambda: len(repr(nested(1497)))),
    'a comparison of 1498 levels': attempt(lambda: nested(1497) == nested(1497)),
    'a comparison of 1499 levels': attempt(lambda: nested(1498) == nested(1498)),
    'unhashable': [attempt(lambda: {k: 1}) for k in ([], {}, (1, []), ((({},),),))],
}


def main():
    fixture = {
        'lists': [program(list, LIST, list_call, 40) for _ in range(24)],
        'tuples': [program(tuple, SEQUENCE, lambda c: sequence_call(tuple, c), 30) for _ in range(8)],
        'dicts': [program(dict, DICT, dict_call, 60) for _ in range(16)],
        'tables': TABLES, 'order': ORDER,
        'facts': {name: repr(fact) for name, fact in FACTS.items()},
        'reuse': [[p, addresses(p)] for p in reuse_programs()],
    }
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, 'fixture.json.gz'), 'wb') as f:
        f.write(gzip.compress(json.dumps(fixture, separators=(',', ':')).encode(), mtime=0))


main()
