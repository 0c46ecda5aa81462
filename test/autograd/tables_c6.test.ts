// C.6: which ops return views, and what writing a view or its base does.
import { del_, type Tensor, torch } from '../../src/index'
import { facts, gradient, graph, last, leaf, ones, table } from './tables'

/** Is `v` a view of `base`? */
const of = (base: Tensor, v: Tensor) => [v._is_view(), v._base === base]

table('C.6 Which ops return views', {
  'x[...]': ({ k }) => of(k, k.at('...')),
  as_strided: ({ k }) => of(k, k.as_strided([2], [1])),
  diagonal: ({ H }) => of(H, H.diagonal()),
  split: ({ k }) => of(k, k.split(2)[0]),
  split_with_sizes: ({ k }) => of(k, k.split_with_sizes([1, 2])[0]),
  chunk: ({ k }) => of(k, k.chunk(2)[0]),
  tensor_split: ({ k }) => of(k, k.tensor_split(2)[0]),
  unbind: ({ k }) => of(k, k.unbind()[0]),
  unfold: ({ k }) => of(k, k.unfold(0, 2, 1)),
  movedim: ({ H }) => of(H, H.movedim(0, 1)),
  swapaxes: ({ H }) => of(H, H.swapaxes(0, 1)),
  expand: ({ k }) => of(k, k.expand(2, 3)),
  permute: ({ H }) => of(H, H.permute(1, 0)),
  select: ({ k }) => of(k, k.select(0, 1)),
  slice: ({ k }) => of(k, k.at('1:')),
  squeeze: ({ k }) => of(k, k.squeeze()),
  t: ({ H }) => of(H, H.t()),
  transpose: ({ H }) => of(H, H.transpose(0, 1)),
  unsqueeze: ({ k }) => of(k, k.unsqueeze(0)),
  view: ({ k }) => of(k, k.view(3, 1)),
  T: ({ H }) => of(H, H.T),
  mT: ({ H }) => of(H, H.mT),
  narrow: ({ k }) => of(k, k.narrow(0, 0, 1)),
  'reshape without a copy': ({ k }) => of(k, k.reshape(3, 1)),
  'reshape with a copy': ({ H }) => H.t().reshape(4)._is_view(),
  'flatten without a copy': ({ H }) => of(H, H.flatten()),
  'flatten with a copy': ({ H }) => H.t().flatten()._is_view(),
  'contiguous without a copy': ({ k }) => k.contiguous() === k,
  'contiguous with a copy': ({ H }) => H.t().contiguous()._is_view(),
  expand_as: ({ k }) => of(k, k.expand_as(ones(2, 3))),
  'to without a copy': ({ k }) => k.to(torch.float32) === k,
  'to with a copy': ({ k }) => k.to(torch.float64)._is_view(),
  'detach() shares storage but is no view': ({ k }) => [k.detach()._is_view(), k.detach().data_ptr() === k.data_ptr()],
  '.data shares storage but is no view': ({ k }) => [k.data._is_view(), k.data.data_ptr() === k.data_ptr()],
  'v2 = v[0:1] of a view has the root for its base': ({ k }) => k.at('1:').at('0:1')._base === k,
})

