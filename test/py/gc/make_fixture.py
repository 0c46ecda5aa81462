"""Writes fixture.json: what CPython 3.12's collector, finalisers and weak references do in these programs.

    python make_fixture.py        with CPython 3.12

Each function is a program, and its docstring what it shows; programs.ts has the same ones in this library's words.
"""

import gc
import json
import pathlib
import sys
import weakref

assert sys.version_info[:2] == (3, 12), sys.version

PROGRAMS = []


def program(fn):
    PROGRAMS.append(fn)
    return fn


# Made anew for each program: what its instances are like depends on all that there were before.
Plain = Loud = None


def make_classes():
    class Plain:
        pass

    class Loud:
        """Says its name when it dies; `last_words` is called with it then."""

        last_words = None

        def __init__(self, name):
            self.name = name

        def __del__(self):
            Loud.say(f'del {self.name}')
            if Loud.last_words:
                Loud.last_words(self)

    globals().update(Plain=Plain, Loud=Loud)


def never(ref):
    raise AssertionError('the callback of a weak reference that is trash')


@program
def returns(say):
    """what collect() returns: each unreachable object counts"""
    a = []
    a.append(a)
    del a
    say(gc.collect())
    a = {}
    a['a'] = a
    del a
    say(gc.collect())
    a = []
    a.append((a, 1))
    del a
    say(gc.collect())
    a = Plain()
    a.self = a
    a.x = [1, 2]
    a.y = {'k': [object()]}
    a.z = 'z'
    del a
    say(gc.collect())
    a = []
    a.append([a])
    b = a[0]
    del a
    say(gc.collect(), len(b))
    del b
    say(gc.collect())


@program
def finalizers(say):
    """__del__ runs in the order in which the collector knew the objects"""
    a, b, c = Loud('a'), Loud('b'), Loud('c')
    b.next, c.next, a.next = a, b, c
    del a, c, b
    say(gc.collect())
    a, b = Loud('a'), Loud('b')
    a.other, b.other = b, a
    gc.collect()
    b.other = None
    b.other = a
    del a, b
    say(gc.collect(0), gc.collect(1), gc.collect(2))


@program
def whole(say):
    """nothing is cleared before all __del__ have run"""

    def words(self):
        say(self.name, self.other.name, self.other.other is self, gc.is_finalized(self))

    Loud.last_words = words
    a, b = Loud('a'), Loud('b')
    a.other, b.other = b, a
    del a, b
    say(gc.collect())
    a = Loud('a')
    a.other = a
    a.other = Loud('b')
    a.other.other = a
    del a
    say(gc.collect())


@program
def resurrection(say):
    """what __del__ revives lives on with all it leads to; __del__ is not called again"""
    saved = []
    a, b, c = Loud('a'), Loud('b'), Loud('c')
    a.b, b.a, b.c = b, a, c
    lonely = Loud('lonely')
    lonely.self = lonely

    def words(self):
        if self.name == 'b':
            saved.append(self)

    Loud.last_words = words
    del a, b, c, lonely
    say(gc.collect())
    say(saved[0].name, saved[0].a.name, saved[0].c.name, gc.is_finalized(saved[0]), gc.is_tracked(saved[0]))
    saved.clear()
    say(gc.collect())


@program
def resurrection_by_count(say):
    """an object whose count came to 0 is revived the same way, once"""
    saved = []

    def words(self):
        saved.append(self)
        say(sys.getrefcount(self) - 1 >= 2, gc.is_finalized(self))

    Loud.last_words = words
    a = Loud('a')
    a.x = Plain()
    del a
    say(len(saved), saved[0].name, gc.is_finalized(saved[0]), gc.is_tracked(saved[0]), sys.getrefcount(saved[0]))
    saved.clear()
    say('gone')


@program
def weakrefs_of_trash(say):
    """callbacks of reachable weak references to trash run, before any __del__; those of trash do not"""
    a = Loud('a')
    a.self = a
    outer = weakref.ref(a, lambda r: say('outer', r() is None, r is outer))
    inner = weakref.ref(a, never)
    a.inner = inner
    quiet = weakref.ref(a)
    second = weakref.ref(a, lambda r: say('second', quiet() is None))
    del inner
    Loud.last_words = lambda self: say(quiet() is None, self.inner() is None, weakref.getweakrefcount(self))
    del a
    say(gc.collect())
    say(outer(), second(), quiet())


@program
def callbacks_by_count(say):
    """callbacks run after __del__, the newest first, when all references are dead"""
    a = Loud('a')
    first = weakref.ref(a, lambda r: say('first', r is first, second() is None))
    quiet = weakref.ref(a)
    second = weakref.ref(a, lambda r: say('second', quiet() is None, first() is None))
    third = weakref.ref(a, lambda r: say('third'))
    del third
    say(weakref.ref(a) is quiet, weakref.getweakrefcount(a))
    say([r is s for r, s in zip(weakref.getweakrefs(a), [quiet, second, first])])
    Loud.last_words = lambda self: say(quiet() is self)
    del a
    say(quiet())


