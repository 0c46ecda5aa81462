// logit(x, eps): log(z / (1 - z)), where z is x kept within eps and 1 - eps. The op itself runs as every unary one.
import { Op, Scalar } from '../abi'
import { gradModeEnabled } from '../autograd/mode'
import { Node } from '../autograd/node'
import { saved } from '../autograd/saved'
import { Tensor } from '../tensor/tensor'
import { binary, div, mul } from './binary'
import { full, scalarTensor } from './create'
import { log_f32x4 } from './simd_math'
import { where } from './where'

let low: f64 = 0
let high: f64 = 0

/** Without an eps (NaN), or with a negative one, x stays as it is. */
export function setEps(eps: f64, single: bool): void {
  low = eps >= 0 ? eps : -Infinity
  high = single ? <f64>(<f32>1 - <f32>low) : 1 - low
}

@unmanaged
export class Logit {
  // @ts-ignore: decorator
  @inline v(x: v128): v128 {
    const lo = f32x4.splat(<f32>low)
    const hi = f32x4.splat(<f32>high)
    const z = v128.bitselect(lo, v128.bitselect(hi, x, f32x4.gt(x, hi)), f32x4.lt(x, lo))
    return log_f32x4(f32x4.div(z, f32x4.sub(f32x4.splat(1), z)))
  }
  // @ts-ignore: decorator
  @inline d(x: f64): f64 {
    const z = x < low ? low : x > high ? high : x
    return NativeMath.log(z / (1 - z))
  }
}

/**
 * g / (x (1 - x)) between the bounds. Outside it is 0, and without an eps NaN. Where nothing is recorded, a negative eps
 * is none, and NaN stays NaN.
 */
export function logitVjp(node: Node, g: Tensor): Tensor {
  const x = saved(node, 0)
  const eps = node.param(0)
  const recorded = gradModeEnabled()
  const bounded = recorded ? !isNaN(eps) : eps >= 0
  const lo = bounded ? eps : 0
  const inner = div(g, mul(x, binary(Op.Sub, scalarTensor(1, Scalar.float), x)))
  const outer = full(0, bounded ? 0 : NaN, x.dtype)
  if (!recorded) return where(compared(Op.Lt, x, lo), outer, where(compared(Op.Gt, x, 1 - lo), outer, inner))
  return where(binary(Op.LogicalAnd, compared(Op.Ge, x, lo), compared(Op.Le, x, 1 - lo)), inner, outer)
}

function compared(op: Op, x: Tensor, bound: f64): Tensor {
  return binary(op, x, scalarTensor(bound, Scalar.float))
}
