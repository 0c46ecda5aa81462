// What writing a tensor does to the graph: saved tensors and versions, set item, views and their base.
import { describe, expect, it } from 'vitest'
import { del_, is_, RuntimeError, scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft } from '../identity/live'
import { graph } from './fixture'

expectNothingLeft()

const M = 'MulBackward0(Acc, None)'

/** x = [1, 2, 3], a leaf. */
const leaf = (values: number[] = [1, 2, 3]) => torch.tensor(values, { requires_grad: true })

function gradients(x: Tensor, out: Tensor): unknown {
  out.sum().backward()
  return x.grad.tolist()
}

function message(fn: () => unknown): string {
  try {
    fn()
  } catch (error) {
    if (error instanceof RuntimeError) return error.message
    throw error
  }
  return 'no error'
}

const VERSION_HINT =
  ' instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, ' +
  'with torch.autograd.set_detect_anomaly(True).'
const modified = (what: string) =>
  `one of the variables needed for gradient computation has been modified by an inplace operation: ${what}${VERSION_HINT}`

describe('changing h after it was used', () => {
  const uses: [string, (h: Tensor) => Tensor, 'ok' | 'version error'][] = [
    ['h + 1', (h) => h.add(1), 'ok'],
    ['h * 2', (h) => h.mul(2), 'ok'],
    ['h.sum()', (h) => h.sum(), 'ok'],
    ['h * h', (h) => h.mul(h), 'version error'],
    ['h ** 2', (h) => h.pow(2), 'version error'],
    ['h @ w', (h) => h.matmul(leaf()), 'version error'],
  ]
  it.each(uses)('%s: backward is %3$s', (_, use, expected) => {
    scope(() => {
      const h = leaf().mul(1)
      const y = use(h)
      h.add_(1)
      const got = message(() => y.sum().backward())
      expect(got).toEqual(expected === 'ok' ? 'no error' : expect.stringContaining('has been modified by an inplace'))
    })
  })
})

describe('changing a result that was saved', () => {
  it.each(['exp', 'sigmoid', 'tanh', 'relu', 'sqrt', 'reciprocal'] as const)(
    'h = x.%s() is a version error',
    (name) => {
      scope(() => {
        const x = leaf()
        const h = x[name]()
        h.add_(1)
        expect(message(() => h.sum().backward())).toContain('has been modified by an inplace operation')
      })
    },
  )
})

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

  it('h.mul_(h) saves h itself, which it changes', () => {
    scope(() => {
      const h = leaf().mul(1)
      h.mul_(h)
      expect(message(() => h.sum().backward())).toBe(
        modified('[torch.FloatTensor [3]], which is output 0 of MulBackward0, is at version 1; expected version 0'),
      )
    })
  })

  it.each([
    ['zero_', (h: Tensor) => h.zero_()],
    ['fill_(3)', (h: Tensor) => h.fill_(3)],
    ['copy_(const)', (h: Tensor) => h.copy_(torch.ones(3))],
  ])('h.%s: the gradient is zero', (_, write) => {
    scope(() => {
      const x = leaf()
      expect(gradients(x, write(x.mul(1)))).toEqual([0, 0, 0])
    })
  })

  it('h[0] = 7: the gradient of the written element is zero', () => {
    scope(() => {
      const x = leaf([1, 2])
      expect(gradients(x, x.mul(1).set_at_([0], 7))).toEqual([0, 1])
    })
  })

  it('h[0] *= 7: the gradient of the written element is 7', () => {
    scope(() => {
      const x = leaf([1, 2])
      const h = x.mul(1)
      h.set_at_([0], h.at(0).mul_(7))
      expect(gradients(x, h)).toEqual([7, 1])
    })
  })

  it('relu in place of exp: the result that exp saved is gone', () => {
    scope(() => {
      const h = leaf().exp().relu_()
      expect(message(() => h.sum().backward())).toBe(
        modified('[torch.FloatTensor [3]], which is output 0 of ExpBackward0, is at version 1; expected version 0'),
      )
    })
  })

  it('h *= x in a loop: the old h is cloned each time', () => {
    scope(() => {
      const x = leaf()
      const h = x.mul(1)
      for (let i = 0; i < 3; i++) h.mul_(x)
      expect(gradients(x, h)).toEqual([4, 32, 108])
    })
  })

  it('pow_ saves a clone of the old value', () => {
    scope(() => {
      const h = leaf().mul(1).pow_(3)
      const saved = h.grad_fn._saved_self as Tensor
      expect([saved.tolist(), saved.grad_fn.name()]).toEqual([[1, 2, 3], 'CloneBackward0'])
    })
  })
})

