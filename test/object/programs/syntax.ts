// The tiny part of Python in which the object programs are written, parsed.

export type Expr =
  | { kind: 'name'; name: string }
  | { kind: 'constant'; value: number | boolean | null }
  | { kind: 'text'; text: string }
  | { kind: 'list' | 'tuple'; items: Expr[] }
  | { kind: 'dict'; entries: [Expr, Expr][] }
  | { kind: 'call'; callee: Expr; args: Expr[] }
  | { kind: 'attribute'; of: Expr; name: string }
  | { kind: 'item'; of: Expr; index: Expr }
  | { kind: 'slice'; of: Expr; text: string }
  | { kind: 'binary'; op: '+' | '*' | 'is'; left: Expr; right: Expr }

export type Statement =
  | { kind: 'assign'; target: Expr; value: Expr }
  | { kind: 'augment'; name: string; op: '+' | '*'; value: Expr }
  | { kind: 'delete'; target: Expr }
  | { kind: 'return'; value: Expr }
  | { kind: 'observe'; value: Expr }
  | { kind: 'expression'; value: Expr }

export interface FunctionText {
  readonly params: readonly string[]
  readonly statements: readonly string[]
}

const TOKEN = /\s*('[^']*'|\d+|-\d+|\w+|\+=|\*=|[^\s\w])/y

function tokens(text: string): string[] {
  const found: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text)
    if (!match) throw new SyntaxError(text)
    found.push(match[1])
  }
  return found
}

class Parser {
  private at = 0
  private readonly tokens: string[]

  constructor(private readonly text: string) {
    this.tokens = tokens(text)
  }

  statement(): Statement {
    const statement = this.anyStatement()
    if (this.at < this.tokens.length) this.fail()
    return statement
  }

  private anyStatement(): Statement {
    if (this.take('?')) return { kind: 'observe', value: this.expr() }
    if (this.take('del')) return { kind: 'delete', target: this.expr() }
    if (this.take('return')) return { kind: 'return', value: this.expr() }
    const value = this.expr()
    if (this.take('=')) return { kind: 'assign', target: value, value: this.expr() }
    for (const op of ['+', '*'] as const) {
      if (value.kind === 'name' && this.take(`${op}=`))
        return { kind: 'augment', name: value.name, op, value: this.expr() }
    }
    return { kind: 'expression', value }
  }

  private expr(): Expr {
    let left = this.primary()
    for (const op of ['+', '*', 'is'] as const) {
      if (this.take(op)) left = { kind: 'binary', op, left, right: this.primary() }
    }
    return left
  }

  private primary(): Expr {
    let expr = this.atom()
    for (;;) {
      if (this.take('.')) expr = { kind: 'attribute', of: expr, name: this.next() }
      else if (this.take('(')) expr = { kind: 'call', callee: expr, args: this.list(')').items }
      else if (this.take('[')) expr = this.subscript(expr)
      else return expr
    }
  }

  private subscript(of: Expr): Expr {
    const index = this.expr()
    const text = this.take(':') ? `${(index as { value: number }).value}:${this.next()}` : ''
    if (!this.take(']')) this.fail()
    return text ? { kind: 'slice', of, text } : { kind: 'item', of, index }
  }

  private atom(): Expr {
    if (this.take('[')) return { kind: 'list', items: this.list(']').items }
    if (this.take('(')) {
      const { items, comma } = this.list(')')
      return items.length === 1 && !comma ? items[0] : { kind: 'tuple', items }
    }
    if (this.take('{')) return this.dict()
    const token = this.next()
    if (token[0] === "'") return { kind: 'text', text: token.slice(1, -1) }
    if (/^-?\d/.test(token)) return { kind: 'constant', value: Number(token) }
    const constants: Record<string, boolean | null> = { None: null, True: true, False: false }
    return token in constants ? { kind: 'constant', value: constants[token] } : { kind: 'name', name: token }
  }

  private list(end: string): { items: Expr[]; comma: boolean } {
    const items: Expr[] = []
    let comma = false
    while (!this.take(end)) {
      items.push(this.expr())
      comma = this.take(',')
    }
    return { items, comma }
  }

  private dict(): Expr {
    const entries: [Expr, Expr][] = []
    while (!this.take('}')) {
      const key = this.expr()
      if (!this.take(':')) this.fail()
      entries.push([key, this.expr()])
      this.take(',')
    }
    return { kind: 'dict', entries }
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false
    this.at++
    return true
  }

  private next(): string {
    return this.tokens[this.at++] ?? this.fail()
  }

  private fail(): never {
    throw new SyntaxError(`${this.text}: at ${this.tokens[this.at]}`)
  }
}

export function parse(statement: string): Statement {
  return new Parser(statement).statement()
}

/** The functions of a program, `main` among them. */
export function functionsOf(program: string): Map<string, FunctionText> {
  const functions = new Map<string, FunctionText>()
  for (const line of program.split('\n')) {
    const [, name, params, body] = /^def (\w+)\((.*?)\): (.*)$/.exec(line) ?? ['', 'main', '', line]
    functions.set(name, { params: params.match(/\w+/g) ?? [], statements: body.split('; ') })
  }
  return functions
}