@program
def shared(say):
    """there is one weak reference without a callback"""
    a = Plain()
    r = weakref.ref(a)
    say(weakref.ref(a) is r, sys.getrefcount(r), sys.getrefcount(a), weakref.getweakrefcount(a))
    del r
    say(weakref.getweakrefcount(a))
    f = lambda r: None
    p, q = weakref.ref(a, f), weakref.ref(a, f)
    say(p is q, weakref.getweakrefcount(a), p() is a, p() is q())


@program
def untracking(say):
    """tuples of atoms are untracked by the collector, dicts of atoms are not tracked at all"""
    inner = tuple([2, 3])
    t, u, v = tuple([1, 'a', None]), tuple([1, []]), tuple([1, inner])
    del inner
    say(gc.is_tracked(t), gc.is_tracked(u), gc.is_tracked(v))
    for _ in range(2):
        gc.collect()
        say(gc.is_tracked(t), gc.is_tracked(u), gc.is_tracked(v))
    d, e, g = {'a': 1}, {'a': []}, {'a': tuple([1, 2])}
    say(gc.is_tracked(d), gc.is_tracked(e), gc.is_tracked(g))
    d['b'] = []
    say(gc.is_tracked(d))
    d['b'] = None
    say(gc.is_tracked(d))
    gc.collect()
    say(gc.is_tracked(d), gc.is_tracked(e), gc.is_tracked(g))
    say(*[gc.is_tracked(x) for x in (1, 1.5, 's', None, True, object(), [], {}, Plain(), Plain, ())])


@program
def generations(say):
    """what survives a collection moves to the next older generation"""

    def where(x):
        return [i for i in range(3) if any(y is x for y in gc.get_objects(i))]

    gc.collect()
    a = [1]
    say(where(a))
    gc.collect(0)
    say(where(a))
    gc.collect(0)
    say(where(a))
    gc.collect(1)
    say(where(a))
    gc.collect()
    say(where(a))
    gc.collect()
    gc.freeze()
    say(where(a), gc.get_freeze_count() > 0)
    gc.unfreeze()
    say(where(a), gc.get_freeze_count())


@program
def old_trash(say):
    """a collection of a young generation does not see trash in an older one, nor what only that refers to"""
    a, b = Loud('old'), Loud('young')
    a.self = a
    gc.collect()
    b.self = b
    a.b = b
    del a, b
    say(gc.collect(0))
    say(gc.collect(1))
    say(gc.collect(2))


@program
def counts(say):
    """how many were allocated less how many were freed; how often the younger generation was collected"""
    keep = []
    gc.collect()
    # Free lists are full again, so that counting does not count.
    say(gc.get_count()[1:])
    start = gc.get_count()[0]
    for i in range(5):
        keep.append(Plain())
    grown = gc.get_count()[0]
    for i in range(3):
        keep.pop()
    shrunk = gc.get_count()[0]
    for i in range(50):
        Plain()
    say(grown - start, shrunk - start, gc.get_count()[0] - start)
    gc.collect(0)
    gc.collect(0)
    say(gc.get_count()[1:])
    gc.collect(1)
    say(gc.get_count()[1:])
    gc.collect(1)
    gc.collect(0)
    say(gc.get_count()[1:])
    gc.collect()
    say(gc.get_count()[1:])


@program
def thresholds(say):
    """a collection by itself is of the oldest generation whose count exceeds its threshold"""
    keep = []
    gc.collect()
    seen = []
    gc.set_threshold(10, 2, 1000)
    gc.enable()
    for i in range(60):
        keep.append(Plain())
        seen.extend(gc.get_count()[:2])
    gc.disable()
    start = seen[0] - 1
    say(start < 3)
    sizes = []
    before = 0
    for young, middle in zip(seen[::2], seen[1::2]):
        if middle != before:
            sizes.append(middle)
            before = middle
    say(sizes)
    say(max(seen[::2]))
    gc.set_threshold(0)
    gc.enable()
    gc.collect()
    for i in range(2000):
        keep.append(Plain())
    say(gc.get_count()[0] >= 2000)


@program
def quarter(say):
    """the oldest generation is collected by itself only when a quarter as much has survived as is in it"""
    gc.collect()
    gc.freeze()
    keep = [Plain() for i in range(400)]
    gc.collect()
    start = gc.get_stats()[2]['collections']
    gc.set_threshold(10, 1, 1)
    gc.enable()
    for i in range(300):
        keep.append(Plain())
        if gc.get_stats()[2]['collections'] > start:
            break
    gc.disable()
    gc.unfreeze()
    say(130 < i < 146)


@program
def disabled(say):
    """disable() stops what happens by itself, not collect()"""
    gc.disable()
    say(gc.isenabled())
    gc.set_threshold(5)
    for i in range(20):
        a = Loud(i)
        a.self = a
    del a
    say('still there')
    say(gc.collect(), gc.get_threshold())
    gc.enable()
    say(gc.isenabled())


