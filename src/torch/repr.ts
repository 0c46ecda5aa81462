// How PyTorch prints a tensor, character for character: one number format for the whole tensor, chosen from the values
// that are shown; lines filled to the line width; suffixes for what the numbers do not say.

import { ValueError } from '../core/errors'
import { exponential, fixed } from './decimals'
import { Signature } from './signature'

export interface PrintOptions {
  precision: number
  /** More elements than this, and only the edges of each dimension are shown ... */
  threshold: number
  /** ... this many at each end. */
  edgeitems: number
  linewidth: number
  /** null: whichever suits the values. */
  sci_mode: boolean | null
}

type Value = number | bigint | boolean

export interface Printable {
  /** Without 'torch.': 'float32'. */
  dtype: string
  shape: readonly number[]
  /** The i-th element in row-major order. Called for shown elements only. */
  values: (i: number) => Value
  suffixes?: { gradFn?: string | null; requiresGrad?: boolean }
  /** The dtype that goes without saying; 'float32' unless given. */
  defaultDtype?: string
}

const PROFILES = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 },
}
const PREFIX = 'tensor('

let options: PrintOptions = { ...PROFILES.default, sci_mode: null }

const NUMBERS = ['precision', 'threshold', 'edgeitems', 'linewidth'] as const
const signature = new Signature(
  'set_printoptions',
  'int precision=None, float threshold=None, int edgeitems=None, int linewidth=None, str profile=None, bool sci_mode=None',
)

/**
 * torch.set_printoptions. As there, `sci_mode` goes back to null unless it is given.
 * @throws TypeError, ValueError for what no number could be printed with
 */
export function set_printoptions(options?: Partial<PrintOptions> & { profile?: keyof typeof PROFILES }): void
export function set_printoptions(...args: unknown[]): void {
  const { values } = signature.parse(args)
  const [profile, sci_mode] = values.slice(4) as [string | null, boolean | null]
  if (profile !== null && !Object.hasOwn(PROFILES, profile)) {
    throw new ValueError(
      `set_printoptions(): expected a profile of ${Object.keys(PROFILES).join(', ')}, but got ${profile}`,
    )
  }
  const numbers = NUMBERS.flatMap((name, i) => (values[i] === null ? [] : [[name, Number(values[i])] as const]))
  for (const [name, value] of numbers) {
    const most = name === 'precision' ? 100 : Infinity
    if (!(value >= 0 && value <= most)) {
      throw new ValueError(`set_printoptions(): ${name} must be between 0 and ${most}, but got ${value}`)
    }
  }
  options = { ...options, ...PROFILES[profile as keyof typeof PROFILES], sci_mode, ...Object.fromEntries(numbers) }
}

export function get_printoptions(): PrintOptions {
  return { ...options }
}

export function reprTensor(t: Printable): string {
  const numel = t.shape.reduce((a, b) => a * b, 1)
  const usual = t.defaultDtype ?? 'float32'
  const suffixes: string[] = []
  if (numel === 0 ? t.shape.length !== 1 : options.edgeitems === 0) suffixes.push(`size=${pyTuple(t.shape)}`)
  // Numbers tell int64 from bool from float by their looks; of an empty tensor only the default dtype is understood.
  const understood = numel === 0 ? [usual] : [usual, 'int64', 'bool']
  if (!understood.includes(t.dtype)) suffixes.push(`dtype=torch.${t.dtype}`)
  if (t.suffixes?.gradFn) suffixes.push(`grad_fn=<${t.suffixes.gradFn}>`)
  else if (t.suffixes?.requiresGrad) suffixes.push('requires_grad=True')
  return withSuffixes(PREFIX + (numel === 0 ? '[]' : body(t, numel > options.threshold)), suffixes)
}

function body({ dtype, shape, values }: Printable, summarize: boolean): string {
  const { edgeitems: edge, linewidth } = options
  // The indices to show along a dimension; -1 is the gap.
  const shown = shape.map((n) => {
    const all = summarize && n > 2 * edge ? 2 * edge : n
    const indices = Array.from({ length: all }, (_, i) => (i < edge || all === n ? i : n - all + i))
    if (all < n) indices.splice(edge, 0, -1)
    return indices
  })
  const seen: Value[] = []
  const read = (dim: number, offset: number): void => {
    if (dim === shape.length) seen.push(values(offset))
    else for (const i of shown[dim]) if (i >= 0) read(dim + 1, offset * shape[dim] + i)
  }
  read(0, 0)
  const { width, format } = formatter(seen, /float/.test(dtype))

  let next = 0
  const element = (): string => format(seen[next++]).padStart(width)
  const print = (dim: number): string => {
    if (dim === shape.length) return element()
    const indent = PREFIX.length + dim
    const newline = '\n'.repeat(shape.length - dim - 1 || 1) + ' '.repeat(indent + 1)
    if (dim < shape.length - 1)
      return `[${shown[dim].map((i) => (i < 0 ? '...' : print(dim + 1))).join(`,${newline}`)}]`
    const cells = shown[dim].map((i) => (i >= 0 ? element() : edge ? ' ...' : '...'))
    const perLine = Math.max(1, Math.floor((linewidth - indent) / (width + 2)))
    const lines: string[] = []
    for (let i = 0; i < cells.length; i += perLine) lines.push(cells.slice(i, i + perLine).join(', '))
    return `[${lines.join(`,${newline}`)}]`
  }
  return print(0)
}

function formatter(values: readonly Value[], floating: boolean): { width: number; format: (v: Value) => string } {
  const widest = (format: (v: Value) => string, of: readonly Value[]) => {
    let width = 1
    for (const v of of) width = Math.max(width, format(v).length)
    return { width, format }
  }
  if (!floating) {
    return widest((v) => (typeof v === 'boolean' ? (v ? 'True' : 'False') : String(v)), values)
  }
  // Zeros, infinities and NaNs have no say in the format, and are not counted in the width either.
  const telling = (values as readonly number[]).filter((v) => v !== 0 && Number.isFinite(v))
  let min = Infinity
  let max = 0
  for (const v of telling) {
    min = Math.min(min, Math.abs(v))
    max = Math.max(max, Math.abs(v))
  }
  const { precision, sci_mode } = options
  if (telling.length && (sci_mode ?? (max / min > 1000 || max > 1e8 || min < 1e-4))) {
    return widest((v) => exponential(v as number, precision), telling)
  }
  if (telling.every(Number.isInteger)) {
    return widest((v) => fixed(v as number, 0) + (Number.isFinite(v) ? '.' : ''), telling)
  }
  return widest((v) => fixed(v as number, precision), telling)
}

/** Each suffix goes on the last line where it fits, else on a line of its own. */
function withSuffixes(text: string, suffixes: readonly string[]): string {
  let out = text
  let lineLength = text.length - text.lastIndexOf('\n') + 1
  for (const suffix of suffixes) {
    if (lineLength + suffix.length + 2 > options.linewidth) {
      out += `,\n${' '.repeat(PREFIX.length)}${suffix}`
      lineLength = PREFIX.length + suffix.length
    } else {
      out += `, ${suffix}`
      lineLength += suffix.length + 2
    }
  }
  return `${out})`
}

const pyTuple = (shape: readonly number[]): string => `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`
