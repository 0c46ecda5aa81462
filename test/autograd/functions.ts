// The custom Functions of the tables; the same as in make_tables.py.
import { type Tensor, torch } from '../../src/index'

const AutogradFunction = torch.autograd.Function
type Ctx = Parameters<typeof AutogradFunction.forward>[0]

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
  static override forward(ctx: Ctx, x: Tensor, grad: () => Tensor | null): Tensor {
    ctx.grad = grad
    return x.mul(1)
  }
  static override backward(ctx: Ctx): (Tensor | null)[] {
    return [(ctx.grad as () => Tensor | null)(), null]
  }
  static of(x: Tensor, grad: Tensor | null): Tensor {
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
