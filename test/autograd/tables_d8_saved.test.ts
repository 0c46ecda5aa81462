// D.8, its end: once_differentiable and the hooks of saved tensors.
import { type Tensor, torch } from '../../src/index'
import { Once } from './functions'
import { gradient, graph, last, ones, table } from './tables'

const { grad } = torch.autograd
const { saved_tensors_hooks, disable_saved_tensors_hooks } = torch.autograd.graph
const keep = (t: Tensor) => t

/** The gradient that goes through Once, of one that requires grad. */
const twice = (x: Tensor, s: Tensor) => grad(Once.apply(x).sum().mul(s), x, { create_graph: true })[0] as Tensor

table('D.8 once_differentiable and saved-tensor hooks', {
  'once_differentiable: an incoming gradient requires grad': ({ x, s }) => {
    const a = twice(x, s)
    return [graph(a), String(a)]
  },
  'once_differentiable: its backward': ({ x, s }) => twice(x, s).sum().backward(),
  'once_differentiable: none requires grad': ({ x }) =>
    graph(grad(Once.apply(x), x, ones(3), { create_graph: true })[0]),
  'pack at save time, for every saved tensor': ({ x, y, log }) => {
    const pack = (t: Tensor) => last(log.push(t.tolist()), t) as Tensor
    saved_tensors_hooks(pack, keep, () => x.mul(y))
    return log
  },
  "pack: in the order of the attributes' names": ({ x, y, m, t, log }) => {
    const pack = (t: Tensor) => last(log.push(t.tolist()), t) as Tensor
    const all = () => [x.div(y), x.pow(y), torch.mv(m, t.requires_grad_()), m.matmul(m.mul(2)), torch.dot(x, y)]
    saved_tensors_hooks(pack, keep, all)
    return log
  },
  'pack: not for a wrapped scalar': ({ x, log }) => {
    const pack = (t: Tensor) => last(log.push(t.tolist()), t) as Tensor
    saved_tensors_hooks(pack, keep, () => x.mul(3))
    return log
  },
  'unpack at backward': ({ x, log }) => {
    const unpack = (t: Tensor) => last(log.push(t.tolist()), t.mul(10)) as Tensor
    const y = saved_tensors_hooks(keep, unpack, () => x.exp())
    return [[...log], gradient(y, x), log]
  },
  'no version check for packed tensors': ({ x, h }) => {
    const y = saved_tensors_hooks(keep, keep, () => h.mul(h))
    return last(h.add_(1), gradient(y, x))
  },
  register_hooks: ({ h, y }) => {
    const a = h.mul(y)
    a.grad_fn._raw_saved_self.register_hooks((t: Tensor) => t.mul(10), keep)
    return gradient(a, y)
  },
  'a second register_hooks': ({ h, y }) => {
    const raw = h.mul(y).grad_fn._raw_saved_self
    return last(raw.register_hooks(keep, keep), raw.register_hooks(keep, keep))
  },
  'register_hooks on a None': ({ h, k }) => h.mul(k).grad_fn._raw_saved_self.register_hooks(keep, keep),
  'disable_saved_tensors_hooks(msg) raises msg': ({ x }) =>
    disable_saved_tensors_hooks('not here', () => saved_tensors_hooks(keep, keep, () => x.exp())),
})
