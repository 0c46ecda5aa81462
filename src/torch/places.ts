// Where in the user's source nodes are made and saved tensors are written; and, out of that, the cause of a version error.
import { type DType as Code, NodeKind, Op, Writer } from '../../assembly/abi'
import { callbacks, onNodeFreed } from '../core/callbacks'
import { PyTypeError } from '../core/errors'
import { argument } from '../core/memory'
import { setVersionCause } from '../core/version_error_text'
import { core } from '../core/wasm'
import { dtypeOf } from './dtype'
import { nodeKind, nodeName, nodeRow, nodeType } from './nodes'
import { opRow } from './ops'
import { pyTypeName } from './pytypes'

/** A place in the user's source: the line that called the library. */
export interface Place {
  /** The function it lies in; null at the top of a file. */
  function: string | null
  /** As the engine names it: a URL or a path. */
  file: string
  line: number
  column: number
  /** All frames as JavaScript's `stack` has them, the library's own left out. */
  stack: string
}

/**
 * Why a version check failed: the `cause` of the RuntimeError "one of the variables needed for gradient computation has
 * been modified by an inplace operation". Plain data, fit for JSON. The places, and who wrote, are known where
 * `torch.autograd.set_record_places(true)` or anomaly mode was on at the time; null else.
 */
export interface VersionErrorCause {
  /** The tensor that was saved, and written later. */
  tensor: { dtype: string; shape: number[] }
  /** The node that saved it, in which attribute (`_saved_self`; `saved_tensors[0]` of a custom Function), and where its op was called. */
  saved_by: { node: string; attribute: string | null; place: Place | null }
  /**
   * The first write after that, the one that made it wrong, through whatever view: the method (`add_`; `copy_` or `fill_`
   * for `set_at_`), 'AccumulateGrad' for the engine, 'mark_dirty' for a custom Function, 'out=' for a function given one.
   */
  modified_by: { op: string; place: Place | null } | null
  /** How many writes followed that one. */
  later_writes: number
  saved_version: number
  current_version: number
}

/** Where a node was made, and by which node's backward, if it was one. */
export interface Making {
  stack: string
  by: { name: string; making: Making | undefined } | null
}

const places = new Map<number, Making>()

// V8 keeps ten frames by default, and the library's own come first.
const FRAMES = 50

/** The caller's part of a stack: frames of the core and of this library (its one file, or its sources) are dropped. */
function callerStack(): string {
  const limits = Error as { stackTraceLimit?: number }
  const before = limits.stackTraceLimit
  limits.stackTraceLimit = FRAMES
  const frames = (new Error().stack ?? '').split('\n').slice(1)
  limits.stackTraceLimit = before
  const here = /((?:\w+:\/\/)?\/[^\s()]*?)(?:torch\/places\.ts)?(?:\?[^:]*)?:\d+:\d+/.exec(frames[0] ?? '')?.[1]
  return frames.filter((frame) => !frame.includes('wasm') && !(here && frame.includes(here))).join('\n')
}

// V8 writes `at f (file:3:7)` or `at file:3:7`, Firefox and Safari `f@file:3:7`.
const FRAME = /^\s*(?:at (?:(?:async )?(.*?) \()?|(.*?)@)(.*?):(\d+):(\d+)\)?$/

function placeOf(stack: string | undefined): Place | null {
  if (!stack) return null
  for (const frame of stack.split('\n')) {
    const [, v8, others, file, line, column] = FRAME.exec(frame) ?? []
    if (file) return { function: v8 || others || null, file, line: Number(line), column: Number(column), stack }
  }
  return null
}

export function makingOf(node: number): Making | undefined {
  return places.get(node)
}

/** What anomaly mode has in a node's metadata. */
export function tracebackOf(node: number): Record<string, unknown> {
  const making = places.get(node)
  return making ? { traceback_: making.stack.split('\n') } : {}
}

onNodeFreed((node) => places.delete(node))

