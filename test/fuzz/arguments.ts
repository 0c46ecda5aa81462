// Arguments of every kind, as descriptions: a scope builds the real ones, so that what fast-check shrinks and prints is
// plain data.
import fc from 'fast-check'
import { type NDArray, np, scope, type Tensor, torch } from '../../src/index'

export interface TensorPlan {
  tensor: {
    shape: number[]
    dtype: 'float32' | 'float64' | 'int64' | 'int32' | 'bool'
    /** How it comes by its strides. */
    layout: 'plain' | 'transposed' | 'stepped' | 'expanded' | 'offset'
    grad: 'none' | 'leaf' | 'result' | 'filled'
    disposed: boolean
  }
}

export interface ArrayPlan {
  ndarray: {
    of: TensorPlan['tensor']
    view: 'none' | 'backwards' | 'read-only' | 'broadcast'
  }
}

/** Where a function is expected; `throw` is what user code does. */
type FunctionPlan = { callback: 'nothing' | 'throw' | 'tensor' | 'argument' | 'nested' }

export type Plan =
  | TensorPlan
  | FunctionPlan
  | { node: TensorPlan; released: boolean }
  | ArrayPlan
  | { value: unknown }
  | { array: Plan[] }
  | { options: [string, Plan][] }
  | { name: string }

/** What a user's own function throws: it passes through the library. */
export class UserError extends Error {}

const shape: fc.Arbitrary<number[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<number[]>([], [2], [2, 3], [3, 3]) },
  { weight: 3, arbitrary: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }) },
)

export const tensorPlan: fc.Arbitrary<TensorPlan> = fc.record({
  tensor: fc.record({
    shape,
    dtype: fc.constantFrom('float32', 'float64', 'int64', 'int32', 'bool'),
    layout: fc.constantFrom('plain', 'plain', 'transposed', 'stepped', 'expanded', 'offset'),
    grad: fc.constantFrom('none', 'leaf', 'result', 'filled'),
    disposed: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  }),
})

export const arrayPlan: fc.Arbitrary<ArrayPlan> = fc.record({
  ndarray: fc.record({
    of: tensorPlan.map(({ tensor }) => tensor),
    view: fc.constantFrom('none', 'none', 'backwards', 'read-only', 'broadcast'),
  }),
})

// No size between a few thousand and 2^31: what fits would be allocated and filled, and the fuzz is to stay quick.
const ODD_NUMBERS = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
  0.5,
  -1.5,
  2 ** 31,
  -(2 ** 31),
  2 ** 32,
  2 ** 32 + 1,
  2 ** 53,
  2 ** 63,
  2 ** 64,
  -(2 ** 63),
  1e308,
  5e-324,
]
const number = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -4, max: 5 }) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD_NUMBERS) },
  { weight: 1, arbitrary: fc.double({ min: -10, max: 10, noNaN: true }) },
)
const bigint = fc.constantFrom(
  0n,
  1n,
  -1n,
  3n,
  2n ** 31n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  2n ** 63n,
  -(2n ** 63n),
  10n ** 40n,
)
const text = fc.constantFrom(
  '',
  'a',
  '1',
  '1:3',
  '::2',
  ':',
  '...',
  '::0',
  '::-1',
  '1:2:3:4',
  'weak',
  'fresh',
  'float32',
  '%s',
  'é\n',
)
const odd = fc.constantFrom<unknown>(
  null,
  undefined,
  true,
  false,
  Symbol('s'),
  Symbol.iterator,
  Object.create(null),
  new Date(0),
  /re/,
  new Map([[1, 2]]),
  new Set([1]),
  new Float32Array([1, 2]),
  new Uint8Array(3),
  new DataView(new ArrayBuffer(8)),
  new Error('e'),
  torch.float32,
  torch.float64,
  torch.int64,
  torch.int32,
  torch.bool,
  torch,
  np,
  np.float32,
  np.bool,
  np.float32(1.5),
  np.int64(2),
)

const plainValue = fc.record({ value: fc.oneof(number, bigint, text, odd) })
const callback = fc.record({
  callback: fc.constantFrom<FunctionPlan['callback']>('nothing', 'throw', 'tensor', 'argument', 'nested'),
})

