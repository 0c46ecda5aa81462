// How NumPy prints an array, character for character: one format for all shown elements, cells of one width, lines filled
// to 75 columns, the dtype where it does not go without saying.
import { exponential, fixed } from '../torch/decimals'
import { bool_, category, float32, float64, int64, type NpDType } from './dtype'
import { tupleText } from './errors'
import type { NDArray } from './ndarray'
import { scalarText, shortest } from './scalar'

const PRECISION = 8
const THRESHOLD = 1000
const EDGE = 3
const WIDTH = 75

type Value = number | bigint | boolean
type Format = (value: Value) => string

/** The indices to show along each dimension; -1 is the gap. */
function shownOf(shape: readonly number[], size: number): number[][] {
  return shape.map((n) => {
    if (size <= THRESHOLD || n <= 2 * EDGE) return Array.from({ length: n }, (_, i) => i)
    return [0, 1, 2, -1, n - 3, n - 2, n - 1]
  })
}

function valuesOf(a: NDArray, shown: readonly number[][]): Value[] {
  const [sizes, strides, read, values] = [a._dims(0), a._dims(1), a._reader(), [] as Value[]]
  const walk = (d: number, offset: number): void => {
    if (d === sizes.length) values.push(read(offset))
    else for (const i of shown[d]) if (i >= 0) walk(d + 1, offset + i * strides[d])
  }
  if (a.size) walk(0, a._offset)
  return values
}

/** Digits before and behind the point. */
interface Digits {
  left: string
  right: string
}

function split(text: string): Digits {
  const [left, right = ''] = text.split('.')
  return { left, right: right.replace(/0+$/, '') }
}

/** A number's fewest digits that tell it from its neighbours, at most eight of them behind the point. */
function positional(x: number, dtype: NpDType): Digits {
  const text = shortest(x, dtype)
  const plain = /e/.test(text) ? fixed(Number(text), Math.max(0, fractionOf(text))) : text
  const digits = split(plain)
  return digits.right.length > PRECISION ? split(fixed(x, PRECISION)) : digits
}

/** How many decimals a number with an exponent has. */
function fractionOf(text: string): number {
  const [mantissa, exponent] = text.split('e')
  return (mantissa.split('.')[1] ?? '').length - Number(exponent)
}

interface Scientific extends Digits {
  exponent: string
}

function scientific(x: number, dtype: NpDType): Scientific {
  const few = Number(shortest(x, dtype))
  const decimals = (few.toExponential().split('e')[0].split('.')[1] ?? '').length
  const text = decimals > PRECISION ? exponential(x, PRECISION) : exponential(few, decimals)
  const [mantissa, exponent] = text.split('e')
  return { ...split(mantissa), exponent: `e${exponent}` }
}

function floatFormat(values: readonly number[], dtype: NpDType): Format {
  const finite = values.filter(Number.isFinite)
  const sizes = finite.filter((x) => x !== 0).map(Math.abs)
  const most = sizes.reduce((a, b) => Math.max(a, b), 0)
  const least = sizes.reduce((a, b) => Math.min(a, b), Infinity)
  const ratio = dtype === float32 ? Math.fround(most / least) : most / least
  const inExponents = sizes.length > 0 && (most >= (dtype === float32 ? 1e6 : 1e8) || least < 1e-4 || ratio > 1000)
  let left = 0
  let right = 0
  let tail = 0
  let write: Format
  if (inExponents) {
    for (const x of finite) {
      const digits = scientific(x, dtype)
      left = Math.max(left, digits.left.length)
      right = Math.max(right, digits.right.length)
      tail = Math.max(tail, digits.exponent.length)
    }
    // Beyond the few digits that would do, a cell is filled with those of the exact value.
    write = (value) => {
      const [mantissa, exponent] = exponential(value as number, right).split('e')
      const [whole, rest = ''] = mantissa.split('.')
      return `${whole.padStart(left)}.${rest}e${exponent[0]}${exponent.slice(1).padStart(tail - 2, '0')}`
    }
  } else {
    for (const x of finite) {
      const digits = positional(x, dtype)
      left = Math.max(left, digits.left.length)
      right = Math.max(right, digits.right.length)
    }
    write = (value) => {
      const digits = positional(value as number, dtype)
      return `${digits.left.padStart(left)}.${digits.right.padEnd(right)}`
    }
  }
  // Room for nan and inf on the left of the point, unless what is right of it gives it.
  if (finite.length < values.length) {
    const widest = Math.max(...values.filter((x) => !Number.isFinite(x)).map((x) => scalarText(x, dtype).length))
    left = Math.max(left, widest - right - tail - 1)
  }
  const width = left + 1 + right + tail
  return (value) => (Number.isFinite(value as number) ? write(value) : scalarText(value, dtype).padStart(width))
}