callbacks.node_made = (node) => {
  const parent = core.evaluating_node()
  const by = parent ? { name: nodeType(nodeKind(parent), parent), making: places.get(parent) } : null
  places.set(node, { stack: callerStack(), by })
}

/** A version of a storage that somebody saved, and the write that ended it. */
interface Version {
  counter: number
  number: number
  savers: number
  write: { op: string; stack: string } | null
}

/** By the address of the SavedVariable, which keeps the counter alive. */
const savedVersions = new Map<number, Version>()
/** By the address of the counter, then by number: no version is noted that nobody has saved. */
const versions = new Map<number, Map<number, Version>>()

callbacks.tensor_saved = (saved, counter, number) => {
  const ofCounter = versions.get(counter) ?? new Map<number, Version>()
  const version = ofCounter.get(number) ?? { counter, number, savers: 0, write: null }
  version.savers++
  versions.set(counter, ofCounter.set(number, version))
  savedVersions.set(saved, version)
}

callbacks.saved_released = (saved) => {
  const version = savedVersions.get(saved)
  savedVersions.delete(saved)
  if (!version || --version.savers) return
  const ofCounter = versions.get(version.counter)
  ofCounter?.delete(version.number)
  if (!ofCounter?.size) versions.delete(version.counter)
}

callbacks.tensor_written = (counter, number, writer) => {
  const version = versions.get(counter)?.get(number - 1)
  if (version) version.write = { op: writerName(writer), stack: callerStack() }
}

function writerName(writer: number): string {
  if (writer === Writer.engine) return 'AccumulateGrad'
  // One op writes all random numbers; its argument is the kind of node: NormalBackward0.
  if (writer === Op.Drawn)
    return nodeRow(argument(0))
      .type.replace(/Backward\d$/, '_')
      .toLowerCase()
  if (writer === Writer.out) return 'out='
  return writer === Writer.markDirty ? 'mark_dirty' : `${opRow(writer as Op).name}_`
}

function attributeOf(kind: NodeKind, slot: number): string | null {
  if (kind === NodeKind.PythonFunction) return `saved_tensors[${slot}]`
  const saved = Object.entries(nodeRow(kind).saved ?? {})
  const found = saved.find(([, field]) => 'tensor' in field && field.tensor === slot)
  return found ? `_saved_${found[0]}` : null
}

setVersionCause((error): VersionErrorCause => {
  const { kind, slot, version, savedVersion } = error
  // The core calls with signed addresses.
  const [node, saved] = [error.node | 0, error.saved | 0]
  const write = savedVersions.get(saved)?.write
  return {
    tensor: { dtype: String(dtypeOf(error.dtype as Code)), shape: error.shape },
    saved_by: { node: nodeName(kind, node), attribute: attributeOf(kind, slot), place: placeOf(makingOf(node)?.stack) },
    modified_by: write ? { op: write.op, place: placeOf(write.stack) } : null,
    later_writes: version - savedVersion - 1,
    saved_version: savedVersion,
    current_version: version,
  }
})

const wanted = { anomaly: false, record: false }

/** Anomaly mode and `set_record_places` each want places or not. */
export function wantPlaces(who: keyof typeof wanted, on: boolean): void {
  wanted[who] = on
  core.set_placing(wanted.anomaly || wanted.record ? 1 : 0)
}

/**
 * Records from here on where nodes are made and where saved tensors are written, for the `cause` of a version error. As a
 * guard, until its `using` ends. Slow: for debugging. Anomaly mode does it too.
 */
export function set_record_places(mode: boolean): Disposable {
  if (typeof mode !== 'boolean') {
    throw new PyTypeError(`set_record_places(): argument 'mode' must be bool, not ${pyTypeName(mode)}`)
  }
  const before = wanted.record
  wantPlaces('record', mode)
  return { [Symbol.dispose]: () => wantPlaces('record', before) }
}
