// Every differentiable op over the kinds of input that formulas get wrong: broadcast, strided, expanded, 0-dim, empty.
import { Op } from '../../assembly/abi'
import { type Tensor, torch } from '../../src/index'

export interface Case {
  name: string
  op: Op
  fn: (...inputs: Tensor[]) => Tensor
  inputs: () => Tensor[]
}

/** Numbers between 0.3 and 1.8 without a pattern, of both signs unless `positive`: away from every kink. */
function values(count: number, positive: boolean, seed: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const wave = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453
    const unit = wave - Math.floor(wave)
    const size = 0.3 + 1.5 * unit
    return positive || i % 3 !== 1 ? size : -size
  })
}

type Layout = 'contiguous' | 'transposed' | 'stepped' | 'expanded'

/** A double leaf. */
export function leaf(shape: readonly number[], layout: Layout = 'contiguous', positive = false, seed = 1): Tensor {
  const make = (size: readonly number[]) =>
    torch
      .tensor(values(product(size), positive, seed), { dtype: torch.float64 })
      .reshape(size)
      .clone()
  return laidOut(shape, layout, make).requires_grad_()
}

function laidOut(shape: readonly number[], layout: Layout, make: (size: readonly number[]) => Tensor): Tensor {
  const last = shape.length - 1
  switch (layout) {
    case 'contiguous':
      return make(shape)
    case 'transposed':
      return make([...shape].reverse()).permute(shape.map((_, d) => last - d))
    case 'stepped':
      return make([...shape.slice(0, last), 2 * shape[last]]).at('...', '::2')
    case 'expanded':
      return make([1, ...shape.slice(1)])
        .expand(shape)
        .clone()
  }
}

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1)
const POSITIVE = true

const UNARY: [Op, name: string, domain?: boolean][] = [
  [Op.Neg, 'neg'],
  [Op.Reciprocal, 'reciprocal'],
  [Op.Abs, 'abs'],
  [Op.Exp, 'exp'],
  [Op.Log, 'log', POSITIVE],
  [Op.Sqrt, 'sqrt', POSITIVE],
  [Op.Sin, 'sin'],
  [Op.Cos, 'cos'],
  [Op.Tanh, 'tanh'],
  [Op.Sigmoid, 'sigmoid'],
  [Op.Relu, 'relu'],
  [Op.Sgn, 'sgn'],
  [Op.Pow, 'square'],
]

const SHAPES: [shape: number[], layout: Layout][] = [
  [[2, 3], 'contiguous'],
  [[2, 3], 'transposed'],
  [[2, 3], 'stepped'],
  [[2, 3], 'expanded'],
  [[], 'contiguous'],
  [[1], 'contiguous'],
  [[0, 3], 'contiguous'],
]

type UnaryMethod = 'neg' | 'neg_'

function unaryCases(): Case[] {
  return UNARY.flatMap(([op, method, positive]) =>
    SHAPES.flatMap(([shape, layout]) => {
      const inputs = () => [leaf(shape, layout, positive)]
      const on = `${layout} [${shape}]`
      return [
        { op, name: `${method} ${on}`, fn: (x: Tensor) => x[method as UnaryMethod](), inputs },
        { op, name: `${method}_ ${on}`, fn: (x: Tensor) => x.clone()[`${method}_` as UnaryMethod](), inputs },
      ]
    }),
  )
}

type Two = (x: Tensor, y: Tensor) => Tensor
const BINARY: [Op, name: string, fn: Two, inplace?: Two][] = [
  [Op.Add, 'add', (x, y) => x.add(y), (x, y) => x.add_(y)],
  [Op.Add, 'add alpha', (x, y) => x.add(y, { alpha: -2.5 }), (x, y) => x.add_(y, { alpha: -2.5 })],
  [Op.Sub, 'sub', (x, y) => x.sub(y), (x, y) => x.sub_(y)],
  [Op.Sub, 'sub alpha', (x, y) => x.sub(y, { alpha: 3 }), (x, y) => x.sub_(y, { alpha: 3 })],
  [Op.Rsub, 'rsub', (x, y) => torch.rsub(x, y)],
  [Op.Rsub, 'rsub alpha', (x, y) => torch.rsub(x, y, { alpha: 2 })],
  [Op.Mul, 'mul', (x, y) => x.mul(y), (x, y) => x.mul_(y)],
  [Op.Div, 'div', (x, y) => x.div(y), (x, y) => x.div_(y)],
  [Op.Pow, 'pow', (x, y) => x.pow(y), (x, y) => x.pow_(y)],
  [Op.Where, 'where', (x, y) => torch.where(x.detach().sub(y.detach()).gt(0), x, y)],
  [Op.Copy, 'copy', (x, y) => x.mul(2).copy_(y), (x, y) => x.copy_(y)],
]

