import { Runner, type RunResult } from '../src/worker/client'
import type { WorkerEvent } from '../src/worker/protocol'
import { applyTheme, nextTheme } from './appearance'
import { Console } from './console'
import { compileCore } from './core-module'
import { Editor } from './editor'
import { type Example, examples } from './examples/index'
import { Gallery } from './gallery'
import { formatTime, t, translatePage } from './i18n'
import { MemoryPanel } from './memory-panel'
import { languageOf, loadState, type PageState, STORAGE_KEY, saveState } from './state'

const SAVE_DELAY = 200

type Phase = 'loading' | 'ready' | 'running' | 'finished' | 'failed' | 'stopped' | 'unavailable'

const byId = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T

const runButton = byId<HTMLButtonElement>('run')
const stopButton = byId<HTMLButtonElement>('stop')
const resetButton = byId<HTMLButtonElement>('reset')
const themeButton = byId('theme')
const status = byId('status')

const state: PageState = loadState()
const editor = new Editor(byId('editor'), { onChange: keepDraft, onRun: run })
const output = new Console(byId('console'), (position) => editor.reveal(position))
const memory = new MemoryPanel(byId('memory'))
const gallery = new Gallery(byId('gallery'), examples, choose)
const runner = new Runner(compileCore(), onEvent)

let saving: ReturnType<typeof setTimeout> | undefined
let runs = 0
let phaseValues: Record<string, string> = {}

translate()
show(currentExample())
setPhase('loading')
runner.ready().then((vocabulary) => {
  editor.setVocabulary(vocabulary)
  if (status.dataset.phase === 'loading') setPhase('ready')
}, unavailable)

runButton.addEventListener('click', run)
stopButton.addEventListener('click', stop)
resetButton.addEventListener('click', () => {
  editor.replace(currentExample().source(languageOf(state)))
  editor.focus()
})
themeButton.addEventListener('click', () => {
  state.theme = nextTheme(state.theme)
  applyTheme(state.theme, themeButton, byId('theme-name'))
  save()
})
byId('language').addEventListener('click', () => {
  state.language = languageOf(state) === 'en' ? 'zh' : 'en'
  save()
  translate()
  show(currentExample())
})
byId('copy').addEventListener('click', copyOutput)
byId('clear').addEventListener('click', () => {
  output.clear()
  showHint('empty')
})
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return
  event.preventDefault()
  run()
})
document.addEventListener('visibilitychange', saveNow)
window.addEventListener('pagehide', saveNow)
window.addEventListener('storage', adoptOtherTabsDrafts)

async function run(): Promise<void> {
  if (!isRunnable()) return
  const mine = ++runs
  saveNow()
  output.clear()
  editor.clearError()
  setPhase('running')
  // Below the editor, on a narrow screen, the console would be out of sight.
  byId('console').scrollIntoView({ block: 'nearest' })
  try {
    const result = await runner.run(editor.code)
    if (mine === runs) finish(result)
  } catch (error) {
    if (mine === runs) unavailable(error)
  }
}

function finish(result: RunResult): void {
  // `stop` has already said so.
  if (result.outcome === 'stopped') return
  memory.show(result.stats)
  setPhase(result.outcome, { time: formatTime(result.milliseconds) })
  if (result.error) {
    output.addError(result.error)
    editor.markError(result.error)
  } else {
    showHint('silent')
  }
}

function stop(): void {
  if (status.dataset.phase !== 'running') return
  runs++
  runner.stop()
  setPhase('stopped')
}

function onEvent(event: WorkerEvent): void {
  if (event.kind === 'lines') output.add(event.lines, event.skipped)
  if (event.kind === 'stray-error') output.addError(event.error, t('strayError'))
}

function choose(example: Example): void {
  saveNow()
  stop()
  state.example = example.id
  saveNow()
  show(example)
  output.clear()
  memory.show(null)
  if (isRunnable()) setPhase('ready')
  showHint('empty')
}

/// Text with `code` in it.
function* withCode(text: string): Generator<Node> {
  for (const [index, part] of text.split('`').entries()) {
    const node = index % 2 === 0 ? document.createTextNode(part) : document.createElement('code')
    node.textContent = part
    yield node
  }
}

function currentExample(): Example {
  return examples.find(({ id }) => id === state.example) ?? examples[0]
}

function show(example: Example): void {
  const language = languageOf(state)
  byId('title').textContent = example.title[language]
  byId('about').replaceChildren(...withCode(example.about[language]))
  editor.show(state.drafts[example.id] ?? example.source(language))
  renderGallery()
}

function renderGallery(): void {
  const { id } = currentExample()
  gallery.render(languageOf(state), id, new Set(Object.keys(state.drafts)))
  resetButton.hidden = state.drafts[id] === undefined
}

function keepDraft(code: string): void {
  const example = currentExample()
  const wasEdited = example.id in state.drafts
  if (code === example.source(languageOf(state))) delete state.drafts[example.id]
  else state.drafts[example.id] = code
  if (wasEdited !== example.id in state.drafts) renderGallery()
  save()
}

function save(): void {
  clearTimeout(saving)
  saving = setTimeout(saveNow, SAVE_DELAY)
}

function saveNow(): void {
  clearTimeout(saving)
  byId('storage-note').hidden = saveState(state)
}

/// Another tab has saved: keep its drafts, except of the program that is in this tab's editor.
function adoptOtherTabsDrafts(event: StorageEvent): void {
  if (event.key !== STORAGE_KEY) return
  const { id } = currentExample()
  const mine = state.drafts[id]
  state.drafts = loadState().drafts
  if (mine === undefined) delete state.drafts[id]
  else state.drafts[id] = mine
  renderGallery()
}

function translate(): void {
  translatePage(languageOf(state))
  document.title = `backward0 · ${t('tagline')}`
  byId('language').textContent = t('otherLanguage')
  byId('language').lang = languageOf(state) === 'en' ? 'zh' : 'en'
  byId('run-key').textContent = runKey()
  applyTheme(state.theme, themeButton, byId('theme-name'))
  editor.setLabel(t('editor'))
  status.textContent = t(status.dataset.phase as Phase, phaseValues)
  memory.render()
  showHint('empty')
}

function isRunnable(): boolean {
  return status.dataset.phase !== 'loading' && status.dataset.phase !== 'unavailable'
}

function setPhase(phase: Phase, values: Record<string, string> = {}): void {
  phaseValues = values
  status.dataset.phase = phase
  status.textContent = t(phase, values)
  runButton.disabled = phase === 'loading' || phase === 'unavailable'
  stopButton.disabled = phase !== 'running'
}

function unavailable(error: unknown): void {
  setPhase('unavailable')
  const message = t('unavailableWhy', { reason: error instanceof Error ? error.message : String(error) })
  output.add([{ stream: 'error', text: message }], 0)
}

function showHint(key: 'empty' | 'silent'): void {
  const title = key === 'empty' ? t('emptyTitle') : ''
  output.showEmpty(title, t(key, { key: `<kbd>${runKey()}</kbd>` }))
}

function runKey(): string {
  return /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘ ↵' : 'Ctrl ↵'
}

async function copyOutput(): Promise<void> {
  await navigator.clipboard.writeText(output.text)
  const button = byId('copy')
  button.textContent = t('copied')
  setTimeout(() => {
    button.textContent = t('copy')
  }, 1500)
}