const KEYS = [
  'dim',
  'axis',
  'keepdim',
  'dtype',
  'requires_grad',
  'alpha',
  'size',
  'other',
  'input',
  'out',
  'gradient',
  'grad_outputs',
  'retain_graph',
  'create_graph',
  'inputs',
  'allow_unused',
  'materialize_grads',
  'sep',
  'end',
  'precision',
  'linewidth',
  'profile',
  'edgeitems',
  'sci_mode',
  'threshold',
  'bogus',
  'constructor',
  '__proto__',
  'toString',
  'keepdims',
  'where',
  'casting',
  'ddof',
  'copy',
  'order',
  'k',
  'num',
  'endpoint',
  'write',
  'rtol',
  'equal_nan',
]

const leaf: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 5, arbitrary: tensorPlan },
  { weight: 2, arbitrary: arrayPlan },
  { weight: 6, arbitrary: plainValue },
  { weight: 1, arbitrary: callback },
  { weight: 1, arbitrary: fc.record({ node: tensorPlan, released: fc.boolean() }) },
)

export const plan: fc.Arbitrary<Plan> = fc.oneof(
  { weight: 10, arbitrary: leaf },
  { weight: 2, arbitrary: fc.record({ array: fc.array(fc.record({ value: number }), { maxLength: 5 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      array: fc.array(fc.oneof(leaf, fc.record({ array: fc.array(leaf, { maxLength: 3 }) })), { maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ options: fc.array(fc.tuple(fc.constantFrom(...KEYS), leaf), { maxLength: 3 }) }),
  },
)

export function buildTensor({ tensor: { shape, dtype, layout, grad, disposed } }: TensorPlan): Tensor {
  const numel = shape.reduce((a, b) => a * b, 1)
  const type = torch[dtype]
  const base = torch.arange(numel, { dtype: torch.float64 }).mul(0.25).add(0.5).to(type)
  let x: Tensor
  if (layout === 'transposed' && shape.length > 1) {
    x = base.reshape([...shape].reverse()).permute(shape.map((_, i) => shape.length - 1 - i))
  } else if (layout === 'stepped' && shape.length) {
    x = torch.zeros([...shape.slice(0, -1), shape.at(-1)! * 2], { dtype: type }).narrow(-1, 0, shape.at(-1)!)
  } else if (layout === 'expanded') {
    x = torch.full([], 1, { dtype: type }).expand(shape)
  } else if (layout === 'offset') {
    x = torch
      .zeros([numel + 3], { dtype: type })
      .narrow(0, 3, numel)
      .view(shape)
  } else x = base.reshape(shape)
  if (type.is_floating_point && grad !== 'none') {
    x = x.detach().requires_grad_()
    if (grad === 'result') x = x.mul(1)
    else if (grad === 'filled') x.grad = torch.ones_like(x)
  }
  if (disposed) x.dispose()
  return x
}

export function buildArray({ ndarray: { of, view } }: ArrayPlan): NDArray {
  const { disposed } = of
  const x = buildTensor({ tensor: { ...of, grad: 'none', disposed: false } }).numpy()
  let a = x
  if (view === 'backwards' && x.ndim) a = x.at('::-1')
  else if (view === 'broadcast') a = np.broadcast_to(x, [2, ...x.shape])
  else if (view === 'read-only') a.flags.writeable = false
  if (disposed) a.dispose()
  return a
}

const CALLBACKS: Record<FunctionPlan['callback'], (...args: unknown[]) => unknown> = {
  nothing: () => undefined,
  throw: () => {
    throw new UserError('thrown by a callback')
  },
  tensor: () => torch.ones([2]),
  argument: (argument) => argument,
  nested: () => scope((f) => (f.x = torch.ones([2], { requires_grad: true }).mul(2).grad_fn)),
}

/** The argument that a plan describes. */
export function build(plan: Plan): unknown {
  if ('tensor' in plan) return buildTensor(plan)
  if ('ndarray' in plan) return buildArray(plan)
  if ('callback' in plan) return CALLBACKS[plan.callback]
  if ('array' in plan) return plan.array.map(build)
  if ('options' in plan) return Object.fromEntries(plan.options.map(([key, value]) => [key, build(value)]))
  if ('node' in plan) {
    const root = buildTensor({ tensor: { ...plan.node.tensor, dtype: 'float32', grad: 'result', disposed: false } })
    const node = root.exp().grad_fn
    if (plan.released) node.dispose()
    return node
  }
  return 'value' in plan ? plan.value : plan.name
}
