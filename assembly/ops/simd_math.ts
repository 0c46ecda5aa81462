// Elementary functions on four float32 at a time, right on every input (NaN, infinities, signed zeros, denormals), each within
// 4e-7 of the true value; test/kernels/simd_math.test.ts holds the measured bounds.
//
// The method is the one of Cody and Waite, "Software Manual for the Elementary Functions" (1980): reduce to a short interval with
// a constant split so that the first products are exact, evaluate a minimax polynomial, rebuild. The polynomials are Remez fits,
// rounded to float32 (test/kernels/fit_polynomials.py). Multiply and add are never fused, so both builds give the same bits.
// Rare inputs leave through one branch on all four lanes; each such branch is a call, to keep the inlined part small.

// Constants live in memory and are splatted by the load: V8 rebuilds a v128.const in every iteration of a loop, in three
// instructions where the load is one, which made exp 1.4 times slower. `splat(P, 2)` is the third coefficient of P.

// @ts-ignore: decorator
@inline
function splat(constant: usize, index: usize = 0): v128 {
  return v128.load32_splat(constant + (index << 2))
}

const ONE = memory.data<f32>([1], 4)
const HALF = memory.data<f32>([0.5], 4)
const TWO = memory.data<f32>([2], 4)
const SIGN_BIT = memory.data<f32>([-0.0], 4)
const INFINITE = memory.data<f32>([Infinity], 4)

// @ts-ignore: decorator
@inline
function mul_add(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c)
}

/** a - b * c */
// @ts-ignore: decorator
@inline
function mul_from(a: v128, b: v128, c: v128): v128 {
  return f32x4.sub(a, f32x4.mul(b, c))
}

// @ts-ignore: decorator
@inline
function sign_of(x: v128): v128 {
  return v128.and(x, splat(SIGN_BIT))
}

/** Whether a comparison held in all four lanes. */
// @ts-ignore: decorator
@inline
function all(mask: v128): bool {
  return i32x4.bitmask(mask) == 15
}

// Adding 1.5 * 2^23 rounds to the nearest integer and leaves that integer in the low mantissa bits: subtracting gives it back as
// a float, shifting the bits left by 23 drops the rest and makes it an exponent.
const ROUND = memory.data<f32>([12582912], 4)

// ---- e^x: x = n ln 2 + r, |r| <= ln 2 / 2

const LOG2_E = memory.data<f32>([1.44269504], 4)
/** ln 2 in two parts; the first has 15 bits, so that n times it is exact. */
const LN2_HIGH = memory.data<f32>([0.693145752], 4)
const LN2_LOW = memory.data<f32>([1.4286068e-6], 4)
/** (e^r - 1 - r) / r^2 */
const EXP = memory.data<f32>([0.49999997, 1.66665435e-1, 4.16672006e-2, 8.36658012e-3, 1.38825097e-3], 4)
const EXP_NORMAL = memory.data<f32>([87], 4)
const EXP_LOWEST = memory.data<f32>([-104.5], 4)
const EXP_HIGHEST = memory.data<f32>([89], 4)
const EXPM1_LOWEST = memory.data<f32>([-18], 4)
const EXPM1_HIGHEST = memory.data<f32>([88.8], 4)
const LARGEST = memory.data<f32>([3.40282347e38], 4)
const TANH_HIGHEST = memory.data<f32>([9.02], 4)

// @ts-ignore: decorator
@inline
function exponent_f32x4(x: v128): v128 {
  return mul_add(x, splat(LOG2_E), splat(ROUND))
}

/** e^r - 1 where `n`, as `exponent_f32x4` leaves it, fixes r. */
// @ts-ignore: decorator
@inline
function expm1_reduced(x: v128, n: v128): v128 {
  const whole = f32x4.sub(n, splat(ROUND))
  const r = mul_from(mul_from(x, whole, splat(LN2_HIGH)), whole, splat(LN2_LOW))
  // Estrin's order: half the latency of Horner's
  const square = f32x4.mul(r, r)
  const low = mul_add(splat(EXP, 1), r, splat(EXP, 0))
  const high = mul_add(splat(EXP, 4), square, mul_add(splat(EXP, 3), r, splat(EXP, 2)))
  return mul_add(mul_add(high, square, low), square, r)
}

/** 2^n for n within the exponents of normal numbers. */
// @ts-ignore: decorator
@inline
function power_of_two(n: v128): v128 {
  return i32x4.add(i32x4.shl(n, 23), splat(ONE))
}