const PAIRS: [x: number[], y: number[], xLayout?: Layout, yLayout?: Layout][] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [2, 3], 'transposed', 'stepped'],
  [[2, 3], [3]],
  [[2, 3], [2, 1], 'stepped'],
  [[2, 3], [], 'expanded'],
  [
    [2, 3],
    [1, 1],
  ],
  [[], []],
  [[0, 3], [3]],
  [[0, 3], []],
  [
    [0, 1],
    [1, 3],
  ],
  [
    [2, 1],
    [1, 3],
  ],
  [[3], [2, 3], 'stepped', 'transposed'],
  [[], [2, 3], 'contiguous', 'transposed'],
]

function broadcasts(x: readonly number[], y: readonly number[]): boolean {
  return x.length >= y.length && y.every((n, d) => n === 1 || n === x[x.length - y.length + d])
}

function binaryCases(): Case[] {
  return BINARY.flatMap(([op, name, fn, inplace]) =>
    PAIRS.flatMap(([x, y, xLayout, yLayout]) => {
      const inputs = () => [leaf(x, xLayout, op === Op.Pow), leaf(y, yLayout, false, 2)]
      const on = `[${x}]${xLayout?.[0] ?? ''} [${y}]${yLayout?.[0] ?? ''}`
      const writes = broadcasts(x, y)
      const cases = op === Op.Copy && !writes ? [] : [{ op, name: `${name} ${on}`, fn: fn as Case['fn'], inputs }]
      if (inplace && writes) {
        cases.push({ op, name: `${name}_ ${on}`, fn: (a, b) => inplace(a.clone(), b), inputs })
      }
      return cases
    }),
  )
}

type Row = [Op, name: string, fn: Case['fn'], ...inputs: (readonly number[])[]]

