// D.1, D.2: backward() and grad(); the engine's algorithm.
import { torch } from '../../src/index'
import { Returning } from './functions'
import { error, gradient, last, leaf, ones, table, throwing, warned, watch } from './tables'

const { grad, backward } = torch.autograd

table('D.1 Entry points', {
  'backward returns None': ({ x }) => (x.sum().backward() as unknown) ?? null,
  'grad returns a tuple': ({ x }) => Array.isArray(grad(x.sum(), x)),
  'works inside no_grad': ({ x }) => {
    const loss = x.sum()
    return last(
      torch.no_grad(() => loss.backward()),
      x.grad,
    )
  },
  'retain_graph=None means equal to create_graph': ({ x }) => {
    const loss = x.mul(x).sum()
    return last(grad(loss, x, { create_graph: true }), grad(loss, x)[0])
  },
  'one element without gradient: shape [1,1] is fine': () => {
    const a = leaf([2])
    return last(a.mul(3).backward(), a.grad)
  },
  'a gradient of another shape is not broadcast': ({ s }) => s.backward(ones(1)),
  'a gradient of float64 is cast': ({ x }) => {
    gradient(x.mul(2))
    x.backward(torch.ones(3, { dtype: torch.float64 }))
    return [x.grad, x.grad.dtype]
  },
  'a gradient of integers is cast': ({ x }) => {
    x.mul(2).backward(torch.tensor([1, 2, 3]))
    return [x.grad, x.grad.dtype]
  },
  'a gradient of truth values is cast': ({ x }) => {
    x.mul(2).backward(torch.tensor([true, false, true]))
    return [x.grad, x.grad.dtype]
  },
  'non-scalar without gradient': ({ x }) => x.mul(2).backward(),
  'non-scalar without gradient: a leaf': ({ x }) => x.backward(),
  'non-scalar without gradient: no elements': ({ x }) => x.at('0:0').mul(2).backward(),
  'wrong shape': ({ x }) => x.mul(2).backward(ones(2)),
  'nothing requires grad': ({ k }) => k.backward(k),
  'nothing requires grad: of several': ({ k }) => backward([k, k], [k, k]),
  'backward(1.)': ({ x }) => x.sum().backward(1.5 as never),
  'backward([1.,1.])': ({ x }) => backward([x.sum(), x.sum()], [1.5, 1.5] as never),
  '2 tensors, 1 gradient': ({ x }) => backward([x.sum(), x.sum()], [torch.tensor(1)]),
  'inputs=[]': ({ x }) => x.sum().backward({ inputs: [] }),
  'grad with inputs=[]': ({ x }) => grad(x.sum(), []),
  'input not requiring grad': ({ x, k }) => grad(x.sum(), k),
  'input not requiring grad: backward(inputs=)': ({ x, k }) => x.sum().backward({ inputs: [k] }),
  'input unused': ({ x, y }) => grad(x.sum(), [x, y]),
  'input unused, allow_unused': ({ x, y }) => grad(x.sum(), [x, y], { allow_unused: true }),
  'input unused, materialize_grads': ({ x, y }) => grad(x.sum(), [x, y], { materialize_grads: true }),
  'create_graph in backward warns': ({ x }) => warned(() => x.mul(x).sum().backward({ create_graph: true })),
  'grad_variables= warns': ({ x, k }) => warned(() => backward([x.mul(2)], { grad_variables: [k] } as never)),
  'empty list of tensors': () => (backward([]) as unknown) ?? null,
  'a view made after use is unused': ({ x }) => {
    const loss = x.mul(2).sum()
    return grad(loss, x.view(3))
  },
  'grad(x, x, g) returns g': ({ x, k }) => grad(x, x, k)[0] === k,
  '[x, x] as inputs returns it twice': ({ x }) => {
    const [a, b] = grad(x.mul(2).sum(), [x, x])
    return [a, b, a === b]
  },
  'only_inputs=False warns': ({ x }) => warned(() => grad(x.sum(), x, { only_inputs: false } as never)),
})

