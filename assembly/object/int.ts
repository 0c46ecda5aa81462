// int: its magnitude in digits of 30 bits, as many as it needs, the lowest first; bool, which is one.
//
//   0           4         8        12           16
//   | ob_refcnt | ob_type | lv_tag | ob_digit 0 | ob_digit 1 | ...
//
// lv_tag is eight times the number of digits, plus 0 for a positive int, 1 for zero and 2 for a negative one. A 64-bit
// CPython needs 24 bytes before the digits, and gives even zero one, so that is what a block has room for.
import { TypeId } from '../abi_objects'
import { PyObject } from './header'
import { immortal } from './immortal'
import { freeBlock, newObject, typeObject } from './type'

export const DIGIT_BITS: u32 = 30
const DIGIT_MASK: u64 = (1 << DIGIT_BITS) - 1
const ZERO: u32 = 1
const NEGATIVE: u32 = 2

const SMALLEST: i32 = -5
const LARGEST: i32 = 256
/** The place of one of them: 28 bytes, rounded up. */
const SMALL: usize = 32

const smallInts: usize = memory.data(262 * 32, 16)
const bools: usize = memory.data(2 * 32, 16)

@unmanaged
export class IntObject extends PyObject {
  lv_tag: u32
  ob_digit: u32

  /** How many digits follow. */
  get digits(): u32 {
    return this.lv_tag >>> 3
  }

  /** 1, 0 or -1. */
  get sign(): i32 {
    return 1 - <i32>(this.lv_tag & 3)
  }
}

/** When the module starts. */
export function makeSmallInts(): void {
  for (let value = SMALLEST; value <= LARGEST; value++) {
    write(immortal(smallInt(value), TypeId.int), abs(value), value < 0)
  }
  for (let value = 0; value < 2; value++) write(immortal(boolObject(value != 0), TypeId.bool), value, false)
}

function smallInt(value: i32): usize {
  return smallInts + <usize>(value - SMALLEST) * SMALL
}

/** True or False. */
export function boolObject(value: bool): usize {
  return bools + <usize>value * SMALL
}

/** Writes a magnitude below 2^60 and its sign. */
function write(object: usize, magnitude: u64, negative: bool): void {
  const high = <u32>(magnitude >> DIGIT_BITS)
  const count: u32 = magnitude ? (high ? 2 : 1) : 0
  const int = changetype<IntObject>(object)
  int.lv_tag = (count << 3) | (magnitude ? (negative ? NEGATIVE : 0) : ZERO)
  int.ob_digit = <u32>(magnitude & DIGIT_MASK)
  if (high) store<u32>(object, high, offsetof<IntObject>())
}

function sizeOfInt(digits: u32): usize {
  return typeObject(TypeId.int).basicsize + <usize>max(digits, 1) * 4
}

/** An int of `digits` digits, which the caller writes; 0 with OutOfMemory pending. */
export function newInt(digits: u32, negative: bool): usize {
  const object = newObject(typeObject(TypeId.int), sizeOfInt(digits))
  if (object) changetype<IntObject>(object).lv_tag = (digits << 3) | (digits ? (negative ? NEGATIVE : 0) : ZERO)
  return object
}

/** The int of a whole number between -2^53 and 2^53, with a reference for the caller; 0 with OutOfMemory pending. */
export function intFrom(value: f64): usize {
  if (value >= SMALLEST && value <= LARGEST) return smallInt(<i32>value)
  const magnitude = <u64>abs(value)
  const object = newObject(typeObject(TypeId.int), sizeOfInt(magnitude >> DIGIT_BITS ? 2 : 1))
  if (object) write(object, magnitude, value < 0)
  return object
}

/** Bytes from the header on, as sys.getsizeof counts them. */
export function intSize(object: usize): usize {
  return sizeOfInt(changetype<IntObject>(object).digits)
}

/** The dealloc slot. */
export function deallocInt(object: usize): void {
  freeBlock(object, intSize(object))
}
