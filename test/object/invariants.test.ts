// The heap stays whole under random operations. A model in JavaScript knows which objects live and who refers to whom;
// after every operation each object's count is the number of its references in the model, and the heap is walked:
//
//   * no block is in two lists, of the pools' free blocks, the types' free lists and the living objects
//   * every free list is acyclic and as long as it says; every pool has as many used and free blocks as it has cut
//   * the generations' rings hold together, and hold living objects only
//
// When all is dropped and collected, the counters are where they began, and so are the pools; arenas go back.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FreeList, FreeListField } from '../../assembly/abi_objects'
import type { Handle } from '../../src/core/handles'
import { u32 } from '../../src/core/memory'
import { handleAt } from '../../src/core/objects'
import { core } from '../../src/core/wasm'
import { del_, hold, id, np, py, scope, torch } from '../../src/index'
import type { Class } from '../../src/py/class'
import type { PyHandle } from '../../src/py/handle'
import type { PyList } from '../../src/py/list'

const RUNS = 20
const OPERATIONS = 5_000
const NAMES = 'abcdefgh'
const KEYS = ['k', 'l', 'm', 'n', 'o', 'p', 'q']
/** So small that a walk is cheap. */
const MOST = 150

type Kind = 'object' | 'float' | 'list' | 'tuple' | 'dict' | 'instance' | 'weakref' | 'Tensor' | 'ndarray'

interface Node {
  readonly kind: Kind
  readonly at: number
  refcount: number
  items: Node[]
  readonly fields: Map<string, Node>
  /** The living weak reference to it: all that ask without a callback share one. */
  weak: Node | null
  /** What a weak reference refers to, while that lives. */
  referent: Node | null
}

class Model {
  readonly living = new Set<Node>()
  readonly locals = new Map<string, Node>()
  /** One entry for every `hold()`. */
  readonly held: { handle: Handle; node: Node }[] = []

  made(kind: Kind, handle: Handle, items: Node[] = [], fields: [string, Node][] = []): Node {
    for (const each of [...items, ...fields.map(([, node]) => node)]) each.refcount++
    const at = kind === 'Tensor' || kind === 'ndarray' ? id(handle) : handle._at
    const node = { kind, at, refcount: 0, items: [...items], fields: new Map(fields), weak: null, referent: null }
    this.living.add(node)
    return node
  }

  drop(node: Node | undefined): void {
    // A tensor's handle keeps it until the scope ends, and with it its object.
    if (!node || --node.refcount > 0 || isTensor(node)) return
    this.died(node)
    for (const each of refs(node)) this.drop(each)
  }

  private died(node: Node): void {
    this.living.delete(node)
    if (node.weak) node.weak.referent = null
    if (node.referent) node.referent.weak = null
  }

  bind(name: string, node: Node): void {
    node.refcount++
    const old = this.locals.get(name)
    this.locals.set(name, node)
    this.drop(old)
  }

  set(owner: Node, key: string, value: Node): void {
    value.refcount++
    const old = owner.fields.get(key)
    owner.fields.set(key, value)
    this.drop(old)
  }

  /** What no local and no hold leads to is gone. */
  collect(): void {
    const reached = new Set<Node>([...this.locals.values(), ...this.held.map(({ node }) => node)])
    for (const node of reached) for (const each of refs(node)) reached.add(each)
    for (const node of this.living) {
      if (reached.has(node) || isTensor(node)) continue
      this.died(node)
      for (const each of refs(node)) if (reached.has(each) || isTensor(each)) each.refcount--
    }
  }
}

const refs = (node: Node): Node[] => [...node.items, ...node.fields.values()]
const isTensor = ({ kind }: Node) => kind === 'Tensor' || kind === 'ndarray'

const POOL = 16 * 1024
const HEADER = 32
const POOL_USED = 0
const POOL_FREE = 1
const POOL_FRESH = 5
const POOL_BLOCK = 7
const GC_HEAD = 16
const PRESIZE: Record<Kind, number> = {
  object: 0,
  float: 0,
  list: 16,
  tuple: 16,
  dict: 16,
  instance: 32,
  weakref: 16,
  Tensor: 16,
  ndarray: 0,
}

const word = (at: number) => u32()[at / 4]
const poolOf = (block: number) => block - (block % POOL)
const pools = new Set<number>()

/** Each block has one place. */
class Places {
  private readonly places = new Map<number, string>()

  take(block: number, place: string): void {
    const other = this.places.get(block)
    if (other !== undefined) throw new Error(`block ${block} is in ${other} and in ${place}`)
    this.places.set(block, place)
    pools.add(poolOf(block))
  }
}

/** The field of a free block that leads to the next one, by list. */
function linkOf(list: number): number {
  if (list === FreeList.float) return 4
  if (list === FreeList.list || list === FreeList.dict) return -16
  return list === FreeList.keys ? 0 : 12
}

