// What a loss saved can be another tensor by the time of backward: unpack hooks, `.data` and calls of nodes see to that.
import { describe, expect, it } from 'vitest'
import { scope, torch } from '../../src/index'
import { errorOf, keepsCounters, type Tensor, tensor } from '../autograd/harness'

const F = torch.nn.functional
const { float32, float64, int64 } = torch
const ints = (data: number[] | number[][]) => torch.tensor(data, { dtype: int64 })

/** The error of backward when hooks hand out `other` for the saved tensors that `wanted` picks. */
function altered(wanted: (saved: Tensor) => boolean, other: () => Tensor, run: (x: Tensor) => Tensor): string {
  return scope(() => {
    const x = torch.ones(2, 2, { dtype: float64, requires_grad: true })
    const unpack = (saved: Tensor) => (wanted(saved) ? other() : saved)
    const y = torch.autograd.graph.saved_tensors_hooks(
      (saved: Tensor) => saved,
      unpack,
      () => run(x.mul(1)),
    )
    return errorOf(() => y.sum().backward())
  })
}

const isTarget = (t: Tensor) => t.dtype === int64
const isInput = (t: Tensor) => t.ndim === 2
const isTotal = (t: Tensor) => t.ndim === 0
const isWeight = (t: Tensor) => t.ndim === 1 && t.dtype === float64
const loss = (x: Tensor) => F.nll_loss(x, ints([0, 1]))
const weighted = (x: Tensor) => F.nll_loss(x, ints([0, 1]), torch.ones(2, { dtype: float64 }))

describe('a saved tensor that became another', () => {
  keepsCounters()

  it.each([
    ['a target out of range', isTarget, () => ints([1e9, 0]), loss, 'IndexError: Target 1000000000 is out of bounds.'],
    ['a float target', isTarget, () => torch.ones(2), loss, 'RuntimeError: expected scalar type Long but found Float'],
    [
      'three targets',
      isTarget,
      () => ints([0, 1, 1]),
      loss,
      'RuntimeError: size mismatch (got input: [2, 2], target: [3])',
    ],
    [
      'rows of targets',
      isTarget,
      () => ints([[0, 1]]),
      loss,
      'RuntimeError: 0D or 1D target tensor expected, multi-target not supported',
    ],
    [
      'a larger input',
      isInput,
      () =>
        tensor([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
      loss,
      'RuntimeError: size mismatch (got input: [3, 2], target: [2])',
    ],
    [
      'two totals',
      isTotal,
      () => tensor([1, 2]),
      loss,
      'RuntimeError: expected total_weight to be a  single element tensor, got: [2] (2 elements)',
    ],
    [
      'a weight of float32',
      isWeight,
      () => torch.ones(2),
      weighted,
      'RuntimeError: expected scalar type Double but found Float',
    ],
    [
      'five weights',
      isWeight,
      () => tensor([1, 2, 3, 4, 5]),
      weighted,
      'RuntimeError: weight tensor should be defined either for all or no classes',
    ],
    [
      'a softmax of float32',
      isInput,
      () => torch.ones(2, 2),
      (x: Tensor) => x.softmax(0),
      'RuntimeError: expected scalar type Double but found Float',
    ],
    [
      'a softmax of another shape',
      isInput,
      () => tensor([1, 2]),
      (x: Tensor) => x.log_softmax(0),
      "RuntimeError: Expected tensor for argument #1 'grad' to have same size as tensor for argument #2 'output'; but [2, 2] does not equal [2] (while checking arguments for log_softmax_backward)",
    ],
  ] as const)('%s', (_, wanted, other, run, text) => {
    expect(altered(wanted, other, run)).toBe(text)
  })

  it('behind the back of the version counter', () => {
    scope(() => {
      const x = torch.ones(2, 2, { requires_grad: true })
      const t = ints([0, 1])
      const y = F.nll_loss(x.mul(1), t)
      t.data.fill_(1e9)
      expect(errorOf(() => y.backward())).toBe('IndexError: Target 1000000000 is out of bounds.')
      const s = x.softmax(0)
      const z = s.sum()
      s.data = torch.ones(1)
      expect(() => z.backward()).not.toThrow('memory')
    })
  })

  it('a node called with a gradient of another shape or dtype', () => {
    scope(() => {
      const x = torch.ones(2, 2, { dtype: float64, requires_grad: true })
      const softmax = x.softmax(0).grad_fn
      expect(errorOf(() => softmax.call(torch.ones([0], { dtype: float64 })))).toMatch(
        /but \[0\] does not equal \[2, 2\]/,
      )
      expect(errorOf(() => softmax.call(torch.ones(2, 2, { dtype: float32 })))).toMatch(/expected scalar type/)
      const none = F.nll_loss(x.mul(1), ints([0, 1]), { reduction: 'none' }).grad_fn
      expect(errorOf(() => none.call(torch.ones([3], { dtype: float64 })))).toMatch(/tensor.size\[0\] == 2/)
      const mean = F.nll_loss(x.mul(1), ints([0, 1])).grad_fn
      expect(errorOf(() => mean.call(torch.ones([3], { dtype: float64 })))).toMatch(
        /Expected a single element grad_output/,
      )
    })
  })
})
