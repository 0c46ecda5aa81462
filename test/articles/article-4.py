# Article 4, "When is an object destroyed?": counts, immortal objects, INCREF and DECREF, free lists.

#: 4.1
class A:
    def __del__(self):
        print('destroyed')
a = A()
address = id(a)
b = a
print(ref_count(address))
del a
print(ref_count(address))
del b
print('the next line')

#: 4.2
for thing in [], {}, (1,), 'text', 1.5, 1000, object(), None:
    print(ref_count(type_word(id(thing))))

#: 4.3
for thing in None, True, False, -5, 0, 10, 256, (), '', 'a':
    print(sys.getrefcount(thing))
print([sys.getrefcount(int(text)) for text in ('-6', '-5', '256', '257')])

#: 4.4
before = ref_count(id(None))
kept = [None] * 1000
print(ref_count(id(None)), before)
kept.clear()
print(ref_count(id(None)))
print(int('256') is int('256'), int('257') is int('257'))

#: 4.5
print(ref_count(id(None)) == 2 ** 32 - 1)

#: 4.6
def test():
    a = [1]
    count = ctypes.c_uint32.from_address(id(a))
    count.value = 2 ** 31
    b = a
    print(count.value - 2 ** 31)
    del b
    print(count.value - 2 ** 31)
    count.value = 2 ** 32 - 1
    b = a
    print(count.value)
    del b
    print(count.value)
    count.value = 1
test()

#: 4.7
class A: pass
ref = weakref.ref(A)
gc.disable()
del A
print(ref() is None)
gc.collect()
print(ref() is None)

#: 4.8
class A: pass
a = A()
del A
print(type(a).__name__)
b = type(a)()
print(type(a) is type(b))

#: 4.9
e = 2.71
del e
try:
    e
except NameError as error:
    print(error)
try:
    compile('del 2.71', '', 'exec')
except SyntaxError as error:
    print(error.msg)

#: 4.10
e = float('2.71')
f = e
address = id(e)
print(ref_count(address))
del e
print(ref_count(address), f)

#: 4.11
gc.disable()
a = []
a.append(a)
address = id(a)
del a
print(ref_count(address), found(address))
gc.collect()
print(ref_count(address), found(address))

#: 4.12
a = [1]
b = a
print(ctypes.c_uint32.from_address(id(a)).value)
print(ctypes.c_int64.from_address(id(a)).value, ctypes.c_uint32.from_address(id(a) + 4).value)

#: 4.13
a = [1, 2, 3]
address = id(a)
print('a = [1, 2, 3]', ref_count(address))
b = a
print('b = a', ref_count(address))
c = [a, a]
print('c = [a, a]', ref_count(address))
d = {'k': a}
print("d = {'k': a}", ref_count(address))
c.pop()
print('c.pop()', ref_count(address))
d['k'] = None
print("d['k'] = None", ref_count(address))
del b
print('del b', ref_count(address))
del c
print('del c', ref_count(address))
a = None
print('a = None', ref_count(address))

#: 4.14
def count(x):
    return ref_count(id(x))
a = object()
print(ref_count(id(a)), count(a), ref_count(id(a)))

#: 4.15
class Part:
    def __init__(self, name):
        self.name = name
    def __del__(self):
        print('dealloc of', self.name)
outer = Part('outer')
outer.inner = Part('inner')
outer.inner.most = Part('innermost')
shared = outer.inner.most
del outer
print('the shared one is alive:', sys.getrefcount(shared))
del shared

#: 4.16
a = [1]
pointer = ctypes.c_void_p(id(a))
ctypes.pythonapi.Py_IncRef(pointer)
print(ref_count(id(a)))
ctypes.pythonapi.Py_DecRef(pointer)
print(ref_count(id(a)))
ctypes.pythonapi.Py_IncRef(None)
ctypes.pythonapi.Py_DecRef(None)
print('NULL is let be')

#: 4.17
n = 0
first = [1]
address = id(first)
del first
other = (n, n, n)
print(id(other) == address)
second = [2]
print(id(second) == address)

#: 4.18
n = 0
kept = [None] * 3000
def taken_by_tuple(address):
    for i in range(3000):
        kept[i] = (n, n, n)
    taken = address in map(id, kept)
    kept[:] = [None] * 3000
    return taken
first = [1]
address = id(first)
del first
print(taken_by_tuple(address))
gc.collect()
print(taken_by_tuple(address))

#: 4.19
lists = [[] for _ in range(200)]
gc.collect()
before = free_lists('PyListObject')
lists.clear()
print(free_lists('PyListObject'))
again = [[] for _ in range(30)]
print(free_lists('PyListObject') <= 50)
gc.collect()
print(free_lists('PyListObject'))

#: 4.20
kinds = {'list': lambda: [1], 'dict': lambda: {'k': 1}, 'float': lambda: float('1.5'), 'tuple': lambda: tuple([1, 2])}
for name, make in kinds.items():
    thing = make()
    address = id(thing)
    del thing
    thing = make()
    print(name, id(thing) == address)
