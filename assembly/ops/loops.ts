// The loops that kernels share. A kernel is a functor: an @unmanaged class without fields whose inlined methods say what
// happens to one element or to one vector; a loop instantiated with it is a complete kernel for one dtype.
//
//   v(x: v128): v128            float32, four lanes          d(x: f64): f64          float64
//   i<T>(x: T): T               integers                     (binary functors take two)
//
// `changetype<F>(0).v(x)` calls the method of no object: nothing is loaded, everything inlines.
import { Loop } from '../tensor/iterate'

/** Up to four float32 from anywhere into the lanes of a vector. */
export function gather(at: usize, step: i32, n: i32): v128 {
  let x = v128.load32_zero(at)
  if (n > 1) x = v128.load_lane<f32>(at + step, x, 1)
  if (n > 2) x = v128.load_lane<f32>(at + 2 * step, x, 2)
  if (n > 3) x = v128.load_lane<f32>(at + 3 * step, x, 3)
  return x
}

export function scatter(x: v128, at: usize, step: i32, n: i32): void {
  v128.store_lane<f32>(at, x, 0)
  if (n > 1) v128.store_lane<f32>(at + step, x, 1)
  if (n > 2) v128.store_lane<f32>(at + 2 * step, x, 2)
  if (n > 3) v128.store_lane<f32>(at + 3 * step, x, 3)
}

/** float32, one operand: four lanes at a time, whatever the steps, so that every element meets the same arithmetic. */
export function vectorLoop<F>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    const f = changetype<F>(0)
    for (; n > 0; n -= 4) {
      const whole = n >= 4
      const x = whole && as == 4 ? v128.load(a) : gather(a, as, n)
      // @ts-ignore: F is a functor
      const y = f.v(x)
      if (whole && os == 4) v128.store(o, y)
      else scatter(y, o, os, n)
      a += as << 2
      o += os << 2
    }
  }
}

/** float64, one operand. */
export function doubleLoop<F>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    const f = changetype<F>(0)
    for (; n > 0; n--) {
      // @ts-ignore: F is a functor
      store<f64>(o, f.d(load<f64>(a)))
      a += as
      o += os
    }
  }
}

/** Integers, one operand. */
export function integerLoop<F, T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    const f = changetype<F>(0)
    for (; n > 0; n--) {
      // @ts-ignore: F is a functor
      store<T>(o, f.i<T>(load<T>(a)))
      a += as
      o += os
    }
  }
}

/** Two operands of type T: vectors where all is contiguous or one side is a single value, else element by element. */
export function binaryLoop<F, T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    const f = changetype<F>(0)
    const width = <i32>sizeof<T>()
    const lanes = 16 / width
    if (os == width && (as == width || as == 0) && (bs == width || bs == 0) && n >= lanes) {
      const oneA = v128.splat<T>(load<T>(a))
      const oneB = v128.splat<T>(load<T>(b))
      for (; n >= lanes; n -= lanes) {
        // @ts-ignore: F is a functor
        v128.store(o, f.v<T>(as ? v128.load(a) : oneA, bs ? v128.load(b) : oneB))
        o += 16
        if (as) a += 16
        if (bs) b += 16
      }
    }
    for (; n > 0; n--) {
      // @ts-ignore: F is a functor
      store<T>(o, f.s<T>(load<T>(a), load<T>(b)))
      o += os
      a += as
      b += bs
    }
  }
}

/** Two operands of type T, element by element: for what has no vector instruction. */
export function scalarLoop<F, T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    const f = changetype<F>(0)
    for (; n > 0; n--) {
      // @ts-ignore: F is a functor
      store<T>(o, f.s<T>(load<T>(a), load<T>(b)))
      o += os
      a += as
      b += bs
    }
  }
}

/** Two operands of type T, a truth value out. */
export function compareLoop<F, T>(): Loop {
  return (n: i32, o: usize, os: i32, a: usize, as: i32, b: usize, bs: i32, c: usize, cs: i32): void => {
    const f = changetype<F>(0)
    for (; n > 0; n--) {
      // @ts-ignore: F is a functor
      store<u8>(o, f.t<T>(load<T>(a), load<T>(b)) ? 1 : 0)
      o += os
      a += as
      b += bs
    }
  }
}
