// Python's comparisons of objects, and their hashes.
import { Err } from '../abi'
import { ArrayAnswer, Compare, TypeId } from '../abi_objects'
import { fail, fail1, fail3 } from '../error'
import { enterBase, leaveBase } from '../tensor/temps'
import { dictEqual } from './dict_merge'
import { itemAt } from './items'
import { compareNumbers, hashedNumber, isNumber, UNORDERED } from './number'
import { itemsOf, sizeOf } from './sequence'
import { StrObject } from './str'
import { typeOf } from './type'

// @ts-ignore: decorator
@external('env', 'compare_arrays')
declare function askArrays(a: usize, b: usize, op: Compare): ArrayAnswer

/** How deep comparisons and hashes of containers may go: as deep as in CPython 3.12. */
const DEEPEST: u32 = 1498

let depth: u32 = 0

/** What a comparison that the language does not define answers. */
const FAILED: i32 = -1

/** `a == b` as containers ask it: what is the same object is equal. 1, 0, or -1 with an error pending. */
export function compareEqual(a: usize, b: usize): i32 {
  return a == b ? 1 : compare(a, b, Compare.eq)
}

/** A comparison of any two objects: 1, 0, or -1 with an error pending. */
export function compare(a: usize, b: usize, op: Compare): i32 {
  if (isNumber(a) && isNumber(b)) return holds(compareNumbers(a, b), op)
  const id = typeOf(a).id
  if (id == typeOf(b).id) {
    if (id == TypeId.str) return holds(compareStrings(a, b), op)
    if (id == TypeId.list || id == TypeId.tuple || id == TypeId.dict) {
      if (depth == DEEPEST) {
        fail1(Err.RecursionDepth, 0)
        return FAILED
      }
      depth++
      const result = id == TypeId.dict ? compareDicts(a, b, op) : compareSequences(a, b, op)
      depth--
      return result
    }
  }
  return isArray(a) || isArray(b) ? compareArrays(a, b, op) : byIdentity(a, b, op)
}

function isArray(object: usize): bool {
  const id = typeOf(object).id
  return id == TypeId.tensor || id == TypeId.ndarray
}

/** Tensors and ndarrays compare element by element; the truth of the result is asked for in JS. */
function compareArrays(a: usize, b: usize, op: Compare): i32 {
  const outer = enterBase()
  const answer = askArrays(a, b, op)
  leaveBase(outer)
  if (answer == ArrayAnswer.none) return byIdentity(a, b, op)
  if (answer == ArrayAnswer.thrown) fail(Err.Hook)
  return answer - ArrayAnswer.no
}

function byIdentity(a: usize, b: usize, op: Compare): i32 {
  if (op == Compare.eq) return i32(a == b)
  if (op == Compare.ne) return i32(a != b)
  fail3(Err.NotOrdered, <f64>op, <f64>a, <f64>b)
  return FAILED
}

/** What `op` makes of an order. */
function holds(order: i32, op: Compare): i32 {
  if (order == UNORDERED) return i32(op == Compare.ne)
  switch (op) {
    case Compare.lt:
      return i32(order < 0)
    case Compare.le:
      return i32(order <= 0)
    case Compare.eq:
      return i32(order == 0)
    case Compare.ne:
      return i32(order != 0)
    case Compare.gt:
      return i32(order > 0)
    default:
      return i32(order >= 0)
  }
}

/** The first items that differ decide, or the lengths. */
function compareSequences(a: usize, b: usize, op: Compare): i32 {
  const size = sizeOf(a)
  const other = sizeOf(b)
  // Lists of two lengths are never equal, and need no look at what they hold.
  if (size != other && typeOf(a).id == TypeId.list) {
    if (op == Compare.eq) return 0
    if (op == Compare.ne) return 1
  }
  for (let i: u32 = 0; i < min(size, other); i++) {
    const left = itemAt(itemsOf(a), i)
    const right = itemAt(itemsOf(b), i)
    const equal = compareEqual(left, right)
    if (equal < 0) return FAILED
    if (equal) continue
    if (op == Compare.eq) return 0
    return op == Compare.ne ? 1 : compare(left, right, op)
  }
  return holds(size < other ? -1 : i32(size > other), op)
}

function compareDicts(a: usize, b: usize, op: Compare): i32 {
  if (op != Compare.eq && op != Compare.ne) return byIdentity(a, b, op)
  const equal = dictEqual(a, b)
  return equal < 0 || op == Compare.eq ? equal : 1 - equal
}

function compareStrings(a: usize, b: usize): i32 {
  const left = changetype<StrObject>(a)
  const right = changetype<StrObject>(b)
  for (let i: u32 = 0; i < min(left.length, right.length); i++) {
    const one = left.at(i)
    const other = right.at(i)
    if (one != other) return one < other ? -1 : 1
  }
  return left.length < right.length ? -1 : i32(left.length > right.length)
}

/** Equal for objects that are. An error is pending after a type without one, or a tuple with an item of such a type. */
export function hash(object: usize): u32 {
  if (isNumber(object)) {
    const bits = reinterpret<u64>(hashedNumber(object))
    return mix(<u32>bits ^ <u32>(bits >> 32))
  }
  switch (typeOf(object).id) {
    case TypeId.str:
      return hashString(changetype<StrObject>(object))
    case TypeId.tuple:
      return hashTuple(object)
    case TypeId.list:
    case TypeId.dict:
    case TypeId.ndarray:
      fail1(Err.Unhashable, <f64>object)
  }
  return mix(<u32>object >>> 3)
}

function hashTuple(tuple: usize): u32 {
  if (depth == DEEPEST) {
    fail1(Err.RecursionDepth, 1)
    return 0
  }
  depth++
  let result = sizeOf(tuple)
  for (let i: u32 = 0; i < sizeOf(tuple); i++) result = mix(result ^ hash(itemAt(itemsOf(tuple), i)))
  depth--
  return result
}

function hashString(str: StrObject): u32 {
  if (str.hash) return str.hash
  let result: u32 = 0x811c9dc5
  for (let i: u32 = 0; i < str.length; i++) result = (result ^ str.at(i)) * 0x01000193
  result = mix(result) || 1
  str.hash = result
  return result
}

function mix(bits: u32): u32 {
  bits = (bits ^ (bits >>> 16)) * 0x85ebca6b
  return bits ^ (bits >>> 13)
}
