// `out=`: what real PyTorch 2.13 answers, row by row.
import { beforeEach, describe, expect, it } from 'vitest'
import { set_warning_sink } from '../../src/core/warnings'
import { scope, type Tensor, torch } from '../../src/index'
import { errorOf, keepsCounters } from '../autograd/harness'

keepsCounters()

const warnings: string[] = []
beforeEach(() => {
  warnings.length = 0
})

const f32 = (...shape: number[]) => torch.ones(shape)
const i64 = (...shape: number[]) => torch.zeros(shape, { dtype: torch.int64 })
const f64 = (...shape: number[]) => torch.zeros(shape, { dtype: torch.float64 })
const resized = (from: string, to: string) =>
  `An output with one or more elements was resized since it had shape ${from}, which does not match the required output ` +
  `shape ${to}. This behavior is deprecated, and in a future PyTorch release outputs will not be resized unless they have ` +
  'zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with t.resize_(0).'

type Call = (out: Tensor) => Tensor
const written: [string, () => Tensor, Call, string, number[], string[]][] = [
  ['add', () => torch.zeros(2), (out) => torch.add(f32(2), f32(2), { out }), 'tensor([2., 2.])', [1], []],
  [
    'add, a number',
    () => torch.zeros(2),
    (out) => torch.add(f32(2), 1, { out, alpha: 3 }),
    'tensor([4., 4.])',
    [1],
    [],
  ],
  [
    'another shape',
    () => torch.zeros(3),
    (out) => torch.add(f32(2), f32(2), { out }),
    'tensor([2., 2.])',
    [1],
    [resized('[3]', '[2]')],
  ],
  ['no elements', () => torch.zeros(0), (out) => torch.add(f32(2), f32(2), { out }), 'tensor([2., 2.])', [1], []],
  [
    'a strided out of another shape',
    () => torch.zeros(2, 3).t(),
    (out) => torch.add(f32(2, 2), f32(2), { out }),
    'tensor([[2., 2.],\n        [2., 2.]])',
    [2, 1],
    [resized('[3, 2]', '[2, 2]')],
  ],
  [
    'a strided out of the same shape',
    () => torch.zeros(2, 2).t(),
    (out) => torch.eye(2, { out }),
    'tensor([[1., 0.],\n        [0., 1.]])',
    [1, 2],
    [],
  ],
  [
    'the layout of the input',
    () => torch.zeros(2),
    (out) => torch.abs(f32(2, 2).t(), { out }),
    'tensor([[1., 1.],\n        [1., 1.]])',
    [1, 2],
    [resized('[2]', '[2, 2]')],
  ],
  ['itself', () => f32(2), (out) => torch.add(out, out, { out }), 'tensor([2., 2.])', [1], []],
  [
    'a wider dtype',
    () => f64(2),
    (out) => torch.add(f32(2), f32(2), { out }),
    'tensor([2., 2.], dtype=torch.float64)',
    [1],
    [],
  ],
  ['a narrower one', () => torch.zeros(2), (out) => torch.add(f64(2), f32(2), { out }), 'tensor([1., 1.])', [1], []],
  ['a comparison', () => i64(2), (out) => torch.eq(f32(2), f32(2), { out }), 'tensor([1, 1])', [1], []],
  ['a sum in the dtype of out', () => i64(), (out) => torch.sum(f32(2).mul(1.6), 0, { out }), 'tensor(2)', [], []],
  ['a mean', () => f64(), (out) => torch.mean(f32(2), 0, { out }), 'tensor(1., dtype=torch.float64)', [], []],
  [
    'a product',
    () => torch.zeros(2),
    (out) => torch.mm(f32(1, 2), f32(2, 1), { out }),
    'tensor([[2.]])',
    [1, 1],
    [resized('[2]', '[1, 1]')],
  ],
  ['matmul', () => torch.zeros([]), (out) => torch.matmul(f32(2), f32(2), { out }), 'tensor(2.)', [], []],
  ['pow', () => f64(2), (out) => torch.pow(f32(2), 2, { out }), 'tensor([1., 1.], dtype=torch.float64)', [1], []],
  ['square', () => torch.zeros(2), (out) => torch.square(f32(2), { out }), 'tensor([1., 1.])', [1], []],
  [
    'cat',
    () => f64(4),
    (out) => torch.cat([f32(2), f32(2)], { out }),
    'tensor([1., 1., 1., 1.], dtype=torch.float64)',
    [1],
    [],
  ],
  [
    'stack',
    () => torch.ones(3),
    (out) => torch.stack([f32(2), f32(2)], { out }),
    'tensor([[1., 1.],\n        [1., 1.]])',
    [2, 1],
    [resized('[3]', '[2, 2]')],
  ],
  [
    'index_select',
    () => torch.zeros(5),
    (out) => torch.index_select(f32(3), 0, torch.tensor([0, 2]), { out }),
    'tensor([1., 1.])',
    [1],
    [resized('[5]', '[2]')],
  ],
  [
    'scatter_add',
    () => torch.zeros(3),
    (out) => torch.scatter_add(f32(3), 0, torch.tensor([0, 2]), f32(2), { out }),
    'tensor([2., 1., 2.])',
    [1],
    [],
  ],
  ['zeros', () => f32(3), (out) => torch.zeros(2, { out }), 'tensor([0., 0.])', [1], []],
  ['full', () => i64(2), (out) => torch.full([2], 1.5, { out }), 'tensor([1, 1])', [1], []],
  [
    'arange',
    () => f32(3),
    (out) => torch.arange(2, { out }),
    'tensor([0., 1.])',
    [1],
    [
      'The number of elements in the out tensor of shape [3] is 3 which does not match the computed number of elements 2. ' +
        'Note that this may occur as a result of rounding error. The out tensor will be resized to a tensor of shape (2,).',
    ],
  ],
  ['linspace', () => i64(3), (out) => torch.linspace(0, 1, 2, { out }), 'tensor([0, 1])', [1], []],
  ['bernoulli', () => torch.zeros(2), (out) => torch.bernoulli(f32(2), { out }), 'tensor([1., 1.])', [1], []],
]

