import { MR32, MR64, NR32, NR64, tile32, tile64 } from './gemm_kernel'

// C = A B for strided A and B and a contiguous row-major C, after Goto and van de Geijn (2008) as BLIS arranges it:
//
//   for a block of up to NC columns, for a block of up to KC of the depth:
//     pack that block of B into NR-wide panels          once, then read by every row of A: sized for L2
//     for each MR rows of A: pack them into one panel   read by every panel of B: sized for L1
//       for each panel of B: one register tile          gemm_kernel.ts
//
// Packing reads any strides, so a transposed input costs nothing extra. Ragged edges are packed with zeros, computed as a whole
// tile beside C and copied in part. Small products, and a vector times a matrix, go straight over the inputs: for them packing
// would cost as much as the product. They never fuse multiply and add: a small product has the same bits in both builds.
//
//   scratch   | tile MR x NR | panel of A, MR x KC | panels of B, KC x NC |

const KC: i32 = 256
const NC: i32 = 512
/** Up to this many multiplications the direct loops win. */
const DIRECT: i64 = 400

// @ts-ignore: decorator
@inline
function rows_of_tile<T>(): i32 {
  return sizeof<T>() == 4 ? MR32 : MR64
}

// @ts-ignore: decorator
@inline
function columns_of_tile<T>(): i32 {
  return sizeof<T>() == 4 ? NR32 : NR64
}

/** Blocks are cut evenly: a depth of 257 is 129 + 128, not 256 + 1. */
// @ts-ignore: decorator
@inline
function even_block(extent: i32, limit: i32): i32 {
  const count = (extent + limit - 1) / limit
  return (extent + count - 1) / count
}

// @ts-ignore: decorator
@inline
function is_direct(m: i32, n: i32, k: i32): bool {
  return m <= 3 || n == 1 || <i64>m * n * k <= DIRECT
}

/** Bytes of 16-aligned scratch that `gemm_f32` (element_size 4) or `gemm_generic<f64>` (8) needs for this product; may be 0. */
export function gemmScratchBytes(m: i32, n: i32, k: i32, element_size: usize = 4): usize {
  if (is_direct(m, n, k)) return 0
  const mr = element_size == 4 ? MR32 : MR64
  const nr = element_size == 4 ? NR32 : NR64
  const depth = even_block(k, KC)
  const columns = (even_block((n + nr - 1) / nr, NC / nr)) * nr
  return (<usize>(mr * nr) + <usize>(mr * depth) + <usize>depth * columns) * element_size
}

/** Packs `count` <= `width` lines of `depth` elements into one panel: lines `line` apart, their elements `step` apart. */
function pack<T>(to: usize, from: usize, width: i32, count: i32, depth: i32, line: usize, step: usize): void {
  const size = sizeof<T>()
  if (sizeof<T>() == 4 && width == NR32 && count == NR32 && line == 4) {
    for (let p = 0; p < depth; p++) {
      v128.store(to, v128.load(from))
      v128.store(to, v128.load(from, 16), 16)
      to += 32
      from += step
    }
    return
  }
  for (let p = 0; p < depth; p++) {
    let source = from
    for (let i = 0; i < count; i++) {
      store<T>(to, load<T>(source))
      to += size
      source += line
    }
    for (let i = count; i < width; i++) {
      store<T>(to, <T>0)
      to += size
    }
    from += step
  }
}

/** Moves (or with `add`, adds) the first rows x columns of a packed tile to C. */
function put_part<T>(tile: usize, width: i32, c: usize, pitch: usize, rows: i32, columns: i32, add: bool): void {
  const size = sizeof<T>()
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const at = <usize>j * size
      const value = load<T>(tile + at)
      store<T>(c + at, add ? load<T>(c + at) + value : value)
    }
    tile += <usize>width * size
    c += pitch
  }
}

// @ts-ignore: decorator
@inline
function multiply_tile<T>(depth: i32, a: usize, b: usize, c: usize, pitch: usize, add: bool): void {
  if (sizeof<T>() == 4) tile32(depth, a, b, c, pitch, add)
  else tile64(depth, a, b, c, pitch, add)
}

function blocked<T>(
  m: i32, n: i32, k: i32,
  a: usize, rsa: usize, csa: usize,
  b: usize, rsb: usize, csb: usize,
  c: usize, scratch: usize,
): void {
  const size = sizeof<T>()
  const mr = rows_of_tile<T>(), nr = columns_of_tile<T>()
  const depth_block = even_block(k, KC)
  const column_block = even_block((n + nr - 1) / nr, NC / nr) * nr
  const tile = scratch
  const packed_a = tile + <usize>(mr * nr) * size
  const packed_b = packed_a + <usize>(mr * depth_block) * size
  const pitch = <usize>n * size
  for (let j0 = 0; j0 < n; j0 += column_block) {
    const columns = min(column_block, n - j0)
    for (let p0 = 0; p0 < k; p0 += depth_block) {
      const depth = min(depth_block, k - p0)
      const panel = <usize>(depth * nr) * size
      const add = p0 > 0
      let from = b + <usize>p0 * rsb + <usize>j0 * csb
      let to = packed_b
      for (let j = 0; j < columns; j += nr) {
        pack<T>(to, from, nr, min(nr, columns - j), depth, csb, rsb)
        from += <usize>nr * csb
        to += panel
      }
      for (let i = 0; i < m; i += mr) {
        const rows = min(mr, m - i)
        pack<T>(packed_a, a + <usize>i * rsa + <usize>p0 * csa, mr, rows, depth, rsa, csa)
        let at = c + <usize>i * pitch + <usize>j0 * size
        let part = packed_b
        for (let j = 0; j < columns; j += nr) {
          if (rows == mr && columns - j >= nr) {
            multiply_tile<T>(depth, packed_a, part, at, pitch, add)
          } else {
            multiply_tile<T>(depth, packed_a, part, tile, <usize>nr * size, false)
            put_part<T>(tile, nr, at, pitch, rows, min(nr, columns - j), add)
          }
          part += panel
          at += <usize>nr * size
        }
      }
    }
  }
}

