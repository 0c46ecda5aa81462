import { expect, it } from 'vitest'
import { scope, set_warning_sink, torch } from '../../src/index'

const d = { dtype: torch.float64, requires_grad: true }
const show = (f: () => unknown) => {
  try {
    return String(scope(f))
  } catch (e) {
    return `${(e as Error).name} | ${(e as Error).message}`
  }
}
const { gradcheck, gradgradcheck, functional: F } = torch.autograd
it('scratch', () => {
  set_warning_sink((c, t) => console.log('W', c, t.slice(0, 100)))
  scope(() => {
    const x = torch.tensor([1, 2], d)
    const s = [
      () => gradcheck((x) => [x.long(), x.mul(2)], x),
      () => gradcheck((x) => x.detach(), x),
      () => gradcheck((x) => x.detach().mul(0), x),
      () => gradcheck(() => [], x),
      () => gradcheck(() => [], x, { fast_mode: true }),
      () => gradcheck((x) => x, x),
      () => gradcheck((x) => x.mul(2), x.float().detach().requires_grad_()),
      () => gradcheck((x: never) => x, 3),
      () => (gradcheck as Function)((x: never) => x, x, 1e-6),
      () => (gradcheck as Function)((x: never) => x, x, 1e-6, { atol: 1 }),
      () => (gradgradcheck as Function)((x: never) => x, x, null, 3),
      () => gradgradcheck((x) => x.mul(2), x),
      () => gradgradcheck((x) => x.mul(2), x, torch.ones([2], { dtype: torch.float64 })),
      () => gradgradcheck((x) => x.mul(2), x, torch.ones([3], { dtype: torch.float64 })),
      () => gradcheck((x) => x.mul(2), torch.zeros([0, 3], d)),
      () => gradcheck((x) => x.mul(2), torch.zeros([0, 3], d), { fast_mode: true }),
      () => gradcheck((x) => x.relu(), torch.zeros([2], d)),
      () => gradcheck((x) => x.relu(), torch.zeros([2], d), { fast_mode: true }),
      () => gradcheck((x) => x.relu().mul(1e-4), torch.zeros([2], d), { fast_mode: true }),
      () => gradcheck((x) => x.gt(0), x),
      () => gradcheck((x) => x.long(), x, { fast_mode: true }),
      () => F.jacobian((x) => x.mul(x), x),
      () => F.jacobian((x) => x.mul(x), x, true),
      () => F.hessian((x) => x.mul(x).sum(), x),
      () => F.hessian((x, y) => x.mul(y).sum(), [x, x]),
      () => F.hvp((x) => x.mul(x).sum(), x, x),
      () => F.vhp((x) => x.mul(x).sum(), x, x),
      () => F.jvp((x) => x.mul(x), x, x),
      () => F.vjp((x) => x.mul(x), x, x),
      () => F.jacobian((x) => x.narrow(0, 0, 0), x),
    ]
    for (const f of s) console.log(show(f))
  })
})