const OVERLAPS_ITSELF =
  'RuntimeError: unsupported operation: more than one element of the written-to tensor refers to a single memory location. ' +
  'Please clone() the tensor before performing the operation.'
const OVERLAPS =
  'RuntimeError: unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory ' +
  'location. Please clone() the tensor before performing the operation.'
const differentiates = (name: string) =>
  `RuntimeError: ${name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.`
const leaf = () => torch.ones([2], { requires_grad: true })

const refused: [string, () => Tensor, Call, string][] = [
  ['an expanded out', () => torch.zeros(1).expand(2), (out) => torch.add(f32(2), f32(2), { out }), OVERLAPS_ITSELF],
  [
    'an input partly in out',
    () => torch.zeros(3).at('1:'),
    (out) => torch.add(out._base!.at(':2'), 1, { out }),
    OVERLAPS,
  ],
  ['cat of parts of out', () => f32(4), (out) => torch.cat([out.at(':2'), out.at('2:')], { out }), OVERLAPS],
  [
    'a dtype that cannot be cast',
    () => i64(2),
    (out) => torch.add(f32(2), f32(2), { out }),
    "RuntimeError: result type Float can't be cast to the desired output type Long",
  ],
  [
    'exp into integers',
    () => i64(2),
    (out) => torch.exp(f32(2), { out }),
    "RuntimeError: result type Float can't be cast to the desired output type Long",
  ],
  [
    'mm into another dtype',
    () => i64(1, 1),
    (out) => torch.mm(f32(1, 2), f32(2, 1), { out }),
    'RuntimeError: Expected out tensor to have dtype float, but got long int instead',
  ],
  [
    'bmm',
    () => f64(1, 1, 1),
    (out) => torch.bmm(f32(1, 1, 2), f32(1, 2, 1), { out }),
    'RuntimeError: Expected out tensor to have dtype float, but got double instead',
  ],
  [
    'mv',
    () => f64(2),
    (out) => torch.mv(f32(2, 2), f32(2), { out }),
    'RuntimeError: addmv input tensors must have the same dtype, but got Double, Float, and Float',
  ],
  [
    'dot',
    () => f64(),
    (out) => torch.dot(f32(2), f32(2), { out }),
    'RuntimeError: result dtype Double does not match input dtype Float',
  ],
  [
    'matmul',
    () => f64(),
    (out) => torch.matmul(f32(2), f32(2), { out }),
    'RuntimeError: result dtype Double does not match input dtype Float',
  ],
  [
    'where',
    () => f64(2),
    (out) => torch.where(f32(2).gt(0), f32(2), f32(2), { out }),
    'RuntimeError: Expected out type to be Float but got Double',
  ],
  [
    'cat',
    () => i64(4),
    (out) => torch.cat([f32(2), f32(2)], { out }),
    "TypeError: torch.cat(): input types can't be cast to the desired output type Long",
  ],
  [
    'index_select',
    () => f64(2),
    (out) => torch.index_select(f32(3), 0, torch.tensor([0, 2]), { out }),
    'RuntimeError: index_select(): self and result must have the same scalar type',
  ],
  [
    'index_add',
    () => f64(3),
    (out) => torch.index_add(f32(3), 0, torch.tensor([0, 2]), f32(2), { out }),
    'RuntimeError: Expected out tensor to have dtype float, but got double instead',
  ],
  [
    'take',
    () => f64(3),
    (out) => torch.take(f32(3), torch.tensor([0, 2]), { out }),
    'RuntimeError: take(): self and out expected to have the same dtype, but got self.dtype = Float and out.dtype = Double',
  ],
  [
    'masked_select',
    () => f64(3),
    (out) => torch.masked_select(f32(3), f32(3).gt(0), { out }),
    'RuntimeError: masked_select(): self and result must have the same scalar type',
  ],
  [
    'nonzero',
    () => f64(3),
    (out) => torch.nonzero(f32(3), { out }),
    'RuntimeError: nonzero: Expected out tensor to have scalar type Long but got scalar typeDouble',
  ],
  [
    'shapes that do not broadcast',
    () => f32(3),
    (out) => torch.add(f32(2), f32(3), { out }),
    'RuntimeError: The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0',
  ],
  ['an input that requires grad', () => f32(2), (out) => torch.add(leaf(), 1, { out }), differentiates('add')],
  ['out that requires grad', leaf, (out) => torch.sum(f32(2), 0, { out }), differentiates('sum')],
  ['square', () => f32(2), (out) => torch.square(leaf(), { out }), differentiates('pow')],
  ['cat', () => f32(2), (out) => torch.cat([f32(2), leaf()], { out }), differentiates('cat')],
  ['a factory', leaf, (out) => torch.ones(2, { out }), differentiates('aten::ones')],
  [
    'a factory of another dtype',
    () => f32(2),
    (out) => torch.zeros(2, { out, dtype: torch.int64 }),
    'RuntimeError: dtype Long does not match dtype of out parameter (Float)',
  ],
  [
    'arange of bool',
    () => torch.ones([2], { dtype: torch.bool }),
    (out) => torch.arange(2, { out }),
    `NotImplementedError: "arange_cpu" not implemented for 'Bool'`,
  ],
  [
    'an inference tensor',
    () => torch.inference_mode(() => torch.ones(2)),
    (out) => torch.mul(f32(2), f32(2), { out }),
    'RuntimeError: Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.',
  ],
]