describe('the version error', () => {
  it('names the current grad_fn of a saved input', () => {
    scope(() => {
      const h = leaf([1, 2]).mul(1)
      const y = h.mul(h)
      h.add_(1)
      expect(message(() => y.sum().backward())).toBe(
        modified('[torch.FloatTensor [2]], which is output 0 of AddBackward0, is at version 1; expected version 0'),
      )
    })
  })

  it('names a CopySlices with its qualified name', () => {
    scope(() => {
      const h = leaf([1, 2]).mul(1)
      const y = h.mul(h)
      h.set_at_([0], 1)
      expect(message(() => y.sum().backward())).toContain('output 0 of torch::autograd::CopySlices, is at version 1;')
    })
  })

  it('names a transposed one TBackward1', () => {
    scope(() => {
      const h = torch.ones([2, 2], { requires_grad: true }).mul(1)
      const y = h.mul(h)
      h.t_()
      expect(message(() => y.sum().backward())).toContain(
        '[torch.FloatTensor [2, 2]], which is output 0 of TBackward1,',
      )
    })
  })

  it('names nothing for a leaf', () => {
    scope(() => {
      const x = leaf([1, 2])
      const y = x.mul(x)
      torch.no_grad(() => x.add_(1))
      expect(message(() => y.sum().backward())).toBe(
        modified('[torch.FloatTensor [2]] is at version 1; expected version 0'),
      )
    })
  })

  it('names nothing for a constant, of 64-bit floats', () => {
    scope(() => {
      const c = torch.ones(4, { dtype: torch.float64 })
      const y = torch.ones(4, { dtype: torch.float64, requires_grad: true }).mul(c)
      c.add_(1)
      expect(message(() => y.sum().backward())).toContain(
        '[torch.DoubleTensor [4]] is at version 1; expected version 0',
      )
    })
  })

  it('shows a 0-dim tensor as []', () => {
    scope(() => {
      const x = torch.tensor(1, { requires_grad: true })
      const y = x.mul(x)
      torch.no_grad(() => x.add_(1))
      expect(message(() => y.backward())).toContain('[torch.FloatTensor []] is at version 1')
    })
  })

  it('comes when _saved_self is read, too', () => {
    scope(() => {
      const h = leaf().mul(1)
      const y = h.mul(h)
      h.add_(1)
      expect(() => y.grad_fn._saved_self).toThrow('has been modified by an inplace operation')
    })
  })

  it('comes although the data were restored', () => {
    scope(() => {
      const h = leaf().mul(1)
      const y = h.mul(h)
      h.add_(1)
      h.sub_(1)
      expect(message(() => y.sum().backward())).toContain('is at version 2; expected version 0')
    })
  })

  it('does not come for a change through .data, which falsifies the gradient', () => {
    scope(() => {
      const x = leaf()
      const a = torch.ones(3)
      const y = x.mul(a)
      a.data.add_(1)
      expect(gradients(x, y)).toEqual([2, 2, 2])
    })
  })
})