@program
def referrers(say):
    """what refers, and what is referred to"""
    x = []
    a, b, c, d = Plain(), [x], (x, 1), {'x': x}
    a.x = x
    own = (a, b, c, d)
    found = [[i for i, y in enumerate(own) if y is r] for r in gc.get_referrers(x)]
    say(sorted(sum(found, [])))
    a.b, a.n = b, 7
    say([y is z for y, z in zip(gc.get_referents(a), [x, b, 7, Plain])], len(gc.get_referents(a)))
    say(gc.get_referents(b) == [x], gc.get_referents(c) == [x, 1] or gc.get_referents(c) == [1, x])
    say(gc.get_referents(1), gc.get_referents('s', 1.5), gc.get_referents(weakref.ref(a)))
    say(gc.get_referents(d), gc.get_referents({1: x}), gc.get_referents({1: 2, 's': x}), gc.get_referents(b, b))
    del a.b
    say(len(gc.get_referents(a)))
    x.append(x)
    say(any(y is x for y in gc.get_referrers(x)))
    x.clear()


@program
def attributes_die(say):
    """the attributes of an instance die in the order of their names in the class, those of trash in the collector's"""
    a = Plain()
    a.x, a.y = Loud('x'), Loud('y')
    del a
    a = Plain()
    a.y, a.x = Loud('y'), Loud('x')
    del a
    a = Plain()
    a.y, a.x, a.self = Loud('y'), Loud('x'), a
    del a
    say(gc.collect())
    a = Plain()
    a.x = Loud('old')
    a.x = Loud('new')
    del a.x
    say('deleted')


@program
def chain(say):
    """deep down, the trashcan makes them wait"""
    a = None
    for i in range(130):
        b = Plain()
        b.loud, b.next = Loud(i), a
        a = [b]
    del b
    del a
    a = None
    for i in range(120):
        b = Loud(i)
        b.next = a
        a = [(b,)]
    del b
    del a


@program
def articles(say):
    """article 3's two objects that refer to each other"""

    def exists(address):
        return any(id(x) == address for x in gc.get_objects())

    gc.disable()
    a = Plain()
    a.b = Plain()
    a.b.a = a
    id_a, id_b = id(a), id(a.b)
    say(sys.getrefcount(a) - 1, sys.getrefcount(a.b) - 1, exists(id_a), exists(id_b))
    a = None
    say(exists(id_a), exists(id_b))
    say(gc.collect())
    say(exists(id_a), exists(id_b))
    gc.enable()


@program
def growing(say):
    """trash may make new trash, and let go of old"""
    saved = []

    def words(self):
        n = Plain()
        n.self = n
        if self.name < 3:
            m = Loud(self.name + 1)
            m.self = m
            saved.append(m)

    Loud.last_words = words
    a = Loud(0)
    a.self = a
    del a
    for i in range(5):
        say(gc.collect(), len(saved))
        saved.clear()


def texts():
    class B:
        pass

    b, made = B(), {}

    def of(name, fn):
        try:
            fn()
        except Exception as error:
            made[name] = f'{type(error).__name__}: {error}'

    of('read', lambda: b.x)
    of('delete', lambda: delattr(b, 'x'))
    of('class', lambda: B.foo)
    of('arguments', lambda: B(1))

    class E:
        def __init__(self):
            return 3

    of('init', E)
    of('collect', lambda: gc.collect(3))
    of('collect negative', lambda: gc.collect(-1))
    of('collect str', lambda: gc.collect('a'))
    of('collect float', lambda: gc.collect(1.5))
    of('objects', lambda: gc.get_objects(3))
    of('objects negative', lambda: gc.get_objects(-2))
    of('objects str', lambda: gc.get_objects('a'))
    of('threshold', lambda: gc.set_threshold())
    of('threshold str', lambda: gc.set_threshold('a'))
    of('threshold many', lambda: gc.set_threshold(1, 2, 3, 4))
    of('weak list', lambda: weakref.ref([]))
    of('weak int', lambda: weakref.ref(1))
    of('weak None', lambda: weakref.ref(None))
    of('weak object', lambda: weakref.ref(object()))
    of('weak dict', lambda: weakref.ref({}))
    of('weak tuple', lambda: weakref.ref(()))
    of('class name', lambda: type(3, (), {}))
    return made


def said(fn):
    lines = []

    def say(*values):
        lines.append(' '.join(map(repr, values)) if len(values) != 1 or not isinstance(values[0], str) else values[0])

    make_classes()
    gc.collect()
    Loud.say = say
    gc.disable()
    fn(say)
    Loud.last_words = None
    make_classes()
    gc.disable()
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    gc.collect()
    return lines


if __name__ == '__main__':
    fixture = {fn.__name__: {'shows': fn.__doc__, 'says': said(fn)} for fn in PROGRAMS}
    sizes = [sys.getsizeof(Plain()), sys.getsizeof(weakref.ref(Plain)), sys.getsizeof(Plain)]
    path = pathlib.Path(__file__).parent / 'fixture.json'
    path.write_text(json.dumps({'programs': fixture, 'texts': texts(), 'sizes': sizes}, indent=1) + '\n')