/** e^x anywhere: 2^n in two factors, so that a denormal result is rounded once and overflow is infinity. */
function exp_any(x: v128): v128 {
  // pmin and pmax return their first operand where a comparison with NaN fails: NaN goes through
  x = f32x4.pmax(f32x4.pmin(x, splat(EXP_HIGHEST)), splat(EXP_LOWEST))
  const n = exponent_f32x4(x)
  const y = f32x4.add(expm1_reduced(x, n), splat(ONE))
  const whole = i32x4.sub(n, splat(ROUND))
  const half = i32x4.shr_s(whole, 1)
  return f32x4.mul(f32x4.mul(y, power_of_two(half)), power_of_two(i32x4.sub(whole, half)))
}

// @ts-ignore: decorator
@inline
export function exp_f32x4(x: v128): v128 {
  if (!all(f32x4.lt(f32x4.abs(x), splat(EXP_NORMAL)))) return exp_any(x)
  const n = exponent_f32x4(x)
  return i32x4.add(f32x4.add(expm1_reduced(x, n), splat(ONE)), i32x4.shl(n, 23))
}

/** 2^n (e^r - 1) + (2^n - 1), with 2^128, which is no number, taken as the largest one. */
// @ts-ignore: decorator
@inline
export function expm1_f32x4(x: v128): v128 {
  const within = f32x4.pmax(f32x4.pmin(x, splat(EXPM1_HIGHEST)), splat(EXPM1_LOWEST))
  const n = exponent_f32x4(within)
  const half_scale = i32x4.sub(power_of_two(n), i32x4.splat(1 << 23))
  const scale_minus_1 = f32x4.pmin(f32x4.sub(f32x4.add(half_scale, half_scale), splat(ONE)), splat(LARGEST))
  const y = expm1_reduced(within, n)
  return v128.or(mul_add(half_scale, f32x4.add(y, y), scale_minus_1), sign_of(x))
}

/** e / (1 + e) with e = e^-|x|, or 1 / (1 + e): no overflow, and the far tail keeps its digits. */
// @ts-ignore: decorator
@inline
export function sigmoid_f32x4(x: v128): v128 {
  const e = exp_f32x4(v128.or(x, splat(SIGN_BIT)))
  const numerator = v128.bitselect(e, splat(ONE), f32x4.lt(x, f32x4.splat(0)))
  return f32x4.div(numerator, f32x4.add(e, splat(ONE)))
}

/** t / (t + 2) with t = e^2|x| - 1: no cancellation near 0. From 9.02 on the result is 1. */
// @ts-ignore: decorator
@inline
export function tanh_f32x4(x: v128): v128 {
  const magnitude = f32x4.pmin(f32x4.abs(x), splat(TANH_HIGHEST))
  const twice = f32x4.add(magnitude, magnitude)
  const n = exponent_f32x4(twice)
  const scale = power_of_two(n)
  const t = mul_add(scale, expm1_reduced(twice, n), f32x4.sub(scale, splat(ONE)))
  return v128.or(f32x4.div(t, f32x4.add(t, splat(TWO))), sign_of(x))
}

// ---- log: x = 2^k (1 + f), 1 + f within [sqrt(1/2), sqrt(2))

const SQRT_HALF = memory.data<f32>([0.707106769], 4)
const MIN_NORMAL = memory.data<f32>([1.17549435e-38], 4)
const TWO_TO_23 = memory.data<f32>([8388608], 4)
/** (log(1 + f) - f + f^2 / 2) / f^3 */
const LOG = memory.data<f32>([
  3.33333135e-1, -2.50000089e-1, 2.00021192e-1, -1.66679963e-1, 1.42195523e-1,
  -1.24055892e-1, 1.18881613e-1, -1.16756506e-1, 6.74664006e-2,
], 4)

/** k ln 2 + log(1 + f), small terms first; exact where k is 0 and f small. */
// @ts-ignore: decorator
@inline
function log_reduced(k: v128, f: v128): v128 {
  const square = f32x4.mul(f, f)
  const low = mul_add(mul_add(splat(LOG, 3), f, splat(LOG, 2)), square, mul_add(splat(LOG, 1), f, splat(LOG, 0)))
  let high = mul_add(mul_add(splat(LOG, 7), f, splat(LOG, 6)), square, mul_add(splat(LOG, 5), f, splat(LOG, 4)))
  const fourth = f32x4.mul(square, square)
  high = mul_add(splat(LOG, 8), fourth, high)
  let y = f32x4.mul(f32x4.mul(mul_add(high, fourth, low), f), square)
  y = f32x4.add(f, mul_from(mul_add(k, splat(LN2_LOW), y), square, splat(HALF)))
  return mul_add(k, splat(LN2_HIGH), y)
}

