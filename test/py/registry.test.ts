// Outside scopes: what JavaScript's garbage collector drops is given back to the heap, and what it keeps lives on.
import { describe, expect, it } from 'vitest'
import { hold, id, type PyList, py, repr, scope, torch } from '../../src/index'
import { before, collect, settled } from '../identity/collected'

describe('the registry frees', () => {
  const rows: [string, () => unknown][] = [
    ['a temporary', () => py.object()],
    ['ten thousand of them', () => Array.from({ length: 10_000 }, () => py.object())],
    ['what was held', () => hold(hold(py.list([1, py.object()])))],
    ['what left a scope', () => scope(() => [py.list([1]), py.object()])],
    [
      'what left a scope in which it was held',
      () =>
        scope((f) => {
          f.l = py.list([py.object()])
          return hold(f.l as PyList)
        }),
    ],
    ['a list of tensors', () => py.list([torch.ones(2), torch.ones(2, { requires_grad: true }).mul(2)])],
    ['an instance', () => py.instance('A', { x: [1, 2] })],
    ['an item that was borrowed', () => void py.list([py.object()]).at(0)],
  ]
  it.each(rows)('%s', async (_, make) => {
    ;(() => void make())()
    expect(await settled()).toEqual(before)
  })
})

describe('the registry keeps', () => {
  it('what is still referred to, and its handle finds the object', async () => {
    const kept = [py.list([py.str('abc'), 1000])]
    const address = id(hold(kept[0]))
    await settled()
    expect([repr(kept[0]), id(kept[0])]).toEqual(["['abc', 1000]", address])
    kept[0].dispose()
    kept.pop()
    expect(await settled()).toEqual(before)
  })

  it('an object whose handle went while a container has it: it gets another handle', async () => {
    const list = py.list([])
    ;(() => {
      list.append(py.str('in the list'))
    })()
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setTimeout(resolve, 10)).then(collect)
    expect(repr(list.at(0))).toBe("'in the list'")
    list.dispose()
    expect(await settled()).toEqual(before)
  })
})
