// C.1, C.2: what an in-place op does, in order; what becomes of a graph whose tensors it changed; leaves.
import { torch } from '../../src/index'
import { Dirty } from './functions'
import { error, facts, gradient, graph, last, leaf, ones, table } from './tables'

table('C.1 The steps of an in-place op', {
  '1. arguments are parsed before the leaf check': ({ x }) => error(() => (x.add_ as () => unknown)()),
  '2. the creation tag before the view of a leaf': ({ x }) => torch.no_grad(() => x.at(':2')).add_(1),
  '2. a view of a leaf before the shapes': ({ x }) => x.at(':2').add_(ones(5)),
  '2. a leaf before the shapes': ({ x }) => x.add_(ones(5)),
  '2. a leaf before the overlap': () => ones(1).expand(3).clone().requires_grad_().add_(1),
  '3. edges: None for what needs no gradient': ({ h, k }) => graph(h.mul_(k)),
  '3. self is saved as a clone': ({ h }) => {
    const saved = h.pow_(3).grad_fn._saved_self as typeof h
    return [saved, graph(saved), saved._version]
  },
  '3. other arguments are saved as they are': ({ h, x }) => gradient(h.mul_(h), x),
  '4. a failure by shape touches nothing': ({ h }) =>
    last(
      error(() => h.add_(ones(5))),
      facts(h),
    ),
  '4. a failure by dtype touches nothing': ({ i }) =>
    last(
      error(() => i.add_(1.5)),
      facts(i),
    ),
  '4. a failure by overlap touches nothing': ({ h }) => {
    const e = h.at(':1').expand(3)
    error(() => e.add_(1))
    return [facts(e), facts(h)]
  },
  '5. one version more': ({ h }) => h.add_(1)._version,
  '5. also without grad mode': ({ h }) =>
    last(
      torch.no_grad(() => h.add_(1)),
      h._version,
    ),
  '5. also for no elements': ({ h }) => last(h.at('0:0').add_(1), h._version),
  '5. also for add_(0)': ({ h }) => h.add_(0)._version,
  '6. the new node, output 0': ({ h }) => [graph(h.add_(1)), h.output_nr],
  '7. the result is saved after the bump': ({ h }) => {
    const saved = h.exp_().grad_fn._saved_result as typeof h
    return [saved._version, h._version]
  },
  'the same object': ({ h }) => h.add_(1) === h,
  'the same address': ({ h }) => h.data_ptr() === h.add_(1).data_ptr(),
})

table('C.1 Changing h after it was used', {
  'y = h + 1': ({ x, h }) => changed(x, h, h.add(1)),
  'y = h * 2': ({ x, h }) => changed(x, h, h.mul(2)),
  'y = h.sum()': ({ x, h }) => changed(x, h, h.sum()),
  'y = cat([h, h])': ({ x, h }) => changed(x, h, torch.cat([h, h])),
  'y = h * h': ({ x, h }) => changed(x, h, h.mul(h)),
  'y = h ** 2': ({ x, h }) => changed(x, h, h.pow(2)),
  'y = h @ w': ({ x, y, h }) => changed(x, h, h.matmul(y)),
  'h = x.exp()': ({ x }) => gradient(x.exp().add_(1), x),
  'h = x.sigmoid()': ({ x }) => gradient(x.sigmoid().add_(1), x),
  'h = x.tanh()': ({ x }) => gradient(x.tanh().add_(1), x),
  'h = x.relu()': ({ x }) => gradient(x.relu().add_(1), x),
  'h = x.sqrt()': ({ x }) => gradient(x.sqrt().add_(1), x),
  'h.neg_()': ({ x, h }) => gradient(h.neg_(), x),
  'h.exp_()': ({ x, h }) => gradient(h.exp_(), x),
  'h.mul_(2)': ({ x, h }) => gradient(h.mul_(2), x),
  'h.pow_(2)': ({ x, h }) => gradient(h.pow_(2), x),
  'h.sin_()': ({ x, h }) => gradient(h.sin_(), x),
  'h.abs_()': ({ x, h }) => gradient(h.abs_(), x),
  'h.div_(2)': ({ x, h }) => gradient(h.div_(2), x),
  'h.log_()': ({ x, h }) => gradient(h.log_(), x),
  'h.sqrt_()': ({ x, h }) => gradient(h.sqrt_(), x),
  'h.add_(h)': ({ x, h }) => gradient(h.add_(h), x),
  'h.add_(1).mul_(3).sub_(2)': ({ x, h }) => gradient(h.add_(1).mul_(3).sub_(2), x),
  'h.mul_(h)': ({ x, h }) => gradient(h.mul_(h), x),
  'h *= h': ({ x, h }) => gradient(h.mul_(h), x),
  'h.zero_()': ({ x, h }) => gradient(h.zero_(), x),
  'h.fill_(3.)': ({ x, h }) => gradient(h.fill_(3), x),
  'h.copy_(const)': ({ x, h, k }) => gradient(h.copy_(k), x),
  'h[0] = 7.': ({ x, h }) => gradient(h.set_at_([0], 7), x),
  'h[0] *= 7.': ({ x, h }) => gradient(h.set_at_([0], h.at(0).mul_(7)), x),
  'relu in place of x.exp()': ({ x }) => gradient(x.exp().relu_(), x),
  'in a loop h *= x': ({ x, h }) => gradient(h.mul_(x).mul_(x).mul_(x), x),
})

/** Writes h, which y was made of, and runs y backward. */
function changed(x: ReturnType<typeof leaf>, h: typeof x, y: typeof x): unknown {
  h.add_(1)
  return gradient(y, x)
}

table('C.2 Errors of leaves', {
  'x.add_(1)': ({ x }) => x.add_(1),
  'x += 1': ({ x }) => x.add_(1),
  'x.zero_()': ({ x }) => x.zero_(),
  'x.copy_(k)': ({ x, k }) => x.copy_(k),
  'm.t_()': ({ m }) => m.t_(),
  'x.unsqueeze_(0)': ({ x }) => x.unsqueeze_(0),
  'x[0] = 5.': ({ x }) => x.set_at_([0], 5),
  'x[:] = 0.': ({ x }) => x.set_at_([':'], 0),
  'x[0].add_(1)': ({ x }) => x.at(0).add_(1),
  'x.view(3).mul_(2)': ({ x }) => x.view(3).mul_(2),
  'v = x[:1]; v += 1': ({ x }) => x.at(':1').add_(1),
  'mark_dirty of a leaf': ({ x }) => Dirty.apply(x),
  'backward through a leaf that became an interior': () => {
    const base = ones(2)
    const v = base.at(':1').requires_grad_()
    const y = v.mul(2)
    base.mul_(leaf(1, 2))
    return last(v.grad_fn, y.backward())
  },
  'allowed: under no_grad': ({ x }) => facts(torch.no_grad(() => x.add_(1))),
  'allowed: under inference_mode': ({ x }) => facts(torch.inference_mode(() => x.add_(1))),
  'allowed: on x.data': ({ x }) => last(x.data.add_(1), facts(x)),
  'allowed: on x.detach()': ({ x }) => last(x.detach().add_(1), facts(x)),
})

// Not here: softmax and clamp_, which are no ops yet; x.set_() and x.resize_(); Parameter, as there is no nn.