/** Over contiguous and strided inputs of the given shapes. */
const ROWS: Row[] = [
  [Op.Add, 'add number', (x) => x.add(2, { alpha: 3 }), [2, 3]],
  [Op.Add, 'reflected', (x) => torch.add(2, x), []],
  [Op.Sub, 'reflected', (x) => torch.sub(2, x), [2]],
  [Op.Rsub, 'rsub number', (x) => torch.rsub(x, 2, { alpha: 3 }), [2]],
  [Op.Mul, 'mul number', (x) => x.mul(-2.5), [2, 3]],
  [Op.Mul, 'mul itself', (x) => x.mul(x), [2, 3]],
  [Op.Div, 'div number', (x) => x.div(-2.5), [2, 3]],
  [Op.Div, 'reflected', (x) => torch.div(2, x), [2, 3]],
  [Op.Div, 'div itself', (x) => x.div(x), [3]],
  [Op.Pow, 'pow 0', (x) => x.pow(0), [2]],
  [Op.Pow, 'pow 1', (x) => x.pow(1), [2]],
  [Op.Pow, 'pow 3', (x) => x.pow(3), [2]],
  [Op.Pow, 'pow -2', (x) => x.pow(-2), [2]],
  [Op.Pow, 'pow 2.5', (x) => x.abs().pow(2.5), [2]],
  [Op.Pow, 'pow_ 3', (x) => x.clone().pow_(3), [2]],
  [Op.Pow, 'number pow', (x) => torch.pow(2.5, x), [2, 3]],
  [Op.Pow, 'number pow tensor of an integer base', (x) => torch.pow(2, x), []],
  [Op.Where, 'where number', (x) => torch.where(x.gt(0), x, 2.5), [2, 3]],
  [Op.Where, 'where number', (x) => torch.where(x.gt(0), 2.5, x), [2, 3]],
  [Op.Where, 'where broadcast condition', (x) => x.where(torch.tensor([[true], [false]]), x.mul(3)), [3]],
  [Op.Sum, 'sum', (x) => x.sum(), [2, 3]],
  [Op.Sum, 'sum', (x) => x.sum(), []],
  [Op.Sum, 'sum', (x) => x.sum(), [0, 3]],
  [Op.Sum, 'sum 0', (x) => x.sum(0), [2, 3]],
  [Op.Sum, 'sum -1 keepdim', (x) => x.sum(-1, true), [2, 3]],
  [Op.Sum, 'sum (0, 2)', (x) => x.sum([0, 2]), [2, 3, 2]],
  [Op.Sum, 'sum (0, 2) keepdim', (x) => x.sum([0, 2], true), [2, 3, 2]],
  [Op.Sum, 'sum of none', (x) => x.sum(0), [0, 3]],
  [Op.Sum, 'sum to none', (x) => x.sum(1), [0, 3]],
  [Op.Sum, 'sum squared', (x) => x.mul(x).sum(0), [2, 3]],
  [Op.Mean, 'mean', (x) => x.mean(), [2, 3]],
  [Op.Mean, 'mean', (x) => x.mean(), []],
  [Op.Mean, 'mean 1', (x) => x.mean(1), [2, 3]],
  [Op.Mean, 'mean (0, 1) keepdim', (x) => x.mean([0, 1], true), [2, 3]],
  [Op.Mean, 'mean to none', (x) => x.mean(1), [0, 3]],
  [Op.Mean, 'mean squared', (x) => x.mul(x).mean(-1), [2, 3]],
  [Op.View, 'view', (x) => x.contiguous().view(3, 2), [2, 3]],
  [Op.View, 'view of none', (x) => x.view(3, 0), [0, 3]],
  [Op.View, 'view_as', (x) => x.contiguous().view_as(torch.ones(6)), [2, 3]],
  [Op.Reshape, 'reshape', (x) => x.reshape(3, -1), [2, 3]],
  [Op.Reshape, 'reshape []', (x) => x.reshape([]), [1, 1]],
  [Op.Reshape, 'flatten', (x) => x.flatten(), [2, 3]],
  [Op.Reshape, 'flatten', (x) => x.flatten(), []],
  [Op.Permute, 'permute', (x) => x.permute(2, 0, 1), [2, 3, 1]],
  [Op.Permute, 'T', (x) => x.T, [2, 3]],
  [Op.Transpose, 'transpose', (x) => x.transpose(0, -1), [2, 3]],
  [Op.Transpose, 'transpose_', (x) => x.clone().transpose_(0, 1), [2, 3]],
  [Op.T, 't', (x) => x.t(), [2, 3]],
  [Op.T, 't of a vector', (x) => x.t(), [3]],
  [Op.T, 't_', (x) => x.clone().t_().mul(2), [2, 3]],
  [Op.Select, 'select', (x) => x.select(1, -1), [2, 3]],
  [Op.Select, 'at', (x) => x.at(1, 2), [2, 3]],
  [Op.Slice, 'at', (x) => x.at('...', '1:'), [2, 3]],
  [Op.Slice, 'at step', (x) => x.at('::2', null, '1:3'), [3, 3]],
  [Op.Slice, 'narrow', (x) => x.narrow(1, 1, 2), [2, 3]],
  [Op.Slice, 'narrow to none', (x) => x.narrow(1, 1, 0), [2, 3]],
  [Op.Unsqueeze, 'unsqueeze', (x) => x.unsqueeze(1), [2, 3]],
  [Op.Unsqueeze, 'unsqueeze', (x) => x.unsqueeze(0), []],
  [Op.Unsqueeze, 'unsqueeze_', (x) => x.clone().unsqueeze_(-1), [2]],
  [Op.Squeeze, 'squeeze', (x) => x.squeeze(), [1, 3, 1]],
  [Op.Squeeze, 'squeeze 0', (x) => x.squeeze(0), [1, 3]],
  [Op.Squeeze, 'squeeze of 3', (x) => x.squeeze(1), [1, 3]],
  [Op.Squeeze, 'squeeze (0, 2)', (x) => x.squeeze([0, 2]), [1, 3, 1]],
  [Op.Squeeze, 'squeeze_', (x) => x.clone().squeeze_(0), [1, 3]],
  [Op.Expand, 'expand', (x) => x.expand(2, 4, 3), [1, 3]],
  [Op.Expand, 'expand', (x) => x.expand(2, -1), [3]],
  [Op.Expand, 'expand', (x) => x.expand(2, 2), []],
  [Op.Expand, 'expand to none', (x) => x.expand(0, 3), [1, 3]],
  [Op.Expand, 'expand_as', (x) => x.expand_as(torch.ones(2, 3)), [3]],
  [Op.AsStrided, 'as_strided', (x) => x.clone().as_strided([2, 2], [1, 2], 1), [2, 3]],
  [Op.AsStrided, 'as_strided overlapping', (x) => x.clone().as_strided([2, 3], [1, 1]), [2, 3]],
  [Op.AsStrided, 'as_strided stride 0', (x) => x.clone().as_strided([2, 2], [0, 1]), [2, 3]],
  [Op.Alias, 'at ...', (x) => x.at('...'), [2, 3]],
  [Op.UnsafeView, 'matmul of batch and matrix', (x, y) => x.matmul(y), [2, 2, 3], [3, 2]],
  [Op.Unbind, 'unbind', (x) => x.unbind()[1], [2, 3]],
  [Op.Unbind, 'unbind -1', (x) => x.unbind(-1)[0].mul(x.unbind(-1)[2]), [2, 3]],
  [Op.Unbind, 'unbind to none', (x) => x.unbind(1)[0], [0, 3]],
  [Op.Split, 'split', (x) => x.split(2, 1)[1], [2, 3]],
  [Op.Split, 'chunk', (x) => multiplied(x.chunk(3, -1)), [2, 3]],
  [Op.SplitWithSizes, 'split', (x) => multiplied(x.split([1, 0, 2], 1).slice(0, 3)), [2, 3]],
  [Op.UnsafeSplit, 'unsafe_split', (x) => multiplied(x.unsafe_split(1, 1)), [2, 3]],
  [Op.UnsafeSplitWithSizes, 'unsafe_split_with_sizes', (x) => multiplied(x.unsafe_split_with_sizes([2, 1], 1)), [2, 3]],
  [Op.Slice, 'tensor_split', (x) => multiplied(x.tensor_split([1, 2], 1)), [2, 3]],
  [Op.Cat, 'cat', (x, y) => torch.cat([x, y, x], -1), [2, 3], [2, 1]],
  [Op.Cat, 'cat of none', (x, y) => torch.cat([x, y]), [0, 3], [2, 3]],
  [Op.Stack, 'stack', (x, y) => torch.stack([x, y.mul(x)], 1), [2, 3], [2, 3]],
  [Op.Stack, 'stack', (x, y) => torch.stack([x, y], -1), [], []],
  [Op.Mm, 'mm', (x, y) => x.mm(y), [2, 3], [3, 2]],
  [Op.Mm, 'mm with itself', (x) => x.mm(x.t()), [2, 3]],
  [Op.Mm, 'mm of none', (x, y) => x.mm(y), [0, 3], [3, 2]],
  [Op.Mm, 'mm over none', (x, y) => x.mm(y), [2, 0], [0, 3]],
  [Op.Mv, 'mv', (x, y) => x.mv(y), [2, 3], [3]],
  [Op.Mv, 'mv over none', (x, y) => x.mv(y), [2, 0], [0]],
  [Op.Dot, 'dot', (x, y) => x.dot(y), [3], [3]],
  [Op.Dot, 'dot with itself', (x) => x.dot(x), [3]],
  [Op.Dot, 'dot of none', (x, y) => x.dot(y), [0], [0]],
  [Op.Bmm, 'bmm', (x, y) => x.bmm(y), [2, 2, 3], [2, 3, 2]],
  [Op.Bmm, 'bmm of none', (x, y) => x.bmm(y), [0, 2, 3], [0, 3, 2]],
  [Op.Matmul, 'matmul 1 1', (x, y) => x.matmul(y), [3], [3]],
  [Op.Matmul, 'matmul 2 1', (x, y) => x.matmul(y), [2, 3], [3]],
  [Op.Matmul, 'matmul 1 2', (x, y) => x.matmul(y), [3], [3, 2]],
  [Op.Matmul, 'matmul 1 3', (x, y) => x.matmul(y), [3], [2, 3, 2]],
  [Op.Matmul, 'matmul 3 1', (x, y) => x.matmul(y), [2, 2, 3], [3]],
  [Op.Matmul, 'matmul 2 3', (x, y) => x.matmul(y), [2, 3], [2, 3, 2]],
  [Op.Matmul, 'matmul broadcast', (x, y) => x.matmul(y), [2, 1, 2, 2], [2, 2, 1]],
  [Op.Matmul, 'matmul of none', (x, y) => x.matmul(y), [2, 0, 3], [3, 2]],
  [Op.Clone, 'clone', (x) => x.clone(), [2, 3]],
  [Op.Contiguous, 'contiguous', (x) => x.transpose(0, 1).contiguous(), [2, 3]],
  [Op.To, 'double of float', (x) => x.double(), [2, 3]],
  [Op.Copy, 'copy_ broadcast', (x, y) => x.clone().copy_(y), [2, 3], [3]],
  [Op.Copy, 'set_at_', (x, y) => x.clone().set_at_([0, '1:'], y), [2, 3], [2]],
  [Op.Fill, 'fill_', (x, y) => x.clone().fill_(y), [2, 3], []],
  [Op.Fill, 'fill_ number', (x) => x.clone().fill_(2), [2, 3]],
  [Op.Zero, 'zero_', (x) => x.clone().zero_(), [2, 3]],
  // In place on a view: the base's history goes through CopySlices.
  [Op.Mul, 'mul_ on a select', (x, y) => afterwards(x.clone(), (h) => h.select(0, 1).mul_(y)), [2, 3], [3]],
  [Op.Add, 'add_ on a slice', (x, y) => afterwards(x.clone(), (h) => h.at('...', '::2').add_(y)), [2, 3], [2, 2]],
  [Op.Sin, 'sin_ on a transpose', (x) => afterwards(x.clone(), (h) => h.t().select(0, 1).sin_()), [2, 3]],
  [
    Op.Zero,
    'zero_ on a view',
    (x) => afterwards(x.contiguous().clone(), (h) => h.view(6).narrow(0, 2, 2).zero_()),
    [2, 3],
  ],
  [Op.Exp, 'exp_ on a view, read through it', (x) => x.contiguous().clone().view(6).narrow(0, 1, 3).exp_(), [2, 3]],
]

