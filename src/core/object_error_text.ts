// CPython's sentences for what py objects refuse.
import { Err } from '../../assembly/abi'
import type { ErrorClass, Numbers } from './error_words'
import { PyTypeError, RecursionError, RuntimeError } from './errors'
import { typeNameOf } from './objects'

const OPERATORS = ['<', '<=', '==', '!=', '>', '>=']

export function objectErrorText(code: number, n: Numbers): [ErrorClass, string] {
  switch (code) {
    case Err.NotOrdered: {
      const op = OPERATORS[n.next()]
      const [left, right] = [typeNameOf(n.next()), typeNameOf(n.next())]
      return [PyTypeError, `'${op}' not supported between instances of '${left}' and '${right}'`]
    }
    case Err.Unhashable:
      return [PyTypeError, `unhashable type: '${typeNameOf(n.next())}'`]
    case Err.DictMutated:
      return [RuntimeError, 'dict mutated during update']
    default:
      return [RecursionError, `maximum recursion depth exceeded${n.next() ? '' : ' in comparison'}`]
  }
}
