// The fixture's calls in this library's words.
import { RuntimeError, type Tensor, torch } from '../../src/index'

const { Function: AutogradFunction, functional } = torch.autograd
type Ctx = Parameters<typeof AutogradFunction.forward>[0]
const { jacobian, hessian, vjp, jvp, vhp, hvp } = functional
const { gradcheck, gradgradcheck } = torch.autograd
const { get_numerical_jacobian, get_analytical_jacobian } = gradcheck
const dtype = torch.float64

/** Says that the derivative is one more than it is. */
export class TimesWrong extends AutogradFunction {
  static override forward(ctx: Ctx, x: Tensor, factor: Tensor | number): Tensor {
    ctx.factor = factor
    return x.mul(factor)
  }
  static override backward(ctx: Ctx, g: Tensor): (Tensor | null)[] {
    return [g.mul(torch.add(ctx.factor as number, torch.ones([], { dtype }))), null]
  }
}

/** Ignores the gradient of its output. */
export class Ignores extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x.mul(1)
  }
  static override backward(_: Ctx, g: Tensor): Tensor {
    return g.mul(0).add(1)
  }
}

/** Adds a little to the gradient of its output. */
export class Nearly extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x.mul(1)
  }
  static override backward(_: Ctx, g: Tensor): Tensor {
    return g.add(1e-9)
  }
}

/** Every backward gives a little more. */
export class Drifts extends AutogradFunction {
  static runs = 0
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x.mul(1)
  }
  static override backward(_: Ctx, g: Tensor): Tensor {
    Drifts.runs++
    return g.mul(1 + 1e-9 * Drifts.runs)
  }
}

type Map1 = (x: Tensor) => Tensor

/** Answers in another way every time. */
function flips(...answers: Map1[]): Map1 {
  let calls = 0
  return (x) => answers[++calls % answers.length](x)
}

function refusesUndefined(x: Tensor): Tensor {
  const y = x.clone()
  y.register_hook((g) => {
    if (g === null) throw new RuntimeError('x is undefined')
    return null
  })
  return y
}

function double(shape: number[], start = 1): Tensor {
  const count = shape.reduce((a, b) => a * b, 1)
  return torch.arange(count, { dtype }).mul(0.5).add(start).reshape(shape).requires_grad_()
}

export interface Inputs {
  x: Tensor
  y: Tensor
  m: Tensor
  plain: Tensor
  single: Tensor
  zero: Tensor
  none: Tensor
  s: Tensor
  one: Tensor
}

export const inputs = (): Inputs => ({
  x: double([2]),
  y: double([2], -1),
  m: double([2, 3], -1.25),
  plain: double([2]).detach(),
  single: double([2]).detach().float().requires_grad_(),
  zero: torch.zeros(2, { dtype, requires_grad: true }),
  none: torch.zeros([0, 3], { dtype, requires_grad: true }),
  s: torch.tensor(1.5, { dtype, requires_grad: true }),
  one: torch.full([1], 1, { dtype, requires_grad: true }),
})

const same = (x: Tensor) => x
const twice = (x: Tensor) => x.mul(2)
const squared = (x: Tensor) => x.mul(x)
const times = (x: Tensor, y: Tensor) => x.mul(y)
const wrong = (x: Tensor) => TimesWrong.apply(x, 2)
const ignores = (x: Tensor) => Ignores.apply(x)
const drifts = (x: Tensor) => Drifts.apply(x)
const mixed = ([x, y]: readonly Tensor[]) => [x.mul(2).add(y), x.add(y.mul(2))]
const byDtype = () =>
  flips(
    (x) => x.mul(1),
    (x) => x.float(),
  )
/** Calls that the types forbid. */
const loose = gradcheck as (...args: unknown[]) => boolean
const looseAgain = gradgradcheck as (...args: unknown[]) => boolean

type Program = (inputs: Inputs) => unknown

