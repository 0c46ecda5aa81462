import { t } from './i18n'
import type { Theme } from './state'

const NEXT: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' }
const NAMES = { auto: 'themeAuto', light: 'themeLight', dark: 'themeDark' } as const

export function nextTheme(theme: Theme): Theme {
  return NEXT[theme]
}

/// Applies the theme ('auto' leaves the choice to the system) and says it on its button.
export function applyTheme(theme: Theme, button: HTMLElement, name: HTMLElement): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  name.dataset.text = NAMES[theme]
  name.textContent = t(NAMES[theme])
  button.ariaLabel = t('theme', { theme: t(NAMES[theme]) })
}
