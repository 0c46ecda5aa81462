// Article 0's two programs, as a reader would type them, under the three wrapper policies.
import { describe, expect, it } from 'vitest'
import { hold, id, is_, print, scope, torch, type_ } from '../../src/index'
import { expectNothingLeft, printed } from './live'

expectNothingLeft()

const RULE = '-'.repeat(40)

function initialise() {
  const x1 = torch.tensor(2, { requires_grad: true })
  const y1 = torch.div(2, x1)
  const x2 = torch.tensor(3, { requires_grad: true })
  const y2 = x2.pow(3)
  print('y1.grad_fn type:', type_(y1.grad_fn))
  print('y2.grad_fn type:', type_(y2.grad_fn))
  print(RULE)
  return { y1, y2 }
}

function observePhenomenon(): void {
  scope(() => {
    const { y1, y2 } = initialise()
    const id1 = id(y1.grad_fn)
    const id2 = id(y2.grad_fn)
    print('ID of y1.grad_fn:', id1)
    print('ID of y2.grad_fn:', id2)
    print('id1 == id2:', id1 === id2)
    print(RULE)
    print('y1.grad_fn is y2.grad_fn:', is_(y1.grad_fn, y2.grad_fn))
  })
}

function revealTruth(): void {
  scope(() => {
    const { y1, y2 } = initialise()
    const grad_fn_1 = hold(y1.grad_fn)
    const id1 = id(grad_fn_1)
    const id2 = id(y2.grad_fn)
    print('ID of persistent y1.grad_fn:', id1)
    print('ID of y2.grad_fn:', id2)
    print('id1 == id2:', id1 === id2)
  })
}

/** The two ids are a program's own; what the article shows is whether they are equal. */
function shape(lines: string[]): string[] {
  return lines.map((line) => line.replace(/(ID of .*: )\d+$/, '$1<id>'))
}

const TYPES = ["y1.grad_fn type: <class 'MulBackward0'>", "y2.grad_fn type: <class 'PowBackward0'>", RULE]
const IDS = ['ID of y1.grad_fn: <id>', 'ID of y2.grad_fn: <id>']

describe('observe_phenomenon.py', () => {
  it.each([
    ['weak', 'True'],
    ['owned', 'False'],
    // A new object at every access is what the article claims, and enough for its effect.
    ['fresh', 'True'],
  ] as const)('under %s: id1 == id2 is %s', (policy, equal) => {
    torch.autograd.set_wrapper_policy(policy)
    expect(shape(printed(observePhenomenon))).toEqual([
      ...TYPES,
      ...IDS,
      `id1 == id2: ${equal}`,
      RULE,
      'y1.grad_fn is y2.grad_fn: False',
    ])
  })

  it('prints two ids that are the same number', () => {
    const [first, second] = printed(observePhenomenon)
      .filter((line) => line.startsWith('ID of'))
      .map((line) => line.split(': ')[1])
    expect(first).toBe(second)
  })
})

describe('reveal_truth.py', () => {
  it.each(['weak', 'owned', 'fresh'] as const)(
    'under %s: the held handle keeps its id from being given again',
    (policy) => {
      torch.autograd.set_wrapper_policy(policy)
      expect(shape(printed(revealTruth))).toEqual([
        ...TYPES,
        'ID of persistent y1.grad_fn: <id>',
        'ID of y2.grad_fn: <id>',
        'id1 == id2: False',
      ])
    },
  )
})
