// C.3: the text of a version mismatch, who shares a version counter, what an op adds to it.
import { torch } from '../../src/index'
import { Sq } from './functions'
import { error, gradient, last, type leaf, ones, table, warned } from './tables'

table('C.3 The text of a version mismatch', {
  'an interior tensor': ({ h }) => spoiled(h.mul(h), () => h.add_(1)),
  float64: () => {
    const dtype = torch.float64
    const c = torch.ones(4, { dtype })
    return spoiled(torch.tensor([1, 2, 3, 4], { dtype, requires_grad: true }).mul(c), () => c.add_(1))
  },
  '0-dim': ({ s }) => spoiled(s.mul(s), () => torch.no_grad(() => s.add_(1))),
  'two dimensions': ({ H }) => spoiled(H.mul(H), () => H.add_(1)),
  'named by the current node: CopySlices': ({ h }) => spoiled(h.mul(h), () => h.set_at_([0], 1)),
  'named by the current node: TBackward1': ({ H }) => spoiled(H.mul(H), () => H.t_()),
  'named by the current node: AsStridedBackward0': ({ h }) => {
    const v = h.at(':2')
    return spoiled(v.mul(v), () => v.add_(1))
  },
  'named by the current node: a custom Function': ({ h }) => {
    const a = Sq.apply(h)
    return last(
      a.mul(a),
      a.add_(1),
      spoiled(a.mul(a), () => a.detach().add_(1)),
    )
  },
  'a saved output names the node itself': ({ x }) => gradient(x.exp().add_(1)),
  'a leaf has no name': ({ x }) => spoiled(x.mul(x), () => torch.no_grad(() => x.add_(1))),
  'a constant has no name': ({ x, k }) => spoiled(x.mul(k), () => k.add_(1)),
  'the hint in anomaly mode': ({ x }) => warned(() => torch.autograd.detect_anomaly(() => gradient(x.exp().add_(1)))),
  'on reading _saved_self': ({ h }) => {
    const y = h.mul(h)
    return last(h.add_(1), y.grad_fn._saved_self)
  },
  'restored data still fail': ({ h }) => spoiled(h.mul(h), () => h.add_(1).sub_(1)),
  'a change through .data is never noticed': ({ x, k }) => {
    const y = x.mul(k)
    return last(k.data.add_(1), gradient(y, x))
  },
})

/** Runs y backward after `write` changed what it needs. */
function spoiled(y: ReturnType<typeof leaf>, write: () => unknown): unknown {
  write()
  return gradient(y)
}

table('C.3 Who shares a version counter', {
  'a view': ({ k }) => written(k, k.view(3, 1)),
  'a view of a view': ({ k }) => written(k, k.at(':2').at(':1')),
  'writing the view counts for the base': ({ k }) => last(k.at(':2').add_(1), k._version),
  'detach()': ({ k }) => written(k, k.detach()),
  "detach() goes on from its source's number": ({ k }) => k.add_(1).detach()._version,
  'a saved tensor': ({ x, k }) => {
    const y = x.mul(k)
    return last(
      k.detach().add_(0),
      error(() => gradient(y)),
    )
  },
  'reshape without a copy': ({ k }) => written(k, k.reshape(3, 1)),
  'reshape with a copy': () => {
    const a = ones(2, 3)
    return written(a, a.t().reshape(6))
  },
  'contiguous without a copy': ({ k }) => written(k, k.contiguous()),
  "x.data = t keeps x's own counter": ({ k }) => {
    k.add_(1)
    const t = ones(3)
    k.data = t
    return last(t.add_(1), k._version)
  },
  'to of the same dtype': ({ k }) => written(k, k.to(torch.float32)),
  'an unpacked saved tensor': ({ x, k }) => written(k, x.mul(k).grad_fn._saved_other as typeof k),
  '.data has a new counter at 0': ({ k }) => written(k.add_(1), k.data),
  'clone()': ({ k }) => written(k.add_(1), k.clone()),
  'a result out of place': ({ k }) => k.add_(1).add(1)._version,
})

/** The version of `other` after k was written. */
function written(k: ReturnType<typeof leaf>, other: typeof k): number {
  k.add_(1)
  return other._version
}

table('C.3 What an op adds to the version', {
  add_: ({ k }) => k.add_(1)._version,
  mul_: ({ k }) => k.mul_(2)._version,
  zero_: ({ k }) => k.zero_()._version,
  fill_: ({ k }) => k.fill_(2)._version,
  copy_: ({ k }) => k.copy_(ones(3))._version,
  relu_: ({ k }) => k.relu_()._version,
  normal_: ({ k }) => k.normal_()._version,
  index_add_: ({ k }) => k.index_add_(0, torch.tensor([0]), ones(1))._version,
  masked_fill_: ({ k }) => k.masked_fill_(k.gt(1), 0)._version,
  'x[[0,1]] = 1.': ({ k }) => k.set_at_([[0, 1]], 1)._version,
  'x[mask] = 1.': ({ k }) => k.set_at_([k.gt(1)], 1)._version,
  swapdims_: () => ones(2, 2).swapdims_(0, 1)._version,
  'x += 1': ({ k }) => k.add_(1)._version,
  'x[0] = 1.': ({ k }) => k.set_at_([0], 1)._version,
  'x[0,1] = 1.': () => ones(2, 2).set_at_([0, 1], 1)._version,
  'x[0][1] = 1.': () => {
    const a = ones(2, 2)
    return last(a.at(0).set_at_([1], 1), a._version)
  },
  'x[:] = 0': ({ k }) => k.set_at_([':'], 0)._version,
  'x[...] = y': ({ k }) => k.set_at_(['...'], ones(3))._version,
  'x[0].add_(1)': ({ k }) => last(k.at(0).add_(1), k._version),
  'x.T.add_(1)': () => {
    const a = ones(2, 2)
    return last(a.T.add_(1), a._version)
  },
  'x[0:0].add_(1)': ({ k }) => last(k.at('0:0').add_(1), k._version),
  'add_(0)': ({ k }) => k.add_(0)._version,
  unsqueeze_: ({ k }) => k.unsqueeze_(0)._version,
  squeeze_: ({ k }) => k.squeeze_()._version,
  t_: () => ones(2, 2).t_()._version,
  transpose_: () => ones(2, 2).transpose_(0, 1)._version,
  'torch.add(..., out=x)': ({ k }) => torch.add(k, 1, { out: k })._version,
  reading: ({ k }) => last(k.add(k), k.tolist(), k._version),
  'requires_grad_()': ({ k }) => k.requires_grad_()._version,
  'detach_()': ({ k }) => k.detach_()._version,
  'x.data.add_': ({ k }) => last(k.data.add_(1), k._version),
  'x.data = t': ({ k }) => {
    k.add_(1)
    k.data = ones(2)
    return k._version
  },
  'x[0] += 1': ({ k }) => k.set_at_([0], k.at(0).add_(1))._version,
  'x[0,1] += 1.': () => {
    const a = ones(2, 2)
    return a.set_at_([0, 1], a.at(0, 1).add_(1))._version
  },
  'inference mode bumps a normal tensor': ({ k }) =>
    last(
      torch.inference_mode(() => k.add_(1)),
      k._version,
    ),
})

// Not here: clamp_, F.dropout, nn.init and optimizers, which do not exist yet; x.set_(), resize_() and share_memory_();
// x.numpy().
