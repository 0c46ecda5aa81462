// Prints one line a measurement, from mitata's samples: the median and the quartiles, in the unit that the subject asks for.
import { measure } from 'mitata'

/**
 * Measures `fn`, which does `per` things at a call, and returns nanoseconds a thing.
 * @param {string} name
 * @param {() => unknown} fn
 * @param {{ per?: number, limit?: number, note?: (ns: number) => string }} options `limit`: microseconds that we promise
 */
export async function report(name, fn, { per = 1, limit, note } = {}) {
  for (let i = 0; i < 20; i++) fn()
  const stats = await measure(fn, { min_cpu_time: 400e6, inner_gc: false })
  const [low, ns, high] = [stats.p25, stats.p50, stats.p75].map((sample) => sample / per)
  const promise = limit === undefined ? '' : `  (promised <= ${limit} µs: ${ns / 1e3 <= limit ? 'kept' : 'BROKEN'})`
  console.log(
    `${name.padEnd(52)} ${(ns / 1e3).toFixed(3)} µs  [${(low / 1e3).toFixed(3)}, ${(high / 1e3).toFixed(3)}]` +
      `${note ? `  ${note(ns)}` : ''}${promise}`,
  )
  return ns
}
