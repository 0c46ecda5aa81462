// Which Python type a JavaScript value stands for. PyTorch's error texts print these names, and its argument checks
// ask about them: a JavaScript number is an int or a float by its value, as `2` and `2.5` are in Python.

/** What the argument parser asks of a tensor. */
export interface Face {
  dim(): number
  numel(): number
  item(): number | bigint | boolean
  readonly requires_grad: boolean
}

type Class = abstract new (...args: never[]) => object

type Name = string | ((value: object) => string)

const classes: [name: Name, type: Class][] = []

/**
 * Gives a class its Python name: 'Tensor', 'torch.dtype', 'torch.device', ... or a function that tells an object's. A
 * subclass registers after its base.
 */
export function registerType(name: Name, type: Class): void {
  classes.push([name, type])
}

/** Whether `v` is an instance of the class registered as `name`, or of a subclass. */
export function isA(v: unknown, name: string): boolean {
  if (typeof v !== 'object' || v === null) return false
  return classes.some(([n, type]) => n === name && v instanceof type)
}

/** `type(v).__name__` (with its module, for PyTorch's own types). */
export function pyTypeName(v: unknown): string {
  switch (typeof v) {
    case 'number':
      return isInt(v) ? 'int' : 'float'
    case 'bigint':
      return 'int'
    case 'boolean':
      return 'bool'
    case 'string':
      return 'str'
    case 'function':
      return 'function'
    case 'object':
      if (v === null) return 'NoneType'
      if (Array.isArray(v)) return 'list'
      if (v instanceof Number) return 'float'
      return nameOf(v)
    default:
      return v === undefined ? 'NoneType' : typeof v
  }
}

function nameOf(v: object): string {
  const name = classes.findLast(([, type]) => v instanceof type)?.[0]
  if (typeof name === 'function') return name(v)
  return name ?? (isPlain(v) ? 'dict' : String(v.constructor?.name ?? 'object'))
}

export function isPlain(v: object): boolean {
  const prototype = Object.getPrototypeOf(v)
  return prototype === Object.prototype || prototype === null
}

// 1e30 has no fraction either, but nobody who writes it means an integer of 31 digits.
export const isInt = (v: unknown): boolean =>
  typeof v === 'bigint' || (typeof v === 'number' && Number.isInteger(v) && Math.abs(v) < 2 ** 63)

export const isScalar = (v: unknown): boolean =>
  typeof v === 'number' || typeof v === 'bigint' || typeof v === 'boolean' || v instanceof Number

/**
 * The number that an object is, one of NumPy's scalars or an int, bool or float of py; null for anything else. A whole
 * float is boxed: as a JavaScript number it would be an int. PyTorch takes np.bool for a float.
 */
export function numberIn(v: unknown, byTorch = false): number | bigint | boolean | null {
  if (typeof v !== 'object' || v === null || !('_number' in v)) return null
  const number = (v as { _number(): [number | bigint | boolean, boolean] | null })._number()
  if (!number) return null
  const [value, isFloat] = number
  return isFloat && (byTorch || isInt(value)) ? Object(Number(value)) : value
}

/** What Python's `__index__` takes: an int that is no bool, or a tensor that holds one. */
export function isIndex(v: unknown): boolean {
  if (!isA(v, 'Tensor')) return isInt(v) || isInt(numberIn(v))
  const tensor = v as Face & { dtype?: unknown }
  return tensor.numel() === 1 && /int(8|16|32|64)$/.test(String(tensor.dtype))
}
