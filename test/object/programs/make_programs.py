"""Writes recorded.txt: 500 random object programs and those of written.txt, with what CPython 3.12 shows of them.

    python3.12 make_programs.py [seed]

The language is recorder.py's. A random program is made statement by statement while it runs here, so that each statement
fits what the names hold. Each is recorded in two processes, the second with other hash seeds and other memory; programs
whose records differ are no facts about CPython and are left out (their number is printed), and so is what raises.
"""

import gc
import os
import pathlib
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from weakref import ReferenceType, ref

HERE = pathlib.Path(__file__).parent
COUNT = 500
NAMES = 'abcdefgh'
KEYS = ["'k'", "'m'", "'n'", '1', '2', '7']
ATTRIBUTES = ['p', 'q', 'r']


class Plain:
    pass


class Other:
    pass


class Logs:
    def __del__(self):
        pass


class Stays:
    def __del__(self):
        G.append(self)


class Makes:
    def __del__(self):
        G.append([])


CLASSES = [Plain, Other, Logs, Stays, Makes]
G = []


class Maker:
    """Makes one program: its functions' lines, then main's."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.functions = []
        rng = self.rng
        # What this program is about: most have a little of everything, some much of one thing.
        self.weights = {name: rng.choice([0, 1, 1, 2, 6]) for name in
                        ('list', 'dict', 'tuple', 'instance', 'number', 'text', 'weakref', 'call', 'collect', 'cycle')}
        self.density = rng.choice([2, 4, 8])

    def program(self):
        G.clear()
        lines = self.body({}, self.rng.randrange(8, 36))
        return '\n'.join([*self.functions, '; '.join(lines)])

    def body(self, env, length, inside=False):
        lines = []
        for _ in range(length):
            line = self.statement(env, inside)
            if line is None:
                continue
            self.execute(line, env)
            lines.append(line)
        return lines

    def execute(self, line, env):
        if line.startswith('? '):
            line = line[2:]
        space = {**{c.__name__: c for c in CLASSES}, 'gc': gc, 'ref': ref, 'G': G, 'cb': lambda r: None,
                 'sizeof': sys.getsizeof, **self.callables}
        exec(line, space, env)

    callables = {}

    def pick(self, env, *types):
        names = [n for n, v in env.items() if type(v) in types]
        return self.rng.choice(names) if names else None

    def anything(self, env):
        return self.rng.choice(list(env)) if env else None

    def item(self, env, deep=True):
        """An expression for something to put somewhere."""
        rng = self.rng
        if env and rng.random() < 0.65:
            return self.anything(env)
        return self.fresh(env) if deep and rng.random() < 0.8 else rng.choice(['None', '3', 'object()', '[]'])

    def fresh(self, env, deep=True):
        rng, w = self.rng, self.weights
        kind = rng.choices(['object', 'list', 'dict', 'tuple', 'instance', 'number', 'text'],
                           [2, w['list'] + 1, w['dict'], w['tuple'], w['instance'], w['number'], w['text']])[0]
        if kind == 'list':
            n = rng.choice([0, 0, 1, 1, 2, 2, 3, 4, 5, 9])
            if n and rng.random() < 0.15:
                return repr(list(range(n)))
            return f'[{", ".join(self.item(env, deep and n < 4) for _ in range(n))}]'
        if kind == 'tuple':
            n = rng.choice([1, 1, 2, 2, 3, 4])
            items = [self.item(env, deep and n < 3) for _ in range(n)]
            if all(re.fullmatch(r'None|\d+', item) for item in items):
                items[0] = 'object()'  # a constant else
            return f'({", ".join(items)}{"," if n == 1 else ""})'
        if kind == 'dict':
            keys = rng.sample([k for k in KEYS if "'" in k], rng.choice([0, 0, 1, 2, 3]))
            return '{' + ', '.join(f'{k}: {self.item(env, False)}' for k in keys) + '}'
        if kind == 'instance':
            return rng.choices(CLASSES, [4, 2, 4, 1, 1])[0].__name__ + '()'
        if kind == 'number':
            return rng.choice([f"float('{rng.randrange(100)}.5')", f"int('{rng.randrange(300, 2**30)}')",
                               f"int('{rng.randrange(2**30, 2**60)}')"])
        if kind == 'text':
            return f"'{'abcdefgh' * rng.choice([1, 1, 2, 4, 8]) + 'xyz'[:rng.randrange(4)]}'.upper()"
        return 'object()'

    def statement(self, env, inside):
        rng, w = self.rng, self.weights
        kind = rng.choices(
            ['bind', 'alias', 'delete', 'list', 'dict', 'tuple', 'instance', 'number', 'weakref', 'call', 'collect',
             'cycle', 'kept', 'look'],
            [8 if len(env) < self.density else 3, 2, 3 if len(env) > 2 else 1, 2 * w['list'], w['dict'], w['tuple'] / 2,
             w['instance'], w['number'] / 2, w['weakref'] / 2, 0 if inside else w['call'] / 3, w['collect'] / 6,
             w['cycle'] / 2, 0.2, 0.5])[0]
        target = rng.choice(NAMES)
        if kind == 'bind':
            return f'{target} = {self.fresh(env)}'
        if kind == 'alias':
            name = self.anything(env)
            return f'{target} = {name}' if name else f'{target} = None'
        if kind == 'delete':
            name = self.anything(env)
            return name and (f'del {name}' if rng.random() < 0.7 else f'{name} = None')
        return getattr(self, kind)(env, target)

    def list(self, env, target):
        rng = self.rng
        name = self.pick(env, list)
        if not name:
            return None
        length = len(env[name])
        other = self.pick(env, list, tuple)
        some = [f'{name}.append({self.item(env)})'] * 4
        some += [f'{name}.insert({rng.randrange(length + 1)}, {self.item(env)})', f'{target} = {name}.copy()',
                 f'{name}.clear()', f'{name}.reverse()']
        if length < 12:
            if len(env[other]) < 12:
                some += [f'{name}.extend({other})', f'{name} += {other}']
            extra = f'[{", ".join(self.item(env, False) for _ in range(rng.randrange(1, 4)))}]'
            some += [f'{name} += {extra}', f'{target} = {name} + {extra}', f'{name} *= {rng.randrange(4)}',
                     f'{target} = {name} * {rng.randrange(3)}']
            lists = self.pick(env, list)
            some.append(f'{target} = {name} + {lists}')
        if length:
            i = rng.randrange(length)
            j = rng.randrange(i, length + 1)
            some += [f'{target} = {name}[{i}]', f'{target} = {name}.pop()', f'{name}.pop()', f'{name}.pop({i})',
                     f'{target} = {name}.pop({i})', f'{name}[{i}] = {self.item(env)}', f'del {name}[{i}]',
                     f'del {name}[{i}:{j}]']
        return rng.choice(some)

    def dict(self, env, target):
        rng = self.rng
        name = self.pick(env, dict)
        if not name:
            return None
        key = rng.choice(KEYS)
        some = [f'{name}[{key}] = {self.item(env)}'] * 4 + [f'{target} = {name}.copy()', f'{target} = {name}.get({key})',
                                                            f'{target} = {name}.setdefault({key}, {self.item(env)})']
        if env[name]:
            key = repr(rng.choice(list(env[name])))
            some += [f'{target} = {name}[{key}]', f'del {name}[{key}]', f'{target} = {name}.pop({key})',
                     f'{name}[{key}] = {self.item(env)}']
            if rng.random() < 0.3:
                some.append(f'{name}.clear()')
        return rng.choice(some)

    def tuple(self, env, target):
        name = self.pick(env, tuple)
        if not name:
            return None
        some = [f'{target} = {name}[{self.rng.randrange(len(env[name]))}]'] if env[name] else []
        if len(env[name]) < 8:
            some += [f'{target} = {name} + {self.pick(env, tuple)}', f'{target} = {name} * {self.rng.randrange(2, 4)}']
        return self.rng.choice(some) if some else None

    def instance(self, env, target):
        rng = self.rng
        name = self.pick(env, *CLASSES)
        if not name:
            return None
        has = list(vars(env[name])) if rng.random() < 0.5 else []
        if has:
            attribute = rng.choice(has)
            return rng.choice([f'{target} = {name}.{attribute}', f'del {name}.{attribute}'])
        return f'{name}.{rng.choice(ATTRIBUTES)} = {self.item(env)}'

    def number(self, env, target):
        left, right = self.pick(env, float), self.pick(env, float)
        if left and self.rng.random() < 0.6:
            return self.rng.choice([f'{target} = {left} + {right}', f'{target} = {left} * {right}', f'{left} += {right}'])
        left, right = self.pick(env, int), self.pick(env, int)
        if left and max(env[left], env[right]) < 2**28:
            return f'{target} = {left} + {right}'
        return None

    def weakref(self, env, target):
        name = self.pick(env, ReferenceType)
        if name and self.rng.random() < 0.5:
            return self.rng.choice([f'{target} = {name}()', f'? {name}() is None'])
        name = self.pick(env, *CLASSES)
        return name and self.rng.choice([f'{target} = ref({name})', f'{target} = ref({name}, cb)'])

    def cycle(self, env, target):
        rng = self.rng
        name, other = self.pick(env, list, dict, *CLASSES), self.pick(env, list, dict, *CLASSES)
        if not name:
            return None
        if rng.random() < 0.4:
            other = name
        if type(env[name]) is list:
            return f'{name}.append({other})'
        if type(env[name]) is dict:
            return f"{name}['c'] = {other}"
        return f'{name}.p = {other}'

    def collect(self, env, target):
        return self.rng.choice(['? gc.collect()', '? gc.collect()', '? gc.collect(0)', '? gc.collect(1)'])

    def kept(self, env, target):
        return self.rng.choice([f'{target} = G.pop()', '? len(G)', 'G.clear()']) if G else None

    def look(self, env, target):
        rng = self.rng
        name = self.pick(env, list, tuple, dict)
        some = [f'? gc.is_tracked({self.anything(env)})', f'? {self.anything(env)} is {self.anything(env)}'] if env else []
        if name:
            some += [f'? len({name})', f'? sizeof({name})']
            if type(env[name]) is not dict and len(env[name]):
                some += [f'? id({name}[{rng.randrange(len(env[name]))}])'] * 2
        return rng.choice(some) if some else None

    def call(self, env, target):
        """A function of this program's own, called once."""
        rng = self.rng
        if not env:
            return None
        name = f'f{len(self.functions) + 1}'
        params = rng.sample(NAMES, rng.randrange(0, 3))
        arguments = [self.item(env) for _ in params]
        passed = ', '.join(arguments)
        # Evaluated here once more: the body is made for values like those that will come.
        inner = dict(zip(params, eval(f'[{passed}]', {c.__name__: c for c in CLASSES}, dict(env))))
        lines = self.body(inner, rng.randrange(1, 8), inside=True)
        result = rng.choice(list(inner)) if inner and rng.random() < 0.8 else None
        lines.append(f'return {result}' if result else 'return None')
        self.functions.append(f'def {name}({", ".join(params)}): {"; ".join(lines)}')
        value = inner.get(result)
        self.callables = {**self.callables, name: lambda *_: value}
        return f'{target} = {name}({passed})' if rng.random() < 0.75 else f'{name}({passed})'


