// Normal numbers out of uniform ones by Box and Muller's transform, to the bit as PyTorch computes them on x86: fewer than
// 16 numbers one pair at a time in doubles, more of them in blocks of eight pairs. A block of float32 goes through the
// polynomials of Cephes (Moshier; the vector form is Garberoglio's avx_mathfun), every multiply-add fused into one rounding.

const { cos, fround, log, log1p, PI, sin, sqrt } = Math

/** a * b + c in one rounding: the product of two float32 is exact in a double. */
export const fma = (a: number, b: number, c: number): number => fround(a * b + c)

/** The same in doubles: the product's error (Dekker) and the sum's (Knuth) are added last. */
export function fma64(a: number, b: number, c: number): number {
  const product = a * b
  const sum = product + c
  if (b === 1 || !Number.isFinite(sum)) return sum
  const split = (x: number) => 134217729 * x - (134217729 * x - x)
  const [ah, bh] = [split(a), split(b)]
  const [al, bl] = [a - ah, b - bh]
  const lost = ah * bh - product + ah * bl + al * bh + al * bl
  const back = sum - product
  return sum + (product - (sum - back) + (c - back) + lost)
}

const LOG = Float32Array.of(
  7.0376836292e-2,
  -1.151461031e-1,
  1.167699874e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
)
const COS = Float32Array.of(2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
const SIN = Float32Array.of(-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
/** ln 2 and pi / 4, each in parts of which products with small integers are exact. */
const LN2_LOW = fround(-2.1219444e-4)
const LN2_HIGH = 0.693359375
const QUARTERS = [-0.78515625, fround(-2.4187564849853516e-4), fround(-3.774894977445941e-8)]
const FOUR_OVER_PI = fround(1.27323954473516)
const ROOT_HALF = fround(Math.SQRT1_2)
const TWO_PI = fround(2 * PI)

function polynomial(coefficients: Float32Array, x: number): number {
  let y = coefficients[0]
  for (let k = 1; k < coefficients.length; k++) y = fma(y, x, coefficients[k])
  return y
}

const bits = new Uint32Array(1)
const single = new Float32Array(bits.buffer)

function log32(value: number): number {
  single[0] = value
  let e = (bits[0] >>> 23) - 126
  bits[0] = (bits[0] & 0x807fffff) | 0x3f000000
  let x = single[0]
  if (x < ROOT_HALF) {
    e -= 1
    x = fround(x - 1 + x)
  } else {
    x = fround(x - 1)
  }
  const z = fround(x * x)
  let y = fround(polynomial(LOG, x) * x)
  y = fma(y, z, fround(e * LN2_LOW))
  y = fma(z, -0.5, y)
  return fma(e, LN2_HIGH, fround(x + y))
}

/** The sine and the cosine of an angle in [0, 2 pi). */
function sinCos32(angle: number): [number, number] {
  const octant = (Math.trunc(fround(angle * FOUR_OVER_PI)) + 1) & ~1
  let x = angle
  for (const part of QUARTERS) x = fma(octant, part, x)
  const z = fround(x * x)
  const c = fround(fma(fround(polynomial(COS, z) * z), z, fround(z * -0.5)) + 1)
  const s = fma(fround(polynomial(SIN, z) * z), x, x)
  const swapped = (octant & 2) !== 0
  const sine = swapped ? c : s
  const cosine = swapped ? s : c
  return [octant & 4 ? -sine : sine, (octant - 2) & 4 ? cosine : -cosine]
}

/** Turns eight uniform radii and eight uniform angles from `at` on into 16 normal numbers. */
function transform(data: Float32Array | Float64Array, at: number, mean: number, std: number): void {
  const narrow = data instanceof Float32Array
  for (let j = at; j < at + 8; j++) {
    const u = 1 - data[j]
    const v = data[j + 8]
    if (narrow) {
      const radius = fround(sqrt(fround(-2 * log32(u))))
      const [s, c] = sinCos32(fround(TWO_PI * v))
      data[j] = fma(fround(radius * c), std, mean)
      data[j + 8] = fma(fround(radius * s), std, mean)
    } else {
      const radius = sqrt(-2 * log(u))
      const theta = 2 * PI * v
      data[j] = fma64(radius * cos(theta), std, mean)
      data[j + 8] = fma64(radius * sin(theta), std, mean)
    }
  }
}

/** Uniform numbers of the element type of `data`, in order. */
export interface Uniform {
  float32(): number
  float64(): number
}

/** Normal numbers in blocks of 16 (at least one): a rest draws its last 16 anew. */
export function normalBlocks(data: Float32Array | Float64Array, mean: number, std: number, from: Uniform): void {
  const draw = data instanceof Float32Array ? () => from.float32() : () => from.float64()
  const [m, s] = data instanceof Float32Array ? [fround(mean), fround(std)] : [mean, std]
  const size = data.length
  for (let i = 0; i < size; i++) data[i] = draw()
  for (let i = 0; i + 16 <= size; i += 16) transform(data, i, m, s)
  if (size % 16 === 0) return
  for (let i = size - 16; i < size; i++) data[i] = draw()
  transform(data, size - 16, m, s)
}

/** A pair of normal numbers. */
export function normalPair(from: Uniform): [number, number] {
  const theta = 2 * PI * from.float64()
  const radius = sqrt(-2 * log1p(-from.float64()))
  return [radius * cos(theta), radius * sin(theta)]
}
