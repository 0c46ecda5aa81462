import type { Language } from '../state'

export type Group = 'article-0' | 'autograd' | 'own'

export interface Example {
  id: string
  group: Group
  title: Record<Language, string>
  about: Record<Language, string>
  /// The program, its comments in the given language.
  source(language: Language): string
}

const files = import.meta.glob<string>('./[0-9]*.ts', { query: '?raw', import: 'default', eager: true })

/// In the order of their file names, `1-same-id.ts` first.
export const examples: readonly Example[] = Object.entries(files)
  .sort(([a], [b]) => a.localeCompare(b))
  .map(([path, text]) => parseExample(path.replace(/^.*\/\d+-|\.ts$/g, ''), text))

/// A file begins with `// key: value` lines, code in them between backticks; a comment line of its program may be `// en: ...` or `// zh: ...`.
function parseExample(id: string, text: string): Example {
  const lines = text.trimEnd().split('\n')
  const bodyStart = lines.findIndex((line) => !/^\/\/ [a-z.]+: /.test(line))
  const head = new Map(lines.slice(0, bodyStart).map((line) => split(line.slice(3))))
  const body = lines.slice(bodyStart)
  return {
    id,
    group: head.get('group') as Group,
    title: { en: head.get('title') ?? id, zh: head.get('title.zh') ?? id },
    about: { en: head.get('about') ?? '', zh: head.get('about.zh') ?? '' },
    source: (language) => inLanguage(body, language).join('\n'),
  }
}

function split(line: string): [string, string] {
  const colon = line.indexOf(': ')
  return [line.slice(0, colon), line.slice(colon + 2)]
}

function inLanguage(lines: string[], language: Language): string[] {
  const other: Language = language === 'en' ? 'zh' : 'en'
  return lines
    .filter((line) => !line.trimStart().startsWith(`// ${other}: `))
    .map((line) => line.replace(`// ${language}: `, '// '))
}
