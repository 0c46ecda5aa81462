// Where an index points. An op that reads or writes by index walks two things in step: the tensor, seen with stride 0
// along what is indexed, and its places, which say how many bytes further on each element lies. So the loops below serve
// gather, index_select, index_put and all the others.
//
//   x[i]    x seen as (len(i), columns) with strides (0, 1)    +    places (len(i), 1): i * bytes of a row
import { DType, Err } from '../abi'
import { fail, failed, say } from '../error'
import { itemShift } from '../tensor/dtype'
import { Loop } from '../tensor/iterate'
import { aliasOf, emptyOfShape, refresh, shapeOf } from '../tensor/shape'
import { temp } from '../tensor/temps'
import { isNone, none, Tensor } from '../tensor/tensor'
import { fillWith } from './create'
import { run } from './elementwise'

/** Who tells of an index out of range: each op has its words. */
export const enum Range {
  /** IndexError: index 5 is out of bounds for dimension 0 with size 3 */
  index,
  /** The same as a RuntimeError. */
  gather,
  /** index_copy_(): ... */
  copy,
  /** index out of range in self */
  select,
  /** out of range: tried to access index 12 on a tensor of 12 elements. */
  take,
  /** INDICES element is out of DATA bounds, id=5 axis_dim=3 */
  axis,
}

let size: i64 = 0
let lowest: i64 = 0
let step: u32 = 0
let wrong: i64 = 0
let isWrong = false

function placesLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      let at = <i64>load<T>(a)
      if (at < lowest || at >= size) {
        if (!isWrong) wrong = at
        isWrong = true
      }
      if (at < 0) at += size
      store<u32>(o, load<u32>(o) + <u32>at * step)
      o += os
      a += as
    }
  }
}

/**
 * Adds to `places` what `index` says of a dimension of `count` elements that lie `stride` apart. False with an error
 * pending that names dimension `dim` when one is out of range.
 */
export function addPlaces(
  places: Tensor, index: Tensor, count: i32, stride: i32, dtype: i32, negative: bool, form: Range, dim: i32,
): bool {
  if (failed() || isNone(places)) return false
  size = count
  lowest = negative ? -count : 0
  step = <u32>stride << itemShift(dtype)
  isWrong = false
  run(index.dtype == DType.int32 ? placesLoop<i32>() : placesLoop<i64>(), places, index)
  if (!isWrong) return true
  if (fail(Err.IndexRange)) {
    say(form)
    say(<f64>wrong)
    say(dim)
    say(count)
  }
  return false
}

/** The places of `index` along dimension `d` of `x`, in the shape of `index`. */
export function placesAlong(x: Tensor, d: i32, index: Tensor, negative: bool, form: Range): Tensor {
  if (failed()) return none()
  shapeOf(index)
  const places = temp(emptyOfShape(DType.int32))
  if (!isNone(places)) fillWith(places, 0)
  addPlaces(places, index, x.ndim ? x.size(d) : 1, x.ndim ? x.stride(d) : 0, x.dtype, negative, form, d)
  return places
}

/** `x` as the indexing loops want it: `count` elements along `d`, all at the first one. */
export function heldAlong(x: Tensor, d: i32, count: i32): Tensor {
  const out = temp(aliasOf(x, x.ndim))
  if (isNone(out)) return out
  for (let k = 0; k < x.ndim; k++) out.setDim(k, k == d ? count : x.size(k), k == d ? 0 : x.stride(k))
  refresh(out)
  return out
}

/** The same in the shape of `index`, which has one index for every element. */
export function heldOver(x: Tensor, d: i32, index: Tensor): Tensor {
  const out = temp(aliasOf(x, index.ndim))
  if (isNone(out)) return out
  for (let k = 0; k < index.ndim; k++) out.setDim(k, index.size(k), k == d || k >= x.ndim ? 0 : x.stride(k))
  refresh(out)
  return out
}

