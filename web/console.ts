import type { Line, Position, ProgramError, Stream } from '../src/worker/protocol'
import { formatNumber, t } from './i18n'

const MAX_LINES = 5000
const MAX_CHARACTERS = 1_000_000
const BLOCK_LINES = 200

interface Entry {
  element: HTMLElement
  /// How much room it takes.
  lines: number
  /// Printed lines that it shows, or stands for.
  printed: number
}

/// The console panel. Lines gather until the next frame and are kept in blocks of text, so that a flood costs a frame a few
/// elements, and the oldest blocks go when there are more than MAX_LINES lines or
/// MAX_CHARACTERS characters.
export class Console {
  private readonly log: HTMLElement
  private readonly empty: HTMLElement
  private readonly droppedNote = element('div', 'note')
  private entries: Entry[] = []
  private waiting: (Line | { skipped: number })[] = []
  private frame = 0
  private lines = 0
  private characters = 0
  private dropped = 0

  constructor(
    private readonly parent: HTMLElement,
    private readonly onPlace: (position: Position) => void,
  ) {
    this.log = element('div', 'log')
    this.log.role = 'log'
    this.log.tabIndex = 0
    this.log.setAttribute('aria-labelledby', 'console-title')
    this.empty = element('div', 'empty')
    this.droppedNote.hidden = true
    this.log.append(this.droppedNote)
    this.parent.append(this.log, this.empty)
  }

  get text(): string {
    this.flush()
    return this.entries.map(({ element }) => element.dataset.copy ?? element.textContent ?? '').join('\n')
  }

  clear(): void {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    this.waiting = []
    for (const { element } of this.entries) element.remove()
    this.entries = []
    this.lines = 0
    this.characters = 0
    this.dropped = 0
    this.droppedNote.hidden = true
    this.empty.hidden = true
  }

  /// What to do when there is nothing to read.
  showEmpty(title: string, htmlText: string): void {
    this.empty.innerHTML = `<strong></strong><p>${htmlText}</p>`
    this.empty.firstElementChild?.append(title)
    this.empty.hidden = this.entries.length + this.waiting.length > 0
  }

  add(lines: Line[], skipped: number): void {
    this.empty.hidden = true
    if (skipped > 0) this.waiting.push({ skipped })
    this.waiting.push(...lines)
    // Frames stop in a hidden tab; the lines must not pile up meanwhile.
    if (this.waiting.length > 2 * MAX_LINES) this.flush()
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.flush())
  }

  /// An error with its name, its message, and the lines of the reader's code that led to it, each a way there.
  addError(error: ProgramError, heading = ''): void {
    this.flush()
    this.empty.hidden = true
    const box = element('div', 'failure')
    if (heading) box.append(element('div', 'note', heading))
    const message = element('div', 'message')
    message.append(element('span', 'name', error.name), error.message ? `: ${error.message}` : '')
    box.append(message)
    if (error.frames.length > 0) box.append(this.frames(error.frames))
    box.dataset.copy = `${error.name}: ${error.message}`
    this.append({ element: box, lines: 1, printed: 1 })
    this.follow(true)
  }

  private frames(positions: Position[]): HTMLElement {
    const list = element('div', 'frames')
    positions.forEach((position, index) => {
      if (index > 0) list.append(element('span', '', `← ${t('calledFrom')}`))
      const button = element('button', '', t('line', { n: position.line }))
      button.type = 'button'
      button.addEventListener('click', () => this.onPlace(position))
      list.append(button)
    })
    return list
  }

  private flush(): void {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    if (this.waiting.length === 0) return
    const follows = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40
    this.log.ariaBusy = String(this.waiting.length > BLOCK_LINES)
    for (const run of runsOf(this.waiting)) this.append(run)
    this.waiting = []
    this.dropOldest()
    this.follow(follows)
  }

  private append(entry: Entry): void {
    this.log.append(entry.element)
    this.entries.push(entry)
    this.lines += entry.lines
    this.characters += entry.element.textContent?.length ?? 0
  }

  private dropOldest(): void {
    const before = this.dropped
    while (
      this.lines - this.entries[0].lines >= MAX_LINES ||
      (this.characters > MAX_CHARACTERS && this.entries.length > 1)
    ) {
      const { element, lines, printed } = this.entries.shift()!
      this.characters -= element.textContent?.length ?? 0
      element.remove()
      this.lines -= lines
      this.dropped += printed
    }
    if (this.dropped === before) return
    this.droppedNote.hidden = false
    this.droppedNote.textContent = t('dropped', { n: formatNumber(this.dropped) })
  }

  private follow(follows: boolean): void {
    if (follows) this.log.scrollTop = this.log.scrollHeight
  }
}

/// Neighbouring lines of one stream as one block of text.
function* runsOf(waiting: (Line | { skipped: number })[]): Generator<Entry> {
  let stream: Stream = 'out'
  let texts: string[] = []
  const takeBlock = (): Entry => {
    const lines = texts.length
    const block = element('div', `block ${stream}`, texts.join('\n'))
    if (lines === BLOCK_LINES) {
      block.classList.add('long')
      block.style.containIntrinsicHeight = `auto ${lines}lh`
    }
    texts = []
    return { element: block, lines, printed: lines }
  }
  for (const item of waiting) {
    if ('skipped' in item) {
      if (texts.length > 0) yield takeBlock()
      const note = element('div', 'note', t('skipped', { n: formatNumber(item.skipped) }))
      yield { element: note, lines: 1, printed: item.skipped }
      continue
    }
    if (texts.length > 0 && (item.stream !== stream || texts.length >= BLOCK_LINES)) yield takeBlock()
    stream = item.stream
    texts.push(item.text)
  }
  if (texts.length > 0) yield takeBlock()
}

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = '',
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag)
  if (className) created.className = className
  if (text) created.textContent = text
  return created
}
