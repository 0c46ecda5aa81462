// Numbers that are objects: NumPy's scalars and the ints and floats of py, where torch, np and py take numbers.
import { describe, expect, it } from 'vitest'
import { set_warning_sink } from '../../src/api'
import { np, py, repr, scope, torch } from '../../src/index'

const said = (program: () => unknown): string =>
  scope(() => {
    try {
      return repr(program())
    } catch (error) {
      return String(error)
    }
  })

type Case = [program: string, theirs: string]

const run = (program: string) => said(() => new Function('torch', 'np', 'py', `return ${program}`)(torch, np, py))

function holds(cases: Case[]): void {
  it.each(cases)('%s is %s', (program, theirs) => {
    const before = torch.memory.stats()
    expect(run(program)).toBe(theirs)
    const { tensors, storages, objects, bytes } = before
    expect(torch.memory.stats()).toMatchObject({ tensors, storages, objects, bytes })
  })
}

describe('torch takes', () => {
  holds([
    ['torch.tensor([1, 2]).add(np.float64(2))', 'tensor([3., 4.])'],
    ['torch.tensor([1, 2]).add(np.int64(2))', 'tensor([3, 4])'],
    // PyTorch takes np.bool for a float.
    ['torch.tensor([1, 2]).add(np.bool(true))', 'tensor([2., 3.])'],
    ['torch.add(torch.ones(2), np.array([1.5]).at(0))', 'tensor([2.5000, 2.5000])'],
    ['torch.add(torch.ones(2), np.array([1.5]).sum())', 'tensor([2.5000, 2.5000])'],
    ['torch.tensor([1, 2]).mul(py.float(2))', 'tensor([2., 4.])'],
    ['torch.tensor([1, 2]).mul(py.int(2))', 'tensor([2, 4])'],
    ['torch.tensor([1, 2]).mul(py.True)', 'tensor([1, 2])'],
    ['torch.tensor([1, 2]).eq(np.int64(2))', 'tensor([False,  True])'],
    ['torch.full([2], np.float64(2))', 'tensor([2., 2.])'],
    ['torch.arange(np.float64(3))', 'tensor([0., 1., 2.])'],
    ['torch.ones(np.int64(2))', 'tensor([1., 1.])'],
    ['torch.ones(2, 3).sum([np.int64(1)])', 'tensor([3., 3.])'],
    ['torch.tensor([1, 2]).at(np.int64(1))', 'tensor(2)'],
    ['torch.ones(2).set_at_([0], np.float64(5))', 'tensor([5., 1.])'],
    ['torch.tensor([1, np.float64(2)])', 'tensor([1., 2.], dtype=torch.float64)'],
    ['torch.tensor(py.list([1, py.float(2)]))', 'tensor([1., 2.])'],
    ['torch.tensor(py.float(2))', 'tensor(2.)'],
    ['torch.manual_seed(np.int64(3)).initial_seed()', '3'],
    [
      'torch.maximum(torch.ones(2), np.float64(2))',
      "TypeError: maximum(): argument 'other' (position 2) must be Tensor, not numpy.float64",
    ],
    [
      'torch.ones(2, 3).sum(1, { keepdim: np.bool(true) })',
      "TypeError: sum(): argument 'keepdim' must be bool, not numpy.bool",
    ],
    [
      'torch.ones(2).at(np.bool(true))',
      'IndexError: only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got numpy.bool)',
    ],
  ])
})

describe('py takes', () => {
  holds([
    ['py.float(np.float64(2))', '2.0'],
    ['py.int(np.float64(2.5))', '2'],
    ['py.float(np.array(2.5))', '2.5'],
    ['py.float(np.array([2.5]))', 'TypeError: only 0-dimensional arrays can be converted to Python scalars'],
    ['py.float(torch.tensor([2.5]))', '2.5'],
    ['py.int(torch.tensor(2.7))', '2'],
    ['py.float(torch.ones(2))', 'ValueError: only one element tensors can be converted to Python scalars'],
    ['py.list([1, 2]).mul(np.int64(2))', '[1, 2, 1, 2]'],
    ['py.list([1, 2]).at(np.int64(1))', '2'],
    ['py.list([1.5]).index(np.float64(1.5))', '0'],
    ['py.list([1, 2]).at(np.float64(1))', 'TypeError: list indices must be integers or slices, not numpy.float64'],
  ])
})

