// Questions about elements that PyTorch answers by a tensor of truth values, and about tensors as a whole.
import { Op } from '../../assembly/abi'
import { scalarTypeName } from '../core/error_words'
import { NotImplementedError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { methodOf } from './call'
import { zeros_like } from './creation'
import { tensor } from './data'
import { bool, float32 } from './dtype'
import { Signature } from './signature'
import { functionSpec } from './signature-spec'
import { temporaries } from './temporaries'
import { type Scalar, Tensor } from './tensor'

type Close = { rtol?: number; atol?: number; equal_nan?: boolean }

export interface PredicateMethods {
  isnan(): Tensor
  isinf(): Tensor
  isfinite(): Tensor
  /** Whether the sign is negative, that of -0 included. */
  signbit(): Tensor
  logical_not(): Tensor
  logical_or(other: Tensor): Tensor
  logical_xor(other: Tensor): Tensor
  /** |self - other| <= atol (1e-8) + rtol (1e-5) |other|, element by element. @throws RuntimeError on two dtypes */
  isclose(other: Tensor, rtol?: number | Close, atol?: number | Close, equal_nan?: boolean | Close): Tensor
  /** Whether that holds everywhere. */
  allclose(other: Tensor, rtol?: number | Close, atol?: number | Close, equal_nan?: boolean | Close): boolean
  /** The same shape and the same elements. */
  equal(other: Tensor): boolean
}

type Values = readonly unknown[]
const all = methodOf(Op.All)
const or = (a: Tensor, b: Tensor): Tensor => a.add(b)

function finite(x: Tensor): Tensor {
  return x.is_floating_point() ? x.abs().lt(Number.POSITIVE_INFINITY) : x.eq(x)
}

function isClose(self: Tensor, given: Tensor, rtol: number, atol: number, equalNan: boolean): Tensor {
  if (self.dtype !== given.dtype) {
    throw new RuntimeError(`${scalarTypeName(self.dtype._code)} did not match ${scalarTypeName(given.dtype._code)}`)
  }
  if (rtol < 0) throw new RuntimeError(`rtol must be greater than or equal to zero, but got ${rtol}`)
  if (atol < 0) throw new RuntimeError(`atol must be greater than or equal to zero, but got ${atol}`)
  const equal = self.eq(given)
  const close = equalNan ? or(equal, self.ne(self).logical_and(given.ne(given))) : equal
  if (rtol === 0 && atol === 0) return close
  const [x, y] = self.dtype === bool ? [self.to(float32), given.to(float32)] : [self, given]
  const allowed = y.mul(rtol).abs().add(atol)
  const off = x.sub(y).abs()
  return or(close, finite(off).logical_and(off.le(allowed)))
}

const CLOSE = 'Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False'

/** The method's parameters, and what it makes of the receiver outside the graph. */
const PREDICATES: Record<string, [spec: string, run: (x: Tensor, values: Values) => Tensor | boolean]> = {
  isnan: ['', (x) => x.ne(x)],
  isinf: ['', (x) => (x.is_floating_point() ? x.abs().eq(Number.POSITIVE_INFINITY) : zeros_like(x, { dtype: bool }))],
  isfinite: ['', finite],
  signbit: [' !', (x) => (x.is_floating_point() ? or(x.lt(0), x.eq(0).logical_and(x.reciprocal().lt(0))) : x.lt(0))],
  logical_not: [' !', (x) => x.eq(0)],
  logical_or: ['Tensor other !', (x, [other]) => or(x.ne(0), (other as Tensor).ne(0))],
  logical_xor: ['Tensor other !', (x, [other]) => x.ne(0).ne((other as Tensor).ne(0))],
  isclose: [CLOSE, (x, values) => isClose(x, ...closeness(values))],
  allclose: [CLOSE, (x, values) => all.call(isClose(x, ...closeness(values))).item() as unknown as boolean],
  equal: [
    'Tensor other',
    (x, [other]) =>
      String(x.shape) === String((other as Tensor).shape) &&
      (all.call(x.eq(other as Tensor)).item() as unknown as boolean),
  ],
}

const closeness = ([other, rtol, atol, equalNan]: Values): [Tensor, number, number, boolean] => [
  (other as Tensor).detach(),
  Number(rtol),
  Number(atol),
  equalNan as boolean,
]

const functions: Record<string, (...args: unknown[]) => Tensor | boolean> = {}
for (const [name, [spec, run]] of Object.entries(PREDICATES)) {
  const signature = new Signature(name, spec)
  const value = function (this: Tensor, ...args: unknown[]): Tensor | boolean {
    address(this)
    const { values } = signature.parse(args)
    return temporaries(() => run(this.detach(), values))
  }
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true })
  const ofFunction = new Signature(name, functionSpec(spec))
  const takesOut = spec.endsWith('!')
  functions[name] = (...args) => {
    const [input, ...values] = ofFunction.parse(args).values
    if (takesOut && values.pop() !== null) refuseOut(name)
    return temporaries(() => run((input as Tensor).detach(), values))
  }
}

function refuseOut(name: string): never {
  throw new NotImplementedError(`torch.${name}(): out= is not supported; write into a tensor by copy_()`)
}

const FLAGS = '*, bool assume_unique=False, bool invert=False, Tensor out=None'
const isinSignature = new Signature(
  'isin',
  `Tensor elements, Tensor test_elements, ${FLAGS} | Number element, Tensor test_elements, ${FLAGS} | ` +
    `Tensor elements, Number test_element, ${FLAGS}`,
)

/** Which elements are among the test elements. One of both may be a number. */
function isin(...args: unknown[]): Tensor {
  const [elements, among, , invert, out] = isinSignature.parse(args).values
  if (out !== null) refuseOut('isin')
  return temporaries(() => {
    for (const v of [elements, among]) {
      const type = v instanceof Tensor ? v.dtype : null
      if (type === bool) throw new RuntimeError('Unsupported input type encountered for isin(): Bool')
    }
    const [x, y] = [elements, among].map((v) => (v instanceof Tensor ? v.detach() : tensor(v as Scalar)))
    // PyTorch takes this way up to so many test elements; its way beyond copies them.
    const few = y.numel() < Math.trunc(10 * x.numel() ** 0.145)
    const found = x
      .unsqueeze(-1)
      .eq(few ? y.view(-1) : y.flatten())
      .any(-1)
    return invert ? found.logical_not() : found
  })
}

type Ask = (input: Tensor) => Tensor
type AskTwo = (input: Tensor, other: Tensor) => Tensor
type CloseBy<R> = (input: Tensor, other: Tensor, ...rest: (number | boolean | Close)[]) => R

export const predicates = { ...functions, isin } as unknown as Record<
  'isnan' | 'isinf' | 'isfinite' | 'signbit' | 'logical_not',
  Ask
> &
  Record<'logical_or' | 'logical_xor', AskTwo> & {
    isclose: CloseBy<Tensor>
    allclose: CloseBy<boolean>
    equal: (input: Tensor, other: Tensor) => boolean
    /** Which elements are among the test elements; one of both may be a number. */
    isin: (
      elements: Tensor | Scalar,
      test_elements: Tensor | Scalar,
      options?: { assume_unique?: boolean; invert?: boolean },
    ) => Tensor
  }
