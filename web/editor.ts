import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { javascriptLanguage, localCompletionSource, typescriptLanguage } from '@codemirror/lang-javascript'
import { bracketMatching, indentOnInput, LanguageSupport } from '@codemirror/language'
import { lintGutter, setDiagnostics } from '@codemirror/lint'
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search'
import { Compartment, EditorSelection, EditorState, type Extension, StateEffect, StateField } from '@codemirror/state'
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import type { Position, ProgramError, Vocabulary } from '../src/worker/protocol'
import { theme } from './editor-theme'

export interface EditorListener {
  /// The reader changed the code; not called for `show`.
  onChange(code: string): void
  onRun(): void
}

export class Editor {
  private readonly view: EditorView
  private readonly label = new Compartment()
  private vocabulary: Vocabulary = { globals: [], namespaces: {}, tensor: [] }

  constructor(
    parent: HTMLElement,
    private readonly listener: EditorListener,
  ) {
    this.view = new EditorView({ parent, state: this.stateFor('') })
  }

  get code(): string {
    return this.view.state.doc.toString()
  }

  /// Puts another program into the editor, with a history of its own.
  show(code: string): void {
    const label = this.label.get(this.view.state) ?? []
    this.view.setState(this.stateFor(code, label))
  }

  /// Replaces the program in a way that the reader can undo.
  replace(code: string): void {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: code } })
  }

  setLabel(label: string): void {
    this.view.dispatch({ effects: this.label.reconfigure(labelled(label)) })
  }

  setVocabulary(vocabulary: Vocabulary): void {
    this.vocabulary = vocabulary
  }

  /// Marks the place where a program failed until the code changes or runs again.
  markError(error: ProgramError): void {
    const [frame] = error.frames
    if (!frame) return
    const { from, to, lineStart } = this.range(frame)
    const message = `${error.name}: ${error.message}`
    this.view.dispatch(setDiagnostics(this.view.state, [{ from, to, severity: 'error', message }]))
    this.view.dispatch({ effects: markLine.of(lineStart) })
  }

  clearError(): void {
    this.view.dispatch(setDiagnostics(this.view.state, []))
    this.view.dispatch({ effects: markLine.of(null) })
  }

  /// Selects the line of a place and brings it into view.
  reveal(position: Position): void {
    const line = this.view.state.doc.line(this.range(position).line)
    this.view.dispatch({
      selection: EditorSelection.range(line.from, line.to),
      effects: EditorView.scrollIntoView(line.from, { y: 'center' }),
    })
    this.view.focus()
  }

  focus(): void {
    this.view.focus()
  }

  /// A place as offsets: the word that begins there, or at least one character.
  private range({ line, column }: Position): { from: number; to: number; line: number; lineStart: number } {
    const { doc } = this.view.state
    const found = doc.line(Math.min(Math.max(line, 1), doc.lines))
    const from = Math.min(found.from + column - 1, found.to)
    const word = /^[\w$]+/.exec(doc.sliceString(from, found.to))
    const to = Math.min(from + (word ? word[0].length : 1), found.to)
    return { from, to, line: found.number, lineStart: found.from }
  }

  private stateFor(doc: string, label: Extension = []): EditorState {
    return EditorState.create({
      doc,
      extensions: [
        lineNumbers(),
        lintGutter(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        EditorView.lineWrapping,
        failedLine,
        new LanguageSupport(typescriptLanguage),
        javascriptLanguage.data.of({ autocomplete: localCompletionSource }),
        typescriptLanguage.data.of({ autocomplete: (context: CompletionContext) => this.complete(context) }),
        autocompletion({ icons: false }),
        keymap.of([
          { key: 'Mod-Enter', run: () => this.runProgram() },
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...completionKeymap,
          indentWithTab,
        ]),
        theme,
        this.label.of(label),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) this.listener.onChange(this.code)
        }),
      ],
    })
  }

  private runProgram(): boolean {
    this.listener.onRun()
    return true
  }

  private complete(context: CompletionContext): CompletionResult | null {
    const { globals, namespaces, tensor } = this.vocabulary
    const member = context.matchBefore(/([\w$.]+|[)\]])\.\w*$/)
    if (member) {
      const dot = member.text.lastIndexOf('.')
      const names = namespaces[member.text.slice(0, dot)] ?? tensor
      return { from: member.from + dot + 1, options: names.map((label) => ({ label })), validFor: /^\w*$/ }
    }
    const word = context.matchBefore(/\w+$/)
    if (!word && !context.explicit) return null
    return { from: word?.from ?? context.pos, options: globals.map((label) => ({ label })), validFor: /^\w*$/ }
  }
}

function labelled(label: string): Extension {
  return EditorView.contentAttributes.of({ 'aria-label': label })
}

const markLine = StateEffect.define<number | null>()

const failedLine = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, { docChanged, effects }) {
    let next = docChanged ? Decoration.none : marks
    for (const effect of effects) {
      if (!effect.is(markLine)) continue
      next = effect.value === null ? Decoration.none : Decoration.set([lineMark.range(effect.value)])
    }
    return next
  },
  provide: (field) => EditorView.decorations.from(field),
})

const lineMark = Decoration.line({ class: 'cm-failedLine' })
