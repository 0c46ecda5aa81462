// Slots against a model of eight lines: one last-in-first-out list of free slots for the wrappers of all nodes.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { del_, type GradFn, hold, id, scope, type Tensor, torch } from '../../src/index'
import { expectNothingLeft } from './live'

expectNothingLeft()

/** PyTorch 1.13's grad_fn wrappers. A node is named by a number; its slot is the one freed last, or a new one. */
class Slots {
  private readonly free: number[] = []
  private readonly live = new Map<number, { slot: number; count: number }>()
  private made = 0

  acquire(node: number): number {
    const wrapper = this.live.get(node) ?? { slot: this.free.pop() ?? this.made++, count: 0 }
    this.live.set(node, wrapper)
    wrapper.count++
    return wrapper.slot
  }

  release(node: number): void {
    const wrapper = this.live.get(node)
    if (!wrapper || --wrapper.count) return
    this.live.delete(node)
    this.free.push(wrapper.slot)
  }
}

/** A graph of the model: each node's `next_functions` as node numbers, null where no gradient goes. */
type Edges = (number | null)[][]

/** What `x.next_functions[i][0]...` does, from a root through `path`, up to the last handle, which is left acquired. */
function walk(slots: Slots, edges: Edges, root: number, path: number[]): { node: number; slot: number } {
  let node = root
  let slot = slots.acquire(node)
  for (const index of path) {
    const members = edges[node]
    const acquired = members.map((next) => (next === null ? -1 : slots.acquire(next)))
    slots.release(node)
    members.forEach((next, i) => {
      if (next !== null && i !== index) slots.release(next)
    })
    node = members[index] as number
    slot = acquired[index]
  }
  return { node, slot }
}

/** One op of a random graph: a unary one, a product of two earlier results, or a product with a number. */
const op = fc.record({ kind: fc.constantFrom('sin', 'mul', 'scale'), a: fc.nat(), b: fc.nat() })

/** One step: ask an id, hold, or let go of something held. `path` chooses an edge at each node, as long as there is one. */
const step = fc.record({
  what: fc.constantFrom('id', 'id', 'hold', 'held id', 'del'),
  root: fc.nat(),
  path: fc.array(fc.nat(), { maxLength: 4 }),
  held: fc.nat(),
})

type Op = { kind: string; a: number; b: number }

/** Builds the same graph twice: tensors, and their nodes' edges. Node 0 is the leaf's AccumulateGrad. */
function build(ops: Op[]): { tensors: Tensor[]; edges: Edges } {
  const x = torch.tensor([1, 2], { requires_grad: true })
  const tensors = [x]
  const edges: Edges = [[]]
  for (const { kind, a, b } of ops) {
    const [left, right] = [a % tensors.length, b % tensors.length]
    if (kind === 'sin') tensors.push(tensors[left].sin())
    else tensors.push(kind === 'mul' ? tensors[left].mul(tensors[right]) : tensors[left].mul(2))
    edges.push(kind === 'sin' ? [left] : [left, kind === 'mul' ? right : null])
  }
  return { tensors, edges }
}

function follow(edges: Edges, root: number, choices: number[]): number[] {
  const path: number[] = []
  let node = root
  for (const choice of choices) {
    const open = edges[node].flatMap((next, i) => (next === null ? [] : [i]))
    if (open.length === 0) break
    const index = open[choice % open.length]
    path.push(index)
    node = edges[node][index] as number
  }
  return path
}

const at = (tensor: Tensor, path: number[]): GradFn =>
  path.reduce((node, index) => node.next_functions[index][0], tensor.grad_fn)

describe('random programs', () => {
  it('see the slots that the model predicts', () => {
    const ops = fc.array(op, { minLength: 1, maxLength: 8 })
    const steps = fc.array(step, { maxLength: 40 })
    fc.assert(
      fc.property(ops, steps, (ops, steps) => {
        scope(() => {
          const { tensors, edges } = build(ops)
          const slots = new Slots()
          const addresses = new Map<number, number>()
          const held: { handle: GradFn; node: number; slot: number }[] = []
          const same = (address: number, slot: number) => {
            if (!addresses.has(slot)) {
              expect([...addresses.values()]).not.toContain(address)
              addresses.set(slot, address)
            }
            expect(address).toBe(addresses.get(slot))
          }
          for (const { what, root, path: choices, held: which } of steps) {
            const start = 1 + (root % (tensors.length - 1))
            const path = follow(edges, start, choices)
            if (what === 'id' || what === 'hold') {
              const handle = at(tensors[start], path)
              const { node, slot } = walk(slots, edges, start, path)
              if (what === 'hold') held.push({ handle: hold(handle), node, slot })
              same(id(handle), slot)
              if (what === 'id') slots.release(node)
            } else if (held.length) {
              const [one] = what === 'del' ? held.splice(which % held.length, 1) : [held[which % held.length]]
              same(id(one.handle), one.slot)
              if (what === 'del') {
                del_(one.handle)
                slots.release(one.node)
              }
            }
          }
        })
      }),
      { numRuns: 400 },
    )
  })
})
