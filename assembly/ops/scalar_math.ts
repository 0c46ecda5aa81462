// float64 functions that AssemblyScript's NativeMath lacks. What it has is within 2 ulp of the truth and used as it is.

/** (erf x - x) / x in x^2, on [0, 1] */
const ERF_NEAR = memory.data<f64>([
  0.12837916709551256, -0.3761263890318352, 0.11283791670944185, -0.02686617064311148,
  0.005223977606118576, -0.0008548325929319783, 0.00012055293577066666, -1.492471230531065e-5,
  1.6447131613087193e-6, -1.6206314085344617e-7, 1.3710981835032562e-8, -7.779471205810618e-10,
])
/** e^(x^2) (1 - erf x) in t = 2 / (2 + x), for x on [1, 6] */
const ERF_FAR = memory.data<f64>([
  2.8909553932867952e-5, 0.2814649402119253, 0.2882852272768515, 0.21074928327239117,
  0.3139136306425878, -0.27184561614483, 0.6132062754628286, -0.7288586165753501,
  0.2939325925873488, 0.07395168805599496, -0.09894300563988018, 0.024116936742343623,
])

/** The polynomial of degree 11 whose coefficients, lowest first, lie at `c`. */
function polynomial(c: usize, x: f64): f64 {
  let y: f64 = 0
  for (let at = c + 11 * 8; at >= c; at -= 8) y = y * x + load<f64>(at)
  return y
}

/**
 * The error function, within 1 ulp. Above 1 the complement is at most 0.16, so its own error hardly shows; from 6 on the
 * result is 1. The polynomials are Remez fits (test/kernels/fit_polynomials.py).
 */
export function erf(x: f64): f64 {
  const magnitude = abs<f64>(x)
  if (magnitude < 1) return x + x * polynomial(ERF_NEAR, x * x)
  if (magnitude >= 6) return copysign<f64>(1, x)
  const complement = NativeMath.exp(-x * x) * polynomial(ERF_FAR, 2 / (2 + magnitude))
  return copysign<f64>(1 - complement, x)
}
