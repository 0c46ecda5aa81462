// What py.trace listens to. While nobody listens an event costs one look at a flag.
import { TraceEvent } from '../abi_objects'

// @ts-ignore: decorator
@external('env', 'trace_event')
declare function report(event: TraceEvent, object: usize, number: u32): void

let on = false

// @ts-ignore: decorator
@inline
export function tracing(): bool {
  return on
}

export function setTracing(next: bool): void {
  on = next
}

/** Ask `tracing()` first. */
export function traceEvent(event: TraceEvent, object: usize, number: u32): void {
  report(event, object, number)
}
