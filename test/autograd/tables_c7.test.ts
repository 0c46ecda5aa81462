// C.7, C.8: views that may not be written; inference mode.
import { type Tensor, torch } from '../../src/index'
import { FirstTwo, Same, ViewAndSum } from './functions'
import { graph, last, ones, table } from './tables'

const untracked = (h: Tensor) => torch.no_grad(() => h.at(':2'))
const inferred = (h: Tensor) => torch.inference_mode(() => h.at(':2'))

/** The node of a view whose base was written. */
function staleNode(h: Tensor, v: Tensor): unknown {
  h.mul_(2)
  return v.grad_fn
}

table('C.7 Views that may not be written', {
  'split: written': ({ h }) => h.split(2)[0].mul_(2),
  'split: its base written': ({ h }) => staleNode(h, h.split(2)[0]),
  'chunk: written': ({ h }) => h.chunk(2)[0].mul_(2),
  'unbind: written, the real output number': ({ h }) => h.unbind()[1].mul_(2),
  'unbind: its base written': ({ h }) => staleNode(h, h.unbind()[1]),
  'unbind: its base written, printed': ({ h }) => {
    const v = h.unbind()[1]
    return last(h.mul_(2), String(v))
  },
  'iterating a tensor: written': ({ h }) => [...h][1].mul_(2),
  'a multi-output view without grad_fn: written': ({ k, s }) => k.unbind()[0].mul_(s),
  'a multi-output view: an untracked write': ({ h }) => {
    const v = h.unbind()[1]
    return last(
      torch.no_grad(() => v.mul_(2)),
      h,
    )
  },
  'tensor_split is allowed': ({ h }) => last(h.tensor_split(2)[0].mul_(2), graph(h)),
  'made under no_grad: written': ({ h }) => untracked(h).mul_(2),
  'made under no_grad: its base written': ({ h }) => staleNode(h, untracked(h)),
  'made under no_grad: its base written, printed': ({ h }) => {
    const v = untracked(h)
    return last(h.mul_(2), String(v))
  },
  'made under no_grad: its base written under no_grad': ({ h }) =>
    torch.no_grad(() => [h.at(':2'), h.mul_(2)])[0].grad_fn,
  'made under no_grad: its base written under no_grad, used': ({ h }) =>
    torch.no_grad(() => [h.at(':2'), h.mul_(2)])[0].mul(2),
  'made under no_grad: an untracked write': ({ h }) =>
    last(
      torch.no_grad(() => untracked(h).mul_(2)),
      h,
    ),
  'made under inference_mode: written': ({ h }) => inferred(h).mul_(2),
  'made under inference_mode: its base written': ({ h }) => staleNode(h, inferred(h)),
  'made under inference_mode: an untracked write': ({ h }) =>
    last(
      torch.inference_mode(() => inferred(h).mul_(2)),
      h,
    ),
  'made in a custom Function: written': ({ h }) => FirstTwo.apply(h).mul_(2),
  'made in a custom Function: its base written': ({ h }) => staleNode(h, FirstTwo.apply(h)),
  'an input returned as is: written': ({ h }) => Same.apply(h).mul_(2),
  'an input returned as is: its base written': ({ h }) => staleNode(h, Same.apply(h)),
  'an input returned as is: an untracked write': ({ h }) => {
    const v = Same.apply(h)
    return last(
      torch.no_grad(() => v.mul_(2)),
      h,
    )
  },
  'of a Function with several outputs: written': ({ h }) => ViewAndSum.apply(h)[0].mul_(2),
  'of a Function with several outputs: its base written': ({ h }) => staleNode(h, ViewAndSum.apply(h)[0]),
  'x.view(2,2)[0] is allowed': ({ H }) => last(H.view(2, 2).at(0).mul_(2), graph(H)),
})

/** An inference tensor. */
const cold = () => torch.inference_mode(() => ones(3))

table('C.8 Inference mode', {
  'in place on an inference tensor outside': () => cold().add_(1),
  'in place on an inference tensor inside': () => {
    const a = cold()
    return torch.inference_mode(() => a.add_(1))
  },
  'a._version': () => cold()._version,
  'a.requires_grad_()': () => cold().requires_grad_(),
  'a.requires_grad = True': () => {
    cold().requires_grad = true
  },
  'needed for backward: x * a': ({ x }) => x.mul(cold()),
  'not needed: x + a': ({ x }) => graph(x.add(cold())),
  'inside: is_grad_enabled(), is_inference_mode_enabled()': () =>
    torch.inference_mode(() => [torch.is_grad_enabled(), torch.is_inference_mode_enabled()]),
  'enable_grad inside reports True but records nothing': ({ x }) =>
    torch.inference_mode(() => torch.enable_grad(() => [torch.is_grad_enabled(), graph(x.mul(2))])),
  'a view of a normal tensor made inside is a normal tensor': ({ h }) => {
    const v = inferred(h)
    return [v.is_inference(), v._version]
  },
  'a.clone() outside is normal': ({ x }) => {
    const a = cold().clone()
    return [a.is_inference(), graph(x.mul(a))]
  },
  'a.detach() stays inference': () => cold().detach().is_inference(),
  'a.view() stays inference': () => cold().view(3, 1).is_inference(),
})

// Not here: hsplit; nn.Parameter(a).
