// Python's '%.4f' and '%.4e'. JavaScript's toFixed and toExponential see the exact binary value too, but take a tie up
// where Python takes it to the even digit (0.125 to two digits: 0.13 and 0.12), and stop at 1e21.

const nonFinite = (x: number): string => (Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf')
const sign = (x: number): string => (x < 0 || Object.is(x, -0) ? '-' : '')

/** `digits` with its last digit taken back where a tie was taken up to an odd one. */
function evened(digits: string, tie: boolean): string {
  const last = digits.length - 1
  return tie && Number(digits[last]) % 2 ? digits.slice(0, last) + (Number(digits[last]) - 1) : digits
}

/** Whether x lies halfway between two multiples of 10^-places, that is, whether 2 x 10^places is odd. */
function isTie(x: number, places: number): boolean {
  // A double is an integer over a power of two, so the factor 5^places does not matter here.
  if (places >= 0) return Math.abs((x * 2 ** (places + 1)) % 2) === 1
  if (!Number.isInteger(x)) return false
  const twice = 2n * BigInt(x)
  const unit = 10n ** BigInt(-places)
  return twice % unit === 0n && (twice / unit) % 2n === 1n
}

export function fixed(x: number, places: number): string {
  if (!Number.isFinite(x)) return nonFinite(x)
  const a = Math.abs(x)
  const digits = a < 1e21 ? a.toFixed(places) : BigInt(a) + (places ? `.${'0'.repeat(places)}` : '')
  return sign(x) + evened(digits, isTie(a, places))
}

export function exponential(x: number, places: number): string {
  if (!Number.isFinite(x)) return nonFinite(x)
  const a = Math.abs(x)
  const [digits, exponent] = a.toExponential(places).split('e')
  const e = Number(exponent)
  return `${sign(x)}${evened(digits, isTie(a, places - e))}e${e < 0 ? '-' : '+'}${String(Math.abs(e)).padStart(2, '0')}`
}

/** A float as Python prints it: the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on. */
export function floatRepr(x: number): string {
  if (Number.isNaN(x)) return 'nan'
  if (!Number.isFinite(x)) return x > 0 ? 'inf' : '-inf'
  const size = Math.abs(x)
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return x.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  }
  const text = Object.is(x, -0) ? '-0' : String(x)
  return /[.e]/.test(text) ? text : `${text}.0`
}