describe('what an op adds to x._version', () => {
  const rows: [string, number, (x: Tensor) => unknown][] = [
    ['add_', 1, (x) => x.add_(1)],
    ['mul_', 1, (x) => x.mul_(2)],
    ['zero_', 1, (x) => x.zero_()],
    ['fill_', 1, (x) => x.fill_(1)],
    ['copy_', 1, (x) => x.copy_(torch.ones(2, 2))],
    ['relu_', 1, (x) => x.relu_()],
    ['x[0] = 1', 1, (x) => x.set_at_([0], 1)],
    ['x[0, 1] = 1', 1, (x) => x.set_at_([0, 1], 1)],
    ['x[0][1] = 1', 1, (x) => x.at(0).set_at_([1], 1)],
    ['x[:] = 0', 1, (x) => x.set_at_([':'], 0)],
    ['x[...] = ones', 1, (x) => x.set_at_(['...'], torch.ones(2, 2))],
    ['x[0].add_(1)', 1, (x) => x.at(0).add_(1)],
    ['x.T.add_(1)', 1, (x) => x.T.add_(1)],
    ['x[0:0].add_(1)', 1, (x) => x.at('0:0').add_(1)],
    ['add_(0)', 1, (x) => x.add_(0)],
    ['unsqueeze_', 1, (x) => x.unsqueeze_(0)],
    ['squeeze_', 1, (x) => x.squeeze_()],
    ['t_', 1, (x) => x.t_()],
    ['transpose_', 1, (x) => x.transpose_(0, 1)],
    ['reading', 0, (x) => x.mul(2)],
    ['requires_grad_', 0, (x) => x.requires_grad_()],
    ['detach_', 0, (x) => x.detach_()],
    ['x.data.add_', 0, (x) => x.data.add_(1)],
    ['x[0] += 1', 2, (x) => x.set_at_([0], x.at(0).add_(1))],
    ['x[0, 1] += 1', 2, (x) => x.set_at_([0, 1], x.at(0, 1).add_(1))],
    ['add_ under no_grad', 1, (x) => torch.no_grad(() => x.add_(1))],
    ['an add_ of a wrong shape', 0, (x) => message(() => x.add_(torch.ones(3)))],
  ]
  it.each(rows)('%s: +%i', (_, delta, write) => {
    scope(() => {
      const x = torch.ones(2, 2)
      const before = x._version
      write(x)
      expect(x._version - before).toBe(delta)
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

describe('who shares a version counter with x', () => {
  const rows: [string, boolean, (x: Tensor) => Tensor][] = [
    ['a view', true, (x) => x.view(4)],
    ['a view of a view', true, (x) => x.at(0).at('1:')],
    ['detach()', true, (x) => x.detach()],
    ['a reshape without a copy', true, (x) => x.reshape(4)],
    ['contiguous() of a contiguous tensor', true, (x) => x.contiguous()],
    ['to() the same dtype', true, (x) => x.to(torch.float32)],
    ['a saved tensor', true, (x) => torch.ones([2, 2], { requires_grad: true }).mul(x).grad_fn._saved_other as Tensor],
    ['.data', false, (x) => x.data],
    ['clone()', false, (x) => x.clone()],
    ['a reshape with a copy', false, (x) => x.t().reshape(4)],
    ['x + 0', false, (x) => x.add(0)],
  ]
  it.each(rows)('%s: %s', (_, shares, make) => {
    scope(() => {
      const x = torch.ones(2, 2)
      const other = make(x)
      const before = other._version
      x.add_(1)
      expect(other._version - before).toBe(shares ? 1 : 0)
    })
  })

  it('.data begins at 0', () => {
    scope(() => {
      const x = torch.ones(2).add_(1)
      expect(x.data._version).toBe(0)
    })
  })

  it('detach() goes on from the number of its source', () => {
    scope(() => {
      const x = torch.ones(2).add_(1)
      expect(x.detach()._version).toBe(1)
    })
  })
})

describe('set item: the graph of h', () => {
  type Row = [string, string, (h: Tensor, x: Tensor) => unknown]
  const rows: Row[] = [
    ['h[0] = 5', `CopySlices(${M}, None)`, (h) => h.set_at_([0], 5)],
    ['h[0:2][0] = 5', `CopySlices(${M}, None)`, (h) => h.at('0:2').set_at_([0], 5)],
    ['h.view(3, 1)[0] = 5', `CopySlices(${M}, None)`, (h) => h.view(3, 1).set_at_([0], 5)],
    ['h[0] = s', `CopySlices(${M}, Acc)`, (h) => h.set_at_([0], torch.tensor(1, { requires_grad: true }))],
    ['h[:2] = x[1:]', `CopySlices(${M}, SliceBackward0(Acc))`, (h, x) => h.set_at_([':2'], x.at('1:'))],
    [
      'h[0] *= 7',
      `CopySlices(CopySlices(${M}, None), AsStridedBackward0(CopySlices(${M}, None)))`,
      (h) => h.set_at_([0], h.at(0).mul_(7)),
    ],
    ['h[...] = y', `CopyBackwards(${M}, Acc)`, (h) => h.set_at_(['...'], leaf())],
    ['h[:] = 0', `FillBackward3(${M}, None)`, (h) => h.set_at_([':'], 0)],
  ]
  it.each(rows)('%s: %s', (_, expected, write) => {
    scope(() => {
      const x = leaf()
      const h = x.mul(1)
      write(h, x)
      expect(graph(h.grad_fn)).toBe(expected)
    })
  })

  it('t = zeros(3); t[0] = x[0] makes t a non-leaf', () => {
    scope(() => {
      const t = torch.zeros(3)
      t.set_at_([0], leaf().at(0))
      expect([t.is_leaf, t.requires_grad, graph(t.grad_fn)]).toEqual([
        false,
        true,
        'CopySlices(None, SelectBackward0(Acc))',
      ])
    })
  })

  it('an int64 target takes the truncated value and no graph', () => {
    scope(() => {
      const z = torch.zeros(3, { dtype: torch.int64 })
      z.set_at_([0], torch.tensor([2.9, 1], { requires_grad: true }).at(0))
      expect([z.tolist(), z.requires_grad]).toEqual([[2, 0, 0], false])
    })
  })

  it('leading dimensions of size one of the value are dropped', () => {
    scope(() => {
      const t = torch.zeros(2).set_at_([':'], torch.ones(1, 1, 2))
      expect(t.tolist()).toEqual([1, 1])
    })
  })
})

describe('x += y against x = x + y', () => {
  it('x.add_(y) returns the very object', () => {
    scope(() => {
      const x = torch.ones(2)
      expect(x.add_(1)).toBe(x)
    })
  })

  it('x.add_(y) keeps the address', () => {
    scope(() => {
      const x = torch.ones(2)
      const before = x.data_ptr()
      expect(x.add_(1).data_ptr()).toBe(before)
    })
  })

  it('every alias sees x.add_(y)', () => {
    scope(() => {
      const x = torch.ones(2)
      const alias = x
      x.add_(1)
      expect(alias.tolist()).toEqual([2, 2])
    })
  })

  it('x.add_(y) replaces the grad_fn', () => {
    scope(() => {
      const h = leaf().mul(1)
      h.add_(1)
      expect(graph(h.grad_fn)).toBe(`AddBackward0(${M}, None)`)
    })
  })

  it('x.add(y) is another tensor of version 0 and leaves x alone', () => {
    scope(() => {
      const x = torch.ones(2).add_(1)
      const y = x.add(1)
      expect([y._version, x.tolist(), y.data_ptr() === x.data_ptr()]).toEqual([0, [2, 2], false])
    })
  })

  it('x.add_ of float64 keeps the dtype of x', () => {
    scope(() => {
      expect(torch.ones(2).add_(torch.ones(2, { dtype: torch.float64 })).dtype).toBe(torch.float32)
    })
  })
})

describe('which ops return views', () => {
  const rows: [string, boolean, (m: Tensor) => Tensor][] = [
    ['m[...]', true, (m) => m.at('...')],
    ['as_strided', true, (m) => m.as_strided([2], [1])],
    ['expand', true, (m) => m.expand(4, 2, 3)],
    ['permute', true, (m) => m.permute(1, 0)],
    ['select', true, (m) => m.select(0, 1)],
    ['slice', true, (m) => m.at('1:')],
    ['squeeze', true, (m) => m.squeeze()],
    ['t', true, (m) => m.t()],
    ['transpose', true, (m) => m.transpose(0, 1)],
    ['unsqueeze', true, (m) => m.unsqueeze(0)],
    ['view', true, (m) => m.view(6)],
    ['T', true, (m) => m.T],
    ['mT', true, (m) => m.mT],
    ['narrow', true, (m) => m.narrow(0, 0, 1)],
    ['reshape without a copy', true, (m) => m.reshape(6)],
    ['flatten without a copy', true, (m) => m.flatten()],
    ['expand_as', true, (m) => m.expand_as(torch.ones(2, 2, 3))],
    ['reshape with a copy', false, (m) => m.t().reshape(6)],
    ['contiguous with a copy', false, (m) => m.t().contiguous()],
    ['to another dtype', false, (m) => m.to(torch.float64)],
    ['detach', false, (m) => m.detach()],
    ['data', false, (m) => m.data],
    ['clone', false, (m) => m.clone()],
  ]
  it.each(rows)('%s: %s', (_, isView, make) => {
    scope(() => {
      const m = torch.ones(2, 3)
      expect(make(m)._is_view()).toBe(isView)
    })
  })

  it('the _base of a view of a view is the root', () => {
    scope(() => {
      const h = torch.ones(4)
      expect(h.at('1:').at('0:1')._base).toBe(h)
    })
  })
})

describe('writing a view or its base', () => {
  it('writing a view gives the base a CopySlices', () => {
    scope(() => {
      const h = leaf([2, 1]).mul(1)
      h.at(':1').mul_(2)
      expect([String(h), h.grad_fn.name()]).toEqual([
        'tensor([4., 1.], grad_fn=<CopySlices>)',
        'torch::autograd::CopySlices',
      ])
    })
  })

  it('writing a view gives it an AsStridedBackward0 over the CopySlices', () => {
    scope(() => {
      const h = leaf([2, 1]).mul(1)
      const v = h.at(':1').mul_(2)
      expect([String(v), graph(v.grad_fn)]).toEqual([
        'tensor([4.], grad_fn=<AsStridedBackward0>)',
        `AsStridedBackward0(CopySlices(${M}, None))`,
      ])
    })
  })

  it("the view's edge leads to the base's node", () => {
    scope(() => {
      const h = leaf().mul(1)
      const v = h.at(':1').mul_(2)
      expect(is_(v.grad_fn.next_functions[0][0], h.grad_fn)).toBe(true)
    })
  })

  it('writing the base makes its views rebuild their nodes', () => {
    scope(() => {
      const h = leaf().mul(1)
      const v = h.at(':2')
      h.mul_(2)
      expect(graph(v.grad_fn)).toBe(`AsStridedBackward0(MulBackward0(${M}, None))`)
    })
  })

  it('another view of the base is rebuilt, too', () => {
    scope(() => {
      const h = leaf().mul(1)
      const [v, w] = [h.at(':2'), h.at('1:')]
      v.mul_(2)
      expect(graph(w.grad_fn)).toBe(`AsStridedBackward0(CopySlices(${M}, None))`)
    })
  })

  it('two writes without a read between them rebuild once', () => {
    scope(() => {
      const h = leaf().mul(1)
      const v = h.at(':2')
      h.mul_(2)
      h.mul_(2)
      expect(graph(v.grad_fn)).toBe(`AsStridedBackward0(MulBackward0(MulBackward0(${M}, None), None))`)
    })
  })

  it('a graph that used the view keeps the old node', () => {
    scope(() => {
      const x = leaf()
      const h = x.mul(1)
      const y = h.at(':2').mul(5)
      h.mul_(2)
      expect(graph(y.grad_fn)).toBe(`MulBackward0(SliceBackward0(${M}), None)`)
    })
  })

  it('writing a view of a constant with something that requires grad makes the base require grad', () => {
    scope(() => {
      const t = torch.zeros(3)
      t.at(':2').add_(leaf([1, 2]))
      expect([t.requires_grad, graph(t.grad_fn)]).toEqual([true, 'CopySlices(None, Acc)'])
    })
  })

  it('the worked check: values', () => {
    expect(scope(() => worked().b.tolist())).toEqual([3, 0, 90, 12])
  })

  it('the worked check: gradient', () => {
    expect(scope(() => worked().x.grad.tolist())).toEqual([3, 0, 3000, 3000])
  })

  function worked() {
    const x = leaf([1, 2, 3, 4])
    const b = x.mul(1)
    const v = b.at('1:3')
    v.mul_(10)
    b.mul_(3)
    v.at('0:1').zero_()
    b.mul(torch.tensor([1, 10, 100, 1000]))
      .sum()
      .backward()
    return { x, b }
  }

  it('the gradient reaches the argument of a write through a view', () => {
    scope(() => {
      const t = torch.zeros(2, 2)
      const x = leaf([3, 4])
      t.t().at(0).copy_(x)
      t.mul(
        torch.tensor([
          [1, 10],
          [100, 1000],
        ]),
      )
        .sum()
        .backward()
      expect(x.grad.tolist()).toEqual([1, 100])
    })
  })

  it('exp_ of a view saves a result that the base may not change', () => {
    scope(() => {
      const h = leaf([1, 2]).mul(1)
      h.at(':1').exp_()
      h.mul_(2)
      expect(message(() => h.sum().backward())).toBe(
        modified(
          '[torch.FloatTensor [1]], which is output 0 of AsStridedBackward0, is at version 2; expected version 1',
        ),
      )
    })
  })

  it('a second backward through a CopySlices is the error of a freed graph', () => {
    scope(() => {
      const h = leaf().mul(1)
      h.at(0).mul_(2)
      const loss = h.sum()
      loss.backward()
      expect(message(() => loss.backward())).toContain('Trying to backward through the graph a second time')
    })
  })

  it('a view whose base was deleted still leads to it', () => {
    scope(() => {
      const x = leaf()
      const h = x.mul(1)
      const v = h.at(':2')
      del_(h)
      v.mul_(3)
      expect(gradients(x, v)).toEqual([3, 3, 0])
    })
  })
})

describe('views and grad mode', () => {
  it('writing a view under no_grad changes data and version only', () => {
    scope(() => {
      const h = leaf().mul(1)
      const v = h.at(':2')
      torch.no_grad(() => v.mul_(2))
      expect([h.tolist(), h._version, graph(h.grad_fn)]).toEqual([[2, 4, 3], 1, M])
    })
  })

  it("the view's node is rebuilt over the unchanged node of the base", () => {
    scope(() => {
      const h = leaf().mul(1)
      const v = h.at(':2')
      torch.no_grad(() => v.mul_(2))
      expect(graph(v.grad_fn)).toBe(`AsStridedBackward0(${M})`)
    })
  })

  it('a view of a leaf written under no_grad leads to its AccumulateGrad', () => {
    scope(() => {
      const v = leaf().at(':1')
      torch.no_grad(() => v.mul_(2))
      expect(graph(v.grad_fn)).toBe('AsStridedBackward0(Acc)')
    })
  })

  it('a view made under no_grad may not be written outside', () => {
    scope(() => {
      const h = leaf().mul(1)
      const v = torch.no_grad(() => h.at(':2'))
      expect(message(() => v.mul_(2))).toBe(
        'A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use ' +
          'case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the ' +
          "inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if " +
          'you want the inplace to be tracked).',
      )
    })
  })
})

describe('requires_grad of a view', () => {
  it('is that of its base, though made under no_grad', () => {
    scope(() => {
      const x = leaf()
      const v = torch.no_grad(() => x.at(':2'))
      expect([v.requires_grad, v.grad_fn, v.is_leaf]).toEqual([true, null, true])
    })
  })

  it('is that of its base, though made before requires_grad_()', () => {
    scope(() => {
      const base = torch.ones(2)
      const v = base.at(':1')
      base.requires_grad_()
      expect([v.requires_grad, v.grad_fn, String(v)]).toEqual([true, null, 'tensor([1.], requires_grad=True)'])
    })
  })

  it('gradients sent to such a view do not reach the base', () => {
    scope(() => {
      const x = leaf()
      const v = torch.no_grad(() => x.at(':2'))
      v.mul(2).sum().backward()
      expect(x.grad).toBeNull()
    })
  })

  it('v.requires_grad_() on a view of a constant makes it a leaf that may not be written', () => {
    scope(() => {
      const v = torch.ones(2).at(':1').requires_grad_()
      expect(message(() => v.add_(1))).toBe(
        'a view of a leaf Variable that requires grad is being used in an in-place operation.',
      )
    })
  })

  it('a tracked write of the base turns that leaf into a non-leaf', () => {
    scope(() => {
      const base = torch.ones(2)
      const v = base.at(':1').requires_grad_()
      base.mul_(leaf([1, 2]))
      expect([v.is_leaf, graph(v.grad_fn)]).toEqual([false, 'AsStridedBackward0(MulBackward0(None, Acc))'])
    })
  })
})

describe('detach_', () => {
  it('of a view is refused', () => {
    scope(() => {
      const v = leaf().mul(1).at(':2')
      expect(message(() => v.detach_())).toMatch(/^Can't detach views in-place\. Use detach\(\) instead\./)
    })
  })

  it('of a base leaves an existing view its node', () => {
    scope(() => {
      const h = leaf().mul(1)
      const v = h.at(':2')
      h.detach_()
      expect(graph(v.grad_fn)).toBe(`SliceBackward0(${M})`)
    })
  })
})

describe('leaves', () => {
  const LEAF = 'a leaf Variable that requires grad is being used in an in-place operation.'
  const VIEW = 'a view of a leaf Variable that requires grad is being used in an in-place operation.'
  const rows: [string, string, (x: Tensor) => unknown][] = [
    ['x.add_(1)', LEAF, (x) => x.add_(1)],
    ['x.zero_()', LEAF, (x) => x.zero_()],
    ['x.copy_(y)', LEAF, (x) => x.copy_(torch.ones(3))],
    ['x.t_()', LEAF, (x) => x.t_()],
    ['x.unsqueeze_(0)', LEAF, (x) => x.unsqueeze_(0)],
    ['x.add_(wrong shape)', LEAF, (x) => x.add_(torch.ones(2))],
    ['x[:] = 0', LEAF, (x) => x.set_at_([':'], 0)],
    ['x[0] = 5', VIEW, (x) => x.set_at_([0], 5)],
    ['x[0].add_(1)', VIEW, (x) => x.at(0).add_(1)],
    ['x.view(3).mul_(2)', VIEW, (x) => x.view(3).mul_(2)],
  ]
  it.each(rows)('%s: %s', (_, text, write) => {
    scope(() => {
      expect(message(() => write(leaf()))).toBe(text)
    })
  })

  it.each([
    ['x.add_(1) under no_grad', (x: Tensor) => torch.no_grad(() => x.add_(1))],
    ['x.data.add_(1)', (x: Tensor) => x.data.add_(1)],
    ['x.detach().add_(1)', (x: Tensor) => x.detach().add_(1)],
  ])('%s is allowed and leaves x a leaf', (_, write) => {
    scope(() => {
      const x = leaf()
      write(x)
      expect([x.tolist(), x.is_leaf, x.grad_fn]).toEqual([[2, 3, 4], true, null])
    })
  })
})