table('C.6 In place on a view', {
  "1. CopySlices on the base: the base's old edge, then fn's edges 1..": ({ h, t }) =>
    last(h.at(':2').mul_(t), graph(h)),
  "1. fn's other edges": ({ h, y }) => last(h.at(':2').mul_(y.at('1:')), graph(h)),
  '1. a base may become non-leaf': ({ x }) => {
    const a = torch.zeros(3)
    return last(a.at(':2').add_(x.at(':2')), facts(a))
  },
  "2. the view's node is regenerated at once": ({ h }) => {
    const node = h.at(':1').mul_(2).grad_fn
    return [graph(node), node._saved_size, node._saved_stride, node._saved_storage_offset]
  },
  "2. its only edge is the base's new node": ({ h }) => {
    const v = h.at(':1').mul_(2)
    return v.grad_fn.next_functions[0][0]._at === h.grad_fn._at
  },
  '3. all other views are stale: rebuilt when read': ({ h }) => {
    const w = h.at('1:')
    return last(h.at(':2').mul_(2), graph(w))
  },
  '3. two changes without a read between create one rebuild': ({ h }) => {
    const v = h.at(':2')
    return last(h.mul_(2).mul_(2), graph(v))
  },
  '3. a graph that used the view keeps the old node': ({ h }) => {
    const y = h.at(':2').mul(5)
    return last(h.mul_(2), graph(y))
  },
  "4. in place on the base: the base gets the op's node, views go stale": ({ h }) => {
    const v = h.at(':2')
    return [graph(h.mul_(2)), graph(v)]
  },
  'h prints': () => {
    const h = leaf(2, 1).mul(1)
    return last(h.at(':1').mul_(2), String(h))
  },
  'v prints': () => String(leaf(2, 1).mul(1).at(':1').mul_(2)),
  'h.grad_fn.name()': ({ h }) => last(h.at(':1').mul_(2), h.grad_fn.name()),
  'CopySlices backward: fn on the view part': ({ x, h, t, k }) => last(h.at(':2').mul_(t), gradient(h.mul(k), x)),
  "CopySlices backward: fn's other gradients follow": ({ x, y, h, k }) =>
    last(h.at(':2').mul_(y.at('1:')), gradient(h.mul(k), x, y)),
  'CopySlices backward: through a transposed view': ({ x }) => {
    const a = torch.zeros(2, 2)
    a.t().at(0).copy_(x.at(':2'))
    return gradient(a.mul(torch.tensor([1, 10, 100, 1000]).view(2, 2)), x)
  },
  'freed: the error of a second backward': ({ h }) => {
    h.at(0).mul_(2)
    const loss = h.sum()
    return last(loss.backward(), loss.backward())
  },
  'worked check': () => {
    const x = leaf(1, 2, 3, 4)
    const b = x.mul(1)
    const v = b.at('1:3')
    v.mul_(10)
    b.mul_(3)
    v.at('0:1').zero_()
    return [gradient(b.mul(torch.tensor([1, 10, 100, 1000])), x), b]
  },
  'trap: v.exp_() on a view, then h.mul_(2)': ({ h }) => last(h.at(':1').exp_(), h.mul_(2), gradient(h)),
  'a view outlives its base': ({ x, h }) => {
    const v = h.at(':2')
    return last(del_(h), gradient(v.mul_(3), x))
  },
})

table('C.6 Views and grad mode', {
  'no_grad: data and version change, no CopySlices': ({ h }) => {
    const v = h.at(':2')
    return last(
      torch.no_grad(() => v.mul_(2)),
      facts(h),
    )
  },
  "no_grad: the view's node is rebuilt over the unchanged base": ({ h }) => {
    const v = h.at(':2')
    return graph(torch.no_grad(() => v.mul_(2)))
  },
  'no_grad: the same for a view of a leaf': ({ x }) => {
    const v = x.at(':1')
    return graph(torch.no_grad(() => v.mul_(2)))
  },
  'detach_ of a view': ({ h }) => h.at(':2').detach_(),
  'detach_ of a base: a view keeps its old grad_fn': ({ h }) => {
    const v = h.at(':2')
    return [facts(h.detach_()), graph(v)]
  },
})

table('C.6 requires_grad of views', {
  'made under no_grad': ({ x }) => {
    const v = torch.no_grad(() => x.at(':2'))
    return [facts(v), String(v)]
  },
  'made before base.requires_grad_()': ({ t }) => {
    const v = t.at(':1')
    return last(t.requires_grad_(), [facts(v), String(v)])
  },
  'gradients sent to such a view do not reach the base': ({ x }) => {
    const v = torch.no_grad(() => x.at(':2'))
    const y = v.mul(2)
    return [gradient(y, x, v), graph(y)]
  },
  'v.requires_grad_() on a view of a plain tensor makes a leaf': ({ t }) => {
    const v = t.at(':1').requires_grad_()
    return [facts(v), facts(t)]
  },
  'then v.add_': ({ t }) => t.at(':1').requires_grad_().add_(1),
  'a tracked write of the base turns v into a non-leaf': ({ t }) => {
    const v = t.at(':1').requires_grad_()
    return last(t.mul_(leaf(1, 2)), facts(v))
  },
})

// Not here: hsplit, unflatten, ravel and adjoint, which do not exist yet; real, imag and view_as_*: no complex dtypes.
// A view whose Python object has gone is named otherwise in the text of the trap: handles live as long as their scope.
