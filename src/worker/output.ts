import type { Line, Stream, WorkerEvent } from './protocol'

/// How much a program may print before lines are dropped. The worker cannot wait for the page while a loop runs, so it keeps
/// the newest `backlog` lines, sends them in bounded batches at a bounded rate, and counts what it had to drop.
export interface OutputLimits {
  /// Milliseconds between two batches.
  interval: number
  /// Lines and characters in a batch at most.
  batchLines: number
  batchCharacters: number
  /// Lines and characters waiting to be sent at most.
  backlogLines: number
  backlogCharacters: number
  /// Longer lines are cut, and say so.
  lineCharacters: number
}

export const DEFAULT_LIMITS: OutputLimits = {
  interval: 16,
  batchLines: 400,
  batchCharacters: 16 * 1024,
  backlogLines: 5000,
  backlogCharacters: 1024 * 1024,
  lineCharacters: 10_000,
}

export class OutputStream {
  private waiting: Line[] = []
  private first = 0
  private characters = 0
  private skipped = 0
  private lastBatch = Number.NEGATIVE_INFINITY
  private timer: ReturnType<typeof setTimeout> | null = null

  constructor(
    private readonly send: (event: WorkerEvent) => void,
    private readonly limits: OutputLimits = DEFAULT_LIMITS,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /// Adds text, which may be several lines. Sends a batch when the last one is old enough: a synchronous loop has no timers.
  write(stream: Stream, text: string): void {
    for (const line of text.split('\n')) this.push(stream, line)
    if (this.now() - this.lastBatch >= this.limits.interval) this.sendBatch()
    this.schedule()
  }

  /// Sends everything that waits, in order.
  drain(): void {
    while (this.first < this.waiting.length) this.sendBatch()
  }

  private push(stream: Stream, line: string): void {
    const { lineCharacters, backlogLines, backlogCharacters } = this.limits
    const hidden = line.length - lineCharacters
    const text = hidden > 0 ? `${line.slice(0, lineCharacters)} … (${hidden} more characters)` : line
    this.waiting.push({ stream, text })
    this.characters += text.length
    while (this.waiting.length - this.first > backlogLines || this.characters > backlogCharacters) {
      this.take()
      this.skipped++
    }
  }

  private take(): Line {
    const line = this.waiting[this.first]
    this.characters -= line.text.length
    this.first++
    if (this.first * 2 > this.waiting.length) {
      this.waiting = this.waiting.slice(this.first)
      this.first = 0
    }
    return line
  }

  private sendBatch(): void {
    const { batchLines, batchCharacters } = this.limits
    const lines: Line[] = []
    let characters = 0
    while (this.first < this.waiting.length && lines.length < batchLines && characters < batchCharacters) {
      const line = this.take()
      characters += line.text.length
      lines.push(line)
    }
    if (lines.length > 0) this.send({ kind: 'lines', lines, skipped: this.skipped })
    this.skipped = 0
    this.lastBatch = this.now()
  }

  private schedule(): void {
    if (this.timer !== null || this.first === this.waiting.length) return
    this.timer = setTimeout(() => {
      this.timer = null
      this.sendBatch()
      this.schedule()
    }, this.limits.interval)
  }
}
