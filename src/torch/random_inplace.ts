// Random numbers written into a tensor, and those that a tensor's own values steer.
import { NodeKind, Op } from '../../assembly/abi'
import { checked } from '../core/error_text'
import { scalarTypeName } from '../core/error_words'
import { NotImplementedError, RuntimeError } from '../core/errors'
import { address } from '../core/handles'
import { putArgs, putSizes } from '../core/memory'
import { core } from '../core/wasm'
import { allIntegers, coin, coins, type Draw, elementsOf, integers, normal, uniform } from './distributions'
import type { DType } from './dtype'
import { given } from './factory'
import { type Generator, generatorIn } from './generator'
import { no_grad } from './grad_mode'
import { refuseGrad, writeOut } from './out'
import { Signature } from './signature'
import { result, type Scalar, Tensor } from './tensor'

type Drawing = { generator?: Generator | null }

export interface RandomMethods {
  /** Uniform numbers in [from, to). @throws RuntimeError, NotImplementedError for integers */
  uniform_(from?: number, to?: number, options?: Drawing): this
  /** Normal numbers. @throws RuntimeError, NotImplementedError for integers */
  normal_(mean?: number, std?: number, options?: Drawing): this
  /** Integers in [from, to), from 0 unless given, all of the dtype without bounds. @throws RuntimeError */
  random_(options?: Drawing): this
  random_(to: number | bigint, options?: Drawing): this
  random_(from: number | bigint, to: number | bigint | null, options?: Drawing): this
  /** 1 where a coin of probability `p` (a number, or one each) falls so, else 0. @throws RuntimeError */
  bernoulli_(p?: number | Tensor, options?: Drawing): this
  bernoulli(options?: Drawing): Tensor
}

const GENERATOR = '*, Generator? generator=None'
const specs = {
  uniform_: new Signature('uniform_', `float from=0, float to=1, ${GENERATOR}`),
  normal_: new Signature('normal_', `float mean=0, float std=1, ${GENERATOR}`),
  random_: new Signature('random_', `${GENERATOR} | int from, int? to, ${GENERATOR} | int to, ${GENERATOR}`),
  bernoulli_: new Signature('bernoulli_', `Tensor p, ${GENERATOR} | float p=0.5, ${GENERATOR}`),
  bernoulli: new Signature('bernoulli', `${GENERATOR} | - float p, ${GENERATOR}`),
  torchBernoulli: new Signature(
    'bernoulli',
    `Tensor input, ${GENERATOR}, Tensor out=None | - Tensor input, float p, ${GENERATOR}`,
  ),
}

/** A new tensor of `x`'s shape whose elements lie in the order of `x`'s memory: that in which PyTorch draws them. */
function inOrderOf(x: Tensor, dtype: DType): { flat: Tensor; shaped: Tensor } {
  const strides = x.stride()
  const order = strides.map((_, d) => d).sort((a, b) => strides[b] - strides[a])
  const flat = result(core.new_like(address(x.detach().permute(order)), dtype._code, 0))
  return { flat, shaped: flat.permute(order.map((_, d) => order.indexOf(d))) }
}

/** Probabilities, checked, in the order in which `x`'s elements are drawn. */
function probabilities(p: Tensor, x: Tensor): Draw {
  if (!p.is_floating_point()) {
    throw new NotImplementedError(`"bernoulli_tensor_cpu_p_" not implemented for '${scalarTypeName(p.dtype._code)}'`)
  }
  const { flat, shaped } = inOrderOf(x, p.dtype)
  shaped.copy_(p.detach().expand(x.shape))
  // No draw allocates, so the elements may be held.
  const elements = elementsOf(flat) as Float32Array | Float64Array
  if (!elements.every((value) => value >= 0 && value <= 1)) {
    throw new RuntimeError(
      'Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, please ' +
        'report an enhancement request to PyTorch.)',
    )
  }
  return coins(elements)
}