function formatOf(values: readonly Value[], dtype: NpDType, alone: boolean): Format {
  if (category(dtype) === 2) return floatFormat(values as number[], dtype)
  const text: Format = (value) => scalarText(value, dtype)
  // A column of truth values has room for False, whether there is one or not.
  const least = dtype === bool_ && !alone ? 5 : 0
  const width = values.reduce<number>((most, value) => Math.max(most, text(value).length), least)
  return (value) => text(value).padStart(width)
}

/** The rows in brackets, behind `indent` columns and before `closing` ones. */
function body(a: NDArray, separator: string, indent: number, closing: number): string {
  const shape = a._dims(0)
  const shown = shownOf(shape, a.size)
  const values = valuesOf(a, shown)
  const format = formatOf(values, a.dtype, shape.length === 0)
  // What every line leaves free: the brackets that may close there, or a comma.
  const limit = WIDTH - closing - Math.max(shape.length, 1)
  let next = 0
  const word = separator.trimEnd()
  const print = (d: number): string => {
    const cells = shown[d]
    const hang = ' '.repeat(indent + d + 1)
    if (d < shape.length - 1) {
      const gap = `${word}${'\n'.repeat(shape.length - d - 1)}${hang}`
      return `[${cells.map((i) => (i < 0 ? '...' : print(d + 1))).join(gap)}]`
    }
    let text = ''
    let line = hang
    for (const [at, i] of cells.entries()) {
      const cell = i < 0 ? '...' : format(values[next++])
      if (line.length + cell.length > limit && line.length > hang.length) {
        text += `${line.trimEnd()}\n`
        line = hang
      }
      line += at === cells.length - 1 ? cell : cell + separator
    }
    return `[${(text + line).slice(hang.length)}]`
  }
  return shape.length ? print(0) : format(values[0])
}

/** NumPy's `str(a)`. */
export function arrayStr(a: NDArray): string {
  if (a.ndim === 0) return scalarText(a._element(0), a.dtype)
  return a.size ? body(a, ' ', 0, 0) : '[]'
}

const PREFIX = 'array('

/** NumPy's `repr(a)`. */
export function arrayRepr(a: NDArray): string {
  const { dtype } = a
  const shape = a._dims(0)
  const text = PREFIX + (a.size ? body(a, ', ', PREFIX.length, 1) : '[]')
  const suffixes: string[] = []
  if ((a.size === 0 && shape.length !== 1) || a.size > THRESHOLD) suffixes.push(`shape=${tupleText(shape)}`)
  if (!(a.size && [bool_, int64, float64].includes(dtype))) suffixes.push(`dtype=${dtype.name}`)
  if (suffixes.length === 0) return `${text})`
  const suffix = `${suffixes.join(', ')})`
  const lastLine = text.length - (text.lastIndexOf('\n') + 1)
  // The comma and the space in front count as well.
  return lastLine + suffix.length + 2 > WIDTH ? `${text},\n${' '.repeat(PREFIX.length)}${suffix}` : `${text}, ${suffix}`
}