// @ts-ignore: decorator
@inline
function log_exponent(x: v128): v128 {
  return i32x4.shr_s(i32x4.sub(x, splat(SQRT_HALF)), 23)
}

/** log of a normal x > 0, less `bias` times ln 2. */
// @ts-ignore: decorator
@inline
function log_normal(x: v128, bias: v128): v128 {
  const k = log_exponent(x)
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(k, 23)), splat(ONE))
  return log_reduced(f32x4.convert_i32x4_s(i32x4.sub(k, bias)), f)
}

/** `y` where 0 < x < infinity, else what log gives there: -infinity at 0, NaN below, x at infinity and NaN. */
function log_limits(x: v128, y: v128): v128 {
  y = v128.bitselect(y, x, f32x4.lt(x, splat(INFINITE)))
  y = v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, f32x4.splat(0)))
  return v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)))
}

function log_any(x: v128): v128 {
  const denormal = f32x4.lt(x, splat(MIN_NORMAL))
  const normal = v128.bitselect(f32x4.mul(x, splat(TWO_TO_23)), x, denormal)
  return log_limits(x, log_normal(normal, v128.and(i32x4.splat(23), denormal)))
}

// @ts-ignore: decorator
@inline
export function log_f32x4(x: v128): v128 {
  const usual = v128.and(f32x4.ge(x, splat(MIN_NORMAL)), f32x4.lt(x, splat(INFINITE)))
  return all(usual) ? log_normal(x, i32x4.splat(0)) : log_any(x)
}

/** log of u = 1 + x, with f taken from x itself: (1 + x) / 2^k - 1 = x / 2^k + (1 / 2^k - 1), which loses nothing near 0. */
// @ts-ignore: decorator
@inline
export function log1p_f32x4(x: v128): v128 {
  const u = f32x4.add(x, splat(ONE))
  const k = log_exponent(u)
  const exponent = i32x4.shl(k, 23)
  // past 2^-126 the reciprocal may as well be 0
  const reciprocal = i32x4.max_s(i32x4.sub(splat(ONE), exponent), i32x4.splat(0))
  const f = f32x4.add(i32x4.sub(x, exponent), f32x4.sub(reciprocal, splat(ONE)))
  const y = v128.or(log_reduced(f32x4.convert_i32x4_s(k), f), sign_of(x))
  const usual = v128.and(f32x4.gt(u, f32x4.splat(0)), f32x4.lt(u, splat(INFINITE)))
  return all(usual) ? y : log_limits(u, y)
}

// ---- sin, cos: |x| = n pi/2 + r, |r| <= pi/4

const TWO_OVER_PI = memory.data<f32>([0.636619772], 4)
/** pi/2 in four parts; the first three have 11 bits, so that n times them is exact while n < 2^13. */
const HALF_PI = memory.data<f32>([1.5703125, 4.83751297e-4, 7.54953362e-8, 2.56334407e-12], 4)
/** Below this, n < 2^13. */
const LARGE_ANGLE = memory.data<f32>([12800], 4)
/** (sin r - r) / r^3 and (cos r - 1 + r^2 / 2) / r^4, in r^2 */
const SIN = memory.data<f32>([-1.66666552e-1, 8.33215564e-3, -1.9514632e-4], 4)
const COS = memory.data<f32>([4.16666456e-2, -1.38873095e-3, 2.44324128e-5], 4)

/** sin (quarter 0) or cos (quarter 1) of x >= 0; the quadrant chooses the polynomial and the sign. */
// @ts-ignore: decorator
@inline
function sin_quarter(x: v128, quarter: i32): v128 {
  const n = mul_add(x, splat(TWO_OVER_PI), splat(ROUND))
  const whole = f32x4.sub(n, splat(ROUND))
  let r = mul_from(mul_from(x, whole, splat(HALF_PI, 0)), whole, splat(HALF_PI, 1))
  r = mul_from(mul_from(r, whole, splat(HALF_PI, 2)), whole, splat(HALF_PI, 3))
  const z = f32x4.mul(r, r)
  let s = mul_add(mul_add(splat(SIN, 2), z, splat(SIN, 1)), z, splat(SIN, 0))
  s = mul_add(s, f32x4.mul(z, r), r)
  let c = mul_add(mul_add(splat(COS, 2), z, splat(COS, 1)), z, splat(COS, 0))
  c = mul_add(c, f32x4.mul(z, z), mul_from(splat(ONE), z, splat(HALF)))
  const quadrant = quarter ? i32x4.add(n, i32x4.splat(quarter)) : n
  const odd = i32x4.shr_s(i32x4.shl(quadrant, 31), 31)
  const y = v128.bitselect(c, s, odd)
  return v128.xor(y, sign_of(i32x4.shl(quadrant, 30)))
}

