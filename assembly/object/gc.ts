// The cycle collector, CPython 3.12's: of the objects it looks at, those are garbage to which all references come from
// each other.
//
//   update    gc_refs = ob_refcnt
//   subtract  less one for every reference from an object that is looked at; where others refer, something is left
//   move      to where something is left nothing is done, nor to what that leads to; the rest is unreachable
//
// The unreachable lose their weak references, then their `__del__` are called, while everything is still whole. What
// nobody has revived after that is cleared, and dies of its reference count.
import { TraceEvent, TypeFlag, TypeId } from '../abi_objects'
import { clearError } from '../error'
import { untrackDict } from './dict'
import { clearFreeLists } from './free_lists'
import { inspect } from './gc_inspect'
import {
  countOf, GCFlag, GCHead, generation, GENERATIONS, headOf, initRing, isEmpty, isTracked, merge, move, objectOf, ringSize,
  setCount, takeScheduled, thresholdOf,
} from './gc_lists'
import { DECREF, INCREF, PyObject } from './header'
import { immortal } from './immortal'
import { listAppend } from './list'
import { clear, finalize, traverse } from './slots'
import { holdersOfTensor } from './tensor_object'
import { traceEvent, tracing } from './trace'
import { untrackTuple } from './tuple'
import { PyTypeObject, typeOf } from './type'
import { callBack, clearWeakref, firstWeakref, WeakReference } from './weakref'

/** What `visit` does with a reference. */
export const enum Visiting {
  subtract,
  reach,
  /** gc_inspect.ts looks at it. */
  inspect,
}

let visiting: Visiting = Visiting.subtract
/** Where `reach` puts what it finds reachable after all. */
let young: GCHead = changetype<GCHead>(0)
let collecting = false

/** gc.garbage: what DEBUG_SAVEALL keeps. It lies outside the heap, and nothing in it is ever trash. */
const garbage: usize = memory.data(64, 16) + 16
let saveAll = false

// What survived a full collection, and what survived one of generation 1 since: a full one is only worth it, on its own
// account, when the second is a quarter of the first.
let longLivedTotal: u32 = 0
let longLivedPending: u32 = 0

//   of each generation   | collections f64 | collected f64 |
const stats: usize = memory.data(3 * 16, 8)

/** Rings of one collection: the unreachable, those to be cleared, those whose turn came. */
const RINGS: usize = memory.data(48, 16)

/** Has the object a GC head? All of its type do, but type objects only if the user made them. */
export function hasHead(object: usize): bool {
  const type = typeOf(object)
  if (!(type.flags & TypeFlag.gc)) return false
  return type.id != TypeId.type || (changetype<PyTypeObject>(object).flags & TypeFlag.heap) != 0
}

/** May a container of the object have to be tracked for its sake? A tuple of atoms is none itself. */
export function mayBeTracked(object: usize): bool {
  return hasHead(object) && (typeOf(object).id != TypeId.tuple || isTracked(object))
}

/** What a traverse slot calls for each reference that its object owns; 0 is none. */
export function visit(object: usize): void {
  if (!object) return
  if (visiting == Visiting.inspect) return inspect(object)
  if (!hasHead(object)) return
  const head = headOf(object)
  if (!(head.flags & GCFlag.collecting)) return
  if (visiting == Visiting.subtract) {
    head.refs--
    return
  }
  if (head.flags & GCFlag.unreachable) {
    head.flags &= ~GCFlag.unreachable
    move(head, young)
  }
  head.refs = 1
}

export function setVisiting(next: Visiting): void {
  visiting = next
}

/** Moves what is unreachable out of `ring`. */
function deduceUnreachable(ring: GCHead, unreachable: GCHead): void {
  for (let head = ring.next; head !== ring; head = head.next) {
    const object = objectOf(head)
    head.flags = (head.flags & GCFlag.finalized) | GCFlag.collecting
    head.refs = changetype<PyObject>(object).ob_refcnt
    // A tensor that others hold outlives its object's references.
    if (typeOf(object).id == TypeId.tensor && holdersOfTensor(object) > 1) head.refs++
  }
  visiting = Visiting.subtract
  for (let head = ring.next; head !== ring; head = head.next) traverse(objectOf(head))
  visiting = Visiting.reach
  young = ring
  for (let head = ring.next; head !== ring; ) {
    if (head.refs) {
      traverse(objectOf(head))
      head.flags &= GCFlag.finalized
      head = head.next
    } else {
      const next = head.next
      head.flags |= GCFlag.unreachable
      move(head, unreachable)
      head = next
    }
  }
}

function stat(index: u32): usize {
  return stats + (<usize>index << 4)
}

/** How many collections there were of a generation, or how many objects they found unreachable. */
export function statistic(index: u32, collected: bool): f64 {
  return load<f64>(stat(index) + (collected ? 8 : 0))
}

