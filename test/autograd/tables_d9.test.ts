// D.9: gradcheck and gradgradcheck.
import { type Tensor, torch } from '../../src/index'
import { type Ctx, foo } from './functions'
import { error, last, ones, table, warned } from './tables'

const { gradcheck, gradgradcheck } = torch.autograd
const double = (_: Ctx, x: Tensor) => x.mul(2)
const at = (value: number) => torch.tensor([value], { dtype: torch.float64, requires_grad: true })

/** Doubles, and calls the gradient threefold. */
const wrong = (a: Tensor) => foo(double, (_, g) => g.mul(3)).apply(a)

/** Doubles, and its gradient grows a little with every backward. */
function unsteady(log: unknown[]) {
  return (a: Tensor) => foo(double, (_, g) => last(log.push(0), g.mul(2 + 1e-7 * log.length)) as Tensor).apply(a)
}

const cubed = foo(
  (ctx, a: Tensor) => last(ctx.save_for_backward(a), a.pow(3)),
  (ctx, g) => g.mul((ctx.saved_tensors[0] as Tensor).detach().pow(2)).mul(3),
)

const careless = foo(
  (ctx, a: Tensor) => last(ctx.set_materialize_grads(false), a.mul(2)),
  (_, g: Tensor | null) => g?.mul(2) ?? torch.full([2], 5, { dtype: torch.float64 }),
)

/** What a failed check says before its numbers. */
const beforeNumbers = (fn: () => unknown) => error(fn).split('numerical')[0]

table('D.9 gradcheck and gradgradcheck', {
  'a right gradient': ({ d }) => gradcheck((a: Tensor) => a.pow(2), d),
  '1. no input requires grad': () => gradcheck((a: Tensor) => a.mul(2), ones(2)),
  '1. not double': ({ x }) => warned(() => error(() => gradcheck((a: Tensor) => a.mul(2), x))),
  '1. stride 0': () =>
    gradcheck((a: Tensor) => a.mul(2), torch.ones(1, { dtype: torch.float64 }).expand(3).requires_grad_()),
  '2. each element is perturbed in place: the function is given the input itself': ({ d, log }) => {
    gradcheck((a: Tensor) => last(log.push(a === d), a.mul(2)) as Tensor, d)
    return log.every(Boolean)
  },
  '2. and is restored': ({ d }) =>
    last(
      gradcheck((a: Tensor) => a.mul(2), d),
      d,
    ),
  '4. a wrong gradient': ({ d }) => gradcheck(wrong, d),
  '4. a wrong gradient, raise_exception=False': ({ d }) => gradcheck(wrong, d, { raise_exception: false }),
  '4. within atol': ({ d }) => gradcheck(wrong, d, { atol: 2 }),
  '5. backward with zero gradients must give zeros': () =>
    gradcheck((a: Tensor) => foo(double, (_, g) => g.mul(0).add(2)).apply(a), at(1)),
  '6. undefined output gradients must be handled like zeros': ({ d }) => gradcheck((a: Tensor) => careless.apply(a), d),
  '6. not with check_undefined_grad=False': ({ d }) =>
    gradcheck((a: Tensor) => careless.apply(a), d, { check_undefined_grad: false }),
  '7. no differentiable output: the numerical Jacobian must be zero': ({ d }) =>
    gradcheck((a: Tensor) => a.detach().mul(2), d),
  '7. no differentiable output, and it is': ({ d }) => gradcheck(() => ones(2), d),
  '8. not reentrant': ({ d, log }) => gradcheck(unsteady(log), d),
  '8. within nondet_tol': ({ d, log }) => gradcheck(unsteady(log), d, { nondet_tol: 1e-3 }),
  '9. fast_mode': ({ d }) => gradcheck((a: Tensor) => a.pow(2), d, { fast_mode: true }),
  '9. fast_mode of a wrong gradient': ({ d }) => beforeNumbers(() => gradcheck(wrong, d, { fast_mode: true })),
  gradgradcheck: ({ d }) => gradgradcheck((a: Tensor) => a.pow(3), d),
  'gradgradcheck of a wrong second derivative': ({ d }) =>
    beforeNumbers(() => gradgradcheck((a: Tensor) => cubed.apply(a), d)),
  'gradgradcheck does not check the first derivative': ({ d }) => gradgradcheck(wrong, d),
  'kinks: abs at 0 passes': () => gradcheck((a: Tensor) => a.abs(), at(0)),
  'kinks: relu at 0 fails': () => gradcheck((a: Tensor) => a.relu(), at(0)),
  'kinks: max ties fail': () => {
    const tied = torch.tensor([1, 1], { dtype: torch.float64, requires_grad: true })
    return beforeNumbers(() => gradcheck((a: Tensor) => a.max(0)[0], tied))
  },
})

// Not here: `grad is incorrect type` and `size`, as the engine gives every gradient the dtype and shape of its input.
