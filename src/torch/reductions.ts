// Reductions whose overloads are several ops, or that Python and a few ops compose.
import { Scalar as Kind, Op } from '../../assembly/abi'
import { IndexError, NotImplementedError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { warn } from '../core/warnings'
import { methodOf, type Result } from './call'
import { bool } from './dtype'
import { isInt } from './pytypes'
import { Signature } from './signature'
import { functionSpec } from './signature-spec'
import { temporaries } from './temporaries'
import { Tensor, wrapDim } from './tensor'

type Int = number | bigint
type Dims = number | readonly number[]
type Keep = { keepdim?: boolean }
/** Values and where they stood: a tuple whose elements also go by these names. */
export type ValuesAndIndices = [values: Tensor, indices: Tensor] & { readonly values: Tensor; readonly indices: Tensor }
type Spread = Keep & { dim?: Dims | null; unbiased?: boolean; correction?: number | null }
type Order = { dim?: number; descending?: boolean; stable?: boolean }

export interface ReductionMethods {
  /** The largest element; the gradient goes to all that are as large. @throws RuntimeError without elements */
  max(): Tensor
  /** The larger of two, element by element: `maximum`. */
  max(other: Tensor): Tensor
  /** The first largest elements along `dim` and their indices. @throws IndexError */
  max(dim: number | (Keep & { dim: number }), keepdim?: boolean | Keep): ValuesAndIndices
  min(): Tensor
  min(other: Tensor): Tensor
  min(dim: number | (Keep & { dim: number }), keepdim?: boolean | Keep): ValuesAndIndices
  /** The element in the middle, the lower of two; nan if there is one. */
  median(): Tensor
  median(dim: number | (Keep & { dim: number }), keepdim?: boolean | Keep): ValuesAndIndices
  /** The same without nan. */
  nanmedian(): Tensor
  nanmedian(dim: number | (Keep & { dim: number }), keepdim?: boolean | Keep): ValuesAndIndices
  /** Where the first largest element stands, counted in a row or along `dim`. @throws IndexError, RuntimeError on bool */
  argmax(dim?: number | null | (Keep & { dim?: number | null }), keepdim?: boolean | Keep): Tensor
  argmin(dim?: number | null | (Keep & { dim?: number | null }), keepdim?: boolean | Keep): Tensor
  /** The elements along a dimension in order, and where they stood. */
  sort(dim?: number | Order, descending?: boolean | Order): ValuesAndIndices
  argsort(dim?: number | Order, descending?: boolean | Order): Tensor
  /** The variance over `dim` (null: all), with n - correction (1) in the denominator. @throws RuntimeError on integers */
  var(options?: Spread): Tensor
  var(dim: Dims | boolean | null, unbiased?: boolean | Spread, keepdim?: boolean | Spread): Tensor
  /** Its square root. */
  std(options?: Spread): Tensor
  std(dim: Dims | boolean | null, unbiased?: boolean | Spread, keepdim?: boolean | Spread): Tensor
  /** How many elements are not 0. */
  count_nonzero(dim?: Dims | null | { dim?: Dims | null }): Tensor
}

const raw = {
  max: { all: methodOf(Op.MaxAll), along: methodOf<Tensor[]>(Op.Max), other: methodOf(Op.Maximum) },
  min: { all: methodOf(Op.MinAll), along: methodOf<Tensor[]>(Op.Min), other: methodOf(Op.Minimum) },
  median: { all: methodOf(Op.MedianAll), along: methodOf<Tensor[]>(Op.Median) },
  nanmedian: { all: methodOf(Op.NanmedianAll), along: methodOf<Tensor[]>(Op.Nanmedian) },
  argmax: methodOf(Op.Argmax),
  argmin: methodOf(Op.Argmin),
  sort: methodOf<Tensor[]>(Op.Sort),
  var: methodOf(Op.Var),
  std: methodOf(Op.Std),
  var_mean: methodOf<Tensor[]>(Op.VarMean),
  std_mean: methodOf<Tensor[]>(Op.StdMean),
}

type Values = readonly unknown[]
/** What an op does with the values of one of its overloads. */
type Run = (x: Tensor, values: Values, overload: number) => Result

interface Reduction {
  /** The method's overloads; null: only the function is there. */
  method: string | null
  /** The function's, where they do not follow. */
  fn?: string
  run: Run
}

/** max, min: everything, elementwise, along a dimension. */
function extreme(name: 'max' | 'min'): Reduction {
  const { all, along, other } = raw[name]
  const last = 'int dim, bool keepdim=False'
  return {
    method: ` | Tensor other | ${last}`,
    fn: `Tensor input, *, Tensor out=None | Tensor input, Tensor other, *, Tensor out=None | Tensor input, ${last}, *, Tensor[] out=None`,
    run: (x, values, overload) =>
      overload === 0 ? all.call(x) : overload === 1 ? other.call(x, values[0]) : along.call(x, values[0], values[1]),
  }
}

function middle(name: 'median' | 'nanmedian'): Reduction {
  const { all, along } = raw[name]
  const last = 'int dim, bool keepdim=False'
  return {
    method: ` | ${last}`,
    fn: `Tensor input | Tensor input, ${last}, *, Tensor[] out=None`,
    run: (x, values, overload) => (overload === 0 ? all.call(x) : along.call(x, values[0], values[1])),
  }
}

function place(name: 'argmax' | 'argmin'): Reduction {
  return {
    method: 'int? dim=None, bool keepdim=False !',
    run: (x, [dim, keepdim]) => {
      if (x.dtype === bool) throw new RuntimeError(`${name}(): does not support bool input`)
      if (dim !== null) return raw[name].call(x, dim, keepdim)
      if (x.numel() === 0) {
        throw new IndexError(`${name}(): Expected reduction dim to be specified for input.numel() == 0.`)
      }
      return temporaries(() => {
        const found = raw[name].call(x.detach().flatten(), 0, false)
        return keepdim ? found.reshape(x.shape.map(() => 1)) : found
      })
    },
  }
}

const ORDER = '*, bool stable, int dim=-1, bool descending=False | int dim=-1, bool descending=False'
const ordered = (x: Tensor, values: Values, overload: number): Tensor[] => {
  const [dim, descending] = overload === 0 ? values.slice(1) : values
  return raw.sort.call(x, dim, descending, overload === 0)
}

const DIMS = 'int[1]? dim, bool unbiased=True, bool keepdim=False'
const CORRECTED = 'int[1]? dim=None, *, Number? correction=None, bool keepdim=False'

/** var, std and those with the mean. */
function deviation(name: 'var' | 'std' | 'var_mean' | 'std_mean', out: string): Reduction {
  const run: Run = (x, values, overload) => {
    if (!x.is_floating_point()) {
      throw new RuntimeError(
        `${name.includes('_') ? name : 'std and var'} only support floating point and complex dtypes`,
      )
    }
    const [dim, keepdim] = overload === 2 ? [null, false] : [values[0] as Int | Int[] | null, values[2]]
    const dims = dim === null ? null : Array.isArray(dim) ? dim : [dim]
    const given = overload === 1 ? (values[1] as Int | boolean | null) : values.at(overload === 0 ? 1 : 0) ? 1 : 0
    const correction = given === null ? 1 : Number(given)
    const of = given === null ? -1 : typeof given === 'boolean' ? Kind.bool : isInt(given) ? Kind.int : Kind.float
    const compute = raw[name] as (this: Tensor, ...args: unknown[]) => Result
    const result = compute.call(x, dims, keepdim, correction, of)
    const over = dims?.length
      ? dims.reduce<number>((n, d) => n * (x.ndim ? x.size(wrapDim(d, x.ndim)) : 1), 1)
      : x.numel()
    if (over - correction <= 0) warn('UserWarning', `${name}(): ${FREEDOM}`)
    return result
  }
  return {
    method: name.includes('_') ? null : `${DIMS}${out} | ${CORRECTED}${out} | bool unbiased=True`,
    fn: functionSpec(`${DIMS}${out} | ${CORRECTED}${out} | bool unbiased=True`),
    run,
  }
}
const FREEDOM =
  'degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel divided by output numel).'

const REDUCTIONS = {
  max: extreme('max'),
  min: extreme('min'),
  median: middle('median'),
  nanmedian: middle('nanmedian'),
  argmax: place('argmax'),
  argmin: place('argmin'),
  sort: {
    method: ORDER,
    fn:
      'Tensor input, *, bool stable, int dim=-1, bool descending=False, Tensor[] out=None | ' +
      'Tensor input, int dim=-1, bool descending=False, *, Tensor[] out=None',
    run: ordered,
  },
  argsort: {
    method: ORDER,
    fn:
      'Tensor input, *, bool stable, int dim=-1, bool descending=False, Tensor out=None | ' +
      'Tensor input, int dim=-1, bool descending=False',
    run: (x, values, overload) => temporaries(() => ordered(x.detach(), values, overload)[1]),
  },
  var: deviation('var', ' !'),
  std: deviation('std', ' !'),
  var_mean: deviation('var_mean', ''),
  std_mean: deviation('std_mean', ''),
  count_nonzero: {
    method: 'int? dim=None | int[] dim',
    run: (x, [dim]) =>
      temporaries(() =>
        x
          .detach()
          .ne(0)
          .sum(dim as number | null),
      ),
  },
} satisfies Record<string, Reduction>

type Functions<R> = (input: Tensor, ...rest: unknown[]) => R
type Name = keyof typeof REDUCTIONS

const functions: Record<string, (...args: unknown[]) => Result> = {}
for (const [name, { method, fn, run }] of Object.entries(REDUCTIONS) as [string, Reduction][]) {
  if (method !== null) {
    const signature = new Signature(name, method)
    const value = function (this: Tensor, ...args: unknown[]): Result {
      address(this)
      const { overload, values } = signature.parse(args)
      return run(this, values, overload)
    }
    Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true })
  }
  const spec = fn ?? functionSpec(method ?? '')
  const signature = new Signature(name, spec)
  const takesOut = spec.split('|').map((form) => form.includes('out=') || form.includes('!'))
  functions[name] = (...args) => {
    const { overload, values } = signature.parse(args)
    const [input, ...rest] = values
    if (takesOut[overload] && rest.pop() !== null) {
      throw new NotImplementedError(`torch.${name}(): out= is not supported; write into a tensor by copy_()`)
    }
    return run(input as Tensor, rest, overload)
  }
}

/** The `torch.` functions, their parameters those of the methods with `input` in front. */
export const reductions = functions as unknown as Record<
  Exclude<Name, 'max' | 'min' | 'median' | 'nanmedian' | 'sort' | 'var_mean' | 'std_mean'>,
  Functions<Tensor>
> &
  Record<'var_mean' | 'std_mean', Functions<Tensor[]>> & {
    [N in 'max' | 'min' | 'median' | 'nanmedian']: {
      (input: Tensor): Tensor
      (input: Tensor, other: Tensor): Tensor
      (input: Tensor, dim: number | (Keep & { dim: number }), keepdim?: boolean | Keep): ValuesAndIndices
    }
  } & { sort: Functions<ValuesAndIndices> }