/** Draws for `x` and writes it, recorded as a node of `kind` over `x` and perhaps `p`. */
function write<T extends Tensor>(x: T, values: readonly unknown[], kind: NodeKind, draw: () => Draw, p?: Tensor): T {
  const from = generatorIn(values)
  from._attempt(() => {
    const { flat, shaped } = no_grad(() => inOrderOf(x, x.dtype))
    no_grad(draw)(elementsOf(flat), from, x.is_contiguous())
    putArgs(0, kind)
    checked(core.call_(Op.Drawn, address(x), address(shaped), p ? address(p) : 0))
  })
  return x
}

const inplace = {
  uniform_(this: Tensor, ...args: unknown[]): Tensor {
    const { values } = specs.uniform_.parse(args)
    const [from, to] = values.slice(0, 2).map(Number)
    const draw = uniform(from, to)(this.dtype)
    if (from > to) {
      throw new RuntimeError(`uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}`)
    }
    return write(this, values, NodeKind.UniformBackward0, () => draw)
  },
  normal_(this: Tensor, ...args: unknown[]): Tensor {
    const { values } = specs.normal_.parse(args)
    const [mean, std] = values.slice(0, 2).map(Number)
    if (std < 0) throw new RuntimeError(`normal expects std >= 0.0, but found std ${std}`)
    const draw = normal(mean, std)(this.dtype)
    return write(this, values, NodeKind.NormalBackward0, () => draw)
  },
  random_(this: Tensor, ...args: unknown[]): Tensor {
    const { overload, values } = specs.random_.parse(args)
    if (overload === 0) return write(this, values, NodeKind.RandomBackward2, () => allIntegers(this.dtype))
    const [from, to] = (overload === 1 ? values : [0, values[0]]) as [number, number | null]
    const draw = integers(from, to ?? mostOf(this.dtype))(this.dtype)
    return write(this, values, overload === 1 ? NodeKind.RandomBackward0 : NodeKind.RandomBackward1, () => draw)
  },
  bernoulli_(this: Tensor, ...args: unknown[]): Tensor {
    const { overload, values } = specs.bernoulli_.parse(args)
    const p = values[0] as Scalar | Tensor
    if (overload === 0 && p instanceof Tensor) {
      return write(this, values, NodeKind.BernoulliBackward1, () => probabilities(p, this), p)
    }
    const chance = Number(p)
    if (!(chance >= 0 && chance <= 1))
      throw new RuntimeError(`bernoulli_ expects p to be in [0, 1], but got p=${chance}`)
    return write(this, values, NodeKind.BernoulliBackward2, () => coin(chance)(this.dtype))
  },
  bernoulli(this: Tensor, ...args: unknown[]): Tensor {
    return flipped(this, specs.bernoulli.parse(args).values)
  },
}
for (const [name, value] of Object.entries(inplace)) {
  Object.defineProperty(Tensor.prototype, name, { value, writable: true, configurable: true })
}

/** One more than the largest integer up to which a dtype counts without gaps. */
const mostOf = (dtype: DType): bigint => [2n, 2n ** 31n, 2n ** 63n, 2n ** 24n + 1n, 2n ** 53n + 1n][dtype._code]

function flipped(p: Tensor, values: readonly unknown[]): Tensor {
  const from = generatorIn(values)
  return from._attempt(() => {
    putSizes(0, p.shape)
    const made = result(core.new_empty(p.dtype._code))
    no_grad(() => probabilities(p, made))(elementsOf(made), from, true)
    putArgs(0, NodeKind.BernoulliBackward0)
    return result(core.call(Op.Drawn, address(p), address(made), 0))
  })
}

/** 1 where a coin of probability `input` falls so, else 0. @throws RuntimeError for what is no probability */
export function bernoulli(input: Tensor, options?: Drawing & { out?: Tensor | null }): Tensor
export function bernoulli(...args: unknown[]): Tensor {
  const { values } = specs.torchBernoulli.parse(given(args))
  const [p, , out] = values as [Tensor, unknown, Tensor | null]
  if (!out) return flipped(p, values)
  refuseGrad('bernoulli', [p, out])
  return writeOut(out, flipped(p.detach(), values), [p], true)
}