describe('out=', () => {
  it.each(written)('%s', (_, make, call, text, stride, warned) => {
    scope(() => {
      const out = make()
      const before = set_warning_sink((_, message) => warnings.push(message))
      try {
        expect(call(out)).toBe(out)
      } finally {
        set_warning_sink(before)
      }
      expect([String(out), out.stride(), out._version, warnings]).toEqual([text, stride, 1, warned])
    })
  })

  it.each(refused)('refused: %s', (_, make, call, text) => {
    scope(() => {
      const out = make()
      const state = () => [String(out), out.stride(), out.is_inference() ? 0 : out._version]
      const before = state()
      expect(errorOf(() => call(out))).toBe(text)
      expect(state()).toEqual(before)
    })
  })

  it('that is a view grows its storage under every alias', () => {
    scope(() => {
      const base = torch.zeros(4)
      const out = base.at('2:')
      const before = set_warning_sink(() => {})
      torch.add(torch.ones(5), 1, { out })
      set_warning_sink(before)
      expect([out.tolist(), base.tolist(), out.storage_offset(), base._version]).toEqual([
        [2, 2, 2, 2, 2],
        [0, 0, 2, 2],
        2,
        1,
      ])
    })
  })

  it('takes an input that requires grad where nothing is recorded', () => {
    scope(() => {
      const [x, out] = [leaf(), torch.zeros(2)]
      torch.no_grad(() => torch.mul(x, x, { out }))
      expect([out.tolist(), out.requires_grad]).toEqual([[1, 1], false])
      // A comparison is never recorded.
      expect(torch.eq(x, x, { out }).tolist()).toEqual([1, 1])
    })
  })
})
