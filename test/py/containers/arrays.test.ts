// Tensors and ndarrays in containers: found by identity, else compared element by element, as `==` of PyTorch and NumPy.
import { expect, test } from 'vitest'
import { np, py, scope, torch } from '../../../src/index'
import { expectNothingLeft } from '../../identity/live'

expectNothingLeft()

const MANY = 'Boolean value of Tensor with more than one value is ambiguous'
const MANY_ITEMS = 'The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()'

test('tensors', () => {
  scope(() => {
    const [t, u, s] = [torch.tensor([1.5, 2]), torch.tensor([1.5, 2]), torch.tensor(3)]
    expect(py.list([t]).contains(t)).toBe(true)
    expect(py.list([t]).eq([t])).toBe(true)
    expect(() => py.list([t]).contains(u)).toThrow(MANY)
    expect(() => py.list([t]).eq([u])).toThrow(MANY)
    expect(() => py.list([t, u]).sort()).toThrow(MANY)
    expect(() => py.list([t]).contains(torch.zeros([0]))).toThrow(
      'The size of tensor a (2) must match the size of tensor b (0)',
    )
    expect(() => py.list([torch.zeros([0])]).contains(torch.zeros([0]))).toThrow(
      'Boolean value of Tensor with no values is ambiguous',
    )
    expect(py.list([s]).contains(3)).toBe(true)
    expect(py.list([4, 3]).index(s)).toBe(1)
    expect(py.list([s]).contains([1])).toBe(false)
    expect(py.list([null, 'a']).contains(t)).toBe(false)
    expect(py.tuple([s]).lt(py.tuple([4]))).toBe(true)
    expect(py.tuple([4]).lt(py.tuple([s]))).toBe(false)
    expect(() => py.tuple([t]).lt(py.tuple([null]))).toThrow(
      "'<' not supported between instances of 'Tensor' and 'NoneType'",
    )
    expect(Number(py.dict(new Map([[t, 1]])).at(t))).toBe(1)
    expect(() => py.dict(new Map([[t, 1]])).at(u)).toThrow('tensor([1.5000, 2.0000])')
  })
})

test('ndarrays', () => {
  scope(() => {
    const [n, m] = [np.array([1, 2]), np.array([3])]
    expect(py.list([n]).contains(n)).toBe(true)
    expect(py.list([m]).contains(3)).toBe(true)
    expect(py.list([m]).contains('a')).toBe(false)
    expect(() => py.list([n]).contains(n.copy())).toThrow(MANY_ITEMS)
    expect(() => py.list([n]).contains(null)).toThrow(MANY_ITEMS)
    expect(() => py.list([n]).contains(np.zeros([0]))).toThrow('operands could not be broadcast together')
    expect(() => py.dict(new Map([[n, 1]]))).toThrow("unhashable type: 'numpy.ndarray'")
  })
})