function walkFreeLists(places: Places): void {
  const at = core.free_lists_at() >>> 0
  for (let list = 0; list < FreeList.count; list++) {
    const record = at + list * FreeListField.end
    let count = 0
    for (let block = word(record); block; block = word(block + linkOf(list)), count++) {
      const start = list === FreeList.float || list === FreeList.keys ? block : block - GC_HEAD
      places.take(start, `free list ${list}`)
    }
    if (count !== word(record + FreeListField.count)) throw new Error(`free list ${list} is not as long as it says`)
  }
}

function walkPools(places: Places): void {
  for (const pool of [...pools]) {
    const header = u32().subarray(pool / 4, pool / 4 + HEADER / 4)
    const size = header[POOL_BLOCK]
    if (!header[POOL_USED] || !size) continue
    let free = 0
    for (let block = header[POOL_FREE]; block; block = word(block), free++) places.take(block, 'a pool')
    const cut = (header[POOL_FRESH] - HEADER) / size
    if (header[POOL_USED] + free !== cut)
      throw new Error(`pool ${pool}: ${header[POOL_USED]} + ${free} of ${cut} blocks`)
  }
}

/** The rings that lead through the living containers. */
function walkRings(model: Model): void {
  const heads = new Map<number, Node>()
  for (const node of model.living) if (PRESIZE[node.kind]) heads.set(node.at - GC_HEAD, node)
  const seen = new Set<number>()
  for (const [head] of heads) {
    if (!word(head) || seen.has(head)) continue
    let at = head
    do {
      if (seen.has(at)) throw new Error(`the ring at ${head} leads into another`)
      seen.add(at)
      const next = word(at)
      if (word(next + 4) !== at) throw new Error(`the ring is broken behind ${at}`)
      at = next
    } while (at !== head)
  }
}

/** Cheap enough to be done after each operation. */
function check(model: Model): void {
  const places = new Places()
  for (const node of model.living) {
    const count = word(node.at)
    const references = isTensor(node) ? Math.max(node.refcount, 1) : node.refcount
    if (count !== references) throw new Error(`${node.kind}: count ${count}, references ${references}`)
    places.take(node.at - PRESIZE[node.kind], `a living ${node.kind}`)
  }
  walkFreeLists(places)
  walkPools(places)
  walkRings(model)
  for (const { kind, at, referent } of model.living) {
    if (kind !== 'weakref') continue
    const leadsTo = (handleAt(at) as WeakrefHandle).deref() as PyHandle | null
    if ((leadsTo?._at ?? 0) !== (referent?.at ?? 0)) throw new Error('a weak reference leads elsewhere')
  }
}

type Locals = Record<string, PyHandle>
type WeakrefHandle = ReturnType<typeof py.weakref.ref>

/** Does what `choice` says, here and in the model. */
function operate(choice: number, f: Locals, model: Model, Plain: Class): void {
  const pick = <T>(of: readonly T[], shift: number): T | undefined => of[(choice >>> shift) % (of.length || 1)]
  const names = [...model.locals.keys()]
  if (model.living.size > MOST || (choice >>> 20) % 400 === 7) {
    for (const name of names.slice(2)) remove(name, f, model)
    while (model.held.length) letGo(model)
    py.gc.collect()
    model.collect()
    return
  }
  const one = pick(names, 8)
  const two = pick(names, 12)
  const made = one === undefined || two === undefined ? null : container(choice, f, model, one, two, Plain)
  if (made || one === undefined || two === undefined || choice % 19 === 0) {
    const name = pick([...NAMES], 5)!
    const handle = made?.handle ?? py.object()
    f[name] = handle as PyHandle
    model.bind(name, made?.node ?? model.made('object', handle))
  } else if (choice % 19 === 9) remove(one, f, model)
  else if (choice % 19 === 11) letGo(model)
  else if (choice % 19 === 10) {
    const node = model.locals.get(one)!
    if (isTensor(node)) return
    model.held.push({ handle: hold(f[one] as Handle), node })
    node.refcount++
  } else change(choice, f[one], model.locals.get(one)!, f[two], model.locals.get(two)!, model)
}

/** Ends the last `hold()`. */
function letGo(model: Model): void {
  const last = model.held.pop()
  if (!last) return
  del_(last.handle)
  model.drop(last.node)
}

function remove(name: string, f: Locals, model: Model): void {
  delete f[name]
  const node = model.locals.get(name)
  model.locals.delete(name)
  model.drop(node)
}

