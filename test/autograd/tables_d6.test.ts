// D.6, D.7: the order of hooks; modes.
import { type Tensor, torch } from '../../src/index'
import { error, facts, gradient, graph, last, leaf, table, warned } from './tables'

const { grad } = torch.autograd

/** h = 2 x with a prehook (times 3), a tensor hook (times 10) and retain_grad: the gradients of h and x. */
function ordered(order: string): unknown {
  const x = leaf(1)
  const h = x.mul(2)
  for (const what of order) {
    if (what === 'P') h.grad_fn.register_prehook(([g]) => [(g as Tensor).mul(3)])
    if (what === 'T') h.register_hook((g) => (g as Tensor).mul(10))
    if (what === 'R') h.retain_grad()
  }
  return gradient(h, h, x)
}

/** h with a hook. */
function hooked(h: Tensor, hook: (g: Tensor) => unknown): Tensor {
  h.register_hook(hook as Parameters<Tensor['register_hook']>[0])
  return h
}

table('D.6 Hook order', {
  'non-leaf: RT': () => ordered('RT'),
  'non-leaf: TR': () => ordered('TR'),
  'non-leaf: PTR': () => ordered('PTR'),
  'non-leaf: TPR': () => ordered('TPR'),
  'non-leaf: tensor hooks in registration order': ({ x, h }) =>
    gradient(
      hooked(
        hooked(h, (g) => g.mul(2)),
        (g) => g.add(1),
      ),
      x,
    ),
  'leaf: tensor hooks, prehooks, accumulate, post-accumulate hooks, post hooks': ({ x, h, log }) => {
    const accumulator = h.grad_fn.next_functions[0][0]
    accumulator.register_hook(() => void log.push(['post', x.grad.tolist()]))
    x.register_post_accumulate_grad_hook((t) => void log.push(['accumulated', t.grad.tolist()]))
    accumulator.register_prehook(() => void log.push(['pre', x.grad]))
    x.register_hook(() => void log.push(['tensor', x.grad]))
    return last(gradient(h), log)
  },
  'grad() with respect to a tensor with tensor hooks': ({ h }) => grad(hooked(h, (g) => g.mul(7)).sum(), h),
  'grad() with respect to a tensor whose node has prehooks': ({ h }) => {
    h.grad_fn.register_prehook(([g]) => [(g as Tensor).mul(7)])
    return grad(h.sum(), h)
  },
  'retain_grad + grad(out, h)': ({ h }) => last(h.retain_grad(), grad(h.mul(2).sum(), h), h.grad),
  'register_post_accumulate_grad_hook on a non-leaf': ({ h }) => h.register_post_accumulate_grad_hook(() => {}),
  'tensor hooks run once, on the summed gradient': ({ h, log }) => {
    hooked(h, (g) => void log.push(g))
    return last(gradient(h.add(h.mul(3))), log)
  },
  'returning None keeps it': ({ x, h }) =>
    gradient(
      hooked(h, () => null),
      x,
    ),
  'a mutated argument is used': ({ x, h }) => gradient(hooked(h, (g) => void g.mul_(5)).mul(1), x),
  'no gradient flows': ({ k }) => hooked(k, (g) => g),
  'changed the size': ({ h }) => gradient(hooked(h, (g) => g.sum())),
  'no Variable': ({ h }) => gradient(hooked(h, () => 'a')),
  'changed the type': ({ h }) => gradient(hooked(h, (g) => g.double())),
  'in hooks grad mode is off': ({ h, log }) =>
    last(gradient(hooked(h, () => void log.push(torch.is_grad_enabled()))), log),
  'in hooks grad mode is on with create_graph': ({ x, h, log }) => {
    hooked(h, () => void log.push(torch.is_grad_enabled()))
    return last(grad(h.sum(), x, { create_graph: true }), log)
  },
  'a nested backward inside a hook': ({ x, y, h }) =>
    gradient(
      hooked(h, () => void torch.enable_grad(() => gradient(y.mul(y)))),
      x,
      y,
    ),
})

const { detect_anomaly, set_detect_anomaly } = torch.autograd

/** The warnings of a backward that finds a nan. */
const anomalous = (fn: () => unknown) => warned(() => detect_anomaly(() => error(fn)))

table('D.7 Modes', {
  'no_grad: requires_grad False, leaf': ({ x }) => facts(torch.no_grad(() => x.mul(2))),
  'no_grad: factories with requires_grad=True work as usual': () =>
    facts(torch.no_grad(() => torch.ones(2, { requires_grad: true }))),
  'no_grad: requires_grad_() works as usual': ({ k }) => facts(torch.no_grad(() => k.requires_grad_())),
  'no_grad: in place on leaves is allowed': ({ x }) => facts(torch.no_grad(() => x.add_(1))),
  'no_grad: a nested enable_grad records again': ({ x }) =>
    graph(torch.no_grad(() => torch.enable_grad(() => x.mul(2)))),
  'no_grad: as a decorator': ({ x }) => graph(torch.no_grad(() => x.mul(2))),
  'no_grad: as a decorator without call': ({ x }) => graph(torch.no_grad(() => x.mul(2))),
  'generators: a no_grad around a yield leaks to the caller until the generator closes': () => {
    const generator = leaking()
    generator.next()
    const within = torch.is_grad_enabled()
    generator.return(undefined)
    return [within, torch.is_grad_enabled()]
  },
  'generators: the decorator form does not leak': () => {
    const generator = torch.no_grad(counting)
    return [generator.next().value, torch.is_grad_enabled()]
  },
  'set_grad_enabled(False) as a call takes effect at once': ({ x }) => {
    torch.set_grad_enabled(false)
    const node = graph(x.mul(2))
    torch.set_grad_enabled(true)
    return node
  },
  'detect_anomaly warns': () => warned(() => detect_anomaly(() => 0)),
  'set_detect_anomaly(True) does not': () => warned(() => set_detect_anomaly(true)[Symbol.dispose]()),
  'nan after sqrt': () => quietly(() => detect_anomaly(() => gradient(leaf(-1).sqrt()))),
  'nan after div': () => quietly(() => detect_anomaly(() => gradient(leaf(0).div(leaf(0))))),
  'nan without check_nan': () => {
    const a = leaf(-1)
    return last(
      quietly(() => detect_anomaly(() => gradient(a.sqrt()), { check_nan: false })),
      a.grad,
    )
  },
  'no forward pass information': () => {
    const a = leaf(-1).sqrt()
    return anomalous(() => gradient(a))[1]
  },
  'traceback of the forward call: its first line': () => anomalous(() => gradient(leaf(-1).sqrt()))[1].split('\n')[0],
  'a comparison never requires grad': ({ x }) => x.gt(0).requires_grad,
  'int() never requires grad': ({ x }) => x.int().requires_grad,
})

function* counting(): Generator<boolean> {
  for (;;) yield torch.is_grad_enabled()
}

function* leaking(): Generator<boolean, undefined> {
  using _ = torch.no_grad()
  yield torch.is_grad_enabled()
}

/** Runs `fn` without showing its warnings. */
function quietly(fn: () => unknown): void {
  warned(fn)
}

// Not here: x // 2 (there is no floor division), igamma.
