// Python tuples as plain arrays that print as tuples. The mark is a hidden property, so they compare as arrays do.

const MARK = Symbol('backward0.tuple')

function marked<T>(items: T[], mark: 'tuple' | 'size'): T[] {
  Object.defineProperty(items, MARK, { value: mark })
  return items
}

/** Marks an array as a tuple: prints `(1, 2)`. */
export function tuple<T>(items: T[]): T[] {
  return marked(items, 'tuple')
}

/** Marks an array as a shape: prints `torch.Size([1, 2])`. */
export function size(items: number[]): number[] {
  return marked(items, 'size')
}

/** How an array prints: as a list unless it was marked. */
export function markOf(items: readonly unknown[]): 'list' | 'tuple' | 'size' {
  return (items as { [MARK]?: 'tuple' | 'size' })[MARK] ?? 'list'
}