/** A new object, or another name for one; null when `choice` says something else. */
function container(choice: number, f: Locals, model: Model, one: string, two: string, Plain: Class) {
  const node = model.locals.get(one)!
  const other = model.locals.get(two)!
  const key = KEYS[(choice >>> 16) % KEYS.length]
  const make = (kind: Kind, handle: Handle, items?: Node[], fields?: [string, Node][]) => ({
    handle,
    node: model.made(kind, handle, items, fields),
  })
  switch (choice % 19) {
    case 1:
      return make('float', py.float(choice + 0.5))
    case 2:
      return make('list', py.list([]))
    case 3:
      return make('list', py.list([f[one], f[two]]), [node, other])
    case 4:
      return make('tuple', py.tuple([f[one], f[two], f[one]]), [node, other, node])
    case 5:
      return make('dict', py.dict({ [key]: f[one] }), [], [[key, node]])
    case 6:
    case 7:
      return make('instance', Plain.new() as PyHandle)
    case 8:
      return { handle: f[one], node }
    case 12: {
      if (node.kind !== 'instance') return null
      const handle = py.weakref.ref(f[one])
      if (node.weak) return { handle, node: node.weak }
      const made = make('weakref', handle)
      made.node.referent = node
      node.weak = made.node
      return made
    }
    // Tensors stay until the scope ends: a few are enough.
    case 13:
      return (choice >>> 16) % 16 ? null : make('Tensor', torch.ones(2))
    case 14:
      return (choice >>> 16) % 16 ? null : make('ndarray', np.array([1, 2]))
    default:
      return null
  }
}

/** Changes what a container contains. */
function change(choice: number, handle: PyHandle, node: Node, value: PyHandle, other: Node, model: Model): void {
  const key = KEYS[(choice >>> 16) % KEYS.length]
  if (node.kind === 'list') changeList(choice, handle as PyList, node.items, value, other, model)
  else if (node.kind === 'dict' || node.kind === 'instance') {
    const fields = handle as unknown as Record<string, unknown>
    if (choice & 1 && node.fields.has(key)) {
      if (node.kind === 'dict') handle.del_at_(key)
      else delete fields[key]
      const old = node.fields.get(key)
      node.fields.delete(key)
      model.drop(old)
    } else {
      if (node.kind === 'dict') handle.set_at_(key, value)
      else fields[key] = value
      model.set(node, key, other)
    }
  }
}

function changeList(choice: number, list: PyList, items: Node[], value: PyHandle, other: Node, model: Model): void {
  const gone: Node[] = []
  const come: Node[] = []
  switch (items.length > 20 ? 5 : choice % 5) {
    case 0:
      if (items.length) {
        id(list.pop())
        gone.push(items.pop()!)
      }
      break
    case 1:
      list.del_at_('0:2')
      gone.push(...items.splice(0, 2))
      break
    case 2:
      if (items.length) {
        list.set_at_(0, value)
        come.push(other)
        gone.push(...items.splice(0, 1, other))
      }
      break
    case 3:
      list.extend([value, value])
      come.push(other, other)
      items.push(other, other)
      break
    case 4:
      list.append(value)
      come.push(other)
      items.push(other)
      break
    default:
      list.clear()
      gone.push(...items.splice(0))
  }
  for (const each of come) each.refcount++
  for (const each of gone) model.drop(each)
}

describe('after each of 100,000 random operations', () => {
  let enabled: boolean
  let before: { objects: number; bytes: number }
  beforeAll(() => {
    enabled = py.gc.isenabled()
    py.gc.disable()
    py.gc.collect()
    before = torch.memory.stats()
  })
  afterAll(() => {
    if (enabled) py.gc.enable()
  })

  it('the heap is whole and every count is right', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.array(fc.noBias(fc.nat(2 ** 30)), { minLength: OPERATIONS, maxLength: OPERATIONS }), (choices) => {
        scope((outer: { Plain: Class }) => {
          outer.Plain = py.class_('Plain')
          const { objects } = torch.memory.stats()
          scope((f: Locals) => {
            const model = new Model()
            for (const choice of choices) {
              operate(choice, f, model, outer.Plain)
              check(model)
              expect(torch.memory.stats().objects - objects).toBe(model.living.size)
            }
          })
          py.gc.collect()
          expect(torch.memory.stats().objects).toBe(objects)
        })
      }),
      { numRuns: RUNS, seed: 4, endOnFailure: true },
    )
  })

  it('and when all is dropped, the counters and the pools are where they began', () => {
    py.gc.collect()
    const { objects, bytes } = torch.memory.stats()
    expect({ objects, bytes }).toEqual({ objects: before.objects, bytes: before.bytes })
    for (const pool of pools) expect(word(pool + POOL_USED)).toBe(0)
  })

  it('arenas go back: a tensor fits where objects were', () => {
    scope((f: Locals) => {
      f.l = py.list([])
      for (let i = 0; i < 2 ** 15; i++) (f.l as PyList).append(py.str('x'.repeat(400)))
    })
    py.gc.collect()
    const size = u32().length
    scope(() => {
      for (let i = 0; i < 10; i++) torch.zeros(2 ** 18)
    })
    expect(u32().length).toBe(size)
  })
})
