// What lives, what it weighs, and the most it ever was: the numbers behind torch.memory.stats(). They count what the
// program asked for, never what an allocator keeps in reserve, so a program that frees all it made ends where it began.
import { CounterField, Kind } from '../abi'

//   counters +0   ┌───────────────────┐
//                 │ bytes        f64  │  requested bytes of live records, objects and buffers
//            +8   │ peakBytes    f64  │
//            +16  │ allocations  f64  │  successful ones so far; freeing takes nothing off
//            +24  ├───────────────────┤
//                 │ live         u32  │  one for each Kind, `tensors` the first
//                 │ ...               │
//            +44  ├───────────────────┤
//                 │ peak         u32  │  one for each Kind
//                 │ ...               │
//                 └───────────────────┘
const counters: usize = memory.data(CounterField.end, 8)

/** Where the counters are: the address never changes, so the other side looks it up once. */
export function countersAt(): usize {
  return counters
}

/** One more (`delta` 1) or one less (-1) of `kind` is alive. */
export function count(kind: Kind, delta: i32): void {
  const slot = counters + ((<usize>kind) << 2)
  const live = load<u32>(slot, CounterField.tensors) + delta
  store<u32>(slot, live, CounterField.tensors)
  if (live > load<u32>(slot, CounterField.peak)) store<u32>(slot, live, CounterField.peak)
}

/** An allocation of `size` bytes succeeded. */
export function countAlloc(size: usize): void {
  const bytes = load<f64>(counters, CounterField.bytes) + <f64>size
  store<f64>(counters, bytes, CounterField.bytes)
  if (bytes > load<f64>(counters, CounterField.peakBytes)) store<f64>(counters, bytes, CounterField.peakBytes)
  store<f64>(counters, load<f64>(counters, CounterField.allocations) + 1, CounterField.allocations)
}

/** `size` bytes were freed. */
export function countFree(size: usize): void {
  store<f64>(counters, load<f64>(counters, CounterField.bytes) - <f64>size, CounterField.bytes)
}
