# Article 1, "In-place updates and id": its experiments, and its prose as far as it states facts. One program a number;
# make_fixture.py runs each in a process of its own.

#: 1.1
a, b = [1, 2], [1, 2]
before = id(a)
a.append(3)
print(id(a) == before, id(a) == id(b))
o = object()
print(hex(id(o)) in repr(o))

#: 1.2
a, b, d = [1], [2], {}
print(word(id(a)) == ref_count(id(a)) == 1)
print(type_word(id(a)) == type_word(id(b)), type_word(id(a)) == type_word(id(d)))

#: 1.3
X = np.array([1, 2, 3])
Y = X
print(id(X) == id(Y))
Y = X.copy()
print(id(X) == id(Y))

#: 1.4
X, Y = np.array([1, 2, 3]), np.array([4, 5, 6])
before = id(Y)
Y = Y + X
print(id(Y) == before)
print(Y)

#: 1.5
X, Y = np.array([1, 2, 3]), np.array([4, 5, 6])
before = Y.ctypes.data
Z = Y + X
print(np.shares_memory(Z, Y), np.shares_memory(Z, X), Z.ctypes.data == before)

#: 1.6
gc.disable()
Y = [1, 2, 3]
class Part:
    def __del__(self):
        print('the old one is gone')
Y.append(Part())
Y = [4] + [5]
print('the next line')

#: 1.7
X, Y = np.array([1, 2, 3]), np.array([4, 5, 6])
ref = Y
Y = Y + X
print(Y, ref)

#: 1.8
X, Y = np.array([1, 2, 3]), np.array([4, 5, 6])
Z = np.zeros_like(Y)
before = id(Z)
print(Z)
Z[:] = X + Y
print(id(Z) == before)
print(Z)

#: 1.9
X, Y, Z = np.ones(1000), np.ones(1000), np.zeros(1000)
def write():
    Z[:] = X + Y
def add():
    np.add(X, Y, out=Z)
print('Z[:] = X + Y makes a temporary:', needs(write, 8000))
print('np.add(X, Y, out=Z) makes a temporary:', needs(add, 8000))

#: 1.10
X, Y = np.array([1, 2, 3]), np.array([4, 5, 6])
before = id(X)
X += Y
print(id(X) == before)
print(X)

#: 1.11
X = np.array([1, 2, 3])
before = id(X)
try:
    X += np.array([0.5, 0.5, 0.5])
except TypeError as error:
    print(type(error).__name__)
    print(error)
print(id(X) == before, X)
F = np.array([1.0, 2.0], dtype=np.float32)
F += np.array([0.5, 0.5])
print(F, F.dtype)

#: 1.12
X = np.array([1, 2, 3])
try:
    X += np.array([[1, 2, 3], [4, 5, 6]])
except ValueError as error:
    print(error)
print(X)

#: 1.13
t = (1, 2)
before, old = id(t), t
t += (3,)
print(id(t) == before, t, old)
n = 1000
old = n
n += 1
print(n is old, n, old)

#: 1.14
X, Y = np.array([1, 2, 3]), np.array([4, 5, 6])
print(np.add(X, Y, out=X) is X)
print(X)

#: 1.15
arr, X = np.array([1, 2, 3]), np.array([4, 5, 6])
before = id(arr)
arr += X
print(arr, id(arr) == before)
print(arr.__iadd__(X) is arr)

#: 1.16
t = ([1], 2)
try:
    t[0] += [3]
except TypeError as error:
    print(error)
print(t)

#: 1.17
arr, X = np.array([1, 2, 3]), np.array([4, 5, 6])
before, ref = id(arr), arr
arr = arr + X
print(arr, id(arr) == before)
print(ref, ref is arr)

#: 1.18
X, Y = np.array([1, 2, 3]), np.array([4, 5, 6])
print(X + Y, np.add(X, Y), np.add(X, Y) is X)
print(X)

#: 1.19
lst = [1, 2, 3]
before = id(lst)
lst += [4, 5, 6]
print(lst)
print(id(lst) == before)

#: 1.20
lst = [1]
lst += (2, 3)
lst += 'ab'
print(lst)
try:
    lst = lst + (4,)
except TypeError as error:
    print(error)

#: 1.21
lst = [1, 2, 3]
before = id(lst)
lst = lst + [4, 5, 6]
print(lst)
print(id(lst) == before)

#: 1.22
lst1 = [1, 2, 3]
lst2 = [1, 2, 3]
print(f"初始 lst1 的 id: {id(lst1)}")
print(f"初始 lst2 的 id: {id(lst2)}")
ref1 = lst1
ref2 = lst2
lst1 += [4, 5]
print("lst1 += [4, 5] 后:")
print(f"  lst1 的 id: {id(lst1)}")
print(f"  ref1 的 id: {id(ref1)}")
print(f"  lst1 is ref1: {lst1 is ref1}")
print(f"  lst1 的内容: {lst1}")
print(f"  ref1 的内容: {ref1}")
lst2 = lst2 + [4, 5]
print("\nlst2 = lst2 + [4, 5] 后:")
print(f"  lst2 的 id: {id(lst2)}")
print(f"  ref2 的 id: {id(ref2)}")
print(f"  lst2 is ref2: {lst2 is ref2}")
print(f"  lst2 的内容: {lst2}")
print(f"  ref2 的内容: {ref2}")

