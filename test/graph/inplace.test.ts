// In-place ops against the same ops out of place, and reshaping a view in place. What else writing does to the graph stands
// in test/autograd/tables_c*.test.ts.
import { describe, expect, it } from 'vitest'
import { scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft } from '../identity/live'

expectNothingLeft()

const leaf = (values: number[]) => torch.tensor(values, { requires_grad: true })

function gradients(x: Tensor, out: Tensor): unknown {
  out.sum().backward()
  return x.grad.tolist()
}

describe('an in-place op of which backward needs the old or the new value', () => {
  // The last column says the same out of place.
  const writes: [string, (h: Tensor) => Tensor, (h: Tensor) => Tensor][] = [
    ['neg_', (h) => h.neg_(), (h) => h.neg()],
    ['exp_', (h) => h.exp_(), (h) => h.exp()],
    ['mul_(2)', (h) => h.mul_(2), (h) => h.mul(2)],
    ['pow_(2)', (h) => h.pow_(2), (h) => h.pow(2)],
    ['sin_', (h) => h.sin_(), (h) => h.sin()],
    ['cos_', (h) => h.cos_(), (h) => h.cos()],
    ['abs_', (h) => h.abs_(), (h) => h.abs()],
    ['div_(2)', (h) => h.div_(2), (h) => h.div(2)],
    ['log_', (h) => h.log_(), (h) => h.log()],
    ['sqrt_', (h) => h.sqrt_(), (h) => h.sqrt()],
    ['reciprocal_', (h) => h.reciprocal_(), (h) => h.reciprocal()],
    ['tanh_', (h) => h.tanh_(), (h) => h.tanh()],
    ['sigmoid_', (h) => h.sigmoid_(), (h) => h.sigmoid()],
    ['relu_', (h) => h.relu_(), (h) => h.relu()],
    ['sgn_', (h) => h.sgn_(), (h) => h.sgn()],
    ['add_(h)', (h) => h.add_(h), (h) => h.add(h)],
    ['sub_(h)', (h) => h.sub_(h), (h) => h.sub(h)],
    ['add_, mul_, sub_', (h) => h.add_(1).mul_(3).sub_(2), (h) => h.add(1).mul(3).sub(2)],
  ]
  it.each(writes)('h.%s: the value and gradient of the same op out of place', (_, write, op) => {
    scope(() => {
      const [x, y] = [leaf([0.5, -1, 2]), leaf([0.5, -1, 2])]
      const [h, out] = [write(x.mul(1)), op(y.mul(1))]
      expect([h.tolist(), gradients(x, h)]).toEqual([out.tolist(), gradients(y, out)])
    })
  })
})

describe('t_() and its like on a view', () => {
  const chain = (t: Tensor) => {
    const names = []
    for (let node = t.grad_fn; node; node = node.next_functions[0]?.[0] ?? null) names.push(node.name())
    return names.join(' ')
  }
  const CLONE = 'CloneBackward0 torch::autograd::AccumulateGrad'
  const rows: [string, string, (x: Tensor) => unknown][] = [
    ['t_', 'TBackward1', (x) => x.t_()],
    ['transpose_', 'TransposeBackward1', (x) => x.transpose_(0, 1)],
    ['unsqueeze_', 'UnsqueezeBackward1', (x) => x.unsqueeze_(0)],
    ['squeeze_', 'SqueezeBackward3', (x) => x.squeeze_()],
  ]
  it.each(rows)('%s is of the view alone', (_, name, reshape) => {
    scope(() => {
      const x = torch.ones([2, 3], { requires_grad: true })
      const base = x.clone()
      const view = base.at('0:2')
      reshape(view)
      expect(chain(view)).toBe(`${name} SliceBackward0 ${CLONE}`)
      expect([chain(base), base._version]).toEqual([CLONE, 1])
      expect(torch.autograd.grad(base.sum().add(view.mul(2).sum()), x)[0]!.tolist()).toEqual([
        [3, 3, 3],
        [3, 3, 3],
      ])
    })
  })
  it('is followed by what is written later', () => {
    scope(() => {
      const x = torch.arange(6, { dtype: torch.float32 }).reshape(2, 3).requires_grad_()
      const base = x.clone()
      const view = base.at('0:2')
      view.t_()
      base.mul_(2)
      expect(chain(view)).toBe(`AsStridedBackward0 MulBackward0 ${CLONE}`)
      view.mul_(3)
      expect(chain(base)).toBe(`torch::autograd::CopySlices MulBackward0 ${CLONE}`)
      expect(torch.autograd.grad(view.mul(view).sum(), x)[0]!.tolist()).toEqual([
        [0, 72, 144],
        [216, 288, 360],
      ])
    })
  })
})
