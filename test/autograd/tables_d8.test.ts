// D.8: custom autograd.Function.
import { type Tensor, torch } from '../../src/index'
import { type Ctx, Dirty, foo, NoBackward, nondifferentiable, Same, SavesOutput, Sq } from './functions'
import { gradient, graph, last, leaf, ones, table } from './tables'

const triple = (_: Ctx, x: Tensor) => x.mul(3)
const timesNumber = (_: Ctx, x: Tensor, n: number) => x.mul(n)
const same = (_: Ctx, g: Tensor) => g

table('D.8 Custom autograd.Function', {
  "names: the node's class and name()": ({ x }) => {
    const node = Sq.apply(x).grad_fn
    return [node._type, node.name()]
  },
  'names: prints': () => String(Sq.apply(leaf(3))),
  'forward runs with grad mode off': ({ x, log }) => {
    foo((_, a: Tensor) => last(log.push(torch.is_grad_enabled()), a.mul(2))).apply(x)
    return log
  },
  "forward: the inputs are the caller's objects": ({ x, log }) => {
    foo((_, a: Tensor) => last(log.push(a === x), a.mul(2))).apply(x)
    return log
  },
  'forward: ctx.needs_input_grad, one bool an argument': ({ x, k, y, log }) => {
    foo((ctx, a: Tensor) => last(log.push(ctx.needs_input_grad), a.mul(2))).apply(x, k, 3, y)
    return log
  },
  'no input requires grad: no node': ({ k }) => graph(Sq.apply(k)),
  'under no_grad: no node': ({ x }) => graph(torch.no_grad(() => Sq.apply(x))),
  'edges: one per tensor argument': ({ x, k, y }) => graph(foo(timesNumber).apply(x, 3, k, y)),
  'gradients: one per argument': ({ x, y }) => {
    const F = foo(
      (_, a: Tensor, n: number, b: Tensor) => a.mul(n).add(b),
      (_, g) => [g.mul(3), null, g],
    )
    return gradient(F.apply(x, 3, y), x, y)
  },
  'backward result: a single value for one input': ({ x }) => gradient(foo(triple, (_, g) => g.mul(3)).apply(x), x),
  'backward result: extra trailing Nones are dropped': ({ x }) =>
    gradient(foo(triple, (_, g) => [g.mul(3), null, null]).apply(x), x),
  'backward result: wrong count': ({ x }) => gradient(foo(triple, (_, g) => [g, g]).apply(x), x),
  'backward result: too few': ({ x, y }) => gradient(foo((_, a: Tensor, b: Tensor) => a.mul(b), same).apply(x, y), x),
  'backward result: a gradient for what is no tensor': ({ x }) =>
    gradient(foo(timesNumber, (_, g) => [g, g]).apply(x, 3), x),
  'backward result: no tensor': ({ x }) => gradient(foo(triple, () => 1.5 as never).apply(x), x),
  'shape: [2,3] for an input of [3] is summed': ({ x }) => gradient(foo(triple, () => ones(2, 3)).apply(x), x),
  'dtype: is cast': ({ x }) => last(gradient(foo(triple, (_, g) => g.double()).apply(x), x), x.grad.dtype),
  'undefined incoming gradients: zeros': ({ x, log }) => {
    const F = foo(
      (_, a: Tensor) => [a.mul(2), a.mul(3)],
      (_, g, h) => last(log.push([g, h]), g) as Tensor,
    )
    return last(gradient((F.apply(x) as unknown as Tensor[])[0]), log)
  },
  'undefined incoming gradients: None without materializing': ({ x, log }) => {
    const F = foo(
      (ctx, a: Tensor) => last(ctx.set_materialize_grads(false), [a.mul(2), a.mul(3)]),
      (_, g, h) => last(log.push([g, h]), h) as Tensor,
    )
    return last(gradient((F.apply(x) as unknown as Tensor[])[1]), log)
  },
  'mark_non_differentiable: an output without grad': ({ x, log }) => {
    const [a, b] = nondifferentiable(log).apply(x)
    return [graph(a), graph(b), b.requires_grad]
  },
  'mark_non_differentiable: its backward argument is zeros': ({ x, log }) =>
    last(gradient(nondifferentiable(log).apply(x)[0]), log),
  'mark_non_differentiable: of its dtype': ({ x, log }) => {
    const [a, b] = nondifferentiable(log, torch.int64).apply(x)
    return last(gradient(a), [log, b.dtype])
  },
  'integer outputs are non-differentiable by themselves': ({ x }) =>
    graph(foo((_, a: Tensor) => a.long(), same).apply(x) as Tensor),
  'mark_dirty: must be returned': ({ h }) =>
    foo((ctx, a: Tensor) => last(ctx.mark_dirty(a), a.add_(1), a.mul(2))).apply(h),
  'mark_dirty: the output is the input object': ({ h }) => Dirty.apply(h) === h,
  'mark_dirty: version bumped once more, history rebased': ({ x, h }) =>
    last(Dirty.apply(h), [h._version, graph(h), gradient(h, x)]),
  'mark_dirty: on a view CopySlices': ({ x, h }) => {
    const v = Dirty.apply(h.at(':2'))
    return [graph(h), graph(v), gradient(h, x)]
  },
  'mark_dirty: a view among several outputs': ({ h }) =>
    foo((ctx, a: Tensor) => last(ctx.mark_dirty(a), [a.add_(1), a.sum()])).apply(h.at(':2')),
  'mark_dirty: a view, with another input': ({ x, y, h, k }) => {
    const F = foo(
      (ctx, a: Tensor, b: Tensor) => last(ctx.mark_dirty(a), a.add_(b)),
      (_, g) => [g.mul(10), g.mul(7)],
    )
    F.apply(h.at(':2'), y.at('1:'))
    return [graph(h), gradient(h.mul(k), x, y)]
  },
  "an input returned unchanged: a view with the Function's node": ({ h }) => {
    const v = Same.apply(h)
    return [v === h, v._base === h, graph(v)]
  },
  'save_for_backward: tensors or None': ({ x }) =>
    foo((ctx, a: Tensor) => last(ctx.save_for_backward(a, 3 as never), a.mul(2))).apply(x),
  'save_for_backward: is version-checked': ({ h }) => {
    const y = Sq.apply(h)
    return last(h.add_(1), gradient(y))
  },
  'save_for_backward: inputs come back as the same object': ({ x, log }) => {
    const F = foo(
      (ctx, a: Tensor) => last(ctx.save_for_backward(a), a.mul(2)),
      (ctx, g) => last(log.push(ctx.saved_tensors[0] === x), g) as Tensor,
    )
    return last(gradient(F.apply(x)), log)
  },
  'save_for_backward: None comes back as None': ({ x, log }) => {
    const F = foo(
      (ctx, a: Tensor) => last(ctx.save_for_backward(null, a), a.mul(2)),
      (ctx, g) => last(log.push(ctx.saved_tensors[0]), g) as Tensor,
    )
    return last(gradient(F.apply(x)), log)
  },
  'save_for_backward: outputs come back as a new object with this node': ({ x }) => {
    const y = SavesOutput.apply(x)
    let seen: unknown
    SavesOutput.see = (saved) => {
      seen = [saved === y, graph(saved)]
    }
    return last(gradient(y), seen)
  },
  'ctx.attr = tensor is not checked': ({ x, h }) => {
    const F = foo(
      (ctx, a: Tensor) => {
        ctx.kept = a
        return a.mul(2)
      },
      (ctx, g) => g.mul(ctx.kept as Tensor),
    )
    const y = F.apply(h)
    return last(h.add_(1), gradient(y, x))
  },
  'freed: reading saved_tensors later': ({ x, log }) => {
    gradient(foo((ctx, a: Tensor) => last(log.push(ctx), ctx.save_for_backward(a), a.mul(2)), same).apply(x))
    return (log[0] as Ctx).saved_tensors
  },
  'freed: running it again': ({ x }) => {
    const loss = Sq.apply(x).sum()
    return last(loss.backward(), loss.backward())
  },
  'missing forward': ({ x }) => torch.autograd.Function.apply(x as never),
  'missing backward': ({ x }) => gradient(NoBackward.apply(x)),
})

// Not here: the instance call `F()(x)`, as instances of JavaScript classes cannot be called.
