// Runs an article's experiment in the library, and compares what it prints with what the real thing printed (fixture.json).
import { expect, it } from 'vitest'
import { type Frame, py, scope, torch } from '../../src/index'
import { printed } from '../identity/live'
import recorded from './fixture.json'

export const facts: Record<string, string[]> = recorded

/** Addresses by the order of their first appearance, as in fixture.json; 4294967295 is the count of an immortal object. */
export function places(lines: string[]): string[] {
  const seen = new Map<number, number>()
  const place = (text: string) => {
    if (text === '4294967295') return text
    if (!seen.has(Number(text))) seen.set(Number(text), seen.size + 1)
    return `<${seen.get(Number(text))}>`
  }
  return lines.map((line) => line.replace(/\b0x[0-9a-f]+\b|\b[0-9]{5,}\b/g, place))
}

/** The lines of a program whose names are the locals of a frame. */
export function lines<F extends object>(program: (f: F) => void): string[] {
  const written = printed(() => {
    try {
      scope((f: Frame) => program(f as F))
    } finally {
      // There a process ended: cycles and all.
      py.gc.enable()
      py.gc.collect()
    }
  })
  return places(written.join('\n').split('\n'))
}

/** An experiment of an article: it prints what the program of the same number printed there. */
export function experiment<F extends object>(number: string, title: string, program: (f: F) => void): void {
  it(`${number} ${title}`, () => expect(lines(program)).toEqual(facts[number]))
}

/** Where the library differs on purpose: what Python prints, and what is printed here. */
export function differs<F extends object>(
  number: string,
  title: string,
  here: string[],
  program: (f: F) => void,
): void {
  it(`${number} ${title}`, () => {
    expect(lines(program)).toEqual(here)
    expect(facts[number]).not.toEqual(here)
  })
}

/** Whether the code has to allocate this many bytes, all told at one time. */
export function needs(code: () => void, size: number): boolean {
  return scope(() => {
    scope(code)
    const { bytes, peak_bytes } = torch.memory.stats()
    // From here on every byte more is a new peak.
    torch.empty([Math.ceil((peak_bytes - bytes) / 8)], { dtype: torch.float64 })
    const start = torch.memory.stats().bytes
    scope(code)
    return torch.memory.stats().peak_bytes - start >= size
  })
}