function sin_lanes(x: v128): v128 {
  let y = f32x4.splat(<f32>NativeMath.sin(f32x4.extract_lane(x, 0)))
  y = f32x4.replace_lane(y, 1, <f32>NativeMath.sin(f32x4.extract_lane(x, 1)))
  y = f32x4.replace_lane(y, 2, <f32>NativeMath.sin(f32x4.extract_lane(x, 2)))
  return f32x4.replace_lane(y, 3, <f32>NativeMath.sin(f32x4.extract_lane(x, 3)))
}

function cos_lanes(x: v128): v128 {
  let y = f32x4.splat(<f32>NativeMath.cos(f32x4.extract_lane(x, 0)))
  y = f32x4.replace_lane(y, 1, <f32>NativeMath.cos(f32x4.extract_lane(x, 1)))
  y = f32x4.replace_lane(y, 2, <f32>NativeMath.cos(f32x4.extract_lane(x, 2)))
  return f32x4.replace_lane(y, 3, <f32>NativeMath.cos(f32x4.extract_lane(x, 3)))
}

// @ts-ignore: decorator
@inline
export function sin_f32x4(x: v128): v128 {
  const magnitude = f32x4.abs(x)
  const y = v128.xor(sin_quarter(magnitude, 0), sign_of(x))
  const usual = f32x4.lt(magnitude, splat(LARGE_ANGLE))
  return all(usual) ? y : v128.bitselect(y, sin_lanes(x), usual)
}

// @ts-ignore: decorator
@inline
export function cos_f32x4(x: v128): v128 {
  const magnitude = f32x4.abs(x)
  const y = sin_quarter(magnitude, 1)
  const usual = f32x4.lt(magnitude, splat(LARGE_ANGLE))
  return all(usual) ? y : v128.bitselect(y, cos_lanes(x), usual)
}

// ---- erf: x + x P(x^2) below 0.92, 1 - e^(x Q(x)) above; from 4 on it is 1

const ERF_NEAR = memory.data<f32>([
  1.28379151e-1, -3.76124978e-1, 1.12818457e-1, -2.67677195e-2, 4.99483058e-3, -5.99940657e-4,
], 4)
const ERF_FAR = memory.data<f32>([
  -1.12864852, -6.35151327e-1, -1.06236875e-1, 2.37620641e-2, -3.64245917e-3, 3.22803855e-4, -1.12313055e-5,
], 4)
const ERF_BORDER = memory.data<f32>([0.92], 4)
const ERF_HIGHEST = memory.data<f32>([4], 4)

// @ts-ignore: decorator
@inline
export function erf_f32x4(x: v128): v128 {
  const magnitude = f32x4.pmin(f32x4.abs(x), splat(ERF_HIGHEST))
  const z = f32x4.mul(magnitude, magnitude)
  let p = mul_add(splat(ERF_NEAR, 5), z, splat(ERF_NEAR, 4))
  p = mul_add(p, z, splat(ERF_NEAR, 3))
  p = mul_add(p, z, splat(ERF_NEAR, 2))
  p = mul_add(p, z, splat(ERF_NEAR, 1))
  p = mul_add(p, z, splat(ERF_NEAR, 0))
  const near = mul_add(p, magnitude, magnitude)
  let q = mul_add(splat(ERF_FAR, 6), magnitude, splat(ERF_FAR, 5))
  q = mul_add(q, magnitude, splat(ERF_FAR, 4))
  q = mul_add(q, magnitude, splat(ERF_FAR, 3))
  q = mul_add(q, magnitude, splat(ERF_FAR, 2))
  q = mul_add(q, magnitude, splat(ERF_FAR, 1))
  q = mul_add(q, magnitude, splat(ERF_FAR, 0))
  q = f32x4.mul(q, magnitude)
  const n = exponent_f32x4(q)
  const scale = power_of_two(n)
  const far = f32x4.sub(f32x4.sub(splat(ONE), scale), f32x4.mul(scale, expm1_reduced(q, n)))
  const y = v128.bitselect(near, far, f32x4.lt(magnitude, splat(ERF_BORDER)))
  return v128.or(y, sign_of(x))
}
