import type { MemoryStats } from '../src/worker/protocol'
import { formatNumber, t } from './i18n'

const ROWS = ['tensors', 'storages', 'nodes', 'objects', 'bytes', 'peak_bytes', 'allocations'] as const

/// What `torch.memory.stats()` said at the end of the last run; dashes before the first, so that nothing moves later.
export class MemoryPanel {
  private stats: MemoryStats | null = null

  constructor(private readonly list: HTMLElement) {}

  show(stats: MemoryStats | null): void {
    this.stats = stats
    this.render()
  }

  render(): void {
    const cells = ROWS.map((row) => {
      const cell = document.createElement('div')
      const term = document.createElement('dt')
      term.textContent = t(row)
      const value = document.createElement('dd')
      value.dataset.stat = row
      value.textContent = this.stats ? formatNumber(this.stats[row]) : '–'
      value.classList.toggle('none', !this.stats)
      cell.append(term, value)
      return cell
    })
    this.list.replaceChildren(...cells)
  }
}