/** C = A B for B with contiguous rows: row i of C gathers a[i, p] times row p of B, so memory is read in its own order. */
function by_rows<T>(
  m: i32, n: i32, k: i32,
  a: usize, rsa: usize, csa: usize,
  b: usize, rsb: usize,
  c: usize,
): void {
  const row = <usize>n * sizeof<T>()
  const whole = row & ~15
  memory.fill(c, 0, <usize>m * row)
  for (let i = 0; i < m; i++) {
    let x = a, y = b
    for (let p = 0; p < k; p++) {
      const value = load<T>(x)
      const values = v128.splat<T>(value)
      let j: usize = 0
      for (; j < whole; j += 16) {
        v128.store(c + j, v128.add<T>(v128.load(c + j), v128.mul<T>(values, v128.load(y + j))))
      }
      for (; j < row; j += sizeof<T>()) store<T>(c + j, load<T>(c + j) + value * load<T>(y + j))
      x += csa
      y += rsb
    }
    a += rsa
    c += row
  }
}

/** The inner product of two contiguous vectors, with four partial sums so that additions overlap. */
function dot<T>(k: i32, x: usize, y: usize): T {
  const lanes = 16 / <i32>sizeof<T>()
  let s0 = v128.splat<T>(<T>0), s1 = s0, s2 = s0, s3 = s0
  let p = k
  for (; p >= 4 * lanes; p -= 4 * lanes) {
    s0 = v128.add<T>(s0, v128.mul<T>(v128.load(x), v128.load(y)))
    s1 = v128.add<T>(s1, v128.mul<T>(v128.load(x, 16), v128.load(y, 16)))
    s2 = v128.add<T>(s2, v128.mul<T>(v128.load(x, 32), v128.load(y, 32)))
    s3 = v128.add<T>(s3, v128.mul<T>(v128.load(x, 48), v128.load(y, 48)))
    x += 64
    y += 64
  }
  s0 = v128.add<T>(v128.add<T>(s0, s1), v128.add<T>(s2, s3))
  let sum: T = v128.extract_lane<T>(s0, 0) + v128.extract_lane<T>(s0, 1)
  if (sizeof<T>() == 4) sum += v128.extract_lane<T>(s0, 2) + v128.extract_lane<T>(s0, 3)
  for (; p > 0; p--) {
    sum += load<T>(x) * load<T>(y)
    x += sizeof<T>()
    y += sizeof<T>()
  }
  return sum
}

/** C = A B by one inner product per element; strides in bytes. */
function by_elements<T>(
  m: i32, n: i32, k: i32,
  a: usize, rsa: usize, csa: usize,
  b: usize, rsb: usize, csb: usize,
  c: usize,
): void {
  const contiguous = csa == sizeof<T>() && rsb == sizeof<T>() && k >= 16
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let x = a, y = b + <usize>j * csb
      let sum: T = 0
      if (contiguous) {
        sum = dot<T>(k, x, y)
      } else {
        for (let p = 0; p < k; p++) {
          sum += load<T>(x) * load<T>(y)
          x += csa
          y += rsb
        }
      }
      store<T>(c, sum)
      c += sizeof<T>()
    }
    a += rsa
  }
}

/**
 * C (m x n, contiguous, row-major) = A (m x k) B (k x n) in float32.
 * Strides count elements and may be anything, 0 and negative included; C must not overlap A or B.
 * `scratch`: `gemmScratchBytes(m, n, k)` bytes, 16-aligned.
 */
export function gemm_f32(
  m: i32, n: i32, k: i32,
  a: usize, rsa: i32, csa: i32,
  b: usize, rsb: i32, csb: i32,
  c: usize, scratch: usize,
): void {
  gemm_generic<f32>(m, n, k, a, rsa, csa, b, rsb, csb, c, scratch)
}

/** {@link gemm_f32} for any number type; integers wrap around and use no scratch. */
export function gemm_generic<T>(
  m: i32, n: i32, k: i32,
  a: usize, rsa: i32, csa: i32,
  b: usize, rsb: i32, csb: i32,
  c: usize, scratch: usize,
): void {
  // a column is the row (A B)^T = B^T A^T, which has the same bytes
  if (n == 1 && m > 1) return gemm_generic<T>(1, m, k, b, csb, rsb, a, csa, rsa, c, scratch)
  const size = <i32>sizeof<T>()
  const ra = <usize>(rsa * size), ca = <usize>(csa * size)
  const rb = <usize>(rsb * size), cb = <usize>(csb * size)
  if (isFloat<T>() && !is_direct(m, n, k)) blocked<T>(m, n, k, a, ra, ca, b, rb, cb, c, scratch)
  else if (csb == 1 && n >= 4) by_rows<T>(m, n, k, a, ra, ca, b, rb, c)
  else by_elements<T>(m, n, k, a, ra, ca, b, rb, cb, c)
}
