// The hooks that programs name. Each logs what it sees before it acts; oracle.py has the same ones.
import { type GradFn, type Tensor, torch } from '../../src/index'

type Grad = Tensor | null
type Handle = ReturnType<Tensor['register_hook']>

export interface HookStep {
  let?: string
  /** The tensor whose hook it is, or whose grad_fn's. */
  on: string
  hook: 'log' | 'double' | 'replace' | 'mutate' | 'shape' | 'type' | 'text' | 'longer' | 'clear' | 'step'
  kind: 'tensor' | 'pre' | 'post' | 'accumulated'
  /** Of grad_fn.next_functions, the node meant. */
  edge?: number
}

/** A gradient as a hook saw it. */
export interface Seen {
  data: unknown
  shape: number[]
  dtype: string
  requires_grad: boolean
}

export interface Logged {
  hook: string
  seen: (Seen | null)[]
}

function snapshot(t: Grad): Seen | null {
  return t && { data: t.tolist(), shape: t.shape, dtype: t.dtype.name, requires_grad: t.requires_grad }
}

/** What a tensor hook, or a node hook for one of its gradients, makes of a gradient. */
function onTensor(name: HookStep['hook'], grad: Grad): Grad {
  if (!grad) return null
  switch (name) {
    case 'double':
      return grad.mul(2)
    case 'replace':
      return torch.full_like(grad, 0.5)
    case 'mutate':
      return grad.mul_(2)
    case 'shape':
      return grad.unsqueeze(0)
    case 'type':
      return grad.to(grad.dtype === torch.float64 ? torch.float32 : torch.float64)
    default:
      return null
  }
}

/** The new gradients of a node hook. Some hooks return what is none, which the library must refuse. */
function onAll(name: HookStep['hook'], grads: readonly Grad[]): Grad[] | null {
  if (name === 'log') return null
  if (name === 'text') return 'text' as unknown as null
  const made = grads.map((grad) => onTensor(name, grad))
  return name === 'longer' ? [...made, null] : made
}

function afterAccumulation(name: HookStep['hook'], leaf: Tensor): void {
  if (name === 'double') leaf.grad = leaf.grad.mul(2)
  if (name === 'clear') (leaf as { grad: Grad }).grad = null
  if (name === 'step') torch.no_grad(() => leaf.sub_(leaf.grad, { alpha: 0.5 }))
}

/** Errors quote a hook's name. */
function named<F>(name: string, hook: F): F {
  return Object.defineProperty(hook, 'name', { value: name })
}

export function addHook(on: Tensor, step: HookStep, log: Logged[]): Handle {
  const name = step.hook
  const note = (...grads: Grad[]) => log.push({ hook: `${step.on} ${step.kind} ${name}`, seen: grads.map(snapshot) })
  if (step.kind === 'tensor') {
    const hook = (grad: Grad) => {
      note(grad)
      return name === 'text' ? ('text' as unknown as null) : onTensor(name, grad)
    }
    return on.register_hook(named(name, hook))
  }
  if (step.kind === 'accumulated') {
    const hook = (leaf: Tensor) => {
      note(leaf.grad)
      afterAccumulation(name, leaf)
    }
    return on.register_post_accumulate_grad_hook(named(name, hook))
  }
  const node: GradFn = step.edge === undefined ? on.grad_fn : on.grad_fn.next_functions[step.edge][0]
  if (step.kind === 'pre') {
    const hook = (outputs: readonly Grad[]) => {
      note(...outputs)
      return onAll(name, outputs)
    }
    return node.register_prehook(named(name, hook))
  }
  const hook = (inputs: readonly Grad[], outputs: readonly Grad[]) => {
    note(...inputs, ...outputs)
    return onAll(name, inputs)
  }
  return node.register_hook(named(name, hook))
}
