// The register tiles of the matrix product: an MR x NR piece of C stays in registers while a depth of packed A and B streams by.
//
//   packed A, one panel of MR rows          packed B, one panel of NR columns
//   a00 a10 a20 .. | a01 a11 a21 .. | ..    b00 b01 b02 .. | b10 b11 b12 .. | ..
//   `-- depth 0 --´ `-- depth 1 --´         `-- depth 0 --´ `-- depth 1 --´
//
// Both panels are read front to back with constant offsets. Tile shape: Goto and van de Geijn, "Anatomy of High-Performance
// Matrix Multiplication" (2008): as many accumulators as leave registers for one row of B, a splat of A and, where multiply and
// add do not fuse, the product. Of the 16 registers of x86-64, V8 keeps one. Measured in Chromium on 256 x 256, GFLOP/s:
//   baseline   4x8 61   5x8 61   6x8 33 (spills)   relaxed   4x8 61   5x8 61   6x8 67
// Unrolling the depth makes V8 hoist loads and spill: slower in every build but one, so the loops are left as they are.

/** Rows and columns of the float32 tile. */
export const MR32: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4
export const NR32: i32 = 8
/** Rows and columns of the float64 tile. */
export const MR64: i32 = 4
export const NR64: i32 = 4

/** a * b + c: one rounding in the relaxed build (where the CPU fuses), two in the baseline. */
// @ts-ignore: decorator
@inline
function madd32(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c)
  return f32x4.add(f32x4.mul(a, b), c)
}

// @ts-ignore: decorator
@inline
function madd64(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c)
  return f64x2.add(f64x2.mul(a, b), c)
}

// @ts-ignore: decorator
@inline
function put32(to: usize, add: bool, low: v128, high: v128): void {
  if (add) {
    low = f32x4.add(v128.load(to), low)
    high = f32x4.add(v128.load(to, 16), high)
  }
  v128.store(to, low)
  v128.store(to, high, 16)
}

// @ts-ignore: decorator
@inline
function put64(to: usize, add: bool, low: v128, high: v128): void {
  if (add) {
    low = f64x2.add(v128.load(to), low)
    high = f64x2.add(v128.load(to, 16), high)
  }
  v128.store(to, low)
  v128.store(to, high, 16)
}

/**
 * The MR32 x 8 float32 tile at `c` (rows `pitch` bytes apart) becomes, or with `add` grows by, panel `a` times panel `b`.
 * The last two rows exist in the relaxed build only; elsewhere the compiler drops them.
 */
export function tile32(depth: i32, a: usize, b: usize, c: usize, pitch: usize, add: bool): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00
  for (let p = 0; p < depth; p++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16)
    let x = v128.load32_splat(a)
    c00 = madd32(x, b0, c00); c01 = madd32(x, b1, c01)
    x = v128.load32_splat(a, 4)
    c10 = madd32(x, b0, c10); c11 = madd32(x, b1, c11)
    x = v128.load32_splat(a, 8)
    c20 = madd32(x, b0, c20); c21 = madd32(x, b1, c21)
    x = v128.load32_splat(a, 12)
    c30 = madd32(x, b0, c30); c31 = madd32(x, b1, c31)
    if (MR32 == 6) {
      x = v128.load32_splat(a, 16)
      c40 = madd32(x, b0, c40); c41 = madd32(x, b1, c41)
      x = v128.load32_splat(a, 20)
      c50 = madd32(x, b0, c50); c51 = madd32(x, b1, c51)
    }
    a += MR32 * 4
    b += NR32 * 4
  }
  put32(c, add, c00, c01); c += pitch
  put32(c, add, c10, c11); c += pitch
  put32(c, add, c20, c21); c += pitch
  put32(c, add, c30, c31)
  if (MR32 == 6) {
    c += pitch
    put32(c, add, c40, c41); c += pitch
    put32(c, add, c50, c51)
  }
}

/** The 4 x 4 float64 tile; parameters as for {@link tile32}. */
export function tile64(depth: i32, a: usize, b: usize, c: usize, pitch: usize, add: bool): void {
  let c00 = f64x2.splat(0), c01 = c00, c10 = c00, c11 = c00
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00
  for (let p = 0; p < depth; p++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16)
    let x = v128.load64_splat(a)
    c00 = madd64(x, b0, c00); c01 = madd64(x, b1, c01)
    x = v128.load64_splat(a, 8)
    c10 = madd64(x, b0, c10); c11 = madd64(x, b1, c11)
    x = v128.load64_splat(a, 16)
    c20 = madd64(x, b0, c20); c21 = madd64(x, b1, c21)
    x = v128.load64_splat(a, 24)
    c30 = madd64(x, b0, c30); c31 = madd64(x, b1, c31)
    a += 32
    b += 32
  }
  put64(c, add, c00, c01); c += pitch
  put64(c, add, c10, c11); c += pitch
  put64(c, add, c20, c21); c += pitch
  put64(c, add, c30, c31)
}
