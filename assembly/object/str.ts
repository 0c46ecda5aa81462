// str: its characters in one, two or four bytes each, as the widest needs, and a zero at the end.
//
//   0           4         8        12      16     ...  40 or 56
//   | ob_refcnt | ob_type | length | state | hash |    | characters | 0 |
//
// The characters begin after 40 bytes when all are ASCII, else after 56: so long are CPython's two headers. `state` is
// the width of a character in bytes, and 8 more when all are ASCII. A `hash` of 0 is not known yet.
import { TypeId } from '../abi_objects'
import { PyObject } from './header'
import { immortal } from './immortal'
import { freeBlock, IMMORTAL, newObject, typeObject } from './type'

const ASCII: u32 = 8
const ASCII_HEADER: usize = 40
const HEADER: usize = 56

@unmanaged
export class StrObject extends PyObject {
  length: u32
  state: u32
  hash: u32

  /** Bytes a character. */
  get kind(): u32 {
    return this.state & 7
  }

  /** A character's code point. */
  at(index: u32): u32 {
    const data = this.data
    switch (this.kind) {
      case 1:
        return load<u8>(data + index)
      case 2:
        return load<u16>(data + (<usize>index << 1))
      default:
        return load<u32>(data + (<usize>index << 2))
    }
  }

  /** Where the characters are. */
  get data(): usize {
    return changetype<usize>(this) + (this.state & ASCII ? ASCII_HEADER : HEADER)
  }
}

/** '' and the 256 strings of one Latin-1 character: 64 bytes each. */
const latin1: usize = memory.data(257 * 64, 16)

/** The immortal string of one character below 256; '' for -1. */
export function latin1Str(code: i32): usize {
  const object = latin1 + <usize>(code + 1) * 64
  const str = changetype<StrObject>(object)
  if (str.ob_type) return object
  immortal(object, TypeId.str)
  str.length = code < 0 ? 0 : 1
  str.state = code < 128 ? 1 | ASCII : 1
  if (code >= 0) store<u8>(str.data, <u8>code)
  return object
}

function sizeOf(length: u32, state: u32): usize {
  return (state & ASCII ? ASCII_HEADER : HEADER) + (<usize>length + 1) * (state & 7)
}

/** A string whose characters the caller writes (it is no immortal one); 0 with OutOfMemory pending. */
export function newStr(length: u32, state: u32): usize {
  const object = newObject(typeObject(TypeId.str), sizeOf(length, state))
  if (!object) return 0
  changetype<StrObject>(object).length = length
  changetype<StrObject>(object).state = state
  return object
}

/** Bytes from the header on. */
function blockSize(object: usize): usize {
  return sizeOf(changetype<StrObject>(object).length, changetype<StrObject>(object).state)
}

/** What CPython keeps of an immortal character beyond ASCII: the two bytes of its UTF-8, and a zero. */
const UTF8: usize = 3

/** Bytes from the header on, as sys.getsizeof counts them. */
export function strSize(object: usize): usize {
  const str = changetype<StrObject>(object)
  return blockSize(object) + (str.ob_refcnt == IMMORTAL && !(str.state & ASCII) ? UTF8 : 0)
}

/** The dealloc slot. */
export function deallocStr(object: usize): void {
  freeBlock(object, blockSize(object))
}
