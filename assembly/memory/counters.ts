// What lives, what it weighs, and the most it ever was: the numbers behind torch.memory.stats(). They count what the
// program asked for, never what an allocator keeps in reserve, so a program that frees all it made ends where it began.
import { Kind } from '../abi'

//   counters +0   ┌───────────────────┐
//                 │ bytes        f64  │  requested bytes of live records, objects and buffers
//            +8   │ peakBytes    f64  │
//            +16  │ allocations  f64  │  successful ones so far; freeing takes nothing off
//            +24  ├───────────────────┤
//                 │ live         u32  │  one for each Kind
//                 │ ...               │
//            +44  ├───────────────────┤
//                 │ peak         u32  │  one for each Kind
//                 │ ...               │
//                 └───────────────────┘
export const enum Counter {
  bytes = 0,
  peakBytes = 8,
  allocations = 16,
  live = 24,
  peak = 44,
  end = 64,
}

const counters: usize = memory.data(Counter.end, 8)

/** Where the counters are: the address never changes, so the other side looks it up once. */
export function countersAt(): usize {
  return counters
}

/** One more (`delta` 1) or one less (-1) of `kind` is alive. */
export function count(kind: Kind, delta: i32): void {
  const slot = counters + ((<usize>kind) << 2)
  const live = load<u32>(slot, Counter.live) + delta
  store<u32>(slot, live, Counter.live)
  if (live > load<u32>(slot, Counter.peak)) store<u32>(slot, live, Counter.peak)
}

/** An allocation of `size` bytes succeeded. */
export function countAlloc(size: usize): void {
  const bytes = load<f64>(counters, Counter.bytes) + <f64>size
  store<f64>(counters, bytes, Counter.bytes)
  if (bytes > load<f64>(counters, Counter.peakBytes)) store<f64>(counters, bytes, Counter.peakBytes)
  store<f64>(counters, load<f64>(counters, Counter.allocations) + 1, Counter.allocations)
}

/** `size` bytes were freed. */
export function countFree(size: usize): void {
  store<f64>(counters, load<f64>(counters, Counter.bytes) - <f64>size, Counter.bytes)
}