/** A vector of places, seen along dimension `d` of the shape of `like`. */
export function spreadAlong(places: Tensor, d: i32, like: Tensor): Tensor {
  if (isNone(like)) return like
  const out = temp(aliasOf(places, like.ndim))
  if (isNone(out)) return out
  for (let k = 0; k < like.ndim; k++) out.setDim(k, like.size(k), k == d ? 1 : 0)
  refresh(out)
  return out
}

// Reading and writing: only the width of an element matters.

function takeLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    if (bs == 0 && os == sizeof<T>() && as == sizeof<T>()) {
      memory.copy(o, a + load<u32>(b), (<usize>n) * sizeof<T>())
      return
    }
    for (; n > 0; n--) {
      store<T>(o, load<T>(a + load<u32>(b)))
      o += os
      a += as
      b += bs
    }
  }
}

function putLoop<T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    for (; n > 0; n--) {
      store<T>(o + load<u32>(b), load<T>(a))
      o += os
      a += as
      b += bs
    }
  }
}

/** `out` gets the elements of `source` (seen in its shape) at `places`. */
export function takeFrom(out: Tensor, source: Tensor, places: Tensor): void {
  if (failed()) return
  const shift = itemShift(out.dtype)
  run(shift == 0 ? takeLoop<u8>() : shift == 2 ? takeLoop<u32>() : takeLoop<u64>(), out, source, places)
}

/** How an element meets the one that lies at its place. */
export const enum Meet {
  replace,
  add,
  multiply,
  larger,
  smaller,
}

class Add {
  // @ts-ignore: decorator
  @inline s<T>(x: T, y: T): T {
    return <T>(x + <T>(<T>factor * y))
  }
}

class Multiply {
  // @ts-ignore: decorator
  @inline s<T>(x: T, y: T): T {
    return <T>(x * y)
  }
}

class Larger {
  // @ts-ignore: decorator
  @inline s<T>(x: T, y: T): T {
    return x != x || x > y ? x : y
  }
}

class Smaller {
  // @ts-ignore: decorator
  @inline s<T>(x: T, y: T): T {
    return x != x || x < y ? x : y
  }
}

/** What an addition multiplies the new element by. */
let factor: f64 = 1

function meetLoop<F, T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    const f = changetype<F>(0)
    for (; n > 0; n--) {
      const at = o + load<u32>(b)
      // @ts-ignore: F is a functor
      store<T>(at, f.s<T>(load<T>(at), load<T>(a)))
      o += os
      a += as
      b += bs
    }
  }
}

function meetKernel<F>(dtype: i32): Loop {
  if (dtype == DType.int32) return meetLoop<F, i32>()
  if (dtype == DType.int64) return meetLoop<F, i64>()
  return dtype == DType.float32 ? meetLoop<F, f32>() : meetLoop<F, f64>()
}

/** Truth values: a sum is "or", a product "and". */
function kernel(how: Meet, dtype: i32): Loop {
  if (how == Meet.replace) {
    const shift = itemShift(dtype)
    return shift == 0 ? putLoop<u8>() : shift == 2 ? putLoop<u32>() : putLoop<u64>()
  }
  if (dtype == DType.bool) {
    return how == Meet.add || how == Meet.larger ? meetLoop<Larger, u8>() : meetLoop<Smaller, u8>()
  }
  if (how == Meet.add) return meetKernel<Add>(dtype)
  if (how == Meet.multiply) return meetKernel<Multiply>(dtype)
  return how == Meet.larger ? meetKernel<Larger>(dtype) : meetKernel<Smaller>(dtype)
}

/** `target` (seen in the shape of `places`) meets `source` at `places`, later elements after earlier ones. */
export function putInto(target: Tensor, source: Tensor, places: Tensor, how: Meet = Meet.replace, alpha: f64 = 1): void {
  if (failed()) return
  factor = alpha
  run(kernel(how, target.dtype), target, source, places)
}
