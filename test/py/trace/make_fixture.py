"""Writes fixture.json: the instructions that CPython 3.12's `dis` shows for functions, which trace.test.ts has in the
library's words under the same names.

    python3.12 make_fixture.py

An instruction is [name, what it is about]: the name of a variable or attribute, a constant's repr, an operator's sign, or
the number that it takes. A call of a function defined here is followed by the callee's instructions.
"""

import dis
import gc
import json
import pathlib
import sys

CONSTANT = {'LOAD_CONST', 'RETURN_CONST', 'KW_NAMES'}
NO_ARGUMENT = {'POP_TOP', 'RETURN_VALUE', 'BINARY_SUBSCR', 'STORE_SUBSCR', 'DELETE_SUBSCR', 'BINARY_SLICE', 'STORE_SLICE'}


class A:
    pass


def article_2():
    ins = object()
    print(id(ins))


def lists():
    l = [1, 2, 3]
    r = l
    l += [4]
    l.append(5)
    m = l + [6]
    repr(l)


def deletion():
    a = object()
    b = a
    print(b is a)
    del a


def attributes():
    a = A()
    a.self = a
    x = a.self
    del a.self
    x.p = A()
    x.p.q = x


def items():
    l = [None, None]
    x = l[0]
    l[0] = 1
    del l[0]
    y = l[1:3]
    del l[0:2]
    l[1:2] = [x]


def displays():
    a = object()
    d = {'k': a}
    e = {'k': a, 'm': d}
    t = (a, d)
    u = (1, a)
    s = [a, 2, [a]]
    f = {}
    z = [[], [a, a]]


def calls():
    a = [object(), object()]
    x = a.copy().pop(0)
    a.extend([x, a.pop()])
    len(a)
    sys.getrefcount(a)
    gc.collect()
    b = [a]
    b == a
    a in b
    a != b


def printed():
    a = object()
    print('a', 1.5, None, True, a, sep='')
    print()
    str(a)


def returned():
    a = [object(), None]
    b = a
    return a.pop()


def constants():
    x = 5
    y = None
    z = 'text'
    w = x
    return True


def made():
    a = object()
    return [a, a]


def functions():
    x = made()
    made()
    y = [made(), x]
    return y


def nested():
    a = [[object(), (object(), 1)]]
    b = [a, a[0], a[0][1]]
    del a[0][0]
    a[0][0] = b
    a.append(id(b[1]))


OWN = {f.__name__: f for f in (made,)}


def instructions(fn):
    listing = []
    called = None
    for i in dis.get_instructions(fn):
        if i.opname in ('PUSH_NULL', 'CACHE', 'PRECALL'):
            continue
        about = i.argval
        if i.opname in CONSTANT:
            about = repr(i.argval)
        elif i.opname == 'BINARY_OP':
            about = i.argrepr
        elif i.opname in NO_ARGUMENT:
            about = None
        listing.append([i.opname, about])
        if i.opname == 'LOAD_GLOBAL' and i.argval in OWN:
            called = OWN[i.argval]
        if i.opname == 'CALL' and called:
            listing += instructions(called)
            called = None
    return listing


assert sys.version_info[:2] == (3, 12), sys.version
pieces = (article_2, lists, deletion, attributes, items, displays, calls, printed, returned, constants, functions, nested)
rows = [f'  {json.dumps(f.__name__)}: {json.dumps(instructions(f))}' for f in pieces]
pathlib.Path(__file__).with_name('fixture.json').write_text('{\n' + ',\n'.join(rows) + '\n}\n')