describe('np takes', () => {
  holds([
    ['np.array([py.float(2), 1])', 'array([2., 1.])'],
    ['np.array(py.tuple([1, py.float(2)]))', 'array([1., 2.])'],
    ['np.array(py.list([1, 2]))', 'array([1, 2])'],
    ['np.array([1, 2]).add(py.float(2))', 'array([3., 4.])'],
    ["np.array([1, 2], 'float32').add(py.float(2))", 'array([3., 4.], dtype=float32)'],
    ['np.array([py.float(0), py.float(2)], "bool")', 'array([False,  True])'],
    [
      'np.array([1, 2]).iadd_(py.float(2))',
      "UFuncTypeError: Cannot cast ufunc 'add' output from dtype('float64') to dtype('int64') with casting rule 'same_kind'",
    ],
    ['np.float64(py.float(2))', 'np.float64(2.0)'],
    ['np.array([1, 2]).set_at_([0], np.array([5]))', 'ValueError: setting an array element with a sequence.'],
    [
      'np.ones([2, 2]).set_at_(np.array([[true, false], [true, true]]), np.ones([2, 2]))',
      'TypeError: NumPy boolean array indexing assignment requires a 0 or 1-dimensional input, input has 2 dimensions',
    ],
    [
      'np.add(np.array([true]), 0.5, { out: np.array([5]), where: np.array([1]) })',
      "TypeError: Cannot cast array data from dtype('int64') to dtype('bool') according to the rule 'safe'",
    ],
    [
      "np.log(np.array([5, 2]), { casting: 'equiv' })",
      "UFuncTypeError: Cannot cast ufunc 'log' input from dtype('int64') to dtype('float64') with casting rule 'equiv'",
    ],
    [
      "np.equal(np.array([true]), np.array(-1, 'int32'), { out: np.array([1]), casting: 'no' })",
      "UFuncTypeError: Cannot cast ufunc 'equal' input 0 from dtype('bool') to dtype('int32') with casting rule 'no'",
    ],
    ['np.ones(2).swapaxes(0, 1)', 'AxisError: axis2: axis 1 is out of bounds for array of dimension 1'],
  ])

  it.each(['np.float32(1e300)', "np.array([1e300], 'float32')", "np.zeros(1, 'float32').set_at_([0], 1e300)"])(
    'what float32 cannot hold, with a warning: %s',
    (program) => {
      const warnings: string[] = []
      const sink = set_warning_sink((category, text) => warnings.push(`${category}: ${text}`))
      run(program)
      set_warning_sink(sink)
      expect(warnings).toEqual(['RuntimeWarning: overflow encountered in cast'])
    },
  )
})

describe('the layout of a result', () => {
  it.each([
    // Rows win where operands disagree, whichever comes first.
    ['np.ones([4, 3]).T.add(np.ones([3, 4]))', [32, 8]],
    ['np.ones([3, 4]).add(np.ones([4, 3]).T)', [32, 8]],
    ['np.ones([4, 3]).T.add(np.ones([4, 3]).T)', [8, 24]],
    // A dimension moves past those that cannot tell.
    ['np.ones([2, 3, 1]).T.add(np.ones([1, 3, 2]).T)', [8, 16, 48]],
    ['np.ones([2, 3, 1]).transpose(2, 1, 0).le(np.ones([1, 3, 2]).T)', [1, 2, 6]],
  ] as const)('%s', (program, strides) =>
    scope(() => {
      const a = new Function('np', `return ${program}`)(np)
      expect([...a.strides]).toEqual(strides)
    }),
  )
})

describe('dtype= of a ufunc of truth values', () => {
  const a = () => np.array([1, 2])
  it.each(['less', 'equal', 'logical_and'] as const)('np.%s takes bool and nothing else', (name) =>
    scope(() => {
      expect(np[name](a(), a(), { dtype: np.bool }).dtype).toBe(np.bool)
      for (const dtype of [np.int32, np.int64, np.float32, np.float64]) {
        expect(() => np[name](a(), a(), { dtype })).toThrow(
          `No loop matching the specified signature and casting was found for ufunc ${name}`,
        )
      }
    }),
  )
})