export const CHECKS: Record<string, Program> = {
  passes: ({ x, y }) => gradcheck(times, [x, y]),
  'passes fast': ({ x, y }) => gradcheck(times, [x, y], { fast_mode: true }),
  'passes again': ({ x, y }) => gradgradcheck(times, [x, y]),
  'passes again fast': ({ x, y }) => gradgradcheck(times, [x, y], { fast_mode: true }),
  'an array of inputs': ({ x }) => gradcheck((x, n) => x.mul(n), [x, 3]),
  'several outputs': ({ x }) => gradcheck((x) => [x.mul(2), x.sum()], x),
  'an array of outputs': ({ x }) => gradcheck((x) => [x.mul(2), x.sum()], x),
  'the input itself': ({ x }) => gradcheck(same, x),
  'a view of the input': ({ m }) => gradcheck((m) => m.t(), m),
  'no elements': ({ none }) => gradcheck(twice, none),
  'no elements fast': ({ none }) => gradcheck(twice, none, { fast_mode: true }),
  'no outputs': ({ x }) => gradcheck(() => [], x),
  'no outputs fast': ({ x }) => gradcheck(() => [], x, { fast_mode: true }),
  'inputs without grad': ({ plain }) => gradcheck(same, plain),
  'inputs without tensors': () => loose(same, 3),
  'a stride of 0': ({ x, one }) => gradcheck(times, [x, one.expand(2)]),
  'a stride of 0 over one element': ({ one }) => gradcheck(twice, one.expand(1)),
  'single precision': ({ x, single }) => gradcheck(times, [x, single]),
  'single precision, coarse': ({ single }) => gradcheck(squared, single, { eps: 1e-2, atol: 1e-2 }),
  mismatch: ({ m }) => gradcheck(wrong, m),
  'mismatch fast': ({ x }) => gradcheck(wrong, x, { fast_mode: true }),
  'mismatch fast, small': ({ x }) => {
    const large = (x: Tensor) => TimesWrong.apply(x, torch.tensor([1000, -1000], { dtype }))
    return gradcheck(large, x, { fast_mode: true, rtol: 1.5e-3 })
  },
  'mismatch of the second output': ({ x, y }) => gradcheck((x, y) => [x.add(y), wrong(y)], [x, y]),
  'mismatch, not raised': ({ m }) => gradcheck(wrong, m, { raise_exception: false }),
  'inputs without grad, not raised': ({ plain }) => gradcheck(same, plain, { raise_exception: false }),
  'relu at 0': ({ zero }) => gradcheck((x) => x.relu(), zero),
  'relu at 0 fast': ({ zero }) => gradcheck((x) => x.relu(), zero, { fast_mode: true }),
  'relu at 0, small': ({ zero }) => gradcheck((x) => x.relu().mul(1e-4), zero, { fast_mode: true }),
  'abs at 0': ({ zero }) => gradcheck((x) => x.abs(), zero),
  'not a number': ({ x }) => gradcheck((x) => x.mul(Number.NaN), x),
  'backward ignores its gradient': ({ one }) => gradcheck(ignores, one),
  'backward ignores its gradient, 2 elements': ({ x }) => gradcheck(ignores, x),
  'not reentrant': ({ x }) => gradcheck(drifts, x),
  'not reentrant fast': ({ x }) => gradcheck(drifts, x, { fast_mode: true }),
  'not reentrant by little': ({ x }) => gradcheck(drifts, x, { nondet_tol: 1e-10 }),
  'not reentrant, tolerated': ({ x }) => gradcheck(drifts, x, { nondet_tol: 1e-5 }),
  'undefined gradients': ({ x }) => gradcheck(refusesUndefined, x),
  'undefined gradients of one output': ({ x }) => gradcheck((x) => [refusesUndefined(x), x.mul(3)], x),
  'undefined gradients, unchecked': ({ x }) => gradcheck(refusesUndefined, x, { check_undefined_grad: false }),
  'undefined gradients, not raised': ({ x }) => gradcheck(refusesUndefined, x, { raise_exception: false }),
  'not differentiable': ({ x }) => gradcheck((x) => x.detach(), x),
  'not differentiable fast': ({ x }) => gradcheck((x) => x.detach(), x, { fast_mode: true }),
  'not differentiable, constant': ({ x }) => gradcheck((x) => x.detach().mul(0), x),
  integers: ({ x }) => gradcheck((x) => x.add(0.25).long(), x),
  booleans: ({ x }) => gradcheck((x) => x.gt(0), x),
  'a differentiable output and one that is not': ({ x }) => gradcheck((x) => [x.mul(2), x.detach().mul(1)], x),
  'a shape by values': ({ x }) =>
    gradcheck(
      flips(
        (x) => x.mul(1),
        (x) => x.at(':1').mul(1),
      ),
      x,
    ),
  'a dtype by values': ({ m }) => gradcheck(byDtype(), m),
  'a dtype by values fast': ({ m }) => gradcheck(byDtype(), m, { fast_mode: true }),
  'a dtype by values of a scalar': ({ s }) => gradcheck(byDtype(), s),
  'given gradients': ({ x }) => gradgradcheck(squared, x, torch.ones(2, { dtype })),
  'given gradients that require grad': ({ x, y }) => gradgradcheck(squared, x, y),
  'given gradients of another shape': ({ x }) => gradgradcheck(squared, x, double([3])),
  'gradients that are not contiguous': ({ m }) => gradgradcheck(squared, m, { gen_non_contig_grad_outputs: true }),
  'a wrong backward that agrees with itself': ({ x }) => gradgradcheck(wrong, x),
  'third positional argument': ({ x }) => loose(same, x, 1e-6),
  'third positional argument and a keyword': ({ x }) => loose(same, x, 1e-6, { atol: 1 }),
  'unknown keyword': ({ x }) => loose(same, x, { step: 1e-6 }),
  'no inputs': () => loose(same),
  'fourth positional argument': ({ x }) => looseAgain(same, x, null, 3),
  'neither direction': ({ x }) => gradcheck(same, x, { check_backward_ad: false }),
  'batched without backward': ({ x }) =>
    gradcheck(same, x, { check_batched_grad: true, check_backward_ad: false, check_forward_ad: true }),
  'batched forward without forward': ({ x }) => gradcheck(same, x, { check_batched_forward_grad: true }),
  'neither direction again': ({ x }) => gradgradcheck(same, x, { check_rev_over_rev: false }),
  'undefined without reverse': ({ x }) =>
    gradgradcheck(same, x, { check_rev_over_rev: false, check_fwd_over_rev: true }),
  'batched without reverse': ({ x }) =>
    gradgradcheck(same, x, {
      check_rev_over_rev: false,
      check_fwd_over_rev: true,
      check_undefined_grad: false,
      check_batched_grad: true,
    }),
  'numerical Jacobians': ({ x, y }) => get_numerical_jacobian(mixed, [x, y], { eps: 1e-6 }),
  'numerical Jacobian of one': ({ x, y }) => get_numerical_jacobian(mixed, [x, y], { target: y, eps: 1e-6 }),
  'numerical Jacobian, target without grad': ({ x, y, plain }) =>
    get_numerical_jacobian(mixed, [x, y], { target: plain }),
  'numerical Jacobian of integers': ({ x }) => get_numerical_jacobian((i) => i[0].add(0.25).long(), [x]),
  'numerical Jacobian times two': ({ x, y }) => get_numerical_jacobian(mixed, [x, y], { grad_out: 2 }),
  'analytical Jacobians': ({ x, y, plain }) => get_analytical_jacobian([x, plain, y], mixed([x, y])[1]),
  'analytical Jacobian of what drifts': ({ x }) => get_analytical_jacobian([x], drifts(x)),
  'analytical Jacobian, tolerant': ({ x }) => get_analytical_jacobian([x], drifts(x), { nondet_tol: 1e-5 }),
  'analytical Jacobian times two': ({ x }) => get_analytical_jacobian([x], x.mul(2), { grad_out: 2 }),
  'a number for an output': ({ x }) => loose((x: Tensor) => [x.mul(2), 1.5], x),
  'None for an output, fast': ({ x }) => loose(() => null, x, { fast_mode: true }),
  'a number for an output again': ({ x }) => looseAgain((x: Tensor) => [x.mul(x), 1.5], x),
  'an array among the outputs': ({ x }) => loose((x: Tensor) => [[x.mul(2)]], x),
  'integers before floats': ({ x }) => gradcheck((x) => [x.add(0.25).long(), x.mul(2)], x),
  'integers before floats fast': ({ x }) => gradcheck((x) => [x.add(0.25).long(), x.mul(2)], x, { fast_mode: true }),
  'integers of another size before floats': ({ x }) => gradcheck((x) => [x.add(0.25).long().at(':1'), x.mul(2)], x),
  'integers after floats': ({ x }) => gradcheck((x) => [x.mul(2), x.add(0.25).long()], x),
  'booleans before floats': ({ x }) => gradcheck((x) => [x.gt(0), x.mul(2)], x),
  'a constant before floats': ({ x }) => gradcheck((x) => [x.detach().mul(3), x.mul(2)], x),
  'a constant before floats fast': ({ x }) => gradcheck((x) => [x.detach().mul(3), x.mul(2)], x, { fast_mode: true }),
  'a constant of another size before floats fast': ({ m }) =>
    gradcheck((m) => [m.detach().t().at(':2').mul(3), m.mul(2)], m, { fast_mode: true }),
  'a constant of an odd size before floats fast': ({ m }) =>
    gradcheck((m) => [m.detach().at(0), m.mul(2)], m, { fast_mode: true }),
  'nearly multiplied': ({ x }) => gradcheck((x) => Nearly.apply(x), x),
  'nearly multiplied, masked': ({ x }) => gradcheck((x) => Nearly.apply(x), x, { masked: true }),
  'a constant among the outputs again': ({ x }) => gradgradcheck((x) => [x.mul(x), x.detach()], x),
}

