// Handles after dispose(): every method and accessor throws a ReferenceError, and so does every op that is given one.
import { describe, expect, it } from 'vitest'
import { np, scope, type Tensor, torch } from '../../src/index'
import type { OpRow } from '../../src/torch/op_rows'
import { OPS } from '../../src/torch/ops'
import { parseSpec } from '../../src/torch/signature-spec'
import { targets } from '../fuzz/exports'

/** What a disposed handle still answers: what it is, and that it may be disposed again. */
const ALIVE = new Set([
  'get Tensor.disposed',
  'get GradFn.disposed',
  'get GradFn.requires_grad',
  'get Tensor.Symbol(Symbol.toStringTag)',
  'get GradFn.Symbol(Symbol.toStringTag)',
  'get GradFn.Symbol(Symbol.dispose)',
  'get NDArray.Symbol(Symbol.toStringTag)',
  ...['Tensor', 'GradFn', 'NDArray'].map((noun) => `${noun}.Symbol(nodejs.util.inspect.custom)`),
  'NDArray.dispose',
  'NDArray.Symbol(Symbol.dispose)',
  'Tensor.dispose',
  'GradFn.dispose',
  'Tensor.Symbol(Symbol.dispose)',
  'GradFn.Symbol(Symbol.dispose)',
])

function disposed(noun: 'Tensor' | 'GradFn' | 'NDArray'): object {
  const x = torch.ones([2], { requires_grad: true })
  const handle = noun === 'Tensor' ? x : noun === 'NDArray' ? np.ones(2) : x.exp().grad_fn
  handle.dispose()
  return handle
}

const members = targets().filter(({ receiver, name }) => receiver && !ALIVE.has(name))

/** Arguments that the member would take. */
function args(name: string): unknown[] {
  const [member] = name.split('.').slice(-1)
  const row = Object.values(OPS as Record<string, OpRow>).find((row) => row.name === member.replace(/_$/, ''))
  if (name.startsWith('set ')) return [member === 'requires_grad' ? true : null]
  if (row) {
    const { params } = parseSpec(row.name, row.spec).overloads[0]
    return params.filter((p) => !p.optional).map((p) => VALUES[p.type]?.())
  }
  return OTHERS.get(member) ?? []
}

const VALUES: Record<string, () => unknown> = {
  Tensor: () => torch.ones([2]),
  int: () => 0,
  symint: () => 0,
  'int[]': () => [2],
  'int[1]': () => [0],
}
const OTHERS = new Map<string, unknown[]>([
  ['at', [0]],
  ['set_at_', [0, 1]],
  ['narrow', [0, 0, 1]],
  ['to', [torch.float32]],
  ['toPrimitive)', ['number']],
  ['register_hook', [() => {}]],
  ['register_prehook', [() => {}]],
  ['register_post_accumulate_grad_hook', [() => {}]],
])

describe('a disposed handle', () => {
  it.each(members.map((target) => [target.name, target] as const))('%s', (name, target) => {
    scope(() => {
      const handle = disposed(target.receiver!)
      const given = /expand_as|view_as/.test(name) ? [torch.ones([2])] : args(name)
      expect(() => target.run([handle, ...given])).toThrow(ReferenceError)
    })
  })

  it('can be disposed again', () => {
    scope(() => {
      const x = disposed('Tensor') as Tensor
      x.dispose()
      expect(String(Object.prototype.toString.call(x))).toBe('[object Tensor]')
    })
  })
})

describe('a disposed operand', () => {
  const binary = Object.values(OPS as Record<string, OpRow>).filter((row) => row.operands && row.method !== false)
  const before = (row: OpRow, gone: Tensor) =>
    row.name === 'index_put' ? [[gone]] : new Array(row.before ?? 0).fill(0)
  const argumentsOf = (row: OpRow) => (gone: Tensor) => [
    ...before(row, gone),
    ...new Array(row.operands).fill(gone),
    ...(row.spec.includes('str reduce, ') ? ['prod'] : []),
  ]
  const calls = binary.flatMap((row) =>
    [row.name, ...(row.inplace ? [`${row.name}_`] : [])].map((name) => [name, argumentsOf(row)] as const),
  )
  const others = ['copy_', 'fill_', 'expand_as', 'view_as'].map((name) => [name, (gone: Tensor) => [gone]] as const)
  it.each([...calls, ...others])('of %s', (name, given) => {
    scope(() => {
      const [x, gone] = [torch.ones([2, 2]), torch.ones([2, 2])]
      gone.dispose()
      const method = (x as unknown as Record<string, (...args: unknown[]) => unknown>)[name]
      expect(() => method.apply(x, given(gone))).toThrow(ReferenceError)
      expect(x.tolist()).toEqual([
        [1, 1],
        [1, 1],
      ])
      expect(x._version).toBe(0)
    })
  })

  it('of backward, grad and the factories', () => {
    scope(() => {
      const x = torch.ones([2], { requires_grad: true })
      const y = x.mul(2)
      const gone = disposed('Tensor') as Tensor
      expect(() => y.backward(gone)).toThrow(ReferenceError)
      expect(() => y.sum().backward({ inputs: [x, gone] })).toThrow(ReferenceError)
      expect(() => torch.autograd.grad(y.sum(), [x, gone])).toThrow(ReferenceError)
      expect(() => torch.autograd.grad([y.sum(), gone], x)).toThrow(ReferenceError)
      expect(() => torch.autograd.backward([gone])).toThrow(ReferenceError)
      for (const like of [torch.zeros_like, torch.ones_like, torch.empty_like, torch.tensor]) {
        expect(() => like(gone)).toThrow(ReferenceError)
      }
      expect(() => torch.full_like(gone, 1)).toThrow(ReferenceError)
      expect(() => torch.tensor([1, gone] as never)).toThrow(ReferenceError)
      expect(() => {
        x.grad = gone
      }).toThrow(ReferenceError)
      expect(x.grad).toBe(null)
    })
  })
})
