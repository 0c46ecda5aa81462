// Everything that a user can call, found at run time: what is added to the library is fuzzed without being listed here.
import * as library from '../../src/index'

export interface Target {
  name: string
  /** Runs it with these arguments; the first one is the receiver of a method. */
  run(args: readonly unknown[]): unknown
  /** A method or accessor of handles. */
  receiver?: 'Tensor' | 'GradFn' | 'NDArray'
}

/** Public in spite of their underscore. */
const PUBLIC = /^(_version|_base|_is_view|_type|_sequence_nr|_saved_.*)$/
const isPublic = (name: string) => name !== 'constructor' && (!name.startsWith('_') || PUBLIC.test(name))
const isClass = (value: unknown) =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))

function collect(name: string, value: unknown, found: Target[]): void {
  if (isClass(value)) {
    const Class = value as new (...args: unknown[]) => unknown
    if (!(Class.prototype instanceof Error)) found.push({ name: `new ${name}`, run: (args) => new Class(...args) })
  } else if (typeof value === 'function') {
    found.push({ name, run: (args) => (value as (...args: unknown[]) => unknown)(...args) })
  } else if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    for (const [key, member] of Object.entries(value)) collect(`${name}.${key}`, member, found)
  }
}

function collectMembers(receiver: 'Tensor' | 'GradFn' | 'NDArray', sample: object, found: Target[]): void {
  const seen = new Set<string | symbol>()
  for (let level = Object.getPrototypeOf(sample); level !== Object.prototype; level = Object.getPrototypeOf(level)) {
    for (const key of Reflect.ownKeys(level)) {
      if (seen.has(key) || (typeof key === 'string' && !isPublic(key))) continue
      seen.add(key)
      const { value, get, set } = Object.getOwnPropertyDescriptor(level, key)!
      const name = `${receiver}.${String(key)}`
      if (typeof value === 'function') {
        found.push({
          name,
          receiver,
          run: ([self, ...args]) => (self as Record<typeof key, typeof value>)[key](...args),
        })
      }
      if (get)
        found.push({ name: `get ${name}`, receiver, run: ([self]) => (self as Record<typeof key, unknown>)[key] })
      if (set) {
        found.push({
          name: `set ${name}`,
          receiver,
          run: ([self, to]) => {
            ;(self as Record<typeof key, unknown>)[key] = to
          },
        })
      }
    }
  }
}

/** Every function, constructor, method and accessor of the library. */
export function targets(): Target[] {
  const found: Target[] = []
  for (const [name, value] of Object.entries(library)) collect(name, value, found)
  library.scope(() => {
    const x = library.torch.ones([1], { requires_grad: true })
    collectMembers('Tensor', x, found)
    collectMembers('GradFn', x.exp().grad_fn, found)
    collectMembers('NDArray', library.np.ones(1), found)
  })
  return found
}

type ErrorClass = new (message: string) => Error

const ERRORS = Object.values(library as Record<string, unknown>).filter(
  (value): value is ErrorClass => isClass(value) && (value as ErrorClass).prototype instanceof Error,
)

/** Whether the library threw it on purpose. */
export function isOwnError(error: unknown): boolean {
  return ERRORS.some((Class) => error instanceof Class)
}
