"""The polynomials of assembly/ops/simd_math.ts and scalar_math.ts. Run: python fit_polynomials.py; prints them.

Each is the best weighted approximation in the maximum norm, found by Remez exchange on a Chebyshev-spaced grid in 50 digits
(mpmath, which comes with torch), then rounded. The weight turns an error of the polynomial into a relative error of the function.
"""
import numpy as np
from mpmath import cos, erf, erfc, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, sin, sqrt

mp.dps = 50
GRID = 1500


def remez(target, weight, degree, a, b):
    """Coefficients c, lowest first, that minimise max |weight(x) (sum c_i x^i - target(x))| on [a, b]; and that maximum."""
    n = degree + 1
    xs = [a + (b - a) * (1 - cos(pi * (i + mpf(1) / 2) / GRID)) / 2 for i in range(GRID)]
    goal = [target(x) for x in xs]
    scale = [abs(weight(x)) for x in xs]
    chosen = [int((1 - cos(pi * i / n)) / 2 * (GRID - 1)) for i in range(n + 1)]
    for _ in range(40):
        system, right = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for row, i in enumerate(chosen):
            for j in range(n):
                system[row, j] = scale[i] * xs[i] ** j
            system[row, n] = (-1) ** row
            right[row] = scale[i] * goal[i]
        c = lu_solve(system, right)[:n]
        errors = [scale[i] * (sum(c[j] * xs[i] ** j for j in range(n)) - goal[i]) for i in range(GRID)]
        peaks = []
        for i, error in enumerate(errors):
            if peaks and (error > 0) == (errors[peaks[-1]] > 0):
                if abs(error) > abs(errors[peaks[-1]]):
                    peaks[-1] = i
            else:
                peaks.append(i)
        while len(peaks) > n + 1:
            peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
        if peaks == chosen or len(peaks) < n + 1:
            break
        chosen = peaks
    return c, max(abs(error) for error in errors)


def show(name, kind, target, weight, degree, a, b):
    c, worst = remez(target, weight, degree, mpf(a), mpf(b))
    digits = (lambda x: "%.9g" % np.float32(float(x))) if kind == "f32" else (lambda x: repr(float(x)))
    print(f"{name} ({kind}), error before rounding {nstr(worst, 3)}:\n  {', '.join(map(digits, c))}")


quarter = log(2) / 2 * mpf("1.001")
angle = (pi / 4 * mpf("1.001")) ** 2
tiny = mpf(10) ** -9

show("EXP", "f32", lambda r: (exp(r) - 1 - r) / r**2, lambda r: r**2 / (exp(r) - 1), 4, -quarter, quarter)
show("LOG", "f32", lambda f: (log(1 + f) - f + f * f / 2) / f**3, lambda f: f**3 / log(1 + f), 8, sqrt(0.5) - 1, sqrt(2) - 1)
show("SIN", "f32", lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, lambda z: z * sqrt(z) / sin(sqrt(z)), 2, tiny, angle)
show("COS", "f32", lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, lambda z: z**2 / cos(sqrt(z)), 2, tiny, angle)
near = (lambda z: erf(sqrt(z)) / sqrt(z) - 1, lambda z: sqrt(z) / erf(sqrt(z)))
show("ERF_NEAR", "f32", *near, 5, tiny, mpf("0.92") ** 2)
show("ERF_FAR", "f32", lambda x: log(erfc(x)) / x, lambda x: x * erfc(x) / erf(x), 6, "0.92", 4)
show("ERF_NEAR", "f64", *near, 11, mpf(10) ** -12, 1)
x_of = lambda t: 2 / t - 2
show("ERF_FAR", "f64", lambda t: erfc(x_of(t)) * exp(x_of(t) ** 2), lambda t: exp(-x_of(t) ** 2) / erf(x_of(t)), 11, mpf(2) / 8, mpf(2) / 3)