#: 1.23
lst = []
before = id(lst)
sizes = [sys.getsizeof(lst)]
for i in range(20):
    lst.append(i)
    sizes.append(sys.getsizeof(lst))
print(*sizes)
print(id(lst) == before)
lst1, lst2 = [1, 2, 3], [1, 2, 3]
lst1 += [4, 5]
lst2 = lst2 + [4, 5]
print(sys.getsizeof(lst1), sys.getsizeof(lst2))

#: 1.24
part = object()
lst = [part, part]
ref = lst
lst = lst + [part]
print(lst[0] is ref[0], sys.getrefcount(part))

#: 1.25
w, grad, lr = np.array([1.0, 2.0]), np.array([0.5, 0.5]), 0.1
before, ref = id(w), w
w = w - lr * grad
print(id(w) == before, w, ref)

#: 1.26
w, grad, lr = np.array([1.0, 2.0]), np.array([0.5, 0.5]), 0.1
before, ref = id(w), w
w -= lr * grad
print(id(w) == before, w, ref)

#: 1.27
w, grad, step, lr = np.ones(1000), np.ones(1000), np.ones(1000), 0.1
def rebound():
    global w
    w = w - lr * grad
def in_place():
    global w
    w -= lr * grad
def no_temporary():
    np.multiply(grad, lr, out=step)
    np.subtract(w, step, out=w)
print('w = w - lr * grad needs two arrays:', needs(rebound, 16000))
print('w -= lr * grad needs one:', needs(in_place, 8000), 'and not two:', not needs(in_place, 16000))
print('with out= it needs one:', needs(no_temporary, 8000))

#: 1.28
w = torch.tensor([1.0, 2.0], requires_grad=True)
w.sum().backward()
before, pointer = id(w), w.data_ptr()
with torch.no_grad():
    w -= 0.1 * w.grad
print(id(w) == before, w.data_ptr() == pointer, w.requires_grad, w.is_leaf, w._version)
print(w)
with torch.no_grad():
    w = w - 0.1 * w.grad
print(id(w) == before, w.data_ptr() == pointer, w.requires_grad, w.is_leaf, w._version)

#: 1.29
w = torch.tensor([1.0, 2.0], requires_grad=True)
try:
    w += 1
except RuntimeError as error:
    print(error)
w = w - 0.1
print(w.is_leaf, w.requires_grad)
print(w)

#: 1.30
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x.exp()
y += 1
try:
    y.sum().backward()
except RuntimeError as error:
    print(str(error).split(':')[0])
    print('is at version 1; expected version 0 instead.' in str(error))
y = x * 2
y += 1
y.sum().backward()
print(x.grad)

#: 1.31
a = np.array([1.0, 2.0, 3.0])
x = torch.tensor([1.0, 2.0, 3.0])
def shares(array, tensor):
    return array.ctypes.data == tensor.data_ptr()
print('torch.from_numpy(a):', shares(a, torch.from_numpy(a)))
print('torch.tensor(a):', shares(a, torch.tensor(a)))
print('torch.from_numpy(a).clone():', shares(a, torch.from_numpy(a).clone()))
print('x.numpy():', shares(x.numpy(), x))
print('np.asarray(x):', shares(np.asarray(x), x))
print('np.array(x):', shares(np.array(x), x))
print('x.numpy().copy():', shares(x.numpy().copy(), x))
print('x.detach().numpy():', shares(x.detach().numpy(), x))

#: 1.32
X = torch.tensor([1, 2, 3])
A = X.numpy()
B = torch.tensor(A)
print(type(A), type(B))
A[0] = 100
print(A)
print(X)
print(B)

#: 1.33
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
a = x.t().numpy()
print(a.ctypes.data == x.data_ptr(), a.strides)
print(a)

#: 1.34
def array():
    x = torch.tensor([1.0, 2.0])
    return x.numpy()
a = array()
print(a)
def tensor():
    a = np.array([1.0, 2.0])
    return torch.from_numpy(a)
x = tensor()
print(x)

#: 1.35
x = torch.tensor([1.0, 2.0], requires_grad=True)
try:
    x.numpy()
except RuntimeError as error:
    print(error)
a = x.detach().numpy()
a[0] = 5
print(x)

#: 1.36
a = np.array([3.5])
print(a)
print(a.item())
for convert in float, int:
    try:
        print(convert(a))
    except TypeError as error:
        print(error)
