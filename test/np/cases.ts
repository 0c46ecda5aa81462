// Runs the JavaScript side of the fixture's cases and says what came out in the fixture's words.
import { set_warning_sink } from '../../src/api'
import { NDArray, np, Tensor, torch } from '../../src/index'

export type Case = [makeA: string | null, makeB: string | null, program: string, said: Outcome]

export interface Outcome {
  is?: unknown
  error?: string
  /** What `a` holds afterwards, if that changed. */
  a?: unknown
  warns?: string[]
}

const readonly = (a: NDArray): NDArray => {
  a.setflags({ write: false })
  return a
}

/** make_fixture.py's `long`. */
const long = (dtype: string): NDArray =>
  np.array(
    Array.from(
      { length: 300 },
      (_, i) => ((((i * 7919) % 1000) - 500) / 7) * [0.001, 0.01, 0.1, 1, 10, 100, 1000][i % 7],
    ),
    { dtype },
  )

const NAMES = { np, torch, readonly, long }

function evaluate(text: string, a: unknown, b: unknown): unknown {
  return new Function(...Object.keys(NAMES), 'a', 'b', `return ${text}`)(...Object.values(NAMES), a, b)
}

/** JSON has no nan, no -0 and no bigint. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'number') return value
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return Object.is(value, -0) ? '-0.0' : value
}

function shown(value: unknown, a: unknown, b: unknown): unknown {
  if (value instanceof NDArray) {
    if (value === a) return 'a itself'
    const { base } = value
    const whose = base === null ? 'own' : base === a ? 'a' : base === b ? 'b' : 'other'
    return [plain(value.tolist()), String(value.dtype), [...value.shape], stridesOf(value), whose]
  }
  if (value instanceof Tensor) return String(value)
  if (value instanceof np.generic) return value.__repr__()
  if (Array.isArray(value))
    return value.some((v) => v instanceof NDArray) ? value.map((v) => shown(v, a, b)) : plain(value)
  return plain(value ?? null)
}

/** Of an array without elements, and of a dimension of size one, the strides tell nothing. */
const stridesOf = (a: NDArray): number[] | null =>
  a.size ? a.strides.map((stride, d) => (a.shape[d] > 1 ? stride : 0)) : null

export function outcome([makeA, makeB, program]: Case): Outcome {
  const a = makeA && evaluate(makeA, null, null)
  const b = makeB && evaluate(makeB, null, null)
  const before = a instanceof NDArray ? JSON.stringify(plain(a.tolist())) : ''
  const warns: string[] = []
  const sink = set_warning_sink((category, text) => warns.push(`${category}: ${text}`))
  const said: Outcome = {}
  try {
    said.is = shown(evaluate(program, a, b), a, b)
  } catch (error) {
    said.error = String(error)
  } finally {
    set_warning_sink(sink)
  }
  const after = a instanceof NDArray ? plain(a.tolist()) : null
  if (a instanceof NDArray && JSON.stringify(after) !== before) said.a = after
  if (warns.length) said.warns = warns
  return said
}