function count(at: usize, more: f64): void {
  store<f64>(at, load<f64>(at) + more)
}

export function garbageList(): usize {
  return immortal(garbage, TypeId.list)
}

/** Instead of being cleared, trash is kept in `gc.garbage` from now on. */
export function setSaveAll(on: bool): void {
  saveAll = on
}

/** Forgets the tuples, or dicts, of nothing but atoms. */
function untrackAtoms(ring: GCHead, type: TypeId): void {
  for (let head = ring.next; head !== ring; ) {
    const object = objectOf(head)
    head = head.next
    if (typeOf(object).id != type) continue
    if (type == TypeId.tuple) untrackTuple(object)
    else untrackDict(object)
  }
}

/** A collection of a generation and all younger ones; how many objects were unreachable. 0 if one is on the way. */
export function collect(index: u32): u32 {
  if (collecting) return 0
  collecting = true
  if (tracing()) traceEvent(TraceEvent.gcStart, 0, index)
  if (index + 1 < GENERATIONS) setCount(index + 1, countOf(index + 1) + 1)
  for (let i: u32 = 0; i <= index; i++) setCount(i, 0)
  for (let i: u32 = 0; i < index; i++) merge(generation(i), generation(index))
  const ring = generation(index)
  const old = index + 1 < GENERATIONS ? generation(index + 1) : ring

  const trash = changetype<GCHead>(RINGS)
  initRing(trash)
  deduceUnreachable(ring, trash)
  untrackAtoms(ring, TypeId.tuple)
  if (ring !== old) {
    if (index == GENERATIONS - 2) longLivedPending += ringSize(ring)
    merge(ring, old)
  } else {
    untrackAtoms(ring, TypeId.dict)
    longLivedPending = 0
    longLivedTotal = ringSize(ring)
  }

  let found = clearWeakrefs(trash, old)
  finalizeAll(trash)
  const dead = changetype<GCHead>(RINGS + 16)
  initRing(dead)
  deduceUnreachable(trash, dead)
  // What a finaliser has revived lives on, with all that it leads to.
  merge(trash, old)
  found += ringSize(dead)
  clearAll(dead, old)
  if (ring === old) clearFreeLists()

  count(stat(index), 1)
  count(stat(index) + 8, found)
  if (tracing()) traceEvent(TraceEvent.gcStop, 0, found)
  collecting = false
  return found
}

/** At a safe point: the collection that allocations have made due, of the oldest generation that is. */
export function collectDue(): void {
  if (collecting || !takeScheduled()) return
  for (let i: u32 = GENERATIONS; i-- > 0; ) {
    if (countOf(i) <= thresholdOf(i)) continue
    if (i == GENERATIONS - 1 && longLivedPending < longLivedTotal / 4) continue
    collect(i)
    return
  }
}

/**
 * No weak reference leads to trash any more. The callbacks of those that are not trash themselves are called; how many
 * of them this freed.
 */
function clearWeakrefs(trash: GCHead, old: GCHead): u32 {
  const called = changetype<GCHead>(RINGS + 32)
  initRing(called)
  for (let head = trash.next; head !== trash; head = head.next) {
    const object = objectOf(head)
    if (tracing()) traceEvent(TraceEvent.gcUnreachable, object, 0)
    if (typeOf(object).id == TypeId.weakref) clearWeakref(object)
    for (let ref = firstWeakref(object); ref; ref = firstWeakref(object)) {
      clearWeakref(ref)
      if (!changetype<WeakReference>(ref).callback || headOf(ref).flags & GCFlag.collecting) continue
      INCREF(ref)
      move(headOf(ref), called)
    }
  }
  let freed: u32 = 0
  while (!isEmpty(called)) {
    const head = called.next
    const ref = objectOf(head)
    callBack(ref)
    DECREF(ref)
    if (called.next === head) move(head, old)
    else freed++
  }
  return freed
}

function finalizeAll(trash: GCHead): void {
  const seen = changetype<GCHead>(RINGS + 32)
  initRing(seen)
  while (!isEmpty(trash)) {
    const head = trash.next
    const object = objectOf(head)
    move(head, seen)
    INCREF(object)
    finalize(object)
    DECREF(object)
  }
  merge(seen, trash)
}

function clearAll(dead: GCHead, old: GCHead): void {
  while (!isEmpty(dead)) {
    const head = dead.next
    const object = objectOf(head)
    INCREF(object)
    if (!saveAll || !keep(object)) clear(object)
    DECREF(object)
    if (dead.next !== head) continue
    // It may still die later: of what is cleared after it.
    head.flags &= GCFlag.finalized
    move(head, old)
  }
}

/** False when memory ran out. */
function keep(object: usize): bool {
  if (listAppend(garbageList(), object)) return true
  clearError()
  return false
}