def recorded(program, noise):
    """What recorder.py writes; None for a program that raises."""
    done = subprocess.run([sys.executable, '-I', '-B', str(HERE / 'recorder.py'), str(noise)], input=program,
                          capture_output=True, text=True, env={**os.environ, 'PYTHONHASHSEED': 'random'})
    return done.stdout.rstrip('\n') if done.returncode == 0 else None


def both(program):
    return recorded(program, 0), recorded(program, 1 + len(program))


def written():
    """The programs of written.txt: a title, lines, a blank line."""
    for block in (HERE / 'written.txt').read_text().strip().split('\n\n'):
        title, *lines = [line for line in block.split('\n') if not line.startswith('#')]
        *functions, main = lines
        yield title, '\n'.join([*functions, main])


def main():
    assert sys.version_info[:2] == (3, 12), sys.version
    gc.disable()
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    out = []
    with ThreadPoolExecutor(2) as pool:
        titled = list(written())
        for (title, program), (first, second) in zip(titled, pool.map(both, [p for _, p in titled])):
            assert first is not None and first == second, (title, first, second)
            out.append(f'== {title}\n{program}\n> {first}\n')
        differ = raised = 0
        kept = []
        while len(kept) < COUNT:
            programs = []
            while len(programs) < COUNT - len(kept):
                programs.append(Maker(seed).program())
                seed += 1
            for program, (first, second) in zip(programs, pool.map(both, programs)):
                if first is None:
                    raised += 1
                elif first != second:
                    differ += 1
                else:
                    kept.append((program, first))
    for n, (program, first) in enumerate(kept):
        out.append(f'== random {n + 1}\n{program}\n> {first}\n')
    (HERE / 'recorded.txt').write_text('\n'.join(out))
    print(f'{len(titled)} written, {len(kept)} random; left out: {differ} not the same twice, {raised} raised')


if __name__ == '__main__':
    main()
