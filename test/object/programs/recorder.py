"""Runs one object program of make_programs.py and prints what an observer inside it sees.

    python recorder.py [noise] < program        CPython 3.12, 64 bits; a process of its own for every program

A program is a line a function (`def f1(a, b): c = [a]; return c`) and, last, a line of the statements of `main`. All of it
is Python but `? expr`, which observes a number (or `? id(expr)`, an address).

After each statement are written: the address of the name that it bound, sys.getsizeof of what it made or changed, and the reference count of every name of the frame. An address is written as an ordinal: 0 for the first one seen, 1 for
the next, so that a block that is used again shows as the ordinal it had. `~n` is a `__del__` of the object at n, `!n` the
callback of the weak reference at n; `I` an immortal's count; numbers above 35 stand in parentheses, the others are digits
in base 36. The last group is what leaving `main` brings about, and then a full collection.

The observer must not show in what it observes:
  * it writes into arrays that are there before, at indices that are there before; the one int that `id` makes is gone
    before the next statement, and its block is again the first to be handed out;
  * free lists are emptied, and every size class stands at the beginning of a pool whose other blocks nobody has;
  * nothing that was allocated before the program is freed while it runs.
"""

import ctypes
import gc
import os
import random
import re
import sys
from array import array
from weakref import ref

ENTRIES = 20_000
NOTHING = 2**64 - 1

# One array for each kind of entry, and one count of entries. Short names: they stand in every line of a program.
NUM, ADR, DEL, CAL, SIZ, HED, END = (array('Q', [NOTHING] * ENTRIES) for _ in range(7))
INDICES = tuple(range(ENTRIES))
I = iter(INDICES)
G = []
rc = sys.getrefcount
# What sys.getsizeof adds to __sizeof__(). Called itself it would leave a tuple in a free list: that of its argument.
HEAD = {list: 16, tuple: 16, dict: 16, ref: 16}


class A1:
    pass


class B:
    pass


class D:
    """Says when it goes."""

    def __del__(self):
        DEL[next(I)] = id(self)


class R:
    """Says when it goes, and stays: a list of the program's refers to it from then on."""

    def __del__(self):
        DEL[next(I)] = id(self)
        G.append(self)


class M:
    """Makes a list while it goes."""

    def __del__(self):
        DEL[next(I)] = id(self)
        G.append([])


def cb(r):
    CAL[next(I)] = id(r)


def sizeof(name):
    return f'SIZ[next(I)] = {name}.__sizeof__(); HED[next(I)] = HEAD.get({name}.__class__, 0)'


def observed(statement, names):
    """The lines of one statement with what is written after it; `names` are the frame's, in order."""
    if statement.startswith('? '):
        expr = statement[2:]
        if size := re.fullmatch(r'sizeof\((\w+)\)', expr):
            return [sizeof(size[1]), 'END[next(I)] = 0']
        return [f'{"ADR" if expr.startswith("id(") else "NUM"}[next(I)] = {expr}', 'END[next(I)] = 0']
    lines = [statement]
    if statement.startswith('return'):
        return lines
    bound = re.match(r'(\w+) (?:=|\+=|\*=) ', statement)
    changed = re.match(r'(?:del )?(\w+)(?:\[| \+= | \*= |\.\w+\()', statement)
    deleted = re.fullmatch(r'del (\w+)', statement)
    if bound:
        if bound[1] not in names:
            names.append(bound[1])
        lines.append(f'ADR[next(I)] = id({bound[1]})')
        if re.search(r' = [\[{(]| [+*] |copy\(\)', statement):
            changed = bound
    if changed and changed[1] in names:
        lines.append(sizeof(changed[1]))
    if deleted:
        names.remove(deleted[1])
    lines += [f'NUM[next(I)] = rc({name})' for name in names]
    return [*lines, 'END[next(I)] = 0']


def function(name, params, statements):
    names = list(params)
    body = [line for s in statements for line in observed(s, names)]
    return '\n  '.join([f'def {name}({", ".join(params)}):', *body]) + '\n'