print(float(a[0]), int(a[0]))

#: 1.37
x = torch.tensor([3.5])
print(x, x.item(), float(x), int(x))

#: 1.38
for a in np.array([3.5]), np.array([3]), np.array([True]), np.array(2.5):
    print(repr(a.item()), type(a.item()) is type(a))

#: 1.39
for a in np.array([1.0, 2.0]), np.zeros(0), np.array([[1, 2], [3, 4]]):
    try:
        a.item()
    except ValueError as error:
        print(error)

#: 1.40
a = np.array([1.0, 2.0])
for convert in float, int:
    try:
        convert(a)
    except TypeError as error:
        print(error)

#: 1.41
try:
    torch.tensor([1.0, 2.0]).item()
except RuntimeError as error:
    print(error)

#: 1.42
original = np.array([1, 2, 3])
copied = original.copy()
copied[0] = 100
print(original, copied)
print(np.shares_memory(original, copied), original is copied)

#: 1.43
original = np.array([1, 2, 3])
shared = original
shared[0] = 100
print(original, shared)
print(np.shares_memory(original, shared), original is shared)

#: 1.44
arr = np.array([2, 4, 6])
before = id(arr)
arr += 1
arr -= 2
arr *= 3
print(arr, id(arr) == before)
try:
    arr /= 2
except TypeError as error:
    print(error)
arr //= 2
print(arr, id(arr) == before)

#: 1.45
arr = np.array([1, 2, 3])
ref = arr
arr = arr + 1
print(arr, ref, arr is ref)

#: 1.46
arr = np.array([1, 2, 3])
original = arr.copy()
arr += 10
print(arr, original)

#: 1.47
arr = np.array([1, 2, 3])
before, ref = id(arr), arr
arr[:] = arr * 2 + 1
print(arr, id(arr) == before, ref)
arr[1:] = 0
print(arr)
try:
    arr[:] = np.array([1, 2])
except ValueError as error:
    print(error)

#: 1.48
lst = [1, 2, 3]
before, ref = id(lst), lst
lst[:] = [7, 8]
print(lst, id(lst) == before, ref)

#: 1.49
tensor = torch.tensor([1.0, 2.0, 3.0])
array = tensor.numpy()
array[0] = 100
print(tensor)
back = torch.from_numpy(array)
back[1] = 200
print(array, tensor)
separate = torch.tensor(array)
separate[2] = 300
print(array)

#: 1.50
def safe_operation(arr, other):
    original_id = id(arr)
    arr += other
    assert id(arr) == original_id, '对象标识已改变'
    return arr
def unsafe_operation(arr, other):
    original_id = id(arr)
    arr = arr + other
    assert id(arr) == original_id, '对象标识已改变'
    return arr
a = np.array([1, 2, 3])
print(safe_operation(a, np.array([1, 1, 1])) is a, a)
try:
    unsafe_operation(a, np.array([1, 1, 1]))
except AssertionError as error:
    print(error)
print(a)

#: 1.51
arr = np.zeros(3)
ids = set()
for i in range(1000):
    arr += 1
    ids.add(id(arr))
print(len(ids), arr)
arr = np.zeros(3)
ids = set()
for i in range(1000):
    arr = arr + 1
    ids.add(id(arr))
print(len(ids), arr)

#: 1.52
a = 10
b = a
print(a is b)
b = 20
print(a, b, a is b)

#: 1.53
a = [1, 2, 3]
b = a
b.append(4)
print(a, b)
print(a is b, id(a) == id(b))

#: 1.54
arr1 = np.array([1, 2, 3])
arr2 = arr1
arr2[0] = 100
print(arr1, arr1 is arr2)

#: 1.55
arr1 = np.array([1, 2, 3])
arr2 = arr1.copy()
arr2[0] = 100
print(arr1, arr2, arr1 is arr2)

#: 1.56
arr = np.array([1, 2, 3, 4, 5])
view = arr[1:4]
copied = arr[1:4].copy()
view[0] = 100
copied[1] = 300
print(arr, view, copied)
print(view.base is arr, copied.base is None, view is arr, id(view) == id(arr))
print(np.shares_memory(arr, view), np.shares_memory(arr, copied), view.ctypes.data - arr.ctypes.data)

#: 1.57
arr = np.arange(6)
print(arr.strides, arr[::2].strides, arr.reshape(2, 3).strides, arr.reshape(2, 3).T.strides)
print(np.shares_memory(arr, arr[::2]), np.shares_memory(arr, arr.reshape(2, 3).T))
arr.reshape(2, 3)[1] = 0
print(arr)

#: 1.58
arr = np.array([1, 2, 3, 4, 5])
picked = arr[[1, 2]]
picked[0] = 100
print(arr, picked)
print(np.shares_memory(arr, picked))
arr[[1, 2]] = 0
print(arr)
