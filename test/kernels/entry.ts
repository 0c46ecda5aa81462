// biome-ignore-all lint: AssemblyScript
// AssemblyScript: the kernels as a module of their own, each looped over a region of memory.
import { gemm_f32, gemm_generic, gemmScratchBytes } from '../../assembly/ops/gemm'
import { erf } from '../../assembly/ops/scalar_math'
import {
  cos_f32x4,
  erf_f32x4,
  exp_f32x4,
  expm1_f32x4,
  log_f32x4,
  log1p_f32x4,
  sigmoid_f32x4,
  sin_f32x4,
  tanh_f32x4,
} from '../../assembly/ops/simd_math'

/** The order of the names in core.ts. */
function apply4(f: i32, x: v128): v128 {
  if (f == 0) return exp_f32x4(x)
  if (f == 1) return log_f32x4(x)
  if (f == 2) return sin_f32x4(x)
  if (f == 3) return cos_f32x4(x)
  if (f == 4) return tanh_f32x4(x)
  if (f == 5) return sigmoid_f32x4(x)
  if (f == 6) return log1p_f32x4(x)
  if (f == 7) return expm1_f32x4(x)
  return erf_f32x4(x)
}

/** `n` float32 from `x` to `y`; `n` is a multiple of 4. */
export function simd(f: i32, x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) {
    v128.store(y, apply4(f, v128.load(x)))
    x += 16
    y += 16
  }
}

export function scalar(f: i32, x: usize, y: usize, n: i32): void {
  for (let i = 0; i < n; i++) {
    const value = load<f64>(x)
    let result = erf(value)
    if (f == 1) result = NativeMath.exp(value)
    if (f == 2) result = NativeMath.log(value)
    if (f == 3) result = NativeMath.sin(value)
    if (f == 4) result = NativeMath.cos(value)
    if (f == 5) result = NativeMath.tanh(value)
    if (f == 6) result = NativeMath.log1p(value)
    if (f == 7) result = NativeMath.expm1(value)
    if (f == 8) result = NativeMath.sqrt(value)
    if (f == 9) result = NativeMath.tan(value)
    if (f == 10) result = NativeMath.sinh(value)
    if (f == 11) result = NativeMath.cosh(value)
    if (f == 12) result = NativeMath.asin(value)
    if (f == 13) result = NativeMath.acos(value)
    if (f == 14) result = NativeMath.atan(value)
    store<f64>(y, result)
    x += 8
    y += 8
  }
}

export function scratchBytes(m: i32, n: i32, k: i32, elementSize: i32): i32 {
  return gemmScratchBytes(m, n, k, elementSize)
}

/** type: 0 float32, 1 float64, 2 int32, 3 int64 */
export function gemm(
  type: i32,
  m: i32,
  n: i32,
  k: i32,
  a: usize,
  rsa: i32,
  csa: i32,
  b: usize,
  rsb: i32,
  csb: i32,
  c: usize,
  scratch: usize,
): void {
  if (type == 0) gemm_f32(m, n, k, a, rsa, csa, b, rsb, csb, c, scratch)
  if (type == 1) gemm_generic<f64>(m, n, k, a, rsa, csa, b, rsb, csb, c, scratch)
  if (type == 2) gemm_generic<i32>(m, n, k, a, rsa, csa, b, rsb, csb, c, scratch)
  if (type == 3) gemm_generic<i64>(m, n, k, a, rsa, csa, b, rsb, csb, c, scratch)
}
