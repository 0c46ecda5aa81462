// What the tests of errors share: after an error nothing is lost.
import { afterEach, expect } from 'vitest'
import { scope, set_warning_sink, type Tensor, torch } from '../../src/index'
import { functionNames } from '../../src/torch/nodes'
import { Sq } from './functions'
import { keepsCounters } from './harness'
import { float, leaf } from './tables'

const { grad } = torch.autograd
export const TIMES = 20
export const mine = new Error('mine')
export const boom = (): never => {
  throw mine
}

/** For every test of the file. */
export function losesNothing(): void {
  keepsCounters()
  set_warning_sink(() => {})
  afterEach(() => {
    expect([torch.is_grad_enabled(), torch.is_inference_mode_enabled()], 'modes').toEqual([true, false])
    expect(functionNames.size, 'custom Functions that are remembered').toBe(0)
    expect(usable(), 'the next backward').toEqual([[16, 24], [[1, 3]], [2, 2]])
  })
}

/** Gradients of an op, of views written in place with a hook, and of a custom Function in a second derivative. */
function usable(): unknown {
  return scope(() => {
    const x = leaf(1, 2)
    const h = x.mul(x)
    h.at(0).mul_(4)
    h.mul_(2)
    const seen: unknown[] = []
    h.register_hook((g) => void seen.push(g?.tolist()))
    h.mul(float([1, 3]))
      .sum()
      .backward()
    const y = leaf(1, 1)
    const [first] = grad(Sq.apply(y).sum(), y, { create_graph: true })
    const [second] = grad(first!.sum(), y)
    return [x.grad.tolist(), seen, second!.tolist()]
  })
}

/** Runs the program often; it must throw `expected` each time: the very object, or an error with that text. */
export function fails(program: () => unknown, expected: unknown = mine): void {
  for (let i = 0; i < TIMES; i++) {
    let thrown: unknown = 'nothing'
    try {
      scope(() => void program())
    } catch (error) {
      thrown = error
    }
    if (typeof expected === 'string') expect(String(thrown)).toContain(expected)
    else expect(thrown).toBe(expected)
  }
}

type Run = (out: Tensor, x: Tensor) => unknown
export const RUNS: [string, Run][] = [
  ['backward()', (out) => out.backward()],
  ['backward, the graph kept', (out) => out.backward({ retain_graph: true })],
  ['backward to an input', (out, x) => out.backward({ inputs: [x] })],
  ['backward that records', (out) => out.backward({ create_graph: true })],
  ['grad()', (out, x) => grad(out, x)],
  ['grad that records', (out, x) => grad(out, x, { create_graph: true })],
]

/** Where a hook hangs: h = 2 x, under the square of h. Other branches have gradients waiting when it throws. */
export const HOOKS: [string, (x: Tensor, h: Tensor, hook: () => never) => unknown, onlyBackward?: boolean][] = [
  ['a tensor hook', (_, h, hook) => h.register_hook(hook)],
  ['the second tensor hook', (_, h, hook) => [h.register_hook((g) => g?.mul(2)), h.register_hook(hook)]],
  ["a leaf's tensor hook", (x, _, hook) => x.register_hook(hook)],
  ['a prehook', (_, h, hook) => h.grad_fn.register_prehook(hook)],
  ['a second prehook', (_, h, hook) => [h.grad_fn.register_prehook((g) => [...g]), h.grad_fn.register_prehook(hook)]],
  ['a post hook', (_, h, hook) => h.grad_fn.register_hook(hook)],
  ['a second post hook', (_, h, hook) => [h.grad_fn.register_hook((g) => [...g]), h.grad_fn.register_hook(hook)]],
  ['a post-accumulate hook', (x, _, hook) => x.register_post_accumulate_grad_hook(hook), true],
  ['a prehook of an AccumulateGrad', (_, h, hook) => accumulator(h).register_prehook(hook), true],
  ['a post hook of an AccumulateGrad', (_, h, hook) => accumulator(h).register_hook(hook), true],
  ['a hook beside retain_grad', (_, h, hook) => [h.retain_grad(), h.register_hook(hook)]],
  ['a hook of a written view', (_, h, hook) => h.at(':1').mul_(2).register_hook(hook) && h.register_hook(hook)],
]

const accumulator = (h: Tensor) => h.grad_fn.next_functions[0][0]

/** A graph with `hook` on it, and other gradients that are under way when it is called. */
export function hooked(
  hang: (x: Tensor, h: Tensor, hook: () => never) => unknown,
  hook: () => never,
): [Tensor, Tensor] {
  const [x, y] = [leaf(1, 2), leaf(3, 4)]
  const h = x.mul(2)
  hang(x, h, hook)
  return [h.mul(h).add(y.exp()).add(h.mul(y)).add(Sq.apply(y)).sum(), x]
}
