// The custom Functions of the tables; the same as in make_tables.py.
import { type DType, type Tensor, torch } from '../../src/index'

const AutogradFunction = torch.autograd.Function
export type Ctx = Parameters<typeof AutogradFunction.forward>[0]
type Gradient = Tensor | null

/** A Function of that name. */
export function foo<A extends unknown[]>(
  forward: (ctx: Ctx, ...args: A) => unknown,
  backward: (ctx: Ctx, ...grads: Tensor[]) => Gradient | Gradient[] = () => null,
): { apply(...args: unknown[]): Tensor } {
  class Foo extends AutogradFunction {}
  return Object.assign(Foo, { forward, backward }) as never
}

/** A Function of two outputs, the second without gradient; `log` gets what its backward was given for it. */
export function nondifferentiable(log: unknown[], dtype: DType = torch.float32) {
  return foo(
    (ctx, x: Tensor) => {
      const plain = x.mul(3).to(dtype)
      ctx.mark_non_differentiable(plain)
      return [x.mul(2), plain]
    },
    (_, g, h) => {
      log.push([h, String(h.dtype)])
      return g.mul(2)
    },
  ) as unknown as { apply(x: Tensor): [Tensor, Tensor] }
}

export class Sq extends AutogradFunction {
  static override forward(ctx: Ctx, x: Tensor): Tensor {
    ctx.save_for_backward(x)
    return x.mul(x)
  }
  static override backward(ctx: Ctx, g: Tensor): Tensor {
    const [x] = ctx.saved_tensors as [Tensor]
    return g.mul(x).mul(2)
  }
}

/** Adds one to its input, in place; its gradient is ten times the incoming one. */
export class Dirty extends AutogradFunction {
  static override forward(ctx: Ctx, x: Tensor): Tensor {
    ctx.mark_dirty(x)
    return x.add_(1)
  }
  static override backward(_: Ctx, g: Tensor): Tensor {
    return g.mul(10)
  }
}

/** Its gradient is what it was given. */
export class Returning extends AutogradFunction {
  static override forward(ctx: Ctx, x: Tensor, grad: () => Gradient): Tensor {
    ctx.grad = grad
    return x.mul(1)
  }
  static override backward(ctx: Ctx): Gradient[] {
    return [(ctx.grad as () => Gradient)(), null]
  }
  static of(x: Tensor, grad: Gradient): Tensor {
    return Returning.apply(x, () => grad)
  }
}

export class Same extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x
  }
  static override backward(_: Ctx, g: Tensor): Tensor {
    return g
  }
}

export class FirstTwo extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x.at(':2')
  }
  static override backward(_: Ctx, g: Tensor): Tensor {
    return widened(g)
  }
}

export class ViewAndSum extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): [Tensor, Tensor] {
    return [x.at(':2'), x.sum()]
  }
  static override backward(_: Ctx, g: Tensor, s: Tensor): Tensor {
    return widened(g).add(s)
  }
}

function widened(g: Tensor): Tensor {
  return torch.zeros(3).set_at_([':2'], g)
}

export class Once extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x.mul(2)
  }
  static override backward = torch.autograd.function.once_differentiable((_: Ctx, g: Tensor) => g.mul(2))
}

export class NoBackward extends AutogradFunction {
  static override forward(_: Ctx, x: Tensor): Tensor {
    return x.mul(1)
  }
}

export class SavesOutput extends AutogradFunction {
  /** Sees what backward saved. */
  static see: (saved: Tensor) => void = () => {}
  static override forward(ctx: Ctx, x: Tensor): Tensor {
    const y = x.exp()
    ctx.save_for_backward(y)
    return y
  }
  static override backward(ctx: Ctx, g: Tensor): Tensor {
    SavesOutput.see(ctx.saved_tensors[0] as Tensor)
    return g
  }
}