def source(program):
    parts = []
    for line in program.strip().split('\n'):
        head = re.match(r'def (\w+)\(([^)]*)\): ', line)
        if head:
            parts.append(function(head[1], re.findall(r'\w+', head[2]), line[head.end():].split('; ')))
        else:
            parts.append(function('main', [], line.split('; ')))
    # A call of int would leave the tuple of its arguments in a free list; an operator leaves nothing.
    text = re.sub(r"int\('(\d+)'\)", r'(ALL & \1)', ''.join(parts))
    return re.sub(r"int\('(-\d+)'\)", r'(ZERO + \1)', text)


POOL = ~(16 * 1024 - 1)
KEPT = [None] * 400_000
J = iter(tuple(range(len(KEPT))))
BLANKS = tuple(b'x' * (16 * c - 34) for c in range(3, 33))
TO_TAKE = iter((*BLANKS, None, *BLANKS, None))
# All of memory: reading a word makes nothing but an int.
WORDS = (ctypes.c_uint32 * 2**60).from_address(0)


def used_blocks(block):
    """Of the pool that gave the block."""
    return WORDS[(id(block) & POOL) >> 2]


def fresh_pools(few):
    """Takes blocks of every size class until a pool has given its first: CPython takes them from it alone from then on."""
    while blank := next(TO_TAKE):
        while True:
            KEPT[next(J)] = block = blank.upper()
            if used_blocks(block) <= few:
                break
    while True:
        KEPT[next(J)] = block = object()
        if used_blocks(block) <= few:
            break
    while True:
        KEPT[next(J)] = block = int('1000')
        if used_blocks(block) <= few + 2:
            break
    return block


def make_noise(seed):
    """What another process would have done before."""
    rng = random.Random(seed)
    made = [rng.choice([object, list, dict, lambda: [1] * rng.randrange(40), lambda: 'x' * rng.randrange(400)])()
            for _ in range(20_000)]
    rng.shuffle(made)
    del made[10_000:]
    KEPT[next(J)] = made


def base36(n):
    if n == 0xFFFFFFFF:
        return 'I'
    return '0123456789abcdefghijklmnopqrstuvwxyz'[n] if n < 36 else f'({n})'


def record(count):
    """The first entries as text."""
    seen = {}
    text = ''
    for i in range(count):
        for mark, kind in (('', ADR), ('~', DEL), ('!', CAL)):
            if kind[i] != NOTHING:
                text += mark + base36(seen.setdefault(kind[i], len(seen)))
        if NUM[i] != NOTHING:
            text += base36(NUM[i])
        if SIZ[i] != NOTHING:
            text += base36(SIZ[i] + HED[i + 1])
        if END[i] != NOTHING:
            text += ' '
    return text.rstrip(' ')


def run(program, noise):
    namespace = {
        'NUM': NUM, 'ADR': ADR, 'DEL': DEL, 'CAL': CAL, 'SIZ': SIZ, 'HED': HED, 'END': END, 'I': I, 'HEAD': HEAD,
        'ALL': 2**60 - 1, 'ZERO': 0, 'G': G,
        'rc': rc, 'gc': gc, 'ref': ref, 'cb': cb, 'Plain': A1, 'Other': B, 'Logs': D, 'Stays': R, 'Makes': M,
    }
    HEAD.update({each: 32 for each in (A1, B, D, R, M)})
    exec(compile(source(program), 'program', 'exec'), namespace)
    main = namespace['main']
    if noise:
        make_noise(noise)
    gc.disable()
    cut = [None, None]
    del cut[0:1]  # the one slice object that CPython keeps for the next
    gc.collect()
    sys._clear_type_cache()  # it refers to names, some of which nobody else does
    KEPT[next(J)] = fresh_pools(1)
    gc.collect()
    count = next(J)
    KEPT[next(J)] = fresh_pools(3)
    assert next(J) - count == len(BLANKS) + 4, 'something was freed in the old pools'
    gc.collect()
    main()
    END[next(I)] = 0
    NUM[next(I)] = gc.collect()
    END[next(I)] = 0
    print(record(next(I)))
    sys.stdout.flush()
    os._exit(0)


if __name__ == '__main__':
    assert sys.version_info[:2] == (3, 12) and sys.maxsize == 2**63 - 1
    run(sys.stdin.read(), int(sys.argv[1]) if len(sys.argv) > 1 else 0)
