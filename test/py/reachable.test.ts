// Random graphs of lists and instances against a model: what no name leads to is dead after a collection, everything
// else alive, whoever was revived included; and before it nobody dies whom a name leads to.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { py, scope } from '../../src/index'
import { expectNothingLeft } from '../identity/live'

type Instance = ReturnType<typeof py.instance>
type List = ReturnType<typeof py.list>

const { gc } = py

expectNothingLeft()

/** An object of the model: an instance whose attribute `to` is a list of those it refers to. */
interface Node {
  readonly number: number
  readonly to: Node[]
  /** Its `__del__` gives it the name `revived` when it first dies. */
  readonly revives: boolean
}

function reachable(roots: Iterable<Node>): Set<Node> {
  const seen = new Set(roots)
  for (const node of seen) for (const next of node.to) seen.add(next)
  return seen
}

const NAMES = ['a', 'b', 'c', 'd']
const name = fc.constantFrom(...NAMES)
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('make' as const), name, revives: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('link' as const), name, other: name }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('follow' as const), name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete' as const), name }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('collect' as const), generation: fc.nat(2) }) },
)

it('agrees with a model of what names lead to', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, automatic) => {
      if (automatic) gc.set_threshold(3, 2, 2)
      else gc.disable()
      let made = 0
      let twice = false
      const names = new Map<string, Node>()
      const nodes: Node[] = []
      const died = new Set<Node>()
      const revived: Node[] = []
      scope((f: Record<string, Instance>) => {
        f.revived = py.list() as never
        const alive = () => reachable([...names.values(), ...revived])
        const check = () => {
          const living = alive()
          // Whom something leads to has died only to be revived.
          for (const node of died) expect(!living.has(node) || reachable(revived).has(node)).toBe(true)
        }
        const make = (to: string, revives: boolean) => {
          const node: Node = { number: made++, to: [], revives }
          nodes.push(node)
          f[to] = py.instance('N', {
            number: node.number,
            to: [],
            __del__() {
              twice ||= died.has(node)
              died.add(node)
              if (!node.revives) return
              revived.push(node)
              ;(f.revived as never as List).append(this)
            },
          })
          names.set(to, node)
        }
        for (const step of steps) {
          if (step.kind === 'make') make(step.name, step.revives)
          else if (step.kind === 'collect') gc.collect(step.generation)
          else if (!names.has(step.name)) continue
          else if (step.kind === 'delete') {
            names.delete(step.name)
            delete f[step.name]
          } else if (step.kind === 'link') {
            const other = names.get(step.other)
            if (!other) continue
            names.get(step.name)!.to.push(other)
            ;(f[step.name].to as List).append(f[step.other])
          } else {
            const [next] = names.get(step.name)!.to
            if (!next) continue
            names.set(step.name, next)
            f[step.name] = (f[step.name].to as List).at(0) as Instance
          }
          check()
        }
        gc.collect()
        check()
        gc.collect()
        const living = alive()
        for (const node of nodes) expect(living.has(node) || died.has(node)).toBe(true)
        const numbers = scope(() =>
          [...(gc.get_objects() as List)]
            .filter((x) => String(x).startsWith('<__main__.N'))
            .map((x) => Number((x as Instance).number)),
        )
        expect(new Set(numbers)).toEqual(new Set([...living].map((node) => node.number)))
        // The end of the frame is not the place to revive.
        for (const node of nodes) (node as { revives: boolean }).revives = false
      })
      gc.set_threshold(700, 10, 10)
      gc.enable()
      gc.collect()
      expect([died.size, twice]).toEqual([nodes.length, false])
    }),
    { numRuns: 1000 },
  )
})
