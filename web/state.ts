export type Language = 'en' | 'zh'
export type Theme = 'auto' | 'light' | 'dark'

/// Everything the page remembers, in one plain object. A draft exists only where the code differs from its example.
export interface PageState {
  version: 1
  /// 'auto' follows the browser.
  language: Language | 'auto'
  theme: Theme
  /// The example in the editor.
  example: string
  /// The reader's code, by example.
  drafts: Record<string, string>
}

/// Also read by the script in index.html's head, before the first paint.
export const STORAGE_KEY = 'backward0'

const INITIAL: PageState = { version: 1, language: 'auto', theme: 'auto', example: 'same-id', drafts: {} }

export function loadState(): PageState {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? 'null')
    if (isState(stored)) return { ...INITIAL, ...stored }
  } catch {
    // Unreadable or forbidden storage: start afresh.
  }
  return { ...INITIAL, drafts: {} }
}

/// False when the browser keeps nothing (a full or forbidden storage): the page then says so.
export function saveState(state: PageState): boolean {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(state))
    return true
  } catch {
    return false
  }
}

export function languageOf(state: PageState): Language {
  if (state.language !== 'auto') return state.language
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

function isState(value: unknown): value is PageState {
  if (typeof value !== 'object' || value === null) return false
  const { version, drafts } = value as Partial<PageState>
  return version === 1 && typeof drafts === 'object' && drafts !== null
}