/** The product of all pieces' sums and squares: every piece has a gradient of its own. */
function multiplied(pieces: readonly Tensor[]): Tensor {
  return pieces.map((piece) => piece.mul(piece).sum().add(1)).reduce((a, b) => a.mul(b))
}

/** What `h` is after it was written. */
function afterwards(h: Tensor, write: (h: Tensor) => unknown): Tensor {
  write(h)
  return h
}

function rowCases(): Case[] {
  return ROWS.flatMap(([op, name, fn, ...shapes]) => {
    const layouts: Layout[] = shapes.some((shape) => shape.length > 0) ? ['contiguous', 'stepped'] : ['contiguous']
    if (shapes.some((shape) => shape.length > 1)) layouts.push('transposed')
    return layouts.map((layout) => ({
      op,
      name: `${name} ${shapes.map((shape) => `[${shape}]`).join(' ')} ${layout}`,
      fn,
      inputs: () => shapes.map((shape, i) => leaf(shape, shape.length ? layout : 'contiguous', false, i + 1)),
    }))
  })
}

/** The first derivative as a function, so that checking its gradients reaches the third. */
function thirdOrderCases(): Case[] {
  const smooth: [Op, string, Case['fn'], number][] = [
    ...UNARY.map(([op, name]): [Op, string, Case['fn'], number] => [op, name, (x) => x[name as UnaryMethod](), 1]),
    [Op.Mul, 'mul', (x, y) => x.mul(y), 2],
    [Op.Div, 'div', (x, y) => x.div(y), 2],
    [Op.Pow, 'pow', (x, y) => x.pow(y), 2],
    [Op.Pow, 'pow 3', (x) => x.pow(3), 1],
    [Op.Pow, 'number pow', (x) => torch.pow(2.5, x), 1],
    [Op.Mm, 'mm', (x, y) => x.mm(y.t()), 2],
    [Op.Mean, 'mean', (x) => x.mul(x).mul(x).mean(0), 1],
  ]
  const backward: Record<string, Op> = {
    tanh: Op.TanhBackward,
    sigmoid: Op.SigmoidBackward,
    relu: Op.ThresholdBackward,
  }
  return smooth.map(([op, name, fn, count]) => ({
    op: backward[name] ?? op,
    name: `${name}, third order`,
    fn: (...inputs) => {
      const y = fn(...inputs)
      const [g] = torch.autograd.grad(y, inputs, torch.ones(y.shape, { dtype: y.dtype }), { create_graph: true })
      return g!.add(inputs[0].mul(0))
    },
    inputs: () => Array.from({ length: count }, (_, i) => leaf([2, 2], 'contiguous', POSITIVE, i + 1)),
  }))
}

export const CASES: readonly Case[] = [...unaryCases(), ...binaryCases(), ...rowCases(), ...thirdOrderCases()]

/** Without a derivative. */
export const NOT_DIFFERENTIABLE: readonly Op[] = [
  Op.Eq,
  Op.Ne,
  Op.Lt,
  Op.Le,
  Op.Gt,
  Op.Ge,
  Op.LogicalAnd,
  Op.Drawn,
  Op.Detach,
]
