# Article 3, "Understanding the memory model": references, counts by address, cycles and the collector.

#: 3.1
a = 10
print(hex(id(a)))
print(hex(id(a)) == hex(id(10)))

#: 3.2
my_var = 10
other_var = my_var
print(my_var is other_var)
big = int('1000')
also = big
print(big is also, big is int('1000'))

#: 3.3
my_var = 10
other_var = my_var
print(ref_count(id(my_var)), sys.getrefcount(my_var))
big = int('1000')
also = big
print(ref_count(id(big)))

#: 3.4
a = [1, 2, 3]
print(sys.getrefcount(a))
print(ref_count(id(a)))

#: 3.5
a = [1, 2, 3]
print(ref_count(id(a)))
id(a)
print(ref_count(id(a)))

#: 3.6
a = [1, 2, 3]
a_address = id(a)
a = None
print(ref_count(a_address))
print(ref_count(a_address))
print(ref_count(a_address))

#: 3.7
show = sys.displayhook
a = [1, 2, 3]
show(a)
a_address = id(a)
a = None
show(ref_count(a_address))
show(ref_count(a_address))

#: 3.8
a = [1, 2, 3]
a_address = id(a)
a = None
print(ref_count(a_address))
b = ['another']
print(id(b) == a_address, ref_count(a_address))

#: 3.9
a, b = object(), object()
id_a, id_b = id(a), id(b)
del a
del b
print(word(id_b) == id_a)
b = object()
print(id(b) == id_b, ref_count(id_b))

#: 3.10
class A:
    def __del__(self):
        print('freed')
gc.disable()
a = A()
a = None
print('the next line')

#: 3.11
gc.disable()
a = []
a.append(a)
address = id(a)
print(ref_count(address))
del a
print(ref_count(address), found(address))
print(gc.collect())
print(ref_count(address), found(address))

#: 3.12
print(gc.isenabled())
print(gc.get_threshold())

#: 3.13
class A:
    def __del__(self):
        print('collected')
gc.collect()
a = A()
a.self = a
del a
time.sleep(3)
print('a while later')
kept = [[] for _ in range(1000)]
print('after 1000 lists')

#: 3.14
class A:
    def __del__(self):
        print('collected')
gc.collect()
gc.disable()
a = A()
a.self = a
del a
kept = [[] for _ in range(10000)]
print('after ten thousand lists')
print(gc.collect())
gc.enable()
print(gc.isenabled())

#: 3.15
class A:
    def __del__(self):
        print('__del__ of', self.name)
gc.disable()
a, b = A(), A()
a.name, b.name = 'a', 'b'
a.other, b.other = b, a
del a, b
print(gc.collect())
print(gc.garbage)
print(gc.collect())

#: 3.16
alive, text, number, plain = [1], 'text', 1.5, object()
print(found(id(alive)))
print(found(id(text)), found(id(number)), found(id(plain)))

#: 3.17
gc.collect()
empty, values, nested = {}, {'k': 1}, {'k': []}
print(gc.is_tracked(empty), gc.is_tracked(values), gc.is_tracked(nested))
pair, holder = tuple([1, 2]), tuple([1, []])
print(gc.is_tracked(pair), gc.is_tracked(holder))
gc.collect()
print(gc.is_tracked(pair), gc.is_tracked(holder))

#: 3.18
class A:
    def __init__(self):
        self.b = B(self)
        print(f'A: self:{hex(id(self))},b:{hex(id(self.b))}')
class B:
    def __init__(self, a):
        self.a = a
        print(f'B: self:{hex(id(self))},a:{hex(id(self.a))}')
gc.disable()
a = A()

#: 3.19
import ctypes, gc
def ref_count(address):
    return ctypes.c_long.from_address(address).value
def object_by_id(object_id):
    for obj in gc.get_objects():
        if id(obj) == object_id:
            return 'Object Exists'
    return 'Not Found'
class A:
    def __init__(self):
        self.b = B(self)
class B:
    def __init__(self, a):
        self.a = a
gc.disable()
a = A()
id_a = id(a)
id_b = id(a.b)
print(ref_count(id_a))
print(ref_count(id_b))
print(object_by_id(id_a))
print(object_by_id(id_b))
a = None
print(ref_count(id_a))
print(ref_count(id_b))
gc.collect()
print(object_by_id(id_a))
print(object_by_id(id_b))
print(ref_count(id_a))
print(ref_count(id_b))

#: 3.20
class A: pass
class B: pass
gc.disable()
def test():
    a = A()
    a.b = B()
    a.b.a = a
    print(sum(referrer is a for referrer in gc.get_referrers(a)))
    print(sum(referrer is a.b for referrer in gc.get_referrers(a)))
    a.b.a = None
    print(ref_count(id(a)))
test()

#: 3.21
class A: pass
class B: pass
gc.collect()
a = A()
a.b = B()
a.b.a = a
id_a, id_b = id(a), id(a.b)
a = None
gc.collect()
x, y = A(), A()
print(sorted([id(x), id(y)]) == sorted([id_a, id_b]))
print(ref_count(id_a), ref_count(id_b))

#: 3.22
class A: pass
gc.disable()
a = A()
ref = weakref.ref(a)
a.self = a
del a
print(ref() is None)
gc.collect()
print(ref() is None)

#: 3.23
kept = []
class A:
    def __del__(self):
        print('__del__')
        kept.append(self)
gc.disable()
a = A()
a.self = a
del a
print(gc.collect(), len(kept))
kept[0].self = None
kept.clear()
print(gc.collect(), len(kept))
