// A tensor equals itself alone. A tensor can be iterated, so vitest would compare two element by element, and fail on a
// 0-dim one.
import { expect } from 'vitest'

const isTensor = (value: unknown) => Object.prototype.toString.call(value) === '[object Tensor]'

expect.addEqualityTesters([(a: unknown, b: unknown) => (isTensor(a) || isTensor(b) ? a === b : undefined)])
