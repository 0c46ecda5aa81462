/// Where a column of a line went when its types were stripped. sucrase keeps lines, and changes most of them not at all; its
/// own source map would tell the columns but loses them all after the first `${x}` that ends a template literal (3.35.1).

interface Token {
  text: string
  /// From 0.
  column: number
}

/// The column (from 1) in `original` of what stands at `column` in `stripped`, the same line without its types.
export function originalColumn(stripped: string, original: string, column: number): number {
  if (stripped === original) return column
  const sources = tokensOf(original)
  let next = 0
  let last = { stripped: 0, original: 0 }
  for (const token of tokensOf(stripped)) {
    if (token.column > column - 1) break
    const match = sources.findIndex((source, index) => index >= next && source.text === token.text)
    // Not there: the compiler wrote it. Its place is that of the token before.
    if (match < 0) continue
    last = { stripped: token.column, original: sources[match].column }
    next = match + 1
  }
  return last.original + (column - last.stripped)
}

function tokensOf(line: string): Token[] {
  return Array.from(line.matchAll(/[\w$]+|=>|[^\s\w$]/g), ({ 0: text, index }) => ({ text, column: index }))
}
