// What CPython 3.12 answered (make_fixture.py).
import { readFileSync } from 'node:fs'
import { py } from '../../src/index'
import type { PyHandle } from '../../src/py/handle'

/** A value's type and its text. */
export type Spelled = [kind: string, text: string]

interface Fixture {
  values: Spelled[]
  binary: [name: string, left: number, right: number, kind: string, text: string][]
  inplace: Fixture['binary']
  inplace_values: Spelled[]
  /** A truth value, or an error. */
  comparisons: [name: string, left: number, right: number, truth: boolean | string, text?: string][]
  integers: [name: string, left: string, right: string, kind: string, text: string][]
  neg: [value: number, kind: string, text: string][]
  strings: [text: string, repr: string, length: number, size: number][]
  numbers: [text: string, int: Spelled, float: Spelled][]
  conversions: [value: number, int: Spelled, float: Spelled, str: string][]
  floats: [value: number, repr: string][]
  hex: [value: string, hex: string][]
  sizes: [kind: string, text: string, size: number][]
  types: [name: string, size: number][]
  containers: Record<'list' | 'tuple' | 'dict', [length: number, size: number][]>
}

export const fixture = JSON.parse(readFileSync(`${import.meta.dirname}/fixture.json`, 'utf8')) as Fixture

/** A new object of a type with a value. */
export function make([kind, text]: Spelled): PyHandle {
  switch (kind) {
    case 'int':
      return py.int(text)
    case 'bool':
      return text === 'True' ? py.True : py.False
    case 'float':
      return py.float(text)
    case 'str':
      return py.str(text)
    case 'none':
      return py.None
    default:
      return py.object()
  }
}
