// Article 1, "In-place updates and id": what rebinds a name, what writes into the object it names, and which arrays share
// their memory. fixture.json holds what CPython, NumPy and PyTorch printed.
import { describe, expect } from 'vitest'
import {
  hex,
  hold,
  id,
  is_,
  type NDArray,
  np,
  type PyHandle,
  type PyInt,
  type PyList,
  type PyTuple,
  print,
  py,
  repr,
  scope,
  type Tensor,
  torch,
  type_,
} from '../../src/index'
import { expectNothingLeft } from '../identity/live'
import { experiment, needs } from './experiment'

expectNothingLeft()

type Arrays = Record<string, NDArray>
type Lists = Record<string, PyList>
type Tensors = Record<string, Tensor>

const { getrefcount, getsizeof } = py.sys
const { c_uint32 } = py.ctypes

/** The message of the error that the code throws. */
function message(code: () => unknown): string {
  try {
    code()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

describe('id() and addresses', () => {
  experiment('1.1', 'an id stays while the object lives, and is no other living object’s', (f: Lists) => {
    f.a = py.list([1, 2])
    f.b = py.list([1, 2])
    const before = id(f.a)
    f.a.append(3)
    print(id(f.a) === before, id(f.a) === id(f.b))
    const o = hold(py.object())
    print(repr(o).includes(hex(id(o)).slice(2)))
  })

  experiment('1.2', 'at the address are the reference count and the type', (f: Record<string, PyHandle>) => {
    f.a = py.list([1])
    f.b = py.list([2])
    f.d = py.dict({})
    const type = (o: PyHandle) => c_uint32.from_address(id(o) + 4).value
    print(c_uint32.from_address(id(f.a)).value === getrefcount(f.a) - 1)
    print(type(f.a) === type(f.b), type(f.a) === type(f.d))
  })

  experiment('1.3', 'two names of one array have one id, another array has another', (f: Arrays) => {
    f.X = np.array([1, 2, 3])
    f.Y = f.X
    print(id(f.X) === id(f.Y))
    f.Y = f.X.copy()
    print(id(f.X) === id(f.Y))
  })
})

describe('Y = Y + X makes a new array', () => {
  experiment('1.4', 'the name gets another id', (f: Arrays) => {
    f.X = np.array([1, 2, 3])
    f.Y = np.array([4, 5, 6])
    const before = id(f.Y)
    f.Y = f.Y.add(f.X)
    print(id(f.Y) === before)
    print(f.Y)
  })

  experiment('1.5', 'with memory of its own', (f: Arrays) => {
    f.X = np.array([1, 2, 3])
    f.Y = np.array([4, 5, 6])
    const before = f.Y.ctypes.data
    f.Z = f.Y.add(f.X)
    print(np.shares_memory(f.Z, f.Y), np.shares_memory(f.Z, f.X), f.Z.ctypes.data === before)
  })

  experiment('1.6', 'the old object is freed by its reference count, at once, without the collector', (f: Lists) => {
    py.gc.disable()
    f.Y = py.list([1, 2, 3])
    f.Y.append(py.instance('Part', { __del__: () => print('the old one is gone') }))
    f.Y = py.list([4]).add(py.list([5]))
    print('the next line')
  })

  experiment('1.7', 'other names keep the old one', (f: Arrays) => {
    f.X = np.array([1, 2, 3])
    f.Y = np.array([4, 5, 6])
    f.ref = f.Y
    f.Y = f.Y.add(f.X)
    print(f.Y, f.ref)
  })
})

describe('in place: Z[:] = X + Y, X += Y', () => {
  experiment('1.8', 'Z[:] = X + Y keeps the id of Z', (f: Arrays) => {
    f.X = np.array([1, 2, 3])
    f.Y = np.array([4, 5, 6])
    f.Z = np.zeros_like(f.Y)
    const before = id(f.Z)
    print(f.Z)
    f.Z.set_at_([':'], f.X.add(f.Y))
    print(id(f.Z) === before)
    print(f.Z)
  })

  experiment('1.9', 'but X + Y is an array of its own first; np.add(X, Y, out=Z) makes none', (f: Arrays) => {
    f.X = np.ones([1000])
    f.Y = np.ones([1000])
    f.Z = np.zeros([1000])
    const write = () => f.Z.set_at_([':'], f.X.add(f.Y))
    const add = () => np.add(f.X, f.Y, { out: f.Z })
    print('Z[:] = X + Y makes a temporary:', needs(write, 8000))
    print('np.add(X, Y, out=Z) makes a temporary:', needs(add, 8000))
  })

  experiment('1.10', 'X += Y keeps the id of X', (f: Arrays) => {
    f.X = np.array([1, 2, 3])
    f.Y = np.array([4, 5, 6])
    const before = id(f.X)
    f.X = f.X.iadd_(f.Y)
    print(id(f.X) === before)
    print(f.X)
  })

  experiment('1.11', '+= does not fall back to a new array: a cast that loses is refused', (f: Arrays) => {
    f.X = np.array([1, 2, 3])
    const before = id(f.X)
    try {
      f.X.iadd_(np.array([0.5, 0.5, 0.5]))
    } catch (error) {
      print((error as Error).name)
      print(error)
    }
    print(id(f.X) === before, f.X)
    f.F = np.array([1, 2], { dtype: np.float32 })
    f.F = f.F.iadd_(np.array([0.5, 0.5]))
    print(f.F, f.F.dtype)
  })

  experiment('1.12', 'and so is a sum that has more elements than X', (f: Arrays) => {
    f.X = np.array([1, 2, 3])
    print(
      message(() =>
        f.X.iadd_(
          np.array([
            [1, 2, 3],
            [4, 5, 6],
          ]),
        ),
      ),
    )
    print(f.X)
  })

  experiment(
    '1.13',
    'a new object is what += makes of types without __iadd__: tuples, ints',
    (f: Record<string, PyTuple>) => {
      f.t = py.tuple([1, 2])
      const before = id(f.t)
      f.old = f.t
      f.t = f.t.add(py.tuple([3]))
      print(id(f.t) === before, f.t, f.old)
      scope((g: Record<string, PyInt>) => {
        g.n = py.int(1000)
        g.old = g.n
        g.n = g.n.add(1)
        print(is_(g.n, g.old), g.n, g.old)
      })
    },
  )

  experiment('1.14', 'np.add(X, Y, out=X) returns X', (f: Arrays) => {
    f.X = np.array([1, 2, 3])
    f.Y = np.array([4, 5, 6])
    print(is_(np.add(f.X, f.Y, { out: f.X }), f.X))
    print(f.X)
  })

  experiment('1.15', 'arr += X returns arr itself', (f: Arrays) => {
    f.arr = np.array([1, 2, 3])
    f.X = np.array([4, 5, 6])
    const before = id(f.arr)
    f.arr = f.arr.iadd_(f.X)
    print(f.arr, id(f.arr) === before)
    print(f.arr.iadd_(f.X) === f.arr)
  })

  experiment(
    '1.16',
    'the name is bound after that, and where this fails the object has changed all the same',
    (f: Record<string, PyTuple>) => {
      f.t = py.tuple([[1], 2])
      print(message(() => f.t.set_at_(0, (f.t.at(0) as PyList).iadd_([3]))))
      print(f.t)
    },
  )
})

describe('arr = arr + X makes a new array', () => {
  experiment('1.17', 'the name is bound to it, an alias keeps the old one', (f: Arrays) => {
    f.arr = np.array([1, 2, 3])
    f.X = np.array([4, 5, 6])
    const before = id(f.arr)
    f.ref = f.arr
    f.arr = f.arr.add(f.X)
    print(f.arr, id(f.arr) === before)
    print(f.ref, is_(f.ref, f.arr))
  })

  experiment('1.18', '+ is np.add without out=', (f: Arrays) => {
    f.X = np.array([1, 2, 3])
    f.Y = np.array([4, 5, 6])
    print(f.X.add(f.Y), np.add(f.X, f.Y), is_(np.add(f.X, f.Y), f.X))
    print(f.X)
  })
})

describe('lists', () => {
  experiment('1.19', '+= is in place', (f: Lists) => {
    f.lst = py.list([1, 2, 3])
    const before = id(f.lst)
    f.lst = f.lst.iadd_([4, 5, 6])
    print(f.lst)
    print(id(f.lst) === before)
  })

  experiment('1.20', '+= is extend, and takes any iterable; + takes lists only', (f: Lists) => {
    f.lst = py.list([1])
    f.lst = f.lst.iadd_(py.tuple([2, 3]))
    f.lst = f.lst.iadd_(py.str('ab'))
    print(f.lst)
    print(message(() => f.lst.add(py.tuple([4]))))
  })

  experiment('1.21', '= + makes a new list', (f: Lists) => {
    f.lst = py.list([1, 2, 3])
    const before = id(f.lst)
    f.lst = f.lst.add([4, 5, 6])
    print(f.lst)
    print(id(f.lst) === before)
  })

  experiment('1.22', 'the example: += against = +, each with an alias', (f: Lists) => {
    f.lst1 = py.list([1, 2, 3])
    f.lst2 = py.list([1, 2, 3])
    print(`初始 lst1 的 id: ${id(f.lst1)}`)
    print(`初始 lst2 的 id: ${id(f.lst2)}`)
    f.ref1 = f.lst1
    f.ref2 = f.lst2
    f.lst1 = f.lst1.iadd_([4, 5])
    print('lst1 += [4, 5] 后:')
    print(`  lst1 的 id: ${id(f.lst1)}`)
    print(`  ref1 的 id: ${id(f.ref1)}`)
    print(`  lst1 is ref1: ${repr(is_(f.lst1, f.ref1))}`)
    print(`  lst1 的内容: ${f.lst1}`)
    print(`  ref1 的内容: ${f.ref1}`)
    f.lst2 = f.lst2.add([4, 5])
    print('\nlst2 = lst2 + [4, 5] 后:')
    print(`  lst2 的 id: ${id(f.lst2)}`)
    print(`  ref2 的 id: ${id(f.ref2)}`)
    print(`  lst2 is ref2: ${repr(is_(f.lst2, f.ref2))}`)
    print(`  lst2 的内容: ${f.lst2}`)
    print(`  ref2 的内容: ${f.ref2}`)
  })

  experiment('1.23', 'a list that grows keeps its id, and more room than it needs', (f: Lists) => {
    f.lst = py.list([])
    const before = id(f.lst)
    const sizes = [getsizeof(f.lst)]
    for (let i = 0; i < 20; i++) {
      f.lst.append(i)
      sizes.push(getsizeof(f.lst))
    }
    print(...sizes)
    print(id(f.lst) === before)
    f.lst1 = py.list([1, 2, 3])
    f.lst2 = py.list([1, 2, 3])
    f.lst1 = f.lst1.iadd_([4, 5])
    f.lst2 = f.lst2.add([4, 5])
    print(getsizeof(f.lst1), getsizeof(f.lst2))
  })

  experiment('1.24', '+ copies the references to the elements', (f: Record<string, PyList>) => {
    const g = f as Record<string, PyHandle> as Record<'part', PyHandle>
    g.part = py.object()
    f.lst = py.list([g.part, g.part])
    f.ref = f.lst
    f.lst = f.lst.add([g.part])
    print(is_(f.lst.at(0), f.ref.at(0)), getrefcount(g.part))
  })
})

describe('parameter updates', () => {
  function parameters(f: Arrays): void {
    f.w = np.array([1, 2], { dtype: np.float64 })
    f.grad = np.array([0.5, 0.5])
  }

  experiment('1.25', 'w = w - lr * grad makes new arrays', (f: Arrays) => {
    parameters(f)
    const before = id(f.w)
    f.ref = f.w
    f.w = f.w.sub(f.grad.mul(0.1))
    print(id(f.w) === before, f.w, f.ref)
  })

  experiment('1.26', 'w -= lr * grad writes into the array', (f: Arrays) => {
    parameters(f)
    const before = id(f.w)
    f.ref = f.w
    f.w = f.w.isub_(f.grad.mul(0.1))
    print(id(f.w) === before, f.w, f.ref)
  })

  experiment('1.27', 'but lr * grad is an array still, unless out= is given one', (f: Arrays) => {
    for (const name of ['w', 'grad', 'step']) f[name] = np.ones([1000])
    const rebound = () => {
      f.w = f.w.sub(f.grad.mul(0.1))
    }
    const in_place = () => {
      f.w = f.w.isub_(f.grad.mul(0.1))
    }
    const no_temporary = () => {
      np.multiply(f.grad, 0.1, { out: f.step })
      np.subtract(f.w, f.step, { out: f.w })
    }
    print('w = w - lr * grad needs two arrays:', needs(rebound, 16000))
    print('w -= lr * grad needs one:', needs(in_place, 8000), 'and not two:', !needs(in_place, 16000))
    print('with out= it needs one:', needs(no_temporary, 8000))
  })

  experiment('1.28', 'of a tensor: in place keeps the parameter, rebinding loses it', (f: Tensors) => {
    f.w = torch.tensor([1, 2], { requires_grad: true })
    f.w.sum().backward()
    const before = id(f.w)
    const pointer = f.w.data_ptr()
    const state = () =>
      print(id(f.w) === before, f.w.data_ptr() === pointer, f.w.requires_grad, f.w.is_leaf, f.w._version)
    torch.no_grad(() => f.w.sub_(f.w.grad!.mul(0.1)))
    state()
    print(f.w)
    torch.no_grad(() => {
      f.w = f.w.sub(f.w.grad!.mul(0.1))
    })
    state()
  })
})

describe('in place and autograd', () => {
  experiment('1.29', 'a leaf that requires grad refuses; a rebound one is no leaf', (f: Tensors) => {
    f.w = torch.tensor([1, 2], { requires_grad: true })
    print(message(() => f.w.add_(1)))
    f.w = f.w.sub(0.1)
    print(f.w.is_leaf, f.w.requires_grad)
    print(f.w)
  })

  experiment('1.30', 'a graph refuses if it needs what was overwritten', (f: Tensors) => {
    f.x = torch.tensor([1, 2, 3], { requires_grad: true })
    f.y = f.x.exp()
    f.y.add_(1)
    const text = message(() => f.y.sum().backward())
    print(text.split(':')[0])
    print(text.includes('is at version 1; expected version 0 instead.'))
    f.y = f.x.mul(2)
    f.y.add_(1)
    f.y.sum().backward()
    print(f.x.grad)
  })
})

describe('tensors and arrays', () => {
  experiment('1.31', 'which conversions share memory, which copy', () => {
    const a = np.array([1.5, 2.5, 3.5])
    const x = torch.tensor([1.5, 2.5, 3.5])
    const shares = (array: NDArray, tensor: Tensor) => array.ctypes.data === tensor.data_ptr()
    print('torch.from_numpy(a):', shares(a, torch.from_numpy(a)))
    print('torch.tensor(a):', shares(a, torch.tensor(a)))
    print('torch.from_numpy(a).clone():', shares(a, torch.from_numpy(a).clone()))
    print('x.numpy():', shares(x.numpy(), x))
    print('np.asarray(x):', shares(np.asarray(x), x))
    print('np.array(x):', shares(np.array(x), x))
    print('x.numpy().copy():', shares(x.numpy().copy(), x))
    print('x.detach().numpy():', shares(x.detach().numpy(), x))
    // As MXNet's, not PyTorch's.
    expect(shares(x.asnumpy(), x)).toBe(false)
  })

  experiment('1.32', 'A = X.numpy() is X’s memory, torch.tensor(A) is not', () => {
    const X = torch.tensor([1, 2, 3])
    const A = X.numpy()
    const B = torch.tensor(A)
    print(type_(A), type_(B))
    A.set_at_([0], 100)
    print(A)
    print(X)
    print(B)
  })

  experiment('1.33', 'strides do not prevent it', () => {
    const x = torch
      .tensor([
        [1, 2],
        [3, 4],
      ])
      .to(torch.float32)
    const a = x.t().numpy()
    print(a.ctypes.data === x.data_ptr(), a.strides)
    print(a)
  })

  experiment('1.34', 'nor do lifetimes: whoever is left keeps the memory', () => {
    const a = scope(() => torch.tensor([1, 2]).to(torch.float32).numpy())
    print(a)
    const x = scope(() => torch.from_numpy(np.array([1, 2], { dtype: np.float64 })))
    print(x)
  })

  experiment('1.35', 'numpy() refuses what requires grad; detach() shares its memory', () => {
    const x = torch.tensor([1, 2], { requires_grad: true })
    print(message(() => x.numpy()))
    const a = x.detach().numpy()
    a.set_at_([0], 5)
    print(x)
  })

  experiment('1.49', 'writes go through in both directions', () => {
    const tensor = torch.tensor([1, 2, 3], { dtype: torch.float32 })
    const array = tensor.numpy()
    array.set_at_([0], 100)
    print(tensor)
    const back = torch.from_numpy(array)
    back.set_at_([1], 200)
    print(array, tensor)
    const separate = torch.tensor(array)
    separate.set_at_([2], 300)
    print(array)
  })
})

describe('scalars', () => {
  const float = Number
  const int = (value: unknown) => Math.trunc(Number(value))

  experiment('1.36', 'item() of one element; float() and int() want no dimension', () => {
    const a = np.array([3.5])
    print(a)
    print(a.item())
    for (const convert of [float, int]) print(message(() => convert(a)))
    print(float(a.at(0)), int(a.at(0)))
  })

  experiment('1.37', 'a tensor of one element is less strict', () => {
    const x = torch.tensor([3.5])
    print(x, x.item(), float(x), int(x))
  })

  experiment('1.38', 'item() is a Python number', () => {
    for (const a of [np.array([3.5]), np.array([3]), np.array([true]), np.array(2.5)])
      print(repr(a.item()), String(type_(a.item())) === String(type_(a)))
  })

  experiment('1.39', 'item() of several elements, or of none', () => {
    for (const a of [
      np.array([1.5, 2]),
      np.zeros([0]),
      np.array([
        [1, 2],
        [3, 4],
      ]),
    ])
      print(message(() => a.item()))
  })

  experiment('1.40', 'float() and int() of several elements', () => {
    const a = np.array([1.5, 2.5])
    for (const convert of [float, int]) print(message(() => convert(a)))
  })

  experiment('1.41', 'a tensor’s item() of several', () => {
    print(message(() => torch.tensor([1.5, 2.5]).item()))
  })
})

describe('what is safe', () => {
  experiment('1.42', 'a copy is independent', (f: Arrays) => {
    f.original = np.array([1, 2, 3])
    f.copied = f.original.copy()
    f.copied.set_at_([0], 100)
    print(f.original, f.copied)
    print(np.shares_memory(f.original, f.copied), is_(f.original, f.copied))
  })

  experiment('1.43', 'assignment shares', (f: Arrays) => {
    f.original = np.array([1, 2, 3])
    f.shared = f.original
    f.shared.set_at_([0], 100)
    print(f.original, f.shared)
    print(np.shares_memory(f.original, f.shared), is_(f.original, f.shared))
  })

  experiment('1.44', '+=, -=, *=, //= are in place; /= of ints is refused', (f: Arrays) => {
    f.arr = np.array([2, 4, 6])
    const before = id(f.arr)
    f.arr = f.arr.iadd_(1)
    f.arr = f.arr.isub_(2)
    f.arr = f.arr.imul_(3)
    print(f.arr, id(f.arr) === before)
    print(message(() => f.arr.itruediv_(2)))
    f.arr = f.arr.ifloordiv_(2)
    print(f.arr, id(f.arr) === before)
  })

  experiment('1.45', 'arr = arr + 1 leaves the alias behind', (f: Arrays) => {
    f.arr = np.array([1, 2, 3])
    f.ref = f.arr
    f.arr = f.arr.add(1)
    print(f.arr, f.ref, is_(f.arr, f.ref))
  })

  experiment('1.46', 'copy first, then work in place', (f: Arrays) => {
    f.arr = np.array([1, 2, 3])
    f.original = f.arr.copy()
    f.arr = f.arr.iadd_(10)
    print(f.arr, f.original)
  })

  experiment('1.47', 'arr[:] = ... keeps the array', (f: Arrays) => {
    f.arr = np.array([1, 2, 3])
    const before = id(f.arr)
    f.ref = f.arr
    f.arr.set_at_([':'], f.arr.mul(2).add(1))
    print(f.arr, id(f.arr) === before, f.ref)
    f.arr.set_at_(['1:'], 0)
    print(f.arr)
    print(message(() => f.arr.set_at_([':'], np.array([1, 2]))))
  })

  experiment('1.48', 'lst[:] = ... keeps the list', (f: Lists) => {
    f.lst = py.list([1, 2, 3])
    const before = id(f.lst)
    f.ref = f.lst
    f.lst.set_at_(':', [7, 8])
    print(f.lst, id(f.lst) === before, f.ref)
  })

  experiment('1.50', 'safe_operation: ids before and after', (f: Arrays) => {
    const assert = (true_: boolean) => {
      if (!true_) throw new Error('对象标识已改变')
    }
    const safe_operation = (a: NDArray, other: NDArray) =>
      scope((call: Arrays) => {
        call.arr = a
        const original_id = id(call.arr)
        call.arr = call.arr.iadd_(other)
        assert(id(call.arr) === original_id)
        return call.arr
      })
    const unsafe_operation = (a: NDArray, other: NDArray) =>
      scope((call: Arrays) => {
        call.arr = a
        const original_id = id(call.arr)
        call.arr = call.arr.add(other)
        assert(id(call.arr) === original_id)
        return call.arr
      })
    f.a = np.array([1, 2, 3])
    print(is_(safe_operation(f.a, np.array([1, 1, 1])), f.a), f.a)
    print(message(() => unsafe_operation(f.a, np.array([1, 1, 1]))))
    print(f.a)
  })

  experiment('1.51', 'a loop in place has one array; rebinding takes turns with two blocks', (f: Arrays) => {
    const loop = (step: () => void) => {
      f.arr = np.zeros([3])
      const ids = new Set<number>()
      for (let i = 0; i < 1000; i++)
        scope(() => {
          step()
          ids.add(id(f.arr))
        })
      print(ids.size, f.arr)
    }
    loop(() => {
      f.arr = f.arr.iadd_(1)
    })
    loop(() => {
      f.arr = f.arr.add(1)
    })
  })
})

describe('values and references', () => {
  experiment('1.52', 'b = a names the same int, b = 20 another', (f: Record<string, PyHandle>) => {
    f.a = py.int(10)
    f.b = f.a
    print(is_(f.a, f.b))
    f.b = py.int(20)
    print(f.a, f.b, is_(f.a, f.b))
  })

  experiment('1.53', 'b = a of a list: b.append shows in a', (f: Lists) => {
    f.a = py.list([1, 2, 3])
    f.b = f.a
    f.b.append(4)
    print(f.a, f.b)
    print(is_(f.a, f.b), id(f.a) === id(f.b))
  })

  experiment('1.54', 'arr2 = arr1 is one array', (f: Arrays) => {
    f.arr1 = np.array([1, 2, 3])
    f.arr2 = f.arr1
    f.arr2.set_at_([0], 100)
    print(f.arr1, is_(f.arr1, f.arr2))
  })

  experiment('1.55', 'arr2 = arr1.copy() is another', (f: Arrays) => {
    f.arr1 = np.array([1, 2, 3])
    f.arr2 = f.arr1.copy()
    f.arr2.set_at_([0], 100)
    print(f.arr1, f.arr2, is_(f.arr1, f.arr2))
  })
})

describe('views', () => {
  experiment('1.56', 'a slice is a view, its copy is not', (f: Arrays) => {
    f.arr = np.array([1, 2, 3, 4, 5])
    f.view = f.arr.at('1:4')
    f.copied = f.arr.at('1:4').copy()
    f.view.set_at_([0], 100)
    f.copied.set_at_([1], 300)
    print(f.arr, f.view, f.copied)
    print(is_(f.view.base, f.arr), f.copied.base === null, is_(f.view, f.arr), id(f.view) === id(f.arr))
    print(np.shares_memory(f.arr, f.view), np.shares_memory(f.arr, f.copied), f.view.ctypes.data - f.arr.ctypes.data)
  })

  experiment('1.57', 'of another shape, with other strides', (f: Arrays) => {
    f.arr = np.arange(6)
    const table = () => f.arr.reshape(2, 3)
    print(f.arr.strides, f.arr.at('::2').strides, table().strides, table().T.strides)
    print(np.shares_memory(f.arr, f.arr.at('::2')), np.shares_memory(f.arr, table().T))
    table().set_at_([1], 0)
    print(f.arr)
  })

  experiment('1.58', 'indexing by a list copies, assigning through it writes', (f: Arrays) => {
    f.arr = np.array([1, 2, 3, 4, 5])
    f.picked = f.arr.at([1, 2])
    f.picked.set_at_([0], 100)
    print(f.arr, f.picked)
    print(np.shares_memory(f.arr, f.picked))
    f.arr.set_at_([[1, 2]], 0)
    print(f.arr)
  })
})