const total = (x: Tensor, y: Tensor) => x.mul(x).mul(y).sum()
const cubes = (x: Tensor) => x.pow(3).sum()
const linear = (x: Tensor) => x.mul(2).sum()
const apart = (x: Tensor, _: Tensor) => x.mul(x).sum()
const exp = (x: Tensor) => x.exp()
const cube = (s: Tensor) => s.mul(s).mul(s)
const sumOfSquares = (x: Tensor) => x.mul(x).sum()
const detached = (x: Tensor) => x.detach()
const strict = { strict: true }
const both = { create_graph: true, strict: true }
type Any = (...args: unknown[]) => unknown

export const FUNCTIONAL: Record<string, Program> = {
  jacobian: ({ x }) => jacobian(exp, x),
  'jacobian of a matrix': ({ m }) => jacobian((m) => m.sum(0), m),
  'jacobian of two': ({ x, y }) => jacobian(times, [x, y]),
  'jacobian of one in an array': ({ x }) => jacobian(squared, [x]),
  'jacobian of several outputs': ({ x }) => jacobian((x) => [x.mul(x), x.sum()], x),
  'jacobian of several of both': ({ x, y }) => jacobian((x, y) => [x.mul(y), x.sum()], [x, y]),
  'jacobian of a scalar': ({ s }) => jacobian(squared, s),
  'jacobian with graph': ({ x }) => jacobian(exp, x, { create_graph: true }),
  'jacobian with graph of no leaf': ({ x }) => jacobian(exp, x.mul(1), true),
  'jacobian with graph of a constant': ({ plain }) => jacobian(twice, plain, { create_graph: true }),
  'jacobian without dependence': ({ x, y }) => jacobian((x, _) => x.mul(1), [x, y]),
  'jacobian of no output': ({ x }) => jacobian((x) => x.at(':0'), x),
  'jacobian of integers': ({ x }) => jacobian((x) => x.long(), x),
  'jacobian strict': ({ x, y }) => jacobian(times, [x, y], strict),
  'jacobian strict without dependence': ({ x, y }) => jacobian((x, _) => x.mul(1), [x, y], strict),
  'jacobian strict of a constant': ({ x }) => jacobian(detached, x, strict),
  'jacobian strict with graph, linear': ({ x }) => jacobian(twice, x, both),
  'jacobian of an int': () => (jacobian as Any)(same, 3),
  'jacobian of a tensor and a float': ({ x }) => (jacobian as Any)(same, [x, 2.5]),
  'jacobian to an int': ({ x }) => (jacobian as Any)(() => 3, x),
  'jacobian to a tensor and a None': ({ x }) => (jacobian as Any)((x: Tensor) => [x, null], x),
  'jacobian under no_grad': ({ x }) => torch.no_grad(() => jacobian(exp, x)),
  'jacobian by an unknown strategy': ({ x }) => (jacobian as Any)(same, x, { strategy: 'backward' }),
  'jacobian by forward mode': ({ x }) => (jacobian as Any)(same, x, { strategy: 'forward-mode' }),
  'jacobian by forward mode, with graph': ({ x }) =>
    (jacobian as Any)(same, x, { strategy: 'forward-mode', create_graph: true }),
  'jacobian by forward mode, strict': ({ x }) => (jacobian as Any)(same, x, { strategy: 'forward-mode', strict: true }),
  'jacobian vectorized, strict': ({ x }) => jacobian(same, x, { vectorize: true, strict: true }),
  'jacobian with too many arguments': ({ x }) => (jacobian as Any)(same, x, false, false, false, 'reverse-mode', 3),
  hessian: ({ x }) => hessian(cubes, x),
  'hessian of a matrix': ({ m }) => hessian(cubes, m),
  'hessian of two': ({ x, y }) => hessian(total, [x, y]),
  'hessian of one in an array': ({ x }) => hessian(cubes, [x]),
  'hessian of a scalar': ({ s }) => hessian(cube, s),
  'hessian to one element': ({ x }) => hessian((x) => cubes(x).reshape(1, 1), x),
  'hessian with graph': ({ x }) => hessian(cubes, x, { create_graph: true }),
  'hessian of what is linear': ({ x }) => hessian(linear, x),
  'hessian without dependence': ({ x, y }) => hessian(apart, [x, y]),
  'hessian strict without dependence': ({ x, y }) => hessian(apart, [x, y], strict),
  'hessian strict of what is linear': ({ x }) => hessian(linear, x, strict),
  'hessian strict of a constant': ({ x }) => hessian((x) => x.detach().sum(), x, strict),
  'hessian to two elements': ({ x }) => hessian(squared, x),
  'hessian to an array': ({ x }) => (hessian as Any)((x: Tensor) => [cubes(x)], x),
  'hessian to an int': ({ x }) => (hessian as Any)(() => 3, x),
  'hessian of an int': () => (hessian as Any)(same, 3),
  'hessian by forward mode': ({ x }) => (hessian as Any)(cubes, x, { outer_jacobian_strategy: 'forward-mode' }),
  'hessian vectorized, strict': ({ x }) => hessian(cubes, x, { vectorize: true, strict: true }),
  'hessian by an unknown strategy': ({ x }) => (hessian as Any)(cubes, x, { outer_jacobian_strategy: 'backward' }),
  vjp: ({ x, y }) => vjp(exp, x, y),
  'vjp of two': ({ x, y, plain }) => vjp(times, [x, y], plain),
  'vjp of several outputs': ({ x, y, s }) => vjp((x) => [x.mul(x), x.sum()], x, [y, s]),
  'vjp without v': ({ x }) => vjp(cubes, x),
  'vjp without v of two elements': ({ x }) => vjp(squared, x),
  'vjp with graph': ({ x, y }) => vjp(squared, x, y, { create_graph: true }),
  'vjp with graph of no leaf': ({ x, plain }) => (vjp as Any)(squared, x.mul(1), plain, true),
  'vjp without dependence': ({ x, y }) => vjp(apart, [x, y]),
  'vjp strict without dependence': ({ x, y }) => vjp(apart, [x, y], strict),
  'vjp strict of a constant': ({ x, y }) => vjp(detached, x, y, strict),
  'vjp strict with graph, linear': ({ x }) => vjp(linear, x, both),
  'vjp of another size': ({ x, m }) => vjp(squared, x, m),
  'vjp of another size in an array': ({ x, y, m }) => vjp((x) => [x.mul(x), x], x, [y, m]),
  'vjp with two for one': ({ x, y }) => vjp(squared, x, [y, y]),
  'vjp with one for two': ({ x, y }) => vjp((x) => [x, x], x, y),
  'vjp with an int': ({ x }) => (vjp as Any)(squared, x, 3),
  'vjp to nothing': ({ x }) => vjp(() => [], x, []),
  'vjp under no_grad': ({ x, y }) => torch.no_grad(() => vjp(squared, x, y)),
  jvp: ({ x, y }) => jvp(exp, x, y),
  'jvp of two': ({ x, y, plain }) => jvp(times, [x, y], [plain, plain]),
  'jvp of several outputs': ({ x, y }) => jvp((x) => [x.mul(x), x.sum()], x, y),
  'jvp without v': ({ s }) => jvp(squared, s),
  'jvp without v of two elements': ({ x }) => jvp(squared, x),
  'jvp with graph': ({ x, y }) => jvp(squared, x, y, { create_graph: true }),
  'jvp without dependence': ({ x, y }) => jvp((x) => [x.mul(x), x.detach()], x, y),
  'jvp strict of a constant': ({ x, y }) => jvp(detached, x, y, strict),
  'jvp strict without dependence': ({ x, y }) => jvp(apart, [x, y], [x, y], strict),
  'jvp strict with graph, linear': ({ x, y }) => jvp(linear, x, y, both),
  'jvp of another size': ({ x, m }) => jvp(squared, x, m),
  vhp: ({ x, y }) => vhp(cubes, x, y),
  'vhp of two': ({ x, y, plain }) => vhp(total, [x, y], [plain, plain]),
  'vhp without v': ({ s }) => vhp(cube, s),
  'vhp without v of two elements': ({ x }) => vhp(cubes, x),
  'vhp with graph': ({ x, plain }) => vhp(cubes, x, plain, { create_graph: true }),
  'vhp of what is linear': ({ x, y }) => vhp(linear, x, y),
  'vhp strict of what is linear': ({ x, y }) => vhp(linear, x, y, strict),
  'vhp strict without dependence': ({ x, y }) => vhp(apart, [x, y], [x, y], strict),
  'vhp strict with graph, square': ({ x, plain }) => vhp(sumOfSquares, x, plain, both),
  'vhp to two elements': ({ x, y }) => vhp(squared, x, y),
  'vhp to an array': ({ x, y }) => (vhp as Any)((x: Tensor) => [cubes(x)], x, y),
  hvp: ({ x, y }) => hvp(cubes, x, y),
  'hvp of two': ({ x, y, plain }) => hvp(total, [x, y], [plain, plain]),
  'hvp without v': ({ s }) => hvp(cube, s),
  'hvp without v of two elements': ({ x }) => hvp(cubes, x),
  'hvp with graph': ({ x, plain }) => hvp(cubes, x, plain, { create_graph: true }),
  'hvp of what is linear': ({ x, y }) => hvp(linear, x, y),
  'hvp strict of what is linear': ({ x, y }) => hvp(linear, x, y, strict),
  'hvp strict with graph, square': ({ x, plain }) => hvp(sumOfSquares, x, plain, both),
  'hvp to two elements': ({ x, y }) => hvp(squared, x, y),
  'hvp of another size': ({ x, m }) => hvp(cubes, x, m),
  'jacobian vectorized': ({ x }) => jacobian(exp, x, { vectorize: true }),
  'jacobian vectorized of a matrix': ({ m }) => jacobian((m) => m.sum(0), m, { vectorize: true }),
  'jacobian vectorized of several of both': ({ x, y }) =>
    jacobian((x, y) => [x.mul(y), x.sum()], [x, y], { vectorize: true }),
  'jacobian vectorized of a scalar': ({ s }) => jacobian(squared, s, { vectorize: true }),
  'jacobian vectorized with graph': ({ x }) => jacobian(exp, x, { vectorize: true, create_graph: true }),
  'jacobian vectorized without dependence': ({ x, y }) => jacobian((x, _) => x.mul(1), [x, y], { vectorize: true }),
  'jacobian vectorized of a constant': ({ x }) => jacobian((x) => [x.detach(), x.mul(2)], x, { vectorize: true }),
  'jacobian vectorized of constants': ({ x }) => jacobian(detached, x, { vectorize: true }),
  'jacobian vectorized of integers': ({ x }) => jacobian((x) => [x.long(), x.mul(2)], x, { vectorize: true }),
  'jacobian vectorized of other dtypes': ({ x }) => jacobian((x) => [x.float(), x.mul(2)], x, { vectorize: true }),
  'jacobian vectorized of no elements': ({ x }) => jacobian((x) => x.at(':0'), x, { vectorize: true }),
  'jacobian vectorized of no elements and two': ({ x }) =>
    jacobian((x) => [x.at(':0'), x.mul(2)], x, { vectorize: true }),
  'jacobian vectorized of no output': ({ x }) => jacobian(() => [], x, { vectorize: true }),
  'jacobian vectorized of no input elements': ({ none }) => jacobian((n) => n.sum(0), none, { vectorize: true }),
  'jacobian vectorized of what is infinite': ({ zero }) =>
    jacobian((z) => [z.sqrt(), z.mul(1)], zero, { vectorize: true }),
  'jacobian of what is infinite': ({ zero }) => jacobian((z) => [z.sqrt(), z.mul(1)], zero),
  'jacobian of no inputs': ({ x }) => jacobian(() => x, []),
  'jacobian vectorized of no inputs': ({ x }) => jacobian(() => x, [], { vectorize: true }),
  'jacobian vectorized, strict, of a constant': ({ x }) => jacobian(detached, x, { vectorize: true, strict: true }),
  'jacobian vectorized to an int': ({ x }) => (jacobian as Any)(() => 3, x, { vectorize: true }),
  'hessian vectorized': ({ x }) => hessian(cubes, x, { vectorize: true }),
  'hessian vectorized of two': ({ x, y }) => hessian(total, [x, y], { vectorize: true }),
  'hessian vectorized with graph': ({ x }) => hessian(cubes, x, { create_graph: true, vectorize: true }),
  'hessian vectorized without dependence': ({ x, y }) => hessian(apart, [x, y], { vectorize: true }),
  'hessian vectorized of a constant': ({ x }) => hessian(() => torch.ones([]), x, { vectorize: true }),
  'hessian vectorized of no elements': ({ none }) => hessian((n) => n.sum(), none, { vectorize: true }),
  'hessian vectorized to two elements': ({ x }) => hessian(squared, x, { vectorize: true }),
}
