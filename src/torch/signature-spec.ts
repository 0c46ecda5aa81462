// Arguments the way PyTorch takes them. An op declares its overloads in one string, in PyTorch's printed notation:
//
//   '*, dtype dtype=None | int[1]? dim, bool keepdim=False, *, dtype dtype=None !'
//    └ keyword only      └ next overload  └ default            function form has out= ┘
//
// `int[]` is "tuple of ints", `int[1]` also takes one int, `?` takes None, `$` stands for the factory keywords, `- ...` is
// an overload that PyTorch has and this library does not yet, and `~` stands for those that PyTorch deprecated: they never
// match, but with them around it words errors differently.

import { PyTypeError } from '../core/errors'
import { type Face, isA, isIndex, isInt, isScalar, pyTypeName } from './pytypes'

export interface Param {
  /** The name, then the names NumPy has for it. */
  names: string[]
  type: string
  printedType: string
  /** n for `int[n]`: one int stands for n of them. */
  size: number
  nullable: boolean
  optional: boolean
  keywordOnly: boolean
  default: unknown
  numbersToo: boolean
}

export interface Overload {
  params: Param[]
  minArgs: number
  maxPositional: number
  printed: string
  /** Matches, only to be refused. */
  missing: boolean
}

const FACTORY =
  'dtype dtype=None, layout layout=None, device device=None, bool? pin_memory=False, bool? requires_grad=False'
const NUMPY_NAMES: Record<string, string[]> = {
  dim: ['axis'],
  keepdim: ['keepdims'],
  input: ['x', 'a', 'x1'],
  other: ['x2'],
}
// The ops whose Tensor parameters also take Python numbers.
const NUMBERS_TOO = /^((add|div|mul|sub)_?|(divide|multiply|subtract)_?|copy_)$/

/** A Tensor where a number is expected: PyTorch reads 0-dim tensors that need no gradient. */
const isNumberTensor = (v: unknown): boolean =>
  isA(v, 'Tensor') && !(v as Face).requires_grad && (v as Face).dim() === 0
const isNumber = (v: unknown): boolean => isScalar(v) || isNumberTensor(v)
/** PyTorch looks at the first element only; the others are looked at when they are read. */
const firstIs = (check: (v: unknown) => boolean) => (v: unknown) => Array.isArray(v) && (v.length === 0 || check(v[0]))
const isInts = firstIs(isIndex)

const CHECKS: Record<string, [printed: string, check: (v: unknown, p: Param, at: number) => boolean]> = {
  Tensor: ['Tensor', (v, p) => isA(v, 'Tensor') || (p.numbersToo && isScalar(v))],
  'Tensor[]': ['tuple of Tensors', (v, _, at) => Array.isArray(v) && v.every((e, i) => isTensorElement(e, i, at))],
  Number: ['Number', isNumber],
  float: ['float', isNumber],
  int: ['int', (v) => isInt(v) || (isNumberTensor(v) && isIndex(v))],
  symint: ['int', isIndex],
  'int[]': ['tuple of ints', (v, p) => isInts(v) || (p.size > 0 && isIndex(v))],
  'float[]': ['tuple of floats', firstIs(isScalar)],
  bool: ['bool', (v) => typeof v === 'boolean'],
  str: ['str', (v) => typeof v === 'string'],
  object: ['object', () => true],
  device: ['torch.device', (v) => isInt(v) || typeof v === 'string' || isA(v, 'torch.device')],
}

function isTensorElement(v: unknown, i: number, at: number): boolean {
  if (isA(v, 'Tensor')) return true
  throw new PyTypeError(`expected Tensor as element ${i} in argument ${at}, but got ${pyTypeName(v)}`)
}

export const accepts = (p: Param, v: unknown, at: number): boolean =>
  CHECKS[p.type] ? CHECKS[p.type][1](v, p, at) : isA(v, p.printedType)

function parseDefault(text: string | undefined, type: string, size: number): unknown {
  if (text === undefined || text === 'None') return null
  if (text === '()') return []
  if (text[0] === '{') return text.slice(1, -1).split(',').map(Number)
  if (type === 'int[]') return new Array(size).fill(Number(text))
  if (type === 'bool') return text === 'True'
  return type === 'str' ? text.slice(1, -1) : Number(text)
}

function parseOverload(form: string, numbersToo: boolean): Overload {
  const missing = form.startsWith('- ')
  const text = missing ? form.slice(2) : form
  const params: Param[] = []
  const printed: string[] = []
  let keywordOnly = false
  for (const part of text ? text.split(', ') : []) {
    if (part === '*') {
      keywordOnly = true
      printed.push(part)
      continue
    }
    const [, base, list, sizeText, question, name, value] = /^(\w+)(\[(\d*)\])?(\?)? (\w+)(?:=(.*))?$/.exec(part)!
    const type = list ? `${base}[]` : base
    const size = Number(sizeText ?? 0)
    const printedType = CHECKS[type]?.[0] ?? `torch.${type}`
    const optional = value !== undefined
    printed.push(`${printedType} ${name}${optional ? ` = ${value}` : ''}`)
    params.push({
      names: [name, ...(NUMPY_NAMES[name] ?? [])],
      type,
      printedType,
      size,
      nullable: question !== undefined || value === 'None',
      optional,
      keywordOnly,
      default: parseDefault(value, type, size),
      numbersToo,
    })
  }
  return {
    params,
    minArgs: params.filter((p) => !p.optional).length,
    maxPositional: params.filter((p) => !p.keywordOnly).length,
    printed: `(${printed.join(', ')})`,
    missing,
  }
}

/** The overloads of one spec, and whether deprecated ones stand beside them. */
export function parseSpec(name: string, spec: string): { overloads: Overload[]; deprecated: boolean } {
  const forms = spec.split('|').map((form) => form.replace('$', FACTORY).replace('!', '').trim())
  const overloads = forms.filter((form) => form !== '~').map((form) => parseOverload(form, NUMBERS_TOO.test(name)))
  return { overloads, deprecated: overloads.length < forms.length }
}

/** What `torch.op` takes, given what the method takes: an `input` in front, and `out` where the op has it. */
export function functionSpec(methodSpec: string): string {
  const forms = methodSpec.split('|').map((text) => {
    const form = text.trim()
    if (form === '~') return form
    const out = form.endsWith('!')
    const [, missing, rest] = /^(- )?(.*)$/.exec((out ? form.slice(0, -1) : form).trim())!
    const star = /(^|, )\*/.test(rest) ? '' : ', *'
    return `${missing ?? ''}Tensor input${rest && ', '}${rest}${out ? `${star}, Tensor out=None` : ''}`
  })
  return forms.join(' | ')
}
