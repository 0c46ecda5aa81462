# Article 2, "Why does the address of a local variable never change?".

#: 2.1
def test():
    ins = object()
    print(id(ins))
for _ in range(4):
    test()

#: 2.2
def test():
    ins = object()
    print(id(ins))
    ref = sys.getrefcount(ins)
    print(f'引用计数: {ref}')
for _ in range(3):
    test()

#: 2.3
ins = object()
print(sys.getrefcount(ins), ref_count(id(ins)))
other = ins
print(sys.getrefcount(ins), ref_count(id(ins)))
print(sys.getrefcount(object()))

#: 2.4
def test():
    ins = object()
    print(id(ins))
    del ins
for _ in range(3):
    test()

#: 2.5
class Son(object):
    def __del__(self):
        print('Deleting instance')
gc.disable()
def test():
    ins = Son()
    del ins
    print('after del')
test()

#: 2.6
class Son(object):
    def __del__(self):
        print('Deleting instance')
def test():
    ins = Son()
    print(id(ins))
for _ in range(3):
    test()

#: 2.7
kept = []
def test():
    ins = object()
    kept.append(ins)
    print(id(ins))
for _ in range(3):
    test()

#: 2.8
print(id(object()) == id(object()))
print(object() is object())
a, b = object(), object()
print(id(a) == id(b))

#: 2.9
things = [object() for _ in range(3)]
ids = [id(thing) for thing in things]
while things:
    del things[0]
again = [object() for _ in range(3)]
print([ids.index(id(thing)) for thing in again])

#: 2.10
a, b = object(), object()
low, high = sorted([a, b], key=id)
print(id(high) - id(low) == 16)
print(sys.getsizeof(a))

#: 2.11
def test():
    ins = object()
    print(id(ins))
test()
import dis
print(*[i.opname for i in dis.get_instructions(test) if i.opname not in ('RESUME', 'CACHE')])

#: 2.12
before = sys.getallocatedblocks()
made = [object() for _ in range(100)]
during = sys.getallocatedblocks()
made.clear()
after = sys.getallocatedblocks()
print(during - before >= 100, during - after >= 100)

#: 2.13
def test():
    ins = object()
    print('bound:', ref_count(id(ins)))
    other = ins
    print('loaded and bound again:', ref_count(id(ins)))
    ins = other
    print('bound to itself:', ref_count(id(ins)))
    other = None
    print('the old one is given up:', ref_count(id(ins)))
test()

#: 2.14
class Son:
    def __del__(self):
        print('Deleting instance')
def test():
    ins = Son()
    print('the last line of test')
test()
print('after the call')

#: 2.15
def test():
    ins = object()
    del ins
    return ins
try:
    test()
except UnboundLocalError as error:
    print(error)

#: 2.16
class A: pass
class B: pass
a = A()
before = id(a)
del a
b = B()
print(id(b) == before, type(b).__name__)
del b
o = object()
print(id(o) == before)
