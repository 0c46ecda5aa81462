// Tensors of random numbers: PyTorch's numbers for PyTorch's seed.
import { address } from '../core/handles'
import { core } from '../core/wasm'
import { type Distribution, elementsOf, integers, normal, permutation, uniform } from './distributions'
import { type DType, float32, int64 } from './dtype'
import { factory, finish, given, type OutFactory, putShape } from './factory'
import { default_generator, type Generator, generatorIn } from './generator'
import { Signature } from './signature'
import { result, type Tensor } from './tensor'

export { default_generator, Generator } from './generator'

/** The keywords of a random factory. */
export interface RandomFactory extends OutFactory {
  generator?: Generator | null
}

/** A factory's two overloads: with a generator and without. */
const both = (params: string): string =>
  params
    .split(' | ')
    .flatMap((form) => [`${form}, *, Generator? generator, Tensor out=None, $`, `${form}, *, Tensor out=None, $`])
    .join(' | ')
const like = (name: string, params = 'Tensor input') =>
  new Signature(
    name,
    params
      .split(' | ')
      .flatMap((form) => [
        `${form}, *, Generator? generator, memory_format memory_format=None, $`,
        `${form}, *, memory_format memory_format=None, $`,
      ])
      .join(' | '),
  )

const specs = {
  rand: new Signature('rand', both('int[] size')),
  randn: new Signature('randn', both('int[] size')),
  randint: new Signature('randint', both('int high, int[] size | int low, int high, int[] size')),
  randperm: new Signature('randperm', both('int n')),
  rand_like: like('rand_like'),
  randn_like: like('randn_like'),
  randint_like: like('randint_like', 'Tensor input, int low, int high | Tensor input, int high'),
}

/** A new tensor of a shape. */
function drawn(
  name: string,
  values: unknown[],
  size: readonly (number | bigint)[],
  natural: DType,
  distribution: Distribution,
): Tensor {
  const { dtype, requires_grad, out } = factory(values, natural, name)
  const draw = distribution(dtype)
  putShape(size, dtype, 'random')
  const made = result(core.new_empty(dtype._code))
  draw(elementsOf(made), generatorIn(values), true)
  return finish(made, requires_grad, out)
}

/** A new tensor of another's shape and layout, filled in the order of its storage. */
function drawnLike(values: unknown[], distribution: Distribution): Tensor {
  const input = values[0] as Tensor
  const { dtype, requires_grad } = factory(values, input.dtype)
  const draw = distribution(dtype)
  const made = result(core.new_like(address(input), dtype._code, 0))
  draw(elementsOf(made), generatorIn(values), made.is_contiguous())
  return finish(made, requires_grad)
}

type Size = readonly number[] | number
type Rest = (number | RandomFactory)[]

/** Uniform numbers in [0, 1): `torch.rand([2, 3])` or `torch.rand(2, 3)`. */
export function rand(size: Size, ...rest: Rest): Tensor
export function rand(...args: unknown[]): Tensor {
  const { values } = specs.rand.parse(given(args))
  return drawn('rand', values, values[0] as number[], float32, uniform(0, 1))
}

/** Normal numbers with mean 0 and variance 1. */
export function randn(size: Size, ...rest: Rest): Tensor
export function randn(...args: unknown[]): Tensor {
  const { values } = specs.randn.parse(given(args))
  return drawn('randn', values, values[0] as number[], float32, normal(0, 1))
}

/** Integers in [low, high): `torch.randint(high, size)` or `torch.randint(low, high, size)`. @throws RuntimeError */
export function randint(high: number | bigint, size: readonly number[], options?: RandomFactory): Tensor
export function randint(
  low: number | bigint,
  high: number | bigint,
  size: readonly number[],
  options?: RandomFactory,
): Tensor
export function randint(...args: unknown[]): Tensor {
  const { overload, values } = specs.randint.parse(given(args))
  const [low, high, size] = (overload < 2 ? [0, ...values] : values) as [number, number, number[]]
  return drawn('randint', values, size, int64, integers(low, high))
}

/** The integers from 0 to below `n` in random order. */
export function randperm(n: number, options?: RandomFactory): Tensor
export function randperm(...args: unknown[]): Tensor {
  const { values } = specs.randperm.parse(given(args))
  const n = Number(values[0])
  return drawn('randperm', values, [n], int64, permutation(n))
}

/** Uniform numbers in the shape, dtype and layout of `input`. */
export function rand_like(input: Tensor, options?: RandomFactory): Tensor
export function rand_like(...args: unknown[]): Tensor {
  return drawnLike(specs.rand_like.parse(given(args)).values, uniform(0, 1))
}

export function randn_like(input: Tensor, options?: RandomFactory): Tensor
export function randn_like(...args: unknown[]): Tensor {
  return drawnLike(specs.randn_like.parse(given(args)).values, normal(0, 1))
}

export function randint_like(input: Tensor, high: number | bigint, options?: RandomFactory): Tensor
export function randint_like(
  input: Tensor,
  low: number | bigint,
  high: number | bigint,
  options?: RandomFactory,
): Tensor
export function randint_like(...args: unknown[]): Tensor {
  const { overload, values } = specs.randint_like.parse(given(args))
  const [low, high] = (overload < 2 ? values.slice(1) : [0, values[1]]) as [number, number]
  return drawnLike(values, integers(low, high))
}

/** Seeds the stream that draws come from, and returns its generator. */
export function manual_seed(seed: number | bigint): Generator {
  return default_generator.manual_seed(seed)
}

/** The seed of that stream. */
export function initial_seed(): number | bigint {
  return default_generator.initial_seed()
}

/** Seeds that stream from nobody's choosing. */
export function seed(): number | bigint {
  return default_generator.seed()
}
