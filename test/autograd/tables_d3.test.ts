// D.3 to D.5: a second backward, AccumulateGrad, the .grad of a non-leaf.
import { type Tensor, torch } from '../../src/index'
import { Same, Sq } from './functions'
import { gradient, last, ones, table, warned } from './tables'

/** The gradient of x after a second backward. */
function twice(y: Tensor, x: Tensor): Tensor {
  const loss = y.sum()
  loss.backward()
  loss.backward()
  return x.grad
}

table('D.3 Second backward', {
  'x + 1': ({ x }) => twice(x.add(1), x),
  sum: ({ x }) => twice(x.sum(), x),
  '-x': ({ x }) => twice(x.neg(), x),
  view: ({ x }) => twice(x.view(3, 1), x),
  'x * 2': ({ x }) => twice(x.mul(2), x),
  'x * x': ({ x }) => twice(x.mul(x), x),
  exp: ({ x }) => twice(x.exp(), x),
  relu: ({ x }) => twice(x.relu(), x),
  'a custom Function without saved tensors': ({ x }) => twice(Same.apply(x), x),
  'a custom Function with saved tensors': ({ x }) => twice(Sq.apply(x), x),
  CopySlices: ({ x, h }) => twice(h.set_at_([0], 1), x),
  'two losses sharing a freed part': ({ x }) => {
    const a = x.exp()
    return last(gradient(a), gradient(a.mul(2)))
  },
  'grad() frees too': ({ x }) => {
    const loss = x.mul(x).sum()
    return last(torch.autograd.grad(loss, x), loss.backward())
  },
  'retain_graph=True keeps it': ({ x }) => {
    const loss = x.mul(x).sum()
    return last(loss.backward({ retain_graph: true }), loss.backward(), x.grad)
  },
})

const square = (x: Tensor) => x.mul(x)
const recorded = (x: Tensor) => square(x).sum().backward({ create_graph: true })

/** The strides of the gradient of a leaf of this layout. */
function strides(a: Tensor): number[] {
  a.requires_grad_()
  gradient(square(a))
  return a.grad.stride()
}

table('D.4 AccumulateGrad', {
  'a gradient freshly made is stolen: version': ({ x }) => last(gradient(square(x)), x.grad._version),
  'a hook keeps a reference: a copy': ({ x, log }) => {
    x.register_hook((g) => void log.push(g))
    return last(gradient(square(x)), (log[0] as Tensor).data_ptr() === x.grad.data_ptr())
  },
  'the user passed it: a copy': ({ x, k }) => last(x.backward(k), [x.grad, x.grad.data_ptr() === k.data_ptr()]),
  'an expanded view, from sum: a copy': ({ x }) => last(x.sum().backward(), [x.grad, x.grad.stride()]),
  'two leaves share no gradient': ({ x, y }) => last(gradient(x.add(y)), x.grad.data_ptr() === y.grad.data_ptr()),
  'strides of a = ones(3,2).t() are kept': () => strides(ones(3, 2).t()),
  'else row-major: an expanded leaf': () => strides(ones(2).expand(3, 2).detach()),
  'else row-major: every second element': () => strides(ones(4).at('::2')),
  'with create_graph the copy is recorded': ({ x }) => last(recorded(x), String(x.grad)),
  'a second gradient is added in place': ({ x }) => {
    gradient(square(x))
    const first = x.grad
    gradient(square(x))
    return [x.grad === first, first]
  },
  'version after one and two passes': ({ x }) => {
    gradient(square(x))
    const first = x.grad._version
    gradient(square(x))
    return [first, x.grad._version]
  },
  'with create_graph out of place': ({ x }) => {
    gradient(square(x))
    const first = x.grad
    recorded(x)
    return [x.grad === first, first, x.grad, x.grad._version, String(x.grad)]
  },
  '.grad = None restarts': ({ x }) => {
    gradient(square(x))
    x.grad = null
    return gradient(square(x), x)
  },
})

table('D.5 The .grad of a non-leaf', {
  'reading warns': ({ h }) => warned(() => h.grad),
  'at every read': ({ h }) => warned(() => [h.grad, h.grad]).length,
  'reading gives None': ({ h }) => {
    let grad: unknown
    warned(() => {
      grad = h.grad
    })
    return grad
  },
  'no warning once a value is set': ({ h, k }) => {
    h.grad = k
    return warned(() => h.grad)
  },
  'no warning once retain_grad was called': ({ h }) =>
    last(
      h.retain_grad(),
      warned(() => h.grad),
    ),
  'retain_grad is a no-op on leaves': ({ x }) => last(x.retain_grad(), x.retains_grad),
  'retain_grad on a non-leaf': ({ h }) => last(h.retain_grad(), h.retains_grad),
  'retain_grad stores a contiguous clone': ({ m }) => {
    const a = m.t().mul(1)
    a.retain_grad()
    const g = torch
      .tensor(
        [
          [0, 1],
          [2, 3],
        ],
        { dtype: torch.float32 },
      )
      .t()
    a.backward(g)
    return [a.grad, a.grad.stride(), a.grad.data_ptr() === g.data_ptr()]
  },
  'later backward adds out of place': ({ h }) => {
    h.retain_grad()
    const loss = h.sum()
    loss.backward({ retain_graph: true })
    const first = h.grad
    loss.backward()
    return [h.grad, first, first === h.grad]
  },
  'retain_grad is idempotent': ({ h }) => last(h.retain_grad(), h.retain_grad(), gradient(h, h)),
  'retain_grad where no gradient flows': ({ k }) => k.retain_grad(),
})
