// Where things happen in the user's source. While places are recorded, JS hears of every node made, every tensor saved and
// every write, and notes the line (src/torch/places.ts). Off, it costs one load at each of them.
import { Writer } from '../abi'

@external('env', 'node_made')
declare function nodeMade(node: usize): void

@external('env', 'tensor_saved')
declare function tensorSaved(saved: usize, counter: usize, version: u32): void

@external('env', 'saved_released')
declare function savedReleased(saved: usize): void

@external('env', 'tensor_written')
declare function tensorWritten(counter: usize, version: u32, writer: i32): void

let on = false

export function setPlacing(placing: bool): void {
  on = placing
}

// @ts-ignore: decorator
@inline
export function placing(): bool {
  return on
}

/** The op that writes now, for those who hear of the write. */
let writer: i32 = Writer.engine

// @ts-ignore: decorator
@inline
export function setWriter(op: i32): void {
  writer = op
}

export function writerNow(): i32 {
  return writer
}

export function noteNode(node: usize): void {
  nodeMade(node)
}

export function noteSaved(saved: usize, counter: usize, version: u32): void {
  tensorSaved(saved, counter, version)
}

/** A tensor that `noteSaved` told of is saved no more. */
export function forgetSaved(saved: usize): void {
  savedReleased(saved)
}

/** A write brought `counter` to `version`. */
export function noteWrite(counter: usize, version: u32): void {
  tensorWritten(counter, version, writer)
}
