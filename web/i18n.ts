import type { Language } from './state'

const en = {
  skip: 'Skip to the editor',
  tagline: 'PyTorch’s autograd, with the memory in view',
  otherLanguage: '中文',
  theme: 'Theme: {theme}. Change',
  themeAuto: 'Auto',
  themeLight: 'Light',
  themeDark: 'Dark',
  examples: 'Examples',
  groupArticle: 'Article 0 · Object identity',
  groupAutograd: 'Autograd in short',
  groupOwn: 'Yours',
  edited: 'edited',
  editor: 'Program, TypeScript',
  editorHint: '<kbd>Esc</kbd> then <kbd>Tab</kbd> leaves the editor',
  run: 'Run',
  stop: 'Stop',
  reset: 'Restore the example',
  loading: 'Loading…',
  ready: 'Ready',
  running: 'Running…',
  finished: 'Finished in {time}',
  failed: 'Failed after {time}',
  stopped: 'Stopped',
  unavailable: 'Cannot run here',
  unavailableWhy:
    'The library could not be loaded: {reason}. It needs a browser with WebAssembly SIMD, current in 2023 or later.',
  notSaved: 'This browser keeps no storage for the page: your code will be gone when you close it.',
  console: 'Console',
  copy: 'Copy',
  copied: 'Copied',
  clear: 'Clear',
  emptyTitle: 'Nothing printed yet',
  empty: 'Press {key} or the Run button. What the program prints appears here, line by line, while it runs.',
  silent: 'The program printed nothing. print(x) shows a value.',
  skipped: '… {n} lines dropped: they came faster than anyone can read',
  dropped: '… {n} earlier lines dropped',
  line: 'line {n}',
  calledFrom: 'called from',
  strayError: 'Later, in code the program did not wait for',
  memory: 'Memory',
  memoryNote: '<code>torch.memory.stats()</code> at the end',
  tensors: 'tensors',
  storages: 'storages',
  nodes: 'nodes',
  objects: 'objects',
  bytes: 'bytes',
  peak_bytes: 'peak bytes',
  allocations: 'allocations',
}

export type Messages = typeof en
export type MessageKey = keyof Messages

const zh: Messages = {
  skip: '跳到编辑器',
  tagline: 'PyTorch 的自动求导，内存看得见',
  otherLanguage: 'English',
  theme: '主题：{theme}。切换',
  themeAuto: '自动',
  themeLight: '浅色',
  themeDark: '深色',
  examples: '示例',
  groupArticle: '文章 0 · 对象身份',
  groupAutograd: '自动求导小例',
  groupOwn: '自己的',
  edited: '已修改',
  editor: '程序（TypeScript）',
  editorHint: '先按 <kbd>Esc</kbd> 再按 <kbd>Tab</kbd> 离开编辑器',
  run: '运行',
  stop: '停止',
  reset: '恢复示例',
  loading: '正在加载…',
  ready: '就绪',
  running: '运行中…',
  finished: '完成，用时 {time}',
  failed: '出错，用时 {time}',
  stopped: '已停止',
  unavailable: '无法在此运行',
  unavailableWhy: '库未能加载：{reason}。需要支持 WebAssembly SIMD 的浏览器（2023 年以后的版本）。',
  notSaved: '浏览器不允许本页保存数据：关闭页面后代码会丢失。',
  console: '控制台',
  copy: '复制',
  copied: '已复制',
  clear: '清空',
  emptyTitle: '还没有输出',
  empty: '按 {key} 或“运行”按钮。程序打印的内容会一边运行一边逐行显示在这里。',
  silent: '程序没有打印任何内容。用 print(x) 显示一个值。',
  skipped: '… 略去 {n} 行：打印得比任何人读得都快',
  dropped: '… 前面略去 {n} 行',
  line: '第 {n} 行',
  calledFrom: '调用自',
  strayError: '稍后，在程序没有等待的代码里',
  memory: '内存',
  memoryNote: '程序结束时的 <code>torch.memory.stats()</code>',
  tensors: '张量',
  storages: '存储',
  nodes: '节点',
  objects: '对象',
  bytes: '字节',
  peak_bytes: '峰值字节',
  allocations: '分配次数',
}

const messages: Record<Language, Messages> = { en, zh }

let language: Language = 'en'

export function currentLanguage(): Language {
  return language
}

/// A message in the reader's language, with its {places} filled in.
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return messages[language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

/// Says every static text of the page in `next`: `data-text` and `data-html` are contents, `data-label` an accessible name.
export function translatePage(next: Language): void {
  language = next
  document.documentElement.lang = next === 'zh' ? 'zh' : 'en'
  for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) {
    element.textContent = t(element.dataset.text as MessageKey)
  }
  for (const element of document.querySelectorAll<HTMLElement>('[data-html]')) {
    element.innerHTML = t(element.dataset.html as MessageKey)
  }
  for (const element of document.querySelectorAll<HTMLElement>('[data-label]')) {
    element.ariaLabel = t(element.dataset.label as MessageKey)
  }
  document.documentElement.classList.remove('untranslated')
}

export function formatNumber(value: number): string {
  return value.toLocaleString(language)
}

export function formatTime(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`
  if (milliseconds < 10_000) return `${Math.round(milliseconds)} ms`
  return `${(milliseconds / 1000).toFixed(1)} s`
}
