// nonzero and torch.where(condition), which tell where a mask holds.
import { Op } from '../../assembly/abi'
import { functionOf, methodOf } from './call'
import { defineAll } from './methods'
import { checkOutDType, writeOut } from './out'
import { Signature, splitKeywords } from './signature'
import { temporaries } from './temporaries'
import type { Tensor } from './tensor'
import { tuple } from './tuple'

const signatures = {
  method: new Signature('nonzero', ' | *, bool as_tuple'),
  where: new Signature('where', 'Tensor condition'),
  function: new Signature('nonzero', 'Tensor input, *, bool as_tuple=False, Tensor out=None'),
}
const rows = methodOf(Op.Nonzero)

/** The coordinates of a nonzero result as a tuple of vectors, one a dimension; a 0-dim tensor counts as a vector. */
function columns(x: Tensor): Tensor[] {
  return temporaries(() => {
    const found = rows.call(x.ndim ? x : x.unsqueeze(0))
    return tuple(found.unbind(1))
  })
}

defineAll({
  nonzero(this: Tensor, ...args: unknown[]) {
    const { values } = signatures.method.parse(args)
    return values[0] ? columns(this) : rows.call(this)
  },
})

/** `torch.nonzero(input)`: the coordinates of what is not zero, a row each; as a tuple of columns with `as_tuple`. */
export function nonzero(input: Tensor, options: { as_tuple: true }): Tensor[]
export function nonzero(input: Tensor, options?: { as_tuple?: boolean; out?: Tensor | null }): Tensor
export function nonzero(...args: unknown[]): Tensor | Tensor[] {
  const [input, as_tuple, out] = signatures.function.parse(args).values as [Tensor, boolean, Tensor | null]
  if (as_tuple) return columns(input)
  const found = rows.call(input)
  if (!out) return found
  checkOutDType(Op.Nonzero, out, found, [])
  return writeOut(out, found, [input], true)
}

const choose = functionOf(Op.Where)

type Choice = Tensor | number | bigint | boolean

/** `torch.where(condition)`: where it holds, a vector for each dimension. */
export function where(condition: Tensor): Tensor[]
/** Elements of `input` where the condition holds, else of `other`. */
export function where(condition: Tensor, input: Choice, other: Choice, options?: { out?: Tensor | null }): Tensor
export function where(...args: unknown[]): Tensor | Tensor[] {
  const [positional, keywords] = splitKeywords(args)
  if (positional.length + keywords.size !== 1) return choose(...args)
  return columns(signatures.where.parse(args).values[0] as Tensor)
}
