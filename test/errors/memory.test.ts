// Out of memory: PyTorch's kind of error, nothing half-done, and the library goes on. Nothing here is large for long: the
// 4 GiB that each call asks for are refused, not filled.
import { expect, it } from 'vitest'
import { OutOfMemoryError, scope, torch } from '../../src/index'

const SIDE = 2 ** 15 - 1

function live() {
  const { tensors, storages, nodes, objects, bytes } = torch.memory.stats()
  return { tensors, storages, nodes, objects, bytes }
}

it.each<[string, () => unknown]>([
  ['empty', () => torch.empty([SIDE, SIDE])],
  ['zeros', () => torch.zeros([SIDE, SIDE])],
  ['full', () => torch.full([SIDE, SIDE], 1.5)],
  ['arange', () => torch.arange(SIDE * SIDE, { dtype: torch.float32 })],
  ['more than 4 GiB', () => torch.zeros([2 ** 16, 2 ** 16])],
  ['an op', () => torch.ones([1], { requires_grad: true }).expand(SIDE, SIDE).mul(2)],
  ['a broadcast', () => torch.ones([SIDE, 1]).add(torch.ones([SIDE]))],
  ['a product', () => torch.ones([SIDE, 1]).mm(torch.ones([1, SIDE]))],
  ['clone', () => torch.ones([1]).expand(SIDE, SIDE).clone()],
  ['reshape', () => torch.ones([SIDE, 1]).expand(SIDE, SIDE).reshape(-1)],
  ['another dtype', () => torch.ones([1]).expand(SIDE, SIDE).to(torch.int32)],
  ['ones_like', () => torch.ones_like(torch.ones([1]).expand(SIDE, SIDE))],
])('%s', (_, allocate) => {
  // The first refusal may leave the core a larger free list than before; the second must leave what the first left.
  expect(() => scope(allocate)).toThrow(OutOfMemoryError)
  const before = live()
  expect(() => scope(allocate)).toThrow(OutOfMemoryError)
  expect(live()).toEqual(before)
  scope(() => {
    const x = torch.ones([3], { requires_grad: true })
    x.mul(x).sum().backward()
    expect(x.grad.tolist()).toEqual([2, 2, 2])
  })
})

it('in backward: no gradient is half accumulated', () => {
  const before = live()
  scope(() => {
    const x = torch.ones([1], { requires_grad: true })
    // The gradient of an element is as large as what it was taken from.
    const y = x.expand(SIDE, SIDE).at(0, 0)
    expect(() => y.backward()).toThrow(OutOfMemoryError)
    expect(x.grad).toBe(null)
    x.mul(3).backward()
    expect(x.grad.tolist()).toEqual([3])
  })
  expect(live()).toEqual(before)
})
