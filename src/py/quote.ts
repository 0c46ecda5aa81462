// Python's repr of a str.

const ESCAPES: Partial<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** What Python shows by number: control and format characters, separators other than the blank, lone surrogates. */
const HIDDEN = /[\p{C}\p{Z}\\]/gu

function escaped(character: string): string {
  if (character === ' ') return character
  const known = ESCAPES[character]
  if (known) return known
  const code = character.codePointAt(0)!
  const digits = (width: number) => code.toString(16).padStart(width, '0')
  return code < 0x100 ? `\\x${digits(2)}` : code < 0x10000 ? `\\u${digits(4)}` : `\\U${digits(8)}`
}

export function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  return quote + text.replace(HIDDEN, escaped).replaceAll(quote, `\\${quote}`) + quote
}
