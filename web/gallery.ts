import type { Example, Group } from './examples/index'
import { type MessageKey, t } from './i18n'
import type { Language } from './state'

const GROUPS: Record<Group, MessageKey> = {
  'article-0': 'groupArticle',
  autograd: 'groupAutograd',
  own: 'groupOwn',
}

/// The list of examples, by group; the current one and the edited ones are marked.
export class Gallery {
  constructor(
    private readonly parent: HTMLElement,
    private readonly examples: readonly Example[],
    private readonly onChoose: (example: Example) => void,
  ) {}

  render(language: Language, current: string, edited: ReadonlySet<string>): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.example : undefined
    const sections = (Object.keys(GROUPS) as Group[]).map((group) => {
      const section = document.createElement('section')
      const heading = document.createElement('h2')
      heading.textContent = t(GROUPS[group])
      const list = document.createElement('ul')
      for (const example of this.examples.filter((each) => each.group === group)) {
        list.append(this.item(example, language, example.id === current, edited.has(example.id)))
      }
      section.append(heading, list)
      return section
    })
    this.parent.replaceChildren(...sections)
    this.parent.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    if (focused) this.parent.querySelector<HTMLElement>(`[data-example="${focused}"]`)?.focus()
  }

  private item(example: Example, language: Language, isCurrent: boolean, isEdited: boolean): HTMLLIElement {
    const item = document.createElement('li')
    const button = document.createElement('button')
    button.type = 'button'
    button.dataset.example = example.id
    button.append(example.title[language])
    if (isCurrent) button.ariaCurrent = 'true'
    if (isEdited) {
      const mark = document.createElement('span')
      mark.className = 'edited'
      mark.title = t('edited')
      mark.role = 'img'
      mark.ariaLabel = t('edited')
      button.append(mark)
    }
    button.addEventListener('click', () => this.onChoose(example))
    item.append(button)
    return item
  }
}
