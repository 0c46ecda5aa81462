// What a user of the package may write; package.test.ts compiles it against the packed types and runs it in Node.
import {
  type DType,
  del_,
  type Edge,
  type Frame,
  type GradFn,
  hold,
  id,
  is_,
  type Key,
  type MemoryStats,
  np,
  type PyList,
  type PyType,
  TypeError as PyTypeError,
  print,
  py,
  RuntimeError,
  repr,
  scope,
  type Tensor,
  torch,
  type_,
} from 'backward0'
import * as manual from 'backward0/manual'

const x = torch.tensor(
  [
    [1, 2],
    [3, 4],
  ],
  { dtype: torch.float64, requires_grad: true },
)
const y: Tensor = torch.div(2, x)
const edges: readonly Edge[] = y.grad_fn.next_functions
const node: GradFn = hold(edges[0][0])
print(node.name(), type_(node) satisfies PyType)
y.sum().backward({ retain_graph: true })
torch.no_grad(() => x.sub_(x.grad.mul(0.1)))
print(
  x
    .detach()
    .at(0, ':', null, '...' satisfies Key)
    .set_at_([':'], 0)
    .tolist(),
)
const sums = scope((f: Frame) => {
  f.held = y.grad_fn
  return y.sum(1, { keepdim: true })
})
print(sums.shape, sums.dtype satisfies DType, py.sys.getrefcount(sums))
try {
  torch.add(torch.ones([2]), torch.ones([3]))
} catch (error) {
  print(error instanceof RuntimeError, error instanceof PyTypeError, repr((error as Error).name))
}
const stats: MemoryStats = torch.memory.stats()
const start: (core: manual.CoreSource) => Promise<void> = manual.init
print(stats.tensors > 0, id(x) === id(sums), is_(x, manual.torch.tensor(1)), typeof start)
del_(node)

// The locals of a frame are as free as Python's, or as typed as one likes.
scope((f) => {
  f.l = py.list([1, 2, 3])
  f.r = f.l
  f.l = f.l.iadd_([4])
  f.l.append(5)
  f.a = py.instance('A', { __del__: () => print('gone') })
  f.a.self = f.a
  print(repr(f.l), py.sys.getrefcount(f.l), py.ctypes.c_uint32.from_address(id(f.l)).value)
  f.v = np.array([1, 2, 3]).iadd_(np.array([4, 5, 6]))
  print(f.v, f.v.at('1:').base === f.v, torch.from_numpy(f.v).dtype)
})
print(py.gc.collect(), py.trace(() => py.list([])).length > 0)
print(
  scope((f: { l: PyList }) => {
    f.l = py.list([7])
    return f.l.len()
  }),
)