table('D.2 Algorithm', {
  '1. [y, y] counts twice': ({ x }) => {
    const loss = x.mul(2).sum()
    return last(backward([loss, loss]), x.grad)
  },
  '1. several roots': ({ x }) => last(backward([x.mul(2).sum(), x.mul(3).sum()]), x.grad),
  '2. a node runs once, when all its gradients are there': ({ x, log }) => {
    const c = watch(x.mul(2), 'c', log)
    return last(gradient(c.mul(c).add(c)), [log, x.grad])
  },
  '3. only nodes on a path to an input run': ({ x, y, log }) => {
    const [a, c] = [watch(x.mul(2), 'a', log), watch(y.mul(3), 'c', log)]
    a.add(c)
      .sum()
      .backward({ inputs: [x] })
    return [log, x.grad, y.grad]
  },
  '3. the node of an input does not run': ({ x, log }) => {
    const a = watch(x.mul(2), 'a', log)
    return [grad(watch(a.mul(3), 'c', log).sum(), a), log]
  },
  '3. but does if it is needed for another input': ({ x, log }) => {
    const a = watch(x.mul(2), 'a', log)
    return [grad(watch(a.mul(3), 'c', log).sum(), [a, x]), log]
  },
  '4. later-created nodes first': ({ x, log }) => {
    const [a, c] = [watch(x.mul(2), 'a', log), watch(x.mul(3), 'c', log)]
    return last(gradient(c.add(a)), log)
  },
  '4. sequence_nr counts nodes': ({ x }) => {
    const a = x.mul(2)
    return Number(a.mul(3).grad_fn._sequence_nr() - a.grad_fn._sequence_nr())
  },
  '4. AccumulateGrad has 2^64 - 1': ({ h }) => h.grad_fn.next_functions[0][0]._sequence_nr(),
  '5. pre hooks, formula, post hooks': ({ x, h, log }) => {
    h.grad_fn.register_prehook(() => void log.push('pre'))
    h.grad_fn.register_hook(() => void log.push('post'))
    x.register_hook(() => void log.push('next'))
    return last(gradient(h), log)
  },
  '5. saved variables are released after the node ran': ({ x }) => {
    const a = x.exp()
    return last(a.grad_fn._saved_result, gradient(a), a.grad_fn._saved_result)
  },
  '5. not when the graph is kept': ({ x }) => {
    const a = x.exp()
    return last(a.sum().backward({ retain_graph: true }), a.grad_fn._saved_result)
  },
  '5. gradients are added in order of arrival': ({ x, log }) => {
    x.register_hook((g) => void log.push(g))
    return last(gradient(x.mul(2).add(x.mul(3))), log)
  },
  "6. a gradient that expands is summed to the input's shape": ({ x }) => gradient(Returning.of(x, ones(2, 3)), x),
  '6. a gradient of another dtype is cast': ({ x }) =>
    last(gradient(Returning.of(x, torch.ones(3, { dtype: torch.float64 })), x), x.grad.dtype),
  '6. a shape that does not expand': ({ x }) => gradient(Returning.of(x, ones(2)), x),
  '6. a smaller shape: [1]': ({ x }) => gradient(Returning.of(x, ones(1)), x),
  '6. a smaller shape: []': ({ x }) => gradient(Returning.of(x, ones()), x),
  '7. a node with undefined gradients runs and returns undefined': ({ x, log }) => {
    const a = watch(x.mul(2), 'a', log)
    return last(gradient(Returning.of(a, null)), [log, x.grad])
  },
  '7. tensor hooks are called with None': ({ x, log }) => {
    const a = x.mul(2)
    a.register_hook((g) => void log.push(g))
    return last(gradient(Returning.of(a, null)), log)
  },
  '8. create_graph: grad mode is on while nodes run': ({ x, log }) => {
    x.register_hook(() => void log.push(torch.is_grad_enabled()))
    return last(grad(x.mul(x).sum(), x, { create_graph: true }), log)
  },
  '8. otherwise off': ({ x, log }) => {
    x.register_hook(() => void log.push(torch.is_grad_enabled()))
    return last(grad(x.mul(x).sum(), x), log)
  },
  '9. exceptions of hooks keep their type': ({ h }) => last(h.register_hook(throwing()), gradient(h)),
  '9. gradients already accumulated stay': ({ x, y }) => {
    x.register_hook(throwing())
    error(() => gradient(x.mul(2).add(y.mul(3))))
    return [x.grad, y.grad]
  },
  'order: a=x*2; b=x*3; c=a+b; d=c*a': ({ x, log }) => {
    const a = watch(x.mul(2), 'a', log)
    const b = watch(x.mul(3), 'b', log)
    const c = watch(a.add(b), 'c', log)
    const d = watch(c.mul(a), 'd', log)
    x.register_hook(() => void log.push('x'))
    return last(gradient(d), log)
  },
  'order: p=x*2; q=w*2; r=p*1; s=q*1; t=s+r': ({ x, y, log }) => {
    const p = watch(x.mul(2), 'p', log)
    const q = watch(y.mul(2), 'q', log)
    const r = watch(p.mul(1), 'r', log)
    const s = watch(q.mul(1), 's', log)
    const t = watch(s.add(r), 't', log)
    x.register_hook(() => void log.push('x'))
    y.register_hook(() => void log.push('w'))
    return last(gradient(t), log)
  },
})

// Not here: complex gradients and roots; an invalid number of gradients from a node of the core, which has one an edge.
